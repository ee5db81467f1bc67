"""A system whose mailboxes hold no dead letters: everything else is that of the plain system."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from flpcheck.reduce.dead_letters import DeadLetters
from flpcheck.reduce.equal_states import Observe
from flpcheck.system.adversary import Adversary
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import Initial, System
from flpcheck.system.message_passing import MessagePassing
from flpcheck.world.crash_points import TORN, WRITE_FIRST, kind_of


class WithoutDeadLetters(MessagePassing):
    """A message-passing system that drops dead letters wherever a configuration is formed.

    It shares all tables with the plain system, of which each of its configurations is one.

    Parameters
    ----------
    plain
        The plain system: one that `why_kept` has nothing against.
    observe
        What is observed of local states, if equal ones are to be merged; None to keep all apart.
    known
        What the searches before have found out; nothing if None.
    """

    def __init__(
        self, plain: MessagePassing, observe: Observe | None = None, known: DeadLetters | None = None
    ) -> None:  # fmt: skip
        vars(self).update(vars(plain))
        self._whole, self._observe = plain, observe
        self._letters = DeadLetters(plain, observe, known)
        self.laws = copy(plain.laws)
        self.laws.kept = self._letters.kept
        self.adversary = Adversary(plain.world, self.laws, plain.crashes, plain.faults, plain.crashable, plain.suspects)

    @property
    def plain(self) -> MessagePassing:
        """The plain system."""
        return self._whole

    @property
    def dead_letters(self) -> DeadLetters:
        """The letters that are dropped."""
        return self._letters

    def afresh(self) -> WithoutDeadLetters:
        """Return the same system with empty tables, which knows what this one has found out."""
        return WithoutDeadLetters(self._whole.afresh(), self._observe, self.dead_letters)

    def initial(self) -> list[Initial]:
        """Return the initial configurations without their dead letters, in canonical order."""
        return [replace(item, configuration=self.representative(item.configuration)) for item in self._whole.initial()]

    def representative(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        """Return a configuration of the plain system without dead letters, its equal local states merged."""
        kept = self.dead_letters.kept
        return configuration._replace(components=tuple(map(kept.__getitem__, configuration.components)))


def without_dead_letters(system: System, observe: Observe | None = None) -> System:
    """Return a system that drops dead letters; the same one where `why_kept` has something against it.

    Parameters
    ----------
    system
        The plain system.
    observe
        What is observed of local states, if equal ones are to be merged, which `why_apart` has nothing against.
    """
    if why_kept(system):
        return system
    assert isinstance(system, MessagePassing)
    made = WithoutDeadLetters(system, observe)
    if made.dead_letters.equal is not None:
        made.dead_letters.equal.guess()
    return made


def why_kept(system: System) -> str:
    """Return why dead letters are kept in a system, as a clause; empty if they can be dropped."""
    if system.symmetry is not None:
        return "modulo symmetry names change on the way, so what still comes to a process is not known by its name"
    if not isinstance(system, MessagePassing):
        return "there are no mailboxes" if system.plain is system else "declared reductions are used"
    failures = system.world.failures
    reasons = {
        "in a fifo network later messages wait for them": system.world.network.kind == "fifo",
        "what liars say is found out from what is received": bool(failures.byzantine or failures.twins),
        "timers wait until they have been delivered": system.laws.clock.active,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def why_apart(system: System) -> str:
    """Return why equal local states are not merged in a system, as a clause; empty if they can be."""
    if (reason := why_kept(system)) or not isinstance(system, MessagePassing):
        return reason
    written = kind_of(system.world.failures.points) in {WRITE_FIRST, TORN}
    return "crashes in the middle of a step leave what it had written" if written else ""
