"""Sweeping: one property, judged for every combination of some parameters and failures, and the frontier of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from flpcheck.analyse import Finding
from flpcheck.authoring.property import Verdict
from flpcheck.errors import BadRequest, BadWorld, NoDecider
from flpcheck.examine import Examination, examine
from flpcheck.exit_codes import AS_WANTED, INCONCLUSIVE
from flpcheck.explore import Progress
from flpcheck.failure import Failure, item_of
from flpcheck.settle import Overrides, Request, settle
from flpcheck.signals import pending_signal
from flpcheck.spec import Spec
from flpcheck.world.changed import merged
from flpcheck.world.spelling import changes_in
from flpcheck.world.switches import in_options

ALWAYS = ("crashes", "initially_dead", "network")
"""Switches of the world that are swept even where the protocol has a parameter of the same name."""
SWITCHED = {switch.name: switch for switch in in_options()}
MOST_CELLS = 1000


@dataclass(frozen=True)
class Cell:
    """One combination, and what came of it.

    Parameters
    ----------
    at
        The value of everything that is swept.
    examination
        The examination; None if there is no such world.
    impossible
        Why there is none.
    vacuous
        Whether there is one, and the property says nothing in it: no process decides.
    failure
        Why there is one, and it could not be examined.
    """

    at: Mapping[str, str]
    examination: Examination | None
    impossible: str = ""
    vacuous: bool = False
    failure: Failure | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of this cell alone: a sweep is made to see where something fails, so a violation has none."""
        if self.failure is not None:
            return self.failure.code
        return INCONCLUSIVE if self.finding is not None and self.finding.verdict is Verdict.INCOMPLETE else AS_WANTED

    @property
    def finding(self) -> Finding | None:
        """The verdict on the property that is swept."""
        return None if self.examination is None else self.examination.analysis.findings[0]


def parse_range(text: str) -> tuple[str, ...]:
    """Return the values of a range or a list.

    Examples
    --------
    >>> parse_range("1..4"), parse_range("multiset,set")
    (('1', '2', '3', '4'), ('multiset', 'set'))
    """
    first, dots, last = text.partition("..")
    if not dots:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        values = tuple(map(str, range(int(first), int(last) + 1)))
    except ValueError:
        values = ()
    if not values:
        raise BadRequest(f"{text!r} is not a range", next_step="use 1..5, or a list such as 1,3,5")
    return values


def sweep(
    spec: Spec,
    overrides: Overrides,
    over: Mapping[str, Sequence[str]],
    report: Callable[[Progress], None] | None = None,
) -> Iterator[Cell]:
    """Yield a cell for every combination, the last range running fastest.

    Parameters
    ----------
    spec
        The spec to examine.
    overrides
        What all cells have in common; its claims hold the one property that is judged.
    over
        The values of each parameter of the protocol, or switch of the world.
    report
        Called from time to time with the progress.

    Raises
    ------
    BadRequest
        If something that is swept does not exist.  What is wrong with the spec in one combination is part of its cell.
        Cost: one examination for each cell.
    """
    names = list(over)
    combinations = list(product(*over.values()))
    if len(combinations) > MOST_CELLS:
        raise BadRequest(f"the sweep has {len(combinations)} cells", next_step=f"sweep at most {MOST_CELLS} cells")
    for values in combinations:
        if pending_signal():
            return
        yield _cell(spec, overrides, dict(zip(names, values, strict=True)), report)


def _cell(spec: Spec, overrides: Overrides, at: Mapping[str, str], report: Callable[[Progress], None] | None) -> Cell:
    """Examine one combination; what is wrong with the spec there is part of the cell, and not the end of the sweep."""
    try:
        return Cell(at, examine(_request(spec, overrides, at), report))
    except NoDecider as error:
        return Cell(at, None, error.what, vacuous=True)
    except BadWorld as error:
        return Cell(at, None, error.what)
    except BadRequest:
        raise
    except BaseException as error:
        return Cell(at, None, failure=item_of(error, spec.path))


def _request(spec: Spec, overrides: Overrides, at: Mapping[str, str]) -> Request:
    own = {field.name for field in dataclasses.fields(spec.protocol)} - {*ALWAYS}
    switched = {name for name in at if name in SWITCHED and name not in own}
    changes = changes_in({name: SWITCHED[name].form.option(name, at[name]) for name in switched})
    world = merged(overrides.world, changes)
    parameters = {**overrides.parameters, **{name: text for name, text in at.items() if name not in switched}}
    return settle(spec, dataclasses.replace(overrides, parameters=parameters, world=world))


def frontier(cells: Sequence[Cell]) -> list[str]:
    """Return, for each value of all but the first range, from which value of the first on the property holds."""
    names = list(cells[0].at)
    first, rest = names[0], names[1:]
    lines = []
    for group in dict.fromkeys(tuple(cell.at[name] for name in rest) for cell in cells):
        row = [cell for cell in cells if tuple(cell.at[name] for name in rest) == group]
        lines.append(_line(first, dict(zip(rest, group, strict=True)), row))
    return lines


def _line(first: str, others: Mapping[str, str], row: Sequence[Cell]) -> str:
    good = [cell.finding is not None and cell.finding.verdict is Verdict.HOLDS for cell in row]
    where = ", ".join(f"{name}={value}" for name, value in others.items())
    head = f"{where}: " if where else ""
    if all(good):
        return f"{head}holds everywhere"
    if not any(good):
        return f"{head}holds nowhere"
    start = good.index(True)
    if all(good[start:]):
        return f"{head}holds from {first}={row[start].at[first]} on"
    return f"{head}holds for {first}=" + ", ".join(c.at[first] for c, fine in zip(row, good, strict=True) if fine)
