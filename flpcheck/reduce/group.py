"""The group of renamings that some declared symmetries generate, and which of them map a set of starts onto itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from functools import reduce
from itertools import permutations, product
from math import factorial, prod
from typing import Any, TypeVar

from flpcheck.authoring.reduction import Interchangeable, Symmetric, Symmetry
from flpcheck.authoring.renaming import Renaming, exchanges
from flpcheck.authoring.values import key, show
from flpcheck.errors import BadProtocol, Place, nearest

C = TypeVar("C", bound=Hashable)
MOST = 5040
"""Maximum size of a group: its elements are tried one by one, and a larger one is refused."""


def group(symmetries: Sequence[Symmetry], names: Sequence[str], place: Place | None = None) -> tuple[Renaming, ...]:
    """Return all renamings, the identity first: any permutation of each set of names that is declared.

    Parameters
    ----------
    symmetries
        The declarations.
    names
        The processes of the system.
    place
        Place of the declaration.

    Raises
    ------
    BadProtocol
        If a name is unknown or stands in two declarations, or the group is too large.

    Examples
    --------
    >>> len(group([Symmetric(("a", "b", "c")), Interchangeable((0, 1))], ["a", "b", "c"]))
    12
    """
    _refuse(symmetries, names, place)
    orders = product(*(permutations(symmetry.names) for symmetry in symmetries))
    return tuple(_renaming(symmetries, order) for order in orders)


def _renaming(symmetries: Sequence[Symmetry], orders: Sequence[Sequence[Any]]) -> Renaming:
    moved: dict[type, dict[Any, Any]] = {Symmetric: {}, Interchangeable: {}}
    for symmetry, order in zip(symmetries, orders, strict=True):
        moved[type(symmetry)] |= exchanges(symmetry.names, order)
    return Renaming(moved[Symmetric], moved[Interchangeable])


def _refuse(symmetries: Sequence[Symmetry], names: Sequence[str], place: Place | None) -> None:
    said: dict[Any, Symmetry] = {}
    for symmetry in symmetries:
        for name in symmetry.names:
            if isinstance(symmetry, Symmetric) and name not in names:
                what = f"reductions() declares an unknown process {show(name)} symmetric"
                raise BadProtocol(what, place=place, why=nearest(str(name), names))
            if key(name) in said:
                what = f"reductions() declares {show(name)} twice"
                raise BadProtocol(
                    what, place=place, next_step="name each process and each value in one declaration only"
                )
            said[key(name)] = symmetry
    size = prod(factorial(len(symmetry.names)) for symmetry in symmetries)
    if size > MOST:
        why = f"its elements are tried one by one, up to {MOST:,} of them"
        advice = "declare fewer processes or values symmetric: any subgroup of a symmetry is a symmetry"
        raise BadProtocol(f"the declared symmetries are a group of {size:,}", place=place, why=why, next_step=advice)


def stabiliser(
    elements: Sequence[Renaming], starts: Collection[C], image: Callable[[C, int], C]
) -> tuple[Renaming, ...]:
    """Return the renamings that map some configurations onto each other; they are a group, too.

    Parameters
    ----------
    elements
        A group.
    starts
        The initial configurations: fixed inputs or initially dead processes may make some of them special.
    image
        `image(configuration, number)`: what an element makes of a configuration.
    """
    whole = set(starts)
    kept = [n for n in range(len(elements)) if all(image(start, n) in whole for start in whole)]
    return tuple(elements[number] for number in kept)


def small(elements: Sequence[Renaming]) -> tuple[Renaming, ...]:
    """Return some renamings that generate the group: exchanges of two names if all permutations are there, else all.

    Examples
    --------
    >>> len(small(group([Symmetric(("a", "b", "c", "d"))], "abcd")))
    6
    """
    moved: list[int] = [len(element.processes) + len(element.values) for element in elements]
    swaps = tuple(element for element, size in zip(elements, moved, strict=True) if size == 2)
    supports = (set(element.processes) | {("value", name) for name in element.values} for element in swaps)
    classes: list[set[Any]] = reduce(_joined, supports, [])
    return swaps if prod(factorial(len(names)) for names in classes) == len(elements) else tuple(elements[1:])


def _joined(classes: list[set[Any]], names: set[Any]) -> list[set[Any]]:
    apart = [known for known in classes if not known & names]
    return [*apart, names.union(*(known for known in classes if known & names))]
