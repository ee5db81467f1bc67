"""JUnit XML: a suite per instance, a case per property and one for the counts; the trace is the failure's text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from flpcheck.authoring.protocol import is_general
from flpcheck.authoring.values import printable
from flpcheck.errors import from_here
from flpcheck.examine import Examination
from flpcheck.exit_codes import AS_WANTED
from flpcheck.failure import Failure
from flpcheck.report.ci.results import ERROR, FAILED, OPEN, Result, instance_name, results_of
from flpcheck.report.ci.results import failed as results_of_failure

KINDS = {FAILED: ("failure", "violated"), OPEN: ("", "incomplete"), ERROR: ("error", "error")}
"""Element and type of each outcome of a case; those of an open one can be chosen."""


def junit(suites: Sequence[ET.Element]) -> str:
    """Return the suites of examinations as JUnit XML.

    A verdict that a bound left open is a failure unless that is allowed: most tools show a skipped case as passed.
    """
    root = ET.Element("testsuites", name="flpcheck")
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def suite(examination: Examination, open_as: str = "failure") -> ET.Element:
    """Return the suite of one examination; a verdict that a bound left open is a `failure`, or `skipped`.

    What an expected violation left open is skipped: the search was to end there.
    """
    open_as = "skipped" if examination.exit_code == AS_WANTED else open_as
    name = f"{examination.request.spec.name} [{instance_name(examination)}]"
    return _suite(name, results_of(examination), examination.seconds, _figures(examination), open_as)


def failed(failure: Failure) -> ET.Element:
    """Return the suite of something that could not be examined: one case with an error."""
    (result,) = results_of_failure(failure)
    return _suite(f"{Path(failure.spec).stem} [{result.instance}]", [result], 0.0, {}, "failure")


def _suite(name: str, results: list[Result], seconds: float, figures: dict[str, str], open_as: str) -> ET.Element:
    made = ET.Element("testsuite", name=_clean(name), tests=str(len(results)))
    cases = [_case(result, seconds / len(results), open_as) for result in results]
    for count, kind in {"failures": "failure", "skipped": "skipped", "errors": "error"}.items():
        made.set(count, str(sum(case.find(kind) is not None for case in cases)))
    made.set("time", f"{seconds:.3f}")
    properties = ET.SubElement(made, "properties")
    for figure, value in figures.items():
        ET.SubElement(properties, "property", name=figure, value=_clean(value))
    made.extend(cases)
    return made


def _figures(examination: Examination) -> dict[str, str]:
    graph, flp = examination.judged.graph, examination.judged.flp
    return {
        "configurations": str(examination.size),
        "transitions": str(examination.transitions),
        "depth": str(examination.depth),
        "engine": graph.engine,
        "world": examination.request.world.text(with_network=not is_general(examination.request.protocol)),
        "flp": ", ".join(flp.verdicts) if flp else "",
    }


def _case(result: Result, seconds: float, open_as: str) -> ET.Element:
    case = ET.Element("testcase", name=_clean(result.name), time=f"{seconds:.3f}")
    case.set("classname", _clean(f"{from_here(result.spec)}.{result.instance}"))
    if result.outcome in KINDS:
        kind, why = KINDS[result.outcome]
        told = ET.SubElement(case, kind or open_as, message=_clean(result.message), type=why)
        told.text = _clean(result.detail if kind == "error" else f"{result.place}\n{result.detail}")
    elif result.vacuous:
        ET.SubElement(case, "system-out").text = _clean(result.message)
    return case


def _clean(text: str) -> str:
    """Escape what XML cannot hold, and what would drive the terminal of a reader, however it got into a message."""
    return printable(text)
