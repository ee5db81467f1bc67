"""Places of the letters of a group in a mailbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flpcheck.authoring.events import Letter
from flpcheck.authoring.process import Mail
from flpcheck.authoring.values import Key, key


class PlacesOfLetters:
    """Positions of the messages of a mailbox: each content at its first position.

    A guard usually yields the very letters that it was given, so what they hold is looked at only where it does not.
    """

    def __init__(self, mail: Mail[Any]) -> None:
        self.mail = mail
        equal = {letter: letter for letter in reversed(mail)}
        plain = all(equal[letter] is letter for letter in mail)  # else some are equal, as 1 and True are
        names: Iterable[Any] = map(id, mail) if plain else map(key, mail)
        known = dict[Any, int]()
        self._first = {
            id(letter): known.setdefault(name, n) for n, (letter, name) in enumerate(zip(mail, names, strict=True))
        }
        self._copies = Counter(self._first[id(letter)] for letter in mail)
        self._by_key = dict[Key, int]()

    def of(self, group: Mail[Any]) -> tuple[int, ...] | None:
        """Return the places of the letters of a group, in order; None if the mailbox does not hold all of them."""
        places = tuple(sorted(map(self._place, group)))
        many = len(set(places)) < len(places)
        if (places and places[0] < 0) or (many and Counter(places) - self._copies):
            return None
        return places

    def _place(self, letter: Any) -> int:
        found = self._first.get(id(letter))
        if found is None and isinstance(letter, tuple) and len(letter) == len(Letter._fields):
            if not self._by_key:
                self._by_key = {key(mine): self._first[id(mine)] for mine in self.mail}
            found = self._by_key.get(key(Letter(*letter)))
        return -1 if found is None else found
