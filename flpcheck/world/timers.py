"""Assumptions about the lengths of timers: none, or a comparison with message delays."""

from __future__ import annotations

from flpcheck.errors import BadWorld, nearest

ANY_TIME = "any-time"
AFTER_MESSAGES = "after-messages"
AFTER_DELAYS = "after-delays"
RULES = (ANY_TIME, AFTER_MESSAGES, f"{AFTER_DELAYS}:1", f"{AFTER_DELAYS}:2", f"{AFTER_DELAYS}:3")
MOST_DELAYS = 9

LONGER = "each timer is longer than any busy period; timers may be equal, different, or change each time"


def check(rule: str) -> None:
    """Raise `BadWorld` unless this is a rule for timers, or empty for the one that is usual."""
    name, _, number = rule.partition(":")
    if rule in {"", ANY_TIME, AFTER_MESSAGES} or (name == AFTER_DELAYS and number.isdigit() and delays_in(rule)):
        return
    hint = f"use {ANY_TIME}, {AFTER_MESSAGES}, or {AFTER_DELAYS}:K with K from 1 to {MOST_DELAYS}"
    raise BadWorld(f"no rule {rule!r} for timers", why=nearest(rule, RULES), next_step=hint)


def delays_in(rule: str) -> int:
    """Return the number of delays than which each timer is longer; 0 where the rule names no number.

    Examples
    --------
    >>> delays_in("after-delays:2"), delays_in("after-messages")
    (2, 0)
    """
    name, _, number = rule.partition(":")
    return min(int(number), MOST_DELAYS + 1) % (MOST_DELAYS + 1) if name == AFTER_DELAYS else 0


def assumed(rule: str) -> str:
    """Return what a rule claims about timers, as a clause; empty if it claims nothing.

    Examples
    --------
    >>> assumed("after-delays:1")
    'each timer is longer than 1 delay; timers may be equal, different, or change each time'
    """
    if rule == AFTER_MESSAGES:
        return LONGER
    number = delays_in(rule)
    return LONGER.replace("any busy period", f"{number} delay{'s' * (number > 1)}") if number else ""
