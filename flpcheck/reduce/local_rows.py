"""Rows of single processes: what one does in a local state when something happens to it, asked without a trace.

Whether local states are equal is found out by questions that perhaps no run puts, so nothing else may depend on them:
an error is an answer like another, and no rule counts as taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.events import Gather, Recovered
from flpcheck.authoring.values import Key, key
from flpcheck.errors import SpecError
from flpcheck.reduce.guards import offered
from flpcheck.reduce.places import Places
from flpcheck.system.asker import Answer, Asker, Outcome
from flpcheck.system.components import Byzantine, Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.network import Envelope, Mailbox

CRASH, RECOVERY = "crash", "recovery"


@dataclass(frozen=True)
class GuardAt:
    """The question what a guard of `Gather` makes of a mailbox."""

    box: Mailbox


LocalQuestion: TypeAlias = Envelope | Mailbox | int | str | GuardAt
"""An event of a process: a delivery, a gathering of some letters, its own event with a number, `CRASH`, `RECOVERY`."""


class LocalEffect(NamedTuple):
    """One outcome of a row.

    Parameters
    ----------
    label
        All that others can tell of it: what is sent and noted, its probability, whether a timer is restarted, whether
        a letter is taken out of the mailbox.
    after
        The place afterwards.
    """

    label: tuple[Any, ...]
    after: int


Row: TypeAlias = tuple[LocalEffect, ...]
"""The outcomes, each once, in the order of the answer; none if a letter is deferred."""
SILENT = ((), 0, (), None, False, True)
"""The label of an outcome of which others can tell nothing."""
FAILED = "failed"


class LocalRows:
    """The rows that are known, each asked once.

    Parameters
    ----------
    plain
        The plain system.
    places
        The numbers of local states.
    """

    def __init__(self, plain: MessagePassing, places: Places) -> None:
        self.parts, self.crashes, self.places = plain.parts, plain.crashes, places
        network, failures = plain.world.network, plain.world.failures
        explicit = bool(failures.crashes) and failures.events == "explicit"
        self._crashable = frozenset(plain.crashable if explicit else ())
        self._stays = network.ignored == "stays" and network.kind != "set"
        self._own = [[] if s.asker is None else [e for _, e in self.parts.own_events(s)] for s in self.parts.seats]
        self.known: dict[int, dict[LocalQuestion, Row]] = {}

    def always(self, place: int) -> Iterable[LocalQuestion]:
        """Return what can happen to a process whatever its mailbox holds."""
        owner, local = self.places.states[place]
        if isinstance(local, Byzantine):
            return ()
        if isinstance(local, Crashed):
            return () if local.stable is None else (RECOVERY,)
        return (*range(len(self._own[owner])), *((CRASH,) if owner in self._crashable else ()))

    def row(self, place: int, question: LocalQuestion) -> Row:
        """Return what happens in a place."""
        rows = self.known.setdefault(place, {})
        found = rows.get(question)
        if found is None:
            found = rows[question] = tuple(dict.fromkeys(self._effects(place, question)))
        return found

    def groups(self, place: int, box: Mailbox) -> tuple[Mailbox, ...] | None:
        """Return what a process may gather from a mailbox; None if its guard raises an error."""
        return offered(self.parts, *self.places.states[place], box)

    def note_groups(self, place: int, box: Mailbox) -> None:
        """Note down what a process may gather from a mailbox, where that tells its local state from another."""
        self.known.setdefault(place, {})[GuardAt(box)] = (LocalEffect((self.groups(place, box),), place),)

    def _effects(self, place: int, question: LocalQuestion) -> Iterable[LocalEffect]:
        owner, local = self.places.states[place]
        if question == CRASH:
            return [LocalEffect(SILENT, self.places.number(owner, self.crashes.remains(owner, local)))]
        try:
            answer = self._answer(owner, local, question)
        except SpecError:
            answer = None
        if answer is None:
            return [LocalEffect((FAILED,), place)]
        pairs = zip(answer.outcomes, answer.names, strict=True)
        return [
            LocalEffect(self._label(place, question, *pair), self.places.number(owner, pair[0].state, pair[1]))
            for pair in pairs
        ]

    def _label(self, place: int, question: LocalQuestion, outcome: Outcome, name: Key) -> tuple[Any, ...]:
        puts = self.parts.puts(self.places.states[place][0], outcome.sends)
        sends = tuple(sorted(puts, key=lambda put: (put[0], put[1].key)))
        swallowed = len(outcome.sends) - len(sends)  # to send what a partition swallows is no silence
        quiet = not (outcome.sends or outcome.notes or outcome.restarts)
        stays = self._stays and isinstance(question, Envelope) and quiet and name == self.places.keys[place]
        return (sends, swallowed, tuple(map(key, outcome.notes)), outcome.chance, outcome.restarts, not stays)

    def _answer(self, owner: int, local: Any, question: LocalQuestion) -> Answer | None:
        """Return the answer to a question; None if the process does not take such a message."""
        asker = self.parts.seats[owner].asker
        assert asker is not None
        if question == RECOVERY:
            return self._restart(asker, owner, local.stable)
        if isinstance(question, int):
            return asker.imagine(local, self._own[owner][question], None, twice=False)
        if isinstance(question, tuple):
            return asker.imagine(local, Gather(tuple(one.letter for one in question)), None, twice=False)
        assert isinstance(question, Envelope)
        sender, message = question.letter
        if not asker.takes(type(message)):
            return None if asker.process.gather is None else Answer((), None)
        return asker.imagine(local, message, sender, twice=False)

    def _restart(self, asker: Asker, owner: int, stable: Any) -> Answer:
        if self.crashes.restarts(owner):
            return asker.imagine(stable, Recovered(), None, twice=False)
        return Answer((Outcome(stable, (), ()),), None, (key(stable),))
