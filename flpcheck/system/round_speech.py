"""Messages of Byzantine processes in rounds: those the author lists, those correct processes send, and silence.

What correct processes send is found with the search: after a search the caller asks whether there was something that
liars could not say, and if so searches again.  What a liar's own code would say is not among it, because a step in a
round takes a whole map; so `lies` is required.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flpcheck.authoring.values import Key, place_of, shorten, show
from flpcheck.errors import BadWorld
from flpcheck.system.round_states import RoundState, RoundStates, Utterances

MOST_TIMES = 32
"""Maximum number of times that liars learn what correct processes have answered to what they had learnt before."""


class RoundSpeech:
    """The alphabet of liars, for each choice of who lies."""

    def __init__(self, parts: RoundStates) -> None:
        self.parts = parts
        self._said: dict[frozenset[int], dict[Key, Any]] = {}
        self._overheard: dict[frozenset[int], dict[Key, Any]] = {}
        self._words: dict[tuple[frozenset[int], int, int], Utterances] = {}
        self._looked = set[tuple[frozenset[int], RoundState, int]]()
        self._times = 0

    def hear(self, liars: frozenset[int], part: RoundState, number: int) -> None:
        """Notice what a correct process sends in a round."""
        name = (liars, part, number)
        if name not in self._looked:
            self._looked.add(name)
            sent = {envelope.key[1]: envelope.letter.message for envelope in self.parts.sends(part, number) if envelope}
            self._overheard.setdefault(liars, {}).update(sent)

    def learn(self) -> bool:
        """Let liars say all that correct processes were noticed to send; return whether some of it is new to them."""
        new, self._times = False, self._times + 1
        for liars, heard in self._overheard.items():
            said = self._said.setdefault(liars, {})
            new |= not heard.keys() <= said.keys() | self._listed(liars)
            said |= heard
        self._words.clear()
        if new and self._times > MOST_TIMES:
            raise self._endless()
        return new

    def _endless(self) -> BadWorld:
        last = next(reversed(list(next(reversed(list(self._said.values()))).values())))
        return BadWorld(
            "correct processes and liars keep exchanging new messages",
            place=place_of(self.parts.members[0].send),
            why=f"each time liars repeat it, correct processes send something new, finally {shorten(show(last))}",
            next_step="let processes ignore or truncate what no correct process would send in that round",
        )

    def _listed(self, liars: frozenset[int]) -> set[Key]:
        """Return what every liar could say in every round that was asked for already."""
        asked = [words for (crowd, _, _), words in self._words.items() if crowd == liars]
        return set.intersection(*({e.key[1] for e in words if e is not None} for words in asked)) if asked else set()

    def adopt(self, other: RoundSpeech) -> None:
        """Let liars send what they can send in another system of the same protocol."""
        self._said = {liars: dict(said) for liars, said in other._said.items()}

    @property
    def fingerprint(self) -> str:
        """A digest of what liars have heard so far and can say; empty where they have heard nothing."""
        if not any(self._said.values()):
            return ""
        said = [(sorted(liars), sorted(map(repr, bodies))) for liars, bodies in self._said.items()]
        return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()

    def words(self, liars: frozenset[int], liar: int, number: int) -> Utterances:
        """Return what a liar may say in a round, whatever signatures it bears: None is nothing, which is always among.

        First what `lies` lists, in its order; so what is found does not depend on when something was overheard.
        """
        name = (liars, liar, number)
        if name not in self._words:
            said = self._said.get(liars, {})
            more = [self.parts.envelope(liar, said[body]) for body in sorted(said)]
            found = dict.fromkeys((*self.parts.lies(liar, number), *more, None))
            self._words[name] = tuple(found)
        return self._words[name]
