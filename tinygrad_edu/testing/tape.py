"""``Tape.check``: every row's own rule, at the very values that the row recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..autodiff.record import pulled
from ..autodiff.tensor import Tensor, asarray
from ..errors import GradientMismatch, GradientUnresolved
from ..types import Array, Rng
from .arguments import known_choice
from .gradcheck import Check
from .report import Finding, Report

__all__ = ["RowReport", "TapeReport", "check_tape"]

FEW = 12  # elements looked at one by one in each row; sums see the rest


@dataclass(frozen=True)
class RowReport:
    """What the check of one row said: its number on the tape, the row, and the report."""

    number: int
    row: Tensor
    report: Report

    @property
    def verdict(self) -> str:
        return self.report.verdict

    def __str__(self) -> str:
        site = self.row.site
        where = f" at {site}" if site is not None else ""
        return f"row {self.number} `{_named(self.row)}`{where}: {self.report.lines()[0]}"


@dataclass
class TapeReport:
    """The check of a whole tape; ``wrong`` and ``unresolved`` are the rows to look at."""

    rows: list[RowReport] = field(default_factory=list)

    @property
    def wrong(self) -> list[RowReport]:
        return [row for row in self.rows if row.verdict == "fail"]

    @property
    def unresolved(self) -> list[RowReport]:
        return [row for row in self.rows if row.verdict == "unresolved"]

    @property
    def verdict(self) -> str:
        return "fail" if self.wrong else "unresolved" if self.unresolved else "pass"

    def __str__(self) -> str:
        compared = sum(row.report.compared for row in self.rows)
        head = f"{len(self.rows)} rows: {self.verdict} ({compared} comparisons)"
        return "\n".join([head, *map(str, [*self.wrong, *self.unresolved])])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data, ready for JSON."""
        rows = [
            {
                "row": r.number,
                "op": _named(r.row),
                "line": str(r.row.site or ""),
                **r.report.to_dict(),
            }
            for r in self.rows
        ]
        return {"verdict": self.verdict, "rows": rows}

    def require(self, unresolved: str) -> TapeReport:
        """Return the report, or raise what the first wrong row says."""
        if self.wrong:
            raise self._error(GradientMismatch, self.wrong[0], len(self.wrong))
        if self.unresolved and unresolved != "allow":
            raise self._error(GradientUnresolved, self.unresolved[0], len(self.unresolved))
        return self

    def _error(self, kind: Any, first: RowReport, count: int) -> Exception:
        head, *notes = first.report.lines()
        what = f"row {first.number}, {head}" + (f" ({count} rows in all)" if count > 1 else "")
        error = kind(
            what,
            op=_named(first.row),
            site=first.row.site,
            notes=notes,
            shapes=[x.shape for x in first.row.inputs],
            why=first.report.diagnosis,
        )
        error.report = self
        return error  # type: ignore[no-any-return]


def check_tape(
    rows: Iterable[Tensor],
    *,
    rng: Rng = None,
    raises: bool = True,
    unresolved: str = "allow",
) -> TapeReport:
    r"""Check the gradient rule of every row by itself, at the point where the row was recorded.

    .. math:: \bar x_i = \left(\frac{\partial z}{\partial x_i}\right)^{\mathsf T} \bar z
              \quad\text{for each row } z = \mathrm{op}(x_1, \dots, x_n)

    Parameters
    ----------
    rows : iterable of rows
        Such as a tape. Of each, a dozen elements are looked at one by one, the rest in sums.
    rng : Generator or int, optional
        By default it follows from the values.
    raises : bool
        Whether to raise; the report is returned otherwise.
    unresolved : {"allow", "raise"}
        A network in float32 has rows that nobody can resolve.

    Raises
    ------
    GradientMismatch
        With the row's number, its operation and the line that made it.

    Notes
    -----
    A whole-network check only says that something is wrong; this one says which row.
    """
    known_choice(unresolved)
    found = [
        RowReport(number, row, _checked(row, rng))
        for number, row in enumerate(rows)
        if row.op is not None and any(x.requires_grad for x in row.inputs)
    ]
    report = TapeReport(found)
    return report.require(unresolved) if raises else report


def _checked(row: Tensor, rng: Rng) -> Report:
    """Check one row: what was tracked moves, all else stands still."""
    op: Any = row.op
    places = [k for k, x in enumerate(row.inputs) if x.requires_grad]
    attributes = row.attributes or {}

    def again(arrays: Iterable[Array], tracked: bool) -> tuple[Tensor, list[Tensor]]:
        filled = [x.detach() for x in row.inputs]
        moving = [asarray(array, requires_grad=tracked) for array in arrays]
        for k, tensor in zip(places, moving, strict=True):
            filled[k] = tensor
        return op.call(*filled, **attributes), moving

    def f(*arrays: Array) -> Array:
        return again(arrays, False)[0]._data

    def vjp(g: Array, *arrays: Array) -> list[Any]:
        output, leaves = again(arrays, True)
        return pulled({output: g}, leaves, False)

    names = [op.inputs[min(k, op.arity - 1)] for k in places]
    # In float64, whatever was recorded: a float32 would hide errors of up to a thousandth.
    inputs = [row.inputs[k]._data.astype(float) for k in places]
    if "run" in attributes:  # tg.checkpoint: its rows are made anew by each backward
        what = "a checkpointed function keeps no rows to check: check the function itself"
        return Report(op.name, unresolved=[Finding("unresolved", what)]).settle()
    check = Check(f, vjp, inputs, rng=rng, name=op.name, names=[f"`{name}`" for name in names])
    check.most = FEW
    return check.run()


def _named(row: Tensor) -> str:
    return row.op.name if row.op is not None else "leaf"
