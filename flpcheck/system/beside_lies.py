"""Receiving from liars: messages one at a time, and groups from the mailbox and the lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flpcheck.authoring.events import Gather
from flpcheck.authoring.process import Mail, PassiveLearner
from flpcheck.authoring.protocol import MOST_PROCESSES
from flpcheck.authoring.values import key, place_of, shorten, show
from flpcheck.errors import BadProtocol
from flpcheck.system.asker import Answer
from flpcheck.system.components import Component, Components, Seat
from flpcheck.world.network import Envelope


def answers_without_lies(parts: Components, component: Component) -> list[Answer]:
    """Return what a process answers to everything that can happen to a component but lies."""
    seat, owner, local = parts.seats[component.owner], component.owner, component.local
    if seat.asker is None:
        return []
    answerable: list[tuple[Any, str | None]] = [(event, None) for _, event in parts.own_events(seat)]
    letters = [envelope.letter for envelope in parts.mailing.receivable(component.mailbox)]
    answerable += [(letter.message, letter.sender) for letter in letters]
    answerable += [(Gather(group), None) for group in parts.groups(owner, local, component.mailbox)]
    return [parts.answer(owner, local, event, sender) for event, sender in answerable]


def takes_groups(seat: Seat) -> bool:
    """Return whether a process takes groups of letters."""
    return getattr(seat.member, "gather", None) is not None


def taken_alone(seat: Seat, letters: Iterable[Envelope]) -> list[Envelope]:
    """Return the letters that a process takes one at a time."""
    asker = seat.asker
    return [letter for letter in letters if asker is not None and asker.takes(type(letter.letter.message))]


def groups_beside(parts: Components, component: Component, lies: Sequence[Envelope]) -> list[Mail[Any]]:
    """Return the groups that a process may take from its mailbox and from letters that are always there.

    Raises
    ------
    BadProtocol
        If a group holds two letters of one sender, which a liar could send at will.
    """
    asker, box = parts.seats[component.owner].asker, (*component.mailbox, *lies)
    assert asker is not None
    if parts.network.kind != "fifo":
        box = tuple(sorted(box, key=lambda envelope: envelope.key))
    groups = asker.groups(component.local, tuple(envelope.letter for envelope in box))
    for group in groups:
        senders = [letter.sender for letter in group]
        twice = [sender for sender in senders if senders.count(sender) > 1]
        if twice:
            raise BadProtocol(
                f"the gather guard of {parts.names[component.owner]} counts {twice[0]} twice",
                place=place_of(asker.process.gather),
                why=f"it accepts {shorten(show(group), 300)}, and a liar can send any number of messages",
                next_step="accept at most one message from each sender, as gather_quorum does",
            )
    return sorted(groups, key=key)


def refuse_copies(parts: Components, learner: Component, lie: Envelope) -> None:
    """Raise `BadProtocol` if a passive learner counts copies of a letter, which a liar could send at will."""
    member = parts.seats[learner.owner].member
    assert isinstance(member, PassiveLearner)
    for copies in () if parts.network.kind == "set" else (1, MOST_PROCESSES):
        box = learner.mailbox
        for _ in range(copies):
            box = parts.mailing.put(box, lie)
        decided = parts.component(learner.owner, learner.local, box).decisions
        if key(decided) != key(learner.decisions):
            raise BadProtocol(
                f"passive learner {parts.names[learner.owner]} counts {lie.letter.sender} more than once",
                place=place_of(member.learn),
                why=f"it decides {show(learner.decisions)}, but {show(decided)} once the same lie arrives again",
                next_step="count the distinct senders of a message, not its copies",
            )
