"""A tape as a table in plain text: what ``print(tape)`` shows (floor 3).

Only the rows that are shown are looked at, so that printing a million of them takes no time. The
one exception is the adjoint column, which runs backward again and is left out of long tapes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter

from ..autodiff import Tape, Tensor
from ..errors import ArgumentError, InPlaceError
from ..types import Array
from .label import number, printable, settings, value, written_inputs

__all__ = ["table"]

ADJOINT_ROWS = 10_000
SHOWN_INPUTS = 6
GAP = "  "


def table(tape: Tape, limit: int = 40) -> str:
    """Return the rows of a tape as a table: row, op, inputs, shape, value, adjoint and line.

    The adjoint column is there once the tape was asked for a gradient, and shows the adjoints for
    the target asked about last.

    Parameters
    ----------
    tape : Tape
        Inside its block or after it.
    limit : int, at least 2
        How many rows to show; from a longer tape the middle is left out.

    Returns
    -------
    str
        Aligned lines without a newline at the end. An input is ``%3`` for the row at position 3,
        a name, a number, or the shape of a leaf or constant.

    Raises
    ------
    ArgumentError
        For a ``limit`` below 2.

    Examples
    --------
    >>> w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> with Tape() as tape:
    ...     loss = (w * w).sum()
    >>> g = tape.gradient(loss, w)
    >>> print(table(tape))
    row  op        inputs  shape  value  adjoint  line
    %0   multiply  w, w    (2,)   [1 4]  [1 1]       2
    %1   sum       %0      ()     5      1           2
    """
    if limit < 2:
        raise ArgumentError(f"limit={limit} leaves no row to show", fix="table(tape, limit=40)")
    count = len(tape)
    if count == 0:
        return "an empty tape: its block recorded no operation on a tensor that requires a gradient"
    first = count if count <= limit else limit - limit // 2
    shown = [*range(first), *range(max(first, count - limit // 2), count)]
    rows = [tape[k] for k in shown]
    adjoints, remark = _adjoints(tape)
    columns = {
        "row": [f"%{k}" for k in shown],
        "op": [_operation(row) for row in rows],
        "inputs": [_inputs(row, tape.rows) for row in rows],
        "shape": [str(row.shape) for row in rows],
        "value": [value(row.data) for row in rows],
        "adjoint": [value(adjoints[row]) if row in adjoints else "" for row in rows],
        "line": _lines(rows),
    }
    if not adjoints:
        del columns["adjoint"]
    lines = _aligned(columns)
    if first < count:
        lines.insert(1 + first, f"... {count - len(shown)} rows ...")
    return "\n".join([*lines, *remark])


def _adjoints(tape: Tape) -> tuple[dict[Tensor, Array], list[str]]:
    """The adjoint of every row, and a remark in place of those that can no longer be computed."""
    if tape.asked is None or not tape.asked[0].requires_grad:
        return {}, []
    if len(tape) > ADJOINT_ROWS:
        return {}, [f"(adjoints are shown for tapes of at most {ADJOINT_ROWS} rows)"]
    try:
        return tape.adjoints(*tape.asked), []
    except InPlaceError:
        return {}, ["(no adjoints: parameters changed since the forward pass)"]
    except Exception as error:  # a broken rule is a reason to print the tape, not to fail at it
        said = str(error).partition("\n")[0]
        return {}, [f"(no adjoints: {type(error).__name__}: {printable(said)})"]


def _operation(row: Tensor) -> str:
    name = " ".join([printable(row.op.name if row.op is not None else ""), *settings(row)])
    return f"{printable(row.name)} = {name}" if row.name else name


def _inputs(row: Tensor, rows: Sequence[Tensor]) -> str:
    written = written_inputs(row) or ("",) * len(row.inputs)
    shown = list(zip(row.inputs, written, strict=True))[:SHOWN_INPUTS]
    more = len(row.inputs) - len(shown)
    labels = [_input(x, name, rows) for x, name in shown]
    return ", ".join([*labels, f"... {more} more"] if more else labels)


def _input(x: Tensor, written: str, rows: Sequence[Tensor]) -> str:
    if x.op is not None:
        # Rows are numbered as they are made, so a tape is sorted: no index of a million rows.
        position = bisect_left(rows, x.index, key=attrgetter("index"))
        if position < len(rows) and rows[position] is x:
            return f"%{position}"
        return printable(x.name) if x.name else f"{x.shape} {printable(x.op.name)} from before"
    if x.name:
        return printable(x.name)
    if x.index < 0 and x.ndim == 0:
        return number(x.data.item())
    return printable(written) if written else f"{x.shape} {'constant' if x.index < 0 else 'leaf'}"


def _lines(rows: Sequence[Tensor]) -> list[str]:
    """The user's line of each row, with the file where the rows come from several."""
    sites = [row.site for row in rows]
    several = len({site.filename for site in sites if site is not None}) > 1
    numbers = ["" if site is None else str(site.line) for site in sites]
    if not several:
        return numbers
    names = ["" if site is None else printable(_file(site.filename)) + ":" for site in sites]
    return [name + line for name, line in zip(names, numbers, strict=True)]


def _file(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _aligned(columns: dict[str, list[str]]) -> list[str]:
    """Pad every column to its widest cell: text to the left, line numbers to the right."""
    padded = []
    for title, cells in columns.items():
        width = max(map(len, [title, *cells]))
        align = str.rjust if title == "line" else str.ljust
        padded.append([align(cell, width) for cell in (title, *cells)])
    return [GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)]
