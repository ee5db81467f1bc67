"""Stubborn sets: events that are enough to expand, because all others can wait (Valmari 1990; 1998).

A set T of events is stubborn in a configuration if, whatever happens outside of T, an event of T that is possible now
may be put off past all of it, and one that is not stays impossible.  So from a run without an event of T nothing is
lost by taking any of T first; of any other run, the first event of T may be taken first.  Therefore:

1. of an event that its process may take now, T has all events of that process that conflict with it (`conflicts.py`);
2. of a message that was not sent yet, T has all events of its sender that may send it;
3. if what properties see may pass, then of an event that changes what they see, T has all that may do so.

Decisions that disagree do not pass, unless some process may still change its decision, or is a passive learner.

Runs are those of the universe: they consist of messages that have arrived, and of those that may still be sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from flpcheck.reduce.conflicts import Conflicts
from flpcheck.reduce.universe import bits

EventSets = list[int]
"""Events of each process, as bits."""


class StubbornSets:
    """Chooses what to expand.

    Parameters
    ----------
    conflicts
        What is known of single processes.
    passes
        Whether what properties see may pass, whatever happens to decisions.
    """

    def __init__(self, conflicts: Conflicts, *, passes: bool) -> None:
        self.conflicts, self.passes = conflicts, passes
        self.quotient, self.universe = conflicts.quotient, conflicts.universe
        self.senders = [
            [-1 if isinstance(one, int) else one.sender for one in questions]  # type: ignore[union-attr]
            for questions in self.universe.questions
        ]
        """The sender of the message of each event; -1 of own events."""

    def chosen(self, places: Sequence[int], here: Sequence[int], able: Sequence[int]) -> EventSets:
        """Return the events to expand: those of the closure with the fewest that change the configuration.

        Parameters
        ----------
        places, here
            The place of each process; its own events and those whose messages wait, as bits.
        able
            Those that change the configuration.
        """
        coming = self.coming(places, here)
        passes = self.passes or any(map(self.conflicts.may_change_its_mind, places, coming))
        nothing = [0] * len(places)
        best, fewest = list(able), sum(mask.bit_count() for mask in able)
        for owner, events in enumerate(able):
            for event in bits(events):
                if fewest <= 1:
                    return best
                found = self._closed((owner, event), places, here, here if passes else nothing, coming)
                count = sum((mine & its).bit_count() for mine, its in zip(found, able, strict=True))
                if count < fewest:
                    best, fewest = found, count
        return best

    def coming(self, places: Sequence[int], here: Sequence[int]) -> EventSets:
        """Return the events that may occur from now on: the least fixpoint of what is sent by them."""
        coming = [self._heeded(place, events) for place, events in zip(places, here, strict=True)]
        before: EventSets = []
        while coming != before:
            before = list(coming)
            for owner, place in enumerate(places):
                for to, events in enumerate(self.conflicts.sent(place, coming[owner]) if coming[owner] else ()):
                    coming[to] |= self._heeded(places[to], events)
        return coming

    def _heeded(self, place: int, events: int) -> int:
        """Return those of some events that can occur in a place, or later: no deliveries of dead letters."""
        return events & self.heeded(place)

    def heeded(self, place: int) -> int:
        """Return the events that can occur in a place, or later."""
        return self.quotient.possible[place] & ~self.quotient.dead.get(place, 0)

    def _closed(
        self, seed: tuple[int, int], places: Sequence[int], here: Sequence[int], watched: Sequence[int],
        coming: EventSets,
    ) -> EventSets:  # fmt: skip
        """Return the least set with an event that has all that each of its events needs.

        Of `watched` events, those that change what properties see stay together with all that may do so.
        What an event needs only shrinks while the set grows, so each is looked at once: always the first one, process
        by process.
        """
        chosen, done = [0] * len(places), [0] * len(places)
        chosen[seed[0]] = 1 << seed[1]
        while True:
            owner = next((one for one, events in enumerate(chosen) if events & ~done[one]), -1)
            if owner < 0:
                return chosen
            event = next(bits(chosen[owner] & ~done[owner]))
            done[owner] |= 1 << event
            if not here[owner] >> event & 1:
                sender = self.senders[owner][event]
                free = coming[sender] & ~chosen[sender]
                chosen[sender] |= self.conflicts.causes(places[sender], free, owner, event)
                continue
            free = coming[owner] & ~chosen[owner]
            chosen[owner] |= self.conflicts.conflicts(places[owner], free, event)
            if watched[owner] >> event & 1 and self._shows(places[owner], coming[owner], event):
                for other, events in enumerate(coming):
                    chosen[other] |= self.conflicts.shown(places[other], events) if events else 0

    def _shows(self, place: int, events: int, event: int) -> bool:
        return bool(self.conflicts.shown(place, events) >> event & 1)
