"""Places: the local states of all processes, numbered as they are met."""

from __future__ import annotations

from flpcheck.authoring.values import Key, key


class Places:
    """Numbers of local states, which are equal if their process and their content are."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[int, Key], int] = {}
        self.states: list[tuple[int, object]] = []
        """The process and the local state of each place."""
        self.keys: list[Key] = []
        """The content of the local state of each place."""

    def __len__(self) -> int:
        return len(self.states)

    def number(self, owner: int, local: object, identity: Key | None = None) -> int:
        """Return the number of a local state of a process, whose content may be known already."""
        name = (owner, key(local) if identity is None else identity)
        found = self._numbers.get(name)
        if found is None:
            found = self._numbers[name] = len(self.states)
            self.states.append((owner, local))
            self.keys.append(name[1])
        return found
