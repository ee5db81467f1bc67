"""Compares a graph of the engine with one of the naive enumerator, configuration by configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from flpcheck import Bounds, StateGraph, World, system_of
from flpcheck.authoring.events import Event
from flpcheck.authoring.property import View
from flpcheck.explore import explore
from flpcheck.system import EVERYBODY, WORLD
from flpcheck.system.components import Byzantine
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.patience import EARLIER
from flpcheck.system.rounds import InRounds
from oracle.analysis import Counts, counts
from oracle.enumeration import Edge, Graph, Snapshot
from oracle.mail import freeze
from oracle.rounds import Pause
from oracle.timers import Order


def sizes(graph: StateGraph) -> Counts:
    """Return the engine's numbers."""
    return Counts(len(graph), len(graph.targets), graph.edges, int(graph.depth.max()))


def assert_same(protocol: Any, world: World, expected: Graph, inputs: dict[str, Any] | None = None) -> StateGraph:
    """Explore with the engine and compare everything: numbers, configurations, labelled edges, depths, decisions."""
    graph = explore(system_of(protocol, world, inputs), Bounds(configurations=len(expected.depth) + 100))
    assert graph.complete
    naive_of = naive_names(graph, world)
    assert set(naive_of) == set(expected.depth)
    assert [naive_of[root] for root in dict.fromkeys(graph.roots)] == expected.initial
    assert {naive_of[number]: int(graph.depth[number]) for number in range(len(graph))} == expected.depth
    assert _edges(graph, naive_of) == expected.edges
    assert sizes(graph) == counts(expected)
    for number, configuration in enumerate(naive_of):
        _compare_marks(graph, number, expected.outputs[configuration], expected.crashed[configuration])
    return graph


def naive_names(graph: StateGraph, world: World) -> list[Any]:
    """Return every configuration of the engine as the naive enumerator writes it, by id."""
    translate: Callable[[StateGraph, int, World], Any] = _snapshot
    if hasattr(graph.system.protocol, "successors"):
        translate = _shared
    elif isinstance(graph.system, InRounds):
        translate = _pause
    return [translate(graph, number, world) for number in range(len(graph))]


def _snapshot(graph: StateGraph, number: int, world: World) -> Snapshot:
    """Return a configuration of the engine as the naive enumerator writes it, from what the engine lets be seen."""
    view: View[Any] = graph.system.view(graph.configurations[number])
    spent = graph.configurations[number].world
    locals_: list[tuple[Any, ...]] = []
    for name, component in zip(graph.system.names, graph.configurations[number].components, strict=True):
        if isinstance(component.local, Byzantine):
            locals_.append(("liar",))
        elif name in view.crashed:
            locals_.append(("crashed", view.outputs.get(name), view.inputs.get(name), component.local.stable))
        else:
            locals_.append(("learner",) if view.states[name] is None else ("live", view.states[name]))
    mail = (freeze(world.network.kind, [tuple(letter) for letter in view.mail[name]]) for name in graph.system.names)
    faulty = frozenset(name for bit, name in enumerate(graph.system.names) if spent.faulty >> bit & 1)
    observed = tuple(view.observers.values())
    return Snapshot(
        spent.lost,
        spent.duplicated,
        tuple(locals_),
        tuple(mail),
        observed,
        spent.recovered,
        faulty,
        spent.mistakes,
        _relied_on(graph, spent.reliable),
        spent.healed,
        frozenset(tuple(signature) for signature in spent.signed),
        frozenset(tuple(signature) for signature in spent.waiting),
        frozenset(name for bit, name in enumerate(graph.system.names) if spent.due >> bit & 1),
        frozenset(),
        _order(graph, number) if spent.ages else None,
    )


def _order(graph: StateGraph, number: int) -> Order:
    """Return who was armed when, as the naive enumerator writes it."""
    configuration, names = graph.configurations[number], graph.system.names
    assert isinstance(graph.system, MessagePassing)
    ages = dict(zip(names, configuration.world.ages, strict=True))
    ranks = sorted({age for age in ages.values() if 0 < age < EARLIER}, reverse=True)
    groups = tuple(frozenset(name for name in names if ages[name] == age) for age in ranks)
    going_on = 1 in ranks and graph.system.laws.clock.busy(configuration)
    return Order(groups, going_on, frozenset(name for name in names if ages[name] == EARLIER))


def _relied_on(graph: StateGraph, reliable: int) -> str:
    if reliable < 0:
        return ""
    return "every timer" if graph.system.world.oracle.kind == "timers" else graph.system.names[reliable]


def _pause(graph: StateGraph, number: int, _: World) -> Pause:
    """Return a configuration between rounds as the naive enumerator writes it."""
    between = graph.configurations[number]
    view: View[Any] = graph.system.view(between)
    held: list[tuple[Any, ...]] = []
    for name, part in zip(graph.system.names, between.parts, strict=True):
        faulty = part.status != "correct"
        if name in view.crashed:
            held.append(("crashed", view.outputs.get(name), view.inputs.get(name), faulty))
        else:
            held.append(("live", view.states[name], faulty) if name in view.states else ("liar",))
    signed = frozenset(tuple(signature) for signature in between.signed)
    return Pause(between.number, between.early, between.stable, tuple(held), signed)


def _shared(graph: StateGraph, number: int, _: World) -> Any:
    situation, crashed = graph.configurations[number]
    return situation.shared, frozenset(graph.system.names[index] for index in crashed)


def _edges(graph: StateGraph, naive_of: list[Any]) -> set[Edge]:
    found = set()
    general = hasattr(graph.system.protocol, "successors")
    for number in range(len(graph)):
        for target, transition in zip(graph.targets[graph.out(number)], graph.transitions(number), strict=True):
            mover = _mover(graph, transition.mover)
            label = _label(transition.event, transition.outcome, general=general)
            found.add(Edge(naive_of[number], label, naive_of[int(target)], mover))
    return found


def event_label(event: Event, *, general: bool) -> Hashable:
    """Return an event of a process as the naive enumerator writes it, without its outcome."""
    label = _label(event, 0, general=general)
    assert isinstance(label, tuple)
    return label[:-1]


def _mover(graph: StateGraph, mover: int) -> str | None:
    if mover == EVERYBODY:
        return "everybody"
    return None if mover == WORLD else graph.system.names[mover]


def _label(event: Event, outcome: int, *, general: bool) -> Hashable:  # noqa: PLR0911 -- one line for each kind
    if event.kind in {"crash", "omit"} and event.world:
        return (event.kind, event.process)  # what survives of a step shows in the successor
    if general:
        return event, outcome
    if event.kind == "recover":
        return event.kind, event.process, outcome
    if event.kind in {"round", "heal"} or (event.kind == "stabilise" and event.message is None):
        return (event.kind,)  # what the adversary does shows in the successor
    if event.kind in {"start", "timeout"}:
        return event.kind, event.process, outcome
    if event.kind in {"suspect", "trust", "stabilise"}:
        return (event.kind, *filter(None, [event.process]), event.message, *([] if event.world else [outcome]))
    if event.kind == "gather":
        assert isinstance(event.message, tuple)
        return "gather", event.process, frozenset(Counter(map(tuple, event.message)).items()), outcome
    where = (event.kind, event.process, event.sender, event.message)
    return where if event.kind in {"lose", "duplicate"} else (*where, outcome)


def _compare_marks(graph: StateGraph, number: int, outputs: dict[str, frozenset[Any]], crashed: frozenset[str]) -> None:
    """The bit masks say what the naive enumerator says about decisions and crashes."""
    names, values = graph.system.names, graph.system.values
    if hasattr(graph.system.protocol, "successors"):
        return
    marks = graph.system.marks(graph.configurations[number])
    everything = {value for held in outputs.values() for value in held}
    live = {value for name, held in outputs.items() if name not in crashed for value in held}
    assert {values[bit] for bit in range(len(values)) if marks.values >> bit & 1} == everything
    assert {values[bit] for bit in range(len(values)) if marks.live_values >> bit & 1} == live
    assert {name for bit, name in enumerate(names) if marks.decided >> bit & 1} == set(outputs)
    assert {name for bit, name in enumerate(names) if marks.crashed >> bit & 1} == set(crashed)


def texts(graph: StateGraph) -> set[str]:
    """Return the configurations as the engine prints them."""
    return {str(graph.describe(number)) for number in range(len(graph))}
