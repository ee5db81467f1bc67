"""Settling is arithmetic on values, and the system of a request is built once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

import flpcheck.examine as examining
import flpcheck.settle as settling
from flpcheck import Bounds, load, worlds
from flpcheck.cli import cli
from flpcheck.examine import examine
from flpcheck.reduce import Orbits
from flpcheck.settle import MOST_CONFIGURATIONS, MOST_DEPTH, Overrides, settle
from flpcheck.system import System, system_of
from flpcheck.worlds import compare

FEW = Bounds(configurations=40)
SPECS = ("first_quorum", "floodset", "read_write_registers", "paxos_duel")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The protocol of every system whose construction began, for a request."""
    found: list[Any] = []

    def construct(*arguments: Any) -> System:
        found.append(arguments[0])
        return system_of(*arguments)

    for module in (settling, examining, worlds):
        if hasattr(module, "system_of"):
            monkeypatch.setattr(module, "system_of", construct)
    return found


@pytest.mark.parametrize("name", SPECS)
def test_settling_builds_nothing_and_examining_builds_one_system(name: str, made: list[Any]) -> None:
    request = settle(load(name), Overrides(bounds={"configurations": 40, "seconds": 20}))
    assert len(made) == 0
    built = request.built()
    found = examine(built)
    assert (len(made), found.request.system) == (1, request.system)
    assert request.system.initial() is request.system.initial()
    assert request.unfolded.system is (request.system.below if isinstance(request.system, Orbits) else request.system)
    assert len(made) == 1


def test_a_command_builds_one_system(made: list[Any]) -> None:
    assert CliRunner().invoke(cli, ["explore", "first_quorum", "--no-reports"]).exception is None
    assert len(made) == 1


@pytest.mark.long
def test_each_world_builds_one_system_and_one_more_is_asked_which_worlds_there_are(made: list[Any]) -> None:
    rows = list(compare(settle(load("wait_for_all"), Overrides(bounds={"memory": 2**40})), FEW))
    assert len(rows) > 10
    assert len(made) == 1 + len(rows)


def test_a_request_that_is_changed_has_another_system() -> None:
    request = settle(load("wait_for_all"), Overrides()).built()
    other = replace(request, world=load("wait_for_all").instance("one crash").world)
    assert other.system is not request.system
    assert other.system.world == other.world


@pytest.mark.parametrize(
    ("bounds", "is_the_instance"),
    [
        ({"seconds": 3, "memory": 2**30}, True),
        ({"depth": MOST_DEPTH}, True),
        ({"depth": MOST_DEPTH + 1}, False),
        ({"depth": 0}, False),
        ({"configurations": MOST_CONFIGURATIONS["kernel"]}, True),
        ({"configurations": MOST_CONFIGURATIONS["reference"]}, False),
    ],
)
def test_a_bound_that_is_not_the_usual_one_makes_another_search(bounds: dict[str, int], is_the_instance: bool) -> None:
    pytest.importorskip("numba")
    request = settle(load("first_quorum"), Overrides(bounds=bounds))
    assert (request.instance is not None) is is_the_instance
    assert {name: getattr(request.bounds, name) or 0 for name in bounds} == bounds
