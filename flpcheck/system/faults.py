"""Processes that misbehave without crashing: lies of Byzantine ones, omissions of forgetful ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from flpcheck.authoring.events import Event, Gather, Pid
from flpcheck.authoring.process import Mail
from flpcheck.system.asker import Answer
from flpcheck.system.beside_lies import answers_without_lies, groups_beside, refuse_copies, taken_alone, takes_groups
from flpcheck.system.components import Component, Components, Move, idle
from flpcheck.system.oracles import WorldState
from flpcheck.system.signatures import NOTHING, Signature, Signatures, Uses
from flpcheck.system.speech import Envelopes, Speech, members_of


class Faults:
    """Events of misbehaving processes that change, or use, a component.

    Parameters
    ----------
    parts
        The components of the protocol.
    speech
        The messages that liars can send.
    signatures
        The signatures of messages.
    restart
        The step of a process that recovers: `restart(owner, stable)`.
    """

    def __init__(
        self, parts: Components, speech: Speech, signatures: Signatures, restart: Callable[[int, Any], Answer]
    ) -> None:
        self.parts = parts
        self.restart = restart
        self.speech = speech
        self.signatures = signatures
        self._lies: dict[tuple[Component, int], tuple[Move, ...]] = {}
        self._groups: dict[tuple[Component, int, int], dict[int, list[Move]]] = {}
        self._omissions: dict[Component, tuple[Move, ...]] = {}
        self._used: dict[int, tuple[int, Uses]] = {}
        signatures.uses = self._uses

    def _uses(self, crowd: int) -> Uses:
        """Return what liars can make use of, in what they can say to some process."""
        edition = self.speech.edition
        if self._used.get(crowd, (None,))[0] != edition:
            said = self.speech.said(crowd) if crowd in self.speech.crowds else {}
            bodies = (said | self.speech.bodies.get(crowd, {})).values()
            certified = frozenset(one.statement for body in bodies for one in self.signatures.certified(body))
            alone = NOTHING.union(*map(self.signatures.of, said.values()))
            inside = {Signature(name, statement) for name in self.signatures.names for statement in certified}
            self._used[crowd] = (edition, Uses(alone | inside, certified, self.speech.searching))
        return self._used[crowd][1]

    def lies(self, component: Component, liar: int, crowd: int) -> tuple[Move, ...]:
        """Return the receptions of everything that a liar may say; nothing is taken from the mailbox.

        What a passive learner receives stays in its mailbox, each letter once.

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
            learns = self.parts.seats[component.owner].asker is None
            self._lies[name] = tuple((self._learnt if learns else self._told)(component, letters))
        gathered = (
            self._gathered(component, crowd).get(liar, ()) if takes_groups(self.parts.seats[component.owner]) else ()
        )
        return (*self._lies[name], *gathered)

    def _gathered(self, component: Component, crowd: int) -> dict[int, list[Move]]:
        """Return the groups with lies in them, under the first of their liars: a lie is a letter that is always there.

        Groups are taken from the mailbox with one copy of everything that liars can say; only mail is consumed.
        """
        name = (component, crowd, self.speech.edition)
        if name not in self._groups:
            found: dict[int, list[Move]] = {}
            for liar, group, mail in self.groups_with_lies(component, crowd):
                found.setdefault(liar, []).extend(self._taking(component, group, mail))
            self._groups[name] = found
        return self._groups[name]

    def groups_with_lies(self, component: Component, crowd: int) -> Iterator[tuple[int, Mail[Any], Mail[Any]]]:
        """Yield (the first of its liars, group, mail in it) of each group whose mail the network can deliver now."""
        voices = [self.speech.voice(crowd, liar).get(component.owner, ()) for liar in members_of(crowd)]
        lies = tuple(envelope for letters in voices for envelope in letters)
        for group in groups_beside(self.parts, component, lies):
            liars = [liar for liar in (self.parts.index[letter.sender] for letter in group) if crowd >> liar & 1]
            mail = tuple(letter for letter in group if self.parts.index[letter.sender] not in liars)
            if liars and self.parts.without(component.mailbox, mail) is not None:
                yield min(liars), group, mail

    def _taking(self, component: Component, group: Mail[Any], mail: Mail[Any]) -> Iterator[Move]:
        """Yield what comes of a group, of which only the mail is consumed."""
        box = self.parts.without(component.mailbox, mail)
        assert box is not None
        answer = self.parts.answer(component.owner, component.local, Gather(group))
        event = Event("gather", self.parts.names[component.owner], message=group, world=True)
        for number, outcome in enumerate(answer.outcomes):
            if not idle(component, outcome):
                yield self.parts.move(component, box, event, number, outcome, answer.rule)

    def may_say(self, world: WorldState, lie: Move) -> bool:
        """Return whether liars can make, or know, every signature of a lie."""
        liars = [name for index, name in enumerate(self.parts.names) if world.faulty >> index & 1]
        event, said = lie.event, [lie.event.message]
        if event.kind == "gather" and isinstance(event.message, tuple):
            said = [letter.message for letter in event.message if letter.sender in liars]
        return all(self.signatures.may_say(message, world.signed, liars) for message in said)

    def _told(self, component: Component, letters: Envelopes) -> Iterator[Move]:
        owner = component.owner
        for envelope in taken_alone(self.parts.seats[owner], letters):
            sender, message = envelope.letter
            answer = self.parts.answer(owner, component.local, message, sender)
            event = Event("lie", self.parts.names[owner], sender, message, world=True)
            for number, outcome in enumerate(answer.outcomes):
                if not idle(component, outcome):
                    yield self.parts.move(component, component.mailbox, event, number, outcome, answer.rule)

    def _learnt(self, component: Component, letters: Envelopes) -> Iterator[Move]:
        name = self.parts.names[component.owner]
        for envelope in letters:
            if envelope not in component.mailbox:
                after = self.parts.put(component, envelope)
                refuse_copies(self.parts, after, envelope)
                yield Move(Event("lie", name, *envelope.letter, world=True), 0, after, (), (), None)

    def said(self, crowd: int, component: Component) -> Iterator[Any]:
        """Yield the messages that a process sends in any row of a component, whether or not they arrive."""
        if self.parts.seats[component.owner].asker is None:
            return
        rows = self._on_return(component) if component.crashed else answers_without_lies(self.parts, component)
        lies = (move.event for liar in members_of(crowd) for move in self.lies(component, liar, crowd))
        told: list[tuple[Any, Pid | None]] = [(_taken_by(lie), lie.sender) for lie in lies]
        rows += [self.parts.answer(component.owner, component.local, *letter) for letter in told]
        for answer in rows:
            for outcome in answer.outcomes:
                yield from (message for _, message in outcome.sends)

    def _on_return(self, component: Component) -> list[Answer]:
        stable = getattr(component.local, "stable", None)
        return [] if stable is None else [self.restart(component.owner, stable)]

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


def _taken_by(lie: Event) -> Any:
    """Return what a step function is given when a lie is received, alone or in a group."""
    message: Any = lie.message
    return Gather(message) if lie.kind == "gather" else message
