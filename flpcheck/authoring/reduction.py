"""Reductions that an author declares: what of a configuration does not matter, and may be renamed or left out.

A declaration is a claim, not an order: `flpcheck.reduce` verifies it on every question that exploration puts, and
refuses it, with the row that contradicts it, when it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from flpcheck.authoring.events import Pid

_BALLOT, _CHOICE = "ballot", "choice"
Ballot: TypeAlias = Annotated[int, _BALLOT]
"""The type of a field that holds a ballot (term, round): from 0 on; a negative number means that there is none."""


Choice: TypeAlias = Annotated[int, _CHOICE]
"""The type of a field that holds a value to choose (a proposal, a vote, a decision) where values are integers."""


def is_choice(hint: Any) -> bool:
    """Return whether a type hint marks a value to choose."""
    return _CHOICE in getattr(hint, "__metadata__", ())


def is_ballot(hint: Any) -> bool:
    """Return whether a type hint marks a ballot."""
    return _BALLOT in getattr(hint, "__metadata__", ())


@dataclass(frozen=True)
class BallotShift:
    """Ballots are compared with each other and nothing else, so their absolute values do not matter.

    Ballots from the lowest current one on may be shifted together by a multiple of `period`, which keeps their
    owners; below it nothing new ever comes in, so only the order of the ballots there matters, and gaps are closed.

    Parameters
    ----------
    period
        Ballot b belongs to process number b modulo `period`; 1 if ballots have no owners.
    current
        `current(state)`: the ballot above which this process will start its next one; a negative number if it has not
        started any ballot yet; None if it never (again) starts one, as an acceptor.

    Examples
    --------
    >>> shift = BallotShift(period=2, current=lambda state: state.ballot if state.role == "proposer" else None)
    """

    period: int
    current: Callable[[Any], int | None]


@dataclass(frozen=True)
class StaleMail:
    """Some messages can never have an effect any more, so they need not be kept.

    Parameters
    ----------
    stale
        `stale(receiver, sender, message)`, on the local states of both: delivering the message changes nothing, what
        is answered to the sender is stale as well, and all of this stays so whatever either of them does next.
    """

    stale: Callable[[Any, Any, Any], bool]


@dataclass(frozen=True)
class Symmetric:
    """Some processes are alike: exchanging their names everywhere changes nothing (Ip and Dill, 1996).

    Names may be compared with each other and collected in sets; what comes first, or next, or is called `p0`, breaks
    the symmetry.  Configurations that differ in the names of these processes only are explored once.

    Parameters
    ----------
    processes
        Their names.

    Examples
    --------
    >>> Symmetric(("a0", "a1", "a2")).names
    ('a0', 'a1', 'a2')
    """

    processes: tuple[Pid, ...]

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The names that may be exchanged."""
        return self.processes


@dataclass(frozen=True)
class Interchangeable:
    """Some values are alike: exchanging them everywhere changes nothing.

    Strings, enumeration members and the like are exchanged wherever they stand, integers in fields of type `Choice`.
    A minimum, a default or a tie that goes to 0 breaks the symmetry.

    Parameters
    ----------
    values
        The values.
    """

    values: tuple[Hashable, ...]

    @property
    def names(self) -> tuple[Hashable, ...]:
        """The names that may be exchanged."""
        return self.values


Symmetry: TypeAlias = Symmetric | Interchangeable
Reduction: TypeAlias = BallotShift | StaleMail | Symmetric | Interchangeable
