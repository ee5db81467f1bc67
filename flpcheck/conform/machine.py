"""The processes of a spec, each with its state and its mailbox, moved by single steps that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.events import OWN, Event, Pid, Start, Suspect, Timeout, Trust
from flpcheck.authoring.rules import Rule
from flpcheck.authoring.values import Key, key
from flpcheck.conform.like import Like, all_of
from flpcheck.conform.mail import AnyMailbox, Bag, Queues, UndoLog, Waiting
from flpcheck.conform.seen import Seen
from flpcheck.errors import BadWorld
from flpcheck.system.asker import Outcome
from flpcheck.system.components import Crashed
from flpcheck.system.interface import System, starts_of
from flpcheck.system.message_passing import MessagePassing

EventDriven: TypeAlias = MessagePassing
"""A system of processes with step functions, which logs can be held against."""
ANY = Like()
Letters = tuple[tuple[int, Any, Key], ...]
"""(receiver index, message, identity of the message) triples."""


class Taken(NamedTuple):
    """A step of one process, or a look at it, as the machine can take it.

    Parameters
    ----------
    process
        Index of the process.
    how
        As in `Seen`.
    letter
        The letter that it takes.
    event
        The event, if it takes no letter.
    start
        Number of the initial state in which it begins; -1 if it has begun.
    number
        Number of the outcome.
    outcome
        The outcome; None if its state does not change.
    rule
        The rule that applied.
    state
        The identity of the state afterwards.
    letters, untold
        The letters that it sends, and those of the latest step of which the log has not told.
    seen
        What the log tells of it; None for a step that was not logged.
    """

    process: int
    how: str
    letter: Waiting | None
    event: Any
    start: int
    number: int
    outcome: Outcome | None
    rule: Rule | None
    state: Key
    letters: Letters
    untold: Letters
    seen: Seen | None

    @property
    def name(self) -> Key:
        """Its identity among the steps that are possible where it is."""
        letter = self.letter and (self.letter.sender, self.letter.name, self.letter.place, self.letter.stays)
        event = key(self.event) if self.event is not None else None
        untold = tuple((to, name) for to, _, name in self.untold) if self.seen else None
        return (self.process, self.seen is not None, self.how, letter, event, self.start, self.number, untold)


class Machine:
    """The processes of a protocol that a log follows.

    Parameters
    ----------
    system
        The protocol in its world.  The network says what becomes of letters; the numbers of losses, duplications and
        crashes that a world allows bound searches, and no log.
    copies
        Whether letters stay when they are taken, whatever the network says.

    Raises
    ------
    BadWorld
        If processes gather letters, lie or run twice, or messages are omitted.
    """

    def __init__(self, system: EventDriven, *, copies: bool = False) -> None:
        self.system, self.parts, network = system, system.parts, system.world.network
        event_driven(system)
        self.changes = UndoLog()
        self.names = self.parts.names
        self.starts = [self._starts(index) for index in range(len(self.names))]
        self.local: list[Any] = [None if len(s) != 1 else s[0] for s in self.starts]
        self.name_of = [key(state) for state in self.local]
        self.begun = [len(states) <= 1 for states in self.starts]
        self.untold: list[Letters] = [()] * len(self.names)
        stays = copies or network.kind == "set" or (network.kind == "multiset" and network.duplication != 0)
        self.mail = [self._box(index, stays=stays) for index in range(len(self.names))]
        for seat in self.parts.seats:
            if seat.asker is not None:
                self._put(seat.index, self._reached(seat.index, seat.asker.sent()[0]))

    def _starts(self, index: int) -> list[Any]:
        seat = self.parts.seats[index]
        return [state for _, state in starts_of(seat.asker.process, self.system.fixed)] if seat.asker else []

    def _box(self, index: int, *, stays: bool) -> AnyMailbox:
        network = self.system.world.network
        if network.kind == "fifo":
            return Queues(index, self.changes, lossy=network.loss != 0, copying=network.duplication != 0)
        return Bag(index, self.changes, stays=stays)

    def _reached(self, owner: int, sends: tuple[tuple[Pid, Any], ...]) -> Letters:
        """Return the letters that get through, as a partition allows."""
        puts = self.parts.puts(owner, sends)
        return tuple((to, envelope.letter.message, envelope.key[1]) for to, envelope in puts)

    def states(self, index: int) -> Iterator[tuple[int, Any]]:
        """Yield the states that a process may be in, each with the number of its initial state if it has not begun."""
        if self.begun[index]:
            yield -1, self.local[index]
        else:
            yield from enumerate(self.starts[index])

    def matching(self, seen: Seen, index: int) -> Iterator[Taken]:
        """Yield the steps that are as a log tells."""
        for start, local in self.states(index):
            if seen.before.fits(local):
                yield from self._matching(seen, index, start, local)

    def _matching(self, seen: Seen, index: int, start: int, local: Any) -> Iterator[Taken]:
        if seen.how == "state":
            if seen.after.fits(local):
                yield Taken(index, "state", None, None, start, 0, None, None, (), (), self.untold[index], seen)
        elif seen.how == "effect":
            if seen.after.fits(local):
                for left in self._left(seen, self.untold[index]):
                    yield Taken(index, "effect", None, None, start, 0, None, None, (), (), left, seen)
        else:
            for step in self.steps_told(seen, index, start, local):
                if seen.after.fits(step.outcome and step.outcome.state):
                    for left in self._left(seen, step.untold):
                        yield step._replace(untold=left)

    def _left(self, seen: Seen, letters: Letters) -> list[Letters]:
        """Return what may be left of some letters without those that a log tells of, each possibility once."""
        if not seen.sent:
            return [] if seen.only and letters else [letters]
        if len(seen.sent) > len(letters) or (seen.only and len(seen.sent) < len(letters)):
            return []
        told = [Like("", (("0", self.parts.index[to]), ("1", what))) for to, what in seen.sent]
        choices = (frozenset(range(len(letters))) - {*places} for places in all_of(told, letters))
        return [tuple(letters[n] for n in sorted(left)) for left in dict.fromkeys(choices)]

    def steps_told(self, seen: Seen, index: int, start: int, local: Any) -> Iterator[Taken]:
        """Yield the steps by the event of which a log tells, whatever they lead to."""
        if seen.how == "crash":
            if not isinstance(local, Crashed):
                gone = Outcome(self.system.crashes.remains(index, local), (), ())
                yield Taken(index, "crash", None, None, start, 0, gone, None, key(gone.state), (), (), seen)
        elif seen.how == "recover":
            yield from self._recoveries(seen, index, start, local)
        elif isinstance(local, Crashed) or self.parts.seats[index].asker is None:
            return
        elif seen.how == "own":
            sender = None if isinstance(seen.event, OWN) else (seen.sender or self.names[index])
            yield from self._steps(seen, index, start, local, None, seen.event, sender)
        else:
            sent_by = None if seen.sender is None else self.parts.index[seen.sender]
            for letter in self.mail[index].waiting(seen.event, sent_by):
                yield from self._steps(seen, index, start, local, letter, None, self.names[letter.sender])

    def _recoveries(self, seen: Seen, index: int, start: int, local: Any) -> Iterator[Taken]:
        if isinstance(local, Crashed):
            for move in self.system.crashes.recoveries(self.parts.component(index, local)):
                letters = tuple((to, envelope.letter.message, envelope.key[1]) for to, envelope in move.puts)
                outcome, rule = Outcome(move.after.local, (), move.notes), move.rule
                name = key(outcome.state)
                yield Taken(
                    index, "recover", None, None, start, move.outcome, outcome, rule, name, letters, letters, seen
                )

    def _steps(
        self, seen: Seen | None, index: int, start: int, local: Any, letter: Waiting | None, event: Any,
        sender: Pid | None,
    ) -> Iterator[Taken]:  # fmt: skip
        what, name = (letter.message, letter.name) if letter else (event, key(event))
        here = self.name_of[index] if start < 0 else key(local)
        answer = self.parts.answered((index, here, (sender, name)), local, what, sender)
        how = "deliver" if letter else "own"
        for number, outcome in enumerate(answer.outcomes):
            letters = self._reached(index, outcome.sends)
            after = answer.names[number]
            yield Taken(index, how, letter, event, start, number, outcome, answer.rule, after, letters, letters, seen)

    def has(self, index: int, letter: Waiting) -> bool:
        """Return whether a letter waits for a process."""
        waiting = self.mail[index].waiting(Like(type(letter.message).__name__), letter.sender)
        return any(other.name == letter.name for other in waiting)

    def only_letter(self, index: int, seen: Seen, steps: Sequence[Taken]) -> bool:
        """Return whether the letters that fit now, which allow some steps, are all that can before its next step."""
        if seen.sender is None:
            return False
        mail, sender = self.mail[index], self.parts.index[seen.sender]
        if isinstance(mail, Queues) and not mail.lossy:
            return bool(steps) or next(mail.waiting(ANY, sender), None) is not None
        letters = (step.letter for step in steps) if steps else mail.waiting(seen.event, sender)
        return any(letter is not None and seen.event.pins(letter.message) for letter in letters)

    def unlogged(self, index: int) -> Iterator[Taken]:
        """Yield the steps that a process may have taken without a line, but those that change and send nothing."""
        seat, queues = self.parts.seats[index], isinstance(self.mail[index], Queues)
        for start, local in self.states(index):
            if isinstance(local, Crashed) or seat.asker is None:
                continue
            steps = [self._steps(None, index, start, local, None, event, None) for event in self._own_events(index)]
            letters = list(self.mail[index].waiting(ANY, None))
            steps += [self._steps(None, index, start, local, w, None, self.names[w.sender]) for w in letters]
            for step in (step for some in steps for step in some):
                if (queues and step.letter) or not _idle(local, step):
                    yield step

    def _own_events(self, index: int) -> list[Any]:
        others = [pid for pid in self.parts.cast.heard if pid != self.names[index]]
        told = [Suspect(pid) for pid in others] + [Trust(pid) for pid in self.parts.cast.heard]
        asker = self.parts.seats[index].asker
        events: list[Any] = [Start(), Timeout(), *told]
        kind = self.system.world.oracle.kind
        return [e for e in events if asker and asker.takes(type(e)) and (kind or not isinstance(e, Suspect | Trust))]

    def take(self, step: Taken) -> None:
        """Take a step."""
        index = step.process
        if step.start >= 0:
            self._begin(index, self.starts[index][step.start])
        if step.letter is not None and not self._stays(step):
            self.mail[index].take(step.letter)
        if step.how == "crash":
            self.mail[index].clear()
        if step.outcome is not None:
            self._become(index, step.outcome.state, step.state)
            self._put(index, step.letters)
        self._tell(index, step.untold)

    def _stays(self, step: Taken) -> bool:
        """Whether the network keeps a letter that its receiver ignores."""
        return self.system.world.network.ignored == "stays" and _idle(self.local[step.process], step)

    def _begin(self, index: int, state: Any) -> None:
        def undo() -> None:
            self.begun[index] = False

        self.begun[index] = True
        self.changes.note(undo)
        self._become(index, state, key(state))

    def _become(self, index: int, state: Any, name: Key) -> None:
        changes, old, known, before = self.changes, self.local[index], self.name_of[index], self.changes.digest
        changes.digest += changes.number((index, name)) - changes.number((index, known))
        self.local[index], self.name_of[index] = state, name

        def undo() -> None:
            self.local[index], self.name_of[index] = old, known
            changes.digest = before

        changes.note(undo)

    def _tell(self, index: int, letters: Letters) -> None:
        changes, old, before = self.changes, self.untold[index], self.changes.digest
        if letters == old:
            return
        changes.digest += changes.number((index, _names(letters))) - changes.number((index, _names(old)))
        self.untold[index] = letters

        def undo() -> None:
            self.untold[index] = old
            changes.digest = before

        changes.note(undo)

    def _put(self, sender: int, letters: Letters) -> None:
        for to, message, name in letters:
            if not isinstance(self.local[to], Crashed):
                self.mail[to].put(sender, message, name)


def event_of(step: Taken, names: tuple[Pid, ...]) -> Event:
    """Return a step as an event; one whose content the log supplies is a delivery from the process itself."""
    pid = names[step.process]
    if step.letter is not None:
        return Event("deliver", pid, names[step.letter.sender], step.letter.message)
    if step.how in {"crash", "recover"}:
        return Event(step.how, pid, world=True)
    kind = type(step.event).__name__
    if isinstance(step.event, Suspect | Trust):
        return Event(kind.lower(), pid, message=step.event.process)
    if isinstance(step.event, OWN):
        return Event(kind.lower(), pid)
    sender = step.seen.sender if step.seen else None
    return Event("deliver", pid, sender or pid, step.event)


def _names(letters: Letters) -> tuple[Any, ...]:
    return ("untold", *((to, name) for to, _, name in letters))


def _idle(local: Any, step: Taken) -> bool:
    outcome = step.outcome
    return outcome is None or (not outcome.sends and not outcome.notes and key(outcome.state) == key(local))


def event_driven(system: System) -> EventDriven:
    """Return a system of processes with step functions as such.

    Raises
    ------
    BadWorld
        If it is another one, or its world has what no log can be held against.
    """
    if not isinstance(system, MessagePassing):
        raise BadWorld(
            "a log can only be held against a protocol of processes with step functions",
            why="general protocols, rounds and shared memory have no steps that concern one process alone",
        )
    _refuse(system)
    return system


def _refuse(system: EventDriven) -> None:
    """Raise `BadWorld` if a system has what no log can be held against."""
    failures = system.world.failures
    known = {
        "Byzantine processes": failures.byzantine,
        "omissions": failures.omission,
        "processes that run twice": failures.twins,
        "gatherings": any(seat.asker and seat.asker.process.gather for seat in system.parts.seats),
    }
    for what, there in known.items():
        if there:
            raise BadWorld(
                f"a log cannot be held against a protocol with {what}",
                next_step="choose another instance or world of the spec; each line must be a step of one process",
            )
