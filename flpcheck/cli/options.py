"""The options that several commands share, and how they become overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from flpcheck.cli.progress import Meter

F = TypeVar("F", bound=Callable[..., Any])


class SpecPath(click.ParamType[str]):
    """A spec: a file, or the bare name of a bundled one."""

    name = "spec"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete bundled names and files."""
        from flpcheck.spec import bundled

        names = [CompletionItem(name) for name in bundled() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class Pair(click.ParamType[tuple[str, str]]):
    """NAME=VALUE."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split at the first equals sign."""
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE", param, ctx)
        return name.strip(), text.strip()


class Budget(click.ParamType[int]):
    """A number of messages, or `unlimited`."""

    name = "number|unlimited"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, -1 for unlimited."""
        if value == "unlimited":
            return -1
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number nor 'unlimited'", param, ctx)


class Timing(click.ParamType[str]):
    """The name of a timing, with dashes or underscores."""

    name = "timing"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name with underscores."""
        from flpcheck.errors import nearest
        from flpcheck.world import WORLDS

        name = str(value).replace("-", "_")
        if name not in WORLDS:
            self.fail(f"there is no timing {value!r}: {nearest(name, WORLDS)}", param, ctx)
        return name


class Size(click.ParamType[int]):
    """Bytes, such as 800M or 4G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes."""
        from flpcheck.errors import BadRequest
        from flpcheck.explore import parse_size

        try:
            return parse_size(str(value))
        except BadRequest as error:
            self.fail(f"{error.what}; {error.next_step}", param, ctx)


_SETTING = [
    click.argument("spec", type=SpecPath()),
    click.option("--instance", metavar="NAME", help="Instance of the spec; the first one by default."),
    click.option("--protocol", metavar="NAME", help="Protocol class, if the file defines several."),
    click.option("-p", "--parameter", type=Pair(), multiple=True, help="Set a parameter of the protocol."),
    click.option("--input", type=Pair(), multiple=True, metavar="PROCESS=VALUE", help="Fix an input."),
    click.option("--crashes", type=int, metavar="F", help="Crash at most F processes."),
    click.option("--crash-events", type=click.Choice(["explicit", "elided"]), help="Crashes as events, or silent."),
    click.option("--crash-points", metavar="WHERE", help="between, cut, write-first, torn[:f1,f2] or send-first."),
    click.option(
        "--mid-broadcast/--no-mid-broadcast",
        default=None,
        help="Crash point cut (write-first with recoveries), or between.",
    ),
    click.option("--initially-dead", metavar="N|NAMES", help="Dead from the start: how many, or which (a,b)."),
    click.option("--recoveries", type=Budget(), help="Crashed processes may recover, at most N times in total."),
    click.option("--byzantine", metavar="N|NAMES", help="May say anything: how many, or which (a,b)."),
    click.option("--lies", type=click.Choice(["spoken", "only", "types"]), help="What liars say: any code's, lies()."),
    click.option("--twins", metavar="NAMES", help="These processes run twice under one name (a,b), instead of lying."),
    click.option("--omission", metavar="N|NAMES", help="May fail to send and receive: how many, or which (a,b)."),
    click.option("--faulty", metavar="NAMES", help="Only these may fail (a,b); by default, any process."),
    click.option("--network", type=click.Choice(["multiset", "set", "fifo"]), help="How messages travel."),
    click.option("--ignored", type=click.Choice(["consumed", "stays"]), help="What happens to an ignored message."),
    click.option("--loss", type=Budget(), help="Lose at most N messages."),
    click.option("--duplication", type=Budget(), help="Duplicate at most N messages."),
    click.option("--partition", metavar="GROUPS", help="Cut all links between these groups (a,b|c,d)."),
    click.option("--cut", metavar="LINKS", help="Cut these links (a>c one way, b-d both)."),
    click.option("--heals/--never-heals", default=None, help="Whether what is cut eventually heals."),
    click.option("--timing", type=Timing(), help="asynchronous, synchronous, eventually_synchronous, heard_of, ..."),
    click.option("--rounds", type=int, metavar="R", help="Run for at most R rounds."),
    click.option("--predicate", metavar="NAME", help="Who hears whom in a round: any, no_split, majority, ..."),
    click.option("--unstable-rounds", type=int, metavar="N", help="Allow at most N rounds before GST."),
    click.option("--authenticated/--unauthenticated", default=None, help="Whether messages are signed."),
    click.option("--rushing/--no-rushing", default=None, help="Liars pass on signatures of the same round."),
    click.option("--send-omission", metavar="N|NAMES", help="In rounds: faulty processes whose messages get lost."),
    click.option("--receive-omission", metavar="N|NAMES", help="In rounds: faulty processes that miss messages."),
    click.option("--detector", metavar="CLASS", help="P, S, diamond-P, diamond-S, omega; none removes it."),
    click.option("--mistakes", type=Budget(), help="Allow N wrong answers (or early timeouts) before stabilisation."),
    click.option("--stabilises/--never-stabilises", default=None, help="Whether the world eventually stabilises."),
    click.option("--timers", metavar="RULE", help="When timers fire: any-time, after-messages, after-delays:K."),
    click.option("--reduction/--no-reduction", default=None, help="Use the reductions that the spec declares."),
    click.option("--engine", type=click.Choice(["auto", "reference", "kernel"]), default="auto", help="Search engine."),
    click.option("--order", type=click.Choice(["bfs", "dfs"]), default="bfs", help="Search order."),
    click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Threads of the kernel engine."),
    click.option("--max-configurations", type=int, metavar="N", help="Cut beyond N configurations; 0: no bound."),
    click.option("--max-depth", type=int, metavar="N", help="Do not expand beyond N events."),
    click.option("--max-seconds", type=float, metavar="S", help="Cut after S seconds."),
    click.option("--max-memory", type=Size(), help="Cut when the process occupies this much memory."),
]


def setting_options(command: F) -> F:
    """Give a command the argument SPEC and the options that say what to explore."""
    for option in reversed(_SETTING):
        command = option(command)
    return command


def property_option(command: F) -> F:
    """Give a command the option that selects properties."""
    text = "Judge only this property (may be repeated)."
    return click.option("--property", multiple=True, metavar="NAME", help=text)(command)


def format_option(command: F) -> F:
    """Give a command the option that says in which format results are printed."""
    forms = click.Choice(["text", "json", "jsonl", "junit", "sarif", "github", "markdown"])
    return click.option("--format", type=forms, default="text", help="What to print.")(command)


def settle_options(options: dict[str, Any]) -> Any:
    """Return the `Request` that the options of `setting_options` ask for."""
    from flpcheck.budget import look, stage
    from flpcheck.explore.overtime import Limited
    from flpcheck.settle import settle
    from flpcheck.spec import load

    with quiet(), stage("load", "loading the spec"), Limited(options["max_seconds"]):
        look()
        spec = load(options["spec"], {"protocol": options["protocol"]} if options["protocol"] else None)
        return settle(spec, overrides_of(options)).built()


def overrides_of(options: dict[str, Any]) -> Any:
    """Return the `Overrides` that the options of `setting_options` express."""
    from flpcheck.settle import Overrides

    return Overrides(
        instance=options["instance"],
        parameters=dict(options["parameter"]),
        network=_network(options),
        failures=_failures(options),
        oracle=_given(options, kind="detector", mistakes="mistakes", stabilises="stabilises"),
        rounds=_rounds(options),
        timing=options["timing"],
        timers=options["timers"],
        inputs=dict(options["input"]),
        claims=options.get("property", ()),
        bounds=_given(
            options, configurations="max_configurations", depth="max_depth", seconds="max_seconds", memory="max_memory"
        ),
        engine=options["engine"],
        order=options["order"],
        workers=options["workers"],
        reduction=options["reduction"],
    )


def _given(options: dict[str, Any], **names: str) -> dict[str, Any]:
    return {field: options[name] for field, name in names.items() if options.get(name) is not None}


def _network(options: dict[str, Any]) -> dict[str, Any]:
    given = _given(options, kind="network", ignored="ignored", loss="loss", duplication="duplication", heals="heals")
    if options["partition"] is not None:
        groups = [group for group in options["partition"].split("|") if group]
        given["partition"] = tuple(tuple(name.strip() for name in group.split(",")) for group in groups)
    if options["cut"] is not None:
        from flpcheck.world.links import links_of

        given["cut"] = links_of(options["cut"])
    return given


def _failures(options: dict[str, Any]) -> dict[str, Any]:
    names = {name: name for name in ("crashes", "recoveries", "authenticated")}
    given = _given(options, **names, events="crash_events", alphabet="lies") | _crash_points(options)
    for name in ("initially_dead", "byzantine", "omission", "faulty"):
        if options[name] is not None:
            given[name] = _number_or_names(options[name])
    given |= {"twins": tuple(options["twins"].split(","))} if options["twins"] else {}
    return given | ({"faulty": None} if options["faulty"] == "anybody" else {})


def _crash_points(options: dict[str, Any]) -> dict[str, Any]:
    """Return what `--crash-points`, or the older switch, says: either replaces both of an instance's fields."""
    points, switch = options["crash_points"], options["mid_broadcast"]
    if points is not None and switch is not None:
        raise click.UsageError("--crash-points and --mid-broadcast say the same: use --crash-points")
    if points is None and switch is None:
        return {}
    return {"crash_points": points or "between", "mid_broadcast": bool(switch)}


def _number_or_names(text: str) -> int | tuple[str, ...]:
    return int(text) if text.lstrip("-").isdigit() else tuple(text.split(","))


def _rounds(options: dict[str, Any]) -> dict[str, Any]:
    given = _given(options, most="rounds", predicate="predicate", unstable="unstable_rounds", rushing="rushing")
    kinds = [kind for kind in ("byzantine", "send_omission", "receive_omission", "omission") if options[kind]]
    partly = [kind for kind in kinds if kind in {"send_omission", "receive_omission"}]
    if partly and len(kinds) > 1:
        names = " and ".join(f"--{kind.replace('_', '-')}" for kind in kinds)
        raise click.UsageError(f"{names} do not go together: choose one kind of fault")
    for kind in partly:
        given |= {"faults": kind, "faulty": _number_or_names(options[kind])}
    return given


@contextmanager
def reproducible(setting: Any) -> Iterator[None]:
    """Add to an internal error the command that shows it again."""
    from flpcheck.errors import InternalError
    from flpcheck.report.command import explore_command

    try:
        yield
    except InternalError as error:
        error.next_step = f"{error.next_step}: {explore_command(setting)}"
        raise


@contextmanager
def run(options: Mapping[str, Any]) -> Iterator[Meter]:
    """Load, explore, judge and draw within the limits that options set, from the start of the command on."""
    from flpcheck.budget import Bounds, Watchman, watched
    from flpcheck.cli import began
    from flpcheck.cli.progress import Meter
    from flpcheck.explore.overtime import no_silent_exit

    bounds = Bounds(seconds=options["max_seconds"] or None, memory=options["max_memory"] or None)
    with Meter() as meter, no_silent_exit(), watched(Watchman(bounds, meter.say, began())):
        yield meter


def exit_code(code: int) -> int:
    """Return the exit code of a run: its own, or 130 (143) where Ctrl-C (SIGTERM) has ended it early."""
    from flpcheck.budget import wished

    return 128 + wished() if wished() else code


def quiet() -> Any:
    """Keep what a spec prints away from the results: it goes to standard error."""
    import sys

    return redirect_stdout(sys.stderr)
