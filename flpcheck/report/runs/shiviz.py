"""A run as a log for ShiViz: two lines an event, the event and its vector clock.

Vector clocks after Fidge (1988) and Mattern (1989): a process counts its own steps, and takes over the larger counts of
whatever it receives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from flpcheck.report.runs.flights import BEFORE, TracedRun

PARSER = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)"
"""The regular expression with which ShiViz parses this log; it is the first line."""


def shiviz(run: TracedRun) -> str:
    """Return a run as a ShiViz log.

    Parameters
    ----------
    run
        From `run_of`.

    Returns
    -------
    str
        The parser's regular expression, an empty line for the delimiter, then two lines an event.
    """
    return "\n".join([PARSER, "", *_lines(run)]) + "\n"


def clocks(run: TracedRun) -> list[dict[str, int]]:
    """Return the vector clock of each step: how many steps of each process it can have heard of.

    Examples
    --------
    >>> from flpcheck.report.runs.flights import Flight, Moment, TracedRun
    >>> steps = (Moment(1, "p", "start", "", "", ""), Moment(2, "q", "deliver", "", "", ""))
    >>> clocks(TracedRun(("p", "q"), "", steps, (Flight("p", "q", "m", 1, 2, "received"),)))
    [{'p': 1}, {'p': 1, 'q': 1}]
    """
    latest: dict[str, dict[str, int]] = {}
    at_step: list[dict[str, int]] = []
    for moment in run.moments:
        host = moment.process or "world"
        clock = dict(latest.get(host, {}))
        for flight in run.taken_by(moment.number):
            heard = at_step[flight.sent - 1] if flight.sent != BEFORE else {}
            clock = {name: max(clock.get(name, 0), heard.get(name, 0)) for name in {**clock, **heard}}
        clock[host] = clock.get(host, 0) + 1
        latest[host] = clock
        at_step.append(clock)
    return at_step


def _lines(run: TracedRun) -> Iterator[str]:
    for moment, clock in zip(run.moments, clocks(run), strict=True):
        named = {_host(name): count for name, count in sorted(clock.items())}
        yield f"{_host(moment.process or 'world')} {json.dumps(named)}"
        yield " ".join(moment.title.split()) + (f", decides {moment.decided}" if moment.decided else "")


def _host(name: str) -> str:
    return re.sub(r"\s", "_", name)
