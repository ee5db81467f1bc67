"""Colours of the names that are exchanged: what no renaming changes, because a name takes it along."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.explore.kernel.arrays import COUNT_BITS, FIFO, Numbers, Store
from flpcheck.explore.kernel.compile import kernel, part
from flpcheck.explore.kernel.mailbox import mixed
from flpcheck.explore.kernel.renamings import Renamings

OWN_ROLE = -1


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
    ranked
        How many of the points, from the first one on, tell one renaming from another along a transition.
    roles
        int64[processes]: the class of a process, or a number of its own.
    locals_, envelopes, states
        int64[n, points]: the orbit of each local state, or envelope, or state of an observer, together with a point.
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
    ranked: Numbers
    roles: Numbers
    locals_: Numbers
    envelopes: Numbers
    states: Numbers
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
    """Find the orbits of (thing, point) pairs, for things that are closed under the renamings.

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
def sum_colours(store: Store, renamings: Renamings, points: Points, first: int, last: int) -> None:
    """Write the colours of some points in a configuration."""
    for point in range(first, last):
        points.colour[point] = 0
    if len(renamings.watches) > 0:
        for field in range(store.rules.processes, len(renamings.fields)):
            for point in range(first, last):
                points.colour[point] += mixed(points.states[renamings.at[field], point] + 1)
    for field in range(store.rules.processes):
        if points.colours[renamings.at[field], 0] == 0:
            _coloured(store, renamings, points, field)
        for point in range(first, last):
            points.colour[point] += points.colours[renamings.at[field], point]
