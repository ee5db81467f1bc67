"""A system whose mailboxes hold no dead letters: everything else is that of the plain system."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from flpcheck.reduce.dead_letters import DeadLetters
from flpcheck.system.adversary import Adversary
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import Initial, System
from flpcheck.system.message_passing import MessagePassing


class WithoutDeadLetters(MessagePassing):
    """A message-passing system that drops dead letters wherever a configuration is formed.

    It shares all tables with the plain system, of which each of its configurations is one.

    Parameters
    ----------
    plain
        The plain system: one that `why_kept` has nothing against.
    known
        What the searches before have found out; nothing if None.
    """

    def __init__(self, plain: MessagePassing, known: DeadLetters | None = None) -> None:
        vars(self).update(vars(plain))
        self._whole = plain
        self._letters = DeadLetters(plain.parts, known)
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
        return WithoutDeadLetters(self._whole.afresh(), self.dead_letters)

    def initial(self) -> list[Initial]:
        """Return the initial configurations without their dead letters, in canonical order."""
        return [replace(item, configuration=self._kept(item.configuration)) for item in self._whole.initial()]

    def _kept(self, configuration: MessagePassingConfiguration) -> MessagePassingConfiguration:
        return configuration._replace(
            components=tuple(map(self.dead_letters.kept.__getitem__, configuration.components))
        )


def without_dead_letters(system: System) -> System:
    """Return a system that drops dead letters; the same one where `why_kept` has something against it."""
    if why_kept(system):
        return system
    assert isinstance(system, MessagePassing)
    return WithoutDeadLetters(system)


def why_kept(system: System) -> str:
    """Return why dead letters are kept in a system, as a clause; empty if they can be dropped."""
    if not isinstance(system, MessagePassing):
        return "there are no mailboxes" if system.plain is system else "declared reductions are used"
    failures = system.world.failures
    reasons = {
        "in a fifo network later messages wait for them": system.world.network.kind == "fifo",
        "what liars say is found out from what is received": bool(failures.byzantine or failures.twins),
        "timers wait until they have been delivered": system.laws.clock.active,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
