"""What a stop of a tour says is what the cards show there: decisions, tags, gauges, ballots, what cannot happen."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from every_spec import every_spec
from explorer.test_page import examined

from flpcheck import Stop, load
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.chunked_graph import CRITICAL, DISAGREEING

TOURS = [(name, number) for name, spec in every_spec() for number in range(len(spec.tours))]


class Cards:
    """The cards of one configuration, read from the data of a page as its script reads them."""

    def __init__(self, data: dict[str, Any], way: str) -> None:
        self.data, self.chunk = data, data["chunk"]
        self.rows = {number: row for row, number in enumerate(self.chunk["ids"])}
        initial, _, steps = way.partition(":")
        number = data["roots"][int(initial)]["id"]
        for position in map(int, filter(None, steps.split("."))):
            number = self.chunk["out"][self.rows[number]][2 * position]
        self.row = self.rows[number]
        width = len(data["names"])
        self.parts = [self.chunk["parts"][one] for one in self.chunk["of"][self.row * width : (self.row + 1) * width]]

    def text(self, value: int) -> str:
        """Return a value as the page writes it."""
        row = self.chunk["values"][value]
        if isinstance(row, str):
            return row
        name = self.chunk["kinds"][row[0]][0] if row[0] >= 0 else ""
        return f"{name}({', '.join(map(self.text, row[1:]))})"

    def fields(self, place: int) -> dict[str, str]:
        """Return the state on a card, by field."""
        if "s" not in self.parts[place]:
            return {}
        row = self.chunk["values"][self.parts[place]["s"]]
        if isinstance(row, str) or row[0] < 0:  # of an observer, which has no fields
            return {"": self.text(self.parts[place]["s"])}
        return dict(zip(self.chunk["kinds"][row[0]][1:], map(self.text, row[1:]), strict=True))

    @property
    def decided(self) -> dict[str, list[str]]:
        """What is marked as decided, by process."""
        return {name: part["d"] for name, part in zip(self.data["names"], self.parts, strict=True) if "d" in part}

    @property
    def steps(self) -> set[str]:
        """The sentences of the next steps."""
        return {self.chunk["events"][event]["t"] for event in self.chunk["out"][self.row][1::2]}

    @property
    def tag(self) -> str:
        """The valence that is shown."""
        return str(self.chunk["valences"][self.chunk["valence"][self.row]]["name"])

    @property
    def everything(self) -> str:
        """All values on the cards, in states and mailboxes."""
        states = [" ".join(self.fields(place).values()) for place in range(len(self.parts))]
        mail = [self.text(message) for part in self.parts for _, message in part.get("m", ())]
        return " ".join([*states, *mail])


@cache
def page_of(name: str, instance: str) -> dict[str, Any]:
    return Explorer(examined(name, instance)).data()


@pytest.mark.parametrize(("name", "number"), TOURS)
def test_a_stop_says_what_the_cards_show(name: str, number: int) -> None:
    tour = load(name).tours[number]
    data = page_of(name, tour.instance)
    for stop, row in zip(tour.stops, data["tours"][number]["stops"], strict=True):
        assert said_and_shown(stop, Cards(data, row["way"])) == [], stop.title


def said_and_shown(stop: Stop, cards: Cards) -> list[str]:
    """Return what a stop says otherwise than the cards show it."""
    flags, wrong = cards.chunk["flags"][cards.row], []
    if stop.decided is not None and {pid: [str(v)] for pid, v in stop.decided.items()} != cards.decided:
        wrong.append(f"decided: {cards.decided}")
    if stop.valence is not None and stop.valence != cards.tag:
        wrong.append(f"valence: {cards.tag}")
    wrong += [f"possible: {event}" for event in stop.impossible if str(event) in cards.steps]
    wrong += ["not critical"] if stop.critical and not flags & CRITICAL else []
    wrong += ["no two decisions"] if stop.disagrees and not flags & DISAGREEING else []
    ballots = re.findall(r"ballot (\d+)", stop.text) if stop.events else []
    shown = set(re.findall(r"\d+", cards.everything))
    return wrong + [f"no ballot {ballot}" for ballot in ballots if ballot not in shown]


def test_the_gauges_count_what_the_cards_show() -> None:
    data = page_of("paxos", "round")
    (tour,) = [tour for tour in data["tours"] if tour["stops"]]
    for stop in tour["stops"]:
        cards = Cards(data, stop["way"])
        promises, acceptances, learners = (column[cards.row] for column in cards.chunk["gauges"])
        fields = [cards.fields(place) for place in range(len(cards.parts))]
        proposer, alive = fields[0], [one for one in fields if "accepted" in one]
        assert acceptances == sum(one["accepted"] != "None" for one in alive), stop["title"]
        assert learners == sum(name.startswith("l") for name in cards.decided), stop["title"]
        assert promises == proposer["promises"].count("'a") or (promises, proposer["phase"]) == (2, "2"), stop["title"]
