"""Why the next line of a process cannot be explained: what the spec would have done instead."""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.authoring.events import Pid
from flpcheck.authoring.values import shorten, show
from flpcheck.conform.like import Like, Mismatch
from flpcheck.conform.machine import Letters, Machine, Taken, event_of
from flpcheck.conform.seen import Seen
from flpcheck.system.components import Crashed

NEAREST = 3
"""Maximum number of letters, or of steps, that are shown."""


@dataclass(frozen=True)
class Candidate:
    """A letter or a step that is nearly what a line tells.

    Parameters
    ----------
    what
        The letter or step, as text.
    mismatches
        Where it differs.
    """

    what: str
    mismatches: tuple[str, ...]


@dataclass(frozen=True)
class Stuck:
    """An observation that cannot be explained.

    Parameters
    ----------
    process, seen
        The process, and what its line tells.
    why
        The reason, in a sentence.
    state
        The state of the process in the spec, as text.
    waits
        Whether a later step of another process could still explain it.
    candidates
        What comes nearest.
    """

    process: Pid
    seen: Seen
    why: str
    state: str
    waits: bool
    candidates: tuple[Candidate, ...] = ()


def stuck(machine: Machine, index: int, seen: Seen) -> Stuck:
    """Return why an observation cannot be explained now.

    Parameters
    ----------
    machine
        The processes, as far as the log is explained.
    index, seen
        The process, and what its next line tells.
    """
    local = next(machine.states(index))[1]
    why, waits, found = _reason(machine, index, seen, local)
    nearest = sorted(found, key=lambda candidate: len(candidate.mismatches))[:NEAREST]
    return Stuck(machine.names[index], seen, why, shorten(show(local), 300), waits, tuple(nearest))


def _reason(machine: Machine, index: int, seen: Seen, local: object) -> tuple[str, bool, list[Candidate]]:
    before = _texts(seen.before.mismatches(local), "state before")
    if before:
        return "its state is another one before", False, [Candidate("the state", before)]
    if not seen.is_step:
        missing = _effects(machine, seen, machine.untold[index])
        state = _texts(seen.after.mismatches(local), "state")
        why = "its state is another one" if state else "it sent something else"
        return why, False, [Candidate("its latest step", state + missing)]
    if isinstance(local, Crashed) != (seen.how == "recover"):
        return ("it has not crashed" if seen.how == "recover" else "it has crashed"), False, []
    steps = [step for start, state in machine.states(index) for step in machine.steps_told(seen, index, start, state)]
    if steps:
        return "the spec does something else", False, [_step(machine, step, seen) for step in steps]
    if seen.how == "deliver" and next(machine.mail[index].waiting(seen.event, _sender(machine, seen)), None) is None:
        return "no process has sent such a message", True, _letters(machine, index, seen)
    return "the spec leaves this message for later here", False, []


def _sender(machine: Machine, seen: Seen) -> int | None:
    return None if seen.sender is None else machine.parts.index[seen.sender]


def _letters(machine: Machine, index: int, seen: Seen) -> list[Candidate]:
    """Return the letters that are there instead: those of its kind, if there are any."""
    mail = machine.mail[index]
    letters = list(mail.waiting(Like(seen.event.kind), None)) or list(mail.waiting(Like(), None))
    found = []
    for letter in letters:
        name = machine.names[letter.sender]
        texts = _texts(seen.event.mismatches(letter.message), "message")
        if seen.sender not in {None, name}:
            texts = (f"the sender is {name} in the spec, {seen.sender} in the log", *texts)
        found.append(Candidate(f"{shorten(show(letter.message))} from {name}", texts))
    return found


def _step(machine: Machine, step: Taken, seen: Seen) -> Candidate:
    assert step.outcome is not None
    texts = _texts(seen.after.mismatches(step.outcome.state), "state after")
    rule = f" by the rule `{step.rule.name}`" if step.rule else ""
    return Candidate(f"{event_of(step, machine.names)}{rule}", texts + _effects(machine, seen, step.untold))


def _effects(machine: Machine, seen: Seen, letters: Letters) -> tuple[str, ...]:
    """Return which letters of a line the spec does not send, and which it sends beside them."""
    left, missing = list(letters), list[str]()
    for to, what in seen.sent:
        place = machine.parts.index[to]
        fitting = next((letter for letter in left if letter[0] == place and what.fits(letter[1])), None)
        if fitting is None:
            missing.append(f"it does not send {what} to {to}")
        else:
            left.remove(fitting)
    more = [f"it also sends {shorten(show(m))} to {machine.names[to]}" for to, m, _ in left]
    return (*missing, *(more if seen.only or missing else ()))


def _texts(mismatches: list[Mismatch], what: str) -> tuple[str, ...]:
    return tuple(f"{what}: {mismatch}" for mismatch in mismatches)
