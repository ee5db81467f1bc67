"""flpcheck as one of the programs that are measured: always as a user calls it, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure import Outcome, Refused, Run, measured


@dataclass(frozen=True)
class Flpcheck:
    """`flpcheck explore` with one engine, or the exploration alone, without any analysis."""

    engine: str = "kernel"
    options: Sequence[str] = ()
    explore_only: bool = False

    def command(self, spec: str, parameters: Mapping[str, int]) -> list[str]:
        """Return the command line for an instance of a spec."""
        settings = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
        words = [spec, "--engine", self.engine, *settings]
        if self.explore_only:
            return [sys.executable, "-m", "benchmarks.explore_only", *words]
        fixed = ("--no-reports", "--format", "json", "--max-configurations", "0")
        return [sys.executable, "-m", "flpcheck", "explore", *words, *fixed, *self.options]

    def __str__(self) -> str:
        """Say what is measured."""
        if self.explore_only:
            return f"the exploration alone (--engine {self.engine}, nothing is judged)"
        return " ".join(["flpcheck explore --engine", self.engine, *self.options])

    def run(self, spec: str, parameters: Mapping[str, int]) -> Run:
        """Explore an instance."""
        printed, cost = measured(self.command(spec, parameters))
        return Run(outcome_of(printed, self.engine), cost)


def outcome_of(printed: str, engine: str = "auto") -> Outcome:
    """Read what `flpcheck explore --format json` printed; refuse if another engine than the one asked for did it."""
    found = json.loads(printed)
    if engine not in ("auto", found["engine"]):
        raise Refused(f"the {engine} engine was asked for, and the {found['engine']} engine explored")
    why = "" if found["complete"] else f"flpcheck was cut: {found['cut']}"
    return Outcome(found["configurations"], found["transitions"], found["depth"], found["complete"], why)
