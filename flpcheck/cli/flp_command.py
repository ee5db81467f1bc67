"""`flpcheck flp`: the theorem on one protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.explore_command import print_written
from flpcheck.cli.options import exit_code, quiet, reproducible, run, setting_options, settle_options
from flpcheck.cli.topics import TopicalCommand, files_option, formats_option
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE

if TYPE_CHECKING:
    from flpcheck.cli.progress import Meter


@click.command("flp", cls=TopicalCommand)
@setting_options
@formats_option("--format", common=True, type=click.Choice(["text", "json"]), default="text", help="Output format.")
@files_option("--reports", default="reports", metavar="DIR", help="Folder for the pictures and the text.")
@files_option("--no-reports", common=True, is_flag=True, help="Write no reports.")
@files_option("--pictures", default="svg,png,dot", metavar="FORMATS", help="Picture formats: dot, svg, png, pdf.")
@click.option("--details", is_flag=True, help="Print the lemmas with their numbers, and the adversary at work.")
def command(format: str, reports: str, no_reports: bool, pictures: str, details: bool, **options: Any) -> int:
    """Say on which horn of the FLP theorem SPEC ends, and show it.

    No deterministic protocol in which one process may crash keeps agreement, can decide either of two values, and
    always decides.  So SPEC disagrees, is trivial, blocks, or has a fair run without a decision, unless its world is
    outside the theorem.  It prints the schedule that proves it, and the three steps of the proof on SPEC; with
    --details also the lemmas in numbers, and the adversary of the proof at work.

    Exit code: 0 a verdict, as expected if the instance expects one; 1 an unexpected one; 3 the search was cut
    before a verdict.
    """
    from flpcheck.explore.interrupts import deferred_interrupts

    with run(options) as meter:
        request = settle_options(options).unfolded
        with deferred_interrupts():
            return _theorem(request, format, meter, None if no_reports else (reports, pictures), details)


def _theorem(request: Any, format: str, meter: Meter, reports: tuple[str, str] | None, details: bool) -> int:
    from flpcheck.analyse.theorem.tour import theorem_on
    from flpcheck.budget import OutOfBudget
    from flpcheck.examine import examine
    from flpcheck.report.as_json import as_json, json_text
    from flpcheck.report.as_json.theorem import theorem_as_json
    from flpcheck.report.files import WrittenFiles, write_theorem

    with quiet(), reproducible(request):
        examination = examine(request, meter)
        found, left_out = None, []
        try:
            found = theorem_on(examination.analysis)
        except OutOfBudget as spent:
            left_out = [spent.what]
        written = WrittenFiles([], [])
        if reports is not None:
            folder, pictures = reports
            written = write_theorem(examination, found, folder, tuple(pictures.split(",")))
        written = written._replace(left_out=[*left_out, *written.left_out])
    meter.clear()
    if format == "json":
        told = as_json(examination, *written)
        put(json_text(told if found is None else told | {"flp": theorem_as_json(found)}))
    else:
        _print_text(examination, found, written, details)
    return exit_code(_exit_code(examination))


def _exit_code(examination: Any) -> int:
    instance = examination.request.instance
    verdicts = set(examination.analysis.flp.verdicts)
    if "unknown" in verdicts:
        return INCONCLUSIVE
    if instance is not None and instance.flp is not None:
        expected = {instance.flp} if isinstance(instance.flp, str) else set(instance.flp)
        return DIFFERENT if expected != verdicts else AS_WANTED
    return AS_WANTED


def _print_text(examination: Any, found: Any, written: Any, details: bool) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.theorem import theorem
    from flpcheck.report.theorem_story import story

    console = results()
    console.print((theorem if details else story)(examination, found))
    print_written(console, written)
