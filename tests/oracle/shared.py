"""The naive enumerator for general protocols, which give their own configurations and successors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any


class Shared:
    """A general protocol; a configuration is (the author's configuration, who has crashed)."""

    def __init__(self, protocol: Any, world: Any, inputs: dict[str, Any] | None = None) -> None:
        self.fixed = inputs or {}
        self.protocol = protocol
        self.failures = world.failures
        self.names = list(protocol.names()) if hasattr(protocol, "names") else []

    def initial(self) -> list[Any]:
        wanted = [shared for shared in self.protocol.initial() if self.as_fixed(shared)]
        return list(dict.fromkeys((shared, frozenset()) for shared in wanted))

    def as_fixed(self, shared: Any) -> bool:
        given = self.protocol.inputs(shared) if self.fixed else {}
        return all(given.get(name) == value for name, value in self.fixed.items())

    def events(self, now: Any) -> Iterator[tuple[Hashable, Any, str | None]]:
        """The author's events but those of crashed processes, then crashes."""
        shared, crashed = now
        seen: Counter[Any] = Counter()
        for told, after in self.protocol.successors(shared):
            event = replace(told, chance=None)  # how likely an outcome is does not change what is reachable
            by = None if event.world else event.process
            if by is None or by not in crashed:
                yield (event, seen[event]), (after, crashed), by
            seen[event] += 1
        if self.failures.events == "explicit" and len(crashed) < self.failures.crashes:
            for name in self.names:
                if name not in crashed:
                    yield ("crash", name), (shared, crashed | {name}), None

    def outputs(self, now: Any) -> dict[str, frozenset[Any]]:
        if not hasattr(self.protocol, "decisions"):
            return {}
        found = self.protocol.decisions(now[0])
        return {name: frozenset([value]) for name, value in found.items() if value is not None}

    def crashed(self, now: Any) -> frozenset[str]:
        found: frozenset[str] = now[1]
        return found

    def deciders(self) -> frozenset[str]:
        if not hasattr(self.protocol, "decisions"):
            return frozenset()
        return frozenset(self.protocol.decisions(next(iter(self.protocol.initial()))))
