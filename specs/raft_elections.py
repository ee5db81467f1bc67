"""Raft's elections alone: servers whose candidacies coincide split the vote, and may do so for ever.

Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), section 5.2, and the rules of Figure 2;
all logs are empty, so all are up-to-date.  "Without extra measures split votes could repeat indefinitely": that is
FLP's horn, and randomised timeouts are Raft's answer to it.

Terms are unbounded; what keeps the configurations finite is declared in `reductions` and verified while exploring.  A
server that knows a leader stops waiting for one.  A candidate is patient: it starts a new election only after all the
others have answered and it has lost, as if its timer were long enough.  A request of an old term is not answered.  Both
weaken the adversary, so an infinite run is also a run of Raft.  Elections are not consensus: a later term may elect
another server.
"""

from flpcheck import (
    HOLDS, VIOLATED, At, Ballot, BallotShift, Instance, Pid, Process, Processes, Reduction, StaleMail, Step, Timeout,
    View, agreement, asynchronous, invariant, majority, protocol, record, replace, reply, send, termination,
)  # fmt: skip


@record
class RequestVote:
    """Candidate -> servers: vote for me."""

    term: Ballot


@record
class Vote:
    """Server -> candidate: the result of RequestVote."""

    term: Ballot
    granted: bool


@record
class AppendEntries:
    """Leader -> servers: a heartbeat."""

    term: Ballot


Message = RequestVote | Vote | AppendEntries


@record
class Server:
    """The state of Figure 2, as far as elections go."""

    term: Ballot = 0  # currentTerm
    role: str = "follower"
    voted_for: Pid | None = None
    votes: frozenset[Pid] = frozenset()  # of a candidate
    refused: frozenset[Pid] = frozenset()  # of a candidate: the servers that have not voted for it
    decision: Pid | None = None  # the first leader that it has heard of


@protocol
class RaftElections:
    """Leader election, without a bound on terms."""

    servers: int = 2
    candidates: int = 2  # number of servers with timers

    def processes(self) -> Processes[Message]:
        return [Process(s, self.server, start=Server()) for s in self.all_servers]

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    def server(self, at: At, s: Server, event: Timeout | Message) -> Step[Server, Message]:
        if not isinstance(event, Timeout) and event.term > s.term:  # All servers 2: a newer term
            s = Server(term=event.term, decision=s.decision)
        others = [pid for pid in self.all_servers if pid != at.me]
        match event:
            case Timeout() if self.may_stand(at, s):  # Followers 2, Candidates 1 and 4: start an election
                s = Server(s.term + 1, "candidate", voted_for=at.me, votes=frozenset({at.me}))
                return s, send(RequestVote(s.term), to=others)
            case RequestVote(term) if term == s.term and s.voted_for in {None, at.sender}:
                return replace(s, voted_for=at.sender), reply(Vote(s.term, True))  # RequestVote 2: grant the vote
            case RequestVote(term) if term == s.term:  # RequestVote 2: voted already
                return s, reply(Vote(s.term, False))
            case Vote(term, True) if s.role == "candidate" and term == s.term:  # Candidates 2: a vote
                return self.counted(at, replace(s, votes=s.votes | {at.sender}), others)
            case Vote(term, False) if s.role == "candidate" and term == s.term:  # No vote
                return replace(s, refused=s.refused | {at.sender}), ()
            case AppendEntries(term) if term == s.term and s.decision is None:  # Candidates 3: there is a leader
                return replace(follower(s), decision=at.sender), ()
            case Timeout() | RequestVote() | Vote() | AppendEntries():  # nothing to do, or of a term that is over
                return s, ()

    def may_stand(self, at: At, s: Server) -> bool:
        waits = s.role == "candidate" and len(s.votes | s.refused) < self.servers
        return self.all_servers.index(at.me) < self.candidates and s.decision is None and not waits

    def counted(self, at: At, s: Server, others: list[Pid]) -> Step[Server, Message]:
        if len(s.votes) < majority(self.servers):
            return s, ()  # not yet a majority
        leader = replace(follower(s), role="leader", decision=at.me)
        return leader, send(AppendEntries(s.term), to=others)  # a majority: become leader

    def reductions(self) -> list[Reduction]:
        return [StaleMail(self.stale), BallotShift(1, lambda s: s.term)]

    def stale(self, receiver: Server, sender: Server, message: Message) -> bool:
        """Of a term that has ended at its receiver; or a vote for a server that is no longer a candidate."""
        late = isinstance(message, Vote) and message.term == receiver.term and receiver.role != "candidate"
        return late or message.term < receiver.term


def follower(s: Server) -> Server:
    """Drop what only candidates and leaders keep."""
    return replace(s, role="follower", votes=frozenset(), refused=frozenset())


@invariant
def one_leader_per_term(view: View[Server]) -> bool:
    """At most one server leads in a term."""
    terms = [s.term for s in view.states.values() if s.role == "leader"]
    return len(set(terms)) == len(terms)


INSTANCES = (
    Instance(
        "split votes", RaftElections(), asynchronous(crashes=1, crash_events="elided"),
        {one_leader_per_term: HOLDS, agreement: VIOLATED, termination: VIOLATED},
        configurations=34, transitions=52, depth=7,
        bivalent=32, univalent={"s0": 1, "s1": 1}, none=0, critical=0, disagreeing=4,
        counterexample={agreement: 6, termination: 8}, flp=("disagrees", "blocks", "undecided_lasso"),
        about="Both servers stand at once, vote for themselves, refuse each other, and stand again, for ever.",
    ),
    Instance(
        "one candidate", RaftElections(candidates=1), asynchronous(),
        {one_leader_per_term: HOLDS, agreement: HOLDS, termination: HOLDS},
        configurations=5, transitions=4, depth=4,
        about="Where only one timer fires, its server is elected: that is the purpose of randomised timeouts.",
    ),
)  # fmt: skip
