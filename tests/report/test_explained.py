"""One error, explained in every form: its fields are the same, and only the reporter lays them out."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from flpcheck.analyse import analyse
from flpcheck.errors import FlpcheckError, Place, Related
from flpcheck.examine import Examination, examine
from flpcheck.explore import explore
from flpcheck.failure import Failure, failure_of
from flpcheck.report.as_json import failure_as_json
from flpcheck.report.ci import github, junit, markdown, sarif
from flpcheck.report.ci.results import failed
from flpcheck.report.contract import schema_of
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

SCHEMA = Path(__file__).parents[1] / "schemas" / "sarif-2.1.0.json"
SPEC = '''"""A spec whose helper fails."""
from flpcheck import *

@record
class Ping:
    n: int = 0

@record
class State:
    started: bool = False
    decision: int | None = None

def inverse(n):
    return 1 // n

@protocol
class Fails:
    def processes(self) -> Processes[Ping]:
        return [Process(name, self.step, start=State()) for name in ("p0", "p1")]

    def step(self, at: At, s: State, event: Start | Ping) -> Step[State, Ping]:
        match event:
            case Start() if not s.started:
                return replace(s, started=True), to_others(Ping())
            case Start():
                return s, ()
            case Ping(n):
                return replace(s, decision=inverse(n)), ()

@invariant
def undecided(view: View[State]) -> bool:
    """No process ever decides."""
    return not view.outputs
'''
HELPER, CALL, CLAIM = (SPEC[: SPEC.index(text)].count("\n") + 1 for text in (
    "return 1 //", "decision=inverse", "@invariant",
))  # fmt: skip
IN, CALLED = "in `return 1 // n`", "called in `return replace(s, decision=inverse(n)), ()`"


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("explained") / "fails.py"
    file.write_text(SPEC, encoding="utf-8")
    return file


@pytest.fixture(autouse=True)
def _here(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(spec.parent)


@pytest.fixture(scope="module")
def error(spec: Path) -> FlpcheckError:
    with pytest.raises(FlpcheckError) as caught:
        examine(settle(load(str(spec)), Overrides()).built())
    return caught.value


@pytest.fixture
def failure(error: FlpcheckError) -> Failure:
    return failure_of(error, "fails.py", "small")


def test_an_exception_in_a_helper_names_its_line_and_the_line_that_called(error: FlpcheckError, spec: Path) -> None:
    assert error.place == Place(str(spec), HELPER)
    assert error.related == (Related(Place(str(spec), CALL), CALLED),)
    assert error.details[0] == IN
    assert not [text for text in (error.why, *error.details) if text != text.strip() or "\n" in text]


def test_the_terminal_shows_each_field_in_lines_of_its_own(failure: Failure, error: FlpcheckError) -> None:
    why, place, called, schedule = (
        "  why: ZeroDivisionError: integer division or modulo by zero",
        f"fails.py:{HELPER}: a step raised an exception",
        f"       fails.py:{CALL}: {CALLED}",
        ["  the schedule that leads there:", "    1  p0 starts"],
    )
    lines = failure.text.splitlines()
    assert lines[:3] == [place, why, f"       {IN}"]
    assert lines[4] == called
    assert lines[5].startswith("  next: correct the step function")
    assert lines[6:] == schedule
    assert str(error) == failure.text


def test_a_notebook_shows_what_the_terminal_does(error: FlpcheckError) -> None:
    assert "".join(traceback.format_exception_only(error)).rstrip().endswith(error.text)


def test_lines_of_one_field_are_aligned() -> None:
    text = FlpcheckError("it broke", why="one\ntwo", details=["three\nfour"], next_step="five\nsix").text
    assert text.splitlines() == [
        "it broke", "  why: one", "       two", "       three", "       four", "  next: five", "        six",
    ]  # fmt: skip


def test_json_has_the_fields(failure: Failure) -> None:
    document = failure_as_json(failure)
    jsonschema.validate(document, schema_of("check"))
    told = document["error"]
    assert (told["file"], told["line"]) == ("fails.py", HELPER)
    assert told["details"] == list(failure.details)
    assert told["related"] == [{"file": "fails.py", "line": CALL, "what": CALLED}]


def log_of(*parts: Any) -> list[dict[str, Any]]:
    log = json.loads(sarif.sarif(parts))
    jsonschema.validate(log, json.loads(SCHEMA.read_text(encoding="utf-8")))
    results: list[dict[str, Any]] = log["runs"][0]["results"]
    return results


def place_in(location: dict[str, Any]) -> tuple[str, int]:
    where = location["physicalLocation"]
    return where["artifactLocation"]["uri"], where["region"]["startLine"]


def test_sarif_has_related_locations(failure: Failure) -> None:
    (result,) = log_of(sarif.failed(failure))
    assert list(map(place_in, result["locations"])) == [("fails.py", HELPER)]
    assert list(map(place_in, result["relatedLocations"])) == [("fails.py", CALL)]
    assert [location["message"]["text"] for location in result["relatedLocations"]] == [CALLED]


def test_sarif_relates_a_violated_property_to_the_rule_of_the_last_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "fails.py"
    spec.write_text(SPEC.replace("1 // n", "1 // (n + 1)"), encoding="utf-8")
    request = settle(load(str(spec)), Overrides()).built()
    judged = analyse(explore(request.system), request.spec.own_properties)
    results = log_of(sarif.part(Examination(request, judged)))
    (violated,) = (result for result in results if result["ruleId"] == "undecided")
    assert (violated["level"], *map(place_in, violated["locations"])) == ("error", ("fails.py", CLAIM))
    assert list(map(place_in, violated["relatedLocations"])) == [("fails.py", CALL)]
    assert [result["ruleId"] for result in results if "relatedLocations" in result] == ["undecided"]


def test_junit_shows_all_of_it(failure: Failure) -> None:
    told = junit.failed(failure).find("testcase/error")
    assert told is not None
    assert told.text == failure.text


def test_other_forms_show_all_of_it(failure: Failure) -> None:
    annotation = github.workflow_commands([failed(failure)]).splitlines()[0]
    assert annotation.startswith(f"::error file=fails.py,line={HELPER},")
    assert annotation.endswith(failure.text.replace("\n", "%0A"))
    assert failure.text in markdown.summary([markdown.failed(failure)])
