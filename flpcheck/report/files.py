"""The files that `explore` leaves behind: the summary, the pictures and the explorer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from math import inf
from pathlib import Path
from typing import NamedTuple

from rich.console import Console, RenderableType

from flpcheck.analyse import Analysis
from flpcheck.analyse.theorem.tour import TheoremResult
from flpcheck.authoring.values import printable
from flpcheck.budget import OutOfBudget, current_monitor, look, stage
from flpcheck.examine import Examination
from flpcheck.explore.overtime import InterruptedCall, Limited, NotBack
from flpcheck.report.diamond import theorem_pictures
from flpcheck.report.explorer import explorer_page
from flpcheck.report.explorer.onward import PAGE
from flpcheck.report.folders import folder as folder_for
from flpcheck.report.pictures import Picture, run_pictures, standard_pictures, way_pictures, writable, write
from flpcheck.report.summary import summary, traces
from flpcheck.report.theorem import theorem

WIDTH = 110


class WrittenFiles(NamedTuple):
    """The files that were written.

    Parameters
    ----------
    paths
        Their paths.
    left_out
        What was not written because the run had to end, one sentence per item.
    """

    paths: list[str]
    left_out: list[str]


def write_reports(
    examination: Examination,
    folder: str,
    formats: tuple[str, ...],
    others: Callable[[], Sequence[Examination]] = tuple,
) -> WrittenFiles:
    """Write the summary, the pictures and the explorer of an examination.

    Parameters
    ----------
    examination
        The examination.
    folder
        Everything goes to a folder inside it, named after the spec and, unless it is the first one, the instance.
    formats
        Picture formats: some of `dot`, `svg`, `png`, `pdf`.
    others
        Explores the other instances whose tours the explorer is to hold; asked when it is written.

    Returns
    -------
    Written
        The text in any case, the rest as far as the limits of the run allow.
    """
    text = uncoloured(summary(examination), *traces(examination))
    folded = examination.system.symmetry is not None  # names change along its transitions: no picture shows that
    judged = examination.judged
    of_graph = partial(standard_pictures, judged) if isinstance(judged, Analysis) else partial(way_pictures, judged)

    def pictures() -> Mapping[str, Picture]:
        return {**({} if folded else of_graph()), **run_pictures(judged)}

    written = _written(examination, folder, "summary", text, pictures, formats)
    return _with_explorer(examination, others, Path(folder), written) if examination.keep and not folded else written


def _with_explorer(
    examination: Examination, others: Callable[[], Sequence[Examination]], folder: Path, written: WrittenFiles
) -> WrittenFiles:
    page = folder / _folder(examination) / PAGE
    with _drawing("writing the explorer", written.left_out):
        text = explorer_page(examination, others=others())
        page.write_text(text, encoding="utf-8")
        return written._replace(paths=[*written.paths, str(page)])
    page.unlink(missing_ok=True)
    return written


@contextmanager
def _drawing(doing: str, left_out: list[str]) -> Iterator[None]:
    """Draw within the limits of the run; what ends it is noted, as no verdict depends on it."""
    left = current_monitor().left()
    try:
        with stage("draw", doing), Limited(None if left == inf else left):
            look()
            yield
    except OutOfBudget as spent:
        left_out.append(spent.what)
    except (NotBack, InterruptedCall) as error:
        left_out.append(f"{doing} was stopped: {error.brief if isinstance(error, NotBack) else error}")


def write_theorem(
    examination: Examination, found: TheoremResult | None, folder: str, formats: tuple[str, ...]
) -> WrittenFiles:
    """Write what the theorem says about an examination, and its pictures, beside the reports of `explore`.

    Parameters
    ----------
    examination, found
        The examination, and the result of the theorem.
    folder, formats
        As for `write_reports`.
    """
    text = uncoloured(theorem(examination, found))
    pictures = partial(theorem_pictures, examination.analysis, found)
    return _written(examination, folder, "theorem", text, pictures, formats)


def _written(
    examination: Examination,
    folder: str,
    name: str,
    text: str,
    pictures: Callable[[], Mapping[str, Picture]],
    formats: tuple[str, ...],
) -> WrittenFiles:
    place = Path(folder) / _folder(examination)
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{name}.txt"
    file.write_text(text, encoding="utf-8")
    written = WrittenFiles([str(file)], [])
    drawings: Mapping[str, Picture] = {}
    with _drawing("drawing", written.left_out):
        drawings = pictures() if formats else {}
    for title, drawing in drawings.items():
        possible = writable(drawing, formats)
        if possible and not written.left_out:
            with _drawing(f"drawing {title}", written.left_out):
                written.paths.extend(map(str, write(drawing, place / title, possible)))
    return written


def _folder(examination: Examination) -> str:
    return folder_for(examination.request.spec, examination.request.instance)


def plain_text(examination: Examination, *, timed: bool = True) -> str:
    """Return the summary and the narrated counterexamples without colours; the seconds only if `timed`."""
    return uncoloured(summary(examination, timed=timed), *traces(examination))


def uncoloured(*parts: RenderableType) -> str:
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
        console.print(part, crop=False)
    return "\n".join(printable(line.rstrip()) for line in out.getvalue().split("\n")).rstrip("\n") + "\n"
