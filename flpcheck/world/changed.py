"""A world with some things changed: another timing brings its own usual rounds and timers; everything else stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flpcheck.errors import BadWorld
from flpcheck.world.constructors import WORLDS, kind_of_faults
from flpcheck.world.crash_points import BETWEEN
from flpcheck.world.network import UNLIMITED
from flpcheck.world.oracle import TIMERS, Oracle
from flpcheck.world.rounds import Rounds
from flpcheck.world.world import World

PARTS = ("", "network", "failures", "oracle", "rounds")
"""The world itself (its timing, its rule for timers) and its parts."""
Fields = Mapping[str, Any]
Changes = Mapping[str, Fields]
"""Changes to a world, by part and field."""


def changed(base: World, changes: Changes) -> World:
    """Return a world with other fields.

    Parameters
    ----------
    base
        The world.
    changes
        What is different, by part (see `PARTS`) and field.

    Raises
    ------
    BadWorld
        If that makes no world.

    Examples
    --------
    >>> from flpcheck.world import asynchronous
    >>> str(changed(asynchronous(), {"network": {"loss": 1}}))
    'asynchronous, multiset network, loss 1, no failures'
    """
    itself, network, failures, oracle, rounds = (changes.get(part, {}) for part in PARTS)
    timing: str | None = itself.get("timing")
    new = timing or base.timing
    other = new != base.timing
    inside = (WORLDS[new]() if other else base).rounds
    left = dict(failures)
    if inside is not None:
        inside = _rounds(inside, rounds, left)
    elif rounds:
        option = next(iter(rounds))
        what = f"the asynchronous world has no rounds, so {option}={rounds[option]} has no effect"
        raise BadWorld(what, next_step="add --timing synchronous, heard_of or partially_synchronous")
    if other and not left.keys() & {"mid_broadcast", "crash_points"}:
        crashes = left.get("crashes", base.failures.crashes)
        left |= {"mid_broadcast": inside is not None and crashes > 0, "crash_points": BETWEEN}
    if other:  # silence is a crash in the asynchronous world only
        left.setdefault("events", "explicit")
    rule = itself.get("timers", "" if other else base.timers)
    fairness = itself.get("fairness", base.fairness)
    surroundings, faults = replace(base.network, **network), replace(base.failures, **left)
    return World(surroundings, faults, new, inside, _oracle(base.oracle, timing, oracle), rule, fairness)


def _rounds(usual: Rounds, changes: Fields, failures: dict[str, Any]) -> Rounds:
    """Return the rounds, with the faults that are faults of rounds there: they are taken from the failures."""
    faults = {kind: failures.pop(kind) for kind in ("byzantine", "omission") if kind in failures}
    chosen: Fields = dict(zip(("faults", "faulty"), kind_of_faults(faults.items()), strict=True)) if faults else {}
    signed = {kind: failures.pop(kind) for kind in ("authenticated",) if kind in failures}
    return replace(usual, **changes, **chosen, **signed)


def _oracle(base: Oracle, timing: str | None, changes: Fields) -> Oracle:
    """Return the oracle that is asked for; a timing that is asked for brings its own timers, or takes them away."""
    asked = dict(changes)
    if asked.get("kind") == "none":
        return Oracle()
    if timing is not None:
        base = usual_oracle(timing, base)
    if asked.get("stabilises") is False:
        asked.setdefault("mistakes", 0)
    return replace(base, **asked)


def merged(one: Changes, other: Changes) -> Changes:
    """Return the changes of both; of two to one field the second counts."""
    return {part: {**one.get(part, {}), **other.get(part, {})} for part in PARTS}


def usual_oracle(timing: str, base: Oracle) -> Oracle:
    """Return the oracle that a timing brings, where another one was: its timers, or none."""
    if timing != "eventually_synchronous":
        return Oracle()
    return base if base.kind == TIMERS else Oracle(TIMERS, UNLIMITED)
