"""Checkpoints of the kernel engine: a file of completed levels, from which a search can resume.

A resumed search begins at the beginning.  It asks the protocol what it asked before, in the same order, so that numbers
mean the same and nothing is unpickled; a watcher looks at every level again.  Only the expansion of a level,
where the time goes, is replaced by what the file holds: the configurations, and which local states and mailboxes were
met, in order.  Whether the protocol answers as it did before shows in how much it knows after each level.

A search that begins again because liars can say more than was thought starts the file over; when it is resumed, those
before it are done again, and the file is left alone until liars can say what they could when it was written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from flpcheck.errors import BadRequest
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.native_storage import Finds, NativeStorage
from flpcheck.explore.record_log import Record, RecordLog

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch

EVERY = 5.0
ALPHABET = "what liars can say"


class Mark(NamedTuple):
    """The progress of a search at the end of a level."""

    found: int
    expanded: int
    edges: int
    components: int
    questions: int
    locals: int
    envelopes: int


MET = 3
"""Position in a mark of the front end's counts."""


class Level(NamedTuple):
    """The records of one level.

    Parameters
    ----------
    before, after
        How far the search was when the level began, and when it was complete.
    components
        The local states that were met, with what was in their mailboxes.
    questions
        What observers were asked: field, state and note.
    finds
        The configurations that were found, and the transitions or what sleeps.
    """

    before: Mark
    after: Mark
    components: list[tuple[int, NDArray[np.int64]]]
    questions: NDArray[np.int64]
    finds: Finds


class Checkpoint:
    """A file to which a search writes completed levels, and from which it resumes.

    Parameters
    ----------
    path
        The file.  Nothing is written for a search that ends in the reference engine.
    identity
        What is searched, as plain values; the file is refused where it differs.
    resume
        Whether to take the levels that are in the file; else the file is started over.
    every
        Seconds that pass at least between two times that something is written.
    """

    def __init__(
        self, path: str | Path, identity: Mapping[str, Any], *, resume: bool = False, every: float = EVERY
    ) -> None:
        self.log = RecordLog(path, identity)
        self.resume = resume
        self.every = every
        self._levels: Iterator[Level] = iter(())
        self._next: Level | None = None
        self._pending: list[Mark] = []
        self._recording = False

    def begin(self, search: NativeStorage) -> None:
        """Begin with a search that has entered its initial configurations."""
        self._written = self._last = _mark(search)
        self._pending = []
        self._when = time.monotonic()
        self._next, self._recording = None, False
        alphabet = search.front.fingerprint
        if not self.resume:
            self.log.identity[ALPHABET] = alphabet
            self.log.create()
            self._recording = True
        elif self.log.header().get(ALPHABET) == alphabet:
            self._levels = _levels(self.log.records())
            self._advance()
            self.resume = False  # a search that begins again after this one starts the file over

    def _advance(self) -> None:
        self._next = next(self._levels, None)
        self._recording = self._next is None

    def recall(self, search: NativeSearch, most: int) -> bool:
        """Restore the expansion of the next level from the file; return False if it is missing or exceeds a bound."""
        if self._next is None or self._next.after.found > most:
            self._next = None
            return False
        level = self._next
        if not _restored(search, level):
            raise _unlike(self.log.path)
        self._last = self._written = level.after
        self._advance()
        return True

    def note(self, search: NativeStorage) -> None:
        """Note that a level is complete, and write it if a write is due."""
        mark = _mark(search)
        if self._recording and mark != self._last:
            self._last = mark
            self._pending.append(mark)
            if time.monotonic() - self._when >= self.every:
                self.flush(search)

    def flush(self, search: NativeStorage) -> None:
        """Write all complete levels to the file."""
        if self._pending:
            self.log.append(_recorded(search, self._written, self._pending))
            self._written, self._pending = self._pending[-1], []
        self._when = time.monotonic()


def _unlike(path: Path) -> BadRequest:
    return BadRequest(
        f"the protocol no longer behaves as recorded in checkpoint {path}",
        why="something that it depends on has changed, or it is nondeterministic",
        next_step="start over with --checkpoint",
    )


def _mark(search: NativeStorage) -> Mark:
    expanded, edges = int(search.space.tally[k.NEXT]), int(search.space.tally[k.EDGES])
    return Mark(search.found, expanded, edges, *search.front.met())


# Writing.


def _recorded(search: NativeStorage, first: Mark, marks: list[Mark]) -> Record:
    """Return what happened between two marks."""
    space, width, last = search.space, search.width, marks[-1]
    layout = np.array([search.width, *search.layout.word, *search.layout.shift, *search.layout.mask], np.uint64)
    record: dict[str, NDArray[Any]] = {
        "marks": np.array([first, *marks], np.int64).ravel(),
        "layout": layout,
        "states": space.states[first.found * width : last.found * width],
        **search.front.recorded(first[MET:], last[MET:]),
    }
    if search.keep:
        record["offsets"] = space.offsets[first.expanded + 1 : last.expanded + 1]
        record["targets"], record["movers"] = (a[first.edges : last.edges] for a in (space.targets, space.movers))
    elif len(space.asleep):
        record["asleep"] = space.asleep[first.found : last.found]
    return record


# Reading.


def _levels(records: Iterator[Record]) -> Iterator[Level]:
    for record in records:
        marks = [Mark(*row) for row in record["marks"].reshape(-1, len(Mark._fields)).tolist()]
        ends = np.cumsum(record["sizes"])
        for before, after in pairwise(marks):
            yield Level(
                before,
                after,
                _met(record, ends, before.components - marks[0].components, after.components - marks[0].components),
                record["questions"].reshape(-1, 3)[_between(marks[0], before, after, "questions")],
                _finds(record, marks[0], before, after),
            )


def _between(first: Mark, before: Mark, after: Mark, what: str) -> slice:
    start = getattr(first, what)
    return slice(getattr(before, what) - start, getattr(after, what) - start)


def _met(record: Record, ends: NDArray[np.int64], first: int, last: int) -> list[tuple[int, NDArray[np.int64]]]:
    starts = ends - record["sizes"]
    return [(int(record["locals"][n]), record["runs"][starts[n] : ends[n]]) for n in range(first, last)]


def _finds(record: Record, first: Mark, before: Mark, after: Mark) -> Finds:
    width, *places = record["layout"].tolist()
    fields = len(places) // 3
    found, edges = _between(first, before, after, "found"), _between(first, before, after, "edges")
    nothing = np.zeros(0, np.int64)
    return Finds(
        k.Layout(*(np.array(places[n * fields : (n + 1) * fields], np.uint64) for n in range(3))),
        width,
        record["states"][found.start * width : found.stop * width],
        after.edges,
        after.expanded,
        record.get("offsets", nothing)[_between(first, before, after, "expanded")],
        record.get("targets", nothing)[edges],
        record.get("movers", nothing)[edges],
        record.get("asleep", nothing)[found],
    )


def _restored(search: NativeSearch, level: Level) -> bool:
    """Do to a search what a level did; return whether everything is in the state recorded then."""
    if _mark(search).found != level.before.found:
        return False
    if not search.front.relearn(search, level.before.components, level.components, level.questions):
        return False
    search.take(level.finds)
    return _mark(search) == level.after
