"""Figures of the theorem that are known from elsewhere: published counts, closed forms, and what the proof demands."""

from __future__ import annotations

import numpy as np
import pytest
from closed_forms.test_sequencer import Sequencer
from oracle.analysis import enumerated
from waiting import Forgetful

from flpcheck import Event, asynchronous, load, replace, system_of
from flpcheck.analyse import Schedule
from flpcheck.analyse.case import Case
from flpcheck.analyse.theorem.adversary import Play, Stage, play
from flpcheck.analyse.theorem.gadgets import Gadgets
from flpcheck.analyse.theorem.lemma2 import beginning
from flpcheck.analyse.theorem.lemma3 import preservation
from flpcheck.analyse.theorem.tour import TheoremResult, tour
from flpcheck.analyse.theorem.why import why
from flpcheck.analyse.verdict import flp_verdict
from flpcheck.explore import explore
from flpcheck.report.as_json.theorem import why_as_json


def case_of(name: str, instance: str) -> Case:
    found = load(name).instance(instance)
    return Case(explore(system_of(found.protocol, found.world, found.inputs)))


def toured(case: Case) -> TheoremResult:
    verdict = flp_verdict(case)
    assert verdict is not None
    return tour(case, verdict)


@pytest.mark.parametrize("own", [True, False])
def test_the_sequencer_has_8_failures_of_lemma_3_and_2_critical_configurations(*, own: bool) -> None:
    case = case_of("sequencer", "no crash") if own else Case(explore(system_of(Sequencer(), asynchronous())))
    lemma3 = preservation(case.valence)
    found = Gadgets.of(case.valence, lemma3.labels)
    assert (len(case.graph), int(case.valence.bivalent.sum())) == (96, 8)
    assert (len(found.critical), lemma3.failures) == (2, 8)
    assert found.forks[:, 0].tolist() == found.critical.tolist()
    assert {case.graph.system.names[pivot] for pivot in found.forks[:, 1].tolist()} <= {"sequencer", "p2"}
    assert len(found.hooks) == len(found.corners) == 0


@pytest.mark.parametrize(("n", "forget", "size"), [(2, False, 36), (2, True, 52), (3, False, 1000), (3, True, 1384)])
def test_wait_for_all_has_the_published_sizes_with_and_without_a_field_that_is_not_reset(
    n: int, *, forget: bool, size: int
) -> None:
    graph = explore(system_of(Forgetful(n=n, forget=forget), asynchronous()))
    assert len(graph) == size == len(enumerated(Forgetful(n=n, forget=forget), asynchronous()).depth)
    if not forget:
        assert size == 2**n * (1 + 2 ** (n - 1)) ** n


def test_without_one_process_12_of_52_are_dead_and_20_are_not_uniform() -> None:
    case = Case(explore(system_of(Forgetful(n=2, forget=True), asynchronous())))
    assert len(case.graph) == 52
    assert not case.valence.bivalent.any()
    assert [int(case.silent.dead((index,)).sum()) for index in (0, 1)] == [12, 12]
    assert int(case.silent.non_uniform.sum()) == 20
    census = case.valence.census(np.array(case.graph.roots))
    assert (census.bivalent, census.univalent, census.none) == (0, {"0": 3, "1": 1}, 0)


def test_lemma_2_without_a_bivalent_beginning_names_who_blocks() -> None:
    case = Case(explore(system_of(Forgetful(n=2, forget=True), asynchronous(crashes=1, crash_events="elided"))))
    lemma = beginning(case.valence, case.silent)
    assert lemma.bivalent == ()
    assert [(dict(link.inputs), link.valence) for link in lemma.chain] == [
        ({"p0": 0, "p1": 0}, "0"),
        ({"p0": 0, "p1": 1}, "0"),
        ({"p0": 1, "p1": 1}, "1"),
    ]
    assert (lemma.pivot, lemma.turn, lemma.silent) == ("p0", 2, "none")
    root = case.graph.roots[lemma.chain[2].initial]
    assert case.silent.dead((0,))[root]
    assert toured(case).verdict.verdicts == ("blocks",)


def test_the_certificate_of_blocking_says_who_waits_for_whom() -> None:
    found = toured(case_of("wait_for_all", "one crash"))
    assert found.blocking is not None
    assert (found.blocking.crashed, found.blocking.silent) == (("p0",), ())
    assert [str(wait) for wait in found.blocking.waits] == ["p1 waits for Value(0) from p0"]
    silent = toured(case_of("two_phase_commit", "patient")).blocking
    assert silent is not None
    assert (silent.crashed, silent.silent) == ((), ("coordinator",))


def test_a_gadget_is_found_where_there_is_one() -> None:
    case = case_of("test_and_set", "one crash")
    found = Gadgets.of(case.valence, preservation(case.valence).labels)
    kinds = {"fork": set(found.forks[:, 0]), "hook": set(found.hooks[:, 0]), "corner": set(found.corners)}
    assert kinds["corner"]
    for number in range(len(case.graph)):
        gadget = found.at(number)
        assert (gadget.kind if gadget else None) == next((kind for kind in kinds if number in kinds[kind]), None)


def test_why_says_at_which_step_an_outcome_was_lost() -> None:
    case = case_of("test_and_set", "one crash")
    graph, bivalent = case.graph, case.valence.bivalent
    root = next(root for root in graph.roots if bivalent[root])
    assert why_as_json(why(case, [root]))["lost"] is None
    path = [root]
    while bivalent[path[-1]]:
        path.append(int(graph.targets[graph.out(path[-1])][0]))
    lost = why_as_json(why(case, path))["lost"]
    assert lost["step"] == len(path) - 1
    assert (lost["before"], lost["after"]) == ("0/1", case.valence.name(path[-1]))


def test_the_polite_dance_is_found_by_the_adversary() -> None:
    """Registers keep agreement and never block; the theorem for registers leaves the dance only."""
    found = toured(case_of("read_write_registers", "polite, one crash"))
    assert found.verdict.verdicts == ("undecided_lasso",)
    assert found.blocking is None
    assert found.adversary is not None
    schedule = found.adversary.schedule
    assert schedule.loop is not None
    assert len(schedule) - schedule.loop == 8
    assert found.adversary.stuck is None
    assert found.case.valence.bivalent[list(schedule.numbers)].all()


def led_at_once(case: Case, number: int, stage: Stage) -> str:
    """Return the valence to which the event of a stage leads without the detour, as text."""
    steps = zip(case.graph.transitions(number), case.graph.targets[case.graph.out(number)].tolist(), strict=True)
    return f"only {case.valence.name(next(target for step, target in steps if step.event == stage.event))}"


@pytest.mark.parametrize(
    ("name", "instance"),
    [
        ("paxos", "one ballot each"),
        ("read_write_registers", "polite, no crash"),
        ("read_write_registers", "hasty, no crash"),
    ],
)
def test_stages_of_the_adversary_serve_each_process_in_turn_and_its_oldest_event(name: str, instance: str) -> None:
    case = case_of(name, instance)
    root = next(root for root in case.graph.roots if case.valence.bivalent[root])
    played = play(case.valence, preservation(case.valence).labels, root)
    order = [stage.process for stage in played.stages]
    members = list(dict.fromkeys(order))
    assert members == [pid for pid in case.graph.system.names if pid in members]
    assert order == [members[place % len(members)] for place in range(len(order))]
    ends = [*(stage.first for stage in played.stages[1:]), len(played.schedule)]
    for stage, end in zip(played.stages, ends, strict=True):
        taken = played.schedule.transitions[stage.first : end]
        if stage.event is None:
            assert taken == ()
        else:
            assert taken[-1].event == stage.event
            assert len(taken) == stage.detour + 1
            assert stage.event not in [transition.event for transition in taken[:-1]]
            assert stage.without == (
                led_at_once(case, played.schedule.numbers[stage.first], stage) if stage.detour else ""
            )


def test_what_the_adversary_has_done_is_one_sentence() -> None:
    nowhere = Schedule(0, (None,), ())
    blocking = toured(case_of("sequencer", "one crash")).blocking
    assert blocking is not None
    stage, steps = Stage("p", None, 0, 0, ""), blocking.schedule.transitions
    texts = [
        Play((stage,), nowhere, None),
        Play((), nowhere, ("p", Event("start", "p"))),
        Play((stage, stage), replace(nowhere, transitions=steps, loop=1), None),
    ]
    assert [play.because for play in texts] == [
        "after 1 stage it has not repeated yet",
        "after 0 stages no detour keeps both outcomes possible: p's oldest event is p starts",
        f"after 2 stages it repeats for ever: a loop of {len(steps) - 1} events, fair to every process, undecided",
    ]


def test_where_no_detour_is_left_the_adversary_silences_a_process() -> None:
    found = toured(case_of("paxos", "one ballot each"))
    assert found.adversary is not None
    assert found.adversary.stuck is not None
    assert found.ending is not None
    (pid,) = found.ending.silent
    assert found.case.silent.dead((found.graph.system.names.index(pid),))[found.ending.number]
    stages = len(found.adversary.schedule)
    assert found.ending.schedule.transitions[:stages] == found.adversary.schedule.transitions


@pytest.mark.parametrize(
    ("name", "instance", "why"),
    [
        ("sequencer", "one crash", "one fault is tolerated"),
        ("guess_on_timeout", "guess, one crash", "disagrees"),
        ("test_and_set", "one crash", "do not commute"),
    ],
)
def test_where_lemma_3_fails_a_hypothesis_is_violated(name: str, instance: str, why: str) -> None:
    found = toured(case_of(name, instance))
    assert found.lemma3.failures
    assert why in found.why_lemma3_fails


def test_two_decisions_do_not_make_a_configuration_critical() -> None:
    case = case_of("first_quorum", "no crash, n=3")
    graph, valence = case.graph, case.valence
    ended = np.diff(graph.offsets) == 0  # every successor is univalent, there being none
    assert (valence.disagreeing & ended).any()
    assert not (valence.critical & valence.disagreeing).any()
    assert not (valence.critical & ended).any()
