"""What quotients say of themselves, on protocols so small that it can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flpcheck import (
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
    asynchronous,
    choose,
    invariant,
    load,
    protocol,
    record,
    send,
    system_of,
    termination,
)
from flpcheck.analyse import analyse
from flpcheck.errors import BadProtocol, ReductionRefused
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import Orbits, Quotient, in_old_names, reduced
from flpcheck.reduce.lift import Births
from flpcheck.reduce.rename import ballots_in, renamed, renamed_event

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
    with pytest.raises(ReductionRefused, match="not stale any more after p steps to Phase\\(3"):
        explore(reduced(system_of(Phases(), asynchronous())))
    graph = explore(reduced(system_of(Phases(listens=False), asynchronous())))
    assert len(graph) < len(explore(system_of(Phases(listens=False), asynchronous())))


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
    with pytest.raises(ReductionRefused, match="does not treat names alike"):
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
    named = [[step.successor for step in in_old_names(again, graph.configurations[number])] for number in inside]
    anew = [[step.successor for step in graph.transitions(number)] for number in inside]
    assert [[again.least(there)[0] for there in row] for row in named] == anew
    assert named != anew


def test_two_shifts_are_one_too_many() -> None:
    @protocol
    class Twice(DUEL):  # type: ignore[misc]
        def reductions(self) -> list[Reduction]:
            return [*super().reductions(), BallotShift(2, self.current)]

    with pytest.raises(BadProtocol, match="declares 2 of kind BallotShift"):
        reduced(system_of(Twice(), asynchronous()))


@record
class Called:
    ballot: Ballot


@record
class Caller:
    """Its ballot, and how often it went on, at most three times."""

    ballot: Ballot = -1
    turns: int = 0


@record
class Echo:
    pass


@protocol
class Calls:
    """One calls both echoes with ever higher ballots, and goes on when the right one has answered.

    The left one has said something before, which waits for the caller until it is stale.
    """

    def processes(self) -> Processes[Called]:
        early = send(Called(0), to="caller")
        left, right = Process("left", self.echo, start=Echo(), sent=early), Process("right", self.echo, start=Echo())
        return [Process("caller", self.caller, start=Caller()), left, right]

    def caller(self, at: At, s: Caller, event: Start | Called) -> Step[Caller, Called]:
        match event:
            case Start() if s.ballot < 0:
                return Caller(0), send(Called(0), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and at.sender == "right":
                after = Caller(ballot + 1, min(s.turns + 1, 3))
                return after, send(Called(ballot + 1), to=("left", "right"))
            case Start() | Called():
                return s, ()

    def echo(self, at: At, s: Echo, event: Called) -> Step[Echo, Called]:
        return s, send(event, to="caller")

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, self.current), StaleMail(self.stale)]

    def current(self, s: Any) -> int | None:
        assert isinstance(s, Caller | Echo)
        return s.ballot if isinstance(s, Caller) else None

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        caller = receiver if isinstance(receiver, Caller) else sender
        return isinstance(caller, Caller) and bool(caller.ballot > message.ballot)


@invariant
def twice(view: View[Any]) -> bool:
    """The caller goes on twice at most."""
    return all(getattr(state, "turns", 0) < 3 for state in view.states.values())


def test_a_schedule_passes_by_messages_that_the_quotient_has_dropped() -> None:
    graph = explore(reduced(system_of(Calls(), asynchronous())))
    (finding,) = analyse(graph, [twice]).findings
    plain = explore(system_of(Calls(), asynchronous()), Bounds(depth=8))
    (same,) = analyse(plain, [twice]).findings
    assert finding.verdict is same.verdict is VIOLATED
    assert finding.schedule is not None
    assert same.schedule is not None
    assert len(finding.schedule) == len(same.schedule)


@record
class Decider(Caller):
    decision: int | None = None


@protocol
class Overtaken(Calls):
    """The caller goes on when the right echo answers, and decides when the left one does, in time."""

    def processes(self) -> Processes[Called]:
        return [Process("caller", self.decider, start=Decider()), *super().processes()[1:]]

    def decider(self, at: At, s: Decider, event: Start | Called) -> Step[Decider, Called]:
        match event:
            case Start() if s.ballot < 0:
                return Decider(0), send(Called(0), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and s.decision is None and at.sender == "right":
                return Decider(ballot + 1), send(Called(ballot + 1), to=("left", "right"))
            case Called(ballot) if ballot == s.ballot and s.decision is None:
                return Decider(ballot, decision=0), ()
            case Start() | Called():
                return s, ()

    def current(self, s: Any) -> int | None:
        return s.ballot if isinstance(s, Decider) and s.decision is None else None

    def stale(self, receiver: Any, sender: Any, message: Any) -> bool:
        caller = receiver if isinstance(receiver, Decider) else sender
        return isinstance(caller, Decider) and (caller.ballot > message.ballot or caller.decision is not None)


def test_a_question_that_is_replaced_in_each_round_has_not_waited_for_ever() -> None:
    """Under its new name it looks like the one before, which fairness would owe an answer."""
    graph = explore(reduced(system_of(Overtaken(), asynchronous())))
    assert graph.complete
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop is not None


def test_messages_that_got_out_of_a_step_are_renamed_with_the_event() -> None:
    event = Event("crash", "caller", sent=(Called(1), Called(3)))
    assert renamed_event(event, lambda ballot: ballot + 2).sent == (Called(3), Called(5))


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
    with pytest.raises(ReductionRefused, match="c gathers otherwise under other names"):
        explore(reduced(system_of(Undecided(missed="b"), asynchronous())))


def test_a_crashed_process_is_not_asked_for_its_ballot() -> None:
    graph = explore(reduced(system_of(Calls(), asynchronous(crashes=1))))
    assert graph.complete
    assert isinstance(graph.system, Quotient)


def test_messages_of_the_beginning_were_sent_before_everything_else() -> None:
    @protocol
    class Loud(Calls):
        def processes(self) -> Processes[Called]:
            caller = Process("caller", self.caller, start=Caller(0), sent=send(Called(0), to="left"))
            return [caller, *super().processes()[1:]]

    (start,) = [item.configuration for item in system_of(Loud(), asynchronous()).initial()]
    (letter,) = start.components[1].mailbox
    assert Births(start).of((1, letter)) == 0


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
    with pytest.raises(ReductionRefused, match="goes on otherwise under other names"):
        explore(reduced(system_of(Sums(tuple(astray)), asynchronous())))
    assert len(explore(reduced(system_of(Sums(), asynchronous())))) == 20


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
