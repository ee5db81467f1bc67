"""Small helpers of the naive enumerator: what a step takes, what a crash leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def takes(step: Callable[..., Any], event: type) -> bool:
    """Whether the annotation of a step's last parameter admits an event; without an annotation it does."""
    hint = annotation(step)
    return hint is None or hint is Any or names_event(step, event)


def names_event(step: Callable[..., Any], event: type) -> bool:
    """Whether the annotation of a step's last parameter names an event."""
    hint = annotation(step)
    options = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return issubclass(event, tuple(get_origin(option) or option for option in options))


def annotation(step: Callable[..., Any]) -> Any:
    """Return the annotation of a step's last parameter, None if it has none."""
    return _annotated(getattr(step, "__func__", step))


@cache  # it is read whenever a step is asked
def _annotated(step: Callable[..., Any]) -> Any:
    names = step.__code__.co_varnames[: step.__code__.co_argcount]
    return get_type_hints(step).get(names[-1])


def subsets(items: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield every choice among some items, each place by itself."""
    for size in range(len(items) + 1):
        yield from combinations(items, size)


def corpse(held: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what a crash leaves: the output register and the input register."""
    if held[0] == "crashed":
        return held
    return ("crashed", getattr(held[1], "decision", None), getattr(held[1], "input", None), None)


def put_at(row: tuple[Any, ...], i: int, item: Any) -> tuple[Any, ...]:
    """Return the row with another item at a place."""
    return (*row[:i], item, *row[i + 1 :])


def listed(effects: Any) -> tuple[Any, ...]:
    """Return the effects of a step, one or several, as several."""
    return effects if isinstance(effects, tuple) else (effects,)


def idle(state: Any, outcome: Any) -> bool:
    """Whether an outcome changes nothing, sends nothing and notes nothing."""
    return bool(outcome.state == state and not outcome.sends and not outcome.notes)
