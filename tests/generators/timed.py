"""Random protocols whose processes have timers, in worlds in which these wait for messages."""

from __future__ import annotations

from random import Random

from flpcheck import UNLIMITED, Oracle, World, replace
from generators.protocols import (
    DEFERS,
    PLACES,
    Outcome,
    RandomTables,
    Table,
    outcome,
    random_liars,
    random_parted,
    random_protocol,
    random_world,
)


def random_timed(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol whose processes have timers, in a world in which these wait for messages."""
    at = Random(f"timed {seed}")
    kind = at.choice(["plain", "plain", "liar", "heals"])
    protocol, world = random_protocol(seed), random_world(seed)
    if kind in {"liar", "heals"}:
        protocol, world = random_liars(seed) if kind == "liar" else random_parted(seed)
    shape, failures = protocol.shape, replace(world.failures, events="explicit")
    shape = shape._replace(roles=tuple((1, inputs, virtual) for _, inputs, virtual in shape.roles))
    gst = at.random() < 0.4 and kind != "heals"
    oracle = Oracle("timers", at.choice([0, 1, UNLIMITED])) if gst else Oracle()
    timing = "eventually_synchronous" if gst else "asynchronous"
    world = replace(world, timing=timing, oracle=oracle, failures=failures, timers="after-messages")
    patience = tuple(at.choice([0, 0, 0, 1, 2]) for _ in range(3))
    return replace(protocol, table=_restarting(at, protocol.table), shape=shape, patience=patience), world


def _restarting(at: Random, table: Table) -> Table:
    """Return a table with more timeouts, of which some steps restart the timer of their process."""
    ways = ["others", "others", "tell", "everyone"]
    timeouts: Table = {(1, place, "timeout"): (outcome(at, place, "timeout", ways),) for place in range(PLACES - 1)}

    def again(outcome: Outcome) -> Outcome:
        return outcome._replace(actions=(*outcome.actions, ("restart", 0))) if at.random() < 0.2 else outcome

    return {
        cell: answer if answer == DEFERS else tuple(map(again, answer)) for cell, answer in (timeouts | table).items()
    }
