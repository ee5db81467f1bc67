"""What is looked for in each configuration while a search for safety runs, and where it shows first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from flpcheck.analyse.asking import Predicate
from flpcheck.analyse.silence import depends_on_crashes
from flpcheck.analyse.views import answers
from flpcheck.authoring.property import Property, deadlock_freedom
from flpcheck.explore.columned import Columned
from flpcheck.explore.deciders import deciding_in
from flpcheck.explore.graph import Bools
from flpcheck.explore.safely import Piece
from flpcheck.system import System

Detector = Callable[[Piece], Bools]


class Detectors:
    """A watcher: notes where something bad, or something that is wished for, shows first."""

    def __init__(self, detectors: Mapping[Property, Detector], system: System, deciding: int) -> None:
        self.detectors = detectors
        self.system, self.before, self.deciding = system, deciding, deciding
        self.decided = False
        self.found: dict[Property, list[int]] = {claim: [] for claim in detectors}
        self.settled: set[Property] = set()

    def look(self, piece: Piece) -> None:
        """Look for everything that was not found on an earlier level, and for processes that turn out to decide."""
        self.deciding = deciding_in(self.system, piece.configurations, self.deciding)
        self.decided = self.decided or bool(piece.marks().values.any())
        for claim, detect in self.detectors.items():
            if claim not in self.settled:
                self.found[claim] += (np.flatnonzero(detect(piece)) + piece.first).tolist()

    def confirm(self) -> None:
        """Ask a sample of what the predicates were asked once more."""
        for detector in self.detectors.values():
            if isinstance(detector, Asked):
                detector.predicate.confirm()

    def enough(self, _: int) -> bool:
        """Return whether something bad was found; where something is wished for, its first level is the last one.

        A dead end is bad as far as the deciders are known, which they are if some process decides.
        """
        self.settled = {claim for claim, numbers in self.found.items() if numbers}
        return any(self._is_bad(claim) for claim in self.settled)

    def _is_bad(self, claim: Property) -> bool:
        return claim.kind != "sometimes" and bool(self.before or claim != deadlock_freedom)


class Asked:
    """A detector: the configurations in which an author's predicate answers as wanted."""

    def __init__(self, system: System, predicate: Predicate, *, wanted: bool) -> None:
        self.system, self.predicate, self.wanted = system, predicate, wanted
        self._looked: dict[Any, None] = {}
        self.hidden = False

    def __call__(self, piece: Piece) -> Bools:
        """bool[n]: where it does; noted besides: whether it does where processes have silently crashed."""
        found, columns = self._found(piece), piece.configurations
        if not self.hidden:
            self.hidden = depends_on_crashes(self.system, columns, self.predicate, wanted=self.wanted)
        return found

    def _found(self, piece: Piece) -> Bools:
        columns, ask = piece.configurations, self.predicate.holds_in
        if isinstance(columns, Columned):
            numbered = lambda view, number: ask(view, number + piece.first)  # noqa: E731
            found: Bools = answers(self.system, columns, numbered, self._looked) == self.wanted
            return found
        told = (ask(self.system.view(c), number) for number, c in enumerate(columns, piece.first))
        return np.array([answer is self.wanted for answer in told], np.bool_)
