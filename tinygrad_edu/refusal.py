"""What to say when NumPy refuses an operation's operands (floor 0)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import errors
from .arrays import numbers, where_it_fits
from .registration import mended
from .registry import Operation
from .source import Site, here
from .types import Array, Shape

__all__ = [
    "check_settings",
    "forward_returned",
    "pair_of",
    "refused",
    "result_of",
    "settled",
    "translated",
]


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
    return explained or translated(op, arrays, attributes, error)


def settled(
    op: Operation, inputs: Sequence[Any], attributes: dict[str, Any], error: Exception
) -> Array:
    """Compute with a Python number that a whole type cannot hold, where NumPy does; else refuse.

    NumPy compares and divides by such a number, but does not add it. Parameters are those of
    ``refused``.
    """
    if isinstance(error, OverflowError):
        plain = [getattr(x, "_data", x) for x in inputs]
        if {x.dtype.kind for x in plain if isinstance(x, np.ndarray)} <= {"i", "u"}:
            try:
                data = np.asarray(op.forward(*plain, **attributes))
            except (TypeError, OverflowError) as again:
                raise refused(op, inputs, attributes, again) from None
            if data.dtype.kind != "O":
                return data
    raise refused(op, inputs, attributes, error) from None


def result_of(op: Operation, data: Any) -> Array:
    """Return what a forward gave as an array, or raise if it gave none or several."""
    if data.__class__ is np.ndarray:
        return data
    if data is None or isinstance(data, tuple):
        raise forward_returned(op, data)
    return np.asarray(data)


def pair_of(op: Operation, answer: Any) -> tuple[Any, Any]:
    """Return what a forward that saves gave, or raise if that is no pair."""
    if not isinstance(answer, tuple) or len(answer) != 2:
        raise errors.RuleError(
            f"`{op.name}` saves, but its forward returned {type(answer).__name__}",
            code="TG-G11",
            op=op.name,
            why="saves=True: the second of two values is kept for the rule",
            fix="return value, saved   # or remove saves=True",
        )
    return answer


def forward_returned(op: Operation, value: Any) -> Exception:
    """A forward that gave no numbers, as when its ``return`` is missing, or several results."""
    if isinstance(value, tuple):
        letters = ", ".join("abcdefgh"[: len(value)])
        return errors.RuleError(
            f"the forward of `{op.name}` returned {len(value)} values",
            code="TG-G11",
            op=op.name,
            why="an operation has one result",
            fix=f"return np.stack([{letters}], axis=-1)   # or saves=True, if the second of two "
            "values is for the rule",
        )
    given = value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value
    return errors.RuleError(
        f"the forward of `{op.name}` returned {given!r:.40}, not an array of numbers",
        code="TG-G11",
        op=op.name,
        why="its value is what the next operation computes with",
        fix="return result   # the last line of the forward"
        if given is None
        else "return np.asarray(result, dtype=float)",
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
    parameters = op.signature.parameters
    named_only = [n for n in names[: len(rest)] if parameters[n].kind.name == "KEYWORD_ONLY"]
    if wrong := [name for name in named_only if name != "axis"]:
        raise errors.SignatureError(
            f"{op.name}(): {wrong[0]!r} is given by name, not by position",
            op=op.name,
            why="NumPy has other settings at that place",
            fix=f"{wrong[0]}={rest[names.index(wrong[0])]!r:.60}",
        )
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
                fix=f"{name}={name}.item()   # or make it an input, before `/`",
            )


def _bare(op: Operation) -> str:
    """The signature as one would type it, without annotations."""
    parts = [p.replace(annotation=p.empty) for p in op.signature.parameters.values()]
    return str(op.signature.replace(parameters=parts, return_annotation=inspect.Signature.empty))


def translated(
    op: Operation, arrays: Sequence[Array], attributes: dict[str, Any], error: Exception
) -> errors.TinygradError:
    """Turn what NumPy said into an error that names the operation, the operands and the edit.

    Parameters
    ----------
    op : Operation
        What was called.
    arrays : sequence of arrays
        Its operands.
    attributes : dict
        Its settings.
    error : Exception
        What NumPy raised.
    """
    if isinstance(error, errors.TinygradError):
        return error
    site, shapes = here(), [array.shape for array in arrays]
    placeholders = tuple("xyzuvw"[k % 6] for k in range(len(arrays)))
    names = site.operands if site and len(site.operands) == len(arrays) else placeholders
    terms = site.terms[: len(arrays)] if site and len(site.terms) >= len(arrays) else placeholders
    said, fix = f"`{op.name}`: {error}", _example(op)
    kind: type[errors.TinygradError] = errors.ShapeError
    if op.broadcasts and (clash := _clash(shapes)) is not None:
        code, why = "TG-S02", "sizes on one axis must be equal, or one of them 1"
        said = f"`{op.name}` cannot broadcast {' with '.join(map(str, shapes))}: {clash}"
        fix = _lined_up(shapes, terms)
        if ".at[" in terms[0]:
            named = arrays[0][attributes["key"]].shape
            fix = f"{terms[0]}.set(0.0)   # or numbers of shape {named}"
    elif isinstance(error, IndexError):
        kind, code, why = errors.IndexingError, "TG-S08", "it has to be one that the array has"
        fix = _other_index(op, site, terms, arrays[0], str(error))
    elif isinstance(error, OverflowError):
        kind, code, why = errors.DTypeError, "TG-S10", "a whole number keeps all its digits"
        narrow = min(range(len(arrays)), key=lambda k: arrays[k].dtype.itemsize)
        fix = f"{terms[narrow]}.astype(float)   # or another type with room for it"
    elif isinstance(error, TypeError):
        kind, code, why = errors.DTypeError, "TG-S10", "a value of this type has no meaning here"
    else:
        code, why = "TG-S09", "the operands do not fit the operation"
    fix = (mended(error) if not _is_ours(op) else None) or fix
    rows = zip(names, arrays, strict=True)
    notes = [f"{label}  {array.shape} {array.dtype}" for label, array in rows]
    return kind(
        said, code=code, shapes=shapes, op=op.name, site=site, notes=notes, why=why, fix=fix
    )


def _clash(shapes: Sequence[Shape]) -> str | None:
    """The first axis from the right that cannot broadcast, and two sizes of it."""
    for axis in range(1, max(map(len, shapes)) + 1):
        sizes = [shape[-axis] for shape in shapes if len(shape) >= axis]
        odd = [size for size in sizes if size != 1]
        if len(set(odd)) > 1:
            other = next(size for size in odd if size != odd[0])
            return f"aligned from the right, axis {-axis} is {odd[0]} against {other}"
    return None


def _lined_up(shapes: Sequence[Shape], terms: Sequence[str]) -> str:
    """The operand with new axes or transposed if that lines the sizes up, else the common part."""
    large = max(shapes, key=len)
    for k, shape in enumerate(shapes):
        axes = where_it_fits(shape, large) if len(shape) < len(large) else None
        if axes is not None:
            meant = "one value per row" if axes == "[:, None]" else f"lines up with {large}"
            return f"{terms[k]}{axes}   # {meant}"
    for k, shape in reversed(list(enumerate(shapes))):
        turned = (*shape[:-2], *shape[-2:][::-1])
        if len(shape) > 1 and _clash([*shapes[:k], turned, *shapes[k + 1 :]]) is None:
            return f"{terms[k]}.mT   # transposed: {turned}"
    parts = []
    for shape, term in zip(shapes, terms, strict=True):
        least = [
            min(other[-axis] for other in shapes if len(other) >= axis and other[-axis] != 1)
            if size != 1
            else 1
            for axis, size in zip(range(len(shape), 0, -1), shape, strict=True)
        ]
        cuts = [f":{m}" if m < n else ":" for m, n in zip(least, shape, strict=True)]
        if tuple(least) != shape:
            parts.append(f"{term}[{', '.join(cuts)}]")
    return f"{', '.join(parts)}   # the part that all have; or build them with equal sizes"


def _other_index(
    op: Operation, site: Site | None, terms: Sequence[str], array: Array, said: str
) -> str:
    """The same operation with an index, or an axis, that the array has."""
    if "out of bounds for array of dimension" in said:
        name = site.function if site and site.expression.startswith("tg.") else op.name
        valid = f"axes go from {-array.ndim} to {array.ndim - 1}" if array.ndim else "no axes"
        others = [value for key, value in op.defaults.items() if key != "axis"]
        if op.variadic or "axis" not in op.defaults or inspect.Parameter.empty in others:
            return f"{terms[0]}.ndim   # {array.shape}: {valid}"  # no call that is sure to work
        setting = ", axis=-1" if array.ndim else ""
        space = "tg." if _is_ours(op) else ""
        return f"{space}{name}({', '.join(terms)}{setting})   # {array.shape}: {valid}"
    base, _, place = terms[0].partition(".at[")
    found = re.search(r"index (\S+) is out of bounds for axis (\d+) with size (\d+)", said)
    if found is not None:
        axis, size = int(found[2]), int(found[3])
        key = ", ".join([*[":"] * axis, "-1" if size else ":"])
        meant = f"axis {axis} has indices {-size} to {size - 1}" if size else "it is empty"
    elif "too many indices" in said:
        key = ", ".join([":"] * array.ndim) or "()"
        meant = f"at most {array.ndim} indices"
    elif "boolean index" in said:
        key, meant = f"{base} > 0", f"a mask of its own shape, {array.shape}"
    else:
        key = "..." if array.ndim == 0 else "0"
        meant = "or int(i), slices, masks, arrays of whole numbers"
    changed = f".set({terms[1]})" if place and len(terms) > 1 else ""
    return f"{base}{'.at' if place else ''}[{key}]{changed}   # {meant}"


def _is_ours(op: Operation) -> bool:
    return str(op.call.__module__).startswith("tinygrad_edu.")


def _example(op: Operation) -> str | None:
    """A call that works: the first example of the operation's own documentation."""
    _, found, rest = op.doc.partition(">>> ")
    name = op.call.__name__
    if name.startswith("_"):  # its public function is what was called
        site = here()
        called, call, _ = site.expression.partition("(") if site else ("", "", "")
        return f"help({called if call else f'tg.{op.name}'})   # what it takes"
    if not found or not rest.startswith(f"{name}("):
        return None
    space = "tg." if _is_ours(op) else ""
    return f"{space}{rest.splitlines()[0]}   # for example"
