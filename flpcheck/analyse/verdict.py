"""On which horn of the FLP theorem a protocol ends.

Fischer, Lynch, Paterson (1985), Theorem 1: a deterministic asynchronous protocol that tolerates one crash cannot keep
agreement and non-triviality and always decide. So it disagrees, is trivial, blocks, or has an admissible run that
stays undecided; several can hold. A weaker adversary is `outside` the theorem, and so is a protocol that escapes
because its steps do not commute (shared variables stronger than registers); a cut search without a horn is `unknown`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from flpcheck.analyse.lemmas import Commutation, commutation
from flpcheck.analyse.properties import Case
from flpcheck.analyse.sweep import bits
from flpcheck.errors import InternalError
from flpcheck.world import World

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
    lemma1
        Whether events of different processes commute.
    """

    verdicts: tuple[str, ...]
    because: str
    bivalent_initial: bool
    lemma1: Commutation

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as the JSON contract has it; Lemma 3 is null until it is checked."""
        return {
            "verdicts": list(self.verdicts),
            "because": self.because,
            "bivalent_initial": self.bivalent_initial,
            "lemma1": self.lemma1.as_json(),
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
    lemma1 = commutation(case.graph)
    found = _horns(case)
    outside = _outside(case.graph.system.world, bool(found))
    if outside:
        found["outside"] = outside
    elif not found and lemma1.failures:
        found["outside"] = f"Lemma 1 fails: steps of different processes do not commute ({lemma1.example})"
    elif not found:
        found["unknown"] = _unknown(case)
    return FlpVerdict(tuple(found), "; ".join(found.values()), bivalent, lemma1)


def _outside(world: World, contradicted: bool) -> str:  # noqa: FBT001
    """Return which assumption of the theorem a world relaxes; empty if none, or if the protocol fails all the same.

    Recoveries, lies, omissions and losses are no relaxation: they make the adversary stronger.
    """
    failures = world.failures
    if not failures.crashes and not failures.misbehaving:
        return "nobody may crash" + (" after the start" if failures.initially_dead else "")
    named = failures.misbehaving if isinstance(failures.misbehaving, tuple) else failures.faulty
    if named and not contradicted and not (failures.crashes and failures.faulty is None):
        return f"only {' and '.join(named)} may fail, and everybody knows it"
    return ""


def _unknown(case: Case) -> str:
    """Return why no horn was found; with the search complete that would contradict the theorem."""
    if case.graph.cut is not None:
        return f"the search was cut by {case.graph.cut.bound}"
    what = "no horn of the FLP theorem applies to this protocol, which contradicts the theorem"
    raise InternalError(what, next_step="please report this with the spec")


def _domain(case: Case) -> set[str]:
    inputs = {str(value) for initial in case.graph.initial for value in initial.inputs.values()}
    decided = {str(value) for value in case.valence.values}
    return decided if len(decided) >= BINARY else decided | inputs


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
    stranded = case.termination.stranded & (case.graph.marks.decided == 0)
    return case.termination.dead is not None or bool(stranded.any())


def _undecided(case: Case) -> bool:
    graph, valence = case.graph, case.valence
    firsts = [int(component.numbers[0]) for component in case.termination.components]
    return any(not graph.marks.decided[first] and not valence.none[first] for first in firsts)
