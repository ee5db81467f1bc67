"""Protocols with planted changes: Paxos with other guards and quorums, and commit-adopt on registers with other moves.

Unlike random tables they are nearly right, so all horns of the theorem occur, the hardest one among them: protocols
that agree, can decide either value and never block, and so must have a fair run without any decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple, TypeAlias

from flpcheck import (
    At,
    Event,
    Pid,
    Process,
    Processes,
    Start,
    Step,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    reply,
    send,
)

# -- Paxos


@record
class Prepare:
    """Proposer -> acceptor."""

    ballot: int


@record
class Promise:
    """Acceptor -> proposer: the proposal accepted last, (-1, -1) for none."""

    ballot: int
    accepted: tuple[int, int]


@record
class Accept:
    """Proposer -> acceptor."""

    ballot: int
    value: int


@record
class Accepted:
    """Acceptor -> proposer."""

    ballot: int


Message = Prepare | Promise | Accept | Accepted


@record
class Proposer:
    """Ballot -1: not started; phase 1 or 2; who has answered; the highest proposal heard of."""

    input: int
    ballot: int = -1
    value: int = -1
    answers: frozenset[Pid] = frozenset()
    heard: tuple[int, int] = (-1, -1)
    phase: int = 1
    decision: int | None = None


@record
class Acceptor:
    """The highest ballot promised, and the proposal accepted last."""

    promised: int = -1
    accepted: tuple[int, int] = (-1, -1)


class Rules(NamedTuple):
    """What a mutant does otherwise."""

    acceptors: int = 2
    quorum: int = 2
    promise: str = ">"
    accept: str = ">="
    choose: str = "highest"
    retries: int = 0
    remember: bool = True


def allowed(how: str, ballot: int, promised: int) -> bool:
    return {">": ballot > promised, ">=": ballot >= promised, "always": True}[how]


@protocol
class PaxosMutant:
    """Two proposers, who decide themselves."""

    rules: Rules = Rules()

    def processes(self) -> Processes[Message]:
        proposers = [Process(f"p{i}", self.proposer, inputs={v: Proposer(v) for v in (0, 1)}) for i in (0, 1)]
        return [*proposers, *(Process(a, self.acceptor, start=Acceptor()) for a in self.everybody)]

    @property
    def everybody(self) -> list[Pid]:
        return [f"a{i}" for i in range(self.rules.acceptors)]

    def proposer(self, at: At, s: Proposer, event: Start | Promise | Accepted) -> Step[Proposer, Message]:
        rules = self.rules
        match event:
            case Start() if s.decision is None and s.ballot < 2 * rules.retries:
                ballot = s.ballot + 2 if s.ballot >= 0 else int(at.me[1])
                return Proposer(s.input, ballot), send(Prepare(ballot), to=self.everybody)
            case Promise(ballot, accepted) if ballot == s.ballot and s.phase == 1:
                answers, heard = s.answers | {at.sender}, self.better(s.heard, accepted)
                if len(answers) < rules.quorum:
                    return replace(s, answers=answers, heard=heard), ()
                value = heard[1] if heard[0] >= 0 else s.input
                return Proposer(s.input, ballot, value, phase=2), send(Accept(ballot, value), to=self.everybody)
            case Accepted(ballot) if ballot == s.ballot and s.phase == 2 and s.decision is None:
                answers = s.answers | {at.sender}
                if len(answers) < rules.quorum:
                    return replace(s, answers=answers), ()
                return Proposer(s.input, ballot, phase=3, decision=s.value), ()
            case Start() | Promise() | Accepted():
                return s, ()

    def better(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        if self.rules.choose == "own":
            return (-1, -1)
        if self.rules.choose == "first":
            return one if one[0] >= 0 else other
        return max(one, other)

    def acceptor(self, at: At, s: Acceptor, event: Prepare | Accept) -> Step[Acceptor, Message]:
        rules = self.rules
        match event:
            case Prepare(ballot) if allowed(rules.promise, ballot, s.promised):
                promised = max(ballot, s.promised) if rules.remember else s.promised
                return replace(s, promised=promised), reply(Promise(ballot, s.accepted))
            case Accept(ballot, value) if allowed(rules.accept, ballot, s.promised):
                return Acceptor(max(ballot, s.promised), (ballot, value)), reply(Accepted(ballot))
            case Prepare() | Accept():
                return s, ()


def paxos_mutant(at: Random) -> PaxosMutant:
    """Return Paxos with some rules changed."""
    acceptors = at.choice([1, 2])
    rules = Rules(
        acceptors=acceptors,
        quorum=at.choice([1, acceptors]),
        promise=at.choice([">", ">", ">=", "always"]),
        accept=at.choice([">=", ">=", ">", "always"]),
        choose=at.choice(["highest", "highest", "own", "first"]),
        retries=at.choice([0, 0, 1]) if acceptors == 1 else 0,
        remember=at.random() < 0.8,
    )
    return PaxosMutant(rules)


# -- Commit-adopt on registers

Cell: TypeAlias = tuple[int, int]
"""What a register holds: a value, and its grade (0: proposed, 1: no process was seen to differ)."""
Moves: TypeAlias = dict[tuple[int, Cell, Cell | None], tuple[Any, ...]]
"""By process, own register and what was read of the other one: ("decide", value) or ("write", value, grade)."""
CELLS = [(value, grade) for value in (0, 1) for grade in (0, 1)]


def commit_adopt() -> Moves:
    """Return the moves of the right protocol, each round: commit if no process differs, else adopt and try again.

    Gafni, "Round-by-round fault detectors" (1998): commit on a value that no process was seen to differ from, twice.
    """
    moves: Moves = {}
    for process in (0, 1):
        for value, grade in CELLS:
            for other in (None, *CELLS):
                agrees = other is None or other[0] == value
                if agrees and grade == 1:
                    moves[process, (value, grade), other] = ("decide", value)
                elif agrees:
                    moves[process, (value, grade), other] = ("write", value, 1)
                else:
                    assert other is not None
                    moves[process, (value, grade), other] = ("write", other[0], 0)
    return moves


def mutated(at: Random, changes: int) -> Moves:
    """Return the moves with some of them changed."""
    moves = commit_adopt()
    ways = [*(("decide", value) for value in (0, 1)), *(("write", *cell) for cell in CELLS)]
    for place in at.sample(sorted(moves, key=str), k=changes):
        moves[place] = at.choice(ways)
    return moves


@record
class Local:
    """What a process is about to do."""

    input: int
    cell: Cell
    next: str = "write"
    decision: int | None = None


@record
class Memory:
    """Two processes and their registers."""

    local: tuple[Local, Local]
    register: tuple[Cell | None, Cell | None] = (None, None)


def put(pair: tuple[Any, Any], place: int, item: Any) -> tuple[Any, Any]:
    return (item, pair[1]) if place == 0 else (pair[0], item)


def moved(s: Local, move: tuple[Any, ...]) -> Local:
    """Return a process after it has read the other register."""
    if move[0] == "decide":
        return replace(s, decision=move[1], next="stop")
    return replace(s, cell=(move[1], move[2]), next="write")


@protocol
class Registers:
    """The processes write and read in turn; shared memory."""

    moves: Any = None

    def names(self) -> list[Pid]:
        return ["p0", "p1"]

    def initial(self) -> Iterator[Memory]:
        yield from (Memory((Local(a, (a, 0)), Local(b, (b, 0)))) for a in (0, 1) for b in (0, 1))

    def inputs(self, c: Memory) -> dict[Pid, int]:
        return {f"p{i}": s.input for i, s in enumerate(c.local)}

    def decisions(self, c: Memory) -> dict[Pid, int | None]:
        return {f"p{i}": s.decision for i, s in enumerate(c.local)}

    def successors(self, c: Memory) -> Iterator[tuple[Event, Memory]]:
        for i, s in enumerate(c.local):
            if s.next == "write":
                written = replace(c, register=put(c.register, i, s.cell))
                yield Event("writes", f"p{i}"), replace(written, local=put(c.local, i, replace(s, next="read")))
            elif s.next == "read":
                after = moved(s, self.moves[i, s.cell, c.register[1 - i]])
                yield Event("reads", f"p{i}"), replace(c, local=put(c.local, i, after))


@record
class Write:
    """Process -> memory."""

    cell: Cell


@record
class Read:
    """Process -> memory: what does the other one hold?"""


@record
class Content:
    """Memory -> process; None after a write, too."""

    cell: Cell | None


@record
class Registry:
    """The memory as a process that cannot crash."""

    register: tuple[Cell | None, Cell | None] = (None, None)


Letter = Write | Read | Content


@protocol
class RegisterServer:
    """The same by messages: one request at a time, so steps of different processes commute."""

    moves: Any = None

    def processes(self) -> Processes[Letter]:
        clients = [Process(p, self.client, inputs={v: Local(v, (v, 0)) for v in (0, 1)}) for p in ("p0", "p1")]
        return [*clients, Process("memory", self.memory, start=Registry(), virtual=True)]

    def client(self, at: At, s: Local, event: Start | Content) -> Step[Local, Letter]:
        match event:
            case Start() if s.next == "write":
                return replace(s, next="written"), send(Write(s.cell), to="memory")
            case Start():
                return s, ()
            case Content() if s.next == "written":
                return replace(s, next="read"), send(Read(), to="memory")
            case Content(cell):
                return moved(s, self.moves[int(at.me[1]), s.cell, cell]), ()

    def memory(self, at: At, s: Registry, event: Write | Read) -> Step[Registry, Letter]:
        client = int(at.sender[1])
        match event:
            case Write(cell):
                return Registry(put(s.register, client, cell)), reply(Content(None))
            case Read():
                return s, reply(Content(s.register[1 - client]))


def register_mutant(at: Random) -> Registers | RegisterServer:
    """Return commit-adopt with up to four moves changed."""
    moves = mutated(at, at.choice([0, 1, 1, 2, 3, 4]))
    return Registers(moves) if at.random() < 0.8 else RegisterServer(moves)


def mutant_world(at: Random, model: Any) -> tuple[World, dict[Pid, int]]:
    """Return a world in which one process may crash, and inputs to fix, lest the graph become too large."""
    events = at.choice(["explicit", "elided", "elided"])
    if isinstance(model, PaxosMutant):
        small = model.rules.acceptors == 1 and not model.rules.retries
        fixed = {} if small or (events == "elided" and not model.rules.retries) else {"p0": 0, "p1": 1}
        return asynchronous(1, crash_events=events, ignored=at.choice(["consumed", "stays"])), fixed
    return asynchronous(1, crash_events="elided" if isinstance(model, RegisterServer) else events), {}
