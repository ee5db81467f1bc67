"""The diamond: what it shows is what the gadget is."""

from __future__ import annotations

from typing import Any

import pytest
from report.picture_samples import findings

from flpcheck import agreement, asynchronous, load
from flpcheck.analyse import Analysis
from flpcheck.analyse.theorem.gadgets import Gadget
from flpcheck.analyse.theorem.tour import TheoremResult, tour
from flpcheck.report.diamond import diamond, gadget_sentence, theorem_pictures
from flpcheck.report.drawing import Drawing


def toured(model: Any, world: Any) -> tuple[Analysis, TheoremResult, Gadget]:
    found = findings(model, world, agreement)
    assert found.flp is not None
    told = tour(found.case, found.flp)
    assert told.gadget is not None
    return found, told, told.gadget


def test_a_fork_is_drawn_with_its_two_ways_and_the_silence_of_its_pivot() -> None:
    found, told, gadget = toured(load("sequencer").protocol(), asynchronous(crashes=1))
    drawing = diamond(found, told, gadget)
    settling = [edge for edge in drawing.edges if edge.settles]
    marks = {node.name: node.mark for node in drawing.nodes}
    assert gadget.kind == "fork"
    assert [edge.source for edge in settling] == [f"c{gadget.number}"] * 2
    assert sorted(marks[edge.target] for edge in settling) == ["0", "1"]
    (silent,) = [node for node in drawing.nodes if node.name == "silent"]
    assert silent.detail == ("p0 waits for Decide(0) from sequencer", "p1 waits for Decide(0) from sequencer")
    assert "settles the outcome" in [item.meaning for item in drawing.explanations]
    assert drawing.dot == diamond(found, told, gadget).dot


def test_a_hook_is_drawn_with_the_event_that_turns_it() -> None:
    found, told, _ = toured(load("tla/two_phase").protocol(resource_managers=3), asynchronous(network="set"))
    number, pivot = told.gadgets.hooks[0].tolist()
    gadget = told.gadgets.at(number)
    assert gadget is not None
    assert (gadget.kind, gadget.pivot) == ("hook", pivot)
    assert [len(steps) for steps in gadget.steps] == [1, 2]
    assert "the same event leaves only" in gadget_sentence(told.case, gadget)
    assert sum(edge.settles for edge in diamond(found, told, gadget).edges) == 3


@pytest.mark.parametrize(("name", "kind", "meets"), [("test_and_set", "corner", False)])
def test_a_corner_where_steps_do_not_commute(name: str, kind: str, *, meets: bool) -> None:
    found, told, gadget = toured(load(name).protocol(), asynchronous())
    drawing = diamond(found, told, gadget)
    assert gadget.kind == kind
    assert "the first of the two wins" in gadget_sentence(told.case, gadget)
    assert any(node.mark == "none" for node in drawing.nodes) is meets


def test_the_lasso_and_the_adversary_are_drawn_where_they_go_on_for_ever() -> None:
    instance = load("read_write_registers").instance("polite, one crash")
    found = findings(instance.protocol, instance.world, agreement)
    assert found.flp is not None
    pictures = theorem_pictures(found, tour(found.case, found.flp))
    assert sorted(pictures) == ["lasso", "spacetime-adversary", "spacetime-lasso"]
    lasso = pictures["lasso"]
    assert isinstance(lasso, Drawing)
    assert any(edge.in_loop for edge in lasso.edges)
