"""A configuration of an event-driven protocol."""

from __future__ import annotations

from typing import NamedTuple

from flpcheck.system.components import Component
from flpcheck.system.observers import Watched
from flpcheck.system.oracles import Budget


class Configuration(NamedTuple):
    """A configuration: the world's state, one component per process, the states of the observers."""

    world: Budget
    components: tuple[Component, ...]
    observers: tuple[Watched, ...]
