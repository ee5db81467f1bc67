"""Explore an instance and judge nothing: what `flpcheck explore` does before its analyses.

    python -m benchmarks.explore_only specs/tla/two_phase.py --engine reference -p resource_managers=3

It prints the figures of `flpcheck explore --format json` that an exploration gives.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from flpcheck.explore import ENGINES, Bounds, StateGraph, explore
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load
from flpcheck.system import system_of


def figures(graph: StateGraph) -> dict[str, object]:
    """Return what was found, under the names that the command line uses."""
    return {
        "engine": getattr(graph, "engine", "reference"),
        "complete": graph.complete,
        "cut": None if graph.cut is None else str(graph.cut),
        "configurations": len(graph),
        "transitions": len(graph.targets),
        "depth": int(graph.depth.max()),
        "seconds": {"explore": graph.seconds},
    }


def main(given: Sequence[str] | None = None) -> int:
    """Explore and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explore_only", description=__doc__)
    parser.add_argument("spec")
    parser.add_argument("--engine", choices=ENGINES, default="auto")
    parser.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE")
    wanted = parser.parse_args(given)
    parameters = dict(word.split("=", 1) for word in wanted.parameter)
    request = settle(load(wanted.spec), Overrides(parameters=parameters))
    graph = explore(system_of(request.protocol, request.world, request.inputs), Bounds(), engine=wanted.engine)
    print(json.dumps(figures(graph)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
