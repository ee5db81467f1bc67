"""Console output: no wider than the terminal, and without control characters.

Names, values and docstrings come from specs.  Whatever is printed as text goes through here, where characters that do
not print become their escapes; documents for machines have escapes of their own.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from flpcheck.signals import deferring, interrupt

LOG_WIDTH = 118
_ESCAPING = "flpcheck_escape"


def results() -> Any:
    """Return a rich console on standard output."""
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.segment import Segment

    from flpcheck.authoring.values import printable

    class Safe:
        """Text that contains words of a spec: rendered, then escaped."""

        def __init__(self, thing: Any) -> None:
            self.thing = thing

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            for segment in console.render(self.thing, options):
                printed.append("" if segment.control else segment.text)
                yield segment if segment.control else Segment(printable(segment.text), segment.style)

    printed: list[str] = []

    class Results(Console):
        """Prints nothing verbatim, and crops nothing: what must stay in one line is longer than the others."""

        @property
        def printed(self) -> str:
            """All that was printed."""
            return "".join(printed)

        def print(self, *things: Any, **options: Any) -> None:
            shaped = {name: options.pop(name) for name in ("markup", "style") if name in options}
            shown = [self.render_str(t, **shaped) if isinstance(t, str) else t for t in things]
            super().print(*map(Safe, shown), **{"crop": False, **options})

    return Results(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else LOG_WIDTH)


def explain_terms(console: Any, *, always: bool = False) -> None:
    """Print what the terms mean that were printed, each once; on a terminal only, unless FLPCHECK_TERMS is off."""
    from flpcheck.glossary import PAGE, terms_in

    if not always and (not sys.stdout.isatty() or os.environ.get("FLPCHECK_TERMS") == "off"):
        return
    terms = terms_in(console.printed)
    if terms:
        console.print(f"\nterms ({PAGE} has all; FLPCHECK_TERMS=off prints none)", style="dim")
    for name, meaning in terms.items():
        console.print(f"  {name}: {meaning}", style="dim")


def put(text: str, *, nl: bool = True) -> None:
    """Print a document for a machine, whose writer has escaped what needs to be; an interrupt leaves no half of it."""
    with _whole():
        sys.stdout.write(text + "\n" if nl else text)
        sys.stdout.flush()


@contextlib.contextmanager
def _whole() -> Iterator[None]:
    """Let Ctrl-C or SIGTERM wait until all is printed; a second one does not wait, should the reader have stopped."""
    arrived: list[int] = []

    def note(number: int, _: Any) -> None:
        if arrived:
            interrupt(number)
        arrived.append(number)

    with deferring(note):
        yield
    for number in arrived:
        interrupt(number)


def say(text: str, *, err: bool = False) -> None:
    """Print lines, to standard error on request."""
    from flpcheck.authoring.values import printable

    stream = sys.stderr if err else sys.stdout
    stream.write(printable(text) + "\n")
    stream.flush()


def print_what_cannot_be_encoded() -> None:
    r"""Let standard output and error write an escape (`\u2192`, which JSON reads too) for what their encoding lacks."""
    codecs.register_error(_ESCAPING, _escaped)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors=_ESCAPING)  # type: ignore[union-attr]


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    units = lost.encode("utf-16-be", "surrogatepass")
    text = "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))
    return text, error.end
