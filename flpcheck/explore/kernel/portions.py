"""The work, the ids and the places for transitions that several workers share while they expand a portion.

Each is handed out some at a time by a counter, so that workers meet rarely.  A key says how a configuration was
reached: `source << 46 | position << 32 | asleep`, the source counted from the first of the portion, the position of the
transition among those of its source, and what is asleep afterwards.  One worker alone would have entered the
configuration by the least of its keys, and in the order of these.
"""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import FORBIDDEN, ID_END, PLACE_END, Numbers, Word
from flpcheck.explore.kernel.atomic import added
from flpcheck.explore.kernel.compile import inlined, part
from flpcheck.explore.kernel.portion import (
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
)
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
def _brink(portion: Portion, end: int) -> Word:
    margin = portion.counters[MARGIN]
    return U(end - margin) if end > margin else ZERO


@inlined
def brinks_of(portion: Portion, tally: Numbers, keep: bool) -> tuple[Word, Word]:
    """Return from which id, and from which place on, there may not be enough for one more configuration."""
    return _brink(portion, tally[ID_END]), _brink(portion, tally[PLACE_END]) if keep else FORBIDDEN


@part
def more_of(portion: Portion, tally: Numbers, given: Word, place: Word, keep: bool) -> tuple[Word, Word]:
    """Return the next id that a worker may give, and its next place: others, where few are left, or the same."""
    brink, place_brink = brinks_of(portion, tally, keep)
    if given >= brink:
        first, last = _more(portion, IDS, LAST_ID)
        if last > first:
            given, tally[ID_END] = U(first), last
            fresh = portion.counters[FRESH]
            for number in range(first - fresh, last - fresh):
                portion.keys[number] = NEVER
    if place >= place_brink:
        first, last = _more(portion, PLACES, LAST_PLACE)
        if last > first:
            place, tally[PLACE_END] = U(first), last
    return given, place


@inlined
def _more(portion: Portion, which: int, limit: int) -> tuple[int, int]:
    """Hand out some of what a counter counts, unless there is not enough."""
    size = portion.counters[HANDFUL]
    first = added(portion.counters, which, size)
    if first + size > portion.counters[limit]:
        added(portion.counters, which, -size)
        return first, first
    return first, first + size
