"""The explorer: a page in which a person clicks through a state space; takes an examination, returns HTML."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flpcheck.authoring.protocol import is_general
from flpcheck.authoring.tour import Story, Tour
from flpcheck.errors import BadProtocol
from flpcheck.examine import Examination
from flpcheck.glossary import meanings
from flpcheck.report.as_json import json_value
from flpcheck.report.command import command_line, options_of
from flpcheck.report.explorer.chunked_graph import ChunkedGraph
from flpcheck.report.explorer.excerpt import ANNEX_LIMITS, PAGE_LIMITS, PageLimits, chosen
from flpcheck.report.explorer.onward import Neighbours
from flpcheck.report.explorer.overview import overview
from flpcheck.report.explorer.page import page
from flpcheck.report.explorer.places import JumpTarget, places
from flpcheck.report.explorer.pytest_text import preparation
from flpcheck.report.explorer.stories import story_entry
from flpcheck.report.explorer.tours import Visit, visits_of
from flpcheck.report.explorer.value_table import legible
from flpcheck.report.explorer.ways import ReplayPath
from flpcheck.report.runs.flights import TracedRun
from flpcheck.report.wording import counted, headline, input_text

EXPLAINED = ("bivalent", "critical", "INCOMPLETE", "lasso", "pivot", "univalent", "valence", "witness")
"""The terms that the page explains, in tooltips and beside its keys."""

__all__ = ["Explorer", "explorer_page"]


def explorer_page(
    examination: Examination,
    limits: PageLimits = PAGE_LIMITS,
    beside: Container[str] = (),
    others: Sequence[Examination] = (),
) -> str:
    """Return the explorer of an examination as one HTML file.

    Parameters
    ----------
    examination
        What was examined and found.  Of a large graph the file holds an excerpt: the ways to everything found with
        their surroundings, the beginning, and an overview of the whole.
    limits
        How large is too large, and how much of the beginning is held then.
    beside
        Folders with other pages, relative to the one in which this page's folder lies; tours link to them.
    others
        Other instances of the spec, from `toured`: the page holds an excerpt of each, with its tours.  One whose tours
        cannot be walked is left out.

    Raises
    ------
    BadProtocol
        If a tour cannot be walked, or claims what is not so.  Cost: about that of exploring what the file holds.
    """
    return page(Explorer(examination, limits, beside, others).data())


@dataclass(frozen=True, eq=False)
class Explorer:
    """The data of a page: the graph in chunks, and places to look at.

    Parameters
    ----------
    examination
        The examination.
    limits, beside, others
        As for `explorer_page`.
    """

    examination: Examination
    limits: PageLimits = PAGE_LIMITS
    beside: Container[str] = ()
    others: Sequence[Examination] = ()

    @property
    def name(self) -> str:
        """The name of the instance; empty if options have changed it."""
        instance = self.examination.request.instance
        return instance.name if instance else ""

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The stories that apply to this graph."""
        every = self.examination.request.spec.stories
        return tuple(story for story in every if not story.instances or self.name in story.instances)

    @cached_property
    def chunked(self) -> ChunkedGraph:
        """The configurations."""
        return ChunkedGraph(self.examination.analysis, self.stories)

    @cached_property
    def places(self) -> list[JumpTarget]:
        """The places to jump to."""
        return list(places(self.examination.analysis))

    @cached_property
    def visits(self) -> list[tuple[Tour, list[Visit]]]:
        """The tours of this instance, walked."""
        tours = self.examination.request.spec.tours
        return [(tour, visits_of(self.examination.analysis, tour)) for tour in tours if tour.instance == self.name]

    @cached_property
    def annexes(self) -> list[Explorer]:
        """The other instances that the page holds."""
        found = [Explorer(other, ANNEX_LIMITS, self.beside) for other in self.others]
        return [one for one in found if one._is_walked()]

    def _is_walked(self) -> bool:
        try:
            return bool(self.visits)
        except BadProtocol:
            return False

    def data(self, *, live: bool = False) -> dict[str, Any]:
        """Return what the page holds; a live one holds the initial configurations only and asks for the others."""
        held = frozenset({self.name, *(annex.name for annex in self.annexes)})
        annexes = [annex._data(held) for annex in self.annexes]
        return {**self._data(held, live=live), "terms": meanings(*EXPLAINED), "annexes": annexes}

    def _data(self, held: Container[str], *, live: bool = False) -> dict[str, Any]:
        """Return the data of one instance; `held` are the names of all those whose tours are in the page."""
        header = self._header(live=live)
        stories = [story_entry(self.chunked, story) for story in self.stories]
        classes, class_ways = overview(self.chunked)
        ways: list[ReplayPath] = [place.way for place in self.places]
        ways += [visit.way for _, visits in self.visits for visit in visits]
        ways += [way for _, found in stories for way in found] + class_ways
        graph = self.examination.graph
        numbers = sorted(set(graph.roots)) if live else chosen(graph, ways, self.limits)
        extra = {"stories": [story for story, _ in stories], "classes": classes, "tours": self._tours(held)}
        commands = {"commands": self._commands(), "whole": len(numbers) == len(graph)}
        return {**legible({**header, **extra}), **commands, "chunk": self.chunked.chunk(numbers)}

    def _header(self, *, live: bool) -> dict[str, Any]:
        request, graph = self.examination.request, self.examination.graph
        size = f"{counted(len(graph), 'configuration')}, {counted(len(graph.targets), 'transition')}"
        return {
            "live": live,
            "spec": request.spec.name,
            "title": request.spec.title,
            "instance": self.name,
            "about": request.instance.about if request.instance else "",
            "protocol": headline(graph),
            "world": request.world.text(with_network=not is_general(request.protocol)),
            "size": size,
            "total": len(graph),
            "cut": f"{graph.cut.bound.label}: {graph.cut.frontier:,} were not expanded" if graph.cut else "",
            "decides": bool(graph.deciding),
            "failures": self._failures(),
            "renames": graph.system.renames_mail,
            "names": self.chunked.part_table.names,
            "processes": len(graph.system.names),
            "decisions": [str(value) for _, value in self.examination.analysis.valence.ordered()],
            "roots": self._roots(),
            "verdicts": self._verdicts(),
            "places": [self._place(place) for place in self.places],
        }

    def _failures(self) -> dict[str, str] | None:
        """Return why a process cannot crash and a message not be lost here, empty where it can; None without either."""
        world = self.examination.request.world
        if is_general(self.examination.request.protocol) or self.chunked.in_rounds:
            return None
        crash = "" if world.failures.crashes else "no process may crash in this world: --crashes 1 would let one"
        if world.failures.crashes and world.failures.events == "elided":
            crash = "crashes are not steps here: who takes no further step may have crashed"
        return {
            "crash": crash,
            "lose": "" if world.network.loss else "no message may be lost in this world: --loss 1 would let one be",
        }

    def _roots(self) -> list[dict[str, Any]]:
        graph = self.examination.graph
        pairs = zip(graph.roots, graph.initial, strict=True)
        return [{"id": int(root), "text": input_text(initial.inputs, initial.dead)} for root, initial in pairs]

    def _verdicts(self) -> list[dict[str, Any]]:
        rows = []
        for finding in self.examination.analysis.findings:
            expected = self.examination.expected(finding)
            rows.append(
                {
                    "name": finding.claim.name.replace("_", " "),
                    "claim": finding.claim.statement,
                    "verdict": finding.verdict.value,
                    "expected": expected is finding.verdict,
                    "because": finding.because,
                    "vacuous": finding.vacuous,
                }
            )
        return rows

    def _place(self, place: JumpTarget) -> dict[str, Any]:
        row: dict[str, Any] = {"kind": place.kind, "name": place.name, "way": str(place.way), "loop": place.way.loop}
        if place.because:
            row["because"] = place.because
        if place.trigger is not None:
            row["trigger"] = {"at": place.trigger, "text": f"'{place.says}' is true"}
        if place.beside is not None:
            run = place.beside
            row["beside"] = {"name": run.name, "steps": list(run.steps), "seen": list(map(dict, run.configurations))}
        if place.run is not None:
            row["run"] = self._run(place.run)
        return row

    def _run(self, run: TracedRun) -> dict[str, Any]:
        """Return a run whose messages the page cannot follow itself: its sentences and its messages."""
        index = {name: number for number, name in enumerate(run.processes)}
        flights = [
            {
                "sender": index[flight.sender],
                "receiver": index[flight.receiver],
                "message": flight.message,
                "sent": flight.sent,
                "received": flight.ended if flight.fate == "received" else None,
                "lost": flight.fate == "lost",
            }
            for flight in run.flights
        ]
        return {"titles": [moment.title for moment in run.moments], "flights": flights}

    def _tours(self, held: Container[str]) -> list[dict[str, Any]]:
        spec = self.examination.request.spec
        here = {tour.name: visits for tour, visits in self.visits}
        neighbours = Neighbours(spec, self.name, self.beside, held)
        return [
            {
                **neighbours.where(spec, number),
                "about": tour.about,
                "stops": [_stop(visit) for visit in here.get(tour.name, []) if tour.instance == self.name],
                "onward": [neighbours.row(tour, onward) for onward in tour.onward],
            }
            for number, tour in enumerate(spec.tours)
        ]

    def _commands(self) -> dict[str, Any]:
        request = self.examination.request
        options = options_of(request)
        return {
            "replay": command_line("replay", request.spec, *options),
            "serve": command_line("serve", request.spec, *options),
            "test": preparation(request),
            "inputs": {str(pid): json_value(value) for pid, value in request.inputs.items()},
        }


def _stop(visit: Visit) -> dict[str, Any]:
    stop, way = visit.stop, visit.way
    return {"title": stop.title, "text": stop.text, "way": str(way), "loop": way.loop, "claims": list(visit.claims)}
