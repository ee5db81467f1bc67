"""Random runs, judged: the ordinary judges see what the runs have passed, and nothing holds because of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import NamedTuple

from flpcheck.analyse import Finding, Judged
from flpcheck.analyse.case import Case
from flpcheck.analyse.claims import NEEDS, ROWS, Given, Needs, detector
from flpcheck.analyse.properties import judge, standard_claims
from flpcheck.analyse.safety import Detectors, Examiner, belongs, groups_of
from flpcheck.analyse.slicing import shown_by, with_schedule
from flpcheck.authoring.property import INCOMPLETE, VIOLATED, Property, Verdict
from flpcheck.budget import BudgetMonitor, monitored, stage
from flpcheck.examine import SEARCHING, Examination
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.explore import Progress, StateGraph
from flpcheck.explore.deciders import deciding_in
from flpcheck.explore.engine import Exploration
from flpcheck.explore.gc_pause import gc_paused
from flpcheck.explore.graph import Reached
from flpcheck.purity import Inquiry
from flpcheck.run import bounded_run, finished
from flpcheck.settle import Request
from flpcheck.simulate.coverage import Coverage
from flpcheck.simulate.plan import RunPlan
from flpcheck.simulate.policies import policy_of
from flpcheck.simulate.shorten import shortened
from flpcheck.simulate.walks import Walks
from flpcheck.system import Initial, System


class FoundIn(NamedTuple):
    """The run that has shown something.

    Parameters
    ----------
    number
        Its number.
    events
        The number of its events until then.
    """

    number: int
    events: int

    @property
    def policy(self) -> str:
        """The policy that it followed."""
        return policy_of(self.number)


@dataclass(frozen=True, eq=False)
class Simulation:
    """Result of making random runs.

    Parameters
    ----------
    plan
        The runs that were to be made.
    examination
        The configurations passed, judged: nothing holds because of it but that something can be reached.
    walks
        The runs from all initial configurations.
    found_in
        For each property that has a schedule, the run in which it was found.
    """

    plan: RunPlan
    examination: Examination
    walks: Walks
    found_in: dict[Property, FoundIn]

    @property
    def graph(self) -> StateGraph:
        """The configurations that the runs from all initial ones have passed."""
        graph = self.examination.judged.graph
        assert isinstance(graph, StateGraph)
        return graph

    @property
    def coverage(self) -> Coverage:
        """The rules and messages that the runs have exercised."""
        return self.walks.coverage

    def expected(self, finding: Finding) -> Verdict | None:
        """Return the verdict that the instance expects on a property, if runs can show it."""
        return self.examination.expected(finding) if finding.schedule is not None else None

    @property
    def exit_code(self) -> int:
        """The exit code: without a violation that is not expected, nothing is known for certain."""
        bad = [finding for finding in self.examination.judged.findings if finding.verdict is VIOLATED]
        if any(self.expected(finding) is not VIOLATED for finding in bad):
            return DIFFERENT
        return AS_WANTED if bad else INCONCLUSIVE

    @cached_property
    def chance_of_new(self) -> float:
        """Estimated probability that one more event of such runs leads to a configuration that none has reached.

        Good, "The Population Frequencies of Species and the Estimation of Population Parameters" (Biometrika 1953): the
        share of events that led where no other one did.
        """
        return self.walks.once / max(self.walks.steps, 1)


@dataclass(frozen=True, eq=False)
class Simulator(Examiner):
    """An examination by random runs.

    Parameters
    ----------
    plan
        The runs.
    made
        Collects the runs of each search: from all initial configurations first.
    """

    plan: RunPlan = field(default_factory=RunPlan)
    made: list[Walks] = field(default_factory=list)
    found_in: dict[Property, FoundIn] = field(default_factory=dict)

    def _search(
        self, exploration: Exploration, claims: Sequence[Property], deciding: int, first: Initial
    ) -> tuple[Reached, Detectors]:  # fmt: skip
        given = Given(self.system, deciding, first.inputs)
        watcher = Detectors({claim: detector(claim, given) for claim in claims}, self.system, deciding)
        with gc_paused(), monitored(BudgetMonitor(self.bounds)) as monitor:
            walks = Walks(self.system, self.plan, exploration.only, watcher, monitor, exploration.report)
            self.made.append(walks)
            return walks.run(), watcher

    def _verdict_on(self, claim: Property, reached: Reached, numbers: list[int], first: Initial) -> Finding:
        finding = super()._verdict_on(claim, reached, numbers[:1], first)
        if finding.schedule is None:
            return self._open(finding)
        walks = next(walks for walks in self.made if walks.configurations is reached.configurations)
        self.found_in[claim] = FoundIn(walks.found_in[numbers[0]], walks.depth[numbers[0]])
        return self._short(finding, reached)

    def _by_group(self, claim: Property, reached: Reached, before: tuple[Finding, ...]) -> Finding:
        for first in () if any(found.verdict is VIOLATED for found in before) else groups_of(claim, reached.initial):
            only = partial(belongs, claim, ROWS[claim].group_of(first))
            there, watching = self._search(replace(self.exploration, only=only), [claim], 0, first)
            if watching.found[claim]:
                return self._verdict_on(claim, there, watching.found[claim], first)
        return self._open(Finding(claim, INCOMPLETE))

    def _proved(self, _: Reached, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Return the findings: a schedule that shows something does so whatever is assumed of timers."""
        return findings

    def _open(self, finding: Finding) -> Finding:
        """Return that nothing was found."""
        what = "not reached" if finding.claim.kind == "sometimes" else "no violation found"
        return Finding(finding.claim, INCOMPLETE, f"{what} in {self.made[0].made:,} random runs")

    def _short(self, finding: Finding, reached: Reached) -> Finding:
        """Return a finding with a short schedule that shows the same."""
        assert finding.schedule is not None
        shows = shown_by(finding, self.system, deciding_in(self.system, reached.configurations, self.system.deciders))
        return with_schedule(finding, reached, shortened(self.system, finding.schedule, shows))

    def with_steps(self, judged: Judged) -> Judged:
        """Return the same with the properties that compare the configurations before and after an event."""
        graph = judged.graph
        assert isinstance(graph, StateGraph)
        of_steps = [claim for claim in judged.not_asked if needs_of(claim) is Needs.EDGES]
        with stage("analyse", "judging steps"):
            found = {claim: judge(Case(graph), claim) for claim in of_steps}
        more = tuple(f if f.schedule is not None else self._open(f) for f in found.values())
        left = {claim: why for claim, why in judged.not_asked.items() if claim not in found}
        return replace(judged, findings=(*judged.findings, *more), not_asked=left)


def needs_of(claim: Property) -> Needs:
    """Return what is needed to judge a property."""
    return ROWS[claim].needs if claim in ROWS else NEEDS.get(claim.kind, Needs.STATE)


def simulate(
    request: Request, plan: RunPlan | None = None, report: Callable[[Progress], None] | None = None
) -> Simulation:  # fmt: skip
    """Make random runs of a protocol, and judge safety properties on what they pass, until one is violated.

    Parameters
    ----------
    request
        From `settle`; reductions, engine and order are of no account.
    plan
        The runs to make.
    report
        Called from time to time with the progress.

    Returns
    -------
    Simulation
        The same for the same plan.  Cost: for each event of a run what its process may do next, asked once.

    Raises
    ------
    SpecError
        If the protocol misbehaves, with the run that leads there.

    Examples
    --------
    >>> from flpcheck import load
    >>> from flpcheck.settle import Overrides, settle
    >>> found = simulate(settle(load("broken/paxos_forgets_value"), Overrides()), RunPlan(seed=1))
    >>> found.examination.judged.violated
    True
    """
    plan, system = plan or RunPlan(), request.system.plain
    with (
        bounded_run(request.bounds, report) as run,
        Inquiry(request.protocol, request.world, request.inputs) as inquiry,
    ):
        with stage("explore", "making random runs", SEARCHING):
            simulator, judged = _judged(request, plan, system, run.report)
        purity = finished(inquiry, system, judged.graph.cut)
        examination = Examination(request, judged, purity, run.seconds)
        return Simulation(plan, examination, simulator.made[0], simulator.found_in)


def _judged(
    request: Request, plan: RunPlan, system: System, report: Callable[[Progress], None] | None
) -> tuple[Simulator, Judged]:  # fmt: skip
    def claims(deciding: int) -> tuple[Property, ...]:
        return request.claims or (*standard_claims(system, system.initial(), deciding), *request.spec.own_properties)

    deciding = system.deciders
    while True:
        simulator = Simulator(Exploration(system=system, report=report), claims(deciding), request.bounds, plan)
        reached, watcher = simulator.searched(deciding)
        if watcher.deciding == watcher.before or not simulator.asks_more(claims(watcher.deciding)):
            judged = simulator.judge(reached, watcher)
            return simulator, judged if judged.violated else simulator.with_steps(judged)
        deciding = watcher.deciding  # more processes decide than were known to
