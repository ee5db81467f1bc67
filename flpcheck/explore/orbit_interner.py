"""Interning modulo symmetry: only what configurations hold is asked, and every answer is verified under renamings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.events import Event, Gather
from flpcheck.authoring.values import Key, key, place_of
from flpcheck.errors import InternalError, ReductionRefused, SpecError
from flpcheck.explore.held_interner import HeldInterner
from flpcheck.explore.kernel import arrays as k
from flpcheck.explore.kernel.equivariance import ask_images, contradicting, contradiction
from flpcheck.explore.kernel.renamings import are_images, orbit_keys
from flpcheck.explore.named_beside import NamedBeside
from flpcheck.explore.orbit_table import RenamingTable
from flpcheck.reduce.equivariance import EquivarianceOfParts, is_looked_at
from flpcheck.reduce.offending import OFF
from flpcheck.reduce.orbits import Orbits
from flpcheck.reduce.quotient import Quotient
from flpcheck.system.asker import ONE_IN
from flpcheck.system.components import AnsweredQuestion, Crashed
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.observers import ObserverState

if TYPE_CHECKING:
    pass

Group: TypeAlias = tuple[int, tuple[int, ...]]
"""A local state, and the envelopes that are gathered in it."""
SURELY = 300
"""Number of first components that are looked at under all generators; later ones under one renaming, in turn."""


class OrbitInterner(HeldInterner):
    """The numbers of one system, and their images under the symmetries that it declares.

    Most components are images that no configuration holds: they have numbers, and nothing else is asked about them.

    Parameters
    ----------
    orbits
        The quotient explored.
    """

    def __init__(self, orbits: Orbits) -> None:
        plain = orbits.plain
        assert isinstance(plain, MessagePassing)
        super().__init__(plain, orbits.below if isinstance(orbits.below, Quotient) else None)
        self.most = orbits.most
        self.beside = NamedBeside(self)
        self.beside.enter()
        self._notes_verified: set[tuple[ObserverState, Key]] = set()
        self.renaming = RenamingTable(self, orbits)
        self.verifier = EquivarianceOfParts(plain, self.renaming.renamings)
        self._looked = self._gathered = 0
        self._orbits: dict[int, tuple[int, int]] = {}
        self._named: dict[int, list[Group]] = {}
        self._letters: dict[int, Key] = {}
        self._questioned: list[tuple[int, int]] = []
        self._verified = 0

    def grow(self, longest: int = 0) -> None:
        """Give every array that is more than half full twice the capacity, those of images, too."""
        super().grow(longest)
        if hasattr(self, "renaming"):
            self.renaming.grow()

    def state_of_observer(self, index: int, state: ObserverState) -> int:
        """Return the number of an observer's state."""
        found = super().state_of_observer(index, state)
        self.beside.number(index, found)
        return found

    def ask_observer(self, field: int, state: int, note: int) -> None:
        """Ask what an observer does with a note, verify that, and rename what is new."""
        super().ask_observer(field, state, note)
        self._verify_note(self.watched[field - len(self.seats) - 1][state], self.notes[note])
        self.renaming.close()

    def _verify_note(self, state: ObserverState, note: Any) -> None:
        """Verify that an observer treats the images of a note like the note, until they are closed."""
        left = [(state, note)]
        while left:
            before, about = left.pop()
            name = before, key(about)
            if name in self._notes_verified:
                continue
            self._notes_verified.add(name)
            after = self.watch.after(before, about)
            for number in self.renaming.generators:
                to = self.renaming.renamings[number]
                self.verifier.compare_note(before, about, after, to)
                left.append((self.watch.renamed(before, to), to(about)))

    def close(self) -> None:
        """Enter what the kernel needs to know of local states and envelopes that are new, and of their images."""
        self.renaming.close()
        super().close()

    def prepare(self) -> bool:
        """Ask what the components that are held need, make their rows, verify the answers; return whether any is new.

        Raises
        ------
        ReductionRefused
            With the first answer that contradicts the declared symmetries.
        """
        found = super().prepare()
        self._verify_rows()
        self._verify_corpses()
        self._verify_mailboxes()
        self.grow()
        return found

    def _answer(self, local: int, envelope: int) -> tuple[int, int]:
        found = super()._answer(local, envelope)
        self._questioned.append((local, envelope))
        return found

    def _gather(self, wanted: NDArray[np.int64]) -> None:
        """Ask guards about one component of each orbit, and rename its groups for the others.

        That a guard treats all alike is verified on a sample.
        """
        if not self.renaming.listed:
            super()._gather(wanted)
            return
        new = self._gathering(wanted)
        keys, leading = np.zeros((2, len(new)), np.int64)
        orbit_keys(self.store, self.renaming.arrays, new, keys, leading)
        pairs = list[tuple[int, int, int]]()
        for component, name, renaming in zip(new.tolist(), keys.tolist(), leading.tolist(), strict=True):
            if name in self._orbits:
                first, its = self._orbits[name]
                pairs.append((first, self.renaming.products.back_again(its, renaming), component))
            else:
                self._orbits[name] = component, renaming
                self._ask_guard(component)
        self._rename_groups(pairs)

    def _rename_groups(self, pairs: list[tuple[int, int, int]]) -> None:
        """Enter the groups of the last component of each triple, the image of the first one under the renaming."""
        alike, done = np.zeros(len(pairs), np.bool_), 0
        while done < len(pairs):
            self.grow()
            done = int(are_images(self.store, self.renaming.arrays, np.array(pairs, np.int64), alike, done))
        for (first, number, component), is_image in zip(pairs, alike.tolist(), strict=True):
            if is_image:
                self._enter_groups(component, self._images_of_groups(first, number))
            else:
                self._ask_guard(component)

    def _images_of_groups(self, component: int, number: int) -> list[tuple[int, int, int, int]]:
        """Return the groups of the image of a component, in the order in which a guard's answers stand."""
        found = []
        for name in self._groups_at(component):
            image = self._group_under(name, number)
            self._gathered_as(name, image, number)
            found.append((len(image[1]), [self._letter_key(take) for take in image[1]], self._groups[image]))
        return [row for *_, row in sorted(found, key=lambda group: group[:2])]

    def _groups_at(self, component: int) -> list[Group]:
        """Return the groups of a component."""
        if component not in self._named:
            local, _, _, first, last, *_ = self.store.components[component].tolist()
            rows = self.store.groups[first:last].tolist()
            self._named[component] = [(local, tuple(self.store.takes[row[0] : row[1]].tolist())) for row in rows]
        return self._named[component]

    def _letter_key(self, envelope: int) -> Key:
        if envelope not in self._letters:
            self._letters[envelope] = key(self.envelopes[envelope].letter)
        return self._letters[envelope]

    def _verify_rows(self) -> None:
        """Ask the images of all rows, until they are closed under the generators, and compare the answers.

        A renaming that the generators make is then verified as well, for rows of images are rows.
        """
        first = self._verified
        self._ask_images()
        asked, generators = self._new(first), np.array(self.renaming.generators)
        place = int(contradiction(self.store, self.tables, self.renaming.arrays, asked, generators))
        if place >= 0:
            number, generator = divmod(place, len(generators))
            local, envelope = asked[number].tolist()
            self._refuse(local, envelope, int(generators[generator]))
        self._verify_groups()

    def _new(self, first: int) -> NDArray[np.int64]:
        return np.array(self._questioned[first:], np.int64).reshape(-1, 2)

    def _ask_images(self) -> None:
        self.renaming.close()
        while self._verified < len(self._questioned):
            asked, done = self._new(self._verified), 0
            self._verified += len(asked)
            while done < len(asked):
                self.grow()
                generators = np.array(self.renaming.generators)
                done = int(ask_images(self.store, self.renaming.arrays, asked, generators, done))
                self._answer_misses(self._answered_image)
            self.renaming.close()

    def _answered_image(self, local: int, envelope: int) -> tuple[int, int]:
        try:
            if envelope == k.OWN or len(self._questioned) % ONE_IN == 0:
                return self._answer(local, envelope)
            return self._answer_lightly(local, envelope)
        except SpecError:
            for before, generator in self._origins(local, envelope):
                self._refuse(*before, generator)
            raise

    def _answer_lightly(self, local: int, envelope: int) -> tuple[int, int]:
        """Put a question that no configuration which is expanded puts: no rule can apply that others have not."""
        self._questioned.append((local, envelope))
        letter = self.envelopes[envelope].letter
        owner = int(self.store.locals_["owner"][local])
        asker = self.seats[owner].asker
        assert asker is not None
        answer = asker.ask(self.locals[local], letter.message, letter.sender, thorough=False, traced=False)
        event = partial(Event, "deliver", asker.process.name, letter.sender, letter.message)
        return self._outcomes(owner, local, event, answer)

    def _origins(self, local: int, envelope: int) -> Iterator[tuple[tuple[int, int], int]]:
        """Yield the questions that were answered, and the generators, of which a question is the image."""
        arrays = self.renaming.arrays
        for generator in self.renaming.generators:
            for before in self._questioned:
                other = envelope if envelope == k.OWN else int(arrays.envelopes[before[1], generator])
                if int(arrays.locals_[before[0], generator]) == local and other == envelope:
                    yield before, generator

    def _refuse(self, local: int, envelope: int, number: int) -> None:
        """Raise the error for a row whose image has another answer under a renaming."""
        owner, state = int(self.store.locals_["owner"][local]), self.locals[local]
        if envelope != k.OWN:
            letter = self.envelopes[envelope].letter
            questions: list[tuple[Any, Any, Any]] = [(state, letter.message, letter.sender)]
        elif isinstance(state, Crashed):
            raise self._otherwise(owner, "recovers", f"from {state}")
        else:
            questions = [(state, event, None) for _, event in self.parts.own_events(self.seats[owner])]
        for question in questions:
            self._compare(owner, *question, number)
        raise InternalError("a step contradicts a symmetry for the kernel, but not for the reference engine")

    def _compare(self, owner: int, state: Any, event: Any, sender: Any, number: int) -> None:
        row = AnsweredQuestion(owner, state, event, sender, self.parts.answer(owner, state, event, sender))
        self.verifier.compare(row, self.renaming.renamings[number])

    def _otherwise(self, owner: int, what: str, why: str) -> ReductionRefused:
        """Return the error for a process that crashes, or recovers, differently once names are permuted."""
        return ReductionRefused(
            f"a declared symmetry is wrong: {self.seats[owner].name} {what} differently once names are permuted",
            place=place_of(type(self.system.protocol).reductions),
            why=why,
            next_step=OFF,
        )

    def _verify_groups(self) -> None:
        """Do the same for what is gathered."""
        while self._gathered < len(self._groups):
            self.renaming.close()
            fresh = list(islice(self._groups.items(), self._gathered, None))
            self._gathered = len(self._groups)
            asked = [(name, number) for name, _ in fresh for number in self.renaming.generators]
            ranges = [
                (number, *self._groups[name][2:], *self._gathered_as(name, self._group_under(name, number), number))
                for name, number in asked
            ]
            self._ask_images()
            pairs = np.array(ranges, np.int64).reshape(-1, 5)
            place = int(contradicting(self.store, self.tables, self.renaming.arrays, pairs))
            if place >= 0:
                self._refuse_group(*asked[place])

    def _gathered_as(self, name: Group, image: Group, number: int) -> tuple[int, int]:
        """Return the outcomes of the image of a gathering, which is asked unless it is known."""
        if image not in self._groups:
            local, takes = image
            letters = tuple(self.envelopes[take].letter for take in takes)
            try:
                self._group(int(self.store.locals_["owner"][local]), local, letters)
            except SpecError:
                self._refuse_group(name, number)
        return self._groups[image][2:]

    def _group_under(self, name: Group, number: int) -> Group:
        """Return a gathering under a renaming, its letters in the order of a mailbox."""
        (local, takes), arrays = name, self.renaming.arrays
        images: list[int] = arrays.envelopes[list(takes), number].tolist()
        if self.store.rules.kind == k.FIFO:
            images.sort(key=lambda take: self.envelopes[take].sender)
        else:
            images.sort(key=lambda take: self.envelopes[take].key)
        return int(arrays.locals_[local, number]), tuple(images)

    def _refuse_group(self, name: Group, number: int) -> NoReturn:
        local, takes = name
        letters = tuple(self.envelopes[take].letter for take in takes)
        self._compare(int(self.store.locals_["owner"][local]), self.locals[local], Gather(letters), None, number)
        raise InternalError("a gathering contradicts a symmetry for the kernel, but not for the reference engine")

    def _verify_corpses(self) -> None:
        """Verify that what a crash leaves of an image is the image of what it leaves."""
        corpses = self.store.locals_["corpse"][: len(self.locals)]
        able = np.flatnonzero(corpses >= 0)
        for number in self.renaming.generators:
            images = self.renaming.arrays.locals_[:, number]
            wrong = able[corpses[images[able]] != images[corpses[able]]]
            if len(wrong):
                owner = int(self.store.locals_["owner"][wrong[0]])
                raise self._otherwise(owner, "crashes", f"in {self.locals[int(wrong[0])]}")

    def _verify_mailboxes(self) -> None:
        """Verify decisions, guards and passive learners on components that are held: the first ones and a sample."""
        for component in self.wanted()[self._looked :].tolist():
            self._looked += 1
            if is_looked_at(self._looked):
                local, _, number, *_ = self.store.components[component].tolist()
                owner = int(self.store.locals_["owner"][local])
                in_turn = self._looked % len(self.renaming.renamings)
                chosen = [in_turn, *self.renaming.generators] if self._looked <= SURELY else [in_turn]
                self.verifier.check_mailbox(self.decoded(owner, number), chosen)

    @property
    def undone(self) -> bool:
        """Whether a crash, a recovery or what reaches a passive learner may undo a decision; steps tell themselves."""
        learns = any(seat.asker is None for seat in self.seats)
        if learns and (self.store.rules.losses or self.store.rules.duplications):
            return True
        return self._crashes_undo() or self._recoveries_undo() or (learns and self._arrivals_undo())

    def _crashes_undo(self) -> bool:
        corpses = self.store.locals_["corpse"][: len(self.locals)].tolist()
        pairs = (
            (state, self.locals[corpse]) for state, corpse in zip(self.locals, corpses, strict=True) if corpse >= 0
        )
        return any(key(getattr(state, "decision", None)) != key(corpse.decision) for state, corpse in pairs)

    def _recoveries_undo(self) -> bool:
        for local, envelope in self._questioned:
            state = self.locals[local]
            if envelope == k.OWN and isinstance(state, Crashed) and state.decision is not None:
                first, last = self.store.locals_[["first", "last"]][local].tolist()
                afterwards = self.store.outcomes["local"][first:last].tolist()
                if any(key(getattr(self.locals[a], "decision", None)) != key(state.decision) for a in afterwards):
                    return True
        return False

    def _arrivals_undo(self) -> bool:
        """Whether a passive learner that has decided decides something else once more has arrived."""
        learners = {seat.index for seat in self.seats if seat.asker is None}
        for owner, before, after in self._arrivals():
            if owner in learners:
                ends = (self.decoded(owner, number).decisions for number in (before, after))
                here, there = (tuple(map(key, decisions)) for decisions in ends)
                if here and here != there:
                    return True
        return False

    def _arrivals(self) -> Iterator[tuple[int, int, int]]:
        """Yield (process, number of its component before, and after) for every arrival that the search has met."""
        owners = {channel: field for (field, _), channel in self._channels.items() if field < len(self.seats)}
        channels = self.store.rules.channel_bits
        values = (64 - channels) // 2
        for word in self.tables.adds[self.tables.adds != 0].tolist():
            name, after = word >> values, word & ((1 << values) - 1)
            owner = owners.get(name & ((1 << channels) - 1))
            if owner is not None:
                yield owner, name >> channels, after
