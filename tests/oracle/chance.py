"""Markov decision processes by brute force: all memoryless schedulers, all sets of configurations.

A process is a dict: state -> list of actions, an action is a list of (chance, state).  Nothing of flpcheck is used.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

Action = list[tuple[Fraction, int]]
Process = dict[int, list[Action]]
ONE = Fraction(1)


def expectations(process: Process, goal: int) -> tuple[Fraction, Fraction]:
    """Return the least and the most expected number of actions from state 0 to the goal, over all schedulers."""
    states = [state for state in process if state != goal]
    found = [
        _solved(list(zip(states, chosen, strict=True)), states, goal)
        for chosen in product(*(process[state] for state in states))
    ]
    return min(found), max(found)


def _solved(chosen: list[tuple[int, Action]], states: list[int], goal: int) -> Fraction:
    """Gauss-Jordan: x = 1 + P x."""
    size = len(states)
    rows = []
    for state, action in chosen:
        row = [ONE if other == state else Fraction(0) for other in states] + [ONE]
        for chance, to in action:
            if to != goal:
                row[states.index(to)] -= chance
        rows.append(row)
    for column in range(size):
        pivot = next(r for r in range(column, size) if rows[r][column] != 0)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for r in range(size):
            if r != column and rows[r][column] != 0:
                rows[r] = [a - rows[r][column] * b for a, b in zip(rows[r], rows[column], strict=True)]
    return rows[states.index(0)][size]


def least_within(process: Process, goal: int, steps: int, state: int = 0) -> Fraction:
    """Return the least probability to be at the goal after a number of actions."""
    if state == goal or not steps:
        return Fraction(state == goal)
    return min(
        sum((chance * least_within(process, goal, steps - 1, to) for chance, to in action), Fraction(0))
        for action in process[state]
    )


def maximal_ends(process: Process) -> set[frozenset[int]]:
    """Return the maximal sets of states in which a scheduler can stay, visiting all of them again and again."""
    ends = [
        frozenset(chosen)
        for size in range(1, len(process) + 1)
        for chosen in combinations(process, size)
        if _is_end(process, set(chosen))
    ]
    return {end for end in ends if not any(end < other for other in ends)}


def _is_end(process: Process, inside: set[int]) -> bool:
    steps: dict[int, set[int]] = {}
    for state in inside:
        staying = [action for action in process[state] if all(to in inside for _, to in action)]
        if not staying:
            return False
        steps[state] = {to for action in staying for _, to in action}
    return all(_reached(steps, state) == inside for state in inside)


def _reached(steps: dict[int, set[int]], start: int) -> set[int]:
    found, waiting = set(steps[start]), list(steps[start])
    while waiting:
        fresh = steps[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found
