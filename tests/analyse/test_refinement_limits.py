"""What a refinement is not judged by, which mappings and protocols are refused, and how a violation is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from generators.protocols import random_protocol
from refining import PAXOS, REFINES_VOTING, SETS, Arrows, QuorumOfOne, Voting, verdict_on

from flpcheck import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    agreement,
    asynchronous,
    load,
    refines,
    system_of,
)
from flpcheck.analyse import analyse
from flpcheck.analyse.mail_reads import ReadsMail, reader_of_mail
from flpcheck.analyse.safety import examine_safety
from flpcheck.cli import cli
from flpcheck.errors import BadProperty, BadValue, SpecUnreadable
from flpcheck.explore import Bounds, explore
from flpcheck.reduce import reduced
from flpcheck.reduce.without_dead_letters import without_dead_letters
from flpcheck.report.contract import schema_of
from flpcheck.settle import Overrides, settle


def test_a_mapping_that_sees_crashes_proves_nothing_where_they_are_elided() -> None:
    spec = load("paxos")
    instance = spec.instances[0]
    for engine in ("kernel", "reference"):
        graph = explore(system_of(instance.protocol, instance.world, {"p0": 0, "p1": 1}), engine=engine)
        blind, seeing = (
            refines(Arrows((0,), ()), mapping) for mapping in (lambda _: 0, lambda view: len(view.crashed) * 0)
        )
        found = analyse(graph, [blind]).findings[0], analyse(graph, [seeing]).findings[0]
        assert [finding.verdict for finding in found] == [HOLDS, INCOMPLETE]
        assert "crashes are elided" in found[1].because


def test_a_cut_search_proves_nothing_and_a_wrong_step_in_it_stands() -> None:
    graph = explore(system_of(PAXOS.protocol(), SETS), Bounds(depth=5))
    assert verdict_on(graph, REFINES_VOTING).verdict is INCOMPLETE
    graph = explore(system_of(QuorumOfOne(), SETS), Bounds(depth=5))
    assert verdict_on(graph, REFINES_VOTING).verdict is VIOLATED


def test_it_is_not_asked_in_a_search_that_keeps_no_transitions() -> None:
    judged = examine_safety(system_of(PAXOS.protocol(), SETS), [agreement, REFINES_VOTING])
    assert "before and after a transition" in judged.not_asked[REFINES_VOTING]


def test_quotients_are_refused_by_name() -> None:
    spec = load("paxos_duel")
    instance = spec.instances[0]
    system = reduced(system_of(instance.protocol, instance.world, instance.inputs))
    assert system is not system.plain
    finding = verdict_on(explore(system), refines(Arrows((0,), ()), lambda _: 0))
    assert (finding.verdict, "use --no-reduction" in finding.because) == (INCOMPLETE, True)


def test_symmetry_is_not_used_where_a_refinement_is_asked() -> None:
    spec = load("tla/voting")
    request = settle(spec, Overrides(claims=["refines_consensus"], reduction=True))
    assert request.system.symmetry is None


def test_dead_letters_are_kept_where_the_mapping_reads_mail() -> None:
    plain = system_of(PAXOS.protocol(), SETS)
    assert reader_of_mail([REFINES_VOTING], steps=True) == "refines_voting follows whole runs"
    hidden = refines(Voting, lambda view: PAXOS.protocol().as_voting(view))  # its code does not say `mail`
    with pytest.raises(ReadsMail):
        verdict_on(explore(without_dead_letters(plain)), hidden)
    silent = refines(Arrows((0,), ()), lambda _: 0)
    assert verdict_on(explore(without_dead_letters(plain)), silent).verdict is HOLDS


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (lambda view: view["nobody"], "raised an exception"),
        (lambda _: [1], "list"),
        (lambda _, memory=[]: memory.append(1) or len(memory), "nondeterministic"),
    ],
)
def test_a_mapping_that_fails_is_explained(mapping: Any, said: str) -> None:
    graph = explore(system_of(random_protocol(3), asynchronous()), Bounds(configurations=50))
    with pytest.raises(BadProperty, match=said):
        verdict_on(graph, refines(Arrows((0, 1, 2, 3), ()), mapping))


def test_only_a_general_protocol_can_be_refined() -> None:
    with pytest.raises(BadProperty, match="needs a general protocol"):
        refines(load("paxos").protocol, lambda view: view)


def test_a_class_takes_the_parameters_that_have_the_same_names() -> None:
    claim: Any = REFINES_VOTING
    assert claim.abstract(PAXOS.protocol(acceptors=5, ballots=1)) == claim.other(acceptors=5, ballots=1)


BROKEN = """
'A promise says nothing of the vote cast before.'
import sys
sys.path.insert(0, {folder!r})
from paxos import Paxos, refines_voting
from flpcheck import VIOLATED, Instance, asynchronous, protocol
sys.path.pop(0)

@protocol
class QuorumOfOne(Paxos):
    @property
    def quorum(self): return 1

INSTANCES = (Instance("mutant", QuorumOfOne(), asynchronous(network="set"), {{refines_voting: VIOLATED}}),)
"""


def test_a_violation_shows_both_runs_in_text_and_json(tmp_path: Path) -> None:
    file = tmp_path / "mutant.py"
    file.write_text(BROKEN.format(folder=str(Path(PAXOS.file).parent)), encoding="utf-8")
    ran = CliRunner().invoke(cli, ["explore", str(file), "--no-reports", "--format", "json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    jsonschema.Draft202012Validator(schema_of("explore")).validate(found)
    beside = found["properties"]["refines_voting"]["beside"]
    assert beside["protocol"] == "Voting"
    assert [step["refined"] for step in beside["steps"]] == [True, True, True, False]
    assert beside["steps"][1]["step"] == "a0 promises 0"
    assert len(beside["configurations"]) == 5
    shown = CliRunner().invoke(cli, ["explore", str(file), "--no-reports"]).stdout
    assert "Voting: a0 promises 0" in shown
    assert "Voting: no such step" in shown
    assert "Voting.votes.0.0: None → 0" in shown


LISTS = """
from flpcheck import Action, At, Event, Instance, HOLDS, Process, Start, asynchronous, protocol, refines

@protocol
class Lists:
    def initial(self): return {initial}
    def actions(self): return [Action(self.goes)]
    def goes(self, c): yield Event("goes"), [c]

@protocol
class Count:
    def processes(self): return [Process("p", self.p, start=0)]
    def p(self, at: At, s: int, event: Start): return (s + 1, ()) if s < 2 else (s, ())

refines_lists = refines(Lists, lambda view: view["p"])
Alias = Count
INSTANCES = (Instance("one", Count(), asynchronous(), {{refines_lists: HOLDS}}),)
"""


@pytest.mark.parametrize(("initial", "line"), [("[[0]]", 6), ("[0]", 8)])
def test_what_cannot_be_an_abstract_configuration_is_located(tmp_path: Path, initial: str, line: int) -> None:
    file = tmp_path / "lists.py"
    file.write_text(LISTS.format(initial=initial), encoding="utf-8")
    ran = CliRunner().invoke(cli, ["explore", str(file), "--protocol", "Count", "--no-reports"])
    assert isinstance(ran.exception, BadValue)
    assert f"lists.py:{line}: a list cannot be part of a state or message" in ran.exception.text
    assert "() yields it" in ran.exception.text
    ran = CliRunner().invoke(cli, ["explore", str(file), "--no-reports"])
    assert isinstance(ran.exception, SpecUnreadable)
    assert "the file defines 2 protocols (Lists, Count)" in ran.exception.text
