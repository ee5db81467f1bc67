"""`flpcheck warm`: compile the kernel ahead of time, for images of CI machines."""

from __future__ import annotations

import click

from flpcheck.cli.console import say


@click.command("warm")
@click.option(
    "--words", type=click.IntRange(1, 16), default=3, show_default=True, metavar="N",
    help="Compile for configurations of up to N 64-bit words.",
)  # fmt: skip
def command(words: int) -> int:
    """Compile the search engine for large models ahead of time, and say where the compiled code is.

    Without it, the first large model waits for the compiler, some 30 seconds on one core.  Compiled code is stored in
    the user's cache folder, for this version of flpcheck and of Numba and for this type of processor.
    """
    from importlib.util import find_spec

    from flpcheck.errors import BadRequest
    from flpcheck.explore.compiling import compile_kernel
    from flpcheck.explore.kernel.cache import compiled, folder

    if find_spec("numba") is None:
        raise BadRequest("numba is not installed", next_step="pip install numba: it compiles the kernel")
    folder().mkdir(parents=True, exist_ok=True)
    for number in range(1, words + 1):
        name = f"configurations of {number} word{'s' * (number > 1)}"
        if compiled(number):
            say(f"{name}: was compiled before")
        else:
            say(f"{name}: compiled in {compile_kernel(number):.1f} s")
            if not compiled(number):
                what = f"cannot store compiled code in {folder()}"
                raise BadRequest(what, next_step="set NUMBA_CACHE_DIR to a folder")
    size = sum(file.stat().st_size for file in folder().rglob("*") if file.is_file())
    say(f"compiled code is in {folder()} ({size / 2**20:.0f} MB)")
    return 0
