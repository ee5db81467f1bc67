"""A shared register on servers that may crash: reads and writes both query a majority, then update a majority.

Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in Message-Passing Systems" (1995); several writers as in Lynch and
Shvartsman, "Robust Emulation of Shared Memory Using Dynamic Quorum-Acknowledged Broadcasts" (1997).  Any two majorities
meet, so an operation learns of every earlier one that has ended.  Asynchronous, crash-stop; no consensus is needed, so
FLP does not apply.  The histories are linearizable (Herlihy and Wing 1990).
"""

from collections.abc import Iterator

from flpcheck import (
    HOLDS, At, Gather, History, Instance, Invoke, Mail, Observer, Pid, Process, Processes, Read, Return, Start, Step,
    View, Write, asynchronous, gather_quorum, history_observer, invariant, linearizable, majority, note, protocol,
    record, register, replace, reply, send, sometimes,
)  # fmt: skip

Tag = tuple[int, Pid]  # the number of a write, and its writer


@record
class Ask:
    """Client -> servers: send me what you store."""


@record
class Answer:
    """Server -> client: this."""

    tag: Tag
    value: str | None


@record
class Tell:
    """Client -> servers: store this, unless you store something later."""

    tag: Tag
    value: str | None


@record
class Told:
    """Server -> client: done."""


Message = Ask | Answer | Tell | Told


@record
class Server:
    """The latest value that it has received."""

    tag: Tag = (0, "")
    value: str | None = None


@record
class Client:
    """idle -> asking -> telling -> done; what it writes, or returns."""

    state: str = "idle"
    value: str | None = None


@protocol
class AbdRegister:
    """One operation for each client."""

    servers: int = 3
    writers: int = 1
    readers: int = 2

    def processes(self) -> Processes[Message]:
        writers = [(f"w{i}", Client(value="ABCDEFGH"[i])) for i in range(self.writers)]
        readers = [(f"r{i}", Client()) for i in range(self.readers)]
        return [
            *(Process(pid, self.server, start=Server()) for pid in self.all_servers),
            *(Process(pid, self.client, start=start, gather=self.majorities) for pid, start in [*writers, *readers]),
        ]

    def observers(self) -> list[Observer[History, object]]:
        return [history_observer()]

    @property
    def all_servers(self) -> list[Pid]:
        return [f"s{i}" for i in range(self.servers)]

    def server(self, at: At, s: Server, event: Ask | Tell) -> Step[Server, Message]:
        match event:
            case Ask():  # 1. answer what is stored
                return s, reply(Answer(s.tag, s.value))
            case Tell(tag, value):  # 2. store a later value
                return Server(tag, value) if tag > s.tag else s, reply(Told())

    def majorities(self, at: At, s: Client, mail: Mail[Message]) -> Iterator[Mail[Message]]:
        """A client waits for a majority of the servers, so it survives the crash of the others."""
        awaited = {"asking": Answer, "telling": Told}.get(s.state)
        answers = tuple(letter for letter in mail if awaited and isinstance(letter.message, awaited))
        return gather_quorum(answers, majority(self.servers))

    def client(self, at: At, s: Client, event: Start | Gather[Message]) -> Step[Client, Message]:
        match event:
            case Start() if s.state == "idle":  # 3. begin: query all
                begun = Invoke(at.me, Write(s.value) if self.writes(at) else Read())
                return replace(s, state="asking"), (note(begun), send(Ask(), to=self.all_servers))
            case Gather(letters) if s.state == "asking":  # 4. a majority has answered: update all
                latest = max((m for _, m in letters if isinstance(m, Answer)), key=lambda answer: answer.tag)
                if self.writes(at):
                    return self.tell((latest.tag[0] + 1, at.me), s.value)
                return self.found(at, latest.tag, latest.value)
            case Gather() if s.state == "telling":  # 5. a majority stores it: return
                return self.over(at, s.value)
            case Start() | Gather():  # begun
                return s, ()

    def found(self, at: At, tag: Tag, value: str | None) -> Step[Client, Message]:
        """A reader writes back what it found, so that every later reader finds it as well."""
        return self.tell(tag, value)

    def tell(self, tag: Tag, value: str | None) -> Step[Client, Message]:
        return Client("telling", value), send(Tell(tag, value), to=self.all_servers)

    def over(self, at: At, value: str | None) -> Step[Client, Message]:
        return Client("done"), note(Return(at.me, None if self.writes(at) else value))

    def writes(self, at: At) -> bool:
        return at.me.startswith("w")


@invariant
def linearizable_history(view: View[Server | Client]) -> bool:
    """The history of the clients is linearizable at a single register."""
    return linearizable(view.observers["history"], register())


@sometimes
def a_value_is_read(view: View[Server | Client]) -> bool:
    """A reader returns what was written."""
    return any(x.result for thread in view.observers["history"].threads for x in thread.done)


CLAIMS = {linearizable_history: HOLDS, a_value_is_read: HOLDS}

INSTANCES = (
    Instance(
        "one server dead", AbdRegister(), asynchronous(initially_dead=("s2",)), CLAIMS,
        configurations=3352,
        counterexample={a_value_is_read: 12},
        about="A write and two reads complete although one of three servers never answers.",
    ),
    Instance(
        "one reader", AbdRegister(readers=1), asynchronous(), CLAIMS,
        configurations=39465, transitions=131457, depth=18,
        counterexample={a_value_is_read: 12},
        about="Three servers; with two readers (`-p readers=2`) there are 24,005,625 configurations.",
    ),
    Instance(
        "two writers", AbdRegister(servers=2, writers=2, readers=1), asynchronous(), CLAIMS,
        configurations=5176, transitions=13260, depth=21,
        counterexample={a_value_is_read: 12},
        about="Writes that overlap may get the same number: the writer's name orders them.",
    ),
    Instance(
        "clients die", AbdRegister(writers=2, readers=2),
        asynchronous(initially_dead=("s2",), crashes=2, faulty=("w0", "w1", "r0", "r1")), CLAIMS,
        on_demand=True,
        configurations=1860163, transitions=8444458, depth=30,
        about="Clients may crash in the middle of an operation: an unfinished write may still take effect.",
    ),
)  # fmt: skip
