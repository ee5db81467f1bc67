"""The page of every kind of system: rounds, liars, oracles, quotients, shared variables."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from flpcheck import load
from flpcheck.examine import examine
from flpcheck.report.explorer import Explorer
from flpcheck.report.runs.flights import TracedRun, traced_run
from flpcheck.report.runs.mermaid import mermaid
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.settle import Overrides, settle


@cache
def explorer(name: str) -> Explorer:
    return Explorer(examine(settle(load(name), Overrides())))


@cache
def data(name: str) -> dict[str, Any]:
    return explorer(name).data()


def card(name: str, process: str, place: int = 0) -> dict[str, Any]:
    """Return the card of a process in a configuration of a page."""
    names, chunk = data(name)["names"], data(name)["chunk"]
    return dict(chunk["parts"][chunk["of"][place * len(names) + names.index(process)]])


ROUNDS = ["floodset", "one_third_rule", "oral_messages", "dolev_strong", "phase_king", "interactive_consistency"]


@pytest.mark.parametrize("name", ROUNDS)
def test_rounds_have_a_page(name: str) -> None:
    assert len(data(name)["chunk"]["ids"]) == len(explorer(name).examination.graph)
    assert all(event["p"] < 0 for event in data(name)["chunk"]["events"])
    assert not any("pivot" in place["name"] for place in data(name)["places"])


def test_a_liar_is_shown_as_one_and_not_as_crashed() -> None:
    assert card("reliable_broadcast", "p3")["b"] == "Byzantine"
    assert card("dolev_strong", "sender") == {"b": "Byzantine"}
    assert "x" not in card("reliable_broadcast", "p3")


def test_what_the_oracle_knows_is_shown() -> None:
    values, kinds = data("omega_paxos")["chunk"]["values"], data("omega_paxos")["chunk"]["kinds"]
    kind, *fields = values[card("omega_paxos", "the world")["s"]]
    shown = dict(zip(kinds[kind][1:], (values[field] for field in fields), strict=True))
    assert shown == {"stable": "no", "answers before": "0"}


def test_a_quotient_shows_mailboxes_and_says_where_ballots_are_renumbered() -> None:
    page = data("paxos_duel")
    assert page["renames"]
    assert any(part.get("m") for part in page["chunk"]["parts"])
    assert any(event.get("n") for event in page["chunk"]["events"])
    assert not data("floodset")["renames"]


def test_coins_show_their_chance() -> None:
    events = data("ben_or_rounds")["chunk"]["events"]
    assert {event["c"] for event in events if "c" in event} == {"1/8", "1/4", "1/2"}


def test_a_world_without_a_network_is_not_said_to_have_one() -> None:
    assert "network" not in data("test_and_set")["world"]


def run(name: str) -> TracedRun:
    analysis = explorer(name).examination.analysis
    schedule = next(finding.schedule for finding in analysis.findings if finding.schedule is not None)
    return traced_run(analysis.graph.system, schedule, analysis.valence)


def test_messages_of_a_round_are_followed() -> None:
    found = run("broken/floodset_one_round_less")
    fates = {(flight.sender, flight.receiver): flight.fate for flight in found.flights}
    assert fates == {
        ("p0", "p1"): "received", ("p0", "p2"): "lost", ("p1", "p2"): "received", ("p2", "p1"): "received",
    }  # fmt: skip
    (moment,) = found.moments
    assert (moment.crashing, moment.living) == (("p0",), ("p1", "p2"))
    assert moment.decisions == (("p1", "0"), ("p2", "1"))


def test_a_round_is_drawn_at_every_process() -> None:
    diagram = SpaceTime(run("broken/floodset_one_round_less"))
    assert [(row, diagram.timeline.places(row)) for row in range(3)] == [(0, []), (1, [0]), (2, [1, 2])]
    assert diagram.timeline.of_crashes(1)
    assert list(diagram.timeline.lives("p0")) == [(0, 1, False), (1, None, True)]
    assert {">decides 0<", ">decides 1<"} <= set(re.findall(r">decides \d<", diagram.svg))


def test_a_round_in_mermaid() -> None:
    lines = mermaid(run("broken/floodset_one_round_less")).splitlines()
    assert "    Note over p_p0,p_p2: round 1: p0 crashes, reaching only p1" in lines
    assert "    p_p0--xp_p2: {0}" in lines
    assert "    Note over p_p2: decides 1" in lines


def test_lies_arrive() -> None:
    found = run("broken/oral_messages_no_relay")
    told = [flight.message for flight in found.flights if flight.sender == "commander"]
    assert set(told) == {"Order(0)", "Order(1)"}
