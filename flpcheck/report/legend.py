"""The legend of a picture: one explanation for everything that occurs in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from flpcheck.report.palette import ALARM, LOOP, NONE, SEVERAL, UNKNOWN, Palette
from flpcheck.report.wording import times

if TYPE_CHECKING:
    from flpcheck.report.drawing import Edge, Node


class Item(NamedTuple):
    """An explanation.

    Parameters
    ----------
    sign
        The text in the swatch.
    meaning
        Its meaning.
    fill, ink
        Colours of the swatch and of the sign.
    border
        `plain`, `double`, `dashed`, `bold` or `none`.
    """

    sign: str
    meaning: str
    fill: str = "white"
    ink: str = "black"
    border: str = "none"


@dataclass(frozen=True)
class Legend:
    """The legend of a picture: the colours, shapes and labels that occur in it.

    Parameters
    ----------
    palette
        The colours; None for a picture without valences.
    counts
        Whether nodes are classes and edge labels are numbers of transitions.
    """

    palette: Palette | None = None
    counts: bool = False

    def items(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Item, ...]:
        """Return the explanations of what occurs."""
        return (*self._valences(nodes), *self._nodes(nodes), *self._edges(edges))

    def _valences(self, nodes: Sequence[Node]) -> Iterable[Item]:
        marks = {(node.mark, node.fill) for node in nodes if node.mark}
        several = sorted(mark for mark, fill in marks if fill == SEVERAL)
        if several:
            some = several[0] if len(several) == 1 else f"{several[0]} ..."
            meaning = (
                "bivalent: either value can still be decided"
                if len(several) == 1
                else "several values can still be decided"
            )
            yield Item(some, meaning, SEVERAL, border="plain")
        for value, fill in self.palette.values if self.palette else ():
            if (str(value), fill) in marks:
                yield Item(str(value), f"only {value} can still be decided", fill, border="plain")
        if any(fill == NONE for _, fill in marks):
            yield Item("none", "no process can ever decide", NONE, border="plain")
        if any(fill == UNKNOWN for _, fill in marks):
            yield Item("?", "valence unknown: the search was cut first", UNKNOWN, border="plain")

    def _nodes(self, nodes: Sequence[Node]) -> Iterable[Item]:
        inputs = any("=" in (node.start or "") for node in nodes)
        initial = f"initial configuration{'s' if self.counts else ''}{', with the inputs' if inputs else ''}"
        critical = f"{'some are ' if self.counts else ''}critical: every step of a process settles the outcome"
        occurs = [
            (any(n.critical for n in nodes), Item(" ", critical, border="double")),
            (
                any(n.alarms for n in nodes),
                Item("violates", "a property fails here, or two decisions differ", ink=ALARM, border="alarm"),
            ),
            (any(n.unexpanded for n in nodes), Item(" ", "not expanded: the search was cut", border="dashed")),
            (any(n.start is not None for n in nodes), Item("●→", initial)),
            (any("†" in line for n in nodes for line in n.lines), Item("† p", "process p has crashed")),
            (any("‡" in line for n in nodes for line in n.lines), Item("‡ p", "process p is faulty: it lies or omits")),
        ]
        return (item for present, item in occurs if present)

    def _edges(self, edges: Sequence[Edge]) -> Iterable[Item]:
        counted = self.counts and bool(edges)
        several = not self.counts and any(label.endswith("]") for edge in edges for label in edge.labels)
        occurs = [
            (any("←" in label for e in edges for label in e.labels), Item("p ← m from q", "p receives m from q")),
            (several, Item("[1] [2]", "outcomes of a nondeterministic step")),
            (counted, Item(times(12), "number of transitions")),
            (any(e.world for e in edges), Item("- - →", "an event of the world: no process steps")),
            (any(e.on_path for e in edges), Item("━━▶", "the schedule, numbered")),
            (any(e.settles for e in edges), Item("━━▶", "settles the outcome")),
            (any(e.in_loop for e in edges), Item("━━▶", "repeats for ever", ink=LOOP)),
        ]
        return (item for present, item in occurs if present)
