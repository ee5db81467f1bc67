"""Temporal properties against their definitions, on general protocols, and against each other on any protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from random import Random
from typing import Any

import networkx
import pytest
from generators.graphs import random_graph
from generators.protocols import random_liars, random_protocol, random_world

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    always_eventually,
    asynchronous,
    eventually,
    eventually_always,
    for_each,
    leads_to,
    possible_from_everywhere,
    system_of,
    termination,
    until,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.case import Case
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.properties import judge
from flpcheck.errors import SpecError
from flpcheck.explore import Bounds, StateGraph, explore

Set = frozenset[int]


class Naive:
    """A graph with the events of its processes, and fair runs by the definition: an enabled event is taken."""

    def __init__(self, graph: StateGraph) -> None:
        self.graph, self.system = graph, graph.system
        self.all = frozenset(range(len(graph)))
        number = {here: at for at, here in enumerate(graph.configurations)}
        self.arrows = networkx.DiGraph()
        self.arrows.add_nodes_from(self.all)
        self.arrows.add_edges_from(zip(graph.sources.tolist(), graph.targets.tolist(), strict=True))
        self.steps: list[list[tuple[int, Any, int]]] = [
            [(step.mover, step.event, number[step.successor]) for step in self.system.applicable(here)]
            for here in graph.configurations
        ]
        self.crashed = [
            {index for index in range(len(self.system.names)) if int(mask) >> index & 1}
            for mask in graph.marks.crashed.tolist()
        ]
        failures = self.system.world.failures
        self.budget = failures.crashes if failures.events == "elided" else 0

    def faults(self) -> Iterator[frozenset[int]]:
        for size in range(self.budget + 1):
            yield from map(frozenset, combinations(range(len(self.system.names)), size))

    def reach(self, starts: Iterable[int], inside: Set) -> Set:
        """Return what is reached from some configurations inside of a set."""
        part = self.arrows.subgraph(inside)
        return frozenset().union(*({start, *networkx.descendants(part, start)} for start in {*starts} & inside))

    def fair(self, area: Set, faulty: frozenset[int], musts: tuple[Set, ...], who: int | None) -> bool:
        """Return whether a fair run stays in a set for ever that it has come to."""
        if who in faulty:
            return False
        area = frozenset(c for c in area if who not in self.crashed[c])
        components = networkx.strongly_connected_components(self.arrows.subgraph(area))
        return any(
            all(part & must for must in musts) and self._owes_nothing(part, faulty)
            for part in map(frozenset, components)
        )

    def _owes_nothing(self, part: Set, faulty: frozenset[int]) -> bool:
        enabled = [{(mover, event) for mover, event, _ in self.steps[c] if mover >= 0} for c in part]
        taken = {(mover, event) for c in part for mover, event, after in self.steps[c] if after in part}
        owed = set.intersection(*enabled) - taken
        crashed = self.crashed[min(part)]
        steps = self.steps[min(part)] if len(part) == 1 else []
        idle = [after for mover, _, after in steps if after in part and mover not in faulty]
        if any(mover < 0 for mover, _, _ in steps) and not idle:  # a run does not stop where such an event leads on
            return False
        return not any(mover not in faulty | crashed for mover, _ in owed)

    def violated(self, operator: str, p: Set, q: Set, who: int | None) -> frozenset[int] | None:
        """Return the fewest faulty processes with which a run violates a property; None if none does."""
        for faulty in self.faults():
            stuck = operator == "possible" and self._stuck(p, faulty, who)
            if stuck or (operator != "possible" and self._violated(operator, p, q, who, faulty)):
                return faulty
        return None

    def _violated(self, operator: str, p: Set, q: Set, who: int | None, faulty: frozenset[int]) -> bool:
        roots, not_p, not_q = set(self.graph.roots), self.all - p, self.all - q
        early = self.reach(roots, p & not_q)
        up = frozenset(c for c in self.all if who not in self.crashed[c])
        after = {d for c in early for d in self.arrows.successors(c)} | roots
        area, *musts = {
            "eventually": (self.reach(roots, not_p),),
            "leads_to": (self.reach(p & not_q, not_q),),
            "always_eventually": (not_p,),
            "eventually_always": (self.all, not_p),
            "until": (early,),
        }[operator]
        broken_off = operator == "until" and bool(after & not_p & not_q & up)
        return broken_off or self.fair(area, faulty, tuple(musts), who)

    def _stuck(self, p: Set, faulty: frozenset[int], who: int | None) -> bool:
        left = networkx.DiGraph(self.arrows.subgraph(self.all))
        left.clear_edges()
        edges = zip(self.graph.sources.tolist(), self.graph.targets.tolist(), self.graph.movers.tolist(), strict=True)
        left.add_edges_from((a, b) for a, b, mover in edges if mover not in faulty)
        return who not in faulty and any(
            who not in self.crashed[c] and not ({c, *networkx.descendants(left, c)} & p) for c in self.all
        )


MAKERS: dict[str, Callable[..., Any]] = {
    "eventually": lambda p, _: eventually(p, name="claim"),
    "leads_to": lambda p, q: leads_to(p, q, name="claim"),
    "always_eventually": lambda p, _: always_eventually(p, name="claim"),
    "eventually_always": lambda p, _: eventually_always(p, name="claim"),
    "until": lambda p, q: until(p, q, name="claim"),
    "possible": lambda p, _: possible_from_everywhere(p, name="claim"),
}
WORLDS = (asynchronous(), asynchronous(1), asynchronous(1, crash_events="elided"))


def verdict_on(graph: StateGraph, claim: Any) -> Finding:
    return judge(Case(graph), claim)


MET = {"possible": {"faults"}, "eventually": {"loops"}, "eventually_always": {"loops"}}
"""What is met among the violations of some operators: loops, runs with faulty processes; of the others both are."""


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("operator", MAKERS)
def test_operators_against_their_definitions(operator: str, each: bool) -> None:
    found: Counter[Any] = Counter()
    for seed in range(60):
        at, model = Random(seed), random_graph(seed)
        graph = explore(system_of(model, WORLDS[seed % 3]))
        size = len(model.steps)
        chosen = {
            name: (frozenset(at.sample(range(size), at.randint(0, size))), frozenset(at.sample(range(size), size // 2)))
            for name in ("", "p0", "p1")
        }
        if each:
            claim = for_each(
                MAKERS[operator](lambda c, pid: c in chosen[pid][0], lambda c, pid: c in chosen[pid][1])  # noqa: B023
            )
        else:
            claim = MAKERS[operator](lambda c: c in chosen[""][0], lambda c: c in chosen[""][1])  # noqa: B023
        naive = Naive(graph)
        expected = None
        for who in [0, 1] if each else [None]:
            name = "" if who is None else naive.system.names[who]
            p, q = (
                frozenset(
                    c
                    for c, here in enumerate(graph.configurations)
                    if here.situation.shared in some and who not in naive.crashed[c]
                )
                for some in chosen[name]
            )
            q = q if operator in {"leads_to", "until"} else frozenset()
            faulty = naive.violated(operator, p, q, who)
            expected = min((f for f in (expected, faulty) if f is not None), key=len, default=None)
        finding = verdict_on(graph, claim)
        assert (finding.verdict, seed) == (HOLDS if expected is None else VIOLATED, seed), finding.because
        if expected is not None:
            assert (len(finding.faulty), seed) == (len(expected), seed)
            assert finding.schedule is not None
            found["loops"] += finding.schedule.loop is not None
            found["faults"] += bool(expected)
        found[finding.verdict] += 1
    assert min(found[HOLDS], found[VIOLATED]) > 6, found
    assert found.keys() >= MET.get(operator, {"loops", "faults"}), found


def decided(view: Any, pid: str) -> bool:
    return pid in view.outputs


def test_termination_is_that_each_decider_eventually_decides() -> None:
    found: Counter[Any] = Counter()
    for seed in range(64):
        lying = seed % 4 == 3
        model, world = random_liars(seed) if lying else (random_protocol(seed), random_world(seed))
        graph = explore(system_of(model, world), Bounds(configurations=600))
        names = tuple(name for at, name in enumerate(graph.system.names) if graph.deciders >> at & 1)
        if not graph.complete or not names:
            continue
        try:
            finding, other = analyse(graph, [termination, for_each(eventually(decided), among=names)]).findings
        except SpecError:
            continue
        assert (finding.verdict, seed) == (other.verdict, seed), (finding.because, other.because, world)
        assert (len(finding.faulty), seed) == (len(other.faulty), seed) or finding.verdict is not VIOLATED
        found[finding.verdict] += 1
    assert min(found[HOLDS], found[VIOLATED]) > 3, found


def somewhere(view: Any) -> bool:
    return any(state.place == 2 for state in view.states.values() if state is not None)


def some_mail(view: Any) -> bool:
    return any(view.mail.values())


def anything(_: Any) -> bool:
    return True


def test_operators_against_each_other_in_every_world_and_engine() -> None:
    found: Counter[Any] = Counter()
    claims = [
        always_eventually(somewhere, name="always_eventually"),
        leads_to(anything, somewhere, name="leads_to_everywhere"),
        eventually(somewhere, name="eventually"),
        until(anything, somewhere, name="until_anything"),
        eventually_always(somewhere, name="eventually_always"),
        leads_to(some_mail, somewhere, name="some_leads"),
        possible_from_everywhere(somewhere, name="possible"),
    ]
    for seed in range(24):
        lying = seed % 4 == 3
        model, world = random_liars(seed) if lying else (random_protocol(seed), random_world(seed))
        graphs = [explore(system_of(model, world), Bounds(configurations=400), engine=e) for e in ("reference", "auto")]
        if not graphs[0].complete:
            continue
        one, other = ([f.verdict for f in analyse(graph, claims).findings] for graph in graphs)
        assert one == other, seed
        by = dict(zip((claim.name for claim in claims), one, strict=True))
        if INCOMPLETE in one:
            found[INCOMPLETE] += 1
            continue
        assert by["always_eventually"] is by["leads_to_everywhere"], seed
        assert by["eventually"] is by["until_anything"], seed
        if by["always_eventually"] is HOLDS:
            assert by["eventually"] is by["some_leads"] is HOLDS, seed
        if by["eventually_always"] is HOLDS:
            assert by["always_eventually"] is HOLDS, seed
        if by["possible"] is VIOLATED:  # from there on some fair run never meets it
            assert by["always_eventually"] is VIOLATED, seed
        found[tuple(one)] += 1
    assert len(found) > 2, found
