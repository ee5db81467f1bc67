"""A quotient: the transition system whose configurations are canonical representatives.

Stale mail is dropped and ballots are renamed after every event.  The representatives are configurations of the plain
system, so everything that is asked of them (decisions, views, texts) is asked there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from flpcheck.authoring.events import Event
from flpcheck.authoring.property import Property, termination
from flpcheck.authoring.reduction import BallotShift, Reduction, StaleMail
from flpcheck.authoring.refinement import REFINES
from flpcheck.errors import BadProtocol
from flpcheck.reduce.ballots import canonical
from flpcheck.reduce.over import Over
from flpcheck.reduce.rename import Map, ballots_in, gaps, renamed, renamed_event
from flpcheck.reduce.verify import Verifier
from flpcheck.system.components import Component
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import Initial, Transition, asked_once
from flpcheck.system.message_passing import MessagePassing

Moved: TypeAlias = Mapping[int, int]


class Quotient(Over):
    """A system modulo the reductions that its protocol declares.

    Parameters
    ----------
    system
        The plain system.
    reductions
        At most one of each kind.
    """

    renames_mail = True

    def __init__(self, system: MessagePassing, reductions: Sequence[Reduction]) -> None:
        super().__init__(system)
        self._plain = system
        self.reductions = tuple(reductions)
        self.shift = _only(system.protocol, reductions, BallotShift)
        self.mail = _only(system.protocol, reductions, StaleMail)
        self.verifier = Verifier(system, self.shift, self.mail)
        self._kept: dict[tuple[Component, ...], Component] = {}
        self._ballots: dict[Component, frozenset[int]] = {}
        self._renamed: dict[tuple[Component, tuple[tuple[int, int], ...]], Component] = {}

    @property
    def plain(self) -> MessagePassing:
        """The plain system."""
        return self._plain

    @property
    def ballots(self) -> Quotient | None:
        """Questions about a system modulo ballots; None if only mail is dropped."""
        return self if self.shift is not None else None

    def representative(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        """Return the representative of a configuration of the plain system."""
        return self.canonical(configuration)[0]

    def unrenamed(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield the transitions of a configuration, no ballots renamed after them and no mail dropped."""
        return self.plain.transitions(configuration)

    def unjudged(self, claim: Property) -> str:
        """Return why a property cannot be judged here: the mapping of a refinement sees ballots and mail.

        Where an event changes its name while it waits, only weak demands are followed.
        """
        if claim.kind == REFINES:
            return "ballots are renumbered and mail is dropped along paths of this quotient: use --no-reduction"
        if (claim == termination or claim.kind == "temporal") and self.world.more_than_weak:
            return "only weak fairness is followed through the renamings of this quotient: use --no-reduction"
        return ""

    def afresh(self) -> Quotient:
        """Return the same quotient with empty tables."""
        return Quotient(self.plain.afresh(), self.reductions)

    @asked_once
    def initial(self) -> list[Initial]:
        """Return the representatives of the initial configurations, in canonical order."""
        return [Initial(self.canonical(item.configuration)[0], item.inputs, item.dead) for item in self.plain.initial()]

    def transitions(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield the transitions of a representative; one may lead back to it with other ballots."""
        for transition in self.plain.transitions(configuration):
            yield self._after(transition)
        self.verifier.look(configuration)

    def _after(self, transition: Transition) -> Transition:
        successor, moved = self.canonical(transition.successor)
        return transition._replace(successor=successor, renaming=_naming(moved) if moved else None)

    def canonical(self, configuration: MessagePassingConfiguration) -> tuple[MessagePassingConfiguration, Moved | None]:
        """Return the representative of a configuration of the plain system, and where the ballots went."""
        components = self.without_stale(configuration)
        moved = self._moved(components)
        if moved is not None:
            components = tuple(self._moved_component(component, moved) for component in components)
        return self.plain.laws.clock.settled(configuration._replace(components=components)), moved

    def without_stale(self, configuration: MessagePassingConfiguration) -> tuple[Component, ...]:
        """Return the components of a configuration of the plain system without their stale mail."""
        return tuple(self._collected(configuration.components))

    def _collected(self, components: tuple[Component, ...]) -> Iterator[Component]:
        for component in components:
            if self.mail is None or not component.mailbox:
                yield component
                continue
            senders = dict.fromkeys(envelope.sender for envelope in component.mailbox)
            name = (component, *(components[sender] for sender in senders))
            if name not in self._kept:
                self._kept[name] = self._without_stale(component, components)
            yield self._kept[name]

    def _without_stale(self, component: Component, components: tuple[Component, ...]) -> Component:
        kept = tuple(
            envelope
            for envelope in component.mailbox
            if not self.verifier.stale(component.owner, component.local, components[envelope.sender].local, envelope)
        )
        return self.plain.parts.component(component.owner, component.local, kept)

    def _moved(self, components: tuple[Component, ...]) -> Moved | None:
        if self.shift is None:
            return None
        live: set[int] = set()
        for component in components:
            live |= self._ballots_of(component)
        currents = [self.verifier.current(component.owner, component.local) for component in components]
        return canonical(live, currents, self.shift.period)

    def _ballots_of(self, component: Component) -> frozenset[int]:
        found = self._ballots.get(component)
        if found is None:
            mail = (envelope.letter.message for envelope in component.mailbox)
            found = ballots_in(component.local).union(*map(ballots_in, mail))
            self._ballots[component] = found
        return found

    def _moved_component(self, component: Component, moved: Moved) -> Component:
        own = tuple((ballot, moved[ballot]) for ballot in sorted(self._ballots_of(component)))
        found = self._renamed.get((component, own))
        if found is None:
            parts = self.plain.parts
            box = [parts.envelope(e.sender, renamed(e.letter.message, moved.__getitem__)) for e in component.mailbox]
            if self.world.network.kind != "fifo":
                box.sort(key=lambda envelope: envelope.key)
            local = renamed(component.local, moved.__getitem__)
            found = self._renamed[component, own] = parts.component(component.owner, local, tuple(box))
        return found

    def other_ballots(
        self, configuration: MessagePassingConfiguration, literals: frozenset[int]
    ) -> Iterator[tuple[str, MessagePassingConfiguration]]:
        """Yield a representative under other ballots, with what was done to them: properties must not see a difference.

        Parameters
        ----------
        configuration
            A representative.
        literals
            Numbers that stand in the property.
        """
        components = configuration.components
        live = frozenset[int]().union(*map(self._ballots_of, components))
        for what, ballots in self._gaps(live, (c.local for c in components), literals):
            moved = {ballot: ballots(ballot) for ballot in live}
            yield what, configuration._replace(components=tuple(self._moved_component(c, moved) for c in components))

    def other_ballots_of(self, before: Any, after: Any, literals: frozenset[int]) -> Iterator[tuple[str, Any, Any]]:
        """Yield the local states before and after a step under other ballots, with what was done to them."""
        for what, ballots in self._gaps(ballots_in(before) | ballots_in(after), (before,), literals):
            yield what, renamed(before, ballots), renamed(after, ballots)

    def _gaps(
        self, live: frozenset[int], locals_: Iterable[Any], literals: frozenset[int]
    ) -> Iterator[tuple[str, Map]]:
        """Yield renamings of ballots; none while a process has not started its first one."""
        lowest = self.verifier.fixed_from(*locals_)
        if self.shift is not None and (lowest is None or lowest >= 0):
            yield from gaps(live, self.shift.period, lowest, literals)

    def later(self, before: MessagePassingConfiguration, after: MessagePassingConfiguration) -> int:
        """Return by how much the current ballots have grown between two configurations with one representative."""
        pairs = zip(before.components, after.components, strict=True)
        currents = [
            (self.verifier.current(b.owner, b.local), self.verifier.current(a.owner, a.local)) for b, a in pairs
        ]
        return max((a - b for b, a in currents if a is not None and b is not None), default=0)


def _naming(moved: Moved) -> Callable[[Event], Event | None]:
    """Return what an event is called after a renaming; None if its message is no longer there."""

    def naming(event: Event) -> Event | None:
        try:
            return renamed_event(event, moved.__getitem__)
        except KeyError:
            return None

    return naming


def _only(protocol: Any, reductions: Sequence[Reduction], kind: type) -> Any:
    found = [reduction for reduction in reductions if isinstance(reduction, kind)]
    if len(found) > 1:
        raise BadProtocol(
            f"reductions() of {type(protocol).__name__} declares {len(found)} of kind {kind.__name__}",
            next_step="combine them into one declaration",
        )
    return found[0] if found else None
