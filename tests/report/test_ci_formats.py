"""JUnit, SARIF, GitHub and Markdown: valid by their schemas, at the right lines, and safe whatever a message says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from flpcheck.examine import Examination, examine
from flpcheck.report.ci import FORMATS, formatted, writer_of
from flpcheck.report.ci.results import results_of
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"
SCHEMAS = Path(__file__).parents[1] / "schemas"

HOSTILE = '''"""<script>alert(1)</script> & | ]]> a hostile spec."""
from flpcheck import *

TEXT = "]]> ``` </x> & \\x00 \\" ' ::error file=x:: \\n%0A"

@record
class Say:
    text: str

@record
class State:
    input: int | None
    decision: int | None = None

@protocol
class Hostile:
    def processes(self):
        return [Process(name, self.step, inputs={0: State(0), 1: State(1)}) for name in ("p;0", "p<1>")]

    def step(self, at: At, s: State, event: Start | Say) -> Step[State, Say]:
        match event:
            case Start() if s.decision is None:  # 1. decide ::error:: `one's own` \\x07 | %
                return replace(s, decision=s.input), broadcast(Say(TEXT))
            case Start() | Say():
                return s, ()

@invariant
def nobody_decides(view: View[State]) -> bool:
    """No process <b>ever</b> decides, | at all."""
    return not view.outputs
'''


@cache
def examined(spec: str, instance: str | None = None, depth: int | None = None) -> Examination:
    path = spec if spec.startswith("/") else str(SPECS / f"{spec}.py")
    return examine(settle(load(path), Overrides(instance=instance, bounds={"depth": depth} if depth else {})))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Examination:
    file = tmp_path_factory.mktemp("hostile") / "hostile.py"
    file.write_text(HOSTILE, encoding="utf-8")
    return examined(str(file))


@pytest.fixture(scope="module")
def some(hostile: Examination) -> list[Examination]:
    return [examined("wait_for_all", "one crash"), examined("sequencer"), examined("paxos", None, 3), hostile]


def test_junit_names_no_network_where_there_is_none() -> None:
    document = formatted([examined("memory/arbiter"), examined("sequencer")], "junit")
    assert 'value="asynchronous, shared memory, no failures"' in document
    assert 'value="asynchronous, multiset network' in document


def test_junit_is_valid_and_counts_what_it_holds(some: list[Examination]) -> None:
    schema = etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd")))
    document = etree.fromstring(formatted(some, "junit").encode())
    schema.assertValid(document)
    for suite, examination in zip(document, some, strict=True):
        outcomes = [result.outcome for result in results_of(examination)]
        assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(outcomes)
        bad = outcomes.count("failed") + outcomes.count("incomplete")
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == bad
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == 0


def test_what_a_bound_left_open_is_skipped_where_that_is_allowed() -> None:
    cut = examined("paxos", None, 3)
    strict, lenient = (writer_of("junit", allow_incomplete=allowed).part(cut) for allowed in (False, True))
    number = [result.outcome for result in results_of(cut)].count("incomplete")
    assert number > 0
    assert [(suite.get("failures"), suite.get("skipped")) for suite in (strict, lenient)] == [
        (str(number), "0"),
        ("0", str(number)),
    ]
    assert {failure.get("type") for failure in strict.iter("failure")} == {"incomplete"}


def test_sarif_is_valid_and_never_passes_what_is_open(some: list[Examination]) -> None:
    log = json.loads(formatted(some, "sarif"))
    jsonschema.validate(log, json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
    kinds = [result["kind"] for result in log["runs"][0]["results"]]
    outcomes = [result.outcome for examination in some for result in results_of(examination)]
    assert kinds == [{"ok": "pass", "failed": "fail", "incomplete": "open"}[outcome] for outcome in outcomes]
    assert set(kinds) == {"pass", "fail", "open"}


def test_annotations_are_one_line_each_and_stand_where_the_property_is_written(hostile: Examination) -> None:
    *lines, closing = formatted([hostile], "github").splitlines()
    results = results_of(hostile)
    assert closing == f"flpcheck: {len(results)} results, {len(lines)} to look at"
    assert len(lines) == sum(result.outcome != "ok" for result in results) > 1
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)
    (own,) = [line for line in lines if "nobody_decides" in line.split("::")[1]]
    at = HOSTILE.splitlines().index("@invariant") + 1
    assert f",line={at}," in own


def test_a_standard_property_points_at_the_rule_of_the_last_step(hostile: Examination) -> None:
    (found,) = [result for result in results_of(hostile) if result.name == "agreement"]
    assert found.outcome == "failed"
    assert HOSTILE.splitlines()[found.place.line - 1].strip().startswith("return replace(s, decision")


def test_markdown_keeps_its_table_and_fences_whatever_messages_hold(hostile: Examination) -> None:
    text = formatted([hostile], "markdown")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(line.replace("\\|", "").count("|") == 7 for line in rows)
    assert "<script>" not in text.split("```")[0]
    assert text.count("```mermaid") == len([r for r in results_of(hostile) if r.outcome == "failed"]) > 0


def test_expected_violations_are_no_failures() -> None:
    results = results_of(examined("wait_for_all", "one crash"))
    assert {result.outcome for result in results} == {"ok"}
    assert any("VIOLATED" in result.message for result in results)


def test_json_lines_are_one_object_an_examination(some: list[Examination]) -> None:
    lines = formatted(some, "jsonl").splitlines()
    assert [json.loads(line)["configurations"] for line in lines] == [len(e.graph) for e in some]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_no_examinations(form: str) -> None:
    assert isinstance(formatted([], form), str)
