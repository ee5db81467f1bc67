"""Which front end of the kernel a system has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    if isinstance(system.plain, General):
        shape = ConfigurationShape(examples_of(configurations))
        if isinstance(system, Orbits):
            return TrieOrbitFront(system, shape, patient=patient)
        assert isinstance(system, General)
        return TrieFront(system, shape, patient=patient)
    if isinstance(system, Stubborn) and not system.selects:
        return ComponentFront(system)
    return next(front(system) for kind, front in FRONTS if isinstance(system, kind))


FRONTS: tuple[tuple[type[System], Callable[[Any], FrontEnd]], ...] = (
    (InRounds, RoundFront),
    (Orbits, OrbitFront),
    (Quotient, QuotientFront),
    (Stubborn, StubbornFront),
    (MessagePassing, ComponentFront),
)
"""Front ends by kind of system, the special kinds before those that they are kinds of."""
