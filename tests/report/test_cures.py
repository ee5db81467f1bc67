"""What would make a large space smaller, and the commands that try it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from flpcheck.cli import main
from flpcheck.examine import LARGE, Examination, examine
from flpcheck.report.cures import cures_of, multiplied
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a folder of its own; return its exit code and what it prints."""
    monkeypatch.chdir(tmp_path)

    def runs(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        return int(end.value.code or 0), capsys.readouterr().out

    return runs


def examined(spec: str, **overrides: object) -> Examination:
    return examine(settle(load(spec), Overrides(**overrides)))  # type: ignore[arg-type]


def advice(examination: Examination) -> list[str]:
    return [cure.advice for cure in cures_of(examination)]


def cut_at(number: int) -> dict[str, object]:
    return {"bounds": {"configurations": number}}


def test_nothing_is_said_of_a_small_space() -> None:
    small = examined("first_quorum")
    assert small.size < LARGE
    assert small.multipliers is None
    assert list(multiplied(small)) == []


def test_messages_that_several_send_are_collected_with_gather_where_no_step_does() -> None:
    found = advice(examined("raft", **cut_at(3000)))
    assert "collect Appended messages in one step with Gather" in found
    assert "collect AppendEntries messages in one step with Gather" not in found  # which one leader sends


def test_where_steps_gather_already_stale_mail_is_the_cure() -> None:
    found = advice(examined("paxos", **cut_at(11_000)))
    assert "declare in reductions() when Chosen messages are stale (StaleMail)" in found
    assert not any("Gather" in text for text in found)


def test_processes_of_one_kind_that_multiply_alike_are_perhaps_symmetric() -> None:
    found = advice(examined("wait_for_all", parameters={"n": "3"}, **cut_at(300)))
    assert "declare p0, p1, p2 Symmetric in reductions(), if only their names differ" in found
    two_kinds = advice(examined("paxos", world={"failures": {"crashes": 1, "events": "explicit"}}, **cut_at(30_000)))
    assert "declare a0, a1, a2 Symmetric in reductions(), if only their names differ" in two_kinds
    assert not any("client" in text for text in two_kinds)


def test_declared_reductions_are_not_advised() -> None:
    found = advice(examined("paxos_duel", **cut_at(30)))
    assert not any("StaleMail" in text for text in found)


@pytest.mark.parametrize(
    ("spec", "options", "changed"),
    [
        ("first_quorum", ["--crashes", "1", "--crash-events", "explicit"], ("world", "crash_events", "elided")),
        ("first_quorum", ["--loss", "2"], ("world", "loss", 1)),
        ("first_quorum", ["--duplication", "2"], ("world", "duplication", 1)),
    ],
)
def test_commands_change_what_multiplies(
    run: Run, spec: str, options: list[str], changed: tuple[str, str, object]
) -> None:
    found = json.loads(run("explore", spec, *options, "--max-configurations", "40", "--format", "json")[1])
    commands = [cure["command"] for cure in found["multipliers"]["cures"] if cure["command"]]
    part, key, value = changed
    again = [run(*shlex.split(text)[1:], "--format", "json", "--max-configurations", "40")[1] for text in commands]
    assert [json.loads(one)[part][key] for one in again].count(value) == 1


def test_a_constant_is_made_smaller(run: Run) -> None:
    examination = examined("tla/voting", **cut_at(100))
    commands = [cure.command for cure in cures_of(examination) if cure.advice.startswith("set the constant")]
    assert len(commands) == 1
    _, line = run(*shlex.split(commands[0])[1:], "--format", "json", "--max-configurations", "50")
    before = examination.request.protocol
    (name,) = (text.split("=")[0] for text in shlex.split(commands[0]) if "=" in text)
    assert json.loads(line)["constants"][name] == getattr(before, name) - 1


def test_a_cut_search_says_what_multiplies_and_what_would_help(run: Run) -> None:
    code, shown = run("explore", "raft", "--property", "log_matching", "--max-configurations", "3000", "--no-reports")
    assert code == 3
    text = " ".join(shown.split())
    assert "the space is multiplied by: message AppendEntries" in text
    assert "to make it smaller, collect Appended messages" in text
