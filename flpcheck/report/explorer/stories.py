"""Stories told of a graph: its scenes, how many configurations belong to each, and the real steps between them."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.tour import Gauge, Story
from flpcheck.errors import BadProtocol, nearest
from flpcheck.explore import StateGraph
from flpcheck.report.explorer.chunked_graph import ChunkedGraph
from flpcheck.report.explorer.ways import ReplayPath, way_to

COVERED = 50_000
"""Maximum number of configurations that a story covers, in order of discovery: of larger graphs the beginning."""


def story_entry(chunked: ChunkedGraph, story: Story) -> tuple[dict[str, Any], list[ReplayPath]]:
    """Return a story as a page has it, and the ways that it opens.

    Every scene opens the configuration in it that was found first, every arrow between scenes a real step: the first
    one found that leads from the one to the other.

    Raises
    ------
    BadProtocol
        If the story puts a configuration into a scene that it does not have.
    """
    ways: dict[str, ReplayPath] = {}
    scenes, arrows = _tallies(chunked, story)
    drawn = [
        {
            "name": scene.name,
            "text": scene.text,
            "place": list(scene.place),
            "count": scenes.get(place, (0, 0))[0],
            "way": _kept(ways, way_to(chunked.graph, scenes[place][1])) if place in scenes else None,
        }
        for place, scene in enumerate(story.scenes)
    ]
    steps = [
        {"from": source, "to": target, "count": count, "way": _kept(ways, _step(chunked.graph, number, position))}
        for (source, target), (count, number, position) in arrows.items()
    ]
    gauges = [{"name": gauge.name, "needed": needed(gauge, chunked)} for gauge in story.gauges]
    whole = len(chunked.graph) <= COVERED
    page = {"name": story.name, "about": story.about, "scenes": drawn, "steps": steps, "gauges": gauges, "whole": whole}
    return page, list(ways.values())


def needed(gauge: Gauge, chunked: ChunkedGraph) -> int | None:
    """Return how many are enough, None if nothing depends on it."""
    return gauge.needed(chunked.graph.system.protocol) if callable(gauge.needed) else gauge.needed


Scenes = dict[int, tuple[int, int]]
SceneEdges = dict[tuple[int, int], tuple[int, int, int]]


def _tallies(chunked: ChunkedGraph, story: Story) -> tuple[Scenes, SceneEdges]:
    """Return for each scene (how many, the first), for each arrow (how many, the first one's source and position)."""
    if story.scene is None:
        return {}, {}
    graph, limit = chunked.graph, min(len(chunked.graph), COVERED)
    of = [_scene(chunked, story, number) for number in range(limit)]
    scenes: Scenes = {}
    arrows: SceneEdges = {}
    for number, place in enumerate(of):
        count, first = scenes.get(place, (0, number))
        scenes[place] = (count + 1, first)
        for position, target in enumerate(graph.targets[graph.out(number)].tolist()):
            if target < limit and of[target] != place:
                count, source, which = arrows.get((place, of[target]), (0, number, position))
                arrows[place, of[target]] = (count + 1, source, which)
    return scenes, arrows


def _scene(chunked: ChunkedGraph, story: Story, number: int) -> int:
    assert story.scene is not None
    names = [scene.name for scene in story.scenes]
    view = chunked.graph.system.view(chunked.configuration(number))
    name = story.scene(view, chunked.reachable(number))
    if name not in names:
        raise BadProtocol(f"story {story.name!r} has no scene {name!r}", why=nearest(name, names))
    return names.index(name)


def _step(graph: StateGraph, number: int, position: int) -> ReplayPath:
    way = way_to(graph, number)
    target = int(graph.targets[graph.out(number)][position])
    return ReplayPath(way.initial, (*way.positions, position), (*way.numbers, target))


def _kept(ways: dict[str, ReplayPath], way: ReplayPath) -> str:
    ways[str(way)] = way
    return str(way)
