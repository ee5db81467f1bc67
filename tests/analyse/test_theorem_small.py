"""Certificates of the theorem on protocols that are small enough for plain loops over every configuration."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from analyse.test_theorem_against_naive import compare
from generators.graphs import random_graph
from oracle.analysis import enumerated
from waiting import Forgetful, WaitForSome

from flpcheck import (
    At,
    Event,
    Pid,
    Process,
    Start,
    Step,
    World,
    asynchronous,
    protocol,
    record,
    replace,
    send,
    system_of,
)
from flpcheck.analyse.case import Case
from flpcheck.analyse.theorem.blocking import certificate_at, who_waits
from flpcheck.analyse.theorem.gadgets import Gadgets
from flpcheck.analyse.theorem.lemma3 import preservation
from flpcheck.analyse.theorem.livelock import Dodge
from flpcheck.analyse.theorem.silent import SilentValence
from flpcheck.analyse.theorem.tour import tour
from flpcheck.analyse.theorem.why import first, why
from flpcheck.analyse.valence import Valence
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.errors import BadRequest
from flpcheck.explore import Bounds, explore


def case_of(model: Any, world: World) -> Case:
    return Case(explore(system_of(model, world)))


def after(case: Case, *events: str) -> list[int]:
    """Return the ids along some events, by the beginnings of their texts, from the first initial configuration."""
    path = [case.graph.roots[0]]
    for text in events:
        steps = case.graph.transitions(path[-1])
        taken = next(place for place, step in enumerate(steps) if str(step.event).startswith(text))
        path.append(int(case.graph.targets[case.graph.out(path[-1])][taken]))
    return path


@record
class Said:
    """A value that is passed on."""

    value: int


@record
class Link:
    """How a process of a chain stands; the first one begins."""

    passed: bool = False
    decision: int | None = None


@protocol
class Chain:
    """a tells b, b tells c, and each decides what it tells or hears."""

    def processes(self) -> list[Process[Link, Said]]:
        rest = [Process(pid, self.hear, start=Link()) for pid in "bc"]
        return [Process("a", self.begin, start=Link()), *rest]

    def begin(self, at: At, s: Link, event: Start) -> Step[Link, Said]:
        return (s, ()) if s.passed else (Link(passed=True, decision=1), send(Said(1), to="b"))

    def hear(self, at: At, s: Link, event: Said) -> Step[Link, Said]:
        return Link(passed=True, decision=event.value), (send(event, to="c") if at.me == "b" else ())


def test_who_waits_names_the_letter_it_misses_or_the_first_step_that_would_lead_to_it() -> None:
    case = case_of(Chain(), asynchronous(1))
    path = after(case, "a crashes")
    assert [str(wait) for wait in who_waits(case.graph, path, ())] == [
        "b waits for Said(1) from a",
        "c waits for a step of another: a starts",
    ]


def test_what_a_process_waits_for_is_read_from_where_the_same_events_lead_without_the_crash() -> None:
    case = case_of(WaitForSome(n=2, wait=2), asynchronous(1))
    for events in (("p0 crashes",), ("p1 starts", "p0 crashes"), ("p0 crashes", "p1 starts")):
        path = after(case, *events)
        (wait,) = certificate_at(case.graph, path, ()).waits
        assert str(wait) == "p1 waits for Value(0) from p0"


@protocol
class Judge:
    """p1 and p2 ask p0, which decides when it is asked; the others decide what p0 answers."""

    def processes(self) -> list[Process[Link, Said]]:
        asking = [Process(pid, self.ask, start=Link()) for pid in ("p1", "p2")]
        return [Process("p0", self.judge, start=Link()), *asking]

    def judge(self, at: At, s: Link, event: Said) -> Step[Link, Said]:
        return Link(decision=event.value), send(event, to=("p1", "p2")) if s.decision is None else ()

    def ask(self, at: At, s: Link, event: Start | Said) -> Step[Link, Said]:
        match event:
            case Start():
                return (s, ()) if s.passed else (replace(s, passed=True), send(Said(int(at.me == "p2")), to="p0"))
            case Said(value):
                return replace(s, decision=value), ()


def test_the_smallest_sets_without_which_no_other_decides_are_all_named() -> None:
    """Nothing is decided without p0, nor without both that could ask it."""
    case = case_of(Judge(), asynchronous(2, crash_events="elided"))
    silent, names = case.silent, case.graph.system.names
    (root,) = case.graph.roots
    sets = [set(chosen) for size in range(3) for chosen in combinations(range(3), size)]
    dead = [chosen for chosen in sets if silent.dead(tuple(sorted(chosen)))[root]]
    least = [chosen for chosen in dead if not any(other < chosen for other in dead)]
    assert least == [{0}, {1, 2}]
    named = [set(dependence.silent) for dependence in why(case, [root]).dependences]
    assert named == [{names[index] for index in chosen} for chosen in least]


def test_a_kind_of_configuration_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    case = case_of(Forgetful(n=2, forget=True), asynchronous())
    with pytest.raises(BadRequest, match="no configuration is bivalent") as caught:
        first(case, "bivalent")
    assert "there are configurations of these kinds: univalent" in caught.value.why


def test_a_world_affords_silence_as_long_as_it_and_the_crashed_are_within_its_budget() -> None:
    met = set()
    for world, budget in (
        (asynchronous(1), 1),
        (asynchronous(2), 2),
        (asynchronous(1, initially_dead=1), 1),
        (asynchronous(1, initially_dead=("p0",)), 2),
    ):
        graph = explore(system_of(WaitForSome(n=3, wait=2), world), Bounds(configurations=100))
        silent = SilentValence.of(graph)
        for silence in silent.silences:
            affordable = silent.affordable(silence)
            for number, here in enumerate(graph.configurations):
                crashed = {index for index in range(3) if graph.system.marks(here).crashed >> index & 1}
                expected = not silence or len(crashed | set(silence)) <= budget
                assert bool(affordable[number]) == expected
                met.add(expected)
    assert met == {True, False}


@pytest.mark.parametrize("seed", [*range(40), 562, 1003, 1243, 1323, 1333])
def test_gadgets_and_lemma_3_of_random_graphs_agree_with_plain_search(seed: int) -> None:
    """Hooks and corners are rare: the last five have some."""
    model, world = random_graph(seed), asynchronous(crashes=seed % 2)
    graph, _ = compare(model, world, enumerated(model, world, 200))
    valence = Valence.of(graph)
    found = Gadgets.of(valence, preservation(valence).labels)
    pairs = {"fork": found.forks.tolist(), "hook": found.hooks.tolist()}
    for number in range(len(graph)):
        gadget = found.at(number)
        kinds = [kind for kind, members in pairs.items() if number in [n for n, _ in members]]
        kinds += ["corner"] if number in found.corners else []
        assert (gadget and gadget.kind) == (kinds[0] if kinds else None)
        if gadget is not None:
            assert gadget.number == number
            assert gadget.kind == "corner" or [number, gadget.pivot] in pairs[gadget.kind]


@pytest.mark.parametrize("seed", [6, 22, 168])
def test_where_only_the_world_acts_in_bivalent_configurations_there_is_no_play(seed: int) -> None:
    case = case_of(random_graph(seed), asynchronous(crashes=seed % 2))
    bivalent = np.flatnonzero(case.valence.bivalent).tolist()
    assert set(bivalent) & set(case.graph.roots)
    assert {step.mover < 0 for number in bivalent for step in case.graph.transitions(number)} == {True}
    verdict = flp_verdict(case)
    assert verdict is not None
    assert tour(case, verdict).adversary is None


def test_a_dodge_does_not_repeat_who_does_what() -> None:
    def heard(pid: Pid, value: int) -> Event:
        return Event("deliver", pid, sender="p", message=Said(value))

    text = "a receives Said(1) from p before Said(2) from p, which would have left only 0"
    assert str(Dodge(1, heard("a", 1), heard("a", 2), "0")) == text
    text = "a receives Said(1) from p before b receives Said(1) from p, which would have left only 0"
    assert str(Dodge(1, heard("a", 1), heard("b", 1), "0")) == text
