"""Write the log of three PySyncObj nodes on loopback: the fixture `pysyncobj.ndjson.gz`.

    python tests/conform/pysyncobj_log.py LOG [SECONDS]

Nodes are wrapped from outside: every message received and sent, and every entry appended, is a line.  Now and then one
node stands still, so that others elect a new leader.
"""

from __future__ import annotations

import gzip
import json
import socket
import sys
import time
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

NAMES = ("s0", "s1", "s2")


class Recorder:
    """A node of PySyncObj whose steps are written down."""

    def __init__(self, name: str, names: dict[str, str], lines: list[dict[str, Any]], **how: Any) -> None:
        library = import_module("pysyncobj")
        self.name, self.names, self.lines = name, names, lines
        conf = library.SyncObjConf(
            autoTick=False, raftMinTimeout=0.16, raftMaxTimeout=0.4, appendEntriesPeriod=0.05, connectionRetryTime=0.05,
            dynamicMembershipChange=False, **how,
        )  # fmt: skip
        own = next(address for address, known in names.items() if known == name)
        self.node = counter(library)(own, [address for address in names if address != own], conf)
        self._wrap()

    def field(self, name: str) -> Any:
        """Return a private field of the node."""
        return getattr(self.node, f"_SyncObj__{name}")

    def _wrap(self) -> None:
        transport, log, received = self.field("transport"), self.field("raftLog"), self.field("onMessageReceived")
        send, add = transport.send, log.add

        def on_message(node: Any, message: dict[str, Any]) -> None:
            known = message["type"] not in {"apply_command", "apply_command_response"}
            if known:
                self.write("recv", sender=self.names[node.id], msg=plain(message))
            received(node, message)
            if known:
                self.write("done")

        def sending(node: Any, message: dict[str, Any]) -> Any:
            if message["type"] not in {"apply_command", "apply_command_response"}:
                self.write("send", to=self.names[node.id], msg=plain(message))
            return send(node, message)

        def adding(command: bytes, index: int, term: int) -> Any:
            if self.field("raftState") == 2:
                self.write("append", index=index - 1, term=term, command=command.hex())
            return add(command, index, term)

        transport.setOnMessageReceivedCallback(on_message)
        transport.send, log.add = sending, adding

    def write(self, event: str, **more: Any) -> None:
        """Write a line: what happens, and the state at this moment."""
        voted = self.field("votedForNodeId")
        state = {
            "term": self.field("raftCurrentTerm"),
            "role": ("follower", "candidate", "leader")[self.field("raftState")],
            "commit": self.field("raftCommitIndex") - 1,
            "log": self.field("raftLog")[-1][1] - 1,
            "vote": self.names[voted] if voted is not None else None,
        }
        self.lines.append({"node": self.name, "ev": event, **more, "state": state})


def counter(library: Any) -> Any:
    """Return the class of a replicated counter."""

    class Counter(library.SyncObj):  # type: ignore[misc]
        """A sum that is the same on every node."""

        total = 0

        @library.replicated  # type: ignore[untyped-decorator]
        def add(self, number: int) -> None:
            """Add a number to it."""
            self.total += number

    return Counter


def plain(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as JSON has it; an entry as its index, term and command."""
    entries = [[index - 1, term, command.hex()] for command, index, term in message.get("entries", ())]
    return message | ({"entries": entries} if "entries" in message else {})


def recorded(seconds: float, seed: int = 1) -> list[dict[str, Any]]:
    """Return the lines of some seconds."""
    names, lines, chance = {f"127.0.0.1:{free_port()}": name for name in NAMES}, list[dict[str, Any]](), Random(seed)
    nodes = [Recorder(name, names, lines) for name in NAMES]
    began, still, until, asked = time.monotonic(), -1, 0.0, 0.0
    while (now := time.monotonic() - began) < seconds:
        if now > until:
            still, until = chance.randrange(-1, 3), now + 0.6
        if now > asked:
            asked = now + 0.1
            nodes[chance.randrange(3)].node.add(len(lines))
        for number, node in enumerate(nodes):
            if number != still:
                node.node.doTick(0.002)
    for node in nodes:
        node.write("end")
        node.node.destroy()
    return lines


def free_port() -> int:
    """Return a port that is free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    """Write the log that the command line names."""
    path, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 4.0
    text = "".join(json.dumps(line) + "\n" for line in recorded(seconds))
    with Path(path).open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    main()
