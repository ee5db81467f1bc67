"""Tours are true: every stop of every bundled tour is replayed by the reference semantics, every claim asserted."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from every_spec import every_spec

from flpcheck import Scene, SharedState, Stop, Story, Tour, a_round, crashes, load, receives, starts
from flpcheck.analyse import at_path
from flpcheck.authoring.events import Event
from flpcheck.errors import BadProtocol
from flpcheck.examine import Examination, examine
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.tours import Visit, visits_of
from flpcheck.settle import Overrides, settle
from flpcheck.system import system_of

LARGE = 2_000
"""Number of configurations from which on an instance is explored in a long test only."""
TOURS = [(name, tour.instance, tour.name) for name, spec in every_spec() for tour in spec.tours]
CASES = [
    pytest.param(
        *case, marks=[pytest.mark.long] if (load(case[0]).instance(case[1]).configurations or 0) > LARGE else []
    )
    for case in TOURS
]
WANTED = {
    ("guess_on_timeout", "The FLP argument, step by step"),
    ("wait_for_all", "The FLP argument, step by step"),
    ("paxos", "One Paxos round"),
    ("paxos", "Two proposers duel"),
    ("paxos", "Why a promise carries the accepted value"),
    ("broken/paxos_forgets_value", "Why a promise carries the accepted value"),
    ("two_phase_commit", "The coordinator crashes"),
    ("sequencer", "The same messages, two orders"),
    ("replicated_state_machine", "One order, one state"),
    ("multi_paxos", "Phase 1 once, phase 2 for each slot"),
    ("raft", "Why a leader must have the newest log"),
    ("paxos_backoff", "Wait a while, and try again"),
    ("floodset", "One round is too few"),
    ("oral_messages", "Three generals"),
    ("memory/arbiter", "Why registers cannot decide"),
    ("memory/test_and_set", "The first to set the bit decides"),
}


@cache
def examined(name: str, instance: str) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance)))


def test_the_wanted_tours_are_there() -> None:
    assert {(name, tour) for name, _, tour in TOURS} >= WANTED


@pytest.mark.parametrize(("name", "instance", "title"), CASES)
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
    if stop.faulty is not None:
        assert set(system.initial()[visit.way.initial].faulty) == set(stop.faulty)
    for part, value in stop.shows.items():
        for label, wanted in value.items() if isinstance(value, dict) else [("", value)]:
            assert seen(system, last, part, label) == wanted, (part, label)
    if stop.valence is not None:
        assert reachable(examination, visit.number) == stop.valence
    if stop.critical:
        found = {reachable(examination, target) for target in own_successors(examination, visit.number)}
        assert len(found) > 1
        assert not any("/" in valence for valence in found)


def seen(system: Any, configuration: object, part: str, label: str) -> object:
    """Return a field of a process, the value of a shared object, or what is said of the world, as a value."""
    view = system.view(configuration)
    states = dict(zip(system.names, view.locals, strict=True)) if isinstance(view, SharedState) else view.states
    if part in states:
        return getattr(states[part], label)
    if isinstance(view, SharedState):
        return view.values[[thing.name for thing in system.objects].index(part)]
    return system.describe(configuration)[part][label]


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
        (replace(RIGHT, shows={"p0": {"input": 0}}), "p0.input is 1, not 0"),
        (replace(RIGHT, shows={"p0": {"inputs": 1}}), "no card shows p0.inputs"),
        (replace(RIGHT, shows={"p7": {"input": 1}}), "no card shows p7.input"),
        (replace(RIGHT, faulty=("p0",)), "has the inputs p0=1, p1=1, and as faulty processes p0"),
    ],
)
def test_a_false_claim_is_refused_with_what_is_true(stop: Stop, text: str) -> None:
    said = wrong(stop)
    assert text in said
    assert "tour 'wrong', stop 'here'" in said


@pytest.mark.parametrize(
    "event",
    [
        a_round(1, crashes={"p0": ["p3"]}),
        a_round(1, crashes={"p0": ["p1"], "p1": ["p2"]}),
        a_round(2, crashes={"p0": ["p1"]}),
        a_round(1, missed={"p1": ["p0"]}),
        a_round(1, lies={"p0": {"p1": 1}}),
    ],
    ids=str,
)
def test_a_round_is_found_by_the_choices_of_the_adversary(event: Event) -> None:
    analysis = examined("floodset", "n3 f1").analysis
    start = {"p0": 0, "p1": 1, "p2": 1}
    right = Stop("here", "", (a_round(1, crashes={"p0": ["p1"]}),), inputs=start, valence="0")
    assert visits_of(analysis, Tour("right", "n3 f1", "", (right,)))[0].claims == ("valence 0",)
    with pytest.raises(BadProtocol, match="cannot happen here"):
        visits_of(analysis, Tour("wrong", "n3 f1", "", (replace(right, events=(event,)),)))


def test_lies_are_found_in_whatever_order_they_are_listed() -> None:
    examination = examined("oral_messages", "n3")
    analysis, order = examination.analysis, type(next(iter(examination.request.protocol.lies(None, 1))))
    lies = {"commander": {"l2": order(0), "l1": order(1)}}
    stop = Stop(
        "here", "", (a_round(1, lies=lies),), faulty=("commander",), shows={"l2": {"told": (("commander", 0),)}}
    )
    assert visits_of(analysis, Tour("right", "n3", "", (stop,)))
    lies["commander"]["l2"] = order(7)
    with pytest.raises(BadProtocol, match="cannot happen here"):
        visits_of(analysis, Tour("wrong", "n3", "", (replace(stop, events=(a_round(1, lies=lies),)),)))


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
