"""The class that is a protocol, and its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flpcheck import Constant, Process, protocol
from flpcheck.authoring.protocol import constants, is_protocol, parameters, with_parameters
from flpcheck.errors import BadProtocol, BadRequest


@protocol
class Sample:
    """A protocol with parameters of every kind."""

    n: int = 3
    ballots: Constant[int] = 2
    name: str = "x"
    fast: bool = False
    chance: float = 0.5

    def processes(self) -> list[Process[Any, Any]]:
        return []


def test_parameters_and_constants_are_distinguished() -> None:
    assert parameters(Sample(n=4)) == {"n": 4, "name": "x", "fast": False, "chance": 0.5}
    assert constants(Sample()) == {"ballots": 2}


def test_parameters_change_by_text() -> None:
    texts = {"n": "5", "ballots": "7", "name": "y", "fast": "yes", "chance": "0.25"}
    assert with_parameters(Sample(), texts) == Sample(5, 7, "y", fast=True, chance=0.25)
    assert with_parameters(Sample(fast=True), {"fast": "false"}) == Sample()


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({"m": "4"}, ["Sample has no parameter 'm'", "available: n, ballots, name, fast, chance", "test_protocol.py:"]),
        ({"ballot": "4"}, ["Did you mean 'ballots'?"]),
        (
            {"n": "many"},
            ["parameter 'n' must be of type int, got 'many'", "write -p n=VALUE with a value of type int"],
        ),
        ({"fast": "perhaps"}, ["parameter 'fast' must be of type bool, got 'perhaps'"]),
    ],
)
def test_wrong_parameters_are_explained(changes: dict[str, str], texts: list[str]) -> None:
    with pytest.raises(BadRequest) as caught:
        with_parameters(Sample(), changes)
    for text in texts:
        assert text in str(caught.value)


def test_protocol_needs_processes_or_successors() -> None:
    with pytest.raises(BadProtocol, match="Empty has none of `processes`, `actions` and `successors`") as caught:

        @protocol
        class Empty:
            n: int = 1

    assert f"{Path(__file__).name}:" in str(caught.value)
    assert "next: define processes(self)" in str(caught.value)


def test_parameters_need_defaults() -> None:
    with pytest.raises(BadProtocol, match="parameter 'n' of Bare has no default") as caught:

        @protocol
        class Bare:
            n: int

            def processes(self) -> list[Process[Any, Any]]:
                return []

    assert "write `n: int = 3`" in caught.value.next_step


def test_only_the_class_is_a_protocol() -> None:
    assert is_protocol(Sample)
    assert not is_protocol(Sample())
    assert not is_protocol(int)


@pytest.mark.parametrize("given", [{}, {"start": 1, "inputs": {0: 0}}])
def test_process_has_either_a_start_or_inputs(given: dict[str, Any]) -> None:
    with pytest.raises(BadProtocol, match="process 'p0' needs either `start` or `inputs`"):
        Process("p0", lambda _, s, __: (s, ()), **given)
