"""Processes that misbehave without crashing: lies of Byzantine ones, omissions of forgetful ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from flpcheck.authoring.events import Event
from flpcheck.system.components import Component, Components, Move, idle
from flpcheck.system.oracles import Budget
from flpcheck.system.signatures import NOTHING, Signatures, Signed
from flpcheck.system.speech import Letters, Speech, members_of


class Faults:
    """What processes that misbehave can do to, or by way of, a component.

    Parameters
    ----------
    parts
        The components of the protocol.
    speech
        What liars can say.
    signatures
        What messages bear.
    """

    def __init__(self, parts: Components, speech: Speech, signatures: Signatures) -> None:
        self.parts = parts
        self.speech = speech
        self.signatures = signatures
        self._lies: dict[tuple[Component, int], tuple[Move, ...]] = {}
        self._omissions: dict[Component, tuple[Move, ...]] = {}
        self._mattering: dict[int, tuple[int, Signed]] = {}
        signatures.matters = self._matters

    def _matters(self, crowd: int) -> Signed:
        """Return the signatures of all messages that liars can say to somebody."""
        edition = self.speech.edition
        if self._mattering.get(crowd, (None,))[0] != edition:
            said = self.speech.said(crowd).values() if crowd in self.speech.crowds else ()
            self._mattering[crowd] = (edition, NOTHING.union(*map(self.signatures.of, said)))
        return self._mattering[crowd][1]

    def lies(self, component: Component, liar: int, crowd: int) -> tuple[Move, ...]:
        """Return the receptions of everything that a liar may say; nothing is taken from the mailbox.

        Parameters
        ----------
        component
            Of whom.
        liar
            The liar.
        crowd
            All liars, as a mask.
        """
        if component.crashed or component.owner == liar:
            return ()
        letters = self.speech.voice(crowd, liar).get(component.owner, ())
        name = (component, id(letters))
        if name not in self._lies:
            self._lies[name] = tuple(self._told(component, letters))
        return self._lies[name]

    def may_say(self, world: Budget, lie: Move) -> bool:
        """Return whether a lie bears no signature that liars do not know and cannot make."""
        liars = [name for index, name in enumerate(self.parts.names) if world.faulty >> index & 1]
        return self.signatures.may_say(lie.event.message, world.signed, liars)

    def _told(self, component: Component, letters: Letters) -> Iterator[Move]:
        owner = component.owner
        for envelope in letters:
            sender, message = envelope.letter
            answer = self.parts.answer(owner, component.local, message, sender)
            event = Event("lie", self.parts.names[owner], sender, message, world=True)
            for number, outcome in enumerate(answer.outcomes):
                if not idle(component, outcome):
                    yield self.parts.move(component, component.mailbox, event, number, outcome, answer.rule)

    def said(self, crowd: int, component: Component) -> Iterator[Any]:
        """Yield the messages that a process sends in any row of a component: to anybody, whether it arrives or not."""
        answers = [] if component.crashed else self.parts.answers(component)
        lies = (move.event for liar in members_of(crowd) for move in self.lies(component, liar, crowd))
        told = [(lie.message, lie.sender) for lie in lies]
        answers += [self.parts.answer(component.owner, component.local, *letter) for letter in told]
        for answer in answers:
            for outcome in answer.outcomes:
                yield from (message for _, message in outcome.sends)

    def omissions(self, component: Component) -> tuple[Move, ...]:
        """Return the steps that fail to send some of their messages, then the failures to receive one.

        Cost: 2^k for a step that sends k messages.
        """
        if component not in self._omissions:
            found = () if component.crashed else (*self._unsent(component), *self._unheard(component))
            self._omissions[component] = found
        return self._omissions[component]

    def _unsent(self, component: Component) -> Iterator[Move]:
        name = self.parts.names[component.owner]
        for move in self.parts.moves(component):
            for size in range(len(move.puts)):
                for puts in combinations(move.puts, size):
                    event = self.parts.cut_short(Event("omit", name, world=True, during=move.event), move, puts)
                    yield move._replace(event=event, puts=puts, chance=None)

    def _unheard(self, component: Component) -> Iterator[Move]:
        for envelope in self.parts.mailing.receivable(component.mailbox):
            yield self.parts.lost(component, envelope, "omit")
