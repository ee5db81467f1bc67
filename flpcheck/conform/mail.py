"""Mailboxes that can be taken back: what has been put and not yet taken, for processes that a log follows.

Every change is noted in an undo log, with what undoes it, and moves a digest: the sum of a random number of 128 bits
for each letter, so that two different contents have one digest with a probability of 2^-128.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from flpcheck.authoring.values import Key
from flpcheck.conform.like import Like

BITS = 128


class UndoLog:
    """Changes that can be undone, and the digest of what they led to."""

    def __init__(self) -> None:
        self.digest = 0
        self._undo: list[Callable[[], None]] = []
        self._numbers: dict[Any, int] = {}
        self._random = Random(0)

    @property
    def mark(self) -> int:
        """The place to go back to."""
        return len(self._undo)

    def note(self, undo: Callable[[], None]) -> None:
        """Note what undoes a change."""
        self._undo.append(undo)

    def back(self, mark: int) -> None:
        """Undo all changes since a mark."""
        while len(self._undo) > mark:
            self._undo.pop()()

    def number(self, fact: Any) -> int:
        """Return the random number of a fact."""
        found = self._numbers.get(fact)
        if found is None:
            found = self._numbers[fact] = self._random.getrandbits(BITS)
        return found


class Waiting(NamedTuple):
    """A letter that a process may take.

    Parameters
    ----------
    sender
        Index of its sender.
    message, name
        The message, and its identity.
    place
        For a queue: how many letters before it are lost; else 0.
    stays
        Whether a copy stays when it is taken.
    """

    sender: int
    message: Any
    name: Key
    place: int = 0
    stays: bool = False


class Bag:
    """A mailbox of a multiset, or of a set, in which every letter stays.

    Parameters
    ----------
    owner
        Index of the process.
    changes
        Where changes are noted.
    stays
        Whether letters stay when they are taken.
    """

    def __init__(self, owner: int, changes: UndoLog, *, stays: bool) -> None:
        self.owner, self.changes, self.stays = owner, changes, stays
        self.letters: dict[tuple[int, str], dict[Key, tuple[Any, int]]] = {}

    def put(self, sender: int, message: Any, name: Key) -> None:
        """Add a letter."""
        box = self.letters.setdefault((sender, type(message).__name__), {})
        _, copies = box.get(name, (None, 0))
        if not copies or not self.stays:
            self._set(box, sender, message, name, copies, copies + 1)

    def take(self, letter: Waiting) -> None:
        """Take a letter, of which a copy stays in a set."""
        if not letter.stays:
            box = self.letters[letter.sender, type(letter.message).__name__]
            copies = box[letter.name][1]
            self._set(box, letter.sender, letter.message, letter.name, copies, copies - 1)

    def clear(self) -> None:
        """Lose all letters."""
        for (sender, _), box in self.letters.items():
            for name, (message, copies) in list(box.items()):
                self._set(box, sender, message, name, copies, 0)

    def _set(
        self, box: dict[Key, tuple[Any, int]], sender: int, message: Any, name: Key, old: int, new: int
    ) -> None:  # fmt: skip
        def count(copies: int) -> None:
            if copies:
                box[name] = message, copies
            else:
                del box[name]

        changes, before = self.changes, self.changes.digest
        changes.digest += changes.number((self.owner, sender, name, new)) if new else 0
        changes.digest -= changes.number((self.owner, sender, name, old)) if old else 0

        def undo() -> None:
            count(old)
            changes.digest = before

        count(new)
        changes.note(undo)

    def waiting(self, like: Like, sender: int | None) -> Iterator[Waiting]:
        """Yield the letters that fit, of one sender or of any, each once."""
        for (who, kind), box in self.letters.items():
            if (sender is None or who == sender) and like.kind in {"", kind}:
                for name, (message, _) in box.items():
                    if like.fits(message):
                        yield Waiting(who, message, name, stays=self.stays)


class Queues:
    """A mailbox of queues, one for each sender.

    Parameters
    ----------
    owner, changes
        As in `Bag`.
    lossy, copying
        Whether letters may be lost, and whether a copy may stay.
    """

    def __init__(self, owner: int, changes: UndoLog, *, lossy: bool, copying: bool) -> None:
        self.owner, self.changes, self.lossy, self.copying = owner, changes, lossy, copying
        self.letters: dict[int, list[tuple[Any, Key]]] = {}
        self.first: dict[int, int] = {}

    def put(self, sender: int, message: Any, name: Key) -> None:
        """Add a letter."""
        queue, changes, before = self.letters.setdefault(sender, []), self.changes, self.changes.digest
        changes.digest += changes.number((self.owner, sender, len(queue), name))
        queue.append((message, name))

        def undo() -> None:
            queue.pop()
            changes.digest = before

        changes.note(undo)

    def take(self, letter: Waiting) -> None:
        """Take a letter; those before it are lost."""
        self._drop(letter.sender, self.first.get(letter.sender, 0) + letter.place + (not letter.stays))

    def clear(self) -> None:
        """Lose all letters."""
        for sender, queue in self.letters.items():
            self._drop(sender, len(queue))

    def _drop(self, sender: int, first: int) -> None:
        before, old, changes = self.changes.digest, self.first.get(sender, 0), self.changes
        for place in range(old, first):
            changes.digest -= changes.number((self.owner, sender, place, self.letters[sender][place][1]))
        self.first[sender] = first

        def undo() -> None:
            self.first[sender] = old
            changes.digest = before

        changes.note(undo)

    def waiting(self, like: Like, sender: int | None) -> Iterator[Waiting]:
        """Yield the letters that fit: the oldest of a queue, and later ones if those before may be lost."""
        for who, queue in self.letters.items():
            if sender is None or who == sender:
                first = self.first.get(who, 0)
                for place, (message, name) in enumerate(queue[first : None if self.lossy else first + 1]):
                    if like.fits(message):
                        yield Waiting(who, message, name, place)
                        if self.copying:
                            yield Waiting(who, message, name, place, stays=True)


AnyMailbox = Bag | Queues
