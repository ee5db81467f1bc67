"""Parts that documents share: events, schedules, verdicts, worlds."""

from __future__ import annotations

from collections.abc import Callable

from flpcheck.report.contract.shapes import (
    Schema,
    array,
    either,
    flag,
    null,
    nullable,
    number,
    optional,
    part,
    record,
    table,
    text,
)
from flpcheck.world.switches import SWITCHES, Switch

PLAIN: Schema = {"type": ["boolean", "number", "string", "null"]}
NAME = text("")
VERDICTS = ("HOLDS", "VIOLATED", "INCOMPLETE")


PATTERN = record(
    "What the adversary does in a round.",
    round=number("Which round, from 0."),
    crashes=table(array(NAME, ""), "For each process that crashes, the receivers that its messages still reach."),
    missed=table(array(NAME, ""), "For each process, the senders that it does not hear."),
    lies=array(
        {"type": "array", "prefixItems": [NAME, NAME, nullable(NAME)], "minItems": 3, "items": False},
        "Liar, receiver and message; the message is null for silence.",
    ),
)
EVENT = record(
    "An event of a schedule; `replay --schedule` reads a list of them.",
    event=text(
        "`start`, `timeout`, `deliver`, `gather`, `suspect`, `trust`, `crash`, `recover`, `lose`, `duplicate`, `lie`, "
        "`omit`, `stabilise`, `heal`, `round`, or a name that a general protocol gives it."
    ),
    process=nullable(text("The process whose event it is; null for an event of the world.")),
    sender=nullable(text("The sender of the message.")),
    message=nullable(text("The message, as text.")),
    outcome=number("The outcome of the step, from 0."),
    during=optional(text("The event during which a process crashes or omits messages.")),
    reached=optional(array(NAME, "The receivers that the messages of that step still reached.")),
    written=optional(array(NAME, "The stable fields that were written before the crash.")),
    sent=optional(array(NAME, "The message that each of them received, where a process sent different ones.")),
    chance=optional(text("The probability of this outcome, as a fraction.")),
    pattern=optional(part("pattern")),
)
SCHEDULE = record(
    "A schedule; `replay --schedule` reads it.",
    initial=number("The initial configuration, from 0."),
    length=number("Number of events."),
    loop=nullable(number("The events after this number of events repeat for ever; null without a loop.")),
    faulty=array(NAME, "The processes that never step again, where crashes are elided."),
    schedule=array(part("event"), "The events."),
)
BESIDE = record(
    "What a schedule that violates a refinement is in the protocol that is refined.",
    protocol=text("Its name."),
    configurations=array(table(NAME, ""), "What each configuration of the schedule is seen as: text, leaf by leaf."),
    steps=array(
        record(
            step=nullable(text("The step there; null if nothing changes, or there is no such step.")),
            refined=flag("Whether the step is one of that protocol, or changes nothing there."),
        ),
        "What each event is.",
    ),
)
FINDING = record(
    "The verdict on one property.",
    verdict=text("What was found.", *VERDICTS),
    expected=nullable(text("What the instance expects; null without an expectation.", *VERDICTS)),
    as_expected=nullable({"type": "boolean", "description": "Whether they are the same; null without an expectation."}),
    because=text("One sentence."),
    vacuous=optional(flag("True where it holds because nothing ever depended on it.")),
    within=optional(number("In rounds: number of rounds after which every process has decided.")),
    counterexample=optional(part("schedule", "A schedule that violates it.")),
    witness=optional(part("schedule", "A schedule that shows it, for a property that some run must satisfy.")),
    trigger=optional(number("The number of events after which what is owed never comes, for `leads_to`.")),
    beside=optional(BESIDE),
)
CENSUS = {
    "bivalent": number("Two values can still be decided."),
    "univalent": table(number(""), "One value can be decided, by value."),
    "none": number("No value can be decided any more."),
    "unknown": number("Not known, because a bound cut the search."),
}
COMMUTATION = {
    "pairs": number("Number of pairs checked."),
    "failures": number("Number of pairs for which it does not hold."),
    "complete": flag("Whether all were tried."),
    "example": text("A pair for which it does not hold; empty if there is none."),
}
FLP = {
    "verdicts": array(
        text("", "disagrees", "trivial", "blocks", "undecided_lasso", "outside", "unknown"),
        "On which horns of the theorem the protocol ends.",
    ),
    "because": text("One sentence."),
    "bivalent_initial": flag("Whether some initial configuration is bivalent."),
}
_SHAPES: dict[str, Callable[[Switch], Schema]] = {
    "text": lambda switch: text(switch.meaning),
    "text or null": lambda switch: nullable(text(switch.meaning)),
    "choice": lambda switch: text(switch.meaning, *switch.form.choices),
    "number": lambda switch: number(switch.meaning),
    "number or null": lambda switch: nullable(number(switch.meaning)),
    "budget": lambda switch: either(switch.meaning, number(""), text("", "unlimited")),
    "loss": lambda switch: either(switch.meaning, number(""), text("", "unlimited", *switch.form.choices)),
    "flag": lambda switch: flag(switch.meaning),
    "who": lambda switch: either(switch.meaning, number(""), array(NAME, "")),
    "who or null": lambda switch: either(switch.meaning, number(""), array(NAME, ""), null("")),
    "names": lambda switch: array(NAME, switch.meaning),
    "groups": lambda switch: array(array(NAME, ""), switch.meaning),
}
"""The schema of a switch, by what its form says of its values."""


def _world() -> Schema:
    """Return the schema of a world; what only rounds have is optional."""
    keys: dict[str, Schema] = {}
    for switch in SWITCHES:
        if switch.meaning and switch.name not in keys:
            shape = _SHAPES[switch.form.schema](switch)
            keys[switch.name] = optional(shape) if switch.part == "rounds" else shape
    return record("The world; each key is set by the option of the same name.", **keys)


WORLD = _world()
