"""Reads of predicates in local states and mailboxes, where a configuration stands for others that differ in these.

Equal local states are merged as far as nothing that is read tells them apart.  What a predicate reads is noted when it
is asked; if it reads more than was observed, the search is void, and begins again observing that as well.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from flpcheck.analyse.field_reads import asks_for_identity, field_reads
from flpcheck.analyse.mail_reads import MAIL, ReadsMail
from flpcheck.analyse.views import ViewPart, look_in, noted, noted_in
from flpcheck.authoring.property import Property
from flpcheck.system import System
from flpcheck.system.components import Component

OF_STATES = frozenset({"states", "class", "field", "reading", "inputs"})
"""The parts of a view that are read in local states; decisions are always observed."""
SeenPart = tuple[str, Any]
"""Something that is read, of any process: the field of a view, and what in it."""


class ReadsStates(Exception):
    """A predicate has read something of local states that may differ in states that were merged.

    Attributes
    ----------
    parts
        What it has read.
    """

    def __init__(self, parts: Iterable[SeenPart]) -> None:
        super().__init__()
        self.parts = tuple(parts)


class Observation:
    """The part of local states that is observed, beside their decisions.

    Parameters
    ----------
    parts
        What predicates are known to read; what one reads of a process it may read of any.
    """

    def __init__(self, parts: Iterable[SeenPart] = ()) -> None:
        self.parts = dict.fromkeys(parts)

    def __call__(self, component: Component) -> Hashable:
        """Return what is observed of the local state of a component."""
        try:
            return tuple(look_in(ViewPart(field, component.owner, which), component) for field, which in self.parts)
        except Exception:  # whatever an author's reading raises: then the state is like no other
            return component.content

    def with_more(self, parts: Iterable[SeenPart]) -> Observation:
        """Return an observation of more."""
        return Observation([*self.parts, *parts])


class PredicateReads:
    """Looks at what one predicate reads, and refuses an answer that may depend on what is not in a configuration.

    Parameters
    ----------
    system
        What is explored.
    claim
        The property.
    """

    def __init__(self, system: System, claim: Property) -> None:
        letters = system.dead_letters
        self._names, self._observers = system.names, tuple(observer.name for observer in system.observers)
        self._any = letters is not None
        self._observed = None if letters is None else letters.observed
        self._by_field = self._observed is not None and not asks_for_identity(claim.predicate)

    def during(self, view: Any, ask: Callable[[Any], bool]) -> bool:
        """Return the answer to a question about a view.

        Raises
        ------
        ReadsMail, ReadsStates
            If it looks at mailboxes, which lack dead letters, or at more of local states than is observed.
        """
        if not self._any:
            return ask(view)
        seen = noted_in(view)
        if seen is not None:
            answer = ask(view)
        elif self._by_field:
            with field_reads() as reads:
                answer = ask(noted(view, self._names, self._observers, seen := {}, reads))
        else:
            answer = ask(noted(view, self._names, self._observers, seen := {}))
        self._check(seen)
        return answer

    def _check(self, seen: Iterable[ViewPart]) -> None:
        if any(part.field == MAIL for part in seen):
            raise ReadsMail
        read = dict.fromkeys((part.field, part.reading) for part in seen if part.field in OF_STATES)
        if self._observed is not None and (more := [part for part in read if part not in self._observed.parts]):
            raise ReadsStates(more)
