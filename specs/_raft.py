"""Messages and states of the servers of Raft, as in Figure 2; the rules are in `raft.py`."""

from flpcheck import Pid, Stable, record


@record
class Entry:
    """A command for the state machine, and the term in which a leader received it."""

    term: int
    command: str


Log = tuple[Entry, ...]  # its first index is 1


@record
class Request:
    """Client -> servers: execute this command."""

    command: str


@record
class RequestVote:
    """Candidate -> servers: vote for me; this is my last log entry."""

    term: int
    last_term: int
    last_index: int


@record
class Vote:
    """Server -> candidate: the result of RequestVote."""

    term: int
    granted: bool


@record
class AppendEntries:
    """Leader -> follower: append these after the previous entry; also a heartbeat."""

    term: int
    prev_index: int
    prev_term: int
    entries: Log
    commit: int


@record
class Appended:
    """Follower -> leader: the result of AppendEntries, and up to which index my log is known to match yours."""

    term: int
    success: bool
    match: int


Message = Request | RequestVote | Vote | AppendEntries | Appended


@record
class Server:
    """The state of Figure 2; term is its currentTerm."""

    term: Stable[int] = 0
    voted_for: Stable[Pid | None] = None
    log: Stable[Log] = ()
    role: str = "follower"
    commit: int = 0  # commitIndex; what is committed is applied at once, so it is lastApplied as well
    votes: frozenset[Pid] = frozenset()  # of a candidate
    next: tuple[int, ...] = ()  # of a leader: nextIndex, for each server
    match: tuple[int, ...] = ()  # of a leader: matchIndex, for each server

    def term_at(self, index: int) -> int:
        return self.log[index - 1].term if 0 < index <= len(self.log) else 0

    @property
    def last(self) -> tuple[int, int]:
        """The term and index of the last entry: how up-to-date the log is (section 5.4.1)."""
        return self.term_at(len(self.log)), len(self.log)

    @property
    def decision(self) -> Entry | None:
        """The first committed entry, which is a consensus by itself."""
        return self.log[0] if self.commit else None
