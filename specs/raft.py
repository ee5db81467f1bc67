"""Raft: a leader is elected for a term, and its log is replicated to all.

Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014): the rules of Figure 2 under their
numbers there, the five properties of Figure 3 under their names.  The network may delay, reorder, duplicate and lose
messages (a set of messages that stay; what is lost is never received).  Timers fire at any time.

Terms, commands and the servers that may stand for election are model constants; a leader takes each command into its
log once.  What is committed is applied at once.  A `quiet` model omits messages that only carry a term: answers to
requests of an old term, and heartbeats to a follower that is up to date; an omitted message counts as lost.
What is committed refines `specs/replicated_log.py`.
"""

from typing import Any

from _raft import Appended, AppendEntries, Entry, Log, Message, Request, RequestVote, Server, Vote
from flpcheck import (
    HOLDS, VIOLATED, At, Constant, Instance, Note, Observer, Pid, Process, Processes, Send, Step, Timeout, View,
    agreement, asynchronous, eventually, eventually_always, eventually_synchronous, leads_to, majority, note, protocol,
    put, refines, replace, reply, send, sometimes, termination, to_others,
)  # fmt: skip
from flpcheck.properties import (
    Applied, Committed, Elected, applied_observer, commit_observer, election_observer, election_safety,
    leader_append_only, leader_completeness, log_matching, state_machine_safety,
)  # fmt: skip
from replicated_log import Log as Chosen
from replicated_log import ReplicatedLog


@protocol
class Raft:
    """Elections and log replication, without changes of membership and without snapshots."""

    servers: int = 3
    terms: Constant[int] = 2
    commands: Constant[int] = 1
    candidates: Constant[str] = ""  # the server that may stand for election in term 1, 2, ...; empty: all in all terms
    asked: Constant[str] = ""  # the server that clients ask to execute command 1, 2, ...; empty: all
    quiet: Constant[bool] = False

    def processes(self) -> Processes[Message]:
        return [Process(s, self.server, start=Server(), sent=self.requests(s)) for s in self.all_servers]

    def requests(self, server: Pid) -> tuple[Send[Message], ...]:
        """The commands that clients have sent to a server."""
        asked = self.asked.split() or [server] * self.commands
        return tuple(send(Request("xyzuvw"[i]), to=server) for i, pid in enumerate(asked) if pid == server)

    def observers(self) -> list[Observer[Any, object]]:
        return [election_observer(), commit_observer(), applied_observer()]

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    @property
    def quorum(self) -> int:
        return majority(self.servers)

    def server(self, at: At, s: Server, event: Timeout | Message) -> Step[Server, Message]:
        if not isinstance(event, Timeout | Request) and event.term > s.term:  # All servers 2: a newer term
            s = replace(follower(s), term=event.term, voted_for=None)
        match event:
            case Timeout() if s.role == "leader":  # Leaders 1: heartbeats
                return s, self.heartbeats(at, s)
            case Timeout() if self.may_stand(at, s):  # Followers 2, Candidates 1 and 4: start an election
                s = replace(follower(s), term=s.term + 1, voted_for=at.me, role="candidate", votes=frozenset({at.me}))
                return self.counted(at, s, to_others(RequestVote(s.term, *s.last)))
            case RequestVote(term) | AppendEntries(term) if term < s.term and self.quiet:
                return s, ()
            case RequestVote(term) if term < s.term:  # RequestVote 1: an old term
                return s, reply(Vote(s.term, False))
            case RequestVote(_, term, index) if s.voted_for in {None, at.sender} and (term, index) >= s.last:
                return replace(s, voted_for=at.sender), reply(Vote(s.term, True))  # RequestVote 2: grant the vote
            case RequestVote():  # RequestVote 2: refuse; the candidate learns nothing from a reply
                return s, ()
            case Vote(term, True) if s.role == "candidate" and term == s.term:  # Candidates 2: a vote
                return self.counted(at, replace(s, votes=s.votes | {at.sender}))
            case Request(command) if s.role == "leader" and command not in [entry.command for entry in s.log]:
                return replace(s, log=(*s.log, Entry(s.term, command))), ()  # Leaders 2: append a client's command
            case AppendEntries(term) if term < s.term:  # AppendEntries 1: an old term
                return s, reply(Appended(s.term, False, 0))
            case AppendEntries():  # Candidates 3: there is a leader
                return self.append(follower(s), event)
            case Appended(term) if s.role == "leader" and term == s.term:  # Leaders 3 and 4: a follower's answer
                return self.answered(s, self.all_servers.index(at.sender), event)
            case Timeout() | Request() | Vote() | Appended():  # nothing to do, or too late
                return s, ()

    def may_stand(self, at: At, s: Server) -> bool:
        standing = self.candidates.split() or [at.me] * self.terms
        return s.term < self.terms and standing[s.term] == at.me

    def counted(self, at: At, s: Server, *sends: Send[Message]) -> Step[Server, Message]:
        """Candidates 2: with votes from a majority of the servers, become leader."""
        if len(s.votes) < self.quorum:
            return s, sends
        behind = (len(s.log) + 1,) * self.servers
        s = replace(s, role="leader", votes=frozenset(), next=behind, match=(0,) * self.servers)
        return s, (*sends, note(Elected(s.term, at.me)))  # become leader

    def heartbeats(self, at: At, s: Server) -> tuple[Send[Message], ...]:
        """Leaders 3: with everything from nextIndex on."""
        rows = zip(self.all_servers, s.next, s.match, strict=True)
        chosen = [
            (pid, n) for pid, n, m in rows if pid != at.me and not (self.quiet and m == len(s.log) and not s.commit)
        ]
        return tuple(
            send(AppendEntries(s.term, n - 1, s.term_at(n - 1), s.log[n - 1 :], s.commit), to=pid) for pid, n in chosen
        )

    def append(self, s: Server, event: AppendEntries) -> Step[Server, Message]:
        start, end = event.prev_index, event.prev_index + len(event.entries)
        if start > len(s.log) or s.term_at(start) != event.prev_term:
            return s, reply(Appended(s.term, False, 0))  # AppendEntries 2: the logs differ before
        known = s.log[start:end]
        log = s.log if known == event.entries[: len(known)] else s.log[:start]  # AppendEntries 3: delete what conflicts
        log = log if len(log) >= end else log[:start] + event.entries  # AppendEntries 4: append what is new
        commit = max(s.commit, min(event.commit, end))  # AppendEntries 5
        after = replace(s, log=log, commit=commit)
        return after, (*applied(s, after), reply(Appended(s.term, True, end)))

    def answered(self, s: Server, i: int, answer: Appended) -> Step[Server, Message]:
        if not answer.success:
            return replace(s, next=put(s.next, i, max(1, s.next[i] - 1))), ()  # the logs differ: one entry earlier
        match = max(answer.match, s.match[i])
        return self.commit(replace(s, next=put(s.next, i, match + 1), match=put(s.match, i, match)))

    def commit(self, s: Server) -> Step[Server, Message]:
        """Leaders 4: commit what a majority has, if it is of the current term, with all before it."""
        counts = {n: 1 + sum(match >= n for match in s.match) for n in range(s.commit + 1, len(s.log) + 1)}
        ready = [n for n, count in counts.items() if count >= self.quorum and self.may_count(s, n)]
        after = replace(s, commit=max(ready, default=s.commit))
        entries = range(s.commit + 1, after.commit + 1)
        return after, (*(note(Committed(s.term, n, s.log[n - 1])) for n in entries), *applied(s, after))

    def may_count(self, s: Server, index: int) -> bool:
        """Only entries of the leader's own term are committed by counting (section 5.4.2)."""
        return s.term_at(index) == s.term

    def as_log(self, view: View[Server]) -> Chosen:
        """Return what is chosen: what some server knows to be committed; two commands at once are in no log."""
        logs, commits = view.each("log"), view.each("commit")
        chosen = ({logs[s][i].command for s in self.all_servers if i < commits[s]} for i in range(self.commands))
        return Chosen(tuple(" and ".join(sorted(commands)) or None for commands in chosen))


def follower(s: Server) -> Server:
    """Drop what only candidates and leaders keep."""
    return replace(s, role="follower", votes=frozenset(), next=(), match=())


def applied(before: Server, after: Server) -> list[Note]:
    """All servers 1: apply what is committed."""
    return [note(Applied(n, after.log[n - 1])) for n in range(before.commit + 1, after.commit + 1)]


def as_leader(s: Server) -> tuple[int, Log] | None:
    """Return the term and the log of a leader."""
    return (s.term, s.log) if s.role == "leader" else None


@sometimes
def all_is_committed(view: View[Server]) -> bool:
    """Every server knows that all commands are committed."""
    commits = view.each("commit")
    return all(0 < commits[pid] == len(log) for pid, log in view.each("log").items())


figure_3 = (
    election_safety(), leader_append_only(as_leader), log_matching("log", term="term"),
    leader_completeness(as_leader), state_machine_safety(),
)  # fmt: skip
safe_elections, append_only, matching_logs, complete_leaders, safe_machines = figure_3


def some_leads(view: View[Server]) -> bool:
    """Some server is the leader."""
    return "leader" in view.each("role").values()


leader_is_elected = eventually(some_leads, name="leader_is_elected")
leader_commits = leads_to(some_leads, all_is_committed, name="leader_commits")
leader_stays = eventually_always(some_leads, name="leader_stays")
refines_replicated_log = refines(ReplicatedLog, Raft.as_log)
SAFE = dict.fromkeys(figure_3, HOLDS) | {all_is_committed: HOLDS}
LOSSY = asynchronous(network="set")

INSTANCES = (
    Instance(
        "one term", Raft(terms=1), LOSSY,
        SAFE | {refines_replicated_log: HOLDS, leader_is_elected: VIOLATED, leader_commits: HOLDS},
        configurations=3248, transitions=8760, depth=16,
        about="Three servers stand for election at once; the winner replicates one command.",
    ),
    Instance(
        "after GST", Raft(terms=1, candidates="s0", quiet=True), eventually_synchronous(network="set"),
        SAFE | {leader_is_elected: HOLDS, leader_commits: HOLDS, leader_stays: HOLDS},
        configurations=375, transitions=915, depth=14,
        about="One server stands for election: once timers wait for messages, it leads, stays, and commits.",
    ),
    Instance(
        "a rival after GST", Raft(candidates="s0 s1", quiet=True), eventually_synchronous(network="set", mistakes=1),
        SAFE | {leader_is_elected: HOLDS, leader_commits: VIOLATED, leader_stays: VIOLATED},
        configurations=637, transitions=1097, depth=22,
        about="A follower's timer need not be longer than that of the leader, which may fire at the same time: a rival "
        "deposes the leader and lacks its log.  Hence election timeouts that are longer than heartbeats take (5.6).",
    ),
    Instance(
        "one term, two commands", Raft(terms=1, commands=2, asked="s0 s1", quiet=True),
        asynchronous(network="set", crashes=1, crash_events="elided"),
        SAFE | {refines_replicated_log: HOLDS, agreement: HOLDS, termination: VIOLATED},
        configurations=458, transitions=884, depth=13,
        bivalent=5, none=11, critical=0, disagreeing=0, flp="blocks",
        delays={"decision": (4, 6), "all decisions": (5, 9)},
        about="That elections split their votes for ever, as in `raft_elections`, is hidden by the constant `terms`: "
        "after the last one there are no more elections, and that is blocking.",
    ),
    Instance(
        "restarts", Raft(commands=1, candidates="s0 s1", quiet=True),
        asynchronous(network="set", crashes=1, recoveries=1, faulty=("s0",)), SAFE,
        configurations=19811, transitions=62596, depth=25,
        about="The leader of term 1 crashes and recovers with its term, its vote and its log.",
    ),
    Instance(
        "crashes inside steps", Raft(terms=1, commands=0, quiet=True),
        asynchronous(network="set", crashes=1, recoveries=1, crash_points="write-first"),
        {safe_elections: HOLDS},
        configurations=1912, transitions=4941, depth=6,
        about="Every server writes before it sends (Figure 2), so a crash in the middle of a step loses no vote; "
        "`broken/raft_sends_before_writing` has them the other way round.",
    ),
    Instance(
        "two leaders", Raft(candidates="s0 s1", quiet=True), LOSSY,
        SAFE | {refines_replicated_log: HOLDS},
        configurations=3824, transitions=8854, depth=23,
        about="The leader of term 2 inherits what the leader of term 1 has left behind.",
    ),
    Instance(
        "large", Raft(commands=2, asked="s0 s1", quiet=True), LOSSY, SAFE,
        on_demand=True,
        configurations=1495417, transitions=7204470, depth=36,
        about="All may stand in both terms, and the servers are asked to execute different commands.",
    ),
)  # fmt: skip
