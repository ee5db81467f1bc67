"""Random protocols whose steps use a failure detector, in worlds that stabilise, heal, or both.

Timers that are wrong at first may fire at any time later on, too: here nothing is said of how long they are.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from flpcheck import (
    UNLIMITED,
    At,
    Gather,
    Oracle,
    Recovered,
    Start,
    Step,
    Suspect,
    Timeout,
    Trust,
    World,
    protocol,
    replace,
)
from flpcheck.world.oracle import DETECTORS, EVENTUAL, TIMERS
from generators.protocols import (
    PLACES,
    Local,
    Ping,
    RandomTables,
    Table,
    outcome,
    random_liars,
    random_parted,
    random_protocol,
    random_world,
)

WAYS = ["everyone", "others", "others", "tell", "twice", "note"]


@protocol
class RandomDetecting(RandomTables):
    """The same tables, with cells for answers of a detector about each process."""

    def patient(
        self, at: At, s: Local, event: Start | Timeout | Gather[Ping] | Ping | Suspect | Trust
    ) -> Step[Local, Ping]:
        return self.look_up(1, at, s, event)

    def patient_again(
        self, at: At, s: Local, event: Start | Timeout | Gather[Ping] | Ping | Recovered | Suspect | Trust
    ) -> Step[Local, Ping]:
        return self.look_up(1, at, s, event)

    def named(self, at: At, event: Any) -> str:
        return f"answer {event.process}" if isinstance(event, Suspect | Trust) else super().named(at, event)


def answers(at: Random) -> Table:
    """Return cells for answers; some change nothing but the number of mistakes."""
    cells: Table = {}
    for place, named in ((place, f"answer p{number}") for place in range(PLACES) for number in range(3)):
        if at.random() < 0.7:
            cells[1, place, named] = (outcome(at, place, named, WAYS),)
    return cells


def random_detecting(seed: int) -> tuple[RandomDetecting, World]:
    """Return a protocol in any kind of world with a detector, a partition that heals, or both."""
    at = Random(f"detector {seed}")
    kind = at.choice(["plain", "plain", "liar", "heals", "heals alone"])
    tables, world = random_protocol(seed), random_world(seed)
    if kind != "plain":
        tables, world = random_liars(seed) if kind == "liar" else random_parted(seed)
    roles = tuple((1, inputs, virtual) for _, inputs, virtual in tables.shape.roles)
    tables = replace(tables, table=tables.table | answers(at), shape=tables.shape._replace(roles=roles))
    detector = at.choice([*DETECTORS, TIMERS])
    world = replace(world, failures=replace(world.failures, events="explicit"))
    if kind != "heals alone":
        world = replace(world, oracle=Oracle(detector, at.choice([0, 1, 2, UNLIMITED]) if detector in EVENTUAL else 0))
    if kind == "liar" and world.network.cuts and at.random() < 0.5:
        world = replace(world, network=replace(world.network, heals=True))
    return RandomDetecting(**vars(tables)), world


detecting = st.integers(0, 2**64 - 1).map(random_detecting)
