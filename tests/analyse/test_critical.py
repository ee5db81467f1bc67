"""Critical configurations in shared memory: counts, objects, who can tell, and what contradicts the argument."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, ClassVar

import pytest

from flpcheck import (
    CompareAndSwap,
    Object,
    Op,
    Queue,
    Register,
    SharedMemory,
    TestAndSet,
    World,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.case import Case
from flpcheck.analyse.properties import standard_properties
from flpcheck.analyse.theorem.critical import Criticals, criticals
from flpcheck.analyse.theorem.tour import theorem_on
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.errors import InternalError
from flpcheck.explore import Bounds, explore
from flpcheck.report.as_json.theorem import theorem_as_json
from flpcheck.report.critical import lemma_on_objects, sentences

LOSSLESS = asynchronous()


def found(model: Any, world: World = LOSSLESS) -> Criticals:
    made = criticals(Case(explore(system_of(model, world))))
    assert made is not None
    return made


def spec(name: str, **parameters: Any) -> Any:
    return load(f"memory/{name}").protocol(**parameters)


@pytest.mark.parametrize(
    ("name", "n", "number", "thing", "tell"),
    [
        ("test_and_set", 2, 2, "bit", 2),
        ("fifo_queue", 2, 2, "q", 2),
        ("fetch_and_add", 2, 2, "counter", 2),
        ("compare_and_swap", 3, 6, "first", None),
        ("sticky_bit", 3, 6, "bit", None),
        ("arbiter", 2, 2, "proposal", 1),
    ],
)
def test_on_which_object_they_stand_and_who_can_tell(
    name: str, n: int, number: int, thing: str, tell: int | None
) -> None:
    here = found(spec(name, n=n))
    assert here.number == len(here.found) == number
    assert {tuple(x.name for x in one.objects) for one in here.found} == {(thing,)}
    assert {None if pair.tell is None else len(pair.tell) for one in here.found for pair in one.rivals} == {tell}
    assert len(here.exceptions) == (number if name == "arbiter" else 0)


@pytest.mark.parametrize(
    "model",
    [
        spec("test_and_set", n=3),
        spec("fifo_queue", n=3),
        spec("fetch_and_add", n=3),
        *(spec("registers", manner=manner) for manner in ("hasty", "patient", "polite")),
        *(spec("snapshot", manner=manner) for manner in ("hasty", "patient", "polite")),
        spec("commit_adopt"),
    ],
    ids=str,
)
def test_where_nothing_is_critical_the_lemma_says_so(model: Any) -> None:
    here = found(model)
    assert (here.number, here.found, here.exceptions) == (0, (), ())
    assert lemma_on_objects(here) == ("Herlihy (critical on one object, no register)", True, "nothing is critical")


@pytest.mark.parametrize("n", [2, 3, 4])
def test_closed_form_of_compare_and_swap(n: int) -> None:
    """Nothing written, or the value written of some process and the set of those that have decided, one of them it."""
    graph = explore(system_of(spec("compare_and_swap", n=n), LOSSLESS))
    assert len(graph) == 2**n + 2 * (4**n - 3**n)
    decided = [(v, s) for vector in product((0, 1), repeat=n) for v in (0, 1) for s in product((0, 1), repeat=n)
               if any(s[i] and vector[i] == v for i in range(n))]  # fmt: skip
    assert len(graph.targets) == n * 2**n + sum(s.count(0) for _, s in decided)
    assert found(spec("compare_and_swap", n=n)).number == 2**n - 2  # nothing written, and inputs that differ


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_each_level_of_commit_adopt_delays_disagreement_by_eight_events(levels: int) -> None:
    graph = explore(system_of(spec("commit_adopt", levels=levels), LOSSLESS))
    (agreement,) = [f for f in analyse(graph, standard_properties(graph)).findings if f.claim.name == "agreement"]
    assert agreement.schedule is not None
    assert len(agreement.schedule) == 8 * levels


def test_registers_written_for_either_front_end_make_the_same_graph() -> None:
    for manner, world in product(("hasty", "patient", "polite"), (LOSSLESS, asynchronous(crashes=1))):
        general, derived = (
            explore(system_of(load(name).protocol(manner=manner), world))
            for name in ("read_write_registers", "memory/registers")
        )
        assert general.offsets.tolist() == derived.offsets.tolist()
        assert general.targets.tolist() == derived.targets.tolist()
        assert general.movers.tolist() == derived.movers.tolist()
        assert general.marks.values.tolist() == derived.marks.values.tolist()


def test_what_is_said_of_a_critical_register() -> None:
    here = found(spec("arbiter"), asynchronous(crashes=1))
    _, holds, because = lemma_on_objects(here)
    assert not holds
    assert because == (
        "not 2 of 2, for instance configuration 1, on proposal (Register): "
        "the lemma assumes that no decision waits for a single process"
    )
    assert list(sentences(here)) == [
        "critical configuration 1: p0 proposal.read() leaves only 0; p1 proposal.write(1) leaves only 1; "
        "only p0 can tell which of p0 and p1 came first, so the others cannot decide without it"
    ]


def test_what_is_said_of_a_strong_object() -> None:
    (said,) = sentences(found(spec("test_and_set")))
    assert said.endswith("p1 bit.test_and_set() leaves only 1; only p0 and p1 can tell which came first")
    assert lemma_on_objects(found(spec("test_and_set")))[1:] == (True, "all 2, on bit (TestAndSet)")
    (told,) = sentences(found(spec("compare_and_swap")))
    assert told.endswith("every process can tell which of p0 and p2 came first")


def test_of_very_many_a_sample_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.analyse.theorem.critical.MOST", 2)
    here = found(spec("compare_and_swap"))
    assert (here.number, [one.number for one in here.found]) == (6, [1, 6])
    assert lemma_on_objects(here)[1:] == (True, "all 2 of 6, on first (CompareAndSwap)")


def test_json_of_the_tour() -> None:
    graph = explore(system_of(spec("test_and_set"), asynchronous(crashes=1)))
    tour = theorem_on(analyse(graph, standard_properties(graph)))
    assert tour is not None
    told = theorem_as_json(tour)
    assert told["verdicts"] == ["outside"]
    assert told["because"] == "the theorem for shared memory assumes registers alone, and there is bit (TestAndSet)"
    assert told["critical"]["configurations"] == 2
    assert told["critical"]["objects"] == ["bit"]
    assert told["critical"]["examples"][0] == {
        "configuration": 28,
        "pending": [
            {"process": "p0", "object": "bit", "operation": "bit.test_and_set()", "leaves": "0"},
            {"process": "p1", "object": "bit", "operation": "bit.test_and_set()", "leaves": "1"},
        ],
        "rivals": ["p0", "p1"],
        "tell": ["p0", "p1"],
    }


def test_other_protocols_have_none() -> None:
    assert criticals(Case(explore(system_of(load("test_and_set").protocol(), LOSSLESS)))) is None
    assert criticals(Case(explore(system_of(load("sequencer").protocol(), LOSSLESS)))) is None


def test_under_a_cut_what_is_critical_for_certain_is_shown() -> None:
    system = system_of(spec("arbiter"), LOSSLESS)
    found_with = {}
    for bound in (10, 20, 30, 34):
        graph = explore(system, Bounds(configurations=bound), order="dfs")
        here = criticals(Case(graph))
        assert here is not None
        found_with[bound, graph.complete] = here.number
    assert found_with == {(10, False): 0, (20, False): 1, (30, False): 2, (34, True): 2}


@record
class Local:
    input: int
    pc: str = "write"
    decision: int | None = None


class Swap(Register[Any]):
    """Says that it is a register, and its writes answer what was there: the first of two processes wins."""

    consensus_number: ClassVar[float | None] = 1

    def apply(self, value: Any, op: Op, who: int) -> tuple[Any, Any]:
        return (op.arguments[0], value) if op.name == "write" else (value, value)


class Honest(Register[Any]):
    """The same, and does not say how strong it is."""

    apply = Swap.apply


@protocol
class Swapping(SharedMemory[Local]):
    """Consensus of two from an object whose writes answer what was there."""

    n: int = 2
    kind: Any = Swap

    def register(self, i: int) -> Register[Any]:
        return Register(f"r{i % 2}", None)

    def objects(self) -> Sequence[Object[Any]]:
        return [self.kind("x", None), self.register(0), self.register(1)]

    def starts(self, i: int) -> Sequence[Local]:
        return [Local(0), Local(1)]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "write":
                return self.register(i).write(s.input)
            case "swap":
                return Register[Any]("x", None).write(i)
            case "read":
                return self.register(i + 1).read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "write":
                return replace(s, pc="swap")
            case "swap" if answer is not None:
                return replace(s, pc="read")
        return replace(s, pc="done", decision=s.input if answer is None else answer)


def test_an_object_that_only_calls_itself_a_register_is_found_out() -> None:
    case = Case(explore(system_of(Swapping(), LOSSLESS)))
    with pytest.raises(InternalError) as caught:
        criticals(case)
    assert (
        caught.value.what == "configuration 16 is critical with both steps on x, a Swap, which contradicts the theorem"
    )
    assert "unless apply() of Swap is the spec's own" in caught.value.next_step
    with pytest.raises(InternalError, match="no horn of the FLP theorem applies"):
        flp_verdict(Case(explore(system_of(Swapping(), asynchronous(crashes=1)))))


def test_an_object_of_unknown_strength_is_no_register() -> None:
    here = found(Swapping(kind=Honest))
    assert (here.number, here.exceptions) == (2, ())
    verdict = flp_verdict(Case(explore(system_of(Swapping(kind=Honest), asynchronous(crashes=1)))))
    assert verdict is not None
    assert verdict.because == "the theorem for shared memory assumes registers alone, and there is x (Honest)"


def test_a_decision_without_those_that_can_tell_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(explore(system_of(spec("arbiter"), LOSSLESS)))
    assert criticals(case) is not None
    monkeypatch.setattr(type(case.silent), "low", lambda self, _: self.graph.marks.values + 1)
    with pytest.raises(InternalError, match="something is decided without p0 after configuration 1"):
        criticals(case)


@protocol
class Elsewhere(SharedMemory[Local]):
    """p0 and p1 race on a bit; p2 waits for what the winner writes, and its reading changes nothing."""

    n: int = 3
    bit = TestAndSet("bit")
    said = Register[int | None]("said", None)

    def objects(self) -> Sequence[Object[Any]]:
        return [self.bit, self.said]

    def starts(self, i: int) -> Sequence[Local]:
        return [Local(i, "race" if i < 2 else "wait")]

    def next(self, i: int, s: Local) -> Op | None:
        match s.pc:
            case "race":
                return self.bit.test_and_set()
            case "say":
                return self.said.write(s.decision)
        return self.said.read() if s.decision is None else None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        match s.pc:
            case "race":
                won = s.input if not answer else 1 - s.input
                return replace(s, pc="say", decision=won)
            case "say":
                return replace(s, pc="done")
        return replace(s, decision=answer)


def test_an_operation_that_changes_nothing_does_not_count() -> None:
    here = found(Elsewhere())
    (one,) = here.found
    assert [(str(step.op), step.leaves) for step in one.pending] == [
        ("bit.test_and_set()", "0"), ("bit.test_and_set()", "1"), ("said.read()", ""),
    ]  # fmt: skip
    assert [thing.name for thing in one.objects] == ["bit"]
    assert "p2 said.read() changes nothing" in next(sentences(here))


@protocol
class Apart(SharedMemory[Local]):
    """p0 and p1 race, each on a cell of its own that the other never looks at, and both wait for the other's."""

    n: int = 2

    def objects(self) -> Sequence[Object[Any]]:
        return [CompareAndSwap("a", None), Queue("b", ())]

    def starts(self, i: int) -> Sequence[Local]:
        return [Local(i)]

    def next(self, i: int, s: Local) -> Op | None:
        a, b = CompareAndSwap[Any]("a", None), Queue[Any]("b")
        if s.pc == "write":
            return a.compare_and_swap(None, 0) if i == 0 else b.enqueue(1)
        if s.pc == "look":
            return b.dequeue() if i == 0 else a.read()
        return None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        if s.pc == "write":
            return replace(s, pc="look")
        return replace(s, pc="done", decision=i if answer is None else None)


def test_operations_on_different_objects_commute_and_leave_nothing_to_decide() -> None:
    here = found(Apart())
    assert [one.number for one in here.exceptions] == [one.number for one in here.found]
    first = here.found[0]
    assert {thing.name for thing in first.objects} == {"a", "b"}
    assert (first.weakest.tell, len(here.found)) == ((), 1)
    assert next(sentences(here)).endswith("the steps of p0 and p1 commute, so nothing can be decided after both")


@protocol
class Fickle(SharedMemory[Local]):
    """p0 decides 0, and then 1 after all."""

    n: int = 2
    x = Register[int]("x", 0)

    def objects(self) -> Sequence[Object[Any]]:
        return [self.x]

    def starts(self, i: int) -> Sequence[Local]:
        return [Local(0, decision=0 if i == 0 else None)]

    def next(self, i: int, s: Local) -> Op | None:
        return self.x.write(1) if i == 0 and s.decision == 0 else None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        return replace(s, decision=1)


def test_a_decision_that_is_taken_back_decides_nothing() -> None:
    case = Case(explore(system_of(Fickle(), LOSSLESS)))
    assert case.valence.critical.tolist() == [True, False]
    here = criticals(case)
    assert here is not None
    assert here.number == 0
