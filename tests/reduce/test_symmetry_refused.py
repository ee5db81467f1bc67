"""A symmetry that is not there is refused, with what contradicts it; one that makes no sense, with its line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from flpcheck import (
    At,
    BallotShift,
    Event,
    Gather,
    Interchangeable,
    Mail,
    PassiveLearner,
    Process,
    Processes,
    Reduction,
    Start,
    Step,
    Symmetric,
    View,
    asynchronous,
    choose,
    invariant,
    load,
    note,
    protocol,
    record,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import BadProtocol, FlpcheckError, ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced

VOTING: Any = load("tla/voting").protocol


@record
class Vote:
    value: str


@record
class Voter:
    voted: bool = False


@record
class Counter:
    """Who has gathered what, and what is decided."""

    decision: str | None = None


@protocol
class Election:
    """Three voters, one who counts, one who looks; what is wrong with it is chosen."""

    fault: str = ""

    def processes(self) -> Processes[Vote]:
        special = {"c"} if self.fault == "role" else set()
        voters = [Process(v, self.voter, start=Voter(), virtual=v in special) for v in ("a", "b", "c")]
        counter = Process("counter", self.counter, start=Counter(), gather=self.pairs)
        return [*voters, counter, PassiveLearner("looker", self.look)]

    def voter(self, at: At, s: Voter, event: Start) -> Step[Voter, Vote]:
        if s.voted:
            return s, ()
        effects = send(Vote("x"), to=("counter", "looker"))
        return Voter(voted=True), (effects, note("voted")) if self.fault == "observer" else effects

    def pairs(self, at: At, s: Counter, mail: Mail[Vote]) -> Iterator[Mail[Vote]]:
        for one in mail:
            for other in mail:
                if one.sender < other.sender and not (self.fault == "guard" and one.sender == "a"):
                    yield one, other
                    if self.fault == "least":  # the same number of groups, of the same size, whatever the names
                        return

    def counter(self, at: At, s: Counter, event: Gather[Vote] | Vote) -> Step[Counter, Vote]:
        match event:
            case Gather(((first, _), *_)) if self.fault == "gather" and first == "b":
                return s, ()
            case Gather():
                return Counter("x"), ()
            case Vote():
                return s, ()

    def look(self, mail: Mail[Vote]) -> frozenset[str]:
        if self.fault == "learner":
            return frozenset("x" for sender, _ in mail if sender == "c")
        return frozenset("x") if len(mail) > 2 else frozenset()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b", "counter" if self.fault == "start" else "c"))]


def explored(model: Any) -> Any:
    return explore(reduced(system_of(model, asynchronous(network="set"))))


def test_a_right_declaration_is_accepted() -> None:
    graph = explored(Election())
    assert isinstance(graph.system, Orbits)
    assert len(graph) < len(explore(system_of(Election(), asynchronous(network="set"))))


def test_who_starts_otherwise_is_not_exchanged() -> None:
    graph = explored(Election(fault="start"))
    assert isinstance(graph.system, Orbits)
    assert graph.system.alike == (("a", "b"),)
    assert len(graph.system.group) == 2


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("guard", ["counter gathers differently once names are permuted", "mailbox", "test_symmetry_refused.py:"]),
        ("least", ["counter gathers differently once names are permuted"]),
        ("gather", ["does not treat the declared names symmetrically", "process counter", "called"]),
        ("learner", ["looker decides differently once names are permuted"]),
        ("role", ["declared symmetric", "the other may not"]),
    ],
)
def test_a_wrong_declaration_is_refused_with_what_contradicts_it(fault: str, words: list[str]) -> None:
    with pytest.raises(ReductionRefused) as refused:
        explored(Election(fault=fault))
    text = str(refused.value)
    assert [word for word in words if word not in text] == []
    assert "--no-reduction" in text


@invariant
def a_first(view: View[Any]) -> bool:
    """Voter c does not vote before voter a."""
    return bool(view.states["a"].voted or not view.states["c"].voted)


@invariant
def few(view: View[Any]) -> bool:
    """At most two have voted."""
    return [getattr(state, "voted", False) for state in view.states.values()].count(True) < 3


def test_a_property_that_names_a_process_is_refused_and_one_that_counts_is_not() -> None:
    graph = explored(Election())
    (finding,) = analyse(graph, [few]).findings
    assert finding.schedule is not None
    assert len(finding.schedule) == 3
    with pytest.raises(ReductionRefused, match="property a_first changes when names are permuted"):
        analyse(graph, [a_first])


@record
class Painted:
    colour: str = ""


@protocol
class Painters:
    """Each of three takes one of three colours."""

    def processes(self) -> Processes[Any]:
        return [Process(name, self.paint, start=Painted()) for name in "abc"]

    def paint(self, at: At, s: Painted, event: Start) -> Step[Painted, Any]:
        return (s, ()) if s.colour else choose(*((Painted(colour), ()) for colour in "RGB"))

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b", "c"))]


@pytest.mark.parametrize("colours", list(permutations("RGB")))
def test_a_property_that_sees_names_only_where_three_are_exchanged_is_refused(colours: tuple[str, ...]) -> None:
    """Exchanges of two names lead from a representative to half of its orbit only."""

    @invariant
    def another(view: View[Painted]) -> bool:
        return tuple(view[name].colour for name in "abc") != colours

    with pytest.raises(ReductionRefused, match="property another changes when names are permuted"):
        analyse(explored(Painters()), [another])


def test_a_property_that_sees_names_only_where_a_process_has_silently_crashed_is_refused() -> None:
    @invariant
    def by_b(view: View[Painted]) -> bool:
        colours = [view.states[name].colour for name in "ab" if name in view.states]
        return "c" in view.states or colours != ["G", "R"]

    silent = asynchronous(1, crash_events="elided")
    with pytest.raises(ReductionRefused, match="property by_b changes when names are permuted"):
        analyse(explore(reduced(system_of(Painters(), silent))), [by_b])


def test_what_a_property_looks_at_only_sometimes_is_looked_at_everywhere() -> None:
    """Where all have voted it looks at a mailbox, too."""

    @invariant
    def unread(view: View[Any]) -> bool:
        voted = all(view.states[name].voted for name in "abc")
        return not voted or [letter.sender for letter in view.mail["counter"]] != ["b"]

    with pytest.raises(ReductionRefused, match="property unread changes when names are permuted"):
        analyse(explore(reduced(system_of(Election(), asynchronous()))), [unread])


@protocol
class Favourite(VOTING):  # type: ignore[misc]
    """A general protocol in which one acceptor, or one value, is not like the others."""

    favours: str = "acceptor"

    def may_vote(self, c: Any, a: int, b: int, v: int) -> bool:
        other = a if self.favours == "acceptor" else v
        return not (b == 0 and other == 1) and bool(super().may_vote(c, a, b, v))


@pytest.mark.parametrize("favours", ["acceptor", "value"])
def test_a_general_protocol_is_refused_with_a_configuration(favours: str) -> None:
    with pytest.raises(ReductionRefused) as refused:
        explore(reduced(system_of(Favourite(favours=favours), asynchronous())))
    assert "a configuration continues differently once names are permuted" in str(refused.value)
    assert "voting.py:" in str(refused.value)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([Symmetric(("a", "d"))], "unknown process 'd'"),
        ([Symmetric(("a", "b")), Symmetric(("b", "c"))], "declares 'b' twice"),
        ([Interchangeable(tuple("abcdefgh"))], "40,320 orders"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_explained(declared: list[Reduction], words: str) -> None:
    @protocol
    class Odd(Election):
        def reductions(self) -> list[Reduction]:
            return declared

    with pytest.raises(BadProtocol, match=words):
        explored(Odd())


def test_ballots_of_a_general_protocol_cannot_be_shifted() -> None:
    @protocol
    class Shifting(VOTING):  # type: ignore[misc]
        def reductions(self) -> list[Reduction]:
            return [BallotShift(1, lambda _: None)]

    with pytest.raises(FlpcheckError, match="Symmetric or Interchangeable"):
        reduced(system_of(Shifting(), asynchronous()))


@protocol
class Steps:
    """A general protocol whose configurations are values with names in them: nothing else is declared."""

    def names(self) -> list[str]:
        return ["p", "q", "r"]

    def initial(self) -> Iterator[frozenset[str]]:
        yield frozenset()

    def successors(self, done: frozenset[str]) -> Iterator[tuple[Event, frozenset[str]]]:
        for name in self.names():
            if name not in done:
                yield Event("steps", name), done | {name}

    def reductions(self) -> list[Reduction]:
        return [Symmetric(tuple(self.names()))]


def test_configurations_that_hold_names_need_no_renaming_of_their_own() -> None:
    graph = explore(reduced(system_of(Steps(), asynchronous())))
    assert isinstance(graph.system, Orbits)
    assert [graph.system.orbit_size(configuration) for configuration in graph.configurations] == [1, 3, 3, 1]
    crashing = explore(reduced(system_of(Steps(), asynchronous(crashes=1))))
    assert isinstance(crashing.system, Orbits)
    total = sum(map(crashing.system.orbit_size, crashing.configurations))
    assert total == len(explore(system_of(Steps(), asynchronous(crashes=1))))
