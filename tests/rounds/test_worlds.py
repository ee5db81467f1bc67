"""Worlds of rounds: what does not fit is refused with a reason, and famous small models come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flpcheck import (
    At,
    Effects,
    Failures,
    Heard,
    RoundProcess,
    asynchronous,
    broadcast,
    heard_of,
    load,
    partially_synchronous,
    protocol,
    record,
    replace,
    synchronous,
    system_of,
)
from flpcheck.authoring.events import Event, Pattern
from flpcheck.errors import BadAnswer, BadWorld, NondeterministicStep
from flpcheck.explore import explore


@record
class Count:
    heard: int = 0


@protocol
class Claims:
    """Says that all rounds are alike, and looks at their number."""

    period = 1

    def processes(self) -> list[RoundProcess[Count, int]]:
        return [RoundProcess(name, self.send, self.receive, Count(), lies=self.lies) for name in ("p0", "p1")]

    def send(self, at: At, s: Count, round: int) -> Effects[int]:
        return broadcast(round)

    def receive(self, at: At, s: Count, round: int, heard: Heard[int]) -> Count:
        return s

    def lies(self, at: At, round: int) -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1


@protocol
class Chatter(Claims):
    """Lies without an end."""

    def send(self, at: At, s: Count, round: int) -> Effects[int]:
        return broadcast(0)


def among(misbehaviour: str) -> Any:
    """Return a system in rounds in which processes misbehave as they do between messages."""
    failures: dict[str, Any] = {misbehaviour: 1}
    return system_of(load("floodset").protocol(), replace(synchronous(), failures=Failures(**failures)))


BAD: list[tuple[Callable[[], Any], str]] = [
    (lambda: synchronous(crashes=-1), "negative"),
    (lambda: synchronous(rounds=0), "a run needs at least one round"),
    (lambda: synchronous(byzantine=-1), "negative"),
    (lambda: synchronous(byzantine=1, omission=1), "at the same time"),
    (lambda: synchronous(authenticated=True), "no process lies"),
    (lambda: heard_of("no_spilt"), "no_split"),
    (lambda: system_of(load("floodset").protocol(), synchronous(crashes=3)), "only 3 processes can crash"),
    (lambda: system_of(load("floodset").protocol(), synchronous(byzantine=("p9",))), "p9"),
    (lambda: system_of(load("floodset").protocol(), asynchronous()), "needs a world with rounds"),
    (lambda: system_of(load("paxos").protocol(), heard_of()), "event-driven"),
    (lambda: system_of(load("paxos").protocol(), partially_synchronous()), "event-driven"),
    (lambda: explore(system_of(load("floodset").protocol(), synchronous(byzantine=1))), "lists no lies"),
    (lambda: among("byzantine"), "write Rounds(faults='byzantine', ...)"),
    (lambda: among("omission"), "write Rounds(faults='omission', ...)"),
]


@pytest.mark.parametrize(("make", "words"), BAD)
def test_a_bad_world_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(BadWorld) as caught:
        make()
    assert words in str(caught.value)


def test_an_infinite_alphabet_is_refused() -> None:
    system = system_of(Chatter(), synchronous(byzantine=1))
    with pytest.raises(BadWorld, match="more than 4096 lies"):
        list(system.transitions(system.initial()[1].configuration))


def test_the_number_of_a_round_that_matters_is_found_out() -> None:
    with pytest.raises(NondeterministicStep, match="two calls with equal arguments gave different results") as caught:
        explore(system_of(Claims(), heard_of()))
    assert "`period` declares these two rounds equal" in caught.value.next_step


def test_who_has_an_output_register_decides_and_nothing_is_asked_for_that() -> None:
    system = system_of(load("floodset").protocol(n=3), synchronous())
    assert system.deciding(system.initial()[0].configuration) == 0b111
    assert system.calls == 0
    silent = system_of(Claims(), heard_of())
    assert silent.deciding(silent.initial()[0].configuration) == 0


def test_a_step_that_changes_nothing_is_known_as_one() -> None:
    (book,) = system_of(Claims(), heard_of()).rulebooks
    assert [rule.idle for rule in book.rules.values()] == [True]


def test_events_of_rounds_say_whom_the_crashed_reach() -> None:
    system = system_of(load("floodset").protocol(n=3), synchronous(crashes=1))
    mixed = next(i.configuration for i in system.initial() if i.inputs == {"p0": 1, "p1": 1, "p2": 0})
    crashes = {t.event.pattern.crashes for t in system.transitions(mixed) if t.event.pattern is not None}
    assert {(("p2", reached),) for reached in ((), ("p0",), ("p1",), ("p0", "p1"))} <= crashes


def test_a_faulty_process_is_shown_as_such() -> None:
    system = system_of(load("floodset").protocol(n=2), synchronous(omission=("p1",)))
    shown = system.describe(system.initial()[0].configuration)
    assert [name for name in ("p0", "p1") if "faulty" in shown[name]] == ["p1"]


@protocol
class Absent(Chatter):
    """Forgets to return a state."""

    def receive(self, at: At, s: Count, round: int, heard: Heard[int]) -> Any:
        return None


def test_a_state_that_is_missing_is_refused_with_advice() -> None:
    with pytest.raises(BadAnswer, match="receive has no next state") as caught:
        explore(system_of(Absent(), heard_of()))
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        (None, set()),
        (Pattern(1), set()),
        (Pattern(1, missed=(("p1", ("p0",)),)), {("p0", "p1")}),
        (Pattern(1, crashes=(("p0", ("p2",)),)), {("p0", "p1")}),
    ],
)
def test_a_round_says_which_messages_arrive(pattern: Pattern | None, lost: set[tuple[str, str]]) -> None:
    system: Any = system_of(load("floodset").protocol(n=3), synchronous(crashes=1))
    sent = list(system.letters(system.initial()[0].configuration, Event("round", pattern=pattern)))
    gone = {pid for pid, _ in pattern.crashes} if pattern else set()
    pairs = {(a, b) for a in system.names for b in system.names if a != b and b not in gone}
    assert {(sender, receiver) for sender, receiver, *_ in sent} == pairs
    assert {(sender, receiver) for sender, receiver, _, arrives in sent if not arrives} == lost


def test_a_configuration_says_what_is_between_the_rounds_if_something_is() -> None:
    counted, alike = system_of(load("floodset").protocol(n=2), synchronous()), system_of(Claims(), heard_of())
    shown = [system.describe(system.initial()[0].configuration) for system in (counted, alike)]
    assert shown[0][""] == {"next round": "1"}
    assert shown[1].keys() == {"p0", "p1"}


@pytest.mark.parametrize(
    ("n", "f", "rounds", "levels"),
    [(2, 1, 1, [4, 9]), (3, 1, 1, [8, 24]), (3, 1, 2, [8, 24, 12]), (3, 2, 2, [8, 33, 21]), (4, 2, 2, [16, 105, 57])],
)
def test_floodset_level_by_level(n: int, f: int, rounds: int, levels: list[int]) -> None:
    graph = explore(system_of(load("floodset").protocol(n=n, rounds=rounds), synchronous(crashes=f)))
    assert [int((graph.depth == depth).sum()) for depth in range(rounds + 1)] == levels


@pytest.mark.parametrize(("n", "runs", "bad"), [(3, 14, 2), (4, 34, 0), (5, 82, 0), (6, 194, 0)])
def test_oral_messages_run_by_run(n: int, runs: int, bad: int) -> None:
    spec = load("oral_messages")
    graph = explore(system_of(spec.protocol(n=n), synchronous(byzantine=1)))
    ends = [c for number, c in enumerate(graph.configurations) if graph.depth[number] == 2]
    ic2 = spec.property_named("ic2")
    assert (len(ends), sum(not ic2(graph.system.view(c)) for c in ends)) == (runs, bad)
