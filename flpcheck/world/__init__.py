"""What surrounds a protocol: the network, the failures, the timing."""

from flpcheck.world.failures import Failures
from flpcheck.world.network import NETWORKS, UNLIMITED, Network
from flpcheck.world.world import World, asynchronous

__all__ = ["NETWORKS", "UNLIMITED", "Failures", "Network", "World", "asynchronous"]
