"""The author's code at one step of a schedule, in Python's debugger."""

from __future__ import annotations

import pdb
from itertools import takewhile
from typing import Any

from flpcheck.analyse import Schedule
from flpcheck.errors import BadRequest
from flpcheck.system import System


def debug(system: System, run: Schedule, number: int) -> list[Any]:
    """Call the author's code as at a step of a schedule, in the debugger, and return what it answers if it may.

    Parameters
    ----------
    system, run
        A schedule, and what it runs in.
    number
        Number of the step, from 1.

    Raises
    ------
    BadRequest
        If there is no such step, or none of the author's code runs in it.
    """
    if not 1 <= number <= len(run):
        raise BadRequest(f"no step {number} in the schedule", why=f"choose 1 to {len(run)}")
    event, before = run.transitions[number - 1].event, run.configurations[number - 1]
    calls = list(system.calls_of(before, event))
    if not calls:
        what = f"step {number} runs no code of the spec: {event}"
        raise BadRequest(what, next_step="choose a step of a process; `replay` without --debug numbers them")
    # Frames of flpcheck itself are passed over; what a spec imports from it is not the author's code.
    answers = (pdb.Pdb(skip=["flpcheck.*"]).runcall(call) for call in calls)
    return list(takewhile(lambda answer: answer is not None, answers))  # who leaves the debugger gets none
