"""What a crash in the middle of a step leaves: first the disk, or first the network."""

from __future__ import annotations

from typing import Any

import pytest
from oracle.analysis import enumerated
from oracle.same_graph import assert_same
from votes import BACKWARDS, ONCE, TOGETHER, Voter, Votes, one_leader_in_term_1

from flpcheck import (
    DEFER,
    HOLDS,
    VIOLATED,
    At,
    Process,
    Recovered,
    Stable,
    Start,
    Step,
    View,
    World,
    asynchronous,
    invariant,
    protocol,
    record,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import BadWorld, SpecError
from flpcheck.explore import explore
from flpcheck.system.message_passing import MessagePassing

PROTOCOLS = {
    "A": Votes(ONCE),
    "B": Votes(TOGETHER),
    "C": Votes(BACKWARDS),
    "A with R": Votes(ONCE, announces=True),
}
COUNTS: dict[str, list[tuple[int, int, int | None]]] = {  # configurations, transitions, length of the counterexample
    "between": [(61, 121, None), (165, 386, None), (228, 563, None), (160, 430, None)],
    "write-first": [(75, 159, None), (207, 522, None), (293, 785, None), (204, 628, None)],
    "torn:term,vote": [(86, 183, None), (233, 586, None), (343, 921, None), (239, 741, None)],
    "torn:vote,term": [(89, 193, None), (227, 576, None), (345, 941, 9), (248, 786, None)],
    "torn": [(100, 219, None), (253, 645, None), (395, 1086, 9), (283, 907, None)],
    "send-first": [(109, 213, 7), (295, 674, 7), (420, 1036, 8), (328, 958, 7)],
}
ROWS = [(points, name, *row) for points, rows in COUNTS.items() for name, row in zip(PROTOCOLS, rows, strict=True)]


def voting(points: str) -> World:
    return asynchronous(crashes=1, recoveries=1, faulty=("v",), crash_points=points)


@pytest.mark.sampled(12)
@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(("points", "name", "configurations", "transitions", "length"), ROWS)
def test_a_vote_is_safe_if_it_is_written_before_it_is_sent(
    points: str, name: str, configurations: int, transitions: int, length: int | None, engine: str
) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    graph = explore(system_of(PROTOCOLS[name], voting(points)), engine=engine)
    assert graph.engine == engine
    assert (len(graph), len(graph.targets)) == (configurations, transitions)
    (finding,) = analyse(graph, (one_leader_in_term_1,)).findings
    assert finding.verdict == (HOLDS if length is None else VIOLATED)
    assert (None if finding.schedule is None else len(finding.schedule)) == length


@pytest.mark.sampled(8)
@pytest.mark.parametrize("points", COUNTS)
@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_naive_enumerator_finds_the_same(points: str, name: str) -> None:
    assert_same(PROTOCOLS[name], voting(points), enumerated(PROTOCOLS[name], voting(points)))


@protocol
class Greetings:
    """v greets a and b when it comes back, and stays silent otherwise."""

    def processes(self) -> list[Process[Any, Any]]:
        return [
            Process("v", greet, start=Silent(), stable=("input",)),
            Process("a", hear, start=Greeted()),
            Process("b", hear, start=Greeted()),
        ]


@record
class Silent:
    """v, which has nothing to remember."""

    input: None = None


@record
class Greeted:
    heard: bool = False


@record
class Back:
    """v is back."""


def greet(at: At, state: Silent, event: Recovered) -> Step[Silent, Back]:
    return state, send(Back(), to=("a", "b"))


def hear(at: At, state: Greeted, event: Back) -> Step[Greeted, Back]:
    return Greeted(heard=True), ()


@invariant
def both_are_greeted_or_will_be(view: View[Any]) -> bool:
    """Who has not heard a greeting that the other has heard has it in its mailbox."""
    greeted = [name for name in ("a", "b") if view.states[name].heard or view.mail[name]]
    return len(greeted) != 1


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(("points", "length"), [("between", None), ("write-first", 2), ("torn", 2), ("send-first", 2)])
def test_a_recovery_is_a_step_and_may_be_cut_short(points: str, length: int | None, engine: str) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    graph = explore(system_of(Greetings(), voting(points)), engine=engine)
    (finding,) = analyse(graph, (both_are_greeted_or_will_be,)).findings
    assert finding.verdict == (HOLDS if length is None else VIOLATED)
    if finding.schedule is not None:
        assert len(finding.schedule) == length
        last = str(finding.schedule.transitions[-1].event)
        assert last.startswith("v crashes in the middle of a step (v recovers")
        assert last.endswith("reaching a")


@pytest.mark.parametrize(("recoveries", "points"), [(0, "between"), (1, "write-first")])
def test_a_liar_says_what_its_code_would_say_when_it_comes_back(recoveries: int, points: str) -> None:
    world = asynchronous(
        crashes=1, recoveries=recoveries, crash_points=points, faulty=("v",), byzantine=("v",)
    )  # fmt: skip
    system = system_of(PROTOCOLS["A with R"], world)
    assert isinstance(system, MessagePassing)
    explore(system)
    said = {type(message).__name__ for message in system.speech.said(1).values()}
    assert said == ({"Yes", "Back"} if recoveries else {"Yes"})
    assert_same(PROTOCOLS["A with R"], world, enumerated(PROTOCOLS["A with R"], world))


@record
class Go:
    """c -> v: write."""


@record
class Written:
    """v -> d: what v found in its stable storage when it came back."""

    x: int
    y: int


@record
class Pair:
    """v, which writes two fields in one step."""

    x: Stable[int] = 0
    y: Stable[int] = 0


@record
class Heard:
    """d, which remembers what it received last."""

    last: Written | None = None


@protocol
class HalfAWrite:
    """c tells v to write two fields, and v tells d what it has written when it comes back."""

    def processes(self) -> list[Process[Any, Any]]:
        return [
            Process("v", self.write, start=Pair()),
            Process("c", self.ask, start=Greeted()),
            Process("d", self.hear, start=Heard()),
        ]

    def write(self, at: At, s: Pair, event: Go | Recovered) -> Step[Pair, Written]:
        return (Pair(1, 1), ()) if isinstance(event, Go) else (s, send(Written(s.x, s.y), to="d"))

    def ask(self, at: At, s: Greeted, event: Start) -> Step[Greeted, Go]:
        return (s, ()) if s.heard else (Greeted(heard=True), send(Go(), to="v"))

    def hear(self, at: At, s: Heard, event: Written) -> Step[Heard, Go]:
        return Heard(event), ()


@pytest.mark.parametrize(
    ("points", "written"),
    [
        ("write-first", {(0, 0), (1, 1)}),
        ("torn:y,x", {(0, 0), (0, 1), (1, 1)}),
        ("torn", {(0, 0), (0, 1), (1, 0), (1, 1)}),
    ],
)
@pytest.mark.parametrize("byzantine", [(), ("v",)])
def test_a_liar_says_after_half_a_write_what_its_code_would_say(
    points: str, written: set[tuple[int, int]], byzantine: tuple[str, ...]
) -> None:
    world = asynchronous(crashes=1, recoveries=1, crash_points=points, faulty=("v",), byzantine=byzantine)
    graph = explore(system_of(HalfAWrite(), world))
    heard = {graph.system.view(configuration).states["d"].last for configuration in graph.configurations} - {None}
    assert {(message.x, message.y) for message in heard} == written
    assert_same(HalfAWrite(), world, enumerated(HalfAWrite(), world))


def test_what_survives_a_crash_is_shown() -> None:
    graph = explore(system_of(PROTOCOLS["A"], voting("torn")))
    described = [t.as_json() for number in range(len(graph)) for t in graph.transitions(number)]
    crashes = {(tuple(d["written"]), tuple(d["reached"])) for d in described if "during" in d}
    whole = ("term", "vote")
    assert crashes == {(("vote",), ()), (("term",), ()), (whole, ()), (whole, ("c1",)), (whole, ("c2",))}
    texts = {str(t.event) for number in range(len(graph)) for t in graph.transitions(number)}
    during = "v crashes in the middle of a step (v receives Ask(1) from c1)"
    assert {
        f"{during}, having written vote, reaching no process",
        f"{during}, having written term, vote, reaching c1",
    } <= texts


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ("torn:votes", "torn writes name 'votes', which is not a stable field"),
        ("torn:votes", "Did you mean 'vote'?"),
        ("torn:term,asked", "'asked'"),
    ],
)
def test_torn_writes_name_stable_fields(points: str, text: str) -> None:
    with pytest.raises(BadWorld) as caught:
        system_of(PROTOCOLS["A"], voting(points))
    assert text in str(caught.value)


@protocol
class Turncoat:
    """A process whose step changes the class of its state, and one that puts its recovery off."""

    defers: bool = False

    def processes(self) -> list[Process[Any, Any]]:
        return [Process(name, self.step, start=Voter()) for name in ("a", "b")]

    def step(self, at: At, s: Any, event: Start | Recovered) -> Any:
        if isinstance(event, Recovered):
            return DEFER if self.defers else (s, ())
        return (Elected(1), ()) if isinstance(s, Voter) and not self.defers else (s, ())


@record
class Elected:
    term: Stable[int] = 0


@pytest.mark.parametrize("engine", ["reference", "kernel"])
@pytest.mark.parametrize(
    ("defers", "points", "text"),
    [
        (False, "torn", "torn writes cannot cut a step of a from Voter to Elected"),
        (True, "between", "cannot be deferred"),
    ],
)
def test_crash_points_that_do_not_fit_a_step_are_an_error_with_its_place(
    defers: bool, points: str, text: str, engine: str
) -> None:
    if engine == "kernel":
        pytest.importorskip("numba")
    world = asynchronous(crashes=1, recoveries=1, crash_points=points)
    with pytest.raises(SpecError) as caught:
        explore(system_of(Turncoat(defers), world), engine=engine)
    assert text in str(caught.value)
    assert "test_crash_points.py" in str(caught.value)
