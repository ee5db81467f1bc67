"""A safety examination as text and as JSON; what needs the graph is null, and the properties that need it are named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck.analyse import path_of
from flpcheck.analyse.alphabet import Alphabet
from flpcheck.authoring.protocol import constants, parameters
from flpcheck.authoring.values import shorten
from flpcheck.examine_safety import SafetyExamination
from flpcheck.explore import peak_memory
from flpcheck.reduce import assumed_of
from flpcheck.report.as_json import liars_as_json, plain_values, seconds_as_json
from flpcheck.report.command import replay_command
from flpcheck.report.contract import WITHOUT_GRAPH, versioned
from flpcheck.report.narrate import LONG
from flpcheck.report.summary import seconds_text


def safety_as_json(examination: SafetyExamination) -> dict[str, Any]:
    """Return a safety examination as a JSON object, with the keys of the contract."""
    setting, safety = examination.setting, examination.safety
    reached = safety.reached
    found = {
        "spec": setting.spec.path,
        "instance": setting.instance.name if setting.instance else None,
        "parameters": plain_values(parameters(setting.protocol)),
        "constants": plain_values(constants(setting.protocol)),
        "inputs": plain_values(dict(setting.inputs)),
        "world": setting.world.as_json(),
        "engine": reached.engine,
        "fallback": reached.fallback or None,
        "purity": examination.purity or None,
        "complete": reached.complete,
        "cut": reached.cut.as_json() if reached.cut else None,
        "configurations": len(reached),
        "transitions": reached.transitions,
        "depth": reached.depth,
        "initial": {"configurations": len(set(reached.roots))},
        **dict.fromkeys(WITHOUT_GRAPH),
        "properties": {f.claim.name: f.as_json(examination.expected(f)) for f in safety.findings},
        "liars": liars_as_json(reached.system),
        "differences": [str(difference) for difference in examination.differences],
        "not_asked": {claim.name: why for claim, why in safety.not_asked.items()},
        "seconds": seconds_as_json(examination.spent),
        "unfinished": [],
        "peak_memory_bytes": peak_memory(),
        "reports": [],
    }
    return versioned(found)


def safety_as_text(examination: SafetyExamination) -> Iterator[str]:
    """Yield the lines of a safety examination: counts, verdicts, the schedule of what is violated."""
    setting, safety = examination.setting, examination.safety
    reached = safety.reached
    cut = "" if reached.cut is None else f", cut by {reached.cut.bound}"
    yield f"{setting.spec.name} in safety mode, {reached.engine} engine"
    yield (
        f"{len(reached):,} configurations, {reached.transitions:,} transitions, depth {reached.depth:,}, "
        f"{reached.seconds:.2f} s, {peak_memory() / 2**20:,.0f} MB{cut}"
    )
    if examination.spent:
        yield f"seconds: {seconds_text(examination.spent)}"
    if assumption := assumed_of(reached.system):
        yield f"assumed: {assumption}"
    for finding in safety.findings:
        expected = " (expected)" if examination.expected(finding) is finding.verdict else ""
        yield f"{finding.claim.name}: {finding.verdict.value}{expected}  {shorten(finding.because, LONG)}".rstrip()
        if finding.schedule is not None and finding.is_counterexample:
            yield from (
                f"  {n:>3}  {shorten(str(step.event), LONG)}"
                for n, step in enumerate(finding.schedule.transitions, start=1)
            )
            if path_of(reached.system, finding.schedule) is not None:
                yield f"     {replay_command(setting, reached.system, finding.schedule, safety=True)}"
    if said := Alphabet.of(reached.system):
        yield from (f"{said}", *said.hints)
    for claim, why in safety.not_asked.items():
        yield f"{claim.name}: not judged in safety mode: {why}"
    if examination.purity:
        yield f"purity: {examination.purity}"
    if reached.fallback:
        yield f"the reference engine explored, because {reached.fallback}"
    yield from map(str, examination.growth)
