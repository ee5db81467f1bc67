"""What an analysis has found: a verdict, and the schedule that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flpcheck.analyse.schedule import Schedule
from flpcheck.authoring.events import Pid
from flpcheck.authoring.property import Property, Verdict


@dataclass(frozen=True)
class Finding:
    """The verdict on one property.

    Parameters
    ----------
    claim
        What was claimed.
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
    """

    claim: Property
    verdict: Verdict
    because: str = ""
    schedule: Schedule | None = None
    faulty: tuple[Pid, ...] = ()
    stuck: tuple[Pid, ...] = ()
    within: int | None = None

    @property
    def is_counterexample(self) -> bool:
        """Whether the schedule shows that the property fails."""
        return self.schedule is not None and self.verdict is Verdict.VIOLATED

    def as_json(self, expected: Verdict | None) -> dict[str, Any]:
        """Return the finding as the JSON contract has it."""
        described: dict[str, Any] = {
            "verdict": self.verdict.value,
            "expected": None if expected is None else expected.value,
            "as_expected": None if expected is None else expected is self.verdict,
            "because": self.because,
        }
        if self.within is not None:
            described["within"] = self.within
        if self.schedule is not None:
            name = "counterexample" if self.is_counterexample else "witness"
            described[name] = {
                "initial": self.schedule.initial,
                "length": len(self.schedule),
                "loop": self.schedule.loop,
                "faulty": list(self.faulty),
                "schedule": self.schedule.as_json(),
            }
        return described
