"""Linearizability, against a judge that tries every order of every choice of operations."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flpcheck import History, Invoke, Read, Return, Write, linearizable, register

CLIENTS = ("a", "b", "c")


@st.composite
def runs(draw: st.DrawFn) -> list[Invoke | Return]:
    """Return what some clients do at a register, at most seven operations."""
    run: list[Invoke | Return] = []
    busy: dict[str, Any] = {}
    for client in draw(st.lists(st.sampled_from(CLIENTS), max_size=11)):
        if client in busy:
            result = draw(st.integers(0, 2)) if busy.pop(client) == Read() else None
            run.append(Return(client, result))
        else:
            busy[client] = draw(st.sampled_from([Read(), Write(1), Write(2)]))
            run.append(Invoke(client, busy[client]))
    return run


def naive(run: list[Invoke | Return]) -> bool:
    """Judge by definition: some order of the completed operations and some of the open ones, respecting real time."""
    operations: list[list[Any]] = []  # what, begun, over, result
    current: dict[str, int] = {}
    for time, about in enumerate(run):
        if isinstance(about, Invoke):
            current[about.client] = len(operations)
            operations.append([about.operation, time, None, None])
        else:
            operations[current[about.client]][2:] = [time, about.result]
    done = [o for o in operations if o[2] is not None]
    still_open = [o for o in operations if o[2] is None]
    choices = (c for size in range(len(still_open) + 1) for c in combinations(still_open, size))
    return any(_explains(order) for choice in choices for order in permutations((*done, *choice)))


def _explains(order: tuple[list[Any], ...]) -> bool:
    if any(later[2] is not None and later[2] < order[i][1] for i in range(len(order)) for later in order[i + 1 :]):
        return False
    stored = 0
    for what, _, over, result in order:
        if isinstance(what, Write):
            stored = what.value
        elif over is not None and result != stored:
            return False
    return True


@settings(max_examples=400, deadline=None)
@given(runs())
def test_it_agrees_with_the_definition(run: list[Invoke | Return]) -> None:
    history = History()
    for about in run:
        history = history.told(about)
    assert linearizable(history, register(0)) == naive(run)


def test_a_client_does_one_thing_after_the_other() -> None:
    with pytest.raises(ValueError, match="a invokes a second operation"):
        History().told(Invoke("a", Read())).told(Invoke("a", Read()))
    with pytest.raises(ValueError, match="a returns from an operation that it has not invoked"):
        History().told(Return("a"))


def test_other_notes_are_none_of_its_business() -> None:
    assert History().told("something else") == History()
