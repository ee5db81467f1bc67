"""Renamings as products of those that generate their group."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TypeAlias

from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.values import key
from flpcheck.explore.kernel.arrays import Numbers
from flpcheck.reduce.group import neighbours, size_of
from flpcheck.reduce.orbits import Orbits

PermutedPlaces: TypeAlias = tuple[int, ...]
"""A permutation of the processes, and of the values that some renaming exchanges."""


class Products:
    """Some renamings as permutations, those that generate them, and how the others are composed of these.

    Parameters
    ----------
    to
        int64[renamings, processes]: where each moves processes.
    renamings
        The renamings: a group, the identity first, or those that generate one.
    orbits
        The quotient whose they are.
    listed
        Whether they are the whole group.

    Attributes
    ----------
    generators
        The numbers of those that generate the group.
    ways
        (renaming, one before it, the generator that leads from there to it), nearest to the identity first.
    """

    def __init__(self, to: Numbers, renamings: Sequence[Renaming], orbits: Orbits, *, listed: bool) -> None:
        self.permutations = _permutations(to, renamings)
        self.generators = _generators(renamings, orbits) if listed else list(range(len(renamings)))
        self.ways = self._ways() if listed else []

    def is_own_inverse(self, number: int) -> bool:
        """Return whether a renaming, done twice, changes nothing."""
        permutation = self.permutations[number]
        return _then(permutation, permutation) == tuple(range(len(permutation)))

    @cached_property
    def numbers(self) -> dict[PermutedPlaces, int]:
        """The number of each renaming."""
        return {permutation: number for number, permutation in enumerate(self.permutations)}

    def back_again(self, first: int, second: int) -> int:
        """Return the renaming that does one and undoes another."""
        undone = sorted(range(len(self.permutations[second])), key=self.permutations[second].__getitem__)
        return self.numbers[_then(self.permutations[first], tuple(undone))]

    def _ways(self) -> list[tuple[int, int, int]]:
        found, ways, met = [0, *self.generators], list[tuple[int, int, int]](), {0, *self.generators}
        for before in found:
            for generator in self.generators:
                after = self.numbers[_then(self.permutations[before], self.permutations[generator])]
                if after not in met:
                    met.add(after)
                    found.append(after)
                    ways.append((after, before, generator))
        return ways


def _permutations(to: Numbers, renamings: Sequence[Renaming]) -> list[PermutedPlaces]:
    values = list({name: None for renaming in renamings for name in renaming.values})
    places = {name: place for place, name in enumerate(values)}
    size = to.shape[1]
    return [
        (*row, *(size + places[key(renaming.values[name]) if name in renaming.values else name] for name in values))
        for row, renaming in zip(to.tolist(), renamings, strict=True)
    ]


def _generators(renamings: Sequence[Renaming], orbits: Orbits) -> list[int]:
    """Return the numbers of some renamings that generate all: exchanges of neighbours, if these do."""
    if orbits.most != size_of(orbits.classes):
        return list(range(1, len(renamings)))
    wanted = [(to.processes, to.values) for to in neighbours(orbits.classes)]
    return [number for number, to in enumerate(renamings) if (to.processes, to.values) in wanted]


def _then(first: PermutedPlaces, second: PermutedPlaces) -> PermutedPlaces:
    """Return the permutation that does one after the other."""
    return tuple(second[place] for place in first)
