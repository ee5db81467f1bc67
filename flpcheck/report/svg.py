"""Elements of SVG as text: every attribute and every text escaped, numbers short, no style sheet needed."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from flpcheck.authoring.values import printable

INK = "#1F2933"
FONT = "DejaVu Sans, sans-serif"
LETTER = 0.62
"""Width of a letter of that font on average, as a part of its size."""
Value = str | float | int | None


def element(name: str, *children: str, **attributes: Value) -> str:
    """Return an element; `_` in the name of an attribute stands for `-`, an attribute that is None is left out."""
    shown = {key.rstrip("_").replace("_", "-"): _text(value) for key, value in attributes.items() if value is not None}
    head = "".join(f" {key}={quoteattr(value)}" for key, value in shown.items())
    return f"<{name}{head}>{''.join(children)}</{name}>" if children else f"<{name}{head}/>"


def words(x: float, y: float, text: str, size: float = 11, **attributes: Value) -> str:
    """Return a line of text whose middle is at a height."""
    look: dict[str, Value] = {"fill": INK, "font_size": size, **attributes}
    return element("text", escape(printable(text)), x=x, y=y + size * 0.36, **look)


def tooltip(text: str) -> str:
    """Return what a browser shows where the pointer rests."""
    return element("title", escape(printable(text)))


def cross(x: float, y: float, arm: float, **attributes: Value) -> str:
    """Return a cross with its middle at a point."""
    left, right, top, bottom = (f"{number:.1f}" for number in (x - arm, x + arm, y - arm, y + arm))
    d = f"M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom}"
    return element("path", d=d, fill="none", stroke_linecap="round", **attributes)


def width_of(text: str, size: float = 11) -> float:
    """Return about how wide a text is, in pixels."""
    return len(text) * size * LETTER


def document(width: float, height: float, *children: str, head: str = "", label: str = "") -> str:
    """Return a whole picture on white ground."""
    ground = element("rect", width=width, height=height, fill="white")
    return element(
        "svg", tooltip(label), head, ground, *children, xmlns="http://www.w3.org/2000/svg", role="img",
        viewBox=f"0 0 {width:.0f} {height:.0f}", width=round(width), height=round(height), font_family=FONT,
    ) + "\n"  # fmt: skip


def _text(value: Value) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
