"""What quotients say of themselves, on protocols so small that it can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flpcheck import (
    HOLDS,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
    Event,
    Gather,
    Interchangeable,
    Mail,
    Process,
    Processes,
    Reduction,
    StaleMail,
    Start,
    Step,
    Symmetric,
    View,
    World,
    asynchronous,
    choose,
    invariant,
    load,
    protocol,
    record,
    send,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.errors import BadProtocol, ReductionRefused
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Orbits, reduced, unused
from flpcheck.reduce.rename import ballots_in, renamed

DUEL: Any = load("paxos_duel").protocol


@record
class Word:
    text: str


@record
class Phase:
    """How far a process is, and what it has heard."""

    phase: int = 0
    heard: tuple[str, ...] = ()


@protocol
class Phases:
    """p goes through its phases by itself; a word to it is under way; in the last phase it may listen again."""

    listens: bool = True

    def processes(self) -> Processes[Word]:
        word = send(Word("hello"), to="p")
        return [Process("p", self.walk, start=Phase()), Process("q", self.idle, start=Phase(), sent=word)]

    def walk(self, at: At, s: Phase, event: Start | Word) -> Step[Phase, Word]:
        match event:
            case Start() if s.phase < 3:
                return Phase(s.phase + 1, s.heard), ()
            case Word(text) if s.phase == 0 or (s.phase == 3 and self.listens):
                return Phase(s.phase, (*s.heard, text)), ()
            case Start() | Word():
                return s, ()

    def idle(self, at: At, s: Phase, event: Start) -> Step[Phase, Word]:
        return s, ()

    def reductions(self) -> list[Reduction]:
        return [StaleMail(lambda receiver, _, __: receiver.phase in ((1, 2) if self.listens else (1, 2, 3)))]


def test_a_message_that_was_dropped_is_asked_about_in_all_that_follows() -> None:
    """It is not in the mailbox any more in phase 2, when the next step makes it matter again."""
    with pytest.raises(ReductionRefused, match="no longer stale after p steps to Phase\\(3"):
        explore(reduced(system_of(Phases(), asynchronous())))
    graph = explore(reduced(system_of(Phases(listens=False), asynchronous())))
    assert len(graph) < len(explore(system_of(Phases(listens=False), asynchronous())))


@record
class Asked:
    """In which turn a process asks, and how many answers it has had to its first question."""

    turn: int = 0
    answers: int = 0


@protocol
class AsksAgain:
    """p asks q and gives up; when it has come back from a crash it asks once more, and the first question is there."""

    def processes(self) -> Processes[Word]:
        return [Process("p", self.ask, start=Asked(), stable=()), Process("q", self.answer, start=Phase(), stable=())]

    def ask(self, at: At, s: Asked, event: Start | Word) -> Step[Asked, Word]:
        match event:
            case Start() if s.turn < 2:
                return Asked(s.turn + 1), () if s.turn else send(Word("?"), to="q")
            case Word() if s.turn == 1:
                return Asked(1, min(s.answers + 1, 2)), ()
            case Start() | Word():
                return s, ()

    def answer(self, at: At, s: Phase, event: Word) -> Step[Phase, Word]:
        return s, send(Word("!"), to="p")

    def reductions(self) -> list[Reduction]:
        return [StaleMail(lambda receiver, sender, _: 2 in {getattr(p, "turn", 2) for p in (receiver, sender)})]


@invariant
def one_answer(view: View[Any]) -> bool:
    """p never gets two answers."""
    return "p" in view.crashed or view["p"].answers < 2


@pytest.mark.parametrize(("recoveries", "verdict"), [(0, HOLDS), (1, VIOLATED)])
def test_mail_is_not_dropped_where_its_sender_may_come_back(recoveries: int, verdict: Any) -> None:
    world = asynchronous(1, recoveries=recoveries, faulty=("p",))
    for system in (system_of(AsksAgain(), world), reduced(system_of(AsksAgain(), world))):
        assert analyse(explore(system), [one_answer]).findings[0].verdict is verdict


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (asynchronous(1), ""),
        (asynchronous(1, recoveries=1, faulty=("p",)), "a process that recovers may be behind all others"),
        (asynchronous(byzantine=("p",)), "what a Byzantine process may say does not go stale"),
    ],
)
def test_a_world_in_which_nothing_goes_stale_says_so(world: World, reason: str) -> None:
    said = unused(system_of(AsksAgain(), world))
    assert said == (f"declared but not used in this world: StaleMail, because {reason}" if reason else "")


@record
class Node:
    """A record inside itself; the next two are inside each other, and the last one has ballots."""

    next: Node | None = None


@record
class Left:
    right: Right | None = None


@record
class Right:
    left: Left | None = None


@record
class Seen:
    ballots: frozenset[Ballot]
    pairs: tuple[tuple[Ballot, str], ...] = ()


def test_ballots_are_found_in_sets_and_tuples_and_in_records_inside_themselves() -> None:
    assert ballots_in(Node(Node())) == ballots_in(Left(Right(Left()))) == frozenset()
    seen = Seen(frozenset({1, 2}), ((3, "x"),))
    assert ballots_in(seen) == {1, 2, 3}
    assert renamed(seen, lambda ballot: ballot + 4) == Seen(frozenset({5, 6}), ((7, "x"),))


@protocol
class Asking:
    """a and b each send two messages to c; in which order is what may be `wrong`."""

    wrong: bool = False

    def processes(self) -> Processes[Word]:
        return [*(Process(p, self.ask, start=Phase()) for p in ("a", "b")), Process("c", self.hear, start=Phase())]

    def ask(self, at: At, s: Phase, event: Start) -> Step[Phase, Word]:
        first, second = ("y", "x") if at.me == "a" or not self.wrong else ("x", "y")
        return (s, ()) if s.phase else (Phase(1), (send(Word(first), to="c"), send(Word(second), to="c")))

    def hear(self, at: At, s: Phase, event: Word) -> Step[Phase, Word]:
        return Phase(s.phase, (*s.heard, event.text)), ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("a", "b"))]


def test_in_queues_the_order_in_which_messages_are_sent_is_part_of_a_step() -> None:
    queues = asynchronous(network="fifo")
    with pytest.raises(ReductionRefused, match="does not treat the declared names symmetrically"):
        explore(reduced(system_of(Asking(wrong=True), queues)))
    graph, whole = explore(reduced(system_of(Asking(), queues))), explore(system_of(Asking(), queues))
    assert isinstance(graph.system, Orbits)
    assert graph.system.below is graph.system.plain
    assert sum(map(graph.system.orbit_size, graph.configurations)) == len(whole)
    assert {graph.system.least(configuration)[0] for configuration in whole.configurations} == set(graph.configurations)


def test_queues_of_several_senders_are_renamed_sender_by_sender() -> None:
    """The image of a queue is in the order of its new senders."""
    queues = asynchronous(network="fifo")
    system = reduced(system_of(Asking(), queues))
    assert isinstance(system, Orbits)
    for configuration in explore(system_of(Asking(), queues)).configurations:
        for number in range(len(system.group)):
            mail = system.images.image(configuration, number).components[2].mailbox
            assert [letter.sender for letter in mail] == sorted(letter.sender for letter in mail)


def test_a_symmetry_over_ballots_starts_afresh_and_shows_what_it_has_not_renamed() -> None:
    @protocol
    class Alike(DUEL):  # type: ignore[misc]
        def reductions(self) -> list[Reduction]:
            return [*super().reductions(), Symmetric(tuple(self.all_acceptors))]

    system = reduced(system_of(Alike(acceptors=2), asynchronous(), {"p0": 0, "p1": 1}))
    assert isinstance(system, Orbits)
    again = system.afresh()
    texts = [[str(one.describe(item.configuration)) for item in one.initial()] for one in (again, system)]
    assert texts[0] == texts[1]
    graph = explore(again, Bounds(configurations=60), engine="reference")
    inside = [number for number in range(len(graph)) if graph.out(number)]
    named = [[step.successor for step in again.unrenamed(graph.configurations[number])] for number in inside]
    anew = [[step.successor for step in graph.transitions(number)] for number in inside]
    assert [[again.representative(there) for there in row] for row in named] == anew
    assert named != anew


def test_two_shifts_are_one_too_many() -> None:
    @protocol
    class Twice(DUEL):  # type: ignore[misc]
        def reductions(self) -> list[Reduction]:
            return [*super().reductions(), BallotShift(2, self.current)]

    with pytest.raises(BadProtocol, match="declares 2 of kind BallotShift"):
        reduced(system_of(Twice(), asynchronous()))


@protocol
class Undecided(Asking):
    """c gathers what two have said, and decides nothing; b is not like a in what is `missed`."""

    missed: str = ""

    def processes(self) -> Processes[Word]:
        hearer = Process("c", self.gathers, start=Phase(), gather=self.pairs)
        return [*(Process(p, self.ask, start=Phase()) for p in ("a", "b")), hearer]

    def pairs(self, at: At, s: Phase, mail: Mail[Word]) -> Iterator[Mail[Word]]:
        yield from ((one,) for one in mail if one.sender != self.missed)

    def gathers(self, at: At, s: Phase, event: Gather[Word]) -> Step[Phase, Word]:
        return Phase(1), ()


def test_a_guard_is_looked_at_though_nothing_is_decided() -> None:
    assert explore(reduced(system_of(Undecided(), asynchronous()))).complete
    with pytest.raises(ReductionRefused, match="c gathers differently once names are permuted"):
        explore(reduced(system_of(Undecided(missed="b"), asynchronous())))


@protocol
class Sums:
    """A general protocol of three whose configurations are tuples; one of six arrangements may lead `astray`."""

    astray: tuple[str, ...] = ()

    def names(self) -> list[str]:
        return ["p", "q", "r"]

    def initial(self) -> Iterator[tuple[str, ...]]:
        yield ("", "", "")

    def renamed(self, c: tuple[str, ...], to: Any) -> tuple[str, ...]:
        return to.row(self.names(), c)  # type: ignore[no-any-return]

    def successors(self, c: tuple[str, ...]) -> Iterator[tuple[Event, tuple[str, ...]]]:
        for place, name in enumerate(self.names()):
            if not c[place]:
                yield from ((Event("paints", name), (*c[:place], colour, *c[place + 1 :])) for colour in "RGB")
        if c == self.astray:
            yield Event("falls", "p"), ("fallen", *c[1:])

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("p", "q", "r"))]


@pytest.mark.parametrize("astray", ["RGB", "RBG", "GRB", "GBR", "BRG", "BGR"])
def test_a_general_protocol_is_asked_under_all_renamings_of_a_small_group(astray: str) -> None:
    with pytest.raises(ReductionRefused, match="continues differently once names are permuted"):
        explore(reduced(system_of(Sums(tuple(astray)), asynchronous())))
    assert len(explore(reduced(system_of(Sums(), asynchronous())))) == 20


@protocol
class Decides:
    """A general protocol whose processes decide by themselves, p one value and q another."""

    values: tuple[Any, Any] = (1, 1)

    def names(self) -> list[str]:
        return ["p", "q"]

    def initial(self) -> Iterator[frozenset[str]]:
        yield frozenset()

    def successors(self, done: frozenset[str]) -> Iterator[tuple[Event, frozenset[str]]]:
        yield from ((Event("decides", name), done | {name}) for name in self.names() if name not in done)

    def decisions(self, done: frozenset[str]) -> dict[str, Any]:
        return {name: value for name, value in zip(self.names(), self.values, strict=True) if name in done}

    def reductions(self) -> list[Reduction]:
        return [Symmetric(("p", "q"))]


@pytest.mark.parametrize("values", [(1, True), ((1,), (True,))])
def test_decisions_that_differ_in_their_class_only_are_different_decisions(values: tuple[Any, Any]) -> None:
    with pytest.raises(ReductionRefused, match="a configuration decides differently once names are permuted"):
        explore(reduced(system_of(Decides(values), asynchronous())))
    assert len(explore(reduced(system_of(Decides((values[0], values[0])), asynchronous())))) == 3


@record
class Vote:
    choice: str


def test_a_refusal_names_the_values_that_are_exchanged() -> None:
    @protocol
    class Biased:
        def processes(self) -> Processes[Vote]:
            return [Process("p", self.vote, start=Vote(""))]

        def vote(self, at: At, s: Vote, event: Start) -> Step[Vote, Vote]:
            if s.choice:
                return (Vote("done"), ()) if s.choice == "x" else (s, ())
            return choose((Vote("x"), ()), (Vote("y"), ()))

        def reductions(self) -> list[Reduction]:
            return [Interchangeable(("x", "y"))]

    with pytest.raises(ReductionRefused, match="with 'x' called 'y', 'y' called 'x'"):
        explore(reduced(system_of(Biased(), asynchronous())))
