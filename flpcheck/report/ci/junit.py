"""JUnit XML: a suite per instance, a case per property and one for the counts; the trace is the failure's text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from flpcheck.errors import from_here
from flpcheck.examine import Examination
from flpcheck.report.ci.results import FAILED, OPEN, Result, named, results_of

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(suites: Sequence[ET.Element]) -> str:
    """Return the suites of examinations as JUnit XML.

    A verdict that a bound left open is a skipped case, never a passed one.
    """
    root = ET.Element("testsuites", name="flpcheck")
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def suite(examination: Examination) -> ET.Element:
    """Return the suite of one examination."""
    results = results_of(examination)
    seconds = examination.graph.seconds + examination.findings.seconds
    made = ET.Element("testsuite", name=_clean(f"{examination.setting.spec.name} [{named(examination)}]"))
    counts = {"failures": FAILED, "skipped": OPEN}
    made.set("tests", str(len(results)))
    for name, outcome in counts.items():
        made.set(name, str(sum(result.outcome == outcome for result in results)))
    made.set("errors", "0")
    made.set("time", f"{seconds:.3f}")
    properties = ET.SubElement(made, "properties")
    for name, value in _figures(examination).items():
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    for result in results:
        made.append(_case(result, seconds / len(results)))
    return made


def _figures(examination: Examination) -> dict[str, str]:
    graph, flp = examination.graph, examination.findings.flp
    return {
        "configurations": str(len(graph)),
        "transitions": str(len(graph.targets)),
        "depth": str(int(graph.depth.max())),
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
    elif result.outcome == OPEN:
        ET.SubElement(case, "skipped", message=_clean(result.message))
    return case


def _clean(text: str) -> str:
    """Drop the characters that XML cannot hold, however they got into a message."""
    return _FORBIDDEN.sub("\ufffd", text)
