"""A system that leaves out events which can wait: of each configuration a stubborn set is expanded.

What a reduced search finds of safety is what the whole one would: from each configuration of the whole graph the
reduced one holds one that follows from it by events that no property sees.  So decisions that disagree are found, since
they stay; of other properties, see `StubbornSets`.  Counterexamples may be longer, for the other events that happen.

An event must not be put off for ever.  So what a search has found is judged by its terminal strongly connected
components: if an event is possible there and taken nowhere, one configuration is expanded fully, and the search begins
again (Valmari's ignoring problem).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

from flpcheck.reduce.conflicts import Conflicts
from flpcheck.reduce.equal_states import Observe
from flpcheck.reduce.local_quotient import LocalQuotient
from flpcheck.reduce.stubborn_sets import EventSets, StubbornSets
from flpcheck.reduce.universe import TooManyRows, Universe
from flpcheck.reduce.without_dead_letters import WithoutDeadLetters, why_apart
from flpcheck.system.adversary import Adversary
from flpcheck.system.components import Component, Move, Seat
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import System, Transition, asked_once
from flpcheck.system.message_passing import MessagePassing


class Expandable(NamedTuple):
    """A component, as stubborn sets are chosen by it.

    Parameters
    ----------
    place
        The place of its local state.
    here
        Its own events, and those whose messages wait, as bits.
    moves
        Its moves, each with the number of its event.
    """

    place: int
    here: int
    moves: tuple[tuple[int, Move], ...]


class Stubborn(WithoutDeadLetters):
    """A message-passing system of which stubborn sets are expanded, without dead letters, its equal states merged.

    Parameters
    ----------
    plain
        The plain system: one that `why_whole` has nothing against.
    observe
        What is observed of local states, beside decisions.
    universe
        What may occur.
    stays
        Whether what properties see stays violated once it is: decisions that disagree do.
    merges, drops, selects
        Which reductions to use: equal states, dead letters, stubborn sets.
    """

    def __init__(
        self, plain: MessagePassing, observe: Observe, universe: Universe, *, stays: bool,
        merges: bool = True, drops: bool = True, selects: bool = True,
    ) -> None:  # fmt: skip
        vars(self).update(vars(plain))
        self._whole, self._how = plain, (observe, stays, merges, drops)
        self._quotient = LocalQuotient(universe, observe, merges=merges, drops=drops)
        self.laws = copy(plain.laws)
        self.laws.kept = self._quotient.kept
        self.adversary = Adversary(plain.world, self.laws, plain.crashes, plain.faults, plain.crashable, plain.suspects)
        self.selects = selects
        self.sets = StubbornSets(Conflicts(self._quotient, hears=not stays), passes=not stays or _learns(plain))
        self.full: dict[MessagePassingConfiguration, None] = {}
        """Configurations to expand fully, lest events are put off for ever."""
        self._expandable: dict[Component, Expandable] = {}

    @property
    def dead_letters(self) -> LocalQuotient:  # type: ignore[override]
        """The letters that are dropped."""
        return self._quotient

    @property
    def stubborn(self) -> Stubborn | None:
        """Itself where it leaves events out, else None."""
        return self if self.selects else None

    def afresh(self) -> Stubborn:
        """Return the same system with empty tables."""
        plain, (observe, stays, merges, drops) = self._whole.afresh(), self._how
        return Stubborn(plain, observe, Universe(plain), stays=stays, merges=merges, drops=drops, selects=self.selects)

    def whole(self) -> Stubborn:
        """Return the same system that leaves nothing out, but for dead letters and equal states."""
        observe, stays, merges, drops = self._how
        universe = self._quotient.universe
        return Stubborn(self._whole, observe, universe, stays=stays, merges=merges, drops=drops, selects=False)

    def representative(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        """Return a configuration of the plain system without dead letters, its equal local states merged."""
        kept = self._quotient.kept
        return configuration._replace(components=tuple(map(kept.__getitem__, configuration.components)))

    def transitions(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield the transitions that are expanded, in canonical order."""
        found = list(self._changing(configuration))
        if len(found) > 1 and self.selects and configuration not in self.full:
            chosen = self._chosen(configuration, found)
            found = [(event, transition) for event, transition in found if chosen[transition.mover] >> event & 1]
        yield from (transition for _, transition in found)

    def selection(self, configuration: MessagePassingConfiguration) -> tuple[EventSets, EventSets]:
        """Return the events that change a configuration, and the chosen ones."""
        found = list(self._changing(configuration))
        able = self._masks(found)
        return able, able if configuration in self.full else self._chosen(configuration, found)

    def _changing(self, configuration: MessagePassingConfiguration) -> Iterator[tuple[int, Transition]]:
        """Yield the transitions that lead elsewhere, each with the number of its event."""
        for component in configuration.components:
            for event, move in self._known(component).moves:
                after = self.laws.after(configuration, move)
                if after != configuration:
                    transition = Transition(move.event, move.outcome, component.owner, after, move.rule, move.chance)
                    yield event, transition

    def _masks(self, found: Sequence[tuple[int, Transition]]) -> EventSets:
        able = [0] * len(self.names)
        for event, transition in found:
            able[transition.mover] |= 1 << event
        return able

    def _chosen(
        self, configuration: MessagePassingConfiguration, found: Sequence[tuple[int, Transition]]
    ) -> EventSets:  # fmt: skip
        known = [self._known(component) for component in configuration.components]
        return self.sets.chosen([one.place for one in known], [one.here for one in known], self._masks(found))

    def _known(self, component: Component) -> Expandable:
        found = self._expandable.get(component)
        if found is None:
            found = self._expandable[component] = self.expandable(component)
        return found

    def expandable(self, component: Component) -> Expandable:
        """Return what stubborn sets are chosen by."""
        universe, place = self._quotient.universe, self._quotient.place_of(component)
        moves = self.parts.moves(component)
        if not universe.steps(place):
            return Expandable(place, 0, ())
        letters = universe.letters[component.owner]
        own = {event: number for number, (event, _) in enumerate(self.parts.own_events(self._seat(component)))}
        here = (1 << len(own)) - 1 | sum(1 << letters[one] for one in set(component.mailbox))
        numbered = []
        for move in moves:
            event = move.event
            if event.kind == "deliver":
                sender = self.parts.index[str(event.sender)]
                numbered.append((letters[self.parts.envelope(sender, event.message)], move))
            else:
                numbered.append((own[event], move))
        return Expandable(place, here, tuple(numbered))

    def _seat(self, component: Component) -> Seat:
        return self.parts.seats[component.owner]


def _learns(plain: MessagePassing) -> bool:
    return any(seat.asker is None for seat in plain.parts.seats)


def universe_of(plain: MessagePassing) -> Universe:
    """Return the universe of a system, which is found once.

    Raises
    ------
    TooManyRows
        If it is too large.
    """
    found = _small_universe(plain)
    if found is None:
        raise TooManyRows
    return found


@asked_once
def _small_universe(plain: MessagePassing) -> Universe | None:
    try:
        return Universe(plain)
    except TooManyRows:
        return None


def leaving_out(system: System, observe: Observe, *, stays: bool) -> Stubborn | None:
    """Return a system that expands stubborn sets; None if too many rows would have to be asked for that.

    Parameters
    ----------
    system
        A system that `why_whole` has nothing against.
    observe, stays
        As for `Stubborn`.
    """
    assert isinstance(system, MessagePassing)
    try:
        return Stubborn(system, observe, universe_of(system), stays=stays)
    except TooManyRows:
        return None


def why_whole(system: System) -> str:
    """Return why nothing is left out in a system, as a clause; empty if stubborn sets can be expanded."""
    if (reason := why_apart(system)) or not isinstance(system, MessagePassing):
        return reason
    world, failures, network = system.world, system.world.failures, system.world.network
    gathers = any(seat.asker is not None and seat.asker.process.gather is not None for seat in system.parts.seats)
    reasons = {
        "what a guard of Gather makes of more mail is known to the guard alone": gathers,
        "crashes share a budget, so they conflict with each other (--crash-events elided)": bool(
            failures.crashes and failures.events != "elided"
        ),
        "losses and duplications share a budget": bool(network.loss or network.duplication),
        "recoveries share a budget": bool(failures.recoveries),
        "what a process does that misbehaves depends on the world": bool(failures.misbehaving),
        "what failure detectors may say depends on the world": bool(world.oracle.kind),
        "until a partition heals messages wait for it": network.heals,
        "timers wait for messages": world.timing != "asynchronous" or bool(world.timers),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
