"""Stubborn sets: what is left out, and what must not be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from fuzz_equal_states import observing, violated
from fuzz_stubborn import fuzz, leaving_out, tried

from flpcheck import (
    At,
    Instance,
    Observer,
    Process,
    Start,
    Step,
    Timeout,
    World,
    agreement,
    asynchronous,
    invariant,
    load,
    note,
    protocol,
    record,
    reduce,
    replace,
    send,
    system_of,
)  # fmt: skip
from flpcheck.analyse import slicing
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.schedule import shortest
from flpcheck.analyse.state_reads import Observation
from flpcheck.authoring.property import HOLDS, VIOLATED, Property
from flpcheck.errors import StepRaised
from flpcheck.explore import explore, reference
from flpcheck.reduce import universe
from flpcheck.reduce.conflicts import Conflicts
from flpcheck.reduce.local_quotient import LocalQuotient
from flpcheck.reduce.stubborn import Stubborn, universe_of, why_whole
from flpcheck.system.message_passing import MessagePassing

ASYNCHRONOUS = asynchronous()


@record
class Word:
    said: str


@record
class Light:
    colour: str = ""
    decision: int | None = None


@protocol
class Lights:
    """Each process goes from one colour to the next; some colours are decisions."""

    paths: Any = ()
    notes: bool = False

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.light, start=Light(path[0])) for name, path in self.paths]

    def observers(self) -> list[Observer[str, str]]:
        return [Observer("last", "", lambda _, colour: colour)] if self.notes else []

    def light(self, at: At, s: Light, event: Timeout) -> Step[Light, Word]:
        path = dict(self.paths)[at.me]
        after = path[path.index(s.colour) + 1] if s.colour in path[:-1] else s.colour
        decision = int(after) if after.isdigit() else s.decision
        return Light(after, decision), (note(after),) if self.notes and after != s.colour else ()


def lights(*paths: str, notes: bool = False) -> Lights:
    return Lights(tuple((f"p{number}", tuple(path.split())) for number, path in enumerate(paths)), notes)


@protocol
class Blinking:
    """A light that blinks for ever, and two processes that decide differently."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.step, start=Light("off")) for name in ("light", "one", "two")]

    def step(self, at: At, s: Light, event: Timeout) -> Step[Light, Word]:
        if at.me == "light":
            return replace(s, colour="on" if s.colour == "off" else "off"), ()
        return replace(s, decision=1 if at.me == "one" else 2), ()


@invariant
def never_both_blue(view: Any) -> bool:
    """Two lights are not blue at a time."""
    return bool(sum(state.colour == "blue" for state in view.states.values()) < 2)


@invariant
def red_is_not_last(view: Any) -> bool:
    """The last light that changed did not become red."""
    return bool(view.observers["last"] != "red")


def judged(
    made: object, claim: Property, *, stays: bool, engine: str = "reference", world: World = ASYNCHRONOUS
) -> list[tuple[str, int]]:  # fmt: skip
    """What is found of a property, and how long the schedule is."""
    return violated(
        observing(lambda seen: examine_safety(leaving_out(made, world, seen, stays=stays), [claim], engine=engine))
    )


def whole_is_the_same(made: object, claim: Property, *, stays: bool) -> None:
    plainly = violated(examine_safety(system_of(made, ASYNCHRONOUS), [claim], engine="reference"))
    assert plainly[0][0] == "VIOLATED"
    assert judged(made, claim, stays=stays) == plainly


def test_independent_steps_are_taken_in_one_order() -> None:
    made = lights("a b c", "a b c", "a b c")
    assert len(explore(system_of(made, ASYNCHRONOUS))) == 27
    assert len(explore(leaving_out(made, ASYNCHRONOUS, stays=True, merges=False, drops=False))) == 7


def test_what_a_property_sees_may_pass() -> None:
    """Two lights are blue at a time only in one of the orders."""
    whole_is_the_same(lights("off blue red", "off blue"), never_both_blue, stays=False)


def test_a_decision_that_is_changed_may_pass() -> None:
    whole_is_the_same(lights("off 0 1", "off 1"), agreement, stays=True)


def test_decisions_that_disagree_stay() -> None:
    made = lights("off 0", "off 1", "a b c d", "a b c d")
    whole_is_the_same(made, agreement, stays=True)
    assert len(explore(leaving_out(made, ASYNCHRONOUS, stays=True, merges=False))) == 9


def test_observers_hear_in_every_order() -> None:
    whole_is_the_same(lights("off red", "off blue", notes=True), red_is_not_last, stays=False)


def test_no_event_is_put_off_for_ever() -> None:
    whole_is_the_same(Blinking(), agreement, stays=True)
    system = leaving_out(Blinking(), ASYNCHRONOUS, stays=True, merges=False)
    explore(system, engine="reference")
    assert system.full
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "unignored", lambda graph: graph)
        system = leaving_out(Blinking(), ASYNCHRONOUS, stays=True, merges=False)
        assert examine_safety(system, [agreement], engine="reference").findings[0].verdict is HOLDS


@pytest.mark.parametrize(
    ("name", "instance", "changes", "sizes"),
    [
        ("tla/two_phase", "rm=3", {}, (288, 246, 63)),
        ("tla/two_phase", "rm=5", {}, (8_832, 5_184, 406)),
        ("two_phase_commit", "timeouts", {"participants": 2}, (276, 185, 27)),
        ("two_phase_commit", "timeouts", {"participants": 3}, (4_044, 1_492, 69)),
        ("two_phase_commit", "timeouts", {"participants": 4}, (60_992, 10_817, 163)),
        ("first_quorum", "", {"n": 3, "quorum": 2}, (748, 104, 59)),
        ("first_quorum", "", {"n": 4, "quorum": 3}, (84_886, 740, 430)),
        ("wait_for_all", "", {"n": 3}, (640, 80, 74)),
        ("wait_for_all", "", {"n": 4}, (70_096, 272, 254)),
        ("raft", "two leaders", {}, (3_824, 2_038, 365)),
    ],
)
def test_sizes_of_bundled_specs(name: str, instance: str, changes: dict[str, Any], sizes: tuple[int, int, int]) -> None:
    """Of the whole graph, with stubborn sets alone, and with all reductions."""
    spec = load(name)
    known = spec.instance(instance) if instance else Instance("", spec.protocol(), asynchronous())
    plain = system_of(replace(known.protocol, **changes), known.world, known.inputs)
    assert isinstance(plain, MessagePassing)
    for how, size in zip(({"merges": False, "drops": False}, {}), sizes[1:], strict=True):
        assert len(explore(Stubborn(plain, Observation(), universe_of(plain), stays=True, **how))) == size
    assert len(explore(plain)) == sizes[0]


def test_random_protocols_are_judged_as_without() -> None:
    assert fuzz(range(24))["less"] > 0


KINDS = [
    "less",
    "an event was put off for ever",
    "multiset",
    "set",
    "ignored stays",
    "learner",
    "observer",
    "cut links",
]


@pytest.mark.long
def test_every_kind_of_random_protocol_is_judged_as_without() -> None:
    counts = fuzz(range(500))
    assert {kind: counts[kind] for kind in KINDS if not counts[kind]} == {}


def _no_sends(patch: pytest.MonkeyPatch) -> None:
    final = Conflicts._final
    patch.setattr(Conflicts, "_final", lambda self, *two: (final(self, *two)[0], (), *final(self, *two)[2:]))


def _forgets(patch: pytest.MonkeyPatch, seen: Any = LocalQuotient.seen) -> None:
    patch.setattr(LocalQuotient, "seen", lambda *at: seen(*at)[:-1])


def _alike_in_the_end(patch: pytest.MonkeyPatch) -> None:
    final = Conflicts._final
    patch.setattr(Conflicts, "_final", lambda self, *two: (*final(self, *two)[:3], 0))


def _idle_now(self: LocalQuotient) -> dict[int, int]:
    def idle(place: int) -> int:
        own = self._own_events(place)
        return sum(1 << event for event in universe.bits(self.possible[place] & ~own) if self._is_idle(place, event))

    return {place: idle(place) for place in self.here}


def _self_loops_count(self: Stubborn, configuration: Any, _: Any) -> Any:
    known = [self.expandable(component) for component in configuration.components]
    able = [sum(1 << event for event in {event for event, _ in one.moves}) for one in known]
    return self.sets.chosen([one.place for one in known], [one.here for one in known], able)


def _sees_less(*seen: int) -> Callable[[pytest.MonkeyPatch], Any]:
    """Leave some of what is seen of a place."""
    whole = LocalQuotient.seen
    return lambda p: p.setattr(
        LocalQuotient, "seen", lambda self, place: tuple(whole(self, place)[one] for one in seen)
    )


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], Any], int]] = {
    "what is sent does not matter": (_no_sends, 6),
    "what stays does not matter": (_alike_in_the_end, 0),
    "a message may be sent at any time": (lambda p: p.setattr(Conflicts, "causes", lambda *_: 0), 0),
    "dead is what is idle now": (lambda p: p.setattr(LocalQuotient, "_dead", _idle_now), 1),
    "a self-loop may be the only one": (lambda p: p.setattr(Stubborn, "_chosen", _self_loops_count), 0),
    "what follows does not matter": (lambda p: p.setattr(Conflicts, "reached", lambda _, place, __: (place,)), 15),
    "nothing shows": (lambda p: p.setattr(Conflicts, "shown", lambda *_: 0), 2),
    "no events conflict": (lambda p: p.setattr(Conflicts, "conflicts", lambda *_: 0), 0),
    "a class forgets a field that a property reads": (
        lambda p: p.setattr(LocalQuotient, "seen", lambda *at, seen=LocalQuotient.seen: seen(*at)[:-1]),
        105,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_found(mutant: str) -> None:
    """The comparison of random protocols notices what stubborn sets must not forget."""
    mutate, seed = MUTANTS[mutant]
    with pytest.MonkeyPatch.context() as patch:
        mutate(patch)
        with pytest.raises(AssertionError):
            list(tried(seed))


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (asynchronous(network="fifo"), "in a fifo network later messages wait for them"),
        (asynchronous(crashes=1, crash_events="explicit"), "crashes share a budget"),
        (asynchronous(loss=1), "losses and duplications share a budget"),
        (asynchronous(duplication=1), "losses and duplications share a budget"),
        (asynchronous(omission=1), "what a process does that misbehaves depends on the world"),
        (asynchronous(partition=(("p0",), ("p1",)), heals=True), "until a partition heals messages wait for it"),
        (asynchronous(crashes=1, crash_events="elided", initially_dead=1), ""),
    ],
)
def test_where_nothing_is_left_out(world: World, reason: str) -> None:
    found = why_whole(system_of(lights("off 0", "off 1"), world))
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("paxos", "a guard of Gather"),
        ("zab", "in a fifo network"),
        ("paxos_backoff", "timers wait"),
        ("cas_paxos", "names change on the way"),
    ],
)
def test_what_is_refused_of_bundled_specs(name: str, reason: str) -> None:
    known = load(name).instances[0]
    system = reduce.reduced(system_of(known.protocol, known.world, known.inputs))
    assert reason in why_whole(system)


@protocol
class Touchy:
    """A process that fails if it receives one of two messages last, each from another sender."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.step, start=Light()) for name in ("a", "b", "touchy")]

    def step(self, at: At, s: Light, event: Start | Word) -> Step[Light, Word]:
        if isinstance(event, Start):
            return (
                (s, ()) if s.colour or at.me == "touchy" else (replace(s, colour="on"), send(Word(at.me), to="touchy"))
            )
        if (s.colour, event.said) == ("a", "b"):
            raise ValueError
        return replace(s, colour=event.said), ()


def test_steps_that_fail_in_one_order_are_found() -> None:
    with pytest.raises(StepRaised):
        explore(leaving_out(Touchy(), ASYNCHRONOUS, stays=True), engine="reference")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Conflicts, "conflicts", lambda *_: 0)
        assert explore(leaving_out(Touchy(), ASYNCHRONOUS, stays=True), engine="reference").complete


# Counterexamples.


@protocol
class Detour:
    """A process decides at once or after a detour, which a stubborn set may take first."""

    steps: int = 4

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.step, start=Light()) for name in ("a", "b")]

    def step(self, at: At, s: Light, event: Start | Word) -> Step[Light, Word]:
        if isinstance(event, Start):
            sent = tuple(send(Word(str(number)), to=at.me) for number in range(self.steps))
            return (s, ()) if s.colour else (replace(s, colour="on"), sent)
        if event.said == str(self.steps - 1):
            return replace(s, decision=int(at.me == "a")), ()
        return s, ()


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_counterexamples_are_as_short_as_without(engine: str) -> None:
    made = Detour()
    plainly = violated(examine_safety(system_of(made, ASYNCHRONOUS), [agreement], engine="reference"))
    assert judged(made, agreement, stays=True, engine=engine) == plainly == [("VIOLATED", 4)]


def test_a_counterexample_that_may_be_too_long_says_so() -> None:
    found = load("first_quorum").protocol(n=4, quorum=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flpcheck.analyse.safety.MOST_SEARCHED", 40)
        (finding,) = examine_safety(leaving_out(found, ASYNCHRONOUS, stays=True), [agreement]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.because.endswith(f"(length {len(finding.schedule)}, none shorter than 1)")
    assert not finding.shortest


def test_slicing_drops_what_is_not_needed() -> None:
    graph = explore(leaving_out(lights("off 0", "off 1", "a b c"), ASYNCHRONOUS, stays=True, merges=False))
    plain = graph.system.plain
    schedule = shortest(graph, [len(graph) - 1])
    assert schedule is not None
    assert len(schedule) == 4
    assert len(slicing.sliced(plain, schedule, lambda configuration: len(plain.outputs(configuration)) == 2)) == 2
