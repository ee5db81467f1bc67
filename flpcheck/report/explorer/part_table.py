"""Configurations taken apart: for each process its state, its mailbox, and why it can do nothing where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from functools import partial
from typing import Any

from flpcheck.authoring.values import key, shorten
from flpcheck.reduce import Quotient
from flpcheck.report.explorer.value_table import LONGEST, ValueTable
from flpcheck.system import Configuration, System
from flpcheck.system.components import Byzantine, Component, Components, Crashed
from flpcheck.system.general import General
from flpcheck.system.message_passing import MessagePassing

PartEntry = dict[str, Any]
SHARED, WORLD, BETWEEN = "shared variables", "the world", "between rounds"
LIES = "may lie at any time: its lies are among the next steps"


class PartTable:
    """Numbers for the parts of configurations.

    Parameters
    ----------
    system
        What the configurations belong to.
    values
        Where the values go that they hold.

    Attributes
    ----------
    names
        What the parts of every configuration are called, in order; those of the processes first.
    table
        The parts: `s` state, `m` mailbox as [sender, message] pairs, `x` crashed, `b` otherwise faulty, and how, `d`
        decisions, `w` why it cannot step, `h` which letters cannot be taken, and why.
    """

    def __init__(self, system: System, values: ValueTable) -> None:
        system = system.plain if isinstance(system, Quotient) else system  # whose configurations they are
        self.system = system
        self.values = values
        self.table: list[PartEntry] = []
        self._numbers: dict[Hashable, int] = {}
        if isinstance(system, MessagePassing):
            self._take_apart: Callable[[Any], Iterator[int]] = self._of_messages
            extra = [observer.name for observer in system.observers] + ([WORLD] if _told(system) else [])
        elif isinstance(system, General):
            self._take_apart, extra = self._of_variables, [SHARED]
        else:
            self._take_apart, extra = self._of_texts, self._other_names()
        self.names = [*system.names, *(name or BETWEEN for name in extra)]
        self._extra = extra

    def numbers(self, configuration: Configuration) -> list[int]:
        """Return the numbers of a configuration's parts, in the order of `names`.

        Cost: a look-up per part; a part that is new is written down.
        """
        return list(self._take_apart(configuration))

    def _number(self, name: Hashable, write: Callable[[], PartEntry]) -> int:
        found = self._numbers.get(name)
        if found is None:
            row = write()
            found = self._numbers[name] = len(self.table)
            self.table.append(row)
        return found

    def _of_messages(self, configuration: Any) -> Iterator[int]:
        assert isinstance(self.system, MessagePassing)
        faulty = configuration.world.faulty
        for component in configuration.components:
            bad = faulty >> component.owner & 1
            found = self._numbers.get((component, bad))
            yield self._number((component, bad), partial(self._component, component, bad)) if found is None else found
        for watched in configuration.observers:
            yield self._number(watched, partial(self._value_row, watched.state))
        if len(self.names) > len(configuration.components) + len(configuration.observers):
            texts = self._world(configuration)
            yield self._number((WORLD, *texts.items()), partial(self._text_row, texts, [], dead=False))

    def _world(self, configuration: Any) -> dict[str, str]:
        """Return the world's own state: what it has lost, duplicated and given back, what its oracle and clock know."""
        assert isinstance(self.system, MessagePassing)
        world = self.system.world
        limits = {
            "lost": world.network.loss,
            "duplicated": world.network.duplication,
            "recovered": world.failures.recoveries,
        }
        spent = {
            name: f"{getattr(configuration.world, name)} of {limit}" for name, limit in limits.items() if limit > 0
        }
        return spent | self.system.laws.describe(configuration)

    def _component(self, component: Component, bad: int) -> PartEntry:
        assert isinstance(self.system, MessagePassing)
        if isinstance(component.local, Byzantine):
            return {"b": "Byzantine", "w": LIES}
        row: PartEntry = {"s": self._state(component.local), **({"b": "faulty"} if bad else {})}
        if component.mailbox:
            row["m"] = [[e.sender, self.values.number(e.letter.message)] for e in component.mailbox]
        if component.crashed:
            row["x"] = 1
        if component.decisions:
            row["d"] = [shorten(str(value), LONGEST) for value in component.decisions]
        reasons = Reasons(self.system.parts, component)
        held = reasons.held()
        if held:
            row["h"] = held
        why = reasons.why()
        if why:
            row["w"] = why
        return row

    def _state(self, local: Any) -> int:
        if not isinstance(local, Crashed):
            return self.values.number(local)
        texts = {name: str(value) for name, value in vars(local).items() if value is not None}
        return self.values.fields("Crashed", texts)

    def _of_variables(self, configuration: Any) -> Iterator[int]:
        outputs = self.system.outputs(configuration)
        for index, name in enumerate(self.system.names):
            decided = [shorten(str(value), LONGEST) for value in outputs.get(name, ())]
            dead = index in configuration.crashed
            yield self._number((index, dead, *decided), partial(_plain, dead, decided))
        shared = configuration.situation
        yield self._number(shared, partial(self._value_row, shared.shared))

    def _value_row(self, value: Any) -> PartEntry:
        return {"s": self.values.number(value)}

    def _other_names(self) -> list[str]:
        described = self.system.describe(self.system.initial()[0].configuration)
        return [name for name in described if name not in self.system.names]

    def _of_texts(self, configuration: Any) -> Iterator[int]:
        described = self.system.describe(configuration)
        outputs = self.system.outputs(configuration)
        for name in (*self.system.names, *self._extra):
            fields = dict(described.get(name, {}))
            decided = [shorten(str(value), LONGEST) for value in outputs.get(name, ())]
            dead, bad = bool(fields.pop("crashed", "")), str(fields.pop("faulty", ""))
            texts = {label: str(text) for label, text in fields.items()}
            identity = (name, dead, bad, *decided, *texts.items())
            yield self._number(identity, partial(self._text_row, texts, decided, dead=dead, bad=bad))

    def _text_row(self, texts: dict[str, str], decided: list[str], *, dead: bool, bad: str = "") -> PartEntry:
        state = {"s": self.values.fields("", texts)} if texts else {}
        return {**state, **({"b": bad} if bad else {}), **_plain(dead, decided)}


def _plain(dead: bool, decided: list[str]) -> PartEntry:  # noqa: FBT001
    return {**({"x": 1, "w": "has crashed"} if dead else {}), **({"d": decided} if decided else {})}


def _told(system: MessagePassing) -> bool:
    budgets = (system.world.network.loss, system.world.network.duplication, system.world.failures.recoveries)
    oracle = system.laws.describe(system.initial()[0].configuration)
    return any(budget > 0 for budget in budgets) or bool(oracle)


class Reasons:
    """Why a component cannot step, and why some of its letters cannot be taken."""

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
        reasons = dict.fromkeys(reason for _, reason in self.held())
        return "waits: " + "; ".join(reasons)

    def held(self) -> list[list[Any]]:
        """Return the positions of the letters that cannot be taken now, each with the reason."""
        if self.component.crashed or self.seat.asker is None:
            return []
        taken = {key(letter) for move in self.moves for letter in _letters(move.event)}
        receivable = self.parts.mailing.receivable(self.component.mailbox)
        found: list[list[Any]] = []
        for place, envelope in enumerate(self.component.mailbox):
            if key(tuple(envelope.letter)) not in taken:
                found.append([place, self._reason(envelope) if envelope in receivable else _BEHIND])
        return found

    def _reason(self, envelope: Any) -> str:
        sender, message = envelope.letter
        answer = self.parts.answer(self.component.owner, self.component.local, message, sender)
        named = f" ({shorten(answer.rule.name, 80)})" if answer.rule else ""
        if answer.outcomes:
            return f"it would be ignored{named}"
        return f"it is deferred{named}" if answer.rule else "too few messages to be gathered"


_BEHIND = "an earlier message from the same sender comes first"


def _letters(event: Any) -> list[tuple[Any, Any]]:
    if event.kind == "deliver":
        return [(event.sender, event.message)]
    return [tuple(letter) for letter in event.message] if event.kind == "gather" else []
