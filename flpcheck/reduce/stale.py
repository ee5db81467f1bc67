"""Stale mail: verifying, on the table of rows, that what is declared stale is dead and stays so.

A message may be dropped if delivering it changes nothing, if what it makes the receiver answer is stale in its turn,
and if all of this stays so whatever the receiver or the sender does next.  Then a configuration with the message and
the one without it are bisimilar, and fairness is satisfied by delivering it at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Pid
from flpcheck.authoring.reduction import StaleMail
from flpcheck.authoring.renaming import Renaming, words
from flpcheck.authoring.values import key, place_of, shorten, show
from flpcheck.errors import ReductionRefused
from flpcheck.failure import raised
from flpcheck.reduce.images import renamed_local
from flpcheck.reduce.offending import OFF
from flpcheck.reduce.rename import Map
from flpcheck.reduce.renamed_values import RenamedValues
from flpcheck.system.asker import Answer, Outcome
from flpcheck.system.components import AnsweredQuestion, Component, Components
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.world.network import Envelope


class _Case(NamedTuple):
    """A message between two local states that is declared stale, all by number."""

    owner: int
    receiver: int
    sender: int
    local: int  # of the sender
    message: int


class StaleTable:
    """Declared stale messages, verified for every pair of local states that occur together and every message seen.

    Local states and messages have numbers, so each distinct case is asked once, whichever cases it is a renaming of.

    Parameters
    ----------
    parts, copy
        The components that are explored, and a copy to ask without leaving traces.
    ask
        Asks the copy what a process does in a local state when an event happens to it, and who has sent that.
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
        ask: Callable[[int, Any, Any, Pid | None], Answer],
        mail: StaleMail,
        fixed_from: Callable[..., int | None],
        renamings: Callable[[frozenset[int], int | None], Iterable[tuple[str, Map]]],
    ) -> None:
        self.parts, self.copy, self.ask, self.mail = parts, copy, ask, mail
        self.fixed_from, self.renamings = fixed_from, renamings
        self.exchanges: tuple[Renaming, ...] = ()  # of names, where symmetry stands above
        self.delays_timers = False  # whether timers wait until all letters have arrived, stale ones too
        self.values = RenamedValues()
        self._answers: dict[_Case, bool] = {}
        self._claims: dict[tuple[int, int, int], bool] = {}  # receiver, sender, message: declared stale
        self._dead: set[_Case] = set()
        self._deliveries: dict[tuple[int, int, int, int], Answer] = {}
        self._idle: dict[tuple[int, int, int, int], bool] = {}
        self._maps: dict[tuple[tuple[int, ...], int | None], list[tuple[str, Map]]] = {}
        self._starts: dict[tuple[int, int], int | None] = {}
        self._stale: dict[tuple[int, int], list[_Case]] = defaultdict(list)  # by a process and its local state
        self._known: dict[tuple[int, int], dict[Envelope, None]] = defaultdict(dict)  # by receiver and sender
        self._pairs: dict[tuple[int, int, int, int], int] = {}
        self._steps: dict[tuple[int, int], dict[int, None]] = defaultdict(dict)

    def exchange(self, names: tuple[Renaming, ...]) -> None:
        """Verify from now on that what is stale does not depend on names: not under any of some renamings."""
        self.exchanges = names
        self._answers.clear()

    def stale(self, owner: int, receiver: Any, sender: Any, envelope: Envelope) -> bool:
        """Return whether a message is declared stale; verified at its first use.

        The receiver is alive: a crash has emptied the mailbox.
        """
        self._known[owner, envelope.sender][envelope] = None
        number = self.values.number
        case = _Case(owner, number(receiver), envelope.sender, number(sender), number(envelope.letter.message))
        found = self._answers.get(case)
        if found is None:
            found = self._answers[case] = self._declared(case.receiver, case.local, case.message)
            self._check_exchanged(case, stale=found)
            if found:
                self._enter(case)
        return found

    def _declared(self, receiver: int, sender: int, message: int) -> bool:
        found = self._claims.get((receiver, sender, message))
        if found is None:
            found = self._said(self._value(receiver), self._value(sender), self._value(message))
            self._claims[receiver, sender, message] = found
        return found

    def _said(self, receiver: Any, sender: Any, message: Any) -> bool:
        """Return what the declaration says now."""
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
        name = (receiver.owner, self.values.number(receiver.local), sender.owner, self.values.number(sender.local))
        done = self._pairs.get(name, 0)
        if done == len(known):
            return
        self._pairs[name] = len(known)
        self.judge((receiver.owner, receiver.local), (sender.owner, sender.local), done)

    def _enter(self, case: _Case) -> None:
        self._check_dead(case)
        self._check_renamed(case)
        for place in ((case.owner, case.receiver), (case.sender, case.local)):
            self._stale[place].append(case)
            for after in list(self._steps[place]):
                self._check_stays(case, place, after)

    def _step(self, row: AnsweredQuestion, outcome: Outcome) -> None:
        place, after = (row.owner, self.values.number(row.local)), self.values.number(outcome.state)
        if after not in self._steps[place]:
            self._steps[place][after] = None
            for case in list(self._stale.get(place, ())):
                self._check_stays(case, place, after)

    def _check_dead(self, case: _Case) -> None:
        """Verify that a message changes nothing; once, whichever cases it is a renaming of."""
        if case in self._dead:
            return
        seat = self.copy.seats[case.owner]
        if seat.asker is None or seat.asker.process.gather is not None:
            self._refuse(case, f"{seat.name} reads its whole mailbox, so no message to it can be dropped")
        if not self._is_idle(case):
            self._check_outcomes(case)
        self._dead.add(case)

    def _check_outcomes(self, case: _Case) -> None:
        """Verify that a message changes no local state, and that what it is answered is stale in its turn."""
        receiver, sender = self.parts.names[case.owner], self.parts.names[case.sender]
        outcomes = self._delivered(case).outcomes
        for outcome in outcomes:
            if key(outcome.state) != key(self._value(case.receiver)) or outcome.notes:
                self._refuse(case, f"delivered, it leads to {show(outcome.state)}")
            if outcome.restarts:
                self._refuse(case, f"delivered, it restarts the timer of {receiver}")
            for to, reply in outcome.sends:
                if to != sender or not self._said(self._value(case.local), self._value(case.receiver), reply):
                    self._refuse(case, f"delivered, it makes {receiver} send {show(reply)} to {to}, which is not stale")
        if not outcomes:
            self._refuse(case, "it is deferred here, and may still be received later")
        if self.delays_timers and self._rallies(case):
            self._refuse(
                case, "it triggers replies without end, which keep timers waiting; dropping it would hide that"
            )

    def _value(self, number: int) -> Any:
        return self.values.values[number]

    def _is_idle(self, case: _Case) -> bool:
        """Return whether a message changes nothing and is not answered, in whatever local state its sender is."""
        name = (case.owner, case.receiver, case.sender, case.message)
        found = self._idle.get(name)
        if found is None:
            same, outcomes = key(self._value(case.receiver)), self._delivered(case).outcomes
            found = bool(outcomes) and all(
                key(outcome.state) == same and not (outcome.notes or outcome.restarts or outcome.sends)
                for outcome in outcomes
            )
            self._idle[name] = found
        return found

    def _delivered(self, case: _Case) -> Answer:
        """Return what the copy answers to a message; asked once, however many local states its sender is in."""
        name = (case.owner, case.receiver, case.sender, case.message)
        if name not in self._deliveries:
            receiver, message = self._value(case.receiver), self._value(case.message)
            self._deliveries[name] = self.ask(case.owner, receiver, message, self.parts.names[case.sender])
        return self._deliveries[name]

    def _rallies(self, case: _Case) -> bool:
        states = {case.owner: self._value(case.receiver), case.sender: self._value(case.local)}
        return self._is_rallied(states, (case.owner, case.sender, self._value(case.message)), frozenset())

    def _is_rallied(self, states: dict[int, Any], letter: tuple[int, int, Any], above: frozenset[Any]) -> bool:
        """Return whether answers to a message, and answers to these, never end: stale mail changes no local state."""
        owner, sender, message = letter
        name, seat = (owner, sender, key(message)), self.copy.seats[owner]
        if name in above or seat.asker is None:
            return name in above
        answer = self.ask(owner, states[owner], message, self.parts.names[sender])
        replies = [(self.parts.index[to], reply) for outcome in answer.outcomes for to, reply in outcome.sends]
        return any(
            to not in states or self._is_rallied(states, (to, owner, reply), above | {name}) for to, reply in replies
        )

    def _check_stays(self, case: _Case, place: tuple[int, int], after: int) -> None:
        ours = place == (case.owner, case.receiver)
        receiver, sender = (after, case.local) if ours else (case.receiver, after)
        if not self._declared(receiver, sender, case.message):
            who = self.parts.names[place[0]]
            self._refuse(case, f"it is no longer stale after {who} steps to {show(self._value(after))}")

    def _check_renamed(self, case: _Case) -> None:
        """Verify that under other ballots, too, the message is declared stale and is dead."""
        under = self.values.under
        for what, ballots in self._renamings(case):
            receiver, local, message = (under(part, ballots) for part in (case.receiver, case.local, case.message))
            if not self._declared(receiver, local, message):
                self._refuse(case, f"{what}, it is not stale")
            self._check_dead(case._replace(receiver=receiver, local=local, message=message))

    def _renamings(self, case: _Case) -> list[tuple[str, Map]]:
        """Return the renamings of the ballots in a case that must change nothing."""
        states = (case.receiver, case.local)
        if states not in self._starts:
            self._starts[states] = self.fixed_from(*map(self._value, states))
        parts = (*states, case.message)
        seen = tuple(sorted({ballot for part in parts for ballot in self.values.ballots(part)}))
        name = (seen, self._starts[states])
        if name not in self._maps:
            self._maps[name] = list(self.renamings(frozenset(seen), name[1]))
        return self._maps[name]

    def _check_exchanged(self, case: _Case, *, stale: bool) -> None:
        """Verify that a message is declared stale, or not, whatever the processes and values are called."""
        for to in self.exchanges:
            receiver, sender = (renamed_local(self._value(state), to) for state in (case.receiver, case.local))
            if self._said(receiver, sender, to(self._value(case.message))) != stale:
                here = "it is declared stale here" if stale else "it is not declared stale here"
                self._refuse(case, f"{here}, but otherwise {words(to)}", "is stale under some names only")

    def _refuse(self, case: _Case, because: str, what: str = "is not stale") -> NoReturn:
        sender, receiver = self.parts.names[case.sender], self.parts.names[case.owner]
        local, other = (shorten(show(self._value(state)), 300) for state in (case.receiver, case.local))
        states = f"{receiver} in {local}, {sender} in {other}"
        letter = f"{show(self._value(case.message))} from {sender} to {receiver}"
        raise ReductionRefused(
            f"a declared reduction is wrong: {letter} {what}",
            place=place_of(self.mail.stale),
            why=states,
            details=[because],
            next_step=OFF,
        )
