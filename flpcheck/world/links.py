"""Links: which process can send to which; a cut takes some of them away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.errors import BadRequest, BadWorld, nearest

Link: TypeAlias = tuple[Pid, Pid]
"""A sender and a receiver."""


def links_of(text: str) -> frozenset[Link]:
    """Return the links that a text names: `a>c` from a to c, `b-d` in both directions, separated by commas.

    Raises
    ------
    BadRequest
        If it names no link, or a name that contains a dash makes it ambiguous.

    Examples
    --------
    >>> sorted(links_of("a>c, b-d"))
    [('a', 'c'), ('b', 'd'), ('d', 'b')]
    """
    found: set[Link] = set()
    for item in filter(None, (part.strip() for part in text.split(","))):
        directed = ">" in item
        ends = [end.strip() for end in item.split(">" if directed else "-")]
        if len(ends) != 2 or not all(ends):
            why = f"{item!r} is not of the form a>c (from a to c) or a-c (both ways)"
            raise BadRequest(
                "a cut is a list of links", why=why, next_step="write names that contain a dash as a>c,c>a"
            )
        found.add((ends[0], ends[1]))
        if not directed:
            found.add((ends[1], ends[0]))
    return frozenset(found)


def links_text(cut: Iterable[Link]) -> str:
    """Return links as `links_of` reads them.

    Examples
    --------
    >>> links_text(links_of("b-d,a>c"))
    'a>c,b-d'
    """
    links = sorted(set(cut))
    both = {link for link in links if link[::-1] in links and not any("-" in end for end in link)}
    return ",".join(f"{a}-{b}" if (a, b) in both else f"{a}>{b}" for a, b in links if (a, b) not in both or a <= b)


def check_cut(cut: Iterable[Link], names: Sequence[Pid]) -> None:
    """Raise `BadWorld` unless each link leads from a process to another one."""
    for link in sorted(cut):
        for name in link:
            if name not in names:
                raise BadWorld(
                    f"process {name!r} of the cut link {'>'.join(link)} does not exist", why=nearest(name, names)
                )
        if link[0] == link[1]:
            raise BadWorld(f"{link[0]} cannot be cut off from itself", why="messages to itself use no link")
