"""The page: one file with everything in it, which sends no request and runs nothing but its own script."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from functools import cache
from importlib.resources import files
from typing import Any

from flpcheck.report.explorer.deeds import page_keys

SCRIPTS = (
    "book",
    "text",
    "values",
    "path",
    "layout",
    "picture",
    "map",
    "cards",
    "steps",
    "story",
    "spacing",
    "flights",
    "spacetime",
    "player",
    "choices",
    "compare",
    "print",
    "quiz",
    "tour",
    "copy",
    "keys",
    "head",
    "main",
)
KEYS = "[/* of deeds.py */]"
"""The place of the list of keys in the script."""


def page(data: dict[str, Any], *, live: bool = False) -> str:
    """Return the page for some data.

    Parameters
    ----------
    data
        From `explorer_data`.
    live
        Whether the page may ask the server that it came from for more.

    Returns
    -------
    str
        HTML.  A content security policy admits the page's own script and style by their hashes and nothing else, so
        that no text of a spec can ever run; a live page may also fetch from where it came from.
    """
    style, script = _asset("explorer.css"), _script()
    parts = {
        "POLICY": html.escape(policy(live=live)),
        "TITLE": html.escape(f"{data['spec']} · flpcheck"),
        "STYLE": style,
        "SCRIPT": script,
        "DATA": embedded(data),
    }
    text = _asset("explorer.html")
    pieces = text.split("@@")  # once, so that what is put in is never looked at again
    return "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))


def policy(*, live: bool = False) -> str:
    """Return the content security policy: only the page's own script and style, known by their hashes."""
    connect = "'self'" if live else "'none'"
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_asset('explorer.css'))}'; "
        f"connect-src {connect}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def embedded(data: dict[str, Any]) -> str:
    r"""Return data as JSON that cannot end the element in which it stands.

    Examples
    --------
    >>> embedded({"message": "</script>"})
    '{"message":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def _asset(name: str) -> str:
    return (files("flpcheck.report.explorer") / "assets" / name).read_text(encoding="utf-8")


@cache
def _script() -> str:
    script = "\n".join(_asset(f"{name}.js") for name in SCRIPTS)
    return script.replace(KEYS, json.dumps(page_keys(), ensure_ascii=False))


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
