"""Configurations and transitions as nodes and edges: what the full picture and the neighbourhoods share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from flpcheck.analyse import Analysis, Finding
from flpcheck.analyse.finding import AbstractRun
from flpcheck.authoring.property import Property, Verdict
from flpcheck.authoring.temporal import phrase
from flpcheck.explore import StateGraph
from flpcheck.report.drawing import Edge, Node
from flpcheck.report.palette import PLAIN, Palette
from flpcheck.report.wording import decision_lines, description, input_text, transition_text
from flpcheck.system import Transition

LABELS = 3
"""Maximum number of labels between the same two configurations."""


@dataclass(frozen=True)
class SchedulePath:
    """A schedule as ids.

    Parameters
    ----------
    numbers
        Ids of the configurations passed, the initial one first.
    transitions
        The events between them.
    loop
        Position in `numbers` where the loop begins; None without one.
    trigger, owed
        Position from which on what is owed never comes, and what is true there; None if the schedule shows something
        else.
    beside
        What a refined protocol sees of it.
    """

    numbers: tuple[int, ...]
    transitions: tuple[Transition, ...]
    loop: int | None = None
    trigger: int | None = None
    owed: str = ""
    beside: AbstractRun | None = None


@dataclass(frozen=True, eq=False)
class Sketch:
    """Draws configurations of one graph.

    Parameters
    ----------
    analysis
        The analysis of the graph.
    """

    analysis: Analysis
    _alarms: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def graph(self) -> StateGraph:
        """The graph."""
        return self.analysis.graph

    @property
    def decides(self) -> bool:
        """Whether any process ever decides anything; otherwise there is no valence to show."""
        return bool(self.graph.deciding)

    @cached_property
    def palette(self) -> Palette:
        """The colours of the graph."""
        return Palette(self.analysis.valence)

    @cached_property
    def _critical(self) -> frozenset[int]:
        return frozenset(self.analysis.critical)

    @cached_property
    def _starts(self) -> dict[int, str]:
        pairs = zip(self.graph.roots, self.graph.initial, strict=True)
        return {root: input_text(initial.inputs, initial.dead) for root, initial in pairs}

    @cached_property
    def ends(self) -> dict[int, list[Finding]]:
        """Which counterexamples end where; one with a loop ends where the loop begins, and some leave the graph."""
        ends: dict[int, list[Finding]] = {}
        for finding in self.analysis.findings:
            way = self.way(finding) if finding.is_counterexample else None
            if way is not None and way.numbers:
                ends.setdefault(way.numbers[-1 if way.loop is None else way.loop], []).append(finding)
        return ends

    def way(self, finding: Finding) -> SchedulePath:
        """Return the schedule of a finding as ids."""
        schedule = finding.schedule
        assert schedule is not None
        trigger = finding.trigger if schedule.numbers else None
        owed = "" if trigger is None or finding.claim.predicate is None else phrase(finding.claim.predicate)
        return SchedulePath(schedule.numbers, schedule.transitions, schedule.loop, trigger, owed, finding.beside)

    def alarms(self, number: int) -> tuple[str, ...]:
        """Return the properties that a configuration violates by itself."""
        if number not in self._alarms:
            found = [ending(finding) for finding in self.ends.get(number, [])]
            found += [text for text in self._broken_invariants(number) if text not in found]
            found += ["two decisions"] if self._disagrees(number) and not any("agreement" in t for t in found) else []
            self._alarms[number] = tuple(found)
        return self._alarms[number]

    def _disagrees(self, number: int) -> bool:
        return bool(self.analysis.valence.disagreeing[number])

    def _broken_invariants(self, number: int) -> list[str]:
        claims = [f.claim for f in self.analysis.findings if f.verdict is Verdict.VIOLATED]
        own = [claim for claim in claims if claim.kind == "invariant"]
        return [f"violates {claim.name}" for claim in own if not self._holds(claim, number)]

    def _holds(self, claim: Property, number: int) -> bool:
        try:
            return claim(self.graph.system.view(self.graph.configurations[number]))
        except Exception:
            return True  # beyond the depth where it was judged, an invariant may raise

    def _failed(self, number: int, parts: dict[str, dict[str, object]]) -> Iterator[str]:
        """Yield who has crashed, and who is faulty in another way."""
        bits, names = int(self.graph.marks.crashed[number]), self.graph.system.names
        faulty = [name for index, name in enumerate(names) if bits >> index & 1]
        dead = [name for name in faulty if "crashed" in parts.get(name, {})]
        for mark, who in (("†", dead), ("‡", [name for name in faulty if name not in dead])):
            if who:
                yield f"{mark} {' '.join(who)}"

    def node(self, number: int, *, detailed: bool = False, on_path: bool = False) -> Node:
        """Return a configuration as a node; `detailed` with all its parts."""
        graph = self.graph
        configuration = graph.configurations[number]
        parts = graph.describe(number)
        return Node(
            name=f"c{number}",
            mark=self.analysis.valence.name(number) if self.decides else f"{number}",
            fill=self.palette.fill(number) if self.decides else PLAIN,
            lines=(*decision_lines(graph.system.outputs(configuration)), *self._failed(number, parts)),
            detail=description(parts) if detailed or not self.decides else (),
            alarms=self.alarms(number),
            critical=number in self._critical,
            unexpanded=bool(graph.frontier[number]),
            start=self._starts.get(number),
            on_path=on_path,
            tooltip=f"configuration {number}; " + "; ".join(description(parts, 160)),
        )

    def edges(self, number: int, targets: Iterable[int]) -> list[Edge]:
        """Return the edges from a configuration to some of its successors."""
        chosen = set(targets)
        if self.graph.frontier[number]:
            return []
        labels = self.graph.transitions(number)
        found: dict[int, list[Transition]] = {}
        for target, transition in zip(self.graph.targets[self.graph.out(number)].tolist(), labels, strict=True):
            if target in chosen:
                found.setdefault(target, []).append(transition)
        return [self._edge(number, target, together, labels) for target, together in found.items()]

    def _edge(self, source: int, target: int, together: Sequence[Transition], siblings: Sequence[Transition]) -> Edge:
        texts = list(dict.fromkeys(transition_text(transition, siblings) for transition in together))
        shown = texts if len(texts) <= LABELS else [*texts[: LABELS - 1], f"+{len(texts) - LABELS + 1} more"]
        return Edge(f"c{source}", f"c{target}", tuple(shown), world=all(t.mover < 0 for t in together))


def ending(finding: Finding) -> str:
    """Return what the end of a counterexample shows."""
    if finding.claim.name != "termination":
        return f"violates {finding.claim.name}"
    without = f" with {' '.join(finding.faulty)} crashed" if finding.faulty else ""
    decides = "decides" if len(finding.stuck) == 1 else "decide"
    return f"violates termination{without}: {' '.join(finding.stuck)} never {decides}"
