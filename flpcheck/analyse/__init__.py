"""From a state graph to findings: valence, properties, the FLP verdict, what was never exercised."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from flpcheck.analyse.busy import unproved
from flpcheck.analyse.case import Case
from flpcheck.analyse.chance import Odds, odds_of
from flpcheck.analyse.finding import Finding, Judged
from flpcheck.analyse.growth import Growth, Pump, causes_of_growth, pump_of
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.properties import judge, standard_properties
from flpcheck.analyse.rounds import bivalent_chain
from flpcheck.analyse.schedule import Schedule, at_path, path_of, replay, schedule_of, shortest
from flpcheck.analyse.vacuity import Vacuity
from flpcheck.analyse.valence import Census, Valence
from flpcheck.analyse.verdict import FlpVerdict, flp_verdict
from flpcheck.authoring.property import Property, Verdict
from flpcheck.authoring.property import termination as terminates
from flpcheck.authoring.temporal import TEMPORAL
from flpcheck.budget import OutOfBudget, stage
from flpcheck.explore.graph import Bools, StateGraph

__all__ = [
    "Analysis",
    "Census",
    "Finding",
    "FlpVerdict",
    "Growth",
    "Judged",
    "Pump",
    "Schedule",
    "Vacuity",
    "Valence",
    "analyse",
    "at_path",
    "causes_of_growth",
    "path_ids",
    "path_of",
    "pump_of",
    "replay",
    "schedule_of",
    "shortest",
    "standard_properties",
]
T = TypeVar("T")


@dataclass(frozen=True, eq=False, kw_only=True)
class Analysis(Judged):
    """Everything that was found out about a graph.

    Parameters
    ----------
    graph, valence
        The graph and the valence of its configurations.
    census, initial
        The valence census of all configurations, and of the initial ones.
    critical, disagreeing
        Ids of the critical configurations, and of those that hold two decisions.
    flp
        The FLP verdict; None if the protocol does not decide between two values.
    vacuity
        Rules and messages never exercised.
    odds
        Probabilities and expectations; None for a protocol that tosses no coins.
    chain
        In rounds: the longest bivalent chain, as the schedule to its last configuration; None if there is none, or
        if it need not end.
    seconds
        How long the analyses took.
    case
        The shared analyses, for a caller that goes on from here.
    """

    graph: StateGraph
    valence: Valence
    census: Census
    initial: Census
    critical: tuple[int, ...]
    disagreeing: tuple[int, ...]
    flp: FlpVerdict | None
    vacuity: Vacuity
    odds: Odds | None
    chain: Schedule | None
    seconds: float
    case: Case


def analyse(graph: StateGraph, claims: Sequence[Property]) -> Analysis:
    """Return the findings on a graph.

    Parameters
    ----------
    graph
        The graph explored.
    claims
        The properties to judge; see `standard_properties` for those that apply to any consensus protocol.

    Raises
    ------
    SpecError
        If a property of the spec raises.
    """
    started = time.monotonic()
    case, pieces = Case(graph), _Pieces()
    findings = unproved(_judged(case, claims, pieces), graph)
    case.valence = valence = pieces.of("finding out valence", lambda: case.valence, lambda: Valence.unknown(graph))
    roots = np.unique(np.array(list(graph.roots), dtype=np.int64))
    critical = pieces.of("looking for critical configurations", lambda: _ids(valence.critical), _none)
    disagreeing = pieces.of("looking for disagreement", lambda: _ids(valence.disagreeing), _none)
    known = not pieces.unfinished  # a horn that is not found for want of time contradicts nothing
    horns = (lambda: flp_verdict(case)) if known else FlpVerdict.unknown
    flp = pieces.of("looking for a horn of the theorem", horns, FlpVerdict.unknown)
    vacuity = pieces.of("looking for what never happens", lambda: Vacuity.of(graph), lambda: Vacuity((), ()))
    odds = pieces.of("computing probabilities", lambda: _odds(case), lambda: None)
    chain = pieces.of("looking for a bivalent chain", lambda: _bivalent_chain(case), lambda: None)
    return Analysis(
        graph=graph,
        deciding=graph.deciding,
        valence=valence,
        findings=findings,
        census=valence.census(),
        initial=valence.census(roots),
        critical=critical,
        disagreeing=disagreeing,
        flp=flp,
        vacuity=vacuity,
        odds=odds,
        chain=chain,
        seconds=time.monotonic() - started,
        case=case,
        unfinished=tuple(pieces.unfinished),
    )


class _Pieces:
    """Analyses one after the other: where the budget of the run ends one, something stands in for it."""

    def __init__(self) -> None:
        self.unfinished: list[str] = []

    def of(self, doing: str, make: Callable[[], T], instead: Callable[[], T]) -> T:
        try:
            with stage("analyse", doing):
                return make()
        except OutOfBudget as spent:
            self.unfinished.append(spent.what)
            return instead()


def _judged(case: Case, claims: Sequence[Property], pieces: _Pieces) -> tuple[Finding, ...]:
    """Return the verdict on each property; what follows whole runs is judged last, because it may take much longer."""
    order = sorted(range(len(claims)), key=lambda place: _follows_runs(claims[place]))
    found = {place: _verdict_on(case, claims[place], pieces) for place in order}
    return tuple(found[place] for place in range(len(claims)))


def _follows_runs(claim: Property) -> bool:
    return claim is terminates or claim.kind == TEMPORAL


def _verdict_on(case: Case, claim: Property, pieces: _Pieces) -> Finding:
    return pieces.of(
        f"judging {claim.name}",
        lambda: judge(case, claim),
        lambda: Finding(claim, Verdict.INCOMPLETE, pieces.unfinished[-1]),
    )


def _none() -> tuple[int, ...]:
    return ()


def _ids(where: Bools) -> tuple[int, ...]:
    return tuple(np.flatnonzero(where).tolist())


def _odds(case: Case) -> Odds | None:
    return odds_of(case.graph, case.termination.mdp if case.graph.system.tosses else None)


def _bivalent_chain(case: Case) -> Schedule | None:
    if not case.graph.system.in_rounds:
        return None
    chain = bivalent_chain(case.graph, case.valence.bivalent)
    return schedule_of(case.graph, chain) if chain else None
