"""Asking a protocol for one local step, with every check that keeps a bad spec from giving a good verdict.

Both engines ask here and nowhere else, once per (local state, event).  Each question is put twice, the second time
with all sets iterating backwards, so that randomness, clocks, hidden state and set order are found out.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from flpcheck.authoring.events import OWN, Gather, Pid
from flpcheck.authoring.process import Mail, Process
from flpcheck.authoring.rules import Rule, RuleBook
from flpcheck.authoring.step import RESTART, Alternatives, At, Deferred, Note, RestartTimer, Send, Toss
from flpcheck.authoring.values import Key, backwards, key, place_of, shorten, show
from flpcheck.errors import (
    BadAnswer,
    BadValue,
    NondeterministicStep,
    Related,
    SpecError,
    StepRaised,
    UnhandledMessage,
    nearest,
)
from flpcheck.failure import raised
from flpcheck.glossary import see
from flpcheck.system.letter_places import PlacesOfLetters

GUARDED = 2000
"""Number of questions to a guard that are kept, to be put again."""
ONE_IN = 64
"""One in ONE_IN of the questions that are put for the sake of verification only is put twice."""
Purity = (
    "a step must depend on its arguments only: common causes are iterating over a set without sorting it, "
    "random numbers, clocks, and state kept outside the arguments"
)


class Outcome(NamedTuple):
    """One outcome of a local step.

    Parameters
    ----------
    state
        The next local state.
    sends
        (receiver, message) pairs, in the order of sending.
    notes
        Its notes to the observers.
    chance
        Its probability, if the step tosses a coin; None if the adversary chooses.
    restarts
        Whether the step rearms the timer of its process.
    """

    state: Any
    sends: tuple[tuple[Pid, Any], ...]
    notes: tuple[Any, ...]
    chance: Fraction | None = None
    restarts: bool = False


class Answer(NamedTuple):
    """The result of a step function.

    Parameters
    ----------
    outcomes
        The outcomes; none if it deferred the message.
    rule
        The rule that applied, if that was found out.
    names
        The identities of the next local states, in the order of the outcomes.
    """

    outcomes: tuple[Outcome, ...]
    rule: Rule | None
    names: tuple[Key, ...] = ()

    @classmethod
    def of(cls, read: dict[Key, Outcome], rule: Rule | None) -> Answer:
        """Return the answer that has these outcomes by their identities: (next state, effects) each."""
        return cls(tuple(read.values()), rule, tuple(state for state, _ in read))


class Asker:
    """Asks the step function of one process.

    Parameters
    ----------
    process
        The process.
    everyone
        The names of all processes, in order.
    rulebook
        Shared by all processes with the same step function.
    """

    def __init__(self, process: Process[Any, Any], everyone: tuple[Pid, ...], rulebook: RuleBook) -> None:
        self.process = process
        self.everyone = everyone
        self.rulebook = rulebook
        self.calls = 0
        self.delivered: set[type] = set()
        self.tosses = False
        self.guarded = list[tuple[Any, Mail[Any], tuple[Mail[Any], ...]]]()
        """The first questions to the guard: state, mailbox and the groups that it accepted."""
        self.overhear: Callable[[Any, Answer], None] | None = None
        """Told of each (local state, answer) when it is asked, where liars can say what was said."""
        self._alone = set[tuple[Key, Key]]()  # groups that the guard was seen to accept by themselves
        self._seen = dict[tuple[Key, tuple[int, ...]], Mail[Any]]()  # the same by the identities of their letters

    def takes(self, kind: type) -> bool:
        """Return whether the step function's annotation admits an event of this class, honest or a lie."""
        return self.rulebook.admits(kind)

    def sent(self) -> tuple[tuple[tuple[Pid, Any], ...], tuple[Any, ...]]:
        """Return what the process has already sent in the initial configuration, and what it has noted."""
        return self._effects(self.process.sent, At(self.process.name, None, self.everyone))[:2]

    def ask(
        self, state: Any, event: Any, sender: Pid | None = None, *, thorough: bool = True, traced: bool = True
    ) -> Answer:
        """Return what the process does in a local state when an event happens to it.

        Parameters
        ----------
        state, event, sender
            The question.
        thorough
            False to ask once only, and not to find out which rule applied unless some rule was never seen.
        traced
            False not to find out even then, where no rule can apply that others have not.

        Raises
        ------
        StepError, BadValue
            If the step function raises, changes its arguments, answers differently when asked again, or answers
            something that is not a step.  Cost: two calls of the step function.
        """
        if self._waits_to_be_gathered(event):
            return Answer((), None)
        answer = self._asked(state, event, sender, thorough=thorough, traced=traced)
        if self.overhear is not None:
            self.overhear(state, answer)
        return answer

    def _asked(self, state: Any, event: Any, sender: Pid | None, *, thorough: bool, traced: bool) -> Answer:
        self._check_kind(event, state)
        at = At(self.process.name, sender, self.everyone)
        if not thorough:
            return self._ask_once(at, state, event, traced=traced)
        before = key(state)
        raw, rule = self.rulebook.watch(lambda: self._call(at, state, event))
        answer = self._read(raw, at, state, event)
        again = self._read(self._call(at, backwards(state), backwards(event)), at, state, event)
        self.calls += 2
        if key(state) != before:
            raise self._error(
                NondeterministicStep, "the step modified the state that it was given", state, event, Purity
            )
        if list(answer) != list(again):
            raise self._different(tuple(answer.values()), tuple(again.values()), state, event)
        return Answer.of(answer, rule)

    def imagine(self, state: Any, event: Any, sender: Pid | None, *, twice: bool) -> Answer:
        """Return what the process would do, without any trace of the question: for what its own code could say."""
        at = At(self.process.name, sender, self.everyone)
        answer = self._read(self._call(at, state, event), at, state, event)
        if not twice:
            return Answer.of(answer, None)
        again = self._read(self._call(at, backwards(state), backwards(event)), at, state, event)
        if list(answer) != list(again):
            raise self._different(tuple(answer.values()), tuple(again.values()), state, event)
        return Answer.of(answer, None)

    def _ask_once(self, at: At, state: Any, event: Any, *, traced: bool) -> Answer:
        self.calls += 1
        if not traced or not self.rulebook.never_taken():
            return Answer.of(self._read(self._call(at, state, event), at, state, event), None)
        raw, rule = self.rulebook.watch(lambda: self._call(at, state, event))
        return Answer.of(self._read(raw, at, state, event), rule)

    def groups(self, state: Any, mail: Mail[Any]) -> tuple[Mail[Any], ...]:
        """Return the groups of letters that a `Gather` may take, checked to depend on the group itself only.

        A group is a sub-multiset of the mailbox: its letters come in the order of the mailbox, whatever order the
        guard gives them.
        """
        if self.process.gather is None or not mail:
            return ()
        found = self._accepted(state, mail)
        if len(self.guarded) < GUARDED:
            self.guarded.append((state, mail, found))
        where = key(state) if found else ()
        for group in found:
            known = where, tuple(map(id, group))
            if known not in self._seen:
                name = where, key(group)
                if name not in self._alone:
                    self._check_alone(state, group, name[1])
                    self._alone.add(name)
                self._seen[known] = group  # which keeps its letters, and so their identities
        return found

    def _check_alone(self, state: Any, group: Mail[Any], name: Key) -> None:
        if name not in map(key, self._accepted(state, group)):
            why = f"it yields {show(group)} from a larger mailbox, but not from these messages alone; {see('gather')}"
            raise self._error(BadAnswer, "the gather guard is not monotone", state, Gather(group), why)

    def _accepted(self, state: Any, mail: Mail[Any]) -> tuple[Mail[Any], ...]:
        """Return what the guard accepts of a mailbox, each group once."""
        assert self.process.gather is not None
        at = At(self.process.name, None, self.everyone)
        try:
            groups = [tuple(group) for group in self.process.gather(at, state, mail)]
        except Exception as error:
            raise self._raised(error, state, mail) from error
        if not groups:
            return ()
        found, places = dict[tuple[int, ...], None](), PlacesOfLetters(mail)
        for group in groups:
            taken = places.of(group)
            if taken is None:
                why = f"it yields {show(group)}, but the mailbox holds {show(mail)}"
                raise self._error(
                    BadAnswer, "the gather guard yields messages that are not in the mailbox", state, mail, why
                )
            found[taken] = None
        return tuple(tuple(mail[place] for place in taken) for taken in found)

    def _waits_to_be_gathered(self, event: Any) -> bool:
        """Whether a message is of a kind that the process takes only by gathering: it stays until then."""
        own = isinstance(event, (*OWN, Gather))
        return self.process.gather is not None and not own and not self.takes(type(event))

    def _check_kind(self, event: Any, state: Any) -> None:
        kinds = self.rulebook.kinds
        if isinstance(event, (*OWN, Gather)) or not kinds:
            return
        self.delivered.add(type(event))
        if not self.takes(type(event)):
            known = ", ".join(kind.__name__ for kind in kinds)
            why = f"its event parameter admits {known}"
            raise self._error(UnhandledMessage, "no case handles a message that arrived", state, event, why)

    def _call(self, at: At, state: Any, event: Any) -> Any:
        try:
            return self.process.step(at, state, event)
        except SpecError:
            raise
        except Exception as error:
            raise self._raised(error, state, event) from error

    def _raised(self, error: Exception, state: Any, event: Any) -> StepRaised:
        told = () if self.rulebook.kinds else ("its event parameter has no annotation, so it gets every event",)
        advice = "correct the step function; it must return a result for every state and message that can occur"
        what, place = "a step raised an exception", self.rulebook.place
        return raised(StepRaised, what, error, *told, self._where(state, event), place=place, next_step=advice)

    def _read(self, raw: Any, at: At, state: Any, event: Any) -> dict[Key, Outcome]:
        """Return the outcomes of an answer by their identities, so each once."""
        if isinstance(raw, Deferred):
            return {}
        if isinstance(raw, Toss):
            return self._tossed(raw, at, state, event)
        answers = raw.outcomes if isinstance(raw, Alternatives) else (raw,)
        if not answers:
            why = "choose() was given no outcome; to leave the message for later, return DEFER"
            raise self._error(BadAnswer, "a step has no outcome", state, event, why)
        return dict(self._outcome(answer, at, state, event) for answer in answers)

    def _tossed(self, raw: Toss[Any, Any], at: At, state: Any, event: Any) -> dict[Key, Outcome]:
        """Return the outcomes of a toss; those that are equal are one outcome, with the sum of their chances."""
        self.tosses = True
        chances = [chance for chance, _ in raw.outcomes]
        if not chances or min(chances) <= 0 or sum(chances) != 1:
            total = f"toss() was given {', '.join(map(str, chances)) or 'nothing'}: together {sum(chances)}"
            what = "the probabilities of a coin must be positive and add up to 1"
            raise self._error(BadAnswer, what, state, event, total)
        found: dict[Key, Outcome] = {}
        for chance, answer in raw.outcomes:
            name, outcome = self._outcome(answer, at, state, event)
            before = found[name].chance if name in found else None
            found[name] = outcome._replace(chance=chance + (before or 0))
        return found

    def _outcome(self, answer: Any, at: At, state: Any, event: Any) -> tuple[Key, Outcome]:
        if answer is None:
            why = f"no case of {self.rulebook.name} matched, so it returned None"
            raise self._error(UnhandledMessage, "a step returned no result", state, event, why)
        if not (isinstance(answer, tuple) and len(answer) == 2):
            why = f"it returned {shorten(repr(answer))}"
            raise self._error(
                BadAnswer, "a step must return (state, effects), choose(...), toss(...) or DEFER", state, event, why
            )
        try:
            name = key(answer[0])
            sends, notes, restarts, identity = self._effects(answer[1], at)
        except BadValue as error:
            error.details += (self._where(state, event),)
            error.related += (Related(self.rulebook.place, f"{self.rulebook.name} returns it"),)
            raise
        except RecursionError:
            why = "the interpreter's recursion limit was reached; keep states and messages flat"
            raise self._error(BadAnswer, "a state or message is nested too deeply", state, event, why) from None
        except (TypeError, ValueError) as error:
            raise self._error(BadAnswer, "the effects of a step are invalid", state, event, str(error)) from error
        return (name, identity), Outcome(answer[0], sends, notes, None, restarts)

    def _effects(self, effects: Any, at: At) -> tuple[tuple[tuple[Pid, Any], ...], tuple[Any, ...], bool, Key]:
        """Return what is sent, what is noted, whether the timer is restarted, and an identity of these."""
        items = (effects,) if isinstance(effects, (Send, Note, RestartTimer)) else effects
        if not isinstance(items, tuple) or not all(isinstance(item, (Send, Note, RestartTimer)) for item in items):
            known = "a send(...), a note(...), restart_timer(), or a tuple of such"
            message = f"effects must be {known}, got {shorten(repr(effects))}"
            raise TypeError(message)
        sends: list[tuple[Pid, Any]] = []
        notes: list[Any] = []
        sent: list[Key] = []
        noted: list[Key] = []
        restarts = RESTART in items
        for item in items:
            if isinstance(item, Note):
                noted.append(key(item.about))
                notes.append(item.about)
            elif isinstance(item, Send):
                name, receivers = key(item.message), self._receivers(item, at)
                sent += [(pid, name) for pid in receivers]
                sends += [(pid, item.message) for pid in receivers]
        return tuple(sends), tuple(notes), restarts, (tuple(sent), tuple(noted), *([True] if restarts else []))

    def _receivers(self, item: Send[Any], at: At) -> tuple[Pid, ...]:
        groups = {"everyone": at.everyone, "others": at.others}
        if item.group:
            return (at.sender,) if item.group == "sender" else groups[item.group]
        for pid in item.to:
            if pid not in self.everyone:
                message = f"{show(item.message)} is sent to {pid!r}, but there is no such process: "
                raise ValueError(message + nearest(pid, self.everyone))
        return item.to

    def _where(self, state: Any, event: Any) -> str:
        return f"process {self.process.name}, state {shorten(show(state), 300)}, event {shorten(show(event), 300)}"

    def _error(self, kind: type[SpecError], what: str, state: Any, event: Any, *why: str) -> SpecError:
        advice: dict[type[SpecError], str] = {
            UnhandledMessage: "add a case for it, `return s, ()` to ignore it; if it is not meant for this "
            "process, send it to those it is meant for: broadcast and to_others reach every process",
            BadAnswer: "return `s, ()`, `replace(s, ...), send(...)`, choose(...), toss(...) or DEFER",
            NondeterministicStep: "iterate over sorted(...) sets, and return replace(s, ...) instead of changing s",
        }
        first, *details = (*why, self._where(state, event))
        place = self.rulebook.place
        declared = place_of(type(event)) if kind is UnhandledMessage else None
        related = [Related(declared, f"{type(event).__name__} is declared here")] if declared else []
        return kind(what, place=place, why=first, details=details, related=related, next_step=advice.get(kind, ""))

    def _different(self, first: tuple[Outcome, ...], second: tuple[Outcome, ...], state: Any, event: Any) -> SpecError:
        return self._error(
            NondeterministicStep,
            "this step is nondeterministic: two calls with equal arguments gave different results",
            state,
            event,
            f"first:  {_text(first)}",
            f"second: {_text(second)}",
            Purity,
        )


def _text(outcomes: tuple[Outcome, ...]) -> str:
    return shorten(" or ".join(f"{show(o.state)}, sending {show(o.sends)}" for o in outcomes), 300)
