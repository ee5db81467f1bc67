"""Where a search was cut nothing is claimed that more would change; no two combinations are taken for the same."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
from generators.protocols import random_protocol

from flpcheck import Bounds, asynchronous, system_of
from flpcheck.analyse.answers import PredicateAnswers
from flpcheck.analyse.sweep import bits
from flpcheck.analyse.valence import Valence
from flpcheck.analyse.views import ViewPart
from flpcheck.explore import explore


def names_of(valence: Valence, number: int) -> set[str]:
    return {str(valence.values[bit]) for bit in bits(int(valence.low[number]))}


def test_the_valence_of_a_cut_graph_is_a_lower_bound_and_final_where_it_is_not_open() -> None:
    met: Counter[str] = Counter()
    for seed in range(30):
        whole = explore(system_of(random_protocol(seed), asynchronous(1)), Bounds(configurations=400))
        if not whole.complete:
            continue
        part = explore(system_of(random_protocol(seed), asynchronous(1)), Bounds(configurations=2 * len(whole) // 3))
        mine, theirs = Valence.of(part), Valence.of(whole)
        number = {str(whole.describe(n)): n for n in range(len(whole))}
        for n in range(len(part)):
            there = number[str(part.describe(n))]
            assert names_of(mine, n) <= names_of(theirs, there)
            if not mine.open[n]:
                assert names_of(mine, n) == names_of(theirs, there)
            assert not (mine.open[n] and (mine.univalent[n] or mine.none[n]))
            met["open" if mine.open[n] else "closed"] += 1
    assert min(met["open"], met["closed"]) > 100


class Wide:
    """Two configurations of seventy processes that differ in the state of the first one; each has two states."""

    def __len__(self) -> int:
        return 2

    def members(self, owner: int, **_: bool) -> tuple[list[Any], Any]:
        class Member:
            def __init__(self, state: int) -> None:
                self.crashed, self.local = False, state

        return [Member(0), Member(1)], np.arange(2)

    def column(self, owner: int, **_: bool) -> Any:
        return np.array([0, owner == 0], np.int64)


def test_more_combinations_than_a_number_holds_are_distinguished() -> None:
    wide: Any = Wide()
    system: Any = SimpleNamespace(observers=())
    answers = PredicateAnswers(system)
    answers._look_at([ViewPart("states", owner) for owner in range(70)])
    code, table = answers._coded(list(answers._kinds(wide)), len(wide))
    assert (len(set(code.tolist())), table) == (2, None)
