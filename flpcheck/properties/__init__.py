"""The properties of logs, leaders, broadcasts, execution and clients that the literature names, each in one line.

    from flpcheck.properties import prefix_agreement
    logs_agree = prefix_agreement("log")

Most of them look at a configuration through readings: the name of a field, or a function from a local state to what it
holds (None: nothing).  Those that speak about the past, such as which leaders were ever elected, listen to notes; their
observers stand beside them, and `observers()` of the protocol returns those that it needs.
"""

from flpcheck.properties.broadcast import (
    Broadcast,
    agreed_order,
    broadcast_integrity,
    broadcast_observer,
    primary_integrity,
    primary_order,
    total_order,
)
from flpcheck.properties.clients import (
    linearizable_history,
    linearized_by_log,
    sequencer_safety,
)
from flpcheck.properties.execution import (
    execution_consistency,
    execution_order,
)
from flpcheck.properties.leaders import (
    Committed,
    Elected,
    commit_observer,
    election_observer,
    election_safety,
    leader_append_only,
    leader_completeness,
)
from flpcheck.properties.logs import (
    Applied,
    applied_observer,
    log_matching,
    prefix_agreement,
    replica_agreement,
    state_machine_safety,
)

__all__ = [
    "Applied",
    "Broadcast",
    "Committed",
    "Elected",
    "agreed_order",
    "applied_observer",
    "broadcast_integrity",
    "broadcast_observer",
    "commit_observer",
    "election_observer",
    "election_safety",
    "execution_consistency",
    "execution_order",
    "leader_append_only",
    "leader_completeness",
    "linearizable_history",
    "linearized_by_log",
    "log_matching",
    "prefix_agreement",
    "primary_integrity",
    "primary_order",
    "replica_agreement",
    "sequencer_safety",
    "state_machine_safety",
    "total_order",
]
