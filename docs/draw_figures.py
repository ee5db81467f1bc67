"""Draw the figures of the lecture from specs: one run in two orders, and roles with the messages between them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from flpcheck import Tour, load
from flpcheck.analyse import at_path
from flpcheck.authoring.events import Pid
from flpcheck.examine import Examination, examine
from flpcheck.explore import StateGraph
from flpcheck.report.explorer.tours import visits_of
from flpcheck.report.runs.flights import traced_run
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.svg import INK, Value, document, element, width_of, words
from flpcheck.settle import Overrides, settle

APART, ROW, TOP, LEFT, SIZE = 132, 62, 76, 70, 13
"""Distances in a picture of roles: between columns and rows, above the first row, to the first column; of letters."""

ORDERS = ("All conclude 0", "All conclude 1")
"""Stops of the tour of `sequencer`, each at the end of one of its runs."""

Letter = tuple[str, str, type]


def figures() -> dict[str, str]:
    """Return the figures as SVG by their file names; cost: two small explorations."""
    sequencer, tour = _examined("sequencer", 0)
    runs = {f"order-{number}.svg": run_to(sequencer, tour, title) for number, title in enumerate(ORDERS)}
    return {**runs, "paxos-roles.svg": roles(_examined("paxos", 0)[0].graph)}


def _examined(name: str, number: int) -> tuple[Examination, Tour]:
    """Return the examination of the instance that a tour of a spec leads through, and the tour."""
    spec = load(name)
    tour = spec.tours[number]
    return examine(settle(spec, Overrides(instance=tour.instance))), tour


def run_to(examination: Examination, tour: Tour, title: str) -> str:
    """Return the space-time diagram of the way to a stop of a tour."""
    way = next(visit.way for visit in visits_of(examination.analysis, tour) if visit.stop.title == title)
    system = examination.graph.system
    return SpaceTime(traced_run(system, at_path(system, way.initial, way.positions)), (title,)).svg


def roles(graph: StateGraph) -> str:
    """Return which role sends which kind of message to which, in the order in which they first arrive.

    Roles are the kinds of local states; a single process without a number is a role of its own.
    """
    rows = list(dict.fromkeys(_letters(graph)))
    names = list(dict.fromkeys(role for sender, receiver, _ in rows for role in (sender, receiver)))
    across = {name: LEFT + APART * place for place, name in enumerate(names)}
    low, width = TOP + ROW * len(rows), LEFT + max(across.values())
    columns = [piece for name, x in across.items() for piece in _column(name, x, low)]
    arrows = [piece for row, letter in enumerate(rows) for piece in _arrow(letter, across, TOP + ROW * row, width)]
    return document(width, low + 20, *columns, *arrows, label="Roles, and the messages between them")


def _letters(graph: StateGraph) -> Iterator[Letter]:
    """Yield sender's role, receiver's role and class of every message received, the earliest first."""
    states = graph.system.view(graph.configurations[graph.roots[0]]).states
    of = {pid: _role(pid, state) for pid, state in states.items()}
    for configuration in graph.configurations:
        for transition in graph.system.transitions(configuration):
            for sender, message in transition.event.letters:
                yield of[sender], of[str(transition.event.process)], type(message)


def _role(pid: Pid, state: object) -> str:
    return type(state).__name__.lower() if pid[-1].isdigit() else pid


def _column(name: str, x: int, low: int) -> Iterator[str]:
    yield element("line", x1=x, y1=44, x2=x, y2=low, stroke="#9AA5B1", stroke_width=1.5)
    yield element("rect", x=x - 58, y=14, width=116, height=30, rx=8, fill="#E4ECF7", stroke=INK)
    yield words(x, 29, name, SIZE, text_anchor="middle", font_weight="bold")


def _arrow(letter: Letter, across: dict[str, int], y: int, width: int) -> Iterator[str]:
    sender, receiver, kind = letter
    start, end = across[sender], across[receiver]
    turn = 8 if end > start else -8
    yield element("line", x1=start, y1=y, x2=end - turn, y2=y, stroke=INK, stroke_width=1.6)
    yield element("path", d=f"M{end - 2 * turn} {y - 5}L{end} {y}L{end - 2 * turn} {y + 5}Z", fill=INK)
    middle, half = (start + end) / 2, width_of(_meaning(kind), SIZE) / 2
    yield words(middle, y - 11, kind.__name__, SIZE, text_anchor="middle", font_weight="bold")
    within = min(max(middle, half), width - half)
    halo: dict[str, Value] = {
        "stroke": "white",
        "stroke_width": 5,
        "paint_order": "stroke",
    }  # where it crosses a column
    yield words(within, y + 16, _meaning(kind), SIZE, text_anchor="middle", **halo)


def _meaning(kind: type) -> str:
    """Return what a message says: its docstring, without who sends it to whom."""
    return (inspect.getdoc(kind) or "").partition("\n")[0].partition(": ")[2].rstrip(".")
