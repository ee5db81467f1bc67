"""The lines that commands print with `--format json`, and which command prints which."""

from __future__ import annotations

from flpcheck.exit_codes import INCONCLUSIVE, INTERNAL_ERROR, USAGE_ERROR
from flpcheck.report.contract.parts import CENSUS, EVENT, FINDING, NAME, PATTERN, PLAIN, SCHEDULE, VERDICTS, WORLD
from flpcheck.report.contract.shapes import (
    Schema,
    array,
    either,
    flag,
    null,
    nullable,
    number,
    part,
    real,
    record,
    table,
    text,
)
from flpcheck.report.contract.theorem import THEOREM, VERDICT, WHY
from flpcheck.stops import StopReason

SCHEMA_VERSION = 4
"""Version of the schema, raised whenever a key is added, removed or means something else."""

VERSION: Schema = {"const": SCHEMA_VERSION, "description": "The version of this contract."}
SPEC = text("The spec, as it was named.")
INSTANCE = nullable(text("The instance; null if options changed it."))
CUT = nullable(
    record(
        "What cut the search; null for a complete one.",
        bound=text("Which bound.", *StopReason),
        frontier=number("Number of configurations left unexpanded."),
    )
)


def _fastest(about: str) -> Schema:
    return record(
        about,
        delays=number("Number of message delays, or rounds."),
        sent=number("Number of messages that processes have sent to others."),
        received=number("Number of messages that processes have received from others."),
        schedule=part("schedule", "The run."),
    )


EXAMINATION: dict[str, Schema] = {
    "schema_version": VERSION,
    "spec": SPEC,
    "instance": INSTANCE,
    "parameters": table(PLAIN, "The parameters of the protocol."),
    "constants": table(PLAIN, "Its constants."),
    "inputs": table(PLAIN, "Inputs that are fixed, by process."),
    "world": part("world"),
    "engine": text("Which engine explored.", "reference", "kernel"),
    "fallback": nullable(text("Why the kernel did not, where it was requested.")),
    "reductions": array(
        text(
            "A reduction.", "symmetry", "BallotShift", "StaleMail", "dead-letters", "equal-states", "stubborn-sets"
        ),
        "The reductions that were used: numbers are those of the reduced graph, except where it says otherwise.",
    ),
    "purity": nullable(text("How far determinism was checked, where that is less than usual; else null.")),
    "complete": flag("Whether everything reachable was explored."),
    "cut": CUT,
    "configurations": number("Number of configurations found."),
    "transitions": number("Number of transitions found."),
    "edges": nullable(number("Distinct pairs of a configuration and a successor; null if time was up.")),
    "depth": number("Maximum number of events to a configuration."),
    "initial": record("The initial configurations.", configurations=number("Their number."), **CENSUS),
    "valence": record(
        "Number of configurations by what can still be decided; modulo symmetry, of those without it.", **CENSUS
    ),
    "disagreeing": number("Number of configurations with two different decisions."),
    "critical": number("Number of critical configurations."),
    "properties": table(part("finding"), "The verdicts, by property."),
    "bivalent_chain": nullable(number("In rounds: number of configurations in the longest bivalent chain.")),
    "flp": nullable(part("flp")),
    "odds": nullable(part("odds")),
    "vacuity": record(
        "What was never used.",
        rules=array(record(rule=text("The rule."), line=number("Its line.")), "Rules that never applied."),
        messages=array(NAME, "Messages that never arrived."),
        liars=array(NAME, "Liars whose lies change nothing."),
    ),
    "fastest": nullable(
        record(
            "The runs without failures that take the fewest message delays; null where there are no messages or "
            "nothing to decide, and in commands other than `explore`.",
            unit=text("What is counted: in rounds, rounds.", "message delay", "round"),
            decision=nullable(_fastest("To the first decision; null if there is none, or it was not found.")),
            slowest_inputs=nullable(
                _fastest("To the first decision from the initial configuration where it costs most; null if unknown.")
            ),
            all_decisions=nullable(
                _fastest("To where all processes that have to decide have decided; null if there is none found.")
            ),
            entries=array(
                _fastest("To an entry."), "To each entry of a replicated log, going on where the one before ends."
            ),
            complete=flag("Whether all of this was searched for to the end; if not, more may exist."),
        )
    ),
    "liars": nullable(
        record(
            "What liars could say; null where no process lies by messages.",
            alphabet=text("Which alphabet."),
            messages=number("Number of messages."),
            claim=text("In words."),
            hints=array(NAME, "What is missing in it."),
        )
    ),
    "multipliers": nullable(
        record(
            "What multiplies the state space; null for a small one that no bound cut.",
            configurations=number("Number of configurations examined: the first ones found."),
            parts=array(
                record(
                    "A part of configurations.",
                    kind=text("What it is.", "process", "message", "field", "observer", "switch"),
                    name=text("Its name."),
                    factor=real("Factor by which it multiplies the number of configurations."),
                ),
                "Its parts, most first.",
            ),
            cures=array(
                record(
                    "What would make it smaller.",
                    advice=text("What to do."),
                    command=nullable(text("The command that tries it; null where the spec has to be changed.")),
                ),
                "What would make it smaller.",
            ),
        )
    ),
    "differences": array(NAME, "What differs from what the instance expects."),
    "seconds": record(
        "Wall-clock seconds of each part of the run, without overlap.", load=real("Loading."),
        explore=real("Exploring; in safety mode also judging meanwhile."), purity=real("Comparing interpreters."),
        analyse=real("Judging."), draw=real("Drawing."), total=real("All of it."),
    ),
    "unfinished": array(NAME, "What a limit of the run or an interrupt cut short or omitted, a sentence each."),
    "peak_memory_bytes": number("Peak memory of the process."),
    "reports": array(NAME, "The files that were written."),
}  # fmt: skip
WITHOUT_GRAPH = ("edges", "valence", "disagreeing", "critical", "bivalent_chain", "flp", "odds", "vacuity")
"""Keys that are null in safety mode."""
SAFETY = EXAMINATION | {
    **{name: null("Not known in safety mode.") for name in WITHOUT_GRAPH},
    "initial": record("The initial configurations.", configurations=number("Their number.")),
    "not_asked": table(text("Why not."), "The properties that safety mode does not judge."),
}
ERROR = record(
    what=text("What is wrong."),
    why=text("The reasons; may be empty."),
    details=array(text("One of them."), "Evidence: values, the line that was running, the names available."),
    next=text("What to do; may be empty."),
    file=text("The file to open first."),
    line=number("The line there."),
    related=array(
        record(file=text("Its file."), line=number("Its number."), what=text("What stands there.")),
        "Other lines involved.",
    ),
    schedule=array(NAME, "The events that lead to it."),
    exit_code={"enum": [USAGE_ERROR, INCONCLUSIVE, INTERNAL_ERROR], "description": "Its exit code."},
)
FAILURE: dict[str, Schema] = {
    "schema_version": VERSION,
    "spec": SPEC,
    "instance": nullable(text("The instance; null if the spec does not load.")),
    "error": ERROR,
}


def _rounds(scheduler: str) -> Schema:
    about = f"The expected number of rounds with the {scheduler} scheduler; null if there is none."
    return nullable(record(about, at_least=text("Lower bound."), at_most=text("Upper bound.")))


ODDS = record(
    "Probabilities, where coins are tossed; numbers are fractions.",
    least_probability=nullable(
        text("Least probability that every correct process decides; null where runs need not end.")
    ),
    by_round=array(NAME, "Least probability that all have decided after 0, 1, 2, ... rounds; empty without rounds."),
    slowest=_rounds("slowest"),
    fastest=_rounds("fastest"),
)
ROW = record(
    "A world that fits the protocol, and what was found in it.",
    name=text("Its name."),
    fits=flag("True."),
    **EXAMINATION,
    replay=table(NAME, "For each violated property, the command that shows it."),
)
MISFIT = record(
    "A world that does not fit the protocol, or in which it could not be examined.",
    schema_version=VERSION,
    name=text("Its name."),
    world=part("world"),
    fits=flag("False."),
    because=text("Why not."),
    error=nullable(ERROR),
)
CELL = record(
    "One combination of the swept values.",
    schema_version=VERSION,
    at=table(NAME, "The cell: a value for each swept name."),
    property=nullable(text("What is judged.")),
    verdict=nullable(text("The verdict; null where there is none.", *VERDICTS)),
    impossible=nullable(text("Why there is no such world.")),
    error=nullable(ERROR),
    configurations=nullable(number("Number of configurations found.")),
    because=nullable(text("One sentence.")),
    replay=nullable(text("The command that shows the violation.")),
)
LISTED = record(
    "A bundled spec.",
    schema_version=VERSION,
    name=text("Its name."),
    title=text("Its first sentence."),
    parameters=table(PLAIN, "Its parameters and constants."),
    instances=array(NAME, "Its instances."),
)
SIMULATION: dict[str, Schema] = {
    **{name: EXAMINATION[name] for name in ("schema_version", "spec", "instance", "parameters", "constants", "inputs")},
    **{name: EXAMINATION[name] for name in ("world", "purity")},
    "seed": number("The seed of the runs."),
    "max_length": number("Maximum number of events of a run."),
    "runs": number("Number of runs made."),
    "events": number("Number of events of all runs."),
    "configurations": number("Number of different configurations reached."),
    "chance_of_new": real("Estimated probability that one more event of such runs leads to another configuration."),
    "cut": CUT,
    "coverage": record(
        "What the runs have exercised.",
        outcomes=number("Number of different outcomes of rules."),
        rules=array(record(rule=text("The rule."), line=number("Its line.")), "Rules that were not taken."),
        messages=array(NAME, "Kinds of messages that were not received."),
    ),
    "properties": table(part("finding"), "The verdicts, by property; nothing holds because of random runs."),
    "found_in": table(
        record(
            number=number("The number of the run."), events=number("Number of events until then."),
        ),
        "For each property that has a schedule, the run in which it was found.",
    ),
    "not_asked": table(text("Why not."), "The properties that are not judged on random runs."),
    "seconds": EXAMINATION["seconds"],
    "peak_memory_bytes": EXAMINATION["peak_memory_bytes"],
}  # fmt: skip
CONFORMANCE: dict[str, Schema] = {
    **{name: EXAMINATION[name] for name in ("schema_version", "spec", "instance", "parameters", "constants", "inputs")},
    "world": EXAMINATION["world"],
    "verdict": text("HOLDS if the log is a run, VIOLATED if it is none, INCOMPLETE if the search gave up.", *VERDICTS),
    "interleaving": text("Which order of lines counts.", "file", "causal"),
    "gap": number("Maximum number of unlogged steps of a process before each of its lines."),
    "lines": number("Number of lines."),
    "observations": number("Number of observations that the mapping made of them."),
    "explained": number("Number of observations that are explained, by the attempt that came furthest."),
    "unlogged": number("Number of steps of which the log does not tell."),
    "only_with_copies": flag("Whether the log is a run if messages may be duplicated, and none was found otherwise."),
    "stuck": array(
        record(
            process=text("The process."),
            file=text("The log."),
            line=number("The line, from 1."),
            observation=text("What it tells."),
            because=text("Why it is not explained."),
            waits=flag("Whether a step of another process could still explain it."),
            state=text("The state of the process in the spec."),
            nearest=array(record(what=text("A letter or step."), mismatches=array(NAME, "Where it differs.")), ""),
        ),
        "For each process whose next line cannot be explained, why; empty for a run.",
    ),
    "coverage": SIMULATION["coverage"],
    "unread": array(NAME, "Fields of the log that the mapping did not read."),
}
REPLAYED = record(
    "A schedule, replayed; `replay --schedule` reads it.",
    schema_version=VERSION,
    initial=number("The initial configuration, from 0."),
    length=number("Number of events."),
    loop=nullable(number("The events after this number of events repeat for ever.")),
    schedule=array(part("event"), "The events."),
    last=table(
        table(either("", NAME, array(NAME, "")), "Its fields as text, and its unread messages (`mail`)."),
        "The last configuration, by process.",
    ),
)
DEFINITIONS: dict[str, Schema] = {
    "examination": record("An instance that was examined.", **EXAMINATION),
    "safety": record("The same in safety mode: what needs the graph is null.", **SAFETY),
    "failure": record("What could not be examined.", **FAILURE),
    "theorem": record("An instance that was examined, and the theorem on it.", **EXAMINATION | {"flp": THEOREM}),
    "why": record("One configuration.", schema_version=VERSION, **WHY),
    "row": ROW,
    "misfit": MISFIT,
    "cell": CELL,
    "listed": LISTED,
    "replayed": REPLAYED,
    "simulation": record("Random runs.", **SIMULATION),
    "conformance": record("A log that was held against a spec.", **CONFORMANCE),
    "world": WORLD,
    "finding": FINDING,
    "schedule": SCHEDULE,
    "event": EVENT,
    "pattern": PATTERN,
    "flp": VERDICT,
    "odds": ODDS,
}
DOCUMENTS = {
    "explore": ("examination", "safety"),
    "check": ("examination", "safety", "failure"),
    "flp": ("theorem", "examination"),
    "why": ("why",),
    "worlds": ("row", "misfit"),
    "sweep": ("cell",),
    "list": ("listed",),
    "replay": ("replayed",),
    "simulate": ("simulation",),
    "trace": ("conformance",),
}
"""The documents that each command prints, one per line."""
