"""The numbers in a program are found wherever an author may have put them."""

from __future__ import annotations

import json
from json import dumps
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from flpcheck import majority, protocol
from flpcheck.reduce.literals import literals_in

LIMIT = 11
TABLE = {"far": (12, 13)}


class Helper:
    """What a step may call."""

    least = 14

    def too_old(self, ballot: int) -> bool:
        return ballot > 15

    @property
    def most(self) -> int:
        return 16


def beyond(ballot: int) -> bool:
    return ballot > LIMIT


def random(ballot: int) -> bool:
    """A function of the author's, though a module of the standard library has the same name."""
    return ballot > 25


def outer(bound: int) -> Any:
    return lambda ballot: ballot < bound


@protocol
class Model:
    """Its parameters are numbers of the program, too."""

    size: int = 17
    sizes: tuple[int, ...] = (18,)

    def processes(self) -> list[Any]:
        return []

    def step(self, ballot: int) -> bool:
        return ballot != -19


@pytest.mark.parametrize(
    ("thing", "found"),
    [
        (beyond, {11}),
        (lambda ballot: beyond(ballot) or ballot == 20, {11, 20}),
        (lambda ballot: [b for b in ballot if b % 21], {21}),
        (lambda name: TABLE[name], {12, 13}),
        (lambda ballot: Helper().too_old(ballot), {14, 15, 16}),
        (Helper().too_old, {15}),
        (outer(22), {22}),
        (lambda ballot, least=23: ballot < least, {23}),
        (Model(), {17, 18, 19}),
        (Model().step, {17, 18, 19}),
        (lambda flag: flag is True or flag in (0, 1), set()),
        (lambda values: json.dumps(values, indent=24), {24}),
        (lambda values: dumps(values, indent=26), {26}),  # not what is in the standard library, however it is imported
        (lambda ballot: not random(ballot), {25}),
        (lambda ballot: majority(ballot) > 30, {30}),  # not what is in the package
        (lambda values: np.base_repr(values, 27), {27}),
    ],
)
def test_numbers_are_found(thing: Any, found: set[int]) -> None:
    assert literals_in(thing) == found


def test_only_the_smallest_are_used() -> None:
    assert sorted(literals_in(tuple(range(1000)))) == list(range(2, 50))


def test_numbers_that_stand_in_instructions_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As from Python 3.14 on."""
    small = SimpleNamespace(opname="LOAD_SMALL_INT", arg=23)
    other = SimpleNamespace(opname="LOAD_FAST", arg=24)
    monkeypatch.setattr("flpcheck.reduce.literals.dis.get_instructions", lambda _: [small, other])
    assert literals_in(lambda: None) == {23}


def test_a_variable_that_has_no_value_yet_has_no_numbers() -> None:
    def below(ballot: int) -> bool:
        return ballot > 28 or ballot < bound

    assert literals_in(below) == {28}
    bound = 29
    assert literals_in(below) == {28, 29}
