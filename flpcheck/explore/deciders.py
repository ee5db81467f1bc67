"""The processes that decide, judged by the configurations reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from flpcheck.explore.columned import Columned, Ints
from flpcheck.system import Configuration, System
from flpcheck.system.components import has_output_register


@runtime_checkable
class Represented(Protocol):
    """Configurations of which some stand for all, as far as `decisions` can tell."""

    def __getitem__(self, number: int) -> Configuration:
        """Return a configuration."""

    @property
    def by_decisions(self) -> tuple[Ints, Ints]:
        """The first configuration for each answer, in order; which of them each is like."""


def deciding_in(system: System, configurations: Sequence[Configuration], known: int) -> int:
    """Return the registers that have a decision, made or not, in some of the configurations, and those known to.

    Parameters
    ----------
    system
        The system explored.
    configurations
        Some of its configurations.
    known
        The registers that need not be looked at, as bits.

    Returns
    -------
    int
        As bits.  Cost: none if every process is known to decide; otherwise a look at the different states of each of
        the others, or at every configuration where those are not stored column by column.
    """
    parts = system.plain.components
    copies = () if parts is None else parts.cast.twins
    unknown = [owner for owner in range(len(system.names)) if not known >> owner & 1 and owner not in copies]
    if isinstance(configurations, Columned):
        known |= sum(1 << owner for owner in unknown if _writes(configurations, owner))
        return known if system.symmetry is None else system.symmetry.all_alike(known)
    if isinstance(configurations, Represented):
        configurations = [configurations[number] for number in configurations.by_decisions[0].tolist()]
    general = hasattr(system.protocol, "successors")  # its decisions may be those of others than its processes
    for configuration in configurations if unknown or general else ():
        known |= system.deciding(configuration)
    return known


def _writes(columns: Columned, owner: int) -> bool:
    """Whether some state of a process that was reached has a decision."""
    members, which = columns.members(owner, mail=False)
    able = np.array([has_output_register(member.local) for member in members], np.bool_)
    return bool(able.any() and able[which[columns.column(owner)]].any())
