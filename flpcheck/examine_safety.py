"""Examining a spec for safety alone: no transitions are kept, and the first violation ends the search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flpcheck.analyse import Finding
from flpcheck.analyse.properties import standard_claims
from flpcheck.analyse.safety import Safety, examine_safety, why_not
from flpcheck.authoring.property import Property, Verdict
from flpcheck.errors import BadRequest
from flpcheck.examine import Setting
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE
from flpcheck.expectations import Difference
from flpcheck.explore import Cut, Progress
from flpcheck.explore.overtime import Limited
from flpcheck.explore.safely import STOPPED, Reached
from flpcheck.purity import Inquiry, patience_of
from flpcheck.system import System, system_of

if TYPE_CHECKING:
    from flpcheck.explore.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class SafetyExamination:
    """What came of examining a setting for safety alone."""

    setting: Setting
    safety: Safety
    purity: str = ""
    """As in an `Examination`."""

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

    @property
    def seconds(self) -> float:
        """How long the search took, its judging included, in seconds."""
        return self.safety.reached.seconds

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
    setting: Setting, report: Callable[[Progress], None] | None = None, checkpoint: Checkpoint | None = None
) -> SafetyExamination:
    """Search a setting for a violation of its safety properties, without keeping transitions.

    Raises
    ------
    BadRequest
        If the search is to be depth-first, or none of its properties is one of safety.
    """
    if setting.order != "bfs":
        raise BadRequest("safety mode searches breadth-first only", next_step="leave --order dfs out")
    system = system_of(setting.protocol, setting.world, setting.inputs)
    claims = setting.claims or _usual(setting, system, system.deciders)
    if all(why_not(claim, setting.world) for claim in claims):
        names = " and ".join(claim.name for claim in claims)
        raise BadRequest(f"{names} cannot be judged in safety mode", next_step="leave --safety out")
    search = partial(
        examine_safety, system, bounds=setting.bounds, engine=setting.engine, report=report, checkpoint=checkpoint,
        workers=setting.workers,
    )  # fmt: skip
    limited = Limited(setting.bounds.seconds)
    with limited, Inquiry(setting.protocol, setting.world, setting.inputs) as inquiry:
        safety = search(claims)
        if not setting.claims and safety.deciding and not system.deciders:  # that some process decides was found out
            safety = search(_usual(setting, system, safety.deciding))
        purity = inquiry.finish(safety.reached.system, patience_of(safety.reached.cut, setting.bounds))
    return SafetyExamination(setting, safety, purity)


def _usual(setting: Setting, system: System, deciding: int) -> tuple[Property, ...]:
    return (*standard_claims(system, system.initial(), deciding), *setting.spec.own_properties)
