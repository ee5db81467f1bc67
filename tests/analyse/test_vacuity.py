"""What a search never exercised: rules, kinds of messages, liars."""

from __future__ import annotations

from typing import Any

import pytest
from system.lying import Forgotten, Told

from flpcheck import Bounds, World, asynchronous, system_of
from flpcheck.analyse.alphabet import Alphabet
from flpcheck.analyse.vacuity import Vacuity
from flpcheck.explore import explore
from flpcheck.report.as_json.findings import vacuity_as_json

LYING = asynchronous(byzantine=("p1",))


@pytest.mark.parametrize(
    ("model", "world", "depth", "messages", "liars"),
    [
        (Told(), asynchronous(), None, (), ()),
        (Told(), asynchronous(), 0, ("Send",), ()),  # nothing has arrived yet
        (Told("base"), asynchronous(), None, (), ()),  # a derived class has been received
        (Forgotten(), asynchronous(), None, ("Send",), ()),
        (Told(), LYING, None, (), ()),
        (Forgotten(), LYING, None, (), ("p1",)),  # as a lie
    ],
)
def test_what_was_never_received_or_heeded(
    model: Any, world: World, depth: int | None, messages: tuple[str, ...], liars: tuple[str, ...]
) -> None:
    found = Vacuity.of(explore(system_of(model, world), Bounds(depth=depth)))
    assert (found.messages, found.liars) == (messages, liars)
    assert vacuity_as_json(found)["messages"] == list(messages)


def test_rules_that_no_step_took() -> None:
    graphs = [explore(system_of(Forgotten(), asynchronous()), Bounds(depth=depth)) for depth in (0, None)]
    assert [len(Vacuity.of(graph).rules) for graph in graphs] == [1, 0]


def test_liars_have_an_alphabet_and_worlds_without_them_have_none() -> None:
    assert Alphabet.of(system_of(Told(), asynchronous())) is None
    found = Alphabet.of(explore(system_of(Told(), LYING)).system)
    assert found is not None
    assert found.kind == "spoken"
    assert found.messages > 0
