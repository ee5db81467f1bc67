"""Links that are cut: one way or both ways, for ever or until they heal."""

from __future__ import annotations

from typing import Any

import pytest
from oracle.analysis import enumerated
from oracle.same_graph import assert_same
from relays import Relays

from flpcheck import HOLDS, VIOLATED, asynchronous, replace, system_of, termination
from flpcheck.analyse import analyse
from flpcheck.errors import BadRequest, BadWorld
from flpcheck.explore import explore
from flpcheck.world import Network
from flpcheck.world.links import links_of, links_text

BRIDGE, ONE_WAY, ALONE = "a-c", "a>c", "a>b,a>c"
PARTS: Any = (("a",), ("b", "c"))
NETWORKS = {
    "none": Network(),
    "a|b,c": Network(partition=PARTS),
    BRIDGE: Network(cut=links_of(BRIDGE)),
    ONE_WAY: Network(cut=links_of(ONE_WAY)),
    ALONE: Network(cut=links_of(ALONE)),
}
FOR_EVER = {
    "none": (38, 85, HOLDS),
    "a|b,c": (2, 1, VIOLATED),
    BRIDGE: (8, 9, HOLDS),
    ONE_WAY: (12, 17, HOLDS),
    ALONE: (2, 1, VIOLATED),
}
HEALS = {
    "a|b,c": (40, 88, HOLDS),
    BRIDGE: (46, 102, HOLDS),
    ONE_WAY: (50, 114, HOLDS),
    ALONE: (40, 88, HOLDS),
}
ROWS = [(name, heals, *row) for heals, table in ((False, FOR_EVER), (True, HEALS)) for name, row in table.items()]


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(("name", "heals", "configurations", "transitions", "verdict"), ROWS)
def test_the_links_decide_who_hears_of_the_value(
    name: str, heals: bool, configurations: int, transitions: int, verdict: Any, engine: str
) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    world = replace(asynchronous(), network=replace(NETWORKS[name], heals=heals))
    graph = explore(system_of(Relays(), world), engine=engine)
    assert (len(graph), len(graph.targets)) == (configurations, transitions)
    assert graph.engine == engine
    (finding,) = analyse(graph, (termination,)).findings
    assert finding.verdict == verdict
    if verdict == VIOLATED:
        assert finding.schedule is not None
        assert len(finding.schedule.transitions) == 0
    assert_same(Relays(), world, enumerated(Relays(), world))


def test_groups_are_another_word_for_the_links_between_them() -> None:
    both = [Network(partition=PARTS), Network(cut=links_of("a-b,a-c"))]
    for heals in (False, True):
        worlds = [replace(asynchronous(), network=replace(network, heals=heals)) for network in both]
        graphs = [explore(system_of(Relays(), world)) for world in worlds]
        assert graphs[0].targets.tolist() == graphs[1].targets.tolist()
    mixed = Network(partition=(("a",),), cut=links_of("b>c"))
    assert [mixed.crosses(*link) for link in (("a", "b"), ("c", "a"), ("b", "c"), ("c", "b"))] == [
        True,
        True,
        True,
        False,
    ]


def test_links_are_read_and_written() -> None:
    assert links_of("a>c, b-d") == {("a", "c"), ("b", "d"), ("d", "b")}
    assert links_of("") == frozenset()
    for text in ("a>c,b-d", "p-1>q,q>p-1", "a-b"):
        assert links_text(links_of(text)) == text
    for text in ("a", "a>", ">b", "p-1-q", "a>b>c"):
        with pytest.raises(BadRequest, match="a cut is a list of links"):
            links_of(text)


@pytest.mark.parametrize(
    ("network", "text"),
    [
        (Network(cut=links_of("a>d")), "process 'd' of the cut link a>d does not exist"),
        (Network(cut=links_of("a>a")), "a cannot be cut off from itself"),
        (Network(partition=(("a", "b"), ("b", "c"))), "--cut 'a-c'"),
    ],
)
def test_links_lead_from_a_process_to_another(network: Network, text: str) -> None:
    with pytest.raises(BadWorld) as caught:
        system_of(Relays(), replace(asynchronous(), network=network))
    assert text in str(caught.value)


def test_a_world_names_its_links() -> None:
    world = asynchronous(cut=links_of("a>c,b-c"), heals=True)
    assert str(world) == "asynchronous, multiset network, cut a>c,b-c that heals, no failures"
    assert world.as_json()["cut"] == [["a", "c"], ["b", "c"], ["c", "b"]]


def test_lies_follow_the_link() -> None:
    alone = asynchronous(byzantine=("b",), cut=links_of("b>a,b>c,a-c"))
    assert len(explore(system_of(Relays(), alone))) == 2
    told = asynchronous(byzantine=("b",), cut=links_of("b>a,a-c"))
    assert len(explore(system_of(Relays(), told))) > 2
