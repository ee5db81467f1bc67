"""Judging runs in a quotient by symmetries: cycles of orbits are unfolded where a run may stay, and judged plainly."""

from __future__ import annotations

from typing import Any

import numpy as np

from flpcheck.analyse.case import Case, listing, shown
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.live.fair import fairness_of, reached
from flpcheck.analyse.live.search import Region
from flpcheck.analyse.live.unfolding import OrbitRegion, UnfoldedRun, Unfolding, fair_run, run_of
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import INCOMPLETE, VIOLATED, Property, termination
from flpcheck.authoring.temporal import EVENTUALLY, EVENTUALLY_ALWAYS, Temporal, phrase
from flpcheck.explore.graph import Masks, StateGraph

UNDOES = "some step undoes a decision, and processes change their names on the way there: use --no-reduction"

SAID = {
    EVENTUALLY: "is never true in this run",
    "always_eventually": "is never true again",
    EVENTUALLY_ALWAYS: "never stays true",
}


def run_in(graph: StateGraph, region: dict[str, Any]) -> tuple[OrbitRegion, UnfoldedRun | None]:
    """Return where a fair run stays in a region of orbits, in the words of `component_in`; None if none does."""
    area, musts = region["loop"] & ~graph.frontier, region.get("musts", ())
    seeds, stem = region.get("seeds"), region.get("stem")
    if seeds is not None or stem is not None:
        area = area & reached(graph, seeds, stem)

    def plain(part: Unfolding) -> list[Region]:
        loop = part.spread(region["loop"]).astype(np.uint64)
        return [Region(loop, (0,), tuple(part.spread(must) for must in musts))]

    asked = OrbitRegion(area, plain, seeds, stem)
    return asked, fair_run(graph, asked)


def violation(
    graph: StateGraph, claim: Property, asked: OrbitRegion, found: UnfoldedRun, said: str | None = None
) -> Finding:
    """Return that a property fails, with a run of the plain system; `said` is what does not happen in it.

    Without `said`, it is what the processes that the run leaves open do not come to.
    """

    def make() -> Finding:
        schedule, component = run_of(graph, asked, found)
        names = graph.system.names
        stuck = tuple(graph.system.registers[index] for index in component.undecided)
        faulty = tuple(names[index] for index in component.faulty)
        _, fair = fairness_of(found.part.graph, component, schedule)
        if claim == termination:
            verb = "never decides" if len(stuck) == 1 else "never decide"
            return Finding(claim, VIOLATED, f"{listing(stuck)} {verb}, {fair}", schedule, faulty, stuck)
        without = f", with {' and '.join(faulty)} faulty" if faulty else ""
        what = said if said is not None else _missing(claim, stuck[0])
        return Finding(claim, VIOLATED, f"{what}{without}, {fair}", schedule, faulty)

    return shown(claim, VIOLATED, int(found.members[0]), make)


def _missing(claim: Property, pid: Pid) -> str:
    assert isinstance(claim, Temporal)
    assert claim.predicate is not None
    return f"for {pid}, '{phrase(claim.predicate)}' {SAID[claim.operator]}"


def terminates(case: Case) -> Finding:
    """Return whether every correct process decides: one that has not has not under the names that it had before."""
    graph, symmetry = case.graph, case.graph.system.symmetry
    if symmetry is not None and symmetry.dropped:
        return Finding(termination, INCOMPLETE, UNDOES)

    def undecided(graph: StateGraph, deciders: int = case.graph.deciders) -> Masks:
        return np.uint64(deciders) & ~graph.marks.decided & ~graph.marks.crashed

    def plain(part: Unfolding) -> list[Region]:
        return [Region(undecided(part.graph), tuple(1 << index for index in range(len(graph.system.registers))))]

    asked = OrbitRegion(undecided(graph) != 0, plain)
    found = fair_run(graph, asked)
    return case.safe(termination) if found is None else violation(graph, termination, asked, found)
