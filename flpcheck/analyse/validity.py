"""Validity in its variants: what may be decided depends on the inputs, and on who is faulty."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeAlias

import numpy as np

from flpcheck.analyse.case import listing, who_decided
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.sweep import bits
from flpcheck.authoring.property import agreement
from flpcheck.authoring.values import key, show
from flpcheck.explore.graph import BatchMarks, Bools, Masks, Reached
from flpcheck.system import System

Inputs: TypeAlias = Mapping[str, Hashable]
Allowed: TypeAlias = Callable[[Inputs], "set[object] | None"]
"""Returns the keys of the values that may be decided for some inputs; None for any."""


def unanimity(inputs: Inputs) -> set[object] | None:
    """Return the keys of what may be decided: the input that all have; None for anything."""
    proposed: set[object] = {key(value) for value in inputs.values()}
    return proposed if len(proposed) == 1 else None


def some_input(inputs: Inputs) -> set[object] | None:
    """Return the keys of what may be decided: the inputs."""
    return {key(value) for value in inputs.values()}


def wrong_values(system: System, allowed: Allowed, inputs: Inputs) -> int:
    """Return the values known so far that may not be decided, as bits."""
    may = allowed(inputs)
    return 0 if may is None else sum(1 << bit for bit, value in enumerate(system.values) if key(value) not in may)


def unanimous_but_other(system: System, marks: BatchMarks, inputs: Inputs) -> Bools:
    """bool[n]: all live processes with an input have the same one, and a live process has decided another value."""
    names = system.names
    with_input = np.uint64(sum(1 << names.index(pid) for pid in inputs if pid in names))
    found = np.zeros(len(marks.values), dtype=np.bool_)
    for proposed in {key(value): value for value in inputs.values()}.values():
        others = np.uint64(sum(1 << names.index(p) for p, v in inputs.items() if key(v) != key(proposed)))
        wrong = np.uint64(sum(1 << b for b, v in enumerate(system.values) if key(v) != key(proposed)))
        live: Masks = with_input & ~marks.crashed
        found |= (live != 0) & (live & others == 0) & (marks.live_values & wrong != 0)
    return found


def wrong_component(system: System, marks: BatchMarks, inputs: Inputs) -> Bools:
    """bool[n]: a correct process has decided a vector that is wrong about a correct process."""
    names, held = system.names, marks.live_values
    found = np.zeros(len(held), dtype=np.bool_)
    for bit, vector in enumerate(system.values):
        said = vector if isinstance(vector, tuple) and len(vector) == len(names) else (None,) * len(names)
        pairs = zip(names, said, strict=True)
        wrong = sum(1 << i for i, (p, v) in enumerate(pairs) if p in inputs and key(v) != key(inputs[p]))
        found |= (held >> np.uint64(bit) & np.uint64(1) != 0) & (np.uint64(wrong) & ~marks.crashed != 0)
    return found


def invalid(found: Reached, schedule: Schedule, wrong: int) -> str:
    """Return who proposes what in a schedule, and which of some values is decided at its end."""
    held = bits(wrong & found.system.marks(schedule.configurations[-1]).values)
    decided = ", ".join(sorted(show(found.system.values[bit]) for bit in held))
    return f"{_proposed(found, schedule) or 'no process proposes anything'}, and {decided} is decided"


def correct_proposed(found: Reached, schedule: Schedule) -> str:
    """Return what the correct processes of a schedule propose, and who decides what."""
    crashed = found.system.marks(schedule.configurations[-1]).crashed
    proposed = _proposed(found, schedule, without=crashed)
    return f"among the correct processes, {proposed}; {who_decided(found.system, schedule, agreement)}"


def inconsistent(found: Reached, schedule: Schedule) -> str:
    """Return who proposes what in a schedule, who is faulty at its end, and who decides what."""
    names, faulty = found.system.names, found.system.marks(schedule.configurations[-1]).crashed
    who = listing(tuple(names[i] for i in bits(faulty))) or "no process"
    return f"{_proposed(found, schedule)}; {who} is faulty; {who_decided(found.system, schedule, agreement)}"


def _proposed(found: Reached, schedule: Schedule, without: int = 0) -> str:
    """Return who proposes what in a schedule, but for some processes."""
    inputs, names = found.initial[schedule.initial].inputs, found.system.names
    left = {pid: value for pid, value in inputs.items() if not (without and without >> names.index(pid) & 1)}
    return ", ".join(f"{pid} proposes {show(value)}" for pid, value in left.items())
