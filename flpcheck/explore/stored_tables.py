"""The arrays that the kernel reads: what is appended to them, the channels of what is sent, and their growth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flpcheck.explore import limits
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.memory import grown
from flpcheck.explore.table_growth import Capacity, grown_tables, resplit

CHANNELS = 8
"""Number of channels of one field that are numbered consecutively."""


class StoredTables:
    """The arrays of one system; subclasses set `store` and `tables`."""

    store: k.Store
    tables: k.Tables

    def __init__(self) -> None:
        self._channels: dict[tuple[int, int], int] = {}
        self._free_channels: dict[int, int] = {}
        self._last_channel = 0
        self._capacity: Capacity | None = None

    def _channel(self, field: int, message: int) -> int:
        """Return a send as the hot loop has it: the field and the number of the channel."""
        name = (field, message)
        if name not in self._channels:
            number = self._channels[name] = self._next_channel(field)
            if number >= len(self.store.channels):
                self.store = self.store._replace(channels=grown(self.store.channels, number + 1))
            self.store.channels[number] = message
        return field << 32 | self._channels[name]

    def _next_channel(self, field: int) -> int:
        """Return a number that no channel has: those of a field are neighbours, eight at a time, and none is 0."""
        number = self._free_channels.get(field, 0)
        if number % CHANNELS == 0:
            self._last_channel += CHANNELS
            limits.check_limit(self._last_channel + CHANNELS - 1, limits.MOST_CHANNELS, "there are {} channels")
            number = self._last_channel
        self._free_channels[field] = number + 1
        return number

    def _append(self, size: k.Size, rows: Sequence[Any]) -> tuple[int, int]:
        """Append rows to the array of the store that a counter belongs to, and return where they stand."""
        first, array = int(self.store.sizes[size]), getattr(self.store, size.name.lower())
        last = first + len(rows)
        if last > len(array):
            larger: dict[str, Any] = {size.name.lower(): (array := grown(array, last))}
            self.store = self.store._replace(**larger)
        if rows:
            array[first:last] = rows
        self.store.sizes[size] = last
        return first, last

    def _append_sends(self, packed: tuple[int, ...]) -> int:
        first = int(self.store.sizes[k.Size.SENDS])
        if first + len(packed) > len(self.tables.sends):
            self.tables = self.tables._replace(sends=grown(self.tables.sends, first + len(packed)))
        self.tables.sends[first : first + len(packed)] = packed
        self.store.sizes[k.Size.SENDS] = first + len(packed)
        return first

    def grow(self, longest: int = 0) -> None:
        """Give every array that is more than half full twice the capacity, and enough for a mailbox of some length."""
        limits.check_store(self.store)
        if 2 * longest > len(self.store.scratch):
            scratch, receivable = (grown(array, 2 * longest) for array in (self.store.scratch, self.store.receivable))
            self.store = self.store._replace(scratch=scratch, receivable=receivable)
        if (self._last_channel + CHANNELS) >> self.store.rules.channel_bits:
            self.store, self.tables = resplit(self.store, self.tables)
        if self._capacity is None or not self._capacity.holds(self.store):
            self.store, self.tables = grown_tables(self.store, self.tables)
            self._capacity = Capacity.of(self.store, self.tables)
