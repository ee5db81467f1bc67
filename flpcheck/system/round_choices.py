"""The adversary's choices in one round: for each process what it may receive, and where that leads.

Given who crashes and a family of the communication predicate, what one process receives does not bind the others.  So a
round is a product of rows, one per process, and a row has as many entries as next states.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple, TypeAlias

from flpcheck.authoring.events import Pattern
from flpcheck.system.round_states import FAULTY, RoundState, RoundStates, Utterances
from flpcheck.system.signatures import NOTHING, Signed
from flpcheck.world import Rounds
from flpcheck.world.network import Envelope
from flpcheck.world.predicates import PREDICATES, CommunicationPredicate, HeardSets, subsets


class Lies(NamedTuple):
    """Messages that a Byzantine process may send to each process, None for no message."""

    liar: int
    words: Utterances


class Round(NamedTuple):
    """A round that can happen, up to who hears whom and who receives which lies.

    Parameters
    ----------
    number
        The number of the round that the processes see.
    parts
        The processes before it.
    sent
        What each process sends to each other; an empty tuple for those that send nothing at all.
    lies
        The messages that Byzantine processes may send.
    crashing
        The processes that crash in the round.
    partial
        Whether the messages of crashing processes still reach some of the others.
    predicate
        The senders that each of the others hears.
    signed
        The signatures that Byzantine processes know after it.
    """

    number: int
    parts: tuple[RoundState, ...]
    sent: tuple[Utterances, ...]
    lies: tuple[Lies, ...]
    crashing: tuple[int, ...]
    partial: bool
    predicate: CommunicationPredicate
    signed: Signed = NOTHING

    @property
    def receivers(self) -> tuple[int, ...]:
        """The processes that live through the round and follow the protocol."""
        return tuple(part.owner for part in self.parts if part.running and part.owner not in self.crashing)


class Kind(NamedTuple):
    """The kind of a row: all that it depends on beside the process and the messages sent to it.

    Parameters
    ----------
    number
        The number of the round.
    masks
        The sets of senders of which one is heard.
    lies
        What the Byzantine processes may say.
    """

    number: int
    masks: tuple[int, ...]
    lies: tuple[Lies, ...]


class Entry(NamedTuple):
    """One entry of a row.

    Parameters
    ----------
    after
        The next state of the process.
    heard
        The senders that it has heard, as a bit mask.
    told
        What each Byzantine process has said to it; empty if it goes there whatever they say.
    """

    after: RoundState
    heard: int
    told: Utterances


RoundRow: TypeAlias = tuple[Entry, ...]


class Choices:
    """Choices of the adversary in a round."""

    def __init__(self, parts: RoundStates, rounds: Rounds) -> None:
        self.parts = parts
        self.loses_sent = rounds.faults in {"send_omission", "omission"}
        self.loses_received = rounds.faults in {"receive_omission", "omission"}
        self._rows: dict[object, RoundRow] = {}
        self.last_first = False
        """Whether the last receiver is asked first: what comes out does not depend on it, unless the protocol does."""

    def outcomes(self, round_: Round) -> Iterator[tuple[Entry, ...]]:
        """Yield an entry for each receiver, jointly possible; the least intrusive choices of a row come first."""
        for family in self.families(round_):
            receivers = round_.receivers
            asked = reversed(receivers) if self.last_first else receivers
            rows = {index: self._row(round_, index, family) for index in asked}
            yield from product(*(rows[index] for index in receivers))

    def families(self, round_: Round) -> list[HeardSets]:
        """Return the families of which one is in force in a round."""
        senders = sum(1 << index for index in round_.receivers)
        return round_.predicate.families(senders, len(round_.parts))

    def after(self, round_: Round, chosen: tuple[Entry, ...]) -> tuple[RoundState, ...]:
        """Return the parts of all processes after a round."""
        parts = list(round_.parts)
        for index in round_.crashing:
            parts[index] = self.parts.corpse(parts[index])
        for entry in chosen:
            parts[entry.after.owner] = entry.after
        return tuple(parts)

    def _row(self, round_: Round, index: int, family: HeardSets) -> RoundRow:
        letters = tuple(row[index] if row else None for row in round_.sent)
        return self.row(round_.parts[index], letters, self.kind(round_, index, family))

    def kind(self, round_: Round, index: int, family: HeardSets) -> Kind:
        """Return what a row depends on beside a process and what it is sent."""
        return Kind(round_.number, _masks(family, *self._unsure(round_, index)), round_.lies)

    def row(self, part: RoundState, letters: Utterances, kind: Kind) -> RoundRow:
        """Return where a process may go that is sent these letters, one by each process or None: asked once."""
        name = (part, letters, kind)
        if name not in self._rows:
            self._rows[name] = self._new_row(part, letters, kind)
        return self._rows[name]

    def _unsure(self, round_: Round, index: int) -> tuple[int, int]:
        """Return whose messages reach a process or not: of those that crash, and of those that live on."""
        crashing = sum(1 << other for other in round_.crashing) if round_.partial else 0
        others = [part for part in round_.parts if part.running and part.owner != index]
        faulty = round_.parts[index].status == FAULTY and self.loses_received
        lossy = [p for p in others if faulty or (self.loses_sent and p.status == FAULTY)]
        return crashing, sum(1 << part.owner for part in lossy)

    def _new_row(self, part: RoundState, letters: Utterances, kind: Kind) -> RoundRow:
        number, masks, lies = kind
        silence = [self.parts.silence(part.owner, one.liar) for one in lies]
        sent = sum(1 << sender for sender, letter in enumerate(letters) if letter is not None)
        seen: set[tuple[int, Utterances]] = set()
        row: dict[RoundState, Entry] = {}
        for heard, told in product(masks, product(*(one.words for one in lies))):
            said = tuple(lie or default for lie, default in zip(told, silence, strict=True))
            if (heard & sent, said) not in seen:  # merged by what is actually received
                seen.add((heard & sent, said))
                for after in self.parts.after(part, number, _received(letters, heard, said)):
                    row.setdefault(after, Entry(after, heard, told))
        entries = tuple(row.values())
        if len(entries) == 1:  # it goes there whatever it receives
            return (entries[0]._replace(told=()),)
        return entries

    def pattern(self, round_: Round, chosen: tuple[Entry, ...], shown: int) -> Pattern:
        """Return what the adversary has done, by names."""
        names = self.parts.names
        crashes = tuple(
            (names[i], tuple(names[e.after.owner] for e in chosen if e.heard >> i & 1)) for i in round_.crashing
        )
        missed = tuple((names[e.after.owner], self._missed(round_, e)) for e in chosen)
        lies = tuple(
            (names[lies.liar], names[entry.after.owner], None if lie is None else lie.letter.message)
            for entry in chosen
            for lies, lie in zip(round_.lies, entry.told, strict=False)
        )
        return Pattern(shown, crashes, tuple(pair for pair in missed if pair[1]), lies)

    def _missed(self, round_: Round, entry: Entry) -> tuple[str, ...]:
        me, senders = entry.after.owner, round_.receivers
        silent = [i for i in senders if round_.sent[i][me] is not None and not entry.heard >> i & 1]
        return tuple(self.parts.names[i] for i in silent)


def _received(letters: Utterances, heard: int, said: Utterances) -> tuple[Envelope, ...]:
    """Return what a process receives of these letters from the senders it hears, and of these lies."""
    own = [letter for sender, letter in enumerate(letters) if letter is not None and heard >> sender & 1]
    arrived = [*own, *(lie for lie in said if lie is not None)]
    return tuple(sorted(arrived, key=lambda envelope: envelope.sender) if said else arrived)


@cache
def _masks(family: HeardSets, crashing: int, lossy: int) -> tuple[int, ...]:
    """Return the sets of senders that may be heard, where some are unsure, without repetitions."""
    found = (heard & ~lossy | part for heard in family for part in subsets(crashing | heard & lossy))
    return tuple(dict.fromkeys(found))


COMPLETE = PREDICATES["complete"]
