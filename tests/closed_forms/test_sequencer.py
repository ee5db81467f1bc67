"""The sequencer: the smallest protocol whose outcome depends on one process."""

from __future__ import annotations

from oracle.analysis import blocked, census, critical, disagreeing, enumerated
from oracle.same_graph import assert_same

from flpcheck import At, Process, Processes, Start, Step, asynchronous, protocol, record, replace, send


@record
class Value:
    """Proposer -> sequencer, and back: a value."""

    value: int


@record
class Proposer:
    """A process with an input, which it forgets once it has sent it and has decided."""

    input: int | None
    started: bool = False
    decision: int | None = None


@record
class Judge:
    """The sequencer."""

    decision: int | None = None


def forget(s: Proposer) -> Proposer:
    return replace(s, input=None) if s.started and s.decision is not None else s


@protocol
class Sequencer:
    """p0 and p1 tell p2 their inputs; p2 decides the first that arrives and tells them."""

    def processes(self) -> Processes[Value]:
        proposers = [Process(name, self.proposer, inputs={v: Proposer(v) for v in (0, 1)}) for name in ("p0", "p1")]
        return [*proposers, Process("p2", self.judge, start=Judge())]

    def proposer(self, at: At, s: Proposer, event: Start | Value) -> Step[Proposer, Value]:
        match event:
            case Start() if not s.started and s.input is not None:
                return forget(replace(s, started=True)), send(Value(s.input), to="p2")
            case Value(value):
                return forget(replace(s, decision=value)), ()
            case Start():
                return s, ()

    def judge(self, at: At, s: Judge, event: Value) -> Step[Judge, Value]:
        if s.decision is not None:
            return s, ()
        return Judge(event.value), send(event, to=["p0", "p1"])


def test_sequencer_has_the_published_counts() -> None:
    graph = enumerated(Sequencer(), asynchronous())
    assert len(graph.depth) == 96
    assert census(graph).bivalent == 8
    assert len(critical(graph)) == 2
    assert disagreeing(graph) == []
    assert blocked(graph) == []
    assert_same(Sequencer(), asynchronous(), graph)


def test_one_crash_blocks_the_sequencer() -> None:
    graph = enumerated(Sequencer(), asynchronous(crashes=1))
    assert blocked(graph)
    assert disagreeing(graph) == []
    assert_same(Sequencer(), asynchronous(crashes=1), graph)
