"""Judging safety properties while a search runs that keeps no transitions.

What one configuration shows (two decisions, a broken invariant, a dead end) is seen on the level where it is found
first.  Validity depends on where a run began, so initial configurations that allow different decisions are searched
one group after the other.  The search ends at the first violation; a property that was not violated by then is
INCOMPLETE.  Termination, valence and non-triviality need the graph, and are not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.analyse.asking import Predicate
from flpcheck.analyse.busy import clock_of, unproved
from flpcheck.analyse.case import Case, shown, who_decided
from flpcheck.analyse.deciders import ABOUT_DECISIONS, is_vacuous, no_decider
from flpcheck.analyse.detectors import Asked, Detector, Detectors
from flpcheck.analyse.finding import Finding
from flpcheck.analyse.paths import path_between_levels
from flpcheck.analyse.properties import STUCK, broken, judge, without_decision
from flpcheck.analyse.schedule import Schedule, schedule_of
from flpcheck.analyse.silence import BECAUSE, silent_budget
from flpcheck.analyse.validity import (
    Allowed,
    correct_proposed,
    invalid,
    some_input,
    unanimity,
    unanimous_but_other,
)
from flpcheck.authoring.property import (
    HOLDS,
    INCOMPLETE,
    VIOLATED,
    Property,
    agreement,
    any_input_validity,
    correct_unanimity,
    deadlock_freedom,
    integrity,
    interactive_consistency,
    non_triviality,
    termination,
    uniform_agreement,
    validity,
)
from flpcheck.authoring.values import key
from flpcheck.budget import ENDS, OutOfBudget, Watchman, grace, stage, watched
from flpcheck.explore import Bounds, explore
from flpcheck.explore.graph import Bools
from flpcheck.explore.interrupts import patiently
from flpcheck.explore.progress import Progress
from flpcheck.explore.safely import STOPPED, Piece, Reached, search_safely
from flpcheck.system import Initial, System
from flpcheck.world import World

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint

NEED_THE_GRAPH: Mapping[Property, str] = {
    termination: "it asks what can still happen",
    non_triviality: "it asks what can still happen",
    interactive_consistency: "it asks who is faulty in which run",
    integrity: "it compares the two ends of a transition",
}
"""Properties that are not asked without transitions, and why."""
ALLOWED: Mapping[Property, Allowed] = {validity: unanimity, any_input_validity: some_input}


@dataclass(frozen=True, eq=False)
class Safety:
    """What a search without transitions found out.

    Parameters
    ----------
    reached
        What was reached from all initial configurations.
    findings
        The verdict on each property that was asked, in order.
    not_asked
        The properties that need the graph, each with the reason.
    deciding
        The registers that have a decision, as bits.
    """

    reached: Reached
    findings: tuple[Finding, ...]
    not_asked: Mapping[Property, str]
    deciding: int
    flp: None = None
    valence: None = None
    """What a search without transitions cannot know, by the names that `Findings` has for it."""

    @property
    def violated(self) -> bool:
        """Whether some property is violated."""
        return any(finding.verdict is VIOLATED for finding in self.findings)


@dataclass(frozen=True, eq=False)
class Examiner:
    """One examination of a system for safety."""

    system: System
    claims: Sequence[Property]
    bounds: Bounds
    engine: str
    report: Callable[[Progress], None] | None
    checkpoint: Checkpoint | None = None
    workers: int = 1

    def examine(self) -> Safety:
        """Search, and judge every property that can be judged."""
        with patiently(), watched(Watchman(self.bounds)):
            return self._examined()

    def _examined(self) -> Safety:
        search = self._searched(self.system.deciders)
        while search[1].deciding != search[1].before and deadlock_freedom in self.claims:
            search = self._searched(search[1].deciding)  # more processes decide than were known to
        return self._judge(*search)

    def _searched(self, deciding: int) -> tuple[Reached, Detectors]:
        """Search from all initial configurations, as far as the deciders are known."""
        initial = self.system.initial()
        alone = [claim for claim in self._asked() if len(initial) == 1 or not _groups(claim, initial)]
        watcher = lambda: Detectors(  # noqa: E731
            {claim: self._detector(claim, initial[0].inputs, deciding) for claim in alone}, self.system, deciding
        )
        return search_safely(
            self.system, self.bounds, watcher,
            engine=self.engine, report=self.report, checkpoint=self.checkpoint, workers=self.workers,
        )  # fmt: skip

    def _asked(self) -> list[Property]:
        return [claim for claim in self.claims if not why_not(claim, self.system.world)]

    def _judge(self, reached: Reached, watcher: Detectors) -> Safety:
        watcher.confirm()
        self._refuse_vacuous(reached, watcher)
        found = {claim: self._judged(claim, reached, numbers) for claim, numbers in watcher.found.items()}
        for claim in self._asked():
            if claim not in found:
                groups = _groups(claim, reached.initial)
                found[claim] = self._by_group(claim, groups, reached, tuple(found.values()))
        told = [self._told(found[claim], watcher) for claim in self._asked()]
        not_asked = {claim: why for claim in self.claims if (why := why_not(claim, self.system.world))}
        return Safety(reached, self._proved(reached, tuple(told)), not_asked, watcher.deciding)

    def _proved(self, reached: Reached, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return the findings as far as they stand, should timers be assumed to be longer than they can be."""
        if clock_of(self.system) is None or all(finding.verdict is INCOMPLETE for finding in findings):
            return findings
        whole = reached.graph if reached.complete else None
        graph = whole or explore(self.system, self.bounds, engine="reference")
        if reached.complete and graph.cut is not None:  # then a busy period that never ends may not be in it
            why = f"{graph.cut.bound} cut the search for a busy period that never ends"
            return tuple(Finding(f.claim, INCOMPLETE, why) if f.verdict is HOLDS else f for f in findings)
        return unproved(findings, graph)

    def _refuse_vacuous(self, reached: Reached, watcher: Detectors) -> None:
        for claim in self.claims if reached.complete else ():
            if is_vacuous(claim, watcher.deciding, watcher.deciding & ~self.system.abstaining):
                raise no_decider(self.system, claim, watcher.deciding)

    def _told(self, finding: Finding, watcher: Detectors) -> Finding:
        """Return a finding with what has to be said where there are no decisions, or crashes that do not show."""
        detector = watcher.detectors.get(finding.claim)
        if isinstance(detector, Asked) and detector.hidden and finding.schedule is None:
            return Finding(finding.claim, INCOMPLETE, BECAUSE)
        if finding.claim not in ABOUT_DECISIONS or finding.verdict is not HOLDS or watcher.decided:
            return finding
        return replace(finding, because=without_decision(finding.claim))

    def _search(self, watcher: Any, only: Callable[[Initial], bool]) -> tuple[Reached, Any]:
        return search_safely(
            self.system, self.bounds, watcher,
            engine=self.engine, report=self.report, only=only, workers=self.workers,
        )  # fmt: skip

    def _judged(self, claim: Property, reached: Reached, numbers: list[int]) -> Finding:
        if not numbers:
            return _nothing(claim, reached)
        depth = reached.depth_of(min(numbers))
        nearest = np.array([number for number in numbers if reached.depth_of(number) == depth], np.int64)

        def make() -> Finding:
            with grace():
                schedule = schedule_of(reached, path_between_levels(reached, nearest, depth))
            because = f"reached: {claim.claim}" if wanted else self._because(claim, reached, schedule)
            return Finding(claim, verdict, because, schedule)

        wanted = claim.kind == "sometimes"
        verdict = HOLDS if wanted else VIOLATED
        with stage("analyse", f"judging {claim.name}"):
            return shown(claim, verdict, int(nearest[0]), make)

    def _because(self, claim: Property, reached: Reached, schedule: Schedule) -> str:
        if claim in {agreement, uniform_agreement}:
            return who_decided(self.system, schedule, claim)
        if claim == correct_unanimity:
            return correct_proposed(reached, schedule)
        if claim in ALLOWED:
            return invalid(reached, schedule, _wrong(self.system, ALLOWED[claim], reached.initial[0].inputs))
        return STUCK if claim == deadlock_freedom else broken(claim)

    def _by_group(
        self, claim: Property, groups: Sequence[Initial], reached: Reached, before: tuple[Finding, ...]
    ) -> Finding:
        """Judge a claim on what is decided from some initial configurations, those that allow the same together."""
        if any(finding.verdict is VIOLATED for finding in before):
            return Finding(claim, INCOMPLETE, "the search was ended by another violation before this was looked at")
        depths, cut = [], not reached.complete
        for first in groups:
            group = _name(claim, first)
            watcher = partial(Detectors, {claim: self._detector(claim, first.inputs, 0)}, self.system, 0)
            there, watching = self._search(watcher, partial(_belongs, claim, group))
            depths += [there.depth_of(number) for number in watching.found[claim][:1]]
            cut |= there.cut is not None and there.cut.bound != STOPPED
            if there.cut is not None and there.cut.bound in ENDS:
                break
        if not depths:
            return _cut(claim) if cut else Finding(claim, HOLDS)
        return shown(claim, VIOLATED, None, lambda: self._in_graph(claim, min(depths)))

    def _in_graph(self, claim: Property, depth: int) -> Finding:
        """Judge a claim that is known to be violated so far from the start."""
        with stage("analyse", f"judging {claim.name}"), grace():
            graph = explore(self.system, Bounds(depth=depth), engine=self.engine)
            if graph.cut is not None and graph.cut.bound != "max-depth":
                raise OutOfBudget(graph.cut.bound, f"judging {claim.name}")
            return judge(Case(graph), claim)

    def _detector(self, claim: Property, inputs: Mapping[str, Any], deciding: int) -> Detector:
        system = self.system
        if claim.kind in {"invariant", "sometimes"}:
            return Asked(system, Predicate(claim), wanted=claim.kind == "sometimes")
        if claim in ALLOWED:
            return lambda piece: piece.marks().values & np.uint64(_wrong(system, ALLOWED[claim], inputs)) != 0
        by_marks: dict[Property, Detector] = {
            agreement: lambda piece: _several(piece.marks().live_values),
            uniform_agreement: lambda piece: _several(piece.marks().values),
            correct_unanimity: lambda piece: unanimous_but_other(system, piece.marks(), inputs),
            deadlock_freedom: partial(_dead_ends, deciding, system.abstaining),
        }
        return by_marks[claim]


def why_not(claim: Property, world: World) -> str:
    """Return why a property cannot be judged without the graph of a world; empty if it can."""
    if claim == deadlock_freedom and silent_budget(world):
        return "it asks who may be silent, as crashes are elided"
    return NEED_THE_GRAPH[integrity] if claim.kind == "step" else NEED_THE_GRAPH.get(claim, "")


def _several(masks: Any) -> Bools:
    """bool[n]: more than one bit is set."""
    found: Bools = masks & (masks - np.uint64(1)) != 0
    return found


def _wrong(system: System, allowed: Allowed, inputs: Mapping[str, Any]) -> int:
    may = allowed(inputs)
    return 0 if may is None else sum(1 << bit for bit, value in enumerate(system.values) if key(value) not in may)


def _dead_ends(deciding: int, abstaining: int, piece: Piece) -> Bools:
    if piece.frontier:
        return np.zeros(len(piece.configurations), np.bool_)
    marks, among = piece.marks(), np.ones(len(piece.configurations), np.bool_)
    if deciding:
        among = np.uint64(deciding & ~abstaining) & ~marks.crashed & ~marks.decided != 0
    return piece.ended(among)


def _name(claim: Property, item: Initial) -> Any:
    """Return what a claim allows from an initial configuration, as something to compare; None for anything."""
    if claim in ALLOWED:
        may = ALLOWED[claim](item.inputs)
        return None if may is None else frozenset(may)
    return tuple((pid, key(value)) for pid, value in item.inputs.items()) if claim == correct_unanimity else None


def _belongs(claim: Property, group: Any, item: Initial) -> bool:
    return bool(_name(claim, item) == group)


def _groups(claim: Property, initial: Sequence[Initial]) -> list[Initial]:
    """Return one initial configuration of each group that has to be searched by itself: it forbids something."""
    names = {_name(claim, item): item for item in reversed(initial)}
    return [item for name, item in names.items() if name is not None]


def _nothing(claim: Property, reached: Reached) -> Finding:
    if not reached.complete:
        return _cut(claim)
    if claim.kind == "sometimes":
        return Finding(claim, VIOLATED, "no reachable configuration is like that")
    return Finding(claim, HOLDS)


def _cut(claim: Property) -> Finding:
    if claim.kind == "sometimes":
        return Finding(claim, INCOMPLETE, "not reached before the search was cut")
    return Finding(claim, INCOMPLETE, "nothing bad found before the search was cut")


def examine_safety(
    system: System,
    claims: Sequence[Property],
    bounds: Bounds | None = None,
    *,
    engine: str = "auto",
    report: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    workers: int = 1,
) -> Safety:
    """Search for a violation of safety properties, without keeping transitions, and stop at the first one.

    Parameters
    ----------
    system, bounds, engine, report, workers
        As for `explore`.
    checkpoint
        For the search from all initial configurations; those from some of them are done again.
    claims
        The properties; those that need the graph are not asked.

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
    return Examiner(system, claims, bounds or Bounds(), engine, report, checkpoint, workers).examine()
