"""A protocol in a world is a transition system: initial configurations, applicable events, and what they do."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import is_general, is_in_rounds
from flpcheck.authoring.shared_memory import SharedMemory
from flpcheck.system.general import General
from flpcheck.system.interface import EVERYBODY, WORLD, Configuration, Initial, Marks, System, Transition
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.rounds import InRounds
from flpcheck.system.shared_memory import InSharedMemory
from flpcheck.world import World

__all__ = ["EVERYBODY", "WORLD", "Configuration", "Initial", "Marks", "System", "Transition", "system_of"]


def system_of(protocol: Any, world: World, inputs: Mapping[Pid, Hashable] | None = None) -> System:
    """Return the transition system of a protocol in a world: the reference semantics, readable and exact.

    Parameters
    ----------
    protocol
        An instance of a class made by `@protocol`, of any front end.
    world
        The world.
    inputs
        Inputs that are fixed, by process; all vectors of the others are initial configurations.
    """
    if isinstance(protocol, SharedMemory):
        return InSharedMemory(protocol, world, inputs)
    if is_general(protocol):
        return General(protocol, world, inputs)
    if is_in_rounds(protocol):
        return InRounds(protocol, world, inputs)
    return MessagePassing(protocol, world, inputs)
