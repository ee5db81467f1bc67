"""Parts of configurations, for pages: what identifies each part, and its description.

What is said of a part is a mapping: `state` a value, or `fields` texts under a name; `faulty` how; `mail` senders and
messages; `crashed`; `decided`; `held` positions of letters that cannot be taken, with reasons; `why` it cannot step.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from flpcheck.authoring.values import key, shorten
from flpcheck.system.components import Byzantine, Component, Components, Crashed
from flpcheck.world import World
from flpcheck.world.network import Envelope

SHARED, THE_WORLD = "shared variables", "the world"
LIES = "may lie at any time: its lies are among the next steps"
BEHIND = "an earlier message from the same sender comes first"

Told = Mapping[str, Any]


def identities(
    names: Sequence[str], described: Mapping[str, Mapping[str, Any]], outputs: Mapping[str, Sequence[Hashable]]
) -> Iterator[Hashable]:
    """Yield what tells parts that are known as texts from others."""
    for name in names:
        texts = tuple((label, str(text)) for label, text in described.get(name, {}).items())
        yield name, texts, tuple(map(str, outputs.get(name, ())))


def of_texts(identity: tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]) -> Told:
    """Return the description of a part that is known as texts."""
    _, pairs, decided = identity
    texts = dict(pairs)
    dead, faulty = bool(texts.pop("crashed", "")), texts.pop("faulty", "")
    state = {"fields": ("", texts)} if texts else {}
    return {**state, **({"faulty": faulty} if faulty else {}), **ended(dead=dead, decided=decided)}


def ended(*, dead: bool, decided: Sequence[Hashable]) -> Told:
    """Return the description of a process of which only this is known."""
    crashed = {"crashed": 1, "why": "has crashed"} if dead else {}
    return {**crashed, **({"decided": decided} if decided else {})}


def spent(world: World, budget: Any) -> dict[str, str]:
    """Return how much of its limits a world has spent, as texts: what it has lost, duplicated and given back."""
    limits = {
        "lost": world.network.loss,
        "duplicated": world.network.duplication,
        "recovered": world.failures.recoveries,
    }
    return {name: f"{getattr(budget, name)} of {limit}" for name, limit in limits.items() if limit > 0}


def of_component(parts: Components, component: Component, *, faulty: bool) -> Told:
    """Return the description of a process with its mailbox."""
    if isinstance(component.local, Byzantine):
        return {"faulty": "Byzantine", "why": LIES}
    reasons = _Reasons(parts, component)
    told: dict[str, Any] = {
        **_state(component.local),
        "faulty": "faulty" if faulty else "",
        "mail": [(e.sender, e.letter.message) for e in component.mailbox],
        "crashed": int(component.crashed),
        "decided": component.decisions,
        "held": reasons.held(),
        "why": reasons.why(),
    }
    return {what: value for what, value in told.items() if what == "state" or value}


def _state(local: Any) -> dict[str, Any]:
    if not isinstance(local, Crashed):
        return {"state": local}
    return {"fields": ("Crashed", {name: str(value) for name, value in vars(local).items() if value is not None})}


class _Reasons:
    """Reasons why a component cannot step, or cannot receive some of its messages."""

    def __init__(self, parts: Components, component: Component) -> None:
        self.parts = parts
        self.component = component
        self.seat = parts.seats[component.owner]
        self.moves = parts.moves(component)

    def why(self) -> str:
        """Return why the process cannot step; empty if it can."""
        if self.component.crashed:
            return "has crashed"
        if self.seat.asker is None:
            return "never steps: its decisions are computed from its mailbox"
        if self.moves:
            return ""
        if not self.component.mailbox:
            return "waits: its mailbox is empty"
        return "waits: " + "; ".join(dict.fromkeys(reason for _, reason in self.held()))

    def held(self) -> list[list[Any]]:
        """Return the positions of the letters that cannot be taken now, each with the reason."""
        if self.component.crashed or self.seat.asker is None:
            return []
        taken = {key(letter) for move in self.moves for letter in move.event.letters}
        receivable = self.parts.mailing.receivable(self.component.mailbox)
        return [
            [place, self._reason(envelope) if envelope in receivable else BEHIND]
            for place, envelope in enumerate(self.component.mailbox)
            if key(tuple(envelope.letter)) not in taken
        ]

    def _reason(self, envelope: Envelope) -> str:
        sender, message = envelope.letter
        answer = self.parts.answer(self.component.owner, self.component.local, message, sender)
        named = f" ({shorten(answer.rule.name, 80)})" if answer.rule else ""
        if answer.outcomes:
            return f"it would be ignored{named}"
        return f"it is deferred{named}" if answer.rule else "too few messages to be gathered"
