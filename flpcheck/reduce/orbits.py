"""The quotient by symmetries: one configuration for all that differ only in the names of processes and of values.

Emerson and Sistla, "Symmetry and Model Checking" (1996); Ip and Dill, "Better Verification Through Symmetry" (1996).
Names change along the transitions of this quotient, so what follows one process or one value along a run (fairness,
silent valence, pictures) is not read from it; what a configuration shows by itself is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from copy import copy
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from flpcheck.authoring.property import Property
from flpcheck.authoring.reduction import Choice, Symmetric, Symmetry
from flpcheck.authoring.renaming import Renaming
from flpcheck.authoring.values import key, place_of, show
from flpcheck.budget import looking
from flpcheck.errors import ReductionRefused
from flpcheck.reduce.equivariance import Equivariance, EquivarianceOfParts, EquivarianceOfWholes, Verified
from flpcheck.reduce.following import FOLLOW_VALUES, follows_processes
from flpcheck.reduce.group import (
    MOST,
    check_names,
    check_orders,
    classes,
    group,
    neighbours,
    size_of,
    small,
    stabiliser,
    too_large,
)
from flpcheck.reduce.images import Images, ImagesOfParts, ImagesOfWholes
from flpcheck.reduce.over import Over
from flpcheck.reduce.quotient import Quotient
from flpcheck.system.general import General
from flpcheck.system.interface import Configuration, Initial, System, Transition, asked_once
from flpcheck.system.message_passing import MessagePassing
from flpcheck.system.questions import Permutation

KEPT = 1_000_000
"""Maximum number of configurations whose representatives are remembered."""


class Orbits(Over):
    """A system modulo the symmetries that its protocol declares.

    Only those renamings count that map the initial configurations onto each other: a process whose input is fixed, or
    that is dead from the start, is not like the others.

    Parameters
    ----------
    below
        The plain system, or its quotient by other reductions.
    plain
        The plain system.
    symmetries
        The declarations.
    """

    def __init__(self, below: System, plain: MessagePassing | General, symmetries: Sequence[Symmetry]) -> None:
        super().__init__(below)
        self._plain, self.symmetries = plain, tuple(symmetries)
        place = place_of(type(plain.protocol).reductions)
        starts = [item.configuration for item in below.initial()]
        self.listed = True
        self.classes: tuple[Symmetry, ...] = ()
        self.group: tuple[Renaming, ...] = ()
        self.most = 1
        if (size := size_of(self.symmetries)) > MOST:
            self._take_classes(starts, size)
        else:
            whole = group(self.symmetries, plain.names, place)
            self.group = stabiliser(whole, starts, _images(plain, whole).image)
            members = [(to.processes, to.values) for to in self.group]
            self.classes = classes(self.symmetries, lambda to: (to.processes, to.values) in members)
            self.most = len(self.group)
        if isinstance(below, Quotient):
            below.verifier.exchange(small(self.group) if self.listed else self.group[1:])
        self.images = self._seen_plainly()
        self.verifier = _verifier(plain, self.group, self.images)
        self._dropped = False
        self.deciders = self.all_alike(self.deciders)
        self.abstaining = self.all_alike(self.abstaining)
        self._least: dict[Configuration, tuple[Configuration, int, int]] = {}

    def _seen_plainly(self) -> Images:
        if not self.listed and isinstance(self._plain, MessagePassing):
            return Unlisted(self._plain, self.group, self.most)
        return _images(self._plain, self.group)

    def _take_classes(self, starts: Sequence[Configuration], size: int) -> None:
        """Use the permutations of those names any two of which may be exchanged, too many to be listed.

        What is lost are symmetries that exchange names of two classes at once, but not of one alone.
        """
        plain, whole = self._plain, set(starts)
        place = place_of(type(plain.protocol).reductions)
        check_names(self.symmetries, plain.names, place)
        check_orders(self.symmetries, place)
        if not isinstance(plain, MessagePassing):
            raise too_large(size, place)

        def keeps(to: Renaming) -> bool:
            images = ImagesOfParts(plain, (to,))
            return all(images.image(start, 0) in whole for start in whole)

        self.classes = classes(self.symmetries, keeps)
        self.most = size_of(self.classes)
        self.listed = self.most <= MOST
        nothing = Renaming({}, {})
        self.group = group(self.classes, plain.names) if self.listed else (nothing, *neighbours(self.classes))

    @property
    def plain(self) -> MessagePassing | General:
        """The plain system."""
        return self._plain

    @property
    def symmetry(self) -> Orbits:
        """Questions about a system modulo symmetry."""
        return self

    @property
    def exchanges_values(self) -> bool:
        """Whether values are renamed, and not only processes: also where names of processes are inputs."""
        inputs = {value for item in self.below.initial() for value in item.inputs.values()}
        given = any(key(to(value, Choice)) != key(value) for value in inputs for to in self.group)
        return given or any(element.values for element in self.group)

    @property
    def alike(self) -> tuple[tuple[Hashable, ...], ...]:
        """The names that are exchanged with each other, class by class: a process that starts otherwise is not."""
        if not self.listed:
            return tuple(found.names for found in self.classes)
        return tuple(found for symmetry in self.symmetries for found in _classes(symmetry, self.group))

    @property
    def dropped(self) -> bool:
        """Whether some transition so far may have undone a decision."""
        return self._dropped or self.images.undone

    def seen_by(self, images: Images) -> Orbits:
        """Return the same quotient for an engine that has its own representatives, and verifies every row itself."""
        other = copy(self)
        other.images, other.verifier, other._least = images, Verified(), {}
        return other

    def unjudged(self, claim: Property) -> str:
        """Return why a property cannot be judged here; empty if it can."""
        if not self.listed and claim.kind in {"invariant", "sometimes"}:
            return "it would have to be asked under too many renamings: use --no-reduction"
        follows = follows_processes(claim)
        if not follows and not (self.exchanges_values and claim in FOLLOW_VALUES):
            return ""
        names = "processes" if follows else "values"
        return f"{names} change their names along paths of this quotient: use --no-reduction"

    def afresh(self) -> Orbits:
        """Return the same quotient with empty tables."""
        below = self.below.afresh()
        assert isinstance(below.plain, MessagePassing | General)
        return Orbits(below, below.plain, self.symmetries)

    def representative(self, configuration: Configuration) -> Configuration:
        """Return the representative of a configuration of the plain system."""
        return self.least(self.below.representative(configuration))[0]

    def unrenamed(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield the transitions of a configuration, the successors under the names that are valid before them."""
        return self.below.unrenamed(configuration)

    def orbit(self, configuration: Configuration) -> Iterator[Configuration]:
        """Yield a configuration under each renaming."""
        return (self.images.image(configuration, number) for number in range(len(self.group)))

    def orders(self) -> list[Permutation]:
        """Return where each renaming takes the bits of decision values; those that a known one becomes get bits."""
        numbered = self.images.numbered
        if not self.listed:
            self._refuse_decided_names()
        for value in list(self.values):
            for to in numbered:
                self.plain.values.bit(to(value, Choice))
        keys = [key(value) for value in self.values]
        return [tuple(keys.index(key(to(value, Choice))) for value in self.values) for to in numbered]

    def _refuse_decided_names(self) -> None:
        """Refuse names of processes as decisions where not every order of them has a number along transitions."""
        decided = [v for v in self.values if any(key(to(v, Choice)) != key(to.value(v)) for to in self.group)]
        if decided:
            raise ReductionRefused(
                f"processes that are exchanged are what is decided: {show(decided[0])}",
                place=place_of(type(self._plain.protocol).reductions),
                why=f"what can be decided is followed through each of their {self.most:,} orders, up to {MOST:,}",
                next_step="declare fewer processes symmetric, or explore with --no-reduction",
            )

    def along(self, configuration: Configuration) -> list[int]:
        """Return the number of the renaming along each transition of a configuration."""
        return [self.least(transition.successor)[1] for transition in self.below.transitions(configuration)]

    def least(self, configuration: Configuration) -> tuple[Configuration, int, int]:
        """Return the representative of a configuration, the number of a renaming that leads there, and how many do."""
        found = self._least.get(configuration)
        if found is None:
            found = self.images.least(configuration)
            if len(self._least) < KEPT:
                self._least[configuration] = found
        return found

    def orbit_size(self, configuration: Configuration) -> int:
        """Return the number of configurations of the system below that a representative represents."""
        return self.most // self.least(configuration)[2]

    def sizes(self, configurations: Sequence[Configuration]) -> NDArray[np.int64]:
        """int64[n]: of how many configurations of the system below each of some representatives is one."""
        counts = self.images.counts(configurations)
        if counts is None:
            counts = np.array([self.least(one)[2] for one in looking(configurations)], np.int64)
        return self.most // counts

    def deciding(self, configuration: Configuration) -> int:
        """Return whose local state has a decision in some configuration of the orbit, as bits."""
        return self.all_alike(self.below.deciding(configuration))

    def all_alike(self, processes: int) -> int:
        """Return some processes with all that a renaming puts in their place, as bits."""
        names, before = self.plain.names, 0
        while before != processes:  # one look is enough where all renamings are listed
            before = processes
            named = [name for bit, name in enumerate(names) if processes >> bit & 1]
            images = {to.pid(name) for to in self.group for name in named}
            processes |= sum(1 << bit for bit, name in enumerate(names) if name in images)
        return processes

    @asked_once
    def initial(self) -> list[Initial]:
        """Return the representatives of the initial configurations, with the inputs that these have.

        What cannot be listed is represented once an engine has looked at it.
        """
        if isinstance(self.images, Unlisted):
            return self.below.initial()
        return [self._initial(item) for item in self.below.initial()]

    def _initial(self, item: Initial) -> Initial:
        configuration, _, _ = self.least(item.configuration)
        to = self.images.leading(item.configuration)
        inputs = {to.pid(pid): to(value, Choice) for pid, value in item.inputs.items()}
        return Initial(configuration, inputs, tuple(to.pid(pid) for pid in item.dead))

    def transitions(self, configuration: Configuration) -> Iterator[Transition]:
        """Yield the transitions of a representative; one may lead back to it with other names."""
        decided = self.below.marks(configuration).decided
        for transition in self.below.transitions(configuration):
            self._dropped |= bool(decided & ~self.below.marks(transition.successor).decided)
            yield self._after(transition)
        self.verifier.look(configuration)

    def _after(self, transition: Transition) -> Transition:
        return transition._replace(successor=self.least(transition.successor)[0], renaming=None)


class Unlisted(ImagesOfParts):
    """Images under a group that is too large to be listed: no least one can be told in plain Python.

    Parameters
    ----------
    system, group
        As for `ImagesOfParts`: renamings that generate the group.
    size
        Its size.
    """

    def __init__(self, system: MessagePassing, group: Sequence[Renaming], size: int) -> None:
        super().__init__(system, group)
        self.size, self.place = size, place_of(type(system.protocol).reductions)

    def least(self, _: Configuration) -> NoReturn:
        """Raise the error that says so."""
        raise too_large(self.size, self.place)


def _classes(symmetry: Symmetry, elements: Sequence[Renaming]) -> Iterator[tuple[Hashable, ...]]:
    """Yield the names of a declaration that can take each other's place, in their order."""
    left = list(symmetry.names)
    while left:
        one = left[0]
        pids = isinstance(symmetry, Symmetric)
        images = {key(to.pid(str(one)) if pids else to.value(one)) for to in elements}
        found = tuple(name for name in left if key(name) in images)
        if len(found) > 1:
            yield found
        left = [name for name in left if key(name) not in images]


def _images(plain: MessagePassing | General, elements: Sequence[Renaming]) -> Images:
    return ImagesOfWholes(plain, elements) if isinstance(plain, General) else ImagesOfParts(plain, elements)


def _verifier(plain: MessagePassing | General, elements: Sequence[Renaming], images: Images) -> Equivariance:
    if isinstance(plain, General):
        return EquivarianceOfWholes(plain, elements, images)
    return EquivarianceOfParts(plain, elements)
