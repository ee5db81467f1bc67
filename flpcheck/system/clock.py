"""Which timers may fire: where they wait for messages, each is longer than any busy period.

A configuration is *busy* if some live process can start, or receive something, and that changes something; else it is
*quiet*.  A timer that was armed before the present busy period may fire at any moment of it: nothing else is known of
lengths, which may be equal, different, or change each time.  That is exactly dense real time with timers longer than
any busy period; in tests a zone graph says so (Attiya, Dwork, Lynch and Stockmeyer, "Bounds on the Time to Reach
Agreement in the Presence of Timing Uncertainty", 1994, has the model).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flpcheck.authoring.events import Event, Timeout
from flpcheck.system.components import Component, Components, Move
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.delays import Delays
from flpcheck.system.oracles import NOBODY, WorldState
from flpcheck.system.partition import Partition
from flpcheck.system.patience import EARLIER, Patience, ranked
from flpcheck.world import AFTER_MESSAGES, ANY_TIME, TIMERS, World, assumed, delays_in

ACTS = {"start", "deliver", "gather"}


class Acts(NamedTuple):
    """Events of a component other than its timer.

    Parameters
    ----------
    certain
        Whether something of it changes the component itself.
    doubtful
        The other moves: whether they change anything depends on the rest of the configuration.
    """

    certain: bool
    doubtful: tuple[Move, ...]


class Clock:
    """The timers of a world.

    Parameters
    ----------
    world
        The world.
    parts
        The components of the processes.
    partition
        Which letters have come through.
    changes
        `changes(configuration, move)`: whether a move changes anything but what timers may do.
    """

    def __init__(
        self,
        world: World,
        parts: Components,
        partition: Partition,
        changes: Callable[[MessagePassingConfiguration, Move], bool],
    ) -> None:
        self.parts, self.partition, self.changes = parts, partition, changes
        self.rule = world.timer_rule
        most = delays_in(self.rule)
        self.delays = Delays(most, parts, partition, self.armed) if most else None
        timed = any(seat.asker is not None and seat.asker.takes(Timeout) for seat in parts.seats)
        self.patience = Patience([getattr(seat.member, "patience", 0) for seat in parts.seats])
        self.ordered = self.patience.differs and self.rule == AFTER_MESSAGES
        self.active = (
            timed and self.rule != ANY_TIME and not (world.oracle.kind == TIMERS and not world.oracle.stabilises)
        )
        self._late = world.oracle.kind == TIMERS
        self._armed: dict[Component, int] = {}
        self._acts: tuple[dict[Component, Acts], dict[Component, Acts]] = ({}, {})

    def runs(self, world: WorldState) -> bool:
        """Return whether timers wait for messages now: not before the world has stabilised."""
        return self.active and not (self._late and world.reliable == NOBODY)

    def armed(self, components: tuple[Component, ...]) -> int:
        """Return whose timeout would change something, as bits."""
        bits = 0
        for component in components:
            known = self._armed.get(component)
            if known is None:
                timed = any(move.event.kind == "timeout" for move in self.parts.moves(component))
                known = self._armed[component] = timed << component.owner
            bits |= known
        return bits

    def busy(self, configuration: MessagePassingConfiguration) -> bool:
        """Return whether some live process can start or receive something that changes the configuration."""
        known = self._acts[self.partition.stands(configuration.world)]
        for component in configuration.components:
            acts = known.get(component)
            if acts is None:
                acts = known[component] = self._acts_of(component, configuration.world)
            if acts.certain or any(self.changes(configuration, move) for move in acts.doubtful):
                return True
        return False

    def _acts_of(self, component: Component, world: WorldState) -> Acts:
        moves = [move for move in self.parts.moves(component) if move.event.kind in ACTS]
        moves = [move for move in moves if not self.partition.blocks(world, move.event)]
        return Acts(any(move.after is not component for move in moves), tuple(m for m in moves if m.puts or m.notes))

    def due(self, configuration: MessagePassingConfiguration) -> int:
        """Return whose timer may fire, as bits, where timers wait for messages."""
        if self.delays is not None:
            return self.delays.due(configuration)
        return configuration.world.due if self.busy(configuration) else self._ripe(configuration)

    def _ripe(self, configuration: MessagePassingConfiguration) -> int:
        armed, ages = self.armed(configuration.components), configuration.world.ages
        return self.patience.ripe(armed, ages) if ages else armed

    def begun(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        """Return an initial configuration with what is known of its timers: they are armed as it begins."""
        if not self.runs(configuration.world):
            return configuration
        if self.delays is not None:
            levels = self.delays.begun(configuration, known=True)
            return configuration._replace(world=configuration.world._replace(levels=levels))
        if not self.ordered:
            return configuration
        armed = self.armed(configuration.components)
        ages = tuple(armed >> index & 1 for index in range(len(configuration.components)))
        return configuration._replace(world=configuration.world._replace(ages=ages))

    def lets(self, configuration: MessagePassingConfiguration, index: int) -> bool:
        """Return whether the timer of a process may fire."""
        return not self.runs(configuration.world) or bool(self.due(configuration) >> index & 1)

    def after(
        self, before: MessagePassingConfiguration, event: Event, after: MessagePassingConfiguration, anew: int = 0
    ) -> MessagePassingConfiguration:
        """Return a successor with what is known of its timers.

        Parameters
        ----------
        before, event, after
            What was, what happened, what is.
        anew
            Whose timer has fired, or was restarted by the step, as bits.
        """
        if not self.runs(after.world):
            return after
        if self.delays is not None:
            later = self.delays.after(before, event, after, anew) if self.runs(before.world) else None
            levels = self.delays.begun(after, known=False) if later is None else later
            return after._replace(world=after.world._replace(levels=levels))
        due = self.due(before) if self.runs(before.world) else self.armed(before.components)
        due &= ~anew & self.armed(after.components)
        ages = self._ages(before, after, anew) if self.ordered else ()
        if due and not self.busy(after):
            due = 0
        if (due, ages) == (after.world.due, after.world.ages):
            return after
        return after._replace(world=after.world._replace(due=due, ages=ages))

    def settled(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        """Return a configuration from which mail was dropped: if that makes it quiet, no timer is due before others."""
        world = configuration.world
        if not (world.due or world.ages) or not self.runs(world) or self.busy(configuration):
            return configuration
        return configuration._replace(world=world._replace(due=0, ages=ranked(world.ages, 1)))

    def _ages(
        self, before: MessagePassingConfiguration, after: MessagePassingConfiguration, anew: int
    ) -> tuple[int, ...]:
        size, armed = len(after.components), self.armed(after.components)
        if not self.runs(before.world):
            return tuple(EARLIER * (armed >> index & 1) for index in range(size))
        quiet = [not self.busy(configuration) for configuration in (before, after)]
        kept = self.armed(before.components) & armed & ~anew
        return self.patience.aged(before.world.ages, kept, armed, from_quiet=quiet[0], to_quiet=quiet[1])

    @property
    def assumed(self) -> str:
        """The assumption about the lengths of timers, as a clause; empty if there is none."""
        return assumed(self.rule) if self.active else ""

    def describe(self, configuration: MessagePassingConfiguration) -> dict[str, str]:
        """Return whose timers may fire, as text; nothing where timers do not wait for messages."""
        if not self.runs(configuration.world):
            return {}
        due = self.due(configuration)
        return {"timers due": " ".join(name for index, name in enumerate(self.parts.names) if due >> index & 1)}
