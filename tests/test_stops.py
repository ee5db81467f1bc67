"""Every reason why a search ends early has one name and one set of words, wherever it is shown."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import flpcheck
from flpcheck import load
from flpcheck.budget import OutOfBudget
from flpcheck.cli.explore_command import command
from flpcheck.examine import examine
from flpcheck.report.contract.documents import CUT
from flpcheck.report.summary import meaning
from flpcheck.settle import Overrides, settle
from flpcheck.stops import StopReason

PACKAGE = Path(flpcheck.__file__).parent
VALUES = {stop.value for stop in StopReason}


def test_a_reason_is_spelled_in_one_module() -> None:
    spelled = {
        (file.relative_to(PACKAGE).as_posix(), node.value)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in VALUES
    } - {(file, "constraint") for file in ("reduce/layers.py", "system/general.py")}  # the name of the author's method
    assert {file for file, _ in spelled} == {"stops.py", "cli/__init__.py"}  # the latter says it of the command
    assert {value for file, value in spelled if file == "stops.py"} == VALUES


def test_the_contract_has_every_reason_and_no_other() -> None:
    assert CUT["properties"]["bound"]["enum"] == [stop.value for stop in StopReason]
    assert json.dumps(list(StopReason)) == json.dumps([stop.value for stop in StopReason])


def test_an_advice_names_an_option() -> None:
    options = {name for parameter in command.params for name in parameter.opts}
    advices = {stop: stop.advice for stop in StopReason if stop.advice}
    assert set(advices.values()) == {f"raise {name}" for name in options if name.startswith("--max-")}
    assert StopReason.INTERRUPTED not in advices
    assert StopReason.FIRST_VIOLATION not in advices


@pytest.mark.parametrize("stop", StopReason)
def test_every_reason_can_be_told_with_what_was_being_done(stop: StopReason) -> None:
    error = OutOfBudget(stop, "judging agreement")
    assert (error.what, error.next_step) == (f"{stop.cause} while judging agreement", stop.advice)


def test_a_summary_says_what_helps() -> None:
    found = examine(settle(load("wait_for_all"), Overrides(bounds={"depth": 1})).built())
    assert any(line.endswith("the search was cut by max-depth; raise --max-depth.") for line in meaning(found))
