"""Films and slides of a run: frames drawn as SVG, made to pixels one by one, and put together by Pillow."""

from __future__ import annotations

import importlib
import importlib.util
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flpcheck.budget import look
from flpcheck.report.palette import ALARM, LOOP, VALUES
from flpcheck.report.raster import png
from flpcheck.report.render import NoRenderer
from flpcheck.report.runs.motion import MOVING, SECONDS, Motion
from flpcheck.report.runs.signs import ARROW, DECIDED, UNRECEIVED
from flpcheck.report.svg import INK

PER_STEP = 6
"""Frames for each step of the run."""
SHADES = 10
"""Shades of each colour in a GIF: one palette for all frames, without dithering, so that nothing flickers."""


def write_film(motion: Motion, path: Path) -> None:
    """Write a run as a film that begins again at its end.

    Parameters
    ----------
    motion
        The run.
    path
        A name that ends in `.gif`, `.apng` or `.webp`.

    Raises
    ------
    NoRenderer
        If Pillow is not installed.
    OutOfBudget
        If the run of the command has to end before the film is whole; nothing is written then.

    Cost: a twentieth to a seventh of a second for each frame, `PER_STEP` of them for each step.
    """
    pillow = _pillow()
    frames = list(_frames(pillow, motion))
    if path.suffix == ".gif":
        frames = [frame.quantize(palette=_palette(pillow), dither=0) for frame in frames]
    first, *rest = frames
    milliseconds = round(1000 * SECONDS / PER_STEP)
    form = {".gif": "GIF", ".apng": "PNG", ".webp": "WEBP"}[path.suffix]
    extra = {"lossless": True} if form == "WEBP" else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    first.save(path, format=form, save_all=True, append_images=rest, duration=milliseconds, loop=0, **extra)


def write_slides(motion: Motion, folder: Path) -> Iterator[Path]:
    """Write a slide for the beginning and one for each step, and yield their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, slide in enumerate(motion.slides()):
        look()
        path = folder / f"{number:03}.png"
        path.write_bytes(png(slide, scale=1.5))
        yield path


def _frames(pillow: Any, motion: Motion) -> Iterator[Any]:
    for frame in motion.frames(PER_STEP):
        look()
        yield pillow.open(io.BytesIO(png(frame, scale=1))).convert("RGB")


def _palette(pillow: Any) -> Any:
    """Return an image whose palette has every colour of a diagram in shades down to white: edges are smoothed."""
    shades = [
        round(255 + (int(colour[place : place + 2], 16) - 255) * shade / SHADES)
        for colour in (INK, ARROW, UNRECEIVED, DECIDED, VALUES[2], ALARM, LOOP, MOVING)
        for shade in range(1, SHADES + 1)
        for place in (1, 3, 5)
    ]
    palette = pillow.new("P", (1, 1))
    palette.putpalette([255, 255, 255, *shades])
    return palette


def _pillow() -> Any:
    if importlib.util.find_spec("PIL") is None:
        raise NoRenderer(
            "a film cannot be written",
            why="the package Pillow is not installed",
            next_step="pip install 'flpcheck[pictures]', or --animate with a name ending in .svg",
        )
    return importlib.import_module("PIL.Image")
