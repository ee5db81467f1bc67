"""Crashes, losses and deferred mail, in protocols small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pytest
from generators.protocols import random_protocol, random_world
from oracle.analysis import counts, enumerated
from oracle.same_graph import sizes

from flpcheck import (
    DEFER,
    UNLIMITED,
    At,
    Bounds,
    Event,
    Gather,
    PassiveLearner,
    Process,
    Processes,
    Start,
    StateGraph,
    Step,
    World,
    asynchronous,
    protocol,
    record,
    send,
    system_of,
    to_others,
)
from flpcheck.authoring.events import Letter
from flpcheck.explore import explore
from flpcheck.system.interface import WORLD, Transition


@record
class News:
    """p0 -> the others."""


@record
class Local:
    """Whether the process has done its one thing."""

    input: int = 7
    decision: int | None = None


@protocol
class Announce:
    """p0 tells the others and decides; they ignore it, or put it off for ever."""

    listeners: int = 2
    defer: bool = False
    virtual: bool = False
    passive: bool = False

    def processes(self) -> Processes[News]:
        speaker = Process("p0", self.speak, start=Local(), virtual=self.virtual)
        others: list[Any] = [Process(f"p{i}", self.listen, start=Local(0)) for i in range(1, self.listeners + 1)]
        if self.passive:
            others = [PassiveLearner("p1", lambda mail: frozenset(range(len(mail))))]
        return [speaker, *others]

    def speak(self, at: At, s: Local, event: Start) -> Step[Local, News]:
        return (s, ()) if s.decision is not None else (Local(s.input, 1), to_others(News()))

    def listen(self, at: At, s: Local, event: News) -> Step[Local, News]:
        return DEFER if self.defer else (s, ())


def explored(model: Any, world: World) -> StateGraph:
    graph = explore(system_of(model, world))
    assert sizes(graph) == counts(enumerated(model, world))
    return graph


def events(graph: StateGraph, number: int = 0) -> list[str]:
    return [str(transition.event) for transition in graph.transitions(number)]


def test_crash_in_mid_broadcast_reaches_any_subset_and_loses_the_step() -> None:
    graph = explored(Announce(), asynchronous(crashes=1, mid_broadcast=True))
    assert events(graph) == [
        "p0 starts",
        "p0 crashes",
        "p0 crashes in mid-broadcast (p0 starts), reaching p1",
        "p0 crashes in mid-broadcast (p0 starts), reaching p2",
        "p0 crashes in mid-broadcast (p0 starts), reaching p1, p2",
        "p1 crashes",
        "p2 crashes",
    ]
    dead = [graph.describe(int(target)) for target in graph.targets[graph.out(0)][1:5]]
    assert all(parts["p0"] == {"crashed": "yes", "input": "7", "mail": []} for parts in dead)
    assert [len(parts["p1"]["mail"]) + len(parts["p2"]["mail"]) for parts in dead] == [0, 1, 1, 2]


def test_crash_after_deciding_keeps_both_registers_and_the_mail_sent() -> None:
    graph = explored(Announce(listeners=1), asynchronous(crashes=1))
    texts = [graph.describe(number) for number in range(len(graph))]
    wanted = {"crashed": "yes", "decision": "1", "input": "7", "mail": []}
    assert [t["p1"]["mail"] for t in texts if t["p0"] == wanted] == [["News() from p0"], []]


def test_mail_to_the_crashed_vanishes() -> None:
    graph = explored(Announce(listeners=1), asynchronous(crashes=1))
    assert all(t["p1"]["mail"] == [] for t in map(graph.describe, range(len(graph))) if "crashed" in t["p1"])


def test_at_most_the_budget_crashes() -> None:
    for crashes in (0, 1, 2):
        graph = explored(Announce(), asynchronous(crashes=crashes))
        assert max(int(mask).bit_count() for mask in graph.marks.crashed) == crashes


def test_elided_crashes_are_the_crash_free_part() -> None:
    elided = explored(Announce(), asynchronous(crashes=1, crash_events="elided"))
    assert sizes(elided) == sizes(explored(Announce(), asynchronous()))


def test_virtual_processes_and_passive_learners_never_crash() -> None:
    graph = explored(Announce(listeners=2, virtual=True), asynchronous(crashes=1))
    assert events(graph) == ["p0 starts", "p1 crashes", "p2 crashes"]
    graph = explored(Announce(passive=True, listeners=1), asynchronous(loss=1))
    assert [events(graph, number) for number in range(3)] == [["p0 starts"], ["News() from p0 to p1 is lost"], []]


@pytest.mark.parametrize(
    ("dead", "initially"),
    [(0, [()]), (1, [(), ("p0",), ("p1",), ("p2",)]), (("p1",), [("p1",)]), (("p0", "p2"), [("p0", "p2")])],
)
def test_initially_dead_processes_are_chosen_or_named(dead: Any, initially: list[tuple[str, ...]]) -> None:
    graph = explored(Announce(), asynchronous(initially_dead=dead))
    assert [item.dead for item in graph.initial] == initially


def test_the_dead_from_the_start_use_up_the_budget_of_crashes_unless_they_are_named() -> None:
    chosen = explored(Announce(), asynchronous(crashes=1, initially_dead=1))
    assert max(int(mask).bit_count() for mask in chosen.marks.crashed) == 1
    named = explored(Announce(), asynchronous(crashes=1, initially_dead=("p0",)))
    assert max(int(mask).bit_count() for mask in named.marks.crashed) == 2


def test_ignored_mail_is_consumed_or_stays() -> None:
    assert sizes(explored(Announce(), asynchronous()))[:2] == (1 + 4, 1 + 4)
    assert sizes(explored(Announce(), asynchronous(ignored="stays")))[:2] == (2, 1)
    assert sizes(explored(Announce(), asynchronous(network="set")))[:2] == (2, 1)


def test_deferred_mail_is_no_event() -> None:
    assert sizes(explored(Announce(defer=True), asynchronous()))[:2] == (2, 1)


def test_losses_are_counted_unless_unlimited() -> None:
    deferring = Announce(defer=True)
    assert sizes(explored(deferring, asynchronous(loss=1)))[:2] == (2 + 2, 1 + 2)
    assert sizes(explored(deferring, asynchronous(loss=2)))[:2] == (2 + 2 + 1, 1 + 2 + 2)
    assert sizes(explored(deferring, asynchronous(loss=UNLIMITED)))[:2] == (2 + 2 + 1, 1 + 2 + 2)


@pytest.mark.parametrize(("network", "copies"), [("multiset", 3), ("fifo", 3), ("set", 1)])
def test_duplicates_are_counted_and_a_set_has_none(network: str, copies: int) -> None:
    graph = explored(Announce(listeners=1, defer=True), asynchronous(network=network, duplication=2))
    assert max(len(graph.describe(number)["p1"]["mail"]) for number in range(len(graph))) == copies


@pytest.mark.parametrize(
    "world",
    [
        asynchronous(1),
        asynchronous(loss=1),
        asynchronous(duplication=1),
        asynchronous(omission=1),
        asynchronous(twins=("p1",)),
    ],
)
def test_world_events_are_distinguished_from_steps_of_processes(world: World) -> None:
    graph = explore(system_of(Announce(), world))
    found = [t for number in range(len(graph)) for t in graph.transitions(number)]
    assert all(t.event.world == (t.mover == WORLD) for t in found)
    assert {t.event.world for t in found} == {True, False}


def test_a_configuration_is_shown_field_by_field_with_what_is_wrong_with_whom() -> None:
    system = system_of(Announce(), asynchronous(omission=("p1",)))
    shown = system.describe(system.initial()[0].configuration)
    assert shown["p0"] == {"input": "7", "decision": "None", "mail": []}
    assert shown["p1"] == {"faulty": "yes", "input": "0", "decision": "None", "mail": []}


def test_gathered_letters_are_shown_with_their_senders() -> None:
    event = Event("gather", "p0", message=(Letter("p1", 7), Letter("p2", 8)))
    assert Transition(event, 0, 0, None).as_json()["message"] == "7 from p1, 8 from p2"


@protocol
class Picky:
    """p0 tells p1 two things, and p1 gathers the second one alone."""

    def processes(self) -> Processes[int]:
        return [
            Process("p0", self.speak, start=1, sent=(send(0, to="p1"), send(1, to="p1"))),
            Process("p1", self.take, start=0, gather=lambda _, s, mail: [(x,) for x in mail if x.message and not s]),
        ]

    def speak(self, at: At, s: int, event: Start) -> Step[int, int]:
        return s, ()

    def take(self, at: At, s: int, event: Gather[int]) -> Step[int, int]:
        return 1, ()


@pytest.mark.parametrize(("network", "events"), [("multiset", 1), ("set", 1), ("fifo", 0)])
def test_a_queue_is_gathered_from_the_front(network: str, events: int) -> None:
    assert len(explore(system_of(Picky(), asynchronous(network=network))).targets) == events


@protocol
class Wavering:
    """p0 decides 0, and later 1."""

    def processes(self) -> Processes[News]:
        return [Process("p0", self.step, start=Local())]

    def step(self, at: At, s: Local, event: Start) -> Step[Local, News]:
        return Local(s.input, {None: 0, 0: 1}.get(s.decision, 1)), ()


def test_a_decision_that_changes_is_noted() -> None:
    assert explore(system_of(Announce(), asynchronous())).system.overwritten == []
    changed = explore(system_of(Wavering(), asynchronous())).system.overwritten
    assert changed == ["p0 starts changes the decision of p0 from 0 to 1"]


def test_who_decides_is_known_from_the_start() -> None:
    system: Any = system_of(Announce(passive=True), asynchronous())
    assert system.deciders == 0b11


@protocol
class Queue:
    """p0 sends three letters in two steps; p1 takes them as they come."""

    def processes(self) -> Processes[int]:
        return [Process("p0", self.speak, start=0), Process("p1", self.listen, start=())]

    def speak(self, at: At, s: int, event: Start) -> Step[int, int]:
        match s:
            case 0:
                return 1, (send(1, to="p1"), send(2, to="p1"))
            case 1:
                return 2, send(3, to="p1")
        return s, ()

    def listen(self, at: At, s: tuple[int, ...], event: int) -> Step[tuple[int, ...], int]:
        return (*s, event), ()


def heard(world: World) -> set[tuple[int, ...]]:
    graph = explored(Queue(), world)
    return {graph.system.view(configuration)["p1"] for configuration in graph.configurations}


def test_fifo_keeps_order_with_losses_and_duplicates() -> None:
    assert heard(asynchronous(network="fifo")) == {(), (1,), (1, 2), (1, 2, 3)}
    assert (3, 2, 1) in heard(asynchronous())
    lossy = heard(asynchronous(network="fifo", loss=1, duplication=1))
    assert (1, 1, 3) in lossy
    assert all(list(letters) == sorted(letters) for letters in lossy)


@record
class Talker:
    """Whether it has said everything."""

    done: bool = False


@protocol
class TwoMessages:
    """One process sends another two different messages, and a third one two that are equal."""

    def processes(self) -> Processes[str]:
        return [
            Process("p0", self.talk, start=Talker()),
            Process("p1", self.listen, start=()),
            Process("p2", self.listen, start=()),
        ]

    def talk(self, at: At, s: Talker, event: Start) -> Step[Talker, str]:
        if s.done:
            return s, ()
        return Talker(done=True), (send("a", to="p1"), send("b", to="p1"), send("c", to=["p2", "p2"]))

    def listen(self, at: At, s: tuple[str, ...], event: str) -> Step[tuple[str, ...], str]:
        return (*s, event), ()


def test_an_omission_says_which_message_got_out_where_several_went_the_same_way() -> None:
    system = system_of(TwoMessages(), asynchronous(omission=1, faulty=("p0",)))
    first = system.initial()[-1].configuration  # where p0 is faulty
    events = {str(step.event): step.successor for step in system.transitions(first)}
    assert "p0 starts, and what it sends reaches only p1 ('a'), p2 ('c')" in events
    assert "p0 starts, and what it sends reaches only p1 ('a'), p1 ('b')" in events
    assert len(set(events.values())) == len(events) == 12  # a, b, and none, one or two of c


def test_an_event_and_its_outcome_say_where_they_lead() -> None:
    """A schedule is replayed by its events, so there must be no two of the same name."""
    kinds = set()
    for seed in range(150):
        graph = explore(system_of(random_protocol(seed), random_world(seed)), Bounds(configurations=40))
        for configuration in graph.configurations:
            leads: dict[str, object] = {}
            for step in graph.system.transitions(configuration):
                kinds.add(step.event.kind)
                assert leads.setdefault(str(step.as_json()), step.successor) == step.successor, (seed, step.event)
    assert {"omit", "crash", "deliver", "lose", "duplicate", "recover"} <= kinds
