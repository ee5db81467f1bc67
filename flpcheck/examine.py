"""Examining a request: explore it, judge what was found, and compare that with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from flpcheck.analyse import Analysis, Finding, Growth, Judged, Pump, analyse, causes_of_growth, pump_of
from flpcheck.analyse.case import SAFE
from flpcheck.analyse.claims import why_not
from flpcheck.analyse.mail_reads import ReadsMail, reader_of_mail
from flpcheck.analyse.message_delays import MessageDelays, message_delays
from flpcheck.analyse.multipliers import Multipliers, multipliers
from flpcheck.analyse.properties import standard_claims
from flpcheck.analyse.safety import examine_safety
from flpcheck.analyse.state_reads import Observation, ReadsStates
from flpcheck.authoring.property import Property, Reading, Verdict, View
from flpcheck.budget import stage
from flpcheck.errors import BadRequest
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.expectations import Difference, differences_of
from flpcheck.explore import Bounds, Cut, Progress, StateGraph, explore
from flpcheck.purity import Inquiry
from flpcheck.reduce.stubborn import leaving_out, why_whole
from flpcheck.reduce.without_dead_letters import why_apart, why_kept, without_dead_letters
from flpcheck.run import bounded_run, finished
from flpcheck.settle import AUTO, DEAD_LETTERS, EQUAL_STATES, REDUCED, STUBBORN, Request
from flpcheck.stops import StopReason
from flpcheck.system import System

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint

LARGE = 50_000
"""Number of configurations from which on it is said what multiplies a state space."""
SEARCHING = 0.95
"""Share of the time limit for a search and the judging of what it finds: the rest is for what comes after."""


@dataclass(frozen=True, eq=False)
class Examination:
    """Result of examining a request."""

    request: Request
    judged: Judged
    """`Analysis` on a graph, or less if transitions were not kept."""
    purity: str = ""
    """The extent to which determinism was checked, where that is less than usual."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Seconds spent in each part of the run: `load`, `explore`, `purity`, `analyse`, `draw`."""

    @property
    def analysis(self) -> Analysis:
        """The analysis of the graph; only for an examination that has one."""
        assert isinstance(self.judged, Analysis), "transitions were not kept"
        return self.judged

    @property
    def graph(self) -> StateGraph:
        """The graph; only for an examination that kept one."""
        return self.analysis.graph

    @property
    def keep(self) -> bool:
        """Whether transitions were kept, and so there is a graph."""
        return isinstance(self.judged, Analysis)

    @property
    def system(self) -> System:
        """The system explored."""
        return self.judged.graph.system

    @property
    def size(self) -> int:
        """The number of configurations."""
        return len(self.judged.graph)

    @property
    def transitions(self) -> int:
        """The number of transitions."""
        return self.judged.graph.steps

    @property
    def depth(self) -> int:
        """Greatest distance of a configuration from the initial ones, in events."""
        return self.judged.graph.farthest

    @cached_property
    def growth(self) -> list[Growth | Pump]:
        """Causes of growth, where a bound cut the state space."""
        graph = self.judged.graph
        if not self._bounded:
            return []
        pump = pump_of(graph) if isinstance(graph, StateGraph) else None
        return [*([] if pump is None else [pump]), *causes_of_growth(graph)]

    @cached_property
    def multipliers(self) -> Multipliers | None:
        """Factors of the state space, where it is large or a bound cut it."""
        return multipliers(self.judged.graph) if self._bounded or self.size >= LARGE else None

    @cached_property
    def delays(self) -> MessageDelays | None:
        """The message delays to a decision, and to the entries of a log; None if there is nothing of this to count."""
        logs = [claim.log for claim in self.request.spec.own_properties if claim.log is not None]
        if not self.judged.deciding and not logs:
            return None
        return message_delays(self.system, self.judged.deciding, partial(_entries, logs[0]) if logs else None)

    @property
    def seconds(self) -> float:
        """Total time, in seconds."""
        return sum(self.spent.values())

    @property
    def cut(self) -> Cut | None:
        """The bound that cut the search; None for a complete one."""
        return self.judged.graph.cut

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that the instance expects and that was found otherwise; not what a violation left unjudged."""
        instance = self.request.instance
        delays = None if instance is None or instance.delays is None else self.delays
        found = [] if instance is None else differences_of(instance, self.judged, delays)
        return tuple(difference for difference in found if not (difference.incomplete and self._ended_by_violation))

    @property
    def _bounded(self) -> bool:
        """Whether a bound cut the search, and not the user or a violation."""
        return self.cut is not None and self.cut.bound.is_bound

    @property
    def _ended_by_violation(self) -> bool:
        return self.cut is not None and self.cut.bound is StopReason.FIRST_VIOLATION and bool(self.judged.violated)

    @property
    def exit_code(self) -> int:
        """The exit code of this examination alone.

        A violation that the instance expects may end the search, and is as wanted, whatever it leaves open.
        """
        expecting = self.request.instance is not None and bool(self.request.instance.verdicts)
        if self._differs(expecting=expecting):
            return DIFFERENT
        if self._ended_by_violation:
            return AS_WANTED
        left = self.differences if expecting else self.cut is not None
        return INCONCLUSIVE if left or self._undecided() else AS_WANTED

    def _differs(self, *, expecting: bool) -> bool:
        differs = expecting and any(not difference.incomplete for difference in self.differences)
        return differs or any(f.verdict is Verdict.VIOLATED and self.expected(f) is None for f in self.judged.findings)

    def _undecided(self) -> bool:
        """Whether a verdict is INCOMPLETE although the instance does not expect it, or there is no verdict at all."""
        findings = self.judged.findings
        left = any(f.verdict is Verdict.INCOMPLETE and self.expected(f) is not f.verdict for f in findings)
        return left or (not findings and bool(self.judged.not_asked))

    def expected(self, finding: Finding) -> Verdict | None:
        """Return the verdict that the instance expects on a property."""
        return None if self.request.instance is None else self.request.instance.verdicts.get(finding.claim)


def _entries(log: Reading, view: View[Any]) -> int:
    return max(map(len, view.each(log).values()), default=0)


def examine(
    request: Request,
    report: Callable[[Progress], None] | None = None,
    checkpoint: Checkpoint | None = None,
    *,
    keep: bool = True,
    counted: bool = True,
) -> Examination:
    """Explore a request and judge it, while other interpreters look whether the protocol is deterministic.

    Parameters
    ----------
    request
        From `settle`.
    report, checkpoint
        As for `explore`.
    keep
        Whether to keep the graph, and analyse it; if not, the properties that need none are judged while the search
        runs, and the first violation ends it.
    counted
        Whether the counts of a graph are wanted, so that it is reduced only on request.

    Raises
    ------
    SpecError
        If the protocol misbehaves; `NondeterministicStep` if it depends on more than its arguments.

    Examples
    --------
    >>> from flpcheck.settle import Overrides, settle
    >>> from flpcheck.spec import load
    >>> examine(settle(load("wait_for_all"), Overrides(instance="one crash"))).exit_code
    0
    """
    with (
        bounded_run(request.bounds, report) as run,
        Inquiry(request.protocol, request.world, request.inputs) as inquiry,
    ):
        bounds = request.bounds
        how: dict[str, Any] = {"engine": request.engine, "order": request.order, "workers": request.workers}
        how |= {"report": run.report, "checkpoint": checkpoint}
        reduce = partial(_reduced, request, counted=keep and counted, steps=keep)
        judged, purity = _judged_reduced(request, reduce, partial(_judged, request, bounds, how, inquiry, keep=keep))
        return Examination(request, judged, purity, run.seconds)


def _judged_reduced(
    request: Request, reduce: Callable[[Observation], System], judge: Callable[[System], tuple[Judged, str]]
) -> tuple[Judged, str]:  # fmt: skip
    """Return what is found on a reduced system, where everything that properties read is observed.

    What they read shows when they are asked; if it is more than was observed, all is done again.
    """
    observation = Observation()
    while True:
        try:
            return judge(reduce(observation))
        except ReadsStates as reads:
            observation = observation.with_more(reads.parts)
        except ReadsMail:
            if request.reduce in REDUCED:
                raise _cannot(request, "a property reads mail") from None
            return judge(request.system)


def _judged(
    request: Request, bounds: Bounds, how: dict[str, Any], inquiry: Inquiry, system: System, *, keep: bool
) -> tuple[Judged, str]:
    """Return what is found, and how far the protocol was found to be a function of its arguments."""
    with stage("explore", "exploring", SEARCHING):
        found = explore(system, bounds, **how) if keep else _judged_meanwhile(request, system, how)
    reached = found.graph if isinstance(found, Judged) else found
    purity = finished(inquiry, reached.system.plain, reached.cut)
    if isinstance(found, Judged):
        return found, purity
    with stage("analyse", "judging"):
        return analyse(found, claims_of(request, system, found.deciding)), purity


def _reduced(request: Request, observation: Observation, *, counted: bool, steps: bool) -> System:
    """Return the system to explore: reduced on request, or where no count depends on it.

    Raises
    ------
    BadRequest
        If a reduction is asked for that cannot be used.
    """
    system, instance = request.system, request.instance
    asked = request.reduce in REDUCED
    allowed = request.reduction and request.reduce == AUTO and not (instance is not None and instance.counts)
    if not asked and (counted or not allowed):
        return system
    claims = [c for c in claims_of(request, system, system.deciders) if steps or not why_not(c, system.world)]
    kept = why_kept(system) or reader_of_mail(claims, steps=steps)
    if asked and (reason := kept or _refused(request, system, steps=steps)):
        raise _cannot(request, reason)
    if kept:
        return system
    if request.reduce == STUBBORN:
        stubborn = leaving_out(system, observation, stays=SAFE.issuperset(claims))
        if stubborn is not None:
            return stubborn
    return without_dead_letters(system, observation if request.reduce in {EQUAL_STATES, STUBBORN} else None)


def _refused(request: Request, system: System, *, steps: bool) -> str:
    """Return what a reduction that is asked for is refused for, as a clause; empty if it can be used."""
    if request.reduce == STUBBORN:
        return "events that are left out are lacking in a graph; add --safety" if steps else why_whole(system)
    return why_apart(system) if request.reduce == EQUAL_STATES else ""


CANNOT = {
    DEAD_LETTERS: "dead letters cannot be dropped",
    EQUAL_STATES: "equal states cannot be merged",
    STUBBORN: "events cannot be left out",
}
"""The beginning of the error where a reduction that is asked for cannot be used."""


def _cannot(request: Request, why: str) -> BadRequest:
    return BadRequest(f"{CANNOT[request.reduce]} here", why=why, next_step=f"remove --reduce {request.reduce}")


def _judged_meanwhile(request: Request, system: System, how: dict[str, Any]) -> Judged:
    return examine_safety(system, partial(claims_of, request, system), request.bounds, **how)


def claims_of(request: Request, system: System, deciding: int) -> tuple[Property, ...]:
    """Return the properties to judge: those asked for, or else those that make sense and the spec's own."""
    usual = standard_claims(system, system.initial(), deciding)
    return request.claims or (*usual, *request.spec.own_properties)
