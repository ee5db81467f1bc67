"""Certificates: that many processes have signed one statement, without saying which of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from flpcheck.authoring.events import Pid

T = TypeVar("T")


@dataclass(frozen=True, init=False)
class Certificate(Generic[T]):
    """Signatures of several processes under one statement: a quorum certificate, with who has signed left out.

    Two certificates of one statement with the same number of signatures are one value, whichever processes have signed.
    So a protocol has one message where a set of signers would make one of each of their subsets.  A receiver checks
    `size`, the number of signatures, as it would count the signers.

    Parameters
    ----------
    statement
        What they have signed.
    signers
        Who has signed it: the process that makes the certificate holds these signatures.  Only their number is kept.

    Notes
    -----
    The number is no parameter of its own, because what code puts into a message is what the message proves: code that
    takes one signature too few makes another certificate, and a liar can say that one sooner.

    List a certificate among the `signatures(message)` of the protocol, beside (process, value) pairs.  Where messages
    are authenticated, liars can then say it as soon as they and those whose signatures they know are `size` processes.

    Examples
    --------
    >>> one, other = Certificate("commit x", {"a", "b", "c"}), Certificate("commit x", {"b", "c", "d"})
    >>> one == other, one
    (True, Certificate(statement='commit x', size=3))
    """

    statement: T
    size: int

    def __init__(self, statement: T, signers: Collection[Pid]) -> None:
        if isinstance(signers, str) or not all(isinstance(signer, str) for signer in signers):
            message = f"the signers of a certificate must be process names, got {signers!r}"
            raise TypeError(message)
        object.__setattr__(self, "statement", statement)
        object.__setattr__(self, "size", len(frozenset(signers)))

    @property
    def signers(self) -> NoReturn:
        """The signers are not stored, only their number.

        Raises
        ------
        TypeError
            Always; an AttributeError would make a `case Certificate(signers=...)` fail to match without a word.
        """
        message = "a certificate does not record its signers: check its size, or send the signatures as a tuple"
        raise TypeError(message)
