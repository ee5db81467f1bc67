"""What the fuzz programs share: their options, the seed in the note of an error, counts and seconds at the end."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def option_parser(about: str | None, number: int) -> argparse.ArgumentParser:
    """Return a parser with the options that every fuzz program has."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--number", type=int, default=number)
    made.add_argument("--first", type=int, default=0)
    return made


def seeds(options: argparse.Namespace) -> range:
    """Return the seeds that the options ask for."""
    return range(options.first, options.first + options.number)


@contextmanager
def naming_seed(program: str, seed: int) -> Iterator[None]:
    """Add to an error the command that shows it again."""
    try:
        yield
    except Exception as error:
        error.add_note(f"the seed is {seed}: python tests/{program} --number 1 --first {seed}")
        raise


def tally(file: str, tried: Callable[[int], Iterable[str]], wanted: Iterable[int]) -> Counter[str]:
    """Try each seed, and return how often each of the kinds that a try yields occurred."""
    counts: Counter[str] = Counter()
    for seed in wanted:
        with naming_seed(Path(file).name, seed):
            counts.update(tried(seed))
    return counts


def print_counts(counts: Counter[str], ended: str, started: float) -> None:
    """Print counts, and how it ended after how many seconds."""
    print(", ".join(f"{name} {number}" for name, number in counts.most_common()))  # noqa: T201
    print(f"{ended}, {time.monotonic() - started:.0f} s")  # noqa: T201


def fuzz_program(about: str | None, number: int, fuzz: Callable[[Iterable[int]], Counter[str]], ended: str) -> None:
    """Be the command line of a fuzz program that stops at the first error."""
    options, started = option_parser(about, number).parse_args(), time.monotonic()
    print_counts(fuzz(seeds(options)), f"{ended} in {options.number} protocols", started)
