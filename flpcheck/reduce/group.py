"""The group of renamings that some declared symmetries generate, and which of them map a set of starts onto itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from functools import reduce
from itertools import accumulate, pairwise, permutations, product
from math import factorial, prod
from typing import Any, TypeVar

from flpcheck.authoring.reduction import Interchangeable, Symmetric, Symmetry
from flpcheck.authoring.renaming import Renaming, exchanges
from flpcheck.authoring.values import key, show
from flpcheck.errors import BadProtocol, Place, nearest

C = TypeVar("C", bound=Hashable)
MOST = 5040
"""Maximum size of a group whose elements are listed, and tried one by one."""


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
        If a name is unknown or stands in two declarations.

    Examples
    --------
    >>> len(group([Symmetric(("a", "b", "c")), Interchangeable((0, 1))], ["a", "b", "c"]))
    12
    """
    check_names(symmetries, names, place)
    orders = product(*(permutations(symmetry.names) for symmetry in symmetries))
    return tuple(_renaming(symmetries, order) for order in orders)


def _renaming(symmetries: Sequence[Symmetry], orders: Sequence[Sequence[Any]]) -> Renaming:
    moved: dict[type, dict[Any, Any]] = {Symmetric: {}, Interchangeable: {}}
    for symmetry, order in zip(symmetries, orders, strict=True):
        moved[type(symmetry)] |= exchanges(symmetry.names, order)
    return Renaming(moved[Symmetric], moved[Interchangeable])


def size_of(symmetries: Sequence[Symmetry]) -> int:
    """Return how many renamings there are."""
    return prod(factorial(len(symmetry.names)) for symmetry in symmetries)


def too_large(size: int, place: Place | None) -> BadProtocol:
    """Return the error for a group that only the kernel can use."""
    why = f"the reference engine tries its elements one by one, up to {MOST:,} of them"
    advice = (
        "use --engine kernel, if the protocol and its world allow it, or declare fewer processes or values symmetric: "
        "any subgroup of a symmetry is a symmetry"
    )
    return BadProtocol(f"the declared symmetries are a group of {size:,}", place=place, why=why, next_step=advice)


def classes(symmetries: Sequence[Symmetry], keeps: Callable[[Renaming], bool]) -> tuple[Symmetry, ...]:
    """Return the sets of names any two of which may be exchanged; one without a counterpart is left out.

    Parameters
    ----------
    symmetries
        The declarations.
    keeps
        Whether an exchange of two names maps the initial configurations onto each other.  That is transitive, since
        (a c) = (a b)(b c)(a b).
    """
    found = list[Symmetry]()
    for symmetry in symmetries:
        left = list(symmetry.names)
        while left:
            first, *others = left
            alike = [first, *(name for name in others if keeps(exchange(type(symmetry), first, name)))]
            found += [type(symmetry)(tuple(alike))] if len(alike) > 1 else []  # type: ignore[arg-type]
            left = [name for name in left if name not in alike]
    return tuple(found)


def exchange(kind: type[Symmetry], one: Hashable, other: Hashable) -> Renaming:
    """Return the renaming that exchanges two processes, or two values.

    Examples
    --------
    >>> exchange(Symmetric, "a", "b")(("a", "b", "c"))
    ('b', 'a', 'c')
    """
    pairs: dict[Any, Any] = {one: other, other: one}
    return Renaming(pairs, {}) if kind is Symmetric else Renaming({}, pairs)


def neighbours(found: Sequence[Symmetry]) -> tuple[Renaming, ...]:
    """Return the exchanges of neighbours in some classes: they generate all permutations of each."""
    return tuple(exchange(type(s), *pair) for s in found for pair in pairwise(s.names))


def check_orders(symmetries: Sequence[Symmetry], place: Place | None) -> None:
    """Refuse more orders of values than can be listed, as what can be decided is followed through each."""
    size = size_of([symmetry for symmetry in symmetries if isinstance(symmetry, Interchangeable)])
    if size > MOST:
        what = f"the values declared interchangeable have {size:,} orders"
        why = f"what can be decided is followed through each of them, up to {MOST:,}"
        raise BadProtocol(what, place=place, why=why, next_step="declare fewer values interchangeable")


def orders_of(found: Sequence[Symmetry], *, processes: bool) -> tuple[Renaming, ...]:
    """Return the renamings of values, and perhaps of processes, in the lexicographic order of who takes whose place."""
    kinds: list[Symmetry] = [kind for kind in found if isinstance(kind, Interchangeable)]
    kinds += [kind for kind in found if processes and isinstance(kind, Symmetric)]
    orders = product(*(permutations(range(len(kind.names))) for kind in kinds))
    moved = [(type(kind), name) for kind in kinds for name in kind.names]
    return tuple(renaming_of(moved, _shifted(kinds, order)) for order in orders)


def _shifted(found: Sequence[Symmetry], orders: Sequence[Sequence[int]]) -> list[int]:
    """Return which point comes to each place, given that class by class."""
    firsts = [0, *accumulate(len(symmetry.names) for symmetry in found)]
    return [first + place for first, order in zip(firsts, orders, strict=False) for place in order]


def renaming_of(moved: Sequence[tuple[type[Symmetry], Any]], order: Sequence[int]) -> Renaming:
    """Return the renaming under which the name `order[n]` takes the place of name n.

    Examples
    --------
    >>> renaming_of([(Symmetric, "a"), (Symmetric, "b"), (Symmetric, "c")], [1, 2, 0])(("a", "b", "c"))
    ('c', 'a', 'b')
    """
    named: dict[type, dict[Any, Any]] = {Symmetric: {}, Interchangeable: {}}
    for (kind, name), place in zip(moved, order, strict=True):
        if moved[place][1] != name:
            named[kind][moved[place][1]] = name
    return Renaming(named[Symmetric], named[Interchangeable])


def check_names(symmetries: Sequence[Symmetry], names: Sequence[str], place: Place | None) -> None:
    """Refuse declarations of unknown names, and of one name twice."""
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
