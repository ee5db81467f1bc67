"""A run: an examination within its bounds, which reports how it is getting on and ends cleanly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import NamedTuple

from flpcheck.budget import Bounds, Watchman, stage, watched, watching
from flpcheck.explore import Cut, Progress
from flpcheck.explore.interrupts import patiently
from flpcheck.explore.overtime import Limited
from flpcheck.purity import Inquiry, patience_of
from flpcheck.system import System


class Run(NamedTuple):
    """What an examination reports to while it runs.

    Parameters
    ----------
    report
        Called by searches with their progress.
    seconds
        What each part of the run has taken so far, in seconds.
    """

    report: Callable[[Progress], None] | None
    seconds: Mapping[str, float]


@contextmanager
def run_of(bounds: Bounds, report: Callable[[Progress], None] | None) -> Iterator[Run]:
    """Examine inside of this block within some bounds; the first Ctrl-C ends it cleanly."""
    last = [Progress(monotonic(), 0, 0, 0, 0, bounds)]

    def note(progress: Progress) -> None:
        last[0] = progress
        if report is not None:
            report(progress)

    def tell(doing: str) -> None:
        if report is not None:
            report(last[0]._replace(news="", doing=doing))

    watchman = Watchman(bounds, None if report is None else tell)
    left = None if watchman.deadline is None else watchman.left()
    with patiently(), Limited(left, limit=bounds.seconds), watched(watchman):
        yield Run(None if report is None else note, watchman.ledger.seconds)


def finished(inquiry: Inquiry, system: System, cut: Cut | None) -> str:
    """Return how far the other interpreters have found the protocol to be a function of its arguments."""
    with stage("purity", "comparing interpreters"):
        return inquiry.finish(system, patience_of(cut, watching().left()))
