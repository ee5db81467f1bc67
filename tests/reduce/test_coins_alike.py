"""Coins under renamings: a step that tosses one is like its image only if the probabilities are the same."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from flpcheck import (
    At,
    Ballot,
    BallotShift,
    Event,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    asynchronous,
    protocol,
    record,
    system_of,
    toss,
)
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import reduced

QUARTER, HALF = Fraction(1, 4), Fraction(1, 2)
FAIR = ((HALF, "x"), (HALF, "y"))
ODD = ((QUARTER, "x"), (1 - QUARTER, "y"))
SPLIT = ((QUARTER, "x"), (QUARTER, "x"), (QUARTER, "y"), (QUARTER, "y"))
ODD_SPLIT = ((QUARTER, "x"), (QUARTER, "y"), (QUARTER, "y"), (QUARTER, "y"))
Coin = tuple[tuple[Fraction, str], ...]


@record
class Thrown:
    face: str = ""


@protocol
class TwoCoins:
    """a and b each toss a coin of their own, in one step."""

    coins: tuple[Coin, Coin] = (FAIR, FAIR)

    def processes(self) -> Processes[Any]:
        return [Process(name, self.throw, start=Thrown()) for name in "ab"]

    def throw(self, at: At, s: Thrown, event: Start) -> Step[Thrown, Any]:
        if s.face:
            return s, ()
        return toss(*((chance, (Thrown(face), ())) for chance, face in self.coins["ab".index(at.me)]))

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


@protocol
class TwoCoinsAsWhole:
    """The same as a general protocol, whose configurations are what a and b have thrown."""

    coins: tuple[Coin, Coin] = (FAIR, FAIR)

    def names(self) -> list[str]:
        return ["a", "b"]

    def initial(self) -> Iterator[tuple[str, str]]:
        yield ("", "")

    def renamed(self, c: tuple[str, str], to: Any) -> Any:
        return to.row(self.names(), c)

    def successors(self, c: tuple[str, str]) -> Iterator[tuple[Event, tuple[str, ...]]]:
        for place, name in enumerate(self.names()):
            for chance, face in self.coins[place] if not c[place] else ():
                yield Event("throws", name, chance=chance), (*c[:place], face, *c[place + 1 :])

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


@pytest.mark.parametrize("model", [TwoCoins, TwoCoinsAsWhole])
@pytest.mark.parametrize("coins", [(FAIR, ODD), (ODD, FAIR), (SPLIT, ODD_SPLIT), (ODD_SPLIT, SPLIT)])
def test_processes_whose_coins_differ_are_not_symmetric(model: Any, coins: tuple[Coin, Coin]) -> None:
    with pytest.raises(ReductionRefused, match=r"a declared (symmetry|reduction) is wrong"):
        explore(reduced(system_of(model(coins), asynchronous())))
    for coin in coins:
        assert len(explore(reduced(system_of(model((coin, coin)), asynchronous())))) == 6
    assert len(explore(reduced(system_of(model((FAIR, SPLIT)), asynchronous())))) == 6


@record
class Face:
    """The ballot of a process, and what it has thrown in it."""

    ballot: Ballot = 0
    face: str = ""


@protocol
class Tiring:
    """p tosses a coin in each ballot, from ballot `tired` on another one."""

    tired: int = 0

    def processes(self) -> Processes[Any]:
        return [Process("p", self.throw, start=Face())]

    def throw(self, at: At, s: Face, event: Start) -> Step[Face, Any]:
        if s.face:
            return Face(s.ballot + 1), ()
        coin = ODD if self.tired and s.ballot >= self.tired else FAIR
        return toss(*((chance, (Face(s.ballot, face), ())) for chance, face in coin))

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, lambda state: state.ballot)]


def test_a_coin_that_depends_on_the_ballot_is_refused() -> None:
    assert len(explore(reduced(system_of(Tiring(), asynchronous())))) == 3
    with pytest.raises(
        ReductionRefused, match="a step gives a different result when ballots are renumbered"
    ) as refused:
        explore(reduced(system_of(Tiring(tired=50), asynchronous())))
    _, expected, found = refused.value.details
    assert (expected.count("with probability 1/2"), found.count("with probability 1/4")) == (2, 1)
