"""Random protocols with timers, explored by the reference engine and in dense real time.

They reach the same configurations.  Dense time is that of `oracle/zones.py`, in which timers are longer than any busy
period.  Where some timers are longer than others the engine reaches all that dense time does, and seldom more.  Where
they are longer than k delays, it reaches the same.

    python tests/fuzz_time.py --number 1000 --first 0

Prints how many protocols of which kind were compared.  A difference is an error with the seed that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

from fuzzing import fuzz_program, tally
from oracle.enumeration import Snapshot
from oracle.same_graph import naive_names
from oracle.zones import Dense, TooManyZones

from flpcheck import (
    UNLIMITED,
    At,
    Bounds,
    Effects,
    Process,
    Start,
    Step,
    Timeout,
    World,
    eventually_synchronous,
    protocol,
    record,
    replace,
    reply,
    restart_timer,
    send,
    synchronous,
    system_of,
    to_others,
)
from flpcheck.explore import explore
from flpcheck.world import delays_in

LAST = 2
MOST = 700
"""Configurations; larger protocols are left out."""
ZONES = 20_000
KINDS = ("plain", "plain", "crash", "GST", "liar and loss", "patience", "delays")


@record
class Word:
    """A message."""

    number: int


@record
class Place:
    """Where a process is in its table."""

    place: int = 0


@protocol
class Timers:
    """What a table says: whatever changes anything leads to a later place, so every busy period ends."""

    table: Any = None
    n: int = 2
    patience: Any = (0, 0, 0)

    def processes(self) -> list[Process[Place, Word]]:
        return [Process(f"p{i}", self.step, start=Place(), patience=self.patience[i]) for i in range(self.n)]

    def step(self, at: At, s: Place, event: Start | Timeout | Word) -> Step[Place, Word]:
        name = f"word {event.number}" if isinstance(event, Word) else type(event).__name__.lower()
        place, sends = self.table.get((at.me, s.place, name), (s.place, ()))
        return Place(place), tuple(self.effect(how, number) for how, number in sends)

    def effect(self, how: str, number: int) -> Any:
        kinds: dict[str, Effects[Word]] = {
            "others": to_others(Word(number)),
            "reply": reply(Word(number)),
            "first": send(Word(number), to="p0"),
            "restart": restart_timer(),
        }
        return kinds[how]

    def lies(self, liar: str) -> list[Word]:
        return [Word(0)]


def drawn(seed: int) -> tuple[str, Timers, World]:
    """Return a protocol and a synchronous world: of what kind, and both."""
    at = Random(f"time {seed}")
    kind = at.choice(KINDS)
    n = at.choice([2, 2, 3]) if kind in {"plain", "patience"} else 2 + (kind == "liar and loss")
    table: dict[tuple[str, int, str], Any] = {}
    for name, place in ((f"p{i}", place) for i in range(n) for place in range(LAST)):
        for event, often in (("timeout", 0.8), ("word 0", 0.7), ("word 1", 0.7), ("start", 0.3)):
            if at.random() < often:
                table[name, place, event] = _cell(at, place, event)
    worlds = {
        "plain": synchronous(),
        "patience": synchronous(),
        "crash": synchronous(1, mid_broadcast=False, faulty=("p0",)),
        "GST": eventually_synchronous(mistakes=at.choice([0, 1, UNLIMITED])),
        "liar and loss": synchronous(byzantine=("p2",), loss=1),
    }
    patience = tuple(at.choice([0, 1]) for _ in range(3)) if kind == "patience" else (0, 0, 0)
    if kind == "delays":
        world = at.choice([worlds["plain"], worlds["plain"], worlds["crash"], worlds["GST"]])
        worlds[kind] = replace(world, timers=f"after-delays:{at.choice([1, 2, 3])}")
    world = worlds[kind].for_events()
    if world.failures.byzantine:
        world = replace(world, failures=replace(world.failures, lies="only"))
    return kind, Timers(table, n, patience), world


def _cell(at: Random, place: int, event: str) -> tuple[int, tuple[tuple[str, int], ...]]:
    word = event.startswith("word")
    ways = ["others", "first", *(["reply"] if word else [])]
    sends = tuple((at.choice(ways), at.randrange(2)) for _ in range(at.choice([0, 1, 1, 1, 2])))
    if word and at.random() < 0.2:
        return place, (("restart", 0),)
    return at.randrange(place + 1, LAST + 1), sends


def tried(seed: int) -> str:
    """Compare one protocol with dense time; return of what kind it is, or why it was left out."""
    kind, model, world = drawn(seed)
    graph = explore(system_of(model, world), Bounds(configurations=MOST), engine="reference")
    if not graph.complete:
        return "too large"
    letters = sum(len(sends) * (model.n - 1) for _, sends in model.table.values())
    busy = 1 + model.n * LAST + letters  # no busy period is longer: each event of it comes within 1 of another
    lengths = {f"p{i}": _length(busy, model.patience)[model.patience[i]] for i in range(model.n)}
    if delays := delays_in(world.timers):
        lengths = dict.fromkeys(lengths, (delays, None))
    try:
        dense = Dense(model, world, lengths).reachable(ZONES)
    except TooManyZones:
        return "too many zones"
    ours = {_bare(snapshot) for snapshot in naive_names(graph, world)}
    theirs = {_bare(snapshot) for snapshot in dense}
    differing = f"seed {seed} ({kind}): {len(ours - theirs)} too many, {len(theirs - ours)} missing"
    if kind == "patience":
        assert theirs <= ours, differing
        return kind if theirs == ours else "patience, more than in dense time"
    assert ours == theirs, differing
    return kind


def _length(busy: int, patience: Any) -> list[tuple[int, int | None]]:
    """Return how long timers are, by their patience: the longer ones by more than two busy periods."""
    return [(busy, busy + 1), (3 * busy + 1, None)] if any(patience) else [(busy, None)]


def _bare(snapshot: Snapshot) -> Snapshot:
    return snapshot._replace(due=frozenset(), order=None)


def fuzz(seeds: Iterable[int]) -> Counter[str]:
    """Return how many protocols of each kind were compared, and how many were left out."""
    return tally(__file__, lambda seed: [tried(seed)], seeds)


if __name__ == "__main__":
    fuzz_program(__doc__, 1000, fuzz, "no difference")
