"""Signatures: nobody forges a correct process's, but what a Byzantine process has been sent it can pass on.

Dolev and Yao (1983), as far as signatures go; Lamport, Shostak, Pease (1982), section 4, A4.  A signature is abstract:
the signer with what it has signed.  What a message bears is told by the protocol's method `signatures(message)`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import asked
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.errors import BadWorld


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
            found = asked(self.protocol, "signatures", message)
            texts = {Signature(who, key(what)): f"{who} has signed {show(what)}" for who, what in found}
            self._of[name] = frozenset(texts)
            self._texts |= texts
        return self._of[name]

    def describe(self, known: Signed) -> dict[str, str]:
        """Return the signatures that liars know, as text; nothing where messages are not signed."""
        return {"liars know": ", ".join(sorted(self._texts[signature] for signature in known))} if self.signed else {}

    def may_say(self, message: Any, known: Signed, liars: Iterable[Pid]) -> bool:
        """Return whether liars who know some signatures, and can make their own, can say a message."""
        return all(signature in known or signature.signer in liars for signature in self.of(message))
