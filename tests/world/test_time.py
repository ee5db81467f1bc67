"""When timers fire: small protocols with their counts, by every rule for timers, and random ones in dense real time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from fuzz_time import tried
from timed import (
    FirstTimer,
    Greeting,
    Heartbeat,
    Lease,
    Overtake,
    PingPong,
    Plain,
    Request,
    Say,
    SplitVote,
    TwoTimeouts,
    Views,
    b_first,
    dead_only_if_crashed,
    never_dead,
    never_late,
    never_suspects,
    one_holds,
    one_in_flight,
)

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    UNLIMITED,
    VIOLATED,
    At,
    Bounds,
    Process,
    Property,
    Start,
    Timeout,
    World,
    agreement,
    asynchronous,
    choose,
    eventually_synchronous,
    protocol,
    restart_timer,
    synchronous,
    system_of,
    termination,
)
from flpcheck.analyse import Finding, analyse
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadWorld
from flpcheck.explore import explore
from flpcheck.system.patience import Patience
from flpcheck.world import Rounds


def judged(protocol: Any, world: World, claim: Property, engine: str = "auto") -> tuple[str, Finding]:
    """Return configurations/transitions, and what was found out about one property."""
    graph = explore(system_of(protocol, world), engine=engine)
    return f"{len(graph)}/{len(graph.targets)}", analyse(graph, [claim]).findings[0]


def row(protocol: Any, world: World, claim: Property, engine: str = "auto") -> str:
    """Return a cell of the table: configurations/transitions, the verdict, the length of the schedule."""
    size, finding = judged(protocol, world, claim, engine)
    events = "" if finding.schedule is None or finding.verdict is not VIOLATED else f"{len(finding.schedule)}"
    return f"{size} {finding.verdict.value[0]}{events}"


ANY, CRASH = asynchronous(), {"crashes": 1}
ROWS = [
    ("T1", FirstTimer(), agreement, {}, "9/10 V2", "9/10 V2"),
    ("T2", SplitVote(), termination, {}, "12/16 V4", "10/12 V4"),
    ("T3", Request(), never_dead, {}, "7/7 V2", "4/3 H"),
    ("T3 crash", Request(), never_dead, CRASH, "18/28 V2", "12/15 V3"),
    ("T3 crash", Request(), dead_only_if_crashed, CRASH, "18/28 V2", "12/15 H"),
    ("T4", Overtake(), b_first, {}, "20/29 V4", "20/29 V4"),
    ("T5", TwoTimeouts(), one_in_flight, {}, "6/6 V2", "5/4 H"),
    ("T6", PingPong(), never_late, {}, "9/15 V2", "6/9 I"),
    ("T7", Greeting(), never_late, {"network": "set"}, "4/4 V1", "3/2 V2"),
    ("T8", Heartbeat(), never_suspects, {}, "15/19 V1", "13/14 V1"),
    ("T9", Lease(), one_holds, {}, "10/13 V4", "8/9 V4"),
]


@pytest.mark.parametrize(("name", "protocol", "claim", "how", "anyhow", "after"), ROWS)
def test_timers_that_wait_for_messages_and_timers_that_do_not(
    name: str, protocol: Any, claim: Property, how: dict[str, Any], anyhow: str, after: str
) -> None:
    assert row(protocol, asynchronous(**how), claim) == anyhow, name
    assert row(protocol, synchronous(mid_broadcast=False, timers="any-time", **how), claim) == anyhow
    assert row(protocol, synchronous(mid_broadcast=False, **how), claim) == after
    assert row(protocol, asynchronous(timers="after-messages", **how), claim) == after
    kernel = explore(system_of(protocol, asynchronous(**how)), engine="kernel")
    assert (kernel.engine, f"{len(kernel)}/{len(kernel.targets)}") == ("kernel", anyhow.split(maxsplit=1)[0])


def test_a_crash_in_mid_broadcast_takes_its_timer_with_it() -> None:
    assert row(Request(), synchronous(1), dead_only_if_crashed) == "12/17 H"


def test_three_replicas_change_views() -> None:
    sizes = [len(explore(system_of(Views(), world))) for world in (asynchronous(), synchronous())]
    edges = [len(explore(system_of(Views(), world)).targets) for world in (asynchronous(), synchronous())]
    assert (sizes, edges) == ([4517, 288], [22188, 831])


DELAYS = [
    ("T3", Request(), never_dead, ["6/5 V3", "4/3 H", "4/3 H"]),
    ("T5", TwoTimeouts(), one_in_flight, ["5/4 H"]),
    ("T6", PingPong(), never_late, ["10/15 V3", "12/17 V4"]),
    ("T1", FirstTimer(), agreement, ["9/10 V2"]),
    ("T4", Overtake(), b_first, ["20/29 V4", "20/29 V4", "20/29 V4"]),
]


@pytest.mark.parametrize(("name", "protocol", "claim", "cells"), DELAYS)
def test_timers_longer_than_some_delays(name: str, protocol: Any, claim: Property, cells: list[str]) -> None:
    worlds = [synchronous(mid_broadcast=False, timers=f"after-delays:{k}") for k in (1, 2, 3)]
    assert [row(protocol, world, claim) for world in worlds[: len(cells)]] == cells, name


def test_some_timers_are_longer_than_others() -> None:
    assert row(Heartbeat(patience=1), synchronous(), never_suspects) == "5/4 H"
    assert row(Lease(patience=1), synchronous(), one_holds) == "6/5 H"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: synchronous(timers="after-mail"), "no rule 'after-mail' for timers"),
        (lambda: synchronous(timers="after-delays:0"), "after-delays:K with K from 1"),
        (lambda: synchronous(timers="after-delays:1", network="set"), "cannot be combined with a set network"),
        (lambda: eventually_synchronous(timers="any-time"), "use --timing asynchronous"),
        (lambda: asynchronous(1, crash_events="elided", timers="after-messages"), "cannot be elided"),
        (lambda: World(timing="heard_of", rounds=Rounds(), timers="after-messages"), "run in rounds have no timers"),
        (lambda: asynchronous(detector="P", stabilises=False), "nothing to stabilise"),
        (lambda: asynchronous(detector="omega", mistakes=1, stabilises=False), "it never does"),
    ],
)
def test_impossible_timers_say_what_is_wrong(make: Callable[[], World], text: str) -> None:
    with pytest.raises(BadWorld) as caught:
        make()
    assert text in str(caught.value)


def test_the_usual_rule_need_not_be_named() -> None:
    assert synchronous(timers="after-messages") == synchronous()
    assert asynchronous(timers="any-time") == asynchronous()
    assert synchronous().as_json()["timers"] == "after-messages"


GST = [
    ("T1", FirstTimer(), agreement, ["10/11 V3", "14/19 V3", "18/29 V2", "18/29 V2"]),
    ("T2", SplitVote(), termination, ["11/13 V5", "17/25 V5", "27/43 V5", "28/48 V5"]),
    ("T3", Request(), never_dead, ["13/16 V3", "16/23 V2"]),
]


@pytest.mark.parametrize(("name", "protocol", "claim", "cells"), GST)
def test_timers_armed_before_the_world_stabilises_may_fire_right_after_it(
    name: str, protocol: Any, claim: Property, cells: list[str]
) -> None:
    worlds = [eventually_synchronous(mistakes=early) for early in (0, 1, 2, UNLIMITED)]
    assert [row(protocol, world, claim) for world in worlds[: len(cells)]] == cells, name
    assert worlds[3] == eventually_synchronous()


def test_a_bound_on_early_timeouts_is_part_of_what_is_found() -> None:
    assert eventually_synchronous(mistakes=1).oracle.within == "within 1 early timeout"
    assert eventually_synchronous().oracle.within == ""
    never = eventually_synchronous(stabilises=False)
    assert row(FirstTimer(), never, agreement) == row(FirstTimer(), ANY, agreement)


RESTING = [
    ({"byzantine": 1}, "20/21 H"),
    ({"omission": ("a",)}, "12/19 H"),
]


@pytest.mark.parametrize(("faults", "cell"), RESTING)
def test_a_run_does_not_stay_where_the_world_has_not_stabilised(faults: dict[str, Any], cell: str) -> None:
    assert row(FirstTimer(), eventually_synchronous(mistakes=0, **faults), termination) == cell


def test_a_busy_period_that_never_ends_proves_nothing() -> None:
    size, found = judged(PingPong(), synchronous(), never_late)
    assert (size, found.verdict) == ("6/9", INCOMPLETE)
    told = (
        "never ends (b receives Say('ball') from a; a receives Say('ball') from b), so the timer of c would never fire"
    )
    assert told in found.because
    safety = examine_safety(system_of(PingPong(), synchronous()), [never_late], Bounds())
    assert (safety.findings[0].verdict, safety.findings[0].because) == (INCOMPLETE, found.because)
    assert judged(PingPong(), synchronous(), termination)[1].verdict is INCOMPLETE  # c's timer would decide


def test_busy_periods_that_end_prove_everything() -> None:
    assert judged(Request(), synchronous(), never_dead)[1].verdict is HOLDS
    found = examine_safety(system_of(Request(), synchronous()), [never_dead], Bounds()).findings[0]
    assert found.verdict is HOLDS


def test_a_configuration_says_which_timers_are_due() -> None:
    system = system_of(FirstTimer(), synchronous())
    first = system.initial()[0].configuration
    assert system.describe(first)["world"] == {"timers due": "a b"}
    after = next(t.successor for t in system.transitions(first) if t.event.process == "a")
    assert system.describe(after)["world"] == {"timers due": "b"}
    assert "world" not in system_of(FirstTimer(), asynchronous()).describe(first)


@protocol
class PatientFirst(TwoTimeouts):
    """T5, where q has a timer, too, which is longer than that of p."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("q", self.wait, start=Plain(), patience=1), Process("p", self.p, start=Plain())]

    def wait(self, at: At, s: Plain, event: Timeout | Say) -> Any:
        return (Plain(1) if isinstance(event, Timeout) else s), ()


def due_after(system: Any, *kinds: str) -> str:
    """Return whose timers may fire after the first transitions of these kinds."""
    now = system.initial()[0].configuration
    for kind in kinds:
        now = next(t.successor for t in system.transitions(now) if t.event.kind == kind)
    return str(system.describe(now)["world"]["timers due"])


@pytest.mark.parametrize(
    ("protocol", "world", "kinds", "due"),
    [
        (FirstTimer(), synchronous(duplication=1), ["timeout", "duplicate"], "b"),  # of b's mail, which arms no timer
        (Request(), synchronous(), ["start", "deliver"], ""),
        (Request(), synchronous(network="set"), ["start"], ""),  # q's answer changes p's mailbox alone
        (Request(), synchronous(network="set"), ["start", "deliver", "deliver"], ""),
        (PatientFirst(), synchronous(), [], "p"),
        (PatientFirst(), synchronous(), ["timeout", "deliver"], "q p"),  # q's was armed in an earlier busy period
        (Request(), eventually_synchronous(timers="after-delays:1"), ["start", "stabilise"], "p"),  # armed long ago
    ],
)
def test_which_timers_are_due(protocol: Any, world: World, kinds: list[str], due: str) -> None:
    assert due_after(system_of(protocol, world), *kinds) == due


@protocol
class MayRestart(TwoTimeouts):
    """T5, where p may restart its timer on a start, or not."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("p", self.start, start=Plain())]

    def start(self, at: At, s: Plain, event: Start | Timeout) -> Any:
        return choose((Plain(1), ()), (Plain(1), restart_timer())) if isinstance(event, Start) else (Plain(2), ())


def test_to_restart_a_timer_or_not_are_two_outcomes() -> None:
    system: Any = system_of(MayRestart(), synchronous())
    moves = system.parts.moves(system.initial()[0].configuration.components[0])
    assert [move.restarts for move in moves if move.event.kind == "start"] == [False, True]


def test_a_timer_that_goes_on_grows_older() -> None:
    aged = Patience([0, 1]).aged((1, 1), kept=0b10, armed=0b11, from_quiet=True, to_quiet=True)
    assert aged == (1, 2)


def test_a_timer_stays_due_when_mail_is_dropped_and_others_are_still_busy() -> None:
    system: Any = system_of(FirstTimer(), synchronous())
    busy = next(t.successor for t in system.transitions(system.initial()[0].configuration))
    assert busy.world.due
    assert system.laws.clock.settled(busy) is busy
    quiet = busy._replace(components=tuple(system.parts.component(c.owner, c.local) for c in busy.components))
    assert not system.laws.clock.settled(quiet).world.due


@pytest.mark.long
def test_random_protocols_reach_what_they_reach_in_dense_time() -> None:
    seen = Counter(tried(seed) for seed in range(60))  # tests/fuzz_time.py tries more
    kinds = ("plain", "crash", "GST", "liar and loss", "patience", "delays")
    assert {kind: seen[kind] for kind in kinds if seen[kind] < 4} == {}
