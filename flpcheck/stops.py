"""Reasons why a search, or a whole run, ended early, each with its words: defined only here."""

from __future__ import annotations

from enum import StrEnum


class StopReason(StrEnum):
    """A reason; its value stands in the JSON contract and, for a bound, is the name of the option that raises it.

    Attributes
    ----------
    cause
        What happened, as a sentence to be followed by `while ...`.
    label
        What happened to the search, to be preceded by `the search was ...`.
    advice
        What to do; may be empty.
    """

    cause: str
    label: str
    advice: str

    def __new__(cls, name: str, cause: str, label: str = "") -> StopReason:
        """Make a member; without a label of its own it is a bound."""
        stop = str.__new__(cls, name)
        stop._value_, stop.cause = name, cause
        stop.label, stop.advice = (label, "") if label else (f"cut by {name}", f"raise --{name}")
        return stop

    MAX_CONFIGURATIONS = "max-configurations", "too many configurations were found"
    MAX_DEPTH = "max-depth", "the greatest depth was reached"
    MAX_SECONDS = "max-seconds", "time was up"
    MAX_MEMORY = "max-memory", "memory was used up"
    INTERRUPTED = "interrupted", "interrupted", "interrupted"
    FIRST_VIOLATION = "first-violation", "a violation was found", "stopped at the first violation"
    RUNS = "random-runs", "random runs were made", "not a search: it made random runs"
    CONSTRAINT = "constraint", "only what lies outside the constraint was left", "cut by the constraint"

    @property
    def is_bound(self) -> bool:
        """Whether it is a bound, which an option sets."""
        return bool(self.advice)

    @property
    def ends_run(self) -> bool:
        """Whether it ends a run, and not only one of its searches; then it cuts elsewhere each time."""
        return self in {StopReason.MAX_SECONDS, StopReason.MAX_MEMORY, StopReason.INTERRUPTED}
