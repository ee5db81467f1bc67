"""The world as the kernel has it: its rules, and its own state, numbered: what is spent, and who misbehaves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.sleep import SLEEPERS
from flpcheck.explore.lawbook import Lawbook
from flpcheck.explore.limits import limits_of
from flpcheck.system.oracles import WorldState
from flpcheck.world import UNLIMITED, World
from flpcheck.world.crash_points import BETWEEN, CUT, SEND_FIRST, TORN, WRITE_FIRST, kind_of

INTERRUPTS = {BETWEEN: 0, CUT: k.BEFORE, SEND_FIRST: k.BEFORE, WRITE_FIRST: k.WRITTEN, TORN: k.TORN}
FIRST_CHANNEL_BITS = 16
KINDS = {"multiset": k.MULTISET, "set": k.SET, "fifo": k.FIFO}


def rules_of(
    world: World, processes: int, laws: Lawbook, knowledge: int, timers: tuple[int, int], *, drops: bool
) -> k.Rules:
    """Return what the world is like.

    Parameters
    ----------
    knowledge
        The field of what liars know of signatures; 0 if there is none.
    timers
        The field of timers that wait for messages, and the bits of an age.
    drops
        Whether dead letters are dropped.
    """
    network, failures = world.network, world.failures
    return k.Rules(
        kind=KINDS[network.kind],
        stays=network.ignored == "stays",
        processes=processes,
        crashes=failures.crashes > 0 and failures.events == "explicit",
        interrupts=INTERRUPTS[kind_of(failures.points)],
        losses=network.loss != 0,
        duplications=network.duplication != 0 and network.kind != "set",
        lies=bool(failures.byzantine),
        drops=drops,
        channel_bits=FIRST_CHANNEL_BITS,
        laws=laws.base,
        first_turn=laws.first_turn,
        crossing=laws.crossing,
        waiting=laws.waiting,
        lied=laws.lied if laws.voices else 0,
        knowledge=knowledge,
        timers=timers[0],
        age_bits=timers[1],
        **limits_of(),
    )


def phases(rules: k.Rules, acts: Sequence[Collection[int]]) -> int:
    """Return the number of kinds of transitions: one without an adversary, and one for each kind of misbehaviour."""
    adversary = rules.crashes or rules.losses or rules.duplications or rules.laws or acts
    return k.PHASES + len(acts) + (rules.laws > 0) if adversary else 1


def waking(processes: int, observers: int, gatherers: Sequence[int], *, lawful: bool) -> int:
    """Bits of the processes whose moves put no process to sleep (those that gather), and of the observers' fields.

    Where there are laws no process sleeps: what a law lets one process do depends on what the others have done.
    """
    if lawful:
        return (1 << (processes + observers + 1)) - 1
    beyond = ((1 << (processes + observers + 1)) - 1) >> SLEEPERS << SLEEPERS
    fields = ((1 << observers) - 1) << (processes + 1)
    return beyond | fields | sum(1 << index for index in gatherers)


def budgets(world: World, suspects: Sequence[int], twins: int = 0) -> list[WorldState]:
    """Return the states that the world can be in, the first one first; a budget without an end has one.

    Parameters
    ----------
    world
        The world.
    suspects
        The processes that may misbehave: any set of them may.
    twins
        The copies of processes that run twice, as bits.
    """
    finite = (world.network.loss, world.network.duplication, world.failures.recoveries)
    ranges = [range(max(budget, 0) + 1) for budget in finite]
    sets = range(1 << len(suspects))
    masks = [twins | sum(1 << index for bit, index in enumerate(suspects) if chosen >> bit & 1) for chosen in sets]
    return [WorldState(lost, copied, back, faulty) for lost, copied, back, faulty in product(*ranges, masks)]


def spending(world: World, numbered: Sequence[WorldState], acts: Sequence[Collection[int]]) -> NDArray[np.uint64]:
    """Return how the world's number changes by an event of each phase, `FORBIDDEN` where there is none.

    Parameters
    ----------
    world, numbered
        The world, and the states that it can be in.
    acts
        For each kind of misbehaviour: the masks of those that misbehave where it may happen.

    Returns
    -------
    uint64[phases from that of losses on, states of the world]
    """
    number = {budget: place for place, budget in enumerate(numbered)}
    rows = k.PHASES - k.LOSING + len(acts) + 1
    table = np.full((rows, len(numbered)), k.FORBIDDEN, np.uint64)
    for place, budget in enumerate(numbered):
        for row, after in enumerate(_afterwards(world, budget, acts)):
            if after in number:
                table[row, place] = place ^ number[after]
    return table


def _afterwards(world: World, budget: WorldState, acts: Sequence[Collection[int]]) -> Iterator[WorldState | None]:
    """Yield the world's state after a loss, a duplication, a recovery, whole or not, each misbehaviour, and a turn."""
    limits = (
        ("lost", world.network.loss),
        ("duplicated", 0 if world.network.kind == "set" else world.network.duplication),
        ("recovered", world.failures.recoveries),
        ("recovered", world.failures.recoveries if world.failures.inside_steps else 0),
    )
    for name, limit in limits:
        used = getattr(budget, name)
        may = limit == UNLIMITED or used < limit
        yield budget._replace(**{name: used + (limit != UNLIMITED)}) if may else None
    for masks in acts:
        yield budget if budget.faulty in masks else None
    yield budget  # turns, which have laws, spend nothing
