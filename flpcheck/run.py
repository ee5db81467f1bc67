"""A run: an examination within its bounds, which reports how it is getting on and ends cleanly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

from flpcheck.budget import Bounds, BudgetMonitor, current_monitor, monitored, stage
from flpcheck.explore import Cut, Progress
from flpcheck.explore.interrupts import deferred_interrupts
from flpcheck.explore.overtime import Limited
from flpcheck.purity import Inquiry, patience_of
from flpcheck.system import System


class RunReporter(NamedTuple):
    """The listener of an examination while it runs.

    Parameters
    ----------
    report
        Called by searches with their progress.
    seconds
        Seconds spent in each part of the run so far.
    """

    report: Callable[[Progress], None] | None
    seconds: Mapping[str, float]


@contextmanager
def bounded_run(bounds: Bounds, report: Callable[[Progress], None] | None) -> Iterator[RunReporter]:
    """Run the block within some bounds; the first Ctrl-C ends it cleanly."""
    last = [Progress(monotonic(), 0, 0, 0, 0, bounds)]

    def note(progress: Progress) -> None:
        last[0] = progress
        if report is not None:
            report(progress)

    def tell(doing: str) -> None:
        if report is not None:
            report(last[0]._replace(news="", doing=doing))

    monitor = BudgetMonitor(bounds, None if report is None else tell)
    left = None if monitor.deadline is None else monitor.left()
    with deferred_interrupts(), Limited(left, limit=bounds.seconds), monitored(monitor):
        yield RunReporter(None if report is None else note, monitor.ledger.seconds)


def finished(inquiry: Inquiry, system: System, cut: Cut | None) -> str:
    """Return how far the other interpreters have found the protocol to be a function of its arguments."""
    with stage("purity", "checking determinism"):
        return inquiry.finish(system, patience_of(cut, current_monitor().left()))
