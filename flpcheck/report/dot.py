"""Writing a drawing in DOT: deterministic order, stable names, every text escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flpcheck.authoring.values import printable, shorten
from flpcheck.report.drawing import Drawing, Edge, Node
from flpcheck.report.layout import Plan, planned
from flpcheck.report.legend import Item
from flpcheck.report.palette import ALARM, LOOP
from flpcheck.report.render import NoRenderer

if TYPE_CHECKING:
    from graphviz import Digraph

FONT = "DejaVu Sans,Helvetica,Arial,sans-serif"
PALE, DARK = "#7A7A7A", "#303030"
COLUMNS = 3
MARK = 32


def dot_source(drawing: Drawing) -> str:
    """Return the DOT source of a drawing."""
    try:
        from graphviz import Digraph
    except ImportError:
        raise NoRenderer(
            "cannot draw a picture",
            why="the Python package graphviz is not installed",
            next_step="pip install graphviz 'pygraphviz>=2.0.4'",
        ) from None
    plan = planned(drawing)
    graph = Digraph(
        drawing.name,
        graph_attr=_graph_attributes(drawing, plan),
        node_attr={
            "fontname": FONT,
            "fontsize": "11",
            "style": "filled,rounded",
            "shape": "box",
            "margin": "0.09,0.05",
        },
        edge_attr={"fontname": FONT, "fontsize": "9", "color": PALE, "fontcolor": DARK, "arrowsize": "0.7"},
    )
    for node in drawing.nodes:
        graph.node(node.name, **_node_attributes(node))
        if node.start is not None:
            _start(graph, node)
    for edge in drawing.edges:
        graph.edge(edge.source, edge.target, **_edge_attributes(edge))
    return str(graph.source)


def _graph_attributes(drawing: Drawing, plan: Plan) -> dict[str, str]:
    return {
        "charset": "UTF-8",
        "fontname": FONT,
        "label": _heading(drawing),
        "labelloc": "t",
        "labeljust": "l",
        "rankdir": plan.direction,
        "ranksep": str(plan.rank_gap),
        "nodesep": str(plan.node_gap),
        "tooltip": " ",
        **plan.limits,
    }


def _start(graph: Digraph, node: Node) -> None:
    assert node.start is not None
    name = f"start_{node.name}"
    graph.node(
        name,
        label=_lines([node.start]),
        shape="plain",
        fontsize="10",
        style="",
        tooltip="an initial configuration",
    )
    graph.edge(name, node.name, arrowtail="dot", dir="both", color="black", penwidth="1.6", weight="4")


def _node_attributes(node: Node) -> dict[str, Any]:
    if node.remark:
        return {"label": _lines(node.lines), "shape": "plain", "style": "", "fontcolor": DARK, "fontsize": "9"}
    attributes = {"label": _node_label(node), "fillcolor": node.fill, "tooltip": _plain(node.tooltip or node.mark)}
    if node.critical:
        attributes |= {"peripheries": "2", "style": "filled", "penwidth": "1.8"}
    if node.unexpanded:
        attributes |= {"style": "filled,rounded,dashed"}
    if node.on_path:
        attributes |= {"penwidth": "2.2"}
    if node.alarms:
        attributes |= {"color": ALARM, "penwidth": "3"}
    return attributes


def _node_label(node: Node) -> str:
    lines = [f'<B><FONT POINT-SIZE="13">{_markup(shorten(node.mark, MARK))}</FONT></B>']
    lines += [f"<B>{_coloured(alarm, ALARM)}</B>" for alarm in node.alarms]
    lines += [_small(line) for line in node.lines]
    text = "<BR/>".join(lines)
    if node.detail:
        text += "<BR/>" + "".join(f'{_small(line)}<BR ALIGN="LEFT"/>' for line in node.detail)
    return f"<{text}>"


def _small(text: str) -> str:
    return f'<FONT POINT-SIZE="9">{_markup(text)}</FONT>'


def _coloured(text: str, colour: str) -> str:
    return f'<FONT POINT-SIZE="9" COLOR="{colour}">{_markup(text)}</FONT>'


def _edge_attributes(edge: Edge) -> dict[str, Any]:
    attributes: dict[str, Any] = {"label": _lines(edge.labels)} if edge.labels else {}
    if edge.world:
        attributes |= {"style": "dashed"}
    if edge.weight > 1:
        attributes |= {"penwidth": f"{min(1 + len(str(edge.weight)) * 0.5, 4):.1f}"}
    if edge.on_path:
        attributes |= {"color": "black", "fontcolor": "black", "penwidth": "2.4", "weight": "8"}
    if edge.settles:
        attributes |= {"color": "black", "fontcolor": "black", "penwidth": "2.4"}
    if edge.in_loop:
        attributes |= {"color": LOOP, "fontcolor": LOOP, "penwidth": "2.4"}
    if edge.remark:
        attributes |= {"style": "dotted", "arrowhead": "none"}
    return attributes


def _heading(drawing: Drawing) -> str:
    """Return the title and the legend as one HTML-like table."""
    first, *others = drawing.title
    rows = [f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="16"><B>{_markup(first)}</B></FONT></TD></TR>']
    rows += [f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="11">{_markup(line)}</FONT></TD></TR>' for line in others]
    if drawing.explanations:
        rows.append(f'<TR><TD ALIGN="LEFT">{_legend(drawing.explanations)}</TD></TR>')
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="1">{"".join(rows)}</TABLE>>'


def _legend(items: Sequence[Item]) -> str:
    cells = [f"<TD>{_swatch(item)}</TD>{_meaning(item)}" for item in items]
    rows = [cells[first : first + COLUMNS] for first in range(0, len(cells), COLUMNS)]
    text = "".join(f"<TR>{''.join(row)}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="1">{text}</TABLE>'


def _meaning(item: Item) -> str:
    return f'<TD ALIGN="LEFT"><FONT POINT-SIZE="10">{_markup(shorten(item.meaning, 2 * MARK))}   </FONT></TD>'


_BORDERS = {
    "plain": 'BORDER="1"',
    "double": 'BORDER="1" CELLBORDER="1" CELLSPACING="2"',
    "dashed": 'BORDER="1" STYLE="DASHED"',
    "alarm": f'BORDER="3" COLOR="{ALARM}"',
    "none": 'BORDER="0"',
}


def _swatch(item: Item) -> str:
    shape = _BORDERS[item.border]
    style = shape if "CELLSPACING" in shape else f'{shape} CELLBORDER="0" CELLSPACING="0"'
    text = f'<FONT POINT-SIZE="10" COLOR="{item.ink}"><B>{_markup(shorten(item.sign, MARK))}</B></FONT>'
    return f'<TABLE {style} CELLPADDING="2" BGCOLOR="{item.fill}"><TR><TD> {text} </TD></TR></TABLE>'


def clean(text: str) -> str:
    r"""Return the text with what cannot be printed written as an escape; a line break becomes a blank.

    Examples
    --------
    >>> clean("a" + chr(10) + "b" + chr(7))
    'a b\\x07'
    """
    return printable(text.replace("\n", " "))


def _markup(text: str) -> str:
    """Return the text for an HTML-like label; escapes such as backslash N are substituted there, too."""
    return html.escape(clean(text)).replace("\\", "\\\\")


def _lines(lines: Iterable[str]) -> str:
    """Return a label of several lines, with a little space at both ends of each, lest they touch an arrow."""
    return f"<{'<BR/>'.join(f'&#160;&#160;{_markup(line)}&#160;' for line in lines)}>"


def _plain(text: str) -> str:
    """Return text for a tooltip, in which Graphviz substitutes escapes twice."""
    from graphviz import nohtml

    escaped: str = nohtml(clean(text).replace("&", "&amp;").replace("\\", 4 * "\\"))
    return escaped
