"""Judging properties while a search runs, which need not keep transitions.

What one configuration shows (two decisions, a broken invariant, a dead end) is seen on the level where it is found
first.  Validity depends on where a run began, so initial configurations that allow different decisions are searched
one group after the other.  The search ends at the first violation; a property that was not violated by then is
INCOMPLETE.  Termination, valence and non-triviality need the graph, and are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from flpcheck.analyse.blind import refuse_if_it_tells_apart
from flpcheck.analyse.busy import clock_of, unproved
from flpcheck.analyse.case import Case, seen, shown, unseen
from flpcheck.analyse.claims import ROWS, Detector, Given, PredicateDetector, broken, detector, why_not
from flpcheck.analyse.deciders import ABOUT_DECISIONS, is_vacuous, no_decider
from flpcheck.analyse.finding import Finding, Judged
from flpcheck.analyse.properties import judge, without_decision
from flpcheck.analyse.silence import BECAUSE
from flpcheck.analyse.slicing import MOST_SEARCHED, shortest_of
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED, Property, deadlock_freedom
from flpcheck.budget import BudgetMonitor, OutOfBudget, current_monitor, grace, monitored, stage
from flpcheck.explore import Bounds, explore
from flpcheck.explore.deciders import deciding_in
from flpcheck.explore.engine import Exploration, search
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.explore.interrupts import deferred_interrupts
from flpcheck.explore.progress import Progress
from flpcheck.explore.watching import Piece
from flpcheck.stops import StopReason
from flpcheck.system import Initial, System

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint

Claims: TypeAlias = Sequence[Property] | Callable[[int], Sequence[Property]]


class Detectors:
    """A watcher: notes where the first violation, or the first witness, is."""

    def __init__(self, detectors: Mapping[Property, Detector], system: System, deciding: int) -> None:
        self.detectors = detectors
        self.system, self.before, self.deciding = system, deciding, deciding
        self.decided = False
        self.looked = 0
        self.found: dict[Property, list[int]] = {claim: [] for claim in detectors}
        self.settled: set[Property] = set()

    @property
    def asked(self) -> list[PredicateDetector]:
        """The detectors that call an author's predicate."""
        return [detector for detector in self.detectors.values() if isinstance(detector, PredicateDetector)]

    def look(self, piece: Piece) -> None:
        """Look for everything that was not found on an earlier level, and for processes that turn out to decide."""
        self.deciding = deciding_in(self.system, piece.configurations, self.deciding)
        self.decided = self.decided or bool(piece.marks().values.any())
        for claim, detect in self.detectors.items():
            if claim not in self.settled:
                self.found[claim] += (np.flatnonzero(detect(piece)) + piece.first).tolist()
                if isinstance(detect, PredicateDetector):
                    detect.look_for_hidden(piece.configurations)
        self.looked += len(piece.configurations)

    def enough(self) -> bool:
        """Return whether a violation was found; of a witness only the first level is looked at.

        A dead end is bad as far as the deciders are known, which they are if some process decides.
        """
        self.settled = {claim for claim, numbers in self.found.items() if numbers}
        return any(self._is_bad(claim) for claim in self.settled)

    def _is_bad(self, claim: Property) -> bool:
        return claim.kind != "sometimes" and bool(self.before or claim != deadlock_freedom)


@dataclass(frozen=True, eq=False)
class Examiner:
    """One examination of a system by a search that is watched.

    Parameters
    ----------
    exploration
        What to search, and how.
    claims, bounds
        What to judge, and how far to go.
    """

    exploration: Exploration
    claims: Sequence[Property]
    bounds: Bounds

    @property
    def system(self) -> System:
        """The system examined."""
        return self.exploration.system

    def searched(self, deciding: int) -> tuple[Reached, Detectors]:
        """Search from all initial configurations whose deciders are known."""
        initial = self.system.initial()
        alone = [claim for claim in self._asked() if len(initial) == 1 or not groups_of(claim, initial)]
        return self._search(self.exploration, alone, deciding, initial[0])

    def _search(
        self, exploration: Exploration, claims: Sequence[Property], deciding: int, first: Initial
    ) -> tuple[Reached, Detectors]:  # fmt: skip
        def watcher() -> Detectors:
            given = Given(self.system, deciding, first.inputs)
            return Detectors({claim: detector(claim, given) for claim in claims}, self.system, deciding)

        reached, watching = search(replace(exploration, watcher=watcher), self.bounds)
        assert not reached.complete or watching.looked == len(reached)
        return reached, watching

    def asks_more(self, claims: Sequence[Property]) -> bool:
        """Return whether there is more to look for if more processes decide, and so these are the properties."""
        return deadlock_freedom in self.claims or tuple(claims) != tuple(self.claims)

    def _asked(self) -> list[Property]:
        return [claim for claim in self._judged() if not self.system.unjudged(claim)]

    def _judged(self) -> list[Property]:
        return [claim for claim in self.claims if not why_not(claim, self.system.world)]

    def judge(self, reached: Reached, watcher: Detectors) -> Judged:
        """Judge every property that can be judged, on what was reached and seen."""
        for asked in watcher.asked:
            refuse_if_it_tells_apart(reached, asked.predicate)
            asked.predicate.confirm()
        self._refuse_vacuous(reached, watcher)
        first = reached.initial[0]
        found = {claim: self._verdict_on(claim, reached, numbers, first) for claim, numbers in watcher.found.items()}
        for claim in self._judged():
            if because := self.system.unjudged(claim):
                found[claim] = Finding(claim, INCOMPLETE, because)
            elif claim not in found:
                found[claim] = self._by_group(claim, reached, tuple(found.values()))
        findings = tuple(_qualified(found[claim], watcher) for claim in self._judged())
        not_asked = {claim: why for claim in self.claims if (why := why_not(claim, self.system.world))}
        return Judged(
            graph=reached, findings=self._proved(reached, findings), deciding=watcher.deciding, not_asked=not_asked
        )

    def _proved(self, reached: Reached, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return the findings as far as they stand, should timers be assumed to be longer than they can be."""
        if clock_of(self.system) is None or all(finding.verdict is INCOMPLETE for finding in findings):
            return findings
        kept = isinstance(reached, StateGraph) and reached.complete
        graph = reached if kept else explore(self.system, self.bounds, engine="reference")
        assert isinstance(graph, StateGraph)
        if reached.complete and graph.cut is not None:  # then a busy period that never ends may not be in it
            why = f"the search for a busy period that never ends was {graph.cut.bound.label}"
            return tuple(Finding(f.claim, INCOMPLETE, why) if f.verdict is HOLDS else f for f in findings)
        return unproved(findings, graph)

    def _refuse_vacuous(self, reached: Reached, watcher: Detectors) -> None:
        for claim in self.claims if reached.complete else ():
            if is_vacuous(claim, watcher.deciding, watcher.deciding & ~self.system.abstaining):
                raise no_decider(self.system, claim, watcher.deciding)

    def _verdict_on(self, claim: Property, reached: Reached, numbers: list[int], first: Initial) -> Finding:
        """Judge a claim by the configurations that show it, of runs that begin like some initial configuration."""

        def because(schedule: Any) -> str:
            return ROWS[claim].because(reached, schedule, first.inputs) if claim in ROWS else broken(claim)

        if not numbers:
            return unseen(claim, complete=reached.complete, confined=reached.confined)
        with stage("analyse", f"judging {claim.name}"):
            return seen(reached, claim, np.array(numbers, np.int64), because)

    def _by_group(self, claim: Property, reached: Reached, before: tuple[Finding, ...]) -> Finding:
        """Judge a claim on what is decided from some initial configurations, those that allow the same together."""
        if any(finding.verdict is VIOLATED for finding in before):
            return Finding(claim, INCOMPLETE, "the search stopped at another violation before this was judged")
        depths, cuts = list[int](), {reached.cut.bound} if reached.cut is not None else set[StopReason]()
        for first in groups_of(claim, reached.initial):
            only = partial(belongs, claim, ROWS[claim].group_of(first))
            there, watching = self._search(replace(self.exploration, checkpoint=None, only=only), [claim], 0, first)
            depths += there.levels_of(np.array(watching.found[claim][:1], np.int64)).tolist()
            cuts |= {there.cut.bound} - {StopReason.FIRST_VIOLATION} if there.cut is not None else set()
            if there.cut is not None and there.cut.bound.ends_run:
                break
        if depths:
            return shown(claim, VIOLATED, None, lambda: self._in_graph(claim, min(depths)))
        return unseen(claim, complete=not cuts, confined=cuts == {StopReason.CONSTRAINT})

    def _in_graph(self, claim: Property, depth: int) -> Finding:
        """Judge a claim that is known to be violated so far from the start."""
        with stage("analyse", f"judging {claim.name}"), grace():
            graph = explore(self.system, Bounds(depth=depth), engine=self.exploration.engine)
            if graph.cut is not None and graph.cut.bound is not StopReason.MAX_DEPTH:
                raise OutOfBudget(graph.cut.bound, f"judging {claim.name}")
            return judge(Case(graph), claim)


def _qualified(finding: Finding, watcher: Detectors) -> Finding:
    """Return a finding with what has to be said where there are no decisions, or crashes that do not show."""
    detector = watcher.detectors.get(finding.claim)
    if isinstance(detector, PredicateDetector) and detector.hidden and finding.schedule is None:
        return Finding(finding.claim, INCOMPLETE, BECAUSE)
    if finding.claim not in ABOUT_DECISIONS or finding.verdict is not HOLDS or watcher.decided:
        return finding
    return replace(finding, because=without_decision(finding.claim))


def belongs(claim: Property, group: Any, item: Initial) -> bool:
    """Return whether an initial configuration allows the same as others of a group."""
    return bool(ROWS[claim].group_of(item) == group)


def groups_of(claim: Property, initial: Sequence[Initial]) -> list[Initial]:
    """Return one initial configuration of each group that has to be searched by itself: it forbids something."""
    groups = {ROWS[claim].group_of(item): item for item in reversed(initial)} if claim in ROWS else {}
    return [item for group, item in groups.items() if group is not None]


def examine_safety(
    system: System,
    claims: Claims,
    bounds: Bounds | None = None,
    *,
    engine: str = "auto",
    order: str = "bfs",
    report: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    workers: int = 1,
) -> Judged:
    """Search for a violation of safety properties, without keeping transitions, and stop at the first one.

    Parameters
    ----------
    system, bounds, engine, order, report, workers
        As for `explore`.
    checkpoint
        For the search from all initial configurations; those from some of them are done again.
    claims
        The properties, or how they follow from who decides, as bits; those that need the graph are not asked.

    Raises
    ------
    SpecError
        If the protocol or one of its properties misbehaves.

    Examples
    --------
    >>> from flpcheck import agreement, asynchronous, load, system_of
    >>> found = examine_safety(system_of(load("first_quorum").protocol(), asynchronous()), [agreement])
    >>> found.findings[0].verdict.value
    'VIOLATED'
    """
    exploration = Exploration(
        system=system, keep=False, engine=engine, order=order, report=report, checkpoint=checkpoint, workers=workers
    )
    of: Callable[[int], Sequence[Property]] = claims if callable(claims) else lambda _: claims
    examiner = Examiner(exploration, of(system.deciders), bounds or Bounds())
    with deferred_interrupts(), monitored(BudgetMonitor(examiner.bounds)):
        reached, watcher = examiner.searched(system.deciders)
        while watcher.deciding != watcher.before and examiner.asks_more(of(watcher.deciding)):
            examiner = replace(examiner, claims=of(watcher.deciding))  # more processes decide than were known to
            reached, watcher = examiner.searched(watcher.deciding)
        judged = examiner.judge(reached, watcher)
        return judged if system.stubborn is None else replace(judged, findings=tuple(
            shortest_of(finding, judged, partial(_bounded, examiner)) for finding in judged.findings
        ))  # fmt: skip


def _bounded(examiner: Examiner, claim: Property, depth: int) -> Judged:
    """Search for a counterexample of bounded length where no events are left out."""
    stubborn = examiner.system.stubborn
    assert stubborn is not None
    bounds = replace(examiner.bounds, depth=depth, configurations=MOST_SEARCHED, seconds=current_monitor().left())
    return examine_safety(stubborn.whole(), [claim], bounds, engine=examiner.exploration.engine)
