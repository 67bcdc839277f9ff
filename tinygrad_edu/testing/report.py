"""What a check found: an object to print, to show in a notebook, and to read by a program."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..errors import GradientMismatch, GradientUnresolved

__all__ = ["Element", "Finding", "Report"]

SHOWN = 8  # elements in a message's table, and findings besides the first


@dataclass(frozen=True)
class Element:
    """One line of the table: an element of an input, the claim for it and the numeric answer."""

    name: str
    input: int
    index: tuple[int, ...]
    at: float
    analytic: float
    numeric: float
    error: float
    verdict: str

    def line(self) -> str:
        """Return it in the columns of the table."""
        said = "" if self.verdict == "pass" else self.verdict
        figures = f"{self.at:>12.6g} {self.analytic:>14.8g} {self.numeric:>14.8g}"
        line = f"{self.name:>12} {_place(self.index):>10} {figures} +- {self.error:.0e} {said}"
        return line.rstrip()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or could not be settled.

    Attributes
    ----------
    kind : str
        ``value kink nan convention arity shape mutation buffer repeatable linear layout aliasing
        symmetry``, or ``unresolved``.
    what : str
        A sentence with the figures.
    input : int or None
        Which argument, and ``index`` which element of it.
    """

    kind: str
    what: str
    input: int | None = None
    index: tuple[int, ...] | None = None
    analytic: float | None = None
    numeric: float | None = None
    error: float | None = None


@dataclass
class Report:
    """The answer of a gradient check.

    Attributes
    ----------
    verdict : {"pass", "fail", "unresolved"}
        Unresolved: the numeric side cannot tell, which is no pass.
    kind, input, index, analytic, numeric, error
        Of the first finding, ``None`` where there is none.
    diagnosis : str or None
        What the mistake looks like.
    resolution : float
        The relative error that would have been noticed everywhere.
    score : float
        The largest gap in units of what was allowed; above 1 fails.
    example : str
        Code that shows the same again.
    """

    name: str
    verdict: str = "pass"
    findings: list[Finding] = field(default_factory=list)
    unresolved: list[Finding] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    diagnosis: str | None = None
    resolution: float = 0.0
    score: float = 0.0
    compared: int = 0
    kinks: int = 0
    calls: dict[str, int] = field(default_factory=dict)
    example: str = ""
    order: int = 1

    @property
    def first(self) -> Finding | None:
        """The finding to look at first."""
        found = self.findings or self.unresolved
        return found[0] if found else None

    @property
    def kind(self) -> str | None:
        return self.first.kind if self.first else None

    @property
    def input(self) -> int | None:
        return self.first.input if self.first else None

    @property
    def index(self) -> tuple[int, ...] | None:
        return self.first.index if self.first else None

    @property
    def analytic(self) -> float | None:
        return self.first.analytic if self.first else None

    @property
    def numeric(self) -> float | None:
        return self.first.numeric if self.first else None

    @property
    def error(self) -> float | None:
        return self.first.error if self.first else None

    def settle(self) -> Report:
        """Set the verdict from what was found."""
        self.verdict = "fail" if self.findings else "unresolved" if self.unresolved else "pass"
        return self

    def require(self, unresolved: str = "raise") -> Report:
        """Return the report, or raise what it says.

        Raises
        ------
        GradientMismatch
            The gradient is wrong.
        GradientUnresolved
            Nobody can tell, unless ``unresolved`` is ``"allow"``.
        """
        if self.verdict == "fail":
            raise self._error(GradientMismatch)
        if self.verdict == "unresolved" and unresolved != "allow":
            raise self._error(GradientUnresolved)
        return self

    def _error(self, kind: Any) -> Exception:
        head, *notes = self.lines()
        error = kind(head, notes=notes, why=self.diagnosis, fix=None)
        error.report = self
        return error  # type: ignore[no-any-return]

    def lines(self) -> list[str]:
        """Return the message, a line each: the verdict, the finding, the elements, an example."""
        order = "" if self.order == 1 else f", order {self.order}"
        head = f"gradient of `{self.name}`{order}: {self.verdict}"
        if self.verdict == "pass":
            noticed = f", an error of {self.resolution:.0e} would show" if self.resolution else ""
            kinks = f", {self.kinks} at kinks" if self.kinks else ""
            return [f"{head} ({self.compared} comparisons{kinks}{noticed})"]
        found = self.findings or self.unresolved
        lines = [f"{head}: {found[0].what}"]
        lines += [f"also: {each.what}" for each in _distinct(found)[1:4]]
        return lines + self._table() + [f"  {line}" for line in self.example.splitlines()]

    def _table(self) -> list[str]:
        if not self.elements:
            return []
        odd = [e for e in self.elements if e.verdict != "pass"]
        even = [e for e in self.elements if e.verdict == "pass"]
        rows = (odd + even)[:SHOWN]
        lines = [f"{'':>12} {'element':>10} {'value':>12} {'analytic':>14} {'numeric':>14}"]
        lines += [e.line() for e in rows]
        rest = len(self.elements) - len(rows)
        return lines + ([f"... {rest} more, {len(odd)} wrong in all"] if rest else [])

    def __str__(self) -> str:
        lines = self.lines()
        if self.diagnosis:
            lines.append(f"looks like: {self.diagnosis}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        colour = {"pass": "#2e7d32", "fail": "#c62828"}.get(self.verdict, "#9a6700")
        text = html.escape(str(self))
        return f'<pre style="border-left: 4px solid {colour}; padding-left: 0.8em">{text}</pre>'

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        answer: dict[str, Any] = _plain(asdict(self))
        names = ("kind", "input", "index", "analytic", "numeric", "error")
        return {**answer, **{name: _plain(getattr(self, name)) for name in names}}


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """The first finding of each kind and input."""
    seen: dict[Any, Finding] = {}
    for each in findings:
        seen.setdefault((each.kind, each.input), each)
    return list(seen.values())


def _place(index: Iterable[int]) -> str:
    return f"[{', '.join(map(str, index))}]"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else str(value)
    return value.item() if isinstance(value, np.generic) else value
