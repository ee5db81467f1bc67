"""Guards of `Gather`, asked where letters were dropped, or local states merged."""

from __future__ import annotations

from collections.abc import Iterable

from flpcheck.errors import SpecError
from flpcheck.system.components import Components
from flpcheck.world.network import Envelope, Mailbox


def gathers(parts: Components, owner: int) -> bool:
    """Return whether a process gathers messages."""
    asker = parts.seats[owner].asker
    return asker is not None and asker.process.gather is not None


def offered(parts: Components, owner: int, local: object, box: Mailbox) -> tuple[Mailbox, ...] | None:
    """Return what a process may gather from a mailbox, group by group; None if its guard raises an error."""
    try:
        groups = parts.groups(owner, local, box)
    except SpecError:
        return None
    return tuple(tuple(parts.envelope(parts.index[one.sender], one.message) for one in group) for group in groups)


def filled(parts: Components, box: Mailbox, letters: Iterable[Envelope]) -> Mailbox:
    """Return a mailbox into which some letters are put back, twice where it can hold copies.

    More mail offers a monotone guard no other group than those that hold some of it, so all of it is put back at once.
    """
    for envelope in tuple(letters) * 2:
        box = parts.mailing.put(box, envelope)
    return box
