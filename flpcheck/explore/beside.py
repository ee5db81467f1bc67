"""Which systems need fields beside those of processes, the world and observers, and so machine code of their own."""

from __future__ import annotations

from flpcheck.explore.limits import BESIDE, ORBITS, OUTDATED, SELECTING, TRIES, TRIES_RENAMED
from flpcheck.system import System
from flpcheck.system.general import General
from flpcheck.system.message_passing import MessagePassing


def has_knowledge(system: MessagePassing) -> bool:
    """Return whether there are liars who can say more once they have been sent signatures."""
    return system.laws.signatures.signed and bool(system.speech.crowds)


def code_of(system: System) -> int:
    """Return what is added to the number of words of a configuration where more than components is needed.

    That is for fields beside them, and for the stages that replace a successor by its representative.
    """
    plain = system.plain
    if isinstance(plain, General) and system.symmetry is not None:
        return TRIES_RENAMED - TRIES
    if not isinstance(plain, MessagePassing):
        return 0
    if system.stubborn is not None:
        return SELECTING
    layers: tuple[System, ...] = (system, getattr(system, "below", system))
    renames, drops = system.symmetry is not None, any(layer.renames_mail for layer in layers)
    return BESIDE * (plain.laws.clock.active or has_knowledge(plain)) + ORBITS * renames + OUTDATED * drops
