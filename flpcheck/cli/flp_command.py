"""`flpcheck flp`: the theorem on one protocol."""

from __future__ import annotations

from typing import Any

import click

from flpcheck.cli.console import put
from flpcheck.cli.options import quiet, reproducible, setting_options, settle_options
from flpcheck.exit_codes import AS_WANTED, DIFFERENT, INCONCLUSIVE, INTERRUPTED


@click.command("flp")
@setting_options
@click.option("--format", type=click.Choice(["text", "json"]), default="text", help="What to print.")
@click.option("--reports", default="reports", metavar="DIR", help="Where to write the pictures and the text.")
@click.option("--no-reports", is_flag=True, help="Write no files.")
@click.option("--pictures", default="svg,png,dot", metavar="FORMATS", help="Picture formats: dot, svg, png, pdf.")
def command(format: str, reports: str, no_reports: bool, pictures: str, **options: Any) -> int:
    """Say on which horn of the FLP theorem SPEC ends, and show it.

    No deterministic protocol in which one process may crash keeps agreement, can decide either of two values, and
    always decides.  So SPEC disagrees, is trivial, blocks, or has a fair run without a decision, unless its world is
    outside the theorem.  Shown are the schedule that proves it, the lemmas of the proof checked on SPEC, where the
    outcome is decided and by whom, and the adversary of the proof at work.

    Exit code: 0 a verdict, as expected if the instance expects one; 1 another one than expected; 3 the search was cut
    before a verdict.
    """
    from flpcheck.cli.progress import Meter
    from flpcheck.examine import examine, theorem_on
    from flpcheck.report.as_json import as_json, json_text
    from flpcheck.report.files import write_theorem

    setting = settle_options(options).unfolded
    with quiet(), reproducible(setting), Meter() as meter:
        examination = examine(setting, meter)
        found = theorem_on(examination)
        written = [] if no_reports else write_theorem(examination, found, reports, tuple(pictures.split(",")))
    if format == "json":
        told = as_json(examination, written)
        put(json_text(told if found is None else told | {"flp": found.as_json()}))
    else:
        _print_text(examination, found, written)
    cut = examination.graph.cut
    return INTERRUPTED if cut is not None and cut.bound == "interrupted" else _exit_code(examination)


def _exit_code(examination: Any) -> int:
    instance = examination.setting.instance
    verdicts = set(examination.findings.flp.verdicts)
    if "unknown" in verdicts:
        return INCONCLUSIVE
    if instance is not None and instance.flp is not None:
        expected = {instance.flp} if isinstance(instance.flp, str) else set(instance.flp)
        return DIFFERENT if expected != verdicts else AS_WANTED
    return AS_WANTED


def _print_text(examination: Any, found: Any, written: list[str]) -> None:
    from flpcheck.cli.console import results
    from flpcheck.report.theorem import theorem

    console = results()
    console.print(theorem(examination, found))
    if written:
        console.print("\nwritten: " + ", ".join(written), style="dim", soft_wrap=True)
