"""Messages and states of the servers of Zab; the rules are in `zab.py`, which numbers the same steps."""

from flpcheck import Pid, record


@record
class Transaction:
    """A transaction with its zxid: the epoch of its primary, and its place among the primary's."""

    epoch: int
    counter: int


History = tuple[Transaction, ...]


@record
class Elected:
    """Oracle -> servers: follow this leader from now on."""

    election: int
    leader: Pid


@record
class CEpoch:
    """Follower -> leader: the last epoch that I have promised (1)."""

    election: int
    promised: int


@record
class NewEpoch:
    """Leader -> followers: let this be the epoch (2)."""

    election: int
    epoch: int


@record
class AckEpoch:
    """Follower -> leader: promised; here is my current epoch, and my history (3)."""

    epoch: int
    current: int
    history: History


@record
class NewLeader:
    """Leader -> followers: let this be the history (4)."""

    epoch: int
    history: History


@record
class AckLeader:
    """Follower -> leader: it is my history as well (5)."""

    epoch: int


@record
class CommitLeader:
    """Leader -> followers: deliver the history (6)."""

    epoch: int


@record
class Proposal:
    """Leader -> followers: add this transaction to your history (7)."""

    transaction: Transaction


@record
class Ack:
    """Follower -> leader: added (8)."""

    transaction: Transaction


@record
class Commit:
    """Leader -> followers: deliver this transaction (9)."""

    transaction: Transaction


Answer = CEpoch | AckEpoch | AckLeader | Ack
Message = Elected | Answer | NewEpoch | NewLeader | CommitLeader | Proposal | Commit


@record
class Server:
    """The variables of a follower, then of a leader; a leader is a follower of itself, too."""

    leader: Pid | None = None
    election: int = 0
    phase: str = ""  # of a follower: discovery -> synchronisation -> broadcast
    promised: int = 0  # f.p
    current: int = 0  # f.a
    history: History = ()  # h_f
    delivered: History = ()
    leading: str = ""  # of a leader: discovery -> new epoch -> synchronisation -> broadcast -> done
    epoch: int = 0  # of a leader: e'

    def awaits(self, message: Message) -> bool:
        """Return whether the phase that it leads waits for this answer."""
        match self.leading, message:
            case "discovery", CEpoch(election):
                return election == self.election
            case "new epoch", AckEpoch(epoch):
                return epoch == self.epoch
            case "synchronisation", AckLeader(epoch):  # its own, as a follower, is one of them
                return epoch == self.epoch == self.current
            case "broadcast", Ack(transaction):
                return transaction.epoch == self.epoch
        return False


@record
class Oracle:
    """How many times it has named a leader."""

    elections: int = 0
