"""Which systems need fields beside those of processes, the world and observers, and so machine code of their own."""

from __future__ import annotations

from flpcheck.explore.limits import BESIDE
from flpcheck.system import System
from flpcheck.system.message_passing import MessagePassing


def has_knowledge(system: MessagePassing) -> bool:
    """Return whether there are liars who can say more once they have been sent signatures."""
    return system.laws.signatures.signed and bool(system.speech.crowds)


def code_beside(system: System) -> int:
    """Return what is added to the number of words of a configuration where there are such fields; 0 elsewhere."""
    return BESIDE * (isinstance(system, MessagePassing) and (system.laws.clock.active or has_knowledge(system)))
