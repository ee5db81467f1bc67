"""The neighbourhood of a schedule, and of one configuration: what happens, and what could have happened instead."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from flpcheck.analyse import Analysis, Finding, path_ids, schedule_of
from flpcheck.report.drawing import Drawing, Edge, Node
from flpcheck.report.legend import Legend
from flpcheck.report.narrate import abstract_text
from flpcheck.report.sketch import SchedulePath, Sketch
from flpcheck.report.wording import counted, title, transition_text

OTHERS = 3
"""Maximum number of other successors drawn of each configuration on a schedule; the rest are counted."""
SUCCESSORS = 6
"""Maximum number of successors drawn of a critical configuration, of every valence at least one."""
WITH_OTHERS = 14
"""Maximum length of a schedule that is drawn with what could have happened instead, in events."""
LONGEST = 48
"""Maximum length of a schedule that is drawn whole, in events; of longer ones the middle is left out."""
STEM = 6
"""Maximum number of events drawn before a configuration."""


def trace(analysis: Analysis, finding: Finding) -> Drawing:
    """Return a picture of the schedule of a finding alone."""
    sketch = Sketch(analysis)
    return schedule_picture(sketch, sketch.way(finding), _about(finding), others=0, name=f"trace-{finding.claim.name}")


def neighbourhood(analysis: Analysis, finding: Finding) -> Drawing:
    """Return a picture of the schedule of a finding, and of what else could have happened in each configuration."""
    sketch = Sketch(analysis)
    way = sketch.way(finding)
    others = OTHERS if len(way.transitions) <= WITH_OTHERS else 0
    kind = "counterexample" if finding.is_counterexample else "witness"
    return schedule_picture(sketch, way, _about(finding), others=others, name=f"{kind}-{finding.claim.name}")


def around(analysis: Analysis, number: int, name: str = "configuration") -> Drawing:
    """Return a picture of one configuration: a shortest way to it, all its parts, and all its successors.

    Parameters
    ----------
    analysis
        The analysis of the graph.
    number
        Id of the configuration.
    name
        The picture's name in file names.
    """
    sketch, graph = Sketch(analysis), analysis.graph
    numbers = path_ids(graph, [number])
    way = SchedulePath(tuple(numbers), schedule_of(graph, numbers).transitions)
    kept = list(range(max(len(numbers) - 1 - STEM, 0), len(numbers)))
    nodes = [sketch.node(numbers[place], on_path=True, detailed=numbers[place] == number) for place in kept]
    before = [_gap(kept[0], "before", nodes[0].name)] if kept[0] else []
    edges = [_taken(sketch, way, place) for place in kept[:-1]]
    after, ways_out, hidden = _others(sketch, number, set(), SUCCESSORS)
    is_critical = bool(analysis.valence.critical[number])
    what, whom = f"{'critical ' if is_critical else ''}configuration {number}", "some of" if hidden else "all"
    return Drawing(
        name=name,
        title=title(analysis, f"{what}, reached by {counted(len(numbers) - 1, 'event')}, and {whom} its successors"),
        nodes=(*(n for n, _ in before), *nodes, *after, *(n for n, _ in hidden)),
        edges=(*(e for _, e in before), *edges, *ways_out, *(e for _, e in hidden)),
        legend=Legend(sketch.palette),
        configurations=len(nodes) + len(after),
        direction="TB",
    )


def _about(finding: Finding) -> str:
    assert finding.schedule is not None
    kind = "counterexample to" if finding.is_counterexample else "witness of"
    length = counted(len(finding.schedule), "event")
    return f"{kind} {finding.claim.name}, {length}: {finding.because}"


Stub = tuple[Node, Edge]


def schedule_picture(sketch: Sketch, way: SchedulePath, about: str, *, others: int, name: str) -> Drawing:
    """Return a picture of a schedule, with some of what else could have happened in each configuration."""
    kept = _kept(len(way.numbers))
    on_path = list(dict.fromkeys(way.numbers[place] for place in kept))
    drawn = set(on_path)
    nodes = {number: sketch.node(number, on_path=True) for number in on_path}
    if way.trigger is not None and (owed := way.numbers[way.trigger]) in nodes:
        nodes[owed] = replace(nodes[owed], lines=(*nodes[owed].lines, f"trigger: {way.owed}"))
    edges = _merged(_taken(sketch, way, place) for place in kept[:-1] if place + 1 in kept)
    gaps = [_left_out(way, first, last) for first, last in itertools.pairwise(kept) if last > first + 1]
    extra: dict[int, Node] = {}
    stubs: list[Stub] = [stub for pair in gaps for stub in pair]
    taken = {(edge.source, edge.target) for edge in edges}
    for number in on_path if way.loop is not None else on_path[:-1]:
        beside, ways_out, hidden = _others(sketch, number, drawn, others)
        extra |= {int(node.name[1:]): node for node in beside}
        edges += [edge for edge in ways_out if (edge.source, edge.target) not in taken]
        stubs += hidden
    return Drawing(
        name=name,
        title=title(sketch.analysis, about),
        nodes=(*nodes.values(), *extra.values(), *dict.fromkeys(node for node, _ in stubs)),
        edges=(*edges, *(edge for _, edge in stubs)),
        legend=Legend(sketch.palette),
        configurations=len(nodes) + len(extra),
        direction="TB",
    )


def _kept(length: int) -> list[int]:
    """Return the positions on a schedule that are drawn: all of them, or both ends."""
    if length <= LONGEST:
        return list(range(length))
    half = LONGEST // 2
    return [*range(half), *range(length - half, length)]


def _taken(sketch: Sketch, way: SchedulePath, place: int) -> Edge:
    transition, siblings = way.transitions[place], sketch.graph.transitions(way.numbers[place])
    beside = way.beside
    seen = (abstract_text(beside, place + 1),) if beside is not None and beside.steps[place] != "" else ()
    return Edge(
        source=f"c{way.numbers[place]}",
        target=f"c{way.numbers[place + 1]}",
        labels=(f"{place + 1}. {transition_text(transition, siblings)}", *seen),
        world=transition.mover < 0,
        on_path=True,
        in_loop=way.loop is not None and place >= way.loop,
    )


def _merged(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges with those between the same nodes joined: a loop may pass an edge more than once."""
    joined: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        known = joined.get((edge.source, edge.target))
        joined[edge.source, edge.target] = edge if known is None else _both(known, edge)
    return list(joined.values())


def _both(one: Edge, other: Edge) -> Edge:
    labels = (*one.labels, *other.labels)
    return replace(one, labels=labels, world=one.world and other.world, in_loop=one.in_loop or other.in_loop)


def _left_out(way: SchedulePath, first: int, last: int) -> tuple[Stub, Stub]:
    """Return a remark in place of the middle of a schedule."""
    node = Node(f"left_out_{first}", lines=(f"... {counted(last - first, 'event')} ...",), remark=True)
    source, target = f"c{way.numbers[first]}", f"c{way.numbers[last]}"
    return (node, Edge(source, node.name, remark=True)), (node, Edge(node.name, target, remark=True))


def _gap(events: int, where: str, name: str) -> Stub:
    node = Node(f"{where}_{name}", lines=(f"... {counted(events, 'event')} before ...",), remark=True)
    return node, Edge(node.name, name, remark=True)


def _others(sketch: Sketch, number: int, drawn: set[int], limit: int) -> tuple[list[Node], list[Edge], list[Stub]]:
    """Return the successors of a configuration that are not drawn yet, up to a limit, and a stub for the others."""
    successors = list(dict.fromkeys(sketch.graph.targets[sketch.graph.out(number)].tolist()))
    if not limit:
        return [], [], []
    fresh = _telling(sketch, number, [s for s in successors if s not in drawn], limit)
    shown = fresh if len(fresh) == limit + 1 else fresh[:limit]  # a stub for one takes as much room as the one
    nodes = [sketch.node(successor) for successor in shown]
    edges = sketch.edges(number, [*shown, *(s for s in successors if s in drawn and s != number)])
    hidden: list[Stub] = []
    if len(fresh) > len(shown):
        more = Node(f"more_{number}", lines=(f"+{len(fresh) - len(shown)} more",), remark=True)
        hidden.append((more, Edge(f"c{number}", more.name, remark=True)))
    return nodes, edges, hidden


def _telling(sketch: Sketch, number: int, successors: Sequence[int], limit: int) -> list[int]:
    """Return successors with those first whose valence differs from the configuration's: there the outcome turns.

    Of more than can be drawn around a configuration, the first of each valence comes before the others.
    """
    low = sketch.analysis.valence.low
    found = sorted(successors, key=lambda successor: bool(low[successor] == low[number]))
    if limit != SUCCESSORS or len(found) <= limit + 1:
        return found
    firsts = list({int(low[successor]): successor for successor in reversed(found)}.values())[::-1]
    return [*firsts, *(successor for successor in found if successor not in firsts)]
