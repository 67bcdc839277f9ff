"""The error catalogue: one function per situation that the engine can meet (floor 0).

Each returns the error to raise, with its stable code, the facts, the reason and the edit that
mends it. The engine says ``raise catalogue.needs_one_number(...)`` and stays about the algorithm.
Tensors are only asked for ``shape``, ``dtype``, ``name``, ``op``, ``site`` here.
"""

from __future__ import annotations

from difflib import get_close_matches
from math import prod
from os.path import basename
from typing import Any, NoReturn

import numpy as np

from . import errors
from .arrays import where_it_fits
from .registration import mended
from .source import Site, here
from .types import Shape


def line_of(site: Site | None) -> str:
    return f" at line {site.line}" if site else ""


def _written(position: int = 0, otherwise: str = "x") -> str:
    """The operand at a position of the user's expression, fit to stand in another one."""
    site = here()
    terms = site.terms if site else ()
    return terms[position] if position < len(terms) else otherwise


def _assigned(otherwise: str = "new") -> str:
    """What the user's line assigns."""
    site = here()
    return (site.assigned if site else "") or otherwise


def called(tensor: Any, otherwise: str = "this tensor") -> str:
    """How to call a tensor in a message: its name, else what made it, else ``otherwise``."""
    if tensor.name:
        return str(tensor.name)
    if tensor.op is not None:
        line = f" at line {tensor.site.line}" if tensor.site else ""
        return f"the result of `{tensor.op.name}`{line}"
    return otherwise


def new_data_on_result(tensor: Any) -> Exception:
    return errors.InPlaceError(
        f"only a leaf can be given new data, not {called(tensor, 'a computed value')}",
        code="TG-I03",
        shapes=(tensor.shape,),
        why="later rows were computed from its value, and it may share memory",
        fix=f"{_written(0, 'y')} = tg.Tensor({_assigned()}, requires_grad=True)   # a leaf",
    )


def item_assignment(tensor: Any, value: Any) -> Exception:
    site = here()
    base, key = (site.subscript if site else None) or ("x", "i")
    new = repr(value) if isinstance(value, (int, float)) else _assigned("v")
    return errors.InPlaceError(
        "a Tensor's elements cannot be assigned",
        code="TG-I02",
        shapes=(tensor.shape,),
        why="rows that read the old value would compute a wrong gradient",
        fix=f"{base} = {base}.at[{key}].set({new})   # or collect the parts and tg.stack(parts)",
    )


def array_in_place(name: str, inputs: tuple[Any, ...]) -> Exception:
    site = here()
    terms = site.terms if site else ()
    terms = terms[: len(inputs)] if len(terms) >= len(inputs) else ("a", "t")[-len(inputs) :]
    into = terms[0] if site is not None and not site.function else "out"  # `a += t`
    return errors.InPlaceError(
        f"an array cannot take a Tensor in place, with out= of `{name}`",
        code="TG-I03",
        shapes=[np.shape(getattr(x, "_data", x)) for x in inputs],
        op=name,
        why="the array holds numbers only, so the gradient would be lost",
        fix=f"{into} = np.{name}({', '.join(terms)})   # or .data, without a gradient",
    )


def leaf_in_place(tensor: Any, symbol: str) -> Exception:
    name, change = _written(0, "w"), _written(1, "change")
    return errors.InPlaceError(
        f"`{name} {symbol} ...` would replace a leaf that requires a gradient by a result",
        code="TG-I03",
        shapes=(tensor.shape,),
        why="the update would become part of the graph, and the leaf would be lost",
        fix=f"{name}.data {symbol} {change}   # after backward; or optimizer.step()",
    )


def gradient_of_result(tensor: Any) -> Exception:
    return errors.MissingGradient(
        f"only leaves keep a gradient, not {called(tensor)}",
        code="TG-G08",
        shapes=(tensor.shape,),
        why="adjoints of intermediate values are freed as backward goes",
        fix=f"tape.gradient(loss, {_written(0, 'h')})   # `w = w - step` makes w a result too, "
        "w.data -= step does not",
    )


def tracking_of_result(tensor: Any) -> Exception:
    return errors.GradientError(
        f"whether {called(tensor, 'a computed value')} requires a gradient follows from its inputs",
        shapes=(tensor.shape,),
        why="only leaves, made by tg.Tensor or tg.Parameter, can be told",
        fix="y = tg.Tensor(y, requires_grad=True)   # a leaf of its own; or y.detach()",
    )


def not_one_number(how: str, shape: Shape, size: int) -> Exception:
    return errors.ShapeError(
        f"{how} needs one number, this has {size} (shape {shape})",
        code="TG-S12",
        shapes=(shape,),
        fix=f"{_written(0) if how != 'an index' else 'x'}.sum().item()   # or .mean(), [0]",
    )


def truth_of_many(shape: Shape, size: int) -> Exception:
    site = here()
    condition = site.condition if site else ""
    return errors.TruthError(
        f"a condition needs one truth value, this has {size} (shape {shape})",
        code="TG-P02",
        shapes=(shape,),
        why="some elements may be true and others not",
        fix=f"({condition or 'x > 0'}).all()   # or .any(); for a loss, was .mean() forgotten?",
    )


def index_not_whole(dtype: Any) -> Exception:
    return errors.DTypeError(f"only a whole number can index, this is {dtype}", fix="int(x)")


def no_length() -> Exception:
    return errors.DTypeError(
        "a 0-d tensor has no length and no parts", shapes=((),), fix=f"{_written(0)}.size"
    )


def copy_of_result(tensor: Any) -> Exception:
    return errors.TapeError(
        f"{called(tensor)} cannot be copied apart from its graph",
        fix="copy.deepcopy(y.detach())",
    )


def wrong_number_of_cotangents(row: Any, answers: Any) -> Exception:
    several = isinstance(answers, (tuple, list))
    given = f"{len(answers)} cotangents" if several else f"one {type(answers).__name__}"
    return errors.RuleError(
        f"the rule of `{row.op.name}` returned {given} for {len(row.inputs)} inputs",
        code="TG-G11",
        shapes=[x.shape for x in row.inputs],
        op=row.op.name,
        site=row.site,
        why="each input gets a gradient of its own",
        fix=f"return {', '.join('d' + name for name in row.op.inputs)}   # one per input, None "
        "where there is no derivative",
    )


def returned_none(row: Any, position: int) -> NoReturn:
    """Of a rule whose ``return`` is missing: zeros in its place would be a wrong gradient."""
    op = row.op
    several = len(row.inputs) > 1
    where = f" for input {position}" if several else ""
    none = "None in its place of rule=(...)" if several else "rule=None"
    raise errors.RuleError(
        f"the rule of `{op.name}` returned None{where}",
        code="TG-G11",
        shapes=[x.shape for x in row.inputs],
        op=op.name,
        site=row.site,
        why="a rule answers with the gradient of its input",
        fix=f"return ...   # in the rule{_defined(op.joint or op.rules[position])}; or {none} for "
        "no derivative",
    )


def _defined(function: Any) -> str:
    """Where a function's code begins."""
    code = getattr(function, "__code__", None)
    return f", {basename(code.co_filename)}:{code.co_firstlineno}" if code else ""


def _mended(given: Shape, expected: Shape, written: str) -> str:
    """The edit that gives a cotangent its input's shape, from how the two shapes differ."""
    try:
        joined = np.broadcast_shapes(given, expected)
    except ValueError:
        joined = ()
    if joined == given:
        return f"tg.unbroadcast(g, {written}.shape)   # or broadcasts=True in @tg.operation"
    if joined == expected:
        return f"tg.broadcast_to(g, {written}.shape)"
    if prod(given) == prod(expected):
        return f"g.reshape({written}.shape)"
    axes = where_it_fits(given, expected)
    if axes is not None:
        return f"tg.broadcast_to(g{axes}, {written}.shape)   # or keepdims=True in the rule"
    return f"assert g.shape == {written}.shape   # as the last line of the rule says what to mend"


def wrong_shape_of_cotangent(row: Any, position: int, given: Shape) -> Exception:
    expected = row.inputs[position].shape
    written = row.op.inputs[min(position, row.op.arity - 1)]
    return errors.RuleError(
        f"the rule of `{row.op.name}` gave input {position} a gradient of shape {given}, the "
        f"input has {expected}",
        code="TG-G11",
        shapes=(given, expected),
        op=row.op.name,
        site=row.site,
        why="a gradient has one number for each number of its input",
        fix=_mended(given, expected, written),
    )


def changed_since(row: Any, position: int) -> Exception:
    tensor = row.inputs[position]
    written = row.site.operands if row.site else ()
    label = tensor.name or (written[position] if position < len(written) else f"input {position}")
    return errors.InPlaceError(
        f"backward of `{row.op.name}` needs {label} as it was, and its data changed since",
        code="TG-I01",
        shapes=(tensor.shape,),
        op=row.op.name,
        site=row.site,
        why="the gradient would be computed from numbers that were not used",
        fix="loss.backward()   # before the data changes; or compute the loss again after it",
    )


def needs_one_number(shape: Shape, size: int, made: Site | None) -> Exception:
    site = here()
    direct = site is not None and ".backward(" in site.expression
    y = _written(0 if direct else 1, "y")
    return errors.GradientError(
        f"the target has {size} values (shape {shape}); a gradient needs one number to explain",
        code="TG-G01",
        shapes=(shape,),
        notes=(f"it was made {made.lines()[0]}",) if made else (),
        why="which of the values, or which sum of them, should change is not said",
        fix=(f"{y}.sum().backward()" if direct else f"{y}.sum()")
        + "   # or .mean(); an output gradient weights them; tg.jacobian gives all",
    )


def wrong_shape_of_seed(given: Shape, shape: Shape) -> Exception:
    return errors.ShapeError(
        f"the output gradient has shape {given}, the target {shape}",
        code="TG-G01",
        shapes=(given, shape),
        why="it weights every value of the target",
        fix=f"np.ones({shape})",
    )


def tape_entered_twice(opened: Site | None) -> Exception:
    return errors.TapeError(
        f"this tape is already recording (opened{line_of(opened)})",
        code="TG-T02",
        why="a tape is one block of the record",
        fix="with tg.Tape() as inner: ...   # a tape of its own; both follow the whole graph",
    )


def not_a_source(value: Any) -> Exception:
    return errors.ArgumentError(
        f"a gradient is asked with respect to Tensors, got {type(value).__name__}",
        fix="x = tg.Tensor(x, requires_grad=True)   # before the computation",
    )


def no_such_argument(argnums: Any, given: int) -> Exception:
    return errors.ArgumentError(
        f"argnums={argnums!r} does not name different ones of the {given} positional arguments",
        why="a transform differentiates positional arguments",
        fix="tg.grad(f, argnums=0)(x)",
    )


def recomputed_otherwise(shape: Shape) -> Exception:
    return errors.TapeError(
        "a checkpointed function computed something else the second time",
        code="TG-T03",
        shapes=(shape,),
        why="backward computes it again; its gradient would belong to other numbers",
        fix="with tg.seed(0): ...   # instead of generators of its own; same mode, same inputs",
    )


def unknown_choice(name: str, given: Any, choices: tuple[str, ...]) -> Exception:
    near = get_close_matches(str(given), choices, 1) or choices
    return errors.ArgumentError(
        f"{name}={given!r} is none of {', '.join(map(repr, choices))}", fix=f"{name}={near[0]!r}"
    )


def not_a_target(value: Any) -> Exception:
    return errors.ArgumentError(
        f"a gradient is asked of one Tensor, got {type(value).__name__}",
        why="a plain number or a list does not remember what it was computed from",
        fix="tape.gradient(loss, sources)   # loss as computed, without float()",
    )


def not_a_function(value: Any) -> Exception:
    return errors.ArgumentError(
        f"a transform takes a function, got {type(value).__name__}",
        fix="tg.grad(f)(x)   # f without its arguments; or tape.gradient(y, x) for a value",
    )


def lost_in_an_array(tensor: Any) -> Exception:
    x = _written(0)
    return errors.InteropError(
        f"as a NumPy array, {called(tensor, 'this tensor')} would lose its gradient",
        code="TG-P01",
        shapes=(tensor.shape,),
        why="an array, or a list that NumPy makes one of, does not remember where it came from",
        fix=f"tg.stack({x})   # or [t.data for t in {x}], the numbers alone"
        if x.startswith(("[", "("))
        else f"{x}.data   # the numbers alone; to build a tensor from tensors, tg.stack([a, b])",
    )


def noted(error: Exception) -> Exception:
    """Return the error of a rule itself, with a note of the edit where it is known.

    Parameters
    ----------
    error : exception
        Raised in a sweep.
    """
    fix = None if isinstance(error, errors.TinygradError) else mended(error)
    if fix:
        error.add_note(f"  fix   {fix}")
    return error
