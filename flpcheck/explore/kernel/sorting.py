"""Representatives by sorting, where a group is too large to be listed.

Points are the names that are exchanged: values first, then processes, class by class.  Each has a colour in a
configuration that no renaming changes: whoever is exchanged takes it along.  So only the arrangements in which the
colours of each class ascend are candidates, and there are few.  All is done by exchanges of neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import COUNT_BITS, FIFO, TIES, Numbers, Size, Store
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.renamings import Renamings, image, row_of
from flpcheck.explore.kernel.mailbox import mixed

OWN_ROLE = -1
MOST_ARRANGEMENTS = 5040
"""Maximum number of arrangements of names of one colour that are tried."""


class Points(NamedTuple):
    """The names that are exchanged; without elements where all renamings are listed.

    Parameters
    ----------
    exchange
        int64[points]: the renaming that exchanges a point with the next one of its class; -1 for the last one.
    process
        int64[points]: the place of a process; -1 for a value.
    classes
        int64[classes + 1]: where each class begins.
    values
        How many of the points are values.
    roles
        int64[processes]: the class of a process, or a number of its own.
    locals_, envelopes
        int64[n, points]: the orbit of each local state, or envelope, together with a point.
    colours
        int64[n, points]: the colour of each point in a component; 0 in the first column if it is not known yet.
    colour
        Scratch, int64[points]: the colour of each point in a configuration.
    order, best
        Scratch, int64[points]: which point has come where; and how it was in the least configuration so far.
    runs
        Scratch, int64[points, 2]: where the points begin and end whose arrangements are tried.
    turns
        Scratch, int64[points, 2]: how far each of them is in that (Knuth, 7.2.1.2, algorithm P).
    """

    exchange: Numbers
    process: Numbers
    classes: Numbers
    values: Numbers
    roles: Numbers
    locals_: Numbers
    envelopes: Numbers
    colours: Numbers
    colour: Numbers
    order: Numbers
    best: Numbers
    runs: Numbers
    turns: Numbers


@kernel
def flood(
    images: NDArray[np.int32], first: int, last: int, points: Points, orbits: Numbers, stack: Numbers
) -> None:  # fmt: skip
    """Number the orbits of (thing, point) pairs, for things that are closed under the renamings.

    A value's are those under all exchanges; a process's under those of processes only, as values are told apart before.

    Parameters
    ----------
    images
        The images of the things under all exchanges.
    orbits
        int64[n, points]: written from `first` up to `last`; each orbit is called by its first pair.
    stack
        Scratch for as many pairs.
    """
    size = len(points.exchange)
    for thing in range(first, last):
        for point in range(size):
            orbits[thing, point] = -1
    for thing in range(first, last):
        for point in range(size):
            if orbits[thing, point] < 0:
                _flood(images, points, orbits, stack, thing * size + point)


@part
def _flood(images: NDArray[np.int32], points: Points, orbits: Numbers, stack: Numbers, start: int) -> None:
    size, count = len(points.exchange), 1
    stack[0] = start
    orbits[start // size, start % size] = start
    while count > 0:
        count -= 1
        thing, point = stack[count] // size, stack[count] % size
        for other in range(size):
            renaming = points.exchange[other]
            if renaming < 0 or (point >= points.values[0] and other < points.values[0]):
                continue
            there = point
            if point == other:
                there = point + 1
            elif point == other + 1:
                there = other
            image_ = np.int64(images[thing, renaming])
            if orbits[image_, there] < 0:
                orbits[image_, there] = start
                stack[count] = image_ * size + there
                count += 1


@part
def _coloured(store: Store, renamings: Renamings, points: Points, field: int) -> None:
    """Find out the colours of all points in the component that a field holds."""
    row = renamings.at[field]
    here = store.components[store.index[field, renamings.fields[field]]]
    first, last = store.boxes[here.box], store.boxes[here.box + 1]
    for point in range(len(points.exchange)):
        total = mixed(points.locals_[here.local, point] + 1)
        queue, sender = np.int64(0), np.int64(-1)
        for place in range(first, last):
            run = store.runs[place]
            envelope = run >> COUNT_BITS
            said = mixed(points.envelopes[envelope, point] + 1)
            if store.rules.kind == FIFO:
                if store.envelopes[envelope].sender != sender:
                    total += queue
                    queue, sender = np.int64(0), store.envelopes[envelope].sender
                queue = mixed(queue ^ said)
            else:
                total += mixed(said ^ (run - (envelope << COUNT_BITS)))
        role = OWN_ROLE if points.process[point] == field else points.roles[field]
        points.colours[row, point] = mixed((total + queue) ^ mixed(role + 2)) | 1


@part
def _sum_colours(store: Store, renamings: Renamings, points: Points, first: int, last: int) -> None:
    """Write the colours of some points in a configuration."""
    for point in range(first, last):
        points.colour[point] = 0
    for field in range(len(renamings.fields)):
        if points.colours[renamings.at[field], 0] == 0:
            _coloured(store, renamings, points, field)
        for point in range(first, last):
            points.colour[point] += points.colours[renamings.at[field], point]


@part
def _found(store: Store, renamings: Renamings) -> bool:
    """Look up where the images of each component stand; False if there is no room for them."""
    for field in range(len(renamings.fields)):
        row = row_of(store, renamings, field, renamings.fields[field])
        if row < 0:
            return False
        renamings.at[field] = row
    return True


@part
def _exchanged(store: Store, renamings: Renamings, points: Points, point: int) -> bool:
    """Exchange a point with the next one in the configuration; False if an array is full."""
    renaming = points.exchange[point]
    for field in range(len(renamings.fields)):
        number = image(store, renamings, renamings.at[field], field, renamings.fields[field], renaming)
        if number < 0:
            return False
        renamings.work[renamings.to[renaming, field]] = number
    for field in range(len(renamings.fields)):
        renamings.fields[field] = renamings.work[field]
    for array in (points.colour, points.order):
        array[point], array[point + 1] = array[point + 1], array[point]
    return _found(store, renamings)


@part
def _stays(store: Store, renamings: Renamings, points: Points, point: int) -> int:
    """Return whether the exchange of a point with the next one leaves the configuration as it is; -1 if full."""
    renaming = points.exchange[point]
    for field in range(len(renamings.fields)):
        number = image(store, renamings, renamings.at[field], field, renamings.fields[field], renaming)
        if number < 0:
            return -1
        if number != renamings.fields[renamings.to[renaming, field]]:
            return 0
    return 1


@part
def _sorted(store: Store, renamings: Renamings, points: Points, first: int, last: int) -> bool:
    """Bring the points of a class into the order of their colours; False if an array is full."""
    for start in range(first + 1, last):
        place = start
        while place > first and points.colour[place] < points.colour[place - 1]:
            if not _exchanged(store, renamings, points, place - 1):
                return False
            place -= 1
    return True


@part
def _factorial(number: int) -> int:
    found = 1
    for factor in range(2, number + 1):
        found *= factor
    return found


@part
def _tied(store: Store, renamings: Renamings, points: Points, first: int, last: int) -> int:
    """Return 1 if all exchanges within a run of equal colours leave the configuration as it is, -1 if full."""
    for point in range(first, last - 1):
        stays = _stays(store, renamings, points, point)
        if stays <= 0:
            return stays
    return 1


@part
def _ties(
    store: Store, renamings: Renamings, points: Points, first: int, last: int, runs: int
) -> tuple[int, int, int]:  # fmt: skip
    """Find the runs of equal colours in a class whose arrangements have to be tried, and note them down from `runs` on.

    Return how many runs are noted down then (-1 if full), how many arrangements these have, and how many of the others
    leave the configuration as it is.
    """
    arrangements, same, start = 1, 1, first
    while start < last:
        end = start + 1
        while end < last and points.colour[end] == points.colour[start]:
            end += 1
        if end - start > 1:
            alike = _tied(store, renamings, points, start, end)
            if alike < 0:
                return -1, 1, 1
            if alike == 1:
                same *= _factorial(end - start)
            else:
                arrangements = min(arrangements * _factorial(min(end - start, 8)), MOST_ARRANGEMENTS + 1)
                points.runs[runs, 0], points.runs[runs, 1] = start, end
                for point in range(start, end):
                    points.turns[point, 0], points.turns[point, 1] = 0, 1
                runs += 1
        start = end
    return runs, arrangements, same


@part
def _next_exchange(points: Points, run: int) -> tuple[int, bool]:
    """Return which point of a run to exchange with its neighbour for the next arrangement, and whether that is the first.

    Plain changes: each point wanders through those before it, in turn; after the last arrangement comes the first.
    """
    start, end = points.runs[run, 0], points.runs[run, 1]
    shift = 0
    for wandering in range(end - start, 1, -1):
        done, step = points.turns[start + wandering - 1, 0], points.turns[start + wandering - 1, 1]
        after = done + step
        if 0 <= after < wandering:
            points.turns[start + wandering - 1, 0] = after
            return start + min(wandering - done, wandering - after) + shift - 1, False
        points.turns[start + wandering - 1, 1] = -step
        shift += after == wandering
    for point in range(start, end):
        points.turns[point, 0], points.turns[point, 1] = 0, 1
    return start, True


@part
def _advanced(store: Store, renamings: Renamings, points: Points, first: int, last: int) -> int:
    """Go on to the next arrangement of some runs; 1 if that is the first one again, -1 if an array is full."""
    for run in range(first, last):
        point, again = _next_exchange(points, run)
        if not _exchanged(store, renamings, points, point):
            return -1
        if not again:
            return 0
    return 1


@part
def _compare(renamings: Renamings) -> int:
    """Return whether the configuration comes before the least one so far (-1), is that (0), or comes after it (1)."""
    for place in renamings.places:
        if renamings.fields[place] != renamings.least[place]:
            return -1 if renamings.fields[place] < renamings.least[place] else 1
    return 0


@part
def _kept(renamings: Renamings, points: Points, leading: int, same: int) -> int:
    """Keep the configuration if it is the least so far; return how many renamings lead to the least one by now.

    The present arrangement stands for `same` renamings.
    """
    order = -1 if leading == 0 else _compare(renamings)
    if order == 0:
        return leading + same
    if order > 0:
        return leading
    for field in range(len(renamings.fields)):
        renamings.least[field] = renamings.fields[field]
    for point in range(len(points.order)):
        points.best[point] = points.order[point]
    return same


@part
def _beyond(store: Store) -> int:
    store.sizes[Size.BEYOND] = TIES
    return 0


@part
def _processes_arranged(
    store: Store, renamings: Renamings, points: Points, runs: int, leading: int, same: int
) -> int:  # fmt: skip
    """Try all candidates under the values' present names; `runs` are noted down already.

    Return how many renamings lead to the least configuration by now, 0 if full.
    """
    first, last = points.values[0], len(points.exchange)
    _sum_colours(store, renamings, points, first, last)
    noted, arrangements = runs, 1
    for number in range(len(points.classes) - 1):
        start, end = points.classes[number], points.classes[number + 1]
        if start < first:
            continue
        if not _sorted(store, renamings, points, start, end):
            return 0
        noted, more, alike = _ties(store, renamings, points, start, end, noted)
        if noted < 0:
            return 0
        arrangements, same = min(arrangements * more, MOST_ARRANGEMENTS + 1), same * alike
    if arrangements > MOST_ARRANGEMENTS:
        return _beyond(store)
    while True:
        leading = _kept(renamings, points, leading, same)
        again = _advanced(store, renamings, points, runs, noted)
        if again < 0:
            return 0
        if again > 0:
            return leading


@part
def by_sorting(store: Store, renamings: Renamings, points: Points) -> int:
    """Find the least candidate of an orbit; return how many renamings lead there, 0 if full.

    The configuration stands in `fields`, the representative is left in `least`, and in `best` who has come where.
    """
    if not _found(store, renamings):
        return 0
    for point in range(len(points.order)):
        points.order[point] = point
    runs, arrangements, same, values = 0, 1, 1, points.values[0]
    _sum_colours(store, renamings, points, 0, values)
    for number in range(len(points.classes) - 1):
        start, end = points.classes[number], points.classes[number + 1]
        if start >= values:
            break
        if not _sorted(store, renamings, points, start, end):
            return 0
        runs, more, alike = _ties(store, renamings, points, start, end, runs)
        if runs < 0:
            return 0
        arrangements, same = min(arrangements * more, MOST_ARRANGEMENTS + 1), same * alike
    if arrangements > MOST_ARRANGEMENTS:
        return _beyond(store)
    leading = 0
    while True:
        leading = _processes_arranged(store, renamings, points, runs, leading, same)
        if leading == 0:
            return 0
        again = _advanced(store, renamings, points, 0, runs)
        if again < 0:
            return 0
        if again > 0:
            return leading


@part
def rank_of_values(points: Points) -> int:
    """Return the number of the order into which the values have come, among all orders of all classes."""
    rank = 0
    for number in range(len(points.classes) - 1):
        start, end = points.classes[number], points.classes[number + 1]
        if start >= points.values[0]:
            break
        for point in range(start, end):
            smaller = 0
            for later in range(point + 1, end):
                smaller += points.best[later] < points.best[point]
            rank = rank * (end - point) + smaller
    return rank
