"""Asking a process that runs in rounds what it sends, how it receives and how it may lie.

Questions are put twice: the second time all sets iterate backwards and, where a protocol says after how many rounds it
repeats itself, in the round of the next repetition.  So the claim that the number of a round does not matter is
checked, not believed; where none is made, a sample of the later questions is put twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.rounds import OneOf, RoundProcess
from flpcheck.authoring.rules import RuleBook
from flpcheck.authoring.step import At, Send
from flpcheck.authoring.values import backwards, key, place_of, shorten, show
from flpcheck.errors import BadAnswer, BadValue, BadWorld, NondeterministicStep, SpecError, StepRaised, nearest
from flpcheck.failure import raised
from flpcheck.system.asker import Purity

MOST_LIES = 4096
"""Maximum number of lies in an alphabet; a larger one is taken to be infinite: the adversary tries every one on every
process."""


SURELY, SAMPLE = 1000, 16
"""Number of first questions to a process that are all put twice; of the later ones, one in SAMPLE is."""


class RoundAsker:
    """Calls the functions of one process in rounds.

    Parameters
    ----------
    process
        The process.
    everyone
        The names of all processes, in order.
    period
        Number of rounds after which the protocol repeats itself; 0 if it does not.
    rulebook
        Of its `receive`, shared by all processes with the same one.
    """

    def __init__(
        self, process: RoundProcess[Any, Any], everyone: tuple[Pid, ...], period: int, rulebook: RuleBook
    ) -> None:
        self.process = process
        self.everyone = everyone
        self.period = period
        self.rulebook = rulebook
        self.at = At(process.name, None, everyone)
        self.calls = self._questions = 0

    def sends(self, state: Any, number: int) -> tuple[Any, ...]:
        """Return the message to each process in a round, None where there is none.

        Raises
        ------
        StepError, BadValue
            If `send` raises, answers differently when asked again, or answers something that is not sending.
        """
        send = self.process.send
        first = self._sending(self._call(send, state, number), state, number)
        if not self._is_thorough():
            return first
        again = self._sending(self._call(send, backwards(state), number + self.period), state, number)
        if list(map(key, first)) != list(map(key, again)):
            raise self._different(send, show(first), show(again), state, number)
        return first

    def _sending(self, effects: Any, state: Any, number: int) -> tuple[Any, ...]:
        items = (effects,) if isinstance(effects, Send) else effects
        if not isinstance(items, tuple) or not all(isinstance(item, Send) and item.group != "sender" for item in items):
            why = f"it returned {shorten(repr(effects))}", self._where(state, number)
            advice = "return broadcast(m), to_others(m), send(m, to=...), a tuple of such, or ()"
            raise self._error(BadAnswer, "send must return Send effects", self.process.send, why, advice)
        letters: dict[Pid, Any] = {}
        for item in items:
            for to in self._receivers(item, state, number):
                if to in letters and key(letters[to]) != key(item.message):
                    why = f"{to} is sent {show(letters[to])} and {show(item.message)}", self._where(state, number)
                    advice = "put both into one message"
                    what = "a process sends two messages to the same process in one round"
                    raise self._error(BadAnswer, what, self.process.send, why, advice)
                letters[to] = item.message
        return tuple(letters.get(name) for name in self.everyone)

    def _receivers(self, item: Send[Any], state: Any, number: int) -> tuple[Pid, ...]:
        if item.group:
            return self.everyone if item.group == "everyone" else self.at.others
        for to in item.to:
            if to not in self.everyone:
                why = nearest(to, self.everyone), self._where(state, number)
                raise self._error(BadAnswer, f"no process {to!r} to send to", self.process.send, why, "")
        return item.to

    def receives(self, state: Any, number: int, heard: Sequence[tuple[Pid, Any]]) -> tuple[Any, ...]:
        """Return the possible states after a round in which these messages are heard.

        Raises
        ------
        StepError, BadValue
            If `receive` raises, answers differently when asked again, or answers something that is not a state.
        """
        receive = self.process.receive
        before = key(state)
        call = partial(self._call, receive, state, number, MappingProxyType(dict(heard)))
        answer = self.rulebook.watch(call)[0] if self.rulebook.never_taken() else call()
        first = self._states(answer, state, number)
        again = first
        if self._is_thorough():
            reversed_ = MappingProxyType({sender: backwards(message) for sender, message in heard})
            answer = self._call(receive, backwards(state), number + self.period, reversed_)
            again = self._states(answer, state, number)
        if key(state) != before:
            advice = "return replace(s, ...) instead of changing s"
            what = "receive modified the state that it was given"
            raise self._error(NondeterministicStep, what, receive, (self._where(state, number),), advice)
        if list(first) != list(again):
            raise self._different(receive, show(tuple(first.values())), show(tuple(again.values())), state, number)
        return tuple(first.values())

    def _is_thorough(self) -> bool:
        """Whether to ask twice: where a claim is checked always, otherwise at first, and then now and then."""
        self._questions += 1
        return bool(self.period) or self._questions <= SURELY or self._questions % SAMPLE == 0

    def _states(self, answer: Any, state: Any, number: int) -> dict[Any, Any]:
        if answer is None or (isinstance(answer, OneOf) and not answer.states):
            why = f"it returned {answer}", self._where(state, number)
            advice = "return the next state, `s` itself if nothing changes, or one_of(states)"
            raise self._error(BadAnswer, "receive has no next state", self.process.receive, why, advice)
        try:
            return {key(found): found for found in (answer.states if isinstance(answer, OneOf) else (answer,))}
        except BadValue as error:
            error.details += (self._where(state, number),)
            raise

    def lies(self, number: int) -> tuple[Any, ...]:
        """Return what the author lists that the process may say in a round if it is Byzantine.

        Raises
        ------
        BadWorld
            If the author gives it nothing to say, or too much.
        """
        lies = self.process.lies
        if lies is None:
            raise BadWorld(
                f"process {self.process.name} lists no lies, so it cannot be Byzantine",
                next_step="add RoundProcess(lies=...), or use another kind of fault",
            )
        try:
            found = list(islice(lies(self.at, number), MOST_LIES + 1))
        except Exception as error:
            raise self._raised(lies, error, None, number) from error
        self.calls += 1
        if len(found) > MOST_LIES:
            raise BadWorld(
                f"the Byzantine process {self.process.name} has more than {MOST_LIES} lies to choose from",
                place=place_of(lies),
                why="an infinite alphabet cannot be searched, and a huge one takes too long",
                next_step="yield only messages that a correct process distinguishes",
            )
        return tuple({key(lie): lie for lie in found}.values())

    def _call(self, function: Callable[..., Any], state: Any, number: int, *more: Any) -> Any:
        self.calls += 1
        try:
            return function(self.at, state, number, *more)
        except SpecError:
            raise
        except Exception as error:
            raise self._raised(function, error, state, number) from error

    def _raised(self, function: Callable[..., Any], error: Exception, state: Any, number: int) -> StepRaised:
        advice = "a process may hear any set of processes, even the empty one: return a result in every case"
        what, where = "a process raised an exception in a round", self._where(state, number)
        return raised(StepRaised, what, error, where, place=place_of(function), next_step=advice)

    def _different(
        self, function: Callable[..., Any], first: str, again: str, state: Any, number: int
    ) -> NondeterministicStep:
        same = f"in round {number}" if not self.period else f"in rounds {number} and {number + self.period}"
        details = f"or {shorten(again, 300)}", self._where(state, number)
        advice = Purity if not self.period else f"{Purity}; and `period` declares these two rounds equal"
        what = "this process is nondeterministic: two calls with equal arguments gave different results"
        why = f"{same}: {shorten(first, 300)}"
        return NondeterministicStep(what, place=place_of(function), why=why, details=details, next_step=advice)

    def _where(self, state: Any, number: int) -> str:
        return f"process {self.process.name}, round {number}, state {shorten(show(state), 300)}"

    def _error(
        self, kind: type[SpecError], what: str, function: Callable[..., Any], why: tuple[str, ...], advice: str
    ) -> SpecError:
        return kind(what, place=place_of(function), why=why[0], details=why[1:], next_step=advice)
