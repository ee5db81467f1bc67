"""The files that `explore` leaves behind: the summary and the pictures."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from flpcheck.examine import Examination
from flpcheck.report.pictures import run_pictures, standard_pictures, write
from flpcheck.report.summary import summary, traces

WIDTH = 110


def write_reports(examination: Examination, folder: str, formats: tuple[str, ...]) -> list[str]:
    """Write the summary and the pictures of an examination.

    Parameters
    ----------
    examination
        What was examined and found.
    folder
        Everything goes to a folder inside it, named after the spec and, unless it is the first one, the instance.
    formats
        Picture formats: some of `dot`, `svg`, `png`, `pdf`.

    Returns
    -------
    list of str
        The paths written.
    """
    place = Path(folder) / folder_of(examination)
    place.mkdir(parents=True, exist_ok=True)
    text = place / "summary.txt"
    text.write_text(plain_text(examination), encoding="utf-8")
    written = [text]
    pictures = {**standard_pictures(examination.findings), **run_pictures(examination.findings)}
    for name, drawing in pictures.items():
        written += write(drawing, place / name, formats)
    return [str(path) for path in written]


def folder_of(examination: Examination) -> str:
    """Return the name of the folder for an examination's reports."""
    setting = examination.setting
    name = setting.spec.name
    if setting.instance is None:
        return f"{name}/changed" if setting.spec.instances else name
    if setting.instance is setting.spec.instances[0]:
        return name
    return f"{name}/{setting.instance.name.replace(' ', '-').replace('/', '-')}"


def plain_text(examination: Examination, *, timed: bool = True) -> str:
    """Return the summary and the narrated counterexamples without colours, and if wished without seconds."""
    out = io.StringIO()
    console = Console(file=out, width=WIDTH, no_color=True, highlight=False, force_terminal=False)
    console.print(summary(examination, timed=timed))
    for trace in traces(examination):
        console.print(trace)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
