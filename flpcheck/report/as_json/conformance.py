"""A log that was held against a spec, as one JSON object."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.protocol import constants, parameters
from flpcheck.conform.conformance import Conformance
from flpcheck.conform.stuck import Stuck
from flpcheck.report.as_json import plain_values
from flpcheck.report.contract import versioned
from flpcheck.settle import Request


def conformance_as_json(request: Request, conformance: Conformance) -> dict[str, Any]:
    """Return a log that was held against a spec as a JSON object, with the keys in the order of the contract."""
    observations, coverage = conformance.observations, conformance.coverage
    return versioned({
        "spec": request.spec.path,
        "instance": request.instance.name if request.instance else None,
        "parameters": plain_values(parameters(request.protocol)),
        "constants": plain_values(constants(request.protocol)),
        "inputs": plain_values(dict(request.inputs)),
        "world": request.world.as_json(),
        "verdict": conformance.verdict.name,
        "interleaving": conformance.plan.interleaving,
        "gap": conformance.plan.gap,
        "lines": observations.lines,
        "observations": len(observations.seens),
        "explained": conformance.explanation.explained,
        "unlogged": conformance.unlogged,
        "only_with_copies": conformance.only_with_copies,
        "stuck": [stuck_as_json(stuck) for stuck in conformance.stuck],
        "coverage": {
            "outcomes": len(coverage.outcomes),
            "rules": [{"rule": rule.name, "line": rule.place.line} for rule in conformance.untaken],
            "messages": list(coverage.messages),
        },
        "unread": list(observations.fields.unread),
    })  # fmt: skip


def stuck_as_json(stuck: Stuck) -> dict[str, Any]:
    """Return an observation that cannot be explained as a JSON object."""
    return {
        "process": stuck.process,
        "file": stuck.seen.place.file,
        "line": stuck.seen.place.number,
        "observation": str(stuck.seen),
        "because": stuck.why,
        "waits": stuck.waits,
        "state": stuck.state,
        "nearest": [{"what": one.what, "mismatches": list(one.mismatches)} for one in stuck.candidates],
    }
