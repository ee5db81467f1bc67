"""Vacuity: rules that no step ever took and messages that no process ever received.

A property of things that never happen holds for no good reason, so these are reported by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flpcheck.analyse.alphabet import unheeded
from flpcheck.authoring.events import OWN, Gather
from flpcheck.authoring.rules import Rule
from flpcheck.explore.columned import Columned
from flpcheck.explore.graph import StateGraph


@dataclass(frozen=True)
class Vacuity:
    """Rules and messages that a search never exercised.

    Parameters
    ----------
    rules
        Rules that no step took (those that ignore something on purpose are left out).
    messages
        Names of message kinds that were never received by any process.
    liars
        Byzantine processes whose messages change nothing wherever they are received.
    """

    rules: tuple[Rule, ...]
    messages: tuple[str, ...]
    liars: tuple[str, ...] = ()

    @classmethod
    def of(cls, graph: StateGraph) -> Vacuity:
        """Return what the steps of a graph never exercised; no rules where states that may take them were merged."""
        letters = graph.system.dead_letters
        books = () if letters is not None and letters.merged else graph.system.rulebooks
        rules = tuple(rule for book in books for rule in book.never_taken())
        known = {kind for book in graph.system.rulebooks for kind in book.kinds} - {*OWN, Gather}
        unseen = {kind for kind in known if not any(issubclass(seen, kind) for seen in graph.system.received)}
        return cls(rules, tuple(sorted(kind.__name__ for kind in unseen)), tuple(_unheeded(graph)))


def _unheeded(graph: StateGraph) -> Iterator[str]:
    """Yield the liars that no process ever heeds.  Cost: little, as the first that is heeded ends it."""
    liars = graph.system.liars
    if liars is None:
        return
    if isinstance(graph.configurations, Columned):
        columned = graph.configurations
        yield from unheeded(liars, lambda owner: columned.members(owner, mail=False)[0])
    else:
        reached = [dict.fromkeys(row) for row in zip(*(c.components for c in graph.configurations), strict=True)]
        yield from unheeded(liars, lambda owner: reached[owner])
