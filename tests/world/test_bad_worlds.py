"""Worlds that make no sense are refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waiting import WaitForSome

from flpcheck import UNLIMITED, World, asynchronous, system_of
from flpcheck.errors import BadRequest, BadWorld


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (lambda: asynchronous(-1), ["crashes=-1 is negative", "give how many processes may crash"]),
        (lambda: asynchronous(network="multset"), ["no network 'multset'", "Did you mean 'multiset'?"]),
        (lambda: asynchronous(ignored="stay"), ["ignored='stay' is unknown", "Did you mean 'stays'?"]),
        (lambda: asynchronous(loss=-2), ["loss=-2 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(duplication=-5), ["duplication=-5 is negative", "or UNLIMITED"]),
        (lambda: asynchronous(initially_dead=-1), ["initially_dead=-1 is negative"]),
        (lambda: asynchronous(1, crash_events="elide"), ["crash events 'elide' are unknown", "'elided'"]),
        (
            lambda: asynchronous(1, crash_events="elided", mid_broadcast=True),
            ["crashes in mid-broadcast cannot be elided", "use crash_events='explicit'"],
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
        (asynchronous(2), ["crashes=2, but only 2 processes can crash", "use at most crashes=1"]),
        (asynchronous(initially_dead=2), ["initially_dead=2 leaves no process of 2"]),
        (asynchronous(initially_dead=("p7",)), ["initially dead process 'p7' does not exist", "there are p0, p1"]),
    ],
)
def test_worlds_that_do_not_fit_the_protocol_are_refused(world: World, texts: list[str]) -> None:
    with pytest.raises(BadWorld) as caught:
        system_of(WaitForSome(), world)
    for text in texts:
        assert text in str(caught.value)


def test_unknown_input_lists_the_known_ones() -> None:
    with pytest.raises(BadRequest, match=r"process p0 has no input 2\n  why: there are 0, 1"):
        system_of(WaitForSome(), asynchronous(), {"p0": 2}).initial()


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({}, "asynchronous, multiset network, no failures"),
    ({"crashes": 2, "crash_events": "elided"}, "asynchronous, multiset network, up to 2 crashes (elided)"),
    ({"crashes": 1, "mid_broadcast": True}, "asynchronous, multiset network, up to 1 crash in mid-broadcast"),
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
