"""What several workers share while they expand a portion: what is to be done, ids, and places for transitions.

Each is handed out some at a time by a counter, so that workers meet rarely.  A key says how a configuration was
reached: `source << 46 | position << 32 | asleep`, the source counted from the first of the portion, the position of the
transition among those of its source, and what is asleep afterwards.  One worker alone would have entered the
configuration by the least of its keys, and in the order of these.
"""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import (
    FRESH,
    HANDED,
    HANDFUL,
    IDS,
    LAST_ID,
    LAST_PLACE,
    LEFT,
    MARGIN,
    NEVER,
    PLACES,
    SHARE,
    Portion,
    Word,
)
from flpcheck.explore.kernel.atomic import added
from flpcheck.explore.kernel.compile import inlined, part
from flpcheck.explore.kernel.tuples import HALF, ZERO, U

SOURCE_SHIFT = U(46)
POSITION = U((1 << 14) - 1)


@inlined
def key_of(source: Word, position: Word, asleep: Word) -> Word:
    """Return the key of what is reached by a transition."""
    return (source << SOURCE_SHIFT) | (position << HALF) | asleep


@part
def hand_out(portion: Portion) -> tuple[Word, Word]:
    """Return the next positions in `todo` for a worker: the first and the end; nothing is left where they are equal."""
    end, size = len(portion.todo), portion.counters[SHARE]
    first = min(added(portion.counters, HANDED, size), end)
    return U(first), U(min(first + size, end))


@part
def leave_out(portion: Portion, first: Word, last: Word) -> None:
    """Write down that some positions in `todo` are left for later."""
    at = added(portion.counters, LEFT, last - first)
    for place in range(first, last):
        portion.left[at] = portion.todo[place]
        at += 1


@inlined
def brink_of(portion: Portion, end: Word) -> Word:
    """Return from where on there may not be enough for one more configuration, in what ends there."""
    margin = U(portion.counters[MARGIN])
    return end - margin if end > margin else ZERO


@part
def more_ids(portion: Portion, given: Word, end: Word) -> tuple[Word, Word]:
    """Return the next id that a worker may give, and the end of its ids: others, if there are any, or the same."""
    first, last = _more(portion, IDS, LAST_ID)
    if last == first:
        return given, end
    fresh = U(portion.counters[FRESH])
    for number in range(first - fresh, last - fresh):
        portion.keys[number] = NEVER
    return first, last


@part
def more_places(portion: Portion, place: Word, end: Word) -> tuple[Word, Word]:
    """Return the next place for a transition of a worker, and the end of its places: others, or the same."""
    first, last = _more(portion, PLACES, LAST_PLACE)
    return (place, end) if last == first else (first, last)


@inlined
def _more(portion: Portion, which: int, limit: int) -> tuple[Word, Word]:
    """Hand out some of what a counter counts, unless there is not enough."""
    size = portion.counters[HANDFUL]
    first = added(portion.counters, which, size)
    if first + size > portion.counters[limit]:
        added(portion.counters, which, -size)
        return ZERO, ZERO
    return U(first), U(first + size)
