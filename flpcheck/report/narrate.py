"""A schedule told step by step, each step with only what it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from flpcheck.analyse import Schedule, Valence
from flpcheck.analyse.finding import AbstractRun
from flpcheck.authoring.events import Letter, Pid
from flpcheck.authoring.values import shorten, show
from flpcheck.system import System, Transition

Mailboxes: TypeAlias = Mapping[Pid, Sequence[Letter[Any]]]
ARROW = "→"
NO_SUCH_STEP = "no such step"
LONG = 400
"""Maximum length of the text on one change, in characters; the middle of a longer one is left out."""


class NarratedStep(NamedTuple):
    """One step of a narrated schedule.

    Parameters
    ----------
    number
        From 1 on; 0 is the initial configuration.
    title
        The event.
    rule
        The rule of the spec that applied, empty for world events.
    changes
        One line for everything that changed.
    valence
        The valence of the configuration afterwards, empty if it is not known.
    loops
        Whether this step belongs to the part that repeats for ever.
    """

    number: int
    title: str
    rule: str
    changes: tuple[str, ...]
    valence: str
    loops: bool


def steps_of(
    system: System, schedule: Schedule, valence: Valence | None = None, beside: AbstractRun | None = None
) -> list[NarratedStep]:
    """Return a schedule step by step.

    Parameters
    ----------
    system
        The system of the schedule.
    schedule
        The events, and the configurations in between.
    valence
        If the schedule comes from a graph, the valence of its configurations.
    beside
        The schedule as the protocol that is refined sees it; each step then says what it is there.
    """
    names = _valences(schedule, valence)
    steps = [NarratedStep(0, _initial(system, schedule), "", (), names[0], loops=False)]
    before, unread = system.describe(schedule.configurations[0]), system.mailboxes(schedule.configurations[0])
    for number, transition in enumerate(schedule.transitions, start=1):
        here = schedule.configurations[number]
        after, then = system.describe(here), system.mailboxes(here)
        rule = transition.rule.name if transition.rule else ""
        loops = schedule.loop is not None and number > schedule.loop
        changed = (*_changes(before, after, transition), *_mail_changes(unread, then, transition))
        abstract = _abstract_step(beside, number) if beside is not None else ()
        changes = tuple(shorten(change, LONG) for change in (*changed, *abstract))
        title = shorten(str(transition.event), LONG) + chance_text(transition)
        steps.append(NarratedStep(number, title, rule, changes, names[number], loops))
        before, unread = after, then
    return steps


def abstract_text(beside: AbstractRun, number: int) -> str:
    """Return what a step, by its number, is in the protocol that is refined."""
    step = beside.steps[number - 1]
    return f"{beside.name}: {NO_SUCH_STEP if step is None else step or 'no change'}"


def _abstract_step(beside: AbstractRun, number: int) -> Iterator[str]:
    """Yield what a step is in the protocol that is refined; where it is none, what it changes there."""
    yield abstract_text(beside, number)
    if beside.steps[number - 1] is None:
        before, after = beside.configurations[number - 1 : number + 1]
        yield from _field_changes(beside.name, dict(before), dict(after))


def chance_text(transition: Transition) -> str:
    """Return with what probability the coin fell like this; empty if no coin was tossed."""
    return "" if transition.chance in {None, 1} else f", by chance ({transition.chance})"


def _valences(schedule: Schedule, valence: Valence | None) -> list[str]:
    if valence is None or not schedule.numbers or not valence.graph.deciding:
        return [""] * len(schedule.configurations)
    return [shorten(valence.name(number)) for number in schedule.numbers]


def _initial(system: System, schedule: Schedule) -> str:
    initial = system.initial()[schedule.initial]
    inputs = [f"{pid} has input {value}" for pid, value in initial.inputs.items()]
    dead = [f"{pid} is dead from the start" for pid in initial.dead]
    dead += [f"{pid} is faulty" for pid in initial.faulty]
    return shorten(", ".join([*inputs, *dead]), LONG) or "the initial configuration"


def _changes(before: dict[str, Any], after: dict[str, Any], transition: Transition) -> Iterator[str]:
    """Yield what changed in the parts, the stepping process first."""
    order = sorted(after, key=lambda name: name != transition.event.process)
    if transition.event.pattern is not None:
        order = [name for name in order if name]  # its title says that a round is over
    for name in order:
        yield from _field_changes(name, before.get(name, {}), after[name])


def _field_changes(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    if "crashed" in after and "crashed" not in before:
        kept = [f"{field} {text}" for field, text in after.items() if field not in {"crashed", "mail"}]
        yield f"{name} has crashed" + (f", its {' and '.join(kept)} stays" if kept else "")
        return
    for field, text in after.items():
        if field != "mail" and before.get(field) != text:
            label = ".".join(filter(None, (name, field)))
            yield f"{label}: {before.get(field, '')} {ARROW} {text}"


def _mail_changes(before: Mailboxes, after: Mailboxes, taken: Transition) -> Iterator[str]:
    """Yield what was sent, and what vanishes with a process that crashes."""
    sent: dict[str, list[str]] = {}
    for name, letters in after.items():
        for message in _arrived(before[name], letters):
            sent.setdefault(message, []).append(name)
    for message, receivers in sent.items():
        yield f"sent {message} to {', '.join(receivers)}"
    crashing = taken.event.process if taken.event.kind == "crash" else None
    lost = len(before.get(crashing, ())) if crashing is not None else 0
    if lost:
        yield f"{lost} message{'s' if lost > 1 else ''} to {crashing} vanish{'' if lost > 1 else 'es'}"


def _arrived(before: Sequence[Letter[Any]], after: Sequence[Letter[Any]]) -> list[str]:
    """Return the messages that have come into a mailbox, as text; the stepping process has sent them."""
    old, new = (Counter((show(letter.message), letter.sender) for letter in letters) for letters in (before, after))
    return [message for message, _ in sorted((new - old).elements())]


def text_of(steps: list[NarratedStep]) -> str:
    """Return narrated steps as plain text.

    Examples
    --------
    >>> beginning = NarratedStep(0, "p0 has input 1", "", (), "1", False)
    >>> print(text_of([beginning, NarratedStep(1, "p0 starts", "", (), "1", False)]))
      0  p0 has input 1   [1]
      1  p0 starts   [1]
    """
    return "\n".join(_lines(steps))


def _lines(steps: list[NarratedStep]) -> Iterator[str]:
    looping = False
    for step in steps:
        if step.loops and not looping:
            looping = True
            yield "     from here on, for ever:"
        tag = f"   [{step.valence}]" if step.valence else ""
        rule = f"   ({step.rule})" if step.rule else ""
        yield f"{step.number:>3}  {step.title}{rule}{tag}"
        for change in step.changes:
            yield f"       {change}"
