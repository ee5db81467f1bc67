"""Is a log a run of a spec?  The search with ever more unlogged steps, and what it has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from flpcheck.authoring.events import Event
from flpcheck.authoring.property import HOLDS, INCOMPLETE, VIOLATED, Verdict
from flpcheck.authoring.rules import Rule
from flpcheck.conform.machine import EventDriven, Machine, event_driven, event_of
from flpcheck.conform.mapping import Observations
from flpcheck.conform.search import STEPS, Explanation, LogSearch
from flpcheck.conform.seen import Seen
from flpcheck.conform.stuck import Stuck
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.system.interface import System, Transition

if TYPE_CHECKING:
    from flpcheck.simulate.coverage import Coverage


@dataclass(frozen=True)
class LogPlan:
    """The way in which a log is held against a spec.

    Parameters
    ----------
    interleaving
        `file`: the lines are in the order in which they happened.  `causal`: only those of each process are.
    gap
        Maximum number of unlogged steps of a process before each of its lines.
    limit
        Maximum number of steps to try, for each number of unlogged steps.
    """

    interleaving: str = "file"
    gap: int = 0
    limit: int = STEPS


@dataclass(frozen=True)
class Conformance:
    """Result of holding a log against a spec.

    Parameters
    ----------
    system, plan, observations
        What was held against what, and how.
    explanation
        A run that is as the log tells, or the furthest attempt.
    gap
        The number of unlogged steps that were allowed for it.
    only_with_copies
        Whether the log is a run if the network duplicates messages, and was not found to be one if it does not.
    """

    system: EventDriven
    plan: LogPlan
    observations: Observations
    explanation: Explanation
    gap: int
    only_with_copies: bool = False

    @property
    def verdict(self) -> Verdict:
        """HOLDS if the log is a run, VIOLATED if it is not, INCOMPLETE if the search gave up."""
        if self.explanation.complete:
            return HOLDS
        return INCOMPLETE if self.explanation.gave_up else VIOLATED

    @property
    def exit_code(self) -> int:
        """0 for a run, 1 if it is none, 3 if the search gave up."""
        return {HOLDS: AS_WANTED, VIOLATED: DIFFERENT, INCOMPLETE: INCONCLUSIVE}[self.verdict]

    @property
    def stuck(self) -> tuple[Stuck, ...]:
        """The observations that cannot be explained, by process; those that wait for other processes come last."""
        return tuple(sorted(self.explanation.stuck, key=lambda one: one.waits))

    @property
    def unlogged(self) -> int:
        """Number of steps that the log does not tell of."""
        return sum(step.seen is None for step in self.explanation.steps)

    @property
    def events(self) -> tuple[Event, ...]:
        """The steps as events, in an order in which they can happen."""
        names = self.system.names
        return tuple(event_of(step, names) for step in self.explanation.steps if step.outcome is not None)

    @cached_property
    def coverage(self) -> Coverage:
        """The rules and messages that the steps have exercised."""
        from flpcheck.simulate.coverage import Coverage

        coverage = Coverage(self.system)
        for step in self.explanation.steps:
            if step.outcome is not None:
                coverage.note(Transition(event_of(step, self.system.names), step.number, step.process, None, step.rule))
        return coverage

    @property
    def untaken(self) -> tuple[Rule, ...]:
        """The rules that no step has taken, those of methods that the step functions call among them."""
        taken = [f"; {rule.name}; " for rule, _ in self.coverage.outcomes]
        steps = {place for book in self.system.rulebooks for place in book.rules}
        helpers = [rule for book in self.system.rulebooks for rule in book.helpers if rule.place not in steps]
        left = [rule for rule in helpers if not any(f"; {rule.name}; " in names for names in taken)]
        return (*self.coverage.rules, *dict.fromkeys(left))


def conform(system: System, observations: Observations, plan: LogPlan | None = None) -> Conformance:
    """Return whether a log is a run of a spec, and which run.

    Parameters
    ----------
    system
        The plain system.  What its world bounds (the numbers of crashes, losses and duplicates) may happen more often
        in a log; when timers fire is not judged.
    observations
        What the log tells.
    plan
        How it is held against it.

    Returns
    -------
    Conformance
        With the run, or what cannot be explained.  Cost: one question for each line of a log that tells all steps.

    Raises
    ------
    BadWorld
        If the protocol is not event-driven, or its world has what no log can be held against.
    SpecError
        If the protocol misbehaves.
    """
    plan, system = plan or LogPlan(), event_driven(system)
    furthest: Conformance | None = None
    for gap in range(plan.gap + 1):
        found = _with_gap(system, observations, plan, gap)
        if found.verdict is HOLDS:
            return found
        if furthest is None or found.explanation.explained > furthest.explanation.explained:
            furthest = found
    assert furthest is not None
    gave_up = found.explanation.gave_up  # with more unlogged steps all runs are there that are with fewer
    return replace(furthest, explanation=replace(furthest.explanation, gave_up=gave_up), gap=plan.gap)


def _with_gap(system: EventDriven, observations: Observations, plan: LogPlan, gap: int) -> Conformance:
    """Search where letters may be taken twice first: no guess can use up what is needed later."""
    network = system.world.network
    counts = network.kind == "multiset" and network.duplication == 0
    loose = _searched(Machine(system, copies=counts), observations.seens, plan, gap)
    found = Conformance(system, plan, observations, loose, gap)
    if not counts or not loose.complete or _can_happen(Machine(system), loose):
        return found
    strict = _searched(Machine(system), observations.seens, plan, gap)
    return replace(found, explanation=strict, only_with_copies=not strict.complete)


def _searched(machine: Machine, seens: Sequence[Seen], plan: LogPlan, gap: int) -> Explanation:
    return LogSearch(machine, seens, causal=plan.interleaving == "causal", gap=gap, limit=plan.limit).run()


def _can_happen(machine: Machine, explanation: Explanation) -> bool:
    """Return whether the steps of an explanation can happen one after the other, each copy taken once."""
    for step in explanation.steps:
        letter = step.letter and step.letter._replace(stays=False)
        if letter is not None and not machine.has(step.process, letter):
            return False
        machine.take(step._replace(letter=letter))
    return True
