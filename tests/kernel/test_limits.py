"""What does not fit into the bits that the kernel has for it is refused, never cut off; here all widths are small."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("numba")
from kernel.same_engines import JUDGED

from flpcheck import (
    At,
    Bounds,
    Observer,
    Process,
    Start,
    Step,
    World,
    asynchronous,
    load,
    note,
    protocol,
    record,
    replace,
    send,
    system_of,
)
from flpcheck.analyse.safety import examine_safety
from flpcheck.errors import BadRequest
from flpcheck.explore import explore, limits, native, native_obstacles, obstacle
from flpcheck.system.message_passing import MessagePassing


@record
class Item:
    number: int = 0


@record
class State:
    sent: bool = False
    got: int = 0


@protocol
class Parcels:
    """a sends some messages to b, all in one step, equal or different; each is counted."""

    number: int = 3
    equal: bool = True
    notes: int = 0
    learners: int = 0

    def processes(self) -> list[Process[Any, Any]]:
        names = ["a", "b", *(f"p{i}" for i in range(self.learners))]
        return [Process(name, self.step, start=State()) for name in names]

    def observers(self) -> list[Observer[int, int]]:
        return [Observer("total", 0, lambda total, _: total)] if self.notes else []

    def step(self, at: At, s: State, event: Start | Item) -> Step[State, Item]:
        if isinstance(event, Item):
            return replace(s, got=s.got + 1), ()
        if at.me != "a" or s.sent:
            return s, ()
        items = [send(Item(0 if self.equal else i), to="b") for i in range(self.number)]
        return replace(s, sent=True), (*items, *(note(i) for i in range(self.notes)))


PLAIN = asynchronous()
CUT = asynchronous(crashes=1, crash_points="cut")
DOUBLED = asynchronous(duplication=1)
RESTART = asynchronous(omission=("a",))

CASES: list[tuple[str, int, Parcels, World, str]] = [
    ("MOST_SENDS", 2, Parcels(), PLAIN, "a step of a sends 3 messages and notes, and the kernel has room for 2"),
    ("MOST_SENDS", 3, Parcels(notes=1), PLAIN, "a step of a sends 4 messages and notes, and the kernel has room for 3"),
    ("MOST_COPIES", 2, Parcels(), PLAIN, "a mailbox holds more than 2 copies of a message"),
    ("MOST_COPIES", 3, Parcels(), DOUBLED, "a mailbox holds more than 3 copies of a message"),
    ("MOST_MOVES", 2, Parcels(equal=False), PLAIN, "more than 2 transitions of one kind in a configuration"),
    ("MOST_MOVES", 7, Parcels(equal=False), CUT, "more than 7 transitions of one kind in a configuration"),
    ("MOST_CHOICES", 2, Parcels(), CUT, "a step that may be cut short sends more than 2 messages"),
    ("MOST_CHOICES", 2, Parcels(), RESTART, "a step that may be cut short sends more than 2 messages"),
    ("MOST_STATES", 4, Parcels(), PLAIN, "there are 5 local states, and the kernel has room for 4"),
    ("MOST_MESSAGES", 2, Parcels(equal=False), PLAIN, "there are 3 messages, and the kernel has room for 2"),
    ("MOST_CHANNELS", 10, Parcels(), PLAIN, "there are 15 channels, and the kernel has room for 10"),
]


@pytest.mark.parametrize(("name", "most", "model", "world", "text"), CASES)
def test_what_is_too_much_is_refused(
    name: str, most: int, model: Parcels, world: World, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than fits is an error of `--engine kernel`; `auto` goes back to the reference engine and says why."""
    expected = explore(system_of(model, world), engine="reference")
    monkeypatch.setattr(limits, name, most)
    for search in (explore, lambda system, engine: examine_safety(system, JUDGED, Bounds(), engine=engine)):
        with pytest.raises(BadRequest) as caught:
            search(system_of(model, world), engine="kernel")
        assert text in str(caught.value)
        assert "--engine reference" in str(caught.value)
    monkeypatch.setattr("flpcheck.explore.engine.SWITCH_AT", 1)
    monkeypatch.setattr("flpcheck.explore.compiling.compiled", lambda _: True)
    monkeypatch.setattr("flpcheck.explore.reference.GLANCE", 1)
    graph = explore(system_of(model, world), engine="auto")
    assert (len(graph), graph.engine) == (len(expected), "reference")
    assert text in graph.fallback


@pytest.mark.parametrize(
    ("name", "most", "model", "world"),
    [
        ("MOST_SENDS", 3, Parcels(), PLAIN),
        ("MOST_SENDS", 4, Parcels(notes=1), PLAIN),
        ("MOST_COPIES", 3, Parcels(), PLAIN),
        ("MOST_COPIES", 20, Parcels(), DOUBLED),  # what duplications lead to is looked at even where none is left
        ("MOST_MOVES", 3, Parcels(equal=False), PLAIN),
        ("MOST_MOVES", 8, Parcels(equal=False), CUT),
        ("MOST_CHOICES", 3, Parcels(), CUT),
        ("MOST_STATES", 6, Parcels(), PLAIN),
        ("MOST_MESSAGES", 3, Parcels(equal=False), PLAIN),
    ],
)
def test_what_just_fits_is_explored(
    name: str, most: int, model: Parcels, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = explore(system_of(model, world), engine="reference")
    monkeypatch.setattr(limits, name, most)
    graph = explore(system_of(model, world), engine="kernel")
    assert (len(graph), len(graph.targets)) == (len(expected), len(expected.targets))
    assert graph.engine == "kernel"


def test_a_search_is_cut_where_numbers_for_configurations_end(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Parcels(equal=False)
    assert len(explore(system_of(model, PLAIN), engine="kernel")) == 9
    monkeypatch.setattr(native, "MOST_CONFIGURATIONS", 5)
    graph = explore(system_of(model, PLAIN), engine="kernel")
    assert len(graph) <= 5
    assert graph.cut is not None
    assert not graph.complete


def test_there_are_as_many_processes_and_observers_as_a_mask_has_bits() -> None:
    for learners, engine in ((60, "kernel"), (61, "reference")):  # a, b and the observer besides, and the world
        graph = explore(system_of(Parcels(learners=learners - 1, notes=1), PLAIN), engine="kernel")
        assert graph.engine == engine
    assert "more than 62 processes and observers" in graph.fallback


def test_initial_mailboxes_may_be_longer_than_the_kernel_expects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flpcheck.explore.table_growth.LONGEST", 4)
    system = system_of(Sent(), asynchronous(network="fifo"))
    assert isinstance(system, MessagePassing)
    assert len(explore(system, engine="kernel")) == len(explore(system_of(Sent(), asynchronous(network="fifo"))))


@protocol
class Sent:
    """a has sent b ten messages before anything happens."""

    def processes(self) -> list[Process[Any, Any]]:
        sent = tuple(send(Item(number), to="b") for number in range(10))
        return [Process("a", self.step, start=State(), sent=sent), Process("b", self.step, start=State())]

    def step(self, at: At, s: State, event: Item) -> Step[State, Item]:
        return replace(s, got=s.got + 1), ()


def test_a_switch_that_the_kernel_does_not_follow_is_refused_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a switch that is new keeps its meaning: only the reference engine has it until the kernel follows it, too."""
    spec = load("first_quorum")
    lossy, calm = (system_of(spec.protocol(), world) for world in (asynchronous(loss=1), asynchronous()))
    assert obstacle(lossy, "bfs") == ""
    monkeypatch.setattr(native_obstacles, "UNDERSTOOD", native_obstacles.UNDERSTOOD - {"loss"})
    assert "`loss`" in obstacle(lossy, "bfs")
    assert obstacle(calm, "bfs") == ""
    found = explore(lossy, engine="kernel")
    assert (found.engine, "`loss`" in str(found.fallback)) == ("reference", True)
