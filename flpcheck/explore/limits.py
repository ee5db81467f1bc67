"""Limits of the kernel's words, and the errors where a model needs more.

Every number that is packed with others into one word has a limit here.  It is checked where the number is packed, so
nothing is ever found with a number cut off.
"""

from __future__ import annotations

from flpcheck.errors import BadRequest
from flpcheck.explore.kernel import arrays as k

MOST_SENDS = k.COUNT_MASK
"""Maximum number of messages that one step sends, together with its notes to observers."""
MOST_COPIES = k.COUNT_MASK
"""Maximum number of equal messages from one sender in a mailbox."""
MOST_MOVES = k.COUNT_MASK
"""Maximum number of transitions of one process in one configuration, of one kind (steps, crashes, losses, ...)."""
MOST_CHOICES = k.COUNT_BITS - 1
"""Maximum number of messages in a step that a crash or an omission cuts short: there are 2^n ways to do that."""
MOST_STATES = 2**31 - 2
"""Maximum number of local states of all processes together."""
MOST_MESSAGES = 2**31 - 2
"""Maximum number of different messages, each with its sender."""
MOST_CHANNELS = 2**32 - 1
"""Maximum number of channels: different messages on their way to one process, or notes on theirs to one observer."""
MOST_SAYINGS = 2**k.SAID_BITS - 1
"""Maximum number of combinations of signatures in what liars say."""
MOST_CONFIGURATIONS = 2**31 - 2**20
"""Maximum number of configurations; a search that finds more is cut."""
TRIES, ROUNDS, ORBITS, BESIDE, SELECTING, OUTDATED = 100, 200, 300, 400, 600, 1000
"""Added to the number of words of a configuration where machine code for read tries, for rounds, for components modulo
symmetry, for components with fields beside them, for components of which events are left out, or for components without
stale mail and old ballots is meant, not for components alone.  `ORBITS`, `BESIDE` and `OUTDATED` go together."""
TRIES_RENAMED = 500
"""The same for read tries modulo symmetry."""
MOST_FIELDS = 63
"""Maximum number of processes, learners and observers, and one for the world."""

_CAUSES = {
    k.COPIES: ("a mailbox holds more than {:,} copies of a message", "most_copies"),
    k.CROWDED: ("a process has more than {:,} transitions of one kind in a configuration", "most_moves"),
    k.CHOICES: ("a step that may be cut short sends more than {:,} messages", "most_choices"),
    k.TIES: ("names that are exchanged can hardly be told apart, in more arrangements than are tried", ""),
}


class TooWide(Exception):
    """The configurations of a system do not fit into the words of the kernel."""


class BeyondLimit(TooWide):
    """A number does not fit into the bits that the kernel has for it."""


class TooManyTies(BeyondLimit):
    """Names that are exchanged have one colour, in more arrangements than are tried."""


def limits_of() -> dict[str, int]:
    """Return the limits that the kernel itself checks, by their names in `Rules`."""
    return {"most_copies": MOST_COPIES, "most_moves": MOST_MOVES, "most_choices": MOST_CHOICES}


def check_limit(number: int, most: int, what: str) -> None:
    """Raise `BeyondLimit` if there are more of something than the kernel has bits for."""
    if number > most:
        raise BeyondLimit(f"{what.format(f'{number:,}')}, and the kernel has room for {most:,}")


def check_store(store: k.Store) -> None:
    """Raise `BeyondLimit` if the kernel has met a number that does not fit."""
    code = int(store.sizes[k.Size.BEYOND])
    if code:
        text, rule = _CAUSES[code]
        if code == k.TIES:
            raise TooManyTies(text)
        raise BeyondLimit(text.format(getattr(store.rules, rule, 0)))


def refused(error: TooWide) -> BadRequest:
    """Return the error for a limit of the kernel that was reached."""
    if isinstance(error, TooManyTies):
        return BadRequest(
            f"the declared symmetries cannot be used here: {error}",
            why="the least of these arrangements represents an orbit, and each would have to be looked at",
            next_step="declare fewer processes or values symmetric: any subgroup of a symmetry is a symmetry",
        )
    return BadRequest(
        f"the kernel engine has too few bits: {error}",
        why="each number has a fixed field in a word, and this one would overflow it",
        next_step="use --engine reference, or a smaller model",
    )
