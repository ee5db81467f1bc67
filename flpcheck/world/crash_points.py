"""Crash points: what a crash in the middle of a step leaves of it.

A step takes a process from one local state to the next and sends messages.  Of the state, what is in stable storage
survives a crash, so there is an order: first the disk, or first the network.
"""

from __future__ import annotations

from flpcheck.errors import BadWorld, nearest
from flpcheck.glossary import see

BETWEEN, CUT, WRITE_FIRST, TORN, SEND_FIRST = "between", "cut", "write-first", "torn", "send-first"
CRASH_POINTS = (BETWEEN, CUT, WRITE_FIRST, TORN, SEND_FIRST)
"""
`between`: a crash comes between two steps.

`cut`: any subset of a step's messages gets out, and its new state is lost.  For worlds without recoveries.

`write-first`: the new state is in stable storage before the first message leaves, so a crash leaves nothing of the
step, or its writes (and notes) with any subset of its messages.

`torn`: besides, any subset of the stable fields that the step changes may have been written, and nothing sent;
`torn:vote,term` writes `vote` before `term`, and the fields that it does not name at any time.

`send-first`: any subset of the messages gets out before anything is written.
"""
_WITH_RECOVERIES = (WRITE_FIRST, TORN, SEND_FIRST)


def kind_of(points: str) -> str:
    """Return which crash points these are, without the order of writing.

    Examples
    --------
    >>> kind_of("torn:vote,term")
    'torn'
    """
    return TORN if points.startswith(f"{TORN}:") else points


def order_of(points: str) -> tuple[str, ...]:
    """Return the stable fields whose order of writing is known, in that order.

    Examples
    --------
    >>> order_of("torn:vote,term"), order_of("torn")
    (('vote', 'term'), ())
    """
    listed = points.partition(":")[2]
    return tuple(listed.split(",")) if listed else ()


def check_points(points: str, *, recoveries: bool, elided: bool) -> None:
    """Raise `BadWorld` unless these are crash points, and mean something in a world with or without recoveries."""
    kind, order = kind_of(points), order_of(points)
    if kind not in CRASH_POINTS or points == f"{TORN}:":
        why = (
            f"{nearest(kind.partition(':')[0], CRASH_POINTS)} torn may list fields in order of writing: torn:vote,term"
        )
        raise BadWorld(f"unknown crash points {points!r}", why=why, next_step=see("crash point"))
    for name in order:
        if not name.isidentifier() or order.count(name) > 1:
            what = f"the fields in {points!r} are not different names"
            raise BadWorld(what, next_step="name each field once, without spaces, such as torn:vote,term")
    if kind in _WITH_RECOVERIES and not recoveries:
        why = "without recoveries, nothing that was written is ever read"
        raise BadWorld(
            f"crash points {points!r} need recoveries",
            why=why,
            next_step="add --recoveries 1, or use --crash-points cut",
        )
    if kind == CUT and recoveries:
        why = "a recovering process has written something: which comes first, disk or network?"
        designs = f"{WRITE_FIRST!r} (correct designs), {TORN!r}, or {SEND_FIRST!r} (to find the bug)"
        advice = f"use {designs}; {see(WRITE_FIRST, TORN, SEND_FIRST)}"
        raise BadWorld("crash points 'cut' cannot be combined with recoveries", why=why, next_step=advice)
    if kind != BETWEEN and elided:
        why = "a process that crashes in the middle of a step does what no slow process does"
        what = f"crashes{points_in_words(points)} cannot be elided"
        raise BadWorld(what, why=why, next_step="use --crash-events explicit")


def points_in_words(points: str) -> str:
    """Return where crashes happen, as a phrase after `up to 1 crash`; nothing for those between steps.

    Examples
    --------
    >>> points_in_words("torn:vote,term")
    ' inside steps (writes torn: vote before term)'
    """
    ordered = f": {' before '.join(order_of(points))}" if order_of(points) else ""
    words = {
        BETWEEN: "",
        CUT: " in mid-broadcast",
        WRITE_FIRST: " inside steps (written first, then sent)",
        TORN: f" inside steps (writes torn{ordered})",
        SEND_FIRST: " inside steps (sent first, then written)",
    }
    return words[kind_of(points)]
