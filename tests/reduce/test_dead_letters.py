"""Dead letters: what is dropped, what refutes that, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as with_other
from pathlib import Path
from typing import Any

import pytest
from cli.test_commands import Cli, cli  # noqa: F401

from flpcheck import (
    Gather,
    Mail,
    Observer,
    Process,
    Start,
    Step,
    Timeout,
    World,
    agreement,
    asynchronous,
    gather_quorum,
    invariant,
    load,
    note,
    protocol,
    record,
    replace,
    send,
    step_invariant,
    synchronous,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.mail_reads import ReadsMail, reader_of_mail
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.valence import Valence
from flpcheck.authoring.property import VIOLATED
from flpcheck.errors import StepRaised
from flpcheck.explore import explore
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_kept
from flpcheck.system.message_passing import MessagePassing

ENGINES = ["reference", "kernel"]


@record
class Word:
    said: str


@record
class Note:
    """A message that the receiver takes alone, or gathers."""


@record
class Receiver:
    awake: int = 0
    decision: int | None = None


@protocol
class Late:
    """The receiver ignores a word until it has timed out; `steps` is how often it does before that."""

    steps: int = 1
    broken: bool = False

    def processes(self) -> list[Process[Any, Any]]:
        senders = [Process(name, self.sender, start=Receiver()) for name in ("sender", "other")]
        return [*senders, Process("receiver", self.receiver, start=Receiver())]

    def sender(self, at: Any, s: Receiver, event: Start) -> Step[Receiver, Word]:
        return (s, ()) if s.awake else (replace(s, awake=1, decision=0), send(Word("now"), to="receiver"))

    def receiver(self, at: Any, s: Receiver, event: Timeout | Word) -> Step[Receiver, Word]:
        if isinstance(event, Timeout):
            return (replace(s, awake=s.awake + 1), ()) if s.awake < self.steps else (s, ())
        if s.awake < self.steps or s.decision is not None:
            return s, ()
        if self.broken:
            raise ValueError(event.said)
        return replace(s, decision=1), ()


@protocol
class Woken:
    """The sender says something, and then wakes the receiver, who has ignored it until then."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("sender", self.sender, start=Receiver()), Process("receiver", self.receiver, start=Receiver())]

    def sender(self, at: Any, s: Receiver, event: Start) -> Step[Receiver, Word]:
        said = ("now", "wake", "wake up")
        return (replace(s, awake=s.awake + 1), send(Word(said[s.awake]), to="receiver")) if s.awake < 3 else (s, ())

    def receiver(self, at: Any, s: Receiver, event: Word) -> Step[Receiver, Word]:
        if event.said != "now":
            return replace(s, awake=s.awake + 1), ()
        return (replace(s, decision=1), ()) if s.awake > 1 else (s, ())


def without(system: Any) -> WithoutDeadLetters:
    assert isinstance(system, MessagePassing)
    return WithoutDeadLetters(system)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_a_letter_that_is_heeded_later_is_kept(engine: str, steps: int) -> None:
    world = asynchronous(ignored="stays")
    system = without(system_of(Late(steps), world))
    graph = explore(system, engine=engine)
    assert len(graph) < len(explore(system_of(Late(steps), world), engine=engine))  # those sent after the decision
    for some in (system, system_of(Late(steps), world)):
        (finding,) = examine_safety(some, [agreement], engine=engine).findings
        assert finding.verdict is VIOLATED
        assert finding.schedule is not None
        assert len(finding.schedule) == steps + 2


@pytest.mark.parametrize("engine", ENGINES)
def test_what_refutes_is_remembered(engine: str) -> None:
    system = without(system_of(Late(3), asynchronous(ignored="stays")))
    explore(system, engine=engine)
    letters = system.dead_letters
    assert letters.steps
    assert letters.fingerprint != without(system_of(Late(3), asynchronous(ignored="stays"))).dead_letters.fingerprint
    assert system.afresh().dead_letters.fingerprint == letters.fingerprint
    assert letters.dropped


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_is_raised_where_a_run_leads_to_it(engine: str) -> None:
    system = without(system_of(Late(2, broken=True), asynchronous(ignored="stays")))
    with pytest.raises(StepRaised) as raised:
        explore(system, engine=engine)
    with pytest.raises(StepRaised) as plainly:
        explore(system_of(Late(2, broken=True), asynchronous(ignored="stays")), engine=engine)
    assert len(raised.value.schedule) == len(plainly.value.schedule) == 3


@record
class Guarded:
    taken: int = 0
    decision: int | None = None


@protocol
class TakenOrGathered:
    """The receiver ignores a note that it takes alone, but two together decide."""

    by_kind: bool = False

    def processes(self) -> list[Process[Any, Any]]:
        senders = [Process(name, self.sender, start=Guarded()) for name in ("a", "b")]
        return [*senders, Process("receiver", self.receiver, start=Guarded(), gather=self.pairs)]

    def sender(self, at: Any, s: Guarded, event: Start) -> Step[Guarded, Note]:
        return (s, ()) if s.taken else (replace(s, taken=1, decision=0), send(Note(), to="receiver"))

    def receiver(self, at: Any, s: Guarded, event: Note | Gather[Note]) -> Step[Guarded, Note]:
        return (replace(s, decision=1), ()) if isinstance(event, Gather) else (s, ())

    def pairs(self, at: Any, s: Guarded, mail: Mail[Any]) -> Iterable[Mail[Any]]:
        seen = tuple(letter for letter in mail if not (self.by_kind and isinstance(letter.message, Note)))
        return gather_quorum(seen, 2) if s.decision is None else ()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_guard_sees_is_kept(engine: str) -> None:
    system = without(system_of(TakenOrGathered(), asynchronous()))
    (finding,) = examine_safety(system, [agreement], engine=engine).findings
    assert finding.verdict is VIOLATED
    assert {envelope.letter.sender for _, envelope in system.dead_letters.gathered} == {"a", "b"}


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_guard_does_not_see_is_dropped(engine: str) -> None:
    world = asynchronous()
    system = without(system_of(TakenOrGathered(by_kind=True), world))
    assert len(explore(system, engine=engine)) == 4
    assert len(explore(system_of(TakenOrGathered(by_kind=True), world), engine=engine)) == 9
    assert not system.dead_letters.gathered


@protocol
class Echo:
    """The echo changes nothing, but answers; the process that hears the answer has decided."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("a", self.sender, start=Receiver()), Process("b", self.echo, start=Receiver())]

    def sender(self, at: Any, s: Receiver, event: Start | Word) -> Step[Receiver, Word]:
        if isinstance(event, Start):
            return (s, ()) if s.awake else (replace(s, awake=1), send(Word("who is there"), to="b"))
        return replace(s, decision=1), ()

    def echo(self, at: Any, s: Receiver, event: Word) -> Step[Receiver, Word]:
        return s, send(event, to="a")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_letter_that_is_answered_is_kept(engine: str) -> None:
    graph = explore(without(system_of(Echo(), asynchronous())), engine=engine)
    assert len(graph) == 4
    assert Valence.of(graph).low.tolist() == [1, 1, 1, 1]


@record
class Told:
    steps: int = 0


@protocol
class Noted:
    """The receiver of a note changes nothing, but says so."""

    def processes(self) -> list[Process[Any, Any]]:
        return [Process("a", self.sender, start=Told()), Process("b", self.hearer, start=Told())]

    def observers(self) -> list[Observer[int, int]]:
        return [Observer("count", 0, lambda count, more: min(count + more, 2))]

    def sender(self, at: Any, s: Told, event: Start) -> Step[Told, Note]:
        return (s, ()) if s.steps else (replace(s, steps=1), send(Note(), to="b"))

    def hearer(self, at: Any, s: Told, event: Note) -> Step[Told, Note]:
        return s, note(1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_letter_of_which_an_observer_hears_is_kept(engine: str) -> None:
    assert len(explore(without(system_of(Noted(), asynchronous())), engine=engine)) == 3


@pytest.mark.parametrize(
    ("spec", "world", "reason"),
    [
        ("wait_for_all", asynchronous(network="fifo"), "in a fifo network later messages wait for them"),
        ("wait_for_all", asynchronous(byzantine=1), "what liars say is found out from what is received"),
        ("two_phase_commit", synchronous(), "timers wait until they have been delivered"),
    ],
)
def test_where_letters_are_kept(spec: str, world: World, reason: str) -> None:
    protocol_ = with_other(load(spec).instances[-1].protocol, timeouts=True) if spec == "two_phase_commit" else None
    assert why_kept(system_of(protocol_ or load(spec).protocol(), world)) == reason


@invariant
def quiet(view: Any) -> bool:
    """No mailbox is full."""
    return all(len(mail) < 9 for mail in view.mail.values())


@step_invariant
def always_moves(before: Any, after: Any) -> bool:
    """No step leaves a state as it was."""
    return bool(before != after)


@invariant
def secretly_quiet(view: Any) -> bool:
    """No mailbox is full; the code does not show that mailboxes are read."""
    return all(len(mail) < 9 for mail in getattr(view, "".join(["ma", "il"])).values())


def test_a_property_that_reads_mail_is_known_by_its_code() -> None:
    assert reader_of_mail([agreement], steps=True) == ""
    assert reader_of_mail([agreement, quiet], steps=True) == "quiet reads mail"
    assert reader_of_mail([secretly_quiet], steps=True) == ""


def test_a_property_of_steps_is_asked_of_idle_deliveries() -> None:
    assert reader_of_mail([always_moves], steps=False) == ""
    assert reader_of_mail([always_moves], steps=True) == "always_moves is asked of deliveries that change nothing, too"


def judged_on_the_graph(system: Any, claims: Any, engine: str) -> Any:
    return analyse(explore(system, engine=engine), claims)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("judge", [examine_safety, judged_on_the_graph])
def test_a_property_that_reads_mail_is_found_out_at_the_latest_when_it_is_asked(engine: str, judge: Any) -> None:
    with pytest.raises(ReadsMail):
        judge(without(system_of(Late(), asynchronous())), [secretly_quiet], engine=engine)


LINE = (
    "explore",
    "two_phase_commit",
    "-p",
    "timeouts=True",
    "-p",
    "participants=3",
    "--no-reports",
    "--property",
    "ac1",
)


def test_letters_are_dropped_with_safety_and_on_request_only(cli: Cli) -> None:  # noqa: F811
    sizes = {
        more: cli(*LINE, "--format", "json", *more).json["configurations"]
        for more in [
            (),
            ("--safety",),
            ("--safety", "--reduce", "none"),
            ("--safety", "--no-reduction"),
            ("--reduce", "dead-letters"),
        ]
    }
    assert list(sizes.values()) == [4_044, 1_096, 4_044, 4_044, 1_096]
    assert "dead letters are dropped" in cli(*LINE, "--safety").out
    assert "dead letters" not in cli(*LINE).out


def test_no_count_of_an_instance_is_changed(cli: Cli) -> None:  # noqa: F811
    found = cli(
        "explore", "two_phase_commit", "--instance", "timeouts", "--safety", "--property", "ac1", "--no-reports"
    )
    assert "dead letters" not in found.out


def test_check_drops_letters_unless_a_count_is_expected(cli: Cli, tmp_path: Path) -> None:  # noqa: F811
    source = Path(load("two_phase_commit").file).read_text(encoding="utf-8")
    head = source[: source.index("waits_for_votes = ")]  # a temporal property needs all transitions
    sizes: list[int] = []
    for more in ("", ", depth=99", ", counterexample={termination: 9}"):
        spec = tmp_path / f"spec{len(sizes)}.py"
        protocol_ = "TwoPhaseCommit(participants=2, timeouts=True)"
        spec.write_text(f"{head}INSTANCES = (Instance('one', {protocol_}, asynchronous(){more}),)\n", encoding="utf-8")
        sizes.append(cli("check", str(spec), "--format", "json").json["configurations"])
    assert sizes == [123, 276, 276]


def test_asked_for_where_they_are_kept_it_says_why(cli: Cli) -> None:  # noqa: F811
    found = cli(*LINE, "--reduce", "dead-letters", "--network", "fifo")
    assert found.code == 2
    assert "in a fifo network later messages wait for them" in found.err
