"""Egalitarian Paxos: no leader; each replica orders its own commands, by agreeing on what they depend on.

Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013), figures 2 and 3, their lines in
the comments.  Every command interferes with every other one.  Instance A belongs to replica r0, which proposes one
command there, and B to r1.  A replica that suspects r0 may try once to recover A.  As in Sutra, "On the Correctness of
Egalitarian Paxos" (2020), a replica keeps two ballots for an instance: the one that it has joined and the one in which
it has voted; figure 3 speaks of one.  Asynchronous, crash-stop.
"""

from collections.abc import Iterator
from itertools import combinations

from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Observer, Pid, Process, Processes, Start, Step, Timeout, View,
    asynchronous, choose, gather_quorum, invariant, note, protocol, record, replace, reply, send, sometimes,
)  # fmt: skip

OWNER = {"A": "r0", "B": "r1"}  # who leads an instance in its default ballot
NO_OP = "no-op"
Ballot = tuple[int, Pid]


@record
class Attributes:
    """A command, its sequence number, and the instances that it depends on."""

    command: str
    seq: int = 0
    deps: frozenset[str] = frozenset()


@record
class PreAccept:
    """Phase 1: take these attributes, and add what you know of."""

    instance: str
    ballot: Ballot
    what: Attributes


@record
class PreAcceptOK:
    """Phase 1: these are the attributes now."""

    instance: str
    ballot: Ballot
    what: Attributes


@record
class Accept:
    """Paxos-Accept: take these attributes as they are."""

    instance: str
    ballot: Ballot
    what: Attributes


@record
class AcceptOK:
    """Paxos-Accept: done."""

    instance: str
    ballot: Ballot


@record
class Commit:
    """These attributes are final."""

    instance: str
    what: Attributes


@record
class Prepare:
    """Explicit Prepare: join this ballot and say what you know."""

    instance: str
    ballot: Ballot


@record
class PrepareOK:
    """Explicit Prepare: this is what I know, and the ballot in which I learned it."""

    instance: str
    ballot: Ballot
    voted: Ballot
    status: str
    what: Attributes


Message = PreAccept | PreAcceptOK | Accept | AcceptOK | Commit | Prepare | PrepareOK


@record
class Entry:
    """What a replica knows of an instance."""

    ballot: Ballot  # joined
    voted: Ballot
    status: str = "unknown"  # -> pre-accepted -> accepted -> committed
    what: Attributes = Attributes(NO_OP)
    leading: str = ""  # the phase that it leads in its ballot: prepare, pre-accept, fast (may commit at once), accept


@record
class Replica:
    """Its part of the log, and whether it has proposed its command and tried to recover."""

    a: Entry
    b: Entry
    proposed: bool = False
    recovered: bool = False

    def __getitem__(self, instance: str) -> Entry:
        return self.a if instance == "A" else self.b

    def put(self, instance: str, entry: Entry) -> "Replica":
        return replace(self, a=entry) if instance == "A" else replace(self, b=entry)

    def extend(self, instance: str, what: Attributes) -> Attributes:
        """Return the attributes with what is known to interfere: lines 2 and 3, 6 and 7."""
        if what.command == NO_OP:
            return what
        others = {i: self[i].what for i in OWNER if i != instance and self[i].what.command != NO_OP}
        seq = max([what.seq, *(1 + other.seq for other in others.values())])
        return Attributes(what.command, seq, what.deps | set(others))


@protocol
class EPaxos:
    """Egalitarian Paxos, one command each in the instances A and B."""

    replicas: int = 3
    commands: int = 2
    recoverers: Constant[int] = 1  # the last so many replicas may try to recover A, once each

    def processes(self) -> Processes[Message]:
        a, b = (Entry((0, owner), (0, owner)) for owner in OWNER.values())
        return [Process(r, self.replica, start=Replica(a, b), gather=self.replies) for r in self.everybody]

    def observers(self) -> list[Observer[frozenset[tuple[str, Attributes]], tuple[str, Attributes]]]:
        return [Observer("committed", frozenset(), lambda seen, new: seen | {new})]

    @property
    def everybody(self) -> list[Pid]:
        return [f"r{i}" for i in range(self.replicas)]

    @property
    def owners(self) -> dict[Pid, str]:
        return {OWNER[i]: i for i in list(OWNER)[: self.commands]}

    def replica(
        self, at: At, s: Replica, event: Start | Timeout | Gather[Message] | PreAccept | Accept | Commit | Prepare
    ) -> Step[Replica, Message]:
        match event:
            case Start() if at.me in self.owners and not s.proposed and s[self.owners[at.me]].ballot[0] == 0:
                return self.propose(at, s, self.owners[at.me])
            case Timeout() if self.may_recover(at, s):
                return self.recover(at, s)
            case Gather(letters):
                return self.gathered(at, s, letters)
            case PreAccept(i, ballot, what) if self.may_vote(s[i], ballot):  # lines 6 to 9
                known = s.extend(i, what)
                return s.put(i, Entry(ballot, ballot, "pre-accepted", known)), reply(PreAcceptOK(i, ballot, known))
            case Accept(i, ballot, what) if self.may_vote(s[i], ballot):  # lines 17 and 18
                return s.put(i, Entry(ballot, ballot, "accepted", what)), reply(AcceptOK(i, ballot))
            case Commit(i, what) if s[i].status != "committed":  # line 24
                return s.put(i, replace(s[i], status="committed", what=what, leading="")), ()
            case Prepare(i, ballot) if ballot > s[i].ballot:  # lines 38 and 39
                return s.put(i, self.join(s[i], ballot)), reply(self.answer(i, s[i], ballot))
            case Start() | Timeout() | PreAccept() | Accept() | Commit() | Prepare():  # line 40: too late
                return s, ()

    def may_recover(self, at: At, s: Replica) -> bool:
        last = self.everybody[self.replicas - self.recoverers :]
        return at.me in last and not s.recovered and s.a.status != "committed"

    def may_vote(self, e: Entry, ballot: Ballot) -> bool:
        return ballot >= e.ballot and e.status != "committed"

    def join(self, e: Entry, ballot: Ballot) -> Entry:
        """Join a ballot; who leads a lower one gives it up."""
        return replace(e, ballot=ballot, leading="")

    def others(self, at: At) -> list[Pid]:
        return [r for r in self.everybody if r != at.me]

    def propose(self, at: At, s: Replica, i: str) -> Step[Replica, Message]:
        """Lines 1 to 5: a fast quorum has 2F members, the command leader included."""
        what = s.extend(i, Attributes(i.lower(), 1))
        after = replace(s.put(i, replace(s[i], status="pre-accepted", what=what, leading="fast")), proposed=True)
        fast = combinations(self.others(at), 2 * (self.replicas // 2) - 1)
        return choose(*((after, send(PreAccept(i, s[i].ballot, what), to=quorum)) for quorum in fast))

    def recover(self, at: At, s: Replica) -> Step[Replica, Message]:
        """Lines 25 and 26; its own answer is one of those that it waits for."""
        ballot = (s.a.ballot[0] + 1, at.me)
        joined = replace(self.join(s.a, ballot), leading="prepare")
        own = send(self.answer("A", s.a, ballot), to=at.me)
        return replace(s.put("A", joined), recovered=True), (own, send(Prepare("A", ballot), to=self.others(at)))

    def answer(self, i: str, e: Entry, ballot: Ballot) -> PrepareOK:
        return PrepareOK(i, ballot, e.voted, e.status, e.what)

    def replies(self, at: At, s: Replica, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """What a leader waits for: answers in its ballot, a majority together with itself."""
        for i in OWNER:
            phase, ballot = s[i].leading, s[i].ballot
            mine = tuple(x for x in mail if self.answers(x.message, phase) and self.concerns(x.message, i, ballot))
            yield from gather_quorum(mine, self.replicas // 2 + (phase == "prepare"))

    def answers(self, message: Message, phase: str) -> bool:
        kinds = {"prepare": PrepareOK, "pre-accept": PreAcceptOK, "fast": PreAcceptOK, "accept": AcceptOK}
        return phase in kinds and isinstance(message, kinds[phase])

    def concerns(self, message: Message, i: str, ballot: Ballot) -> bool:
        return not isinstance(message, Commit) and (message.instance, message.ballot) == (i, ballot)

    def gathered(self, at: At, s: Replica, letters: Mail[Message]) -> Step[Replica, Message]:
        first = letters[0].message
        i = first.instance
        e = s[i]
        match first:
            case PreAcceptOK():
                answers = [m.what for _, m in letters if isinstance(m, PreAcceptOK)]
                if e.leading == "fast" and len(set(answers)) == 1:  # lines 10 and 11
                    return self.commit(at, s, i, answers[0])
                deps = e.what.deps.union(*(what.deps for what in answers))
                seq = max(what.seq for what in [e.what, *answers])
                return self.accept(at, s, i, Attributes(e.what.command, seq, deps))  # lines 12 to 14
            case AcceptOK():  # line 19
                return self.commit(at, s, i, e.what)
            case _:
                return self.prepared(at, s, i, {r: m for r, m in letters if isinstance(m, PrepareOK)})

    def prepared(self, at: At, s: Replica, i: str, told: dict[Pid, PrepareOK]) -> Step[Replica, Message]:
        highest = max(m.voted for m in told.values())  # line 27
        best = {r: m for r, m in told.items() if m.voted == highest}
        by = {status: [m.what for m in best.values() if m.status == status] for status in ("committed", "accepted")}
        seen = {r: m.what for r, m in best.items() if m.status == "pre-accepted"}
        if by["committed"]:  # lines 28 and 29
            return self.commit(at, s, i, by["committed"][0])
        if by["accepted"]:  # lines 30 and 31
            return self.accept(at, s, i, by["accepted"][0])
        default = [what for r, what in seen.items() if highest == (0, OWNER[i]) and OWNER[i] not in seen]
        for what in default:  # lines 32 and 33
            if default.count(what) >= self.replicas // 2:
                return self.accept(at, s, i, what)
        # lines 34 to 37: phase 1 again for the command, or for a no-op if nobody knows one; not by the fast path
        known = next(iter(seen.values()), Attributes(NO_OP))
        what = s.extend(i, Attributes(known.command, 1))
        e = replace(s[i], voted=s[i].ballot, status="pre-accepted", what=what, leading="pre-accept")
        return s.put(i, e), send(PreAccept(i, e.ballot, what), to=self.others(at))

    def accept(self, at: At, s: Replica, i: str, what: Attributes) -> Step[Replica, Message]:
        """Lines 15 and 16."""
        e = replace(s[i], voted=s[i].ballot, status="accepted", what=what, leading="accept")
        return s.put(i, e), send(Accept(i, e.ballot, what), to=self.others(at))

    def commit(self, at: At, s: Replica, i: str, what: Attributes) -> Step[Replica, Message]:
        """Lines 21 to 23."""
        e = replace(s[i], status="committed", what=what, leading="")
        return s.put(i, e), (note((i, what)), send(Commit(i, what), to=self.others(at)))


@invariant
def consistency(view: View[Replica]) -> bool:
    """Nobody commits different attributes in one instance."""
    committed = view.observers["committed"]
    return len({i for i, _ in committed}) == len(committed)


@invariant
def execution_consistency(view: View[Replica]) -> bool:
    """Of two commands that are committed, one at least depends on the other."""
    committed = [(i, what) for i, what in view.observers["committed"] if what.command != NO_OP]
    return all(i in other.deps or j in what.deps for (i, what), (j, other) in combinations(committed, 2) if i != j)
