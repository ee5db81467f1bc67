"""Short texts for pictures: events, decisions, crashes, what was explored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flpcheck.analyse import Judged
from flpcheck.authoring.events import Event, Letter, Pid
from flpcheck.authoring.protocol import constants, is_general, parameters
from flpcheck.authoring.values import shorten, show
from flpcheck.explore.graph import Reached
from flpcheck.system import Transition

LINE = 44
"""Maximum length of a line in a picture, in characters; longer ones are cut in the middle."""


def event_text(event: Event) -> str:
    """Return an event in a few words.

    Examples
    --------
    >>> event_text(Event("deliver", "p0", sender="p1", message="hello"))
    "p0 ← 'hello' from p1"
    >>> event_text(Event("gather", "p0", message=(("p1", 7), ("p2", 7))))
    'p0 ← 7 from p1 p2'
    >>> event_text(Event("crash", "p0", world=True))
    'crash p0'
    """
    write = _SHORT.get(event.kind, str)
    return shorten(write(event), LINE)


def _crash(event: Event) -> str:
    if event.during is None:
        return f"crash {event.process}"
    return f"crash {event.process}, {event.survives}"


def _omission(event: Event) -> str:
    if event.during is None:
        return f"{event.process} ignores {show(event.message)} from {event.sender}"
    return f"{event_text(event.during)}, reaching {event.reaches}"


def _gather(event: Event) -> str:
    """Return the letters taken, those with the same content together."""
    letters: Sequence[Letter[Any]] = event.message if isinstance(event.message, tuple) else ()
    senders: dict[str, list[Pid]] = {}
    for sender, message in letters:
        senders.setdefault(show(message), []).append(sender)
    return f"{event.process} ← " + ", ".join(f"{text} from {' '.join(who)}" for text, who in senders.items())


_SHORT: dict[str, Callable[[Event], str]] = {
    "start": lambda e: f"{e.process} starts",
    "timeout": lambda e: f"{e.process} times out",
    "deliver": lambda e: f"{e.process} ← {show(e.message)} from {e.sender}",
    "gather": _gather,
    "crash": _crash,
    "recover": lambda e: f"recover {e.process}",
    "stabilise": lambda e: "GST" if e.message is None else f"stable: {e.message}",
    "heal": lambda _: "the partition heals",
    "lose": lambda e: f"lose {show(e.message)} from {e.sender} to {e.process}",
    "lie": lambda e: f"{e.process} ← lie {show(e.message)} from {e.sender}",
    "omit": _omission,
    "duplicate": lambda e: f"duplicate {show(e.message)} from {e.sender} to {e.process}",
}


def transition_text(transition: Transition, siblings: Iterable[Transition]) -> str:
    """Return a transition in a few words, with its chance or its number where its event has several outcomes."""
    outcomes = {other.outcome for other in siblings if other.event == transition.event}
    text = event_text(transition.event)
    if transition.chance not in {None, 1}:
        return f"{text} [{transition.chance}]"
    return f"{text} [{transition.outcome + 1}]" if len(outcomes) > 1 else text


def decision_lines(outputs: Mapping[Pid, tuple[object, ...]]) -> tuple[str, ...]:
    """Return who has decided what, a line for each value.

    Examples
    --------
    >>> decision_lines({"p0": (0,), "p1": (1,), "p2": (0,)})
    ('p0 p2 decided 0', 'p1 decided 1')
    """
    deciders: dict[str, list[Pid]] = {}
    for pid, values in outputs.items():
        for value in values:
            deciders.setdefault(str(value), []).append(pid)
    return tuple(shorten(f"{' '.join(who)} decided {value}", LINE) for value, who in deciders.items())


def input_text(inputs: Mapping[Pid, object], dead: Sequence[Pid] = ()) -> str:
    """Return the choices behind an initial configuration.

    Examples
    --------
    >>> input_text({"p0": 0, "p1": 1}, ["p1"])
    'p0=0 p1=1, p1 dead'
    """
    chosen = " ".join(f"{pid}={value}" for pid, value in inputs.items())
    return ", ".join(filter(None, [chosen, f"{' '.join(dead)} dead" if dead else ""])) or "start"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "crash"), counted(1200, "configuration")
    ('1 crash', '1,200 configurations')
    """
    plural = "es" if noun.endswith(("ch", "sh", "s")) else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def times(number: int) -> str:
    """Return how often something happens.

    Examples
    --------
    >>> times(1200)[1:]
    '1,200'
    """
    return f"\N{MULTIPLICATION SIGN}{number:,}"


def headline(graph: Reached) -> str:
    """Return the protocol with its parameters and constants."""
    model = graph.system.protocol
    settings = {**parameters(model), **constants(model)}
    listed = ", ".join(f"{name}={value}" for name, value in settings.items())
    return f"{type(model).__name__}({shorten(listed, 80)})"


def title(judged: Judged, what: str) -> tuple[str, ...]:
    """Return the title of a picture: the protocol, its world and size, and what is shown of it."""
    graph = judged.graph
    size = [counted(len(graph), "configuration"), counted(graph.steps, "transition")]
    if graph.order == "bfs":
        size.append(f"depth {graph.farthest}")
    if graph.cut is not None:
        size.append(f"{graph.cut.bound.label} with {graph.cut.frontier:,} left unexpanded")
    world = graph.system.world.text(with_network=not is_general(graph.system.protocol))
    return (headline(graph), world, ", ".join(size), what)


def description(parts: Mapping[str, Any], width: int = 72) -> tuple[str, ...]:
    """Return a configuration part by part, a line for its fields and one for its mail; empty parts are left out.

    The variables that all processes of a general protocol share get a line each.

    Examples
    --------
    >>> description({"p0": {"x": "1", "mail": ["'hello' from p1"]}, "p1": {"mail": []}})
    ('p0: x=1', "    mail: 'hello' from p1")
    """
    lines: list[str] = []
    for name, fields in parts.items():
        plain = [
            f"{field}={text}" if field else str(text) for field, text in fields.items() if field != "mail" and text
        ]
        mail = fields.get("mail") or ()
        whole = [] if not plain else plain if not name else [f"{name}: {' '.join(plain)}"]
        lines += [shorten(line, width) for line in whole] if plain or mail else []
        lines += [shorten(f"    mail: {', '.join(mail)}", width)] if mail else []
    return tuple(lines)
