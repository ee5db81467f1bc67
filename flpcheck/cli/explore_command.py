"""`flpcheck explore`: everything about one instance."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.checkpoints import checkpoint_of, checkpoint_options
from flpcheck.cli.console import put, say
from flpcheck.cli.options import format_option, property_option, quiet, reproducible, setting_options, settle_options
from flpcheck.exit_codes import INTERRUPTED


@click.command("explore")
@setting_options
@property_option
@format_option
@click.option("--reports", default="reports", metavar="DIR", help="Where to write the pictures and the summary.")
@click.option("--no-reports", is_flag=True, help="Write no files.")
@click.option("--pictures", default="svg,png,dot", metavar="FORMATS", help="Picture formats: dot, svg, png, pdf.")
@click.option(
    "--safety", is_flag=True, help="Keep no transitions, stop at the first violation; safety properties only."
)
@checkpoint_options
def command(format: str, reports: str, no_reports: bool, pictures: str, safety: bool, **options: Any) -> int:
    """Explore SPEC: every reachable configuration, its valence, its properties' verdicts, a picture.

    SPEC is a Python file, or the bare name of a bundled spec such as `paxos`.
    """
    from flpcheck.cli.progress import Meter
    from flpcheck.examine import examine
    from flpcheck.report import ci
    from flpcheck.report.as_json import as_json, json_text
    from flpcheck.report.files import write_reports

    setting = settle_options(options)
    checkpoint = checkpoint_of(setting, options, safety=safety)
    if safety:
        return _explore_safely(setting, format, checkpoint)
    with quiet(), reproducible(setting), Meter() as meter:
        examination = examine(setting, meter, checkpoint)
        written = [] if no_reports else write_reports(examination, reports, tuple(pictures.split(",")))
    if format == "text":
        _print_text(examination, written)
    elif format in {"json", "jsonl"}:
        put(json_text(as_json(examination, written)))
    else:
        put(ci.written([examination], format))
    cut = examination.graph.cut
    return INTERRUPTED if cut is not None and cut.bound == "interrupted" else examination.exit_code


def _explore_safely(setting: Any, format: str, checkpoint: Any) -> int:
    from flpcheck.cli.progress import Meter
    from flpcheck.examine_safety import examine_for_safety
    from flpcheck.report import ci
    from flpcheck.report.safety import safety_as_text

    with quiet(), Meter() as meter:
        examination = examine_for_safety(setting, meter, checkpoint)
    if format == "text":
        say("\n".join(safety_as_text(examination)))
    else:
        put(ci.written([examination], format))
    cut, code = examination.safety.reached.cut, examination.exit_code
    return INTERRUPTED if cut is not None and cut.bound == "interrupted" else code


def _print_text(examination: Any, written: list[str]) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.summary import summary, traces

    console = results()
    console.print(summary(examination))
    for trace in traces(examination):
        console.print(trace)
    if written:
        console.print("\nwritten: " + ", ".join(written), style="dim", soft_wrap=True)
