"""From a state graph to findings: valence, properties, the FLP verdict, what was never exercised."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flpcheck.analyse.busy import unproved
from flpcheck.analyse.case import Case
from flpcheck.analyse.chance import Odds, odds_of
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.growth import Growth, causes_of_growth
from flpcheck.analyse.paths import path_ids
from flpcheck.analyse.properties import judge, standard_properties
from flpcheck.analyse.rounds import bivalent_chain, in_rounds
from flpcheck.analyse.schedule import Schedule, at_path, path_of, replay, schedule_of, shortest
from flpcheck.analyse.vacuity import Vacuity
from flpcheck.analyse.valence import Census, Valence
from flpcheck.analyse.verdict import FlpVerdict, flp_verdict
from flpcheck.authoring.property import Property, Verdict
from flpcheck.explore.graph import StateGraph

__all__ = [
    "Census",
    "Finding",
    "Findings",
    "FlpVerdict",
    "Growth",
    "Schedule",
    "Vacuity",
    "Valence",
    "analyse",
    "at_path",
    "causes_of_growth",
    "path_ids",
    "path_of",
    "replay",
    "schedule_of",
    "shortest",
    "standard_properties",
]


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that was found out about a graph.

    Parameters
    ----------
    graph, valence
        The graph and the valence of its configurations.
    findings
        The verdict on each property, in order.
    census, initial
        The valence census of all configurations, and of the initial ones.
    critical, disagreeing
        Ids of the critical configurations, and of those that hold two decisions.
    flp
        The FLP verdict; None if the protocol does not decide between two values.
    vacuity
        What was never exercised.
    odds
        Probabilities and expectations; None for a protocol that tosses no coins.
    chain
        In rounds: the longest bivalent chain, as the schedule to its last configuration; None if there is none, or
        if it need not end.
    seconds
        How long the analyses took.
    case
        The analyses that were shared, for whoever goes on from here.
    """

    graph: StateGraph
    valence: Valence
    findings: tuple[Finding, ...]
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

    @property
    def violated(self) -> bool:
        """Whether some property is violated."""
        return any(finding.verdict is Verdict.VIOLATED for finding in self.findings)


def analyse(graph: StateGraph, claims: Sequence[Property]) -> Findings:
    """Return the findings on a graph.

    Parameters
    ----------
    graph
        What was explored.
    claims
        The properties to judge; see `standard_properties` for those that make sense for any consensus protocol.

    Raises
    ------
    SpecError
        If a property of the spec raises.
    """
    started = time.monotonic()
    case = Case(graph)
    findings = unproved(tuple(judge(case, claim) for claim in claims), graph)
    roots = np.unique(np.array(list(graph.roots), dtype=np.int64))
    return Findings(
        graph=graph,
        valence=case.valence,
        findings=findings,
        census=case.valence.census(),
        initial=case.valence.census(roots),
        critical=tuple(np.flatnonzero(case.valence.critical).tolist()),
        disagreeing=tuple(np.flatnonzero(case.valence.disagreeing).tolist()),
        flp=flp_verdict(case),
        vacuity=Vacuity.of(graph),
        odds=odds_of(graph, case.termination.mdp if graph.system.tosses else None),
        chain=_bivalent_chain(case),
        seconds=time.monotonic() - started,
        case=case,
    )


def _bivalent_chain(case: Case) -> Schedule | None:
    if not in_rounds(case.graph):
        return None
    chain = bivalent_chain(case.graph, case.valence.bivalent)
    return schedule_of(case.graph, chain) if chain else None
