"""SARIF 2.1.0 (OASIS): results at the lines where a reader should look, for code scanning."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from itertools import starmap
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from flpcheck.errors import Place, Related, from_here
from flpcheck.examine import Examination
from flpcheck.failure import Failure
from flpcheck.report.as_json import json_text
from flpcheck.report.ci.results import ERROR, FAILED, OK, Result, results_of
from flpcheck.report.ci.results import failed as results_of_failure

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
KIND_AND_LEVEL = {FAILED: ("fail", "error"), ERROR: ("fail", "error"), OK: ("pass", "none")}


class SarifPart(NamedTuple):
    """The part of a log about one examination: its results, and the claim of each property."""

    results: list[Result]
    claims: dict[str, str]


def part(examination: Examination) -> SarifPart:
    """Return the part of a log about one examination."""
    claims = {finding.claim.name: finding.claim.statement for finding in examination.judged.findings}
    return SarifPart(results_of(examination), claims)


def failed(failure: Failure) -> SarifPart:
    """Return the part of a log about a failed examination."""
    results = results_of_failure(failure)
    return SarifPart(results, {result.name: "the spec can be examined" for result in results})


def sarif(parts: Sequence[SarifPart]) -> str:
    """Return examinations as a SARIF log with one run; what a bound left open is `open`, with a note."""
    results = [result for part in parts for result in part.results]
    claims = {name: claim for part in parts for name, claim in part.claims.items()}
    rules = [_rule(name, claims.get(name, "counts are as the instance expects")) for name in _names(results)]
    driver = {"name": "flpcheck", "version": importlib.metadata.version("flpcheck"), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, _names(results)) for result in results],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log, indent=1)


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(result.name for result in results))


def _rule(name: str, claim: str) -> dict[str, Any]:
    return {"id": name, "shortDescription": {"text": claim}}


def _result(result: Result, names: list[str]) -> dict[str, Any]:
    kind, level = KIND_AND_LEVEL.get(result.outcome, ("open", "none"))
    text = f"{result.title}: {result.message}" + (f"\n\n{result.detail}" if result.detail else "")
    return {
        "ruleId": result.name,
        "ruleIndex": names.index(result.name),
        "kind": kind,
        "level": level,
        "message": {"text": text},
        "locations": [_location(result.place)],
        **({"relatedLocations": list(starmap(_related, enumerate(result.related)))} if result.related else {}),
        "partialFingerprints": {"specInstanceProperty/v1": result.title},
    }


def _related(number: int, related: Related) -> dict[str, Any]:
    return {"id": number, **_location(related.place), "message": {"text": related.what}}


def _location(place: Place) -> dict[str, Any]:
    file = from_here(place.file)
    artifact = {"uri": Path(file).as_uri()} if Path(file).is_absolute() else {"uri": quote(file)}
    region = {"startLine": max(place.line, 1)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}
