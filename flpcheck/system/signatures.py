"""Signatures: nobody forges a correct process's, but what a Byzantine process has been sent it can pass on.

Dolev and Yao (1983), as far as signatures go; Lamport, Shostak, Pease (1982), section 4, A4.  A signature is abstract:
the signer with what it has signed.  What a message bears is told by the protocol's method `signatures(message)`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import asked, members
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.errors import BadProtocol, BadWorld


class Signature(NamedTuple):
    """A statement that somebody has signed."""

    signer: Pid
    statement: Key


Signed: TypeAlias = frozenset[Signature]
NOTHING: Signed = frozenset()


class Signatures:
    """What the messages of a protocol bear; nothing where they are not signed.

    Raises
    ------
    BadWorld
        If messages are signed, and the protocol does not say how.
    """

    def __init__(self, protocol: Any, *, signed: bool) -> None:
        self.protocol = protocol
        self.signed = signed
        self.matters: Callable[[int], Signed]
        """Which signatures any message bears that some liars can say; set by `Faults`, which knows what that is."""
        self._of: dict[Key, Signed] = {}
        self._texts: dict[Signature, str] = {}
        if signed and not hasattr(protocol, "signatures"):
            raise BadWorld(
                "messages are signed, and nothing says what their signatures are",
                place=place_of(type(protocol)),
                next_step="give the protocol a method `signatures(self, message)` that lists (signer, statement) pairs",
            )

    def of(self, message: Any) -> Signed:
        """Return the signatures that a message bears."""
        if not self.signed:
            return NOTHING
        name = key(message)
        if name not in self._of:
            texts = {Signature(who, key(what)): f"{who} has signed {show(what)}" for who, what in self._pairs(message)}
            self._of[name] = frozenset(texts)
            self._texts |= texts
        return self._of[name]

    def _pairs(self, message: Any) -> list[tuple[Pid, Any]]:
        """Return the (signer, statement) pairs that the protocol names, checked to be such."""
        found = asked(self.protocol, "signatures", message)
        what = f"signatures({show(message)})"
        if not isinstance(found, Iterable) or isinstance(found, (str, bytes)):
            raise self._error(f"{what} returned {show(found)}", "return [] for a message that bears no signature")
        pairs = list(found)
        for pair in pairs:
            if not isinstance(pair, tuple) or len(pair) != len(Signature._fields):
                raise self._error(f"{what} lists {pair!r}", "list (process name, value) pairs")
            self._check_signer(what, pair[0])
        return pairs

    def _check_signer(self, what: str, signer: Any) -> None:
        names = [member.name for member in members(self.protocol)]
        if signer in names:
            return
        close = difflib.get_close_matches(str(signer), names, n=1)
        hint = f": did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"
        unknown = f"{what} names {signer!r}, and there is no such process{hint}"
        raise self._error(unknown, "list (process name, value) pairs, the signer first")

    def _error(self, what: str, advice: str) -> BadProtocol:
        return BadProtocol(
            what,
            place=place_of(type(self.protocol).signatures),
            why="a message that bears a signature nobody can make is never said, so that liars would be mute",
            next_step=advice,
        )

    def told(self, messages: Iterable[Any], liars: int) -> Signed:
        """Return what liars learn from messages that are sent to them: the signatures that they can make use of."""
        return NOTHING.union(*map(self.of, messages)) & self.matters(liars)

    def describe(self, known: Signed) -> dict[str, str]:
        """Return the signatures that liars know, as text; nothing where messages are not signed."""
        return {"liars know": ", ".join(sorted(self._texts[signature] for signature in known))} if self.signed else {}

    def may_say(self, message: Any, known: Signed, liars: Iterable[Pid]) -> bool:
        """Return whether liars who know some signatures, and can make their own, can say a message."""
        return all(signature in known or signature.signer in liars for signature in self.of(message))
