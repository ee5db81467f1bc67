"""Records with a place for each process: they say themselves what a renaming makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from flpcheck import (
    At,
    Process,
    Processes,
    Reduction,
    Renaming,
    Start,
    Step,
    Symmetric,
    asynchronous,
    protocol,
    record,
    replace,
    system_of,
    to_others,
)
from flpcheck.errors import ReductionRefused
from flpcheck.explore import explore
from flpcheck.reduce import Orbits, reduced

NAMES = ("a", "b", "c")


@record
class Hello:
    """From whomever."""


@record
class Row:
    """How often each process has been heard."""

    heard: tuple[int, ...] = (0, 0, 0)
    begun: bool = False


@record
class NamedRow(Row):
    """The same, renamed."""

    def renamed(self, to: Renaming) -> NamedRow:
        return replace(self, heard=to.row(NAMES, self.heard))


@protocol
class Greeting:
    """Each process greets the others once."""

    row: type[Row] = NamedRow

    def processes(self) -> Processes[Hello]:
        return [Process(name, self.step, start=self.row()) for name in NAMES]

    def step(self, at: At, s: Row, event: Start | Hello) -> Step[Row, Hello]:
        match event:
            case Start():
                return (s, ()) if s.begun else (replace(s, begun=True), to_others(Hello()))
            case Hello():
                place = NAMES.index(at.sender)
                return replace(s, heard=(*s.heard[:place], s.heard[place] + 1, *s.heard[place + 1 :])), ()

    def reductions(self) -> list[Reduction]:
        return [Symmetric(NAMES)]


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_a_record_with_places_is_renamed_by_itself(engine: str) -> None:
    system: Any = reduced(system_of(Greeting(), asynchronous()))
    assert isinstance(system, Orbits)
    graph = explore(system, engine=engine)
    assert graph.weights.sum() == len(explore(system.plain)) > len(graph)
    with pytest.raises(ReductionRefused, match="a declared reduction is wrong: a step"):
        explore(reduced(system_of(Greeting(Row), asynchronous())), engine=engine)
