"""Random small protocols and worlds, as hypothesis strategies: each is made from one number, its seed.

A protocol is a table from (role, place, event) to outcomes.  Whatever sends moves to a later place, so most of them
are finite; those that are not are left out by the size limit of the test that uses them.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from flpcheck import (
    DEFER,
    UNLIMITED,
    At,
    Effects,
    Gather,
    Mail,
    Observer,
    PassiveLearner,
    Pid,
    Process,
    Recovered,
    Stable,
    Start,
    Step,
    Timeout,
    World,
    asynchronous,
    broadcast,
    choose,
    gather_quorum,
    note,
    protocol,
    record,
    replace,
    reply,
    restart_timer,
    send,
    to_others,
)

PLACES = 3
KINDS = 2


@record
class Ping:
    """The only message: what it is, and possibly whom it is about."""

    kind: int
    about: str = ""


@record
class Local:
    """A place in the table, and registers."""

    input: int | None = None
    place: int = 0
    last: Stable[str] = ""
    decision: int | None = None
    kept: Stable[int] = 0  # the furthest place so far


class Outcome(NamedTuple):
    """A cell of the table: where to go, what to decide, whether to remember the sender, what to do."""

    place: int
    decide: int | None
    remember: bool
    actions: tuple[tuple[str, int], ...]


DEFERS = "defer"
Table = dict[tuple[int, int, str], Any]  # (role, place, event) -> outcomes or DEFERS


@protocol
class RandomTables:
    """What the tables say: two roles, of which the second may gather; maybe a learner and an observer."""

    table: Any = None
    shape: Any = None
    seed: int = 0
    listed: int = 0  # how many messages `lies` lists
    signs: bool = False  # whether all messages are about their sender
    patience: Any = (0, 0, 0)

    def processes(self) -> list[Process[Local, Ping] | PassiveLearner[Ping]]:
        members: list[Process[Local, Ping] | PassiveLearner[Ping]] = []
        for number, (role, inputs, virtual) in enumerate(self.shape.roles):
            given: dict[str, Any] = {"inputs": {v: Local(v) for v in (0, 1)}} if inputs else {"start": Local()}
            if self.shape.sent and number == 0:
                given["sent"] = send(Ping(0), to="p1")
            steps = (self.plain_again, self.patient_again) if self.shape.returns else (self.plain, self.patient)
            step = steps[role]
            guard = self.group if role and self.shape.gathers else None
            members.append(
                Process(f"p{number}", step, gather=guard, virtual=virtual, patience=self.patience[number], **given)
            )
        return [*members, *([PassiveLearner("learner", self.learn)] if self.shape.learner else [])]

    def observers(self) -> list[Observer[int, int]]:
        return [Observer("tally", 0, lambda total, about: min(total + about, 3))] if self.shape.observer else []

    def lies(self, liar: Pid) -> list[Ping]:
        return [Ping(0, "p1"), Ping(1, "p0"), Ping(1, liar), Ping(0)][: self.listed]

    def signatures(self, message: Ping) -> list[tuple[Pid, int]]:
        return [(message.about, message.kind)] if message.about else []

    def plain(self, at: At, s: Local, event: Start | Ping) -> Step[Local, Ping]:
        return self.look_up(0, at, s, event)

    def patient(self, at: At, s: Local, event: Start | Timeout | Gather[Ping] | Ping) -> Step[Local, Ping]:
        return self.look_up(1, at, s, event)

    def plain_again(self, at: At, s: Local, event: Start | Ping | Recovered) -> Step[Local, Ping]:
        return self.look_up(0, at, s, event)

    def patient_again(
        self, at: At, s: Local, event: Start | Timeout | Gather[Ping] | Ping | Recovered
    ) -> Step[Local, Ping]:
        return self.look_up(1, at, s, event)

    def group(self, at: At, s: Local, mail: Mail[Ping]) -> Iterable[Mail[Ping]]:
        if s.place == PLACES - 1:
            return ()
        return combinations(mail, 2) if self.shape.gathers == "pairs" else gather_quorum(mail, self.shape.gathers)

    def learn(self, mail: Mail[Ping]) -> frozenset[int]:
        return frozenset(letter.message.kind for letter in mail)

    def look_up(self, role: int, at: At, s: Local, event: Any) -> Step[Local, Ping]:
        cell = self.table.get((role, s.place, self.named(at, event)))
        if cell is None:
            return s, ()
        if cell == DEFERS:
            return DEFER
        answers = [self.answer(at, s, outcome) for outcome in cell]
        return answers[0] if len(answers) == 1 else choose(*answers)

    def named(self, at: At, event: Any) -> str:
        return self.meaning(at, event) if isinstance(event, Ping) else type(event).__name__.lower()

    def meaning(self, at: At, ping: Ping) -> str:
        """Where messages are signed, one that is passed on says something else than one from its author."""
        return "relay" if self.signs and ping.about != at.sender_or_none else f"ping {ping.kind}"

    def answer(self, at: At, s: Local, outcome: Outcome) -> tuple[Local, Effects[Ping]]:
        decision = outcome.decide if s.decision is None else s.decision
        last = at.sender_or_none or "" if outcome.remember else s.last
        after = replace(s, place=outcome.place, decision=decision, last=last, kept=max(s.kept, outcome.place))
        return after, tuple(effect for action in outcome.actions for effect in self.effect(at, *action))

    def effect(self, at: At, how: str, kind: int) -> tuple[Any, ...]:
        ping = Ping(kind, at.me if self.signs else "")
        about = at.me if self.signs else at.sender_or_none or at.me
        effects: dict[str, Any] = {
            "everyone": broadcast(ping),
            "others": to_others(ping),
            "reply": reply(ping),
            "tell": send(Ping(kind, about), to="p0"),
            "twice": send(ping, to=("p1", "p1")),
            "learner": send(ping, to="learner"),
            "note": note(kind),
            "restart": restart_timer(),
        }
        return (effects[how],)


class Shape(NamedTuple):
    """Who takes part."""

    roles: tuple[tuple[int, bool, bool], ...]  # role, whether it has an input, whether it is virtual
    gathers: Any  # None, how many senders, or "pairs" for any two letters
    learner: bool
    observer: bool
    sent: bool
    returns: bool = False  # whether processes take a step when they come back


def outcome(at: Random, place: int, event: str, ways: list[str]) -> Outcome:
    """What sends goes on; only a delivery goes back."""
    decide = at.choice([None, None, 0, 1])
    remember = at.random() < 0.3
    if place == PLACES - 1 or at.random() < 0.3:
        earliest = 0 if event.startswith("ping") else place
        told = (("note", at.randrange(KINDS)),) if at.random() < 0.3 else ()
        return Outcome(at.randrange(earliest, PLACES), decide, remember, told)
    actions = tuple((at.choice(ways), at.randrange(KINDS)) for _ in range(at.choice([1, 1, 1, 2])))
    return Outcome(at.randrange(place + 1, PLACES), decide, remember, actions)


def table(at: Random, shape: Shape) -> Table:
    """A table for two roles; about a third of its cells are empty."""
    cells: Table = {}
    events = ["start", "timeout", "gather", *(f"ping {kind}" for kind in range(KINDS)), *["recovered"] * shape.returns]
    for role, place, event in ((role, place, event) for role in (0, 1) for place in range(PLACES) for event in events):
        ping = event.startswith("ping")
        ways = (
            ["everyone", "others", "others", "tell", "tell", "twice", "note"]
            + ["reply"] * 2 * ping
            + ["learner"] * shape.learner
        )
        if ping and at.random() < 0.2:
            cells[role, place, event] = DEFERS
        elif (place, event) == (0, "start") or at.random() < (0.9 if event in {"gather", "recovered"} else 0.5):
            cells[role, place, event] = tuple(outcome(at, place, event, ways) for _ in range(at.choice([1, 1, 1, 2])))
    return cells


def random_protocol(seed: int) -> RandomTables:
    """Return a protocol of two or three processes; p0 and p1 can crash."""
    at = Random(seed)
    size = at.choice([2, 2, 3])
    roles = tuple((at.choice([0, 1, 1]), at.random() < 0.4, i > 1 and at.random() < 0.6) for i in range(size))
    learner, observer, sent = (at.random() < 0.4 for _ in range(3))
    shape = Shape(roles, at.choice([None, 1, 1, 2, "pairs"]), learner, observer, sent, at.random() < 0.4)
    return RandomTables(table(at, shape), shape, seed)


RETURNING = ["between", "write-first", "write-first", "torn", "torn:kept,last", "torn:last,decision", "send-first"]
"""Crash points where processes come back."""


def random_cut(at: Random) -> frozenset[tuple[Pid, Pid]]:
    """Return one of the links between p0 and p1, or both."""
    return frozenset(at.sample([("p0", "p1"), ("p1", "p0")], k=at.choice([1, 1, 2])))


def random_world(seed: int) -> World:
    """Return any kind of world for processes p0 and p1, which can crash; duplication without end is left to sets."""
    at = Random(seed)
    network = at.choice(["multiset", "set", "fifo"])
    elided = at.random() < 0.3
    misbehaves, recovers = not elided and at.random() < 0.3, not elided and at.random() < 0.4
    omitting: list[int | tuple[str, ...]] = [1, ("p0",)]
    dead: list[int | tuple[str, ...]] = [0, 0, 1, ("p0",), ("p1",)]
    comes_back = recovers and not misbehaves
    return asynchronous(
        0 if misbehaves else 1 if recovers else at.choice([0, 1]),
        network=network,
        ignored=at.choice(["consumed", "stays"]),
        loss=at.choice([0, 0, 1, UNLIMITED]),
        duplication=at.choice([0, UNLIMITED] if network == "set" else [0, 0, 1]),
        initially_dead=at.choice([0] if misbehaves else dead),
        crash_events="elided" if elided else "explicit",
        mid_broadcast=not elided and at.random() < 0.2,
        recoveries=at.choice([1, 2, UNLIMITED]) if comes_back else 0,
        crash_points="between" if elided else at.choice(RETURNING if comes_back else ["between", "cut"]),
        partition=at.choice([(), (), (), (("p0",),), (("p0",), ("p1",))]),
        cut=random_cut(at) if at.random() < 0.3 else frozenset(),
        omission=at.choice(omitting) if misbehaves else 0,
    )


def random_liars(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol that takes one message at a time, in a world with a Byzantine process."""
    at = Random(seed)
    tables = random_protocol(seed)
    table = {cell: answer for cell, answer in tables.table.items() if cell[2] != "gather" and not _learns(answer)}
    shape = tables.shape._replace(gathers=None, learner=False)
    liars: list[int | tuple[str, ...]] = [1, ("p0",), ("p1",)]
    liars += [2] if sum(not virtual for *_, virtual in shape.roles) > 2 else []
    world = asynchronous(
        network=at.choice(["multiset", "set", "fifo"]),
        ignored=at.choice(["consumed", "stays"]),
        loss=at.choice([0, 0, 1]),
        byzantine=at.choice(liars),
        partition=at.choice([(), (), (("p0",),)]),
        lies=at.choice(["spoken", "spoken", "spoken", "only"]),
    )
    return RandomTables(table, shape, seed, at.choice([0, 0, 1, 2, 4])), world


def random_liars_and_crashes(seed: int) -> tuple[RandomTables, World]:
    """Return the same, where correct processes crash as well, in the middle of steps that lies cause, too."""
    at = Random(seed)
    tables, world = random_liars(seed)
    network = replace(world.network, partition=(), cut=random_cut(at) if at.random() < 0.3 else frozenset())
    returns = at.random() < 0.5
    points = at.choice(RETURNING) if returns else "cut"
    liars = 1 if world.failures.byzantine == 2 else world.failures.byzantine
    failures = replace(world.failures, byzantine=liars, crashes=1, crash_points=points, recoveries=int(returns))
    roles = tuple((role, inputs, False) for role, inputs, _ in tables.shape.roles)
    roles = (*roles, (0, False, False))[: max(3, len(roles))]
    tables = RandomTables(tables.table, tables.shape._replace(roles=roles), seed)
    return tables, replace(world, network=network, failures=failures)


def random_learnt_lies(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol with a passive learner, in a world with a Byzantine process that can lie to it."""
    at = Random(seed)
    tables, (plain, world) = random_protocol(seed), random_liars(seed)
    table = {cell: answer for cell, answer in tables.table.items() if cell[2] != "gather"}
    shape = plain.shape._replace(learner=True)
    failures = replace(world.failures, authenticated=at.random() < 0.3)
    return replace(plain, table=table, shape=shape, signs=failures.authenticated), replace(world, failures=failures)


def random_twins(seed: int) -> tuple[RandomTables, World]:
    """Return any protocol in which one or two processes run twice; the other one, or a third, may crash."""
    at = Random(seed)
    tables, (_, world) = random_protocol(seed), random_liars(seed)
    third = bool(tables.shape.roles[2:]) and not tables.shape.roles[2][2]
    twins = at.choice([("p0",), ("p1",), *[("p0", "p1")] * third])
    crashes = at.choice([0, 1]) if len(twins) == 1 and third else 0
    points = at.choice(["between", "cut"])
    failures = replace(world.failures, byzantine=0, lies="spoken", twins=twins, crashes=crashes, crash_points=points)
    network = replace(world.network, duplication=at.choice([0, 0, 1]))
    return tables, replace(world, network=network, failures=failures)


def random_forgers(seed: int) -> tuple[RandomTables, World]:
    """Return the same, with messages that their senders sign; partitions may heal."""
    at = Random(seed)
    tables, world = random_liars(seed)
    network = replace(world.network, heals=bool(world.network.partition) and at.random() < 0.5)
    failures = replace(world.failures, authenticated=True)
    gathering = random_protocol(seed).table.items()
    relayed = {(role, place, "relay"): answer for (role, place, event), answer in gathering if event == "gather"}
    relayed = {cell: answer for cell, answer in relayed.items() if not _learns(answer)}
    return replace(tables, table=tables.table | relayed, signs=True), replace(world, network=network, failures=failures)


def random_gathering_liars(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol that gathers letters of different senders, in a world with a Byzantine process."""
    at = Random(seed)
    tables, (plain, world) = random_protocol(seed), random_liars(seed)
    shape = plain.shape._replace(gathers=at.choice([1, 2, 2]))
    table = {cell: answer for cell, answer in tables.table.items() if not _learns(answer)}
    roles = tuple((at.choice([0, 1, 1]), inputs, virtual) for _, inputs, virtual in shape.roles)
    return replace(plain, table=table, shape=shape._replace(roles=roles)), world


def random_parted(seed: int) -> tuple[RandomTables, World]:
    """Return a protocol without a passive learner, in any world, with a partition or a cut that heals."""
    at = Random(seed)
    tables, world = random_protocol(seed), random_world(seed)
    table = {cell: answer for cell, answer in tables.table.items() if not _learns(answer)}
    groups = at.choice([(("p0",),), (("p0",), ("p1",)), ()])
    network = replace(world.network, partition=groups, cut=frozenset() if groups else random_cut(at), heals=True)
    return RandomTables(table, tables.shape._replace(learner=False), seed), replace(world, network=network)


def _learns(answer: Any) -> bool:
    return answer != DEFERS and any(how == "learner" for outcome in answer for how, _ in outcome.actions)


seeds = st.integers(0, 2**64 - 1)
protocols = seeds.map(random_protocol)
worlds = seeds.map(random_world)
liars = seeds.map(random_liars)
