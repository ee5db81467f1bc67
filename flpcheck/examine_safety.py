"""Examining a spec for safety alone: no transitions are kept, and the first violation ends the search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from flpcheck.analyse import Finding, Growth, causes_of_growth
from flpcheck.analyse.properties import standard_claims
from flpcheck.analyse.safety import Safety, examine_safety, why_not
from flpcheck.authoring.property import Property, Verdict
from flpcheck.budget import INTERRUPTED, stage
from flpcheck.errors import BadRequest
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.expectations import Difference
from flpcheck.explore import Cut, Progress
from flpcheck.explore.safely import STOPPED, Reached
from flpcheck.purity import Inquiry
from flpcheck.run import finished, run_of
from flpcheck.settle import Request
from flpcheck.system import System, system_of

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint


SEARCHING = 0.95
"""Share of the time limit for a search, which judges as it goes: a schedule may be left to be found."""


@dataclass(frozen=True, eq=False)
class SafetyExamination:
    """What came of examining a setting for safety alone."""

    setting: Request
    safety: Safety
    purity: str = ""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Both as in an `Examination`."""

    def expected(self, finding: Finding) -> Verdict | None:
        """Return the verdict that the instance expects on a property."""
        return None if self.setting.instance is None else self.setting.instance.verdicts.get(finding.claim)

    @property
    def graph(self) -> Reached:
        """What was reached."""
        return self.safety.reached

    @property
    def findings(self) -> Safety:
        """What was found of the properties that were asked."""
        return self.safety

    @property
    def size(self) -> int:
        """The number of configurations."""
        return len(self.safety.reached)

    @property
    def transitions(self) -> int:
        """The number of transitions."""
        return self.safety.reached.transitions

    @property
    def depth(self) -> int:
        """How far the farthest configuration is from the initial ones."""
        return self.safety.reached.depth

    @cached_property
    def growth(self) -> list[Growth]:
        """What makes the state space grow, where a bound cut it."""
        cut = self.cut
        return [] if cut is None or cut.bound in {STOPPED, INTERRUPTED} else causes_of_growth(self.graph)

    @property
    def seconds(self) -> float:
        """How long it all took, in seconds."""
        return sum(self.spent.values())

    @property
    def cut(self) -> Cut | None:
        """What cut the search."""
        return self.safety.reached.cut

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The verdicts that the instance expects and that were found otherwise; counts are of another search."""
        found = []
        for finding in self.safety.findings:
            expected = self.expected(finding)
            if expected is not None and expected is not finding.verdict:
                incomplete = finding.verdict is Verdict.INCOMPLETE
                found.append(Difference(finding.claim.name, expected.value, finding.verdict.value, incomplete))
        return tuple(found)

    @property
    def exit_code(self) -> int:
        """The exit code of this examination alone.

        A violation that the instance expects ends the search as wanted, whatever it leaves open.
        """
        surprises = [f for f in self.safety.findings if f.verdict is not (self.expected(f) or Verdict.HOLDS)]
        if any(finding.verdict is not Verdict.INCOMPLETE for finding in surprises):
            return DIFFERENT
        cut = self.safety.reached.cut
        return INCONCLUSIVE if surprises and (cut is None or cut.bound != STOPPED) else AS_WANTED


def examine_for_safety(
    setting: Request, report: Callable[[Progress], None] | None = None, checkpoint: Checkpoint | None = None
) -> SafetyExamination:
    """Search a setting for a violation of its safety properties, without keeping transitions.

    Raises
    ------
    BadRequest
        If the search is to be depth-first, or none of its properties is one of safety.
    """
    if setting.order != "bfs":
        raise BadRequest("safety mode searches breadth-first only", next_step="leave --order dfs out")
    with run_of(setting.bounds, report) as run, Inquiry(setting.protocol, setting.world, setting.inputs) as inquiry:
        with stage("explore", "exploring", SEARCHING):
            system = system_of(setting.protocol, setting.world, setting.inputs)
            claims = setting.claims or _usual(setting, system, system.deciders)
            if all(why_not(claim, setting.world) for claim in claims):
                names = " and ".join(claim.name for claim in claims)
                raise BadRequest(f"{names} cannot be judged in safety mode", next_step="leave --safety out")
            search = partial(
                examine_safety, system, bounds=setting.bounds, engine=setting.engine, report=run.report,
                checkpoint=checkpoint, workers=setting.workers,
            )  # fmt: skip
            safety = search(claims)
            if not setting.claims and safety.deciding and not system.deciders:  # some process was found to decide
                safety = search(_usual(setting, system, safety.deciding))
        purity = finished(inquiry, safety.reached.system, safety.reached.cut)
    return SafetyExamination(setting, safety, purity, run.seconds)


def _usual(setting: Request, system: System, deciding: int) -> tuple[Property, ...]:
    return (*standard_claims(system, system.initial(), deciding), *setting.spec.own_properties)
