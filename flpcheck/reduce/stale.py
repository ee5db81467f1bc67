"""Stale mail: verifying, on the table of rows, that what is declared stale is dead and stays so.

A message may be dropped if delivering it changes nothing, if what it makes the receiver answer is stale in its turn,
and if all of this stays so whatever the receiver or the sender does next.  Then a configuration with the message and
the one without it are bisimilar, and fairness is satisfied by delivering it at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.reduction import StaleMail
from flpcheck.authoring.renaming import Renaming, words
from flpcheck.authoring.values import Key, key, place_of, shorten, show
from flpcheck.errors import ReductionRefused
from flpcheck.failure import raised
from flpcheck.reduce.images import renamed_local
from flpcheck.reduce.offending import OFF
from flpcheck.reduce.rename import Map, ballots_in, renamed
from flpcheck.system.asker import Answer, Outcome
from flpcheck.system.components import AnsweredQuestion, Component, Components
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.world.network import Envelope


class _Case(NamedTuple):
    """A message between two local states that is declared stale."""

    owner: int
    receiver: Any
    sender: Any
    envelope: Envelope


class StaleTable:
    """Declared stale messages, verified for every pair of local states that occur together and every message seen.

    Parameters
    ----------
    parts, copy
        The components that are explored, and a copy to ask without leaving traces.
    mail
        The declaration.
    fixed_from
        The lowest current ballot of some local states.
    renamings
        `renamings(ballots, current)`: how ballots may be renamed, with what to say of it.
    """

    def __init__(
        self,
        parts: Components,
        copy: Components,
        mail: StaleMail,
        fixed_from: Callable[..., int | None],
        renamings: Callable[[frozenset[int], int | None], Iterable[tuple[str, Map]]],
    ) -> None:
        self.parts, self.copy, self.mail = parts, copy, mail
        self.fixed_from, self.renamings = fixed_from, renamings
        self.exchanges: tuple[Renaming, ...] = ()  # of names, where symmetry stands above
        self.delays_timers = False  # whether timers wait until all letters have arrived, stale ones too
        self._answers: dict[tuple[int, Key, Key, Envelope], bool] = {}
        self._deliveries: dict[tuple[int, Key, Envelope], Answer] = {}
        self._stale: dict[tuple[int, Key], list[_Case]] = defaultdict(list)  # by a process and its local state
        self._known: dict[tuple[int, int], dict[Envelope, None]] = defaultdict(dict)  # by receiver and sender
        self._pairs: dict[tuple[int, int], int] = {}
        self._places: dict[Component, int] = {}
        self._numbers: dict[tuple[int, Key], int] = {}
        self._steps: dict[tuple[int, Key], dict[Key, Any]] = defaultdict(dict)

    def exchange(self, names: tuple[Renaming, ...]) -> None:
        """Verify from now on that what is stale does not depend on names: not under any of some renamings."""
        self.exchanges = names
        self._answers.clear()

    def stale(self, owner: int, receiver: Any, sender: Any, envelope: Envelope) -> bool:
        """Return whether a message is declared stale; verified at its first use.

        The receiver is alive: a crash has emptied the mailbox.
        """
        self._known[owner, envelope.sender][envelope] = None
        name = (owner, key(receiver), key(sender), envelope)
        found = self._answers.get(name)
        if found is None:
            found = self._answers[name] = self._declared(receiver, sender, envelope.letter.message)
            self._check_exchanged(_Case(owner, receiver, sender, envelope), stale=found)
            if found:
                self._enter(_Case(owner, receiver, sender, envelope))
        return found

    def _declared(self, receiver: Any, sender: Any, message: Any) -> bool:
        try:
            return bool(self.mail.stale(receiver, sender, message))
        except Exception as error:
            what = "the function `stale` of a StaleMail declaration raised an exception"
            letter = f"{show(message)} from {show(sender)} to {show(receiver)}"
            raise raised(ReductionRefused, what, error, letter, place=place_of(self.mail.stale)) from error

    def look(self, configuration: MessagePassingConfiguration, rows: Iterable[AnsweredQuestion]) -> None:
        """Take note of new local transitions, and of the pairs of local states in a configuration."""
        self.enter_steps(rows)
        for receiver in configuration.components:
            for sender in configuration.components:
                self._pair(receiver, sender)

    def enter_steps(self, rows: Iterable[AnsweredQuestion]) -> None:
        """Take note of new local transitions: what is stale before one is stale after it."""
        for row in rows:
            for outcome in row.answer.outcomes:
                self._step(row, outcome)

    def known(self, processes: int) -> NDArray[np.int64]:
        """int64[processes, processes]: how many messages were asked about, by receiver and sender."""
        found = np.zeros((processes, processes), np.int64)
        for pair, envelopes in self._known.items():
            found[pair] = len(envelopes)
        return found

    def judge(self, receiver: tuple[int, Any], sender: tuple[int, Any], done: int) -> None:
        """Ask of messages known between two processes whether they would be stale in their local states.

        Parameters
        ----------
        receiver, sender
            Both processes with their local states.
        done
            How many of these messages were asked about before.
        """
        for envelope in list(self._known[receiver[0], sender[0]])[done:]:
            self.stale(receiver[0], receiver[1], sender[1], envelope)

    def _pair(self, receiver: Component, sender: Component) -> None:
        """Ask of every message known between two processes whether it would be stale here."""
        known = self._known.get((receiver.owner, sender.owner))
        if not known or receiver.crashed or sender.crashed:
            return
        name = (self._place(receiver), self._place(sender))
        done = self._pairs.get(name, 0)
        if done == len(known):
            return
        self._pairs[name] = len(known)
        self.judge((receiver.owner, receiver.local), (sender.owner, sender.local), done)

    def _place(self, component: Component) -> int:
        """Return a number for a process in a local state."""
        found = self._places.get(component)
        if found is None:
            name = (component.owner, key(component.local))
            found = self._places[component] = self._numbers.setdefault(name, len(self._numbers))
        return found

    def _enter(self, case: _Case) -> None:
        self._check_dead(case)
        self._check_renamed(case)
        for place in ((case.owner, key(case.receiver)), (case.envelope.sender, key(case.sender))):
            self._stale[place].append(case)
            for after in list(self._steps[place].values()):
                self._check_stays(case, place, after)

    def _step(self, row: AnsweredQuestion, outcome: Outcome) -> None:
        place = (row.owner, key(row.local))
        if self._steps[place].setdefault(key(outcome.state), outcome.state) is outcome.state:
            for case in list(self._stale.get(place, ())):
                self._check_stays(case, place, outcome.state)

    def _check_dead(self, case: _Case) -> None:
        sender, seat = self.parts.names[case.envelope.sender], self.copy.seats[case.owner]
        if seat.asker is None or seat.asker.process.gather is not None:
            self._refuse(case, f"{seat.name} reads its whole mailbox, so no message to it can be dropped")
            return
        answer = self._delivered(case.owner, case.receiver, case.envelope)
        for outcome in answer.outcomes:
            if key(outcome.state) != key(case.receiver) or outcome.notes:
                self._refuse(case, f"delivered, it leads to {show(outcome.state)}")
            if outcome.restarts:
                self._refuse(case, f"delivered, it restarts the timer of {seat.name}")
            for to, reply in outcome.sends:
                if to != sender or not self._declared(case.sender, case.receiver, reply):
                    self._refuse(
                        case, f"delivered, it makes {seat.name} send {show(reply)} to {to}, which is not stale"
                    )
        if not answer.outcomes:
            self._refuse(case, "it is deferred here, and may still be received later")
        if self.delays_timers and self._rallies({case.owner: case.receiver, case.envelope.sender: case.sender}, case):
            self._refuse(
                case, "it triggers replies without end, which keep timers waiting; dropping it would hide that"
            )

    def _delivered(self, owner: int, receiver: Any, envelope: Envelope) -> Answer:
        """Return what the copy answers to a message; asked once, however many local states its sender is in."""
        name = (owner, key(receiver), envelope)
        if name not in self._deliveries:
            asker = self.copy.seats[owner].asker
            assert asker is not None
            self._deliveries[name] = asker.ask(receiver, envelope.letter.message, self.parts.names[envelope.sender])
        return self._deliveries[name]

    def _rallies(self, states: dict[int, Any], case: _Case, above: frozenset[Any] = frozenset()) -> bool:
        """Return whether answers to a message, and answers to these, never end: stale mail changes no local state."""
        letter, name = case.envelope.letter, (case.owner, case.envelope)
        seat = self.copy.seats[case.owner]
        if name in above or seat.asker is None:
            return name in above
        answer = seat.asker.ask(states[case.owner], letter.message, letter.sender)
        replies = [(self.parts.index[to], reply) for outcome in answer.outcomes for to, reply in outcome.sends]
        for to, reply in replies:
            envelope = self.copy.envelope(case.owner, reply)
            answered = _Case(to, states.get(to), states[case.owner], envelope)
            if to not in states or self._rallies(states, answered, above | {name}):
                return True
        return False

    def _check_stays(self, case: _Case, place: tuple[int, Key], after: Any) -> None:
        ours = place[0] == case.owner and place[1] == key(case.receiver)
        receiver, sender = (after, case.sender) if ours else (case.receiver, after)
        if not self._declared(receiver, sender, case.envelope.letter.message):
            who = self.parts.names[place[0]]
            self._refuse(case, f"it is no longer stale after {who} steps to {show(after)}")

    def _check_renamed(self, case: _Case) -> None:
        """Verify that under other ballots, too, the message is declared stale and is dead."""
        message = case.envelope.letter.message
        start = self.fixed_from(case.receiver, case.sender)
        seen = ballots_in(case.receiver) | ballots_in(case.sender) | ballots_in(message)
        for what, ballots in self.renamings(seen, start):
            receiver, sender, said = (renamed(part, ballots) for part in (case.receiver, case.sender, message))
            if not self._declared(receiver, sender, said):
                self._refuse(case, f"{what}, it is not stale")
            self._check_dead(_Case(case.owner, receiver, sender, self.copy.envelope(case.envelope.sender, said)))

    def _check_exchanged(self, case: _Case, *, stale: bool) -> None:
        """Verify that a message is declared stale, or not, whatever the processes and values are called."""
        for to in self.exchanges:
            receiver, sender = (renamed_local(state, to) for state in (case.receiver, case.sender))
            if self._declared(receiver, sender, to(case.envelope.letter.message)) != stale:
                here = "it is declared stale here" if stale else "it is not declared stale here"
                self._refuse(case, f"{here}, but otherwise {words(to)}", "is stale under some names only")

    def _refuse(self, case: _Case, because: str, what: str = "is not stale") -> None:
        sender, receiver = self.parts.names[case.envelope.sender], self.parts.names[case.owner]
        states = f"{receiver} in {shorten(show(case.receiver), 300)}, {sender} in {shorten(show(case.sender), 300)}"
        letter = f"{show(case.envelope.letter.message)} from {sender} to {receiver}"
        raise ReductionRefused(
            f"a declared reduction is wrong: {letter} {what}",
            place=place_of(self.mail.stale),
            why=states,
            details=[because],
            next_step=OFF,
        )
