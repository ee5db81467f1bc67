"""The messages that liars could send in a search, in words for the reader: verdicts hold for these messages only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flpcheck.authoring.alphabet import listed
from flpcheck.authoring.values import show
from flpcheck.system import System
from flpcheck.system.components import Component
from flpcheck.system.faults import Faults
from flpcheck.system.speech import Speech, members_of

MOST_SHOWN = 3
CLAIMS = {
    "spoken": "what some process's code can say",
    "only": "what `lies` lists",
    "types": "any value of the types that steps take",
}


@dataclass(frozen=True)
class Alphabet:
    """The messages that liars could send.

    Parameters
    ----------
    kind
        `spoken`, `only` or `types`.
    messages
        Number of messages.
    hints
        Messages that `lies` does not list and the liar's own code would send, a sentence for each liar.
    """

    kind: str
    messages: int
    hints: tuple[str, ...] = ()

    @classmethod
    def of(cls, system: System) -> Alphabet | None:
        """Return what liars could say in a system that was explored; None where no process lies by messages."""
        if system.liars is None:
            return None
        speech = system.liars.speech
        return cls(speech.kind, speech.size, tuple(_hints(system, speech)))

    def __str__(self) -> str:
        """Return the claim, for the end of a sentence.

        Examples
        --------
        >>> str(Alphabet("spoken", 14))
        "as far as liars say what some process's code can say (14 messages)"
        """
        return f"as far as liars say {CLAIMS[self.kind]} ({self.messages} message{'s' * (self.messages != 1)})"


def _hints(system: System, speech: Speech) -> Iterator[str]:
    """Yield what `lies` does not list although the liar's own code sends it."""
    if speech.kind != "spoken" or not hasattr(system.protocol, "lies"):
        return
    liars = {liar for crowd in speech.crowds for liar in members_of(crowd)}
    for liar in sorted(liars):
        name, said = system.names[liar], speech.own(liar)
        missing = [show(said[body]) for body in sorted(said.keys() - listed(system.protocol, name).keys())]
        if missing:
            more = f" and {len(missing) - MOST_SHOWN} more" if len(missing) > MOST_SHOWN else ""
            shown = ", ".join(missing[:MOST_SHOWN]) + more
            yield f"lies() does not list {shown}, which {name} itself would send: added"


def unheeded(faults: Faults, locals_of: Callable[[int], Iterable[Component]]) -> Iterator[str]:
    """Yield the liars whose messages change nothing wherever they are received.

    Parameters
    ----------
    faults
        The messages that they can send, and their effects.
    locals_of
        `locals_of(process)`: components of a process with each local state that was reached.
    """
    crowds = [(crowd, liar) for crowd in faults.speech.crowds for liar in members_of(crowd)]
    for liar in sorted({liar for _, liar in crowds}):
        mine = [crowd for crowd, other in crowds if other == liar]
        heeded = (
            faults.lies(component, liar, crowd)
            for seat in faults.parts.seats
            for component in locals_of(seat.index)
            for crowd in mine
        )
        if not any(heeded):
            yield faults.parts.names[liar]
