"""A few lines that use every part of Numba that the kernels use and that Numba does not promise to keep."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import Word, Words
from flpcheck.explore.kernel.compile import inlined, kernel, outside, part, prefetch
from flpcheck.explore.kernel.tuples import hashed, loaded, stored, word_of, xored

SHAPE = (np.uint64(0),) * 3


@part
def _second(configuration: tuple[Word, ...]) -> Word:
    return word_of(configuration, np.uint64(1))


@outside
def _rarely(words: Words) -> None:
    words[0] = np.uint64(0)


@inlined
def _flipped(configuration: tuple[Word, ...]) -> tuple[Word, ...]:
    return xored(configuration, np.uint64(1), np.uint64(1))


@kernel
def probe(words: Words, shape: tuple[Word, ...]) -> Word:
    """Flip a bit of the second of three words and return that word."""
    prefetch(words, np.uint64(0))
    configuration = _flipped(loaded(words, np.uint64(0), shape))
    stored(words, np.uint64(0), configuration)
    if hashed(configuration) == np.uint64(0):
        _rarely(words)
    return _second(configuration)
