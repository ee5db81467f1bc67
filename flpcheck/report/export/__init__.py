"""State graphs as files for other people's tools: AUT, GraphML, Parquet, DOT."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flpcheck.analyse import Analysis
from flpcheck.errors import BadRequest, nearest
from flpcheck.report.export import aut, graphml, parquet, whole_dot

WRITERS: dict[str, Callable[[Analysis, Path], list[Path]]] = {
    "aut": aut.write,
    "graphml": graphml.write,
    "parquet": parquet.write,
    "dot": whole_dot.write,
}
FORMATS = tuple(WRITERS)


def write(analysis: Analysis, path: Path | str, form: str) -> list[Path]:
    """Write a state graph and return the files.

    Parameters
    ----------
    analysis
        What was found out about the graph; its valence goes along where the format can hold it.
    path
        A file; for `parquet` a folder.
    form
        One of `FORMATS`.

    Raises
    ------
    BadRequest
        If there is no such format, the graph is too large for it, or a package is missing.
    """
    if form not in WRITERS:
        raise BadRequest(f"no export format {form!r}", why=nearest(form, FORMATS))
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    return WRITERS[form](analysis, place)
