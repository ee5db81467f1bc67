"""Liars in rounds: silent, repeating what correct processes send, and the last to speak."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Effects,
    Heard,
    RoundProcess,
    World,
    agreement,
    broadcast,
    invariant,
    load,
    partially_synchronous,
    protocol,
    record,
    replace,
    synchronous,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.cli import main
from flpcheck.errors import BadWorld
from flpcheck.explore import StateGraph, explore


@record
class State:
    """The input, if there is one, and the decision."""

    input: int = 0
    decision: Any = None


@protocol
class Unanimous:
    """A process decides only if it hears all."""

    silence: int | None = None
    rounds = 1

    def processes(self) -> list[RoundProcess[State, int]]:
        inputs = {v: State(v) for v in (0, 1)}
        return [
            RoundProcess(f"p{i}", self.send, self.receive, inputs=inputs, lies=self.lies, silence=self.silence)
            for i in range(3)
        ]

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        return broadcast(s.input)

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        return replace(s, decision=min(heard.values())) if len(heard) == 3 else s

    def lies(self, at: At, round: int) -> Iterator[int | None]:
        yield from (0, 1)


@record
class Bid:
    """A bid with its signer."""

    signer: str
    value: int


@protocol
class Sealed:
    """p2 may pass on the bid of another as its own, if it sees it in time."""

    rounds = 1

    def processes(self) -> list[RoundProcess[State, Bid]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=State(), lies=self.lies) for i in range(3)]

    def send(self, at: At, s: State, round: int) -> Effects[Bid]:
        return broadcast(Bid(at.me, 7))

    def receive(self, at: At, s: State, round: int, heard: Heard[Bid]) -> State:
        copied = "p2" in heard and heard["p2"].signer == "p0"
        return replace(s, decision="copied" if copied else "fine")

    def lies(self, at: At, round: int) -> Iterator[Bid]:
        yield from (Bid("p2", 1), Bid("p2", 7), Bid("p0", 7))

    def signatures(self, message: Bid) -> list[tuple[str, int]]:
        return [(message.signer, message.value)]


@protocol
class Counting:
    """The first to be heard is the one whose number counts; a liar knows the numbers of the others."""

    most: int = 1
    rounds: int = 1
    n: int = 3

    def processes(self) -> list[RoundProcess[State, int]]:
        names = ["p2", *(f"p{i}" for i in range(self.n - 1))]
        return [RoundProcess(p, self.send, self.receive, start=State(int(p[1])), lies=self.lies) for p in names]

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        return broadcast(s.input)

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        most = max(heard.values())
        return State(min(most + 1, self.most), decision=heard.get("p2"))

    def lies(self, at: At, round: int) -> Iterator[int]:
        yield from ()


@invariant
def nobody_copies(view: Any) -> bool:
    """No process takes the bid of another one for that of p2."""
    return all(s.decision != "copied" for s in view.states.values())


def found(model: Any, world: World) -> StateGraph:
    return explore(system_of(model, world))


def size(graph: StateGraph) -> tuple[int, int]:
    return len(graph), len(graph.targets)


LYING = synchronous(byzantine=("p2",))


def test_a_liar_may_be_silent_whatever_lies_lists() -> None:
    graph = found(Unanimous(), LYING)
    assert size(graph) == (25, 21)
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 1


def test_silence_may_be_taken_for_a_message() -> None:
    graph = found(Unanimous(silence=1), LYING)
    assert size(graph) == (11, 7)
    assert [f.verdict for f in analyse(graph, [termination, agreement]).findings] == [HOLDS, VIOLATED]
    assert graph.system.assumptions == ("a liar's silence counts as 1",)
    assert found(Unanimous(silence=1), synchronous()).system.assumptions == ()


def test_a_liar_speaks_last() -> None:
    graph = found(Sealed(), synchronous(byzantine=("p2",), authenticated=True))
    assert size(graph) == (5, 4)
    (finding,) = analyse(graph, [nobody_copies]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 1


def test_unless_the_world_says_otherwise() -> None:
    for make in (synchronous, partially_synchronous):
        world = make(byzantine=("p2",), authenticated=True, rushing=False)
        assert "signed messages, passed on a round later" in str(world)
        assert world.as_json()["rushing"] is False
    graph = found(Sealed(), synchronous(byzantine=("p2",), authenticated=True, rushing=False))
    assert size(graph) == (2, 1)
    assert analyse(graph, [nobody_copies]).findings[0].verdict is HOLDS


def test_without_signatures_it_makes_no_difference_who_speaks_last() -> None:
    with pytest.raises(BadWorld, match="without signatures"):
        synchronous(byzantine=1, rushing=False)


def test_a_liar_may_say_what_correct_processes_send() -> None:
    graph = found(Counting(), LYING)
    decided = {bit for view in map(graph.system.view, graph.configurations) for bit in view.outputs.values()}
    assert decided == {0, 1}


def test_also_what_they_send_only_because_it_was_said() -> None:
    graph = found(Counting(most=4), LYING)
    decided = {bit for view in map(graph.system.view, graph.configurations) for bit in view.outputs.values()}
    assert decided == {0, 1}  # one round: what is answered to it is never sent
    graph = found(Counting(most=4, rounds=2), LYING)
    decided = {bit for view in map(graph.system.view, graph.configurations) for bit in view.outputs.values()}
    assert decided == {0, 1, 2, 3, 4}


@protocol
class EachItsOwn:
    """p0 says 0 and p1 says 1, and so they would lie; each remembers what it has heard."""

    rounds = 1

    def processes(self) -> list[RoundProcess[State, int]]:
        return [RoundProcess(f"p{v}", self.send, self.receive, State(v), lies=self.lies) for v in (0, 1)]

    def send(self, at: At, s: State, round: int) -> Effects[int]:
        return broadcast(s.input)

    def receive(self, at: At, s: State, round: int, heard: Heard[int]) -> State:
        return replace(s, decision=tuple(sorted(heard.items())))

    def lies(self, at: At, round: int) -> list[int | None]:
        return [None, int(at.me == "p1")]


def test_what_one_liar_may_say_another_one_has_to_learn() -> None:
    graph = found(EachItsOwn(), synchronous(byzantine=1))
    heard = {
        pair for c in graph.configurations for part in c.parts for pair in getattr(part.local, "decision", None) or ()
    }
    assert heard == {(pid, said) for pid in ("p0", "p1") for said in (0, 1)}


def test_what_correct_processes_send_must_end() -> None:
    with pytest.raises(BadWorld, match="keep exchanging new messages"):
        found(Counting(most=10**6, rounds=2, n=2), LYING)


def test_the_silent_liar_is_printed_unlike_the_default() -> None:
    instance = load("phase_king").instance("king lies")
    graph = found(instance.protocol, instance.world)
    assert graph.system.assumptions == ("a liar's silence counts as 0",)


SPEC = Path(__file__)


Printed = Callable[..., str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printed:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit):
            main([*arguments])
        captured = capsys.readouterr()
        return " ".join((captured.out + captured.err).split())

    return run


def test_on_the_command_line_and_replayed(printed: Printed) -> None:
    spec = [str(SPEC), "--timing", "synchronous", "--byzantine", "p2"]
    sealed = ["--protocol", "Sealed", *spec, "--authenticated", "--property", "nobody_copies", "--no-reports"]
    assert "nobody_copies VIOLATED" in printed("explore", *sealed)
    assert "nobody_copies HOLDS" in printed("explore", *sealed, "--no-rushing")
    counting = ["--protocol", "Counting", "-p", "most=4", "-p", "rounds=2", *spec]
    step = "p2 says 0 to p0; p2 says 1 to p1"
    assert step in printed("explore", *counting, "--property", "agreement", "--no-reports")


def test_a_replay_knows_what_liars_can_say(printed: Printed) -> None:
    graph = found(Counting(most=4, rounds=2), LYING)
    transitions = graph.transitions(0)
    last = len(transitions) - 2  # the last one is silence
    step = str(transitions[last].event)
    spec = ["--protocol", "Counting", "-p", "most=4", "-p", "rounds=2", str(SPEC)]
    assert "says 4" in step
    assert step in printed("replay", *spec, "--timing", "synchronous", "--byzantine", "p2", "--path", f"0:{last}")


def test_the_label_stands_beside_the_verdict(printed: Printed) -> None:
    told = printed("explore", "phase_king", "--instance", "king lies", "--no-reports")
    assert "(a liar's silence counts as 0)" in told
