"""What surrounds a protocol: the network, the failures, the timing."""

from flpcheck.world.failures import Failures
from flpcheck.world.network import NETWORKS, UNLIMITED, Network
from flpcheck.world.predicates import PREDICATES
from flpcheck.world.rounds import Rounds
from flpcheck.world.world import WORLDS, World, asynchronous, heard_of, partially_synchronous, synchronous

__all__ = [
    "NETWORKS",
    "PREDICATES",
    "UNLIMITED",
    "WORLDS",
    "Failures",
    "Network",
    "Rounds",
    "World",
    "asynchronous",
    "heard_of",
    "partially_synchronous",
    "synchronous",
]
