"""JUnit XML: a suite per instance, a case per property and one for the counts; the trace is the failure's text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from flpcheck.authoring.values import printable
from flpcheck.errors import from_here
from flpcheck.examine import Examination
from flpcheck.examine_safety import SafetyExamination
from flpcheck.failure import Failure
from flpcheck.report.ci.results import ERROR, FAILED, OPEN, Result, named, results_of
from flpcheck.report.ci.results import failed as results_of_failure


def junit(suites: Sequence[ET.Element]) -> str:
    """Return the suites of examinations as JUnit XML.

    A verdict that a bound left open is a skipped case, never a passed one.
    """
    root = ET.Element("testsuites", name="flpcheck")
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def suite(examination: Examination | SafetyExamination) -> ET.Element:
    """Return the suite of one examination."""
    name = f"{examination.setting.spec.name} [{named(examination)}]"
    return _suite(name, results_of(examination), examination.seconds, _figures(examination))


def failed(failure: Failure) -> ET.Element:
    """Return the suite of something that could not be examined: one case with an error."""
    (result,) = results_of_failure(failure)
    return _suite(f"{Path(failure.spec).stem} [{result.instance}]", [result], 0.0, {})


def _suite(name: str, results: list[Result], seconds: float, figures: dict[str, str]) -> ET.Element:
    made = ET.Element("testsuite", name=_clean(name), tests=str(len(results)))
    for count, outcome in {"failures": FAILED, "skipped": OPEN, "errors": ERROR}.items():
        made.set(count, str(sum(result.outcome == outcome for result in results)))
    made.set("time", f"{seconds:.3f}")
    properties = ET.SubElement(made, "properties")
    for figure, value in figures.items():
        ET.SubElement(properties, "property", name=figure, value=_clean(value))
    for result in results:
        made.append(_case(result, seconds / len(results)))
    return made


def _figures(examination: Examination | SafetyExamination) -> dict[str, str]:
    graph, flp = examination.graph, examination.findings.flp
    return {
        "configurations": str(examination.size),
        "transitions": str(examination.transitions),
        "depth": str(examination.depth),
        "engine": graph.engine,
        "world": str(examination.setting.world),
        "flp": ", ".join(flp.verdicts) if flp else "",
    }


def _case(result: Result, seconds: float) -> ET.Element:
    case = ET.Element("testcase", name=_clean(result.name), time=f"{seconds:.3f}")
    case.set("classname", _clean(f"{from_here(result.spec)}.{result.instance}"))
    if result.outcome == FAILED:
        failure = ET.SubElement(case, "failure", message=_clean(result.message), type="violated")
        failure.text = _clean(f"{result.place}\n{result.detail}")
    elif result.outcome == ERROR:
        ET.SubElement(case, "error", message=_clean(result.message), type="error").text = _clean(result.detail)
    elif result.outcome == OPEN:
        ET.SubElement(case, "skipped", message=_clean(result.message))
    return case


def _clean(text: str) -> str:
    """Escape what XML cannot hold, and what would drive the terminal of a reader, however it got into a message."""
    return printable(text)
