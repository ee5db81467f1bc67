"""The bundled Raft as PySyncObj implements it, and what the lines of its log tell.

PySyncObj (a library on PyPI) chooses by itself which entries it ships to which follower: a choice that the log
supplies, so it is one more rule.  Its log has an entry of its own at index 1, so every index is one more than here.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from flpcheck import DEFER, At, Instance, Process, Processes, Step, Timeout, asynchronous, load, protocol, record, send
from flpcheck.conform import LogLine, Seen, deliver, effect, like, look, own

_raft = load("raft").module
AppendEntries, Appended, Message, Request, Server = (
    getattr(_raft, name) for name in ("AppendEntries", "Appended", "Message", "Request", "Server")
)


@record
class Ship:
    """A leader sends these entries to one server: Leaders 3, where the implementation chooses."""

    to: str
    previous: int
    count: int
    commit: int


@protocol
class ShippingRaft(_raft.Raft):
    """Raft, in which a leader may ship any entries that it has."""

    terms: int = 1000

    def processes(self) -> Processes[Any]:
        return [Process(s, self.server_that_ships, start=Server()) for s in self.all_servers]

    def server_that_ships(self, at: At, s: Any, event: Timeout | Message | Ship) -> Step[Any, Any]:
        match event:
            case Ship(to, previous, count, commit) if s.role == "leader" and commit <= s.commit:  # Leaders 3: ship
                entries = s.log[previous : previous + count]
                return s, send(AppendEntries(s.term, previous, s.term_at(previous), entries, commit), to=to)
            case Ship():  # only a leader ships
                return DEFER
            case _:  # Raft
                return self.server(at, s, event)


INSTANCES = (Instance("log", ShippingRaft(), asynchronous(network="set")),)


def seen(lines: Iterable[LogLine]) -> Iterator[Seen]:
    """Tell what the lines of a log mean."""
    stood: dict[str, int] = {}  # the latest term in which a server stood for election
    for line in lines:
        node, event, message = line["node"], line["ev"], line.get("msg", {})
        state = state_of(line["state"])
        if event == "recv":
            yield look(node, state)
            yield deliver(node, message_of(message), line["sender"])
        elif event == "append":
            yield own(node, Request(command(line["index"], line["term"], line["command"])))
        elif event == "send" and message["type"] == "request_vote":
            sent = [(line["to"], message_of(message))]
            if stood.get(node) == message["term"]:
                yield effect(node, after=state, sent=sent)
            else:
                stood[node] = message["term"]
                yield own(node, Timeout(), after=state, sent=sent)
        elif event == "send" and message["type"] == "append_entries":
            previous, count, commit = message["prevLogIdx"] - 1, len(message["entries"]), message["commit_index"] - 1
            ship = Ship(line["to"], previous, count, commit)
            yield own(node, ship, after=state, sent=[(line["to"], message_of(message))])
        elif event == "send":
            yield effect(node, after=state, sent=[(line["to"], message_of(message))])
        else:
            yield look(node, state)


def command(index: int, term: int, text: str) -> str:
    """Name a command by its place, for Raft takes each command once."""
    return f"{index} {term} {text}"


def state_of(state: Any) -> Any:
    """Return what a line tells of the state of a server; it commits a little later than the spec."""
    logged = state["commit"]
    at_least = (lambda commit: commit >= logged)
    fields = {"term": state["term"], "role": state["role"], "log.len": state["log"], "voted_for": state["vote"]}
    return like("Server", fields | {"commit": at_least})


def message_of(message: Any) -> Any:
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
            return like("AppendEntries", previous, term=message["term"], entries=entries, commit=message["commit_index"] - 1)
        case _ if message["success"]:
            return like("Appended", success=True, match=message["next_node_idx"] - 2)
        case _:
            return like("Appended", success=False)
