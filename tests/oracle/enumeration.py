"""The naive enumerator: plain loops, never optimised, and nothing of flpcheck but what authors write with.

Written from the text of the model of computation, not from `flpcheck.system`: a configuration is a tuple of plain
values, a mailbox is a frozen counter, set or set of queues, an event is a tuple.  Step functions are called again in
every configuration.  States, messages and notes must be hashable and compare by content, and nothing may hold both
`True` and `1` (Python calls them equal).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Any, NamedTuple, Protocol

from flpcheck.authoring.events import Gather, Letter, Start, Timeout
from flpcheck.authoring.process import PassiveLearner
from flpcheck.authoring.step import Alternatives, At, Deferred, Note, Send, Toss, restart_timer
from oracle.crashes import Crashes
from oracle.detectors import Told
from oracle.faults import Faults
from oracle.liars import with_liars
from oracle.mail import Box, Post, freeze, receivable, received, thaw
from oracle.steps import corpse, idle, listed, put_at, takes
from oracle.timers import Timed

UNLIMITED = -1


class TooLarge(Exception):
    """More configurations than the caller wants."""


class Snapshot(NamedTuple):
    """A configuration of an event-driven protocol."""

    lost: int
    duplicated: int
    locals: tuple[
        Any, ...
    ]  # per process ("live", state), ("crashed", decision, input, stable), ("liar",), ("learner",)
    mail: tuple[Box, ...]
    observers: tuple[Any, ...]
    recovered: int = 0
    faulty: frozenset[str] = frozenset()  # who is Byzantine, or omits messages
    mistakes: int = 0  # answers of an unreliable detector so far, 0 again when it has become reliable
    reliable: str = ""  # whom it relies on since
    healed: bool = False  # a partition that heals
    signed: frozenset[Any] = frozenset()  # what Byzantine processes have been sent, signed, and can make use of
    waiting: frozenset[Any] = frozenset()  # what they will know when the partition has healed
    due: frozenset[str] = frozenset()  # whose timers were armed before the present busy period
    anew: frozenset[str] = frozenset()  # whose timer the last step has rearmed; empty between steps
    order: Any = None  # who was armed when, if some timers are longer than others: see `timers`


class Edge(NamedTuple):
    """(configuration, event with outcome, configuration), and which process steps: None for an event of the world."""

    source: Any
    label: Hashable
    target: Any
    by: str | None


class Model(Protocol):
    """A protocol of either front end in a world."""

    def initial(self) -> list[Any]: ...
    def events(self, now: Any, /) -> Iterator[tuple[Hashable, Any, str | None]]: ...
    def outputs(self, now: Any, /) -> dict[str, frozenset[Any]]: ...
    def crashed(self, now: Any, /) -> frozenset[str]: ...
    def deciders(self) -> frozenset[str]: ...


@dataclass
class Graph:
    """What was found; configurations are in order of discovery, with their depths."""

    initial: list[Any]
    depth: dict[Any, int] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    outputs: dict[Any, dict[str, frozenset[Any]]] = field(default_factory=dict)  # who holds which decisions
    crashed: dict[Any, frozenset[str]] = field(default_factory=dict)
    deciders: frozenset[str] = frozenset()


def search(model: Model, limit: int) -> Graph:
    """Visit everything; where processes lie, until they can say all that any process's code can."""
    lying = isinstance(model, Messages) and model.failures.byzantine
    return with_liars(model, limit, visit) if lying else visit(model, limit)


def visit(model: Model, limit: int) -> Graph:
    """Visit everything breadth-first, one event after the other."""
    graph = Graph(model.initial(), deciders=model.deciders())
    waiting = deque(graph.initial)
    for root in graph.initial:
        graph.depth[root] = 0
    while waiting:
        current = waiting.popleft()
        graph.outputs[current] = model.outputs(current)
        graph.crashed[current] = model.crashed(current)
        for label, target, by in model.events(current):
            if target == current:
                continue
            graph.edges.add(Edge(current, label, target, by))
            if target not in graph.depth:
                graph.depth[target] = graph.depth[current] + 1
                waiting.append(target)
                if len(graph.depth) > limit:
                    raise TooLarge
    return graph


class Outcome(NamedTuple):
    """One thing that a step may do."""

    state: Any
    sends: tuple[tuple[str, Any], ...]
    notes: tuple[Any, ...]
    anew: bool = False  # whether the timer of the process starts again


class Messages(Timed, Told, Crashes, Faults):
    """An event-driven protocol in a world."""

    def __init__(self, protocol: Any, world: Any, inputs: dict[str, Any] | None = None) -> None:
        self.protocol = protocol
        self.inputs = inputs or {}
        self.members = list(protocol.processes())
        self.observers = list(protocol.observers()) if hasattr(protocol, "observers") else []
        self.names = tuple(member.name for member in self.members)
        self.kind = world.network.kind
        self.network = world.network
        self.failures = world.failures
        self.oracle = world.oracle
        self.timing = world.timing
        self.rule = world.timers
        self.own = [[e for e in (Start, Timeout) if not self.learns(i) and takes(m.step, e)] for i, m in self.rows()]
        self.able = [i for i, m in self.rows() if not self.learns(i) and not m.virtual]
        may = self.failures.faulty
        self.crashable = [i for i in self.able if may is None or self.names[i] in may]

    def rows(self) -> list[tuple[int, Any]]:
        return list(enumerate(self.members))

    def learns(self, i: int) -> bool:
        return isinstance(self.members[i], PassiveLearner)

    # -- the beginning

    def initial(self) -> list[Snapshot]:
        found = []
        for bad in self.named_or_any(self.failures.byzantine or self.failures.omission):
            lying = bad if self.failures.byzantine else ()
            choices = [["none"] if self.learns(i) or i in lying else self.starts(m) for i, m in self.rows()]
            for states, dead in product(product(*choices), self.named_or_any(self.failures.initially_dead)):
                if not set(bad) & set(dead):
                    found.append(self.beginning(states, dead, bad))
        return [c for place, c in enumerate(found) if c not in found[:place]]

    def starts(self, member: Any) -> list[Any]:
        """The initial states of a process, only that of its input if that is fixed."""
        fixed = member.name in self.inputs
        return [state for value, state in member.starts if not fixed or value == self.inputs[member.name]]

    def named_or_any(self, wanted: Any) -> list[tuple[int, ...]]:
        """Exactly the processes that are named, or any set of at most that number."""
        if isinstance(wanted, tuple):
            return [tuple(self.names.index(name) for name in wanted)]
        return [chosen for size in range(wanted + 1) for chosen in combinations(self.crashable, size)]

    def beginning(self, states: tuple[Any, ...], dead: tuple[int, ...], bad: tuple[int, ...]) -> Snapshot:
        """Every process in its initial state; the dead have sent nothing and hold nothing but their registers."""
        held: list[Any] = []
        lying = bad if self.failures.byzantine else ()
        for i, state in enumerate(states):
            alive = ("learner",) if self.learns(i) else ("liar",) if i in lying else ("live", state)
            held.append(corpse(alive) if i in dead else alive)
        empty = freeze(self.kind, [])
        notebook = tuple(observer.start for observer in self.observers)
        guilty = frozenset(self.names[i] for i in bad)
        now = Snapshot(0, 0, tuple(held), (empty,) * len(states), notebook, 0, guilty)
        for i, member in enumerate(self.members):
            if not self.learns(i) and i not in dead and i not in lying:
                sends, notes = self.effects(member.sent, At(member.name, None, self.names))
                now = self.posted(now, member.name, sends)
                for about in notes:
                    told = (o.step(s, about) for o, s in zip(self.observers, now.observers, strict=True))
                    now = now._replace(observers=tuple(told))
        armed: Snapshot = self.armed_first(now)
        return armed

    # -- what happens

    def happenings(self, now: Snapshot) -> Iterator[tuple[Hashable, Snapshot, str | None]]:
        for i, name in enumerate(self.names):
            for label, outcome, box, told in self.possible(now, i):
                yield label, self.after(told, i, outcome, box), name
        yield from self.stabilisations(now)
        if self.stands(now):
            known = now.signed | now.waiting
            yield ("heal",), now._replace(healed=True, signed=known, waiting=frozenset()), None
        yield from self.crashes(now)
        yield from self.losses(now)
        yield from self.duplications(now)
        yield from self.recoveries(now)
        for name in now.faulty:
            yield from self.lies(now, name) if self.failures.byzantine else self.omissions(now, name)

    def possible(self, now: Snapshot, i: int) -> Iterator[tuple[Any, Outcome, Box, Snapshot]]:
        """Yield what the oracle lets happen to a process, too, and what that makes of the world."""
        for label, outcome, box in self.timely(now, i):
            told = self.gone_off(now) if label[0] == "timeout" else now
            if told is not None:
                yield label, outcome, box, told
        for label, outcome, told in self.answers(now, i):
            yield label, outcome, now.mail[i], told

    def steps(self, now: Snapshot, i: int) -> Iterator[tuple[Any, Outcome, Box]]:
        """Yield every event of a process with its outcome and the mailbox that it leaves."""
        if now.locals[i][0] != "live":
            return
        state, box = now.locals[i][1], now.mail[i]
        yield from self.own_steps(i, state, box)
        yield from (step for step in self.deliveries(i, state, box) if not self.held_up(now, i, step[0][2]))
        for step in self.gatherings(i, state, box):
            if not any(self.held_up(now, i, sender) for (sender, _), _ in step[0][2]):
                yield step

    def own_steps(self, i: int, state: Any, box: Box) -> Iterator[tuple[Any, Outcome, Box]]:
        """A start or timeout that does nothing is no event."""
        for kind, event in (("start", Start()), ("timeout", Timeout())):
            if type(event) in self.own[i]:
                for number, outcome in self.ask(i, state, event, None):
                    if not idle(state, outcome):
                        again = outcome.anew or kind == "timeout"
                        yield (kind, self.names[i], number), outcome._replace(anew=again), box

    def deliveries(self, i: int, state: Any, box: Box) -> Iterator[tuple[Any, Outcome, Box]]:
        """A delivery that does nothing takes the letter all the same, unless the world says that it stays."""
        for sender, message in receivable(self.kind, box):
            rest = received(self.kind, box, (sender, message))
            for number, outcome in self.ask(i, state, message, sender):
                if not idle(state, outcome) or self.network.ignored != "stays":
                    yield ("deliver", self.names[i], sender, message, number), outcome, rest

    def gatherings(self, i: int, state: Any, box: Box) -> Iterator[tuple[Any, Outcome, Box]]:
        """A gathering that does nothing is no event."""
        for group in self.groups(i, state, box):
            rest = box
            for letter in group:
                rest = received(self.kind, rest, letter)
            for number, outcome in self.ask(i, state, Gather(tuple(Letter(*letter) for letter in group)), None):
                if not idle(state, outcome):
                    yield ("gather", self.names[i], frozenset(Counter(group).items()), number), outcome, rest

    def groups(self, i: int, state: Any, box: Box) -> list[list[Post]]:
        """Return the different sub-multisets that the guard accepts; of a queue only its head can be gathered."""
        guard, mail = self.members[i].gather, thaw(self.kind, box)
        if guard is None or not mail:
            return []
        found: list[Counter[Post]] = []
        at = At(self.names[i], None, self.names)
        for group in guard(at, state, tuple(Letter(*letter) for letter in mail)):
            counted = Counter((letter.sender, letter.message) for letter in group)
            if counted not in found and self.reachable(counted, mail):
                found.append(counted)
        return [list(counted.elements()) for counted in found]

    def reachable(self, group: Counter[Post], mail: list[Post]) -> bool:
        if self.kind != "fifo":
            return True
        for sender in {sender for sender, _ in group}:
            wanted = Counter(letter for letter in group.elements() if letter[0] == sender)
            queue = [letter for letter in mail if letter[0] == sender]
            if Counter(queue[: wanted.total()]) != wanted:
                return False
        return True

    def ask(self, i: int, state: Any, event: Any, sender: str | None) -> list[tuple[int, Outcome]]:
        """Return the numbered outcomes of a step, equal ones once; none if the step defers the message."""
        if sender is not None and self.members[i].gather and not takes(self.members[i].step, type(event)):
            return []  # a kind that is only gathered waits in the mailbox
        at = At(self.names[i], sender, self.names)
        answer = self.members[i].step(at, state, event)
        if isinstance(answer, Deferred):
            return []
        if isinstance(answer, Toss):  # how likely its outcomes are does not change what is reachable
            answer = Alternatives(tuple(outcome for _, outcome in answer.outcomes))
        pairs = answer.outcomes if isinstance(answer, Alternatives) else (answer,)
        found: list[Outcome] = []
        for after, effects in pairs:
            outcome = Outcome(after, *self.effects(effects, at), restart_timer() in listed(effects))
            if outcome not in found:
                found.append(outcome)
        return list(enumerate(found))

    def effects(self, effects: Any, at: At) -> tuple[tuple[tuple[str, Any], ...], tuple[Any, ...]]:
        """Return the (receiver, message) pairs and the notes, in order."""
        sends: list[tuple[str, Any]] = []
        notes: list[Any] = []
        for item in listed(effects):
            if isinstance(item, Note):
                notes.append(item.about)
            if not isinstance(item, Send):
                continue
            others = [name for name in self.names if name != at.me]
            groups: dict[str, Iterable[str | None]]
            groups = {"": item.to, "everyone": self.names, "others": others, "sender": [at.sender_or_none]}
            sends += [(str(to), item.message) for to in groups[item.group]]
        return tuple(sends), tuple(notes)

    def after(self, now: Snapshot, i: int, outcome: Outcome, box: Box) -> Snapshot:
        """Return the configuration after a step: the new state, the letters posted, the observers told."""
        now = now._replace(locals=put_at(now.locals, i, ("live", outcome.state)), mail=put_at(now.mail, i, box))
        now = now._replace(anew=now.anew | ({self.names[i]} if outcome.anew else set()))
        now = self.posted(now, self.names[i], outcome.sends)
        for about in outcome.notes:
            told = tuple(o.step(s, about) for o, s in zip(self.observers, now.observers, strict=True))
            now = now._replace(observers=told)
        return now

    def apart(self, sender: str, receiver: str) -> bool:
        """Whether what one process sends to another does not arrive, or not yet."""
        parted = any((sender in group) != (receiver in group) for group in self.network.partition)
        return parted or (sender, receiver) in self.network.cut

    def connected(self, sender: str, receiver: str) -> bool:
        return bool(self.network.heals) or not self.apart(sender, receiver)

    def stands(self, now: Snapshot) -> bool:
        return bool(self.network.heals) and not now.healed

    def held_up(self, now: Snapshot, i: int, sender: str) -> bool:
        """Whether a letter waits until the partition has healed."""
        return self.stands(now) and self.apart(sender, self.names[i])

    def posted(self, now: Snapshot, sender: str, sends: Iterable[tuple[str, Any]]) -> Snapshot:
        """Return the configuration with more mail; what is sent to a crashed process vanishes."""
        for to, message in sends:
            i = self.names.index(to)
            if not self.connected(sender, to):
                continue
            if now.locals[i][0] == "liar":
                now = self.learnt(now, message, late=self.held_up(now, i, sender))
            elif now.locals[i][0] != "crashed":
                box = freeze(self.kind, [*thaw(self.kind, now.mail[i]), (sender, message)])
                now = now._replace(mail=put_at(now.mail, i, box))
        return now

    # -- what can be seen

    def outputs(self, now: Snapshot) -> dict[str, frozenset[Any]]:
        found = {}
        for i, name in enumerate(self.names):
            values = self.decisions(i, now)
            if values:
                found[name] = frozenset(values)
        return found

    def decisions(self, i: int, now: Snapshot) -> Iterable[Any]:
        if self.learns(i):
            learned: Iterable[Any] = self.members[i].learn(tuple(Letter(*x) for x in thaw(self.kind, now.mail[i])))
            return learned
        if now.locals[i][0] == "liar":
            return []
        return [d for d in [corpse(now.locals[i])[1]] if d is not None]

    def crashed(self, now: Snapshot) -> frozenset[str]:
        """Who is not correct: the crashed, and those that misbehave."""
        down = (name for name, held in zip(self.names, now.locals, strict=True) if held[0] == "crashed")
        return now.faulty.union(down)

    def deciders(self) -> frozenset[str]:
        """Who is meant to decide: passive learners, and processes whose states have a decision."""
        return frozenset(
            member.name
            for i, member in enumerate(self.members)
            if self.learns(i) or any(hasattr(state, "decision") for _, state in member.starts)
        )
