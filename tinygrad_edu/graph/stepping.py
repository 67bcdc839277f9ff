"""One step of backpropagation in words: what arrived at a row, and what it sends back (floor 3)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..autodiff.backward import contributions
from ..errors import TinygradError
from ..types import Array, Contribution, Step
from .label import number, printable, settings, value, written_inputs

__all__ = ["told"]


def told(step: Step) -> str:
    """Return a step of ``tape.step_back`` as text: what ``print(step)`` shows.

    Parameters
    ----------
    step : Step
        The chain rule is written out where numbers stand alone.

    Examples
    --------
    >>> from tinygrad_edu.autodiff import Tape
    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> with Tape() as tape:
    ...     y = x * x
    >>> for step in tape.step_back(y):
    ...     print(step)
    multiply -> 9   line 2  x * x
      arrives       1
      sends to x    3 * 1 = 3
      sends to x    3 * 1 = 3
    """
    row, site = step.row, step.row.site
    where = "" if site is None else f"   line {site.line}  {printable(site.expression)}".rstrip()
    name = " ".join([printable(row.name or row.op.name), *settings(row)])
    names = written_inputs(row) or ("",) * len(row.inputs)
    labels = [f"sends to {_label(c.input, names[c.position])}" for c in step.contributions]
    wide = max(map(len, ["arrives", *labels]))
    lines = [f"{name} -> {value(row.data)}{where}"]
    lines.append(f"  {'arrives':{wide}}    {value(np.asarray(step.cotangent))}")
    for label, sent in zip(labels, step.contributions, strict=True):
        lines.append(f"  {label:{wide}}    {_product(step, sent)}{value(np.asarray(sent.value))}")
    if not labels:
        lines.append("  sends nothing: no input that wants a gradient gets one")
    return "\n".join(lines)


def _label(x: Tensor, written: str) -> str:
    made = x.op.name if x.op is not None else "a leaf"
    return printable(x.name or written or made)


def _product(step: Step, sent: Contribution) -> str:
    """``local derivative * what arrived = `` of single numbers."""
    row: Any = step.row
    if row.size != 1 or sent.input.size != 1:
        return ""
    try:
        each = contributions(row, np.ones_like(row.data), None)
    except TinygradError:
        return ""
    local = next((d for position, _, d in each if position == sent.position), None)
    if local is None:
        return ""
    return f"{_bracketed(local)} * {_bracketed(np.asarray(step.cotangent))} = "


def _bracketed(single: Array) -> str:
    text = number(float(single.item()))
    return f"({text})" if text.startswith("-") else text
