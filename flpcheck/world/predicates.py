"""Communication predicates: which processes hear from which in one round.

Charron-Bost, Schiper, "The Heard-Of model" (2009), section 2.  A predicate is a union of *families*: inside a family
each process hears some set of the family, whatever the others hear.  Sets are bit masks over the senders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from flpcheck.errors import BadWorld, nearest

HeardSets: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class CommunicationPredicate:
    """A communication predicate.

    Parameters
    ----------
    name
        How worlds and options call it.
    claim
        Its guarantee for every round, as a phrase.
    families
        `families(senders, n)`: its families for these senders, out of n processes.
    solvable
        Whether consensus can be solved under it in every round, so that it is weaker than what FLP's adversary does.
    """

    name: str
    claim: str
    families: Callable[[int, int], list[HeardSets]]
    solvable: bool = False


def _all(senders: int, _: int) -> list[HeardSets]:
    return [(senders,)]


def _any(senders: int, _: int) -> list[HeardSets]:
    return [subsets(senders)]


def _larger(share: int, of: int) -> Callable[[int, int], list[HeardSets]]:
    return lambda senders, n: [tuple(heard for heard in subsets(senders) if of * heard.bit_count() > share * n)]


def _kernel(senders: int, n: int) -> list[HeardSets]:
    return [tuple(heard for heard in subsets(senders) if heard >> p & 1) for p in range(n) if senders >> p & 1]


def _uniform(senders: int, _: int) -> list[HeardSets]:
    return [(heard,) for heard in subsets(senders) if heard]


def _no_split(senders: int, _: int) -> list[HeardSets]:
    return list(intersecting(senders))


@cache
def subsets(mask: int) -> tuple[int, ...]:
    """Return the subsets of a set, the largest first, so that the adversary's least intrusion is found first.

    Examples
    --------
    >>> subsets(0b101)
    (5, 1, 4, 0)
    """
    found = [part for part in range(mask + 1) if part & ~mask == 0]
    return tuple(sorted(found, key=lambda part: (-part.bit_count(), part)))


@cache
def intersecting(mask: int) -> tuple[HeardSets, ...]:
    """Return the maximal families of subsets any two of which meet.

    A tuple of sets meets pairwise exactly if one such family holds them all.  A maximal family holds one of each set
    and its complement.  Cost: doubly exponential; 4, 12, 81 families for 3, 4, 5 processes.

    Examples
    --------
    >>> [len(intersecting(mask)) for mask in (0b1, 0b11, 0b111, 0b1111)]
    [1, 2, 4, 12]
    """
    pairs = sorted({tuple(sorted((part, mask & ~part))) for part in subsets(mask)})

    def extended(family: tuple[int, ...], rest: list[tuple[int, ...]]) -> Iterator[HeardSets]:
        if not rest:
            yield tuple(part for part in subsets(mask) if part in family)
            return
        for part in rest[0]:
            if part and all(part & other for other in family):
                yield from extended((*family, part), rest[1:])

    return tuple(sorted(extended((), pairs)))


PREDICATES: dict[str, CommunicationPredicate] = {
    predicate.name: predicate
    for predicate in (
        CommunicationPredicate("complete", "every process hears every process", _all, solvable=True),
        CommunicationPredicate("any", "any process may miss any other", _any),
        CommunicationPredicate("majority", "every process hears a majority", _larger(1, 2)),
        CommunicationPredicate("two_thirds", "every process hears more than two thirds", _larger(2, 3)),
        CommunicationPredicate("no_split", "any two processes hear a common one", _no_split),
        CommunicationPredicate("kernel", "some process is heard by every process", _kernel),
        CommunicationPredicate(
            "uniform", "every process hears the same processes, at least one", _uniform, solvable=True
        ),
    )
}


def predicate_named(name: str) -> CommunicationPredicate:
    """Return a predicate, or the conjunction of several joined by a plus sign.

    Raises
    ------
    BadWorld
        If there is no such predicate.

    Examples
    --------
    >>> predicate_named("uniform+majority").families(0b111, 3)
    [(7,), (3,), (5,), (6,)]
    """
    parts = name.split("+")
    for part in parts:
        if part not in PREDICATES:
            raise BadWorld(f"no communication predicate {part!r}", why=nearest(part, PREDICATES))
    found = PREDICATES[parts[0]]
    for part in parts[1:]:
        found = _both(found, PREDICATES[part])
    return found


def _both(one: CommunicationPredicate, other: CommunicationPredicate) -> CommunicationPredicate:
    def families(senders: int, n: int) -> list[HeardSets]:
        pairs = ((a, b) for a in one.families(senders, n) for b in other.families(senders, n))
        met = (tuple(heard for heard in a if heard in b) for a, b in pairs)
        return list(dict.fromkeys(family for family in met if family))

    claim = f"{one.claim} and {other.claim}"
    return CommunicationPredicate(f"{one.name}+{other.name}", claim, families, one.solvable or other.solvable)
