"""Bad specs, each answered with file, line, what, why and what next, and an exit code that is no verdict."""

from __future__ import annotations

import re
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from flpcheck.cli import main

SPEC = '''"""A bad spec."""
import random, time
from flpcheck import At, Process, Processes, Start, Step, broadcast, protocol, record, replace, send

COUNTER = [0]

@record
class Ping:
    body: object = None

@record
class State:
    started: bool = False
    bag: object = None
    decision: object = None

@protocol
class Bad:
    n: int = 2

    def processes(self) -> Processes[Ping]:
        return [Process(f"p{{i}}", self.step, start=State()) for i in range(self.n)]

    def step(self, at: At, s: State, event: Start | Ping) -> Step[State, Ping]:
        match event:
            case Start() if not s.started:
                {body}
            case Ping() | Start():
                return s, ()
'''

CASES = {
    "a hidden counter": ("COUNTER[0] += 1; return replace(s, bag=COUNTER[0]), ()", "gave different results", 24),
    "random numbers": ("return replace(s, bag=random.random()), ()", "gave different results", 24),
    "a clock": ("return replace(s, bag=time.time_ns()), ()", "gave different results", 24),
    "the order of a set in the state": (
        "return replace(s, bag=frozenset('abc')) if s.bag is None else replace(s, bag=next(iter(s.bag))), ()",
        "gave different results",
        24,
    ),
    "the order of a set of its own": (
        "return replace(s, started=True, bag=next(iter(frozenset('abcdefgh')))), ()",
        "gave different results",
        24,
    ),
    "a list in the state": ("return replace(s, bag=[1]), ()", "a list cannot be part of a state", 15),
    "a set in the state": ("return replace(s, bag={1}), ()", "next: use a frozenset", 15),
    "a changed argument": ("object.__setattr__(s, 'started', True); return s, ()", "modified the state", 24),
    "an exception": ("return replace(s, bag=1 // 0), ()", "ZeroDivisionError", 27),
    "a message to no process": ("return replace(s, started=True), send(Ping(), to='p9')", "no such process", 24),
    "no answer": ("return None", "no case of step matched", 24),
    "half an answer": ("return replace(s, started=True)", "must return (state, effects)", 24),
    "a misspelt field": ("return replace(s, statred=True), ()", "'statred'", 27),
    "a message that no process handles": ("return replace(s, started=True), broadcast('hello')", "no case handles", 24),
    "a changed protocol": ("self.n = 5; return s, ()", "cannot assign to field 'n'", 27),
}  # fmt: skip


def explore(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `flpcheck explore` in this process."""
    command = ["explore", str(file), "--no-reports", *options]
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err, pytest.raises(SystemExit) as end:
        main(command)
    return subprocess.CompletedProcess(command, int(end.value.code or 0), out.getvalue(), err.getvalue())


@pytest.mark.sampled(6)
@pytest.mark.parametrize("case", CASES)
def test_a_bad_step_is_explained(case: str, tmp_path: Path) -> None:
    body, text, line = CASES[case]
    file = tmp_path / "bad.py"
    file.write_text(SPEC.format(body=body), encoding="utf-8")
    answer = explore(file)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert text in answer.stderr
    found = re.search(r"error: (.*bad\.py):(\d+): ", answer.stderr)
    assert found is not None, answer.stderr
    assert abs(int(found.group(2)) - line) <= 1
    assert "why: " in answer.stderr
    assert "next: " in answer.stderr


def test_an_error_deep_in_the_graph_comes_with_the_schedule_that_leads_there(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    body = "return replace(s, started=True), broadcast('hello')"
    file.write_text(SPEC.format(body=body), encoding="utf-8")
    assert re.search(r"schedule that leads there:\n\s+1  p0 starts", explore(file).stderr)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from flpcheck import *\nclass X(\n", "bad.py:2: the spec has a syntax error"),
        ('"""x"""\nimport nosuchmodule\n', "bad.py:2: the spec raises an exception when it is imported"),
        ('"""x"""\n', "the file defines no protocol"),
        (
            "from flpcheck import protocol\n@protocol\nclass X:\n    n: int = 1\n",
            "none of `processes`, `actions` and `successors`",
        ),
        (
            "from flpcheck import protocol\n@protocol\nclass X:\n    n: int\n    def processes(self): return []\n",
            "parameter 'n' of X has no default",
        ),
    ],
)
def test_a_file_that_is_no_spec_is_explained(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(text, encoding="utf-8")
    answer = explore(file)
    assert answer.returncode == 2
    assert expected in answer.stderr


@pytest.mark.parametrize("broken", ["processes", "observers"])
def test_an_exception_outside_of_the_steps_is_the_author_s_too(broken: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    text = SPEC.format(body="return s, ()")
    good = text[text.index("    def processes") : text.index("    def step(self")]
    wrong = f"    def {broken}(self):\n        return [1 // 0]\n\n"
    file.write_text(text.replace(good, wrong if broken == "processes" else good + wrong), encoding="utf-8")
    answer = explore(file)
    assert answer.returncode == 2
    assert f"{broken}() of Bad raised an exception" in answer.stderr
    assert "return [1 // 0]" in answer.stderr


UNBOUNDED = SPEC.format(
    body="return replace(s, started=True, bag=0), send(Ping(1), to=at.others)\n"
    "            case Ping(bid): return replace(s, bag=bid), send(Ping(bid + 1), to=at.others)"
)


def test_an_unbounded_space_is_cut_and_the_cause_of_growth_is_named(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(UNBOUNDED, encoding="utf-8")
    answer = explore(file, "--max-configurations", "600")
    assert answer.returncode == 3
    assert "cut by max-configurations" in answer.stdout
    assert re.search(r"bad\.py:14: field 'bag' of p\d keeps growing", " ".join(answer.stdout.split()))
    assert "Nothing is proved" in answer.stdout
    for engine in ("reference", "kernel"):
        safely = explore(file, "--max-configurations", "600", "--safety", "--engine", engine)
        assert safely.returncode == 3
        assert "cut by max-configurations" in safely.stdout
        assert re.search(r"bad\.py:14: field 'bag' of p\d keeps growing", " ".join(safely.stdout.split()))


def test_what_a_spec_prints_does_not_spoil_the_results(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(SPEC.format(body="print('debug'); return replace(s, started=True), ()"), encoding="utf-8")
    answer = explore(file, "--format", "json")
    assert answer.stdout.startswith("{")
    assert "debug" in answer.stderr
