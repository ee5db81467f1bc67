"""The search for fair runs finds what guessing finds, in random worlds, regions and sets that have to be visited."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from generators.detectors import random_detecting
from generators.protocols import random_liars, random_parted, random_protocol, random_world
from generators.timed import random_timed
from oracle.fair_runs import Runs, TooManyGuesses

from flpcheck import Bounds, Fairness, World, system_of
from flpcheck.analyse.live.fair import component_in
from flpcheck.analyse.live.search import FairComponent, FairSearch, Region
from flpcheck.explore import StateGraph, explore
from flpcheck.explore.graph import Bools

MOST = 160
STRENGTHS = ("weak", "received", "received", "strong")


def random_case(seed: int, letters: str) -> tuple[Any, World]:
    """Return a protocol and a world; letters are owed as asked for, or with a strength by chance."""
    at = Random(seed)
    kinds = [lambda s: (random_protocol(s), random_world(s))] * 6
    made, world = at.choice([*kinds, random_detecting, random_liars, random_parted, random_timed])(seed)
    timers = at.choice(["weak", "weak", "weak", "strong"])
    fair_loss = "letters" if world.network.loss == -1 and at.random() < 0.5 else ""
    network = replace(world.network, fair_loss=fair_loss)
    return made, replace(
        world, network=network, fairness=Fairness(timers=timers, letters=letters or at.choice(STRENGTHS))
    )


def compared(seed: int, engine: str, seen: Counter[str], letters: str = "") -> None:
    made, world = random_case(seed, letters)
    graph = explore(system_of(made, world), Bounds(configurations=MOST), engine=engine)
    if not graph.complete:
        return
    runs, at = Runs(graph.system, MOST), Random(seed)
    ids = {here: number for number, here in enumerate(graph.configurations)}
    for _ in range(3):
        share = at.choice([1.0, 1.0, 0.9, 0.6])
        loop = np.array([at.random() < share for _ in range(len(graph))])
        musts = [np.array([at.random() < 0.3 for _ in range(len(graph))]) for _ in range(at.choice([0, 0, 1, 2]))]
        who = tuple(sorted(at.sample(range(len(graph.system.names)), k=at.choice([0, 1]))))
        sets = [{here for here, number in ids.items() if where[number]} for where in (loop, *musts)]
        try:
            expected = runs.fewest_faulty(sets[0], sets[1:], frozenset(who))
            cyclic = runs.fewest_faulty(sets[0], sets[1:], frozenset(who), least=2)
        except TooManyGuesses:
            seen["skipped"] += 1
            continue
        found = component_in(graph, loop=loop, musts=musts, who=who)
        assert (None if found is None else len(found.faulty)) == expected, (seed, engine, who)
        seen["compared"] += 1
        seen["none" if expected is None else "found"] += 1
        cycles = cycles_in(graph, loop, musts, who)
        assert (None if not cycles else len(cycles[0].faulty)) == cyclic, (seed, engine, who)
        seen["cycles"] += bool(cycles)
        seen["faulty"] += bool(found is not None and found.faulty) + bool(cycles and cycles[0].faulty)


def cycles_in(graph: StateGraph, loop: Bools, musts: list[Bools], who: tuple[int, ...]) -> list[FairComponent]:
    mask = sum(1 << index for index in who)
    area = loop & ~graph.frontier & ((graph.marks.crashed & np.uint64(mask)) == 0)
    return FairSearch(graph, Region(area.astype(np.uint64), (mask,), tuple(musts))).cycles()


def some(seeds: range, engine: str, letters: str = "") -> Counter[str]:
    seen: Counter[str] = Counter()
    for seed in seeds:
        compared(seed, engine, seen, letters)
    return seen


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_as_guessing_does(engine: str) -> None:
    seen = some(range(48), engine)
    assert seen["compared"] > 36, seen
    assert min(seen["found"], seen["none"]) > 3, seen


@pytest.mark.long
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_as_guessing_does_in_many_cases(engine: str) -> None:
    seen = some(range(1000, 2800), engine)
    assert seen["compared"] >= 2040, seen
    assert seen["cycles"] > 190, seen
    assert seen["faulty"] > 40, seen


@pytest.mark.long
@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_where_letters_are_owed_weakly(engine: str) -> None:
    """All demands weak, as runs were judged before there were strengths."""
    seen = some(range(3000, 4050), engine, "weak")
    assert seen["compared"] >= 1512, seen
    assert min(seen["found"], seen["none"], seen["cycles"]) > 50, seen
