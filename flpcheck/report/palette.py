"""Colours by valence: told apart by readers who confuse red and green, of different greys in print, never alone.

The hues are those of Okabe and Ito (2008), lightened so that black text is legible on them.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

from flpcheck.analyse import Valence

SEVERAL = "#FFF3A3"
VALUES = ("#7DB8E8", "#FBC8A0", "#8FD9BD", "#E3B5D6", "#C9B38C", "#A5E0F5")
NONE = "#D6D6D6"
UNKNOWN = "#FFFFFF"
PLAIN = "#F4F4F4"
ALARM = "#C00000"
LOOP = "#8A2BE2"


@dataclass(frozen=True)
class Palette:
    """The colours of the valences of one graph."""

    valence: Valence

    @cached_property
    def _by_bit(self) -> dict[int, str]:
        return {bit: VALUES[place % len(VALUES)] for place, (bit, _) in enumerate(self.valence.ordered())}

    def fill(self, number: int) -> str:
        """Return the colour of a configuration."""
        valence = self.valence
        if valence.bivalent[number]:
            return SEVERAL
        if valence.univalent[number]:
            return self._by_bit[int(valence.low[number]).bit_length() - 1]
        return NONE if valence.none[number] else UNKNOWN

    @property
    def values(self) -> list[tuple[Hashable, str]]:
        """The decision values with their colours, in order."""
        return [(value, self._by_bit[bit]) for bit, value in self.valence.ordered()]
