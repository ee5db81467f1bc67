"""A user's mistake, or a machine's limit, is no internal error: exit code 2, what, where, and what to do next."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from time_enough import with_time_enough

from flpcheck.exit_codes import AS_WANTED, INCONCLUSIVE

HEAD = """from flpcheck import *

@record
class S:
    input: object = 0
    decision: object = None

@protocol
class P:
    n: int = 2

    def processes(self):
        return [Process(f"p{i}", self.step, start=S(i)) for i in range(self.n)]

    def step(self, at: At, s: S, event: Start):
        return (replace(s, decision=s.input), ()) if s.decision is None else (s, ())

"""
INSTANCES = 'INSTANCES = (Instance("x", P(), asynchronous(), {agreement: VIOLATED}),)\n'
PROCESSES = 'return [Process(f"p{i}", self.step, start=S(i)) for i in range(self.n)]'
STEP = "return (replace(s, decision=s.input), ()) if s.decision is None else (s, ())"
SPEC = HEAD + INSTANCES

MISTAKES = {
    "no processes": (SPEC.replace(PROCESSES, "pass"), 12, "processes() returned None"),
    "half a list": (SPEC.replace(PROCESSES, "return [None]"), 12, "not a process"),
    "too many": (SPEC.replace("n: int = 2", "n: int = 65"), 12, "has 65 processes; the maximum is 64"),
    "too deep": (
        SPEC.replace(STEP, "v = ()\n        for _ in range(3000): v = (v,)\n        return replace(s, decision=v), ()"),
        15,
        "nested too deeply",
    ),
    "endless recursion": (SPEC.replace(STEP, "return self.step(at, s, event)"), 16, "RecursionError"),
    "a text for a number": (SPEC.replace("asynchronous()", "asynchronous(loss='unlimited')"), 18, "loss='unlimited'"),
    "no tuple": (SPEC.replace("}),)", "}))"), 1, "INSTANCES is Instance("),
    "no instances in it": (HEAD + "INSTANCES = (1, 2)\n", 1, "INSTANCES is (1, 2)"),
    "exits in a step": (SPEC.replace(STEP, "raise SystemExit(0)"), 16, "calls sys.exit(0)"),
    "an odd exception": (SPEC.replace(STEP, "raise GeneratorExit"), 16, "GeneratorExit"),
    "no memory": (SPEC.replace(STEP, "raise MemoryError"), 16, "MemoryError"),
}


def flpcheck(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flpcheck", *map(str, arguments)]
    settings = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run(command, check=False, **settings)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "spec.py").write_text(SPEC, encoding="utf-8")
    return tmp_path / "spec.py"


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_spec_is_explained(name: str, spec: Path) -> None:
    text, line, words = MISTAKES[name]
    spec.write_text(text, encoding="utf-8")
    told = flpcheck("explore", "spec.py", "--no-reports", cwd=spec.parent)
    assert (told.returncode, told.stdout) == (2, ""), told.stderr
    assert words in told.stderr
    assert abs(int(told.stderr.split("spec.py:")[1].split(":")[0]) - line) <= 1, told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    "arguments",
    [
        ("explore", "spec.py", "--reports", "file/below"),
        ("graph", "spec.py", "-o", "file/below.dot"),
        ("graph", "spec.py", "-o", "no/such/page.html"),
        ("export", "spec.py", "--to", "itf", "-o", "/dev/full"),
        ("export", "spec.py", "--to", "graphml", "-o", "file/below"),
        ("explore", "spec.py", "--no-reports", "--engine", "kernel", "--checkpoint", "/dev/null"),
        ("init", "file/below.py"),
        ("explore", "spec.py", "--no-reports", "--format", "json", ">/dev/full"),
        ("explore", "spec.py", "--no-reports", ">/dev/full"),
        ("check", "spec.py", "--format", "junit", ">/dev/full"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_written_is_named(arguments: tuple[str, ...], spec: Path) -> None:
    (spec.parent / "file").write_text("", encoding="utf-8")
    if arguments[-1].startswith(">"):
        with open("/dev/full", "w") as full:  # noqa: PTH123
            told = flpcheck(*arguments[:-1], cwd=spec.parent, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    else:
        told = flpcheck(*arguments, cwd=spec.parent)
    assert told.returncode == 2, told.stderr
    assert told.stderr.startswith("error: "), told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.sampled(1)
@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif", "github", "markdown"])
def test_any_encoding_of_the_output_will_do(form: str, spec: Path) -> None:
    import json

    spec.write_text(SPEC.replace('f"p{i}"', 'f"pä→𝄞{i}"'), encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C"}
    command = ("explore", "spec.py", "--no-reports", "--format", form)
    told = flpcheck(*command, cwd=spec.parent, env=environment)
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.isascii()
    if form in {"json", "sarif"}:
        whole = flpcheck(*command, cwd=spec.parent, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
        assert json.loads(told.stdout).keys() == json.loads(whole.stdout).keys()
        assert "pä→𝄞0" in json.dumps(json.loads(told.stdout), ensure_ascii=False)


@pytest.mark.long
def test_too_little_memory_is_no_internal_error(spec: Path) -> None:
    endless = SPEC.replace(STEP, "return replace(s, input=(*s.input, *range(10**6))), ()").replace("S(i)", "S(())")
    spec.write_text(endless, encoding="utf-8")
    limits = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30)); "
    code = (
        f"{limits}from flpcheck.cli import main; main(['explore', 'spec.py', '--no-reports', '--engine', 'reference'])"
    )
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=spec.parent, env=environment
    )
    assert told.returncode == 2, told.stderr[-2000:]
    assert "out of memory" in told.stderr


@pytest.mark.long
def test_two_runs_on_one_checkpoint_are_refused_by_name(spec: Path) -> None:
    command = ("explore", "spec.py", "--no-reports", "--engine", "kernel")
    assert flpcheck(*command, "--checkpoint", "c.ck", cwd=spec.parent).returncode == 0
    holding = "from flpcheck.explore.locks import hold; hold(pathlib.Path('c.ck'))"
    code = f"import pathlib; {holding}; print(flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=spec.parent
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    before = (spec.parent / "c.ck").read_bytes()
    for option in ("--checkpoint", "--resume"):
        refused = flpcheck(*command, option, "c.ck", cwd=spec.parent)
        assert refused.returncode == 2
        assert "another run is using the checkpoint c.ck" in refused.stderr
    assert (spec.parent / "c.ck").read_bytes() == before
    holder.communicate(b"\n")
    assert flpcheck(*command, "--resume", "c.ck", cwd=spec.parent).returncode == 0
    assert list(spec.parent.glob("*.new")) == []


def test_unknown_keys_and_variables_are_refused_with_the_nearest(spec: Path) -> None:
    file = spec.parent / "pyproject.toml"
    for text, words in {
        "[tool.flpcheck]\nmax-secnds = 3\n": ("pyproject.toml:2", "'max-secnds'", "did you mean 'max-seconds'?"),
        "[tool.flpcheck.exlore]\nx = 3\n": ("pyproject.toml:1", "'exlore'", "did you mean 'explore'?"),
        "[tool.flpcheck.check]\n\nmax-depth = 3\n": ("pyproject.toml:3", "[tool.flpcheck.check]"),
        "[tool]\nflpcheck = 3\n": ("must be a table",),
    }.items():
        file.write_text(text, encoding="utf-8")
        told = flpcheck("list", cwd=spec.parent)
        assert told.returncode == 2
        assert all(word in told.stderr for word in words), told.stderr
    file.unlink()
    told = flpcheck("list", cwd=spec.parent, env={**os.environ, "FLPCHECK_CHECK_MAX_SECNDS": "3"})
    assert told.returncode == 2
    assert "did you mean FLPCHECK_CHECK_MAX_SECONDS?" in told.stderr


@pytest.mark.sampled(1)
@pytest.mark.parametrize("command", [("explore", "--no-reports"), ("flp", "--no-reports"), ("graph", "-o", "g.dot")])
@pytest.mark.parametrize("place", ["step", "load"])
def test_what_never_returns_is_ended_and_named_by_every_command(
    command: tuple[str, ...], place: str, spec: Path
) -> None:
    text = SPEC.replace(STEP, f"while True: pass\n        {STEP}") if place == "step" else f"{HEAD}while True: pass\n"
    spec.write_text(text, encoding="utf-8")
    given = (command[0], "spec.py", *command[1:], "--max-seconds")
    told = with_time_enough(
        lambda seconds: flpcheck(*given, str(seconds), cwd=spec.parent),
        lambda told: told.returncode in {AS_WANTED, INCONCLUSIVE},  # it has ended without a question to the spec
        1,
    )
    assert (told.returncode, told.stdout) == (2, "")
    assert f"spec.py:{16 if place == 'step' else 18}: the spec has not returned" in told.stderr
    assert ("process p0, state S(0, None), event Start()" in told.stderr) is (place == "step")
