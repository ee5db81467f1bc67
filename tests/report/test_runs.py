"""Runs followed message by message, and what is made of them: space-time, fate, Mermaid, ITF, ShiViz."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import itf_py
import numpy as np
import pytest
from random_diagrams import nearest

from flpcheck import At, Process, Start, Step, asynchronous, broadcast, protocol, record, system_of
from flpcheck.analyse import Finding, Schedule, shortest
from flpcheck.examine import Examination, examine
from flpcheck.explore import explore
from flpcheck.report import pictures
from flpcheck.report.narrate import steps_of
from flpcheck.report.render import render
from flpcheck.report.runs.flights import BEFORE, Flight, Moment, TracedRun, traced_run
from flpcheck.report.runs.itf import itf, value_of
from flpcheck.report.runs.mermaid import mermaid
from flpcheck.report.runs.shiviz import PARSER, clocks, shiviz
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.runs.spacing import CLEAR
from flpcheck.settle import Overrides, settle
from flpcheck.spec import bundled, load

SPECS = Path(__file__).parents[2] / "specs"
SMALL = 20_000


@cache
def examined(spec: str, instance: str | None = None, loss: int = 0) -> Examination:
    world = {"network": {"loss": loss}} if loss else {}
    return examine(settle(load(str(SPECS / f"{spec}.py")), Overrides(instance=instance, world=world)))


def shown(examination: Examination) -> Finding:
    return next(finding for finding in examination.analysis.findings if finding.schedule is not None)


def followed(examination: Examination) -> tuple[TracedRun, Schedule]:
    schedule = shown(examination).schedule
    assert schedule is not None
    return traced_run(examination.graph.system, schedule, examination.analysis.valence), schedule


WITH_RUNS = ["broken/paxos_forgets_value", "broken/two_phase_commit_majority", "broken/test_then_set", "first_quorum"]


@pytest.mark.parametrize("spec", WITH_RUNS)
def test_every_delivery_ends_a_flight_that_began_earlier(spec: str) -> None:
    run, _ = followed(examined(spec))
    for flight in run.flights:
        assert flight.ended is None or flight.sent < flight.ended
    for moment in run.moments:
        if moment.kind == "deliver":
            assert [flight.receiver for flight in run.taken_by(moment.number)] == [moment.process]


def test_gathered_letters_are_all_received() -> None:
    run, schedule = followed(examined("broken/paxos_forgets_value"))
    gathered = [
        (m.number, t.event.message)
        for m, t in zip(run.moments, schedule.transitions, strict=True)
        if m.kind == "gather"
    ]
    assert gathered
    for number, letters in gathered:
        assert isinstance(letters, tuple)
        assert len(run.taken_by(number)) == len(letters)


def test_what_is_in_flight_at_the_end_is_in_the_last_mailboxes() -> None:
    examination = examined("broken/paxos_forgets_value")
    run, schedule = followed(examination)
    waiting = examination.graph.system.describe(schedule.configurations[-1])
    in_mailboxes = sorted(
        f"{letter} to {name}" for name, fields in waiting.items() for letter in fields.get("mail", ())
    )
    under_way = sorted(f"{f.message} from {f.sender} to {f.receiver}" for f in run.flights if f.fate == "under way")
    assert under_way == in_mailboxes


def test_a_crash_lets_the_mail_of_the_crashed_vanish_and_a_loss_is_a_loss() -> None:
    system = examined("wait_for_all", "one crash", loss=1).graph.system
    schedule = _schedule(system, ["p0 starts", "Value(0) from p0 to p1 is lost"])
    assert [flight.fate for flight in traced_run(system, schedule).flights] == ["lost"]
    schedule = _schedule(system, ["p0 starts", "p1 crashes"])
    assert [(flight.fate, flight.ended) for flight in traced_run(system, schedule).flights] == [("vanished", 2)]


def _schedule(system: object, events: list[str]) -> Schedule:
    from flpcheck.analyse import replay
    from flpcheck.system import System

    assert isinstance(system, object)
    made: System = system  # type: ignore[assignment]
    configuration = made.initial()[0].configuration
    steps = []
    for wanted in events:
        named = {_generic(str(t.event)): t for t in made.transitions(configuration)}
        transition = named[_generic(wanted)]
        steps.append(transition.as_json())
        configuration = transition.successor
    return replay(made, 0, steps)


def _generic(event: str) -> str:
    return re.sub(r"\w+\(.*?\)", "Message", event) if "is lost" in event else event


def test_vector_clocks_order_exactly_what_happened_before() -> None:
    run, _ = followed(examined("broken/paxos_forgets_value"))
    before = _happened_before(run)
    stamps = clocks(run)
    for a in range(len(stamps)):
        for b in range(len(stamps)):
            less = a != b and all(stamps[b].get(host, 0) >= count for host, count in stamps[a].items())
            assert less == ((a, b) in before)


def _happened_before(run: TracedRun) -> set[tuple[int, int]]:
    """The transitive closure of program order and message order, by Warshall's algorithm."""
    steps = range(len(run.moments))
    direct = {(a, b) for a in steps for b in steps if a < b and run.moments[a].process == run.moments[b].process}
    direct |= {(f.sent - 1, f.ended - 1) for f in run.flights if f.fate == "received" and f.ended and f.sent != BEFORE}
    for k in steps:
        direct |= {(a, b) for a in steps if (a, k) in direct for b in steps if (k, b) in direct}
    return direct


def test_shiviz_log_is_parsed_by_the_expression_in_its_first_line() -> None:
    run, _ = followed(examined("broken/paxos_forgets_value"))
    header, delimiter, *lines = shiviz(run).splitlines()
    assert (header, delimiter) == (PARSER, "")
    pattern = re.compile(PARSER.replace("(?<", "(?P<"))
    events = pattern.findall("\n".join(lines))
    assert len(events) == len(run.moments)
    assert all(isinstance(json.loads(clock), dict) for _, clock, _ in events)


@pytest.mark.parametrize("spec", [*WITH_RUNS, "wait_for_all", "actors/single_copy_register"])
def test_itf_is_read_back_with_the_same_states(spec: str) -> None:
    examination = next(e for e in _instances(spec) if any(f.schedule for f in e.analysis.findings))
    schedule = shown(examination).schedule
    assert schedule is not None
    written = json.dumps(itf(examination.graph.system, schedule, spec))
    trace = itf_py.trace_from_json(json.loads(written))
    assert len(trace.states) == len(schedule) + 1
    assert [state.values["event"] for state in trace.states[1:]] == [str(t.event) for t in schedule.transitions]


def _instances(spec: str) -> list[Examination]:
    return [examined(spec, instance.name) for instance in load(str(SPECS / f"{spec}.py")).instances]


def test_itf_tags_values_as_the_format_asks() -> None:
    assert value_of(frozenset({2, 1})) == {"#set": [{"#bigint": "1"}, {"#bigint": "2"}]}
    assert value_of((True, None)) == {"#tup": [True, {"tag": "Nothing", "value": {}}]}
    assert value_of({"a": [1]}) == {"#map": [["a", [{"#bigint": "1"}]]]}


def test_mermaid_has_an_arrow_for_every_message_received() -> None:
    run, _ = followed(examined("broken/paxos_forgets_value"))
    received = [flight for flight in run.flights if flight.fate == "received"]
    assert mermaid(run).count("->>") == len(received) > 0


def test_mermaid_escapes_what_would_end_a_statement() -> None:
    text = mermaid(TracedRun(("end",), "a;b\n<c>", (), (Flight("end", "end", "x", 0),)))
    assert "a#59;b #60;c#62;" in text
    assert "participant p_end as end" in text


@pytest.mark.parametrize(
    ("kinds", "lines"),
    [
        ("start timeout", [(0, 3)]),
        ("start crash start", [(0, 2)]),  # the second start is another process's
        ("crash recover start", [(0, 1), (2, 4)]),
        ("crash crash recover", [(0, 1), (3, 4)]),  # the second one comes in the middle of a recovery
    ],
)
def test_a_process_has_a_line_while_it_is_up(kinds: str, lines: list[tuple[int, int]]) -> None:
    steps = list(enumerate(kinds.split(), start=1))
    moments = tuple(Moment(number, "q" if kind == "start" else "p", kind, "", "", "") for number, kind in steps)
    rows = SpaceTime(TracedRun(("p", "q"), "", moments, ())).timeline
    lives = [(up, len(rows) if down is None else down) for up, down, is_down in rows.lives("p") if not is_down]
    assert lives == lines


@pytest.mark.parametrize("view", ["spacetime", "fate"])
@pytest.mark.parametrize("spec", ["broken/paxos_forgets_value", "broken/test_then_set", "first_quorum"])
def test_pictures_of_runs_render_with_everything_in_them(spec: str, view: str) -> None:
    examination = examined(spec)
    drawing = pictures.picture(examination.analysis, view, shown(examination).claim.name)
    svg = drawing.svg if isinstance(drawing, SpaceTime) else render(drawing.dot, "svg").decode()
    assert svg.count("<g") > len(examination.graph.system.names)
    if view == "spacetime":
        assert all(f">{name}<" in svg for name in examination.graph.system.names)


@pytest.mark.sampled(4)
@pytest.mark.parametrize("spec", sorted(bundled()))
def test_every_run_of_the_bundled_specs_can_be_followed(spec: str) -> None:
    first = load(str(bundled()[spec])).instances[0]
    if (first.configurations or 0) > SMALL:
        pytest.skip("large: the kernel's own tests explore it")
    examination = examine(settle(load(str(bundled()[spec])), Overrides(instance=first.name)))
    for finding in examination.analysis.findings:
        if finding.schedule is not None:
            run = traced_run(examination.graph.system, finding.schedule, examination.analysis.valence)
            assert len(run.moments) == len(finding.schedule)
            assert clocks(run) is not None
            assert mermaid(run).startswith("sequenceDiagram")
            diagram = SpaceTime(run)
            assert nearest(diagram.spacing, diagram.timeline.arrows) >= CLEAR - 0.1


@record
class Told:
    decision: str | None = None


@protocol
class OddlyNamed:
    """A process whose name reads like a sender tells the other one what it has decided."""

    def processes(self) -> list[Process[Any, str]]:
        return [Process(name, self.step, start=Told()) for name in ("a from b", "c")]

    def step(self, at: At, s: Told, event: Start | str) -> Step[Told, str]:
        if s.decision is not None:
            return s, ()
        return Told("x from y"), broadcast("x from y") if isinstance(event, Start) and at.me != "c" else ()


def test_names_and_messages_may_read_like_senders() -> None:
    system = system_of(OddlyNamed(), asynchronous())
    graph = explore(system)
    schedule = shortest(graph, np.flatnonzero(graph.depth == 2))
    assert schedule is not None
    lines = [change for step in steps_of(system, schedule) for change in step.changes]
    assert "sent 'x from y' to a from b, c" in lines
    assert {(flight.sender, flight.message) for flight in traced_run(system, schedule).flights} == {
        ("a from b", "'x from y'")
    }
