"""Text and positions for pictures whose places are all fixed, in the DOT language."""

from __future__ import annotations

from collections.abc import Iterator

from flpcheck.authoring.values import printable

LETTER = 5.6
"""Points per character of size 10, roughly."""


def at(x: float, y: float) -> str:
    """Return a pinned position, in points."""
    return f'pos="{x:.1f},{y:.1f}!"'


def quoted(text: str) -> str:
    """Return a string of the DOT language."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def beside(name: str, x: float, y: float, text: str, colour: str, size: int = 10) -> Iterator[str]:
    """Yield a node with text that begins at x: a node is centred on its position, so it gets the text's own width."""
    width = len(text) * LETTER * size / 10 + 4
    look = f"shape=plaintext, margin=0, width={width / 72:.2f}, height=0.2, fixedsize=true, fontsize={size}"
    label = quoted(text)[:-1] + '\\l"'
    yield f'{name} [{at(x + width / 2, y + size * 0.75)}, {look}, fontcolor="{colour}", label={label}];'
