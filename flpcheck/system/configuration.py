"""A configuration of an event-driven protocol."""

from __future__ import annotations

from typing import NamedTuple

from flpcheck.system.components import Component
from flpcheck.system.observers import ObserverState
from flpcheck.system.oracles import WorldState


class MessagePassingConfiguration(NamedTuple):
    """A configuration: the world's state, one component per process, the states of the observers."""

    world: WorldState
    components: tuple[Component, ...]
    observers: tuple[ObserverState, ...]
