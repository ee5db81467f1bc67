"""Critical configurations in shared memory: which operations decide, on which object, and who can tell them apart.

Loui, Abu-Amara, "Memory Requirements for Agreement Among Unreliable Asynchronous Processes" (1987); Herlihy,
"Wait-Free Synchronization" (1991), section 3.  In a critical configuration C let the next step of p lead to a v-valent
configuration and that of q to a w-valent one, v and w different.  Compare a configuration after p's step with one after
q's: p then q with q then p; p then q with q alone; q then p with p alone.  If two of them agree in all objects and in
all local states but those of some processes T, the others go on alike from both, and decide in neither: w cannot be
decided from the one, nor v from the other.  So without T no process decides, and T *can tell* which step came first.

- Operations on different objects commute: T is empty, and nothing can be decided at all.
- Of two operations on a register one is a read, or the later write hides the earlier one: T is one process, without
  which the others wait for ever.
- After two test-and-sets, sums or dequeues the object is the same in either order: only p and q can tell.

So where no decision waits for a single process, all operations that are pending in C are on one object, which is no
register.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from flpcheck.analyse.case import Case
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.objects import Object, Op
from flpcheck.authoring.values import key
from flpcheck.budget import looking
from flpcheck.errors import InternalError
from flpcheck.explore.graph import StateGraph
from flpcheck.system.questions import Memory

MOST = 4_000
"""Maximum number of critical configurations that are looked at, evenly spread."""
REGISTER = 1
"""The consensus number of registers, and of what can be built from them."""


class Pending(NamedTuple):
    """The next operation of a process in a critical configuration.

    Parameters
    ----------
    process
        Its index.
    thing
        The object.
    op
        The operation.
    leaves
        The valence afterwards, as text; empty if it changes nothing.
    """

    process: int
    thing: Object[Any]
    op: Op
    leaves: str


class Rivals(NamedTuple):
    """Two processes whose next steps decide differently, and which processes can tell which came first.

    Parameters
    ----------
    one, other
        Their indices.
    tell
        The smallest set of processes that differ afterwards; None if the objects do, so that all others can tell, too.
    where
        Id of a configuration in which no process can decide without those.
    """

    one: int
    other: int
    tell: tuple[int, ...] | None
    where: int


@dataclass(frozen=True, eq=False)
class Critical:
    """A critical configuration.

    Parameters
    ----------
    number
        Its id.
    pending
        The next operation of each process that has neither crashed nor halted.
    rivals
        All pairs of processes whose next steps decide differently.
    """

    number: int
    pending: tuple[Pending, ...]
    rivals: tuple[Rivals, ...]

    @property
    def objects(self) -> tuple[Object[Any], ...]:
        """The different objects that the pending operations are on, those that change nothing left out."""
        return tuple({step.thing.name: step.thing for step in self.pending if step.leaves}.values())

    @property
    def weakest(self) -> Rivals:
        """The pair that the fewest processes can tell apart."""
        return min(self.rivals, key=lambda pair: (pair.tell is None, len(pair.tell or ())))

    @property
    def as_proved(self) -> bool:
        """Whether all pending operations are on one object, which is no register."""
        return len(self.objects) == 1 and self.objects[0].consensus_number != REGISTER


@dataclass(frozen=True, eq=False)
class Criticals:
    """The critical configurations of a protocol in shared memory.

    Parameters
    ----------
    found
        Those looked at, by id.
    number
        How many there are.
    names
        The names of the processes.
    """

    found: tuple[Critical, ...]
    number: int
    names: tuple[str, ...]

    @property
    def exceptions(self) -> tuple[Critical, ...]:
        """Those whose pending operations are on several objects, or on a register."""
        return tuple(one for one in self.found if not one.as_proved)

    @property
    def examples(self) -> tuple[Critical, ...]:
        """One of each kind (which objects, how many can tell), those that are not as proved first."""
        kinds: dict[Any, Critical] = {}
        for one in (*self.exceptions, *self.found):
            kinds.setdefault((tuple(thing.name for thing in one.objects), _size(one.weakest)), one)
        return tuple(kinds.values())


def _size(pair: Rivals) -> int:
    return -1 if pair.tell is None else len(pair.tell)


def criticals(case: Case) -> Criticals | None:
    """Return the critical configurations of a protocol in shared memory, with what the valence argument says of each.

    None for any other protocol, and where configurations are explored modulo reductions.

    Raises
    ------
    InternalError
        If one of them contradicts the argument.  Then the fault is in flpcheck, or an object is not of the kind that it
        says it is.
        Cost: a question for each process of each critical configuration.
    """
    memory, valence = case.graph.system.memory, case.valence
    if memory is None:
        return None
    numbers = np.flatnonzero(valence.critical & (case.graph.marks.decided == 0))
    some = numbers[np.unique(np.linspace(0, max(len(numbers) - 1, 0), min(len(numbers), MOST)).astype(np.int64))]
    found = tuple(_critical(valence, memory, number) for number in looking(some.tolist()))
    for one in found:
        _demand(case, one)
    return Criticals(found, len(numbers), tuple(case.graph.system.names))


def _critical(valence: Valence, memory: Memory, number: int) -> Critical:
    graph = valence.graph
    after = {int(graph.movers[edge]): int(graph.targets[edge]) for edge in _out(graph, number)}
    pending = tuple(
        Pending(process, memory.objects[place], op, valence.name(after[process]) if process in after else "")
        for process, (place, op) in memory.pending(graph.configurations[number]).items()
    )
    movers = sorted(mover for mover in after if mover >= 0)
    opposite = [pair for pair in combinations(movers, 2) if valence.low[after[pair[0]]] != valence.low[after[pair[1]]]]
    return Critical(number, pending, tuple(_rivals(graph, after, *pair) for pair in opposite))


def _out(graph: StateGraph, number: int) -> range:
    out = graph.out(number)
    return range(out.start, out.stop)


def _rivals(graph: StateGraph, after: dict[int, int], one: int, other: int) -> Rivals:
    """Compare the configurations after the steps of two processes, in either order."""
    both, reverse = _step(graph, after[one], other), _step(graph, after[other], one)
    pairs = ((after[other], both), (after[one], reverse), (both, reverse))  # first where those that tell are undecided
    found = [(tell, where) for where, there in pairs for tell in _differing(graph, where, there)]
    tell, where = min(found, key=lambda pair: len(pair[0]), default=(None, both))
    return Rivals(one, other, tell, where)


def _step(graph: StateGraph, number: int, process: int) -> int:
    """Return where the next step of a process leads; to the same configuration if it changes nothing or has halted."""
    return next((int(graph.targets[edge]) for edge in _out(graph, number) if graph.movers[edge] == process), number)


def _differing(graph: StateGraph, one: int, other: int) -> Iterator[tuple[int, ...]]:
    """Yield the processes whose local states differ in two configurations, if all objects agree there."""
    mine, theirs = (graph.system.view(graph.configurations[number]) for number in (one, other))
    if key(mine.values) == key(theirs.values):
        locals_ = zip(mine.locals, theirs.locals, strict=True)
        yield tuple(index for index, (s, t) in enumerate(locals_) if key(s) != key(t))


def _demand(case: Case, one: Critical) -> None:
    """Raise `InternalError` if a critical configuration contradicts the argument."""
    names = case.graph.system.names
    things = {step.process: step.thing for step in one.pending}
    for pair in one.rivals:
        mine, theirs = things[pair.one], things[pair.other]
        least = 0 if mine != theirs else 1 if mine.consensus_number == REGISTER else None
        if least is not None and (pair.tell is None or len(pair.tell) > least):
            kind = (
                f"with both steps on {mine.name}, a {type(mine).__name__}"
                if least
                else f"on {mine.name} and {theirs.name}"
            )
            what = f"configuration {one.number} is critical {kind}, which contradicts the theorem"
            advice = f"please report this with the spec, unless apply() of {type(mine).__name__} is the spec's own"
            why = f"the steps of {names[pair.one]} and {names[pair.other]} decide differently, and others can tell"
            raise InternalError(what, why=why, next_step=advice)
        if case.graph.complete and not case.valence.disagreeing.any() and _decided_without(case, pair):
            told = " and ".join(names[index] for index in pair.tell or ()) or "any process"
            what = (
                f"something is decided without {told} after configuration {one.number}, which contradicts the theorem"
            )
            raise InternalError(what, next_step="please report this with the spec")


def _decided_without(case: Case, pair: Rivals) -> bool:
    """Whether some process can decide without those that can tell, if there is at most one and it has not decided."""
    if pair.tell is None or len(pair.tell) > 1:
        return False
    itself = sum(1 << index for index in pair.tell) & int(case.graph.marks.decided[pair.where])
    return not itself and bool(case.silent.low(pair.tell)[pair.where] != 0)
