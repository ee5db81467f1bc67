"""The front end of event-driven protocols modulo what is outdated: stale mail is dropped, and ballots are renamed.

Representatives are those of the reference engine, so both find the same configurations with the same ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flpcheck.explore.beside import code_of
from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.held_interner import HeldInterner
from flpcheck.explore.kernel.search import ProcessTables
from flpcheck.reduce.quotient import Quotient

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class HeldFront(ComponentFront):
    """Fields as without a quotient; every successor is replaced by its representative before it is looked up."""

    sleeps = False
    side_by_side = False
    """Workers must not fill tables, and those of representatives are filled while expanding."""
    interner: HeldInterner

    def process_tables(self) -> ProcessTables:
        """Return what is known of single processes by now, and what is outdated."""
        outdated = self.interner.outdated
        if outdated is None:
            return super().process_tables()
        self.interner.close()
        return super().process_tables()._replace(outdated=outdated.arrays)

    def prepare(self, search: NativeSearch) -> int | None:
        """Ask what the components of a level need, and verify it; return the first that failed."""
        found = super().prepare(search)
        self._verify(search)
        return found

    def finish(self, search: NativeSearch) -> None:
        """Take note of what was found, verify it, and blame the step that gave a learner a mailbox that it fails on."""
        self.interner.hold(search)
        super().finish(search)
        self._verify(search)

    def _prepare_early(self, owner: int, number: int) -> bool:
        self.interner.want(owner, number)
        return super()._prepare_early(owner, number)

    def _verify(self, search: NativeSearch) -> None:
        if self.interner.outdated is not None:
            self.interner.outdated.verify(search, self.interner.wanted())


class QuotientFront(HeldFront):
    """The front end of a quotient by ballots and stale mail.

    Parameters
    ----------
    quotient
        What is explored.
    """

    def __init__(self, quotient: Quotient) -> None:
        self.interner = HeldInterner(quotient.plain, quotient)
        self.fixed = frozenset({len(self.interner.seats), self.interner.store.rules.timers} - {0})
        self.system = quotient
        self.code = code_of(quotient)
