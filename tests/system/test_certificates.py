"""Certificates: every lie that sets of signers allow, certificates without signers allow as well."""

from __future__ import annotations

from typing import Any

import pytest
from generators.certified import Place, Proof, random_certified
from oracle.analysis import enumerated
from oracle.enumeration import TooLarge
from system.certified import TwoViews, Vote

from flpcheck import (
    At,
    Bounds,
    Certificate,
    Process,
    RoundProcess,
    Start,
    Step,
    agreement,
    asynchronous,
    invariant,
    protocol,
    record,
    replace,
    send,
    synchronous,
    system_of,
    to_others,
)
from flpcheck.analyse import analyse
from flpcheck.errors import BadProtocol, StepRaised
from flpcheck.explore import StateGraph, explore

SIGNED = asynchronous(byzantine=("b",), authenticated=True)


def test_the_identity_is_the_statement_with_the_number_of_signatures() -> None:
    one, other = Certificate(("view", 1), ["a", "b", "a"]), Certificate(("view", 1), {"c", "d"})
    assert (one, hash(one), one.size) == (other, hash(other), 2)
    assert one not in {Certificate(("view", 2), {"a", "b"}), Certificate(("view", 1), {"a", "b", "c"})}
    with pytest.raises(TypeError, match="the signers of a certificate must be process names, got 'ab'"):
        Certificate("view 1", "ab")


@record
class Heard:
    """What was decided, and whether anything was said."""

    said: bool = False
    decision: Any = None


@protocol
class Extracted:
    """A signs 1 for c alone; c shows it to the liar b; d decides what a has signed, whichever process shows it."""

    forges: bool = False  # whether c puts signatures into it that were never made
    to: str = "b"  # whom it shows it

    def processes(self) -> list[Process[Heard, Any]]:
        return [Process(name, self.step, start=Heard()) for name in "abcd"]

    def step(self, at: At, s: Heard, event: Start | Vote | Certificate[int]) -> Step[Heard, Any]:
        match event:
            case Start() if at.me == "a" and not s.said:
                return replace(s, said=True), send(Vote(0, 1, "a"), to="c")
            case Vote(_, value, "a") if at.me == "c":
                signers = set(at.everyone) if self.forges else {"a"}
                return s, send(Certificate(value, signers), to=self.to)
            case Vote(_, value, "a") if at.me == "d":
                return replace(s, decision=value), ()
            case _:
                return s, ()

    def lies(self, liar: str) -> list[Any]:
        return [Certificate(1, ("a", "b"))]

    def signatures(self, message: Any) -> list[Any]:
        return [(message.voter, message.value)] if isinstance(message, Vote) else [message]


@invariant
def undecided(view: Any) -> bool:
    """D decides nothing."""
    return "d" not in view.outputs


@pytest.mark.parametrize(("to", "events"), [("b", ["start", "deliver", "lie"]), ("d", None)])
def test_who_is_sent_a_certificate_knows_the_signatures_in_it(to: str, events: list[str] | None) -> None:
    finding = analyse(explore(system_of(Extracted(to=to), SIGNED)), [undecided]).findings[0]
    found = None if finding.schedule is None else [step.event.kind for step in finding.schedule.transitions]
    assert found == events


@protocol
class Joining(Extracted):
    """C signs nowhere but in what it shows, and d decides what c has signed."""

    def step(self, at: At, s: Heard, event: Start | Vote | Certificate[int]) -> Step[Heard, Any]:
        match event:
            case Vote(_, value, "a") if at.me == "c":
                return s, send(Certificate(value, {"a", "c"}), to=self.to)
            case Vote(_, value, "c") if at.me == "d":
                return replace(s, decision=value), ()
            case Vote():
                return s, ()
            case _:
                return super().step(at, s, event)

    def lies(self, liar: str) -> list[Any]:
        return [Vote(0, 1, "c")]


@pytest.mark.parametrize(("to", "events"), [("b", ["start", "deliver", "lie"]), ("d", None)])
def test_who_sends_a_certificate_may_have_signed_in_it_alone(to: str, events: list[str] | None) -> None:
    finding = analyse(explore(system_of(Joining(to=to), SIGNED)), [undecided]).findings[0]
    found = None if finding.schedule is None else [step.event.kind for step in finding.schedule.transitions]
    assert found == events


def test_only_a_process_with_enough_signatures_can_say_a_certificate() -> None:
    def said(model: Extracted) -> set[int]:
        graph = explore(system_of(model, SIGNED))
        moves = (step.event for number in range(len(graph)) for step in graph.transitions(number))
        return {event.message.size for event in moves if event.kind == "lie" and isinstance(event.message, Certificate)}

    counting = Counting()
    assert said(counting) == {1, 2}
    assert said(replace(counting, to="d")) == {1}


@protocol
class Counting(Extracted):
    """Each certificate that is heard is decided."""

    def step(self, at: At, s: Heard, event: Start | Vote | Certificate[int]) -> Step[Heard, Any]:
        if isinstance(event, Certificate) and at.me == "d" and at.sender == "b":
            return replace(s, decision=event.size), ()
        return super().step(at, s, event)


@protocol
class Reading(Extracted):
    """Whose step looks for the signers."""

    def step(self, at: At, s: Heard, event: Start | Vote | Certificate[int]) -> Step[Heard, Any]:
        match event:
            case Certificate(signers=_):
                return s, ()
            case _:
                return super().step(at, s, event)


def test_a_step_that_reads_the_signers_is_refused_with_its_line() -> None:
    with pytest.raises(StepRaised, match="does not record its signers") as it:
        explore(system_of(Reading(to="d"), asynchronous()))
    assert it.value.place is not None
    assert it.value.place.file == __file__
    assert "case Certificate(signers=_)" in str(it.value)


def test_a_correct_process_that_makes_up_a_signature_is_refused() -> None:
    with pytest.raises(BadProtocol, match=r"c sends Certificate\(1, 4\), but only a, b, c can have signed it"):
        explore(system_of(Extracted(forges=True), SIGNED))


@protocol
class InRounds:
    """Whose messages in rounds bear a certificate."""

    rounds: int = 1

    def processes(self) -> list[RoundProcess[Any, Any]]:
        return [RoundProcess(f"p{i}", self.send, self.receive, start=Heard()) for i in range(3)]

    def send(self, at: At, s: Heard, number: int) -> Any:
        return to_others(Certificate(1, {at.me}))

    def receive(self, at: At, s: Heard, number: int, heard: Any) -> Heard:
        return replace(s, decision=1)

    def lies(self, at: At, number: int) -> list[Any]:
        return [Certificate(1, {at.me})]

    def signatures(self, message: Any) -> list[Any]:
        return [message]


def test_certificates_are_refused_in_rounds() -> None:
    with pytest.raises(BadProtocol, match=r"lists Certificate\(1, 1\), but rounds have no certificates"):
        explore(system_of(InRounds(), synchronous(byzantine=("p2",), authenticated=True)))


# A view change, with the sets of signers and without.


def seen(graph: StateGraph) -> set[Any]:
    """Return the local states of correct processes in each configuration, signers left out."""
    return {tuple(without_signers(part.local) for part in now.components) for now in graph.configurations}


def without_signers(state: Any) -> Any:
    proof = getattr(getattr(state, "kept", None), "proof", None)
    return replace(state, kept=Proof(state.kept.kind, size(proof))) if proof is not None else state


def size(proof: Any) -> int:
    return proof.size if isinstance(proof, Certificate) else len(proof)


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("liar", "forgets", "with_sets", "without", "events"),
    [
        ("r1", False, (3_856, 17_019), (3_856, 13_203), None),
        ("r0", False, (7_984, 34_337), (9_274, 33_154), None),
    ],
)
def test_a_view_change_leads_to_the_same_states_with_certificates_and_with_sets_of_signers(
    liar: str, forgets: bool, with_sets: tuple[int, int], without: tuple[int, int], events: int | None
) -> None:
    world = asynchronous(byzantine=(liar,), authenticated=True, ignored="stays")
    graphs = [explore(system_of(TwoViews(certificates, forgets), world)) for certificates in (False, True)]
    assert [(len(graph), len(graph.targets)) for graph in graphs] == [with_sets, without]
    assert seen(graphs[0]) == seen(graphs[1])
    systems: Any = [graph.system for graph in graphs]
    assert [system.speech.size for system in systems] == [25, 16]
    for graph in graphs:
        schedule = analyse(graph, [agreement]).findings[0].schedule
        assert (None if schedule is None else len(schedule)) == events


def test_unsigned_certificates_are_messages_like_others_in_both_engines() -> None:
    world = asynchronous(byzantine=("r1",), ignored="stays")
    bounds = Bounds(depth=4)
    reference, kernel = (explore(system_of(TwoViews(), world), bounds, engine=name) for name in ("reference", "kernel"))
    assert (kernel.engine, kernel.fallback) == ("kernel", "")
    assert (len(kernel), len(kernel.targets)) == (len(reference), len(reference.targets))
    signed = replace(world, failures=replace(world.failures, authenticated=True))
    assert explore(system_of(TwoViews(), signed), bounds, engine="kernel").engine == "kernel"


@pytest.mark.long
@pytest.mark.sampled(1)
@pytest.mark.parametrize("careful", [True, False])
def test_random_certificates_lose_no_lie(careful: bool) -> None:
    """Sets of signers are enumerated apart; careful protocols lead to the same states with certificates."""
    compared = {"all": 0, "more": 0}
    for seed in range(26) if careful else range(24, 46):
        model, world = random_certified(seed)
        if careful:  # each signer says so in a vote of its own, and votes are counted from their voters only
            model = replace(model, traits=tuple((q, n, False, False, o) for q, n, _, _, o in model.traits))
        graph = explore(system_of(model, world), Bounds(configurations=160))
        shown = listed(graph)
        if not graph.complete or not shown:
            continue
        try:
            expected = enumerated(replace(model, certificates=False, listed=shown), world, 80)
        except TooLarge:
            continue
        with_sets = {
            tuple(without_signers(held[1]) for held in now.locals if held[0] == "live") for now in expected.depth
        }
        found = {tuple(state for state in states if isinstance(state, Place)) for states in seen(graph)}
        assert (with_sets - found, seed) == (set(), seed)
        compared["all"] += 1
        compared["more"] += found != with_sets
    assert compared["all"] > 5
    assert (compared["more"] == 0) == careful


def listed(graph: StateGraph) -> tuple[tuple[int, int], ...]:
    """Return what certificates liars can say, as (kind, size) pairs."""
    system: Any = graph.system
    letters = (letter for _, voice in system.speech.voices for _, letters in voice for letter in letters)
    proofs = (letter.letter.message for letter in letters if isinstance(letter.letter.message, Proof))
    return tuple(sorted({(proof.kind, proof.proof.size) for proof in proofs}))
