"""Equal local states: what is merged, what tells states apart, and what refutes a guess."""

from __future__ import annotations

from typing import Any

import pytest
from cli.test_commands import Cli, cli  # noqa: F401
from every_spec import every_instance, spec_named
from fuzz_dead_letters import initially
from fuzz_equal_states import merging, observing, violated
from reduce.painters import (
    Asked,
    Dying,
    Keeping,
    Noting,
    Painting,
    Rising,
    Telling,
    Voting,
    as_noted,
    decides,
    few_states,
    guessing,
    never_blue,
    never_red,
    nothing_left,
)

from flpcheck import (
    Bounds,
    World,
    agreement,
    any_input_validity,
    asynchronous,
    load,
    system_of,
    termination,
    uniform_agreement,
    validity,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.mail_reads import reader_of_mail
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation, ReadsStates
from flpcheck.authoring.property import HOLDS, VIOLATED
from flpcheck.budget import BudgetMonitor
from flpcheck.explore import explore
from flpcheck.reduce import equal_states, reduced
from flpcheck.reduce.equal_states import EqualStates
from flpcheck.reduce.random_runs import RandomRuns
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_apart, without_dead_letters
from flpcheck.stops import StopReason

ENGINES = ["reference", "kernel"]
STATES = (agreement, uniform_agreement, validity, any_input_validity)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_no_run_tells_apart_is_merged(engine: str) -> None:
    assert len(explore(system_of(Painting(), asynchronous()), engine=engine)) == 9
    assert len(explore(merging(Painting(), asynchronous()), engine=engine)) == 9
    hidden = explore(merging(Painting(shows=False), asynchronous()), engine=engine)
    assert len(hidden) == 5
    assert initially(hidden) == [{"done"}]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("waits", [0, 1, 3])
def test_a_wrong_guess_is_refuted_however_late_it_shows(waits: int, engine: str) -> None:
    with guessing(lambda _: True):
        system = merging(Painting(waits), asynchronous())
        assert system.dead_letters.merged
        graph = explore(system, engine=engine)
    assert len(graph) == 5 + 2 * waits
    assert initially(graph) == [{"blue", "red"}]
    assert system.dead_letters.equal is not None
    assert system.dead_letters.equal.guesses > 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("waits", [0, 1, 3])
def test_states_that_follow_from_merged_ones_are_compared(waits: int, engine: str) -> None:
    """Nothing but the first two states is merged, so the others are met by the comparison alone."""
    with guessing(lambda state: state.colour and not state.steps and not state.decision):
        system = merging(Painting(waits), asynchronous())
        assert len(system.dead_letters.merged) == 1
        assert initially(explore(system, engine=engine)) == [{"blue", "red"}]
        system = merging(Painting(waits, shows=False), asynchronous())
        assert len(explore(system, engine=engine)) == 3 + waits
    assert system.dead_letters.equal is not None
    assert system.dead_letters.equal.guesses == 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("claim", [never_blue, never_red, few_states])
def test_what_a_property_reads_tells_states_apart(claim: Any, engine: str) -> None:
    plainly = examine_safety(system_of(Painting(shows=False), asynchronous()), [claim], engine="reference")
    judged = observing(
        lambda observation: examine_safety(
            merging(Painting(shows=False), asynchronous(), observation), [claim], engine=engine
        )
    )
    assert violated(judged) == violated(plainly)
    assert judged.findings[0].verdict is VIOLATED


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_read_is_found_out_when_it_is_asked(engine: str) -> None:
    with pytest.raises(ReadsStates) as raised:
        examine_safety(merging(Painting(), asynchronous()), [never_blue], engine=engine)
    assert ("field", "colour") in raised.value.parts
    observation = Observation(raised.value.parts)
    (finding,) = examine_safety(merging(Painting(), asynchronous(), observation), [never_blue], engine=engine).findings
    assert finding.verdict is VIOLATED


@pytest.mark.parametrize("engine", ENGINES)
def test_a_property_of_decisions_tells_nothing_apart(engine: str) -> None:
    judged = examine_safety(merging(Painting(shows=False), asynchronous()), [decides], engine=engine)
    assert judged.findings[0].verdict is HOLDS
    assert len(judged.graph) == 5


@pytest.mark.parametrize("engine", ENGINES)
def test_what_guards_offer_tells_states_apart(engine: str) -> None:
    with guessing(lambda _: True):
        system = merging(Voting(), asynchronous())
        assert system.dead_letters.merged
        judged = examine_safety(system, [agreement], engine=engine)
    plainly = examine_safety(system_of(Voting(), asynchronous()), [agreement], engine="reference")
    assert violated(judged) == violated(plainly) == [("VIOLATED", 4)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("how", ["says", "notes"])
def test_what_is_sent_and_noted_tells_states_apart(how: str, engine: str) -> None:
    with guessing(lambda _: True):
        graph = explore(merging(Telling(how), asynchronous()), engine=engine)
    assert len(graph) == len(explore(system_of(Telling(how), asynchronous()))) > 4


@pytest.mark.parametrize("engine", ENGINES)
def test_crashed_processes_are_merged_unless_their_inputs_are_read(engine: str) -> None:
    world = asynchronous(crashes=1, crash_events="explicit")
    assert len(explore(system_of(Dying(), world), engine=engine)) == 6
    assert len(explore(merging(Dying(), world), engine=engine)) == 3
    judged = observing(
        lambda observation: examine_safety(merging(Dying(), world, observation), [nothing_left], engine=engine)
    )
    assert violated(judged) == [("VIOLATED", 1)]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_crash_leaves_tells_states_apart(engine: str) -> None:
    world = asynchronous(crashes=1, recoveries=1, crash_events="explicit")
    with guessing(lambda _: True):
        system = merging(Rising(), world)
        assert system.dead_letters.merged
        assert initially(explore(system, engine=engine)) == [{"none", "blue", "red"}]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("ways", [("leaves", "takes"), ("takes", "leaves")])
def test_whether_a_letter_stays_tells_states_apart(ways: tuple[str, str], engine: str) -> None:
    """Whichever of the two stands for the other at first."""
    world = asynchronous(ignored="stays")
    with guessing(lambda _: True):
        graph = explore(merging(Keeping(ways), world), engine=engine)
    (finding,) = analyse(graph, [termination]).findings
    assert finding.verdict is VIOLATED


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_letter_changes_tells_states_apart(engine: str) -> None:
    with guessing(lambda _: True):
        system = merging(Asked(), asynchronous())
        assert system.dead_letters.merged
        assert initially(explore(system, engine=engine)) == [{"none", "blue", "red"}]


@pytest.mark.parametrize("most", range(1, 9))
def test_what_was_merged_wrongly_is_found_out_when_time_is_up(most: int) -> None:
    """A violation that rests on it is none, so what was merged is verified even where the whole run ends."""
    calls: list[object] = []

    def exceeded(_: Any, *reserved: Any, **__: Any) -> StopReason | None:
        """Only the search is asked what judging will need; time is up for it, but not for judging."""
        calls.extend(["asked"] if len(reserved) == 2 else [])
        return StopReason.MAX_SECONDS if len(reserved) == 2 and len(calls) > most else None

    with guessing(lambda state: state.colour and not state.decision), pytest.MonkeyPatch.context() as patch:
        patch.setattr(BudgetMonitor, "exceeded", exceeded)
        judged = examine_safety(merging(Noting(), asynchronous()), [as_noted], engine="reference")
    assert violated(judged) == [("INCOMPLETE" if judged.graph.cut else "HOLDS", -1)]


def test_guesses_come_to_an_end() -> None:
    """Where every guess is forgotten, no states are merged in the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EqualStates, "_group", lambda self: setattr(self, "merged", {}))
        system = merging(Painting(), asynchronous())
    assert len(explore(system)) == 9


@pytest.mark.parametrize("most", [0, 100, 300])
def test_a_guess_that_is_cut_short_rests_on_the_runs_alone(most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(equal_states, "QUESTIONS", most)
        patch.setattr(equal_states, "QUESTIONS_EACH", 0)
        system = merging(load("first_quorum").protocol(n=3), asynchronous())
        assert len(explore(system, engine="reference")) == 64


def test_random_runs_are_the_same_every_time() -> None:
    system = merging(load("paxos").instances[0].protocol, asynchronous())
    equal = system.dead_letters.equal
    assert equal is not None
    first, second = (RandomRuns(equal.plain, equal.rows) for _ in range(2))
    first.make()
    second.make()
    assert list(first.visited) == list(second.visited)
    assert second.asked == 0


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (asynchronous(network="fifo"), "in a fifo network later messages wait for them"),
        (
            asynchronous(crashes=1, recoveries=1, crash_events="explicit", crash_points="write-first"),
            "crashes in the middle of a step leave what it had written",
        ),
        (asynchronous(crashes=1), ""),
    ],
)
def test_where_states_are_kept_apart(world: World, reason: str) -> None:
    assert why_apart(system_of(Dying(), world)) == reason


def test_beside_declared_reductions_states_are_kept_apart() -> None:
    alike = load("cas_paxos").instances[0]
    assert "names change on the way" in why_apart(reduced(system_of(alike.protocol, alike.world, alike.inputs)))
    duel = load("paxos_duel").instance("duel")
    assert why_apart(reduced(system_of(duel.protocol, duel.world, duel.inputs), ())) == "declared reductions are used"


def test_another_copy_of_a_system_merges_the_same() -> None:
    system = merging(Painting(shows=False), asynchronous())
    copy = system.afresh()
    assert isinstance(copy, WithoutDeadLetters)
    assert copy.dead_letters.fingerprint == system.dead_letters.fingerprint != ""
    assert len(explore(copy)) == 5


SMALL = 12_000
COMPARED = {
    f"{name}:{instance.name}": (name, instance)
    for name, instance in every_instance()
    if (instance.configurations or SMALL) < SMALL and not hasattr(instance.protocol, "reductions")
}


@pytest.mark.long
@pytest.mark.parametrize("at", COMPARED)
def test_bundled_specs_are_judged_as_without(at: str) -> None:
    """Verdicts and lengths of counterexamples are the same, of invariants and standard properties."""
    name, instance = COMPARED[at]
    plain = system_of(instance.protocol, instance.world, instance.inputs)
    if why_apart(plain):
        return
    claims = [
        *(STATES if plain.deciders else ()),
        *(claim for claim in spec_named(name).own_properties if claim.kind != "step"),
    ]
    if reader_of_mail(claims, steps=False):
        return
    one = examine_safety(plain, claims, Bounds(configurations=SMALL))
    other = observing(
        lambda observation: examine_safety(
            without_dead_letters(plain, observation), claims, Bounds(configurations=SMALL)
        )
    )
    if one.graph.complete or one.violated:
        assert violated(other) == violated(one)
        assert len(other.graph) <= len(one.graph)


LINE = ("explore", "two_phase_commit", "-p", "timeouts=True", "-p", "participants=4", "--no-reports")
ONE = (*LINE, "--property", "ac1")


def test_states_are_merged_on_request_only(cli: Cli) -> None:  # noqa: F811
    cases = [
        ("--reduce", "none", "--safety"),
        ("--reduce", "dead-letters", "--safety"),
        ("--safety",),
        ("--reduce", "equal-states"),
    ]
    found = [cli(*ONE, "--format", "json", *more).json for more in cases]
    assert [one["configurations"] for one in found] == [60_992, 10_101, 10_101, 896]
    assert [one["reductions"] for one in found] == [
        [], ["dead-letters"], ["dead-letters"], ["dead-letters", "equal-states"]
    ]  # fmt: skip
    assert "equal local states are merged" in cli(*ONE, "--reduce", "equal-states").out


def test_rules_of_merged_states_are_not_said_to_be_unused(cli: Cli) -> None:  # noqa: F811
    line = ("explore", "broken/paxos_small_quorum", "--property", "agreement", "--no-reports")
    assert "never taken: A promise" in cli(*line).out
    assert "never taken: " not in cli(*line, "--reduce", "equal-states").out


def test_asked_for_where_states_are_kept_apart_it_says_why(cli: Cli) -> None:  # noqa: F811
    found = cli(*ONE, "--reduce", "equal-states", "--network", "fifo")
    assert found.code == 2
    assert "equal states cannot be merged here" in found.err
    assert "in a fifo network later messages wait for them" in found.err
