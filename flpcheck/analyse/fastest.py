"""The search for runs with the fewest message delays: Dijkstra over configurations with the messages of a delay.

A state is a configuration with the messages that were sent in the present delay, which nothing receives before the
next one.  It need not be expanded if its configuration was reached at no greater cost with a part of these messages:
whatever happens next can happen there as well.  Within a delay, processes whose steps commute move one after the other,
in their order: none receives what another sends in it, so any run can be put in this order.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple, Protocol, TypeAlias

from flpcheck.analyse.schedule import Schedule, confirm
from flpcheck.authoring.events import Event
from flpcheck.budget import look
from flpcheck.system import Configuration, System, Transition
from flpcheck.system.interface import WORLD

CALM = frozenset({"stabilise", "heal"})
"""World events that are no failures."""
Copy: TypeAlias = tuple[int, Any, int]
"""A message of the present delay: receiver, envelope, number among identical copies."""


class Cost(NamedTuple):
    """The cost of a run, in the order in which runs are compared."""

    delays: int = 0
    sent: int = 0
    events: int = 0

    def plus(self, delays: int, sent: int, events: int) -> Cost:
        """Return the cost of a longer run."""
        return Cost(self.delays + delays, self.sent + sent, self.events + events)


class RunPrefix(NamedTuple):
    """A state of the search, with the run that leads to it.

    Parameters
    ----------
    origin
        Position of the initial configuration.
    configuration, fresh
        The configuration, and the messages of the present delay.
    turn
        The process that moved last in this delay, where processes move in their order.
    cost, received
        What the run costs so far, and the messages that processes have received from others.
    before, transition
        The state before and the event; no event begins a delay, or a run.
    """

    origin: int
    configuration: Configuration
    fresh: frozenset[Copy] = frozenset()
    turn: int = 0
    cost: Cost = Cost()
    received: int = 0
    before: RunPrefix | None = None
    transition: Transition | None = None

    def schedule(self, system: System) -> Schedule:
        """Return the run, replayed on a fresh system."""
        prefixes = [self]
        while prefixes[-1].before is not None:
            prefixes.append(prefixes[-1].before)
        passed = [prefix for prefix in reversed(prefixes) if prefix.transition is not None]
        configurations = (prefixes[-1].configuration, *(prefix.configuration for prefix in passed))
        taken = tuple(prefix.transition for prefix in passed if prefix.transition is not None)
        schedule = Schedule(self.origin, configurations, taken)
        confirm(system, schedule)
        return schedule


class Successors(Protocol):
    """The states that the search goes through."""

    system: System

    def after(self, prefix: RunPrefix) -> Iterator[RunPrefix]:
        """Yield the states that follow."""

    def decided(self, prefix: RunPrefix) -> int:
        """Return who has decided, as bits."""


def space_of(system: System) -> Successors | None:
    """Return the states of a system, None where processes exchange no messages."""
    if system.in_rounds:
        return RoundSteps(system)
    return None if system.components is None else MessageSteps(system)


class RoundSteps:
    """Rounds without failures: each is one delay."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.complete = system.world.timing == "synchronous"

    def after(self, prefix: RunPrefix) -> Iterator[RunPrefix]:
        """Yield the states after a round, or after GST; of rounds that lead to the same place, the first."""
        here, letters = prefix.configuration, None
        calm = {t.successor: t for t in reversed([*self.system.transitions(here)]) if self._is_calm(t.event)}
        for after, transition in reversed(calm.items()):
            pattern, sent, heard = transition.event.pattern, 0, 0
            if pattern is not None:
                letters = letters or [pair[:2] for pair in self.system.letters(here, transition.event)]
                missed = dict(pattern.missed)
                sent, heard = len(letters), sum(pid not in missed.get(to, ()) for pid, to in letters)
            cost = prefix.cost.plus(int(pattern is not None), sent, 1)
            yield RunPrefix(prefix.origin, after, frozenset(), 0, cost, prefix.received + heard, prefix, transition)

    def _is_calm(self, event: Event) -> bool:
        pattern = event.pattern
        if pattern is None:
            return not event.world or event.kind in CALM
        return not (pattern.crashes or pattern.lies or (self.complete and pattern.missed))

    def decided(self, prefix: RunPrefix) -> int:
        """Return who has decided, as bits."""
        return self.system.marks(prefix.configuration).decided


class MessageSteps:
    """Messages in flight: those that were sent in a delay are received after it.

    A passive learner has learned what has arrived before the present delay.
    """

    def __init__(self, system: System) -> None:
        assert system.components is not None
        self.system, self.parts, world = system, system.components, system.world
        self.in_order = world.timing == "asynchronous" and not (
            world.timers or world.oracle.kind or system.world.network.partition
        )
        self.passive = sum(1 << seat.index for seat in self.parts.seats if seat.asker is None)
        self._arrivals: dict[tuple[Any, Any], tuple[tuple[Any, int], ...]] = {}
        self._letters: dict[int, tuple[Event, tuple[Any, ...]]] = {}

    def after(self, prefix: RunPrefix) -> Iterator[RunPrefix]:
        """Yield the states after an event without failures, and that of the next delay."""
        if prefix.fresh:
            cost = prefix.cost.plus(1, 0, 0)
            yield RunPrefix(prefix.origin, prefix.configuration, frozenset(), 0, cost, prefix.received, prefix)
        for transition in self.system.transitions(prefix.configuration):
            mover = transition.mover
            if mover == WORLD and transition.event.kind not in CALM:
                continue
            if self.in_order and mover < prefix.turn:
                continue
            letters = self._taken(transition.event)
            if self._arrived(prefix, mover, letters):
                yield self._later(prefix, transition, letters)

    def _later(self, prefix: RunPrefix, transition: Transition, letters: tuple[Any, ...]) -> RunPrefix:
        mover, fresh, sent = transition.mover, set(prefix.fresh), 0
        pairs = zip(prefix.configuration.components, transition.successor.components, strict=True)
        for place, (old, new) in enumerate(pairs):
            if old is not new and place != mover:
                for envelope, copies in self._arriving(old, new):
                    known = self._copies(prefix.fresh, place, envelope)
                    fresh |= {(place, envelope, known + number) for number in range(copies)}
                    sent += copies
        received = prefix.received + sum(letter.sender != mover for letter in letters)
        turn, cost = mover if self.in_order else 0, prefix.cost.plus(0, sent, 1)
        return RunPrefix(
            prefix.origin, transition.successor, frozenset(fresh), turn, cost, received, prefix, transition
        )

    def _arriving(self, old: Any, new: Any) -> tuple[tuple[Any, int], ...]:
        """Return the messages that a component has got from an event of another process, with their numbers."""
        if (old, new) not in self._arrivals:
            self._arrivals[old, new] = tuple((Counter(new.mailbox) - Counter(old.mailbox)).items())
        return self._arrivals[old, new]

    def _taken(self, event: Event) -> tuple[Any, ...]:
        if id(event) not in self._letters:
            letters = tuple(self.parts.envelope(self.parts.index[pid], message) for pid, message in event.letters)
            self._letters[id(event)] = event, letters  # which keeps the event, and so its identity
        return self._letters[id(event)][1]

    def _arrived(self, prefix: RunPrefix, mover: int, letters: tuple[Any, ...]) -> bool:
        """Whether what an event takes was sent before the present delay."""
        for letter in set(letters):
            new = self._copies(prefix.fresh, mover, letter)
            if new and prefix.configuration.components[mover].mailbox.count(letter) - new < letters.count(letter):
                return False
        return True

    @staticmethod
    def _copies(fresh: frozenset[Copy], receiver: int, envelope: Any) -> int:
        number = 0
        while (receiver, envelope, number) in fresh:
            number += 1
        return number

    def decided(self, prefix: RunPrefix) -> int:
        """Return who has decided, as bits."""
        hearing = self.passive and sum(1 << place for place in {place for place, *_ in prefix.fresh})
        return self.system.marks(prefix.configuration).decided & ~(self.passive & hearing)


class FastestSearch:
    """Goes through states, cheapest first.

    Parameters
    ----------
    space
        The states.
    starts
        Where to begin.
    most
        Maximum number of states to make; `cut` says whether that ended the search.
    """

    def __init__(self, space: Successors, starts: Sequence[RunPrefix], most: int) -> None:
        self.space, self.most, self.cut = space, most, False
        self.over: set[int] = set()
        """Origins from which no run is needed any more."""
        self._order = count()
        self._waiting = [(prefix.cost, next(self._order), prefix) for prefix in starts]
        self._reached: dict[tuple[int, Configuration], list[RunPrefix]] = {}

    def __iter__(self) -> Iterator[RunPrefix]:
        made = 0
        while self._waiting:
            *_, prefix = heapq.heappop(self._waiting)
            if prefix.origin in self.over or self._needless(prefix):
                continue
            yield prefix
            if made >= self.most:
                self.cut = True
                return
            look()
            for later in self.space.after(prefix):
                made += 1
                heapq.heappush(self._waiting, (later.cost, next(self._order), later))

    def _needless(self, prefix: RunPrefix) -> bool:
        """Whether all that follows also follows a state that was reached at no greater cost."""
        known = self._reached.setdefault((prefix.origin, prefix.configuration), [])
        if any(other.turn <= prefix.turn and other.fresh <= prefix.fresh for other in known):
            return True
        known.append(prefix)
        return False
