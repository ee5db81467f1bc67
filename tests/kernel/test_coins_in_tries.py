"""Coins of general protocols in the kernel: what is refused is what the reference engine refuses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from kernel.same_engines import assert_same
from kernel.test_tries import Cheat, Desk, Pair, Steps

from flpcheck import Action, Event, asynchronous, protocol, replace, system_of
from flpcheck.errors import SpecError
from flpcheck.explore import explore

pytest.importorskip("numba")
from flpcheck.explore.tries import front

HALF = Fraction(1, 2)


def flips(c: Desk) -> Steps:
    for side in (1, 2) if c.pair.left == 0 else ():
        yield Event("flips", chance=HALF), replace(c, pair=Pair(side))


def flips_a_loaded_coin(c: Desk) -> Steps:
    for side in (1, 2) if c.pair.left == 0 else ():
        yield Event("flips", chance=Fraction(1, 3)), replace(c, pair=Pair(side))


def flips_half(c: Desk) -> Steps:
    if c.pair.left == 0:
        yield Event("flips", chance=HALF), replace(c, pair=Pair(1))


def flips_the_rest(c: Desk) -> Steps:
    if c.pair.left == 0:
        yield Event("flips", chance=HALF), replace(c, pair=Pair(2))


def flips_without_chance(c: Desk) -> Steps:
    if c.pair.left == 0:
        yield Event("flips"), replace(c, pair=Pair(2))


@protocol
class Flipping(Cheat):
    """Counts, and does what some rules do, each an action of its own."""

    rules: tuple[Any, ...] = ()

    def actions(self) -> list[Action]:
        return [Action(self.counts, 0), *(Action(self.does, number) for number in range(len(self.rules)))]

    def does(self, c: Desk, number: int) -> Steps:
        yield from self.rules[number](c)


def test_coins() -> None:
    assert assert_same(lambda: system_of(Flipping(rules=(flips,)), asynchronous())).system.tosses


@pytest.mark.parametrize("engine_", ["reference", "kernel"])
@pytest.mark.parametrize(
    "rules", [(flips_a_loaded_coin,), (flips, flips_without_chance), (flips_without_chance, flips)]
)
def test_chances_that_do_not_add_up_are_refused(
    engine_: str, rules: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front, "LEAST_COMPARED", 0)
    with pytest.raises(SpecError, match="must be positive and add up to one"):
        explore(system_of(Flipping(rules=rules), asynchronous()), engine=engine_)


def test_a_coin_that_several_rules_toss_is_left_to_plain_python() -> None:
    graph = explore(system_of(Flipping(rules=(flips_half, flips_the_rest)), asynchronous()), engine="kernel")
    assert graph.engine == "reference"
    assert graph.system.tosses
