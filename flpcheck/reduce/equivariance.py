"""Verifying declared symmetries: what happens to the image of a configuration is the image of what happens to it.

Steps are local, so it is enough to look at rows: (local state, event) and its answer.  Every row that exploration uses
is asked under every renaming of the group, once per orbit of rows, so for steps this is a proof on what was explored.
Guards and passive learners look at whole mailboxes, and general protocols at whole configurations: some hundreds of
these and then a sample are asked under all renamings of a small group; of a large one under those that generate it, and
some more in turn.  (Those that generate it are not enough where only representatives are looked at: they lead from one
to a few of its images.)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from functools import partial
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from flpcheck.authoring.events import Event, Gather, Letter, Pid
from flpcheck.authoring.process import Mail, PassiveLearner
from flpcheck.authoring.protocol import members
from flpcheck.authoring.reduction import Choice
from flpcheck.authoring.renaming import Renaming, words
from flpcheck.authoring.values import Key, key, place_of, shorten, show
from flpcheck.errors import FlpcheckError, ReductionRefused
from flpcheck.reduce.group import small
from flpcheck.reduce.images import Images, renamed_local
from flpcheck.reduce.offending import OFF, NewRows, outcomes_text, refusal
from flpcheck.system.asker import ONE_IN, Answer, Outcome
from flpcheck.system.components import AnsweredQuestion, Component, Components
from flpcheck.system.configuration import MessagePassingConfiguration
from flpcheck.system.general import General, GeneralConfiguration, Situation
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.observers import ObserverState, Watch
from flpcheck.world.network import Envelope

Image: TypeAlias = Callable[[GeneralConfiguration], GeneralConfiguration]
GeneralStep: TypeAlias = tuple[str, Pid, Hashable]
"""A step of a general protocol: the kind of its event, whose it is, and the situation after it."""

SURELY, SAMPLE = 300, 16
"""Number of first mailboxes and of first whole configurations that are all looked at; of the later ones, one in SAMPLE
is."""


SAME = -1
"""Stands for the renaming that changes nothing."""
MANY = 24
"""Maximum number of renamings under which each row is checked, besides the generators of the group."""


def under(group: Sequence[Renaming], look: int) -> list[int]:
    """Return the numbers of the renamings under which the `look`-th row of a kind is checked.

    Examples
    --------
    >>> from flpcheck import Symmetric
    >>> from flpcheck.reduce.group import group
    >>> under(group([Symmetric(("a", "b", "c"))], "abc"), look=7)
    [1, 2, 3, 4, 5]
    >>> large = group([Symmetric(("a", "b", "c", "d", "e"))], "abcde")
    >>> [len(under(large, look)) for look in (0, 1)], len({n for look in range(5) for n in under(large, look)})
    ([27, 34], 119)
    """
    others = range(1, len(group))
    if len(others) <= MANY:
        return list(others)
    some = (others[place % len(others)] for place in range(look * MANY, (look + 1) * MANY))
    return sorted({*(group.index(to) for to in small(group)), *some})


class Equivariance(Protocol):
    """Checks the calls that exploration has made, and refuses a symmetry that they contradict."""

    def look(self, configuration: Any) -> None:
        """Verify what is new since the last look."""


class Verified:
    """Checks nothing: an engine has verified every row already."""

    def look(self, _: Any) -> None:
        """Leave it at that."""


class EquivarianceOfParts:
    """Verifies the rows of an event-driven protocol, its guards and its passive learners.

    Parameters
    ----------
    system
        The plain system; a copy of it is asked.
    group
        The renamings.
    """

    def __init__(self, system: MessagePassing, group: Sequence[Renaming]) -> None:
        self.parts, self.group = system.parts, group
        self.copy = Components(members(system.protocol), system.world)
        self._new = NewRows(self.parts)
        self._known: set[tuple[int, Key, Pid | None, Key]] = set()
        self._things: dict[Key, list[tuple[Any, Key]]] = {}
        self._components: set[Component] = set()
        self._gathered: dict[Component, list[Mail[Any]]] = {}
        self._envelopes: dict[tuple[int, Envelope], Envelope] = {}
        self._letters_seen: dict[tuple[int, int], tuple[Letter[Any], Key]] = {}
        self.watch, self.watch_copy = system.watch, Watch(system.watch.observers)
        self._notes_looked_at = 0
        self._notes_known: set[tuple[int, Key, Key]] = set()
        place = place_of(type(system.protocol).reductions)
        for seat in self.copy.seats:
            others = [self.copy.seats[self.copy.index[to.pid(seat.name)]] for to in group]
            if len({(o.crashable, o.decides, o.asker is None, getattr(o.member, "stable", None)) for o in others}) > 1:
                why = "one of them may crash, decide or take steps, and the other may not"
                what = f"processes {', '.join(sorted({other.name for other in others}))} are declared symmetric"
                raise ReductionRefused(what, place=place, why=why, next_step=OFF)

    def look(self, configuration: MessagePassingConfiguration) -> None:
        """Verify the rows that were added to the table since the last look, and the guards of this configuration.

        Raises
        ------
        ReductionRefused
            With the row that contradicts the declaration.
        """
        for row in self._new():
            self._check(row)
        for before, about, after in self.watch.asked[self._notes_looked_at :]:
            self._check_note(before, about, after)
        self._notes_looked_at = len(self.watch.asked)
        for component in configuration.components:
            if component not in self._components:
                self._components.add(component)
                if is_looked_at(len(self._components)):
                    self.check_mailbox(component, under(self.group, len(self._components)))

    def _check(self, row: AnsweredQuestion) -> None:
        local_name, event_name = key(row.local), key(row.event)
        if (row.owner, local_name, row.sender, event_name) in self._known:
            return  # it is an image of a row that was verified with all its images
        locals_, events = self._under_all(row.local, local_name), self._under_all(row.event, event_name)
        for to, (local, local_key), (event, event_key) in zip(self.group, locals_, events, strict=True):
            owner = self.parts.index[to.pid(self.parts.names[row.owner])]
            sender = None if row.sender is None else to.pid(row.sender)
            name = (owner, local_key, sender, event_key)
            if name not in self._known:
                self._known.add(name)
                self._compare(row, to, (owner, local, event, sender))

    def _under_all(self, thing: Any, name: Key) -> list[tuple[Any, Key]]:
        """Return a local state or an event under each renaming, with the identity of each image."""
        found = self._things.get(name)
        if found is None:
            images = [self._event(to, thing) for to in self.group]
            found = self._things[name] = [(image, key(image)) for image in images]
        return found

    def _check_note(self, before: ObserverState, about: Any, after: ObserverState) -> None:
        if (before.index, before.content, key(about)) in self._notes_known:
            return  # it is an image of a call that was verified with all its images
        for to in self.group:
            image = self.watch_copy.renamed(before, to)
            name = (before.index, image.content, key(to(about)))
            if name not in self._notes_known:
                self._notes_known.add(name)
                self.compare_note(before, about, after, to)

    def compare_note(self, before: ObserverState, about: Any, after: ObserverState, to: Renaming) -> None:
        """Verify one call of an observer under one renaming.

        Raises
        ------
        ReductionRefused
            If its next state is not the image of the next state.
        """
        image, note = self.watch_copy.renamed(before, to), to(about)
        expected, found = self.watch_copy.renamed(after, to), self.watch_copy.after(image, note)
        if expected.content == found.content:
            return
        observer = self.watch.observers[before.index]
        raise ReductionRefused(
            f"a declared symmetry is wrong: the observer {observer.name} does not treat the declared names alike",
            place=place_of(observer.step),
            why=f"{words(to)}: notified of {shorten(show(note), 300)} in state {shorten(show(image.state), 300)}",
            details=[f"expected {shorten(show(expected.state), 300)}", f"found    {shorten(show(found.state), 300)}"],
            next_step="pass Observer(..., renamed=...) if names have an order in its state, or explore with "
            "--no-reduction",
        )

    def compare(self, row: AnsweredQuestion, to: Renaming) -> None:
        """Verify one row under one renaming.

        Raises
        ------
        ReductionRefused
            If the answer to its image is not the image of its answer.
        """
        sender = None if row.sender is None else to.pid(row.sender)
        owner = self.parts.index[to.pid(self.parts.names[row.owner])]
        self._compare(row, to, (owner, to(row.local), self._event(to, row.event), sender))

    def _event(self, to: Renaming, event: Any) -> Any:
        """Return an event under a renaming; the letters of a gathering come in the order of the mailbox.

        In a queue those of one sender stay in the order in which they were sent.
        """
        image = to(event)
        if not isinstance(image, Gather):
            return image
        order, fifo = self.parts.index, self.copy.network.kind == "fifo"
        letters = image.letters if fifo else sorted(image.letters, key=lambda letter: key(letter.message))
        return Gather(tuple(sorted(letters, key=lambda letter: order[letter.sender])))

    def _compare(self, row: AnsweredQuestion, to: Renaming, question: tuple[int, Any, Any, Pid | None]) -> None:
        owner, local, event, sender = question
        asker, name = self.copy.seats[owner].asker, self.parts.names[owner]
        assert asker is not None
        image = f"{words(to)}: from {shorten(show(local), 300)} of {name} and {shorten(show(event), 300)}"
        if sender is not None:
            image += f" from {sender}"
        try:
            answer = asker.ask(local, event, sender, thorough=asker.calls % ONE_IN == 0, traced=False)
        except FlpcheckError as error:
            raise refusal(self.parts, row, "a step fails once names are permuted", f"{image}: {error.what}") from error
        expected, found = _identities(row.answer, to), _identities(answer, Renaming({}, {}))
        if expected != found:
            shown = (
                image,
                f"expected {outcomes_text(_image(row.answer, to))}",
                f"found    {outcomes_text(answer.outcomes)}",
            )
            raise refusal(self.parts, row, "a step does not treat the declared names symmetrically", *shown)

    def check_mailbox(self, component: Component, renamings: Sequence[int]) -> None:
        """Verify that a decision, a guard and a passive learner treat a component like its images."""
        seat = self.parts.seats[component.owner]
        looks = isinstance(seat.member, PassiveLearner) or (component.mailbox and seat.member.gather is not None)
        for number in renamings if looks or component.decisions else ():
            to, there = self.group[number], self._image(component, number)
            if sorted(map(key, there.decisions)) != sorted(key(to(value, Choice)) for value in component.decisions):
                self._refuse(component, to, "decides differently")
            if self._groups(component, number) != self._groups(there, SAME):
                self._refuse(component, to, "gathers differently")

    def _image(self, component: Component, number: int) -> Component:
        index, to = self.copy.index, self.group[number]
        box = [self._image_of_envelope(envelope, number) for envelope in component.mailbox]
        box.sort(key=lambda e: e.sender if self.copy.network.kind == "fifo" else e.key)
        owner = index[to.pid(self.copy.names[component.owner])]
        return self.copy.component(owner, renamed_local(component.local, to), tuple(box))

    def _image_of_envelope(self, envelope: Envelope, number: int) -> Envelope:
        found = self._envelopes.get((number, envelope))
        if found is None:
            to, letter = self.group[number], envelope.letter
            found = self.copy.envelope(self.copy.index[to.pid(letter.sender)], to(letter.message))
            self._envelopes[number, envelope] = found
        return found

    def _groups(self, component: Component, number: int) -> Counter[Key]:
        """Return the groups of a component under a renaming; the guard is asked about each component once."""
        found = self._gathered.get(component)
        if found is None:
            parts = self.parts if self.parts.seats[component.owner].asker is not None else self.copy
            mail = () if component.crashed else _own(parts, component)
            found = self._gathered[component] = parts.groups(component.owner, component.local, mail) if mail else []
        return Counter(self._letters(group, number) for group in found)

    def _letters(self, group: Mail[Any], number: int) -> Key:
        """Return the letters of a group under a renaming, in no order; in a queue those of one sender have theirs."""
        letters = [self._letter(letter, number) for letter in group]
        return tuple(sorted(letters, key=itemgetter(0) if self.copy.network.kind == "fifo" else None))

    def _letter(self, letter: Letter[Any], number: int) -> Key:
        found = self._letters_seen.get((number, id(letter)))
        if found is None:
            to = self.group[number] if number != SAME else Renaming({}, {})
            found = letter, (to.pid(letter.sender), key(to(letter.message)))
            self._letters_seen[number, id(letter)] = found  # which keeps the letter, and so its identity
        return found[1]

    def _refuse(self, component: Component, to: Renaming, how: str) -> None:
        seat = self.parts.seats[component.owner]
        mail = shorten(show(tuple(envelope.letter for envelope in component.mailbox)), 300)
        raise ReductionRefused(
            f"a declared symmetry is wrong: {seat.name} {how} once names are permuted",
            place=place_of(getattr(seat.member, "gather", None) or getattr(seat.member, "learn", None)),
            why=words(to),
            details=[f"state {shorten(show(component.local), 300)}, mailbox {mail}"],
            next_step=OFF,
        )


def _own(parts: Components, component: Component) -> tuple[Any, ...]:
    return tuple(parts.envelope(parts.index[e.letter.sender], e.letter.message) for e in component.mailbox)


def _identities(answer: Answer, to: Renaming) -> set[Key]:
    """Return the outcomes of an answer under a renaming; what different processes are sent has no order."""
    return {
        (
            key(to(o.state)),
            tuple(sorted(((to.pid(p), key(to(m))) for p, m in o.sends), key=lambda send: send[0])),
            tuple(key(to(about)) for about in o.notes),
            o.chance,
            o.restarts,
        )
        for o in answer.outcomes
    }


def _image(answer: Answer, to: Renaming) -> list[Outcome]:
    return [
        outcome._replace(state=to(outcome.state), sends=to(outcome.sends), notes=to(outcome.notes))
        for outcome in answer.outcomes
    ]


class EquivarianceOfWholes:
    """Verifies the configurations of a general protocol."""

    def __init__(self, system: General, group: Sequence[Renaming], images: Images) -> None:
        self.system, self.images, self.group = system, images, group
        self._looks = 0

    def look(self, configuration: GeneralConfiguration) -> None:
        """Verify what happens in a configuration.

        Raises
        ------
        ReductionRefused
            With the configuration that contradicts the declaration.
        """
        self._looks += 1
        if is_looked_at(self._looks):
            self.check(configuration, under(self.group, self._looks))

    def check(self, configuration: GeneralConfiguration, renamings: Sequence[int]) -> None:
        """Verify what is decided, and what happens, in a configuration under some renamings, given by number."""
        for number in renamings:
            self.check_decisions(configuration, number)
            self.check_steps(configuration, number)

    def check_decisions(self, configuration: GeneralConfiguration, number: int) -> None:
        """Verify what is decided."""
        to, there = self.group[number], self.images.image(configuration, number)
        outputs = self.system.outputs(configuration).items()
        decided = Counter(key((to.pid(pid), to(value[0], Choice))) for pid, value in outputs)
        found = Counter(key((pid, value[0])) for pid, value in self.system.outputs(there).items())
        self._demand(configuration, to, decided, found, "decides differently")

    def check_steps(self, configuration: GeneralConfiguration, number: int) -> None:
        """Verify what happens."""
        to, there = self.group[number], self.images.image(configuration, number)
        self.system.look_ahead(there)
        after = self._steps(configuration, to, partial(self.images.image, number=number))
        otherwise = self._steps(there, Renaming({}, {}), lambda there: there)
        self._demand(configuration, to, after, otherwise, "continues differently")

    def _steps(self, here: GeneralConfiguration, to: Renaming, image: Image) -> Counter[GeneralStep]:
        """Return what happens in a configuration and by what coins, under a renaming; messages are not compared."""
        found = Counter[GeneralStep]()
        coins = defaultdict[Event, dict[Situation, Fraction]](dict)
        for step in self.system.applicable(here):
            after = image(step.successor).situation
            if step.chance is None:
                found[step.event.kind, to.pid(step.event.process or ""), after] += 1
            else:
                coins[step.event][after] = coins[step.event].get(after, 0) + step.chance
        for event, outcomes in coins.items():
            found[event.kind, to.pid(event.process or ""), frozenset(outcomes.items())] += 1
        return found

    def _demand(
        self, configuration: GeneralConfiguration, to: Renaming, expected: Counter[Any], found: Counter[Any], how: str
    ) -> None:
        if expected == found:
            return
        missing, more = list((expected - found).elements())[:1], list((found - expected).elements())[:1]
        raise ReductionRefused(
            f"a declared symmetry is wrong: a configuration {how} once names are permuted",
            place=self.system.place,
            why=words(to),
            details=[
                f"in {shorten(show(configuration.situation.shared), 300)}",
                f"missing {shorten(repr(missing), 200)}",
                f"instead {shorten(repr(more), 200)}",
            ],
            next_step=OFF,
        )


def is_looked_at(number: int) -> bool:
    """Return whether the component, or the configuration, of this number is verified: the first ones, then a sample."""
    return number <= SURELY or number % SAMPLE == 0
