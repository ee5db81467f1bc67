"""What analyses are as JSON: the keys of the contract, whose values are those of the analysis itself."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import jsonschema
import pytest

from flpcheck import HOLDS, VIOLATED, Bounds, View, asynchronous, load, sometimes, system_of
from flpcheck.analyse import Analysis, analyse, standard_properties
from flpcheck.analyse.chance import Odds
from flpcheck.analyse.chance.values import Interval
from flpcheck.analyse.theorem.tour import TheoremResult, tour
from flpcheck.analyse.theorem.why import why
from flpcheck.analyse.vacuity import Vacuity
from flpcheck.explore import explore
from flpcheck.report.contract import DEFINITIONS, versioned
from flpcheck.report.contract.documents import EXAMINATION
from flpcheck.report.contract.shapes import Schema
from flpcheck.report.contract.theorem import THEOREM

TOURED = [
    ("sequencer", "one crash"),
    ("wait_for_all", "one crash"),
    ("first_quorum", "no crash, n=3"),
    ("read_write_registers", "polite, one crash"),
]


@sometimes
def some_process_decides(view: View[Any]) -> bool:
    """Some process decides."""
    return bool(view.outputs)


@cache
def analysed(name: str, instance: str, bounds: Bounds = Bounds()) -> Analysis:  # noqa: B008
    found = load(name).instance(instance)
    graph = explore(system_of(found.protocol, found.world, found.inputs), bounds)
    return analyse(graph, standard_properties(graph))


def toured(analysis: Analysis) -> TheoremResult:
    assert analysis.flp is not None
    return tour(analysis.case, analysis.flp)


def assert_fits(shape: Schema, document: Any) -> None:
    validator = jsonschema.Draft202012Validator({**shape, "$defs": DEFINITIONS})
    assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize(("name", "instance"), TOURED)
def test_the_theorem_on_a_protocol_fits_the_contract(name: str, instance: str) -> None:
    findings = analysed(name, instance)
    found = toured(findings)
    document = found.as_json()
    assert_fits(THEOREM, document)
    for part, made in (("blocking", found.blocking), ("lasso", found.lasso), ("adversary", found.adversary)):
        assert (document[part] is None) == (made is None)
        if made is not None:
            steps = [transition.as_json() for transition in made.schedule.transitions]
            assert (document[part]["initial"], document[part]["schedule"]) == (made.schedule.initial, steps)
            assert document[part].get("loop", made.schedule.loop) == made.schedule.loop
    assert document["lemma3"]["failures"] == len(found.lemma3.failing)
    assert len(document["lemma2"]["chain"]) == len(found.lemma2.chain)
    assert document["within"] == [held.as_json() for held in found.within]


@pytest.mark.parametrize(("name", "instance"), TOURED)
def test_one_configuration_fits_the_contract(name: str, instance: str) -> None:
    findings = analysed(name, instance)
    for root in findings.graph.roots[:2]:
        path = [root, *findings.graph.targets[findings.graph.out(root)].tolist()[:1]]
        document = why(findings.case, path).as_json()
        assert_fits(DEFINITIONS["why"], versioned(document))
        assert document["configuration"] == path[-1]
        assert document["critical"] == bool(findings.valence.critical[path[-1]])
        assert document["disagrees"] == bool(findings.valence.disagreeing[path[-1]])


def test_a_census_fits_the_contract_and_counts_every_configuration_once() -> None:
    for bounds in (Bounds(), Bounds(configurations=30)):
        findings = analysed("first_quorum", "no crash, n=3", bounds)
        census = findings.census.as_json()
        assert_fits(EXAMINATION["valence"], census)
        assert census["univalent"] == findings.census.univalent
        counted = census["bivalent"] + sum(census["univalent"].values()) + census["none"] + census["unknown"]
        assert counted == len(findings.graph)


def test_a_verdict_of_the_theorem_fits_the_contract_whatever_it_is() -> None:
    met: set[str] = set()
    for name, instance, bounds in [(*one, Bounds()) for one in TOURED] + [
        ("paxos", "one ballot each", Bounds(depth=2))
    ]:
        verdict = analysed(name, instance, bounds).flp
        assert verdict is not None
        assert_fits(DEFINITIONS["flp"], verdict.as_json())
        assert verdict.as_json()["verdicts"] == list(verdict.verdicts)
        met.update(verdict.verdicts)
    assert {"blocks", "disagrees", "undecided_lasso", "unknown"} <= met


@pytest.mark.parametrize("expected", [None, HOLDS, VIOLATED])
def test_a_finding_fits_the_contract_with_an_expectation_and_without(expected: Any) -> None:
    graph = analysed("first_quorum", "no crash, n=3").graph
    findings = analyse(graph, (*standard_properties(graph), some_process_decides)).findings
    assert {finding.verdict for finding in findings if finding.schedule} == {HOLDS, VIOLATED}
    for finding in findings:
        document = finding.as_json(expected)
        assert_fits(DEFINITIONS["finding"], document)
        assert document["expected"] == (expected and expected.value)
        assert document["as_expected"] == (None if expected is None else finding.verdict is expected)
        shown = "counterexample" if finding.verdict is VIOLATED else "witness"
        assert (shown in document) == (finding.schedule is not None)


@pytest.mark.parametrize("least", [None, Fraction(1, 3)])
@pytest.mark.parametrize("rounds", [None, Interval(Fraction(2), Fraction(5, 2))])
def test_odds_fit_the_contract_and_are_exact_fractions(least: Fraction | None, rounds: Interval | None) -> None:
    document = Odds(least, (Fraction(0), Fraction(1, 2)), rounds, rounds).as_json()
    assert_fits(DEFINITIONS["odds"], document)
    chance = document["least_probability"]
    assert (None if chance is None else Fraction(chance)) == least
    for scheduler in ("slowest", "fastest"):
        bounds = document[scheduler]
        assert (bounds and Interval(Fraction(bounds["at_least"]), Fraction(bounds["at_most"]))) == rounds


def test_bounds_that_differ_are_both_said_and_equal_ones_once() -> None:
    assert str(Interval(Fraction(5, 2), Fraction(5, 2))) == "5/2"
    assert str(Interval(Fraction(2), Fraction(5, 2))) == "between 2 and 2.5"


def test_what_never_happens_fits_the_contract() -> None:
    found = Vacuity.of(explore(system_of(load("wait_for_all").protocol(), asynchronous()), Bounds(depth=0)))
    document = found.as_json()
    assert_fits(EXAMINATION["vacuity"], document)
    assert found.rules
    assert [(rule["rule"], rule["line"]) for rule in document["rules"]] == [(r.name, r.place.line) for r in found.rules]
