"""Runs that go on for ever without repeating a configuration, because a round or a ballot number grows.

Where a protocol declares `counters` (numbers that it compares with each other only), a configuration that returns
with all of them higher by the same amount is a configuration that returns.  The search is an adversary's: it serves
each process its oldest mail first, which makes fairness easy to see, and it never lets any process decide.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from flpcheck.analyse.schedule import Schedule, confirm
from flpcheck.authoring.values import Key, key
from flpcheck.budget import look
from flpcheck.explore.graph import StateGraph
from flpcheck.system import Configuration, Transition

DEPTH = 96
"""Maximum length of stem and loop together, in events."""
LIMIT = 1_500
"""Maximum number of places searched from each initial configuration."""
TURNS = 3
"""Number of further turns of the loop that are replayed to confirm it."""
MAIL = {"deliver", "gather"}
MailQueue = tuple[tuple[int, Any], ...]  # (receiver, envelope) in the order of sending


class QueuedConfiguration(NamedTuple):
    """A configuration with its mail in the order of sending."""

    configuration: Configuration
    queue: MailQueue


class QueuedStep(NamedTuple):
    """An event from a configuration to the next."""

    transition: Transition
    after: QueuedConfiguration


class Endless(NamedTuple):
    """A run that never ends and in which no process ever decides.

    Parameters
    ----------
    schedule
        Its stem and one turn of the loop.
    rise
        By how much the counters are higher after each turn.
    """

    schedule: Schedule
    rise: int


def endless_run(graph: StateGraph) -> Endless | None:
    """Return a fair run without a decision that repeats but for its counters; None if none was found.

    Cost: at most `LIMIT` places from each initial configuration.
    """
    counters = getattr(graph.system.protocol, "counters", None)
    if counters is None or not graph.system.admissible(graph.configurations[0]):
        return None
    adversary = EndlessRunSearch(graph, dict(counters()))
    for number, initial in enumerate(graph.initial):
        found = adversary.search(QueuedConfiguration(initial.configuration, _mail(initial.configuration)), DEPTH)
        run = adversary.told(number, initial.configuration, *found) if found is not None else None
        if run is not None:
            confirm(graph.system, run.schedule)
            return run
    return None


class EndlessRunSearch:
    """The search for such a run."""

    def __init__(self, graph: StateGraph, counters: Mapping[str, int]) -> None:
        self.system = graph.system
        self.period = max(counters.values())
        self.names = frozenset(counters)
        self._named: dict[QueuedConfiguration, Key] = {}
        self._kept: dict[QueuedConfiguration, MailQueue] = {}

    def search(self, start: QueuedConfiguration, depth: int) -> tuple[list[QueuedStep], int] | None:
        """Return the hops of a run of at most `depth` events, and where its loop begins."""
        path: list[QueuedStep] = []
        on_path = {self.name(start): 0}
        left_at = {self.name(start): depth}
        stack = [self._hops(start)]
        while stack and len(left_at) < LIMIT:
            look()
            hop = next(stack[-1], None)
            if hop is None:
                stack.pop()
                if path:
                    del on_path[self.name(path.pop().after)]
                continue
            name = self.name(hop.after)
            if name in on_path and self._fair(start, [*path, hop], on_path[name]):
                return [*path, hop], on_path[name]
            left = depth - len(path) - 1
            if name not in on_path and left > left_at.get(name, 0):
                left_at[name] = left
                path.append(hop)
                on_path[name] = len(path)
                stack.append(self._hops(hop.after))
        return None

    def _hops(self, place: QueuedConfiguration) -> Iterator[QueuedStep]:
        """Yield what the adversary may do: whims, the processes' own events, the oldest mail of each; no decision."""
        served = set()
        events = [t for t in self.system.applicable(place.configuration) if t.successor != place.configuration]
        mail = [t for t in events if t.event.kind in MAIL]
        own = [t for t in events if t.event.kind not in MAIL]
        own.sort(key=lambda t: self.system.owed(place.configuration, t))
        for transition in own + sorted(mail, key=lambda t: _age(place, t)):
            if transition.event.kind in MAIL and transition.mover in served:
                continue
            served |= {transition.mover} if transition.event.kind in MAIL else set()
            if not self.system.marks(transition.successor).decided:
                yield QueuedStep(
                    transition, QueuedConfiguration(transition.successor, _sent(place, transition.successor))
                )

    def _fair(self, start: QueuedConfiguration, hops: list[QueuedStep], loop: int) -> bool:
        """Whether the loop treats every process fairly: in each turn its oldest mail and its own events get a turn.

        The queue of a process is served from its head, so every letter gets there.
        """
        places = [start, *(hop.after for hop in hops)][loop:]
        if self._rise(places[0], places[-1]) < 0 or self._base(places[0]) < 1:
            return False
        taken = {(hop.transition.mover, hop.transition.event.kind in MAIL) for hop in hops[loop:]}
        pending = [self._pending(place) for place in places]
        return all(demand in taken for demand in set.intersection(*pending))

    def _pending(self, place: QueuedConfiguration) -> set[tuple[int, bool]]:
        """Return which processes have mail to take, and which have an event of their own to take."""
        found = self.system.applicable(place.configuration)
        return {(t.mover, t.event.kind in MAIL) for t in found if self.system.owed(place.configuration, t)}

    # Counters.

    def name(self, place: QueuedConfiguration) -> Key:
        """Return the identity of a place but for the height of its counters; the first rounds are by themselves."""
        if place in self._named:
            return self._named[place]
        base = self._base(place)
        locals_ = tuple(self.lower(c.local, base) for c in place.configuration.components)
        fresh = self._fresh(place)
        mail = tuple((to, envelope.sender, self.lower(envelope.letter.message, base)) for to, envelope in fresh)
        ordered = tuple(tuple(letter for letter in mail if letter[0] == to) for to in range(len(locals_)))
        name = self._named[place] = key((min(base, 1), locals_, ordered))
        return name

    def _base(self, place: QueuedConfiguration) -> int:
        found = [n for c in place.configuration.components for n in self._counters(c.local)]
        found += [n for _, envelope in self._fresh(place) for n in self._counters(envelope.letter.message)]
        return (min(found, default=1) - 1) // self.period

    def _fresh(self, place: QueuedConfiguration) -> MailQueue:
        """Return the mail that may matter: not what no process takes, nor what is older than its receiver."""
        if place in self._kept:
            return self._kept[place]
        taken: dict[int, set[tuple[Any, Key]]] = {}
        for transition in self.system.applicable(place.configuration):
            taken.setdefault(transition.mover, set()).update(_letters(transition))
        highest = [max(self._counters(c.local), default=0) for c in place.configuration.components]
        self._kept[place] = tuple(
            (to, e)
            for to, e in place.queue
            if (e.letter.sender, key(e.letter.message)) in taken.get(to, ())
            or max(self._counters(e.letter.message), default=highest[to]) >= highest[to]
        )
        return self._kept[place]

    def _rise(self, one: QueuedConfiguration, other: QueuedConfiguration) -> int:
        return (self._base(other) - self._base(one)) * self.period

    def _counters(self, value: Any) -> Iterator[int]:
        """Yield the counters in a value; 0 and less mean that there is none yet."""
        for field, item in _parts(value):
            if field in self.names and isinstance(item, int):
                yield from [item] if item > 0 else []
            else:
                yield from self._counters(item)

    def lower(self, value: Any, base: int) -> Any:
        """Return a value with every counter lowered by `base` periods."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            lowered = {field: self._lowered(field, item, base) for field, item in _parts(value)}
            return dataclasses.replace(value, **lowered)
        if isinstance(value, (tuple, frozenset)):
            kind = frozenset if isinstance(value, frozenset) else tuple
            return kind(self.lower(item, base) for item in value)
        return value

    def _lowered(self, field: str, item: Any, base: int) -> Any:
        if field in self.names and isinstance(item, int):
            return item - base * self.period if item > 0 else item
        return self.lower(item, base)

    # The run.

    def told(self, initial: int, first: Configuration, hops: list[QueuedStep], loop: int) -> Endless | None:
        """Return a run that was found, if its loop can be repeated some more times; None if it cannot."""
        places = [QueuedConfiguration(first, _mail(first)), *(hop.after for hop in hops)]
        rise = self._rise(places[loop], places[-1])
        here = places[-1]
        for turn in range(1, TURNS + 1):
            for hop in hops[loop:]:
                again = self._again(here, hop.transition, turn * rise)
                if again is None:
                    return None
                here = again
            if self.name(here) != self.name(places[-1]):
                return None
        configurations = tuple(place.configuration for place in places)
        return Endless(Schedule(initial, configurations, tuple(hop.transition for hop in hops), loop), rise)

    def _again(self, here: QueuedConfiguration, taken: Transition, rise: int) -> QueuedConfiguration | None:
        """Return where an event leads that is taken once more, with higher counters."""
        base = -rise // self.period
        wanted = key(self.lower(taken.event.message, base))
        for hop in self._hops(here):
            event = hop.transition.event
            same = (event.kind, event.process, event.sender) == (
                taken.event.kind,
                taken.event.process,
                taken.event.sender,
            )
            if same and hop.transition.outcome == taken.outcome and key(self.lower(event.message, 0)) == wanted:
                return hop.after
        return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a record, and the members of a tuple or set without names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
    elif isinstance(value, (tuple, frozenset)):
        yield from (("", item) for item in value)


def _mail(configuration: Configuration) -> MailQueue:
    return tuple((c.owner, envelope) for c in configuration.components for envelope in c.mailbox)


def _sent(place: QueuedConfiguration, after: Configuration) -> MailQueue:
    """Return the mail after an event: what is gone leaves its place in the queue, what is new goes to its end."""
    before, now = Counter(place.queue), Counter(_mail(after))
    gone, new = before - now, now - before
    left = []
    for letter in place.queue:
        if gone[letter]:
            gone[letter] -= 1
        else:
            left.append(letter)
    return (*left, *new.elements())


def _letters(transition: Transition) -> set[tuple[Any, Key]]:
    """Return the letters that an event takes."""
    return {(sender, key(message)) for sender, message in transition.event.letters}


def _age(place: QueuedConfiguration, transition: Transition) -> int:
    """Return where in the queue the oldest letter stands that an event takes."""
    mine = [(n, e.letter) for n, (to, e) in enumerate(place.queue) if to == transition.mover]
    taken = _letters(transition)
    return min((n for n, letter in mine if (letter.sender, key(letter.message)) in taken), default=len(place.queue))
