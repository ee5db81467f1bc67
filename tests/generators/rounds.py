"""Random small protocols in rounds, and the worlds of rounds, as hypothesis strategies."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from flpcheck import (
    At,
    Effects,
    Heard,
    Next,
    Pid,
    RoundProcess,
    World,
    broadcast,
    heard_of,
    one_of,
    partially_synchronous,
    protocol,
    record,
    replace,
    send,
    synchronous,
    to_others,
)
from flpcheck.world import PREDICATES

PLACES = 3
KINDS = 3
NAMES = ("p0", "p1", "p2")


@record
class Place:
    """A place in the tables, and registers."""

    input: int | None
    place: int = 0
    decision: int | None = None


class Tables:
    """What processes do, drawn from the seed whenever it is asked for."""

    seed: int
    n: int

    def processes(self) -> list[RoundProcess[Place, int]]:
        inputs = {value: Place(value) for value in (0, 1)}
        given: list[dict[str, Any]] = [{"inputs": inputs}, {"inputs": inputs}, {"start": Place(None)}]
        names = NAMES[: self.n]
        return [
            RoundProcess(p, self.send, self.receive, lies=self.lies, silence=self.silence(p), **g)
            for p, g in zip(names, given, strict=False)
        ]

    def like(self, round: int) -> int:
        """What a round has in common with those that are like it."""
        return round

    def drawn(self, *about: Any) -> Random:
        return Random(repr((self.seed, *about)))

    def send(self, at: At, s: Place, round: int) -> Effects[int]:
        luck = self.drawn("send", s.place, self.like(round))
        kind = luck.randrange(KINDS)
        ways: list[Effects[int]] = [(), broadcast(kind), broadcast(kind), to_others(kind), send(kind, to="p1")]
        return luck.choice(ways)

    def receive(self, at: At, s: Place, round: int, heard: Heard[int]) -> Next[Place]:
        luck = self.drawn("receive", s.place, self.like(round), tuple(heard.items()))
        after = [self.after(s, luck) for _ in range(luck.choice([1, 1, 1, 2]))]
        return after[0] if len(after) == 1 else one_of(after)

    def after(self, s: Place, luck: Random) -> Place:
        decision = luck.choice([None, None, 0, 1]) if s.decision is None else s.decision
        return replace(s, place=luck.randrange(PLACES), decision=decision)

    def silence(self, name: str) -> int | None:
        place: int = self.drawn("silence", name).randrange(-2, KINDS)
        return None if place < 0 else place

    def lies(self, at: At, round: int) -> Iterator[int | None]:
        luck = self.drawn("lies", self.like(round))
        yield from luck.sample([None, *range(KINDS)], k=luck.choice([0, 1, 2, 2]))

    def signatures(self, message: int) -> list[tuple[Pid, int]]:
        return [(NAMES[message], message)] if message < self.n else []


@protocol
class Numbered(Tables):
    """Two rounds, each of its own kind."""

    seed: int = 0
    n: int = 3
    rounds = 2


@protocol
class Alike(Tables):
    """All rounds are alike."""

    seed: int = 0
    n: int = 3
    period = 1

    def like(self, round: int) -> int:
        return 0


@protocol
class InTurn(Tables):
    """Odd rounds are alike, and so are even ones."""

    seed: int = 0
    n: int = 3
    period = 2

    def like(self, round: int) -> int:
        return round % 2


round_protocols = st.builds(
    lambda kind, seed, n: kind(seed=seed, n=n),
    st.sampled_from([Numbered, Alike, InTurn]),
    st.integers(0, 2**32),
    st.sampled_from([2, 3, 3]),
)
ONE = st.sampled_from([1, ("p0",), ("p1",)])
LAST = st.sampled_from([None, 2])
predicates = st.sampled_from([*PREDICATES, "uniform+majority", "kernel+two_thirds"])


def omitting(kind: str) -> st.SearchStrategy[World]:
    """Lock-step rounds in which one process omits messages."""
    return st.builds(lambda who: synchronous(rounds=2, **{kind: who}), ONE)


WORLDS: dict[str, st.SearchStrategy[World]] = {
    "crashes": st.builds(lambda f, m: synchronous(f, mid_broadcast=m, rounds=2), st.integers(0, 1), st.booleans()),
    "send omission": omitting("send_omission"),
    "receive omission": omitting("receive_omission"),
    "omission": omitting("omission"),
    "Byzantine": st.builds(lambda who: synchronous(rounds=2, byzantine=who), ONE),
    "signed": st.builds(lambda who: synchronous(rounds=2, byzantine=who, authenticated=True), ONE),
    "signed, not rushing": st.builds(
        lambda who: synchronous(rounds=2, byzantine=who, authenticated=True, rushing=False), ONE
    ),
    "signed, and a crash": st.builds(
        lambda m: synchronous(1, mid_broadcast=m, rounds=2, byzantine=("p0",), authenticated=True), st.booleans()
    ),
    "heard of": st.builds(lambda name, last: heard_of(name, rounds=last), predicates, LAST),
    "GST": st.builds(
        lambda f, name, soon: partially_synchronous(f, before=name, unstable=soon, rounds=3),
        st.integers(0, 1),
        predicates,
        st.sampled_from([None, 0, 1, 2]),
    ),
    "GST and omission": st.builds(lambda who: partially_synchronous(unstable=1, rounds=3, omission=who), ONE),
    "GST and lies": st.builds(lambda who: partially_synchronous(unstable=1, rounds=3, byzantine=who), ONE),
}
