"""The kernel's table of what is outdated: Python says which mail is stale, and renames ballots in what has numbers.

Whatever is declared is verified as by the reference engine: each row that was asked, each case of a stale message, and
each pair of local states of a configuration that was expanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from flpcheck.budget import looking
from flpcheck.explore.kernel import facts as f
from flpcheck.explore.kernel.outdated import pairs_to_judge
from flpcheck.explore.limits import TooWide
from flpcheck.explore.memory import grown, zeros
from flpcheck.explore.symbol_table import SymbolTable
from flpcheck.reduce.ballots import canonical
from flpcheck.reduce.quotient import Quotient
from flpcheck.reduce.rename import ballots_in, renamed
from flpcheck.reduce.stale import StaleTable

if TYPE_CHECKING:
    from flpcheck.explore.native import NativeSearch
    from flpcheck.reduce.quotient import Moved

FACTS, ASKED, PAIRS = 2**14, 2**10, 2**12
"""Number of facts, of questions, and of pairs to be judged for which there is room at first."""


class OutdatedTable:
    """Which messages are stale, and what maps make of ballots, for the numbers of a symbol table.

    Parameters
    ----------
    symbols
        What has numbers.
    quotient
        The quotient by ballots and stale mail.
    """

    def __init__(self, symbols: SymbolTable, quotient: Quotient) -> None:
        self.symbols, self.quotient = symbols, quotient
        self.verifier = quotient.verifier
        self.maps: list[Moved] = []
        self._known = self._looked = self._entered_locals = self._entered_envelopes = 0
        processes = len(symbols.seats)
        shift = quotient.shift
        self.arrays = f.Outdated(
            drops=quotient.mail is not None,
            period=0 if shift is None else shift.period,
            facts=zeros(FACTS, f.FACTS),
            asked=zeros(max(ASKED, 1), f.ASKED),
            in_locals=np.zeros(1, np.uint64),
            in_envelopes=np.zeros(1, np.uint64),
            in_components=np.zeros(len(symbols.store.components), np.uint64),
            current=np.zeros(1, np.int64),
            tally=np.zeros(2, np.int64),
            fields=np.zeros(processes, np.int64),
        )

    # Ballots.

    def close(self) -> None:
        """Enter the ballots of what is new."""
        if self.quotient.shift is None:
            return
        symbols, arrays = self.symbols, self.arrays
        if len(symbols.locals) > len(arrays.in_locals):
            count = len(symbols.locals)
            arrays = arrays._replace(in_locals=grown(arrays.in_locals, count), current=grown(arrays.current, count))
        if len(symbols.envelopes) > len(arrays.in_envelopes):
            arrays = arrays._replace(in_envelopes=grown(arrays.in_envelopes, len(symbols.envelopes)))
        self.arrays = arrays
        for number in range(self._entered_locals, len(symbols.locals)):
            self._entered_locals = number + 1
            state, owner = symbols.locals[number], int(symbols.store.locals_["owner"][number])
            arrays.in_locals[number] = _mask(ballots_in(state))
            ballot = self.verifier.current(owner, state)
            arrays.current[number] = f.NEVER if ballot is None else max(_fitting(ballot), -1)
        for number in range(self._entered_envelopes, len(symbols.envelopes)):
            self._entered_envelopes = number + 1
            arrays.in_envelopes[number] = _mask(ballots_in(symbols.envelopes[number].letter.message))

    def _map(self, live: int, lowest: int) -> int:
        ballots = [ballot for ballot in range(f.MOST_BALLOT + 1) if live >> ballot & 1]
        moved = canonical(ballots, [None if lowest == f.NEVER else lowest], self.arrays.period)
        assert moved is not None
        self.maps.append(moved)
        return len(self.maps) - 1

    # Questions.

    def answer(self) -> bool:
        """Answer what was noted down; return whether there was anything."""
        asked = self.arrays.asked[: int(self.arrays.tally[f.ASKED_USED])]
        if not len(asked):
            return False
        for first, second, kind in looking(asked[["first", "second", "kind"]].tolist(), every=8):
            found = self._answer(first, second, kind)
            f.enter_fact(self.arrays, first, second, kind, found)
        self.arrays.tally[f.ASKED_USED] = 0
        self.symbols.rank()
        self.symbols.grow()
        return True

    def _answer(self, first: int, second: int, kind: int) -> int:
        symbols = self.symbols
        if kind == f.MAP:
            return self._map(first, second)
        if kind == f.LOCAL:
            owner, state = int(symbols.store.locals_["owner"][first - 1]), symbols.locals[first - 1]
            return symbols.local(owner, renamed(state, self.maps[second].__getitem__))
        if kind == f.ENVELOPE:
            envelope = symbols.envelopes[first - 1]
            message = renamed(envelope.letter.message, self.maps[second].__getitem__)
            return symbols.envelope(symbols.parts.envelope(envelope.sender, message))
        return self._is_stale(first - 1, second, kind // f.KINDS)

    def _is_stale(self, receiver: int, sender: int, envelope: int) -> bool:
        """Return whether a message is stale between two local states; what is said to be is verified at once."""
        owner = int(self.symbols.store.locals_["owner"][receiver])
        locals_ = self.symbols.locals
        return self.verifier.stale(owner, locals_[receiver], locals_[sender], self.symbols.envelopes[envelope])

    def grow(self) -> None:
        """Make room for as much again where there is not enough, and for components as far as they have room."""
        arrays, components = self.arrays, len(self.symbols.store.components)
        if len(arrays.in_components) < components:
            arrays = arrays._replace(in_components=grown(arrays.in_components, components))
        if 3 * int(arrays.tally[f.FACTS_USED]) + 8 > len(arrays.facts):
            before, arrays = arrays.facts, arrays._replace(facts=zeros(2 * len(arrays.facts), f.FACTS))
            f.rehash_facts(arrays, before)
        if 2 * int(arrays.tally[f.ASKED_USED]) >= len(arrays.asked):
            arrays = arrays._replace(asked=grown(arrays.asked, 0))
        self.arrays = arrays

    # Verification.

    def verify(self, search: NativeSearch, held: Any) -> None:
        """Verify the rows that are new, the mailboxes of components, and what is stale in configurations expanded.

        Parameters
        ----------
        held
            The components that configurations hold.

        Raises
        ------
        ReductionRefused
            With what contradicts the declarations.
        """
        rows = self.verifier.check_rows()
        if self.quotient.shift is not None:
            for component in held[self._looked :].tolist():
                local, _, number, *_ = self.symbols.store.components[component].tolist()
                owner = int(self.symbols.store.locals_["owner"][local])
                if self.verifier.looks(owner):
                    self.verifier.check_mailbox(self.symbols.decoded(owner, number))
            self._looked = len(held)
        if self.verifier.table is not None:
            self.verifier.table.enter_steps(rows)
            self._judge(self.verifier.table, search)

    def _judge(self, table: StaleTable, search: NativeSearch) -> None:
        """Ask of every message known between two processes whether it would be stale where it could be."""
        states = search.space.states[: search.next * search.width]
        processes = len(self.symbols.seats)
        found = np.zeros((max(PAIRS, processes**2), 3), np.int64)
        while self._known < search.next:
            known = table.known(processes)
            self._known, count = pairs_to_judge(
                states, search.layout, search.width, self.symbols.store, self.arrays, known, found, self._known
            )
            for receiver, sender, done in looking(found[:count].tolist(), every=8):
                owners = self.symbols.store.locals_["owner"][[receiver, sender]].tolist()
                table.judge((owners[0], self.symbols.locals[receiver]), (owners[1], self.symbols.locals[sender]), done)
            self.grow()


def _mask(ballots: frozenset[int]) -> int:
    return sum(1 << _fitting(ballot) for ballot in ballots)


def _fitting(ballot: int) -> int:
    """Return a ballot that has a bit in a mask."""
    if ballot > f.MOST_BALLOT:
        raise TooWide(f"there is a ballot {ballot}, and the kernel has room for ballots up to {f.MOST_BALLOT}")
    return ballot
