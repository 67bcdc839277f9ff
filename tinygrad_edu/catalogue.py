"""The error catalogue: one function per situation that the engine can meet (floor 0).

Each returns the error to raise, with its stable code, the facts, the reason and the edit that
mends it. The engine says ``raise catalogue.needs_one_number(...)`` and stays about the algorithm.
Tensors are only asked for ``shape``, ``dtype``, ``name``, ``op``, ``site`` here.
"""

from __future__ import annotations

from typing import Any

from . import errors
from .source import Site
from .types import Shape


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
        fix="y = tg.Tensor(y)",
    )


def new_data_of_other_shape(given: Shape, shape: Shape, what: str = "data") -> Exception:
    return errors.ShapeError(
        f"new {what} has shape {given}, the tensor {shape}",
        code="TG-S11",
        shapes=(given, shape),
        why="rows already recorded, optimizers and layers rely on its shape",
        fix=f"new.reshape({shape})   # or make a new tensor",
    )


def item_assignment() -> Exception:
    return errors.InPlaceError(
        "a Tensor's elements cannot be assigned",
        code="TG-I02",
        why="rows that read the old value would compute a wrong gradient",
        fix="x = x.at[i].set(v)   # or collect the parts and tg.stack(parts)",
    )


def in_place_operator(symbol: str) -> Exception:
    return errors.InPlaceError(
        f"an array cannot take a Tensor in place with `{symbol}`",
        code="TG-I03",
        why="the array holds numbers only, so the gradient would be lost",
        fix="a = a + t   # or a += t.data, if no gradient is needed",
    )


def gradient_of_result(tensor: Any) -> Exception:
    return errors.GradientError(
        f"only leaves keep a gradient, not {called(tensor)}",
        code="TG-G08",
        shapes=(tensor.shape,),
        why="adjoints of intermediate values are freed as backward goes",
        fix="tape.gradient(loss, h)",
    )


def tracking_of_result(tensor: Any) -> Exception:
    return errors.GradientError(
        f"{called(tensor)} requires a gradient because its inputs do",
        shapes=(tensor.shape,),
        fix="y = y.detach()",
    )


def not_one_number(how: str, shape: Shape, size: int) -> Exception:
    return errors.ShapeError(
        f"{how} needs one number, this has {size} (shape {shape})",
        code="TG-S12",
        shapes=(shape,),
        fix="x.sum().item()   # or x.mean(), x[0]",
    )


def truth_of_many(shape: Shape, size: int) -> Exception:
    return errors.TruthError(
        f"a condition needs one truth value, this has {size} (shape {shape})",
        code="TG-P02",
        shapes=(shape,),
        why="some elements may be true and others not",
        fix="(x > 0).all()   # or .any(); for a loss, was .mean() forgotten?",
    )


def index_not_whole(dtype: Any) -> Exception:
    return errors.DTypeError(f"only a whole number can index, this is {dtype}", fix="int(x)")


def no_length() -> Exception:
    return errors.DTypeError("a 0-d tensor has no length and no parts", shapes=((),), fix="x.size")


def copy_of_result(tensor: Any) -> Exception:
    return errors.TapeError(
        f"{called(tensor)} cannot be copied apart from its graph",
        fix="copy.deepcopy(y.detach())",
    )


def rules_do_not_match(name: str, inputs: int, rules: int) -> Exception:
    return errors.RuleError(
        f"`{name}` has {inputs} inputs and {rules} rules",
        code="TG-G11",
        op=name,
        fix="one rule per input, None where there is no derivative",
    )


def wrong_number_of_cotangents(row: Any, given: int) -> Exception:
    return errors.RuleError(
        f"the rule of `{row.op.name}` returned {given} cotangents for {len(row.inputs)} inputs",
        code="TG-G11",
        op=row.op.name,
        site=row.site,
        fix="return a tuple with one entry per input, None where there is no derivative",
    )


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
        fix=f"tg.unbroadcast(g, {written}.shape)   # or broadcasts=True in @tg.operation",
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
        fix="change the data after backward(), or compute the value again first",
    )


def needs_one_number(shape: Shape, size: int, site: Site | None) -> Exception:
    return errors.GradientError(
        f"the target has {size} values (shape {shape}); a gradient needs one number to explain",
        code="TG-G01",
        shapes=(shape,),
        notes=site.lines()[:1] if site else (),
        why="which of the values, or which sum of them, should change is not said",
        fix="y.sum().backward()   # or y.mean(); y.backward(v) weights them; tg.jacobian gives all",
    )


def wrong_shape_of_seed(given: Shape, shape: Shape) -> Exception:
    return errors.ShapeError(
        f"the output gradient has shape {given}, the target {shape}",
        code="TG-G01",
        shapes=(given, shape),
        fix=f"np.ones({shape})",
    )


def tape_entered_twice(opened: Site | None) -> Exception:
    return errors.TapeError(
        f"this tape is already recording (opened{_line(opened)})",
        code="TG-T02",
        why="a tape is one block of the record",
        fix="with tg.Tape() as inner:   # a tape of its own; both follow the whole graph",
    )


def not_a_source(value: Any) -> Exception:
    return errors.ArgumentError(
        f"a gradient is asked with respect to Tensors, got {type(value).__name__}",
        fix="x = tg.Tensor(x, requires_grad=True)   # before the computation",
    )


def _line(site: Site | None) -> str:
    return f" at line {site.line}" if site else ""


def nothing_to_differentiate(target: Any, gap: Any) -> Exception:
    """The target is not on the record at all."""
    if gap is not None:
        return _cut(gap, f"`{called(target, 'the target')}` has no gradient")
    return errors.UnconnectedError(
        f"{called(target, 'the target')} was computed from values that require no gradient",
        code="TG-G02",
        shapes=(target.shape,),
        why="only what is computed from a Tensor with requires_grad=True is recorded",
        fix="w = tg.Tensor(w, requires_grad=True)   # before the computation",
    )


def _cut(gap: Any, what: str) -> Exception:
    """The error for one gap: a detached value, a block without recording, no rule."""
    site = gap.at.site
    shapes = (gap.at.shape,)
    if gap.reason in ("detach", "stop_gradient"):
        return errors.UnconnectedError(
            f"{what}: the path was cut by `{gap.reason}`{_line(site)}",
            code="TG-G05",
            shapes=shapes,
            op=gap.reason,
            site=site,
            why="gradients stop at a detached value, on purpose",
            fix="use the value before it was detached",
        )
    if gap.reason == "no_grad":
        return errors.UnconnectedError(
            f"{what}: a value on the path was computed under `no_grad`{_line(site)}",
            code="TG-G02",
            shapes=shapes,
            op=gap.reason,
            site=site,
            why="inside no_grad nothing is recorded",
            fix="compute it outside the block, or inside `with tg.enable_grad():`",
        )
    return errors.NotDifferentiable(
        f"{what}: `{gap.reason}`{_line(site)} has no useful derivative",
        code="TG-G10",
        shapes=shapes,
        op=gap.reason,
        site=site,
        why="its result is piecewise constant or made of whole numbers: 0 almost everywhere",
        fix="train on a smooth stand-in, such as tg.softmax; to stop here on purpose, .detach()",
    )


def _converted(what: str, shape: Shape, how: str, site: Site | None) -> Exception:
    return errors.UnconnectedError(
        f"{what}: a value computed from it became a plain number by {how}{_line(site)}",
        code="TG-G04",
        shapes=(shape,),
        site=site,
        why="a number does not remember what it was computed from",
        fix="keep the Tensor in the computation, and convert only to print",
    )


def unconnected(
    target: Any, source: Any, label: str, gaps: Any, conversions: Any, leaves: Any
) -> Exception:
    """A source has no gradient: because of its type, its settings, a gap, or no path at all."""
    what = f"{called(target, 'the target')} gives {label} no gradient"
    if source.dtype.kind != "f":
        return errors.DTypeError(
            f"{what}: it is {source.dtype}, and a gradient needs real numbers",
            code="TG-G09",
            shapes=(source.shape,),
            fix=f"tg.Tensor({label}, dtype=float, requires_grad=True)".replace("the source", "x"),
        )
    if gaps:
        return _cut(gaps[0], what)
    if not source.requires_grad:
        return errors.UnconnectedError(
            f"{what}: it does not require one",
            code="TG-G03",
            shapes=(source.shape,),
            why="what is computed from it was not recorded",
            fix="x = tg.Tensor(x, requires_grad=True)   # before the computation",
        )
    if conversions:
        return _converted(what, source.shape, *conversions[0])
    names = [leaf.name or f"a leaf of shape {leaf.shape}" for leaf in leaves]
    listed = ", ".join(names[:4]) + (f", ... ({len(names)})" if len(names) > 4 else "")
    return errors.UnconnectedError(
        f"{what}: it is not an input of the computation",
        code="TG-G03",
        shapes=(source.shape,),
        notes=(f"inputs that are: {listed or 'none'}",),
        why="no operation on the way to the target reads it",
        fix='tape.gradient(target, sources, unconnected="zero")   # if that is meant',
    )


def no_such_argument(argnums: Any, given: int) -> Exception:
    return errors.ArgumentError(
        f"argnums={argnums} names an argument that is not there: the call has {given} positional",
        why="a transform differentiates positional arguments",
        fix="tg.grad(f, argnums=0)(x)",
    )


def returned_plain_number(result: Any) -> Exception:
    return errors.UnconnectedError(
        f"the function returned {type(result).__name__}, not a Tensor: its gradient is lost",
        code="TG-G04",
        why="float(), .item(), .numpy() or NumPy on .data turns a Tensor into plain numbers",
        fix="return the Tensor itself, as in `return loss`",
    )


def wrong_number_of_parts(given: int, expected: int) -> Exception:
    return errors.ArgumentError(
        f"got {given} parts where the function has {expected}",
        why="each part needs a direction, or a weight, of its own",
        fix="give it the same structure of tuples, lists and dicts",
    )


def unknown_choice(name: str, given: Any, choices: tuple[str, ...]) -> Exception:
    return errors.ArgumentError(
        f"{name}={given!r} is none of {', '.join(map(repr, choices))}", fix=f"{name}={choices[0]!r}"
    )
