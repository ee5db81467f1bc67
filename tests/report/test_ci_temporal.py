"""CI formats of what is claimed of runs: the trigger, the loop, the other protocol, and what holds vacuously."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import desk
import jsonschema
import pytest
from lxml import etree

from flpcheck.examine import Examination, examine
from flpcheck.report.as_json import as_json
from flpcheck.report.ci import formatted
from flpcheck.report.ci.results import places_of, results_of
from flpcheck.report.neighbourhood import neighbourhood
from flpcheck.report.runs.pictures import spacetime
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load

SCHEMAS = Path(__file__).parents[1] / "schemas"
LINES = Path(desk.FILE).read_text(encoding="utf-8").splitlines()
VACUOUS = "woken HOLDS: holds vacuously: 'the clerk sleeps' is never true"


@cache
def examined() -> Examination:
    return examine(settle(load(desk.FILE), Overrides()))


def line_of(text: str) -> int:
    """Return the number of the only line that has a text as its code."""
    (found,) = (number for number, line in enumerate(LINES, start=1) if line.strip().rstrip(":") == text)
    return found


def test_the_outcomes_are_one_of_each() -> None:
    outcomes = {result.name: (result.outcome, result.vacuous) for result in results_of(examined())}
    failed, vacuous = ("failed", False), ("ok", True)
    assert outcomes == {"answered": failed, "woken": vacuous, "refines_stages": failed, "counts": ("ok", False)}


def test_a_run_points_at_its_trigger_and_at_what_repeats() -> None:
    answered, _, refines_stages, _ = results_of(examined())
    trigger, loop = answered.related
    assert (trigger.place.line, loop.place.line) == (line_of(desk.TRIGGER), line_of(desk.FIRST_OF_LOOP))
    assert trigger.what == "'the client <b>waits</b>' is true after this step: client starts"
    assert loop.what == "the rule of the first step that repeats for ever: lamp times out"
    (last,) = refines_stages.related
    assert last.what == "the rule of the last step: clerk receives Ask() from client"


def test_a_loop_without_rules_leaves_the_rule_before_it() -> None:
    answered = examined().judged.findings[0]
    assert answered.schedule is not None
    cut = replace(
        answered.schedule, transitions=answered.schedule.transitions[:2], loop=1
    )  # for ever, a message is lost
    place, related = places_of(examined(), replace(answered, schedule=cut, trigger=None))
    assert place == answered.claim.place
    assert [rule.what for rule in related] == ["the rule of the last step before the loop: client starts"]
    unplaced = replace(answered, claim=replace(answered.claim, place=None))
    trigger, loop = places_of(examined(), answered)[1]
    assert places_of(examined(), unplaced) == (loop.place, (trigger,))


def test_sarif_relates_both_rules_and_says_what_is_vacuous() -> None:
    log = json.loads(formatted([examined()], "sarif"))
    jsonschema.validate(log, json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8")))
    answered, woken, refines_stages, _ = log["runs"][0]["results"]
    places = [place["physicalLocation"]["region"]["startLine"] for place in answered["relatedLocations"]]
    assert places == [line_of(desk.TRIGGER), line_of(desk.FIRST_OF_LOOP)]
    assert (woken["kind"], woken["message"]["text"].endswith(VACUOUS)) == ("pass", True)
    assert "Stages: no such step\n       Stages: 0 → 1" in refines_stages["message"]["text"]


def test_junit_passes_what_is_vacuous_and_says_so() -> None:
    document = etree.fromstring(formatted([examined()], "junit").encode())
    etree.XMLSchema(etree.parse(str(SCHEMAS / "junit-10.xsd"))).assertValid(document)
    cases = {case.get("name"): case for case in document.iter("testcase")}
    assert cases["woken"].findtext("system-out") == VACUOUS
    assert [name for name, case in cases.items() if case.find("system-out") is not None] == ["woken"]
    assert "from here on, for ever:" in (cases["answered"].findtext("failure") or "")


def test_github_notes_what_is_vacuous() -> None:
    *lines, closing = formatted([examined()], "github").splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::notice", "::error"]
    assert lines[1].endswith(VACUOUS)
    assert closing == "flpcheck: 4 results, 2 to look at, 1 vacuous"


def test_markdown_marks_what_is_vacuous_and_draws_the_loop() -> None:
    text = formatted([examined()], "markdown")
    (row,) = (line for line in text.splitlines() if line.startswith("| desk "))
    assert "| answered VIOLATED, woken HOLDS (vacuously), refines_stages VIOLATED |" in row
    assert text.count("    loop for ever\n") == 1
    assert text.count(": trigger: the client #60;b#62;waits#60;/b#62;\n") == 1
    assert text.count(": Stages: no such step\n") == 1
    assert ": Stages: no change\n" not in text


def test_json_says_what_is_vacuous() -> None:
    found = {name: described.get("vacuous") for name, described in as_json(examined())["properties"].items()}
    assert found == {"answered": None, "woken": True, "refines_stages": None}


def test_pictures_show_the_trigger_and_the_other_run() -> None:
    judged = examined().judged
    answered, _, refines_stages = judged.findings
    assert ">trigger: the client &lt;b&gt;waits&lt;/b&gt;<" in spacetime(judged, answered).svg
    beside = spacetime(judged, refines_stages).svg
    assert "trigger" not in beside
    assert beside.count(">Stages sees<") == beside.count(">no such step<") == 1
    graph = examined().analysis
    assert answered.schedule is not None
    assert answered.trigger is not None
    marked = [node for node in neighbourhood(graph, answered).nodes if "trigger: the client <b>waits</b>" in node.lines]
    assert [node.name for node in marked] == [f"c{answered.schedule.numbers[answered.trigger]}"]
    edges = [edge.labels for edge in neighbourhood(graph, refines_stages).edges if edge.on_path]
    assert [labels[1:] for labels in edges][-1] == ("Stages: no such step",)


pytest_plugins = ["pytester"]


def test_the_plugin_passes_what_is_vacuous_and_says_so(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nflpcheck_specs = desk.py\naddopts = -p no:cacheprovider")
    for name in ("desk.py", "desk_stages.py"):
        (pytester.path / name).write_text((Path(desk.FILE).parent / name).read_text(encoding="utf-8"), encoding="utf-8")
    run = pytester.runpytest_subprocess("desk.py", "-rP")
    assert run.parseoutcomes() == {"passed": 2, "failed": 2}
    assert "flpcheck: 1 property holds vacuously; -rP shows why" in run.outlines
    run.stdout.fnmatch_lines(["*'the client <b>waits</b>' is true after event 1*", "*Stages: no such step*", VACUOUS])
