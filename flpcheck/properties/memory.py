"""Observers that remember every note of one kind."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import Property, Reading
from flpcheck.authoring.values import key, place_of


def everything_noted(kind: type, name: str) -> Observer[tuple[Any, ...], Any]:
    """Return an observer that remembers all notes of one kind, each once, and does not listen to others.

    They are a tuple in canonical order: a set would take notes of 1 and of True for one.

    Examples
    --------
    >>> observer = everything_noted(int, "numbers")
    >>> observer.step(observer.step(observer.step((), 2), True), 1)
    (True, 1, 2)
    """

    def told(known: tuple[Any, ...], about: Any) -> tuple[Any, ...]:
        if not isinstance(about, kind):
            return known
        notes = {key(note): note for note in (*known, about)}
        return tuple(notes[name] for name in sorted(notes))

    return Observer(name, (), told, renamed=lambda known, to: tuple(sorted(map(to, known), key=key)))


def claim(name: str, sentence: str, predicate: Any, *readings: Reading, kind: str = "invariant") -> Property:
    """Return a property of this library; its place is that of its first reading in the author's spec, if it has one."""
    own = [reading for reading in readings if not isinstance(reading, str)]
    return Property(name, sentence, predicate, kind, place_of(own[0]) if own else None)
