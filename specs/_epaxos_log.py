"""Messages and states of the replicas of Egalitarian Paxos; the rules are in `epaxos.py`."""

from flpcheck import Pid, record, replace

OWNER = {"A": "r0", "B": "r1"}  # the leader of an instance in its default ballot
INSTANCE = {owner: instance for instance, owner in OWNER.items()}
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
    """Phase 1: take these attributes, and add those that you know of."""

    instance: str
    ballot: Ballot
    what: Attributes


@record
class PreAcceptOK:
    """Phase 1: the attributes are now these."""

    instance: str
    ballot: Ballot
    what: Attributes


@record
class Accept:
    """Paxos-Accept: accept these attributes unchanged."""

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
    """Explicit Prepare: join this ballot and report what you know."""

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

    def awaits(self, instance: str, message: Message) -> bool:
        """Return whether the phase that it leads waits for this answer."""
        kinds = {"prepare": PrepareOK, "pre-accept": PreAcceptOK, "fast": PreAcceptOK, "accept": AcceptOK}
        if isinstance(message, Commit) or self.leading not in kinds:
            return False
        ours = (message.instance, message.ballot) == (instance, self.ballot)
        return ours and isinstance(message, kinds[self.leading])


@record
class Replica:
    """Its part of the log, what it has executed, and whether it has proposed its command and attempted a recovery."""

    a: Entry
    b: Entry
    executed: tuple[str, ...] = ()  # instances, in order; a no-op needs no execution
    proposed: bool = False
    recovered: bool = False

    def __getitem__(self, instance: str) -> Entry:
        return self.a if instance == "A" else self.b

    def put(self, instance: str, entry: Entry) -> "Replica":
        return replace(self, a=entry) if instance == "A" else replace(self, b=entry)

    def committed(self) -> dict[str, Attributes]:
        """Return the final attributes, by instance."""
        return {i: self[i].what for i in OWNER if self[i].status == "committed"}

    def extend(self, instance: str, what: Attributes) -> Attributes:
        """Return the attributes with what is known to interfere: lines 2 and 3, 6 and 7."""
        if what.command == NO_OP:
            return what
        others = {i: self[i].what for i in OWNER if i != instance and self[i].what.command != NO_OP}
        seq = max([what.seq, *(1 + other.seq for other in others.values())])
        return Attributes(what.command, seq, what.deps | set(others))
