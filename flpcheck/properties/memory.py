"""What observers remember: everything that was ever noted of one kind."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import Property, Reading
from flpcheck.authoring.values import place_of


def everything_noted(kind: type, name: str) -> Observer[frozenset[Any], Any]:
    """Return an observer that remembers all notes of one kind, as a set, and does not listen to others."""

    def told(known: frozenset[Any], about: Any) -> frozenset[Any]:
        return known | {about} if isinstance(about, kind) else known

    return Observer(name, frozenset(), told)


def claim(name: str, sentence: str, predicate: Any, *readings: Reading, kind: str = "invariant") -> Property:
    """Return a property of this library; its place is that of its first reading in the author's spec, if it has one."""
    own = [reading for reading in readings if not isinstance(reading, str)]
    return Property(name, sentence, predicate, kind, place_of(own[0]) if own else None)
