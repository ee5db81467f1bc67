"""Signatures: no process forges a correct one's, but what a Byzantine process has been sent it can pass on.

Dolev and Yao (1983), as far as signatures go; Lamport, Shostak, Pease (1982), section 4, A4.  A signature is abstract:
the signer with what it has signed.  The protocol's method `signatures(message)` says what a message bears.

A certificate does not say who has signed it.  A process that is sent one is taken to know the signatures of all that
had signed its statement by then: a superset of those in it, so no lie is lost.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from flpcheck.authoring.certificate import Certificate
from flpcheck.authoring.events import Pid
from flpcheck.authoring.protocol import asked, members
from flpcheck.authoring.values import Key, key, place_of, show
from flpcheck.errors import BadProtocol, BadWorld


class Signature(NamedTuple):
    """A statement that some process has signed."""

    signer: Pid
    statement: Key


Signed: TypeAlias = frozenset[Signature]
NOTHING: Signed = frozenset()


class Certified(NamedTuple):
    """A statement with the number of processes that have signed it."""

    statement: Key
    size: int


class Uses(NamedTuple):
    """Signatures that some liars can use.

    Parameters
    ----------
    signatures
        Those that any message bears, alone or in a certificate, which the liars can say.
    certified
        The statements of which there are certificates: it is kept who has signed them.
    searched
        Whether everything that correct processes send turns up among what liars can say.
    """

    signatures: Signed = NOTHING
    certified: frozenset[Key] = frozenset()
    searched: bool = False


class Signatures:
    """Signatures of the messages of a protocol; none where messages are not signed.

    Parameters
    ----------
    protocol
        The protocol.
    signed
        Whether messages are signed.
    certificates
        Whether certificates are understood here.

    Raises
    ------
    BadWorld
        If messages are signed, and the protocol does not say how.
    """

    def __init__(self, protocol: Any, *, signed: bool, certificates: bool = True) -> None:
        self.protocol = protocol
        self.signed = signed
        self.certificates = certificates
        self.uses: Callable[[int], Uses] | None = None
        """The signatures that some liars can use, where they can send finitely many messages; None if unknown."""
        self._of: dict[Key, Signed] = {}
        self._certified: dict[Key, frozenset[Certified]] = {}
        self._texts: dict[Signature, str] = {}
        if signed and not hasattr(protocol, "signatures"):
            raise BadWorld(
                "messages are signed, but the protocol does not define their signatures",
                place=place_of(type(protocol)),
                next_step="define a method `signatures(self, message)` that lists (signer, statement) pairs",
            )

    @cached_property
    def names(self) -> tuple[Pid, ...]:
        """The names of all processes."""
        return tuple(member.name for member in members(self.protocol))

    def of(self, message: Any) -> Signed:
        """Return the signatures that a message bears one by one."""
        if not self.signed:
            return NOTHING
        name = key(message)
        if name not in self._of:
            pairs, certificates = self._borne(message)
            self._of[name] = self._named(pairs)
            self._certified[name] = frozenset(Certified(key(one.statement), one.size) for one in certificates)
            for one in certificates:
                self._named([(who, one.statement) for who in self.names])
        return self._of[name]

    def certified(self, message: Any) -> frozenset[Certified]:
        """Return the certificates that a message bears."""
        self.of(message)
        return self._certified[key(message)] if self.signed else frozenset()

    def _named(self, pairs: Iterable[tuple[Pid, Any]]) -> Signed:
        texts = {Signature(who, key(what)): f"{who} has signed {show(what)}" for who, what in pairs}
        self._texts |= texts
        return frozenset(texts)

    def _borne(self, message: Any) -> tuple[list[tuple[Pid, Any]], list[Certificate[Any]]]:
        """Return the (signer, statement) pairs and the certificates that the protocol names, checked to be such."""
        found = asked(self.protocol, "signatures", message)
        what = f"signatures({show(message)})"
        if not isinstance(found, Iterable) or isinstance(found, (str, bytes)):
            raise self._error(f"{what} returned {show(found)}", "return [] for a message without signatures")
        items = list(found)
        certificates = [item for item in items if isinstance(item, Certificate)]
        pairs = [item for item in items if not isinstance(item, Certificate)]
        if certificates and not self.certificates:
            advice = "send the signatures as a tuple, and list (process name, value) pairs"
            raise self._error(f"{what} lists {show(certificates[0])}, but rounds have no certificates", advice)
        for pair in pairs:
            if not isinstance(pair, tuple) or len(pair) != len(Signature._fields):
                raise self._error(f"{what} lists {pair!r}", "list (process name, value) pairs and certificates")
            self._check_signer(what, pair[0])
        return pairs, certificates

    def _check_signer(self, what: str, signer: Any) -> None:
        if signer in self.names:
            return
        close = difflib.get_close_matches(str(signer), self.names, n=1)
        hint = f": did you mean {close[0]!r}?" if close else f"; there are {', '.join(self.names)}"
        unknown = f"{what} names {signer!r}, but there is no such process{hint}"
        raise self._error(unknown, "list (process name, value) pairs, the signer first")

    def _error(self, what: str, advice: str) -> BadProtocol:
        return BadProtocol(
            what,
            place=place_of(type(self.protocol).signatures),
            why="a message with an impossible signature can never be sent, so liars would be silent",
            next_step=advice,
        )

    def made(self, sender: Pid, messages: Iterable[Any], liars: int) -> Signed:
        """Return what is signed, in messages that a correct process sends, of the statements of certificates.

        Who sends a certificate may have signed it nowhere else, so its signature is taken to be in it.
        """
        certified = self._uses(liars).certified
        if not certified:
            return NOTHING
        alone = NOTHING.union(*map(self.of, messages))
        own = (Signature(sender, one.statement) for message in messages for one in self.certified(message))
        return frozenset(signature for signature in (*alone, *own) if signature.statement in certified)

    def told(self, messages: Iterable[Any], liars: int, made: Signed = NOTHING) -> Signed:
        """Return what liars learn from the messages that they receive: the signatures that they can use.

        Parameters
        ----------
        messages, liars
            What is sent, and all liars, as a mask.
        made
            Who has signed the statements of certificates by now.
        """
        found = NOTHING.union(*map(self.of, messages))
        if self.uses is None:
            return found
        uses = self.uses(liars)
        for statement in {one.statement for message in messages for one in self.certified(message)}:
            if uses.searched or statement in uses.certified:
                found |= {signature for signature in made if signature.statement == statement}
            else:
                found |= {Signature(name, statement) for name in self.names}  # the signers are not stored
        return found & uses.signatures

    def _uses(self, liars: int) -> Uses:
        return Uses() if self.uses is None else self.uses(liars)

    def check(self, sender: Pid, messages: Iterable[Any], known: Signed, liars: int, lying: Collection[Pid]) -> None:
        """Raise `BadProtocol` if a correct process sends a certificate that more processes are in than have signed."""
        certified = self._uses(liars).certified
        for message in messages if certified else ():
            for one in self.certified(message):
                signers = self._signers(one.statement, known, lying)
                if one.statement in certified and len(signers) < one.size:
                    have = ", ".join(name for name in self.names if name in signers)
                    raise BadProtocol(
                        f"{sender} sends {show(message)}, but only {have or 'no process'} can have signed it",
                        place=place_of(type(self.protocol).signatures),
                        why="a correct process forges no signature, but this certificate has more of them",
                        next_step="list in `signatures` what each message signs, and put only those into a certificate",
                    )

    def _signers(self, statement: Key, known: Signed, liars: Iterable[Pid]) -> frozenset[Pid]:
        return frozenset(signature.signer for signature in known if signature.statement == statement).union(liars)

    def describe(self, known: Signed, made: Signed = NOTHING) -> dict[str, str]:
        """Return the signatures that liars know, and others that were made, as text; nothing if none are signed."""
        told = {"liars know": self._listed(known)} if self.signed else {}
        return told | ({"unknown to liars": self._listed(made)} if made else {})

    def _listed(self, signed: Signed) -> str:
        return ", ".join(sorted(self._texts[signature] for signature in signed))

    def may_say(self, message: Any, known: Signed, liars: Collection[Pid]) -> bool:
        """Return whether liars who know some signatures, and can make their own, can say a message."""
        return self.are_sayable(self.of(message), self.certified(message), known, liars)

    def are_sayable(
        self, signed: Signed, certified: frozenset[Certified], known: Signed, liars: Collection[Pid]
    ) -> bool:
        """Return whether liars can make, or know, some signatures and enough signers for some certificates."""
        return all(signature in known or signature.signer in liars for signature in signed) and all(
            len(self._signers(one.statement, known, liars)) >= one.size for one in certified
        )
