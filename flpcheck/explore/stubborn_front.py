"""The front end of systems of which stubborn sets are expanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flpcheck.explore.beside import code_of
from flpcheck.explore.held_interner import HeldInterner
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.search import Limits, ProcessTables, expand
from flpcheck.explore.quotient_front import HeldFront
from flpcheck.explore.selecting import SelectionTables
from flpcheck.reduce.stubborn import Stubborn

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch


class StubbornFront(HeldFront):
    """Fields as without it; events that can wait are left out where a configuration is expanded.

    Only components that configurations hold have rows: there are many more that events lead to which are left out.

    Parameters
    ----------
    system
        What is explored.
    """

    def __init__(self, system: Stubborn) -> None:
        self.system, self.interner, self.code = system, HeldInterner(system), code_of(system)
        self.fixed = frozenset({len(self.interner.seats)})
        self.selection = SelectionTables(system, self.interner)

    def begun_again(self) -> StubbornFront:
        """Return this front end, which has forgotten all components, but no answer and no fact."""
        super().begun_again()
        self.selection.begin_again()
        return self

    def prepare(self, search: NativeSearch) -> int | None:
        """Ask what the components of a level need; return the first that failed."""
        failing = super().prepare(search)
        self.selection.enter()
        return failing

    def process_tables(self) -> ProcessTables:
        """Return what is known of single processes by now, and what stubborn sets are chosen by."""
        return super().process_tables()._replace(selection=self.selection.arrays)

    def expand(
        self, layout: k.Layout, space: k.Space, batch: k.Batch, limits: Limits, until: int, shape: tuple[Any, ...]
    ) -> int:
        """Let the kernel expand configurations up to an id, and return why it stopped."""
        tables = super().process_tables()._replace(selection=self.selection.with_full(layout, len(shape)))
        return int(expand(layout, tables, space, batch, limits, until, shape))

    def ask(self, search: NativeSearch, space: k.Space) -> None:
        """Ask for a fact, or what else is asked while configurations are expanded."""
        if not self.selection.asked():
            super().ask(search, space)
