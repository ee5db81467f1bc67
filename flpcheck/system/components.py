"""Components: a local state with its mailbox, the moves it can make, and what crashes and arrivals do to it.

Everything here concerns one process.  A component is made once and shared, so identity is equality; the same
numbers that name states, envelopes and components here are what a faster engine packs into words.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from flpcheck.authoring.deciding import DECISION, may_decide
from flpcheck.authoring.events import Event, Gather, Letter, Pid, Start, Suspect, Timeout, Trust
from flpcheck.authoring.process import Mail, PassiveLearner, Process
from flpcheck.authoring.rules import Rule, RuleBook
from flpcheck.authoring.values import Key, key, place_of, record, shorten, show
from flpcheck.errors import BadValue, StepRaised
from flpcheck.failure import raised
from flpcheck.system.asker import Answer, Asker, Outcome
from flpcheck.system.twins import cast
from flpcheck.world import NETWORKS, World
from flpcheck.world.network import Envelope, Mailbox


@record
class Crashed:
    """A crashed process: its output register and, if the state keeps one, its input register.

    In a world with recoveries also the local state in which it would come back: all that is left in stable storage.
    """

    decision: Any = None
    input: Any = None
    stable: Any = None


@record
class Byzantine:
    """A process that may do anything: it has no state to speak of, and nothing waits for it."""


Puts = tuple[tuple[int, Envelope], ...]
"""Envelopes put into mailboxes, as (receiver index, envelope) pairs."""


class Component:
    """A local state and a mailbox of one process, made once: identity is equality."""

    __slots__ = ("crashed", "decisions", "local", "mailbox", "moves", "owner", "received")

    def __init__(self, owner: int, local: Any, mailbox: Mailbox, decisions: tuple[Hashable, ...]) -> None:
        self.owner = owner
        self.local = local
        self.mailbox = mailbox
        self.decisions = decisions
        self.crashed = isinstance(local, (Crashed, Byzantine))
        self.moves: tuple[Move, ...] | None = None
        self.received: dict[Envelope, Component] = {}

    @property
    def content(self) -> Key:
        """Its content, comparable with that of others of its process."""
        return (key(self.local), tuple(envelope.key for envelope in self.mailbox))


class Move(NamedTuple):
    """A local transition: the component afterwards, what it puts into mailboxes, and what it notes.

    Parameters
    ----------
    event, outcome, rule
        What happens, which outcome, by which rule.
    after
        The component afterwards, before any message to itself has arrived.
    puts
        (receiver index, envelope) pairs.
    notes
        Its notes to the observers.
    chance
        The probability of this outcome, if the step tosses a coin.
    restarts
        Whether the step rearms the timer of its process.
    """

    event: Event
    outcome: int
    after: Component
    puts: Puts
    notes: tuple[Any, ...]
    rule: Rule | None
    chance: Fraction | None = None
    restarts: bool = False


@dataclass(frozen=True)
class Seat:
    """The constants of one process of a system.

    Parameters
    ----------
    decides
        Whether it is known to decide before anything is explored; a state that is reached may tell it later.
    abstains
        Whether its author says that it need not decide.
    """

    index: int
    name: Pid
    member: Process[Any, Any] | PassiveLearner[Any]
    asker: Asker | None
    decides: bool
    abstains: bool
    crashable: bool


class AnsweredQuestion(NamedTuple):
    """A question that was put, with its answer: one row of the table that a protocol amounts to."""

    owner: int
    local: Any
    event: Any
    sender: Pid | None
    answer: Answer


class Components:
    """All components of a system, and the local moves between them.

    Parameters
    ----------
    members
        The processes and passive learners of the protocol, in order.
    world
        Its network says how their mailboxes behave.
    """

    def __init__(self, members: tuple[Process[Any, Any] | PassiveLearner[Any], ...], world: World) -> None:
        self.cast = cast(members, world.failures.twins)
        self.names, self.index = self.cast.labels, {name: places[0] for name, places in self.cast.heard.items()}
        self.index |= {label: place for place, label in enumerate(self.names)}
        self.pids = tuple(member.name for member in self.cast.members)
        """Their names in the protocol; twins have the same name."""
        self.network = network = world.network
        self.mailing = NETWORKS[network.kind]
        self.rulebooks: list[RuleBook] = []
        self.seats = tuple(self._seat(index, member) for index, member in enumerate(self.cast.members))
        self.told: dict[type, tuple[Pid, ...]] = {}
        """Processes that a failure detector may name, by the kind of its answers; none in a world without one."""
        self.overwritten: list[str] = []
        self._envelopes: dict[Key, Envelope] = {}
        self._letters: dict[int, tuple[Letter[Any], Key]] = {}
        self._components: dict[tuple[int, Key, Mailbox], Component] = {}
        self.rows: dict[tuple[int, Key, Key], AnsweredQuestion] = {}

    def _seat(self, index: int, member: Process[Any, Any] | PassiveLearner[Any]) -> Seat:
        if isinstance(member, PassiveLearner):
            return Seat(index, member.name, member, None, decides=True, abstains=False, crashable=False)
        asker = Asker(member, tuple(self.cast.heard), self._rulebook(RuleBook(member.step)))
        decides = bool(member.decides) or may_decide(member.step, -2, member.starts)
        abstains = member.decides is False
        if index in self.cast.twins:
            return Seat(index, self.names[index], member, asker, decides=False, abstains=False, crashable=False)
        return Seat(index, member.name, member, asker, decides, abstains, crashable=not member.virtual)

    def _rulebook(self, book: RuleBook) -> RuleBook:
        for known in self.rulebooks:
            if known.code is book.code:
                return known
        self.rulebooks.append(book)
        return book

    def component(self, owner: int, local: Any, mailbox: Mailbox = (), identity: Key | None = None) -> Component:
        """Return the one component of a process with this local state, whose identity may be known, and mailbox."""
        name = (owner, key(local) if identity is None else identity, mailbox)
        found = self._components.get(name)
        if found is None:
            decisions = self._decisions(owner, local, mailbox)
            found = self._components[name] = Component(owner, local, mailbox, decisions)
        return found

    def known(self) -> Iterable[Component]:
        """Return the components that were made so far."""
        return self._components.values()

    def envelope(self, sender: int, message: Any) -> Envelope:
        """Return the one envelope of a sender with this message."""
        sender = self.index[self.pids[sender]]
        name = (sender, key(message))
        found = self._envelopes.get(name)
        if found is None:
            found = self._envelopes[name] = Envelope(sender, Letter(self.pids[sender], message), name)
        return found

    def _decisions(self, owner: int, local: Any, mailbox: Mailbox) -> tuple[Hashable, ...]:
        member = self.seats[owner].member
        if isinstance(member, PassiveLearner):
            return self._learned(member, tuple(envelope.letter for envelope in mailbox))
        return self.decision(owner, local)

    def decision(self, owner: int, local: Any) -> tuple[Hashable, ...]:
        """Return the decision in the output register of a process, if there is one; a copy of two has none."""
        return () if owner in self.cast.twins else decision_in(local)

    def _learned(self, member: PassiveLearner[Any], mail: Mail[Any]) -> tuple[Hashable, ...]:
        try:
            return tuple(sorted(member.learn(mail), key=key))
        except BadValue:
            raise
        except Exception as error:
            what, holds = "a passive learner raised an exception", f"{member.name} holds {shorten(show(mail), 300)}"
            raise raised(StepRaised, what, error, holds, place=place_of(member.learn)) from error

    def put(self, component: Component, envelope: Envelope) -> Component:
        """Return the component after a message has arrived; a crashed process receives nothing."""
        found = component.received.get(envelope)
        if found is None:
            found = component
            if not component.crashed:
                box = self.mailing.put(component.mailbox, envelope)
                found = self.component(component.owner, component.local, box)
            component.received[envelope] = found
        return found

    def opening(self, component: Component, asker: Asker) -> Move:
        """Return what a process has already sent and noted in the initial configuration, as a move."""
        sends, notes = asker.sent()
        return Move(Event("start", asker.process.name), 0, component, self.puts(component.owner, sends), notes, None)

    def moves(self, component: Component) -> tuple[Move, ...]:
        """Return the process events of a component, in canonical order: start, timeout, deliveries, gatherings."""
        if component.moves is None:
            component.moves = () if component.crashed else tuple(self._moves(component))
        return component.moves

    def _moves(self, component: Component) -> list[Move]:
        seat = self.seats[component.owner]
        if seat.asker is None:
            return []
        moves: list[Move] = []
        for happening, event in self.own_events(seat):
            moves += self.own_moves(component, seat, happening, event)
        for envelope in self.mailing.receivable(component.mailbox):
            moves += self.delivery(component, seat, envelope)
        for group in self.groups(component.owner, component.local, component.mailbox):
            moves += self.gathering(component, seat, group)
        return moves

    def own_events(self, seat: Seat) -> list[tuple[Event, Any]]:
        """Return what may happen to a process without a message, for the world and for its step function.

        Every answer that its failure detector could ever give is among it: the world knows when it may.
        """
        own: list[tuple[Event, Any]] = [(Event("start", seat.name), Start()), (Event("timeout", seat.name), Timeout())]
        for pid in self.told.get(Suspect, ()):
            own += [(Event("suspect", seat.name, message=pid), Suspect(pid))] if pid != seat.name else []
        own += [(Event("trust", seat.name, message=pid), Trust(pid)) for pid in self.told.get(Trust, ())]
        assert seat.asker is not None
        return [(happening, event) for happening, event in own if seat.asker.takes(type(event))]

    def own_moves(self, component: Component, seat: Seat, happening: Event, event: Any) -> list[Move]:
        """Return the moves by an event of its own that change something."""
        answer = self.answer(seat.index, component.local, event)
        outcomes = [(number, o) for number, o in enumerate(answer.outcomes) if not idle(component, o)]
        return [self.move(component, component.mailbox, happening, n, o, answer.rule) for n, o in outcomes]

    def delivery(self, component: Component, seat: Seat, envelope: Envelope) -> list[Move]:
        """Return the moves by the receipt of a letter."""
        sender, message = envelope.letter
        answer = self.answer(seat.index, component.local, message, sender)
        outcomes = list(enumerate(answer.outcomes))
        if self.network.ignored == "stays":
            outcomes = [(number, o) for number, o in outcomes if not idle(component, o)]
        box = self.mailing.taken(component.mailbox, envelope)
        happening = Event("deliver", seat.name, sender, message)
        return [self.move(component, box, happening, number, o, answer.rule) for number, o in outcomes]

    def groups(self, owner: int, local: Any, mailbox: Mailbox) -> list[tuple[Letter[Any], ...]]:
        """Return the groups of letters that a `Gather` may take from a mailbox, in canonical order."""
        asker = self.seats[owner].asker
        if asker is None:
            return []
        groups = asker.groups(local, tuple(envelope.letter for envelope in mailbox))
        if self.network.kind == "fifo":
            groups = tuple(group for group in groups if self.without(mailbox, group) is not None)
        return sorted(groups, key=self._group_key)

    def _group_key(self, group: tuple[Letter[Any], ...]) -> tuple[int, list[Key]]:
        """Return what orders groups as their identities do; that of each letter is found out once."""
        return len(group), [self._letter_key(letter) for letter in group]

    def _letter_key(self, letter: Letter[Any]) -> Key:
        known = self._letters.get(id(letter))
        if known is None:
            known = self._letters[id(letter)] = letter, key(letter)
        return known[1]

    def without(self, box: Mailbox, group: tuple[Letter[Any], ...]) -> Mailbox | None:
        """Return the mailbox after a group was taken, None if the network cannot deliver it (a queue, out of order)."""
        for letter in group:
            envelope = self.envelope(self.index[letter.sender], letter.message)
            if envelope not in self.mailing.receivable(box):
                return None
            box = self.mailing.taken(box, envelope)
        return box

    def gathering(self, component: Component, seat: Seat, group: tuple[Letter[Any], ...]) -> list[Move]:
        """Return the moves by gathering a group of letters that change something."""
        answer = self.answer(seat.index, component.local, Gather(group))
        box = self.without(component.mailbox, group)
        assert box is not None
        happening = Event("gather", seat.name, message=group)
        outcomes = [(number, o) for number, o in enumerate(answer.outcomes) if not idle(component, o)]
        return [self.move(component, box, happening, number, o, answer.rule) for number, o in outcomes]

    def answer(self, owner: int, local: Any, event: Any, sender: Pid | None = None) -> Answer:
        """Return what a process does in a local state; its code runs once per (process, state, event and sender)."""
        return self.answered((owner, key(local), (sender, key(event))), local, event, sender)

    def answered(
        self, name: tuple[int, Key, Key], local: Any, event: Any, sender: Pid | None, *, thorough: bool = True
    ) -> Answer:
        """Return the answer to a question whose identity is known: (process, state, (sender, event)).

        An answer that was not asked for thoroughly is not kept: a caller that wants its rule asks again.
        """
        row = self.rows.get(name)
        if row is not None:
            return row.answer
        asker = self.seats[name[0]].asker
        assert asker is not None
        found = asker.ask(local, event, sender, thorough=thorough)
        if thorough:
            self.rows[name] = AnsweredQuestion(name[0], local, event, sender, found)
        return found

    def move(
        self, before: Component, box: Mailbox, event: Event, number: int, outcome: Outcome, rule: Rule | None
    ) -> Move:
        """Return the move of a component to the outcome of an answer, with what is left in the mailbox."""
        after = self.component(before.owner, outcome.state, box)
        self.judge(before.owner, lambda: event, before.local, outcome.state)
        puts = self.puts(before.owner, outcome.sends)
        return Move(event, number, after, puts, outcome.notes, rule, outcome.chance, outcome.restarts)

    def puts(self, owner: int, sends: Sequence[tuple[Pid, Any]]) -> Puts:
        """Return what goes into which mailboxes of what a process sends: nothing where a partition lies between."""
        reached = [(to, message) for to, message in sends if self.network.connects(self.pids[owner], to)]
        return tuple((place, self.envelope(owner, m)) for to, m in reached for place in self.cast.receivers(owner, to))

    def judge(self, owner: int, event: Callable[[], Event], before: Any, after: Any) -> None:
        """Note down a step that changes a decision already made."""
        old, new = getattr(before, "decision", None), getattr(after, "decision", None)
        if old is not None and key(new) != key(old):
            change = f"{show(old)} to {show(new)}"
            self.overwritten.append(f"{event()} changes the decision of {self.names[owner]} from {change}")

    def cut_short(self, event: Event, move: Move, puts: Puts) -> Event:
        """Return an event that says whom some messages of a step reach, and which ones if their receivers do not."""
        different = set(move.puts)
        ambiguous = len(different) > len({to for to, _ in different})
        sent = tuple(envelope.letter.message for _, envelope in puts) if ambiguous else ()
        return replace(event, reached=tuple(self.names[to] for to, _ in puts), sent=sent)

    def lost(self, component: Component, envelope: Envelope, kind: str = "lose") -> Move:
        """Return the loss of one copy of a message, on the way or (`omit`) by who should have received it."""
        box = self.mailing.dropped(component.mailbox, envelope)
        return self._tampered(component, envelope, kind, box)

    def duplicated(self, component: Component, envelope: Envelope) -> Move:
        """Return the duplication of a message."""
        box = self.mailing.copied(component.mailbox, envelope)
        return self._tampered(component, envelope, "duplicate", box)

    def _tampered(self, component: Component, envelope: Envelope, kind: str, box: Mailbox) -> Move:
        sender, message = envelope.letter
        event = Event(kind, self.names[component.owner], sender, message, world=True)
        return Move(event, 0, self.component(component.owner, component.local, box), (), (), None)


def has_output_register(local: Any) -> bool:
    """Return whether a local state has an output register; what is left of a crashed process is no such state."""
    return hasattr(local, DECISION) and not isinstance(local, Crashed)


def decision_in(local: Any) -> tuple[Hashable, ...]:
    """Return the decision in the output register of a local state, if there is one."""
    decision = getattr(local, "decision", None)
    return () if decision is None else (decision,)


def remains(local: Any) -> Crashed:
    """Return what a crash leaves of a local state."""
    return Crashed(getattr(local, "decision", None), getattr(local, "input", None))


def idle(component: Component, outcome: Outcome) -> bool:
    """Whether an outcome changes nothing, sends nothing and notes nothing."""
    return not outcome.sends and not outcome.notes and key(outcome.state) == key(component.local)
