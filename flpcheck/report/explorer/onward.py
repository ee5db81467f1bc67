"""From tour to tour: other instances and other specs, by a link where their page lies beside this one."""

from __future__ import annotations

import posixpath
from collections.abc import Container
from typing import Any
from urllib.parse import quote

from flpcheck.authoring.tour import Onward, Tour
from flpcheck.errors import BadProtocol, nearest
from flpcheck.report.command import command_line
from flpcheck.report.folders import folder
from flpcheck.spec import Spec, load

PAGE = "explorer.html"
"""The name of a page in a gallery; what `explore` leaves behind in the same folders is called otherwise."""


class Neighbours:
    """The pages that lie beside one, as a gallery has them.

    Parameters
    ----------
    spec, instance
        The spec of this page, and the name of its instance.
    beside
        Folders that hold a page, as `folder` names them.
    held
        Names of the instances that this page itself holds; its own one if empty.
    """

    def __init__(self, spec: Spec, instance: str, beside: Container[str] = (), held: Container[str] = ()) -> None:
        self.spec, self.instance, self.beside = spec, instance, beside
        self.held = held or (instance,)

    def row(self, tour: Tour, onward: Onward) -> dict[str, Any]:
        """Return where a tour goes on, as a page has it.

        Raises
        ------
        BadProtocol
            If there is no such tour.
        """
        spec = load(onward.spec) if onward.spec else self.spec
        names = [other.name for other in spec.tours]
        if onward.tour not in names:
            raise BadProtocol(
                f"tour {tour.name!r} goes on to {onward.tour!r}, which {spec.name} does not have",
                why=nearest(onward.tour, names),
                next_step="name a tour of that spec",
            )
        return {"text": onward.text, **self.where(spec, names.index(onward.tour))}

    def where(self, spec: Spec, number: int) -> dict[str, Any]:
        """Return how a tour is reached: its number if it is on this page, a link if on one beside, and a command."""
        tour = spec.tours[number]
        here = spec.name == self.spec.name and tour.instance in self.held
        command = command_line("serve", spec, "--instance", tour.instance)
        title = "" if spec.name == self.spec.name else spec.name
        return {
            "name": tour.name, "spec": title, "instance": tour.instance, "command": command,
            "here": number if here else None, "link": None if here else self.link(spec, tour.instance, number),
        }  # fmt: skip

    def link(self, spec: Spec, instance: str, number: int) -> str | None:
        """Return the relative address of a tour on another page; None if that page is not beside this one."""
        there = folder(spec, spec.instance(instance))
        if there not in self.beside:
            return None
        mine = folder(self.spec, self.spec.instance(self.instance))
        return quote(posixpath.relpath(f"{there}/{PAGE}", start=mine)) + f"#;tour={number}.0"
