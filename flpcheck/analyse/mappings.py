"""Asking the mapping of a refinement: which configuration of the abstract protocol each configuration is seen as."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flpcheck.analyse.answers import PredicateAnswers
from flpcheck.analyse.asking import AskedPredicate
from flpcheck.analyse.mail_reads import MAIL, ReadsMail
from flpcheck.analyse.silence import silent_budget
from flpcheck.analyse.state_reads import OF_STATES
from flpcheck.authoring.refinement import Refinement
from flpcheck.authoring.values import shorten
from flpcheck.budget import looking
from flpcheck.errors import BadProperty, BadValue
from flpcheck.explore.columned import Alike, Columned, in_columns
from flpcheck.system import System
from flpcheck.system.abstract import AbstractProtocol

CRASHED = frozenset({"crashed", "faulty"})
"""Parts of a view that show who has crashed."""


class AskedMapping(AskedPredicate):
    """The mapping of a refinement, asked so that one that is no function of its argument shows.

    Parameters
    ----------
    claim, system
        The refinement, and what is explored.

    Attributes
    ----------
    sees_crashes
        Whether the mapping has looked at who has crashed.
    """

    def __init__(self, claim: Refinement, system: System) -> None:
        super().__init__(claim)
        self.abstract = AbstractProtocol(claim.abstract(system.protocol))
        self.sees_crashes = False
        self._mapped = claim.mapped(system.protocol)
        self.system = system

    def image(self, view: Any, number: int) -> int:
        """Return the number of the abstract configuration that a configuration is seen as."""
        found: int = self._ask((view,), number)
        return found

    def images(self, columns: Any) -> NDArray[np.int64]:
        """int64[n]: the same for all of some configurations.  Cost: a question for each combination of what it reads.

        Raises
        ------
        ReadsMail
            If it reads mailboxes that lack dead letters.
        """
        columns = in_columns(columns)
        if isinstance(columns, Columned):
            return self._by_columns(columns)
        if isinstance(columns, Alike):
            numbers, like = columns.alike(self._mapped)
            found = [self.image(self.system.view(columns[number]), number) for number in looking(numbers.tolist())]
            return np.array(found, np.int64)[like]
        return np.array([self.image(self.system.view(here), at) for at, here in enumerate(columns)], np.int64)

    def _by_columns(self, columns: Columned) -> NDArray[np.int64]:
        function = self.claim.predicate if isinstance(self.claim.predicate, FunctionType) else None
        answers = PredicateAnswers(self.system, function, numbers=True)
        found: NDArray[np.int64] = answers.of(columns, self.image)
        self._note(answers.parts)
        return found

    def _note(self, parts: Any) -> None:
        fields = {part.field for part in parts}
        self.sees_crashes |= bool(fields & CRASHED) and silent_budget(self.system.world) > 0
        if (letters := self.system.dead_letters) is None:
            return
        if MAIL in fields or (letters.observed is not None and fields & OF_STATES):
            raise ReadsMail

    def _call(self, *seen: Any) -> int:
        image = self._mapped(*seen)
        try:
            return self.abstract.number(image)
        except BadValue as error:
            what = f"the mapping of {self.claim.name} returned {shorten(repr(image))}, which is no configuration"
            raise BadProperty(what, place=self.claim.place, why=error.what, next_step=error.next_step) from error

    def _shown(self, answer: Any) -> str:
        return self.abstract.text(answer)
