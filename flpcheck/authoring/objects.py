"""Shared objects: what processes apply operations to, each in one indivisible step.

Herlihy, "Wait-Free Synchronization" (1991): the consensus number of an object is the largest number of processes for
which objects of its kind and registers solve consensus, whatever the number of crashes.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar, Generic, TypeVar

from flpcheck.authoring.values import key, put, show

V = TypeVar("V")


@dataclass(frozen=True)
class Op:
    """An operation that a process is about to apply to an object; the methods of the objects make them.

    Parameters
    ----------
    on
        The name of the object.
    name
        Which of its operations.
    arguments
        What it is applied with.

    Examples
    --------
    >>> str(Register("r0", None).write(1))
    'r0.write(1)'
    """

    on: str
    name: str
    arguments: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.on}.{self.name}({', '.join(map(show, self.arguments))})"


@dataclass(frozen=True)
class Object(Generic[V]):
    """An object in shared memory; a new kind defines `apply`, and a method returning an `Op` for each operation.

    Parameters
    ----------
    name
        Unique among the objects of a protocol.
    initial
        Its value in every initial configuration: immutable, as everything in a configuration.

    Attributes
    ----------
    consensus_number
        As Herlihy (1991) has it, `inf` for a universal object; None where it is not known, as for a kind that defines
        `apply` and does not say.
    """

    name: str
    initial: V
    consensus_number: ClassVar[float | None] = None
    __test__: ClassVar[bool] = False  # pytest takes every class whose name begins with Test for a test

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Forget the consensus number of a kind whose `apply` a derived kind replaces."""
        super().__init_subclass__(**arguments)
        if "apply" in vars(cls) and "consensus_number" not in vars(cls):
            cls.consensus_number = None

    def apply(self, value: V, op: Op, who: int) -> tuple[V, Any]:
        """Return the value after an operation of process `who`, and its response.  Pure: it sees its arguments only."""
        raise NotImplementedError

    @classmethod
    def operations(cls) -> tuple[str, ...]:
        """Return the names of the operations: the public methods that are annotated as returning an `Op`.

        Examples
        --------
        >>> Register.operations()
        ('read', 'write')
        """
        methods = inspect.getmembers(cls, inspect.isfunction)
        return tuple(name for name, method in methods if method.__annotations__.get("return") in {"Op", Op})


@dataclass(frozen=True)
class Register(Object[V]):
    """A register that every process reads and writes; consensus number 1.

    Examples
    --------
    >>> r = Register("r", None)
    >>> r.apply(None, r.write(1), 0), r.apply(1, r.read(), 0)
    ((1, None), (1, 1))
    """

    consensus_number: ClassVar[float | None] = 1

    def read(self) -> Op:
        """Return the operation whose response is the value."""
        return Op(self.name, "read")

    def write(self, value: V) -> Op:
        """Return the operation that replaces the value; its response is None."""
        return Op(self.name, "write", (value,))

    def apply(self, value: V, op: Op, who: int) -> tuple[V, Any]:  # noqa: ARG002
        """Return the value and the response of a read or a write."""
        return (op.arguments[0], None) if op.name == "write" else (value, value)


@dataclass(frozen=True)
class Snapshot(Object[tuple[V, ...]]):
    """A segment for each process, which it alone updates, and a scan of all in one step; consensus number 1.

    Afek, Attiya, Dolev, Gafni, Merritt, Shavit, "Atomic Snapshots of Shared Memory" (1993).

    Examples
    --------
    >>> s = Snapshot("s", (None, None))
    >>> s.apply((None, None), s.update(7), 1)
    ((None, 7), None)
    """

    consensus_number: ClassVar[float | None] = 1

    def update(self, value: V) -> Op:
        """Return the operation that replaces the process's own segment; its response is None."""
        return Op(self.name, "update", (value,))

    def scan(self) -> Op:
        """Return the operation whose response is the tuple of all segments."""
        return Op(self.name, "scan")

    def apply(self, value: tuple[V, ...], op: Op, who: int) -> tuple[tuple[V, ...], Any]:
        """Return the segments and the response of an update or a scan."""
        return (put(value, who, op.arguments[0]), None) if op.name == "update" else (value, value)


@dataclass(frozen=True)
class TestAndSet(Object[bool]):
    """A bit that is set and read in one step; consensus number 2.

    Examples
    --------
    >>> bit = TestAndSet("bit")
    >>> bit.apply(False, bit.test_and_set(), 0), bit.apply(True, bit.test_and_set(), 1)
    ((True, False), (True, True))
    """

    initial: bool = False
    consensus_number: ClassVar[float | None] = 2

    def test_and_set(self) -> Op:
        """Return the operation that sets the bit; its response is what the bit was."""
        return Op(self.name, "test_and_set")

    def reset(self) -> Op:
        """Return the operation that clears the bit; its response is None."""
        return Op(self.name, "reset")

    def apply(self, value: bool, op: Op, who: int) -> tuple[bool, Any]:  # noqa: ARG002, FBT001
        """Return the bit and the response of a test-and-set or a reset."""
        return (True, value) if op.name == "test_and_set" else (False, None)


@dataclass(frozen=True)
class FetchAndAdd(Object[int]):
    """A counter that is read and increased in one step; consensus number 2.

    Examples
    --------
    >>> c = FetchAndAdd("c")
    >>> c.apply(3, c.fetch_and_add(2), 0)
    (5, 3)
    """

    initial: int = 0
    consensus_number: ClassVar[float | None] = 2

    def fetch_and_add(self, amount: int) -> Op:
        """Return the operation that adds an amount; its response is the number before."""
        return Op(self.name, "fetch_and_add", (amount,))

    def apply(self, value: int, op: Op, who: int) -> tuple[int, Any]:  # noqa: ARG002
        """Return the number and the response of a fetch-and-add."""
        return value + op.arguments[0], value


@dataclass(frozen=True)
class Queue(Object[tuple[V, ...]]):
    """A first-in, first-out queue; consensus number 2.

    Examples
    --------
    >>> q = Queue("q", ("a", "b"))
    >>> q.apply(q.initial, q.dequeue(), 0), q.apply((), q.dequeue(), 0)
    ((('b',), 'a'), ((), None))
    """

    initial: tuple[V, ...] = ()
    consensus_number: ClassVar[float | None] = 2

    def enqueue(self, item: V) -> Op:
        """Return the operation that appends an item; its response is None."""
        return Op(self.name, "enqueue", (item,))

    def dequeue(self) -> Op:
        """Return the operation that takes the first item; its response is the item, None from an empty queue."""
        return Op(self.name, "dequeue")

    def apply(self, value: tuple[V, ...], op: Op, who: int) -> tuple[tuple[V, ...], Any]:  # noqa: ARG002
        """Return the items and the response of an enqueue or a dequeue."""
        if op.name == "enqueue":
            return (*value, op.arguments[0]), None
        return value[1:], value[0] if value else None


@dataclass(frozen=True)
class CompareAndSwap(Object[V]):
    """A register that is replaced only if it holds what is expected; universal: consensus number infinity.

    Examples
    --------
    >>> c = CompareAndSwap("c", None)
    >>> c.apply(None, c.compare_and_swap(None, 1), 0), c.apply(1, c.compare_and_swap(None, 0), 1)
    ((1, None), (1, 1))
    """

    consensus_number: ClassVar[float | None] = inf

    def compare_and_swap(self, expected: V, new: V) -> Op:
        """Return the operation that replaces the expected value; its response is the value before."""
        return Op(self.name, "compare_and_swap", (expected, new))

    def read(self) -> Op:
        """Return the operation whose response is the value."""
        return Op(self.name, "read")

    def apply(self, value: V, op: Op, who: int) -> tuple[V, Any]:  # noqa: ARG002
        """Return the value and the response of a compare-and-swap or a read."""
        swaps = op.name == "compare_and_swap" and key(value) == key(op.arguments[0])
        return op.arguments[1] if swaps else value, value


@dataclass(frozen=True)
class Sticky(Object[V | None]):
    """A register that keeps the first value written to it; universal: consensus number infinity.

    Plotkin, "Sticky Bits and Universality of Consensus" (1989), where writing is called jamming.

    Examples
    --------
    >>> s = Sticky("s")
    >>> s.apply(None, s.jam(1), 0), s.apply(1, s.jam(0), 1)
    ((1, True), (1, False))
    """

    initial: V | None = None
    consensus_number: ClassVar[float | None] = inf

    def jam(self, value: V) -> Op:
        """Return the operation that writes a value where there is none; its response is whether it is there now."""
        return Op(self.name, "jam", (value,))

    def read(self) -> Op:
        """Return the operation whose response is the value, None if there is none."""
        return Op(self.name, "read")

    def apply(self, value: V | None, op: Op, who: int) -> tuple[V | None, Any]:  # noqa: ARG002
        """Return the value and the response of a jam or a read."""
        if op.name == "read":
            return value, value
        now = op.arguments[0] if value is None else value
        return now, key(now) == key(op.arguments[0])
