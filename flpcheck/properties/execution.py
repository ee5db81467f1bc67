"""The order in which commands with dependencies are executed, and the claim that it is the same everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from itertools import combinations
from typing import Any, TypeVar

from flpcheck.authoring.property import Property, Reading, View
from flpcheck.authoring.values import Key, key
from flpcheck.properties.memory import claim

I = TypeVar("I", bound=Hashable)  # noqa: E741 - the paper's letter for an instance


def execution_order(committed: Mapping[I, tuple[int, Collection[I]]], executed: Collection[I] = ()) -> tuple[I, ...]:
    """Return what a replica that has committed these instances may execute now, in the order in which it must.

    The dependency graph has an edge from each instance to those that it depends on.  An instance can be executed once
    all that it reaches there is committed.  Strongly connected components are taken in inverse topological order,
    inside a component the sequence numbers decide, and the names of the instances where these are equal.

    Parameters
    ----------
    committed
        The sequence number and the dependencies of each committed instance.
    executed
        What the replica has executed before.  Cost: quadratic in the number of instances.

    References
    ----------
    Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013), section 4.3.2.

    Examples
    --------
    >>> execution_order({"A": (2, {"B"}), "B": (1, {"A"}), "C": (1, {"B"})})
    ('B', 'A', 'C')
    >>> execution_order({"A": (2, {"B"}), "C": (1, set())}), execution_order({"A": (1, set())}, executed=("A",))
    (('C',), ())
    """
    reached = {instance: _reached(instance, committed) for instance in committed}
    ready = [i for i, others in reached.items() if others <= committed.keys() and i not in executed]
    # All members of a component reach the same, and what depends on a component reaches more than its members do:
    # so the number of reached instances is an inverse topological order.
    return tuple(sorted(ready, key=lambda i: (len(reached[i]), key(reached[i]), committed[i][0], key(i))))


def _reached(instance: I, committed: Mapping[I, tuple[int, Collection[I]]]) -> frozenset[I]:
    """Return an instance and all that it depends on, directly or not, as far as is known."""
    found, todo = {instance}, [instance]
    while todo:
        _, dependencies = committed.get(todo.pop(), (0, ()))
        new = set(dependencies) - found
        found |= new
        todo += new
    return frozenset(found)


def execution_consistency(
    executed: Reading = "executed", interferes: Callable[[Any, Any], bool] | None = None
) -> Property:
    """Claim execution consistency: interfering commands are executed in the same order by every replica.

    Where one replica has executed the first of two without the second before it, no other has it the other way round.

    Parameters
    ----------
    executed
        What a replica has executed, in order.
    interferes
        Whether the order of two commands matters; None: it always does.

    References
    ----------
    Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013), section 3 (execution
    consistency) and section 4.3.2.

    Examples
    --------
    >>> view = View({"r0": ("x1", "y1", "x2"), "r1": ("y1", "x1"), "r2": ("x2",)}, {}, frozenset(), {}, {})
    >>> execution_consistency(lambda log: log, lambda a, b: a[0] == b[0])(view)  # r2 has x2 without x1 before it
    False
    """

    def consistent(view: View[Any]) -> bool:
        logs = [{key(command): command for command in log} for log in view.each(executed).values()]
        return not any(_clash(a, b) for a, b in combinations(logs, 2))

    def _clash(a: dict[Key, Any], b: dict[Key, Any]) -> bool:
        pairs = ((x, y) for x in a for y in b if x != y and (interferes is None or interferes(a[x], b[y])))
        orders = list(a), list(b)
        return any(_comes_first(x, y, orders[0]) and _comes_first(y, x, orders[1]) for x, y in pairs)

    sentence = "Interfering commands are executed in the same order by every replica"
    return claim("execution_consistency", sentence, consistent, executed)


def _comes_first(x: Key, y: Key, log: list[Key]) -> bool:
    return y not in log or log.index(x) < log.index(y)
