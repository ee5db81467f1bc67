"""`check` where a spec cannot be examined: one error item among the others, in every format, whatever it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree
from time_enough import with_time_enough

SPECS = Path(__file__).parents[2] / "specs"
SCHEMAS = Path(__file__).parents[1] / "schemas"
GOOD = (SPECS / "wait_for_all.py").read_text(encoding="utf-8") + "\nINSTANCES = INSTANCES[:1]\n"
STEP = "match event:"


def step(body: str) -> str:
    """Return a spec whose step does something else first."""
    return GOOD.replace(STEP, f"import os, sys\n        {body}\n        {STEP}", 1)


BROKEN = {
    "a_syntax.py": ("def f(:\n", "syntax error", 1),
    "b_exits.py": ("import sys\nsys.exit(0)\n", "calls sys.exit(0)", 2),
    "c_dies.py": ("import os\nos._exit(0)\n", "exited with code 0", 1),
    "d_segfaults.py": ("import ctypes\n\nctypes.string_at(0)\n", "SIGSEGV", 3),
    "e_raises.py": ("class Odd(BaseException):\n    pass\n\nraise Odd('so')\n", "Odd: so", 4),
    "i_step_exits.py": (step("sys.exit(3)"), "calls sys.exit(3)", None),
    "j_step_dies.py": (step("os._exit(7)"), "exited with code 7", None),
    "k_nothing.py": ("", "defines no protocol", 1),
    "l_recursion.py": ("def deep():\n    deep()\n\ndeep()\n", "recursion limit", 2),
    "m_memory.py": ("raise MemoryError\n", "out of memory", 1),
    "\u00fc \x1b[31m.py": ("raise ValueError('\x1b]0;x\x07 ]]> | ``` ::error::')\n", "ValueError", 1),
}
ENDLESS = {
    "f_hangs.py": ("while True:\n    pass\n", "has not returned", None),
    "g_swallows.py": (
        "while True:\n    try:\n        pass\n    except BaseException:\n        continue\n",
        "",
        None,
    ),
    "h_in_c.py": ("\nsum(range(10**12))\n", "has not returned from a call", 2),
}
GOODS = ("a_good.py", "z_good.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mixed")
    for name, (text, _, _) in BROKEN.items():
        (made / name).write_text(text, encoding="utf-8")
    for name in GOODS:
        (made / name).write_text(GOOD, encoding="utf-8")
    return made


def check(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flpcheck", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=cwd)


@cache
def checked(folder: Path, form: str, workers: int) -> subprocess.CompletedProcess[str]:
    return check(".", "--format", form, "--jobs", str(workers), "--max-seconds", "250", cwd=folder)


def test_each_is_one_item_with_its_line_and_the_others_are_judged(folder: Path) -> None:
    found = checked(folder, "jsonl", 2)
    items = {Path(item["spec"]).name: item for item in map(json.loads, found.stdout.splitlines())}
    assert found.returncode == 2
    assert list(items) == sorted([*BROKEN, *GOODS])
    for name in GOODS:
        assert items[name]["configurations"] == 28
    for name, expected in BROKEN.items():
        _is_told(items[name]["error"], name, *expected[1:])


def _is_told(error: dict[str, Any], name: str, text: str, line: int | None) -> None:
    assert text in error["what"] + error["why"], (name, error)
    assert error["exit_code"] == 2, (name, error)
    assert Path(error["file"]).name == name, error
    assert line in {None, error["line"]}, (name, error)


@pytest.mark.long
def test_what_never_returns_is_ended_and_named(tmp_path: Path) -> None:
    for name, (text, _, _) in ENDLESS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "z.py").write_text(GOOD, encoding="utf-8")
    *lines, last = with_time_enough(
        lambda seconds: check(".", "--format", "json", "--max-seconds", str(seconds), cwd=tmp_path).stdout.splitlines(),
        lambda lines: not json.loads(lines[-1]).get("complete"),
        0.2,
    )
    for (name, expected), line in zip(ENDLESS.items(), lines, strict=True):
        _is_told(json.loads(line)["error"], name, *expected[1:])
    assert json.loads(last)["configurations"] == 28


@pytest.mark.sampled(1)
@pytest.mark.parametrize("workers", [1, 2])
def test_junit_is_valid_and_has_an_error_for_each(folder: Path, workers: int) -> None:
    found = checked(folder, "junit", workers)
    document = etree.fromstring(found.stdout.encode())
    etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd"))).assertValid(document)
    errors = [suite for suite in document if suite.get("errors") == "1"]
    assert (len(errors), len(document)) == (len(BROKEN), len(BROKEN) + len(GOODS))
    assert found.returncode == 2


def test_sarif_is_valid_and_fails_for_each(folder: Path) -> None:
    log = json.loads(checked(folder, "sarif", 2).stdout)
    jsonschema.validate(log, json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
    failed = [result for result in log["runs"][0]["results"] if result["kind"] == "fail"]
    assert len(failed) == len(BROKEN)
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in failed]
    assert not any(" " in uri or "\x1b" in uri for uri in uris)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["text", "github", "markdown"])
def test_people_see_each_and_no_escape_sequence(folder: Path, form: str) -> None:
    found = checked(folder, form, 2)
    assert found.returncode == 2
    shown = "".join(found.stdout.split())
    for name, (_, text, _) in BROKEN.items():
        assert "".join(text.split()) in shown, name
    assert all(character.isprintable() or character == "\n" for character in found.stdout)
    if form == "github":
        assert found.stdout.count("::error ") == len(BROKEN)


@pytest.mark.long
def test_what_differs_weighs_more_than_what_is_broken_and_that_more_than_a_cut(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(GOOD.replace("configurations=28", "configurations=29"), encoding="utf-8")
    (tmp_path / "broken.py").write_text("(\n", encoding="utf-8")
    cut = 'INSTANCES = (Instance("cut", WaitForAll(), asynchronous(), {agreement: HOLDS}, bounds={"depth": 1}),)\n'
    (tmp_path / "cut.py").write_text(GOOD + cut, encoding="utf-8")
    codes = [
        check(*(tmp_path / f"{name}.py" for name in names), "--allow-incomplete").returncode
        for names in (("wrong", "broken", "cut"), ("broken", "cut"), ("cut",))
    ]
    assert codes == [1, 2, 0]
    assert check(tmp_path / "cut.py").returncode == 3


def test_nothing_to_check_is_an_error(tmp_path: Path) -> None:
    empty = check(tmp_path)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert "no spec in" in empty.stderr
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    unknown = check(tmp_path, "--instance", "no crsh")
    assert unknown.returncode == 2
    assert "Did you mean 'no crash'?" in unknown.stderr


@pytest.mark.long
def test_safety_and_memory_bound_a_check_too() -> None:
    safe = check("first_quorum", "--safety", "--format", "junit", "--max-memory", "4G")
    assert safe.returncode == 0
    etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd"))).assertValid(etree.fromstring(safe.stdout.encode()))
    small = check("paxos", "--max-memory", "1M", "--format", "jsonl")
    assert small.returncode == 3
    assert {json.loads(line)["cut"]["bound"] for line in small.stdout.splitlines()} == {"max-memory"}


def test_the_child_ends_with_its_parent(tmp_path: Path) -> None:
    (tmp_path / "hangs.py").write_text("import os\nprint(os.getpid(), flush=True)\nwhile True:\n    pass\n")
    command = [sys.executable, "-m", "flpcheck", "check", str(tmp_path)]
    parent = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert parent.stderr is not None
    child = int(parent.stderr.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stderr.close()
    until = time.monotonic() + 30
    while time.monotonic() < until and Path(f"/proc/{child}").exists():
        time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
