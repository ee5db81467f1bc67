"""Messages that the code of a process could send: the closure of its start states under messages from any process.

A liar that runs its own code, with any input, at any speed, fed with whatever other liars make up, says nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from flpcheck.authoring.events import Gather, Letter, Pid, Recovered
from flpcheck.authoring.process import Mail, Process
from flpcheck.authoring.values import Key, key, place_of
from flpcheck.errors import BadWorld, StepRaised, UnhandledMessage
from flpcheck.system.asker import Answer, Asker
from flpcheck.system.components import Components, Seat
from flpcheck.system.crashes import Crashes

MOST_STATES = 10_000
"""Maximum number of local states of one process in a closure."""
MOST_BODIES = 5_000
"""Maximum number of messages in an alphabet."""
TWICE, SAMPLE = 1_000, 16
"""Number of first calls that are made twice, to detect impure steps; of the later ones, one in 16 is."""
MOST_QUESTIONS = 300_000
"""Maximum number of questions to the code of one process: states times messages grow faster than either."""
GLANCE = 256
"""Number of calls between two checks of the time."""
Bodies = dict[Key, Any]
CodeAnswers = dict[tuple[Key, Pid | None, Key], Answer | None]
CodeInput = tuple[Pid | None, Key]
"""A sender and its message, or an event without a sender."""
RECOVERY: CodeInput = (None, key(Recovered()))


class OwnCode:
    """The closure of one process among letters of a growing alphabet.

    Parameters
    ----------
    parts, crashes
        The components of all processes, and with what they come back: a liar may do as if it had crashed, in the middle
        of a write, too.
    seat
        The process.
    asked
        Answers by (state, sender, message), shared by all closures of this process.
    """

    def __init__(self, parts: Components, crashes: Crashes, seat: Seat, asked: CodeAnswers) -> None:
        assert isinstance(seat.member, Process)
        assert seat.asker is not None
        self.parts = parts
        self.crashes = crashes
        self.seat = seat
        self.asker = Asker(seat.member, parts.names, seat.asker.rulebook)
        self._asked = asked
        self._states: dict[Key, Any] = {key(state): state for _, state in seat.member.starts}
        self._torn: dict[Key, Any] = {}
        """Stable storage that a crash in the middle of a write leaves, of which nothing comes but a recovery."""
        self._mended = 0
        self._events: dict[tuple[Pid | None, Key], Any] = {
            (None, key(event)): event for _, event in parts.own_events(seat)
        }
        if crashes.comes_back(seat.index):
            self._events[RECOVERY] = Recovered()
        self._senders = [other.name for other in parts.seats if other.asker is not None and other.index != seat.index]
        self._mail: dict[tuple[Pid, Key], Letter[Any]] = {}
        self._groups: dict[CodeInput, Gather[Any]] = {}
        self._met = set[tuple[Key, Pid | None, Key]]()
        self._tried: list[int] = []
        self.said: Bodies = {}

    def close(self, bodies: Bodies, over: Callable[[], bool]) -> None:
        """Close under the letters of an alphabet, and add what the process then says to it.

        Parameters
        ----------
        bodies
            The alphabet.
        over
            Called at intervals to check whether time is up; then the closure is left unfinished.

        Raises
        ------
        BadWorld
            If there are too many states, or too many messages.
        """
        for sender in self._senders:
            self._add_letters(sender, bodies.items())
        for number, (state, event) in enumerate(self._questions()):
            answer = self._answer(state, event)
            if answer is not None:
                self._take(self._value(state), answer)
            if number % GLANCE == GLANCE - 1 and over():
                break
        bodies |= self.said

    def _add_letters(self, sender: Pid, bodies: Iterable[tuple[Key, Any]]) -> None:
        for name, message in bodies:
            if self.asker.takes(type(message)):
                self._events.setdefault((sender, name), message)
            if self.asker.process.gather is not None:
                self._mail.setdefault((sender, name), Letter(sender, message))

    def _questions(self) -> Iterator[tuple[Key, CodeInput]]:
        """Yield every (state, event) that was not asked, until none is left; both may become more meanwhile."""
        again = True
        while again:
            again = False
            states, events = list(self._states), list(self._events)
            for state, group in self._new_groups(states):
                again = True
                yield state, group
            self._tried += [0] * (len(states) - len(self._tried))
            for place, state in enumerate(states):
                while self._tried[place] < len(events):
                    self._tried[place] += 1
                    again = True
                    yield state, events[self._tried[place] - 1]
            for state in list(self._torn)[self._mended :]:
                self._mended += 1
                again = True
                yield state, RECOVERY

    def _new_groups(self, states: list[Key]) -> Iterator[tuple[Key, CodeInput]]:
        """Yield the groups that were not taken yet, from mailboxes that hold one copy of each letter."""
        if not self._mail:
            return
        mail = tuple(self._mail[name] for name in sorted(self._mail))
        for state in states:
            for group in self._accepted(self._states[state], mail):
                name = (None, key(Gather(group)))
                self._groups[name] = Gather(group)
                if (state, *name) not in self._met:
                    self._met.add((state, *name))
                    yield state, name

    def _accepted(self, state: Any, mail: Mail[Any]) -> Iterable[Mail[Any]]:
        try:
            return self.asker.groups(state, mail)
        except StepRaised:
            return ()

    def _answer(self, state: Key, event: CodeInput) -> Answer | None:
        """Return an answer; None where the code fails: then it says nothing."""
        name = (state, *event)
        if name not in self._asked:
            if len(self._asked) >= MOST_QUESTIONS:
                self._endless("its state", list(self._states.values()))
            happening = self._groups[event] if event in self._groups else self._events[event]
            twice = len(self._asked) < TWICE or len(self._asked) % SAMPLE == 0
            try:
                self._asked[name] = self._imagined(self._value(state), happening, event[0], twice=twice)
            except (StepRaised, UnhandledMessage):
                self._asked[name] = None
        return self._asked[name]

    def _value(self, state: Key) -> Any:
        return self._states[state] if state in self._states else self._torn[state]

    def _imagined(self, state: Any, happening: Any, sender: Pid | None, *, twice: bool) -> Answer:
        if isinstance(happening, Recovered):
            return self.crashes.imagined(self.asker, self.seat.index, state, twice=twice)
        return self.asker.imagine(state, happening, sender, twice=twice)

    def _take(self, before: Any, answer: Answer) -> None:
        for name, outcome in zip(answer.names, answer.outcomes, strict=True):
            self._states.setdefault(name, outcome.state)
            halves = self.crashes.halves(self.seat.index, before, outcome.state)
            self._torn |= {key(left): left for left in halves}
            for to, message in outcome.sends:
                body = key(message)
                self.said.setdefault(body, message)
                if to == self.seat.name:
                    self._add_letters(to, [(body, message)])
        if len(self._states) > MOST_STATES:
            self._endless("its state", list(self._states.values()))
        if len(self.said) > MOST_BODIES:
            self._endless("its messages", list(self.said.values()))

    def _endless(self, what: str, values: list[Any]) -> NoReturn:
        endless_alphabet(self.seat.name, what, values, place_of(self.asker.process.step))


def endless_alphabet(name: Pid, what: str, values: list[Any], place: Any) -> NoReturn:
    """Raise the error that an alphabet does not end, with the field that takes the most values."""
    fields = Counter[str]()
    for field in {field for value in values for field in getattr(value, "__dict__", {})}:
        fields[field] = len({key(vars(value)[field]) for value in values if field in getattr(value, "__dict__", {})})
    grows = f"field {fields.most_common(1)[0][0]!r} of {what} grows" if fields else f"{what} grows"
    raise BadWorld(
        f"{name}'s own code could send too many messages to enumerate: {grows}",
        place=place,
        why=f"more than {MOST_STATES:,} states, {MOST_BODIES:,} messages or {MOST_QUESTIONS:,} pairs of both",
        next_step="define `lies(self, liar)` and use --lies only",
    )
