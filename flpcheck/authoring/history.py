"""Histories of operations on a shared object, and whether they are linearizable.

A client notes `Invoke` and `Return`; `history_observer` collects them beside the processes; `linearizable` judges.

References
----------
Herlihy, Wing, "Linearizability: A Correctness Condition for Concurrent Objects" (1990): the definition.
Wing, Gong, "Testing and Verifying Concurrent Objects" (1993): the search over orders.
Lowe, "Testing for Linearizability" (2017): remembering where the search has been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from flpcheck.authoring.events import Pid
from flpcheck.authoring.process import Observer
from flpcheck.authoring.values import Key, key, record


@record
class Write:
    """An operation of a register: store a value."""

    value: Any


@record
class Read:
    """An operation of a register: return the value stored last."""


@record
class Invoke:
    """A client begins an operation."""

    client: Pid
    operation: Any


@record
class Return:
    """The operation that a client has begun is over, with a result."""

    client: Pid
    result: Any = None


@record
class Operation:
    """An operation in a history.

    Parameters
    ----------
    what
        The operation itself.
    after
        What was over when it began: (client, how many of its operations), for every other client with at least one.
    result
        What it returned; None while it is in flight.
    """

    what: Any
    after: tuple[tuple[Pid, int], ...]
    result: Any = None


@record
class Thread:
    """The completed operations of one client, in order, and the pending one."""

    client: Pid
    done: tuple[Operation, ...] = ()
    in_flight: Operation | None = None


@record
class History:
    """The operations of all clients, with the order of those that do not overlap."""

    threads: tuple[Thread, ...] = ()  # sorted by client

    def thread(self, client: Pid) -> Thread:
        """Return what a client has done."""
        return next((thread for thread in self.threads if thread.client == client), Thread(client))

    def told(self, about: object) -> History:
        """Return the history after an `Invoke` or a `Return`; other notes leave it unchanged.

        Examples
        --------
        >>> History().told(Invoke("c0", Write(1))).told(Return("c0")).told(Invoke("c1", Read())).thread("c1").in_flight
        Operation(what=Read(), after=(('c0', 1),), result=None)
        """
        match about:
            case Invoke(client, what):
                begun = Operation(what, self._over(client))
                return self._with(replace(self._idle(client), in_flight=begun))
            case Return(client, result):
                thread = self.thread(client)
                if thread.in_flight is None:
                    message = f"{client} returns from an operation that it has not invoked"
                    raise ValueError(message)
                return self._with(Thread(client, (*thread.done, replace(thread.in_flight, result=result))))
        return self

    def _over(self, client: Pid) -> tuple[tuple[Pid, int], ...]:
        return tuple((t.client, len(t.done)) for t in self.threads if t.client != client and t.done)

    def _idle(self, client: Pid) -> Thread:
        thread = self.thread(client)
        if thread.in_flight is not None:
            message = f"{client} invokes a second operation before the first is over"
            raise ValueError(message)
        return thread

    def _with(self, changed: Thread) -> History:
        others = (thread for thread in self.threads if thread.client != changed.client)
        return History(tuple(sorted((*others, changed), key=lambda thread: thread.client)))


def history_observer(before: Iterable[Invoke | Return] = (), name: str = "history") -> Observer[History, Any]:
    """Return an observer that keeps the history of the noted invocations and returns.

    Parameters
    ----------
    before
        What has happened before the start, such as invocations whose message is already in flight.
    name
        Under which properties find it in `View.observers`.

    Examples
    --------
    >>> history_observer([Invoke("c0", Read())]).start.threads[0].client
    'c0'
    """
    return Observer(name, reduce(History.told, before, History()), History.told)


@dataclass(frozen=True)
class Sequential:
    """An object as it behaves when one operation follows another.

    Parameters
    ----------
    start
        Its first state.
    apply
        `apply(state, operation)` returns the next state and the result of the operation.
    """

    start: Any
    apply: Callable[[Any, Any], tuple[Any, Any]]


def register(start: Any = None) -> Sequential:
    """Return a register with its first value: a `Read` returns what the last `Write` has stored.

    Examples
    --------
    >>> register().apply(1, Read())
    (1, 1)
    """
    return Sequential(start, lambda stored, what: (what.value, None) if isinstance(what, Write) else (stored, stored))


def linearizable(history: History, specification: Sequential) -> bool:
    """Return whether the operations can be put into one order that explains every result.

    The order keeps what was observed (an operation that was over before another began comes first).  An operation in
    flight may have taken effect already, or not yet.  Cost: exponential in the number of operations in the worst case,
    at most one visit for each set of operations that are ordered first and each state of the object.

    Examples
    --------
    A value that was written is read; then one that was not.

    >>> written = History().told(Invoke("c0", Write(1))).told(Return("c0")).told(Invoke("c1", Read()))
    >>> [linearizable(written.told(Return("c1", value)), register(0)) for value in (1, 0)]
    [True, False]

    As long as the write is in flight, a read may return either value.

    >>> writing = History().told(Invoke("c0", Write(1))).told(Invoke("c1", Read()))
    >>> [linearizable(writing.told(Return("c1", value)), register(0)) for value in (0, 1, 2)]
    [True, True, False]
    """
    goal = {thread.client: len(thread.done) for thread in history.threads}
    waiting: list[tuple[dict[Pid, int], Any]] = [(dict.fromkeys(goal, 0), specification.start)]
    seen: set[Key] = set()
    while waiting:
        placed, state = waiting.pop()
        if all(placed[client] >= goal[client] for client in goal):
            return True
        for client, operation in _next(history, placed):
            after, result = specification.apply(state, operation.what)
            step = placed | {client: placed[client] + 1}
            mark = key((tuple(step.values()), after))
            if (placed[client] == goal[client] or key(result) == key(operation.result)) and mark not in seen:
                seen.add(mark)
                waiting.append((step, after))
    return False


def explained_by(order: Iterable[tuple[Pid, Any]], history: History, specification: Sequential) -> bool:
    """Return whether this order of (client, operation) explains a history: a linearization that was found elsewhere.

    Every operation that is over must be in it, after all that were over before it began, and apply to its result.
    Cost: linear in the length of the order, times the number of clients.

    Examples
    --------
    >>> read = History().told(Invoke("c0", Write(1))).told(Invoke("c1", Read())).told(Return("c1", 1))
    >>> [explained_by(order, read, register()) for order in ([("c0", Write(1)), ("c1", Read())], [("c1", Read())])]
    [True, False]
    """
    placed, state = {thread.client: 0 for thread in history.threads}, specification.start
    for client, what in order:
        begun = dict(_next(history, placed)).get(client)
        if begun is None or key(begun.what) != key(what):
            return False
        state, result = specification.apply(state, what)
        over = placed[client] < len(history.thread(client).done)
        if over and key(result) != key(begun.result):
            return False
        placed[client] += 1
    return all(placed[thread.client] >= len(thread.done) for thread in history.threads)


def _next(history: History, placed: dict[Pid, int]) -> Iterator[tuple[Pid, Operation]]:
    """Yield the operations that may come next in the order: all that were over before they began are placed."""
    for thread in history.threads:
        ahead = (*thread.done, *filter(None, [thread.in_flight]))[placed[thread.client] :]
        if ahead and all(placed[client] >= count for client, count in ahead[0].after):
            yield thread.client, ahead[0]
