"""Turn a document into a page of the site: explorers are embedded, terms say what they mean."""

from __future__ import annotations

import re

from flpcheck.glossary import TERMS

EXPLORER = re.compile(
    r"^\[(?P<text>[^\]\n]+)\]\((?P<page>\.\./reports/[^)#\s]+/explorer\.html)(?P<place>#[^)\s]*)\)$", re.M
)
"""A paragraph that is nothing but a link into an explorer: where it is read as a page, the explorer itself."""
GLOSSARY = re.compile(r"\]\((?P<target>(?:\.\./)?glossary\.md#(?P<anchor>[\w-]+))\)")
SPEC = re.compile(r"\]\(\.\./specs/(?P<name>[\w/]+)\.py\)")


def anchor(term: str) -> str:
    """Return the anchor of a term on the page of the glossary.

    Examples
    --------
    >>> anchor("busy period")
    'busy-period'
    """
    return re.sub(r"[^\w-]+", "-", term.lower())


MEANINGS = {anchor(name): str(term) for name, term in TERMS.items()}


def site_page(text: str) -> str:
    """Return a document as the site has it, where the gallery and the specs lie beside the documents.

    Examples
    --------
    >>> site_page("[Go on](../reports/paxos/explorer.html#;tour=1.0)").splitlines()[0]
    '<iframe class="explorer" src="reports/paxos/explorer.html#;tour=1.0;embed" aria-label="Go on" loading="lazy">'
    >>> site_page("a [part](glossary.md#component)")
    'a [part](glossary.md#component "The local state and the mailbox of one process.")'
    >>> site_page("[paxos](../specs/paxos.py)")
    '[paxos](specs/paxos.md)'
    """
    text = EXPLORER.sub(_embedded, text)
    text = GLOSSARY.sub(lambda found: f']({found["target"]} "{_meaning(found["anchor"])}")', text)
    return SPEC.sub(r"](specs/\g<name>.md)", text.replace("](../reports/", "](reports/"))


def spec_page(name: str, text: str) -> str:
    """Return the source of a spec as a page of the site."""
    return f"---\nsearch:\n  exclude: true\n---\n\n# {name}\n\n```python\n{text}```\n"


def _embedded(found: re.Match[str]) -> str:
    text, page, place = found["text"], found["page"], found["place"]
    source = page.removeprefix("../") + place
    frame = f'<iframe class="explorer" src="{source};embed" aria-label="{text}" loading="lazy">\n</iframe>'
    return f"{frame}\n\n[Open it on a page of its own]({page}{place})"


def _meaning(name: str) -> str:
    return MEANINGS[name].replace('"', "&quot;")
