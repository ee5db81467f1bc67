"""Tours are true: every stop of every bundled tour is replayed by the reference semantics, every claim asserted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from every_spec import every_spec

from flpcheck import Scene, Stop, Story, Tour, crashes, load, receives, starts
from flpcheck.analyse import at_path
from flpcheck.errors import BadProtocol
from flpcheck.examine import Examination, examine
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.tours import Visit, visits_of
from flpcheck.settle import Overrides, settle
from flpcheck.system import system_of

TOURS = [(name, tour.instance, tour.name) for name, spec in every_spec() for tour in spec.tours]
WANTED = {
    ("guess_on_timeout", "The FLP argument, step by step"),
    ("wait_for_all", "The FLP argument, step by step"),
    ("paxos", "One Paxos round"),
    ("paxos", "Two proposers duel"),
    ("paxos", "Why a promise carries the accepted value"),
    ("broken/paxos_forgets_value", "Why a promise carries the accepted value"),
    ("two_phase_commit", "The coordinator crashes"),
}


@cache
def examined(name: str, instance: str) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance)))


def test_the_wanted_tours_are_there() -> None:
    assert {(name, tour) for name, _, tour in TOURS} >= WANTED


@pytest.mark.parametrize(("name", "instance", "title"), TOURS)
def test_a_tour_is_replayed_and_its_claims_are_true(name: str, instance: str, title: str) -> None:
    examination = examined(name, instance)
    (visits,) = (visits for tour, visits in Explorer(examination).visits if tour.name == title)
    assert len(visits) > 2
    assert any(visit.claims for visit in visits)
    for visit in visits:
        assert_true(examination, visit)


def assert_true(examination: Examination, visit: Visit) -> None:
    """Replay the way to a stop on a fresh system, and judge its claims there."""
    request, stop = examination.request, visit.stop
    system = system_of(request.protocol, request.world, request.inputs)
    run = at_path(system, visit.way.initial, visit.way.positions)
    last = run.configurations[-1]
    events = [str(t.event) for t in run.transitions]
    assert events[len(events) - len(stop.events) :] == [str(event) for event in stop.events]
    outputs = {pid: values[0] for pid, values in system.outputs(last).items()}
    if stop.decided is not None:
        assert outputs == dict(stop.decided)
    assert not stop.disagrees or len(set(outputs.values())) > 1
    assert not {str(t.event) for t in system.transitions(last)} & {str(event) for event in stop.impossible}
    for pid, value in (stop.inputs or {}).items():
        assert system.initial()[visit.way.initial].inputs[pid] == value
    if stop.valence is not None:
        assert reachable(examination, visit.number) == stop.valence
    if stop.critical:
        found = {reachable(examination, target) for target in own_successors(examination, visit.number)}
        assert len(found) > 1
        assert not any("/" in valence for valence in found)


def reachable(examination: Examination, start: int) -> str:
    """Return the decisions that can be reached, found by walking the graph from there."""
    graph = examination.graph
    seen, waiting, found = {start}, [start], set[str]()
    while waiting:
        number = waiting.pop()
        found |= {str(v) for values in graph.system.outputs(graph.configurations[number]).values() for v in values}
        fresh = set(graph.targets[graph.out(number)].tolist()) - seen
        seen |= fresh
        waiting += fresh
    return "/".join(sorted(found)) or "none"


def own_successors(examination: Examination, number: int) -> list[int]:
    graph = examination.graph
    here = graph.out(number)
    return [
        target
        for target, mover in zip(graph.targets[here].tolist(), graph.movers[here].tolist(), strict=True)
        if mover >= 0
    ]


def wrong(stop: Stop) -> str:
    tour = Tour("wrong", "one crash", "", (stop,))
    with pytest.raises(BadProtocol) as caught:
        visits_of(examined("wait_for_all", "one crash").analysis, tour)
    return str(caught.value)


RIGHT = Stop("here", "", (starts("p0"),), inputs={"p0": 1, "p1": 1}, valence="1", decided={})


def test_a_true_claim_is_accepted() -> None:
    (visit,) = visits_of(examined("wait_for_all", "one crash").analysis, Tour("right", "one crash", "", (RIGHT,)))
    assert visit.claims == ("valence 1", "decided: none")


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        (replace(RIGHT, valence="0"), "the valence is 1, not 0"),
        (replace(RIGHT, decided={"p0": 1}), "the decisions are none, not p0=1"),
        (replace(RIGHT, critical=True), "not critical"),
        (replace(RIGHT, disagrees=True), "no two processes disagree"),
        (replace(RIGHT, impossible=(crashes("p0"),)), "p0 crashes can happen here"),
        (replace(RIGHT, inputs={"p0": 7}), "no initial configuration has the inputs p0=7"),
        (replace(RIGHT, events=(receives("p0", 9, "p1"),)), "p0 receives 9 from p1 cannot happen here"),
    ],
)
def test_a_false_claim_is_refused_with_what_is_true(stop: Stop, text: str) -> None:
    said = wrong(stop)
    assert text in said
    assert "tour 'wrong', stop 'here'" in said


def test_a_tour_that_takes_a_wrong_turn_lists_the_right_ones() -> None:
    assert "p0 starts" in wrong(replace(RIGHT, events=(receives("p0", 9, "p1"),)))


@pytest.mark.parametrize(
    ("name", "instance"), [("guess_on_timeout", i.name) for i in load("guess_on_timeout").instances]
)
def test_every_arrow_of_a_story_is_a_real_step_between_its_scenes(name: str, instance: str) -> None:
    explorer = Explorer(examined(name, instance))
    request = explorer.examination.request
    (story,) = explorer.data()["stories"]
    system = system_of(request.protocol, request.world, request.inputs)
    names = [scene["name"] for scene in story["scenes"]]
    assert sum(scene["count"] for scene in story["scenes"]) == len(explorer.examination.graph)
    for step in story["steps"]:
        initial, _, path = step["way"].partition(":")
        run = at_path(system, int(initial), [int(place) for place in path.split(".")])
        scenes = [scene_of(explorer, run.configurations[place]) for place in (-2, -1)]
        assert scenes == [names[step["from"]], names[step["to"]]]


def scene_of(explorer: Explorer, configuration: object) -> str:
    graph = explorer.examination.graph
    (story,) = explorer.stories
    assert story.scene is not None
    number = next(n for n in range(len(graph)) if graph.describe(n) == graph.system.describe(configuration))
    return story.scene(graph.system.view(graph.configurations[number]), explorer.chunked.reachable(number))


def test_one_story_shows_both_horns() -> None:
    reached = {}
    for instance in ("wait, one crash", "guess, one crash"):
        (story,) = Explorer(examined("guess_on_timeout", instance)).data()["stories"]
        reached[instance] = {scene["name"] for scene in story["scenes"] if scene["count"]}
    shared = {"undecided", "crash occurred", "decided"}
    assert reached["wait, one crash"] == shared | {"timeout wait", "blocked"}
    assert reached["guess, one crash"] == shared | {"guessed", "disagreed"}


def test_a_story_with_an_unknown_scene_is_refused() -> None:
    examination = examined("wait_for_all", "one crash")
    story = Story("s", "", scene=lambda *_: "elsewhere", scenes=(Scene("here", "", (0, 0)),))
    from flpcheck.report.explorer.chunked_graph import ChunkedGraph
    from flpcheck.report.explorer.stories import story_entry

    with pytest.raises(BadProtocol, match="no scene 'elsewhere'"):
        story_entry(ChunkedGraph(examination.analysis, (story,)), story)
