"""Which front end of the kernel a system has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flpcheck.explore.component_front import ComponentFront
from flpcheck.explore.front import FrontEnd
from flpcheck.explore.in_rounds.front import RoundFront
from flpcheck.explore.orbit_front import OrbitFront
from flpcheck.explore.quotient_front import QuotientFront
from flpcheck.explore.stubborn_front import StubbornFront
from flpcheck.explore.tries.front import TrieFront
from flpcheck.explore.tries.orbit_front import TrieOrbitFront
from flpcheck.explore.tries.shape import ConfigurationShape, examples_of
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient
from flpcheck.reduce.stubborn import Stubborn
from flpcheck.system import System
from flpcheck.system.general import General
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.rounds import InRounds


def front_of(system: System, configurations: Sequence[Any], *, patient: bool) -> FrontEnd:
    """Return the front end of a system.

    Parameters
    ----------
    system
        What is explored.
    configurations
        Some of its configurations, which show what shape they have.
    patient
        Whether the kernel was asked for, so that it goes on where it does not pay.
    """
    if isinstance(system, General):
        return TrieFront(system, ConfigurationShape(examples_of(configurations)), patient=patient)
    if isinstance(system, Orbits) and isinstance(system.plain, General):
        return TrieOrbitFront(system, ConfigurationShape(examples_of(configurations)), patient=patient)
    if isinstance(system, InRounds):
        return RoundFront(system)
    if isinstance(system, Orbits):
        return OrbitFront(system)
    if isinstance(system, Quotient):
        return QuotientFront(system)
    assert isinstance(system, MessagePassing)
    return StubbornFront(system) if isinstance(system, Stubborn) and system.selects else ComponentFront(system)
