"""A run as a Mermaid sequence diagram, for Markdown.

Mermaid draws arrows level, so a message is drawn where it is received, and one that never is where it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flpcheck.authoring.values import printable, shorten
from flpcheck.report.narrate import abstract_text
from flpcheck.report.runs.flights import Flight, Moment, TracedRun

LONG = 200
"""Maximum length of a text in a diagram, in characters."""


def mermaid(run: TracedRun) -> str:
    """Return a run as the source of a Mermaid sequence diagram.

    Parameters
    ----------
    run
        From `run_of`.

    Returns
    -------
    str
        Without the fences; end of line at the end.
    """
    lines = ["sequenceDiagram", *(f"    participant {_id(p)} as {_plain(p)}" for p in run.processes)]
    if run.processes:
        first, last = run.processes[0], run.processes[-1]
        lines.append(f"    Note over {_id(first)},{_id(last)}: {_plain(run.beginning)}")
        lines += [f"    {line}" for line in _trigger(run, 0)]
    for moment in run.moments:
        if run.loop is not None and moment.number == run.loop + 1:
            lines.append("    loop for ever")
        lines += [f"    {line}" for line in (*_moment(run, moment), *_remarks(run, moment))]
    if run.loop is not None:
        lines.append("    end")
    return "\n".join(lines) + "\n"


def _moment(run: TracedRun, moment: Moment) -> Iterator[str]:
    if moment.living:
        yield _over_all(run, moment.title)
    received = run.taken_by(moment.number)
    for flight in received:
        yield _arrow(flight, "->>")
    for flight in run.flights:
        if flight.ended == moment.number and flight.fate == "lost":
            yield _arrow(flight, "--x")
    if moment.process is not None and not received and moment.kind != "lose":
        yield f"Note over {_id(moment.process)}: {_plain(moment.label)}"
    if moment.decided:
        yield f"Note over {_id(moment.process or '')}: decides {_plain(moment.decided)}"
    for process, value in moment.decisions:
        yield f"Note over {_id(process)}: decides {_plain(value)}"


def _remarks(run: TracedRun, moment: Moment) -> Iterator[str]:
    """Yield what a refined protocol sees of a step, and that what is owed from there on never comes."""
    if run.beside is not None and run.beside.steps[moment.number - 1] != "":
        yield _over_all(run, abstract_text(run.beside, moment.number))
    yield from _trigger(run, moment.number)


def _trigger(run: TracedRun, number: int) -> Iterator[str]:
    if run.trigger == number:
        yield _over_all(run, f"trigger: {run.owed}")


def _over_all(run: TracedRun, text: str) -> str:
    return f"Note over {_id(run.processes[0])},{_id(run.processes[-1])}: {_plain(text)}"


def _arrow(flight: Flight, arrow: str) -> str:
    return f"{_id(flight.sender)}{arrow}{_id(flight.receiver)}: {_plain(flight.message)}"


def _id(process: str) -> str:
    """Return a name that Mermaid takes for one word, and for none of its own.

    Examples
    --------
    >>> _id("end"), _id("rm 1")
    ('p_end', 'p_rm_1')
    """
    return "p_" + re.sub(r"\W", "_", process)


def _plain(text: str) -> str:
    """Replace the characters that mean something to Mermaid by its own entity codes."""
    shown = printable(shorten(text, LONG).replace("\n", " ").replace("\r", " "))
    return "".join(f"#{ord(c)};" if c in ';#<>"' else c for c in shown)
