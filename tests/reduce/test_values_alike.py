"""Values that are alike, in processes so small that one row or one mailbox shows what is right."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Event,
    Interchangeable,
    Mail,
    Pid,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    View,
    asynchronous,
    integrity,
    invariant,
    protocol,
    record,
    replace,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.authoring.process import PassiveLearner
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced
from flpcheck.reduce.group import group, small


@record
class Said:
    """A colour."""

    colour: str


@record
class State:
    input: str = "red"
    steps: int = 0
    decision: str | None = None


@protocol
class Alone:
    """A process decides its own colour, or always the same one; it is asked once, and nothing else happens."""

    always: str = ""

    def processes(self) -> Processes[Said]:
        return [Process("p", self.step, inputs={colour: State(colour) for colour in ("red", "blue")})]

    def step(self, at: At, s: State, event: Start) -> Step[State, Said]:
        return (replace(s, decision=self.always or s.input) if s.decision is None else s), ()

    def reductions(self) -> list[Reduction]:
        return [Interchangeable(("blue", "red"))]


def orbits_of(model: Any) -> Orbits:
    system = reduced(system_of(model, asynchronous()))
    assert isinstance(system, Orbits)
    return system


def test_the_first_row_is_looked_at_as_well() -> None:
    assert len(explore(orbits_of(Alone()))) == 2
    with pytest.raises(ReductionRefused):
        explore(orbits_of(Alone(always="blue")))


class Shade(Enum):
    LIGHT = 1
    DARK = 2


@protocol
class Shaded(Alone):
    """The same of shades, of which one is always decided."""

    def processes(self) -> Processes[Said]:
        return [Process("p", self.step, inputs={shade: Painted(shade) for shade in Shade})]

    def step(self, at: At, s: Any, event: Start) -> Step[Any, Said]:
        return (replace(s, decision=Shade.DARK) if s.decision is None else s), ()

    def reductions(self) -> list[Reduction]:
        return [Interchangeable(tuple(Shade))]


@record
class Painted:
    input: Shade
    decision: Shade | None = None


def test_a_refusal_names_what_is_exchanged_and_whom_a_message_is_from_if_it_is_one() -> None:
    with pytest.raises(ReductionRefused) as caught:
        explore(orbits_of(Shaded()))
    names, expected, found = caught.value.details
    exchanged = "with 'LIGHT' called DARK, 'DARK' called LIGHT"
    assert names in {f"{exchanged}: from Painted({shade}, None) of p and Start()" for shade in ("LIGHT", "DARK")}
    assert expected.removeprefix("expected") != found.removeprefix("found")


@protocol
class Told:
    """p says both colours; a learner decides those that have arrived, or only the first in its mailbox."""

    first: bool = False

    def processes(self) -> Processes[Said]:
        return [Process("p", self.say, start=State()), PassiveLearner("learner", self.learn)]

    def say(self, at: At, s: State, event: Start) -> Step[State, Said]:
        both = send(Said("blue"), to="learner"), send(Said("red"), to="learner")
        return (replace(s, steps=1), both) if not s.steps else (s, ())

    def learn(self, mail: Mail[Said]) -> frozenset[str]:
        return frozenset(letter.message.colour for letter in list(mail)[: 1 if self.first else None])

    def reductions(self) -> list[Reduction]:
        return [Interchangeable(("blue", "red"))]


@protocol
class ToldOfTwo(Told):
    """The same of two processes, which have no colour of their own."""

    def processes(self) -> Processes[Said]:
        return [Process(pid, self.say, start=State("")) for pid in "pq"] + super().processes()[1:]


def test_a_mailbox_under_other_names_is_in_canonical_order() -> None:
    """Orbits of a mailbox that holds both messages of a sender have one member."""
    model = ToldOfTwo()
    system = orbits_of(model)
    graph, whole = explore(system), explore(system_of(model, asynchronous()))
    sizes = [system.orbit_size(here) for here in graph.configurations]
    assert (sum(sizes), {type(size) for size in sizes}) == (len(whole), {int})
    assert {str(graph.describe(number)) for number in range(len(graph))} <= {
        str(whole.describe(number)) for number in range(len(whole))
    }


def test_a_learner_that_prefers_what_comes_first_in_its_mailbox_is_refused() -> None:
    with pytest.raises(ReductionRefused, match="decides differently"):
        explore(orbits_of(ToldOfTwo(first=True)))


@invariant
def one_has_spoken_at_most(view: View[State]) -> bool:
    """At most one process has spoken."""
    return bool(sum(view.each("steps").values()) < 2)


@invariant
def none_has_taken_three_steps(view: View[State]) -> bool:
    """No process has taken three steps."""
    return bool(max(view.each("steps").values()) < 3)


def test_a_predicate_that_reads_one_field_of_all_states_is_judged_as_in_the_plain_system() -> None:
    claims = [one_has_spoken_at_most, none_has_taken_three_steps]
    for system in (system_of(ToldOfTwo(), asynchronous()), orbits_of(ToldOfTwo())):
        assert [found.verdict for found in analyse(explore(system), claims).findings] == [VIOLATED, HOLDS]


@protocol
class Phases:
    """Each of two processes goes through phases; in the second, and from then on if it is steady, it has decided."""

    steady: bool = False

    def names(self) -> list[str]:
        return ["p", "q"]

    def initial(self) -> list[tuple[int, int]]:
        return [(0, 0)]

    def successors(self, phases: tuple[int, ...]) -> Iterator[tuple[Event, tuple[int, ...]]]:
        for place, name in enumerate(self.names()):
            if phases[place] < 3:
                yield Event("goes on", name), (*phases[:place], phases[place] + 1, *phases[place + 1 :])

    def decisions(self, phases: tuple[int, ...]) -> dict[str, int | None]:
        decided = {1, 2, 3} if self.steady else {1}
        return {name: 1 if phase in decided else None for name, phase in zip(self.names(), phases, strict=True)}

    def renamed(self, phases: tuple[int, ...], to: Any) -> tuple[int, ...]:
        return to.row(self.names(), phases)  # type: ignore[no-any-return]

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("p", "q"))]


@pytest.mark.parametrize(("steady", "verdict"), [(False, VIOLATED), (True, HOLDS)])
def test_a_decision_that_is_withdrawn_is_seen_modulo_symmetry(*, steady: bool, verdict: Any) -> None:
    for system in (system_of(Phases(steady), asynchronous()), orbits_of(Phases(steady))):
        (finding,) = analyse(explore(system), [integrity]).findings
        assert finding.verdict is verdict
        assert (None if finding.schedule is None else len(finding.schedule)) == (None if steady else 2)


def test_exchanges_of_two_names_generate_several_groups_of_names() -> None:
    names: list[tuple[Pid, ...]] = [("a", "b"), ("c", "d", "e")]
    whole = group([Symmetric(some) for some in names], "abcde")
    exchanges = small(whole)
    assert len(whole) == 2 * 6
    assert len(exchanges) == 1 + 3
    assert all(len(exchange.processes) == 2 for exchange in exchanges)


def test_exchanges_of_two_values_generate_all_of_theirs() -> None:
    whole = group([Interchangeable(("blue", "green", "red"))], "ab")
    assert len(whole) == 6
    assert sorted(len(exchange.values) for exchange in small(whole)) == [2, 2, 2]


def test_a_group_without_exchanges_of_two_names_is_generated_by_all_that_change_something() -> None:
    pairs = {"a": "b", "b": "a", "c": "d", "d": "c"}
    whole = group([Symmetric(("a", "b", "c", "d"))], "abcd")
    both = tuple(to for to in whole if {pid: to.pid(pid) for pid in "abcd"} in ({p: p for p in "abcd"}, pairs))
    assert len(both) == 2
    assert [{pid: to.pid(pid) for pid in "abcd"} for to in small(both)] == [pairs]
