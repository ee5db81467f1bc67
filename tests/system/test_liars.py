"""What liars can say, on the smallest protocols that show it: counts and verdicts, on every engine that runs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from fuzz_liars import fuzz
from generators.protocols import random_liars
from oracle.enumeration import TooLarge
from oracle.twins import Twins
from system.lying import (
    Collected,
    Commit,
    Echoing,
    Forgotten,
    Gathered,
    Gathering,
    Listed,
    Named,
    Replayed,
    SaidOnReturn,
    Send,
    Told,
    Voting,
    never_zero,
    supported,
    undecided,
)

from flpcheck import (
    At,
    Gather,
    Mail,
    Process,
    Start,
    Step,
    World,
    agreement,
    asynchronous,
    gather_quorum,
    protocol,
    replace,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadProtocol, BadWorld
from flpcheck.explore import explore
from flpcheck.system.twins import cast

BOTH = ("reference", "kernel")
ONE = asynchronous(byzantine=("sender",))
LYING_B = asynchronous(byzantine=("b",))
TYPES = replace(LYING_B, failures=replace(LYING_B.failures, lies="types"))
RETURNING = asynchronous(1, faulty=("a",), recoveries=1, byzantine=("liar",))
CASES = {
    "B1": (Told(), ONE, agreement, (9, 12), 2),
    "B1, not annotated": (Told("bare"), ONE, agreement, (9, 12), 2),
    "B1, a base class": (Told("base"), ONE, agreement, (9, 12), 2),
    "B1, lies lists nothing new": (Listed(listed=(0, 1)), ONE, agreement, (9, 12), 2),
    "B1, lies adds": (Listed(listed=(2,)), ONE, agreement, (16, 24), 2),
    "B1, lies adds, not annotated": (Listed("bare", (2,)), ONE, agreement, (16, 24), 2),
    "B2": (Forgotten(), ONE, agreement, (9, 12), 2),
    "B3": (Replayed(), asynchronous(byzantine=("liar",)), undecided, (4, 4), 1),
    "B4": (Collected(), LYING_B, supported, (48, 80), 1),
    "B4, all vote for 0": (Collected((0,)), LYING_B, supported, (8, 12), None),
    "B4, all vote for 0, any value": (Collected((0,)), TYPES, supported, (12, 20), 1),
    "B5, b votes for 1": (Named((1,)), LYING_B, never_zero, (6, 7), None),
    "B5": (Named(), LYING_B, never_zero, (12, 19), 3),
    "said on coming back": (SaidOnReturn(), RETURNING, undecided, (8, 10), 1),
}


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("name", CASES)
def test_liars_say_what_some_process_can_say(name: str, engine: str) -> None:
    model, world, claim, size, events = CASES[name]
    graph = explore(system_of(model, world), engine=engine)
    assert (len(graph), len(graph.targets)) == size
    assert graph.engine == engine
    found = analyse(graph, [claim]).findings[0]
    assert (None if found.schedule is None else len(found.schedule.transitions)) == events
    safe = examine_safety(system_of(model, world), [claim], engine=engine).findings[0]
    assert (None if safe.schedule is None else len(safe.schedule.transitions)) == events


def test_a_lie_can_be_gathered_beside_mail() -> None:
    honest = explore(system_of(Gathered(liar=False), asynchronous()))
    assert ((len(honest), len(honest.targets)), list(honest.system.values)) == ((4, 4), [])
    graph = explore(system_of(Gathered(), LYING_B), engine="kernel")
    assert (len(graph), len(graph.targets)) == (8, 10)
    assert (graph.engine, graph.fallback) == ("kernel", "")
    lying = [str(step.event) for number in range(len(graph)) for step in graph.transitions(number) if step.mover < 0]
    assert set(lying) == {
        "r gathers Send(0) from p, Send(0) from b, some of which are lies",
        "r gathers Send(1) from q, Send(1) from b, some of which are lies",
    }
    graph.marks  # noqa: B018  -- it finds out what is decided
    assert sorted(graph.system.values, key=str) == [0, 1]


def test_a_guard_that_counts_a_sender_twice_is_refused_beside_liars() -> None:
    with pytest.raises(BadProtocol, match="the gather guard of r counts b twice"):
        explore(system_of(Gathered(careless=True), LYING_B))


@protocol
class Hearing(Gathered):
    """G, in which b votes when it has gathered two votes."""

    def processes(self) -> list[Process[Voting, Any]]:
        p, q, _, r = super().processes()
        return [p, q, Process("b", self.commit, start=Voting(), gather=self.two), r]

    def two(self, at: At, s: Voting, mail: Mail[Send]) -> Iterable[Mail[Send]]:
        return () if s.sent else gather_quorum(mail, 2)

    def commit(self, at: At, s: Voting, event: Gather[Send]) -> Step[Voting, Any]:
        return replace(s, sent=True), send(Commit(event.letters[0].message.value), to="r")


def test_what_a_liars_code_says_when_it_gathers_is_in_the_alphabet() -> None:
    system: Any = system_of(Hearing(), LYING_B)
    explore(system)
    assert [letter.letter.message for letter in dict(system.speech.voice(4, 2))[3]] == [
        Commit(0), Commit(1), Send(0), Send(1),
    ]  # fmt: skip


@protocol
class Selfish:
    """B tells itself to speak, and no other process may."""

    def processes(self) -> list[Process[Voting, Any]]:
        return [Process(name, self.step, start=Voting()) for name in ("b", "r")]

    def step(self, at: At, s: Voting, event: Start | Send | Commit) -> Step[Voting, Any]:
        match event:
            case Start() if at.me == "b" and not s.sent:
                return replace(s, sent=True), send(Send(0), to="b")
            case Send(v) if at.me == at.sender == "b":
                return s, send(Commit(v), to="r")
            case Commit(v):
                return replace(s, decision=v), ()
            case _:
                return s, ()


def test_a_liar_hears_what_its_own_code_sends_to_itself() -> None:
    twins = Twins(Selfish(), asynchronous(), ("b",))
    assert {twins.correct(now)[0].decision for now in twins.reach(100)[0]} == {None, 0}
    graph = explore(system_of(Selfish(), LYING_B))
    assert {now.components[1].local.decision for now in graph.configurations} == {None, 0}


@pytest.mark.parametrize(("at_start", "size", "events"), [(False, (3, 2), 2), (True, (2, 1), 1)])
def test_a_signed_message_is_known_from_its_sending_on(at_start: bool, size: tuple[int, int], events: int) -> None:
    world = asynchronous(byzantine=("liar",), authenticated=True)
    graph = explore(system_of(Replayed(at_start), world))
    assert (len(graph), len(graph.targets)) == size
    schedule = analyse(graph, [undecided]).findings[0].schedule
    assert schedule is not None
    assert len(schedule.transitions) == events


def test_a_signed_message_is_not_known_across_a_partition_until_that_heals() -> None:
    cut = asynchronous(byzantine=("liar",), authenticated=True, partition=(("a",),), heals=True)
    graph = explore(system_of(Replayed(), cut))
    schedule = analyse(graph, [undecided]).findings[0].schedule
    assert schedule is not None
    assert [transition.event.kind for transition in schedule.transitions] in (
        ["start", "heal", "lie"],
        ["heal", "start", "lie"],
    )
    for_ever = asynchronous(byzantine=("liar",), authenticated=True, partition=(("a",),))
    assert analyse(explore(system_of(Replayed(), for_ever)), [undecided]).findings[0].schedule is None


def after(system: Any, *events: str) -> list[str]:
    """Return what can happen after the first transitions of these kinds."""
    now = system.initial()[0].configuration
    for event in events:
        now = next(t.successor for t in system.transitions(now) if t.event.kind == event)
    return [t.event.kind for t in system.transitions(now)]


def test_a_lie_that_is_gathered_bears_no_forged_signature_either() -> None:
    system = system_of(Gathering(), asynchronous(byzantine=("liar",), authenticated=True))
    explore(system)
    assert after(system) == ["start"]
    assert after(system, "start") == ["gather"]


def test_a_lie_waits_until_the_partition_has_healed() -> None:
    system = system_of(Told(), asynchronous(byzantine=("sender",), partition=(("sender",),), heals=True))
    assert set(after(system)) == {"heal"}
    assert set(after(system, "heal")) == {"lie"}


def test_a_liar_says_in_the_first_configuration_what_its_code_says_to_an_answer() -> None:
    system: Any = system_of(Echoing(), asynchronous(byzantine=("p",)))
    assert set(system.speech.said(0b1).values()) == {Send(0), Commit(0)}


def test_what_was_learned_is_not_new() -> None:
    system: Any = system_of(Told(), asynchronous(byzantine=1))
    first = next(i.configuration for i in system.initial() if i.faulty == ("p1",))
    list(system.transitions(first))  # the sender says its input, which another liar does not know yet
    reached = [(first.world.faulty, first.components[0])]
    assert system.overheard(reached)
    assert not system.overheard(reached)


def test_alphabets_have_fingerprints() -> None:
    systems: Any = [system_of(Told(), asynchronous()), system_of(Told(), ONE), system_of(Listed(listed=(2,)), ONE)]
    none, plain, more = (system.speech.fingerprint for system in systems)
    assert none == ""
    assert len({none, plain, more}) == 3


@pytest.mark.parametrize(
    ("world", "searching"),
    [(ONE, True), (asynchronous(), False), (replace(ONE, failures=replace(ONE.failures, lies="types")), False)],
)
def test_only_what_is_spoken_is_found_by_searching(world: World, searching: bool) -> None:
    system: Any = system_of(Told(), world)
    assert system.speech.searching == searching


def test_an_alphabet_that_is_too_large_names_a_liar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.system.speech.MOST_BODIES", 1)
    with pytest.raises(BadWorld, match="sender's own code could send too many messages to enumerate"):
        explore(system_of(Told(), ONE))


def test_the_alphabet_is_counted() -> None:
    sizes = {}
    for name, (model, world, *_) in CASES.items():
        system: Any = system_of(model, world)
        explore(system)
        sizes[name] = system.speech.size
    assert sizes["B2"] == 4
    assert {sizes[name] for name in ("B1", "B1, not annotated", "B1, a base class")} == {2}
    assert (sizes["B4"], sizes["B4, all vote for 0"], sizes["B4, all vote for 0, any value"]) == (4, 2, 2)
    assert (sizes["B5"], sizes["B5, b votes for 1"]) == (3, 2)


@pytest.mark.long
def test_what_twins_of_the_liar_lead_to_lies_lead_to_as_well() -> None:
    counts = fuzz(range(50))
    assert counts["more"] > 2
    assert counts["as much"] > 10


@pytest.mark.parametrize(
    ("model", "liar", "size"),
    [
        (Told(), "sender", (104, 176)),
        (Collected(), "b", (116, 232)),
        (Collected((0,)), "b", (33, 66)),
        (Named(), "b", (104, 200)),
    ],
)
def test_the_twins_that_lies_are_compared_with(model: Any, liar: str, size: tuple[int, int]) -> None:
    found, edges = Twins(model, asynchronous(), (liar,)).reach(1_000)
    assert (len(found), edges) == size


@pytest.mark.parametrize(
    ("model", "liar", "claim", "size", "events"),
    [
        (Told(), "sender", agreement, (104, 176), 4),
        (Collected(), "b", supported, (116, 232), None),
        (Collected((0,)), "b", supported, (33, 66), None),
        (Named(), "b", never_zero, (104, 200), 4),
    ],
)
def test_twins(model: Any, liar: str, claim: Any, size: tuple[int, int], events: int | None) -> None:
    graph = explore(system_of(model, asynchronous(twins=(liar,))), engine="kernel")
    assert (len(graph), len(graph.targets)) == size
    assert graph.engine == "kernel"
    found = analyse(graph, [claim]).findings[0]
    assert (None if found.schedule is None else len(found.schedule.transitions)) == events


def test_what_a_twin_sends_to_its_own_name_the_other_one_does_not_hear() -> None:
    twins = cast(Selfish().processes(), ("b",))
    places = {label: place for place, label in enumerate(twins.labels)}
    both = places["b'"], places["b''"]
    assert [twins.receivers(twin, "b") for twin in both] == [(twin,) for twin in both]
    assert twins.receivers(places["r"], "b") == both


def test_twins_on_random_protocols_are_as_enumerated_naively() -> None:
    compared = 0
    for seed in range(60):
        model, world = random_liars(seed)
        liar = ("p0", "p1")[seed % 2]
        naive = Twins(model, world, (liar,))
        try:
            expected, edges = naive.reach(200)
        except TooLarge:
            continue
        twinned = replace(world, failures=replace(world.failures, byzantine=0, lies="spoken", twins=(liar,)))
        system: Any = system_of(model, twinned)
        graph = explore(system, engine="kernel")
        assert (len({(now.components, now.world) for now in graph.configurations}), seed) == (len(expected), seed)
        states = {tuple(c.local for c in now.components) for now in graph.configurations}
        assert states == {now.locals for now in expected}
        compared += edges > 5
    assert compared > 10
