"""Lifting: a schedule of a quotient as a schedule of the plain system, message by message.

In the plain system nothing is dropped and ballots have the values that they really have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import starmap
from operator import is_
from typing import NamedTuple

from flpcheck.authoring.values import key
from flpcheck.errors import InternalError
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient
from flpcheck.reduce.rename import renamed_event
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters
from flpcheck.system import System, Transition
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.world.network import Envelope


def lifted(
    system: System, here: MessagePassingConfiguration, transitions: Iterable[Transition]
) -> tuple[list[MessagePassingConfiguration], list[Transition]]:
    """Return the configurations that a schedule passes after `here`, and its transitions, in the plain system.

    Parameters
    ----------
    system
        A quotient; of any other system the schedule is returned unchanged.
    here
        A configuration of the plain system, of which the schedule starts at the representative.
    transitions
        The transitions of the quotient.

    Raises
    ------
    InternalError
        If the plain system cannot do that: then the quotient is wrong.
    """
    wanted = list(transitions)
    if isinstance(system, Orbits):
        below = system.below.representative(here)
        return lifted(system.below, here, _unfolded(system, below, wanted))
    if isinstance(system, WithoutDeadLetters):
        wanted = list(_with_dead_letters(system, here, wanted))
    if not isinstance(system, Quotient):
        return [transition.successor for transition in wanted], wanted
    steps: list[Transition] = []
    for transition in wanted:
        steps += _steps(system, here, transition)
        here = steps[-1].successor
    return [step.successor for step in steps], steps


def _with_dead_letters(
    system: WithoutDeadLetters, here: MessagePassingConfiguration, wanted: Iterable[Transition]
) -> Iterator[Transition]:  # fmt: skip
    """Yield the same events where dead letters stay in mailboxes, and equal local states are not merged."""
    for transition in wanted:
        found = [*system.plain.transitions(here), *system.plain.applicable(here)]
        same = [step for step in found if _is_like(system, step, transition)]
        if not same:
            what = f"an event of the reduced graph does not exist in the whole graph: {transition.event}"
            raise InternalError(what, next_step="use --no-reduction, and please report this with the spec")
        step = max(same, key=lambda step: _likeness(system, step, transition))
        yield step
        here = step.successor


def _is_like(system: WithoutDeadLetters, step: Transition, wanted: Transition) -> bool:
    """Return whether a step of the plain system leads where a wanted one does, but for mail."""
    if (step.event.kind, step.event.process) != (wanted.event.kind, wanted.event.process):
        return False
    one, other, letters = step.successor, wanted.successor, system.dead_letters
    pairs = zip(one.components, other.components, strict=True)
    return one[::2] == other[::2] and all(starmap(letters.stands_for, pairs))


def _likeness(system: WithoutDeadLetters, step: Transition, wanted: Transition) -> tuple[int, bool, bool]:
    """Return what tells a step of the plain system from others that are like a wanted one."""
    pairs = zip(system.representative(step.successor).components, wanted.successor.components, strict=True)
    return sum(starmap(is_, pairs)), step.event == wanted.event, step.outcome == wanted.outcome


def _unfolded(system: Orbits, here: MessagePassingConfiguration, wanted: Iterable[Transition]) -> Iterator[Transition]:
    """Yield the transitions of the system below that go from orbit to orbit as the wanted ones do."""
    for transition in wanted:
        found = [*system.below.transitions(here), *system.below.applicable(here)]
        same = [step for step in found if system.least(step.successor)[0] == transition.successor]
        step = next((step for step in same if step.event.kind == transition.event.kind), None)
        if step is None:
            what = f"an event modulo symmetry does not exist in the plain system: {transition.event}"
            raise InternalError(what, next_step="use --no-reduction, and please report this with the spec")
        yield step
        here = step.successor


def _steps(system: Quotient, here: MessagePassingConfiguration, wanted: Transition) -> list[Transition]:
    """Return the transitions of the plain system that a transition of the quotient stands for.

    Where timers wait for messages they wait for stale ones, too: these are delivered first if need be.
    """
    found = _step(system, here, wanted)
    if found is not None:
        return [found]
    waited = _delivered(system, here) if system.plain.laws.clock.active else []
    found = _step(system, waited[-1].successor, wanted) if waited else None
    if found is None:
        what = f"an event of the quotient does not exist in the plain system: {wanted.event}"
        raise InternalError(what, next_step="use --no-reduction, and please report this with the spec")
    return [*waited, found]


def _delivered(system: Quotient, here: MessagePassingConfiguration) -> list[Transition]:
    """Return the deliveries of all stale messages, those that they are answered with included."""
    steps: list[Transition] = []
    while True:
        kept = system.without_stale(here)
        stale = {
            (c.owner, envelope.letter)
            for c, left in zip(here.components, kept, strict=True)
            for envelope in Counter(c.mailbox) - Counter(left.mailbox)
        }
        found = (t for t in system.plain.applicable(here) if t.event.kind == "deliver")
        step = next((t for t in found if (t.mover, (t.event.sender, t.event.message)) in stale), None)
        if step is None:
            return steps
        steps.append(step)
        here = step.successor


def _step(system: Quotient, here: MessagePassingConfiguration, wanted: Transition) -> Transition | None:
    """Return the transition of the plain system that a transition of the quotient stands for; None if there is none."""
    _, moved = system.canonical(here)
    for found in (*system.plain.transitions(here), *system.plain.applicable(here)):
        if found.mover != wanted.mover or found.outcome != wanted.outcome or found.event.kind != wanted.event.kind:
            continue
        try:
            event = renamed_event(found.event, moved.__getitem__) if moved else found.event
        except KeyError:
            continue  # a message that the quotient has dropped
        if event == wanted.event and _leads(system, found.successor, wanted.successor):
            return found
    return None


def _leads(system: Quotient, after: MessagePassingConfiguration, wanted: MessagePassingConfiguration) -> bool:
    """Whether a configuration of the plain system has a representative, at the latest without its stale mail."""
    if system.canonical(after)[0] == wanted:
        return True
    waited = _delivered(system, after) if system.plain.laws.clock.active else []
    return bool(waited) and system.canonical(waited[-1].successor)[0] == wanted


class Punctuality(NamedTuple):
    """Deliveries of a loop: each copy has its own identity, the oldest first.

    Parameters
    ----------
    rounds
        How often the loop was run.
    oldest
        How many events the message waited that waited longest.
    starved
        Messages that are still waiting after all rounds, though they were sent before the second one, and could be
        received all that time.
    deferred
        Those that could be received now and then.
    """

    rounds: int
    oldest: int
    starved: tuple[str, ...]
    deferred: tuple[str, ...] = ()


def punctuality(
    system: System, start: MessagePassingConfiguration, loop: list[Transition], unfair: set[int]
) -> Punctuality:
    """Run a loop of the quotient in the plain system until every message of its first round must have arrived.

    Stale messages are exempt: they can be delivered at any time, and nothing changes.

    Parameters
    ----------
    system
        A quotient that renames mail, or drops it.
    start
        The configuration of the plain system at which the loop begins.
    loop
        The transitions of the quotient.
    unfair
        Indices of the processes that need not receive their mail.
    """
    assert isinstance(system, Quotient)
    rounds = 2 + max(sum(Counter(component.mailbox).values()) for component in start.components)
    waiting, here = Births(start), start
    always: set[tuple[int, Envelope]] | None = None
    ever = set[tuple[int, Envelope]]()
    for turn in range(rounds):
        configurations, steps = lifted(system, here, loop)
        for step, here in zip(steps, configurations, strict=True):
            waiting.happens(step, here)
            if turn:
                now = _receivable(system.plain, here)
                always, ever = now if always is None else always & now, ever | now
    live = [(c.owner, envelope) for c in system.without_stale(here) for envelope in dict.fromkeys(c.mailbox)]
    due = {mail: waiting.of(mail) for mail in live if mail[0] not in unfair}
    oldest = max([waiting.longest, *(waiting.now - birth for birth in due.values())])
    left = [mail for mail, birth in due.items() if birth <= len(loop)]
    starved = tuple(repr(mail[1]) for mail in left if mail in (always or ()))
    deferred = tuple(repr(mail[1]) for mail in left if mail in ever - (always or set()))
    return Punctuality(rounds, oldest, starved, deferred)


def _receivable(plain: System, here: MessagePassingConfiguration) -> set[tuple[int, Envelope]]:
    """Return the letters that some event may take now."""
    taken = {(step.mover, key(letter)) for step in plain.applicable(here) for letter in step.event.letters}
    mail = ((component.owner, envelope) for component in here.components for envelope in component.mailbox)
    return {(owner, envelope) for owner, envelope in mail if (owner, key(tuple(envelope.letter))) in taken}


class Births:
    """When each copy of each message was sent."""

    def __init__(self, start: MessagePassingConfiguration) -> None:
        self.now = 0
        self.longest = 0
        self._born: dict[tuple[int, Envelope], list[int]] = {}
        self._arrive(start)

    def of(self, mail: tuple[int, Envelope]) -> int:
        """Return when the oldest copy of a waiting message was sent."""
        return self._born[mail][0]

    def happens(self, step: Transition, after: MessagePassingConfiguration) -> None:
        """Take note of an event and of the configuration after it."""
        self.now += 1
        for letter in map(key, step.event.letters):
            name = next(m for m in self._born if m[0] == step.mover and key(tuple(m[1].letter)) == letter)
            self.longest = max(self.longest, self.now - self._born[name].pop(0))
        self._arrive(after)

    def _arrive(self, configuration: MessagePassingConfiguration) -> None:
        counts = {(c.owner, e): n for c in configuration.components for e, n in Counter(c.mailbox).items()}
        for name, number in counts.items():
            births = self._born.setdefault(name, [])
            births += [self.now] * (number - len(births))
        self._born = {name: births for name, births in self._born.items() if name in counts}
