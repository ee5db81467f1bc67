"""A protocol in a world as one object, for programs, notebooks and tests: verdicts, traces, pictures."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flpcheck.authoring.property import HOLDS, Property, Verdict
from flpcheck.errors import BadRequest, nearest

if TYPE_CHECKING:
    from flpcheck.analyse import Finding
    from flpcheck.examine import Examination
    from flpcheck.report.notebook import Display
    from flpcheck.settle import Request
    from flpcheck.world import World


class Model:
    """A protocol in a world, explored at its first use.

    Parameters
    ----------
    spec
        A file or a bundled name; or a protocol, that is an instance of a class decorated with `@protocol`.
    instance
        Name of the instance; the first one of the spec if None.
    world
        World that replaces the one of the instance.
    parameters
        Changes to the parameters of the protocol.

    Examples
    --------
    >>> model = Model("wait_for_all", instance="one crash")
    >>> model.configurations
    84
    >>> model.check("agreement").verdict.value
    'HOLDS'
    """

    def __init__(
        self, spec: Any, *, instance: str | None = None, world: World | None = None, **parameters: object
    ) -> None:  # fmt: skip
        self.spec = spec
        self.instance = instance
        self.world = world
        self.parameters = parameters

    @cached_property
    def examination(self) -> Examination:
        """Everything that was found out; the first use explores."""
        from flpcheck.examine import examine

        return examine(self._request())

    def _request(self) -> Request:
        import dataclasses

        from flpcheck.settle import Overrides, settle

        overrides = Overrides(instance=self.instance, parameters={n: str(v) for n, v in self.parameters.items()})
        request = settle(self._loaded(), overrides)
        changes: dict[str, Any] = {"claims": ()}
        if not isinstance(self.spec, str):  # commands start from what the file has, and say what is different
            of_file = tuple(getattr(request.spec.module, "INSTANCES", ()))
            changes |= {"spec": dataclasses.replace(request.spec, instances=of_file), "instance": None}
        if self.world is not None and self.world != request.world:
            changes |= {"world": self.world, "instance": None}
        return dataclasses.replace(request, **changes)

    def _loaded(self) -> Any:
        from flpcheck.spec import load

        return load(self.spec) if isinstance(self.spec, str) else self._of_protocol()

    def _of_protocol(self) -> Any:
        """Make a spec of one instance from a protocol and a world."""
        from flpcheck.instance import Instance
        from flpcheck.spec import Spec
        from flpcheck.world import asynchronous

        module = sys.modules[type(self.spec).__module__]
        file = getattr(module, "__file__", None) or type(self.spec).__name__  # a cell of a notebook has no file
        only = Instance("", self.spec, self.world or asynchronous())
        own = tuple(p for p in vars(module).values() if isinstance(p, Property) and p.kind != "standard")
        return Spec(file, file, module, type(self.spec), (only,), own)

    @property
    def configurations(self) -> int:
        """Number of configurations reached."""
        return len(self.examination.graph)

    @property
    def complete(self) -> bool:
        """Whether everything reachable was expanded."""
        return self.examination.graph.complete

    @property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on each property, by name."""
        return {finding.claim.name: finding.verdict for finding in self.examination.analysis.findings}

    def finding(self, claim: str | Property) -> Finding:
        """Return what was found out about one property.

        Raises
        ------
        BadRequest
            If no such property was judged.
        """
        name = claim.name if isinstance(claim, Property) else claim
        known = {finding.claim.name: finding for finding in self.examination.analysis.findings}
        if name not in known:
            raise BadRequest(f"no property {name!r} was judged", why=nearest(name, known))
        return known[name]

    def check(self, claim: str | Property, expected: Verdict = HOLDS) -> Finding:
        """Assert the verdict on a property, and return what was found.

        Raises
        ------
        AssertionError
            If the verdict is another one; the message holds the narrated trace and the command that replays it.
        """
        from flpcheck.report.ci.results import trace_of

        __tracebackhide__ = True
        finding = self.finding(claim)
        if finding.verdict is not expected:
            said = f"{finding.claim.name}: expected {expected.value}, found {finding.verdict.value}"
            because = finding.because or finding.claim.statement
            raise AssertionError(f"{said}: {because}\n{trace_of(self.examination, finding)}")
        return finding

    def picture(self, view: str = "auto", claim: str | Property | None = None) -> Display:
        """Return a picture that notebooks show.

        Parameters
        ----------
        view
            `auto`, `full`, `quotient`: the graph; `trace`, `neighbourhood`, `spacetime`, `fate`: a schedule.
        claim
            The property whose schedule is shown; the first one that is violated if None.
        """
        from flpcheck.report.notebook import Display
        from flpcheck.report.pictures import picture

        name = claim.name if isinstance(claim, Property) else claim
        return Display.of_picture(picture(self.examination.analysis, view, name))

    def trace(self, claim: str | Property | None = None) -> Display:
        """Return the counterexample or witness of a property, narrated; notebooks show its space-time diagram."""
        from flpcheck.report.ci.results import trace_of
        from flpcheck.report.notebook import Display
        from flpcheck.report.pictures import schedule_for
        from flpcheck.report.runs.pictures import spacetime

        name = claim.name if isinstance(claim, Property) else claim
        finding = schedule_for(self.examination.analysis, name, "trace")
        return Display.of_picture(spacetime(self.examination.analysis, finding), trace_of(self.examination, finding))

    def __repr__(self) -> str:
        from flpcheck.report.files import plain_text

        return plain_text(self.examination, timed=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        """Show the summary in a notebook."""
        from flpcheck.report.notebook import summary_as_html

        return {"text/plain": repr(self), "text/html": summary_as_html(self.examination)}

    def _mime_(self) -> tuple[str, str]:
        """Show the summary in marimo."""
        return "text/html", self._repr_mimebundle_()["text/html"]
