"""Local states between rounds, each constructed once, with the messages sent and the transitions."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeAlias

from flpcheck.authoring.events import Letter, Pid
from flpcheck.authoring.rounds import RoundProcess
from flpcheck.authoring.rules import RuleBook
from flpcheck.authoring.values import Key, key, show
from flpcheck.system.components import Crashed, remains
from flpcheck.system.round_asker import RoundAsker
from flpcheck.world.network import Envelope

Utterances: TypeAlias = tuple[Envelope | None, ...]
"""Messages sent or possible, one per process, None for none; or the alternatives for one message."""
CORRECT, FAULTY, BYZANTINE = "correct", "faulty", "Byzantine"


class RoundState:
    """The local state of one process between rounds, made once: identity is equality.

    A Byzantine process has no state.
    """

    __slots__ = ("after", "crashed", "decisions", "local", "owner", "sends", "status")

    def __init__(self, owner: int, local: Any, status: str) -> None:
        self.owner = owner
        self.local = local
        self.status = status
        self.crashed = isinstance(local, Crashed)
        decision = getattr(local, "decision", None)
        self.decisions: tuple[Hashable, ...] = () if decision is None else (decision,)
        self.sends: dict[int, Utterances] = {}
        self.after: dict[tuple[int, tuple[Envelope, ...]], tuple[RoundState, ...]] = {}

    @property
    def content(self) -> Key:
        """Its content, comparable with that of others of its process."""
        return (self.status, key(self.local))

    @property
    def running(self) -> bool:
        """Whether it follows the protocol in the next round."""
        return not self.crashed and self.status != BYZANTINE


class RoundStates:
    """All parts of a system; the author's functions are called once per question."""

    def __init__(self, members: tuple[RoundProcess[Any, Any], ...], period: int) -> None:
        self.members = members
        self.names: tuple[Pid, ...] = tuple(member.name for member in members)
        self.rulebooks: list[RuleBook] = []
        self.askers = tuple(
            RoundAsker(member, self.names, period, self._rulebook(RuleBook(member.receive, in_rounds=True)))
            for member in members
        )
        self.overwritten: list[str] = []
        self._parts: dict[tuple[int, Key, str], RoundState] = {}
        self._envelopes: dict[tuple[int, Key], Envelope] = {}
        self._lies: dict[tuple[int, int], Utterances] = {}

    def _rulebook(self, book: RuleBook) -> RuleBook:
        known = next((other for other in self.rulebooks if other.code is book.code), None)
        if known is None:
            self.rulebooks.append(book)
        return known or book

    def part(self, owner: int, local: Any, status: str = CORRECT) -> RoundState:
        """Return the one part of a process with this local state."""
        name = (owner, key(local), status)
        if name not in self._parts:
            self._parts[name] = RoundState(owner, local, status)
        return self._parts[name]

    def corpse(self, part: RoundState) -> RoundState:
        """Return what is left of a process after a crash."""
        return self.part(part.owner, remains(part.local), part.status)

    def envelope(self, sender: int, message: Any) -> Envelope:
        """Return the one envelope of a sender with this message."""
        name = (sender, key(message))
        if name not in self._envelopes:
            self._envelopes[name] = Envelope(sender, Letter(self.names[sender], message), name)
        return self._envelopes[name]

    def sends(self, part: RoundState, number: int) -> Utterances:
        """Return what a process sends to each of the others in a round."""
        found = part.sends.get(number)
        if found is None:
            messages = self.askers[part.owner].sends(part.local, number)
            found = tuple(None if m is None else self.envelope(part.owner, m) for m in messages)
            part.sends[number] = found
        return found

    def after(self, part: RoundState, number: int, content: tuple[Envelope, ...]) -> tuple[RoundState, ...]:
        """Return the possible parts of a process after a round in which it hears this: a row, computed once."""
        found = part.after.get((number, content))
        if found is None:
            heard = [(envelope.letter.sender, envelope.letter.message) for envelope in content]
            states = self.askers[part.owner].receives(part.local, number, heard)
            found = tuple(self.part(part.owner, state, part.status) for state in states)
            part.after[number, content] = found
            for after in found:
                self._watch_decision(part, number, after)
        return found

    def sent_so_far(self) -> list[tuple[int, Any, int, Any]]:
        """Return the calls of `send`: process, state, round, and the message to each receiver."""
        return [
            (part.owner, part.local, number, tuple(None if e is None else e.letter.message for e in found))
            for part in self._parts.values()
            for number, found in part.sends.items()
        ]

    def heard_so_far(self) -> list[tuple[int, Any, int, Any, Any]]:
        """Return the calls of `receive`: process, state, round, messages heard, next states."""
        return [
            (part.owner, part.local, number, tuple(tuple(e.letter) for e in content), tuple(p.local for p in found))
            for part in self._parts.values()
            for (number, content), found in part.after.items()
        ]

    def _watch_decision(self, before: RoundState, number: int, after: RoundState) -> None:
        if before.decisions and key(after.decisions) != key(before.decisions):
            new = show(after.decisions[0]) if after.decisions else "none"
            change = f"{show(before.decisions[0])} to {new}"
            self.overwritten.append(f"round {number} changes the decision of {self.names[before.owner]} from {change}")

    def silence(self, receiver: int, liar: int) -> Envelope | None:
        """Return what the silence of a Byzantine process looks like to a receiver; None for silence."""
        default = self.members[receiver].silence
        return None if default is None else self.envelope(liar, default)

    def lies(self, owner: int, number: int) -> Utterances:
        """Return what the author lists that a Byzantine process may say in a round; None for nothing."""
        if (owner, number) not in self._lies:
            found = self.askers[owner].lies(number)
            self._lies[owner, number] = tuple(None if m is None else self.envelope(owner, m) for m in found)
        return self._lies[owner, number]
