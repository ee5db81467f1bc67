"""Ben-Or, round by round: how likely it is that all have decided, and how many rounds that takes.

The same protocol as in `specs/ben_or.py`, with whole rounds as events and without round numbers, so that it is finite
and goes on for ever.  The scheduler sees all coins, but it is round-rigid: every process finishes a round before the
next one begins (Bertrand, Konnov, Lazic, Widder, "Verification of Randomized Consensus Algorithms under Round-Rigid
Adversaries", 2019).  A process that crashes is one that the others never hear again.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product

from flpcheck import (
    HOLDS, VIOLATED, Action, Event, Instance, Pid, agreement, any_input_validity, asynchronous, integrity, protocol,
    record, termination, uniform_agreement, validity,
)  # fmt: skip
from ben_or import TOSS, proposal, verdict


@record
class Round:
    """A configuration between rounds: the inputs, the values, the decisions."""

    inputs: tuple[int, ...]
    x: tuple[int, ...]
    decisions: tuple[int | None, ...]


@protocol
class Rounds:
    """Protocol A, round by round."""

    n: int = 3
    f: int = 1
    enough: int = 2
    coins: bool = True

    def names(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Round]:
        yield from (Round(v, v, (None,) * self.n) for v in product((0, 1), repeat=self.n))

    def inputs(self, c: Round) -> dict[Pid, int]:
        return dict(zip(self.names(), c.inputs, strict=True))

    def decisions(self, c: Round) -> dict[Pid, int | None]:
        return dict(zip(self.names(), c.decisions, strict=True))

    def heard(self, i: int) -> Iterator[tuple[int, ...]]:
        """Whom process i can hear in a phase: itself and n - f - 1 others."""
        others = [j for j in range(self.n) if j != i]
        yield from ((i, *chosen) for chosen in combinations(others, self.n - self.f - 1))

    def actions(self) -> list[Action]:
        return [Action(self.round)]

    def round(self, c: Round) -> Iterator[tuple[Event, Round]]:
        for verdicts in sorted(self.verdicts(c), key=str):
            for chance, coins in self.tosses(c, verdicts):
                pairs = zip(verdicts, c.decisions, strict=True)
                decided = tuple(old if old is not None or not decides else x for (x, decides), old in pairs)
                yield Event("round", message=self.told(verdicts), chance=chance), Round(c.inputs, coins, decided)

    def verdicts(self, c: Round) -> set[tuple[tuple[int | None, bool], ...]]:
        """Steps 1 to 3: what the scheduler can lead to, by choosing whom each process hears."""
        reported = [{proposal([c.x[j] for j in who], self.n) for who in self.heard(i)} for i in range(self.n)]
        return {
            found
            for proposed in product(*reported)
            for found in product(
                *({verdict([proposed[j] for j in who], self.enough) for who in self.heard(i)} for i in range(self.n))
            )
        }

    def tosses(
        self, c: Round, verdicts: tuple[tuple[int | None, bool], ...]
    ) -> Iterator[tuple[Fraction | None, tuple[int, ...]]]:
        """Step 3, the coins: every vector of values with its probability."""
        if not self.coins:
            yield None, tuple(old if x is TOSS else x for (x, _), old in zip(verdicts, c.x, strict=True))
            return
        sides = [(0, 1) if x is TOSS else (x,) for x, _ in verdicts]
        chance = Fraction(1, 2 ** sum(x is TOSS for x, _ in verdicts))
        yield from ((chance, values) for values in product(*sides))

    def told(self, verdicts: tuple[tuple[int | None, bool], ...]) -> str:
        """What all processes do, in words."""
        toss = "tosses" if self.coins else "keeps its value"
        words = (toss if x is TOSS else f"{'decides' if d else 'adopts'} {x}" for x, d in verdicts)
        return ", ".join(f"p{i} {what}" for i, what in enumerate(words))


SAFE = {agreement: HOLDS, uniform_agreement: HOLDS, validity: HOLDS, any_input_validity: HOLDS, integrity: HOLDS}

SPLIT = {"p0": 0, "p1": 0, "p2": 1}

INSTANCES = (
    Instance(
        "coins", Rounds(), asynchronous(), SAFE | {termination: HOLDS},
        configurations=136, transitions=878, depth=2,
        bivalent=36, univalent={0: 50, 1: 50}, none=0, critical=0, disagreeing=0, flp="outside",
        about="All decide with probability one; the adversary can stretch it to 5 rounds on average, and no more.",
    ),
    Instance(
        "split", Rounds(), asynchronous(), SAFE | {termination: HOLDS}, inputs=SPLIT,
        configurations=22, transitions=146, depth=2,
        bivalent=6, univalent={0: 8, 1: 8}, none=0, critical=0, disagreeing=0, flp="outside",
        about="From different inputs it takes 2 rounds with a friendly scheduler, and 5 on average with a hostile one.",
    ),
    Instance(
        "no coins", Rounds(coins=False), asynchronous(), SAFE | {termination: VIOLATED},
        configurations=40, transitions=62, depth=2,
        bivalent=0, univalent={0: 20, 1: 20}, none=0, critical=0, disagreeing=0,
        counterexample={termination: 1}, flp=("outside", "undecided_lasso"),
        about="A process that keeps its value instead of tossing a coin can be kept from deciding for ever.",
    ),
)  # fmt: skip
