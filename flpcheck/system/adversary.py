"""Events of the world in an event-driven protocol: those that no process takes by itself.

Stabilising and healing, crashes, losses and duplications, recoveries, and what processes do that misbehave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flpcheck.system.components import Component, Crashed, Move
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.crashes import Crashes
from flpcheck.system.faults import Faults
from flpcheck.system.interface import WORLD, Transition
from flpcheck.system.laws import Laws
from flpcheck.world import UNLIMITED, World


class Adversary:
    """The events of a world.

    Parameters
    ----------
    world
        What it may do.
    laws
        What its events lead to.
    crashes
        What crashes and recoveries make of a process.
    faults
        What processes do that misbehave.
    crashable, suspects
        The processes that may crash, and that may misbehave.
    """

    def __init__(
        self,
        world: World,
        laws: Laws,
        crashes: Crashes,
        faults: Faults,
        crashable: tuple[int, ...],
        suspects: tuple[int, ...],
    ) -> None:
        self.world = world
        self.laws = laws
        self.parts = laws.parts
        self.oracles = laws.oracles
        self.crashes = crashes
        self.faults = faults
        self.crashable = crashable
        self.suspects = suspects
        self.twins = sorted(self.parts.cast.twins)
        dead = world.failures.initially_dead
        self.down = world.failures.crashes + (len(dead) if isinstance(dead, tuple) else 0)
        """Maximum number of processes that may be down: those named as dead from the start do not count."""

    def events(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        """Yield what the world may do in a configuration, in canonical order."""
        yield from self._turns(configuration)
        yield from self._crashes(configuration)
        yield from self._tampering(configuration)
        yield from self._recoveries(configuration)
        for suspect in self.suspects:
            if configuration.world.faulty >> suspect & 1:
                yield from self._misbehaviour(configuration, suspect)
        for twin in self.twins:
            yield from self._copied(configuration, configuration.components[twin])

    def _copied(self, configuration: MessagePassingConfiguration, twin: Component) -> Iterator[Transition]:
        """Yield the steps of one copy of a process that runs twice; it need not take them."""
        for move in self.parts.moves(twin):
            successor = self.laws.happens(configuration, move)
            if successor is not None and successor != configuration:
                yield Transition(replace(move.event, world=True), move.outcome, WORLD, successor, move.rule)

    def _turns(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        world = configuration.world
        stabilised = self.oracles.stabilisations(world, configuration.components)
        for event, after in (*stabilised, *self.laws.partition.healings(world)):
            yield Transition(event, 0, WORLD, self.laws.turned(configuration, event, after))

    def _crashes(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        failures, components = self.world.failures, configuration.components
        if not failures.crashes or failures.events == "elided":
            return
        living = [components[index] for index in self.crashable if not components[index].crashed]
        cut_short = [self.crashes.interrupted(component) for component in living]  # errors do not wait for the budget
        if sum(isinstance(component.local, Crashed) for component in components) >= self.down:
            return
        for component, inside in zip(living, cut_short, strict=True):
            moves = (self.crashes.crash(component), *inside, *self._lied_to(configuration, component))
            for crash in self._distinct(configuration, moves):
                if self.oracles.may_crash(crash.successor.world, component.owner, components):
                    yield crash

    def _lied_to(self, configuration: MessagePassingConfiguration, component: Component) -> Iterator[Move]:
        """Yield the crashes in the middle of the steps that lies make a process take."""
        if self.world.failures.byzantine and self.world.failures.inside_steps:
            for lie in self._lies(configuration, component):
                yield from self.crashes.cut_short(component.local, lie)

    def _lies(self, configuration: MessagePassingConfiguration, component: Component) -> Iterator[Move]:
        for suspect in self.suspects:
            if configuration.world.faulty >> suspect & 1:
                for move in self.faults.lies(component, suspect, configuration.world.faulty):
                    if self.faults.may_say(configuration.world, move):
                        yield move

    def _distinct(self, configuration: MessagePassingConfiguration, moves: Sequence[Move]) -> Iterator[Transition]:
        """Choices of whom the messages of one process reached that lead to the same place are one transition."""
        seen = {configuration}
        for move in moves:
            successor = self.laws.happens(configuration, move)
            if successor is not None and successor not in seen:
                seen.add(successor)
                yield Transition(move.event, move.outcome, WORLD, successor, move.rule)

    def _tampering(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        network, budget = self.world.network, configuration.world
        if network.loss == UNLIMITED or budget.lost < network.loss:
            spent = budget._replace(lost=budget.lost + (network.loss != UNLIMITED))
            yield from self._tampered(configuration._replace(world=spent), self.parts.lost)
        if network.duplication == UNLIMITED or budget.duplicated < network.duplication:
            if network.kind == "set":
                return  # a set network keeps every message for ever
            spent = budget._replace(duplicated=budget.duplicated + (network.duplication != UNLIMITED))
            yield from self._tampered(configuration._replace(world=spent), self.parts.duplicated)

    def _tampered(
        self, configuration: MessagePassingConfiguration, tamper: Callable[[Component, Any], Move]
    ) -> Iterator[Transition]:
        for component in configuration.components:
            for envelope in self.parts.mailing.receivable(component.mailbox):
                move = tamper(component, envelope)
                yield Transition(move.event, 0, WORLD, self.laws.after(configuration, move))

    def _recoveries(self, configuration: MessagePassingConfiguration) -> Iterator[Transition]:
        most, budget = self.world.failures.recoveries, configuration.world
        if not most:
            return
        down = [component for component in configuration.components if isinstance(component.local, Crashed)]
        moves = [move for component in down for move in self.crashes.recoveries(component)]
        cut_short = [self.crashes.interrupted(component) for component in down]  # errors do not wait for the budget
        if most != UNLIMITED and budget.recovered >= most:
            return
        spent = configuration._replace(world=budget._replace(recovered=budget.recovered + (most != UNLIMITED)))
        for move in moves:
            successor = self.laws.after(spent, move)
            yield Transition(move.event, move.outcome, WORLD, successor, move.rule, move.chance)
        for inside in cut_short:
            yield from self._distinct(spent, inside)

    def _misbehaviour(self, configuration: MessagePassingConfiguration, suspect: int) -> Iterator[Transition]:
        if self.world.failures.omission:
            yield from self._distinct(configuration, self.faults.omissions(configuration.components[suspect]))
            return
        for component in configuration.components:
            for move in self.faults.lies(component, suspect, configuration.world.faulty):
                if self.faults.may_say(configuration.world, move):
                    successor = self.laws.happens(configuration, move)
                    if successor is not None and successor != configuration:
                        yield Transition(move.event, move.outcome, WORLD, successor, move.rule)
