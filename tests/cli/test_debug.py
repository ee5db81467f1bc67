"""`replay --debug N`: the debugger stops inside of the author's code at step N."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[2] / "specs"
WITHOUT_RULES = """
from flpcheck import Event, Instance, asynchronous, protocol

@protocol
class Steps:
    def initial(self):
        return [0]

    def successors(self, c):
        if c == 0:
            yield Event("steps"), 1

INSTANCES = (Instance("steps", Steps(), asynchronous(), {}),)
"""


def debugged(commands: str, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "flpcheck", "replay", *arguments]
    done = subprocess.run(command, input=commands, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_it_stops_at_the_first_line_with_state_and_event() -> None:
    path = ("wait_for_all", "--path", "0:0.0.0")
    code, out, err = debugged("p s\np event\np at.sender_or_none\nc\n", *path, "--debug", "3")
    assert (code, err) == (0, "")
    _, shown, _ = debugged("", *path)
    assert "receives" in shown.partition("  3  ")[2].splitlines()[0]
    assert "wait_for_all.py" in out.splitlines()[0]
    assert out.splitlines()[1] == "-> match event:"
    assert "(Pdb) State(input=" in out
    assert "(Pdb) Value(" in out
    assert "(Pdb) 'p" in out
    assert "step 3 has returned (State(" in out


def test_leaving_the_debugger_prints_nothing() -> None:
    code, out, _ = debugged("q\n", "first_quorum", "--path", "0:0", "--debug", "1")
    assert (code, "returned" in out) == (0, False)


def test_in_rounds_it_stops_in_every_process_with_what_it_hears() -> None:
    code, out, _ = debugged("p sorted(heard)\nc\nc\nc\n", "one_third_rule", "--path", "0:0", "--debug", "1")
    assert (code, out.count("receive()")) == (0, 3)
    assert "(Pdb) ['p0'" in out


def test_in_a_general_protocol_it_stops_in_the_rule_that_the_event_comes_from() -> None:
    code, out, _ = debugged("c\n", "read_write_registers", "--path", "0:0.1", "--debug", "2")
    assert code == 0
    assert out.count("--Call--") == 1
    assert "writes()" in out
    assert "step 2 has returned [" in out


def test_a_general_protocol_without_rules_is_asked_for_its_successors(tmp_path: Path) -> None:
    spec = tmp_path / "steps.py"
    spec.write_text(WITHOUT_RULES)
    code, out, _ = debugged("c\n", str(spec), "--path", "0:0", "--debug", "1")
    assert code == 0
    assert "successors()" in out
    assert "step 1 has returned [('steps', 1)]" in out


def test_the_step_that_a_crash_cuts_short_is_asked() -> None:
    options = ("first_quorum", "-p", "n=3", "--crashes", "1", "--crash-points", "cut")
    paths = [f"0:{position}" for position in range(3, 12)]
    found = next(path for path in paths if "crashes in mid-broadcast" in debugged("", *options, "--path", path)[1])
    code, out, _ = debugged("p event\nc\n", *options, "--path", found, "--debug", "1")
    assert (code, "(Pdb) Start()" in out) == (0, True)


@pytest.mark.parametrize(
    ("path", "number", "what"),
    [
        ("0:2", "1", "step 1 runs no code of the spec: p0 crashes"),
        ("0:0", "2", "no step 2 in the schedule"),
        ("0:0", "0", "0 is not in the range x>=1"),
    ],
)
def test_a_step_without_code_is_refused(path: str, number: str, what: str) -> None:
    code, out, err = debugged("", "wait_for_all", "--instance", "one crash", "--path", path, "--debug", number)
    assert (code, out) == (2, "")
    assert what in err
