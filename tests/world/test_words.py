"""What worlds say of themselves, as text and as JSON, and what a change of one thing changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flpcheck import UNLIMITED, Failures, Oracle, World, asynchronous, eventually_synchronous, synchronous
from flpcheck.errors import BadWorld
from flpcheck.world import Fairness, Rounds, heard_of, partially_synchronous, weak
from flpcheck.world.changed import changed
from flpcheck.world.crash_points import points_in_words
from flpcheck.world.predicates import predicate_named
from flpcheck.world.timers import assumed, check

PLAIN: dict[str, Any] = {
    "timing": "asynchronous",
    "network": "multiset",
    "ignored": "consumed",
    "loss": 0,
    "duplication": 0,
    "partition": [],
    "cut": [],
    "heals": False,
    "crashes": 0,
    "crash_events": "explicit",
    "crash_points": "between",
    "mid_broadcast": False,
    "initially_dead": 0,
    "recoveries": 0,
    "byzantine": 0,
    "omission": 0,
    "faulty": None,
    "authenticated": False,
    "lies": "spoken",
    "twins": [],
    "detector": "",
    "mistakes": 0,
    "stabilises": True,
    "timers": "any-time",
    "fairness": "timers=weak, letters=received",
}
IN_ROUNDS = {
    "rounds": None,
    "predicate": "complete",
    "unstable_rounds": None,
    "faults": None,
    "faulty": 0,
    "authenticated": False,
    "rushing": True,
}
SAID: list[tuple[World, dict[str, Any]]] = [
    (asynchronous(), {}),
    (asynchronous(loss="fair-links"), {"loss": "fair-links"}),
    (
        asynchronous(fairness=Fairness(timers="strong", rules=(weak("Phase 2a"),))),
        {"fairness": "timers=strong, letters=received, weak:Phase 2a"},
    ),
    (asynchronous(1, twins=("a",), ignored="stays"), {"crashes": 1, "twins": ["a"], "ignored": "stays"}),
    (
        asynchronous(1, crash_points="torn:x,y", recoveries=UNLIMITED, faulty=("a",)),
        {"crashes": 1, "crash_points": "torn:x,y", "mid_broadcast": True, "recoveries": "unlimited", "faulty": ["a"]},
    ),
    (asynchronous(1, detector="omega", mistakes=2), {"crashes": 1, "detector": "omega", "mistakes": 2}),
    (
        eventually_synchronous(stabilises=False),
        {
            "timing": "eventually_synchronous",
            "detector": None,
            "mistakes": "unlimited",
            "stabilises": False,
            "timers": "after-messages",
        },
    ),
    (
        asynchronous(partition=(("a",), ("b",)), heals=True, cut=frozenset({("b", "a")})),
        {"partition": [["a"], ["b"]], "heals": True, "cut": [["b", "a"]]},
    ),
    (
        asynchronous(byzantine=("a",), authenticated=True, lies="only"),
        {"byzantine": ["a"], "authenticated": True, "lies": "only"},
    ),
    (
        partially_synchronous(
            byzantine=("a",), authenticated=True, rushing=False, unstable=2, before="kernel", rounds=9
        ),
        {
            "timing": "partially_synchronous",
            "timers": "any-time",
            **IN_ROUNDS,
            "rounds": 9,
            "predicate": "kernel",
            "unstable_rounds": 2,
            "faults": "byzantine",
            "faulty": ["a"],
            "authenticated": True,
            "rushing": False,
        },
    ),
]


@pytest.mark.parametrize(("world", "different"), SAID, ids=[str(world) for world, _ in SAID])
def test_json_says_all_of_a_world(world: World, different: dict[str, Any]) -> None:
    assert world.as_json() == PLAIN | different


@pytest.mark.parametrize(
    ("world", "weaker"),
    [
        (asynchronous(), "no process can crash"),
        (asynchronous(initially_dead=1), "no process can crash after the start"),
        (asynchronous(1), ""),
        (asynchronous(1, detector="P"), "failure detector P reports crashes"),
        (eventually_synchronous(1), "timers are eventually reliable"),
        (asynchronous(1, timers="after-messages"), "each timer is longer than any busy period"),
        (asynchronous(1, timers="after-delays:1"), "each timer is longer than 1 delay"),
        (synchronous(1), "delays are bounded: a process that is not heard in time has crashed or is faulty, not slow"),
        (heard_of("uniform"), "in every round, every process hears the same processes, at least one"),
        (heard_of("majority"), ""),
        (
            heard_of("majority+uniform"),
            "in every round, every process hears a majority and every process hears the same processes, at least one",
        ),
    ],
)
def test_what_a_world_has_that_flp_lacks(world: World, weaker: str) -> None:
    assert world.weaker == weaker


def test_only_the_rounds_after_gst_matter_where_there_is_one() -> None:
    assert partially_synchronous().rounds_after_gst
    assert not synchronous().rounds_after_gst
    assert not asynchronous().rounds_after_gst


def test_a_world_without_mail_says_that_memory_is_shared() -> None:
    assert asynchronous(1).text(with_network=False) == "asynchronous, shared memory, up to 1 crash"
    assert asynchronous(1).text() == "asynchronous, multiset network, up to 1 crash"


def test_misbehaving_processes_are_seen_in_rounds_and_out_of_them() -> None:
    assert asynchronous(omission=1).has_misbehaving
    assert synchronous(receive_omission=1).has_misbehaving
    assert not synchronous(1).has_misbehaving


def test_a_world_says_whether_more_may_fail_than_those_that_misbehave() -> None:
    liar = asynchronous(1, byzantine=("liar",), faulty=("a",))
    assert str(liar).endswith("liar Byzantine, up to 1 crash, otherwise only a may fail")
    assert str(asynchronous(1, byzantine=("a",), faulty=("a",))).endswith("up to 1 crash, only a may fail")


def test_faulty_processes_of_rounds_are_failures_of_events() -> None:
    signed = synchronous(byzantine=("a",), authenticated=True).for_events()
    assert signed.failures == Failures(byzantine=("a",), authenticated=True)
    assert signed.rounds == Rounds()
    harmless = replace(synchronous(), rounds=Rounds(faults="omission"))
    assert harmless.for_events() is harmless


def test_texts_of_rules() -> None:
    assert points_in_words("torn") == " inside steps (writes torn)"
    assert assumed("after-delays:2").startswith("each timer is longer than 2 delays;")
    with pytest.raises(BadWorld, match="no rule 'after-delays:1:2' for timers"):
        check("after-delays:1:2")


def test_a_kernel_is_heard_by_all_processes() -> None:
    assert predicate_named("kernel").families(0b011, 3) == [(3, 1), (3, 2)]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Failures(1, recoveries=-2), "recoveries=-2 is negative"),
        (lambda: Failures(1, recoveries="many"), "recoveries='many' is not a number"),  # type: ignore[arg-type]
        (lambda: Failures(byzantine=("x",)).check(("a", "b")), "Byzantine process 'x' does not exist"),
        (lambda: Failures(omission=2).check(("a", "b")), "omission=2 may leave no correct process"),
        (lambda: Failures(twins=("a", "b")).check(("a", "b")), "twins=2 may leave no correct process"),
        (lambda: Rounds(faults="omission", faulty=("x",)).check(0, ("a", "b")), "faulty process 'x' does not exist"),
        (lambda: Rounds(unstable=-1, stabilises=True), "unstable=-1 is negative"),
    ],
)
def test_refusals_name_what_is_wrong(make: Any, text: str) -> None:
    with pytest.raises(BadWorld) as caught:
        make()
    assert text in str(caught.value)


def test_no_round_need_be_unstable() -> None:
    assert Rounds(unstable=0, stabilises=True).words() == ["at most 0 rounds before GST"]


def test_failures_print_as_they_are_written() -> None:
    failures = Failures(1, recoveries=1, crash_points="torn")
    assert eval(repr(failures)) == failures


def altered(base: World, timing: str | None = None, timers: str | None = None, **oracle: Any) -> World:
    itself = {name: value for name, value in (("timing", timing), ("timers", timers)) if value is not None}
    return changed(base, {"": itself, "oracle": oracle})


def test_another_timing_brings_its_own_timers_and_rounds() -> None:
    waiting = asynchronous(1, timers="after-messages")
    assert altered(waiting).timers == "after-messages"
    assert altered(waiting, "asynchronous").timers == "after-messages"
    assert altered(waiting, "eventually_synchronous").timers == ""
    assert altered(waiting, timers="any-time").timers == ""
    few = synchronous(1, rounds=3)
    assert altered(few) == few
    assert altered(few, "synchronous").rounds == few.rounds
    assert altered(asynchronous(), "synchronous").rounds == synchronous().rounds


def test_another_timing_takes_a_detector_away_or_brings_reliable_timers() -> None:
    told = asynchronous(1, detector="omega", mistakes=2)
    assert altered(told).oracle == Oracle("omega", 2)
    assert altered(told, "asynchronous").oracle == Oracle()
    assert altered(told, "eventually_synchronous").oracle == Oracle("timers", UNLIMITED)
    assert altered(eventually_synchronous(mistakes=3), "eventually_synchronous").oracle == Oracle("timers", 3)
    assert altered(told, stabilises=False).oracle == Oracle("omega", stabilises=False)
    with pytest.raises(BadWorld, match="mistakes=2 before"):
        altered(told, stabilises=False, mistakes=2)
