"""Conflicts of events of one process: which ones may not be put off past which others.

Events of different processes commute, for steps are local, and messages arrive in any order.  Of one process, e may be
put off past f in a local state if whatever f and then e lead to, e and then f lead to as well, messages included, and
neither decides how the other one goes.  Whether that is so in all local states that may be reached meanwhile is asked
of the rows of a universe.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from flpcheck.authoring.values import Key
from flpcheck.reduce.local_quotient import NOWHERE, LocalQuotient, QuotientOutcome, Sends
from flpcheck.reduce.universe import bits

Happening = tuple[int, QuotientOutcome]
"""An event with its outcome."""
Final = tuple[int, Sends, tuple[Key, ...], int]
"""The result of two events: the place, what was sent and noted, and which of them stay in the mailbox."""


class Conflicts:
    """Conflicts, and what follows from a place by some events.  Everything is found out once.

    Parameters
    ----------
    quotient
        The rows.
    hears
        Whether notes to observers matter.
    """

    def __init__(self, quotient: LocalQuotient, *, hears: bool) -> None:
        self.quotient, self.universe, self.hears = quotient, quotient.universe, hears
        self._steps: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
        self._reached: dict[tuple[int, int], tuple[int, ...]] = {}
        self._sent: dict[tuple[int, int], tuple[int, ...]] = {}
        self._causes: dict[tuple[int, int, int, int], int] = {}
        self._shown: dict[tuple[int, int], int] = {}
        self._changing: dict[tuple[int, int], bool] = {}
        self._hindered: dict[tuple[int, int], tuple[int, int]] = {}
        self._conflicts: dict[tuple[int, int, int], int] = {}
        self._learners = frozenset(seat.index for seat in quotient.parts.seats if seat.asker is None)
        self.seen, self.decided = cache(quotient.seen), cache(quotient.decided)

    def reached(self, place: int, events: int) -> tuple[int, ...]:
        """Return where a process may come from a place by some events, each of which may occur again and again."""
        name = (place, events)
        found = self._reached.get(name)
        if found is None:
            known = {place: None}
            waiting = [place]
            while waiting:
                for event, places in self._steps_from(waiting.pop()):
                    if events >> event & 1:
                        new = [after for after in places if after not in known]
                        known.update(dict.fromkeys(new))
                        waiting += new
            found = self._reached[name] = tuple(known)
        return found

    def _steps_from(self, place: int) -> list[tuple[int, tuple[int, ...]]]:
        """Return which events may lead elsewhere from a place, and where."""
        found = self._steps.get(place)
        if found is None:
            found = self._steps[place] = []
            for event in bits(self.quotient.possible[place]):
                after = {one.after for one in self.quotient.row(place, event)} - {place, NOWHERE}
                if after:
                    found.append((event, tuple(sorted(after))))
        return found

    def sent(self, place: int, events: int) -> tuple[int, ...]:
        """Return what may be sent from a place on by some events: the deliveries to each process, as bits."""
        name = (place, events)
        found = self._sent.get(name)
        if found is None:
            masks = [0] * len(self.universe.own)
            for here in self.reached(place, events):
                for event in bits(events & self.quotient.possible[here]):
                    for to, number in self._sends(here, event):
                        masks[to] |= 1 << number
            found = self._sent[name] = tuple(masks)
        return found

    def _sends(self, place: int, event: int) -> Iterable[tuple[int, int]]:
        return [put for outcome in self.quotient.row(place, event) for put in outcome.sends]

    def causes(self, place: int, events: int, to: int, delivery: int) -> int:
        """Return by which of some events a message may be sent from a place on, as bits."""
        name = (place, events, to, delivery)
        found = self._causes.get(name)
        if found is None:
            found = 0
            for here in self.reached(place, events):
                for event in bits(events & self.quotient.possible[here] & ~found):
                    if (to, delivery) in self._sends(here, event):
                        found |= 1 << event
            self._causes[name] = found
        return found

    def shown(self, place: int, events: int) -> int:
        """Return which of some events may change what is observed, from a place on, as bits.

        An observer observes notes, and a passive learner its mailbox.
        """
        name = (place, events)
        found = self._shown.get(name)
        if found is None:
            found = 0
            for here in self.reached(place, events):
                for event in bits(events & self.quotient.possible[here] & ~found):
                    if any(self._shows(here, outcome) for outcome in self.quotient.row(here, event)):
                        found |= 1 << event
            self._shown[name] = found
        return found

    def _shows(self, place: int, outcome: QuotientOutcome) -> bool:
        if any(to in self._learners for to, _ in outcome.sends):
            return True
        noted = self.hears and bool(outcome.notes)
        return noted or (outcome.after != NOWHERE and self.seen(outcome.after) != self.seen(place))

    def may_change_its_mind(self, place: int, events: int) -> bool:
        """Return whether some of the events may change a decision already made, from a place on."""
        name = (place, events)
        found = self._changing.get(name)
        if found is None:
            outcomes = (
                (here, outcome.after)
                for here in self.reached(place, events)
                if self.decided(here)
                for event in bits(events & self.quotient.possible[here])
                for outcome in self.quotient.row(here, event)
            )
            found = any(after != NOWHERE and self.decided(after) != self.decided(here) for here, after in outcomes)
            self._changing[name] = found
        return found

    def conflicts(self, place: int, events: int, event: int) -> int:
        """Return which of some events conflict with another one of the same process, from a place on, as bits."""
        name = (place, events, event)
        found = self._conflicts.get(name)
        if found is None:
            found = 0
            for here in self.reached(place, events):
                found |= self._hindering(here, event, events & ~found)
                if found == events:
                    break
            self._conflicts[name] = found
        return found

    def _hindering(self, place: int, event: int, others: int) -> int:
        """Return which of some events an event may not be put off past in a place, as bits."""
        known, wrong = self._hindered.get((place, event), (0, 0))
        new = others & self.quotient.possible[place] & ~known
        if new:
            for other in bits(new):
                if not self.may_wait(place, event, other):
                    wrong |= 1 << other
            self._hindered[place, event] = known | new, wrong
        return wrong & others

    def may_wait(self, place: int, event: int, other: int) -> bool:
        """Return whether an event may be put off past another one in a place.

        What the other one and then the event lead to, the event and then the other one lead to as well; and after each
        outcome of either there are outcomes of the other one that lead to the same.  One that cannot happen, because
        it is deferred or changes nothing, must stay so.
        """
        row = self.quotient.row
        later = [outcome for outcome in row(place, other) if not outcome.null]
        now = [outcome for outcome in row(place, event) if not outcome.null]
        if not (now and later):
            return not any(not one.null for outcome in later for one in row(outcome.after, event))
        forward = [{self._final((event, one), (other, after)) for after in row(one.after, other)} for one in now]
        put_off = set[Final]()
        for first in later:
            second = row(first.after, event)
            finals = {self._final((other, first), (event, one)) for one in second}
            if any(finals.isdisjoint(those) for those in forward):
                return False
            if self.hears and first.notes and any(one.notes for one in second):
                return False
            put_off |= {self._final((other, first), (event, one)) for one in second if not one.null}
        return put_off <= set[Final]().union(*forward)

    def _final(self, first: Happening, second: Happening) -> Final:
        """Return what two outcomes lead to, one after the other."""
        sends, place = first[1].sends + second[1].sends, second[1].after
        notes = first[1].notes + second[1].notes if self.hears else ()
        if self.quotient.keeps:
            return place, tuple(sorted(set(sends))), notes, 0
        left = sum(1 << event for event, outcome in (first, second) if outcome.null and event >= self._own(place))
        return place, tuple(sorted(sends)), notes, left & ~self.quotient.dead.get(place, 0)

    def _own(self, place: int) -> int:
        return self.universe.own[self.quotient.places.states[place][0]] if place != NOWHERE else 0
