"""Examining a request: explore it, analyse what was found, and compare that with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from flpcheck.analyse import Finding, Findings, Growth, Pump, analyse, causes_of_growth, pump_of, standard_properties
from flpcheck.analyse.theorem.tour import Tour, tour
from flpcheck.authoring.property import Verdict
from flpcheck.budget import INTERRUPTED, stage
from flpcheck.errors import BadRequest, NoDecider
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.expectations import Difference, differences_of
from flpcheck.explore import Cut, Progress, StateGraph, explore
from flpcheck.purity import Inquiry
from flpcheck.reduce import plain
from flpcheck.run import finished, run_of
from flpcheck.settle import Request

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint

SEARCHING = 0.95
"""Share of the time limit for a search and the judging of what it finds: the rest is for what comes after."""


@dataclass(frozen=True, eq=False)
class Examination:
    """What came of examining a setting."""

    setting: Request
    graph: StateGraph
    findings: Findings
    purity: str = ""
    """How far it was checked that the protocol is a function of its arguments, where that is less than usual."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """What each part of the run has taken, in seconds: `load`, `explore`, `purity`, `analyse`, `draw`."""

    @property
    def size(self) -> int:
        """The number of configurations."""
        return len(self.graph)

    @property
    def transitions(self) -> int:
        """The number of transitions."""
        return len(self.graph.targets)

    @property
    def depth(self) -> int:
        """How far the farthest configuration is from the initial ones."""
        return int(self.graph.depth.max())

    @cached_property
    def growth(self) -> list[Growth | Pump]:
        """What makes the state space grow, where a bound cut it."""
        if self.cut is None or self.cut.bound == INTERRUPTED:
            return []
        pump = pump_of(self.graph)
        return [*([] if pump is None else [pump]), *causes_of_growth(self.graph)]

    @property
    def seconds(self) -> float:
        """How long it all took, in seconds."""
        return sum(self.spent.values())

    @property
    def cut(self) -> Cut | None:
        """What cut the search."""
        return self.graph.cut

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that the instance expects and that was found otherwise."""
        instance = self.setting.instance
        return () if instance is None else tuple(differences_of(instance, self.graph, self.findings))

    @property
    def exit_code(self) -> int:
        """The exit code of this examination alone."""
        if self.setting.instance is not None and self.setting.instance.verdicts:
            if any(not difference.incomplete for difference in self.differences):
                return DIFFERENT
            return INCONCLUSIVE if self.differences or self._undecided() else AS_WANTED
        if self.findings.violated:
            return DIFFERENT
        return AS_WANTED if self.graph.complete and not self._undecided() else INCONCLUSIVE

    def _undecided(self) -> bool:
        """Whether a verdict is INCOMPLETE although the instance does not expect it."""
        return any(
            f.verdict is Verdict.INCOMPLETE and self.expected(f) is not f.verdict for f in self.findings.findings
        )

    def expected(self, finding: Finding) -> Verdict | None:
        """Return the verdict that the instance expects on a property."""
        return None if self.setting.instance is None else self.setting.instance.verdicts.get(finding.claim)


def examine(
    setting: Request, report: Callable[[Progress], None] | None = None, checkpoint: Checkpoint | None = None
) -> Examination:
    """Explore a setting and analyse the graph, while other interpreters look whether the protocol is deterministic.

    Parameters
    ----------
    setting
        From `settle`.
    report
        Called now and then with the progress.
    checkpoint
        Where completed levels are written down, and taken from.

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
    with run_of(setting.bounds, report) as run, Inquiry(setting.protocol, setting.world, setting.inputs) as inquiry:
        with stage("explore", "exploring", SEARCHING):
            graph = explore(
                setting.system, setting.bounds, engine=setting.engine, order=setting.order, report=run.report,
                checkpoint=checkpoint, workers=setting.workers,
            )  # fmt: skip
        purity = finished(inquiry, plain(graph.system), graph.cut)
        with stage("analyse", "judging"):
            claims = setting.claims or (*standard_properties(graph), *setting.spec.own_properties)
            findings = analyse(graph, claims)
        return Examination(setting, graph, findings, purity, run.seconds)


def theorem_on(examination: Examination) -> Tour | None:
    """Return what the FLP theorem says about an examination.

    Parameters
    ----------
    examination
        From `examine`.

    Returns
    -------
    Tour or None
        None in rounds, where all step together: the lemmas are about steps of single processes; and where the run had
        to end before it was known on which horn the protocol ends.

    Raises
    ------
    BadRequest
        If the protocol does not decide between two values: the theorem is about those that do.
    OutOfBudget
        If the run has to end before the lemmas are checked.
    """
    found = examination.findings
    if not found.graph.deciding:
        advice = "name the outcome in a field `decision` of the local states, or use explore"
        raise NoDecider("FLP applies only to protocols in which some process decides", next_step=advice)
    if found.flp is None:
        values = ", ".join(str(value) for value in found.valence.values) or "none"
        raise BadRequest(
            "the theorem is about protocols that decide between two values",
            why=f"decided here: {values}",
            next_step="fix inputs with --input so that two values are left, or use explore",
        )
    if examination.setting.world.failures.misbehaving:
        raise BadRequest(
            "the lemmas of the theorem are about processes that take steps or crash, and here some misbehave",
            why=f"the verdict here: {', '.join(found.flp.verdicts)} ({found.flp.because})",
            next_step="explore shows the valence and the critical configurations, or leave out who misbehaves",
        )
    if found.flp.lemma1 is None:
        return None
    with stage("analyse", "going through the proof"):
        return tour(found.case, found.flp)
