"""On which horn of the FLP theorem a protocol ends.

Fischer, Lynch, Paterson (1985), Theorem 1: a deterministic asynchronous protocol that tolerates one crash cannot keep
agreement and non-triviality and always decide.  So it disagrees, is trivial, blocks, or has an admissible run that
stays undecided; several can hold.  A model outside the theorem's hypotheses is `outside`, a cut search `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from flpcheck.analyse.properties import Case
from flpcheck.analyse.sweep import bits

BINARY = 2


@dataclass(frozen=True)
class FlpVerdict:
    """The verdict, in the words of the theorem.

    Parameters
    ----------
    verdicts
        Some of `disagrees`, `trivial`, `blocks`, `undecided_lasso`; or `outside`, or `unknown`.
    because
        One sentence.
    bivalent_initial
        Whether some initial configuration is bivalent.
    """

    verdicts: tuple[str, ...]
    because: str
    bivalent_initial: bool

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as the JSON contract has it; lemma checks are null until they are made."""
        return {
            "verdicts": list(self.verdicts),
            "because": self.because,
            "bivalent_initial": self.bivalent_initial,
            "lemma1": None,
            "lemma3": None,
        }


def flp_verdict(case: Case) -> FlpVerdict | None:
    """Return on which horn of the theorem a protocol ends; None unless it decides between two values.

    Cost: what valence and termination cost, which are shared with the properties.
    """
    domain = _domain(case)
    if len(domain) != BINARY:
        return None
    bivalent = bool(case.valence.bivalent[list(case.graph.roots)].any())
    found = _horns(case)
    outside = _outside(case)
    if outside:
        return FlpVerdict((*found, "outside"), outside, bivalent)
    if found:
        return FlpVerdict(tuple(found), "; ".join(found.values()), bivalent)
    if not case.graph.complete:
        assert case.graph.cut is not None
        return FlpVerdict(("unknown",), f"the search was cut by {case.graph.cut.bound}", bivalent)
    return FlpVerdict(("unknown",), "only the model's constants stand between it and the theorem", bivalent)


def _domain(case: Case) -> set[str]:
    inputs = {str(value) for initial in case.graph.initial for value in initial.inputs.values()}
    decided = {str(value) for value in case.valence.values}
    return decided if len(decided) >= BINARY else decided | inputs


def _outside(case: Case) -> str:
    """Return which hypothesis of the theorem the world relaxes, empty if none."""
    failures = case.graph.system.world.failures
    if failures.crashes == 0:
        return "nobody may crash" + (" after the start" if failures.initially_dead else "")
    return ""


def _horns(case: Case) -> dict[str, str]:
    valence, graph = case.valence, case.graph
    horns: dict[str, str] = {}
    if valence.disagreeing.any():
        horns["disagrees"] = "two different values are decided in one run"
    reachable = np.bitwise_or.reduce(valence.low[list(graph.roots)])
    if graph.complete and len(bits(int(reachable))) < BINARY:
        horns["trivial"] = "only one value can ever be decided"
    if _blocks(case):
        horns["blocks"] = "there is a configuration from which nobody can ever decide"
    if _undecided(case):
        horns["undecided_lasso"] = "there is a fair cycle in which nobody has decided and somebody still could"
    return horns


def _blocks(case: Case) -> bool:
    """Whether, with the crashes allowed, a configuration is reachable from which nobody can ever decide."""
    return case.termination.dead is not None


def _undecided(case: Case) -> bool:
    graph, valence = case.graph, case.valence
    firsts = [int(component.numbers[0]) for component in case.termination.components]
    return any(not graph.marks.decided[first] and not valence.none[first] for first in firsts)
