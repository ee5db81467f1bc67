"""Crashes: what remains of a process, also in the middle of a step, and with which state it recovers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

from flpcheck.authoring.events import Event, Recovered
from flpcheck.authoring.process import Process
from flpcheck.authoring.stable import recovered
from flpcheck.authoring.values import key, place_of, show
from flpcheck.errors import BadAnswer, BadProtocol, BadWorld, nearest
from flpcheck.system.asker import Answer, Asker, Outcome
from flpcheck.system.components import Component, Components, Crashed, Move, Puts, remains
from flpcheck.world.crash_points import BETWEEN, CUT, SEND_FIRST, TORN, WRITE_FIRST, kind_of, order_of
from flpcheck.world.failures import Failures


class Crashes:
    """Components after crashes and recoveries, each constructed once.

    Parameters
    ----------
    parts
        The components of the system.
    failures
        The crash points, and whether processes recover.
    crashable
        The processes that may crash.
    """

    def __init__(self, parts: Components, failures: Failures, crashable: tuple[int, ...]) -> None:
        self.parts = parts
        self.crashable = crashable
        self.recoverable = failures.recoveries != 0
        self.points = kind_of(failures.points)
        self.order = order_of(failures.points)
        self._crash: dict[Component, Move] = {}
        self._interrupted: dict[Component, tuple[Move, ...]] = {}
        self._recoveries: dict[Component, tuple[Move, ...]] = {}

    def check(self, starts: Callable[[int], Iterable[Any]]) -> None:
        """Raise unless every initial state of these processes can crash and recover, and torn writes name its fields.

        Raises
        ------
        BadProtocol, BadWorld
            If a state cannot be told apart into stable and volatile fields, or no state has a stable field that the
            world wants to be written in order.
        """
        if not self.recoverable:
            return
        kept = [self._kept(owner, state) for owner in self.crashable for state in starts(owner)]
        known = list(dict.fromkeys(name for names in kept for name in names))
        for name in self.order:
            if name not in known:
                why = nearest(name, known)
                raise BadWorld(
                    f"torn writes name {name!r}, which is not a stable field of any process that can crash", why=why
                )

    def _kept(self, owner: int, state: Any) -> tuple[str, ...]:
        return tuple(vars(self.remains(owner, state).stable))

    def crash(self, component: Component) -> Move:
        """Return the crash of a component between two steps: the registers stay, the mailbox is emptied."""
        if component not in self._crash:
            event = Event("crash", self.parts.names[component.owner], world=True)
            self._crash[component] = Move(event, 0, self._corpse(component.owner, component.local), (), (), None)
        return self._crash[component]

    def remains(self, owner: int, local: Any) -> Crashed:
        """Return what a crash leaves of a local state."""
        left = remains(local)
        if not self.recoverable:
            return left
        member = self.parts.seats[owner].member
        return replace(left, stable=recovered(local, member.stable if isinstance(member, Process) else ()))

    def _corpse(self, owner: int, local: Any) -> Component:
        return self.parts.component(owner, self.remains(owner, local))

    def interrupted(self, component: Component) -> tuple[Move, ...]:
        """Return the crashes in the middle of the steps of a component; the one that leaves nothing is `crash`.

        The step of a crashed component is its recovery, and the process is down again before it has ended.

        Cost: 2^k for a step that sends k messages, and 2^f more where writes are torn and it changes f stable fields.
        """
        if self.points == BETWEEN:
            return ()
        if component not in self._interrupted:
            local = component.local.stable if component.crashed else component.local
            steps = self.recoveries(component) if component.crashed else self.parts.moves(component)
            self._interrupted[component] = tuple(cut for move in steps for cut in self.cut_short(local, move))
        return self._interrupted[component]

    def cut_short(self, before: Any, move: Move) -> Iterator[Move]:
        """Yield what crashes in the middle of one step leave, smaller choices of messages first, then torn writes."""
        owner, after = move.after.owner, move.after.local
        if self.points in {CUT, SEND_FIRST}:
            written: tuple[str, ...] | None = None if self.points == CUT else ()
            corpse = self._corpse(owner, before)
            for puts in _choices(move.puts, 1):
                yield self._interruption(move, corpse, puts, (), written)
        elif self.points in {WRITE_FIRST, TORN}:
            changed, corpse = self._changed(owner, before, after), self._corpse(owner, after)
            for puts in _choices(move.puts, 0):
                yield self._interruption(move, corpse, puts, move.notes, changed)
        if self.points == TORN:
            for some, left in self.torn(owner, before, after):
                yield self._interruption(move, self.parts.component(owner, left), (), (), some)

    def _interruption(
        self, move: Move, corpse: Component, puts: Puts, notes: tuple[Any, ...], written: tuple[str, ...] | None
    ) -> Move:
        event = Event("crash", self.parts.names[corpse.owner], world=True, during=move.event, written=written)
        return Move(self.parts.cut_short(event, move, puts), move.outcome, corpse, puts, notes, move.rule)

    def torn(self, owner: int, before: Any, after: Any) -> Iterator[tuple[tuple[str, ...], Crashed]]:
        """Yield which of the stable fields that a step changes may be written without the others, and what that leaves.

        Raises
        ------
        BadProtocol
            If the step changes the class of the state, so that its fields cannot be told apart.
        """
        changed = self._changed(owner, before, after)
        old, new = self.remains(owner, before).stable, self.remains(owner, after).stable
        for some in _proper_subsets(changed):
            if self._in_order(some, changed):
                mixed = replace(old, **{name: getattr(new, name) for name in some})
                yield some, replace(remains(mixed), stable=mixed)

    def halves(self, owner: int, before: Any, after: Any) -> Iterator[Any]:
        """Yield the contents of stable storage that torn writes of a step may leave, for a process that recovers."""
        if self.points == TORN and self.comes_back(owner):
            yield from (left.stable for _, left in self.torn(owner, before, after))

    def _in_order(self, some: tuple[str, ...], changed: tuple[str, ...]) -> bool:
        ordered = [name in some for name in self.order if name in changed]
        return ordered == sorted(ordered, reverse=True)

    def _changed(self, owner: int, before: Any, after: Any) -> tuple[str, ...]:
        """Return the stable fields that a step changes."""
        old, new = self.remains(owner, before).stable, self.remains(owner, after).stable
        if type(old) is not type(new):
            if self.points == TORN:
                self._refuse(owner, old, new)
            return tuple(vars(new))
        return tuple(name for name, value in vars(new).items() if key(value) != key(getattr(old, name)))

    def _refuse(self, owner: int, old: Any, new: Any) -> None:
        kinds = f"{type(old).__name__} to {type(new).__name__}"
        raise BadProtocol(
            f"torn writes cannot cut a step of {self.parts.names[owner]} from {kinds}",
            place=place_of(type(new)),
            why="two classes of state have no common fields to be written one by one",
            next_step="use --crash-points write-first, or one class for all states of the process",
        )

    def recoveries(self, component: Component) -> tuple[Move, ...]:
        """Return the recoveries of a component, with an empty mailbox; nothing if it has not crashed or stays down."""
        if component not in self._recoveries:
            stable = getattr(component.local, "stable", None) if component.crashed else None
            found = () if stable is None else tuple(self._back(component.owner, stable))
            self._recoveries[component] = found
        return self._recoveries[component]

    def _back(self, owner: int, stable: Any) -> Iterator[Move]:
        event, answer = Event("recover", self.parts.names[owner], world=True), self.restart(owner, stable)
        before = self.parts.component(owner, stable)
        for number, outcome in enumerate(answer.outcomes):
            yield self.parts.move(before, (), event, number, outcome, answer.rule)

    def restart(self, owner: int, stable: Any) -> Answer:
        """Return what a process does when it recovers; only the recovery if its step does not take `Recovered`.

        Raises
        ------
        BadAnswer
            If it defers its own recovery.
        """
        if not self.restarts(owner):
            return Answer((Outcome(stable, (), ()),), None, (key(stable),))
        answer = self.parts.answer(owner, stable, Recovered())
        asker = self.parts.seats[owner].asker
        if asker is not None and asker.overhear is not None:  # liars repeat what is said on coming back, too
            asker.overhear(self.remains(owner, stable), answer)
        if not answer.outcomes:
            raise BadAnswer(
                "a recovery cannot be deferred",
                place=asker.rulebook.place if asker else None,
                why=f"process {self.parts.names[owner]} returns DEFER for Recovered() in state {show(stable)}",
                next_step="return `s, ()` to do nothing, or leave Recovered out of the annotation",
            )
        return answer

    def imagined(self, asker: Asker, owner: int, local: Any, *, twice: bool) -> Answer:
        """Return what a process would do if it recovered from a local state, without recording the call."""
        stable = self.remains(owner, local).stable
        if self.restarts(owner):
            return asker.imagine(stable, Recovered(), None, twice=twice)
        return Answer((Outcome(stable, (), ()),), None, (key(stable),))

    def comes_back(self, owner: int) -> bool:
        """Return whether a process may crash and recover."""
        return self.recoverable and owner in self.crashable

    def restarts(self, owner: int) -> bool:
        """Return whether a process takes a step when it recovers: whether its annotation names `Recovered`."""
        asker = self.parts.seats[owner].asker
        return asker is not None and Recovered in asker.rulebook.kinds


def _choices(puts: Puts, least: int) -> Iterator[Puts]:
    for size in range(least, len(puts) + 1):
        yield from combinations(puts, size)


def _proper_subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for size in range(1, len(names)):
        yield from combinations(names, size)
