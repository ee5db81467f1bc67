"""Non-blocking atomic commitment with an unreliable detector, as in the public TLA+ model `nbacc_ray97`.

Raynal, "A case study of agreement problems in distributed systems: non-blocking atomic commitment" (1997).  A step
receives any part of what was sent, hears anything from the detector, and then acts at most once; the detector and the
mail of crashed processes go on changing, as in the published model.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, combinations, product

from flpcheck import HOLDS, Action, Event, Instance, Pid, asynchronous, invariant, protocol, put, record, replace

PLACES = ("YES", "NO", "SENT", "ABORT", "COMMIT", "CRASH")
Vote = tuple[int, str]


@record
class Process:
    """Where a process is, whether its detector reports a crash, and the votes that it has received."""

    place: str
    detector: bool
    received: frozenset[Vote] = frozenset()


@record
class Commitment:
    """The processes, and all votes that were sent."""

    processes: tuple[Process, ...]
    sent: frozenset[Vote] = frozenset()


@protocol
class DetectorCommitment:
    """Commit if all vote yes and the detector stays quiet."""

    n: int = 2

    def names(self) -> list[Pid]:
        return [f"p{i}" for i in range(self.n)]

    def initial(self) -> Iterator[Commitment]:
        for processes in product([Process(vote, d) for vote in ("YES", "NO") for d in (False, True)], repeat=self.n):
            yield Commitment(processes)

    def actions(self) -> Iterator[Action]:
        yield from (Action(self.step, i) for i in range(self.n))

    def step(self, c: Commitment, i: int) -> Iterator[tuple[Event, Commitment]]:
        """Receive any part of what was sent, hear anything from the detector, and act at most once."""
        before = c.processes[i]
        unheard = sorted(c.sent - before.received)
        for heard in chain.from_iterable(combinations(unheard, size) for size in range(len(unheard) + 1)):
            for detector in (False, True):
                now = Process(before.place, detector, before.received | set(heard))
                for what, after, sent in self.steps(before, now, i):
                    done = Commitment(put(c.processes, i, after), c.sent | sent)
                    yield Event(what, f"p{i}", message=(heard, detector)), done

    def steps(self, before: Process, now: Process, i: int) -> Iterator[tuple[str, Process, frozenset[Vote]]]:
        nothing = frozenset[Vote]()
        yield "waits", now, nothing
        if now.place in ("YES", "NO"):  # send the vote
            yield "votes", replace(now, place="SENT"), frozenset({(i, now.place)})
        if now.place != "CRASH":
            yield "fails", replace(now, place="CRASH"), nothing
        if now.place == "SENT" and now.detector:  # a crash is reported
            yield "aborts", replace(now, place="ABORT"), nothing
        if now.place == "SENT" and any(vote == "NO" for _, vote in before.received):  # some process votes NO
            yield "aborts", replace(now, place="ABORT"), nothing
        everybody = {(j, "YES") for j in range(self.n)}
        if now.place == "SENT" and not now.detector and everybody <= now.received:  # all vote YES
            yield "commits", replace(now, place="COMMIT"), nothing

    def decisions(self, c: Commitment) -> Mapping[Pid, str | None]:
        final = ("COMMIT", "ABORT")
        return {n: p.place if p.place in final else None for n, p in zip(self.names(), c.processes, strict=True)}


@invariant
def types(c: Commitment) -> bool:
    """Every process is in one of its places, and has received only what was sent."""
    return all(process.place in PLACES and process.received <= c.sent for process in c.processes)


INSTANCES = (
    Instance(
        "n=2",
        DetectorCommitment(),
        asynchronous(),
        {types: HOLDS},
        configurations=3016,
        transitions=43352,
        depth=6,
        bivalent=484,
        univalent={"ABORT": 2172, "COMMIT": 36},
        none=324,
        disagreeing=32,
        flp=("disagrees", "blocks", "outside"),
        about="Two processes with a detector that may output anything: the published number of configurations.",
    ),
)
