"""From DOT to SVG, PNG and PDF on a fresh machine: the Graphviz that pygraphviz carries, else an installed `dot`.

Graphviz runs in a child process: it can be stopped when a layout takes too long, and its remarks about label sizes
and fonts do not reach the terminal.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from flpcheck.errors import BadRequest, FlpcheckError, nearest

FORMATS = ("svg", "png", "pdf")
SECONDS = 10.0
"""Time limit for one Graphviz run, in seconds: one picture, in all formats."""
_FONTS = Path(__file__).with_name("fonts")
_CHILD = Path(__file__).with_name("graphviz_child.py")


class NoRenderer(FlpcheckError):
    """There is no Graphviz to render with, or nothing that writes what it reads."""


class RenderingFailed(FlpcheckError):
    """Graphviz refused a picture."""


class RenderingTooSlow(FlpcheckError):
    """Graphviz did not finish in time."""


def possible(formats: Iterable[str]) -> tuple[str, ...]:
    """Return the formats that what is installed can make; an unknown one is kept, and refused where it is drawn."""
    none = importlib.util.find_spec("graphviz") is None
    lacking = {"dot", *FORMATS} if none else set() if renderer() else set(FORMATS)
    return tuple(form for form in formats if form not in lacking)


def render(dot: str, form: str, seconds: float = SECONDS) -> bytes:
    """Return a picture in one format; see `render_all`."""
    return render_all(dot, [form], seconds)[form]


def render_all(dot: str, formats: Iterable[str], seconds: float = SECONDS) -> dict[str, bytes]:
    """Return a picture in several formats.

    Parameters
    ----------
    dot
        The DOT source.
    formats
        Some of `FORMATS`.
    seconds
        When to give up.

    Raises
    ------
    BadRequest
        If a format is unknown.
    NoRenderer
        If neither pygraphviz nor a `dot` command is there.
    RenderingTooSlow, RenderingFailed
        If Graphviz does not finish in time, or refuses.
    """
    wanted = list(dict.fromkeys(formats))
    for form in wanted:
        if form not in FORMATS:
            raise BadRequest(f"no picture format {form!r}", why=nearest(form, FORMATS))
    if not wanted:
        return {}
    made = _by_wheel(dot, wanted, seconds) if _has_wheel() else _by_command(dot, wanted, seconds)
    if "svg" in made:
        made["svg"] = made["svg"].replace(b"sans-Serif", b"sans-serif")  # some SVG readers drop all text otherwise
    return made


def renderer() -> str | None:
    """Return what pictures are rendered with: `pygraphviz`, `dot`, or None if there is nothing."""
    if _has_wheel():
        return "pygraphviz"
    return "dot" if shutil.which("dot") else None


def _has_wheel() -> bool:
    return bool(sys.executable) and importlib.util.find_spec("pygraphviz") is not None


def _by_wheel(dot: str, formats: list[str], seconds: float) -> dict[str, bytes]:
    job = json.dumps({"dot": dot, "formats": formats, "layout": _layout(dot)}).encode()
    command = [sys.executable, "-P", str(_CHILD)]
    with tempfile.TemporaryDirectory(prefix="flpcheck-fonts-") as folder:
        environment = {"FONTCONFIG_FILE": _font_configuration(Path(folder)), **os.environ}
        try:
            done = subprocess.run(
                command, input=job, capture_output=True, timeout=seconds, check=False, env=environment
            )
        except subprocess.TimeoutExpired:
            raise _too_slow(seconds) from None
    if done.returncode:
        raise _failed(done.stderr.decode(errors="replace"))
    return {form: base64.b64decode(text) for form, text in json.loads(done.stdout).items()}


def _layout(dot: str) -> str:
    """Return who lays it out: `neato` where the source pins every position, else `dot`."""
    return "neato" if "layout=neato" in dot[:200] else "dot"


def _font_configuration(folder: Path) -> str:
    """Put our fonts beside the machine's: a slim container has none, and all text would vanish.

    They are copied to a folder that goes away, because fontconfig leaves marks in the folders that it reads.
    """
    for font in _FONTS.glob("*.ttf"):
        shutil.copy(font, folder)
    text = (_FONTS / "fonts.conf").read_text(encoding="utf-8").replace("FOLDER", str(folder))
    configuration = folder / "fonts.conf"
    configuration.write_text(text, encoding="utf-8")
    return str(configuration)


def _by_command(dot: str, formats: list[str], seconds: float) -> dict[str, bytes]:
    import graphviz

    program = shutil.which("dot")
    if program is None:
        raise NoRenderer(
            "no Graphviz found, so no picture can be rendered",
            why="neither the Python package pygraphviz nor the command `dot` is installed",
            next_step="pip install 'pygraphviz>=2.0.4', or install Graphviz; the format dot needs neither",
        )
    made = {}
    for form in formats:
        command = [program, *graphviz.backend.dot_command.command("dot", form)[1:]]
        try:
            done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise _too_slow(seconds) from None
        if done.returncode:
            raise _failed(done.stderr.decode(errors="replace"))
        made[form] = done.stdout
    return made


def _too_slow(seconds: float) -> RenderingTooSlow:
    advice = "draw the quotient, or the neighbourhood of a schedule"
    return RenderingTooSlow(f"Graphviz did not finish a picture within {seconds:g} s", next_step=advice)


def _failed(remarks: str) -> RenderingFailed:
    why = "\n".join(remarks.strip().splitlines()[-3:])
    return RenderingFailed("Graphviz could not render a picture", why=why, next_step="please report this with the spec")
