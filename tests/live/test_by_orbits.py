"""Runs modulo symmetry: verdicts on random symmetric protocols are those without it, and runs are fair plain ones."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from analyse.test_theory import assert_fair

from flpcheck import (
    DEFER,
    HOLDS,
    INCOMPLETE,
    UNLIMITED,
    VIOLATED,
    At,
    Bounds,
    Fairness,
    Process,
    Reduction,
    Start,
    Step,
    Symmetric,
    Timeout,
    World,
    always_eventually,
    asynchronous,
    choose,
    eventually,
    eventually_always,
    for_each,
    leads_to,
    load,
    possible_from_everywhere,
    protocol,
    record,
    replace,
    reply,
    system_of,
    termination,
    to_others,
    until,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.finding import Finding
from flpcheck.errors import ReductionRefused
from flpcheck.explore import StateGraph, explore
from flpcheck.reduce import Orbits, reduced

ENGINES = ("reference", "kernel")
PLACES = 3


@record
class Word:
    """A message."""

    kind: int


@record
class Seat:
    """Where a process is in the table, and what it has decided."""

    place: int = 0
    decision: int | None = None


@protocol
class Alike:
    """Processes that follow one table: (place, event) to outcomes, each a place, a decision, and what is sent."""

    n: int = 2
    table: Any = None
    stable: tuple[str, ...] = ("decision",)

    def processes(self) -> list[Process[Seat, Word]]:
        return [Process(f"p{i}", self.step, start=Seat(), stable=self.stable) for i in range(self.n)]

    def step(self, at: At, s: Seat, event: Start | Timeout | Word) -> Step[Seat, Word]:
        name = f"word {event.kind}" if isinstance(event, Word) else type(event).__name__
        cell = self.table.get((s.place, name))
        if cell is None:
            return s, ()
        if cell == "defer":
            return DEFER
        answers = [self.answer(s, event, *outcome) for outcome in cell]
        return answers[0] if len(answers) == 1 else choose(*answers)

    def answer(self, s: Seat, event: Any, place: int, decide: bool | None, sends: tuple[str, int] | None) -> Any:
        undoes = decide is None  # no decision is left
        after = replace(s, place=place, decision=1 if decide else None if undoes else s.decision)
        if sends is None:
            return after, ()
        how, kind = sends
        answers = how == "reply" and isinstance(event, Word)
        return after, reply(Word(kind)) if answers else to_others(Word(kind))

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(f"p{i}" for i in range(self.n)))]


def random_table(at: Random) -> dict[tuple[int, str], Any]:
    cells: dict[tuple[int, str], Any] = {}
    for place in range(PLACES):
        for name in ("Start", "Timeout", "word 0", "word 1"):
            if (place, name) != (0, "Start") and at.random() < 0.4:
                continue
            if name.startswith("word") and at.random() < 0.25:
                cells[place, name] = "defer"
                continue
            cells[place, name] = tuple(random_outcome(at, place, name) for _ in range(at.choice([1, 1, 1, 2])))
    return cells


def random_outcome(at: Random, place: int, name: str) -> Any:
    """What sends goes on, or answers; anything else may go back."""
    if at.random() < 0.5:
        return at.randrange(PLACES), at.random() < 0.15, None
    sends = (at.choice(["others", "reply"]), at.randrange(2))
    further = name.startswith("word") and sends[0] == "reply"
    return at.randrange(0 if further else place, PLACES), at.random() < 0.15, sends


def random_alike(seed: int) -> tuple[Alike, World]:
    at = Random(seed)
    kind = at.choice(["multiset", "set", "set", "fifo"])
    elided = at.random() < 0.25
    crashes = at.choice([0, 0, 1])
    world = asynchronous(
        crashes,
        recoveries=at.choice([0, 0, 1, UNLIMITED]) if crashes and not elided else 0,
        network=kind,
        loss=at.choice([0, 0, 0, 1, UNLIMITED]),
        crash_events="elided" if elided else "explicit",
        ignored=at.choice(["consumed", "stays"]),
        fairness=Fairness(letters=at.choice(["weak", "received", "received", "strong"])),
    )
    stable = at.choice([(), ("decision",), ("decision", "place")])
    return Alike(at.choice([2, 2, 3]), random_table(at), stable), world


def decided(view: Any, pid: str) -> bool:
    """It has decided."""
    return pid in view.outputs


def at_first(view: Any, pid: str) -> bool:
    """It is at its first place."""
    return bool(view[pid].place == 0)


def at_last(view: Any, pid: str) -> bool:
    """It is at its last place."""
    return bool(view[pid].place == PLACES - 1)


def some_first(view: Any) -> bool:
    """Some process is at its first place."""
    return any(state.place == 0 for state in view.states.values())


def some_last(view: Any) -> bool:
    """Some process is at its last place."""
    return any(state.place == PLACES - 1 for state in view.states.values())


def same(view: Any) -> bool:
    """All processes are at the same place."""
    return len({state.place for state in view.states.values()}) <= 1


CLAIMS = [
    termination,
    for_each(eventually(decided, name="each_decides")),
    for_each(always_eventually(at_first, name="each_again")),
    for_each(eventually_always(at_first, name="each_stays")),
    for_each(eventually(at_last, name="each_once")),
    eventually(some_last, name="once"),
    always_eventually(same, name="again"),
    eventually_always(some_first, name="stays"),
    leads_to(some_first, some_last, name="follows"),
    until(some_first, some_last, name="until"),
    possible_from_everywhere(some_first, name="possible"),
]


def findings(graph: StateGraph, claims: list[Any]) -> list[Finding]:
    return list(analyse(graph, claims).findings)


def compared(seeds: range, engine: str) -> Counter[Any]:
    seen: Counter[Any] = Counter()
    for seed in seeds:
        model, world = random_alike(seed)
        system = reduced(system_of(model, world))
        assert isinstance(system, Orbits)
        plain = explore(system_of(model, world), Bounds(configurations=500), engine=engine)
        graph = explore(system, Bounds(configurations=500), engine=engine)
        if not plain.complete or not graph.complete:
            continue
        claims = CLAIMS if graph.deciders else CLAIMS[1:]
        for claim, one, other in zip(claims, findings(plain, claims), findings(graph, claims), strict=True):
            refused = other.verdict is INCOMPLETE and "--no-reduction" in other.because
            seen[claim.name, "refused" if refused else one.verdict] += 1
            assert refused or one.verdict is other.verdict, (seed, claim.name, one, other)
            if other.verdict is VIOLATED and claim is not termination and not refused:
                assert len(one.faulty) == len(other.faulty), (seed, claim.name, one, other)
            if other.verdict is VIOLATED and other.schedule is not None and other.schedule.loop is not None:
                seen["loops"] += 1
                if world.fairness.letters == "weak":  # then letters may be deferred again and again
                    continue
                faulty = [plain.system.names.index(pid) for pid in other.faulty]
                assert_fair(plain, other.schedule, tuple(faulty))
    return seen


def checked(seen: Counter[Any], least: int, loops: int) -> None:
    names = {claim.name for claim in CLAIMS}
    assert min(seen[name, verdict] for name in names for verdict in (HOLDS, VIOLATED)) >= least, seen
    refused = {"each_decides", "each_once", "termination", "possible"}
    assert {key[0] for key in seen if key[1] == "refused"} <= refused, seen
    assert seen["loops"] > loops, seen


@pytest.mark.parametrize("engine", ENGINES)
def test_verdicts_are_those_without_symmetry(engine: str) -> None:
    checked(compared(range(20), engine), 0, 20)


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_verdicts_are_those_without_symmetry_many_times(engine: str) -> None:
    checked(compared(range(1000, 1150), engine), 5, 50)


ELECTIONS = load("raft_elections")
RAFT: Any = ELECTIONS.protocol
RaftMessage: Any = ELECTIONS.module.Message


@protocol
class Servers(RAFT):  # type: ignore[misc]
    """Servers that are alike; they decide that there is a leader, and not which."""

    alike: bool = True

    def processes(self) -> list[Process[Any, Any]]:
        return [replace(process, step=self.nameless) for process in super().processes()]

    def nameless(self, at: At, s: Any, event: Timeout | RaftMessage) -> Any:
        after, effects = self.server(at, s, event)
        return replace(after, decision=None if after.decision is None else "a leader"), effects

    def reductions(self) -> list[Reduction]:
        return [*super().reductions(), *([Symmetric(tuple(self.all_servers))] if self.alike else [])]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("crashes", [0, 1])
def test_elections_modulo_ballots_and_names(crashes: int, engine: str) -> None:
    world = asynchronous(crashes, crash_events="elided")
    plain, folded = (explore(reduced(system_of(Servers(alike=alike), world)), engine=engine) for alike in (False, True))
    assert (len(plain), len(folded)) == (32, 18)
    each = for_each(eventually(decided, name="each_decides"))
    (one, claimed), (other, found) = (findings(graph, [termination, each]) for graph in (plain, folded))
    assert one.verdict is other.verdict is claimed.verdict is found.verdict is VIOLATED
    assert not found.faulty
    assert other.schedule is not None
    assert other.schedule.loop is not None
    assert set(other.stuck) == {"s0", "s1"}


def explored(model: Alike, world: World) -> StateGraph:
    return explore(reduced(system_of(model, world)), engine="reference")


TURNING = Alike(2, {(0, "Timeout"): ((1, False, None),), (1, "Timeout"): ((0, False, None),)})


@pytest.mark.parametrize(
    ("claim", "because"),
    [
        (for_each(always_eventually(at_first, name="one"), among=("p0",)), "claimed for some of the processes"),
        (for_each(eventually(at_last, name="once")), ""),
        (for_each(eventually(at_first, name="returns")), "does not stay true"),
        (for_each(leads_to(at_first, at_last, name="follows")), "leads_to is claimed for each process"),
        (for_each(until(at_first, at_last, name="until")), "until is claimed for each process"),
        (for_each(possible_from_everywhere(at_first, name="possible")), "each of them is followed"),
    ],
)
def test_what_is_not_followed_modulo_symmetry_is_refused_by_name(claim: Any, because: str) -> None:
    (finding,) = findings(explored(TURNING, asynchronous()), [claim])
    assert finding.verdict is (INCOMPLETE if because else VIOLATED)
    assert because in finding.because


def test_a_predicate_that_names_a_process_is_refused() -> None:
    graph = explored(TURNING, asynchronous())
    with pytest.raises(ReductionRefused, match="changes when names are permuted"):
        findings(graph, [always_eventually(lambda view: view["p0"].place == 0, name="named")])
    first = for_each(always_eventually(lambda view, pid: pid == "p0" or view[pid].place == 0, name="first"))
    with pytest.raises(ReductionRefused, match="changes when names are permuted"):
        findings(graph, [first])


def test_a_loop_that_exchanges_two_processes_is_gone_round_until_they_are_back() -> None:
    """Only one of them turns at a time, so that modulo names the loop has one step, and in the plain system more."""
    (finding,) = findings(explored(TURNING, asynchronous()), [for_each(eventually_always(at_first, name="stays"))])
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop is not None
    movers = {step.mover for step in finding.schedule.transitions[finding.schedule.loop :]}
    assert movers == {0, 1}


DECIDING = {(0, "Timeout"): ((1, True, None),)}
WALKING = {(0, "Timeout"): ((2, False, None),), (2, "Timeout"): ((1, False, None),)}
RETURNING = asynchronous(1, recoveries=1)
SILENT = asynchronous(1, crash_events="elided")


def none_down(view: Any) -> bool:
    """No process has crashed."""
    return not view.crashed


@pytest.mark.parametrize(
    ("table", "stable", "world", "claim", "verdict"),
    [
        (DECIDING, ("decision",), asynchronous(1), termination, HOLDS),
        (DECIDING, ("decision", "place"), RETURNING, termination, HOLDS),
        (DECIDING | {(1, "Timeout"): ((2, None, None),)}, (), asynchronous(), termination, INCOMPLETE),
        (WALKING, (), asynchronous(), eventually(some_last, name="once"), HOLDS),
        (WALKING, (), asynchronous(), always_eventually(some_last, name="again"), VIOLATED),
        (WALKING, (), SILENT, always_eventually(none_down, name="up"), INCOMPLETE),
        (WALKING, (), SILENT, for_each(always_eventually(lambda view, _: none_down(view), name="up")), INCOMPLETE),
    ],
)
def test_what_a_run_passes_on_its_way_counts(table: Any, stable: Any, world: World, claim: Any, verdict: Any) -> None:
    (finding,) = findings(explored(Alike(2, table, stable), world), [claim])
    assert finding.verdict is verdict, finding.because
