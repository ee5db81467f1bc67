"""Silent valence, Lemma 3 and gadgets agree, configuration by configuration, with plain search over another graph."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from generators.graphs import random_graph
from generators.protocols import random_protocol, random_world
from oracle.analysis import enumerated
from oracle.enumeration import Graph, TooLarge
from oracle.same_graph import event_label, naive_names
from oracle.theorem import Failure, gadgets, lemma3_failures, silent_values

from flpcheck import Bounds, World, asynchronous, load, system_of
from flpcheck.analyse.theorem.gadgets import Gadgets
from flpcheck.analyse.theorem.lemma3 import preservation
from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.valence import Valence
from flpcheck.explore import StateGraph, explore

SPECS = [
    "always_zero",
    "first_quorum",
    "guess_on_timeout",
    "read_write_registers",
    "sequencer",
    "test_and_set",
    "tla/transaction_commit",
    "tla/two_phase",
    "tla/voting",
    "two_phase_commit",
    "wait_for_all",
]


def compare(protocol: Any, world: World, expected: Graph, engine: str = "auto") -> tuple[StateGraph, Counter[str]]:
    graph = explore(system_of(protocol, world), engine=engine)
    names = naive_names(graph, world)
    valence = Valence.of(graph)
    compare_silence(SilentValence.of(graph), names, expected)
    lemma3 = preservation(valence)
    pairs, failing = lemma3_failures(expected)
    general = not hasattr(graph.configurations[0], "components")
    labels = [event_label(event, general=general) for event in lemma3.labels.events]
    assert lemma3.pairs == pairs
    assert {Failure(names[number], labels[event]) for number, event in lemma3.failing.tolist()} == failing
    found, wanted = Gadgets.of(valence, lemma3.labels), gadgets(expected)
    members = graph.system.names
    assert {(names[n], members[p]) for n, p in found.forks.tolist()} == wanted.forks
    assert {(names[n], members[p]) for n, p in found.hooks.tolist()} == wanted.hooks
    assert {names[n] for n in found.corners.tolist()} == wanted.corners
    kinds: dict[str, set[Any]] = {
        "failures": set(failing),
        "forks": wanted.forks,
        "hooks": wanted.hooks,
        "corners": wanted.corners,
    }
    return graph, Counter({kind: len(places) for kind, places in kinds.items()})


def compare_silence(silent: SilentValence, names: list[Any], expected: Graph) -> None:
    graph = silent.graph
    crashes, members = graph.system.world.failures.crashes, range(len(graph.system.names))
    larger = {s for size in range(2, crashes + 1) for s in combinations(graph.system.crashable, size)}
    assert set(silent.silences) == {(), *((index,) for index in members), *larger}
    for silence in silent.silences:
        values = silent_values(expected, [graph.system.names[index] for index in silence])
        low = silent.low(silence)
        for number, name in enumerate(names):
            assert {v for b, v in enumerate(graph.system.values) if int(low[number]) >> b & 1} == values[name]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", SPECS)
def test_on_every_small_instance(name: str) -> None:
    for instance in load(name).instances:
        if (instance.configurations or 0) <= 800 and not instance.inputs:
            compare(instance.protocol, instance.world, enumerated(instance.protocol, instance.world))


@pytest.mark.long
def test_on_random_protocols() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        protocol, world = random_protocol(seed), random_world(seed)
        try:
            expected = enumerated(protocol, world, 120)
        except TooLarge:
            continue
        seen += compare(protocol, world, expected, "kernel" if seed % 10 == 0 else "auto")[1]
    assert seen["failures"] > 10
    assert seen["forks"] > 10


@pytest.mark.long
def test_on_random_general_protocols() -> None:
    seen: Counter[str] = Counter()
    for seed in range(2_000):
        protocol, world = random_graph(seed), asynchronous(crashes=seed % 2)
        seen += compare(protocol, world, enumerated(protocol, world, 200))[1]
    assert seen["failures"] > 100
    assert min(seen[kind] for kind in ("forks", "hooks", "corners")) > 3


def test_two_may_be_silent() -> None:
    protocol, world = load("first_quorum").protocol(n=3, quorum=2), asynchronous(2, crash_events="elided")
    compare(protocol, world, enumerated(protocol, world))


def test_under_a_cut_every_certain_answer_is_true() -> None:
    protocol, world = load("sequencer").protocol(clients=3), asynchronous(crashes=1)
    whole = explore(system_of(protocol, world))
    silent, lemma3 = SilentValence.of(whole), preservation(Valence.of(whole))
    failing = {(n, lemma3.labels.events[e]) for n, e in lemma3.failing.tolist()}
    certain = 0
    for share in (0.001, 0.05, 0.2, 0.5, 0.8, 0.95, 0.999):
        graph = explore(system_of(protocol, world), Bounds(configurations=int(share * len(whole)) + 1))
        assert not graph.complete
        part, some = SilentValence.of(graph), preservation(Valence.of(graph))
        n = len(graph)
        for silence in silent.silences:
            assert not (part.low(silence) & ~silent.low(silence)[:n]).any()
            assert not (part.dead(silence) & ~silent.dead(silence)[:n]).any()
        assert not (part.non_uniform & ~silent.non_uniform[:n] & ~part.open(())).any()
        found = {(number, some.labels.events[e]) for number, e in some.failing.tolist()}
        assert found <= failing
        certain += len(found)
    assert certain
    assert np.count_nonzero(whole.marks.crashed) > 0
