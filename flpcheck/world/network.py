"""Networks: what a mailbox is, what can be received from it, and what may be lost or duplicated.

A mailbox is an immutable tuple of envelopes in canonical order.  A new kind of network is one class in `NETWORKS`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from flpcheck.authoring.events import Letter, Pid
from flpcheck.authoring.values import Key
from flpcheck.errors import BadWorld, nearest
from flpcheck.world.links import Link, check_cut
from flpcheck.world.plain import check_types

UNLIMITED = -1
"""A budget without an end, for `loss` and `duplication`."""
FAIR_LOSS = {"fair": "letters", "fair-links": "links"}
"""Unlimited loss that is fair, as constructors and the command line write it, and the value of `Network.fair_loss`."""


def losses(loss: int | str) -> dict[str, int | str]:
    """Return the fields of a network that a value of `loss` stands for.

    Examples
    --------
    >>> losses(2), losses("fair")
    ({'loss': 2, 'fair_loss': ''}, {'loss': -1, 'fair_loss': 'letters'})
    """
    if isinstance(loss, str) and loss not in FAIR_LOSS:
        what = f"loss={loss!r} is neither a number of messages nor fair"
        raise BadWorld(what, why=nearest(loss, list(FAIR_LOSS)), next_step="use a number, UNLIMITED, or one of these")
    return (
        {"loss": UNLIMITED, "fair_loss": FAIR_LOSS[loss]} if isinstance(loss, str) else {"loss": loss, "fair_loss": ""}
    )


class Envelope:
    """A letter as the engines keep it: one object for each (sender, message), so that identity is equality.

    Parameters
    ----------
    sender
        Index of the sending process.
    letter
        The contents of the mailbox as the receiver sees them.
    key
        Its place in the canonical order of a mailbox: by sender, then by message.
    """

    __slots__ = ("key", "letter", "sender")

    def __init__(self, sender: int, letter: Letter[Any], key: Key) -> None:
        self.sender = sender
        self.letter = letter
        self.key = key

    def __repr__(self) -> str:
        return f"{self.letter.message!r} from {self.letter.sender}"


Mailbox: TypeAlias = tuple[Envelope, ...]


class Mailing(Protocol):
    """The algebra of one kind of mailbox."""

    def put(self, box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after a message has arrived in it."""

    def receivable(self, box: Mailbox) -> Mailbox:
        """Return what can be received now, each envelope once, in canonical order."""

    def taken(self, box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after an envelope has been received."""

    def dropped(self, box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after one copy of an envelope has been lost."""

    def copied(self, box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after an envelope in it has been duplicated."""


def _without_first(box: Mailbox, envelope: Envelope) -> Mailbox:
    place = box.index(envelope)
    return box[:place] + box[place + 1 :]


def _beside(box: Mailbox, envelope: Envelope) -> Mailbox:
    place = box.index(envelope)
    return (*box[:place], envelope, *box[place:])


def _insert(box: Mailbox, envelope: Envelope) -> Mailbox:
    place = bisect_left(box, envelope.key, key=lambda e: e.key)
    return (*box[:place], envelope, *box[place:])


class Multiset:
    """FLP's buffer: any message may be received next, copies are counted, receiving takes one copy."""

    put = staticmethod(_insert)
    taken = staticmethod(_without_first)
    dropped = staticmethod(_without_first)
    copied = staticmethod(_beside)

    @staticmethod
    def receivable(box: Mailbox) -> Mailbox:
        """Return what can be received now, in canonical order."""
        return tuple(dict.fromkeys(box))


class Persistent:
    """A set that only grows: a message stays after it was received (how TLA+ specs model messages)."""

    dropped = staticmethod(_without_first)

    @staticmethod
    def put(box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after a message has arrived in it."""
        return box if envelope in box else _insert(box, envelope)

    @staticmethod
    def receivable(box: Mailbox) -> Mailbox:
        """Return what can be received now, in canonical order."""
        return box

    @staticmethod
    def taken(box: Mailbox, _: Envelope) -> Mailbox:
        """Return the mailbox after an envelope has been received."""
        return box

    @staticmethod
    def copied(box: Mailbox, _: Envelope) -> Mailbox:
        """Return the mailbox after an envelope has been duplicated: a set holds it once, for ever."""
        return box


class Fifo:
    """One queue for each sender; only the oldest message of each can be received, lost or duplicated.

    Losing or duplicating only the oldest is no restriction: a later message can wait until it is the oldest.
    The copy of a message comes right after it; at the end of the queue it would overtake what was sent later.
    """

    taken = staticmethod(_without_first)
    dropped = staticmethod(_without_first)
    copied = staticmethod(_beside)

    @staticmethod
    def put(box: Mailbox, envelope: Envelope) -> Mailbox:
        """Return the mailbox after a message has arrived in it."""
        later = [place for place, other in enumerate(box) if other.sender > envelope.sender]
        place = later[0] if later else len(box)
        return (*box[:place], envelope, *box[place:])

    @staticmethod
    def receivable(box: Mailbox) -> Mailbox:
        """Return what can be received now, in canonical order."""
        return tuple({envelope.sender: envelope for envelope in reversed(box)}.values())[::-1]


NETWORKS: dict[str, Mailing] = {"multiset": Multiset(), "set": Persistent(), "fifo": Fifo()}


@dataclass(frozen=True)
class Network:
    """The network: how messages are delivered, lost and duplicated.

    Parameters
    ----------
    kind
        `multiset`, `set` or `fifo`.
    ignored
        What happens to a message whose delivery would change and send nothing: it is `consumed`, or `stays` in the
        mailbox, and the delivery is no event.
    loss, duplication
        Maximum number of messages lost or duplicated in a run; `UNLIMITED` for any number.
    partition
        Groups of processes: all links between different groups are cut.  Processes in no group form one.
    heals
        Whether all that is cut eventually heals, an event of the world: what was sent on a cut link waits until then.
        To safety that is a delay like any other; a cut that never heals loses what is sent on it.
    cut
        (sender, receiver) pairs: links on which nothing arrives.
    fair_loss
        What unlimited loss spares: nothing (empty); `letters`: a message that is sent infinitely often is received
        infinitely often (fair-lossy links); `links`: of a link on which something is sent infinitely often, something
        is received infinitely often.
    """

    kind: str = "multiset"
    ignored: str = "consumed"
    loss: int = 0
    duplication: int = 0
    partition: tuple[tuple[Pid, ...], ...] = ()
    heals: bool = False
    cut: frozenset[Link] = frozenset()
    fair_loss: str = ""

    def __post_init__(self) -> None:
        check_types(self, kind="network")
        if self.kind not in NETWORKS:
            raise BadWorld(f"no network {self.kind!r}", why=nearest(self.kind, NETWORKS))
        if self.ignored not in {"consumed", "stays"}:
            raise BadWorld(f"unknown rule ignored={self.ignored!r}", why=nearest(self.ignored, ["consumed", "stays"]))
        for name, budget in (("loss", self.loss), ("duplication", self.duplication)):
            if not isinstance(budget, int) or budget < UNLIMITED:
                what = f"{name}={budget!r} is " + ("negative" if isinstance(budget, int) else "not a number")
                raise BadWorld(what, next_step="use a number of messages, or UNLIMITED")
        if self.heals and not self.cuts:
            raise BadWorld(
                "heals has no effect",
                why="no link is cut",
                next_step="add --partition or --cut, or remove --heals",
            )
        self._check_fair_loss()

    def _check_fair_loss(self) -> None:
        if self.fair_loss not in {"", *FAIR_LOSS.values()}:
            what = f"no fair loss of {self.fair_loss!r}"
            raise BadWorld(what, why=nearest(self.fair_loss, list(FAIR_LOSS.values())))
        if self.fair_loss and self.loss != UNLIMITED:
            what = f"fair_loss={self.fair_loss!r}, but at most {self.loss} messages are lost"
            raise BadWorld(what, next_step="use loss=UNLIMITED, or remove fair_loss")

    def check(self, names: tuple[Pid, ...]) -> None:
        """Raise `BadWorld` unless partition and cut are made of these processes, each in one group at most."""
        members = [name for group in self.partition for name in group]
        for name in members:
            if name not in names:
                raise BadWorld(f"partitioned process {name!r} does not exist", why=nearest(name, names))
            if members.count(name) > 1:
                raise BadWorld(
                    f"process {name!r} is in two groups of the partition",
                    why="no message passes between two groups, so it would be cut off from itself",
                    next_step="to let a process reach both sides, list the links that are cut: --cut 'a-c', 'a>c'",
                )
        check_cut(self.cut, names)

    def connects(self, sender: Pid, receiver: Pid) -> bool:
        """Return whether a message can get from one process to another, now or eventually."""
        return self.heals or not self.crosses(sender, receiver)

    def crosses(self, sender: Pid, receiver: Pid) -> bool:
        """Return whether the link from one process to another is cut."""
        return (sender, receiver) in self.cut or self._group(sender) != self._group(receiver)

    def _group(self, name: Pid) -> int:
        return next((number for number, group in enumerate(self.partition) if name in group), -1)

    @property
    def chosen_loss(self) -> int | str:
        """The loss as constructors and the command line write it."""
        return next((word for word, what in FAIR_LOSS.items() if what == self.fair_loss), self.loss)

    @property
    def cuts(self) -> bool:
        """Whether some link is cut, by its name or by a partition."""
        return bool(self.partition or self.cut)

    @property
    def mailing(self) -> Mailing:
        """The algebra of this network's mailboxes."""
        return NETWORKS[self.kind]
