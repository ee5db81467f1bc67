"""Dead letters: messages that no local state still to come heeds, so that no mailbox need keep them.

A letter is idle in a local state if its delivery there changes, sends and notes nothing.  It is dead if it is idle in
all local states that the receiver can still reach.  A configuration with a dead letter and the one without it are
bisimilar, up to the idle delivery: what is live is computed for queues as for variables (Bozga, Fernandez, Ghirvu,
"State Space Reduction Based on Live Variables Analysis", SAS 1999).

Which local states can still be reached is known when the search ends.  So a letter that is idle where a mailbox
is formed is *presumed* dead, and dropped; local steps that were taken refute it, and the search begins again, knowing
them.  Once nothing is refuted, every letter dropped is idle in all that follows by local steps that were taken: and
these are all, by induction along a run of the whole system, in which a dropped letter may be delivered at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from hashlib import sha256
from typing import TypeAlias

from flpcheck.authoring.values import Key, key
from flpcheck.errors import SpecError
from flpcheck.reduce.equal_states import EqualStates, Observe
from flpcheck.reduce.guards import filled, gathers, offered
from flpcheck.reduce.places import Places
from flpcheck.system.asker import Answer
from flpcheck.system.components import Component
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope, Mailbox

NONE_MERGED: Mapping[tuple[int, Key], int] = {}
LocalSteps: TypeAlias = Mapping[int, Iterable[int]]
"""The places that each place leads to in one local step."""


class Refuted(Exception):
    """A letter was dropped that a local state still to come heeds: the search begins again, and keeps it."""


class DeadLetters:
    """The letters that a search drops: what is presumed, and the local steps by which it was refuted before.

    Parameters
    ----------
    plain
        The plain system.
    observe
        What is observed of local states, if equal ones are to be merged.
    known
        What is known of another copy of the same system: its local steps are known here, too.
    """

    def __init__(
        self, plain: MessagePassing, observe: Observe | None = None, known: DeadLetters | None = None
    ) -> None:  # fmt: skip
        self.parts = plain.parts
        self.places = Places()
        self.equal = None if observe is None else EqualStates(plain, self.places, observe)
        """Which local states are merged; None if all are kept apart."""
        self.steps: dict[int, set[int]] = {}
        """The local steps that were taken in searches that had to begin again."""
        self.dropped: dict[tuple[int, Envelope], None] = {}
        """Places, and letters that were dropped there since a search began knowing as much as now."""
        self.gathered: set[tuple[int, Envelope]] = set()
        """Letters that a process may gather, found out where a search had to begin again."""
        self.settled = 0
        """Number of configurations that had been found when it was judged last what was dropped."""
        self._live: set[tuple[int, Envelope]] = set()
        self._idle: dict[tuple[int, Envelope], bool] = {}
        self._asked_guards: set[tuple[int, Mailbox, Mailbox]] = set()
        self._place_of: dict[Component, int] = {}
        self.kept = _Kept(self)
        """Each component without its dead letters."""
        self._closed: dict[tuple[int, Envelope], set[int]] = {}
        if known is not None:
            self._adopt(known)

    def _adopt(self, known: DeadLetters) -> None:
        if self.equal is not None and known.equal is not None:
            self.equal.adopt(known.equal)
        places = [self.places.number(owner, local) for owner, local in known.places.states]
        self.steps = {places[before]: {places[one] for one in after} for before, after in known.steps.items()}
        envelope = self.parts.envelope
        self.gathered = {(owner, envelope(letter.sender, letter.letter.message)) for owner, letter in known.gathered}

    def place_of(self, component: Component) -> int:
        """Return the place that stands for a component's local state."""
        found = self._place_of.get(component)
        if found is None:
            name = component.owner, key(component.local)
            number = self.merged.get(name)
            found = self.places.number(component.owner, component.local, name[1]) if number is None else number
            self._place_of[component] = found
        return found

    def without(self, component: Component) -> Component:
        """Return a component without its dead letters, and with the local state that stands for its own."""
        if self.merged and (component.owner, key(component.local)) in self.merged:
            local = self.places.states[self.place_of(component)][1]
            component = self.parts.component(component.owner, local, component.mailbox)
        if not component.mailbox or component.crashed or self.parts.seats[component.owner].asker is None:
            return component
        place = self.place_of(component)
        left = tuple(envelope for envelope in component.mailbox if not self.drops(place, envelope, self._asked))
        if len(left) == len(component.mailbox):
            return component
        return self.parts.component(component.owner, component.local, left)

    def stands_for(self, plain: Component, component: Component) -> bool:
        """Return whether the local state of a component stands for that of one of the plain system."""
        if self.place_of(plain) == self.place_of(component):
            return True
        return self.equal is not None and self.equal.stands_for(*map(self._own_place, (plain, component)))

    def _own_place(self, component: Component) -> int:
        return self.places.number(component.owner, component.local)

    def drops(self, place: int, envelope: Envelope, asked: Callable[[int, Envelope], bool]) -> bool:
        """Return whether a letter is dropped at a place; noted down if it is.

        Parameters
        ----------
        place, envelope
            The place and the letter.
        asked
            Tells whether the letter is idle there, if that is not known.
        """
        name = (place, envelope)
        if name in self.dropped:
            return True
        if name in self._live or (self.places.states[place][0], envelope) in self.gathered:
            return False
        if name not in self._idle:
            self._idle[name] = asked(place, envelope)
        if self._idle[name] and self._stays_idle(place, envelope):
            self.dropped[name] = None
            return True
        self._live.add(name)
        return False

    def _stays_idle(self, place: int, envelope: Envelope) -> bool:
        """Return whether a letter is idle wherever the local steps known lead from a place."""
        if not self.steps.get(place):
            return True
        closed = self._closed.setdefault((self.places.states[place][0], envelope), set())
        reached = self._idle_from([place], envelope, self.steps, closed)
        closed |= reached or set()
        return reached is not None

    def _asked(self, place: int, envelope: Envelope) -> bool:
        """Put the question that expanding would put; an error is raised there, and not here."""
        (owner, local), (sender, message) = self.places.states[place], envelope.letter
        try:
            name = (owner, self.places.keys[place], (sender, envelope.key[1]))
            answer = self.parts.answered(name, local, message, sender)
        except SpecError:
            return False
        return self._changes_nothing(place, answer)

    def _is_idle(self, place: int, envelope: Envelope) -> bool:
        name = (place, envelope)
        found = self._idle.get(name)
        if found is None:
            found = self._idle[name] = self._imagined(place, envelope)
        return found

    def _imagined(self, place: int, envelope: Envelope) -> bool:
        """Ask without a trace, since perhaps no run comes there: an error only says that the letter is not idle."""
        (owner, local), (sender, message) = self.places.states[place], envelope.letter
        asker = self.parts.seats[owner].asker
        if asker is None or not asker.takes(type(message)):
            return False
        try:
            return self._changes_nothing(place, asker.imagine(local, message, sender, twice=False))
        except SpecError:
            return False

    @property
    def observed(self) -> Observe | None:
        """The observation of local states that may be merged; None if all are kept apart."""
        return None if self.equal is None else self.equal.observe

    def _changes_nothing(self, place: int, answer: Answer) -> bool:
        """Return whether an answer to a letter changes, sends and notes nothing; to defer it is something."""
        owner, _ = self.places.states[place]
        return bool(answer.outcomes) and all(
            not (outcome.sends or outcome.notes or outcome.restarts)
            and (name == self.places.keys[place] or self.merged.get((owner, name)) == place)
            for outcome, name in zip(answer.outcomes, answer.names, strict=True)
        )

    @property
    def merged(self) -> Mapping[tuple[int, Key], int]:
        """The place that stands for each local state that is merged with others, by process and content."""
        return NONE_MERGED if self.equal is None else self.equal.merged

    def settle(self, steps: LocalSteps, guarded: Callable[[int], Iterable[tuple[int, Mailbox]]]) -> None:
        """Compare what was dropped with the local steps that were taken, and with what is gathered.

        Parameters
        ----------
        steps
            The local steps that were taken.
        guarded
            The places and mailboxes of a process that gathers.

        Raises
        ------
        Refuted
            If they contradict it, and are remembered.  Cost: for each letter the places that follow, and one question
            for each mailbox of a process that gathers.
        """
        waiting: dict[int, dict[Envelope, None]] = {}
        for (owner, envelope), places in self._by_letter().items():
            reached = self._idle_from(places, envelope, steps)
            if reached is None:
                self.learn(steps)
                raise Refuted
            if self.equal is not None or gathers(self.parts, owner):
                for place in reached:
                    waiting.setdefault(place, {})[envelope] = None
        found = {
            name
            for owner in {self.places.states[place][0] for place in waiting}
            if gathers(self.parts, owner)
            for name in self._seen_by_guard(owner, waiting, guarded(owner))
        }
        if found:
            self.gathered |= found
            self.learn({})
            raise Refuted
        if self.equal is not None and self.equal.is_refuted(guarded, waiting):
            self.begin_again()

    def refuted(self, steps: LocalSteps) -> bool:
        """Return whether local steps lead from where a letter was dropped to where it is not idle."""
        return any(
            self._idle_from(places, envelope, steps) is None for (_, envelope), places in self._by_letter().items()
        )

    def _by_letter(self) -> dict[tuple[int, Envelope], list[int]]:
        """Return the places where each letter to each process was dropped."""
        found: dict[tuple[int, Envelope], list[int]] = {}
        for place, envelope in self.dropped:
            found.setdefault((self.places.states[place][0], envelope), []).append(place)
        return found

    def _idle_from(
        self, places: Iterable[int], envelope: Envelope, steps: LocalSteps, closed: AbstractSet[int] = frozenset()
    ) -> set[int] | None:
        """Return where some local steps lead from some places; None if a letter is not idle in one of them.

        Of `closed` places it is known that it is idle there, and wherever steps lead from them.
        """
        seen = set(places) - closed
        waiting = list(seen)
        while waiting:
            here = waiting.pop()
            if not self._is_idle(here, envelope):
                return None
            new = [after for after in steps.get(here, ()) if after not in seen and after not in closed]
            seen.update(new)
            waiting += new
        return seen

    def _seen_by_guard(
        self, owner: int, waiting: Mapping[int, Iterable[Envelope]], mailboxes: Iterable[tuple[int, Mailbox]]
    ) -> Iterator[tuple[int, Envelope]]:
        """Yield the letters of which a guard makes something, put back where they may wait."""
        for place, box in mailboxes:
            dropped = tuple(waiting.get(place, ()))
            name = (place, box, dropped)
            if dropped and name not in self._asked_guards:
                self._asked_guards.add(name)
                whole = filled(self.parts, box, dropped)
                if offered(self.parts, *self.places.states[place], box) != offered(
                    self.parts, *self.places.states[place], whole
                ):
                    yield from ((owner, envelope) for envelope in dropped)

    @property
    def fingerprint(self) -> str:
        """Fingerprint of what is known of letters when a search begins."""
        named = [(owner, identity) for (owner, _), identity in zip(self.places.states, self.places.keys, strict=True)]
        steps = [(named[before], named[after]) for before, all_after in self.steps.items() for after in all_after]
        gathered = [(owner, envelope.key) for owner, envelope in self.gathered]
        known = sorted(map(repr, steps)) + sorted(map(repr, gathered))
        letters = sha256("\n".join(known).encode()).hexdigest() if known else ""
        return letters if self.equal is None else letters + self.equal.fingerprint

    def begin_again(self) -> None:
        """Have the search begin again with other states merged: what was known of letters depends on these."""
        for known in (self.steps, self._idle, self._place_of):
            known.clear()
        self.learn({})
        raise Refuted

    def learn(self, steps: LocalSteps) -> None:
        """Forget what was presumed, and remember local steps."""
        for place, after in steps.items():
            self.steps.setdefault(place, set()).update(after)
        self.dropped.clear()
        self._live.clear()
        self.kept.clear()
        self._closed.clear()


class _Kept(dict[Component, Component]):
    """Each component without its dead letters, found out at its first use: no call where it is known."""

    def __init__(self, letters: DeadLetters) -> None:
        super().__init__()
        self._letters = letters

    def __missing__(self, component: Component) -> Component:
        self[component] = left = self._letters.without(component)
        return left
