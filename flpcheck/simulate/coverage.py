"""Coverage: the rules and messages that random runs have exercised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from flpcheck.authoring.events import OWN, Gather
from flpcheck.authoring.rules import Rule
from flpcheck.system import System, Transition


@dataclass(frozen=True)
class Coverage:
    """The rules and messages that the events of some runs have exercised.

    Parameters
    ----------
    system
        The system whose runs they are.
    outcomes
        Number of times that each outcome of each rule occurred, by rule and number.
    kinds
        Number of times that a message of each kind was received.
    """

    system: System
    outcomes: Counter[tuple[Rule, int]] = field(default_factory=Counter)
    kinds: Counter[type] = field(default_factory=Counter)

    def note(self, step: Transition) -> None:
        """Note one event of a run."""
        if step.rule is not None:
            self.outcomes[step.rule, step.outcome] += 1
        event = step.event
        if event.kind == "gather":
            self.kinds.update(type(message) for _, message in event.letters)
        elif event.kind == "deliver":
            self.kinds[type(event.message)] += 1

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that were not taken; not those that ignore something on purpose.

        Where all processes step at once, or the author writes no steps, those that were not even asked for.
        """
        if self.system.components is None:
            return tuple(rule for book in self.system.rulebooks for rule in book.never_taken())
        taken = {rule.place for rule, _ in self.outcomes}
        return tuple(rule for rule in self._rules() if rule.place not in taken)

    def _rules(self) -> list[Rule]:
        books = self.system.rulebooks
        return [book.rules[place] for book in books for place in book.own if not book.rules[place].idle]

    @property
    def messages(self) -> tuple[str, ...]:
        """The names of the kinds of messages that no process received."""
        unseen = [kind for kind in self._kinds() if not any(issubclass(seen, kind) for seen in self.kinds)]
        return tuple(sorted(kind.__name__ for kind in unseen))

    def _kinds(self) -> set[type]:
        return {kind for book in self.system.rulebooks for kind in book.kinds} - {*OWN, Gather}

    @property
    def complete(self) -> bool:
        """Whether every rule was taken, and every kind of message received."""
        return not self.rules and not self.messages

    @property
    def sentence(self) -> str:
        """A summary in numbers."""
        rules, kinds = self._rules(), self._kinds()
        taken = f"{len(rules) - len(self.rules)} of {len(rules)} rules taken"
        received = f"{len(kinds) - len(self.messages)} of {len(kinds)} kinds of messages received"
        outcomes = f"{len(self.outcomes)} outcomes of rules"
        return ", ".join([taken, outcomes, *([received] if kinds else [])])
