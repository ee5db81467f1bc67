"""Layouts: how many bits each field of a configuration gets, and in which word it stands."""

from __future__ import annotations

import numpy as np

from flpcheck.explore.kernel.arrays import Layout

WORD = 64
WIDEST = 31
MOST_WORDS = 16


def layout_for(needs: list[int], fixed: frozenset[int], least: int = 1) -> tuple[Layout, int] | None:
    """Return a layout and its number of words; None if the fields do not fit into the most words there are.

    Parameters
    ----------
    needs
        The bits that each field needs now.
    fixed
        Fields that will never need more.
    least
        The least number of words.

    Notes
    -----
    Spare bits are shared out in proportion to need, because components multiply; a further word is taken when less
    than half a bit a field would be spare, because every change of layout copies all configurations.
    """
    growing = len(needs) - len(fixed)
    for words in range(least, MOST_WORDS + 1):
        if WORD * words - sum(needs) >= growing / 2 or words == MOST_WORDS:
            widths = _widened(needs, fixed, words)
            placed = _placed(widths, words) if widths else None
            if placed is not None:
                return placed, words
    return None


def with_fields(layout: Layout, count: int) -> Layout:
    """Return a layout with `count` fields; new ones have no bits and read 0."""
    more = count - len(layout.word)
    return Layout(*(np.append(array, np.zeros(more, np.uint64)) for array in layout)) if more else layout


def first_fields(layout: Layout, count: int) -> Layout:
    """Return a layout of the first fields only: a later search may not know yet what the others hold."""
    return Layout(*(array[:count] for array in layout))


def _widened(needs: list[int], fixed: frozenset[int], words: int) -> list[int]:
    """Return widths that fit into `words` words, as wide as possible; empty if even the needs do not fit."""
    weight = sum(need + 1 for field, need in enumerate(needs) if field not in fixed)
    spare = WORD * words - sum(needs[field] for field in fixed)
    for percent in range(100, 0, -2):
        share = spare * percent / 100 / max(weight, 1)
        widths = [
            need if field in fixed else min(max(need, int((need + 1) * share)), WIDEST)
            for field, need in enumerate(needs)
        ]
        if _placed(widths, words) is not None:
            return widths
    return []


def _placed(widths: list[int], words: int) -> Layout | None:
    """Return the layout in which the widest field goes first, always into the emptiest word."""
    used = [0] * words
    word, shift = [0] * len(widths), [0] * len(widths)
    for field in sorted(range(len(widths)), key=lambda f: (-widths[f], f)):
        emptiest = min(range(words), key=lambda w: used[w])
        if used[emptiest] + widths[field] > WORD:
            return None
        word[field], shift[field] = emptiest, used[emptiest] % WORD
        used[emptiest] += widths[field]
    masks = [(1 << width) - 1 for width in widths]
    return Layout(np.array(word, np.uint64), np.array(shift, np.uint64), np.array(masks, np.uint64))
