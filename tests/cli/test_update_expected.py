"""`check --update-expected`: counts and lengths as a diff, never a verdict."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from flpcheck.cli import main

SPEC = '''"""Expects what is not so; \u00e4\u00f6\u00fc stand before numbers."""
from flpcheck import *

@record
class State:
    input: int
    decision: int | None = None

@protocol
class Alone:
    n: int = 1

    def processes(self):
        return [Process(f"p{i}", self.step, inputs={0: State(0), 1: State(1)}) for i in range(self.n)]

    def step(self, at: At, s: State, event: Start) -> Step[State, None]:
        return replace(s, decision=s.input), ()

MANY = 7
INSTANCES = (
    Instance("\u00e4", Alone(), asynchronous(), {agreement: HOLDS}, configurations=1_7,
             univalent={0: 5, 1: 2}, depth=MANY),
    Instance("two", Alone(2), asynchronous(), {agreement: VIOLATED}, transitions=3, counterexample={agreement: 9}),
    Instance("verdict", Alone(2), asynchronous(), {agreement: HOLDS}, configurations=1),
    Instance("values", Alone(), asynchronous(), {agreement: HOLDS}, configurations=4, univalent={0: 2}),
    Instance("no chain", Alone(), asynchronous(), {agreement: HOLDS}, chain=3),
    Instance("fine", Alone(), asynchronous(), {agreement: HOLDS}, configurations=4),
)
'''
REPLACED = {
    "configurations=1_7": "configurations=4",
    "{0: 5, 1: 2}": "{0: 2, 1: 2}",
    "transitions=3": "transitions=16",
    "{agreement: 9}": "{agreement: 2}",
}


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "alone.py"
    file.write_text(SPEC, encoding="utf-8")
    return file


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["check", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code, *capsys.readouterr()


def expected() -> str:
    text = SPEC
    for before, after in REPLACED.items():
        assert before in text
        text = text.replace(before, after)
    return text


def test_the_diff_shows_counts_and_lengths_and_nothing_is_written(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(capsys, "alone.py", "--update-expected")
    assert code == 1
    assert spec.read_text(encoding="utf-8") == SPEC
    old, new = (text.splitlines(keepends=True) for text in (SPEC, expected()))
    assert out == "".join(difflib.unified_diff(old, new, "alone.py", "alone.py"))
    told = err.splitlines()
    assert len(told) == 4
    assert told[0].startswith("alone [verdict]: agreement: expected HOLDS, found VIOLATED: a verdict is never updated")
    assert [line.partition(": ")[2].partition(" is ")[0] for line in told[1:]] == [
        "[\u00e4] depth",
        "[values] univalent",
        "[no chain] chain",
    ]


def test_write_changes_the_file_and_leaves_verdicts_alone(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = check(capsys, "alone.py", "--update-expected", "--write")
    assert code == 1, "a verdict is another one"
    assert spec.read_text(encoding="utf-8") == expected()
    code, out, err = check(capsys, "alone.py", "--update-expected", "--write", "--instance", "two")
    assert (code, out, err) == (0, "", "")
    assert check(capsys, "alone.py", "--instance", "two", "--instance", "fine")[0] == 0


def test_line_ends_and_encodings_stay(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for encoding in ("utf-8-sig", "latin-1"):
        cookie = "# -*- coding: latin-1 -*-\r\n" if encoding == "latin-1" else ""
        spec.write_bytes((cookie + SPEC.replace("\n", "\r\n")).encode(encoding))
        check(capsys, "alone.py", "--update-expected", "--write")
        assert spec.read_bytes() == (cookie + expected().replace("\n", "\r\n")).encode(encoding)


def test_counts_of_a_search_that_was_cut_are_not_expected(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("alone.py", "--instance", "two", "--update-expected", "--write")
    code, out, err = check(capsys, *options, "--max-memory", "1M")
    assert (code, out) == (3, "")
    assert "cut by max-memory, so its counts are not known" in err
    assert spec.read_text(encoding="utf-8") == SPEC


@pytest.mark.parametrize(
    "more", [("--write",), ("--update-expected", "--safety"), ("--update-expected", "--format", "json")]
)
def test_options_that_do_not_go_together_are_refused(
    more: tuple[str, ...], spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(capsys, "alone.py", *more)
    assert (code, out) == (2, "")
    assert "next:" in err
