"""Protocols in dense real time, by a zone graph: a clock for each letter, each armed timer and each start to come.

Alur and Dill, "A Theory of Timed Automata" (1994); Dill, "Timing Assumptions and Verification of Finite-State
Concurrent Systems" (1989), for difference bounds.  A letter arrives at most 1 after it was sent, a process that can
start does so at most 1 later; of a timer it is known between which times after it was armed it fires.  Before the world
stabilises nothing is known of letters and starts either, and afterwards nothing of timers that were armed before.

What can happen is asked of the naive enumerator, whose own rule for timers is switched off; nothing here looks at what
the product makes of time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from oracle.enumeration import Messages, Snapshot
from oracle.liars import with_liars
from oracle.mail import thaw

INF = 1 << 40
ZERO = 1  # a bound is twice its number, and one more if it may be reached
Clock = tuple[Any, ...]  # ("letter", receiver, sender, message, copy), ("timer", name), ("start", name)
Zone = tuple[tuple[int, ...], ...]  # zone[i][j] bounds clock i - clock j; clock 0 is always 0


class TooManyZones(Exception):
    """More zones than the caller wants."""


def closed(zone: list[list[int]]) -> Zone | None:
    """Return the tightest bounds of a zone; None if it is empty."""
    size = range(len(zone))
    for k in size:
        through = zone[k]
        for row in zone:
            first = row[k]
            if first < INF:
                for j in size:
                    second = through[j]
                    if second < INF:
                        bound = first + second - ((first | second) & 1)
                        row[j] = min(row[j], bound)
        if zone[k][k] < ZERO:
            return None
    return tuple(map(tuple, zone))


class Dense:
    """A protocol in dense time.

    Parameters
    ----------
    protocol, world
        As for the naive enumerator.
    lengths
        For each process: its timer is longer than the first number and at most as long as the second (None: no bound).
    """

    def __init__(self, protocol: Any, world: Any, lengths: dict[str, tuple[int, int | None]]) -> None:
        self.model = Messages(protocol, world)
        self.model.rule = "any-time"
        if world.failures.byzantine:
            assert world.failures.lies == "only"  # else what liars can say depends on what is reached in time
            with_liars(self.model, 0, lambda *_: None)
        self.late = world.oracle.kind == "timers"
        self.lengths = lengths

    def bounded(self, now: Snapshot) -> bool:
        """Whether delays have bounds: not before the world has stabilised."""
        return not self.late or bool(now.reliable)

    def clocks(self, now: Snapshot) -> list[Clock]:
        """Return the clocks of a configuration, after the one that is always 0."""
        found: list[Clock] = []
        for i, name in enumerate(self.model.names):
            letters = Counter(thaw(self.model.kind, now.mail[i]))
            found += [("letter", name, *letter, copy) for letter, n in letters.items() for copy in range(n)]
            kinds = {label[0] for label, _, _ in self.model.steps(now, i)}
            found += [(clock, name) for clock in ("timer", "start") if clock.replace("timer", "timeout") in kinds]
        return sorted(found, key=repr)

    def reachable(self, limit: int) -> set[Snapshot]:
        """Return all configurations that some run in dense time passes."""
        zones: dict[Snapshot, list[Zone]] = {}
        waiting: list[tuple[Snapshot, Zone]] = []

        def meet(now: Snapshot, zone: Zone | None) -> None:
            known = zones.setdefault(now, [])
            if zone is None or any(_within(zone, other) for other in known):
                return
            known[:] = [other for other in known if not _within(other, zone)] + [zone]
            waiting.append((now, zone))

        for root in self.model.initial():
            size = len(self.clocks(root)) + 1
            meet(root, self.elapsed(root, [[ZERO] * size for _ in range(size)]))
        total = 0
        while waiting:
            now, zone = waiting.pop()
            total += 1
            if total > limit:
                raise TooManyZones
            if zone in zones[now]:
                for after, arrived in self.successors(now, zone):
                    meet(after, self.elapsed(after, arrived))
        return set(zones)

    def successors(self, now: Snapshot, zone: Zone) -> Iterator[tuple[Snapshot, list[list[int]]]]:
        """Yield what may happen at some time in a zone, with the zone at that moment."""
        place = {clock: number for number, clock in enumerate(self.clocks(now), 1)}
        for label, target, _ in self.happenings(now):
            after = target._replace(anew=frozenset())
            if after == now:
                continue
            assert isinstance(label, tuple)
            anew = {("timer", name) for name in target.anew} | ({label[:2]} if label[0] == "start" else set())
            for taken in self.copies(label, place):
                here: Zone | None = zone
                if label[0] == "timeout" and self.bounded(now):
                    here = self.long_enough(zone, place["timer", label[1]], self.lengths[label[1]][0])
                if here is not None:
                    yield (
                        after,
                        self.moved(here, self.sources(place, after, anew, taken), free=self.forgets(now, after)),
                    )

    def happenings(self, now: Snapshot) -> Iterator[tuple[Any, Snapshot, Any]]:
        yield from self.model.happenings(now)

    def copies(self, label: Any, place: dict[Clock, int]) -> list[Clock | None]:
        """Return which copies of a letter an event may take; none where it takes no letter."""
        if label[0] not in {"deliver", "lose"}:
            return [None]
        return [clock for clock in place if clock[0] == "letter" and clock[1:4] == tuple(label[1:4])]

    def long_enough(self, zone: Zone, timer: int, length: int) -> Zone | None:
        rows = [list(row) for row in zone]
        rows[0][timer] = min(rows[0][timer], -2 * length)
        return closed(rows)

    def sources(
        self, place: dict[Clock, int], after: Snapshot, anew: set[Clock], taken: Clock | None
    ) -> list[tuple[Clock, int]]:
        """Return the clocks after an event, each with the clock that it goes on from; 0 for one that starts now."""
        left = dict(place)
        if taken is not None:  # the copies behind it move up
            behind = sorted(clock for clock in left if clock[:4] == taken[:4] and clock[4] > taken[4])
            for clock in (taken, *behind):
                number = left.pop(clock)
                if clock is not taken:
                    left[*clock[:4], clock[4] - 1] = number
        return [(clock, 0 if clock in anew else left.get(clock, 0)) for clock in self.clocks(after)]

    def forgets(self, now: Snapshot, after: Snapshot) -> bool:
        """Whether delays begin to have bounds: letters and starts are as new, of timers nothing is known."""
        return self.bounded(after) and not self.bounded(now)

    def moved(self, zone: Zone, sources: list[tuple[Clock, int]], *, free: bool) -> list[list[int]]:
        """Return a zone of other clocks."""
        numbers = [0] + [0 if free else source for _, source in sources]
        rows = [[zone[i][j] for j in numbers] for i in numbers]
        for number, (clock, _) in enumerate(sources, 1):
            if free and clock[0] == "timer":
                for other in range(len(rows)):
                    rows[number][other] = INF if other != number else ZERO
        return rows

    def elapsed(self, now: Snapshot, rows: list[list[int]]) -> Zone | None:
        """Return the zone after any delay, with what no guard can tell from it."""
        clocks = self.clocks(now)
        for number in range(1, len(rows)):
            rows[number][0] = INF
        if self.bounded(now):
            for number, clock in enumerate(clocks, 1):
                longest = self.lengths[clock[1]][1] if clock[0] == "timer" else 1
                if longest is not None:
                    rows[number][0] = 2 * longest + 1
        zone = closed(rows)
        if zone is None:
            return None
        rows = [list(row) for row in zone]
        most = [0, *(2 * (max(filter(None, self.lengths[clock[1]])) if clock[0] == "timer" else 1) for clock in clocks)]
        for i, row in enumerate(rows):
            for j, bound in enumerate(row):
                if i != j and most[i] + 1 < bound < INF:
                    row[j] = INF
                elif i != j and bound < -most[j]:
                    row[j] = -most[j]
        return closed(rows)


def _within(zone: Zone, other: Zone) -> bool:
    return all(a <= b for row, wider in zip(zone, other, strict=True) for a, b in zip(row, wider, strict=True))
