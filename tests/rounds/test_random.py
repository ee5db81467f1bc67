"""Random protocols in every world of rounds: the engine and the naive enumerator find the same graph."""

from __future__ import annotations

from collections import Counter

import pytest
from generators.rounds import WORLDS, round_protocols
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracle.analysis import enumerated
from oracle.enumeration import TooLarge
from oracle.same_graph import assert_same

from flpcheck.analyse import analyse
from flpcheck.authoring.property import agreement, termination

FEW = 300
EXAMPLES = 12


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", WORLDS)
def test_random_protocols_have_the_same_graph_in_both(kind: str) -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def compare(data: st.DataObject) -> None:
        protocol, world = data.draw(round_protocols), data.draw(WORLDS[kind])
        assume(protocol.n > 1 + world.failures.crashes)  # some process is correct
        try:
            expected = enumerated(protocol, world, FEW)
        except TooLarge:
            return
        graph = assert_same(protocol, world, expected)
        analyse(graph, [agreement, termination])  # no world leads to an internal error
        seen["compared"] += 1
        seen["large"] += len(graph) > 12

    compare()
    assert seen["compared"] > EXAMPLES // 3
    assert seen["large"] > 2
