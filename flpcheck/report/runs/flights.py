"""Which message travelled from which step to which: the happened-before order of a schedule.

A schedule says what is received and which mailboxes fill; here every letter is followed from the step that sent it to
the step that took, lost or outlived it.  Identical copies are taken oldest first (Lamport 1978, section 1, defines the
order that results).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from flpcheck.analyse import Finding, Schedule, Valence
from flpcheck.analyse.finding import AbstractRun
from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.temporal import phrase
from flpcheck.authoring.values import key, show
from flpcheck.report.narrate import steps_of
from flpcheck.system import System

Shown: TypeAlias = tuple[Pid, str]
"""A letter: its sender, and its message as text."""
BEFORE = 0
"""The step number of what was in flight at the beginning."""


@dataclass(frozen=True)
class Moment:
    """One step of a run, at the process where it happens.

    Parameters
    ----------
    number
        Of the step, from 1 on.
    process
        The process that steps; None for an event of the world.
    kind
        The kind of its event.
    title
        The event, as a sentence.
    label
        The same in few words, to be written beside the process's line.
    rule
        The rule of the spec that applied.
    decided
        The value decided in this step, as text; empty if none.
    valence
        The valence afterwards, empty if it is not known.
    loops
        Whether it belongs to the part that repeats for ever.
    living, crashing, decisions
        Of a round: who lives through it, who crashes in it, and the values decided in it, by process.
    """

    number: int
    process: Pid | None
    kind: str
    title: str
    label: str
    rule: str
    decided: str = ""
    valence: str = ""
    loops: bool = False
    living: tuple[Pid, ...] = ()
    crashing: tuple[Pid, ...] = ()
    decisions: tuple[tuple[Pid, str], ...] = ()


@dataclass(frozen=True)
class Flight:
    """One copy of a message.

    Parameters
    ----------
    sender, receiver
        Processes.
    message
        As text.
    sent
        Number of the step that sent it; `BEFORE` if it was there at the beginning.  What is sent in a round is sent
        where the step before it ended.
    ended
        Number of the step that ended it; None if it is under way at the end.
    fate
        `received`, `lost`, `vanished` (its receiver crashed), or `under way`.
    """

    sender: Pid
    receiver: Pid
    message: str
    sent: int
    ended: int | None = None
    fate: str = "under way"


@dataclass(frozen=True)
class TracedRun:
    """A schedule with its messages followed.

    Parameters
    ----------
    processes
        In their order.
    beginning
        The initial configuration in words.
    moments
        The steps.
    flights
        The messages, in the order in which they were sent.
    loop
        Number of steps before the loop; None without a loop.
    trigger
        Number of steps after which what is owed never comes; None if that is not what the run shows.
    owed
        What is true there.
    beside
        What a refined protocol sees of it.
    """

    processes: tuple[Pid, ...]
    beginning: str
    moments: tuple[Moment, ...]
    flights: tuple[Flight, ...]
    loop: int | None = None
    trigger: int | None = None
    owed: str = ""
    beside: AbstractRun | None = None

    def taken_by(self, number: int) -> list[Flight]:
        """Return the messages that a step received."""
        return [flight for flight in self.flights if flight.ended == number and flight.fate == "received"]


def traced_run(system: System, schedule: Schedule, valence: Valence | None = None) -> TracedRun:
    """Return a schedule with its messages followed.

    Parameters
    ----------
    system
        The system of the schedule.
    schedule
        The events and the configurations in between.
    valence
        If the schedule comes from a graph, the valence of its configurations.

    Returns
    -------
    Run
        Cost: one description of a configuration per step.
    """
    steps = steps_of(system, schedule, valence)
    return TracedRun(
        processes=tuple(system.names),
        beginning=steps[0].title,
        moments=tuple(_moments(system, schedule, steps)),
        flights=tuple(_flights(system, schedule)),
        loop=schedule.loop,
    )


def run_of_finding(system: System, finding: Finding, valence: Valence | None = None) -> TracedRun:
    """Return the schedule of a finding with its messages followed, its trigger, and what a refined protocol sees."""
    assert finding.schedule is not None
    run = traced_run(system, finding.schedule, valence)
    if finding.trigger is None or finding.claim.predicate is None:
        return replace(run, beside=finding.beside)
    return replace(run, trigger=finding.trigger, owed=phrase(finding.claim.predicate))


def _moments(system: System, schedule: Schedule, steps: list[Any]) -> Iterator[Moment]:
    before = system.outputs(schedule.configurations[0])
    for step, transition, configuration in zip(
        steps[1:], schedule.transitions, schedule.configurations[1:], strict=True
    ):
        event, after = transition.event, system.outputs(configuration)
        new = {
            pid: ", ".join(str(value) for value in values if key(value) not in map(key, before.get(pid, ())))
            for pid, values in after.items()
        }
        moment = Moment(
            step.number, event.process, event.kind, step.title, _label(event), step.rule,
            new.get(event.process or "", ""), step.valence, step.loops,
        )  # fmt: skip
        yield _together(system, moment, event, configuration, new) if event.pattern is not None else moment
        before = after


def _together(system: System, moment: Moment, event: Event, after: Any, new: dict[Pid, str]) -> Moment:
    """Return the moment of a round with what happens in it to each process."""
    assert event.pattern is not None
    dead = {name for name, fields in system.describe(after).items() if "crashed" in fields}
    return replace(
        moment,
        living=tuple(name for name in system.names if name not in dead),
        crashing=tuple(pid for pid, _ in event.pattern.crashes),
        decisions=tuple((pid, text) for pid, text in new.items() if text),
    )


def _label(event: Event) -> str:
    """Say what happens without saying to whom, and a message without its sender: an arrow shows both."""
    if event.kind == "deliver":
        return show(event.message)
    if event.kind == "gather":
        copies = Counter(show(message) for _, message in event.letters)
        return ", ".join(message if number == 1 else f"{number} of {message}" for message, number in copies.items())
    sentence = str(event)
    return sentence.removeprefix(f"{event.process} ") if event.process else sentence


def _flights(system: System, schedule: Schedule) -> list[Flight]:
    """Follow every letter from mailbox to mailbox."""
    follower = _Follower()
    before = _mail(system, schedule.configurations[0])
    for receiver, letters in before.items():
        for letter in letters.elements():
            follower.send(receiver, letter, BEFORE)
    for number, transition in enumerate(schedule.transitions, start=1):
        after = _mail(system, schedule.configurations[number])
        event = transition.event
        for sender, receiver, message, arrives in system.letters(schedule.configurations[number - 1], event):
            fate = "received" if arrives else "lost"
            follower.flights.append(Flight(sender, receiver, show(message), number - 1, number, fate))
        follower.take(event if event.during is None else event.during, number)
        for receiver in after:
            for letter in (before[receiver] - after[receiver]).elements():
                follower.drop(receiver, letter, number, "lost" if event.kind == "lose" else "vanished")
            for letter in (after[receiver] - before[receiver]).elements():
                follower.send(receiver, letter, number)
        follower.close(number, consuming=system.world.network.kind != "set")
        before = after
    return follower.flights


def _mail(system: System, configuration: Any) -> dict[Pid, Counter[Shown]]:
    return {
        name: Counter((sender, show(message)) for sender, message in letters)
        for name, letters in system.mailboxes(configuration).items()
    }


class _Follower:
    """The messages under way, oldest first."""

    def __init__(self) -> None:
        self.flights: list[Flight] = []
        self.open: dict[tuple[Pid, Shown], deque[int]] = defaultdict(deque)
        self.known: dict[tuple[Pid, Shown], int] = {}
        self.settled: Counter[tuple[Pid, Shown]] = Counter()

    def send(self, receiver: Pid, letter: Shown, number: int) -> None:
        sender, message = letter
        self.open[receiver, letter].append(len(self.flights))
        self.known[receiver, letter] = len(self.flights)
        self.flights.append(Flight(sender, receiver, message, number))

    def take(self, event: Event, number: int) -> None:
        """End the messages that an event receives; in a set network they stay, and are received again."""
        for sender, message in event.letters:
            key = (event.process or "", (sender, show(message)))
            if self.open[key]:
                self._end(self.open[key].popleft(), number, "received")
                self.settled[key] += 1
            elif key in self.known:
                first = self.flights[self.known[key]]
                self.flights.append(replace(first, ended=number, fate="received"))

    def drop(self, receiver: Pid, letter: Shown, number: int, fate: str) -> None:
        """End a message that is in no mailbox any more, unless it is so because it was received."""
        if self.settled[receiver, letter]:
            self.settled[receiver, letter] -= 1
        elif self.open[receiver, letter]:
            self._end(self.open[receiver, letter].popleft(), number, fate)

    def close(self, number: int, *, consuming: bool) -> None:
        """End a step: what was received and is there all the same was sent again, unless messages stay anyway."""
        for (receiver, letter), copies in self.settled.items():
            for _ in range(copies if consuming else 0):
                self.send(receiver, letter, number)
        self.settled.clear()

    def _end(self, place: int, number: int, fate: str) -> None:
        self.flights[place] = replace(self.flights[place], ended=number, fate=fate)
