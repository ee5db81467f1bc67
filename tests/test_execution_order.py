"""The order of execution of Egalitarian Paxos, against the algorithm of the paper on a library's components."""

from __future__ import annotations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from flpcheck.properties import execution_order

INSTANCES = "ABCDE"
attributes = st.tuples(st.integers(1, 3), st.frozensets(st.sampled_from(INSTANCES), max_size=3))
graphs = st.dictionaries(st.sampled_from(INSTANCES), attributes)
Graph = dict[str, tuple[int, frozenset[str]]]


def paper(graph: Graph, instance: str) -> list[str] | None:
    """Steps 1 to 4 of section 4.3.2 for one instance; None: it has to wait."""
    dependencies = nx.DiGraph([(i, other) for i, (_, others) in graph.items() for other in others])
    dependencies.add_nodes_from(graph)
    mine = dependencies.subgraph(nx.descendants(dependencies, instance) | {instance})
    if not set(mine) <= set(graph):
        return None
    components = nx.condensation(mine)
    order = reversed(list(nx.topological_sort(components)))
    return [i for c in order for i in sorted(components.nodes[c]["members"], key=lambda i: (graph[i][0], i))]


@given(graphs)
def test_every_instance_is_executed_after_what_the_paper_demands(graph: Graph) -> None:
    order = execution_order(graph)
    assert set(order) == {i for i in graph if paper(graph, i) is not None}
    for instance in order:
        demanded = paper(graph, instance)
        assert demanded is not None
        mine = [i for i in order if i in demanded]
        for i in demanded:
            for j in paper(graph, i) or []:  # of two instances one of which depends on the other, the paper's order
                together = [x for x in demanded if x in {i, j}]
                assert [x for x in mine if x in {i, j}] == together


@given(graphs, st.data())
def test_what_is_learnt_later_comes_later(graph: Graph, data: st.DataObject) -> None:
    known = {i: graph[i] for i in sorted(graph) if data.draw(st.booleans())}
    before = execution_order(known)
    after = execution_order(graph, before)
    assert not set(before) & set(after)
    assert {*before, *after} == set(execution_order(graph))
