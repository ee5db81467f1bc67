"""Quorums and ballots: the helpers that every consensus spec needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations, product
from typing import TypeVar

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Mail
from flpcheck.authoring.values import key

M = TypeVar("M")
T = TypeVar("T")


def majority(n: int) -> int:
    """Return the size of the smallest majority of n; any two majorities intersect.

    Examples
    --------
    >>> majority(3), majority(4), majority(5)
    (2, 3, 3)
    """
    return n // 2 + 1


def quorums(members: Collection[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield every set of `size` members, in order."""
    yield from combinations(members, size)


def one_from_each(mail: Mail[M], members: Iterable[Pid]) -> Iterator[Mail[M]]:
    """Yield every way to take one letter from each of the members; none if one of them has not written.

    Examples
    --------
    >>> from flpcheck import Letter
    >>> mail = (Letter("a", 1), Letter("a", 2), Letter("b", 3))
    >>> [tuple(letter.message for letter in group) for group in one_from_each(mail, ["a", "b"])]
    [(1, 3), (2, 3)]
    """
    different = _different(mail)
    yield from product(*([letter for letter in different if letter.sender == pid] for pid in members))


def _different(mail: Mail[M]) -> Mail[M]:
    """Return the letters of a mailbox, each once; 1 and True are two, though they are equal."""
    equal = dict.fromkeys(mail)
    return mail if len(equal) == len(mail) else tuple({key(letter): letter for letter in mail}.values())


def gather_quorum(mail: Mail[M], size: int) -> Iterator[Mail[M]]:
    """Yield every group of `size` letters from different senders: a monotone guard for `Process(gather=...)`.

    Examples
    --------
    >>> from flpcheck import Letter
    >>> mail = (Letter("a", "yes"), Letter("b", "yes"), Letter("c", "yes"))
    >>> [[letter.sender for letter in group] for group in gather_quorum(mail, 2)]
    [['a', 'b'], ['a', 'c'], ['b', 'c']]
    """
    senders = list(dict.fromkeys(letter.sender for letter in mail))
    for members in combinations(senders, size):
        yield from one_from_each(mail, members)


def next_ballot(above: int, owner: int, proposers: int) -> int:
    """Return the smallest ballot above `above` that belongs to a proposer; ballot b belongs to `b % proposers`.

    Examples
    --------
    >>> next_ballot(-1, owner=1, proposers=2), next_ballot(4, owner=0, proposers=2)
    (1, 6)
    """
    ballot = above + 1
    return ballot + (owner - ballot) % proposers
