"""The folder of an instance: named after the spec and, for all but the first, the instance."""

from __future__ import annotations

from flpcheck.instance import Instance
from flpcheck.spec import Spec


def folder(spec: Spec, instance: Instance | None) -> str:
    """Return the folder for an instance's reports; None stands for one that options have changed.

    Examples
    --------
    >>> from flpcheck import load
    >>> paxos = load("paxos")
    >>> folder(paxos, paxos.instances[0]), folder(paxos, paxos.instance("one retry"))
    ('paxos', 'paxos/one-retry')
    """
    if instance is None:
        return f"{spec.name}/changed" if spec.instances else spec.name
    if instance is spec.instances[0]:
        return spec.name
    return f"{spec.name}/{instance.name.replace(' ', '-').replace('/', '-')}"
