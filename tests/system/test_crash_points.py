"""What a crash in the middle of a step leaves: first the disk, or first the network."""

from __future__ import annotations

import pytest
from naive_analysis import enumerated
from same_graph import assert_same
from votes import BACKWARDS, ONCE, TOGETHER, Votes, one_leader_in_term_1

from flpcheck import HOLDS, VIOLATED, World, asynchronous, system_of
from flpcheck.analyse import analyse
from flpcheck.explore import explore

PROTOCOLS = {
    "A": Votes(ONCE),
    "B": Votes(TOGETHER),
    "C": Votes(BACKWARDS),
    "A with R": Votes(ONCE, announces=True),
}
COUNTS: dict[str, list[tuple[int, int, int | None]]] = {  # configurations, transitions, length of the counterexample
    "between": [(61, 121, None), (165, 386, None), (228, 563, None), (160, 430, None)],
    "write-first": [(75, 159, None), (207, 522, None), (293, 785, None), (204, 580, None)],
    "torn:term,vote": [(86, 183, None), (233, 586, None), (343, 921, None), (239, 684, None)],
    "torn:vote,term": [(89, 193, None), (227, 576, None), (345, 941, 9), (248, 726, None)],
    "torn": [(100, 219, None), (253, 645, None), (395, 1086, 9), (283, 838, None)],
    "send-first": [(109, 213, 7), (295, 674, 7), (420, 1036, 8), (328, 898, 7)],
}
ROWS = [(points, name, *row) for points, rows in COUNTS.items() for name, row in zip(PROTOCOLS, rows, strict=True)]


def voting(points: str) -> World:
    return asynchronous(crashes=1, recoveries=1, faulty=("v",), crash_points=points)


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(("points", "name", "configurations", "transitions", "length"), ROWS)
def test_a_vote_is_safe_if_it_is_written_before_it_is_sent(
    points: str, name: str, configurations: int, transitions: int, length: int | None, engine: str
) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    graph = explore(system_of(PROTOCOLS[name], voting(points)), engine=engine)
    assert graph.engine == engine
    assert (len(graph), len(graph.targets)) == (configurations, transitions)
    (finding,) = analyse(graph, (one_leader_in_term_1,)).findings
    assert finding.verdict == (HOLDS if length is None else VIOLATED)
    assert (None if finding.schedule is None else len(finding.schedule)) == length


@pytest.mark.parametrize("points", COUNTS)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_naive_enumerator_finds_the_same(points: str, name: str) -> None:
    assert_same(PROTOCOLS[name], voting(points), enumerated(PROTOCOLS[name], voting(points)))
