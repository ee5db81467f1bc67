"""Vacuity: rules that no step ever took and messages that nobody ever received.

A property of things that never happen holds for no good reason, so these are reported by default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flpcheck.authoring.events import OWN, Gather
from flpcheck.authoring.rules import Rule
from flpcheck.explore.graph import StateGraph


@dataclass(frozen=True)
class Vacuity:
    """What a search never exercised.

    Parameters
    ----------
    rules
        Rules that no step took (those that ignore something on purpose are left out).
    messages
        Names of message kinds that were never received by anybody.
    """

    rules: tuple[Rule, ...]
    messages: tuple[str, ...]

    @classmethod
    def of(cls, graph: StateGraph) -> Vacuity:
        """Return what the steps of a graph never exercised."""
        books = graph.system.rulebooks
        rules = tuple(rule for book in books for rule in book.never_taken())
        known = {kind for book in books for kind in book.kinds} - {*OWN, Gather}
        unseen = {kind for kind in known if not any(issubclass(seen, kind) for seen in graph.system.received)}
        return cls(rules, tuple(sorted(kind.__name__ for kind in unseen)))

    def as_json(self) -> dict[str, Any]:
        """Return it for JSON output."""
        rules = [{"rule": rule.name, "line": rule.place.line} for rule in self.rules]
        return {"rules": rules, "messages": list(self.messages)}
