"""Protocols in shared memory: what is derived, what crashes do, how they are shown, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from flpcheck import (
    CompareAndSwap,
    Object,
    Op,
    Queue,
    Register,
    SharedMemory,
    SharedState,
    World,
    asynchronous,
    load,
    protocol,
    record,
    replace,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.authoring.values import place_of
from flpcheck.errors import BadAnswer, BadProtocol, BadValue, NoDecider, NondeterministicStep, SpecError, StepRaised
from flpcheck.explore import explore
from flpcheck.report.explorer.part_table import PartTable
from flpcheck.report.explorer.value_table import ValueTable
from flpcheck.system.shared_memory import InSharedMemory


@record
class Local:
    input: int
    pc: str = "write"
    decision: int | None = None


@protocol
class Pair(SharedMemory[Local]):
    """Each of two processes writes, reads the other's, and decides the sum."""

    n: int = 2

    def register(self, i: int) -> Register[int | None]:
        return Register(f"r{i % 2}", None)

    def objects(self) -> Sequence[Object[Any]]:
        return [self.register(0), self.register(1)]

    def starts(self, i: int) -> Sequence[Local]:
        return [Local(0), Local(1)] if i == 0 else [Local(5)]

    def next(self, i: int, s: Local) -> Op | None:
        if s.pc == "write":
            return self.register(i).write(s.input)
        return self.register(i + 1).read() if s.decision is None else None

    def then(self, i: int, s: Local, answer: Any) -> Local:
        return replace(s, pc="read") if s.pc == "write" else replace(s, decision=s.input + (answer or 0))


def test_what_is_derived() -> None:
    pair = Pair()
    starts = list(pair.initial())
    assert starts == [SharedState((None, None), (Local(a), Local(5))) for a in (0, 1)]
    assert pair.names() == ["p0", "p1"]
    assert [pair.inputs(c) for c in starts] == [{"p0": 0, "p1": 5}, {"p0": 1, "p1": 5}]
    assert pair.decisions(starts[0]) == {"p0": None, "p1": None}
    assert repr(pair.actions()) == "[Action(self.apply_next, 0), Action(self.apply_next, 1)]"
    steps = [(str(event), after) for event, after in pair.successors(starts[1])]  # type: ignore[attr-defined]
    assert steps == [
        ("p0 r0.write(1)", SharedState((1, None), (Local(1, "read"), Local(5)))),
        ("p1 r1.write(5)", SharedState((None, 5), (Local(1), Local(5, "read")))),
    ]


def test_an_input_that_is_none_and_a_state_without_a_decision_are_left_out() -> None:
    assert Pair().inputs(SharedState((), (Local(None), Local(0)))) == {"p1": 0}  # type: ignore[arg-type]
    assert Pair().decisions(SharedState[Any]((), ("running", Local(0, decision=3)))) == {"p1": 3}


def test_a_crashed_process_takes_no_more_steps_and_the_objects_stay() -> None:
    system = system_of(Pair(), asynchronous(crashes=1))
    (here,) = [
        t.successor for t in system.transitions(system.initial()[0].configuration) if str(t.event) == "p0 r0.write(0)"
    ]
    (after,) = [t.successor for t in system.transitions(here) if str(t.event) == "p0 crashes"]
    assert [str(t.event) for t in system.transitions(after)] == ["p1 r1.write(5)"]
    assert system.describe(after) == {
        "p0": {"crashed": "yes"},
        "p1": {"input": "5", "pc": "'write'", "decision": "None"},
        "r0": {"": "0"},
        "r1": {"": "None"},
    }


def test_the_decision_of_a_crashed_process_stays() -> None:
    graph = explore(system_of(Pair(), asynchronous(crashes=1)))
    system = graph.system
    decided = [c for c in graph.configurations if 0 in c.crashed and system.marks(c).decided & 1]
    assert len(decided) == 11
    assert {system.describe(c)["p0"]["decision"] for c in decided} == {"0", "1", "5", "6"}


def test_elided_crashes_leave_the_graph_as_it_is() -> None:
    worlds = (asynchronous(), asynchronous(crashes=1, crash_events="elided"), asynchronous(crashes=1))
    plain, elided, explicit = (explore(system_of(Pair(), world)) for world in worlds)
    assert (len(plain), plain.edges) == (len(elided), elided.edges) == (24, 27)
    assert (len(explicit), explicit.edges) == (3 * 24, 27 + 2 * 24 + 27)


def test_the_pending_operations() -> None:
    system = system_of(load("memory/test_and_set").protocol(), asynchronous())
    assert isinstance(system, InSharedMemory)
    start = system.initial()[0].configuration
    assert {i: (place, str(op)) for i, (place, op) in system.pending(start).items()} == {
        0: (1, "r0.write(0)"),
        1: (2, "r1.write(0)"),
    }
    assert set(system.pending(start._replace(crashed=frozenset([0])))) == {1}


def test_the_explorer_names_processes_and_objects() -> None:
    system, values = system_of(Pair(), asynchronous(crashes=1)), ValueTable()
    anatomy = PartTable(system, values)
    assert anatomy.names == ["p0", "p1", "r0", "r1"]
    start = system.initial()[0].configuration
    rows = [anatomy.table[number] for number in anatomy.numbers(start._replace(crashed=frozenset([1])))]
    assert [row.get("w") for row in rows] == [None, "has crashed", None, None]
    done = SharedState((0, None), (Local(0, "read", 7), Local(5)))
    assert isinstance(system, InSharedMemory)
    after = start._replace(situation=system.situation(done))
    ended = anatomy.table[anatomy.numbers(after)[0]]
    assert (ended["w"], ended["d"]) == ("has halted", ["7"])


def refused(kind: type[SpecError], model: Any, world: World | None = None) -> SpecError:
    with pytest.raises(kind) as caught:
        explore(system_of(model, world or asynchronous()))
    assert type(caught.value) is kind
    return caught.value


@dataclass(frozen=True)
class Anything:
    """What a faulty method does instead."""

    objects: Callable[[], Any] | None = None
    starts: Callable[[int], Any] | None = None
    next: Callable[[int, Local], Any] | None = None
    then: Callable[[int, Local, Any], Any] | None = None


@protocol
class Faulty(Pair):
    """A pair with some methods replaced."""

    by: Any = Anything()

    def objects(self) -> Sequence[Object[Any]]:
        return super().objects() if self.by.objects is None else self.by.objects()

    def starts(self, i: int) -> Sequence[Local]:
        return super().starts(i) if self.by.starts is None else self.by.starts(i)

    def next(self, i: int, s: Local) -> Op | None:
        return super().next(i, s) if self.by.next is None else self.by.next(i, s)

    def then(self, i: int, s: Local, answer: Any) -> Local:
        return super().then(i, s, answer) if self.by.then is None else self.by.then(i, s, answer)


def faulty(**methods: Any) -> Faulty:
    return Faulty(by=Anything(**methods))


def test_an_operation_on_an_unknown_object() -> None:
    error = refused(BadAnswer, faulty(next=lambda *_: Register("r7", 0).read()))
    assert error.what == "next() returned r7.read(), and there is no object 'r7'"
    assert error.why == ("available: r0, r1. p0 is in local state Local(0, 'write', None)")
    assert error.next_step.startswith("return an operation of an object in objects()")
    assert error.place == place_of(Faulty.next)


def test_an_operation_that_the_object_does_not_have() -> None:
    error = refused(BadAnswer, faulty(objects=lambda: [Queue("r0"), Register("r1", None)]))
    assert error.what == "next() returned r0.write(0), and a Queue has no operation 'write'"
    assert error.why.startswith("available: dequeue, enqueue. p0 is in local state")


@pytest.mark.parametrize("answer", [3, "read", Register("r0", None), ("r0", "read")], ids=str)
def test_what_is_no_operation(answer: Any) -> None:
    error = refused(BadAnswer, faulty(next=lambda *_: answer))
    assert "which is not an operation" in error.what


@pytest.mark.parametrize(("answer", "shown"), [(None, "None (a function without a return"), (Op("r0", "read"), "Op(")])
def test_then_returns_a_local_state(answer: Any, shown: str) -> None:
    error = refused(BadAnswer, faulty(then=lambda *_: answer))
    assert error.what.startswith(f"then() returned {shown}")
    assert error.what.endswith("which is not a local state")
    assert error.next_step.startswith("return the local state after the answer")
    assert error.place == place_of(Faulty.then)


def test_two_objects_of_one_name() -> None:
    error = refused(BadProtocol, faulty(objects=lambda: [Register("r0", 0), Queue("r0")]))
    assert error.what == "two objects, or an object and a process, are named 'r0'"
    assert error.place == place_of(Faulty.objects)
    assert "named 'p1'" in refused(BadProtocol, faulty(objects=lambda: [Register("p1", 0)])).what
    assert "named ''" in refused(BadProtocol, faulty(objects=lambda: [Register("", 0)])).what


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (lambda: None, "objects() returned None instead of a list"),
        (lambda: ["r0"], "objects() returned 'r0' among others, which is not an Object"),
        (lambda: [Register], "which is not an Object"),
    ],
)
def test_objects_are_a_list_of_objects(found: Any, what: str) -> None:
    assert what in refused(BadProtocol, faulty(objects=found)).what


def test_a_process_has_a_local_state_to_start_in() -> None:
    assert refused(BadProtocol, faulty(starts=lambda _: [])).what == "starts(0) returned no local state"
    assert "starts() returned 3 instead of a list" in refused(BadProtocol, faulty(starts=lambda _: 3)).what


@pytest.mark.parametrize(
    ("methods", "what"),
    [
        (
            {"then": lambda *a: replace(a[1], pc=[])},
            "the local state of p0: field 'pc' of Local: a list cannot be part",
        ),
        ({"next": lambda *_: Register[Any]("r1", 0).write({})}, "r1: a dict cannot be part of a state or message: {}"),
        ({"objects": lambda: [Register("r0", set()), Register("r1", 0)]}, "r0: a set cannot be part"),
    ],
)
def test_mutable_values_are_refused_by_the_name_of_what_holds_them(methods: Any, what: str) -> None:
    error = refused(BadValue, faulty(**methods))
    assert error.what.startswith(what)
    assert error.place is not None
    assert error.next_step


def test_an_impure_next_is_named() -> None:
    numbers = count()
    error = refused(NondeterministicStep, faulty(next=lambda *_: Register("r0", 0).write(next(numbers))))
    assert error.what == "next() is nondeterministic: two calls with equal arguments gave different results"
    assert error.place == place_of(Faulty.next)
    assert error.why.startswith("p0 is in local state Local(0, 'write', None)")


def test_an_impure_then_is_named() -> None:
    numbers = count()
    error = refused(NondeterministicStep, faulty(then=lambda *a: replace(a[1], decision=next(numbers))))
    assert error.what == "then() is nondeterministic: two calls with equal arguments gave different results"
    assert error.place == place_of(Faulty.then)


@pytest.mark.parametrize("method", ["next", "then"])
def test_an_exception_names_the_method_and_the_local_state(method: str) -> None:
    error = refused(StepRaised, faulty(**{method: lambda *_: 1 // 0}))
    assert error.what == f"{method}() raised an exception"
    assert error.why.startswith("ZeroDivisionError: ")
    assert error.details[-1] == "p0 is in local state Local(0, 'write', None)"
    assert error.place is not None
    assert error.place.file == __file__


class Pairs(Object[int]):
    def flip(self) -> Op:
        return Op(self.name, "flip")

    def apply(self, value: int, op: Op, who: int) -> Any:
        return 1 - value


def test_apply_returns_a_value_and_a_response() -> None:
    thing = Pairs("r0", 0)
    error = refused(BadAnswer, faulty(objects=lambda: [thing], next=lambda *_: thing.flip()))
    assert error.what == "apply() of Pairs returned 1 for r0.flip()"
    assert error.next_step == "return (value afterwards, response)"
    assert error.place == place_of(Pairs.apply)


@pytest.mark.parametrize("n", [0, -1, 65, True, "2"])
def test_how_many_processes(n: Any) -> None:
    error = refused(BadProtocol, Pair(n=n))
    assert error.what == f"Pair has n={n!r}"
    assert error.next_step == "write `n: int = 2`, from 1 to 64, or define names(self)"


def test_a_protocol_without_n_or_names() -> None:
    @protocol
    class Numberless(SharedMemory[Local]):
        def objects(self) -> Sequence[Object[Any]]:
            return [CompareAndSwap("c", 0)]

    assert refused(BadProtocol, Numberless()).what == "Numberless has no number of processes n"


@pytest.mark.parametrize("method", ["objects", "starts", "next", "then"])
def test_what_an_author_forgets_to_define(method: str) -> None:
    own = {name: getattr(Pair, name) for name in ("objects", "starts", "next", "then", "register") if name != method}
    made: Any = protocol(type("Half", (SharedMemory,), {"n": 2, **own}))
    error = refused(BadProtocol, made())
    assert error.what == f"Half does not define {method}"
    assert error.next_step.startswith(f"define {method}(self")


def test_a_lock_decides_nothing() -> None:
    @protocol
    class Lock(Pair):
        def starts(self, i: int) -> Sequence[Any]:
            return ["write"]

        def next(self, i: int, s: Any) -> Op | None:
            return self.register(0).read()

        def then(self, i: int, s: Any, answer: Any) -> Any:
            return s

    graph = explore(system_of(Lock(), asynchronous()))
    with pytest.raises(NoDecider) as caught:
        analyse(graph, [termination])
    assert caught.value.what == "termination: no process decides: no local state has a field 'decision'"
    assert caught.value.next_step == "call the output `decision` in the local state"
