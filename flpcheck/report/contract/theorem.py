"""The documents of `flp` (the theorem on one protocol) and `why` (one configuration)."""

from __future__ import annotations

from flpcheck.report.contract.parts import COMMUTATION, FLP, NAME
from flpcheck.report.contract.shapes import Schema, array, flag, nullable, number, part, record, table, text

INITIAL = number("The initial configuration, from 0.")
EVENTS = array(part("event"), "The events.")
WAITS = array(
    record(
        process=text("The process that waits."),
        letters=array(record(message=text("What is awaited."), sender=text("From whom.")), "For which messages."),
        steps=array(NAME, "For which own steps."),
    ),
    "For each process, what it waits for.",
)
LEMMA_2 = record(
    "Lemma 2: a bivalent initial configuration.",
    bivalent=number("Number of bivalent initial configurations."),
    chain=array(
        record(inputs=table(NAME, "The inputs."), valence=text("What can be decided.")),
        "Adjacent initial configurations.",
    ),
    pivot=nullable(text("The process whose input changes where the valence changes.")),
    without_pivot=text("The values that can be decided there without that process."),
)
GADGETS = record(
    "Where the outcome is decided.",
    critical=number("Critical configurations."),
    forks=number("Forks."),
    hooks=number("Hooks."),
    corners=number("Corners."),
    first=nullable(
        record(
            "The first of them.",
            kind=text("What it is."),
            configuration=number("Where."),
            pivot=text("Its pivot."),
        )
    ),
)
CRITICAL = record(
    "The critical configurations of a protocol in shared memory; null for any other.",
    configurations=number("How many there are, with no decision made yet."),
    exceptions=number("How many of those looked at have pending operations on several objects, or on a register."),
    objects=array(text("The name of an object."), "The objects that the pending operations are on."),
    examples=array(
        record(
            configuration=number("Its number."),
            pending=array(
                record(
                    process=NAME,
                    object=text("The object."),
                    operation=text("The operation."),
                    leaves=nullable(text("What can be decided afterwards; null if the operation changes nothing.")),
                ),
                "The next operation of each process that has neither crashed nor halted.",
            ),
            rivals=array(NAME, "Two processes whose next operations decide differently."),
            tell=nullable(array(NAME, "Which processes can tell which of the two came first; null if all can.")),
        ),
        "One of each kind.",
    ),
)
BLOCKING = record(
    "A configuration from which no process can ever decide.",
    configuration=number("Its number."),
    initial=INITIAL,
    length=number("Number of events that lead there."),
    silent=array(NAME, "The silent processes."),
    crashed=array(NAME, "The crashed processes."),
    waits=WAITS,
    schedule=EVENTS,
)
LASSO = record(
    "A fair run without a decision.",
    initial=INITIAL,
    length=number("Number of events shown."),
    loop=nullable(number("The events after this number of events repeat for ever.")),
    turn=number("Number of events in one turn of the loop; 0 where fairness requires no further event."),
    rise=number("Increase of all current ballots (rounds, terms) in each turn."),
    faulty=array(NAME, "The silent processes."),
    valence=text("The values that can still be decided throughout."),
    because=text("Why it goes on for ever."),
    dodges=array(
        record(
            step=number("Which event."),
            taken=text("What happens."),
            instead=text("The events that would have settled the outcome."),
            valence=text("To what."),
        ),
        "Where the adversary avoids a decision.",
    ),
    schedule=EVENTS,
)
ADVERSARY = record(
    "The adversary of the proof at work.",
    stages=array(
        record(
            process=text("Whose turn it is."),
            event=nullable(text("Its oldest event.")),
            first=number("Number of events before the stage."),
            detour=number("Number of events taken before the oldest one."),
        ),
        "Turn by turn.",
    ),
    initial=INITIAL,
    loop=nullable(number("The events after this number of events repeat for ever.")),
    stuck=nullable(
        record("Where it cannot go on.", process=text("Whose turn it is."), event=text("Its oldest event."))
    ),
    schedule=EVENTS,
)
THEOREM: Schema = record(
    "The theorem on this protocol.",
    **FLP,
    lemma1=record("Lemma 1: steps of different processes commute.", **COMMUTATION),
    lemma2=LEMMA_2,
    lemma3=record(
        "Lemma 3: any event can be delayed and then taken.", **COMMUTATION, because=text("Why it fails; empty if not.")
    ),
    silent=record(
        "What can be decided without single processes.",
        dead=table(number(""), "Number of configurations in which nothing can be decided without that process."),
        non_uniform=number("Number of configurations in which it depends on which single process is missing."),
    ),
    gadgets=GADGETS,
    critical=nullable(CRITICAL),
    blocking=nullable(BLOCKING),
    within=array(
        record(constant=text("Which one."), value=number("Its value."), event=text("What it prevents.")),
        "Constants of the protocol without which it would not block.",
    ),
    lasso=nullable(LASSO),
    cycles=array(
        record(
            configurations=number("Its size."),
            faulty=array(NAME, "The silent processes."),
            valence=text("What can be decided."),
        ),
        "Fair cycles in which no process has decided.",
    ),
    adversary=nullable(ADVERSARY),
)
VERDICT: Schema = record(
    "The verdict of the theorem.",
    **FLP,
    lemma1=nullable(record("Lemma 1; null in rounds.", **COMMUTATION)),
    lemma3=nullable(record("Lemma 3; null in rounds, and where it takes long.", **COMMUTATION)),
)
WHY: dict[str, Schema] = {
    "configuration": number("Its number."),
    "initial": INITIAL,
    "schedule": EVENTS,
    "valence": text("What can be decided."),
    "critical": flag("Whether it is critical."),
    "disagrees": flag("Whether it holds two decisions."),
    "ways": table(array(part("event"), ""), "For each value that can be decided, a way to it."),
    "lost": nullable(
        record(
            "The last step at which a value was lost.",
            step=number("Which event, from 1."),
            before=text("What could be decided before."),
            after=text("What could be decided after it."),
        )
    ),
    "without": array(
        record(silent=array(NAME, "Whom."), waits=WAITS),
        "The smallest sets of processes without which nothing is decided.",
    ),
}
