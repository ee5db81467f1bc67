"""Dead letters and equal states of a universe: nothing is guessed, so no search refutes it.

Stubborn sets need both for what may still happen, also for what the reduced search never sees.  A search that leaves
events out cannot verify a guess about all of them, and here none is made: what holds of all rows of a universe holds
of every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from flpcheck.authoring.values import Key, key
from flpcheck.budget import looking
from flpcheck.reduce.coarsest import coarsest
from flpcheck.reduce.equal_states import Observe
from flpcheck.reduce.local_rows import LocalEffect, LocalQuestion, Row
from flpcheck.reduce.universe import Universe, bits, has_failed
from flpcheck.system.components import Component, has_output_register
from flpcheck.world.network import Envelope, Mailbox

MOST_PRODUCT = 60_000
"""Number of rows from which on no places are added that no run reaches."""
Sends = tuple[tuple[int, int], ...]
"""Deliveries that are made possible, as (receiver, event) pairs in order."""
NOWHERE = -1
"""The place after a step that raises an error: nothing happens there any more."""


class QuotientOutcome(NamedTuple):
    """The effects of one outcome of an event.

    Parameters
    ----------
    after
        The place that stands for the next local state.
    sends
        What is sent.
    null
        Whether it is no event: nothing changes, and the message, if there is one, stays.
    notes
        What it notes.
    """

    after: int
    sends: Sends
    null: bool
    notes: tuple[Key, ...]


class LocalQuotient:
    """The places and rows of a universe, equal states merged and dead letters dropped: a `Dropped` that stands.

    Parameters
    ----------
    universe
        What may occur.
    observe
        What is observed of a local state beside its decision.
    merges, drops
        Whether equal states are merged, and whether dead letters are dropped.
    """

    settled = 0

    def __init__(self, universe: Universe, observe: Observe, *, merges: bool = True, drops: bool = True) -> None:
        self.universe, self.parts, self.places = universe, universe.parts, universe.places
        self.observed, self.merges, self.removes = observe, merges, drops
        network = universe.plain.world.network
        self.keeps, self.stays = network.kind == "set", network.ignored == "stays" or network.kind == "set"
        """Whether messages are kept for ever; whether those that change nothing stay."""
        self.standing = self._blocks() if merges else {}
        """The place that stands for each of the others that are equal to it."""
        self.merged: Mapping[tuple[int, Key], int] = {
            (self.places.states[twin][0], self.places.keys[twin]): place for twin, place in self.standing.items()
        }
        self.dropped: Mapping[tuple[int, Envelope], None] = {}
        """No letter is dropped that could turn out to matter."""
        self.possible = dict(universe.possible)
        """The events that may occur in each place, or in one that it stands for, as bits."""
        for twin, place in self.standing.items():
            self.possible[place] = self.possible.get(place, 0) | self.possible.get(twin, 0)
        self._rows: dict[tuple[int, int], tuple[QuotientOutcome, ...]] = {}
        self._place_of: dict[Component, int] = {}
        self.kept = _Kept(self)
        """Each component without its dead letters."""
        self.dead = self._dead() if drops else {}
        """The deliveries of dead letters in each place, as bits."""

    # Equal states.

    def _blocks(self) -> dict[int, int]:
        """Return what stands for the others of each block; what may occur to one of them may occur to it.

        Blocks answer alike to every event that may occur somewhere, whether it can occur to them or not.
        """
        rows = self._told()
        blocks = coarsest(rows, {place: self.seen(place) for place in rows})
        first: dict[int, int] = {}
        for place in sorted(blocks):
            first.setdefault(blocks[place], place)
        return {place: first[block] for place, block in blocks.items() if first[block] != place}

    def _told(self) -> dict[int, Mapping[LocalQuestion, Row]]:
        """Return the rows of all places, and of those that would follow if every event could occur in each of them.

        These tell apart less than places of which nothing is known, but there may be too many: then they are left out.
        """
        universe, rows = self.universe, dict[int, Mapping[LocalQuestion, Row]]()
        every = [(1 << len(questions)) - 1 for questions in universe.questions]
        waiting, asked = list(universe.possible), 0
        known = set(waiting)
        for place in looking(waiting, every=64):  # which grows
            owner = self.places.states[place][0]
            events = every[owner] if universe.steps(place) else 0
            asked += events.bit_count()
            if asked > MOST_PRODUCT and place not in universe.possible:
                break
            rows[place] = {universe.questions[owner][event]: universe.row(place, event) for event in bits(events)}
            after = {effect.after for row in rows[place].values() for effect in row if not has_failed(effect)}
            new = sorted(after - known)
            waiting += new
            known.update(new)
        return rows

    def seen(self, place: int) -> Any:
        """Return what is observed in a place."""
        owner, local = self.places.states[place]
        component = self.parts.component(owner, local)
        return owner, component.crashed, has_output_register(local), key(component.decisions), self.observed(component)

    def decided(self, place: int) -> tuple[Key, ...]:
        """Return what is decided in a place."""
        owner, local = self.places.states[place]
        return tuple(map(key, self.parts.component(owner, local).decisions))

    def representative(self, place: int) -> int:
        """Return the place that stands for a place: most often itself."""
        return self.standing.get(place, place)

    # Rows.

    def row(self, place: int, event: int) -> tuple[QuotientOutcome, ...]:
        """Return the outcomes of an event in a place that stands for others; none if it is deferred, or impossible."""
        if place == NOWHERE:
            return ()
        name = (place, event)
        found = self._rows.get(name)
        if found is None:
            effects = self.universe.row(place, event)
            found = self._rows[name] = tuple(dict.fromkeys(self._outcome(place, event, one) for one in effects))
        return found

    def _outcome(self, place: int, event: int, effect: LocalEffect) -> QuotientOutcome:
        if has_failed(effect):
            return QuotientOutcome(NOWHERE, (), null=False, notes=())
        puts, swallowed, notes, *_ = effect.label
        sends = tuple(sorted((to, self.universe.event(to, envelope)) for to, envelope in puts))
        owner = self.places.states[place][0]
        remains = event < self.universe.own[owner] or self.stays
        null = remains and effect.after == place and not (sends or swallowed or notes)
        return QuotientOutcome(self.representative(effect.after), sends, null, notes)

    @cached_property
    def here(self) -> list[int]:
        """The places that stand for themselves."""
        return [place for place in self.possible if place not in self.standing]

    # Dead letters.

    def _dead(self) -> dict[int, int]:
        """Return which deliveries are idle in each place and in all that follow: O(rows) for each step on the way."""
        universe = self.universe
        live, before = dict[int, int](), dict[int, set[int]]()
        for place in self.here:
            live[place] = sum(1 << event for event in bits(self.possible[place]) if not self._is_idle(place, event))
            for event in bits(self.possible[place]):
                for effect in universe.row(place, event):
                    if not has_failed(effect):
                        before.setdefault(self.representative(effect.after), set()).add(place)
        waiting = dict.fromkeys(self.here)
        while waiting:
            place, _ = waiting.popitem()
            for earlier in before.get(place, ()):
                if live[place] & ~live[earlier]:
                    live[earlier] |= live[place]
                    waiting[earlier] = None
        return {place: self.possible[place] & ~live[place] & ~self._own_events(place) for place in self.here}

    def _own_events(self, place: int) -> int:
        return (1 << self.universe.own[self.places.states[place][0]]) - 1

    def _is_idle(self, place: int, event: int) -> bool:
        effects = self.universe.row(place, event)
        return bool(effects) and all(self._changes_nothing(place, effect) for effect in effects)

    def _changes_nothing(self, place: int, effect: LocalEffect) -> bool:
        if has_failed(effect) or self.representative(effect.after) != place:
            return False
        sends, swallowed, notes, _, restarts, _ = effect.label
        return not (sends or swallowed or notes or restarts)

    # What a search asks.

    def place_of(self, component: Component) -> int:
        """Return the place that stands for a component's local state."""
        found = self._place_of.get(component)
        if found is None:
            place = self.places.number(component.owner, component.local)
            found = self._place_of[component] = self.representative(place)
        return found

    def drops(self, place: int, envelope: Envelope, _: Callable[[int, Envelope], bool]) -> bool:
        """Return whether a letter is dropped at a place."""
        event = self.universe.letters[self.places.states[place][0]].get(envelope)
        return event is not None and bool(self.dead.get(self.representative(place), 0) >> event & 1)

    def without(self, component: Component) -> Component:
        """Return a component without its dead letters, and with the local state that stands for its own."""
        place = self.place_of(component)
        owner, local = self.places.states[place]
        box = component.mailbox
        if dead := self.dead.get(place, 0):
            events = self.universe.letters[owner]
            box = tuple(envelope for envelope in box if not dead >> events[envelope] & 1)
        return self.parts.component(owner, local, box, self.places.keys[place])

    def stands_for(self, plain: Component, component: Component) -> bool:
        """Return whether the local state of a component stands for that of one of the plain system."""
        return self.place_of(plain) == self.place_of(component)

    def refuted(self, _: Mapping[int, Iterable[int]]) -> bool:
        """Return that nothing is refuted."""
        return False

    def settle(self, _: Mapping[int, Iterable[int]], __: Callable[[int], Iterable[tuple[int, Mailbox]]]) -> None:
        """Accept what a search did."""

    @property
    def fingerprint(self) -> str:
        """Nothing, for no search finds out anything."""
        return ""


class _Kept(dict[Component, Component]):
    """Each component without its dead letters, found out at its first use: no call where it is known."""

    def __init__(self, letters: LocalQuotient) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, component: Component) -> Component:
        self[component] = left = self._letters.without(component)
        return left
