"""The exit codes of the command line, and what each of them means: they stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable


def of_signal(number: int) -> int:
    """Return the exit code that a shell has for a command that a signal ended.

    Examples
    --------
    >>> of_signal(2) == INTERRUPTED
    True
    """
    return 128 + number


AS_WANTED, DIFFERENT, USAGE_ERROR, INCONCLUSIVE, INTERNAL_ERROR = range(5)
INTERRUPTED, CLOSED_PIPE, TERMINATED = map(of_signal, (2, 13, 15))
"""SIGINT, SIGPIPE and SIGTERM: not every platform has all of them by name."""

MEANINGS = {
    AS_WANTED: "Every verdict, count and length is as expected; without expectations, no property is violated.",
    DIFFERENT: "A property is violated, or something differs from what the instance expects.",
    USAGE_ERROR: "A spec, an option or the machine is at fault: something could not be examined.",
    INCONCLUSIVE: "A bound cut a search before a verdict, and nothing else is wrong.",
    INTERNAL_ERROR: "flpcheck contradicts itself; please report it.",
    INTERRUPTED: "Interrupted, by Ctrl-C for instance; what was found by then is printed.",
    TERMINATED: "Terminated by SIGTERM, cleanly, as by Ctrl-C.",
    CLOSED_PIPE: "The reader of the output closed it early, as `head` does; the rest is unknown.",
}
GRAVEST = (INTERNAL_ERROR, DIFFERENT, USAGE_ERROR, INCONCLUSIVE)
"""Order of precedence of exit codes: a finding comes before something that could not be examined."""


def gravest(codes: Iterable[int]) -> int:
    """Return the exit code that takes precedence.

    Examples
    --------
    >>> gravest([0, 3, 2]), gravest([])
    (2, 0)
    """
    found = set(codes)
    return next((code for code in GRAVEST if code in found), AS_WANTED)
