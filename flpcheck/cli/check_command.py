"""`flpcheck check`: every instance of every spec against its expectations, for CI."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from flpcheck.cli.console import explain_terms, put, results, say
from flpcheck.cli.options import SECONDS, ByteSize, SpecPath, format_option, jobs_option
from flpcheck.exit_codes import (
    AS_WANTED,
    DIFFERENT,
    INCONCLUSIVE,
    INTERNAL_ERROR,
    USAGE_ERROR,
    gravest,
)

if TYPE_CHECKING:
    from flpcheck.cli.checks import Checked, ReportOf

WORDS = {
    AS_WANTED: ("as expected", "green"),
    DIFFERENT: ("differs", "bold red"),
    INCONCLUSIVE: ("incomplete", "yellow"),
}
FAILED = ("error", "bold red")


@click.command("check")
@click.argument("specs", nargs=-1, required=True, type=SpecPath())
@click.option("--instance", "instances", multiple=True, metavar="NAME", help="Only this instance (may be repeated).")
@format_option
@click.option("--engine", type=click.Choice(["auto", "reference", "kernel"]), default="auto", help="Search engine.")
@click.option(
    "--safety", is_flag=True, help="Keep no transitions, stop at the first violation; safety properties only."
)
@click.option("--allow-incomplete", is_flag=True, help="Exit with 0 if searches were cut and nothing else is wrong.")
@click.option("--max-seconds", type=SECONDS, metavar="S", help="Time limit for loading a spec and for each search.")
@click.option("--max-memory", type=ByteSize(), help="Cut a search when its process occupies this much memory.")
@click.option("--on-demand", is_flag=True, help="Include the large instances that are skipped by default.")
@click.option(
    "--update-expected", is_flag=True, help="Print a diff that puts the counts and lengths found into the specs."
)
@click.option("--write", is_flag=True, help="Apply the diff of --update-expected to the files.")
@jobs_option
def command(
    specs: tuple[str, ...], instances: tuple[str, ...], format: str, jobs: int, *, allow_incomplete: bool,
    on_demand: bool, update_expected: bool, write: bool, **options: Any,
) -> int:  # fmt: skip
    """Check every instance of SPECS (files, folders or bundled names) against what it expects.

    A spec that cannot be loaded or examined is an error among the results; all others are judged.

    Exit code 0: every verdict, count and length is as expected; 1: something differs; 2: something could not be
    examined, and nothing differs; 3: a search was cut where a verdict was expected, and nothing else is wrong;
    4: flpcheck contradicts itself; 130: interrupted (143: by SIGTERM), the results until then are printed.

    With --update-expected, print a diff that puts the counts and lengths found into the files; an instance whose
    verdict differs is named and left unchanged.  Exit code 1 if a change remains unwritten.
    """
    from flpcheck.cli.checks import Checks, How, Selection, files
    from flpcheck.cli.updating import refuse_contradictions, show_updates, update_of

    bounds = {name: options[f"max_{name}"] for name in ("seconds", "memory") if options[f"max_{name}"] is not None}
    how = How(options["engine"], bounds, not options["safety"], alone=jobs == 1, counted=update_expected)
    refuse_contradictions(update_expected, write, format, keep=how.keep)
    told = update_of if update_expected else told_in(format, allow_incomplete=allow_incomplete)
    checks = Checks(files(specs), Selection(instances, on_demand), told, how, jobs)
    found = _awaited(checks)
    if update_expected:
        codes = show_updates(found, write=write)
    else:
        codes = _rows(found, checks) if format == "text" else _formatted(found, format)
    checks.refuse_unknown_names()
    return checks.interrupted or _code(codes, allow_incomplete=allow_incomplete)


def told_in(form: str, *, allow_incomplete: bool = False) -> ReportOf:
    """Return what makes of an examination what a format says of it."""
    from functools import partial

    return cells if form == "text" else partial(_part, form=form, allow_incomplete=allow_incomplete)


def _part(examination: Any, form: str, *, allow_incomplete: bool) -> Any:
    from flpcheck.report.ci import writer_of

    return writer_of(form, allow_incomplete=allow_incomplete).part(examination)


def _awaited(checks: Iterable[Checked]) -> Iterator[Checked]:
    """Yield what comes, with a word on standard error for a user waiting at a terminal."""
    for check in checks:
        yield check
        if sys.stderr.isatty():
            say(check.heartbeat, err=True)


def cells(examination: Any) -> tuple[str, ...]:
    """Return the row of an examination in the table that people read, without its result in a word."""
    from flpcheck.authoring.values import shorten

    request, cut = examination.request, examination.cut
    name = request.instance.name if request.instance else "(no instance)"
    details = [shorten(str(difference), 400) for difference in examination.differences]
    if cut is not None and examination.exit_code:
        details.append(cut.bound.label)
    return request.spec.name, name, f"{examination.size:,}", f"{examination.seconds:.2f}", *details


def _rows(found: Iterable[Checked], checks: Any) -> list[int]:
    """Print a table of what was found, and a line that sums it up."""
    from rich.text import Text

    codes, table = [], _table()
    for check in found:
        codes.append(check.code)
        name, instance, size, seconds, *details = check.part or _failed_cells(check)
        word, style = FAILED if check.failure else WORDS[check.code]
        shown = Text("\n").join([Text(word, style=style), *map(Text, details)])
        table.add_row(Text(name), Text(instance), size, seconds, shown)
    _print(table, codes, checks.left_out)
    return codes


def _failed_cells(check: Checked) -> tuple[str, ...]:
    failure = check.failure
    assert failure is not None
    return failure.spec, failure.instance or "-", "", "", *failure.text.splitlines()


def _formatted(found: Iterable[Checked], form: str) -> list[int]:
    """Print examinations for a machine: those in JSON as they come, documents at the end."""
    kept, codes = [], []
    for check in found:
        codes.append(check.code)
        part = check.part if check.failure is None else _writer(form).failed(check.failure)
        if form in {"json", "jsonl"}:
            put(_writer(form).joined([part]))
        else:
            kept.append(part)
    if form not in {"json", "jsonl"}:
        put(_writer(form).joined(kept))
    return codes


def _writer(form: str) -> Any:
    """Return how a format is written; imported late, because children are started before anything large is loaded."""
    from flpcheck.report.ci import writer_of

    return writer_of(form)


def _table() -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("spec", "left"), ("instance", "left"), ("configurations", "right"), ("seconds", "right")):
        table.add_column(name, justify="right" if side == "right" else "left", overflow="fold")
    table.add_column("result", overflow="fold")
    return table


def _print(table: Any, codes: list[int], left_out: int) -> None:
    console, total = results(), len(codes)
    console.print(table)
    bad, open_ = codes.count(DIFFERENT), codes.count(INCONCLUSIVE)
    errors = codes.count(USAGE_ERROR) + codes.count(INTERNAL_ERROR)
    tail = (f", {open_} incomplete" if open_ else "") + (f", {errors} that could not be checked" if errors else "")
    console.print(f"\n{codes.count(AS_WANTED)} of {total} instances as expected, {bad} differing{tail}")
    if left_out:
        console.print(f"{left_out} more on demand: --on-demand checks them as well")
    explain_terms(console)


def _code(codes: list[int], *, allow_incomplete: bool) -> int:
    return gravest(code for code in codes if not (code == INCONCLUSIVE and allow_incomplete))
