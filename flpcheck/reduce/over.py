"""A system over another one, with the same configurations or fewer: what it passes on unchanged."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Observer
from flpcheck.authoring.values import Key
from flpcheck.system.interface import Configuration, Marks, System, Transition


class Over:
    """Everything that is asked of a configuration by itself (decisions, views, texts) is asked of the system below.

    Parameters
    ----------
    below
        A system; its configurations are those of this one, or some of them are.
    """

    def __init__(self, below: System) -> None:
        self.below = below
        self.protocol, self.world, self.names = below.protocol, below.world, below.names
        self.crashable, self.deciders, self.values = below.crashable, below.deciders, below.values
        self.abstaining = below.abstaining
        self.rulebooks = below.rulebooks

    @property
    def registers(self) -> tuple[Pid, ...]:
        """Who holds a decision, by bit of the masks."""
        return self.below.registers

    def deciding(self, configuration: Configuration) -> int:
        """Return whose local state has a decision here, as bits."""
        return self.below.deciding(configuration)

    @property
    def observers(self) -> Sequence[Observer[Any, Any]]:
        """The observers beside the processes."""
        return self.below.observers

    @property
    def overwritten(self) -> Sequence[str]:
        """Steps seen so far that change a decision already made, as sentences."""
        return self.below.overwritten

    @property
    def received(self) -> set[type]:
        """The message kinds that some process has received so far."""
        return self.below.received

    @property
    def calls(self) -> int:
        """How often a step function was called so far, verifications not counted."""
        return self.below.calls

    @property
    def tosses(self) -> bool:
        """Whether some step has tossed a coin so far."""
        return self.below.tosses

    def admissible(self, configuration: Configuration) -> bool:
        """Return whether a run may stay where the world is like this."""
        return self.below.admissible(configuration)

    def confined(self, configuration: Configuration) -> bool:
        """Return whether a configuration lies outside the author's constraint."""
        return self.below.confined(configuration)

    def owed(self, configuration: Configuration, transition: Transition) -> bool:
        """Return whether fairness promises a process event."""
        return self.below.owed(configuration, transition)

    def marks(self, configuration: Configuration) -> Marks:
        """Return the bit masks of a configuration."""
        return self.below.marks(configuration)

    def outputs(self, configuration: Configuration) -> Mapping[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process."""
        return self.below.outputs(configuration)

    def view(self, configuration: Configuration) -> Any:
        """Return what properties see of a configuration."""
        return self.below.view(configuration)

    def content(self, configuration: Configuration) -> tuple[Key, ...]:
        """Return the identity of a configuration, part by part."""
        return self.below.content(configuration)

    def describe(self, configuration: Configuration) -> dict[str, Any]:
        """Return a configuration as text."""
        return self.below.describe(configuration)
