"""Leader election in a ring: identities travel one way around, and only the smallest returns to its owner.

Chang, Roberts, "An Improved Algorithm for Decentralized Extrema-Finding in Circular Configurations of Processes"
(1979), with the smallest identity for the largest one, as in the well-known TLA+ module.  Asynchronous; a node knows
its own identity and its neighbour, but not how many nodes there are.  Any nodes may begin the election, the others
relay what they hear.  In the module only the winner knows that it has won; here it may also announce it.
"""

from flpcheck import (
    DEFER, HOLDS, VIOLATED, At, Instance, Pid, Process, Processes, Start, Step, View, asynchronous, eventually_always,
    integrity, invariant, leads_to, protocol, record, replace, send, termination, uniform_agreement,
)  # fmt: skip


@record
class Candidate:
    """Node -> its neighbour: an identity that has come this far."""

    id: int


@record
class Elected:
    """Node -> its neighbour: who has won."""

    id: int


Message = Candidate | Elected


@record
class Node:
    """asleep -> candidate or lost; candidate -> lost or won."""

    input: str  # "begins" the election, or "listens"
    state: str = "asleep"
    decision: int | None = None  # the winner, once it is known


@protocol
class LeaderElection:
    """The algorithm of Chang and Roberts."""

    nodes: int = 3
    descending: bool = False  # how the identities are arranged around the ring: 1, 2, 3... or the other way
    announced: bool = False  # whether the winner announces it

    def processes(self) -> Processes[Message]:
        kinds = {"begins": Node("begins"), "listens": Node("listens")}
        ids = range(1, self.nodes + 1)
        return [Process(f"n{i}", self.node, inputs=kinds) for i in (reversed(ids) if self.descending else ids)]

    def node(self, at: At, s: Node, event: Start | Candidate | Elected) -> Step[Node, Message]:
        me = identity(at.me)
        neighbour = at.everyone[(at.everyone.index(at.me) + 1) % self.nodes]
        match event:
            case Start() if s.state == "asleep" and s.input == "begins":  # 1. begin: send its own identity around
                return replace(s, state="candidate"), send(Candidate(me), to=neighbour)
            case Start() if s.state == "asleep":  # 2. do not begin: another node will win
                return replace(s, state="lost"), ()
            case Candidate() if s.state == "asleep":  # not yet
                return DEFER
            case Candidate(id) if s.state == "lost" or id < me:  # 3. pass a better identity on
                return replace(s, state="lost"), send(Candidate(id), to=neighbour)
            case Candidate(id) if id == me:  # 4. its own identity has returned: no better one exists
                won = replace(s, state="won", decision=me)
                return won, send(Elected(me), to=neighbour) if self.announced else ()
            case Elected(id) if id != me:  # 5. hear which node has won, and pass it on
                return replace(s, decision=id), send(Elected(id), to=neighbour)
            case Start() | Candidate() | Elected():  # awake; a worse identity is passed on no further; all have heard
                return s, ()


def identity(node: Pid) -> int:
    """Return the number in the name."""
    return int(node[1:])


@invariant
def the_smallest_wins(view: View[Node]) -> bool:
    """Only the smallest of the nodes that begin wins."""
    begun = [identity(node) for node, what in view.inputs.items() if what == "begins"]
    return all(identity(node) == min(begun) for node, s in view.states.items() if s.state == "won")


@invariant
def silence_means_elected(view: View[Node]) -> bool:
    """When all are awake and nothing is in flight, some node has won, if any has begun."""
    states = {s.state for s in view.states.values()}
    busy = "asleep" in states or any(view.mail.values())
    return busy or "won" in states or "begins" not in view.inputs.values()


def some_node_begins(view: View[Node]) -> bool:
    """Some node has begun the election."""
    return "candidate" in view.each("state").values()


def some_node_has_won(view: View[Node]) -> bool:
    """Some node has won."""
    return "won" in view.each("state").values()


election_ends = leads_to(some_node_begins, some_node_has_won, name="election_ends")
winner_stays = eventually_always(some_node_has_won, name="winner_stays")

SAFE = {the_smallest_wins: HOLDS, uniform_agreement: HOLDS, integrity: HOLDS}

INSTANCES = (
    Instance(
        "three nodes", LeaderElection(), asynchronous(), SAFE | {silence_means_elected: HOLDS, election_ends: HOLDS},
        configurations=137, transitions=219, depth=9,
        disagreeing=0,
        about="The module's instance (137 states, 10 levels), in the worst order: n(n+1)/2 messages, and n to wake up.",
    ),
    Instance(
        "best order", LeaderElection(descending=True), asynchronous(), SAFE | {silence_means_elected: HOLDS},
        configurations=129, transitions=202, depth=8,
        disagreeing=0,
        about="The other way around the ring each identity but the smallest is stopped at once: 2n - 1 messages.",
    ),
    Instance(
        "announced", LeaderElection(announced=True), asynchronous(),
        SAFE | {silence_means_elected: HOLDS, termination: HOLDS, election_ends: HOLDS, winner_stays: HOLDS},
        configurations=120, transitions=206, depth=12,
        disagreeing=0,
        inputs={"n1": "begins"},
        about="The winner announces it: all decide, if any node has begun.",
    ),
    Instance(
        "one crash", LeaderElection(announced=True), asynchronous(crashes=1),
        SAFE | {termination: VIOLATED, election_ends: VIOLATED, winner_stays: VIOLATED},
        configurations=382, transitions=901, depth=13,
        disagreeing=0,
        counterexample={termination: 1}, inputs={"n1": "begins"},
        about="A ring with a gap: nothing passes a crashed node.",
    ),
    Instance(
        "six nodes", LeaderElection(nodes=6), asynchronous(), SAFE,
        configurations=40261, transitions=138157, depth=27, disagreeing=0,
        about="The worst order with six nodes: 21 messages, and 6 steps to wake up.",
    ),
    Instance(
        "eight nodes", LeaderElection(nodes=8), asynchronous(), SAFE,
        on_demand=True,
        configurations=3095363, depth=44,
        disagreeing=0,
        about="The worst order with eight nodes: 36 messages, and 8 steps to wake up.",
    ),
)  # fmt: skip
