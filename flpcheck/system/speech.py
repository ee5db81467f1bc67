"""The alphabet of liars: which messages each of them can say, for each choice of who lies.

`spoken` is the least set that holds what correct processes say in rows that were asked, what the liars' own code could
say when it receives any of it, and what `lies` lists.  It is found with the search: after a search the caller asks
whether correct processes said something new, and if so searches again.  `only` is what `lies` lists, `types` all values
of the types that a step takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from flpcheck.authoring.alphabet import listed, of_types
from flpcheck.authoring.events import OWN, Gather
from flpcheck.authoring.process import PassiveLearner
from flpcheck.authoring.values import Key, key, place_of
from flpcheck.errors import BadWorld
from flpcheck.system.asker import Answer
from flpcheck.system.components import Component, Components, Seat
from flpcheck.system.crashes import Crashes
from flpcheck.system.own_code import MOST_BODIES, Bodies, OwnCode, endless_alphabet
from flpcheck.world.network import Envelope

Envelopes = tuple[Envelope, ...]
Voice = tuple[tuple[int, Envelopes], ...]
"""Messages of one liar: (receiver, letters) pairs, for the receivers that can hear it."""


class Speech:
    """The messages that liars can send.

    Parameters
    ----------
    model
        The protocol.
    parts, crashes
        Its components, and with what they come back.
    kind
        `spoken`, `only` or `types`.
    crowds
        Each choice of liars that an initial configuration makes, as a mask.

    Raises
    ------
    BadWorld
        If an alphabet is missing or infinite.
    """

    def __init__(self, model: Any, parts: Components, crashes: Crashes, kind: str, crowds: Iterable[int]) -> None:
        self.model = model
        self.parts = parts
        self.crashes = crashes
        self.kind = kind
        self.crowds = tuple(dict.fromkeys(crowd for crowd in crowds if crowd))
        self.bodies: dict[int, Bodies] = {crowd: {} for crowd in self.crowds}
        self._codes: dict[tuple[int, int], OwnCode] = {}
        self._closed = self._complete = False
        self.edition = 0
        """Number of changes of the alphabet so far."""
        self._unheard: dict[Key, set[tuple[int, Key]]] = {}
        """Bodies that some choice of liars cannot say yet, with the (process, state) of the rows in which one is."""
        self._voices: dict[tuple[int, int], dict[int, Envelopes]] = {}
        self._letters: dict[Envelopes, Envelopes] = {}
        if self.crowds:
            self._check()
            self._begin()

    def _check(self) -> None:
        for crowd in self.crowds:
            for liar in members_of(crowd):
                for seat in self.parts.seats:
                    if seat.index != liar and self.kind == "types":
                        _refuse_untyped(seat)
        if self.kind == "only" and not hasattr(self.model, "lies"):
            raise BadWorld(
                "with --lies only, liars send what `lies` lists, but the protocol has no such method",
                place=place_of(type(self.model)),
                next_step="define a method `lies(self, liar)` that lists the messages, or remove --lies only",
            )

    def _begin(self) -> None:
        if self.kind != "spoken":
            self._closed = self._complete = True
            len(self.voices)  # an alphabet that is infinite is an error now
            return
        answered: dict[int, dict[Any, Answer | None]] = {}
        for crowd in self.crowds:
            self.bodies[crowd].update(self._sent())
            for liar in members_of(crowd):
                self.bodies[crowd].update(listed(self.model, self.parts.names[liar]))
                seat, known = self.parts.seats[liar], answered.setdefault(liar, {})
                self._codes[crowd, liar] = OwnCode(self.parts, self.crashes, seat, known)
        for seat in self.parts.seats:
            if seat.asker is not None:
                seat.asker.overhear = partial(self._overhear, seat.index)

    def _sent(self) -> Bodies:
        """Return what processes have already sent in the initial configurations."""
        askers = [seat.asker for seat in self.parts.seats if seat.asker is not None]
        return {key(message): message for asker in askers for _, message in asker.sent()[0]}

    # The fixpoint.

    def close(self, over: Callable[[], bool] = lambda: False) -> None:
        """Add what the liars' own code could say, fed with what any process can say.

        Parameters
        ----------
        over
            Called at intervals to check whether time is up; then the alphabet is left unfinished.
        """
        if self._complete:
            return
        for crowd, bodies in self.bodies.items():
            codes = [code for (other, _), code in self._codes.items() if other == crowd]
            while _close_once(codes, bodies, over) and not over():
                if len(bodies) > MOST_BODIES:
                    endless_alphabet(codes[0].seat.name, "the messages", list(bodies.values()), None)
        self._closed, self._complete = True, not over()
        self._voices.clear()
        self.edition += 1

    def _overhear(self, owner: int, state: Any, answer: Answer) -> None:
        """Note what a process says in a row that is asked."""
        for outcome in answer.outcomes:
            for _, message in outcome.sends:
                body = key(message)
                if any(body not in bodies for bodies in self.bodies.values()):
                    self._unheard.setdefault(body, set()).add((owner, key(state)))

    @property
    def unheard(self) -> set[tuple[int, Key]]:
        """(process, state) of the rows in which something is said that some choice of liars cannot say yet."""
        bodies = [name for name in self._unheard if any(name not in known for known in self.bodies.values())]
        return {row for name in bodies for row in self._unheard[name]}

    def learn(self, reached: Iterable[tuple[int, Component]], said: Callable[[int, Component], Iterator[Any]]) -> bool:
        """Add what correct processes say in what was reached, and return whether anything was new.

        Parameters
        ----------
        reached
            (liars, component) pairs that a search has expanded.
        said
            `said(liars, component)`: the messages that the process sends in any row of the component.
        """
        where, new = self.unheard, False
        for crowd, component in reached:
            if crowd in self.bodies and (component.owner, key(component.local)) in where:
                bodies = self.bodies[crowd]
                found = {key(message): message for message in said(crowd, component)}
                new |= not found.keys() <= bodies.keys()
                bodies |= found
        if new:
            self._closed = self._complete = False
        return new

    def adopt(self, other: Speech) -> None:
        """Say what another one of the same protocol in the same world has found out."""
        for crowd, bodies in other.bodies.items():
            self.bodies[crowd] |= bodies
        self._complete = other._complete
        self._voices.clear()
        self.edition += 1

    # What there is to say.

    def voice(self, crowd: int, liar: int) -> dict[int, Envelopes]:
        """Return what a liar can say to each process that can hear it, where these lie; in canonical order.

        Letters that are equal are one tuple.
        """
        if not self._closed:
            self.close()
        if (crowd, liar) not in self._voices:
            seats = [seat for seat in self.parts.seats if seat.index != liar]
            heard = [seat for seat in seats if self.parts.network.connects(self.parts.names[liar], seat.name)]
            self._voices[crowd, liar] = {seat.index: self._taken(crowd, liar, seat.asker) for seat in heard}
        return self._voices[crowd, liar]

    def _taken(self, crowd: int, liar: int, asker: Any) -> Envelopes:
        """Return the letters of a liar that a process takes; one that gathers, and a passive learner, may take any."""
        bodies = self._bodies(crowd, liar, asker)
        any_kind = asker is None or asker.process.gather is not None
        taken = sorted(name for name, message in bodies.items() if any_kind or asker.takes(type(message)))
        letters = tuple(self.parts.envelope(liar, bodies[name]) for name in taken)
        return self._letters.setdefault(letters, letters)

    def _bodies(self, crowd: int, liar: int, asker: Any) -> Bodies:
        if self.kind == "spoken":
            return self.bodies[crowd]
        if self.kind == "only":
            return listed(self.model, self.parts.names[liar])
        if not asker.rulebook.kinds:
            raise BadWorld(
                "with --lies types, liars send all values of the types that a step takes, but one is not annotated",
                place=asker.rulebook.place,
                next_step="annotate the event with the classes of messages, or remove --lies types",
            )
        return of_types(kind for kind in asker.rulebook.kinds if kind not in {*OWN, Gather})

    def said(self, crowd: int) -> Bodies:
        """Return the messages that some liar can say to some process, where these lie."""
        voices = (self.voice(crowd, liar) for liar in members_of(crowd))
        letters = (letter for voice in voices for letters in voice.values() for letter in letters)
        return {letter.key[1]: letter.letter.message for letter in letters}

    @property
    def voices(self) -> dict[tuple[int, Voice], set[int]]:
        """By liar and voice: the sets of lying processes, as bits, in which that liar has that voice."""
        found: dict[tuple[int, Voice], set[int]] = {}
        for crowd in self.crowds:
            for liar in members_of(crowd):
                found.setdefault((liar, tuple(self.voice(crowd, liar).items())), set()).add(crowd)
        return dict(sorted(found.items(), key=lambda item: item[0][0]))

    def own(self, liar: int) -> Bodies:
        """Return the messages that a liar's own code was found to send, whichever others lie."""
        codes = (code for (_, other), code in self._codes.items() if other == liar)
        return {body: message for code in codes for body, message in code.said.items()}

    @property
    def searching(self) -> bool:
        """Whether the alphabet is found by a search."""
        return bool(self.crowds) and self.kind == "spoken"

    @property
    def most_voices(self) -> int:
        """Maximum number of voices: one for each liar of each choice of liars."""
        return sum(crowd.bit_count() for crowd in self.crowds)

    @property
    def size(self) -> int:
        """Number of messages in the alphabet, whichever processes lie."""
        letters = (letter for _, voice in self.voices for _, letters in voice for letter in letters)
        spoken = {name for bodies in self.bodies.values() for name in bodies}
        return len(spoken or {letter.key[1] for letter in letters})

    @property
    def fingerprint(self) -> str:
        """A digest of the alphabet; empty where no process lies."""
        if not self.crowds:
            return ""
        said = [[letter.key for _, letters in voice for letter in letters] for _, voice in self.voices]
        return hashlib.sha256(repr(said).encode()).hexdigest()


def _close_once(codes: Iterable[OwnCode], bodies: Bodies, over: Callable[[], bool]) -> bool:
    """Close under what each liar's own code says, and return whether that was anything new."""
    before = len(bodies)
    for code in codes:
        code.close(bodies, over)
    return len(bodies) > before


def members_of(crowd: int) -> list[int]:
    """Return the processes of a mask.

    Examples
    --------
    >>> members_of(0b101)
    [0, 2]
    """
    return [index for index in range(crowd.bit_length()) if crowd >> index & 1]


def _refuse_untyped(seat: Seat) -> None:
    if isinstance(seat.member, PassiveLearner):
        raise BadWorld(
            f"with --lies types, liars send all values of the types that a process takes, but {seat.name} takes "
            "messages of any type",
            next_step="use --lies spoken or only, or make it a process that receives or gathers",
        )
