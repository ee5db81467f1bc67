"""Safety searches keep no transitions, and find what the judges of the whole graph find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from generators.graphs import general_protocols
from generators.protocols import RandomTables, protocols, worlds
from hypothesis import given, settings
from kernel.same_engines import JUDGED, same, told
from kernel.test_specs import instances

from flpcheck import Bounds, Instance, Property, World, asynchronous, load, system_of
from flpcheck.analyse.case import Case
from flpcheck.analyse.claims import why_not
from flpcheck.analyse.deciders import ABOUT_DECISIONS
from flpcheck.analyse.finding import Finding, Judged
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import examine_safety
from flpcheck.authoring.property import HOLDS, INCOMPLETE, STANDARD, VIOLATED
from flpcheck.explore import explore
from flpcheck.system import System

pytest.importorskip("numba")
BOUNDS = Bounds(configurations=600)


def compare(make: Callable[[], System], claims: Sequence[Property], engines: Sequence[str]) -> None:
    """What is violated alone, the rest together, and all together, against the judges of the whole graph.

    Searches of one engine share a system, which remembers what the protocol has answered; the engines share nothing.
    """
    systems = {engine: make() for engine in engines}
    graph = explore(systems["reference"], BOUNDS, engine="reference")
    if not graph.deciding:
        claims = [claim for claim in claims if claim not in ABOUT_DECISIONS]
    claims = [claim for claim in claims if not why_not(claim, graph.system.world)]
    expected = [(claim, judge(Case(graph), claim)) for claim in claims]
    violated = [(claim, finding) for claim, finding in expected if finding.verdict is VIOLATED]
    quiet = [(claim, finding) for claim, finding in expected if finding.verdict is not VIOLATED]
    for group in (quiet, *([one] for one in violated)):
        for finding, (claim, wanted) in zip(searched(systems, group).findings, group, strict=True):
            if graph.complete:
                assert told(finding) == told(wanted), claim.name
            elif wanted.verdict is not INCOMPLETE:  # of several shortest schedules a graph that is cut may have others
                assert (finding.verdict, len(finding.schedule or ())) == (wanted.verdict, len(wanted.schedule or ()))
    if violated and quiet:
        searched(systems, expected)


def searched(systems: Mapping[str, System], group: Sequence[tuple[Property, Finding]]) -> Judged:
    """Judge some claims with each engine, and return what all of them say."""
    claims = [claim for claim, _ in group]
    first, *others = (examine_safety(system, claims, BOUNDS, engine=engine) for engine, system in systems.items())
    for other in others:
        same(first, other)
    return first


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("spec", "instance"), instances(), ids=lambda part: getattr(part, "name", part))
def test_every_instance_is_judged_alike(spec: str, instance: Instance) -> None:
    own = [claim for claim in load(spec).own_properties if claim.kind != "step"]  # they look at transitions
    claims = [*JUDGED, *own]
    compare(lambda: system_of(instance.protocol, instance.world, instance.inputs), claims, ("reference", "kernel"))


@pytest.mark.long
@settings(max_examples=25, deadline=None)
@given(protocols, worlds)
def test_random_protocols_are_judged_alike(protocol: RandomTables, world: World) -> None:
    compare(lambda: system_of(protocol, world), JUDGED, ("reference", "kernel"))


@settings(max_examples=25, deadline=None)
@given(general_protocols)
def test_general_protocols_are_judged_alike(protocol: object) -> None:
    compare(lambda: system_of(protocol, asynchronous()), JUDGED, ("reference",))


def test_the_search_ends_on_the_level_of_the_first_violation() -> None:
    protocol = load("first_quorum").protocol()
    (agreement,) = (claim for claim in STANDARD if claim.name == "agreement")
    whole = explore(system_of(protocol, asynchronous()))
    found = examine_safety(system_of(protocol, asynchronous()), [agreement], engine="kernel")
    assert found.findings[0].schedule is not None
    assert found.graph.farthest == len(found.findings[0].schedule)
    assert len(found.graph) == int((whole.depth <= found.graph.farthest).sum()) < len(whole)
    assert found.graph.cut is not None
    assert found.graph.cut.bound == "first-violation"


def test_what_needs_the_graph_is_not_asked() -> None:
    found = examine_safety(system_of(load("wait_for_all").protocol(n=2), asynchronous()), STANDARD)
    assert {claim.name for claim in found.not_asked} == {"termination", "non_triviality", "integrity"}
    assert [f.claim.name for f in found.findings if f.verdict is not HOLDS] == ["interactive_consistency"]
    assert [finding.claim for finding in found.findings] == list(JUDGED)
