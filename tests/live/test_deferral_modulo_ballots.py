"""Messages that are deferred modulo ballots or stale mail: verdicts are those of the same protocol without."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from flpcheck import (
    DEFER,
    HOLDS,
    VIOLATED,
    At,
    Ballot,
    BallotShift,
    Bounds,
    Fairness,
    Gather,
    Mail,
    Process,
    Reduction,
    StaleMail,
    Start,
    Step,
    asynchronous,
    choose,
    eventually,
    for_each,
    protocol,
    record,
    replace,
    reply,
    send,
    system_of,
    termination,
)
from flpcheck.analyse import Finding, analyse
from flpcheck.explore import explore
from flpcheck.reduce import reduced

ENGINES = ("reference", "kernel")


@record
class Go:
    """The turn of the other process."""

    ballot: Ballot


@record
class Note:
    """What the first process waits for."""

    number: int = 0


@record
class Host:
    """A process that has turns, and knows what it has received."""

    ballot: Ballot = -1
    phase: int = 0
    left: frozenset[int] = frozenset()
    decision: int | None = None


@record
class Guest:
    """A process that sends its notes and passes turns back."""

    ballot: Ballot = -1
    sent: int = 0
    decision: int | None = 1


@protocol
class Busy:
    """Two processes pass turns, with a ballot that rises for ever; in some phases the first one defers some notes.

    The host may hesitate to go on to its next phase, or gather its notes; notes may go back and forth, or be kept
    by the guest.
    """

    busy: tuple[frozenset[int], ...] = (frozenset(), frozenset({0}))
    notes: int = 1
    kept: int = 0
    hesitates: bool = False
    repeats: bool = False
    gathers: bool = False
    rises: bool = True

    def processes(self) -> list[Process[Any, Any]]:
        start = Host(left=frozenset(range(self.notes)))
        host = (
            Process("host", self.gathering_host, start=start, gather=self.groups)
            if self.gathers
            else Process("host", self.host, start=start)
        )
        return [host, Process("guest", self.guest, start=Guest())]

    def groups(self, at: At, s: Host, mail: Mail[Any]) -> list[Mail[Any]]:
        notes = [letter for letter in mail if isinstance(letter.message, Note)]
        return [(letter,) for letter in notes if letter.message.number not in self.busy[s.phase]]

    def gathering_host(self, at: At, s: Host, event: Start | Go | Gather[Note]) -> Step[Host, Go | Note]:
        if isinstance(event, Gather):
            return self.host(at, s, event.letters[0].message)
        return self.host(at, s, event)

    def host(self, at: At, s: Host, event: Start | Go | Note) -> Step[Host, Go | Note]:
        match event:
            case Start():
                return (replace(s, ballot=0), send(Go(0), to="guest")) if s.ballot == -1 else (s, ())
            case Go():
                ballot = s.ballot + self.rises
                phases = ([s.phase] if self.hesitates else []) + [(s.phase + 1) % len(self.busy)]
                return choose(
                    *((replace(s, ballot=ballot, phase=phase), send(Go(ballot), to="guest")) for phase in phases)
                )
            case Note(number) if number in self.busy[s.phase]:
                return DEFER
            case Note(number):
                left = s.left - {number}
                back = send(event, to="guest") if self.repeats else ()
                return replace(s, left=left, decision=None if left else 1), back

    def guest(self, at: At, s: Guest, event: Start | Go | Note) -> Step[Guest, Go | Note]:
        match event:
            case Start():
                more = s.sent < self.notes - self.kept
                return (replace(s, sent=s.sent + 1), send(Note(s.sent), to="host")) if more else (s, ())
            case Go(ballot):
                return replace(s, ballot=ballot), send(Go(ballot), to="host")
            case Note():
                return s, reply(event)

    def reductions(self) -> list[Reduction]:
        return [BallotShift(1, lambda s: s.ballot)] if self.rises else [StaleMail(lambda *_: False)]


def decided(view: Any, pid: str) -> bool:
    """It has decided."""
    return pid in view.outputs


CLAIMS = [termination, for_each(eventually(decided), among=("host",))]


def judged(
    model: Any, letters: str, engine: str, network: str = "multiset", *, plainly: bool = False
) -> list[Finding]:  # fmt: skip
    system = system_of(model, asynchronous(network=network, fairness=Fairness(letters=letters)))
    graph = explore(system if plainly else reduced(system), Bounds(configurations=2000), engine=engine)
    assert graph.complete
    return list(analyse(graph, CLAIMS).findings)


FAIR = "and this is fair: no message waits for ever that can be received"
NEVER = (frozenset({0}),)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("busy", "letters", "verdict", "because"),
    [
        (Busy().busy, "weak", VIOLATED, f"{FAIR} all along"),
        (Busy().busy, "received", HOLDS, ""),
        (NEVER, "weak", VIOLATED, f"{FAIR} all along"),
        (NEVER, "received", VIOLATED, f"{FAIR} now and then"),
    ],
)
def test_what_is_deferred_again_and_again(busy: Any, letters: str, verdict: Any, because: str, engine: str) -> None:
    findings = judged(Busy(busy), letters, engine)
    assert [finding.verdict for finding in findings] == [verdict] * 2
    assert because in findings[1].because


def some(seeds: range, engine: str) -> Counter[Any]:
    seen: Counter[Any] = Counter()
    for seed in seeds:
        at = Random(seed)
        notes = at.choice([1, 1, 2])
        phases = [frozenset(n for n in range(notes) if at.random() < 0.5) for _ in range(at.randint(1, 3))]
        letters = at.choice(["weak", "received"])
        habits: dict[str, Any] = {
            "kept": at.choice([0, 0, 1]),
            "hesitates": at.random() < 0.4,
            "repeats": at.random() < 0.4,
            "gathers": at.random() < 0.3,
        }
        network = at.choice(["set", "multiset"])
        one = judged(Busy(tuple(phases), notes, rises=network != "set", **habits), letters, engine, network)
        other = judged(Busy(tuple(phases), notes, rises=False, **habits), letters, engine, network, plainly=True)
        assert [f.verdict for f in one] == [f.verdict for f in other], (seed, phases, letters, habits, one, other)
        seen[letters, one[0].verdict] += 1
    return seen


@pytest.mark.parametrize("engine", ENGINES)
def test_as_without_ballots(engine: str) -> None:
    seen = some(range(30), engine)
    assert min(seen[letters, verdict] for letters in ("weak", "received") for verdict in (HOLDS, VIOLATED)) > 0, seen


FIRST_BUSY = (frozenset({0}), frozenset[int]())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("gathers", [False, True])
@pytest.mark.parametrize("network", ["multiset", "set"])
def test_a_loop_receives_what_is_deferred_where_it_begins(network: str, gathers: bool, engine: str) -> None:
    model = Busy(FIRST_BUSY, 2, kept=1, repeats=True, gathers=gathers, rises=network != "set")
    (_, finding) = judged(model, "received", engine, network)
    assert finding.verdict is VIOLATED
    assert finding.schedule is not None
    assert finding.schedule.loop is not None
    taken = [letter for step in finding.schedule.transitions[finding.schedule.loop :] for letter in step.event.letters]
    assert ("guest", Note(0)) in taken
