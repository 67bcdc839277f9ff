"""What to say when NumPy refuses an operation's operands (floor 0)."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import errors
from .arrays import numbers
from .registry import Operation
from .source import here
from .types import Array, Shape

__all__ = ["check_settings", "forward_returned", "refused", "translated"]


def refused(
    op: Operation, inputs: Sequence[Any], attributes: dict[str, Any], error: Exception
) -> Exception:
    """Explain a refusal in the operation's own words, where it has some.

    Parameters
    ----------
    op : Operation
        What was called.
    inputs, attributes
        With what; Tensors or arrays.
    error : Exception
        What NumPy, or the operation's own forward, raised.
    """
    if isinstance(error, errors.TinygradError):
        return error
    try:
        op.signature.bind(*inputs, **attributes)
        arrays = [numbers(getattr(x, "_data", x)) for x in inputs]
    except errors.TinygradError as bad:
        return bad
    except TypeError as bad:
        habits = {"dim": "axis", "keepdim": "keepdims", "unbiased": "correction"}
        meant = [f"{new}= for {old}=" for old, new in habits.items() if old in attributes]
        hint = f"   # {', '.join(meant)}" if meant else ""
        return errors.SignatureError(f"{op.name}(): {bad}", fix=f"{op.name}{_bare(op)}{hint}")
    explained = op.explain(*arrays, **attributes) if op.explain else None
    return explained or translated(op.name, arrays, error, broadcasts=op.broadcasts)


def forward_returned(op: Operation, value: Array) -> Exception:
    """A forward that gave no numbers, as when its ``return`` is missing."""
    given = value.item() if value.ndim == 0 else value
    return errors.RuleError(
        f"the forward of `{op.name}` returned {given!r:.40}, not an array of numbers",
        code="TG-G11",
        op=op.name,
        why="its value is what the next operation computes with",
        fix="return the result" if given is None else "return an array",
    )


def check_settings(op: Operation, rest: Sequence[Any], given: dict[str, Any]) -> None:
    """Refuse a setting given twice, one too many, or one that wants a gradient.

    Parameters
    ----------
    op : Operation
        What was called.
    rest, given
        The settings, by position and by name.
    """
    names = tuple(op.defaults)
    if len(rest) > len(names) or given.keys() & set(names[: len(rest)]):
        raise errors.SignatureError(
            f"{op.name}(): more positional arguments than it takes, or one of them given twice",
            op=op.name,
            fix=f"{op.name}{_bare(op)}",
        )
    for name, value in (*zip(names, rest, strict=False), *given.items()):
        if getattr(value, "_tracked", False):
            raise errors.SignatureError(
                f"{op.name}(): the setting {name!r} cannot be a Tensor that requires a gradient",
                op=op.name,
                why="rules give gradients to inputs, the parameters before `/`, and nothing else",
                fix=f"make {name!r} an input of the operation, or pass {name}.item()",
            )


def _bare(op: Operation) -> str:
    """The signature as one would type it, without annotations."""
    parts = [p.replace(annotation=p.empty) for p in op.signature.parameters.values()]
    return str(op.signature.replace(parameters=parts, return_annotation=inspect.Signature.empty))


def translated(
    name: str, arrays: Sequence[Array], error: Exception, *, broadcasts: bool = False
) -> errors.TinygradError:
    """Turn what NumPy said into an error that names the operation, the operands and the edit.

    Parameters
    ----------
    name : str
        The operation.
    arrays : sequence of arrays
        Its operands.
    error : Exception
        What NumPy raised.
    broadcasts : bool
        Whether the operands were to broadcast against each other.
    """
    if isinstance(error, errors.TinygradError):
        return error
    shapes = [array.shape for array in arrays]
    site = here()
    written = site.operands if site is not None else ()
    names = (
        written
        if len(written) == len(arrays)
        else tuple("xyzuvw"[k % 6] for k in range(len(arrays)))
    )
    notes = [
        f"{label}  {array.shape} {array.dtype}" for label, array in zip(names, arrays, strict=True)
    ]
    if broadcasts and (clash := _clash(shapes)) is not None:
        axis, left, right, fix = clash
        return errors.ShapeError(
            f"`{name}` cannot broadcast {' with '.join(map(str, shapes))}: aligned from the "
            f"right, axis {axis} is {left} against {right}",
            code="TG-S02",
            shapes=shapes,
            op=name,
            site=site,
            notes=notes,
            why="sizes on one axis must be equal, or one of them 1",
            fix=fix.format(*names),
        )
    said = str(error)
    if isinstance(error, IndexError):
        return errors.IndexingError(
            f"`{name}`: {said}", code="TG-S08", shapes=shapes, op=name, site=site, notes=notes
        )
    kind = errors.DTypeError if isinstance(error, TypeError) else errors.ShapeError
    code = "TG-S10" if isinstance(error, TypeError) else "TG-S09"
    return kind(f"`{name}`: {said}", code=code, shapes=shapes, op=name, site=site, notes=notes)


def _clash(shapes: Sequence[Shape]) -> tuple[int, int, int, str] | None:
    """The first axis from the right that cannot broadcast, its two sizes, and a likely fix."""
    try:
        np.broadcast_shapes(*shapes)
        return None
    except ValueError:
        pass
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = [shape[-axis] for shape in shapes if len(shape) >= axis]
        odd = [size for size in sizes if size != 1]
        if len(set(odd)) > 1:
            small = min(range(len(shapes)), key=lambda k: len(shapes[k]))
            large = max(range(len(shapes)), key=lambda k: len(shapes[k]))
            rows = len(shapes[small]) == 1 and shapes[large][:1] == shapes[small]
            fix = (
                f"{{{small}}}[:, None]   # one value per row"
                if rows
                else "give the axes equal sizes, for example with reshape or a slice"
            )
            return -axis, odd[0], next(size for size in odd if size != odd[0]), fix
    return None
