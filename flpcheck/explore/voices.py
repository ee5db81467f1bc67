"""Voices of liars, and components about which Python fails to answer, with the choices of liars concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flpcheck.explore.kernel import arrays as k
from flpcheck.system.speech import Voice


class LiarVoice(NamedTuple):
    """The messages of a liar by receiver, for some choices of liars.

    Parameters
    ----------
    liar
        The liar.
    heard
        The letters for each receiver.
    crowds
        The choices, as masks.
    """

    liar: int
    heard: Voice
    crowds: set[int]


class Failing(NamedTuple):
    """A component about which Python failed to answer.

    Parameters
    ----------
    owner, number
        The component.
    crowds
        The choices of liars in which that was to be asked, as masks; None if it is to be asked in any world.
    """

    owner: int
    number: int
    crowds: frozenset[int] | None = None


def crowds_with(store: k.Store, voices: Iterable[LiarVoice], owner: int, envelope: int) -> Iterator[int]:
    """Yield the choices of liars in which one of them can say something to a process."""
    first, lies = store.lies_first, store.lies
    for place, voice in enumerate(voices):
        told = lies[first[place] : first[place + 1]]
        if ((told["receiver"] == owner) & (told["envelope"] == envelope)).any():
            yield from voice.crowds
