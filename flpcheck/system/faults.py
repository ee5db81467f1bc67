"""Processes that misbehave without crashing: lies of Byzantine ones, omissions of forgetful ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from flpcheck.authoring.alphabet import alphabet
from flpcheck.authoring.events import OWN, Event, Gather
from flpcheck.authoring.process import PassiveLearner
from flpcheck.errors import BadWorld
from flpcheck.system.components import Component, Components, Move, idle
from flpcheck.system.oracles import Budget
from flpcheck.system.signatures import Signatures
from flpcheck.world.network import Envelope


class Faults:
    """What processes that misbehave can do to, or by way of, a component.

    Parameters
    ----------
    model
        The protocol.
    parts
        Its components.
    suspects
        The processes that may be Byzantine, by index.
    signatures
        What messages bear.
    """

    def __init__(self, model: Any, parts: Components, suspects: tuple[int, ...], signatures: Signatures) -> None:
        self.parts = parts
        self.signatures = signatures
        self._lies: dict[Component, dict[int, tuple[Move, ...]]] = {}
        self._omissions: dict[Component, tuple[Move, ...]] = {}
        self.alphabet = {
            (liar, seat.index): self._alphabet(model, liar, seat.index)
            for liar in suspects
            for seat in parts.seats
            if seat.index != liar and parts.network.connects(parts.names[liar], seat.name)
        }

    def _alphabet(self, model: Any, liar: int, receiver: int) -> tuple[Envelope, ...]:
        """Return what a process may hear from a liar, as letters that never wait in a mailbox."""
        seat = self.parts.seats[receiver]
        if isinstance(seat.member, PassiveLearner) or seat.member.gather is not None or seat.asker is None:
            raise BadWorld(
                f"{seat.name} takes many letters at once, and a lie is received by itself",
                why="what Byzantine processes say does not wait in mailboxes, so it cannot be gathered or read there",
                next_step="write its rules for one message at a time, collecting what was heard in the state",
            )
        kinds = [kind for kind in seat.asker.rulebook.kinds if kind not in {*OWN, Gather}]
        return tuple(self.parts.envelope(liar, message) for message in alphabet(model, self.parts.names[liar], kinds))

    def lies(self, component: Component, liar: int) -> tuple[Move, ...]:
        """Return the receptions of everything that a liar may say; nothing is taken from the mailbox."""
        known = self._lies.setdefault(component, {})
        if liar not in known:
            here = component.crashed or component.owner == liar
            known[liar] = () if here else tuple(self._told(component, liar))
        return known[liar]

    def may_say(self, world: Budget, lie: Move) -> bool:
        """Return whether a lie bears no signature that liars do not know and cannot make."""
        liars = [name for index, name in enumerate(self.parts.names) if world.faulty >> index & 1]
        return self.signatures.may_say(lie.event.message, world.signed, liars)

    def _told(self, component: Component, liar: int) -> Iterator[Move]:
        owner = component.owner
        for envelope in self.alphabet.get((liar, owner), ()):
            sender, message = envelope.letter
            answer = self.parts.answer(owner, component.local, message, sender)
            event = Event("lie", self.parts.names[owner], sender, message, world=True)
            for number, outcome in enumerate(answer.outcomes):
                if not idle(component, outcome):
                    yield self.parts.move(component, component.mailbox, event, number, outcome, answer.rule)

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
                    yield Move(event, move.outcome, move.after, puts, move.notes, move.rule)

    def _unheard(self, component: Component) -> Iterator[Move]:
        for envelope in self.parts.mailing.receivable(component.mailbox):
            yield self.parts.lost(component, envelope, "omit")
