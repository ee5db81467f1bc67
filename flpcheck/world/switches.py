"""The switches of a world: one row for each.

From the rows are derived: the options of the command line (`cli/options.py`), the world in words and as JSON
(`World.text`, `World.as_json`), the JSON contract, the command that leads to a world (`spelling.py`), and the table in
the documentation.  A new switch is a row here and its meaning in the dataclass of its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from flpcheck.world import phrases
from flpcheck.world.crash_points import BETWEEN, CRASH_POINTS, CUT
from flpcheck.world.failures import LIES
from flpcheck.world.forms import (
    BUDGET,
    FAIRNESS,
    GROUPS,
    LIMIT,
    LINKS,
    LOSS,
    NAMES,
    ONLY,
    SWITCH,
    TIMING,
    WHO,
    Form,
    choice,
    number,
    number_or_names,
    text,
)
from flpcheck.world.network import losses
from flpcheck.world.oracle import DETECTORS, TIMERS
from flpcheck.world.predicates import PREDICATES
from flpcheck.world.timers import RULES

if TYPE_CHECKING:
    from flpcheck.world.world import World

TOPICS = {
    "network": "Network",
    "crashes": "Crashes and recoveries",
    "faulty": "Byzantine and omitting processes",
    "time": "Time, timers and failure detectors",
    "rounds": "Rounds",
}
"""Headings, in the order in which help and documentation list the switches."""


@dataclass(frozen=True)
class Switch:
    """One thing about a world that can be chosen.

    Parameters
    ----------
    name
        Its option, with dashes, and its key in JSON.
    part, field
        The part of the world that it belongs to (none for the world itself), and the field there.
    form
        How its values are written.
    topic, help
        Where the option is listed, and what it does; without a help text there is no option.
    meaning
        What the JSON contract says of the key; without it there is no key.
    off
        The name of the option that turns it off.
    of
        Its value in a world; the field of its part if None.
    json
        That value as JSON; as its form has it if None.
    words
        A phrase about it in a world; empty where there is nothing to say.
    read
        From the value of the option to changes of the part, by field; the field alone if None.
    spelled
        The options that choose its value in a world; the usual ones if None.
    in_text, in_command
        Where the phrase stands in the text of a world, and the option in a command: switches of a lower number come
        first, those of the same number in the order of the rows.
    common
        Whether the short help lists the option.
    """

    name: str
    part: str
    field: str
    form: Form
    topic: str = ""
    help: str = ""
    meaning: str = ""
    off: str = ""
    of: Callable[[World], Any] | None = None
    json: Callable[[World], Any] | None = None
    words: Callable[[World], str] | None = None
    read: Callable[[Any], dict[str, Any]] | None = None
    spelled: Callable[[World], list[str]] | None = None
    in_text: int = 5
    in_command: int = 4
    common: bool = False

    @property
    def flag(self) -> str:
        """The option."""
        return f"--{self.name.replace('_', '-')}"

    def exists_in(self, world: World) -> bool:
        """Whether a world has it: those of rounds are in worlds with rounds only."""
        return not self.part or getattr(world, self.part) is not None

    def value(self, world: World) -> Any:
        """Return its value in a world."""
        if self.of is not None:
            return self.of(world)
        return getattr(getattr(world, self.part) if self.part else world, self.field)

    def as_json(self, world: World) -> Any:
        """Return its value in a world as JSON."""
        return self.json(world) if self.json is not None else self.form.json(self.value(world))

    def changes(self, given: Any) -> dict[str, Any]:
        """Return the changes of its part, by field, that an option asks for.

        Raises
        ------
        BadRequest
            If the text of the option cannot be read.
        """
        return self.read(given) if self.read is not None else {self.field: self.form.read(given)}

    def options(self, world: World) -> list[str]:
        """Return the options that choose its value in a world."""
        if self.spelled is not None:
            return self.spelled(world)
        if self.form.kind == "switch":
            return [self.flag if self.value(world) else f"--{self.off}"]
        return [self.flag, self.form.text(self.value(world))]


class Texts(TypedDict):
    """The texts of a switch, in help and in the JSON contract."""

    help: str
    meaning: str


def valued(meaning: str, values: str) -> Texts:
    """Return the texts of a switch whose help says the same as the contract, and how values are written besides."""
    return {"help": f"{meaning}{values}.", "meaning": f"{meaning}."}


PREDICATE = Form("text", "NAME", tuple(PREDICATES), read=lambda name: name.replace("-", "_"))


def _faulty_in_rounds(kind: str) -> Callable[[Any], dict[str, Any]]:
    return lambda given: {"faults": kind, "faulty": number_or_names(given)}


def _faults(world: World) -> tuple[Any, ...]:
    return (world.rounds.faults, world.rounds.faulty) if world.rounds else ()


def _faulty_as_json(world: World) -> Any:
    """Return who is faulty in rounds; without any, who only may fail where the protocol takes events."""
    chosen = world.rounds.faulty if world.rounds is not None else 0
    return WHO.json(chosen or world.failures.faulty or 0)


def _faults_spelled(world: World) -> list[str]:
    kind, who = _faults(world)
    return [f"--{kind.replace('_', '-')}", WHO.text(who)]


def _crash_points_spelled(world: World) -> list[str]:
    points = world.failures.points
    return {BETWEEN: ["--no-mid-broadcast"], CUT: ["--mid-broadcast"]}.get(points, ["--crash-points", points])


def _stabilises_spelled(world: World) -> list[str]:
    if not world.oracle.kind:
        return []
    return ["--stabilises" if world.oracle.stabilises else "--never-stabilises"]


def _mistakes_spelled(world: World) -> list[str]:
    meant = world.oracle.kind and world.oracle.stabilises
    return ["--mistakes", BUDGET.text(world.oracle.mistakes)] if meant else []


SWITCHES = (
    Switch(
        "timing", "", "timing", TIMING, "time",
        **valued("Timing", ": asynchronous, synchronous, eventually-synchronous, partially-synchronous or heard-of"),
        words=phrases.timing, in_text=0, in_command=5,
    ),
    Switch(
        "network", "network", "kind", choice("multiset", "set", "fifo"), "network",
        help="Deliver each message once in any order (multiset), in order (fifo), or any number of times (set).",
        meaning="The network.",
        words=lambda world: f"{world.network.kind} network", in_text=1,
    ),
    Switch(
        "ignored", "network", "ignored", choice("consumed", "stays"), "network",
        help="Remove a message that its receiver ignores, or leave it in the mailbox.",
        meaning="Whether a message that its receiver ignores is removed or stays.",
        words=lambda world: "ignored messages stay" if world.network.ignored == "stays" else "", in_text=1,
    ),
    Switch(
        "loss", "network", "loss", LOSS, "network",
        help="Lose at most N messages; fair: any number, but what is sent again and again is received again and again.",
        meaning="Maximum number of lost messages; whether unlimited loss is fair to messages, or to links.",
        of=lambda world: world.network.chosen_loss, read=losses,
        words=lambda world: phrases.spent("loss", world.network.chosen_loss), in_text=1,
    ),
    Switch(
        "duplication", "network", "duplication", BUDGET, "network",
        help="Duplicate at most N messages.", meaning="Maximum number of duplicated messages.",
        words=lambda world: phrases.spent("duplication", world.network.duplication), in_text=1,
    ),
    Switch(
        "partition", "network", "partition", GROUPS, "network",
        help="Cut all links between these groups (a,b|c,d).", meaning="Groups between which nothing gets through.",
        words=phrases.links, in_text=1, in_command=3,
    ),
    Switch(
        "cut", "network", "cut", LINKS, "network",
        help="Cut these links (a>c one way, b-d both).", meaning="Links on which nothing gets through: from, to.",
        in_command=3,
    ),
    Switch(
        "heals", "network", "heals", SWITCH, "network", off="never-heals",
        help="Heal cut links eventually, or never.", meaning="Whether cut links eventually heal.", in_command=12,
    ),
    Switch(
        "crashes", "failures", "crashes", number("F"), "crashes",
        help="Crash at most F processes.", meaning="Maximum number of crashes.",
        words=phrases.crashes, in_text=3, in_command=0, common=True,
    ),
    Switch(
        "crash_events", "failures", "events", choice("explicit", "elided"), "crashes",
        help="Make crashes events of the graph, or elide them: a crashed process then just never steps again.",
        meaning="Whether crashes are events.", in_command=0,
    ),
    Switch(
        "crash_points", "failures", "crash_points", text("WHERE", CRASH_POINTS), "crashes",
        **valued("Where in a step a crash may fall", ": between, cut, write-first, torn[:f1,f2], send-first"),
        of=lambda world: world.failures.points, spelled=_crash_points_spelled, in_command=10,
        read=lambda given: {"crash_points": given or BETWEEN, "mid_broadcast": False},
    ),
    Switch(
        "mid_broadcast", "failures", "mid_broadcast", SWITCH, "crashes", off="no-mid-broadcast",
        help="Old form of --crash-points: cut (write-first with recoveries), or between.",
        meaning="Whether a crash may fall inside a step.",
        of=lambda world: world.failures.inside_steps, spelled=lambda _: [],
        read=lambda given: {"crash_points": BETWEEN, "mid_broadcast": given},
    ),
    Switch(
        "initially_dead", "failures", "initially_dead", WHO, "crashes",
        **valued("Processes that are dead from the start: their number, or their names", " (a,b)"),
        words=lambda world: phrases.chosen(world.failures.initially_dead, "initially dead"), in_text=2, in_command=2,
    ),
    Switch(
        "recoveries", "failures", "recoveries", BUDGET, "crashes",
        help="Crashed processes may recover, at most N times in total.", meaning="Maximum number of recoveries.",
        in_command=1,
    ),
    Switch(
        "byzantine", "failures", "byzantine", WHO, "faulty",
        **valued("Processes that may send anything: their number, or their names", " (a,b)"),
        words=phrases.byzantine, in_text=2, in_command=2,
    ),
    Switch(
        "omission", "failures", "omission", WHO, "faulty",
        **valued("Processes that may fail to send and to receive: their number, or their names", " (a,b)"),
        words=lambda world: phrases.chosen(world.failures.omission, "omitting messages"), in_text=2, in_command=2,
    ),
    Switch(
        "faulty", "failures", "faulty", ONLY, "faulty",
        help="Only these processes may fail (a,b), and those that other options name; `any` lets every process fail.",
        meaning="Only these may fail, and those named elsewhere; null for any; in rounds, the faulty ones.",
        words=phrases.who_may_fail, in_text=4, in_command=2,
    ),
    Switch(
        "authenticated", "failures", "authenticated", SWITCH, "faulty", off="unauthenticated",
        help="Sign messages.", meaning="Whether messages are signed.", in_command=11,
    ),
    Switch(
        "lies", "failures", "lies", choice(*LIES), "faulty",
        help="What liars may send: what the code of processes sends and lies() lists, only the latter, or all values.",
        meaning="What liars say.", in_command=2,
    ),
    Switch(
        "twins", "failures", "twins", NAMES, "faulty",
        help="These processes run twice under one name (a,b), instead of lying.",
        meaning="Who runs twice under one name.",
        words=lambda world: phrases.chosen(world.failures.twins, "running twice"), in_text=2, in_command=2,
    ),
    Switch(
        "detector", "oracle", "kind", text("CLASS", (*DETECTORS, "none"), schema="text or null"), "time",
        **valued("Failure detector", ": P, S, diamond-P, diamond-S, omega; none removes it"),
        json=lambda world: world.oracle.kind if world.oracle.kind != TIMERS else None,
        spelled=lambda world: ["--detector", world.oracle.kind or "none"],
        words=lambda world: str(world.oracle) if world.oracle.kind else "", in_command=7,
    ),
    Switch(
        "mistakes", "oracle", "mistakes", BUDGET, "time",
        help="Allow at most N answers (or timeouts), right or wrong, before stabilisation.",
        meaning="Maximum number of answers (or timeouts), right or wrong, before stabilisation.",
        spelled=_mistakes_spelled, in_command=8,
    ),
    Switch(
        "stabilises", "oracle", "stabilises", SWITCH, "time", off="never-stabilises",
        help="Let the world stabilise eventually.", meaning="Whether the world eventually stabilises.",
        spelled=_stabilises_spelled, in_command=7,
    ),
    Switch(
        "timers", "", "timers", text("RULE", RULES), "time",
        **valued("When timers fire", ": any-time, after-messages, after-delays:K"),
        json=lambda world: world.timer_rule, spelled=lambda world: ["--timers", world.timer_rule],
        words=phrases.timers, in_text=6, in_command=9,
    ),
    Switch(
        "fairness", "", "fairness", FAIRNESS, "time",
        **valued("What an infinite run owes to correct processes", ": letters=strong, timers=strong, weak:RULE, ..."),
        words=lambda world: world.fairness.words, in_text=6, in_command=11,
    ),
    Switch(
        "rounds", "rounds", "most", LIMIT, "rounds",
        help="Run for at most N rounds.", meaning="Maximum number of rounds.",
        words=phrases.rounds, in_text=1, in_command=6,
    ),
    Switch(
        "predicate", "rounds", "predicate", PREDICATE, "rounds",
        **valued("What each round guarantees about who hears whom", ": any, no-split, majority, and others"),
        in_command=6,
    ),
    Switch(
        "unstable_rounds", "rounds", "unstable", LIMIT, "rounds",
        help="Allow at most N rounds before GST.", meaning="Maximum number of rounds before GST.", in_command=6,
    ),
    Switch(
        "faults", "rounds", "faults", text("", schema="text or null"),
        meaning="How the faulty are faulty, in rounds.", of=_faults, spelled=_faults_spelled,
        json=lambda world: world.rounds.faults if world.rounds and world.rounds.faulty else None, in_command=6,
    ),
    Switch(
        "faulty", "rounds", "faulty", WHO, meaning="The faulty ones.", json=_faulty_as_json, spelled=lambda _: [],
    ),
    Switch(
        "authenticated", "rounds", "authenticated", SWITCH, off="unauthenticated",
        meaning="Whether messages are signed.", in_command=6,
    ),
    Switch(
        "rushing", "rounds", "rushing", SWITCH, "rounds", off="no-rushing",
        help="Let liars see what they are sent in a round, signatures included, before they send.",
        meaning="Whether liars pass on signatures of the same round.", in_command=6,
    ),
    Switch(
        "send_omission", "rounds", "faulty", WHO, "rounds",
        help="Processes that may fail to send, in rounds: their number, or their names (a,b).",
        read=_faulty_in_rounds("send_omission"), spelled=lambda _: [],
    ),
    Switch(
        "receive_omission", "rounds", "faulty", WHO, "rounds",
        help="Processes that may fail to receive, in rounds: their number, or their names (a,b).",
        read=_faulty_in_rounds("receive_omission"), spelled=lambda _: [],
    ),
)  # fmt: skip
"""All switches, in the order of the keys in JSON.  Of two rows with one key that of the rounds counts, in worlds that
have them."""


def in_options() -> Iterator[Switch]:
    """Yield the switches that have an option, topic by topic."""
    for topic in TOPICS:
        yield from (switch for switch in SWITCHES if switch.help and switch.topic == topic)


def in_json(world: World) -> dict[str, Any]:
    """Return a world as the JSON contract has it."""
    return {switch.name: switch.as_json(world) for switch in SWITCHES if switch.meaning and switch.exists_in(world)}


def in_words(world: World, *, with_network: bool) -> str:
    """Return a world in words; a protocol whose processes share memory has no network to speak of."""
    surroundings = "rounds" if world.rounds is not None else "network" if with_network else ""
    left_out = {"network", "rounds"} - {surroundings}
    found = []
    for switch in sorted(SWITCHES, key=lambda switch: switch.in_text):
        if switch.name == "network" and not surroundings:
            found.append("shared memory")
        elif switch.words is not None and switch.part not in left_out:
            found.append(switch.words(world))
    return ", ".join(filter(None, found))
