"""Fairness: what a world owes to its processes in an infinite run, and how strictly.

Strengths, for a demand in a set of configurations that are visited for ever and in which it is never met (Lamport's
WF and SF, and FLP's "every message is eventually received"): a *weak* demand is starved if it is enabled all along, a
*received* one if it waits all along and is enabled now and then, a *strong* one if it is enabled now and then.
"""

from __future__ import annotations

from dataclasses import dataclass

from flpcheck.errors import BadWorld, nearest
from flpcheck.world.plain import check_types

WEAK, RECEIVED, STRONG = "weak", "received", "strong"


@dataclass(frozen=True)
class RuleFairness:
    """A demand on one rule of a message-passing protocol, or on one kind of event of a general protocol.

    Parameters
    ----------
    rule
        The name of the rule, or the kind of the event.
    strength
        `weak` or `strong`.
    """

    rule: str
    strength: str


def weak(rule: str) -> RuleFairness:
    """Return the demand that a rule which is enabled all along is eventually taken (Lamport's WF)."""
    return RuleFairness(rule, WEAK)


def strong(rule: str) -> RuleFairness:
    """Return the demand that a rule which is enabled again and again is eventually taken (Lamport's SF)."""
    return RuleFairness(rule, STRONG)


@dataclass(frozen=True)
class Fairness:
    """The demands of correct processes on an infinite run.

    Parameters
    ----------
    timers
        The strength of a process's own events: starts, timeouts, answers of detectors, events of general protocols.
    letters
        The strength of the receipt of a message in its mailbox.
    rules
        Demands on single rules, beside these: `weak("name")`, `strong("name")`.
    """

    timers: str = WEAK
    letters: str = RECEIVED
    rules: tuple[RuleFairness, ...] = ()

    def __post_init__(self) -> None:
        check_types(self)
        wrong = next(
            (r for r in self.rules if not isinstance(r, RuleFairness) or r.strength not in {WEAK, STRONG}), None
        )
        if wrong is not None:
            raise BadWorld(f"{wrong!r} is no demand on a rule", next_step='use weak("RULE") or strong("RULE")')
        for name, strengths in (("timers", (WEAK, STRONG)), ("letters", (WEAK, RECEIVED, STRONG))):
            if (chosen := getattr(self, name)) not in strengths:
                what = f"no fairness {chosen!r} for {name}"
                raise BadWorld(what, why=nearest(chosen, strengths), next_step=f"use {', '.join(strengths)}")

    def __str__(self) -> str:
        return ", ".join(
            [f"timers={self.timers}", f"letters={self.letters}", *(f"{r.strength}:{r.rule}" for r in self.rules)]
        )

    @property
    def words(self) -> str:
        """The differences from the usual fairness, as a phrase; empty if there are none."""
        parts = [f"{self.timers} timers"] if self.timers != WEAK else []
        parts += [f"{self.letters} letters"] if self.letters != RECEIVED else []
        parts += [f"{rule.strength} {rule.rule}" for rule in self.rules]
        return f"fairness: {', '.join(parts)}" if parts else ""


def fairness_in(text: str) -> Fairness:
    """Return the fairness that a text names.

    Raises
    ------
    BadWorld
        If it cannot be read.

    Examples
    --------
    >>> fairness_in("letters=strong, weak:Phase 2a")
    Fairness(timers='weak', letters='strong', rules=(RuleFairness(rule='Phase 2a', strength='weak'),))
    """
    chosen, rules = dict[str, str](), list[RuleFairness]()
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, strength = part.partition("=")
        kind, colon, rule = part.partition(":")
        if equals and name in {"timers", "letters"}:
            chosen[name] = strength
        elif colon and kind in {WEAK, STRONG}:
            rules.append(RuleFairness(rule, kind))
        else:
            advice = "write timers=weak|strong, letters=weak|received|strong, weak:RULE or strong:RULE, with commas"
            raise BadWorld(f"{part!r} is no demand of fairness", next_step=advice)
    return Fairness(rules=tuple(rules), **chosen)
