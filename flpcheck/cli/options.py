"""The options that several commands share, and how they become overrides."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem, split_arg_string

from flpcheck.cli.topics import bounds_option, formats_option, older_name, option, search_option
from flpcheck.world.forms import TIMINGS, Form, budget_in
from flpcheck.world.switches import TOPICS as HEADINGS
from flpcheck.world.switches import Switch, in_options

if TYPE_CHECKING:
    from flpcheck.cli.progress import Meter
    from flpcheck.settle import Overrides, Request
    from flpcheck.spec import Spec

F = TypeVar("F", bound=Callable[..., Any])


class SpecPath(click.ParamType[str]):
    """A spec: a file, or the bare name of a bundled one."""

    name = "spec"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete bundled names and files."""
        from flpcheck.spec import bundled

        names = [CompletionItem(name) for name in bundled() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class NameIn(click.ParamType[str]):
    """A name that the spec on the command line defines."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the names in the spec, if it can be loaded."""
        from flpcheck.errors import FlpcheckError
        from flpcheck.spec import load

        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[2:]  # what stands after `flpcheck COMMAND`
        path = next((word for word in words if not word.startswith("-")), None)
        try:
            with quiet():
                known = tuple(self.names(load(path))) if path else ()
        except FlpcheckError:
            return []
        return [CompletionItem(name) for name in known if name.startswith(incomplete)]

    def names(self, spec: Spec) -> Iterable[str]:
        """Return the names of a spec that may stand here."""
        raise NotImplementedError


class InstanceName(NameIn):
    """The name of an instance."""

    def names(self, spec: Spec) -> Iterable[str]:
        """Return the names of the instances."""
        return (instance.name for instance in spec.instances)


class PropertyName(NameIn):
    """The name of a property: a standard one, or one of the spec's own."""

    def names(self, spec: Spec) -> Iterable[str]:
        """Return the names of the properties."""
        from flpcheck.authoring.property import STANDARD

        return (claim.name for claim in (*STANDARD, *spec.claimed_properties))


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


class CountOrUnlimited(click.ParamType[int | str]):
    """A number of messages, `unlimited`, or one of some other words."""

    name = "number|unlimited"

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Return the number, `UNLIMITED` for unlimited, another word as it is."""
        from flpcheck.errors import BadRequest

        if value in self.words:
            return str(value)
        try:
            return budget_in("it", str(value))
        except BadRequest as error:
            self.fail(error.what, param, ctx)


class Timing(click.ParamType[str]):
    """The name of a timing, with dashes or underscores."""

    name = "timing"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name with underscores."""
        from flpcheck.errors import nearest

        name = str(value).replace("-", "_")
        if name not in TIMINGS:
            self.fail(f"no timing {value!r}: {nearest(name, TIMINGS)}", param, ctx)
        return name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the timings."""
        return [CompletionItem(name) for name in TIMINGS if name.startswith(incomplete)]


class ByteSize(click.ParamType[int]):
    """Bytes, such as 800M or 4G."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes."""
        from flpcheck.errors import BadRequest
        from flpcheck.explore import parse_size

        try:
            size = parse_size(str(value))
        except BadRequest as error:
            self.fail(f"{error.what}; {error.next_step}", param, ctx)
        return size if size >= 0 else self.fail(f"{value!r} is negative", param, ctx)


SECONDS = click.FloatRange(min=0)
COUNT = click.IntRange(min=0)


class WorldText(click.ParamType[str]):
    """A text that the world reads, with the usual ones for completion.

    Parameters
    ----------
    usual
        Texts to complete.
    """

    name = "text"

    def __init__(self, usual: Sequence[str]) -> None:
        self.usual = usual

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the usual texts."""
        return [CompletionItem(text) for text in self.usual if text.startswith(incomplete)]


def _type_of(form: Form) -> Any:
    """Return what checks and completes the values of a form on the command line."""
    kinds = {
        "switch": None,
        "number": int,
        "budget": CountOrUnlimited(form.choices),
        "choice": click.Choice(form.choices),
        "timing": Timing(),
    }
    return kinds[form.kind] if form.kind in kinds else WorldText(form.choices)


def _option_of(switch: Switch) -> Callable[[F], F]:
    """Return the option of a switch of the world."""
    names = [f"{switch.flag}/--{switch.off}" if switch.off else switch.flag]
    if switch.off and switch.off != f"no-{switch.flag[2:]}":
        names.append(f" /--no-{switch.flag[2:]}")  # as for every other switch
    how = {"metavar": switch.form.metavar} if switch.form.metavar else {}
    return option(
        *names, switch.name, type=_type_of(switch.form), default=None, help=switch.help,
        topic="world", heading=HEADINGS[switch.topic], common=switch.common, **how,
    )  # fmt: skip


INSTANCE = [
    click.argument("spec", type=SpecPath()),
    option("--instance", metavar="NAME", type=InstanceName(), help="Instance of the spec; the first one by default."),
    option("-p", "--parameter", type=Pair(), multiple=True, help="Set a parameter of the protocol."),
    option(
        "--protocol", metavar="NAME", topic="world", heading="Protocol",
        help="Protocol class, if the file defines several.",
    ),
    option(
        "--input", type=Pair(), multiple=True, metavar="PROCESS=VALUE", topic="world", heading="Protocol",
        help="Fix an input.",
    ),
]  # fmt: skip
BOUNDS = [
    bounds_option("--max-configurations", type=COUNT, metavar="N", help="Cut the search after N configurations."),
    bounds_option("--max-depth", type=COUNT, metavar="N", help="Expand no configuration at depth N."),
    bounds_option("--max-seconds", type=SECONDS, metavar="S", help="Cut the search after S seconds."),
    bounds_option(
        "--max-memory", type=ByteSize(), help="Cut the search when flpcheck occupies this much memory (800M, 4G)."
    ),
    search_option("--reduction/--no-reduction", default=None, help="Use the reductions that the spec declares."),
    search_option(
        "--reduce",
        type=click.Choice(["auto", "dead-letters", "equal-states", "stubborn", "none"]),
        default="auto",
        help="Use reductions that need no declaration: drop dead letters; also merge equal local states; also, with "
        "--safety, leave out events that can wait (stubborn sets). `auto` drops dead letters with --safety, unless "
        "the instance expects counts.",
    ),
    search_option(
        "--engine",
        type=click.Choice(["auto", "reference", "kernel"]),
        default="auto",
        help="Search engine: reference is plain Python, kernel is compiled.",
    ),
    search_option("--order", type=click.Choice(["bfs", "dfs"]), default="bfs", help="Search order."),
    search_option(
        "--workers", type=click.IntRange(min=1), default=1, metavar="N", help="Number of threads of the kernel engine."
    ),
]


def setting_options(command: F) -> F:
    """Give a command the argument SPEC and the options that say what to explore."""
    for decorate in reversed([*INSTANCE, *map(_option_of, in_options()), *BOUNDS]):
        command = decorate(command)
    return command


def jobs_option(command: F) -> F:
    """Give a command the option that says how many instances it examines side by side."""
    count = click.IntRange(min=1)
    text = "Examine N instances side by side, each in a process of its own."
    newer = click.option("--jobs", type=count, default=1, metavar="N", help=text)
    return newer(older_name("--workers", "workers", "jobs", type=count)(command))


def property_option(command: F) -> F:
    """Give a command the option that selects properties."""
    text = "Judge only this property (may be repeated)."
    return option("--property", multiple=True, metavar="NAME", type=PropertyName(), help=text)(command)


def format_option(command: F) -> F:
    """Give a command the option that says in which format results are printed."""
    forms = click.Choice(["text", "json", "jsonl", "junit", "sarif", "github", "markdown"])
    return formats_option("--format", common=True, type=forms, default="text", help="Output format.")(command)


def settle_options(options: dict[str, Any]) -> Request:
    """Return the `Request` that the options of `setting_options` ask for."""
    from flpcheck.budget import look, stage
    from flpcheck.explore.overtime import Limited
    from flpcheck.settle import settle
    from flpcheck.spec import load

    with quiet(), stage("load", "loading the spec"), Limited(options["max_seconds"]):
        look()
        spec = load(options["spec"], {"protocol": options["protocol"]} if options["protocol"] else None)
        return settle(spec, overrides_of(options)).built()


def overrides_of(options: dict[str, Any]) -> Overrides:
    """Return the `Overrides` that the options of `setting_options` express."""
    from flpcheck.settle import Overrides
    from flpcheck.world.spelling import changes_in

    _refuse_contradictions(options)
    bounds = {name: options[f"max_{name}"] for name in ("configurations", "depth", "seconds", "memory")}
    return Overrides(
        instance=options["instance"],
        parameters=dict(options["parameter"]),
        world=changes_in(options),
        inputs=dict(options["input"]),
        claims=options.get("property", ()),
        bounds={name: bound for name, bound in bounds.items() if bound is not None},
        engine=options["engine"],
        order=options["order"],
        workers=options["workers"],
        reduction=options["reduction"],
        reduce=options["reduce"],
    )


def _refuse_contradictions(options: dict[str, Any]) -> None:
    """Refuse two options that set the same field of the world."""
    if options["crash_points"] is not None and options["mid_broadcast"] is not None:
        raise click.UsageError("--crash-points and --mid-broadcast set the same thing: use --crash-points")
    kinds = [kind for kind in ("byzantine", "send_omission", "receive_omission", "omission") if options[kind]]
    if len(kinds) > 1 and {"send_omission", "receive_omission"} & set(kinds):
        names = " and ".join(f"--{kind.replace('_', '-')}" for kind in kinds)
        raise click.UsageError(f"{names} cannot be combined: choose one kind of fault")


@contextmanager
def reproducible(request: Any) -> Iterator[None]:
    """Add to an internal error the command that shows it again."""
    from flpcheck.errors import InternalError
    from flpcheck.report.command import explore_command

    try:
        yield
    except InternalError as error:
        error.next_step = f"{error.next_step}: {explore_command(request)}"
        raise


@contextmanager
def run(options: Mapping[str, Any]) -> Iterator[Meter]:
    """Load, explore, judge and draw within the limits that options set, from the start of the command on."""
    from flpcheck.budget import Bounds, BudgetMonitor, monitored
    from flpcheck.cli import began
    from flpcheck.cli.progress import Meter
    from flpcheck.explore.overtime import no_silent_exit

    bounds = Bounds(seconds=options["max_seconds"] or None, memory=options["max_memory"] or None)
    with Meter() as meter, no_silent_exit(), monitored(BudgetMonitor(bounds, meter.say, began())):
        yield meter


def exit_code(code: int) -> int:
    """Return the exit code of a run: its own, or 130 (143) where Ctrl-C (SIGTERM) has ended it early."""
    from flpcheck.exit_codes import of_signal
    from flpcheck.signals import pending_signal

    return of_signal(pending_signal()) if pending_signal() else code


def quiet() -> Any:
    """Keep what a spec prints away from the results: it goes to standard error."""
    import sys

    return redirect_stdout(sys.stderr)
