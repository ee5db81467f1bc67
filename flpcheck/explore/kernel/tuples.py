"""Configurations as tuples of words: what the hot loop works on, so that they stay in registers.

Each function has a plain form, which is also its meaning, and compiled forms by the number of words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core.extending import overload
from numba.cpython.unsafe import tuple as unsafe

from flpcheck.explore.kernel.arrays import Word, Words
from flpcheck.explore.kernel.compile import HOT

U = np.uint64
tuple_setitem: Any = unsafe.tuple_setitem
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
HALF = np.uint64(32)
SPREAD = np.uint64(0x9E3779B97F4A7C15)
SPREAD_AGAIN = np.uint64(0xD6E8FEB86659FD93)


def loaded(words: Words, first: Word, shape: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the configuration that starts at a place of an array; `shape` is any tuple of as many words."""
    return tuple(words[first + U(place)] for place in range(len(shape)))


@overload(loaded, jit_options=HOT, strict=False)
def _loaded(words: Any, first: Any, shape: Any) -> Any:
    if len(shape) == 1:
        return lambda words, first, shape: (words[first],)
    if len(shape) == 2:
        return lambda words, first, shape: (words[first], words[first + ONE])

    def many(words: Any, first: Any, shape: Any) -> Any:
        found = shape
        for place in range(len(shape)):
            found = tuple_setitem(found, place, words[first + U(place)])
        return found

    return many


def stored(words: Words, first: Word, configuration: tuple[Word, ...]) -> None:
    """Write a configuration to a place of an array."""
    for place, word in enumerate(configuration):
        words[first + U(place)] = word


@overload(stored, jit_options=HOT, strict=False)
def _stored(words: Any, first: Any, configuration: Any) -> Any:
    if len(configuration) == 1:

        def one(words: Any, first: Any, configuration: Any) -> Any:
            words[first] = configuration[0]

        return one

    def many(words: Any, first: Any, configuration: Any) -> Any:
        for place in range(len(configuration)):
            words[first + U(place)] = configuration[place]

    return many


def xored(configuration: tuple[Word, ...], at: Word, change: Word) -> tuple[Word, ...]:
    """Return a configuration with some bits of one word flipped."""
    return tuple(word ^ change if U(place) == at else word for place, word in enumerate(configuration))


@overload(xored, jit_options=HOT, strict=False)
def _xored(configuration: Any, at: Any, change: Any) -> Any:
    if len(configuration) == 1:
        return lambda configuration, at, change: (configuration[0] ^ change,)
    if len(configuration) == 2:
        return lambda configuration, at, change: (
            configuration[0] ^ (ZERO if at else change),
            configuration[1] ^ (change if at else ZERO),
        )
    return lambda configuration, at, change: tuple_setitem(
        configuration, np.int64(at), configuration[np.int64(at)] ^ change
    )


def word_of(configuration: tuple[Word, ...], at: Word) -> Word:
    """Return one word of a configuration."""
    return configuration[at]


@overload(word_of, jit_options=HOT, strict=False)
def _word_of(configuration: Any, at: Any) -> Any:
    if len(configuration) == 1:
        return lambda configuration, at: configuration[0]
    if len(configuration) == 2:
        return lambda configuration, at: configuration[1] if at else configuration[0]
    return lambda configuration, at: configuration[np.int64(at)]


def hashed(configuration: tuple[Word, ...]) -> Word:
    """Return the hash of a configuration; all of its bits are good."""
    spread = configuration[0] * SPREAD
    for word in configuration[1:]:
        spread = (spread ^ (spread >> HALF) ^ word) * SPREAD_AGAIN
    spread ^= spread >> HALF
    spread *= SPREAD_AGAIN
    return spread ^ (spread >> HALF)


@overload(hashed, jit_options=HOT, strict=False)
def _hashed(configuration: Any) -> Any:
    def many(configuration: Any) -> Any:
        spread = configuration[0] * SPREAD
        for place in range(1, len(configuration)):
            spread = (spread ^ (spread >> HALF) ^ configuration[place]) * SPREAD_AGAIN
        spread ^= spread >> HALF
        spread *= SPREAD_AGAIN
        return spread ^ (spread >> HALF)

    return many
