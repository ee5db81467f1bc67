"""Egalitarian Paxos: no leader; each replica orders its own commands by agreeing on what they depend on.

Moraru, Andersen, Kaminsky, "There Is More Consensus in Egalitarian Parliaments" (2013), figures 2 and 3, their lines in
the comments.  Every command interferes with every other one.  Instance A belongs to replica r0, which proposes one
command there, and B to r1.  A replica that suspects r0 may try once to recover A.  As in Sutra, "On the Correctness of
Egalitarian Paxos" (2020), a replica keeps two ballots for an instance: the one that it has joined and the one in which
it has voted; figure 3 speaks of one.  Asynchronous, crash-stop.
"""

from collections.abc import Iterator
from itertools import combinations

from _epaxos_log import (
    INSTANCE, NO_OP, OWNER, Accept, AcceptOK, Attributes, Ballot, Commit, Entry, Message, PreAccept, PreAcceptOK,
    Prepare, PrepareOK, Replica,
)  # fmt: skip
from flpcheck import (
    HOLDS, At, Constant, Gather, Instance, Mail, Observer, Pid, Process, Processes, Start, Step, Timeout, View,
    asynchronous, choose, gather_quorum, invariant, note, protocol, replace, reply, send, sometimes,
)  # fmt: skip
from flpcheck.properties import execution_consistency, execution_order


@protocol
class EPaxos:
    """Egalitarian Paxos, one command each in the instances A and B."""

    replicas: int = 3
    commands: int = 2
    recoverers: Constant[int] = 1  # number of replicas, from the last one, that may try to recover A once each

    def processes(self) -> Processes[Message]:
        a, b = (Entry((0, owner), (0, owner)) for owner in OWNER.values())
        return [Process(r, self.replica, start=Replica(a, b), gather=self.replies) for r in self.everybody]

    def observers(self) -> list[Observer[frozenset[tuple[str, Attributes]], tuple[str, Attributes]]]:
        return [Observer("committed", frozenset(), lambda seen, new: seen | {new})]

    @property
    def everybody(self) -> list[Pid]:
        return [f"r{i}" for i in range(self.replicas)]

    def replica(
        self, at: At, s: Replica, event: Start | Timeout | Gather[Message] | PreAccept | Accept | Commit | Prepare
    ) -> Step[Replica, Message]:
        match event:
            case Start() if self.may_propose(at, s):  # lines 1 to 5: propose its own command
                return self.propose(at, s)
            case Timeout() if self.may_recover(at, s):  # lines 25 and 26: suspect r0, and recover A
                return self.recover(at, s)
            case Gather([(_, PreAcceptOK(instance=i)), *_] as letters):  # lines 10 to 14: enough pre-accepted
                return self.pre_accepted(at, s, i, [m.what for _, m in letters if isinstance(m, PreAcceptOK)])
            case Gather([(_, AcceptOK(instance=i)), *_]):  # line 19: enough have accepted
                return self.commit(at, s, i, s[i].what)
            case Gather([(_, PrepareOK(instance=i)), *_] as letters):  # lines 27 to 37: enough have reported
                return self.prepared(at, s, i, {r: m for r, m in letters if isinstance(m, PrepareOK)})
            case PreAccept(i, ballot, what) if self.may_vote(s[i], ballot):  # lines 6 to 9: pre-accept
                known = s.extend(i, what)
                return s.put(i, Entry(ballot, ballot, "pre-accepted", known)), reply(PreAcceptOK(i, ballot, known))
            case Accept(i, ballot, what) if self.may_vote(s[i], ballot):  # lines 17 and 18: accept
                return s.put(i, Entry(ballot, ballot, "accepted", what)), reply(AcceptOK(i, ballot))
            case Commit(i, what) if s[i].status != "committed":  # line 24: learn
                return self.committed(s, i, what), ()
            case Prepare(i, ballot) if ballot > s[i].ballot:  # lines 38 and 39: join; a leader of a lower one gives up
                return s.put(i, replace(s[i], ballot=ballot, leading="")), reply(self.answer(i, s[i], ballot))
            case _:  # line 40: too late
                return s, ()

    def may_propose(self, at: At, s: Replica) -> bool:
        mine = list(OWNER.values())[: self.commands]
        return at.me in mine and not s.proposed and s[INSTANCE[at.me]].ballot[0] == 0

    def may_recover(self, at: At, s: Replica) -> bool:
        last = self.everybody[self.replicas - self.recoverers :]
        return at.me in last and not s.recovered and s.a.status != "committed"

    def may_vote(self, e: Entry, ballot: Ballot) -> bool:
        return ballot >= e.ballot and e.status != "committed"

    def others(self, at: At) -> list[Pid]:
        return [r for r in self.everybody if r != at.me]

    def propose(self, at: At, s: Replica) -> Step[Replica, Message]:
        """Ask a fast quorum: 2F members, the command leader included."""
        i = INSTANCE[at.me]
        what = s.extend(i, Attributes(i.lower(), 1))
        after = replace(s.put(i, replace(s[i], status="pre-accepted", what=what, leading="fast")), proposed=True)
        fast = combinations(self.others(at), 2 * (self.replicas // 2) - 1)
        return choose(*((after, send(PreAccept(i, s[i].ballot, what), to=quorum)) for quorum in fast))

    def recover(self, at: At, s: Replica) -> Step[Replica, Message]:
        """Ask all; its own answer counts among those that are awaited."""
        ballot = (s.a.ballot[0] + 1, at.me)
        joined = replace(s.a, ballot=ballot, leading="prepare")
        own = send(self.answer("A", s.a, ballot), to=at.me)
        return replace(s.put("A", joined), recovered=True), (own, send(Prepare("A", ballot), to=self.others(at)))

    def answer(self, i: str, e: Entry, ballot: Ballot) -> PrepareOK:
        return PrepareOK(i, ballot, e.voted, e.status, e.what)

    def replies(self, at: At, s: Replica, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """What a leader waits for: answers in its ballot, a majority together with itself."""
        for i in OWNER:
            answers = tuple(letter for letter in mail if s[i].awaits(i, letter.message))
            yield from gather_quorum(answers, self.replicas // 2 + (s[i].leading == "prepare"))

    def pre_accepted(self, at: At, s: Replica, i: str, answers: list[Attributes]) -> Step[Replica, Message]:
        e = s[i]
        if e.leading == "fast" and len(set(answers)) == 1:
            return self.commit(at, s, i, answers[0])  # lines 10 and 11: all alike, the fast path
        deps = e.what.deps.union(*(what.deps for what in answers))
        seq = max(what.seq for what in [e.what, *answers])
        return self.accept(at, s, i, Attributes(e.what.command, seq, deps))  # lines 12 to 14: the slow path

    def prepared(self, at: At, s: Replica, i: str, told: dict[Pid, PrepareOK]) -> Step[Replica, Message]:
        highest = max(m.voted for m in told.values())  # line 27
        best = {r: m for r, m in told.items() if m.voted == highest}
        for m in best.values():
            if m.status == "committed":
                return self.commit(at, s, i, m.what)  # lines 28 and 29: some replica has committed
        for m in best.values():
            if m.status == "accepted":
                return self.accept(at, s, i, m.what)  # lines 30 and 31: some replica has accepted
        seen = {r: m.what for r, m in best.items() if m.status == "pre-accepted"}
        default = [what for r, what in seen.items() if highest == (0, OWNER[i]) and OWNER[i] not in seen]
        for what in default:
            if default.count(what) >= self.replicas // 2:
                return self.accept(at, s, i, what)  # lines 32 and 33: the fast path may have been taken
        known = next(iter(seen.values()), Attributes(NO_OP))
        what = s.extend(i, Attributes(known.command, 1))
        e = replace(s[i], voted=s[i].ballot, status="pre-accepted", what=what, leading="pre-accept")
        # lines 34 to 37: phase 1 again, not by the fast path, for the command or, if none knows one, for a no-op
        return s.put(i, e), send(PreAccept(i, e.ballot, what), to=self.others(at))

    def accept(self, at: At, s: Replica, i: str, what: Attributes) -> Step[Replica, Message]:
        """Lines 15 and 16."""
        e = replace(s[i], voted=s[i].ballot, status="accepted", what=what, leading="accept")
        return s.put(i, e), send(Accept(i, e.ballot, what), to=self.others(at))

    def commit(self, at: At, s: Replica, i: str, what: Attributes) -> Step[Replica, Message]:
        """Lines 21 to 23."""
        return self.committed(s, i, what), (note((i, what)), send(Commit(i, what), to=self.others(at)))

    def committed(self, s: Replica, i: str, what: Attributes) -> Replica:
        """The attributes are final; section 4.3.2: execute what can be executed now."""
        s = s.put(i, replace(s[i], status="committed", what=what, leading=""))
        known = s.committed()
        order = execution_order({j: (known[j].seq, known[j].deps) for j in known}, s.executed)
        return replace(s, executed=s.executed + tuple(j for j in order if known[j].command != NO_OP))


@invariant
def consistency(view: View[Replica]) -> bool:
    """No two replicas commit different attributes in one instance."""
    committed = view.observers["committed"]
    return len({i for i, _ in committed}) == len(committed)


@invariant
def dependencies(view: View[Replica]) -> bool:
    """Of two committed commands, at least one depends on the other."""
    committed = [(i, what) for i, what in view.observers["committed"] if what.command != NO_OP]
    return all(i in other.deps or j in what.deps for (i, what), (j, other) in combinations(committed, 2) if i != j)


same_order = execution_consistency()


@sometimes
def a_no_op(view: View[Replica]) -> bool:
    """A recovery finds nothing and commits a no-op."""
    return any(what.command == NO_OP for _, what in view.observers["committed"])


@sometimes
def a_cycle(view: View[Replica]) -> bool:
    """Two commands are committed that depend on each other: their sequence numbers order them."""
    return {i for _, what in view.observers["committed"] for i in what.deps} == set(OWNER)


SAFE = {consistency: HOLDS, dependencies: HOLDS, same_order: HOLDS}

INSTANCES = (
    Instance(
        "calm", EPaxos(recoverers=0), asynchronous(), SAFE | {a_cycle: HOLDS},
        configurations=342, transitions=738, depth=10,
        about="Two commands that interfere, each committed in one round trip: a fast quorum is a majority here.",
    ),
    Instance(
        "leader dead", EPaxos(), asynchronous(initially_dead=("r0",)), SAFE | {a_no_op: HOLDS},
        configurations=54,
        about="The leader of A never speaks: r2 finds nothing in A and closes it with a no-op.",
    ),
    Instance(
        "recovery", EPaxos(), asynchronous(), SAFE | {a_cycle: HOLDS, a_no_op: HOLDS},
        configurations=214643, transitions=743392, depth=19,
        about="r2 recovers A at any time, whether its leader r0 has stopped or is only slow.",
    ),
    Instance(
        "two recoveries", EPaxos(commands=1, recoverers=2), asynchronous(), SAFE | {a_no_op: HOLDS},
        on_demand=True,
        configurations=2110406, transitions=7887776, depth=24,
        about="A single command, which r1 and r2 try to recover in competing ballots while r0 goes on.",
    ),
)  # fmt: skip
