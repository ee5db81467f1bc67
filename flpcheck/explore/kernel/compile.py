"""Compilation of kernels, and two things that Numba cannot express: prefetching and forced inlining."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba.core import cgutils as untyped_cgutils
from numba.core import config as untyped_config
from numba.core import types as untyped_types
from numba.extending import intrinsic

from flpcheck.explore.kernel.cache import folder

config: Any = untyped_config  # its attributes are made at run time
cgutils: Any = untyped_cgutils
types: Any = untyped_types
F = TypeVar("F", bound=Callable[..., Any])


OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
"""Kernels allocate nothing and keep no array, so counting references to arrays would only cost time; and they touch no
object of Python, so that several can run at once."""
INNER: dict[str, Any] = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
HOT: dict[str, Any] = {"forceinline": True, "error_model": "numpy", "_nrt": False}


def _compiled(function: F, **options: Any) -> F:
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder())
    try:
        return cast("F", numba.njit(**options)(function))
    finally:
        config.CACHE_DIR = before


def kernel(function: F) -> F:
    """Compile a function that Python calls, and cache its machine code on disk."""
    return _for_types(_compiled(function, **OPTIONS))


def part(function: F) -> F:
    """Compile a function that only kernels call, once for each type of its arguments, not for each constant."""
    return _for_types(_compiled(function, **INNER))


def _for_types(function: F) -> F:
    """Let calls with constants be calls of what is compiled for their types: Numba compiles a copy for each constant.

    A copy as large as a function that makes rows takes seconds, and gains nothing where no type depends on a constant.
    """
    dispatcher = cast("Any", function)
    if not config.DISABLE_JIT:
        template, type_of = dispatcher.get_call_template, types.unliteral

        def of_types(args: Any, named: Any) -> Any:
            return template(tuple(map(type_of, args)), {name: type_of(arg) for name, arg in named.items()})

        dispatcher.get_call_template = of_types
    return function


def outside(function: F) -> F:
    """Compile a function that must never melt into its callers: what a hot loop does rarely, and is large.

    The wish not to optimise is the only way that Numba has to say so; what the function calls is optimised.
    """
    return _compiled(function, _dbg_optnone=True, **INNER)


def inlined(function: F) -> F:
    """Compile a function so that it is inlined into its callers: the inside of a hot loop."""
    return _compiled(function, forceinline=True, **INNER)


@intrinsic
def _prefetch(_: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        shape = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, shape, "llvm.prefetch.p0i8")
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        builder.call(function, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


def _no_prefetch(array: Any, index: Any) -> None:
    """Do nothing: what prefetching means when kernels run as plain Python."""


prefetch: Any = _no_prefetch if config.DISABLE_JIT else _prefetch
"""`prefetch(array, index)`: ask for the cache line of an element that is needed soon."""
