"""Random runs as one JSON object."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.protocol import constants, parameters
from flpcheck.explore import peak_memory
from flpcheck.report.as_json import plain_values, seconds_as_json
from flpcheck.report.as_json.findings import cut_as_json, finding_as_json
from flpcheck.report.contract import versioned
from flpcheck.simulate import Simulation


def simulation_as_json(simulation: Simulation) -> dict[str, Any]:
    """Return random runs as a JSON object, with the keys in the order of the contract."""
    examination, plan, coverage = simulation.examination, simulation.plan, simulation.coverage
    request, judged, cut = examination.request, examination.judged, examination.cut
    assert cut is not None
    return versioned({
        "spec": request.spec.path,
        "instance": request.instance.name if request.instance else None,
        "parameters": plain_values(parameters(request.protocol)),
        "constants": plain_values(constants(request.protocol)),
        "inputs": plain_values(dict(request.inputs)),
        "world": request.world.as_json(),
        "purity": examination.purity or None,
        "seed": plan.seed,
        "max_length": plan.length,
        "runs": simulation.walks.made,
        "events": simulation.walks.steps,
        "configurations": examination.size,
        "chance_of_new": simulation.chance_of_new,
        "cut": cut_as_json(cut),
        "coverage": {
            "outcomes": len(coverage.outcomes),
            "rules": [{"rule": rule.name, "line": rule.place.line} for rule in coverage.rules],
            "messages": list(coverage.messages),
        },
        "properties": {f.claim.name: finding_as_json(f, simulation.expected(f)) for f in judged.findings},
        "found_in": {claim.name: run._asdict() for claim, run in simulation.found_in.items()},
        "not_asked": {claim.name: why for claim, why in judged.not_asked.items()},
        "seconds": seconds_as_json(examination.spent),
        "peak_memory_bytes": peak_memory(),
    })  # fmt: skip
