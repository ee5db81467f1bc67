"""Protocols in rounds as a transition system: configurations lie between rounds, a round is one transition.

The steps inside a round are not configurations.  In each round the adversary picks who crashes, who hears whom within
the communication predicate and its budgets, and what Byzantine processes say.  Its choices are merged by what is
received: for each process the rows (state, content) -> next state are asked once, and choices that lead to the same
configuration are one transition, named by the least intrusive of them.

The number of the next round is part of a configuration where something depends on it: the protocol says after how many
rounds it repeats itself (`period`; the claim is checked with every question), or has an end (`rounds`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

from flpcheck.authoring.deciding import may_decide
from flpcheck.authoring.events import Event, Pattern, Pid
from flpcheck.authoring.process import Observer
from flpcheck.authoring.property import View
from flpcheck.authoring.protocol import round_members
from flpcheck.authoring.rules import RuleBook
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.errors import BadProtocol, BadWorld
from flpcheck.system.calls import Call, of_round
from flpcheck.system.components import Crashed, has_output_register
from flpcheck.system.describe import fields_of
from flpcheck.system.interface import (
    EVERYBODY,
    WORLD,
    DecisionValues,
    Initial,
    Marks,
    Transition,
    asked_once,
    starts_of,
)
from flpcheck.system.questions import Questions
from flpcheck.system.round_choices import COMPLETE, Choices, Lies, Round
from flpcheck.system.round_speech import RoundSpeech
from flpcheck.system.round_states import BYZANTINE, CORRECT, FAULTY, RoundState, RoundStates, Utterances
from flpcheck.system.signatures import NOTHING, Signatures, Signed
from flpcheck.world import World
from flpcheck.world.failures import choices


class RoundConfiguration(NamedTuple):
    """A configuration between two rounds.

    Parameters
    ----------
    number
        The number of the next round; 0 if nothing depends on it.
    early
        Number of rounds so far before GST, where the world limits them.
    stable
        Whether GST has passed.
    parts
        One per process.
    signed
        The signatures that Byzantine processes have been sent, where they must not forge any.
    """

    number: int
    early: int
    stable: bool
    parts: tuple[RoundState, ...]
    signed: Signed = NOTHING


class InRounds(Questions):
    """A protocol whose processes are `RoundProcess`es, in a world of rounds.

    Raises
    ------
    SpecError, BadWorld
        If the protocol or the world cannot be used.
    """

    in_rounds = True

    def __init__(self, protocol: Any, world: World, inputs: Mapping[Pid, Hashable] | None = None) -> None:
        if world.rounds is None:
            raise BadWorld(
                "a protocol in rounds needs a world with rounds",
                place=place_of(type(protocol)),
                why="in this world no process knows when a round is over",
                next_step="use --timing synchronous, heard_of or partially_synchronous",
            )
        self.protocol = protocol
        self.world = world
        self.rounds = world.rounds
        self.observers: Sequence[Observer[Any, Any]] = ()
        self.period = _whole_number(protocol, "period")
        self.last = min((n for n in (_whole_number(protocol, "rounds"), self.rounds.most) if n), default=0)
        self.parts = RoundStates(round_members(protocol), 0 if self.last else self.period)
        self.names = self.registers = self.parts.names
        self.rulebooks: Sequence[RuleBook] = self.parts.rulebooks
        self.values = DecisionValues()
        self.crashable = tuple(range(len(self.names)))
        members = list(enumerate(self.parts.members))
        self.deciders = sum(1 << i for i, m in members if m.decides or may_decide(m.receive, -3, m.starts))
        self.abstaining = sum(1 << i for i, m in members if m.decides is False)
        self.signatures = Signatures(protocol, signed=self.rounds.authenticated, certificates=False)
        self.choices = Choices(self.parts, self.rounds)
        self.speech = RoundSpeech(self.parts)
        self.predicate = self.rounds.predicate_before
        self.numbered = bool(self.last) or not self.period
        self.listens = bool(self.rounds.faulty) and self.rounds.faults == "byzantine"
        self.assumptions = self._assumptions() if self.listens else ()
        self._fixed = dict(inputs or {})
        self._check()

    def _assumptions(self) -> tuple[str, ...]:
        defaults = (member.silence for member in self.parts.members if member.silence is not None)
        return tuple(f"a liar's silence counts as {text}" for text in dict.fromkeys(map(show, defaults)))

    def _check(self) -> None:
        failures, world = self.world.failures, self.world
        failures.check(self.names)
        self.rounds.check(failures.crashes, self.names)
        if world.network != type(world.network)():
            raise BadWorld("rounds have no network to configure", next_step="use --predicate instead")
        unheard = {
            "initially dead processes": failures.initially_dead,
            "recoveries": failures.recoveries,
            "a list of processes that may fail": failures.faulty is not None,
        }
        for what in filter(unheard.get, unheard):
            raise BadWorld(
                f"{what} cannot be combined with rounds",
                why="a process that is not heard in a round has visibly crashed in it",
            )
        if world.timers:
            raise BadWorld(
                f"rounds have no timers, so timers={world.timers} does not apply", next_step="remove --timers"
            )
        if failures.misbehaving:
            how = "byzantine" if failures.byzantine else "omission"
            raise BadWorld(f"in rounds, {how} faults belong to Rounds", next_step=f"write Rounds(faults={how!r}, ...)")

    @property
    def overwritten(self) -> Sequence[str]:
        """Rounds seen so far that change a decision already made, as sentences."""
        return self.parts.overwritten

    @property
    def tosses(self) -> bool:
        """No process tosses coins in rounds."""
        return False

    @property
    def calls(self) -> int:
        """Number of calls of the author's functions so far."""
        return sum(asker.calls for asker in self.parts.askers)

    def afresh(self) -> InRounds:
        """Return the same system with empty tables."""
        fresh = InRounds(self.protocol, self.world, self._fixed)
        fresh.speech.adopt(self.speech)
        return fresh

    def overheard(self, _: Iterable[tuple[int, Any]]) -> bool:
        """Add to the liars' messages those that correct processes sent; return whether any was new.

        Then a search has to begin again, and values get their bits as if there had been none before.
        """
        if not self.speech.learn():
            return False
        self.values.clear()
        return True

    @asked_once
    def initial(self) -> list[Initial]:
        """Return the initial configurations: every choice of faulty processes with every input vector of the others."""
        return [
            initial
            for faulty in choices(self.rounds.faulty, range(len(self.names)), self.names)
            for initial in self._initial(faulty)
        ]

    def _initial(self, faulty: tuple[int, ...]) -> Iterator[Initial]:
        status = BYZANTINE if self.rounds.faults == "byzantine" else FAULTY
        starts = [self._starts(i, silent=i in faulty and status == BYZANTINE) for i in range(len(self.names))]
        for vector in product(*starts):
            states = enumerate(state for _, state in vector)
            parts = tuple(self.parts.part(i, state, status if i in faulty else CORRECT) for i, state in states)
            inputs = {self.names[i]: value for i, (value, _) in enumerate(vector) if value is not None}
            first = RoundConfiguration(0 if self.period == 1 and not self.last else 1, 0, stable=False, parts=parts)
            yield Initial(first, inputs, faulty=tuple(self.names[i] for i in faulty))

    def _starts(self, index: int, *, silent: bool) -> Sequence[tuple[Hashable, Any]]:
        return [(None, None)] if silent else starts_of(self.parts.members[index], self._fixed)

    def transitions(self, configuration: RoundConfiguration) -> Iterator[Transition]:
        """Yield the transitions whose successor differs: GST, then the rounds, those with the fewest crashes first."""
        stabilised = self.stabilised(configuration)
        if stabilised is not None:
            yield Transition(Event("stabilise", world=True), 0, WORLD, stabilised)
        for transition in self.applicable(configuration):
            if transition.successor != configuration:
                yield transition

    def applicable(self, configuration: RoundConfiguration) -> Iterator[Transition]:
        """Yield all rounds, including those that leave the configuration unchanged; none if the run is over."""
        if self.rests(configuration):
            return
        seen: set[tuple[RoundState, ...]] = set()
        outcomes: dict[Event, int] = {}
        for round_ in self.possible_rounds(configuration):
            for chosen in self.choices.outcomes(round_):
                after = self.choices.after(round_, chosen)
                if after not in seen:  # choices of the adversary that lead to the same place are one transition
                    seen.add(after)
                    pattern = self.choices.pattern(round_, chosen, configuration.number)
                    event = Event("round", pattern=pattern)
                    outcomes[event] = outcomes.get(event, -1) + 1
                    successor = self.following(configuration, round_, after)
                    yield Transition(event, outcomes[event], EVERYBODY, successor)

    def stabilised(self, configuration: RoundConfiguration) -> RoundConfiguration | None:
        """Return what GST makes of a configuration; None where it has passed, or no longer matters."""
        if not self.rounds.stabilises or configuration.stable or self._over(configuration):
            return None
        return configuration._replace(stable=True, early=0)

    def rests(self, configuration: RoundConfiguration) -> bool:
        """Return whether no round follows: the run is over, or GST has to come first."""
        return self._over(configuration) or self._must_stabilise(configuration)

    def possible_rounds(self, configuration: RoundConfiguration) -> Iterator[Round]:
        """Yield the rounds that can follow, by who crashes in them."""
        number, parts = max(configuration.number, 1), configuration.parts
        running = [part.owner for part in parts if part.running]
        liars = liars_among(parts)
        sent = self.sent(configuration)
        left = self.world.failures.crashes - sum(part.crashed for part in parts)
        partial = self.world.failures.inside_steps
        predicate = COMPLETE if configuration.stable else self.predicate
        for count in range(min(left, len(running)) + 1):
            for crashing in combinations(running, count):
                signed = self._signed(configuration.signed, liars, sent, () if partial else crashing)
                lies = self._lies(signed if self.rounds.rushing else configuration.signed, liars, number)
                yield Round(number, parts, sent, lies, crashing, partial, predicate, signed)

    def sent(self, configuration: RoundConfiguration) -> tuple[Utterances, ...]:
        """Return what each process sends to each other in the next round; liars hear it."""
        number, liars = max(configuration.number, 1), liars_among(configuration.parts)
        return tuple(self._sends(part, number, liars) for part in configuration.parts)

    def _sends(self, part: RoundState, number: int, liars: frozenset[int]) -> Utterances:
        if not part.running:
            return ()
        if liars:
            self.speech.hear(liars, part, number)
        return self.parts.sends(part, number)

    def _signed(
        self, known: Signed, liars: frozenset[int], sent: Sequence[Utterances], mute: tuple[int, ...]
    ) -> Signed:
        """Return the signatures that liars know after a round, of whose senders some crash before they send."""
        return known.union(*(self.told(row, liars) for sender, row in enumerate(sent) if sender not in mute))

    def told(self, sent: Utterances, liars: frozenset[int]) -> Signed:
        """Return the signatures that liars are sent by one process; which may send nothing at all."""
        letters = {sent[liar] for liar in liars} if sent else set()
        return NOTHING.union(*(self.signatures.of(letter.letter.message) for letter in letters if letter is not None))

    def _lies(self, signed: Signed, liars: frozenset[int], number: int) -> tuple[Lies, ...]:
        names = frozenset(self.names[liar] for liar in liars)
        return tuple(
            Lies(liar, self._honest(self.speech.words(liars, liar, number), signed, names)) for liar in sorted(liars)
        )

    def _honest(self, words: Utterances, signed: Signed, liars: frozenset[Pid]) -> Utterances:
        """Return those of some words that bear no signature which liars do not know and cannot make."""
        return tuple(x for x in words if x is None or self.signatures.may_say(x.letter.message, signed, liars))

    def following(self, before: RoundConfiguration, round_: Round, after: tuple[RoundState, ...]) -> RoundConfiguration:
        """Return the configuration after a round that leaves these parts."""
        number = before.number
        if self.last or not self.period:
            number += 1
        elif number:
            number = number % self.period + 1
        early = before.early + (self.rounds.unstable is not None and not before.stable)
        return RoundConfiguration(number, early, before.stable, after, round_.signed)

    def _over(self, configuration: RoundConfiguration) -> bool:
        """Whether no round follows: the last one is over or, where there is GST, all correct processes have decided."""
        if self.last and configuration.number > self.last:
            return True
        return self.rounds.stabilises and all(
            part.decisions for part in configuration.parts if part.running and part.status == CORRECT
        )

    def _must_stabilise(self, configuration: RoundConfiguration) -> bool:
        unstable = self.rounds.unstable
        return unstable is not None and not configuration.stable and configuration.early >= unstable

    def endless(self, configuration: RoundConfiguration) -> bool:
        """Return whether a run may go through this configuration for ever: before GST it may not."""
        return configuration.stable or not self.rounds.stabilises

    def marks(self, configuration: RoundConfiguration) -> Marks:
        """Return the bit masks of a configuration; a faulty process counts as crashed, and it decides nothing."""
        values = decided = crashed = live = 0
        for part in configuration.parts:
            faulty = part.crashed or part.status != CORRECT
            bits = sum(self.values.bit(value) for value in part.decisions)
            values |= bits
            decided |= bool(bits) << part.owner
            crashed |= faulty << part.owner
            live |= 0 if faulty else bits
        return Marks(values, decided, crashed, live)

    def deciding(self, configuration: RoundConfiguration) -> int:
        """Return the processes whose local state has a decision, as bits."""
        return sum(1 << part.owner for part in configuration.parts if has_output_register(part.local))

    def outputs(self, configuration: RoundConfiguration) -> dict[Pid, tuple[Hashable, ...]]:
        """Return the decisions made so far, by process."""
        return {self.names[part.owner]: part.decisions for part in configuration.parts if part.decisions}

    def view(self, configuration: RoundConfiguration) -> View[Any]:
        """Return what properties see of a configuration."""
        pairs = list(zip(self.names, configuration.parts, strict=True))
        return View(
            states={name: part.local for name, part in pairs if part.running},
            outputs={name: part.decisions[0] for name, part in pairs if part.decisions},
            crashed=frozenset(name for name, part in pairs if part.crashed),
            inputs={name: part.local.input for name, part in pairs if getattr(part.local, "input", None) is not None},
            mail={},
            faulty=frozenset(name for name, part in pairs if part.crashed or part.status != CORRECT),
        )

    def letters(self, before: RoundConfiguration, event: Event) -> Iterator[tuple[Pid, Pid, object, bool]]:
        """Yield what is sent in a round to others that live through it: sender, receiver, message, if it arrives."""
        pattern, number = event.pattern or Pattern(), max(before.number, 1)
        crashes, missed = dict(pattern.crashes), dict(pattern.missed)
        running = {self.names[part.owner]: part for part in before.parts if part.running}
        for sender, part in running.items():
            for receiver, envelope in zip(self.names, self.parts.sends(part, number), strict=False):
                if envelope is not None and receiver in running.keys() - crashes.keys() - {sender}:
                    deaf = sender in missed.get(receiver, ())
                    arrives = receiver in crashes[sender] if sender in crashes else not deaf
                    yield sender, receiver, envelope.letter.message, arrives
        yield from ((liar, to, message, True) for liar, to, message in pattern.lies if message is not None)

    def calls_of(self, before: RoundConfiguration, event: Event) -> Iterator[Call]:
        """Yield how each process that lives through a round receives what it hears."""
        return of_round(self, before, event)

    def content(self, configuration: RoundConfiguration) -> tuple[Key, ...]:
        """Return the identity of a configuration: of its parts, then of the world's state."""
        number, early, stable, parts, signed = configuration
        return (*(part.content for part in parts), key((number, early, stable, signed)))

    def describe(self, configuration: RoundConfiguration) -> dict[str, Any]:
        """Return a configuration as text."""
        between = {"next round": str(configuration.number)} if configuration.number else {}
        if self.rounds.stabilises:
            between["GST"] = "passed" if configuration.stable else "not yet"
        parts: dict[str, Any] = {"": between} if between else {}
        for name, part in zip(self.names, configuration.parts, strict=True):
            parts[name] = _crashed(part.local) if isinstance(part.local, Crashed) else fields_of(part.local)
            if part.status != CORRECT:
                parts[name] = {"faulty": part.status, **parts[name]}
        return parts


def liars_among(parts: Sequence[RoundState]) -> frozenset[int]:
    """Return which processes are Byzantine."""
    return frozenset(part.owner for part in parts if part.status == BYZANTINE)


def _crashed(local: Crashed) -> dict[str, str]:
    return {"crashed": "yes", **{name: show(value) for name, value in vars(local).items() if value is not None}}


def _whole_number(protocol: Any, name: str) -> int:
    """Return the number of rounds that an attribute of a protocol tells; 0 if it has none."""
    found = getattr(protocol, name, 0)
    if type(found) is not int or found < 0 or (name in dir(protocol) and not found):
        what = f"{name} of {type(protocol).__name__} is {found!r}"
        raise BadProtocol(what, place=place_of(type(protocol)), next_step="use a number of rounds, at least 1")
    return found
