"""An examination as one JSON object: the contract that scripts rely on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from flpcheck.analyse import Analysis
from flpcheck.analyse.alphabet import Alphabet
from flpcheck.authoring.protocol import constants, parameters
from flpcheck.authoring.values import show
from flpcheck.budget import PARTS, OutOfBudget
from flpcheck.errors import from_here
from flpcheck.examine import Examination
from flpcheck.explore import StateGraph, peak_memory
from flpcheck.failure import Failure
from flpcheck.reduce import used
from flpcheck.report.as_json.findings import (
    alphabet_as_json,
    census_as_json,
    cut_as_json,
    finding_as_json,
    odds_as_json,
    vacuity_as_json,
)
from flpcheck.report.as_json.theorem import verdict_as_json
from flpcheck.report.contract import WITHOUT_GRAPH, versioned
from flpcheck.report.cures import cures_of
from flpcheck.report.fastest_runs import delays_as_json
from flpcheck.system import System

PLAIN = (bool, int, float, str, type(None))


def as_json(
    examination: Examination, reports: Sequence[str] = (), left_out: Sequence[str] = (), *, fastest: bool = False
) -> dict[str, Any]:
    """Return an examination as a JSON object, with the keys in the order of the contract.

    Parameters
    ----------
    examination
        The examination.
    reports
        Paths of the files that were written.
    left_out
        What was not written, one sentence per item.
    fastest
        Whether to count message delays, which takes another search; they are null otherwise.
    """
    delays = examination.delays if fastest else None
    request, judged, graph = examination.request, examination.judged, examination.judged.graph
    whole = _of_graph(judged) if isinstance(judged, Analysis) else dict.fromkeys(WITHOUT_GRAPH)
    found = {
        "spec": request.spec.path,
        "instance": request.instance.name if request.instance else None,
        "parameters": plain_values(parameters(request.protocol)),
        "constants": plain_values(constants(request.protocol)),
        "inputs": plain_values(dict(request.inputs)),
        "world": request.world.as_json(),
        "engine": graph.engine,
        "fallback": graph.fallback or None,
        "reductions": list(used(graph.system)),
        "purity": examination.purity or None,
        "complete": graph.complete,
        "cut": cut_as_json(graph.cut) if graph.cut else None,
        "configurations": len(graph),
        "transitions": graph.steps,
        "edges": whole["edges"],
        "depth": graph.farthest,
        "initial": {"configurations": len(set(graph.roots)), **(whole.get("initial") or {})},
        **{name: whole[name] for name in ("valence", "disagreeing", "critical")},
        "properties": {f.claim.name: finding_as_json(f, examination.expected(f)) for f in judged.findings},
        **{name: whole[name] for name in ("bivalent_chain", "flp", "odds", "vacuity")},
        "fastest": None if delays is None else delays_as_json(delays),
        "liars": liars_as_json(graph.system),
        "multipliers": _multipliers(examination),
        "differences": [str(difference) for difference in examination.differences],
        **({} if examination.keep else {"not_asked": {c.name: why for c, why in judged.not_asked.items()}}),
        "unfinished": [*judged.unfinished, *left_out],
        "seconds": seconds_as_json(examination.spent),
        "peak_memory_bytes": peak_memory(),
        "reports": list(reports),
    }
    return versioned(found)


def _of_graph(analysis: Analysis) -> dict[str, Any]:
    """Return what only a graph tells."""
    return {
        "edges": _edges(analysis.graph),
        "initial": census_as_json(analysis.initial),
        "valence": census_as_json(analysis.census),
        "disagreeing": len(analysis.disagreeing),
        "critical": len(analysis.critical),
        "bivalent_chain": None if analysis.chain is None else len(analysis.chain) + 1,
        "flp": verdict_as_json(analysis.flp) if analysis.flp else None,
        "odds": odds_as_json(analysis.odds) if analysis.odds else None,
        "vacuity": vacuity_as_json(analysis.vacuity),
    }


def seconds_as_json(spent: Mapping[str, float]) -> dict[str, float]:
    """Return what each part of a run has taken, and all of it together.

    Examples
    --------
    >>> seconds_as_json({"explore": 1.25, "analyse": 0.5})
    {'load': 0.0, 'explore': 1.25, 'purity': 0.0, 'analyse': 0.5, 'draw': 0.0, 'total': 1.75}
    """
    return {**{part: round(spent.get(part, 0.0), 4) for part in PARTS}, "total": round(sum(spent.values()), 4)}


def _edges(graph: StateGraph) -> int | None:
    """Return the number of edges; None where the limits of the run leave no time to count them."""
    with suppress(OutOfBudget):
        return graph.edges
    return None


def liars_as_json(system: System) -> dict[str, Any] | None:
    """Return what liars could say; None where no process lies by messages."""
    said = Alphabet.of(system)
    return alphabet_as_json(said) if said else None


def _multipliers(examination: Examination) -> dict[str, Any] | None:
    """Return what multiplies a large space, and what would make it smaller; None of a small one."""
    found = examination.multipliers
    if found is None:
        return None
    parts = [{"kind": part.kind, "name": part.name, "factor": round(part.factor, 2)} for part in found.parts]
    cures = [{"advice": cure.advice, "command": cure.command or None} for cure in cures_of(examination)]
    return {"configurations": found.looked_at, "parts": parts, "cures": cures}


def failure_as_json(failure: Failure) -> dict[str, Any]:
    """Return something that could not be examined as a JSON object: `error` instead of counts and properties."""
    return versioned({"spec": failure.spec, "instance": failure.instance or None, "error": error_as_json(failure)})


def error_as_json(failure: Failure) -> dict[str, Any]:
    """Return what is wrong with something that could not be examined."""
    return {
        "what": failure.what,
        "why": failure.why,
        "details": list(failure.details),
        "next": failure.next_step,
        "file": from_here(failure.place.file),
        "line": failure.place.line,
        "related": [
            {"file": from_here(one.place.file), "line": one.place.line, "what": one.what} for one in failure.related
        ],
        "schedule": list(failure.schedule),
        "exit_code": failure.code,
    }


def json_text(value: Any, indent: int | None = None) -> str:
    r"""Return JSON in which whatever does not print is escaped, for a terminal may be what reads it.

    Examples
    --------
    >>> json_text("\x9b \u2192")
    '"\\u009b →"'
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def plain_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as JSON has them, those that it lacks as text."""
    return {name: json_value(value) for name, value in values.items()}


def json_value(value: Any) -> Any:
    """Return a value that JSON has, or its text."""
    if isinstance(value, float) and not math.isfinite(value):
        return show(value)
    return value if isinstance(value, PLAIN) else show(value)
