"""The abstract protocol of a refinement: its configurations are numbered as they are met, and asked on demand."""

from __future__ import annotations

from typing import Any

from flpcheck.authoring.values import show
from flpcheck.system.general import General, GeneralConfiguration, Situation
from flpcheck.world import World


class AbstractProtocol:
    """A general protocol, of which only the configurations that another protocol is seen as are asked for.

    Parameters
    ----------
    protocol
        The protocol; nothing fails in it.
    """

    def __init__(self, protocol: Any) -> None:
        self.name = type(protocol).__name__
        self._system = General(protocol, World())
        self._situations: list[Situation] = []
        self._numbers: dict[Situation, int] = {}
        self._steps: dict[int, dict[int, str]] = {}
        self.initial = tuple(dict.fromkeys(self._number(i.configuration.situation) for i in self._system.initial()))

    def number(self, shared: Any) -> int:
        """Return the number of a configuration of the author."""
        return self._number(self._system.situation(shared))

    def _number(self, situation: Situation) -> int:
        if situation not in self._numbers:
            self._numbers[situation] = len(self._numbers)
            self._situations.append(situation)
        return self._numbers[situation]

    def steps(self, number: int) -> dict[int, str]:
        """Return the configurations that a step leads to, other than this one, with the first such event as text."""
        if number not in self._steps:
            found = [
                (self._number(t.successor.situation), str(t.event)) for t in self._system.applicable(self._at(number))
            ]
            events = dict(reversed(found))
            self._steps[number] = {after: events[after] for after, _ in found if after != number}
        return self._steps[number]

    def text(self, number: int) -> str:
        """Return a configuration as text."""
        return show(self._situations[number].shared)

    def described(self, number: int) -> dict[str, str]:
        """Return a configuration as text, leaf by leaf."""
        leaves: dict[str, str] = self._system.describe(self._at(number))[""]
        return leaves

    def _at(self, number: int) -> GeneralConfiguration:
        return GeneralConfiguration(self._situations[number], frozenset())
