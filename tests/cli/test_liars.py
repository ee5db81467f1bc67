"""What liars can say, from the command line: verdicts name it, replays find it again, hints and vacuity tell of it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

FORGETFUL = '''"""A sender that commits, and whose lies are forgotten."""
from flpcheck import At, Process, Start, Step, protocol, record, replace, to_others

@record
class Commit:
    value: int

@record
class Hello:
    pass

@record
class State:
    value: int | None = None
    decision: int | None = None

@protocol
class Naive:
    def processes(self):
        sender = Process("sender", self.step, inputs={v: State(v) for v in (0, 1)})
        return [sender, *(Process(f"p{i}", self.step, start=State()) for i in (1, 2))]

    def step(self, at: At, s: State, event: Start | Commit | Hello) -> Step[State, Commit]:
        match event:
            case Start() if s.value is not None and s.decision is None:
                return replace(s, decision=s.value), to_others(Commit(s.value))
            case Commit(v) if s.decision is None and at.sender == "sender":
                return replace(s, decision=v), ()
            case _:
                return s, ()

    def lies(self, liar):
        return [Hello()]
'''
ARGUMENTS = ("--property", "agreement", "--no-reports")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "naive.py"
    file.write_text(FORGETFUL)
    return Path(file.name)  # from the folder in which commands run


def test_a_verdict_names_its_alphabet_and_what_lies_forgets(cli: Cli, spec: Path) -> None:  # noqa: F811
    found = cli("explore", spec, "--byzantine", "sender", *ARGUMENTS)
    text = " ".join(found.out.split())
    assert found.code == 1
    assert "agreement fails, as far as liars say what some process's code can say (3 messages): p1 decides 0" in text
    assert "lies() does not list Commit(0), Commit(1), which sender itself would send: added" in text
    told = json.loads(cli("explore", spec, "--byzantine", "sender", *ARGUMENTS, "--format", "json").out)
    assert (told["liars"]["alphabet"], told["liars"]["messages"], len(told["liars"]["hints"])) == ("spoken", 3, 1)
    assert told["world"]["lies"] == "spoken"


def test_what_lies_lists_alone_is_never_heeded_and_named_so(cli: Cli, spec: Path) -> None:  # noqa: F811
    found = cli("explore", spec, "--byzantine", "sender", "--lies", "only", *ARGUMENTS)
    text = " ".join(found.out.split())
    assert found.code == 0
    assert "agreement holds, as far as liars say what `lies` lists (1 message): all 1 configurations" in text
    assert "never heeded: no lie of sender changes anything" in text
    assert "which sender itself would send" not in text
    assert "never heeded" not in cli("explore", spec, "--byzantine", "sender", *ARGUMENTS).out


@pytest.mark.parametrize("mode", [(), ("--safety",)])
def test_a_replay_finds_out_again_what_liars_can_say(cli: Cli, spec: Path, mode: tuple[str, ...]) -> None:  # noqa: F811
    out = cli("explore", spec, "--byzantine", "sender", *ARGUMENTS, *mode).out
    command = next(line for line in out.splitlines() if "flpcheck replay" in line)
    found = cli(*shlex.split(command)[1:])
    assert found.code == 0
    assert "p2 receives the lie Commit(1) from sender" in found.out


def test_twins_are_labelled(cli: Cli, spec: Path) -> None:  # noqa: F811
    found = cli("explore", spec, "--twins", "sender", *ARGUMENTS)
    assert found.code == 1
    assert "agreement fails (for twins, not for all Byzantine behaviour)" in " ".join(found.out.split())
    command = next(line for line in found.out.splitlines() if "flpcheck replay" in line)
    assert "sender'' starts" in cli(*shlex.split(command)[1:]).out
    refused = cli("explore", spec, "--twins", "sender", "--byzantine", "1")
    assert refused.code == 2
    assert "a Byzantine process can do anything that twins can" in refused.err
