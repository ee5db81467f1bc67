"""The finding of an analysis: a verdict, and the schedule that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flpcheck.analyse.schedule import Schedule
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, Verdict
from flpcheck.explore.graph import Reached

if TYPE_CHECKING:
    from flpcheck.analyse.valence import Valence
    from flpcheck.analyse.verdict import FlpVerdict


@dataclass(frozen=True)
class AbstractRun:
    """A run of the protocol that is refined: what it sees of a schedule.

    Parameters
    ----------
    name
        The name of that protocol.
    configurations
        What each configuration of the schedule is seen as: text, leaf by leaf.
    steps
        What each event is there: a step, as text; empty where nothing changes; None where there is no such step.
    """

    name: str
    configurations: tuple[Mapping[str, str], ...]
    steps: tuple[str | None, ...]


@dataclass(frozen=True)
class Finding:
    """The verdict on one property.

    Parameters
    ----------
    claim
        The property.
    verdict
        HOLDS, VIOLATED or INCOMPLETE.
    because
        One sentence: what the schedule shows, or why the verdict holds.
    schedule
        The shortest counterexample, or for a `sometimes` property that holds the shortest witness.
    faulty
        For termination: the processes that never step again, where crashes are not events.
    stuck
        For termination: the live processes that never decide.
    within
        For termination in rounds: after how many rounds all have decided, counted from GST where there is one.
    beside
        For a refinement: the schedule as the abstract protocol sees it.
    trigger
        For `leads_to`: the position of the configuration from which on what is owed never comes.
    vacuous
        Whether the property holds only because nothing ever depended on it.
    shortest
        Whether it is known, after a breadth-first search, that there is no shorter schedule.
    """

    claim: Property
    verdict: Verdict
    because: str = ""
    schedule: Schedule | None = None
    faulty: tuple[Pid, ...] = ()
    stuck: tuple[Pid, ...] = ()
    within: int | None = None
    beside: AbstractRun | None = None
    trigger: int | None = None
    vacuous: bool = False
    shortest: bool = True

    @property
    def is_counterexample(self) -> bool:
        """Whether the schedule shows that the property fails."""
        return self.schedule is not None and self.verdict is Verdict.VIOLATED


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """The configurations reached, with the results of the analyses.

    Parameters
    ----------
    graph
        The configurations reached.
    findings
        The verdict on each property that was asked, in order.
    deciding
        The registers that have a decision, as bits.
    not_asked
        The properties that need a graph, where there is none, each with the reason.
    unfinished
        What the budget of the run kept from being found out, a sentence each: `time was up while judging termination`.
        Then that verdict is INCOMPLETE, or the field in question holds what is certain without it.
    valence, flp
        Of a graph: the valence of its configurations, and the FLP verdict.
    """

    graph: Reached
    findings: tuple[Finding, ...]
    deciding: int
    not_asked: Mapping[Property, str] = field(default_factory=dict)
    unfinished: tuple[str, ...] = ()
    valence: Valence | None = None
    flp: FlpVerdict | None = None

    @property
    def violated(self) -> bool:
        """Whether some property is violated."""
        return any(finding.verdict is Verdict.VIOLATED for finding in self.findings)
