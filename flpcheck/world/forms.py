"""Forms: how the values of a switch are written on a command line, and as JSON.

`read` and `text` are inverse to each other; a text comes from the user, so `read` may refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flpcheck.errors import BadRequest
from flpcheck.world.fairness import fairness_in
from flpcheck.world.links import links_of, links_text
from flpcheck.world.network import FAIR_LOSS, UNLIMITED

TIMINGS = ("asynchronous", "eventually_synchronous", "synchronous", "heard_of", "partially_synchronous")
ANY = "any"
"""The word for: any process may fail."""
OLDER = "anybody"
"""The older word for the same."""


def _itself(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Form:
    """The syntax of values of one kind.

    Parameters
    ----------
    kind
        `text`, `number`, `budget`, `choice`, `switch` (on or off), or `timing`: what the command line checks at once.
    metavar
        Placeholder of a value in help texts; empty where the type is shown.
    choices
        All values of a choice; the usual ones of a text; the words for a budget beside a number and `unlimited`.
    read, text, json
        From a text to a value, and from a value to a text and to JSON.
    schema
        What the JSON contract says of the values: a key of its table of schemas.
    """

    kind: str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    read: Callable[[Any], Any] = _itself
    text: Callable[[Any], str] = str
    json: Callable[[Any], Any] = _itself
    schema: str = "text"

    def option(self, name: str, text: str) -> Any:
        """Return the value that the option of a switch has, from its text.

        Raises
        ------
        BadRequest
            If the text is of another kind.

        Examples
        --------
        >>> BUDGET.option("loss", "unlimited"), SWITCH.option("heals", "on"), WHO.option("byzantine", "1")
        (-1, True, '1')
        """
        if self.kind == "switch":
            if text not in _ON_OFF:
                raise BadRequest(f"{name} must be on or off, got {text!r}")
            return _ON_OFF[text]
        read = {"number": _whole, "budget": budget_in}.get(self.kind)
        return text if read is None or (self.kind == "budget" and text in self.choices) else read(name, text)

    @property
    def values(self) -> str:
        """The values accepted, for tables in the documentation."""
        return "|".join(self.choices) if self.kind in {"choice", "timing"} else self.metavar


_ON_OFF = {"on": True, "off": False}


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadRequest(f"{name} must be an integer, got {text!r}") from None


def budget_in(name: str, text: str) -> int:
    """Return the budget that a text names, `UNLIMITED` only if it says so.

    Raises
    ------
    BadRequest
        If it is neither a number from 0 up nor `unlimited`.
    """
    if text == "unlimited":
        return UNLIMITED
    if not text.isdecimal():
        raise BadRequest(f"{name} must be 0 or more, or unlimited; got {text!r}")
    return int(text)


def named(text: str) -> tuple[str, ...]:
    """Return names that are separated by commas.

    Examples
    --------
    >>> named("a, b"), named("")
    (('a', 'b'), ())
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


def number_or_names(text: str) -> int | tuple[str, ...]:
    """Return how many processes, or which.

    Examples
    --------
    >>> number_or_names("2"), number_or_names("a,b")
    (2, ('a', 'b'))
    """
    return int(text) if text.lstrip("-").isdigit() else named(text)


def budget(value: int | str) -> int | str:
    """Return a budget as text and JSON have it.

    Examples
    --------
    >>> budget(2), budget(UNLIMITED)
    (2, 'unlimited')
    """
    return "unlimited" if value == UNLIMITED else value


def _who(chosen: int | tuple[str, ...]) -> str:
    return ",".join(chosen) if isinstance(chosen, tuple) else str(chosen)


def _who_json(chosen: int | tuple[str, ...]) -> Any:
    return chosen if isinstance(chosen, int) else list(chosen)


def _groups(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.strip() for name in group.split(",")) for group in text.split("|") if group)


def choice(*values: str) -> Form:
    """Return the form of a switch that has one of a few values."""
    return Form("choice", choices=values, schema="choice")


def text(metavar: str, usual: tuple[str, ...] = (), schema: str = "text") -> Form:
    """Return the form of a switch whose value is a text that the world itself checks; the usual ones are completed."""
    return Form("text", metavar, usual, schema=schema)


SWITCH = Form("switch", schema="flag")
TIMING = Form("timing", "TIMING", TIMINGS)
BUDGET = Form("budget", "N|unlimited", text=lambda value: str(budget(value)), json=budget, schema="budget")
LOSS = Form(
    "budget", "N|unlimited|fair|fair-links", tuple(FAIR_LOSS), schema="loss",
    text=lambda value: str(budget(value)), json=budget,
)  # fmt: skip
FAIRNESS = Form("text", "DEMANDS", read=fairness_in, text=str, json=str)
LIMIT = Form(
    "budget", "N|unlimited", schema="number or null",
    read=lambda given: None if given == UNLIMITED else given,
    text=lambda most: "unlimited" if most is None else str(most),
)  # fmt: skip
WHO = Form("text", "N|NAMES", read=number_or_names, text=_who, json=_who_json, schema="who")
NAMES = Form("text", "NAMES", read=named, text=",".join, json=list, schema="names")
ONLY = Form(
    "text", "NAMES", schema="who or null",
    read=lambda given: None if given in {ANY, OLDER} else named(given),
    text=lambda chosen: ANY if chosen is None else ",".join(chosen),
    json=lambda chosen: None if chosen is None else list(chosen),
)  # fmt: skip
GROUPS = Form(
    "text", "GROUPS", schema="groups", read=_groups,
    text=lambda groups: "|".join(",".join(group) for group in groups),
    json=lambda groups: [list(group) for group in groups],
)  # fmt: skip
LINKS = Form(
    "text", "LINKS", read=links_of, text=links_text, schema="groups",
    json=lambda links: [list(link) for link in sorted(links)],
)  # fmt: skip


def number(metavar: str, schema: str = "number") -> Form:
    """Return the form of a switch whose value is a number."""
    return Form("number", metavar, schema=schema)
