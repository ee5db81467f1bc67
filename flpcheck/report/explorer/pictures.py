"""The author's own pictures of configurations, as data: each different one is stored once."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

from flpcheck.authoring.picture import Shape
from flpcheck.authoring.values import place_of, shorten
from flpcheck.errors import BadProtocol
from flpcheck.failure import raised
from flpcheck.report.explorer.value_table import LONGEST
from flpcheck.system import Configuration, System

SHAPES = get_args(Shape)


class Pictures:
    """Shapes that the method `picture(view)` of a protocol yields; most protocols have none.

    Attributes
    ----------
    table
        The pictures: lists of shapes by their fields, with their class as `kind`.
    drawn
        Whether the protocol draws at all.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.method = getattr(system.protocol, "picture", None)
        self.drawn = self.method is not None
        self.table: list[list[dict[str, Any]]] = []
        self._numbers: dict[tuple[Any, ...], int] = {}

    def number(self, configuration: Configuration) -> int:
        """Return the number of a configuration's picture.

        Raises
        ------
        BadProtocol
            If the author's method raises, or yields what is no shape.
        """
        shapes = self._asked(configuration)
        if shapes not in self._numbers:
            self._numbers[shapes] = len(self.table)
            self.table.append([_written(shape) for shape in shapes])
        return self._numbers[shapes]

    def _asked(self, configuration: Configuration) -> tuple[Any, ...]:
        assert self.method is not None
        try:
            shapes = tuple(self.method(self.system.view(configuration)))
        except Exception as error:
            raise raised(BadProtocol, "picture() raised an exception", error, place=place_of(self.method)) from error
        for shape in shapes:
            if not isinstance(shape, SHAPES):
                known = ", ".join(kind.__name__ for kind in SHAPES)
                why = f"it yielded {shorten(repr(shape))}"
                raise BadProtocol(f"picture() must yield shapes: {known}", place=place_of(self.method), why=why)
        return shapes


def _written(shape: Any) -> dict[str, Any]:
    row = {
        name: shorten(value, LONGEST) if isinstance(value, str) else value
        for name, value in dataclasses.asdict(shape).items()
    }
    return {"kind": type(shape).__name__, **row}
