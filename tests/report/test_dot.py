"""DOT text: the same every time, with everything in it that the picture must say, and never broken by what is in it."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.picture_samples import ALL, Hasty, committing, counting, findings, hasty, procrastinating, waiting

from flpcheck import Bounds, agreement, asynchronous
from flpcheck.report.dot import clean
from flpcheck.report.drawing import Drawing, Edge, Node
from flpcheck.report.picture import full
from flpcheck.report.pictures import draw, standard_pictures
from flpcheck.report.render import render


@pytest.mark.parametrize("sample", ALL)
def test_the_same_findings_give_the_same_text(sample: object) -> None:
    assert callable(sample)
    first, second = standard_pictures(sample()), standard_pictures(sample())
    assert {name: drawing.dot for name, drawing in first.items()} == {n: d.dot for n, d in second.items()}


@pytest.mark.long
def test_the_text_does_not_depend_on_hash_seeds() -> None:
    script = (
        "from report.picture_samples import *\nfrom flpcheck.report.pictures import *\n"
        "print(''.join(d.dot for s in ALL for d in standard_pictures(s()).values()))"
    )
    here = Path(__file__).parents[1]
    texts = set()
    for seed in ("1", "2"):
        path = os.pathsep.join([str(here.parent), str(here)])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True)
        texts.add(done.stdout)
    assert len(texts) == 1


def test_every_configuration_is_a_node_with_its_valence_as_text() -> None:
    drawing = full(waiting())
    assert len(drawing.nodes) == 84
    assert [node.name for node in drawing.nodes] == [f"c{number}" for number in range(84)]
    assert {node.mark for node in drawing.nodes} == {"0", "1", "none"}
    assert all(node.mark in drawing.dot for node in drawing.nodes)


def test_every_transition_is_on_an_edge() -> None:
    found = waiting()
    drawing = full(found)
    assert sum(len(edge.labels) for edge in drawing.edges) == len(found.graph.targets)
    assert len({(edge.source, edge.target) for edge in drawing.edges}) == len(drawing.edges) == found.graph.edges


def test_parallel_edges_are_merged() -> None:
    drawing = full(committing())
    assert {len(edge.labels) for edge in drawing.edges} == {1, 2}
    assert "rm0 starts [2]" in drawing.dot


def test_who_decided_and_who_crashed_is_in_the_node() -> None:
    text = full(waiting()).dot
    for said in ("p0 p1 decided 0", "p1 decided 1", "† p0", "crash p0", "p0 ← Value(1) from p1", "p0 starts"):
        assert said in text


def test_world_events_are_dashed() -> None:
    drawing = full(waiting())
    assert {edge.world for edge in drawing.edges if edge.labels[0].startswith("crash")} == {True}
    assert {edge.world for edge in drawing.edges if edge.labels[0].endswith("starts")} == {False}
    assert "style=dashed" in drawing.dot


def test_initial_configurations_carry_their_inputs() -> None:
    starts = [node.start for node in full(waiting()).nodes if node.start is not None]
    assert starts == ["p0=0 p1=0", "p0=0 p1=1", "p0=1 p1=0", "p0=1 p1=1"]


def test_critical_configurations_have_a_double_border() -> None:
    drawing = full(committing())
    assert [node.name for node in drawing.nodes if node.critical] == [f"c{committing().critical[0]}"]
    assert drawing.dot.count("peripheries=2") == 1


def test_violations_are_visible() -> None:
    found = hasty()
    alarms = {int(node.name[1:]): node.alarms for node in full(found).nodes if node.alarms}
    assert set(found.disagreeing) <= set(alarms)
    assert any("violates agreement" in texts for texts in alarms.values())
    assert all("violates nobody_decides" in alarms[number] for number in found.disagreeing)


def test_without_decisions_the_state_is_shown_instead_of_a_valence() -> None:
    drawing = full(counting())
    assert [node.mark for node in drawing.nodes] == [str(number) for number in range(len(drawing.nodes))]
    assert drawing.nodes[0].detail == ("x=0", "read.0=None", "read.1=None", "done.0=False", "done.1=False")
    assert "no process can ever decide" not in drawing.dot


def test_the_legend_explains_what_occurs_and_nothing_else() -> None:
    waits = [item.meaning for item in full(waiting()).explanations]
    commits = [item.meaning for item in full(committing()).explanations]
    assert "no process can ever decide" in waits
    assert "no process can ever decide" not in commits
    assert "only aborted can still be decided" in commits
    assert any(meaning.startswith("critical") for meaning in commits)
    assert not any(meaning.startswith("critical") for meaning in waits)


def test_a_cut_search_is_drawn_as_one() -> None:
    found = findings(Hasty(), asynchronous(), agreement, bounds=Bounds(depth=1))
    drawing = draw(found)
    assert "cut by max-depth" in drawing.title[2]
    assert any(node.unexpanded for node in drawing.nodes)
    assert "?" in {node.mark for node in drawing.nodes}
    assert "not expanded: the search was cut" in drawing.dot


def test_more_than_two_values() -> None:
    found = findings(Hasty(n=2, values=("red", "green", "blue")), asynchronous(), agreement)
    drawing = full(found)
    assert len({node.fill for node in drawing.nodes if "/" not in node.mark}) == 3
    assert "blue/green" in {node.mark for node in drawing.nodes}


def test_a_loop_is_drawn_as_a_loop() -> None:
    drawing = standard_pictures(procrastinating())["counterexample-termination"]
    loop = [edge for edge in drawing.edges if edge.in_loop]
    assert {edge.source for edge in loop} == {edge.target for edge in loop}
    assert "repeats for ever" in drawing.dot


def drawing_of(text: str) -> Drawing:
    node = Node("c0", mark=text, lines=(text, "x"), detail=(text,), alarms=(text,), start=text, tooltip=text)
    edges = (Edge("c0", "c1", (text, text)), Edge("c0", "m", remark=True))
    return Drawing("graph", (text, text), (node, Node("c1", mark="1"), Node("m", lines=(text,), remark=True)), edges)


NASTY = ('"', "\\", "\\N", "\\n", "<b>", "&amp;", "&", "{x|y}", "a\nb", "\x00\x07", "\ud800", "<", ">", "<>", "]]>", "")


@pytest.mark.parametrize("text", NASTY)
def test_text_comes_out_as_it_went_in(text: str) -> None:
    drawing = drawing_of(text)
    svg = render(drawing.dot, "svg").decode()
    shown = [html.unescape(found).strip() for found in re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)]
    if text:
        assert shown.count(clean(text)) == 10
        assert clean(text) in [html.unescape(found) for found in re.findall(r'xlink:title="([^"]*)"', svg)]
    assert len(re.findall(r'<g id="node', svg)) == 4


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(), max_size=30))
def test_no_text_breaks_the_dot(text: str) -> None:
    from pygraphviz import AGraph

    parsed = AGraph(string=drawing_of(text).dot)
    assert set(parsed.nodes()) == {"c0", "c1", "m", "start_c0"}
    assert len(parsed.edges()) == 3


@settings(max_examples=8, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
def test_no_value_or_message_breaks_a_picture(one: str, other: str) -> None:
    found = findings(Hasty(values=tuple({one, other})), asynchronous(), agreement)
    for drawing in standard_pictures(found).values():
        assert render(drawing.dot, "svg").startswith(b"<?xml")
