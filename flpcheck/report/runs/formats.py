"""The text formats of a run, by name: Mermaid, ITF and ShiViz."""

from __future__ import annotations

from flpcheck.analyse import Schedule, Valence
from flpcheck.authoring.values import printable
from flpcheck.report.as_json import json_text
from flpcheck.report.runs.flights import traced_run
from flpcheck.report.runs.itf import itf
from flpcheck.report.runs.mermaid import mermaid
from flpcheck.report.runs.shiviz import shiviz
from flpcheck.system import System


def formatted_schedule(
    system: System, schedule: Schedule, form: str, source: str = "", valence: Valence | None = None
) -> str:
    """Return a schedule in one of the formats, with an end of line at the end.

    Parameters
    ----------
    system, schedule
        The run.
    form
        `mermaid`, `itf` or `shiviz`.
    source
        The spec, for the reader of an ITF file.
    valence
        If the schedule comes from a graph, the valence of its configurations.
    """
    if form == "itf":
        return json_text(itf(system, schedule, source), indent=1) + "\n"
    run = traced_run(system, schedule, valence)
    return printable({"mermaid": mermaid, "shiviz": shiviz}[form](run))
