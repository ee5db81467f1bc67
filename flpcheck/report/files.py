"""The files that `explore` leaves behind: the summary, the pictures and the explorer."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console, RenderableType

from flpcheck.analyse.theorem.tour import Tour
from flpcheck.authoring.values import printable
from flpcheck.examine import Examination
from flpcheck.reduce import Orbits
from flpcheck.report.diamond import theorem_pictures
from flpcheck.report.explorer import explorer_page
from flpcheck.report.folders import folder as folder_for
from flpcheck.report.pictures import Picture, run_pictures, standard_pictures, write
from flpcheck.report.render import possible
from flpcheck.report.summary import summary, traces
from flpcheck.report.theorem import theorem

WIDTH = 110


def write_reports(examination: Examination, folder: str, formats: tuple[str, ...]) -> list[str]:
    """Write the summary, the pictures and the explorer of an examination.

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
    text = plain(summary(examination), *traces(examination))
    folded = isinstance(examination.graph.system, Orbits)  # names change along its transitions: no picture shows that
    whole = {} if folded else standard_pictures(examination.findings)
    pictures = {**whole, **run_pictures(examination.findings)}
    written = _written(examination, folder, "summary", text, pictures, formats)
    if folded:
        return written
    page = Path(folder) / _folder(examination) / "explorer.html"
    page.write_text(explorer_page(examination), encoding="utf-8")
    return [*written, str(page)]


def write_theorem(examination: Examination, found: Tour | None, folder: str, formats: tuple[str, ...]) -> list[str]:
    """Write what the theorem says about an examination, and its pictures, beside the reports of `explore`.

    Parameters
    ----------
    examination, found
        What was examined, and what the theorem says about it.
    folder, formats
        As for `write_reports`.
    """
    pictures = theorem_pictures(examination.findings, found)
    return _written(examination, folder, "theorem", plain(theorem(examination, found)), pictures, formats)


def _written(
    examination: Examination,
    folder: str,
    name: str,
    text: str,
    pictures: Mapping[str, Picture],
    formats: tuple[str, ...],
) -> list[str]:
    place = Path(folder) / _folder(examination)
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{name}.txt"
    file.write_text(text, encoding="utf-8")
    paths = [file]
    can_be_made = possible(formats)
    for title, drawing in pictures.items() if can_be_made else ():
        paths += write(drawing, place / title, can_be_made)
    return [str(path) for path in paths]


def _folder(examination: Examination) -> str:
    return folder_for(examination.setting.spec, examination.setting.instance)


def plain_text(examination: Examination, *, timed: bool = True) -> str:
    """Return the summary and the narrated counterexamples without colours, and if wished without seconds."""
    return plain(summary(examination, timed=timed), *traces(examination))


def plain(*parts: RenderableType) -> str:
    """Return what rich would print, without colours."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=WIDTH,
        no_color=True,
        highlight=False,
        force_terminal=False,
        force_jupyter=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(printable(line.rstrip()) for line in out.getvalue().split("\n")).rstrip("\n") + "\n"
