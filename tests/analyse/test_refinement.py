"""Refinement against a look at every transition, and mutants caught before two values are chosen."""

from __future__ import annotations

import sys
from collections import Counter, deque
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from generators.graphs import random_graph
from generators.guards import random_guards
from generators.protocols import random_liars, random_protocol, random_world
from generators.rounds import Numbered
from refining import MUTANTS, PAXOS, RAFT, REFINES_VOTING, SETS, Arrows, VotesForAnyLog, verdict_on

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Action,
    Event,
    View,
    asynchronous,
    load,
    protocol,
    refines,
    synchronous,
    system_of,
)
from flpcheck.authoring.values import key
from flpcheck.examine import examine
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.explore.columned import Columned
from flpcheck.explore.native_obstacles import obstacle
from flpcheck.settle import Overrides, settle


def places(view: View[Any]) -> tuple[int, int]:
    """Read something of each kind: fields of states, a mailbox, decisions, observers."""
    total = sum(state.place for state in view.states.values() if state is not None)
    tally = sum(view.observers.values()) if view.observers else 0
    return (total + len(view.mail.get("p0", ()))) % 4, (len(view.outputs) + tally) % 3


def naive(graph: StateGraph, mapping: Any, abstract: Arrows) -> int | None:
    """Return the length of the shortest schedule that ends in a wrong step, 0 for a wrong beginning."""
    images = [mapping(graph.system.view(here)) for here in graph.configurations]
    if any(images[root] not in abstract.roots for root in graph.roots):
        return 0
    away, waiting, lengths = dict.fromkeys(graph.roots, 0), deque(graph.roots), []
    while waiting:
        here = waiting.popleft()
        for target in graph.targets[graph.out(here)].tolist():
            if images[here] != images[target] and (images[here], images[target]) not in abstract.arrows:
                lengths.append(away[here] + 1)
            if target not in away:
                away[target] = away[here] + 1
                waiting.append(target)
    return min(lengths, default=None)


def random_abstract(at: Random, graph: StateGraph, mapping: Any) -> Arrows:
    """Return an abstract protocol that lacks few of the steps of a graph, if any, and has some more."""
    images = [mapping(graph.system.view(here)) for here in graph.configurations]
    pairs = sorted({(images[a], images[b]) for a, b in zip(graph.sources, graph.targets, strict=True)})
    lacking = at.choice([0.0, 0.05, 0.3])
    pairs = [pair for pair in pairs if pair[0] != pair[1] and at.random() >= lacking]
    pairs += [(at.choice(images), at.choice(images)) for _ in range(2)]
    roots = sorted({images[root] for root in graph.roots})
    return Arrows(tuple(roots[: len(roots) - (at.random() < 0.1)]) or ((9, 9),), tuple(pairs))


def compared(model: Any, world: Any, mapping: Any, at: Random, found: Counter[Any]) -> None:
    """Judge with both engines, and compare with the naive answer."""
    plain = explore(system_of(model, world), Bounds(configurations=400), engine="reference")
    if not plain.complete:
        return
    abstract = random_abstract(at, plain, mapping)
    claim, expected = refines(abstract, mapping), naive(plain, mapping, abstract)
    engine = "auto" if obstacle(system_of(model, world), "bfs") else "kernel"
    graph = explore(system_of(model, world), engine=engine)
    findings = [verdict_on(one, claim) for one in (plain, graph)]
    for finding in findings:
        length = None if finding.schedule is None else len(finding.schedule)
        assert length == expected
        assert finding.verdict is (HOLDS if expected is None else VIOLATED)
        if finding.schedule is not None:
            assert finding.beside is not None
            last = finding.schedule.configurations[-1]
            assert finding.beside.configurations[-1] == {
                str(i): str(x) for i, x in enumerate(mapping(graph.system.view(last)))
            }
            assert finding.beside.steps[-1:] == ((None,) if expected else ())
            assert None not in finding.beside.steps[:-1]
    assert findings[0].because == findings[1].because
    found[findings[0].verdict] += 1
    found["columns"] += isinstance(graph.configurations, Columned)


@pytest.mark.parametrize("kind", ["crashes", "lies"])
def test_random_protocols_against_a_look_at_every_transition(kind: str) -> None:
    found: Counter[Any] = Counter()
    for seed in range(36 if kind == "crashes" else 24):
        model, world = random_liars(seed) if kind == "lies" else (random_protocol(seed), random_world(seed))
        compared(model, world, places, Random(seed), found)
    assert min(found[HOLDS], found[VIOLATED], found["columns"]) > 2, found


def test_random_general_protocols_against_a_look_at_every_transition() -> None:
    found: Counter[Any] = Counter()
    for seed in range(16):
        compared(random_graph(seed), asynchronous(), lambda c: (c % 3, c // 3), Random(seed), found)
        model = random_guards(seed)
        compared(model, asynchronous(), lambda c: (sum(map(ord, repr(key(c)))) % 1, 0), Random(seed), found)
    assert min(found[HOLDS], found[VIOLATED]) > 2, found


def test_what_a_mapping_moves_without_reading_it_counts_as_read() -> None:
    """The image holds a part of the configuration that the mapping never looks into."""
    spec = load("tla/voting")
    whole = refines(type(spec.instances[0].protocol)(ballots=2), lambda c: c)
    for engine in ("kernel", "reference"):
        graph = explore(system_of(spec.instances[0].protocol, asynchronous()), engine=engine)
        finding = verdict_on(graph, whole)
        assert (finding.verdict, finding.because) == (
            HOLDS,
            "reaches all of Voting, 599 configurations, and takes all steps between them (2,079)",
        )


def test_a_state_that_a_mapping_returns_as_it_is_counts_as_read() -> None:
    """Every local state of p0 is an image of its own, though no field of it is read."""
    for seed in range(5):
        model = random_protocol(seed)
        graph = explore(system_of(model, asynchronous()), Bounds(configurations=400))
        states = {key(graph.system.view(here)["p0"]): graph.system.view(here)["p0"] for here in graph.configurations}
        arrows = tuple((a, b) for a in states.values() for b in states.values())
        roots = tuple(graph.system.view(graph.configurations[root])["p0"] for root in graph.roots)
        finding = verdict_on(graph, refines(Arrows(roots, arrows), lambda view: view["p0"]))
        assert finding.verdict is (HOLDS if graph.complete else INCOMPLETE)
        assert finding.because.startswith(f"reaches all of Arrows, {len(states)} configuration") or not graph.complete


@pytest.mark.parametrize("name", list(MUTANTS))
def test_mutants_are_caught_before_two_values_are_chosen(name: str) -> None:
    cls, length = MUTANTS[name]
    graph = explore(system_of(cls(), SETS))
    finding = verdict_on(graph, REFINES_VOTING)
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.beside is not None
    assert len(finding.schedule) == length
    marks = graph.system.marks(finding.schedule.configurations[-1])
    assert bin(marks.values).count("1") < 2
    assert finding.beside.name == "Voting"


def test_the_chain_reaches_all_of_what_it_refines() -> None:
    found = examine(settle(PAXOS, Overrides(parameters={"ballots": "1"}, claims=["refines_voting"])))
    finding = found.judged.findings[0]
    assert finding.verdict is HOLDS
    assert finding.because == "reaches all of Voting, 40 configurations, and takes all steps between them (102)"


def test_what_is_never_reached_is_named_and_so_is_a_step_that_is_never_taken() -> None:
    @protocol
    class Counter3:
        def initial(self) -> list[int]:
            return [0]

        def actions(self) -> list[Action]:
            return [Action(self.up)]

        def up(self, c: int) -> Iterator[tuple[Event, int]]:
            if c < 3:
                yield Event("up"), c + 1

    graph = explore(system_of(Counter3(), asynchronous()))
    chain = tuple((n, n + 1) for n in range(3))
    cases = {
        (): "reaches all of Arrows, 4 configurations, and takes all steps between them (3)",
        ((3, 0),): "reaches all of Arrows, 4 configurations, and takes 3 of 4 steps between them: never goes 0 in 3",
        ((3, 4),): "reaches 4 configurations of Arrows, but never 4",
    }
    for more, because in cases.items():
        finding = verdict_on(graph, refines(Arrows((0,), chain + more), lambda c: c))
        assert (finding.verdict, finding.because) == (HOLDS, because)
    finding = verdict_on(graph, refines(Arrows((0, 7), chain), lambda c: c))
    assert finding.because == "reaches 4 configurations of Arrows, but never 7"
    finding = verdict_on(graph, refines(Arrows((1,), chain), lambda c: c))
    assert (finding.verdict, finding.because) == (VIOLATED, "its image is no initial configuration of Arrows")


def test_a_protocol_without_end_is_asked_on_demand() -> None:
    @protocol
    class Naturals:
        def initial(self) -> list[int]:
            return [0]

        def actions(self) -> list[Action]:
            return [Action(self.up)]

        def up(self, c: int) -> Iterator[tuple[Event, int]]:
            yield Event("up"), c + 1

    finding = verdict_on(explore(system_of(random_graph(1), asynchronous())), refines(Naturals(), lambda _: 0))
    assert (finding.verdict, finding.because) == (HOLDS, "reaches 1 configuration of Naturals, but never 1")


def test_rounds_against_a_look_at_every_transition() -> None:
    found: Counter[Any] = Counter()
    for seed in range(16):
        compared(Numbered(seed), synchronous(seed % 2), in_rounds, Random(seed), found)
    assert min(found[HOLDS], found[VIOLATED]) > 1, found


def in_rounds(view: View[Any]) -> tuple[int, int]:
    return sum(state.place for state in view.states.values()) % 4, len(view.outputs) % 3


def test_nothing_is_asked_of_what_lies_behind_a_wrong_step() -> None:
    @protocol
    class Careful:
        def initial(self) -> list[int]:
            return [0]

        def actions(self) -> list[Action]:
            return [Action(self.up)]

        def up(self, c: int) -> Iterator[tuple[Event, int]]:
            assert c in {0, 1}
            if c == 0:
                yield Event("up"), 1

    @protocol
    class ToThree:
        def initial(self) -> list[int]:
            return [0]

        def successors(self, c: int) -> list[tuple[Event, int]]:
            return [(Event("up"), c + 1)] if c < 3 else []

    finding = verdict_on(explore(system_of(ToThree(), asynchronous())), refines(Careful(), lambda c: c))
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert len(finding.schedule) == 2


def test_a_leader_that_skips_phase_1_is_caught_before_any_leader_learns_a_command() -> None:
    broken = load("broken/multi_paxos_skips_phase_1")
    module = sys.modules[broken.protocol.__mro__[1].__module__]
    graph = explore(system_of(broken.protocol(slots=1), SETS))
    refined, learned = (verdict_on(graph, getattr(module, f"{name}")) for name in LEARNED)
    assert refined.verdict is learned.verdict is VIOLATED
    assert refined.schedule is not None
    assert learned.schedule is not None
    assert (len(refined.schedule), len(learned.schedule)) == (11, 13)
    assert graph.system.outputs(refined.schedule.configurations[-1]) == {}


LEARNED = "refines_replicated_log", "one_command_per_slot"


def test_a_vote_for_any_log_is_caught_where_a_committed_entry_is_lost() -> None:
    model = VotesForAnyLog(candidates="s0 s1", commands=2, asked="s0 s1", quiet=True)
    graph = explore(system_of(model, SETS), Bounds(depth=14))
    found = [verdict_on(graph, RAFT.property_named(name)) for name in ("refines_replicated_log", "agreement")]
    assert [finding.verdict for finding in found] == [VIOLATED, VIOLATED]
    assert [len(finding.schedule or ()) for finding in found] == [13, 14]
    assert found[0].schedule is not None
    assert len(graph.system.outputs(found[0].schedule.configurations[-1])) == 1
