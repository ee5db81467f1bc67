"""`flpcheck explore`: everything about one instance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli.checkpoints import checkpoint_of, checkpoint_options
from flpcheck.cli.console import put
from flpcheck.cli.options import (
    exit_code,
    format_option,
    property_option,
    quiet,
    reproducible,
    run,
    setting_options,
    settle_options,
)
from flpcheck.cli.topics import TopicalCommand, files_option

if TYPE_CHECKING:
    from flpcheck.cli.progress import Meter


@click.command("explore", cls=TopicalCommand)
@setting_options
@property_option
@format_option
@files_option("--reports", default="reports", metavar="DIR", help="Folder for the pictures and the summary.")
@files_option("--no-reports", common=True, is_flag=True, help="Write no reports.")
@files_option("--pictures", default="svg,png,dot", metavar="FORMATS", help="Picture formats: dot, svg, png, pdf.")
@click.option(
    "--safety", is_flag=True, help="Keep no transitions, stop at the first violation; safety properties only."
)
@click.option("--watch", is_flag=True, help="Run again whenever the spec, or a module beside it, is saved.")
@checkpoint_options
def command(
    format: str, reports: str, no_reports: bool, pictures: str, safety: bool, watch: bool, **options: Any
) -> int:
    """Explore SPEC: every reachable configuration, the valence of each, a verdict on each property, pictures.

    SPEC is a Python file, or the bare name of a bundled spec such as `paxos`.
    """
    from flpcheck.explore.interrupts import deferred_interrupts

    if watch:
        return _watched(options["spec"])
    with run(options) as meter:
        request = settle_options(options)
        checkpoint = checkpoint_of(request, options, keep=not safety)
        with deferred_interrupts():
            return _explore(request, format, meter, checkpoint, None if no_reports else (reports, pictures), not safety)


def _watched(spec: str) -> int:
    from flpcheck.cli import watching
    from flpcheck.spec import file_of

    return watching.watch(file_of(spec))


def _explore(
    request: Any, format: str, meter: Meter, checkpoint: Any, reports: tuple[str, str] | None, keep: bool
) -> int:  # fmt: skip
    from flpcheck.examine import examine
    from flpcheck.report import ci
    from flpcheck.report.as_json import as_json, json_text
    from flpcheck.report.files import WrittenFiles, write_reports
    from flpcheck.toured import toured

    with quiet(), reproducible(request):
        examination = examine(request, meter, checkpoint, keep=keep)
        written = WrittenFiles([], [])
        if reports is not None:
            folder, pictures = reports
            written = write_reports(examination, folder, tuple(pictures.split(",")), partial(toured, request))
    meter.clear()
    if format == "text":
        _print_text(examination, written)
    elif format in {"json", "jsonl"}:
        put(json_text(as_json(examination, *written, fastest=True)))
    else:
        put(ci.formatted([examination], format))
    return exit_code(examination.exit_code)


def _print_text(examination: Any, written: Any) -> None:
    from flpcheck.cli.console import explain_terms, results
    from flpcheck.report.summary import summary, traces

    console = results()
    console.print(summary(examination))
    for trace in traces(examination):
        console.print(trace)
    print_written(console, written)
    if written.paths or _is_cut_short(examination):
        console.print(f"try: {_next(examination)}", style="dim", soft_wrap=True)
    explain_terms(console)


def _is_cut_short(examination: Any) -> bool:
    """Whether a bound left open what random runs could violate."""
    cut = examination.cut
    return cut is not None and cut.bound.is_bound and not examination.judged.violated


def _next(examination: Any) -> str:
    """Return a command to go on with: a counterexample played, random runs, the FLP argument, or other worlds."""
    from flpcheck.report.command import command_line, options_of

    request = examination.request
    shown = next((finding for finding in examination.judged.findings if finding.is_counterexample), None)
    if shown is not None and examination.keep and examination.system.symmetry is None:
        file = f"{request.spec.name.rpartition('/')[2]}.svg"
        extra = ("--property", shown.claim.name, "--view", "spacetime", "--animate", "-o", file)
        return command_line("graph", request.spec, *options_of(request), *extra)
    if _is_cut_short(examination):
        return command_line("simulate", request.spec, *options_of(request))
    return command_line("flp" if examination.judged.deciding else "worlds", request.spec, *options_of(request))


def print_written(console: Any, written: Any) -> None:
    """Print which files were written, and which could not be."""
    if written.paths:
        console.print("\nwritten: " + ", ".join(written.paths), style="dim", soft_wrap=True)
    for page in (path for path in written.paths if path.endswith(".html")):
        console.print(f"look: open {page} in a browser and click through the state space", style="dim", soft_wrap=True)
    for sentence in written.left_out:
        console.print(f"INCOMPLETE: {sentence}", style="yellow", soft_wrap=True)
