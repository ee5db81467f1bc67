"""The fastest runs in words, as JSON, and as findings that pictures can show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flpcheck.analyse import Finding
from flpcheck.analyse.message_delays import MOST, FastestRun, MessageDelays
from flpcheck.authoring.property import Property, Verdict
from flpcheck.errors import BadRequest, nearest
from flpcheck.report.wording import counted

RUNS = ("decision", "all-decisions", "log")
"""The goals of fastest runs, as options name them."""
FASTEST = "fastest"
"""The kind of a claim that is no property of the protocol: only that there is such a run."""
UNKNOWN = f"not counted: more than {MOST:,} states to search"


def sentences(delays: MessageDelays) -> Iterator[str]:
    r"""Yield what is known of the delays, a line each.

    Examples
    --------
    >>> from flpcheck.analyse import Schedule
    >>> nothing = Schedule(0, (), ())
    >>> run, later = FastestRun(4, 10, 8, nothing), FastestRun(6, 15, 12, nothing)
    >>> print(*sentences(MessageDelays(run, run, run, (run, later))), sep="\n")
    a decision takes at least 4 message delays; the fastest run sends 10 messages and receives 8
    all decide after at least 4 message delays, with 10 messages
    entry 1 of the log takes at least 4 message delays and 10 messages, entry 2 then 2 and 5
    >>> once, twice = FastestRun(1, 6, 6, nothing), FastestRun(2, 12, 12, nothing)
    >>> print(*sentences(MessageDelays(once, twice, None, in_rounds=True, cut=True)), sep="\n")
    a decision takes at least 1 round; the fastest run sends 6 messages and receives 6
    from the slowest inputs it takes at least 2 rounds, with 12 messages
    """
    first, everyone = delays.first, delays.everyone
    if first is not None:
        sent = f"sends {counted(first.sent, 'message')} and receives {first.received}"
        yield f"a decision takes at least {_long(delays, first.delays)}; the fastest run {sent}"
    if (slowest := delays.slowest) is not None:
        sent = counted(slowest.sent, "message")
        yield f"from the slowest inputs it takes at least {_long(delays, slowest.delays)}, with {sent}"
    if everyone is not None:
        sent = counted(everyone.sent, "message")
        yield f"all decide after at least {_long(delays, everyone.delays)}, with {sent}"
    if delays.entries:
        figures = [delays.figures[f"entry {number}"] for number in range(1, len(delays.entries) + 1)]
        took = f"{_long(delays, figures[0][0])} and {counted(figures[0][1], 'message')}"
        later = [f"entry {number} then {more} and {sent}" for number, (more, sent) in enumerate(figures[1:], start=2)]
        yield ", ".join([f"entry 1 of the log takes at least {took}", *later])
    if delays.cut and first is None and not delays.entries:
        yield UNKNOWN


def _long(delays: MessageDelays, number: int) -> str:
    return counted(number, "round" if delays.in_rounds else "message delay")


def delays_as_json(delays: MessageDelays) -> dict[str, Any]:
    """Return the fastest runs as the JSON contract has them."""
    return {
        "unit": "round" if delays.in_rounds else "message delay",
        "decision": _as_json(delays.first),
        "slowest_inputs": _as_json(delays.worst),
        "all_decisions": _as_json(delays.everyone),
        "entries": [_as_json(run) for run in delays.entries],
        "complete": not delays.cut,
    }


def _as_json(run: FastestRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    schedule: dict[str, Any] = {
        "initial": run.schedule.initial,
        "length": len(run.schedule),
        "loop": None,
        "faulty": [],
    }
    counts = {"delays": run.delays, "sent": run.sent, "received": run.received}
    return {**counts, "schedule": {**schedule, "schedule": run.schedule.as_json()}}


def finding_of(delays: MessageDelays | None, goal: str) -> Finding:
    """Return a fastest run as a finding, for pictures of runs.

    Parameters
    ----------
    delays
        The fastest runs, None where there are no messages.
    goal
        One of `RUNS`: to a decision, to all decisions, or to the last entry of the log that is counted.

    Raises
    ------
    BadRequest
        If there is no such run, or it is not known.
    """
    if goal not in RUNS:
        raise BadRequest(f"no run {goal!r}", why=nearest(goal, RUNS))
    runs: dict[str, FastestRun | None] = {}
    if delays is not None:
        last = delays.entries[-1] if delays.entries else None
        runs = dict(zip(RUNS, (delays.first, delays.everyone, last), strict=True))
    run = runs.get(goal)
    if run is None or delays is None:
        known = [name for name, found in runs.items() if found is not None]
        why = UNKNOWN if delays is not None and delays.cut else "there is no such run without failures"
        advice = f"use --fastest {known[0]}" if known else "show a counterexample, or step through a run"
        raise BadRequest(f"no fastest run to {goal.replace('-', ' ')}", why=why, next_step=advice)
    because = f"{_long(delays, run.delays)}, {counted(run.sent, 'message')} sent, {run.received} received"
    claim = Property(f"a fastest run to {_goal(delays, goal)}", because, kind=FASTEST)
    return Finding(claim, Verdict.HOLDS, because, run.schedule)


def _goal(delays: MessageDelays, goal: str) -> str:
    entries = len(delays.entries)
    log = "one entry of the log" if entries == 1 else f"{entries} entries of the log"
    return {"decision": "a decision", "all-decisions": "all decisions", "log": log}[goal]
