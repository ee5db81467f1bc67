"""Demands: the events and letters that a fair run owes to a process, each with a number.

A demand is *enabled* in a configuration if some applicable event meets it; a letter *waits* wherever it is in the
mailbox, deferred or not.  A gathering is owed as an event, and meets the demands of its letters, too: where a set
keeps messages, one that is ignored again and again does not make up for the gathering.  Whims of a failure detector,
lies, losses and crashes are owed to no process.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from flpcheck.authoring.events import Event, Pid
from flpcheck.authoring.values import Key, key
from flpcheck.system import Configuration, System, Transition
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.interface import EVERYBODY
from flpcheck.world.fairness import RECEIVED, STRONG, WEAK

MAIL = frozenset({"deliver", "gather"})


class Demand(NamedTuple):
    """Something that is owed to a process.

    Parameters
    ----------
    owner
        Index of the process.
    strength
        `WEAK`, `RECEIVED` or `STRONG`.
    event
        An event that meets it.
    of_letter
        Whether it is the receipt of a letter.
    """

    owner: int
    strength: str
    event: Event
    of_letter: bool = False


class DemandBook:
    """The demands met so far, by number.

    Parameters
    ----------
    system
        The system whose processes they are owed to.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.fairness = system.world.fairness
        self.fair_links = system.world.network.fair_loss == "links"
        self.letters_are = STRONG if system.world.network.fair_loss == "letters" else self.fairness.letters
        self.demands: list[Demand] = []
        self.rules = {rule.rule: rule.strength for rule in self.fairness.rules}
        self._numbers: dict[Hashable, int] = {}
        self._met: dict[tuple[int, Event, str], tuple[int, ...]] = {}

    def _number(self, name: Hashable, demand: Demand) -> int:
        if name not in self._numbers:
            self._numbers[name] = len(self.demands)
            self.demands.append(demand)
        return self._numbers[name]

    def letter(self, owner: int, sender: Pid, message: object, identity: Key | None = None) -> tuple[int, ...]:
        """Return the demands that the receipt of a letter meets: its own, and that of its link where links are fair."""
        name = key(message) if identity is None else identity
        event = Event("deliver", self.system.names[owner], sender, message)
        demand = Demand(owner, self.letters_are, event, of_letter=True)
        own = self._number((owner, "letter", sender, name), demand)
        if self.fair_links:
            link = Demand(owner, STRONG, event, of_letter=True)
            return own, self._number((owner, "link", sender), link)
        return (own,)

    def met_by(self, transition: Transition, *, mail: bool) -> tuple[int, ...]:
        """Return the demands that a transition meets; none if it is an event of the world, or a round.

        Parameters
        ----------
        transition
            The transition.
        mail
            Whether the processes have mailboxes.
        """
        mover, event = transition.mover, transition.event
        if mover < 0 or mover == EVERYBODY:
            return ()
        rule = "" if transition.rule is None else transition.rule.name
        name = (mover, event, rule)
        if name not in self._met:
            self._met[name] = self._meets(mover, event, rule, mail=mail)
        return self._met[name]

    def _meets(self, mover: int, event: Event, rule: str, *, mail: bool) -> tuple[int, ...]:
        found = list[int]()
        if mail and event.kind in MAIL:
            letters = [self.letter(mover, sender, message) for sender, message in event.letters]
            found = [number for numbers in letters for number in numbers]
        if not mail or event.kind != "deliver":
            own = (mover, event.kind, event.sender, key(event.message))
            strength = WEAK if event.kind == "gather" else self.fairness.timers
            found.append(self._number(own, Demand(mover, strength, event)))
        for named in dict.fromkeys((rule, event.kind)):
            if named in self.rules:
                found.append(self._number((mover, "rule", named), Demand(mover, self.rules[named], event)))
        return tuple(dict.fromkeys(found))

    def waiting(self, configuration: Configuration) -> set[int]:
        """Return the demands of the letters in the mailboxes of live processes."""
        if not isinstance(configuration, MessagePassingConfiguration):
            return set()
        parts = self.system.plain.components
        assert parts is not None
        reads = (c for c in configuration.components if not c.crashed and parts.seats[c.owner].asker is not None)
        mine = (c for c in reads if c.owner not in parts.cast.twins)
        return {n for c in mine for e in c.mailbox for n in self.letter(c.owner, *e.letter, e.key[1])[:1]}


class Offer(NamedTuple):
    """The demands of a configuration.

    Parameters
    ----------
    enabled, waiting
        The demands that are enabled, and those that wait.
    steps
        The process events that are applicable, each with the demands that it meets.
    """

    enabled: set[int]
    waiting: set[int]
    steps: list[tuple[Transition, tuple[int, ...]]]


def offer_of(book: DemandBook, here: Configuration) -> Offer:
    """Return what a configuration owes, by asking the reference semantics."""
    system = book.system
    mail = isinstance(here, MessagePassingConfiguration)
    steps = [(step, book.met_by(step, mail=mail)) for step in system.applicable(here)]
    enabled = {number for step, met in steps if met and system.owed(here, step) for number in met}
    return Offer(enabled, book.waiting(here) | enabled, steps)


def starved(strength: str, *, always_enabled: bool, always_waits: bool, ever_enabled: bool) -> bool:
    """Return whether a demand that is never met is starved in a set of configurations visited for ever.

    Examples
    --------
    >>> starved(WEAK, always_enabled=False, always_waits=True, ever_enabled=True)
    False
    >>> starved(RECEIVED, always_enabled=False, always_waits=True, ever_enabled=True)
    True
    """
    if strength == STRONG:
        return ever_enabled
    return always_enabled or (strength == RECEIVED and always_waits and ever_enabled)
