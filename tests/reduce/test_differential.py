"""With and without reductions: the same graph, as far as the plain one can be explored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from flpcheck import BallotShift, Reduction, StaleMail, asynchronous, load, protocol, replace, system_of
from flpcheck.analyse import Valence, analyse, standard_properties
from flpcheck.analyse.schedule import shortest
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Quotient, reduced

DUEL: Any = load("paxos_duel").protocol
INPUTS = {"p0": 0, "p1": 1}


@protocol
class ShiftOnly(DUEL):  # type: ignore[misc]
    """Only ballots are renamed, so that one event is one event in both."""

    def reductions(self) -> list[Reduction]:
        return [r for r in super().reductions() if isinstance(r, BallotShift)]


@protocol
class GivesUp(DUEL):  # type: ignore[misc]
    """No process goes beyond some ballot: finite without any reduction, and ballots cannot be shifted."""

    highest: int = 3

    def prepare(self, at: Any, s: Any, above: int) -> Any:
        after, effects = super().prepare(at, s, above)
        return (replace(s, phase=3, ballot=9), ()) if after.ballot > self.highest else (after, effects)

    def reductions(self) -> list[Reduction]:
        return [r for r in super().reductions() if isinstance(r, StaleMail)]


def layers(graph: Any, deepest: int) -> Iterator[set[Any]]:
    for depth in range(deepest):
        yield {graph.configurations[number] for number in np.flatnonzero(graph.depth <= depth)}


@pytest.mark.parametrize(("acceptors", "deepest", "sizes"), [(1, 16, (68, 103)), (2, 8, (296, 296))])
def test_renaming_ballots_maps_every_plain_configuration_onto_the_quotient(
    acceptors: int, deepest: int, sizes: tuple[int, int]
) -> None:
    quotient = reduced(system_of(ShiftOnly(acceptors=acceptors), asynchronous(), INPUTS))
    assert isinstance(quotient, Quotient)
    whole, folded = (explore(s, Bounds(depth=deepest), engine="reference") for s in (quotient.plain, quotient))
    assert (len(folded), len(whole)) == sizes
    for plain_layer, layer in zip(layers(whole, deepest), layers(folded, deepest), strict=True):
        assert {quotient.canonical(configuration)[0] for configuration in plain_layer} == layer


def test_events_are_followed_through_the_renaming_along_a_transition() -> None:
    quotient = reduced(system_of(ShiftOnly(acceptors=1), asynchronous(), INPUTS))
    assert isinstance(quotient, Quotient)
    plain, renamed = quotient.plain, 0
    for here in explore(quotient, Bounds(depth=8), engine="reference").configurations:
        for unfolded, folded in zip(plain.applicable(here), quotient.applicable(here), strict=True):
            events: set[Any] = {step.event for step in plain.applicable(unfolded.successor)}
            if folded.renaming is not None:
                events = {renamed_event for event in events if (renamed_event := folded.renaming(event))}
                renamed += 1
            assert events == {step.event for step in plain.applicable(folded.successor)}
    assert renamed > 3


@pytest.mark.parametrize(("acceptors", "highest", "sizes"), [(1, 3, (96, 96)), (2, 1, (632, 784))])
def test_dropping_stale_mail_changes_no_verdict(acceptors: int, highest: int, sizes: tuple[int, int]) -> None:
    quotient = reduced(system_of(GivesUp(acceptors=acceptors, highest=highest), asynchronous(), INPUTS))
    assert isinstance(quotient, Quotient)
    whole, folded = (explore(system, Bounds(configurations=100_000)) for system in (quotient.plain, quotient))
    assert whole.complete
    assert (len(folded), len(whole)) == sizes
    mine, theirs = (analyse(graph, standard_properties(graph)) for graph in (folded, whole))
    assert [f.verdict for f in mine.findings] == [f.verdict for f in theirs.findings]
    assert mine.initial == theirs.initial
    assert {quotient.canonical(configuration)[0] for configuration in whole.configurations} == set(
        folded.configurations
    )


def test_valence_of_a_plain_configuration_is_that_of_its_representative() -> None:
    quotient = reduced(system_of(GivesUp(), asynchronous(), INPUTS))
    assert isinstance(quotient, Quotient)
    whole, folded = (explore(system, engine="reference") for system in (quotient.plain, quotient))
    number = {configuration: n for n, configuration in enumerate(folded.configurations)}
    plain_valence, valence = Valence.of(whole), Valence.of(folded)
    for n, configuration in enumerate(whole.configurations):
        folded_name = valence.name(number[quotient.canonical(configuration)[0]])
        assert plain_valence.name(n) == folded_name


def test_what_elections_of_unbounded_terms_can_do_is_what_the_plain_ones_do() -> None:
    quotient = reduced(system_of(load("raft_elections").protocol(), asynchronous()))
    assert isinstance(quotient, Quotient)
    folded = explore(quotient, engine="reference")
    plain = explore(quotient.plain, Bounds(depth=12), engine="reference")
    assert folded.complete
    assert not plain.complete
    assert {quotient.canonical(configuration)[0] for configuration in plain.configurations} == set(
        folded.configurations
    )


@pytest.mark.parametrize("world", [asynchronous(omission=1), asynchronous(1, mid_broadcast=True)])
def test_a_step_that_was_cut_short_is_lifted_with_the_ballots_that_it_really_has(world: Any) -> None:
    system = reduced(system_of(load("raft_elections").protocol(), world))
    graph = explore(system)
    for number in range(len(graph)):
        shown = shortest(graph, [number])
        assert shown is not None
        assert graph.system.describe(system.representative(shown.configurations[-1])) == graph.describe(number)
