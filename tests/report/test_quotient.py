"""Quotients: nothing is lost or counted twice, and there is always one that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from report.picture_samples import ALL, counting, findings, waiting, waiting_for_three

from flpcheck import agreement, asynchronous, load
from flpcheck.analyse import Analysis
from flpcheck.report.pictures import draw
from flpcheck.report.quotient import ARROWS, CLASSES, LEVELS, between, partition, quotient


@pytest.mark.parametrize("sample", ALL)
@pytest.mark.parametrize("by", LEVELS)
def test_classes_and_arrows_add_up(sample: object, by: tuple[str, ...]) -> None:
    assert callable(sample)
    found: Analysis = sample()
    classes = partition(found, by)
    arrows = between(found, classes)
    assert int(classes.size.sum()) == len(found.graph)
    assert int(arrows.total.sum()) == len(found.graph.targets)
    assert int(arrows.world.sum()) == int((found.graph.movers < 0).sum())


@pytest.mark.parametrize("by", LEVELS)
def test_members_of_a_class_look_alike(by: tuple[str, ...]) -> None:
    found = waiting()
    classes = partition(found, by)
    for place, first in enumerate(classes.first.tolist()):
        members = np.flatnonzero(classes.of == place).tolist()
        assert members[0] == first
        assert {found.valence.name(number) for number in members} == {found.valence.name(first)}
        if "depth" in by:
            assert {int(found.graph.depth[number]) for number in members} == {int(found.graph.depth[first])}
        if "crashed" in by:
            crashed = found.graph.marks.crashed
            assert len({int(crashed[number]).bit_count() for number in members}) == 1


def test_coarser_levels_have_fewer_classes() -> None:
    sizes = [len(partition(waiting_for_three(), by).size) for by in LEVELS]
    assert sizes[0] == max(sizes)
    assert sizes[-1] == min(sizes)


def test_hundreds_of_configurations_fall_back_to_the_quotient() -> None:
    found = waiting_for_three()
    drawing = draw(found)
    assert len(found.graph) == 1696
    assert len(drawing.nodes) <= CLASSES
    assert len(drawing.edges) <= ARROWS
    assert drawing.configurations == 1696
    assert "quotient by" in drawing.title[-1]
    assert drawing.title[-1].endswith("stand for 1,696 configurations")


def test_the_counts_in_the_nodes_are_those_of_the_classes() -> None:
    drawing = quotient(waiting_for_three())
    counts = [int(node.lines[0].split()[0].replace(",", "")) for node in drawing.nodes]
    assert sum(counts) == 1696


def test_every_quotient_knows_a_coarser_one_until_there_is_none() -> None:
    drawing, seen = quotient(waiting_for_three()), 0
    while drawing.coarser is not None:
        coarser = drawing.coarser()
        assert len(coarser.nodes) <= len(drawing.nodes)
        drawing, seen = coarser, seen + 1
    assert 1 <= seen < len(LEVELS)
    assert {node.mark for node in drawing.nodes} == {"0", "1", "none"}


def test_paxos_becomes_readable_with_its_critical_configurations() -> None:
    found = findings(load("tla/paxos").protocol(), asynchronous(network="set"), agreement)
    drawing = draw(found)
    assert len(found.graph) == 3921
    assert len(drawing.nodes) <= CLASSES
    critical = [line for node in drawing.nodes if node.critical for line in node.lines if "critical" in line]
    assert sum(int(line.split()[0]) for line in critical) == len(found.critical)


def test_without_decisions_classes_are_counted_all_the_same() -> None:
    drawing = quotient(counting())
    assert sum(int(node.mark.split()[0]) for node in drawing.nodes) == len(counting().graph)
