"""Atomic access to elements of arrays that several threads share; with a lock where kernels run as plain Python.

Whatever a thread wrote before it stored by `exchanged` is seen by the threads that `read` what it stored.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add, or_
from threading import Lock
from typing import Any

from numba.core import types as untyped_types
from numba.extending import intrinsic

from flpcheck.explore.kernel.compile import config

types: Any = untyped_types


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
    return builder.gep(data, [arguments[1]])


def _updating(operation: str) -> Any:
    """Return an intrinsic that changes an element by a value, and returns what it was before."""

    def typed(_: Any, array: Any, index: Any, __: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = _address(context, builder, signature, arguments)
            return builder.atomic_rmw(operation, place, arguments[2], "acq_rel")

        return array.dtype(array, index, array.dtype), generate

    return intrinsic(typed)


@intrinsic
def _read(_: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature, arguments)
        return builder.load_atomic(place, "acquire", signature.args[0].dtype.bitwidth // 8)

    return array.dtype(array, index), generate


@intrinsic
def _exchanged(_: Any, array: Any, index: Any, __: Any, ___: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature, arguments)
        both = builder.cmpxchg(place, arguments[2], arguments[3], "acq_rel", "acquire")
        return builder.extract_value(both, 0)

    return array.dtype(array, index, array.dtype, array.dtype), generate


@intrinsic
def _ones(_: Any, __: Any) -> Any:
    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


ALONE = Lock()
"""Held by a thread that changes an element as plain Python."""


def _plain_read(array: Any, index: Any) -> Any:
    return array[index]


def _plain_exchanged(array: Any, index: Any, before: Any, after: Any) -> Any:
    with ALONE:
        found = array[index]
        if found == before:
            array[index] = after
        return found


def _plainly(change: Callable[[Any, Any], Any]) -> Callable[[Any, Any, Any], Any]:
    def changed(array: Any, index: Any, value: Any) -> Any:
        with ALONE:
            found = array[index]
            array[index] = change(found, value)
            return found

    return changed


def _plain_ones(word: Any) -> Any:
    return type(word)(int(word).bit_count())


COMPILED = not config.DISABLE_JIT
read: Any = _read if COMPILED else _plain_read
"""`read(array, index)`: an element that others may be writing."""
exchanged: Any = _exchanged if COMPILED else _plain_exchanged
"""`exchanged(array, index, before, after)`: write `after` if the element is `before`; return what it was."""
added: Any = _updating("add") if COMPILED else _plainly(add)
"""`added(array, index, value)`: add to an element; return what it was."""
lowered: Any = _updating("umin") if COMPILED else _plainly(min)
"""`lowered(array, index, value)`: lower an unsigned element to a value; return what it was."""
marked: Any = _updating("or") if COMPILED else _plainly(or_)
"""`marked(array, index, value)`: set some bits of an element; return what it was."""
ones: Any = _ones if COMPILED else _plain_ones
"""`ones(word)`: how many bits of a word are set."""
