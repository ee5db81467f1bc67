"""Output for notebooks: pictures as SVG and summaries as HTML, with plain text as a fallback."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from flpcheck.examine import Examination
from flpcheck.report.pictures import Picture
from flpcheck.report.render import render
from flpcheck.report.runs.spacetime import SpaceTime
from flpcheck.report.summary import summary, traces

WIDTH = 110
PRE = '<pre style="white-space:pre;overflow-x:auto;line-height:1.3;font-family:monospace">{code}</pre>'


@dataclass(frozen=True)
class Display:
    """A picture with a text beside it.

    Parameters
    ----------
    svg
        The picture.
    text
        A description, for terminals.
    """

    svg: str
    text: str

    @classmethod
    def of_picture(cls, picture: Picture, text: str = "") -> Display:
        """Render a picture; its text is the source if there is none.

        Raises
        ------
        NoRenderer, RenderingTooSlow
            If it cannot be rendered.
        """
        if isinstance(picture, SpaceTime):
            return cls(picture.svg, text or picture.svg)
        return cls(render(picture.dot, "svg").decode(), text or picture.dot)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """Show the picture in a notebook."""
        return {"text/plain": self.text, "image/svg+xml": self.svg}

    def _mime_(self) -> tuple[str, str]:
        """Show the picture in marimo."""
        return "image/svg+xml", self.svg


def summary_as_html(examination: Examination) -> str:
    """Return the summary of an examination and its narrated counterexamples as HTML."""
    console = Console(
        file=io.StringIO(),
        record=True,
        markup=False,
        emoji=False,
        width=WIDTH,
        force_terminal=True,
        force_jupyter=False,  # it would show each part a second time
        color_system="truecolor",
    )
    for part in (summary(examination, timed=False), *traces(examination)):
        console.print(part, crop=False)
    return console.export_html(inline_styles=True, code_format=PRE)
