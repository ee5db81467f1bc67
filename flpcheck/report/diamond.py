"""A decision gadget as the diamond of the proof: two ways that settle the outcome, and the silence of the pivot."""

from __future__ import annotations

from dataclasses import replace

from flpcheck.analyse import Analysis
from flpcheck.analyse.case import Case
from flpcheck.analyse.schedule import Schedule
from flpcheck.analyse.theorem.blocking import who_waits
from flpcheck.analyse.theorem.gadgets import Gadget
from flpcheck.analyse.theorem.tour import TheoremResult
from flpcheck.authoring.values import shorten
from flpcheck.explore import StateGraph
from flpcheck.report.drawing import Drawing, Edge, Node
from flpcheck.report.legend import Legend
from flpcheck.report.neighbourhood import around, schedule_picture
from flpcheck.report.palette import NONE
from flpcheck.report.pictures import Picture
from flpcheck.report.runs.flights import traced_run
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.sketch import SchedulePath, Sketch
from flpcheck.report.wording import counted, title, transition_text
from flpcheck.system import Transition

LINE = 100
ABOUT = {
    "lasso": "a fair run in which no process ever decides",
    "adversary": "the adversary of the proof: every process steps, and both outcomes stay possible for ever",
}


def label_of(graph: StateGraph, edge: int) -> Transition:
    """Return the transition at a position in a graph."""
    number = int(graph.sources[edge])
    return graph.transitions(number)[edge - int(graph.offsets[number])]


def gadget_sentence(case: Case, gadget: Gadget) -> str:
    """Return what a gadget says about the protocol, for a person."""
    graph, valence = case.graph, case.valence
    pivot = graph.system.names[gadget.pivot]
    (one, *_), (other, *rest) = gadget.steps
    texts = [_text(graph, edge) for edge in (one, other)]
    ends = [valence.name(int(graph.targets[steps[-1]])) for steps in gadget.steps]
    if gadget.kind == "corner":
        second = graph.system.names[int(graph.movers[other])]
        after = "after both, no process can ever decide" if _dead_ends(case, gadget) else "the first of the two wins"
        ways = " and ".join(f"{text} leaves only {end}" for text, end in zip(texts, ends, strict=True))
        return f"{pivot} and {second} can each settle it: {ways}; {after}"
    then = f"; after {texts[1]} the same event leaves only {ends[1]}" if rest else f"; {texts[1]} leaves only {ends[1]}"
    alone = case.silent.dead((gadget.pivot,))[gadget.number]
    end = "if it crashes here, the others wait for ever" if alone else f"without {pivot} the others may still decide"
    return f"everything depends on {pivot}: {texts[0]} leaves only {ends[0]}{then}; {end}"


def diamond(analysis: Analysis, found: TheoremResult, gadget: Gadget) -> Drawing:
    """Return the picture of a gadget.

    Parameters
    ----------
    analysis
        The analysis of the graph.
    found
        The theorem on it.
    gadget
        The fork, hook or corner.
    """
    sketch, graph = Sketch(analysis), found.graph
    targets = [int(graph.targets[edge]) for steps in gadget.steps for edge in steps]
    numbers = list(dict.fromkeys([gadget.number, *targets]))
    nodes = [sketch.node(number, detailed=number == gadget.number) for number in numbers]
    before, lead = _before(found, gadget)
    edges = [_edge(graph, edge) for steps in gadget.steps for edge in steps]
    bottom, down = _bottom(sketch, found, gadget)
    return Drawing(
        name="gadget",
        title=(
            *title(analysis, f"a {gadget.kind} in configuration {gadget.number}"),
            gadget_sentence(found.case, gadget),
        ),
        nodes=(*before, *nodes[:2], *bottom, *nodes[2:]) if gadget.kind != "corner" else (*before, *nodes, *bottom),
        edges=(*lead, edges[0], *down, *edges[1:]) if gadget.kind != "corner" else (*lead, *edges, *down),
        legend=Legend(sketch.palette),
        configurations=len(nodes),
        direction="TB",
    )


def _before(found: TheoremResult, gadget: Gadget) -> tuple[list[Node], list[Edge]]:
    """Return a remark about how far the gadget is from the beginning."""
    depth = int(found.graph.depth[gadget.number])
    if not depth:
        return [], []
    node = Node("before", lines=(f"... {counted(depth, 'event')} before ...",), remark=True)
    return [node], [Edge("before", f"c{gadget.number}", remark=True)]


def _edge(graph: StateGraph, edge: int) -> Edge:
    source, target = int(graph.sources[edge]), int(graph.targets[edge])
    return Edge(f"c{source}", f"c{target}", (_text(graph, edge),), settles=True)


def _text(graph: StateGraph, edge: int) -> str:
    return transition_text(label_of(graph, edge), graph.transitions(int(graph.sources[edge])))


def _bottom(sketch: Sketch, found: TheoremResult, gadget: Gadget) -> tuple[list[Node], list[Edge]]:
    """Return the lower end of the diamond: where the two ways of a corner meet, or what is left without the pivot."""
    if gadget.kind == "corner":
        return _meeting(sketch, found.graph, gadget)
    pivot = found.graph.system.names[gadget.pivot]
    if not found.case.silent.dead((gadget.pivot,))[gadget.number]:
        return [], []
    waits = [shorten(str(wait), LINE) for wait in who_waits(found.graph, [gadget.number], (gadget.pivot,))]
    node = Node(
        "silent",
        mark="none",
        fill=NONE,
        lines=(f"without {pivot} no process can ever decide",),
        detail=tuple(waits),
        tooltip=f"{pivot} is silent from here on",
    )
    return [node], [Edge(f"c{gadget.number}", "silent", (f"{pivot} is silent",), world=True)]


def _meeting(sketch: Sketch, graph: StateGraph, gadget: Gadget) -> tuple[list[Node], list[Edge]]:
    ends, dead = [int(graph.targets[steps[-1]]) for steps in gadget.steps], _dead_ends(sketch.analysis.case, gadget)[:1]
    nodes = [sketch.node(number) for number in dead]
    edges = [edge for end in ends for edge in sketch.edges(end, dead)]
    return nodes, [replace(edge, settles=True) for edge in edges]


def _dead_ends(case: Case, gadget: Gadget) -> list[int]:
    """Return where the two ways of a corner meet and nothing can be decided."""
    graph = case.graph
    ends = [int(graph.targets[steps[-1]]) for steps in gadget.steps]
    after = [set(graph.targets[graph.out(end)].tolist()) for end in ends]
    return [number for number in sorted(after[0] & after[1]) if case.valence.none[number]]


def theorem_pictures(analysis: Analysis, found: TheoremResult | None) -> dict[str, Picture]:
    """Return the pictures of the theorem on a protocol, by name.

    `gadget`; `lasso` and `spacetime-lasso` for the fair run without a decision; `spacetime-adversary` for the run that
    the adversary of the proof makes, where it goes on for ever.  In rounds: `chain`, the end of the
    longest bivalent one.
    """
    pictures: dict[str, Picture] = {}
    if found is None:
        return {} if analysis.chain is None else {"chain": around(analysis, analysis.chain.numbers[-1], "chain")}
    if found.gadget is not None:
        pictures["gadget"] = diamond(analysis, found, found.gadget)
    if found.lasso is not None:
        schedule, why = found.lasso.schedule, found.lasso.lines
        if schedule.numbers:  # otherwise it leads beyond the bound of the search
            way = SchedulePath(schedule.numbers, schedule.transitions, schedule.loop)
            drawn = schedule_picture(Sketch(analysis), way, ABOUT["lasso"], others=0, name="lasso")
            pictures["lasso"] = replace(drawn, title=(*drawn.title, *why))
        pictures["spacetime-lasso"] = _spacetime(analysis, schedule, ABOUT["lasso"], *why)
    if found.adversary is not None and found.adversary.for_ever:
        pictures["spacetime-adversary"] = _spacetime(analysis, found.adversary.schedule, ABOUT["adversary"])
    return pictures


def _spacetime(analysis: Analysis, schedule: Schedule, *about: str) -> SpaceTime:
    return SpaceTime(traced_run(analysis.graph.system, schedule, analysis.valence), about)
