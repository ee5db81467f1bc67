"""Neighbourhoods: the way is in them, and what else could have happened."""

from __future__ import annotations

import itertools

from report.picture_samples import committing, counting, findings, hasty, procrastinating, waiting

from flpcheck import agreement, asynchronous, load
from flpcheck.examine import examine
from flpcheck.report.drawing import Drawing
from flpcheck.report.neighbourhood import LONGEST, OTHERS, SUCCESSORS, _kept, around, neighbourhood, trace
from flpcheck.report.pictures import picture, without_events
from flpcheck.report.sketch import Sketch
from flpcheck.settle import Overrides, settle


def path_of(drawing: Drawing) -> list[tuple[str, str]]:
    return [(edge.source, edge.target) for edge in drawing.edges if edge.on_path]


def test_the_schedule_is_highlighted_and_numbered() -> None:
    found = hasty()
    finding = found.findings[0]
    assert finding.schedule is not None
    drawing = neighbourhood(found, finding)
    way = Sketch(found).way(finding)
    names = [f"c{number}" for number in way.numbers]
    assert path_of(drawing) == list(itertools.pairwise(names))
    assert [node.name for node in drawing.nodes if node.on_path] == names
    labels = [edge.labels[0] for edge in drawing.edges if edge.on_path]
    assert [label.split(".")[0] for label in labels] == [str(i + 1) for i in range(len(finding.schedule))]
    assert "violates agreement" in drawing.nodes[len(names) - 1].alarms


def test_what_else_could_have_happened_is_there_or_counted() -> None:
    found = hasty()
    drawing = neighbourhood(found, found.findings[0])
    way = Sketch(found).way(found.findings[0])
    for number in way.numbers[:-1]:
        successors = set(found.graph.targets[found.graph.out(number)].tolist())
        edges = [edge for edge in drawing.edges if edge.source == f"c{number}"]
        drawn = {edge.target for edge in edges if not edge.remark}
        hidden = [node.lines[0] for node in drawing.nodes if node.name == f"more_{number}"]
        assert len(drawn) + sum(int(text.split()[0][1:]) for text in hidden) == len(successors)
        assert len(edges) <= OTHERS + 2 or not hidden


def test_a_trace_is_the_schedule_alone() -> None:
    found = hasty()
    drawing = trace(found, found.findings[0])
    assert len(drawing.edges) == len(path_of(drawing))


def test_the_counterexample_of_a_general_protocol() -> None:
    found = counting()
    drawing = neighbourhood(found, found.findings[0])
    assert len(path_of(drawing)) == 4
    assert any("violates no_lost_update" in node.alarms for node in drawing.nodes)


def test_a_blocked_run_says_who_is_stuck() -> None:
    found = waiting()
    drawing = neighbourhood(found, found.findings[1])
    alarms = [text for node in drawing.nodes for text in node.alarms]
    assert alarms == ["violates termination: p1 never decides"]


def test_a_lasso_returns_to_where_its_loop_begins() -> None:
    found = procrastinating()
    finding = found.findings[1]
    way = Sketch(found).way(finding)
    assert way.loop is not None
    assert way.numbers[-1] == way.numbers[way.loop]
    drawing = neighbourhood(found, finding)
    assert any(edge.in_loop for edge in drawing.edges)
    assert sum(len(edge.labels) for edge in drawing.edges if edge.on_path) == len(way.transitions)


def test_crashes_that_are_not_events_are_named() -> None:
    found = findings(load("wait_for_all").protocol(), asynchronous(crashes=1, crash_events="elided"))
    finding = next(f for f in found.findings if f.claim.name == "termination")
    drawing = neighbourhood(found, finding)
    assert drawing.nodes[0].alarms == ("violates termination with p0 crashed: p1 never decides",)


def test_a_critical_configuration_shows_all_ways_out() -> None:
    found = committing()
    number = found.critical[0]
    drawing = around(found, number, "critical")
    (node,) = [node for node in drawing.nodes if node.critical]
    assert node.name == f"c{number}"
    assert any(line.startswith("tm: state='init'") for line in node.detail)
    successors = {f"c{target}" for target in found.graph.targets[found.graph.out(number)].tolist()}
    out = [edge for edge in drawing.edges if edge.source == node.name]
    assert {edge.target for edge in out} == successors
    marks = {other.name: other.mark for other in drawing.nodes}
    assert {marks[edge.target] for edge in out} == {"aborted", "committed"}
    assert path_of(drawing)[-1][1] == node.name


def test_an_initial_configuration_has_a_neighbourhood_too() -> None:
    drawing = around(waiting(), 0)
    assert path_of(drawing) == []
    assert len(drawing.edges) == 4


def test_of_a_very_long_schedule_the_middle_is_left_out() -> None:
    assert _kept(LONGEST) == list(range(LONGEST))
    kept = _kept(200)
    assert len(kept) == LONGEST
    assert (kept[0], kept[-1]) == (0, 199)


def test_a_left_out_middle_is_counted() -> None:
    found = findings(load("tla/paxos").protocol(), asynchronous(network="set"), agreement)
    deepest = int(found.graph.depth.argmax())
    drawing = around(found, deepest)
    assert "... 10 events before ..." in [node.lines[0] for node in drawing.nodes if node.remark]


def test_of_many_ways_out_some_of_each_valence_are_shown() -> None:
    found = examine(settle(load("dolev_strong"), Overrides())).analysis
    drawing = around(found, found.critical[0], "critical")
    marks = [node.mark for node in drawing.nodes if not node.critical and not node.remark]
    assert len(marks) == SUCCESSORS
    assert set(marks) == {"0", "1"}
    assert any(node.remark and node.lines[0].endswith(" more") for node in drawing.nodes)
    assert "some of its successors" in " ".join(drawing.title)


def test_a_liar_is_faulty_and_has_not_crashed() -> None:
    dot = around(examine(settle(load("dolev_strong"), Overrides())).analysis, 0).dot
    assert "‡ sender" in dot
    assert "†" not in dot


def test_edges_need_not_say_what_happens() -> None:
    loud = picture(committing())
    quiet = without_events(loud)
    assert isinstance(loud, Drawing)
    assert isinstance(quiet, Drawing)
    assert any(edge.labels for edge in loud.edges)
    assert not any(edge.labels for edge in quiet.edges)
    assert [node.name for node in quiet.nodes] == [node.name for node in loud.nodes]
