"""Commands that are printed to be copied: whole, in one line, and they show the same again."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from flpcheck.cli import main

TWO = '''"""Two protocols in one file."""
from flpcheck import *

@record
class Vote:
    value: int

@record
class Voter:
    decision: int | None = None

class Base:
    def processes(self):
        return [Process(f"p{i}", self.step, inputs={0: Voter(), 1: Voter(1)}) for i in range(2)]

    def step(self, at: At, s: Voter, event: Start | Vote) -> Step[Voter, Vote]:
        match event:
            case Start():
                return s, to_others(Vote(0))
            case Vote(value) if s.decision is None:
                return replace(s, decision=value), ()
            case Vote():
                return s, ()

@protocol
class First(Base):
    a_parameter_with_a_rather_long_name: int = 1

@protocol
class Second(First):
    pass
'''
LONG = ("-p", "a_parameter_with_a_rather_long_name=1234567890", "--network", "set", "--ignored", "stays", "--loss", "2")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "two.py"
    file.write_text(TWO, encoding="utf-8")
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().out


def replays(out: str) -> list[list[str]]:
    lines = [line.strip() for line in out.splitlines() if line.strip().startswith("flpcheck replay")]
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize("command", ["explore", "worlds", "flp", "why"])
def test_a_printed_command_is_whole_and_names_the_protocol(
    command: str, spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = [] if command in {"worlds", "why"} else ["--no-reports"]
    code, out = run(capsys, command, str(spec), "--protocol", "Second", *LONG, *quiet)
    assert code in {0, 1}, out
    found = replays(out)
    assert found, out
    for arguments in found:
        assert arguments[1:4] == [str(spec), "--protocol", "Second"]
        assert "a_parameter_with_a_rather_long_name=1234567890" in arguments
        code, replayed = run(capsys, *arguments)
        assert (code, "the configuration at the end" in replayed) == (0, True), arguments


@pytest.mark.long
def test_a_file_with_one_protocol_needs_no_name(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(TWO.partition("@protocol\nclass Second")[0], encoding="utf-8")
    _, out = run(capsys, "explore", str(spec), "--no-reports")
    assert replays(out)
    assert "--protocol" not in out


def test_the_summary_of_a_report_holds_the_whole_command(
    spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--protocol", "Second", *LONG, "--reports", str(tmp_path), "--pictures", "dot")
    _, out = run(capsys, "explore", str(spec), *options)
    (summary,) = tmp_path.rglob("summary.txt")
    assert replays(summary.read_text(encoding="utf-8")) == replays(out) != []
