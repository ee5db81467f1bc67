"""What documents have in common: events, schedules, verdicts, worlds."""

from __future__ import annotations

from flpcheck.report.contract.shapes import (
    Shape,
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

PLAIN: Shape = {"type": ["boolean", "number", "string", "null"]}
NAME = text("")
VERDICTS = ("HOLDS", "VIOLATED", "INCOMPLETE")


def _budget(about: str) -> Shape:
    return either(about, number(""), text("", "unlimited"))


def _who(about: str, *more: Shape) -> Shape:
    return either(about, number(""), array(NAME, ""), *more)


PATTERN = record(
    "What the adversary does in a round.",
    round=number("Which round, from 0."),
    crashes=table(array(NAME, ""), "Who crashes, and whom its messages still reach."),
    missed=table(array(NAME, ""), "Who does not hear whom."),
    lies=array(
        {"type": "array", "prefixItems": [NAME, NAME, nullable(NAME)], "minItems": 3, "items": False},
        "Liar, receiver, message; null for silence.",
    ),
)
EVENT = record(
    "An event of a schedule; `replay --schedule` reads a list of them.",
    event=text(
        "`start`, `timeout`, `deliver`, `gather`, `suspect`, `trust`, `crash`, `recover`, `lose`, `duplicate`, `lie`, "
        "`omit`, `stabilise`, `heal`, `round`, or a name that a general protocol gives it."
    ),
    process=nullable(text("Whose event it is; null for one of the world's.")),
    sender=nullable(text("Who sent the message.")),
    message=nullable(text("The message, as text.")),
    outcome=number("Which outcome of the step, from 0."),
    during=optional(text("In the middle of which event, for a crash or an omission there.")),
    reached=optional(array(NAME, "Whom the messages of that step still reached.")),
    written=optional(array(NAME, "Which stable fields were written before the crash.")),
    sent=optional(array(NAME, "Which message each of them got, where one was sent several.")),
    chance=optional(text("The probability of this outcome, as a fraction.")),
    pattern=optional(part("pattern")),
)
SCHEDULE = record(
    "A schedule; `replay --schedule` reads it.",
    initial=number("Which initial configuration, from 0."),
    length=number("How many events."),
    loop=nullable(number("The events after this number of events repeat for ever; null without a loop.")),
    faulty=array(NAME, "Who never steps again, where crashes are elided."),
    schedule=array(part("event"), "The events."),
)
FINDING = record(
    "The verdict on one property.",
    verdict=text("What was found.", *VERDICTS),
    expected=nullable(text("What the instance expects; null without an expectation.", *VERDICTS)),
    as_expected=nullable({"type": "boolean", "description": "Whether they are the same; null without an expectation."}),
    because=text("One sentence."),
    within=optional(number("In rounds: after how many every process has decided.")),
    counterexample=optional(part("schedule", "How it is violated.")),
    witness=optional(part("schedule", "How a property that demands some run is satisfied.")),
)
CENSUS = {
    "bivalent": number("Two values can still be decided."),
    "univalent": table(number(""), "One value can be decided, by value."),
    "none": number("No value can be decided any more."),
    "unknown": number("Not known, because a bound cut the search."),
}
COMMUTATION = {
    "pairs": number("How many pairs of events were tried."),
    "failures": number("For how many it does not hold."),
    "complete": flag("Whether all were tried."),
    "example": text("One for which it does not hold; empty if there is none."),
}
FLP = {
    "verdicts": array(
        text("", "disagrees", "trivial", "blocks", "undecided_lasso", "outside", "unknown"),
        "On which horns of the theorem the protocol ends.",
    ),
    "because": text("One sentence."),
    "bivalent_initial": flag("Whether some initial configuration is bivalent."),
}
WORLD = record(
    "The world; options of the same names set it.",
    timing=text("The timing."),
    network=text("How messages travel.", "multiset", "set", "fifo"),
    ignored=text("What happens to an ignored message."),
    loss=_budget("Maximum number of lost messages."),
    duplication=_budget("Maximum number of duplicated messages."),
    partition=array(array(NAME, ""), "Groups between which nothing gets through."),
    cut=array(array(NAME, ""), "Links on which nothing gets through: from, to."),
    heals=flag("Whether what is cut eventually heals."),
    crashes=number("Maximum number of crashes."),
    crash_events=text("Whether crashes are events.", "explicit", "elided"),
    crash_points=text("Where in a step a crash may come."),
    mid_broadcast=flag("Whether one may come inside of a step."),
    initially_dead=_who("Who is dead from the start: how many, or which."),
    recoveries=_budget("Maximum number of recoveries."),
    byzantine=_who("Who may lie: how many, or which."),
    omission=_who("Who may omit messages: how many, or which."),
    faulty=_who("Only these may fail; null for any; in rounds, the faulty ones.", null("")),
    authenticated=flag("Whether messages are signed."),
    lies=text("What liars say."),
    twins=array(NAME, "Who runs twice under one name."),
    detector=nullable(text("The failure detector.")),
    mistakes=_budget("Maximum number of wrong answers (or early timeouts) before stabilisation."),
    stabilises=flag("Whether the world eventually stabilises."),
    timers=text("When timers fire."),
    rounds=optional(nullable(number("Maximum number of rounds."))),
    predicate=optional(text("Who hears whom in a round.")),
    unstable_rounds=optional(nullable(number("Maximum number of rounds before GST."))),
    faults=optional(nullable(text("How the faulty are faulty, in rounds."))),
    rushing=optional(flag("Whether liars pass on signatures of the same round.")),
)
