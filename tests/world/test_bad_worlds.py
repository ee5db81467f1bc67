"""Worlds that make no sense are refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waiting import WaitForSome

from flpcheck import UNLIMITED, World, asynchronous, record, synchronous, system_of
from flpcheck.authoring.stable import recovered
from flpcheck.errors import BadProtocol, BadRequest, BadWorld
from flpcheck.world import Network, Oracle, Rounds


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (lambda: asynchronous(-1), ["crashes=-1 is negative", "use the maximum number of processes that may crash"]),
        (lambda: asynchronous(network="multset"), ["no network 'multset'", "Did you mean 'multiset'?"]),
        (lambda: asynchronous(ignored="stay"), ["unknown rule ignored='stay'", "Did you mean 'stays'?"]),
        (lambda: asynchronous(loss=-2), ["loss=-2 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(duplication=-5), ["duplication=-5 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(initially_dead=-1), ["initially_dead=-1 is negative"]),
        (lambda: asynchronous(1, crash_events="elide"), ["unknown crash events 'elide'", "'elided'"]),
        (lambda: asynchronous(1, recoveries=-2), ["recoveries=-2 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(recoveries=1), ["recoveries need crashes", "add --crashes 1"]),
        (lambda: asynchronous(1, authenticated={}), ["authenticated={} is not True or False"]),  # type: ignore[arg-type]
        (lambda: asynchronous(network=3), ["network=3 is not a text"]),  # type: ignore[arg-type]
        (lambda: asynchronous(byzantine=["p"]), ["byzantine=['p'] is not a number or a tuple"]),  # type: ignore[arg-type]
        (lambda: synchronous(rounds="two"), ["rounds='two' is not a number or None"]),  # type: ignore[arg-type]
        (lambda: Oracle("omega", mistakes=None), ["mistakes=None is not a number"]),  # type: ignore[arg-type]
        (lambda: asynchronous(byzantine=-1), ["byzantine=-1 is negative"]),
        (
            lambda: asynchronous(authenticated=True),
            ["messages are authenticated, but no process lies", "--byzantine 1"],
        ),
        (
            lambda: World(Network(partition=(("p0",),), heals=True), timing="synchronous", rounds=Rounds()),
            ["a partition that heals cannot be combined with timing=synchronous", "remove --timing"],
        ),
        (lambda: asynchronous(heals=True), ["heals has no effect", "no link is cut", "or remove --heals"]),
        (lambda: asynchronous(byzantine=1, omission=1), ["byzantine and omission cannot be combined"]),
        (lambda: asynchronous(1, crash_events="elided", recoveries=1), ["crashes with recoveries cannot be elided"]),
        (
            lambda: asynchronous(1, crash_events="elided", mid_broadcast=True),
            ["crashes in mid-broadcast cannot be elided", "use --crash-events explicit"],
        ),
        (
            lambda: asynchronous(1, recoveries=1, crash_points="cut"),
            ["a recovering process has written something: which comes first, disk or network?", "'write-first'"],
        ),
        (
            lambda: asynchronous(1, crash_points="torn"),
            ["'torn' need recoveries", "add --recoveries 1, or use --crash-points cut"],
        ),
        (lambda: asynchronous(1, crash_points="send-first"), ["'send-first' need recoveries"]),
        (lambda: asynchronous(1, recoveries=1, crash_points="write-frist"), ["Did you mean 'write-first'?"]),
        (lambda: asynchronous(1, recoveries=1, crash_points="torn:"), ["unknown crash points 'torn:'"]),
        (lambda: asynchronous(1, recoveries=1, crash_points="cut:a"), ["unknown crash points 'cut:a'"]),
        (lambda: asynchronous(1, recoveries=1, crash_points="torn:a,a"), ["are not different names", "torn:vote,term"]),
        (
            lambda: asynchronous(1, recoveries=1, crash_points="torn:a, b"),
            ["are not different names", "without spaces"],
        ),
    ],
)
def test_impossible_worlds_say_what_is_wrong(make: Callable[[], World], texts: list[str]) -> None:
    with pytest.raises(BadWorld) as caught:
        make()
    for text in texts:
        assert text in str(caught.value)


@pytest.mark.parametrize(
    ("world", "texts"),
    [
        (asynchronous(2), ["crashes=2, but only 2 processes can crash", "use at most --crashes 1"]),
        (asynchronous(byzantine=2), ["byzantine=2 may leave no correct process", "at most 1 of them may be faulty"]),
        (asynchronous(omission=("p7",)), ["omitting process 'p7' does not exist", "available: p0, p1"]),
        (asynchronous(1, faulty=("q",)), ["faulty process 'q' does not exist"]),
        (asynchronous(2, faulty=("p0",)), ["crashes=2, but only 1 process can crash"]),
        (asynchronous(partition=(("p0", "x"),)), ["partitioned process 'x' does not exist"]),
        (asynchronous(partition=(("p0",), ("p0", "p1"))), ["process 'p0' is in two groups"]),
        (
            asynchronous(byzantine=1, lies="types"),
            ["could send infinitely many messages: field 'value'", "lies(self, liar)"],
        ),
        (
            asynchronous(byzantine=("p0",), authenticated=True),
            ["the protocol does not define their signatures", "(signer, st"],
        ),
        (asynchronous(initially_dead=2), ["initially_dead=2 leaves no process of 2"]),
        (asynchronous(initially_dead=("p7",)), ["initially dead process 'p7' does not exist", "available: p0, p1"]),
    ],
)
def test_worlds_that_do_not_fit_the_protocol_are_refused(world: World, texts: list[str]) -> None:
    with pytest.raises(BadWorld) as caught:
        system_of(WaitForSome(), world)
    for text in texts:
        assert text in str(caught.value)


def test_stable_storage_must_be_declared_and_exist() -> None:
    world = asynchronous(1, recoveries=1)
    with pytest.raises(BadProtocol, match="no field of Local is marked as surviving a crash"):
        system_of(WaitForSome(), world)
    for stable, text in ((("inputt",), "'inputt' of Volatile does not exist"), (("input",), "volatile field")):
        with pytest.raises(BadProtocol, match=text):
            recovered(Volatile(1, 2), stable)
    assert recovered(Volatile(1, 2), ("input", "needed")) == Volatile(1, 2)


@record
class Volatile:
    """A state whose second field has no default."""

    input: int
    needed: int
    seen: int = 0


def test_unknown_input_lists_the_known_ones() -> None:
    with pytest.raises(BadRequest, match=r"process p0 has no input 2\n  why: available: 0, 1"):
        system_of(WaitForSome(), asynchronous(), {"p0": 2}).initial()


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({}, "asynchronous, multiset network, no failures"),
    ({"crashes": 2, "crash_events": "elided"}, "asynchronous, multiset network, up to 2 crashes (elided)"),
    ({"crashes": 1, "mid_broadcast": True}, "asynchronous, multiset network, up to 1 crash in mid-broadcast"),
    ({"crashes": 1, "crash_points": "cut"}, "asynchronous, multiset network, up to 1 crash in mid-broadcast"),
    (
        {"crashes": 1, "mid_broadcast": True, "recoveries": 1},
        "asynchronous, multiset network, up to 1 crash at a time inside steps (written first, then sent), 1 recovery",
    ),
    (
        {"crashes": 1, "crash_points": "torn:vote,term", "recoveries": 1},
        "asynchronous, multiset network, up to 1 crash at a time inside steps (writes torn: vote before term), "
        "1 recovery",
    ),
    (
        {"crashes": 1, "crash_points": "send-first", "recoveries": 1},
        "asynchronous, multiset network, up to 1 crash at a time inside steps (sent first, then written), 1 recovery",
    ),
    (
        {"network": "fifo", "ignored": "stays", "loss": UNLIMITED, "duplication": 2, "initially_dead": ("p0",)},
        "asynchronous, fifo network, ignored messages stay, loss unlimited, duplication 2, p0 initially dead",
    ),
]


@pytest.mark.parametrize(("options", "sentence"), SENTENCES)
def test_worlds_describe_themselves(options: dict[str, Any], sentence: str) -> None:
    assert str(asynchronous(**options)) == sentence


def test_json_of_a_world_has_words_for_unlimited() -> None:
    found = asynchronous(loss=UNLIMITED, initially_dead=("p0",)).as_json()
    assert (found["loss"], found["duplication"], found["initially_dead"]) == ("unlimited", 0, ["p0"])
