"""Reductions that an author declares: what of a configuration does not matter, and may be renamed or left out.

A declaration is a claim, not an order: `flpcheck.reduce` verifies it on every question that exploration puts, and
refuses it, with the row that contradicts it, when it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

_BALLOT = "ballot"
Ballot: TypeAlias = Annotated[int, _BALLOT]
"""The type of a field that holds a ballot (term, round): from 0 on; a negative number means that there is none."""


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


Reduction: TypeAlias = BallotShift | StaleMail
