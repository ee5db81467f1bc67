"""An author's predicate on a quotient: it must not distinguish what the quotient identifies.

A quotient shows one configuration of each class.  So the predicate is asked in the others, too, and a reduction that it
does not respect is refused: modulo symmetry in every image of every representative, modulo ballots under renamings that
make ballots and their distances the numbers that stand in the predicate.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flpcheck.analyse.asking import AskedPredicate
from flpcheck.analyse.silence import silent_views
from flpcheck.analyse.views import look_at, noted
from flpcheck.authoring.values import show
from flpcheck.budget import looking
from flpcheck.errors import ReductionRefused
from flpcheck.explore.graph import Reached, StateGraph
from flpcheck.reduce.literals import literals_in
from flpcheck.system import System
from flpcheck.system.components import Component
from flpcheck.system.questions import Exchanges

ADVICE = "explore with --no-reduction"
OBSERVED = "observers"
"""The field of a view that is not told by components."""


def refuse_if_it_tells_apart(graph: Reached, predicate: AskedPredicate) -> None:
    """Refuse reductions that a predicate over configurations does not respect."""
    _refuse_if_it_sees_ballots(graph, predicate)
    if (symmetry := graph.system.symmetry) is not None:
        fields = frozenset[str]()
        while (seen := _Names(graph, symmetry, predicate, fields).compared()) != fields:
            fields = seen


class _Names:
    """Asks a predicate in the orbits of all representatives, once for each combination of what it looks at.

    Parameters
    ----------
    graph, symmetry
        The system explored, with its reduction.
    predicate
        The predicate.
    fields
        The fields of a view that it is known to look at.
    """

    def __init__(self, graph: Reached, symmetry: Exchanges, predicate: AskedPredicate, fields: frozenset[str]) -> None:
        self.graph, self.symmetry, self.predicate, self.fields = graph, symmetry, predicate, fields
        self.system = graph.system
        self._observers = tuple(observer.name for observer in self.system.observers)
        self.seen: dict[Any, None] = {}
        self._kinds: dict[Component, int] = {}
        self._numbers: dict[Any, int] = {}

    def compared(self) -> frozenset[str]:
        """Return what the predicate looks at; if that is more than was known, not everything has been asked.

        Raises
        ------
        ReductionRefused
            With a configuration in which it gives another result under permuted names.
        """
        asked: set[Any] = set()
        for place, configuration in enumerate(looking(self.graph.configurations)):
            if (name := self._name(configuration)) in asked:
                continue
            asked.add(name)
            self._compare(configuration, place)
            if (fields := self.fields | {_field(part) for part in self.seen}) != self.fields:
                return fields
        return self.fields

    def _compare(self, configuration: Any, place: int) -> None:
        here, met = self._answers(configuration, place), {self._name(configuration)}
        for image in self.symmetry.orbit(configuration):
            if (name := self._name(image)) in met:
                continue
            met.add(name)
            if self._answers(image, place) != here:
                claim = self.predicate.claim
                what = f"a declared symmetry is wrong: property {claim.name} changes when names are permuted"
                why, other = (str(self.system.describe(one)) for one in (configuration, image))
                raise ReductionRefused(
                    what, place=claim.place, why=f"in {why}", details=[f"and {other}"], next_step=ADVICE
                )

    def _answers(self, configuration: Any, place: int) -> tuple[bool, ...]:
        view = self.system.view(configuration)
        if hasattr(configuration, "components"):
            view = noted(view, self.system.names, self._observers, self.seen)
        return _answers(self.system, self.predicate, view, place)

    def _name(self, configuration: Any) -> Any:
        """Return what the predicate can tell a configuration by; of a general protocol it sees the whole."""
        if not hasattr(configuration, "components"):
            return configuration
        observers = configuration.observers if OBSERVED in self.fields else ()
        return (*map(self._kind, configuration.components), *observers)

    def _kind(self, component: Component) -> int:
        found = self._kinds.get(component)
        if found is None:
            looks = tuple(look_at(field, component) for field in sorted(self.fields - {OBSERVED}))
            found = self._kinds[component] = self._numbers.setdefault(looks, len(self._numbers))
        return found


def _answers(system: System, predicate: AskedPredicate, view: Any, number: int) -> tuple[bool, ...]:
    """Return what a predicate says of a configuration, and all that it says where some have silently crashed."""
    silent = {predicate.holds_in(after, number) for after in silent_views(system, view)}
    return predicate.holds_in(view, number), *sorted(silent)


def _field(part: Any) -> str:
    """Return the field of a view that tells at least as much as a part of it; all that are faulty here have crashed."""
    return {"reading": "states", "faulty": "crashed"}.get(part.field, str(part.field))


def _refuse_if_it_sees_ballots(graph: Reached, predicate: AskedPredicate) -> None:
    system, ballots = graph.system, graph.system.ballots
    if ballots is None:
        return
    literals = literals_in(predicate.claim.predicate)
    for number, configuration in enumerate(looking(graph.configurations)):
        here = _answers(system, predicate, system.view(configuration), number)
        for what, image in ballots.other_ballots(configuration, literals):
            if _answers(system, predicate, system.view(image), number) != here:
                raise _sees_ballots(predicate, f"{what}, it changes in {system.describe(configuration)}")


def _sees_ballots(predicate: AskedPredicate, why: str) -> ReductionRefused:
    name = predicate.claim.name
    what = f"a declared reduction is wrong: property {name} depends on the absolute value of a ballot"
    return ReductionRefused(what, place=predicate.claim.place, why=why, next_step=ADVICE)


def allowed(graph: StateGraph, predicate: AskedPredicate) -> Callable[[Any, Any], bool]:
    """Return a predicate over steps; modulo ballots it is also called with other ballots, and must not differ."""
    ballots = graph.system.ballots
    if ballots is None:
        return predicate.allows
    literals = literals_in(predicate.claim.predicate)

    def under_all_ballots(before: Any, after: Any) -> bool:
        found = predicate.allows(before, after)
        for what, *ends in ballots.other_ballots_of(before, after, literals):
            if predicate.allows(*ends) != found:
                raise _sees_ballots(predicate, f"{what}, it changes from {show(before)} to {show(after)}")
        return found

    return under_all_ballots
