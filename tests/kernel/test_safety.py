"""Safety searches keep no transitions, and find what the judges of the whole graph find."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from kernel.test_specs import instances
from random_protocols import RandomTables, general_protocols, protocols, worlds

from flpcheck import Bounds, Instance, Property, World, asynchronous, load, system_of
from flpcheck.analyse.case import Case
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import NEED_THE_GRAPH, Safety, examine_safety
from flpcheck.authoring.property import HOLDS, INCOMPLETE, STANDARD, VIOLATED
from flpcheck.explore import explore
from flpcheck.system import System

pytest.importorskip("numba")
SMALL = 2_000
Told = tuple[str, str, object, object]
JUDGED = tuple(claim for claim in STANDARD if claim not in NEED_THE_GRAPH)


def told(finding: Finding) -> Told:
    """What a finding says, without ids."""
    schedule = finding.schedule
    return (
        finding.verdict.value, finding.because if finding.verdict is VIOLATED else "",
        None if schedule is None else schedule.as_json(), None if schedule is None else schedule.initial,
    )  # fmt: skip


def same(one: Safety, other: Safety) -> None:
    """Both engines stop at the same place, and say the same."""
    assert (len(one.reached), one.reached.transitions) == (len(other.reached), other.reached.transitions)
    assert list(one.reached.levels) == list(other.reached.levels)
    assert one.reached.cut == other.reached.cut
    assert [told(finding) for finding in one.findings] == [told(finding) for finding in other.findings]


def compare(make: Callable[[], System], claims: Sequence[Property], engines: Sequence[str]) -> None:
    """Each claim alone, and all together, against the judges of the whole graph."""
    graph = explore(make(), Bounds(configurations=SMALL), engine="reference")
    bounds = Bounds(configurations=SMALL)
    for claim in claims:
        expected = judge(Case(graph), claim)
        for engine in engines:
            found = examine_safety(make(), [claim], bounds, engine=engine).findings[0]
            if graph.complete or expected.verdict is not INCOMPLETE:
                assert told(found) == told(expected), (claim.name, engine)
    together = [examine_safety(make(), claims, bounds, engine=engine) for engine in engines]
    for other in together[1:]:
        same(together[0], other)


@pytest.mark.parametrize(("spec", "instance"), instances(), ids=lambda part: getattr(part, "name", part))
def test_every_instance_is_judged_alike(spec: str, instance: Instance) -> None:
    own = [claim for claim in load(spec).own_properties if claim.kind != "step"]  # they look at transitions
    claims = [*JUDGED, *own]
    compare(lambda: system_of(instance.protocol, instance.world, instance.inputs), claims, ("reference", "kernel"))


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
    assert found.reached.depth == len(found.findings[0].schedule)
    assert len(found.reached) == int((whole.depth <= found.reached.depth).sum()) < len(whole)
    assert found.reached.cut is not None
    assert found.reached.cut.bound == "first-violation"


def test_what_needs_the_graph_is_not_asked() -> None:
    found = examine_safety(system_of(load("wait_for_all").protocol(n=2), asynchronous()), STANDARD)
    assert {claim.name for claim in found.not_asked} == {
        "termination",
        "non_triviality",
        "integrity",
        "interactive_consistency",
    }
    assert {finding.verdict for finding in found.findings} == {HOLDS}
    assert [finding.claim for finding in found.findings] == list(JUDGED)
