"""Temporal properties: what is vacuous, what a search or a world leaves open, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
    Event,
    Process,
    Processes,
    Property,
    Reduction,
    Stable,
    Start,
    Step,
    Symmetric,
    Timeout,
    agreement,
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
    send,
    system_of,
    toss,
    until,
)
from flpcheck.analyse.case import Case
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.mail_reads import ReadsMail, reader_of_mail
from flpcheck.analyse.properties import judge
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadProperty
from flpcheck.explore import Bounds, StateGraph, explore
from flpcheck.reduce import reduced
from flpcheck.reduce.without_dead_letters import without_dead_letters


@record
class Ask:
    """Client -> server: answer me."""


@record
class Answer:
    """Server -> client: an answer."""


@record
class Side:
    """How far a side is."""

    asked: bool = False
    answered: bool = False


@protocol
class Asking:
    """A client asks once, a server answers; a broken one may also do nothing."""

    silent: bool = False

    def processes(self) -> Processes[Ask | Answer]:
        return [Process("client", self.client, start=Side()), Process("server", self.server, start=Side())]

    def client(self, at: At, s: Side, event: Start | Answer) -> Step[Side, Ask | Answer]:
        match event:
            case Start() if not s.asked:
                return replace(s, asked=True), send(Ask(), to="server")
            case Answer():
                return replace(s, answered=True), ()
            case _:
                return s, ()

    def server(self, at: At, s: Side, event: Ask) -> Step[Side, Ask | Answer]:
        return replace(s, answered=True), (() if self.silent else send(Answer(), to="client"))


def asks(view: Any) -> bool:
    """The client has asked."""
    return "client" in view.states and view["client"].asked


def is_answered(view: Any) -> bool:
    """The client has its answer."""
    return "client" in view.states and view["client"].answered


def never(_: Any) -> bool:
    """Nothing of the kind."""
    return False


def graph_of(model: Any, world: Any = None, **how: Any) -> StateGraph:
    found = explore(system_of(model, world or asynchronous()), **how)
    assert isinstance(found, StateGraph)
    return found


def verdict_on(graph: StateGraph, claim: Property) -> Finding:
    return judge(Case(graph), claim)


ANSWERED = leads_to(asks, is_answered)


def test_a_request_is_answered_and_the_trigger_is_where_it_never_will_be() -> None:
    finding = verdict_on(graph_of(Asking()), ANSWERED)
    assert (finding.verdict, finding.because) == (
        HOLDS,
        "'the client has asked' is true in 3 configurations, and 'the client has its answer' at once in 1",
    )
    finding = verdict_on(graph_of(Asking(silent=True)), ANSWERED)
    assert (finding.verdict, finding.trigger) == (VIOLATED, 1)
    assert finding.because.startswith(
        "'the client has asked' is true after event 1, and 'the client has its answer' never is from there on, although"
    )


def test_what_is_never_triggered_holds_vacuously() -> None:
    finding = verdict_on(graph_of(Asking()), leads_to(never, is_answered))
    assert (finding.verdict, finding.because) == (HOLDS, "holds vacuously: 'nothing of the kind' is never true")


def test_where_no_run_is_fair_everything_holds_vacuously() -> None:
    @protocol
    class Restless:
        """A run cannot come to rest, and leaves each configuration for good."""

        def initial(self) -> list[int]:
            return [0]

        def successors(self, c: int) -> list[tuple[Event, int]]:
            return [(Event("goes on"), c + 1)] if c < 2 else [(Event("goes on"), 2)]

    graph = graph_of(Restless())
    assert verdict_on(graph, eventually(never)).verdict is VIOLATED
    assert "vacuously" not in verdict_on(graph, eventually(lambda c: c == 2, name="two")).because
    graph.tables["a fair run"] = False
    assert "no run is fair" in verdict_on(graph, eventually(lambda c: c == 2, name="two")).because


def test_a_cut_search_leaves_open_what_it_does_not_refute() -> None:
    assert verdict_on(graph_of(Asking(), bounds=Bounds(depth=1)), ANSWERED).verdict is INCOMPLETE
    broken = until(lambda view: not asks(view), never, name="broken_off")
    assert verdict_on(graph_of(Asking(), bounds=Bounds(depth=1)), broken).verdict is VIOLATED
    lost = possible_from_everywhere(is_answered)
    assert verdict_on(graph_of(Asking(silent=True), bounds=Bounds(depth=1)), lost).verdict is INCOMPLETE
    assert verdict_on(graph_of(Asking(silent=True)), lost).verdict is VIOLATED


def test_it_is_not_asked_in_a_search_that_keeps_no_transitions() -> None:
    judged = examine_safety(system_of(load("paxos").protocol(), asynchronous()), [agreement, ANSWERED], Bounds(depth=2))
    assert judged.not_asked[ANSWERED] == "it depends on what can still happen"


def test_predicates_that_see_crashes_leave_open_what_needs_one_where_crashes_are_elided() -> None:
    world = asynchronous(1, crash_events="elided", faulty=("server",))
    explicit = asynchronous(1, faulty=("server",))
    some_down = eventually(lambda view: bool(view.crashed), name="some_down")
    assert verdict_on(graph_of(Asking(), world), some_down).verdict is VIOLATED  # without any fault
    stays_up = always_eventually(lambda view: not view.crashed, name="stays_up")
    assert verdict_on(graph_of(Asking(), world), stays_up).verdict is INCOMPLETE
    assert verdict_on(graph_of(Asking(), explicit), stays_up).verdict is VIOLATED
    known = eventually(lambda view: bool(view.crashed) or is_answered(view), name="known")  # met by the crash itself
    assert verdict_on(graph_of(Asking(), world), known).verdict is INCOMPLETE
    assert verdict_on(graph_of(Asking(), explicit), known).verdict is HOLDS
    for where in (world, explicit):
        finding = verdict_on(graph_of(Asking(), where), ANSWERED)
        assert (finding.verdict, "server" in finding.because) == (VIOLATED, where is world)


@record
class Beat:
    """A timer that ticks."""

    ticks: Stable[int] = 0


@protocol
class Clocks:
    """Two processes; each has a timer of its own that turns its state round and round."""

    def processes(self) -> Processes[Ask]:
        return [Process(name, self.tick, start=Beat()) for name in ("a", "b")]

    def tick(self, at: At, s: Beat, event: Timeout) -> Step[Beat, Ask]:
        return Beat((s.ticks + 1) % 3), ()


def at_zero(view: Any, pid: str) -> bool:
    """Its hand is at zero."""
    return bool(view[pid].ticks == 0)


def test_each_process_is_owed_what_is_claimed_for_it_unless_it_crashes() -> None:
    again = for_each(always_eventually(at_zero))
    for world in (asynchronous(), asynchronous(1), asynchronous(1, crash_events="elided")):
        assert verdict_on(graph_of(Clocks(), world), again).verdict is HOLDS
        stays = verdict_on(graph_of(Clocks(), world), for_each(eventually_always(at_zero)))
        assert stays.verdict is VIOLATED
        assert stays.because.startswith("for a, 'its hand is at zero' never stays true")
    both = always_eventually(lambda view: view["a"].ticks == view["b"].ticks == 0, name="together")
    assert verdict_on(graph_of(Clocks()), both).verdict is VIOLATED


def test_a_process_that_stays_down_is_owed_nothing_and_one_that_recovers_is() -> None:
    counting = for_each(always_eventually(at_zero))
    assert verdict_on(graph_of(Clocks(), asynchronous(1, recoveries=1)), counting).verdict is HOLDS
    leaves = for_each(eventually(lambda view, pid: view[pid].ticks == 2, name="gets_far"))
    assert verdict_on(graph_of(Clocks(), asynchronous(1, recoveries=1)), leaves).verdict is HOLDS


def test_a_process_that_comes_back_before_its_goal_has_broken_off_what_was_to_be_true_until_then() -> None:
    far = until(lambda _view, _pid: True, lambda view, pid: view[pid].ticks == 2, name="far")
    assert verdict_on(graph_of(Clocks(), asynchronous(1)), for_each(far)).verdict is HOLDS
    finding = verdict_on(graph_of(Clocks(), asynchronous(1, recoveries=1)), for_each(far))
    assert finding.verdict is VIOLATED
    assert "counts as false while it is down" in finding.because
    assert finding.schedule is not None
    assert [step.event.kind for step in finding.schedule.transitions] == ["crash", "recover"]
    at_once = until(at_zero, lambda view, pid: view[pid].ticks == 1, name="at_once")
    assert verdict_on(graph_of(Clocks(), asynchronous(1)), for_each(at_once)).verdict is HOLDS


def test_reductions_that_drop_letters_are_not_used() -> None:
    assert reader_of_mail([ANSWERED], steps=False) == "asks_leads_to_is_answered follows whole runs"

    def hidden(view: Any) -> bool:
        return bool(getattr(view, "ma" + "il")["a0"])

    plain = system_of(load("tla/paxos").protocol(), asynchronous(network="set"))
    with pytest.raises(ReadsMail):
        verdict_on(graph_of_system(without_dead_letters(plain)), eventually(hidden))


def graph_of_system(system: Any) -> StateGraph:
    found = explore(system)
    assert isinstance(found, StateGraph)
    return found


def test_symmetry_is_not_used() -> None:
    spec = load("tla/voting")
    system = reduced(system_of(spec.protocol(), asynchronous()), (Symmetric,))
    finding = verdict_on(graph_of_system(system), eventually(lambda _: True, name="always"))
    assert (finding.verdict, "--no-reduction" in finding.because) == (INCOMPLETE, True)


@record
class Turn:
    """A ballot that rises for ever, and how it has risen last."""

    ballot: Ballot = -1
    lit: bool = False


@protocol
class Rising:
    """A message goes back and forth between two processes; the first raises its ballot in one of two ways."""

    def processes(self) -> Processes[Ask]:
        return [Process("a", self.rise, start=Turn()), Process("b", self.answer, start=0)]

    def answer(self, at: At, s: int, event: Ask) -> Step[int, Ask]:
        return s, send(Ask(), to="a")

    def rise(self, at: At, s: Turn, event: Start | Ask) -> Step[Turn, Ask]:
        if isinstance(event, Start):
            return (Turn(0), send(Ask(), to="b")) if s.ballot == -1 else (s, ())
        return choose(*((Turn(s.ballot + 1, lit), send(Ask(), to="b")) for lit in (False, True)))

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, lambda s: s.ballot if isinstance(s, Turn) else None)]


@pytest.mark.parametrize("wanted", [False, True])
def test_modulo_ballots_a_loop_passes_where_what_was_to_stay_is_false(wanted: bool) -> None:
    stays = eventually_always(lambda view: view["a"].lit is wanted, name="stays")
    finding = verdict_on(explore(reduced(system_of(Rising(), asynchronous()))), stays)
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop is not None
    loop = finding.schedule.configurations[finding.schedule.loop :]
    assert any(here.components[0].local.lit is not wanted for here in loop)


def test_coins_hold_what_they_do_with_probability_one() -> None:
    graph = graph_of(Coin())
    for claim in (eventually(heads), always_eventually(heads), eventually_always(heads), leads_to(tails, heads)):
        found = verdict_on(graph, claim)
        assert (found.verdict, found.because[:20]) == (HOLDS, "with probability one")
    assert verdict_on(graph, possible_from_everywhere(heads)).verdict is HOLDS
    assert verdict_on(graph, until(tails, heads)).verdict is HOLDS
    assert verdict_on(graph, eventually_always(tails)).verdict is VIOLATED
    choosing = graph_of(Coin(chosen=True))
    for claim in (eventually(heads), always_eventually(heads), eventually_always(heads), leads_to(tails, heads)):
        assert verdict_on(choosing, claim).verdict is VIOLATED


@protocol
class Coin:
    """A process tosses a coin until it shows heads, or until its schedule lets it show heads."""

    chosen: bool = False

    def processes(self) -> Processes[Ask]:
        return [Process("p", self.tosses, start=Side())]

    def tosses(self, at: At, s: Side, event: Timeout) -> Step[Side, Ask]:
        turned = replace(s, asked=not s.asked)
        outcomes = (turned, ()), (replace(s, answered=True), ())
        if s.answered:
            return s, ()
        return choose(*outcomes) if self.chosen else toss(*((0.5, outcome) for outcome in outcomes))


def tails(view: Any) -> bool:
    return not heads(view)


def heads(view: Any) -> bool:
    return bool(view["p"].answered)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: verdict_on(graph_of(Asking()), eventually(lambda _: True)), "a function without a name"),
        (lambda: for_each(eventually(lambda *_: True)), "a function without a name"),
        (lambda: for_each(agreement), "needs one temporal property"),  # type: ignore[arg-type]
        (lambda: for_each(for_each(ANSWERED)), "needs one temporal property"),
        (lambda: verdict_on(graph_of(Asking()), for_each(ANSWERED, among=("servant",))), "'servant'"),
        (lambda: verdict_on(graph_of(Asking()), eventually(lambda _: 1, name="one")), "returned 1"),  # type: ignore[arg-type, return-value]
        (lambda: verdict_on(graph_of(Asking()), eventually(asks_twice())), "nondeterministic"),
    ],
)
def test_what_is_refused(make: Any, said: str) -> None:
    with pytest.raises(BadProperty, match=said):
        make()


def asks_twice() -> Any:
    memory: list[int] = []

    def changing(_: Any) -> bool:
        memory.append(1)
        return len(memory) % 2 == 0

    return changing


def test_names_and_sentences() -> None:
    assert ANSWERED.name == "asks_leads_to_is_answered"
    assert until(asks, is_answered).name == "asks_until_is_answered"
    assert for_each(leads_to(lambda *_: True, lambda *_: True), name="named").name == "named"
    assert eventually(asks).statement == "in every fair run, 'the client has asked' becomes true"
    assert possible_from_everywhere(asks).statement == (
        "'the client has asked' can become true from wherever a run has come"
    )
    each = for_each(eventually(asks), among=("a", "b"), name="both")
    assert (each.name, each.statement) == (
        "both",
        "for a or b that is correct in a fair run, 'the client has asked' becomes true",
    )
