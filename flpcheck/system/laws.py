"""The successor of a configuration by a move, and whether the world permits the move there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flpcheck.authoring.events import Event
from flpcheck.authoring.protocol import observers_of
from flpcheck.system.clock import Clock
from flpcheck.system.components import Component, Components, Move, Puts
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.observers import Watch
from flpcheck.system.oracles import Oracles, WorldState
from flpcheck.system.partition import Partition
from flpcheck.system.signatures import Signatures
from flpcheck.world import World


class Laws:
    """The laws of a world.

    Raises
    ------
    SpecError, BadWorld
        If the protocol does not fit them.
    """

    def __init__(self, protocol: Any, world: World, parts: Components) -> None:
        self.parts = parts
        self.watch = Watch(observers_of(protocol))
        self.oracles = Oracles(world, parts)
        self.partition = Partition(world.network, parts)
        self.signatures = Signatures(protocol, signed=world.failures.authenticated)
        self.clock = Clock(world, parts, self.partition, self._changes)
        self.kept: Mapping[Component, Component] | None = None
        """Each component without its dead letters, where these are dropped."""
        self.hinders = bool(world.oracle.kind or world.network.heals or self.clock.active)
        """Whether what can happen to a process may depend on more than itself and its mail."""

    def happens(self, configuration: MessagePassingConfiguration, move: Move) -> MessagePassingConfiguration | None:
        """Return what a move leads to; None if the world does not let its event happen here.

        A step that is cut short is a step: whatever hinders the one hinders the other.
        """
        if not self.hinders:
            return self.after(configuration, move)
        world = self._lets(configuration, move.event.during or move.event)
        return None if world is None else self.after(configuration._replace(world=world), move)

    def _lets(self, configuration: MessagePassingConfiguration, event: Event) -> WorldState | None:
        world, components, _ = configuration
        if self.partition.blocks(world, event):
            return None
        if event.kind == "timeout" and not self.clock.lets(configuration, self.parts.index[str(event.process)]):
            return None
        return self.oracles.after(world, event, components)

    def _changes(self, configuration: MessagePassingConfiguration, move: Move) -> bool:
        return self.moved(configuration, move) != configuration

    def after(self, configuration: MessagePassingConfiguration, move: Move) -> MessagePassingConfiguration:
        """Return what a move leads to, whatever the world says."""
        after = self.moved(configuration, move)
        if not self.clock.active:
            return after
        anew = move.restarts or (move.event.during or move.event).kind == "timeout"
        return self.clock.after(configuration, move.event, after, anew << move.after.owner)

    def turned(
        self, configuration: MessagePassingConfiguration, event: Event, world: WorldState
    ) -> MessagePassingConfiguration:
        """Return the configuration after an event of the world: it stabilises, or a partition heals."""
        return self.clock.after(configuration, event, configuration._replace(world=world))

    def moved(self, configuration: MessagePassingConfiguration, move: Move) -> MessagePassingConfiguration:
        """Return the processes, mail and observers after a move; the timers are unchanged."""
        world, components, observers = configuration
        changed = list(components)
        changed[move.after.owner] = move.after if self.kept is None else self.kept[move.after]
        for to, envelope in move.puts:
            after = self.parts.put(changed[to], envelope)
            changed[to] = after if self.kept is None else self.kept[after]
        if move.notes:
            observers = self.watch.told(observers, move.notes)
        if self.signatures.signed and move.puts and world.faulty:
            world = self.signed_after(world, move.after.owner, move.puts)
        return MessagePassingConfiguration(world, tuple(changed), observers)

    def signed_after(self, world: WorldState, owner: int, puts: Puts) -> WorldState:
        """Return the world after a process has sent something; what a partition holds up liars know when it heals."""
        sender, sent = self.parts.pids[owner], [envelope.letter.message for _, envelope in puts]
        liars = [name for index, name in enumerate(self.parts.names) if world.faulty >> index & 1]
        made = world.made | {s for s in self.signatures.made(sender, sent, world.faulty) if s.signer not in liars}
        self.signatures.check(sender, sent, made | world.signed, world.faulty, liars)
        told = [(to, envelope) for to, envelope in puts if world.faulty >> to & 1]
        late = [envelope for to, envelope in told if self.partition.holds_up(world, envelope, self.parts.names[to])]
        now = [envelope.letter.message for _, envelope in told if envelope not in late]
        signed = world.signed | self.signatures.told(now, world.faulty, made)
        then = self.signatures.told([envelope.letter.message for envelope in late], world.faulty, made)
        return world._replace(signed=signed, waiting=(world.waiting | then) - signed, made=made - signed)

    def describe(self, configuration: MessagePassingConfiguration) -> dict[str, str]:
        """Return the state of the world itself, as text."""
        world = configuration.world
        told = self.oracles.describe(world) | self.partition.describe(world)
        return told | self.signatures.describe(world.signed, world.made) | self.clock.describe(configuration)
