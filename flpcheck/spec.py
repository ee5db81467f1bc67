"""Loading a spec: from a file, or by the name of a bundled one."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from flpcheck.authoring.property import STANDARD, Property, Verdict
from flpcheck.authoring.protocol import is_protocol
from flpcheck.authoring.tour import Story, Tour
from flpcheck.authoring.values import shorten
from flpcheck.errors import BadRequest, FlpcheckError, Place, SpecNotFound, SpecUnreadable, nearest
from flpcheck.failure import raised
from flpcheck.instance import Instance
from flpcheck.sources import PREFIX
from flpcheck.twice import refuse_definitions, refuse_names
from flpcheck.world import World

_HERE = Path(__file__).parent
TOURS = "tours"
"""The folder beside a spec for tours and stories that would make the spec itself too long."""
VARIANTS = frozenset({"broken", "tla", "actors"})
"""The folders whose specs build on what lies in the folder above."""


def bundled_folder() -> Path:
    """Return the folder of the bundled specs: inside an installed package, or beside it in a clone."""
    inside = _HERE / "specs"
    return inside if inside.is_dir() else _HERE.parent / "specs"


def bundled() -> dict[str, Path]:
    """Return the bundled specs by name, such as `paxos` or `tla/two_phase`."""
    folder = bundled_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in specs_in(folder)}


def specs_in(folder: Path) -> list[Path]:
    """Return the specs in a folder and below it, in order: all Python files but tours and those that begin with `_`."""
    files = folder.rglob("*.py")
    return sorted(path for path in files if not path.name.startswith("_") and path.parent.name != TOURS)


@dataclass(frozen=True)
class Spec:
    """A loaded spec file.

    Parameters
    ----------
    path
        How it was asked for: a file, or the bare name of a bundled spec.
    file
        Its path.
    module
        The module that was loaded from it.
    protocol
        Its protocol class.
    instances
        Its `INSTANCES`, in order; empty if it has none.
    own_properties
        The invariants and obligations that it defines, in order.
    choice
        Which of several protocols it is, as `--protocol` names it; empty if the file defines no other.
    """

    path: str
    file: str
    module: ModuleType
    protocol: Any
    instances: tuple[Instance, ...]
    own_properties: tuple[Property, ...]
    choice: str = ""

    @property
    def name(self) -> str:
        """The name of the spec: as a bundled one is called, or its file's stem."""
        resolved = Path(self.file).resolve()
        names = [name for name, path in bundled().items() if path.resolve() == resolved]
        return names[0] if names else resolved.stem

    @property
    def title(self) -> str:
        """The first sentence of the docstring of the file, or of a protocol that stands in a cell of a notebook."""
        of_file = self.module.__doc__ if Path(self.file).is_file() else None
        text = (of_file or self.protocol.__doc__ or "").strip()
        return text.splitlines()[0] if text else self.name

    @cached_property
    def tours(self) -> tuple[Tour, ...]:
        """The tours of the spec: `TOURS` in its file, and in `tours/NAME.py` beside it."""
        return tuple(tour for module in self._guides for tour in getattr(module, "TOURS", ()))

    @cached_property
    def stories(self) -> tuple[Story, ...]:
        """The stories of the spec: `STORIES` in its file, and in `tours/NAME.py` beside it."""
        return tuple(story for module in self._guides for story in getattr(module, "STORIES", ()))

    @cached_property
    def _guides(self) -> tuple[ModuleType, ...]:
        """The modules that hold tours; the one beside the spec imports this very spec by its name."""
        path = Path(self.file)
        beside = path.parent / TOURS / path.name
        if not beside.is_file():
            return (self.module,)
        earlier = sys.modules.get(path.stem)
        sys.modules[path.stem] = self.module
        try:
            return (self.module, import_spec(str(beside)))
        finally:
            del sys.modules[path.stem]
            if earlier is not None:
                sys.modules[path.stem] = earlier

    def instance(self, name: str) -> Instance:
        """Return the instance of that name."""
        for instance in self.instances:
            if instance.name == name:
                return instance
        known = [instance.name for instance in self.instances]
        raise BadRequest(f"{self.path} has no instance {name!r}", why=nearest(name, known))

    @property
    def claimed_properties(self) -> tuple[Property, ...]:
        """The properties that it defines, and those that its instances expect something of, in order."""
        expected = (claim for instance in self.instances for claim in instance.verdicts)
        return tuple(dict.fromkeys((*self.own_properties, *(claim for claim in expected if claim.kind != "standard"))))

    def property_named(self, name: str) -> Property:
        """Return a standard property or one of the spec's own."""
        known = {p.name: p for p in (*STANDARD, *self.claimed_properties)}
        if name not in known:
            own = [p.name for p in self.claimed_properties]
            why = nearest(name, [*own, *(p.name for p in STANDARD)])
            raise BadRequest(f"no property named {name!r}", place=Place(self.path, 1), why=why)
        return known[name]


def load(name: str, options: Mapping[str, str] | None = None) -> Spec:
    """Load a spec from a file or, by its bare name, a bundled one.

    It may import its neighbours and, from a folder `broken` or `actors`, also what lies one folder up; and the bundled
    specs, such as `from paxos import Paxos`, unless something else has that name.

    Parameters
    ----------
    name
        A path, or a name that `flpcheck list` shows.
    options
        `protocol`: which protocol class to use if the file defines several.

    Raises
    ------
    SpecNotFound, SpecUnreadable
        If there is no such file, or it does not import or defines no protocol.

    Examples
    --------
    >>> load("wait_for_all").protocol.__name__
    'WaitForAll'
    """
    path = file_of(name)
    module = import_spec(path)
    classes = _defined_in(module)
    classes = classes or _instantiated(module)
    chosen = _choose(classes, path, (options or {}).get("protocol"))
    instances = tuple(i for i in _instances(module, path, classes) if isinstance(i.protocol, chosen))
    own = tuple(dict.fromkeys(p for p in vars(module).values() if isinstance(p, Property) and p.kind != "standard"))
    refuse_definitions(path)
    refuse_names(path, instances, own)
    choice = next(n for n, c in classes.items() if c is chosen) if len(classes) > 1 else ""
    return Spec(name, path, module, chosen, instances, own, choice)


def _defined_in(module: ModuleType) -> dict[str, Any]:
    """Return the protocols that a file defines, by name; another variable that holds one is no further protocol."""
    held = {n: c for n, c in vars(module).items() if is_protocol(c) and c.__module__ == module.__name__}
    names = {c: n for n, c in reversed(held.items())} | {c: n for n, c in held.items() if n == c.__name__}
    return {n: c for n, c in held.items() if names[c] == n}


def _instances(module: ModuleType, path: str, classes: Mapping[str, Any]) -> tuple[Instance, ...]:
    """Return the instances that a file lists; each is of a protocol that the file defines, or no run would check it."""
    listed = getattr(module, "INSTANCES", ())
    if not isinstance(listed, (tuple, list)) or not all(isinstance(i, Instance) for i in listed):
        what = f"INSTANCES is {shorten(repr(listed))}, and must be a tuple of Instance(...)"
        raise SpecUnreadable(what, place=Place(path, 1), next_step="put a comma after a single Instance(...)")
    found = tuple(listed)
    for instance in found:
        _refuse_misplaced(instance, path)
        if not isinstance(instance.protocol, tuple(classes.values())):
            what = (
                f"instance {instance.name!r} is of {type(instance.protocol).__name__}, which this file does not define"
            )
            advice = "move the instance to the file of its protocol, or define a subclass of the protocol here"
            raise SpecUnreadable(what, place=Place(path, 1), next_step=advice)
    return found


def _refuse_misplaced(instance: Instance, path: str) -> None:
    """Refuse an instance whose arguments are of other kinds than its parameters."""
    verdicts: Any = instance.verdicts
    fits = {
        "name": isinstance(instance.name, str),
        "world": isinstance(instance.world, World),
        "verdicts": isinstance(verdicts, Mapping)
        and all(isinstance(p, Property) and isinstance(v, Verdict) for p, v in verdicts.items()),
        "bounds": isinstance(instance.bounds, Mapping),
    }
    for name, fit in fits.items():
        if not fit:
            what = f"{name} of instance {instance.name!r} is {shorten(repr(getattr(instance, name)))}"
            advice = "Instance(name, protocol, world, {property: verdict}), such as {agreement: HOLDS}"
            raise SpecUnreadable(what, place=Place(path, 1), next_step=advice)


def _instantiated(module: ModuleType) -> dict[str, Any]:
    """Return the protocols of the instances of a file that defines none: one that only adds instances to another."""
    found = getattr(module, "INSTANCES", ())
    found = found if isinstance(found, (tuple, list)) else ()
    kinds = [type(i.protocol) for i in found if isinstance(i, Instance) and is_protocol(type(i.protocol))]
    return {kind.__name__: kind for kind in kinds}


def file_of(name: str) -> str:
    """Return the file of a spec: its path, or that of a bundled one by its name; `SpecNotFound` without one."""
    path = Path(name)
    if path.is_file():
        return name
    known = bundled()
    plain = name.removesuffix(".py").removeprefix("specs/")
    if plain in known and (path.suffix != ".py" or not path.parent.is_dir()):
        return str(known[plain])
    place = "no such file" if path.suffix == ".py" or "/" in name else "no file and no bundled spec of that name"
    raise SpecNotFound(
        f"cannot find spec {name!r}: {place}",
        why=nearest(plain, known),
        next_step="use the path of a Python file, or a name from `flpcheck list`; `flpcheck init` writes a first spec",
    )


def import_spec(path: str) -> ModuleType:
    """Return the module of a spec, freshly executed; its name is the same in every interpreter."""
    resolved = Path(path).resolve()
    name = PREFIX + "".join(c if c.isalnum() else "_" for c in str(resolved.with_suffix("")))
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise SpecUnreadable(f"{path} is not a Python file", next_step="use a file ending in .py")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module  # dataclasses and type hints look their module up by name
    folders, last = folders_of(resolved), bundled_folder()
    _forget_siblings([*folders, last])
    sys.path[:0] = map(str, folders)
    sys.path.append(str(last))
    try:
        found.loader.exec_module(module)
    except SyntaxError as error:
        place = Place(error.filename or path, error.lineno or 1)
        why = f"{error.msg}: {(error.text or '').strip()}"
        raise SpecUnreadable("the spec has a syntax error", place=place, why=why) from error
    except Exception as error:
        raise _failed(path, error) from error
    finally:
        for folder in (*folders, last):
            sys.path.remove(str(folder))
    return module


def folders_of(path: Path) -> list[Path]:
    """Return where a spec may import from: its own folder and, for a variant of another spec, the folder above it."""
    own = path.parent.parent if path.parent.name == TOURS else path.parent
    return [own, own.parent] if own.name in VARIANTS else [own]


def _forget_siblings(folders: list[Path]) -> None:
    """Let `import paxos` mean the file beside this spec, whatever an earlier spec imported by that name."""
    earlier = [m.__file__ or "" for n, m in list(sys.modules.items()) if n.startswith(PREFIX)]
    known = {folder for file in earlier for folder in _folders_of(file)} | {folders[-1]}
    for name, module in list(sys.modules.items()):
        folder = _folder_of(getattr(module, "__file__", None) or "")
        if folder in known and not name.startswith(PREFIX):
            meant = next((here for here in folders if (here / f"{name}.py").exists()), None)
            if folder != meant:
                del sys.modules[name]


@cache
def _folder_of(file: str) -> Path:
    """Return the folder of a file, links followed; asking the file system is dear, and there are many modules."""
    return Path(file).resolve().parent


@cache
def _folders_of(file: str) -> list[Path]:
    return folders_of(Path(file).resolve())


def _failed(path: str, error: Exception) -> Exception:
    if isinstance(error, (FlpcheckError, MemoryError, RecursionError)):
        return error
    return raised(SpecUnreadable, "the spec raises an exception when it is imported", error, place=Place(path, 1))


def _choose(classes: Mapping[str, Any], path: str, wanted: str | None) -> Any:
    if wanted is not None:
        if wanted not in classes:
            raise BadRequest(f"{path} has no protocol {wanted!r}", why=nearest(wanted, classes))
        return classes[wanted]
    if len(classes) == 1:
        return next(iter(classes.values()))
    what = f"defines {len(classes)} protocols ({', '.join(classes)})" if classes else "defines no protocol"
    advice = "choose one with --protocol NAME" if classes else "decorate a class with @protocol and give it processes()"
    raise SpecUnreadable(f"the file {what}", place=Place(path, 1), next_step=advice)
