"""Which step of a run stands in which row of its space-time diagram, and at which processes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from flpcheck.authoring.events import Pid
from flpcheck.report.runs.flights import BEFORE, Flight, Moment, TracedRun
from flpcheck.report.runs.spacing import Arrow, Spot

OF_LINKS = {"lose", "duplicate"}
"""Kinds of events that happen to a message on its way: no process takes a step."""


class Timeline:
    """The rows of a diagram: row 0 is the beginning, then one per step.

    A round in which processes crash has a row of its own for that, before its end: who crashes is gone by then.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: TracedRun) -> None:
        self.run = run
        self.moments: list[Moment] = [Moment(0, None, "", "", "", "")]
        self._of: list[int] = [0]
        for moment in run.moments:
            self.moments += [moment] * (2 if moment.crashing else 1)
            self._of.append(len(self.moments) - 1)
        self._place = {name: place for place, name in enumerate(run.processes)}

    def __len__(self) -> int:
        return len(self.moments)

    @property
    def in_rounds(self) -> bool:
        """Whether the steps are rounds."""
        return any(moment.living for moment in self.run.moments)

    def of(self, number: int) -> int:
        """Return the row of a step; of a round the row of its end."""
        return self._of[number]

    def of_crashes(self, row: int) -> bool:
        """Whether a row shows who crashes in the round that ends with the next one."""
        return row + 1 < len(self) and self.moments[row + 1] is self.moments[row]

    def places(self, row: int) -> list[int]:
        """Return the columns in which a row has a dot or a cross."""
        moment = self.moments[row]
        if not row or moment.kind in OF_LINKS:
            return []
        names = moment.crashing if self.of_crashes(row) else moment.living or (moment.process,)
        return [self._place[name] for name in names if name in self._place]

    def decided(self, moment: Moment, process: Pid) -> str:
        """Return the value that a process decides in a step, as text; empty if none."""
        return dict(moment.decisions).get(process, "") if moment.living else moment.decided

    @cached_property
    def dots(self) -> list[Spot]:
        """All places where something happens, and those where something is sent that no process's step sends."""
        dots = [(row, place) for row in range(1, len(self)) for place in self.places(row)]
        sent = [self.source(flight) for flight in self.run.flights]
        return list(dict.fromkeys([*dots, *(spot for spot in sent if spot[0])]))

    @cached_property
    def arrows(self) -> list[Arrow]:
        """The messages that arrive, from where they are sent to where they are received."""
        return [self.arrow(flight) for flight in self.run.flights if arrives(flight)]

    def arrow(self, flight: Flight) -> Arrow:
        """Return where a message that arrives is sent and received."""
        assert flight.ended is not None
        return self.source(flight), (self.of(flight.ended), self._place[flight.receiver])

    def source(self, flight: Flight) -> Spot:
        """Return where a message is sent."""
        return (0 if flight.sent == BEFORE else self.of(flight.sent)), self._place[flight.sender]

    def lives(self, process: Pid, blamed: tuple[Pid, ...] = ()) -> Iterator[tuple[int, int | None, bool]]:
        """Yield from which row to which a process is up, and between those it is not: (from, to, whether it is down).

        The last one ends at None, the end of the picture.  A blamed process is down after its last step.
        """
        turns = list(self._turns(process))
        if process in blamed:
            place = self._place[process]
            turns.append((max((row for row in range(len(self)) if place in self.places(row)), default=0), True))
        begin, down = 0, False
        for row, falls in turns:
            if falls != down:
                yield begin, row, down
                begin, down = row, falls
        yield begin, None, down

    def _turns(self, process: Pid) -> Iterator[tuple[int, bool]]:
        """Yield the rows in which a process crashes (True) or recovers."""
        for moment in self.run.moments:
            row = self.of(moment.number)
            if process in moment.crashing:
                yield row - 1, True
            elif moment.process == process and moment.kind in {"crash", "recover"}:
                yield row, moment.kind == "crash"


def arrives(flight: Flight) -> bool:
    """Whether a message is received by a step."""
    return flight.fate == "received" and flight.ended is not None
