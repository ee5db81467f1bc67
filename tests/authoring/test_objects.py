"""Shared objects: what each operation does to the value, what it answers, and which operations commute."""

from __future__ import annotations

from itertools import product
from random import Random
from typing import Any

import pytest
from generators.memory import KINDS, made, operation
from oracle.memory import performed

from flpcheck import CompareAndSwap, FetchAndAdd, Object, Op, Queue, Register, Snapshot, Sticky, TestAndSet
from flpcheck.authoring.values import key

REGISTER, SNAPSHOT, BIT, COUNTER = Register[Any]("r", None), Snapshot("s", (0, 0)), TestAndSet("b"), FetchAndAdd("c")
QUEUE, CELL, STICKY = Queue[Any]("q"), CompareAndSwap("c", 0), Sticky[Any]("s")
CASES: list[tuple[Object[Any], Any, Op, Any, Any]] = [
    (REGISTER, 1, REGISTER.read(), 1, 1),
    (REGISTER, 1, REGISTER.write(2), 2, None),
    (SNAPSHOT, (0, 0, 0), SNAPSHOT.update(7), (0, 7, 0), None),
    (SNAPSHOT, (0, 7), SNAPSHOT.scan(), (0, 7), (0, 7)),
    (BIT, False, BIT.test_and_set(), True, False),
    (BIT, True, BIT.test_and_set(), True, True),
    (BIT, True, BIT.reset(), False, None),
    (COUNTER, 3, COUNTER.fetch_and_add(-1), 2, 3),
    (QUEUE, (), QUEUE.dequeue(), (), None),
    (QUEUE, (1, 2), QUEUE.dequeue(), (2,), 1),
    (QUEUE, (1,), QUEUE.enqueue(2), (1, 2), None),
    (CELL, 0, CELL.compare_and_swap(0, 5), 5, 0),
    (CELL, 4, CELL.compare_and_swap(0, 5), 4, 4),
    (CELL, 4, CELL.read(), 4, 4),
    (STICKY, None, STICKY.jam(1), 1, True),
    (STICKY, 1, STICKY.jam(1), 1, True),
    (STICKY, 1, STICKY.jam(0), 1, False),
    (STICKY, 1, STICKY.read(), 1, 1),
]


@pytest.mark.parametrize(("thing", "before", "op", "after", "answer"), CASES, ids=str)
def test_what_an_operation_does_and_answers(thing: Any, before: Any, op: Op, after: Any, answer: Any) -> None:
    assert key(thing.apply(before, op, 1)) == key((after, answer))


def test_a_table_of_cases_has_every_operation() -> None:
    kinds = (Register, Snapshot, TestAndSet, FetchAndAdd, Queue, CompareAndSwap, Sticky)
    assert {(type(thing), op.name) for thing, _, op, _, _ in CASES} == {(k, o) for k in kinds for o in k.operations()}


def test_equal_is_what_key_calls_equal() -> None:
    cell = CompareAndSwap[Any]("c", 1)
    assert cell.apply(1, cell.compare_and_swap(True, 5), 0) == (1, 1)
    assert Sticky[Any]("s").apply(1, Sticky[Any]("s").jam(True), 0) == (1, False)


@pytest.mark.parametrize("kind", KINDS)
def test_random_sequences_are_those_of_the_oracle(kind: str) -> None:
    at = Random(kind)
    for _ in range(50):
        thing = made(kind, "x", 3)
        value = other = thing.initial
        for _ in range(8):
            who, op = at.randrange(3), operation(thing, at.randrange(2), at.randrange(2))
            value, answer = thing.apply(value, op, who)
            other, wanted = performed(kind, op.name, other, op.arguments, who)
            assert (value, answer) == (other, wanted)


def tells(kind: str, mine: Op, theirs: Op, thing: Any, value: Any) -> int | None:
    """Return how many of two processes can tell their operations' orders apart; None if the object can."""
    first, mine_first = thing.apply(value, mine, 0)
    both, theirs_second = thing.apply(first, theirs, 1)
    second, theirs_first = thing.apply(value, theirs, 1)
    reverse, mine_second = thing.apply(second, mine, 0)
    found = []
    if key(both) == key(reverse):
        found.append((key(mine_first) != key(mine_second)) + (key(theirs_first) != key(theirs_second)))
    if key(both) == key(second) and key(theirs_second) == key(theirs_first):
        found.append(1)  # mine is hidden by theirs
    if key(reverse) == key(first) and key(mine_second) == key(mine_first):
        found.append(1)
    return min(found, default=None)


@pytest.mark.parametrize(("kind", "most"), [("Register", 1), ("Snapshot", 1), ("TestAndSet", 2), ("FetchAndAdd", 2)])
def test_how_many_processes_can_tell_which_operation_came_first(kind: str, most: int) -> None:
    """Of every two operations in every value: what Herlihy calls interfering, at most two can tell."""
    thing = made(kind, "x", 3)
    plain: list[Any] = [False, True] if kind == "TestAndSet" else [2, 0, 1]
    values: list[Any] = list(product(plain, repeat=3)) if kind == "Snapshot" else plain
    ops = [operation(thing, number, value) for number, value in product(range(2), range(2))]
    found = [tells(kind, one, other, thing, value) for one, other, value in product(ops, ops, values)]
    assert max(-1 if number is None else number for number in found) == most
    assert None not in found


@pytest.mark.parametrize("kind", ["CompareAndSwap", "Sticky"])
def test_of_a_universal_object_everyone_can_tell(kind: str) -> None:
    thing = made(kind, "x", 3)
    assert tells(kind, operation(thing, 1, 0), operation(thing, 1, 1), thing, thing.initial) is None


def test_an_object_of_your_own_lists_its_operations() -> None:
    class Swap(Register[int]):
        def swap(self, value: int) -> Op:
            return Op(self.name, "swap", (value,))

        def apply(self, value: int, op: Op, who: int) -> tuple[int, Any]:
            return (op.arguments[0], value) if op.name == "swap" else super().apply(value, op, who)

    assert Swap.operations() == ("read", "swap", "write")
    assert (Swap.consensus_number, Register.consensus_number) == (None, 1)
    assert str(Swap("x", 0).swap(3)) == "x.swap(3)"
