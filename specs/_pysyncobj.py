"""Raft as PySyncObj implements it, and what the lines of its logs tell: for `flpcheck trace`, not for exploration.

PySyncObj (a library on PyPI) chooses by itself which entries it ships to which follower.  That choice is in its log, so
here it is one more rule of `raft.py`.  Its own log has an entry of no command at index 1, so its indices are one more.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from operator import le
from typing import Any

from _raft import AppendEntries, Message, Request, Server
from flpcheck import (
    DEFER, At, Instance, Pid, Process, Processes, Step, Timeout, asynchronous, protocol, record, send,
)  # fmt: skip
from flpcheck.conform import Like, LogLine, Seen, deliver, effect, like, look, own
from raft import Raft


@record
class Ship:
    """A leader sends these entries to one server: Leaders 3, where the implementation chooses."""

    to: str
    previous: int
    count: int
    commit: int


NONE: Any = {}
Event = Timeout | Message | Ship


@protocol
class ShippingRaft(Raft):
    """Raft, in which a leader may ship any entries that it has."""

    def processes(self) -> Processes[Any]:
        return [Process(s, self.shipping_server, start=Server()) for s in self.all_servers]

    def shipping_server(self, at: At, s: Server, event: Event) -> Step[Server, Message]:
        match event:
            case Ship(to, previous, count, commit) if s.role == "leader" and commit <= s.commit:  # Leaders 3: ship
                entries = s.log[previous : previous + count]
                return s, send(AppendEntries(s.term, previous, s.term_at(previous), entries, commit), to=to)
            case Ship():  # only a leader ships
                return DEFER
            case _:  # Raft
                return self.server(at, s, event)


INSTANCES = (Instance("log", ShippingRaft(terms=1_000_000), asynchronous(network="set"), on_demand=True),)


def seen(lines: Iterable[LogLine]) -> Iterator[Seen]:
    """Tell what the lines of a log mean."""
    stood: dict[Pid, int] = {}  # the latest term in which a server stood for election
    for line in lines:
        server, state, message = line["node"], state_of(line["state"]), line.get("msg", NONE)
        match line["ev"]:
            case "recv":
                yield look(server, state)
                yield deliver(server, message_of(message), line["sender"])
            case "append":
                yield own(server, Request(command(line["index"], line["term"], line["command"])))
            case "send" if message["type"] == "append_entries":
                sent = [(line["to"], message_of(message))]
                yield own(server, ship(line["to"], message), after=state, sent=sent)
            case "send" if message["type"] == "request_vote" and stood.get(server) != message["term"]:
                stood[server] = message["term"]
                yield own(server, Timeout(), after=state, sent=[(line["to"], message_of(message))])
            case "send":
                yield effect(server, after=state, sent=[(line["to"], message_of(message))])
            case _:
                yield look(server, state)


def command(index: int, term: int, text: str) -> str:
    """Name a command by its place, for Raft takes each command once."""
    return f"{index} {term} {text}"


def state_of(state: LogLine) -> Like:
    """Return what a line tells of the state of a server, which commits a little later than Raft may."""
    known = {"log.len": state["log"], "voted_for": state["vote"], "commit": partial(le, state["commit"])}
    return like("Server", known, term=state["term"], role=state["role"])


def ship(to: Pid, message: LogLine) -> Ship:
    """Return which entries a leader has chosen to send."""
    return Ship(to, message["prevLogIdx"] - 1, len(message["entries"]), message["commit_index"] - 1)


def message_of(message: LogLine) -> Like:
    """Return what a line tells of a message."""
    match message["type"]:
        case "request_vote":
            last = {"last_term": message["last_log_term"], "last_index": message["last_log_index"] - 1}
            return like("RequestVote", last, term=message["term"])
        case "response_vote":
            return like("Vote", term=message["term"], granted=True)
        case "append_entries":
            entries = [{"term": term, "command": command(n, term, text)} for n, term, text in message["entries"]]
            previous = {"prev_index": message["prevLogIdx"] - 1, "prev_term": message["prevLogTerm"]}
            commit = message["commit_index"] - 1
            return like("AppendEntries", previous, term=message["term"], entries=entries, commit=commit)
        case _ if message["success"]:
            return like("Appended", success=True, match=message["next_node_idx"] - 2)
        case _:
            return like("Appended", success=False)
