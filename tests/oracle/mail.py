"""Mailboxes of the naive enumerator: frozen as the network keeps them, and taken apart again as lists of letters."""

from __future__ import annotations

from collections import Counter
from typing import Any

Box = frozenset[Any]
Post = tuple[str, Any]  # (sender, message)


def freeze(kind: str, letters: list[Post]) -> Box:
    """Return a mailbox: a counter, a set, or one queue for each sender."""
    if kind == "multiset":
        return frozenset(Counter(letters).items())
    if kind == "set":
        return frozenset(letters)
    senders = {sender for sender, _ in letters}
    return frozenset((sender, tuple(m for other, m in letters if other == sender)) for sender in senders)


def thaw(kind: str, box: Box) -> list[Post]:
    """Return the letters of a mailbox in any order, those of one queue from the oldest to the newest."""
    if kind == "multiset":
        return [letter for letter, copies in box for _ in range(copies)]
    if kind == "set":
        return list(box)
    return [(sender, message) for sender, queue in box for message in queue]


def receivable(kind: str, box: Box) -> list[Post]:
    """Return what can be received (lost, duplicated) now: of a queue only the oldest."""
    letters = thaw(kind, box)
    if kind == "fifo":
        return [(sender, queue[0]) for sender, queue in box]
    return [letter for place, letter in enumerate(letters) if letter not in letters[:place]]


def without(kind: str, box: Box, letter: Post) -> Box:
    """Return the mailbox with one copy less."""
    letters = thaw(kind, box)
    letters.remove(letter)
    return freeze(kind, letters)


def twice(kind: str, box: Box, letter: Post) -> Box:
    """Return the mailbox with one copy more, beside the original."""
    letters = thaw(kind, box)
    letters.insert(letters.index(letter), letter)
    return freeze(kind, letters)


def received(kind: str, box: Box, letter: Post) -> Box:
    """Return the mailbox after a letter was received: a set keeps it."""
    return box if kind == "set" else without(kind, box, letter)
