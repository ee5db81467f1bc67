"""Representatives by sorting, where a group is too large to be listed.

The points that are exchanged have colours, so only those arrangements in which the colours of each class ascend are
candidates, and there are few.  All is done by exchanges of neighbours.
"""

from __future__ import annotations

from flpcheck.explore.kernel.arrays import TIES, Size, Store
from flpcheck.explore.kernel.colours import Points, sum_colours
from flpcheck.explore.kernel.compile import part
from flpcheck.explore.kernel.renamings import Renamings, image, row_of

MOST_ARRANGEMENTS = 5040
"""Maximum number of arrangements of names of one colour that are tried."""


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
    """Return which point of a run to exchange with the next for another arrangement, and whether that is the first one.

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
def _candidates(
    store: Store, renamings: Renamings, points: Points, first: int, last: int, runs: int
) -> tuple[int, int]:  # fmt: skip
    """Sort the classes between two points by colour, and note down the runs of equal colours that are to be arranged.

    Return how many runs are noted down then, and how many renamings each arrangement stands for, 0 if it stops.
    """
    sum_colours(store, renamings, points, first, last)
    arrangements, same = 1, 1
    for number in range(len(points.classes) - 1):
        start, end = points.classes[number], points.classes[number + 1]
        if first <= start < last:
            if not _sorted(store, renamings, points, start, end):
                return runs, 0
            runs, more, alike = _ties(store, renamings, points, start, end, runs)
            if runs < 0:
                return runs, 0
            arrangements, same = min(arrangements * more, MOST_ARRANGEMENTS + 1), same * alike
    if arrangements > MOST_ARRANGEMENTS:
        store.sizes[Size.BEYOND] = TIES
        return runs, 0
    return runs, same


@part
def _processes_arranged(
    store: Store, renamings: Renamings, points: Points, runs: int, leading: int, same: int
) -> int:  # fmt: skip
    """Try all candidates under the values' present names; `runs` are noted down already.

    Return how many renamings lead to the least configuration by now, 0 if it stops.
    """
    noted, alike = _candidates(store, renamings, points, points.values[0], len(points.exchange), runs)
    again = 0 if alike > 0 else -1
    while again == 0:
        leading = _kept(renamings, points, leading, same * alike)
        again = _advanced(store, renamings, points, runs, noted)
    return leading if again > 0 else 0


@part
def by_sorting(store: Store, renamings: Renamings, points: Points) -> int:
    """Find the least candidate of an orbit; return how many renamings lead there, 0 if it stops.

    It stops where an array is full, or where more arrangements would have to be tried than are.  The configuration
    stands in `fields`, the representative is left in `least`, and in `best` who has come where.
    """
    if not _found(store, renamings):
        return 0
    for point in range(len(points.order)):
        points.order[point] = point
    runs, same = _candidates(store, renamings, points, 0, points.values[0], 0)
    leading, again = 0, 0 if same > 0 else -1
    while again == 0:
        leading = _processes_arranged(store, renamings, points, runs, leading, same)
        again = -1 if leading == 0 else _advanced(store, renamings, points, 0, runs)
    return leading if again > 0 else 0


@part
def rank_of(points: Points) -> int:
    """Return the number of the order into which the points that are ranked have come, among all orders of classes."""
    rank = 0
    for number in range(len(points.classes) - 1):
        start, end = points.classes[number], points.classes[number + 1]
        if start >= points.ranked[0]:
            break
        for point in range(start, end):
            smaller = 0
            for later in range(point + 1, end):
                smaller += points.best[later] < points.best[point]
            rank = rank * (end - point) + smaller
    return rank
