"""From SVG to PNG and PDF, for the pictures that flpcheck draws itself, without Graphviz."""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flpcheck.errors import BadRequest, nearest
from flpcheck.report.render import FORMATS, NoRenderer

FONTS = Path(__file__).with_name("fonts")
SHARP = 2.0
"""Pixels of a PNG per pixel of the drawing."""


def from_svg(svg: str, formats: Iterable[str]) -> dict[str, bytes]:
    """Return a drawing in several formats.

    Parameters
    ----------
    svg
        The drawing.
    formats
        Some of `svg`, `png` and `pdf`.

    Raises
    ------
    BadRequest
        If a format is unknown, or is `dot`.
    NoRenderer
        If a PDF is wanted and svglib is not installed.
    """
    made = {}
    for form in dict.fromkeys(formats):
        if form not in _MAKERS:
            raise _unknown(form)
        made[form] = _MAKERS[form](svg)
    return made


def drawable(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats that a drawing can be written in with what is installed; SVG if none of them can be."""
    lacking = {"dot", *(() if importlib.util.find_spec("svglib") else ("pdf",))}
    return tuple(form for form in formats if form not in lacking) or ("svg",)


def png(svg: str, scale: float = SHARP) -> bytes:
    """Return a drawing as a PNG, with the fonts that flpcheck carries."""
    resvg_py: Any = importlib.import_module("resvg_py")

    fonts = [str(font) for font in sorted(FONTS.glob("*.ttf"))]
    made: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=round(scale * _width(svg)),
        font_files=fonts,
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        skip_system_fonts=True,
    )
    return bytes(made)


def _width(svg: str) -> int:
    found = re.search(r' width="(\d+)"', svg)
    assert found is not None
    return int(found[1])


def _pdf(svg: str) -> bytes:
    if importlib.util.find_spec("svglib") is None:
        raise NoRenderer(
            "a space-time diagram cannot be written as a PDF",
            why="the package svglib is not installed",
            next_step="pip install 'flpcheck[pictures]', or write an SVG or a PNG",
        )
    from reportlab.graphics import renderPDF
    from svglib.fonts import register_font
    from svglib.svglib import svg2rlg

    for style, name in (("normal", "DejaVuSans"), ("bold", "DejaVuSans-Bold")):
        register_font("DejaVu Sans", str(FONTS / f"{name}.ttf"), weight=style)
    drawing: Any = svg2rlg(io.BytesIO(svg.encode()))
    return bytes(renderPDF.drawToString(drawing))


def _unknown(form: str) -> BadRequest:
    if form == "dot":
        return BadRequest(
            "a space-time diagram has no source in the DOT language",
            why="flpcheck draws it itself: Graphviz cannot keep arrows away from steps that they do not belong to",
            next_step="write an .svg, .png or .pdf",
        )
    return BadRequest(f"no picture format {form!r}", why=nearest(form, FORMATS))


_MAKERS: dict[str, Callable[[str], bytes]] = {"svg": str.encode, "png": png, "pdf": _pdf}
