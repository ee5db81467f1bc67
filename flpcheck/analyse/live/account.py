"""The account of a loop: the fate of each demand of a correct process in it, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from flpcheck.analyse.live.demands import DemandBook, Offer, offer_of, starved
from flpcheck.analyse.live.unheard import learners_of
from flpcheck.analyse.schedule import Schedule
from flpcheck.authoring.values import shorten, show
from flpcheck.budget import looking
from flpcheck.explore.graph import StateGraph
from flpcheck.system import System

SHOWN = 3
"""Number of demands that a sentence names."""
EVERY_STEP = "although every correct process takes its steps and receives its messages"


class DemandTally:
    """The demands that a walk has met so far, by the configurations that it visits and the steps that it takes.

    Parameters
    ----------
    book
        The numbers of demands.
    faulty
        The processes to which nothing is owed, as bits.
    """

    def __init__(self, book: DemandBook, faulty: int) -> None:
        self.book, self.faulty = book, faulty
        self.always: set[int] | None = None
        self.waits = set[int]()
        self.ever, self.met = set[int](), set[int]()

    def visit(self, offer: Offer) -> None:
        """Count a configuration."""
        self.waits = set(offer.waiting) if self.always is None else self.waits & offer.waiting
        self.always = set(offer.enabled) if self.always is None else self.always & offer.enabled
        self.ever |= offer.enabled

    def take(self, demands: Iterable[int]) -> None:
        """Count a step that meets some demands."""
        self.met.update(demands)

    def owes(self, number: int) -> bool:
        """Return whether a demand is one of a correct process."""
        return not self.faulty >> self.book.demands[number].owner & 1

    def unmet(self) -> set[int]:
        """Return the demands that are starved if the walk is repeated for ever."""
        return {number for number in self.ever - self.met if self.owes(number) and self._starves(number)}

    def _starves(self, number: int) -> bool:
        return starved(
            self.book.demands[number].strength,
            always_enabled=number in (self.always or ()),
            always_waits=number in self.waits,
            ever_enabled=True,
        )


class Account(NamedTuple):
    """The fate of the demands of correct processes in a loop, by their numbers.

    Parameters
    ----------
    taken
        Those that some step of each turn meets.
    interrupted
        Those that no step meets, but that are not enabled, or whose letter is gone, somewhere in each turn.
    deferred
        Letters that wait all along and are never enabled.
    lost
        Interrupted letters, and those of passive learners, that a loss or an omission takes away in each turn.
    idle
        The correct processes that have no demand and take no step.
    """

    taken: tuple[int, ...]
    interrupted: tuple[int, ...]
    deferred: tuple[int, ...]
    lost: tuple[int, ...]
    idle: tuple[int, ...]


def account_of(graph: StateGraph, book: DemandBook, schedule: Schedule, faulty: int) -> Account:
    """Return the account of a lasso's loop, or of the last configuration of a run that rests there.

    Parameters
    ----------
    graph
        The graph; not of a quotient, where names change along the way.
    book
        The numbers of demands.
    schedule
        The lasso.
    faulty
        The faulty processes, as bits.
    """
    system = graph.system
    first = len(schedule) if schedule.loop is None else schedule.loop
    here = schedule.configurations[first:] if schedule.loop is None else schedule.configurations[first:-1]
    tally, crashed = DemandTally(book, faulty), system.marks(here[0]).crashed
    waited, lost, movers = set[int](), set[int](), set[int]()
    for configuration in looking(here):
        offer = offer_of(book, configuration)
        waited |= offer.waiting
        tally.visit(offer)
    for step in schedule.transitions[first:]:
        tally.take(book.met_by(step, mail=bool(system.components)))
        movers.add(step.mover)
        lost.update(_taken_away(book, system, step.event))
    mine = {n for n in tally.ever | waited if tally.owes(n) and not crashed >> book.demands[n].owner & 1}
    off = mine & tally.ever - tally.met
    deferred = mine & tally.waits - tally.ever
    owners = {book.demands[n].owner for n in mine} | movers
    idle = (i for i in range(len(system.names)) if i not in owners and not (faulty | crashed) >> i & 1)
    read = {n for n in lost if book.demands[n].owner in learners_of(graph)}
    gone = (off | mine - tally.ever) & lost | read
    return Account(*map(_sorted, (mine & tally.met, off - lost, deferred, gone, idle)))


def _sorted(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(numbers))


def _taken_away(book: DemandBook, system: System, event: object) -> tuple[int, ...]:
    """Return the demand of the letter that an event of the world loses."""
    kind, process = getattr(event, "kind", ""), getattr(event, "process", None)
    if kind not in {"lose", "omit"} or process not in system.names or getattr(event, "sender", None) is None:
        return ()
    return book.letter(system.names.index(process), event.sender, event.message)[:1]  # type: ignore[attr-defined]


def sentence(book: DemandBook, account: Account, names: tuple[str, ...]) -> str:
    """Return what is fair about a loop, as the end of a sentence: never more than its account says."""
    parts = [f"{_letter(book, n)} is lost every time" for n in account.lost[:SHOWN]]
    parts += [f"{_left(book, n, names)} for ever" for n in account.deferred[:SHOWN]]
    left = [n for n in account.interrupted if book.demands[n].strength != "strong"]
    parts += [_off(book, n) for n in left[:SHOWN]]
    if not parts:
        return EVERY_STEP
    more = sum(max(0, len(some) - SHOWN) for some in (account.lost, account.deferred, left))
    parts += [f"{more} more like these"] if more else []
    rest = "; every other event that is owed to a correct process is taken" if account.taken else ""
    return f"and this is fair: {'; '.join(parts)}{rest}"


def _letter(book: DemandBook, number: int) -> str:
    event = book.demands[number].event
    return f"{shorten(show(event.message), 60)} from {event.sender}"


def _left(book: DemandBook, number: int, names: tuple[str, ...]) -> str:
    """Say of a letter that is deferred, or ignored where that leaves it in its mailbox, that it stays there."""
    return f"{names[book.demands[number].owner]} leaves {_letter(book, number)} in its mailbox"


def _off(book: DemandBook, number: int) -> str:
    demand = book.demands[number]
    if demand.of_letter:
        return f"{_letter(book, number)} is not receivable at times"
    return f"'{shorten(str(demand.event), 60)}' is not enabled at times"
