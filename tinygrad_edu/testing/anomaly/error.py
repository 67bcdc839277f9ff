"""The errors of anomaly mode: what, where, from which numbers, why, and the edit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from os.path import basename
from typing import Any

import numpy as np

from ... import errors
from ...catalogue import called, line_of
from ...types import Array
from .birth import first
from .cause import Case, Cause, cause_of
from .mark import Change
from .scene import Scene, element, extent, literal, place, within
from .wording import Wording

__all__ = [
    "bad_seed",
    "bad_target",
    "came_in",
    "in_backward",
    "in_forward",
    "in_sum",
    "overwritten",
]

_START = "the value that backward starts from"
# Which row sent a cotangent to a tensor last, and for which of the row's inputs.
Senders = Mapping[Any, tuple[Any, int]]


def in_forward(scene: Scene, wrong: Array) -> errors.AnomalyError:
    """Return the error for a value that went wrong in an operation's forward.

    Parameters
    ----------
    scene : Scene
        The call.
    wrong : ndarray of bool
        Which elements of its value were born bad.
    """
    index, shape, labels = first(wrong), scene.out.shape, scene.labels()
    value, at = element(scene.out, index, shape), scene.at(index, shape)
    cause = cause_of(Case(scene.op, scene.arrays, scene.attributes, value, at, scene.out.dtype))
    named = zip(labels, scene.arrays, at, strict=True)
    known = dict.fromkeys(
        f"{label}{place(within(index, x.shape) if x.size > 1 else ())} = {number:.6g}"
        for label, x, number in named
        if not math.isnan(number) and not literal(label)
    )
    made = f"overflowed {scene.out.dtype}" if cause.overflow else "made the first value not finite"
    because = f", because {', '.join(known)}" if known else ""
    return errors.AnomalyError(
        f"`{scene.op.name}` {made}: output{place(index)} = {value:g}{because}",
        code="TG-N03" if cause.overflow else "TG-N01",
        index=index,
        value=value,
        shapes=[x.shape for x in scene.arrays],
        op=scene.op.name,
        site=scene.site,
        notes=scene.notes(labels, {"output": extent(scene.out)}),
        why=cause.why,
        fix=_fix(scene, cause),
    )


def in_backward(
    row: Any, position: int, value: Array, wrong: Array, g: Array, senders: Senders
) -> errors.AnomalyError:
    """Return the error for a cotangent that went wrong in the rule of a row.

    Parameters
    ----------
    row : Tensor
        Whose rule gave it.
    position : int
        For which input.
    value, wrong : ndarray
        What the rule gave, and which elements of it were born bad.
    g : ndarray
        The cotangent that had arrived at the row.
    senders : mapping of Tensor to (row, position)
        Who sent what has arrived so far.
    """
    scene, index = Scene.of(row), first(wrong)
    labels, at = scene.labels(), scene.at(index, value.shape)
    out, arrived = [element(x, index, value.shape) for x in (scene.out, g)]
    bad = element(value, index, value.shape)
    case = Case(
        scene.op, scene.arrays, scene.attributes, bad, at, value.dtype,
        out=out, position=position, g=arrived, norm=_is_norm(row),
    )  # fmt: skip
    cause = cause_of(case)
    if cause.slope and arrived == 0:
        cause = _zero_times_infinity(cause, row, senders)
    label, sender = labels[position] + place(index), senders.get(row)
    where = f"{label} = {element(scene.arrays[position], index, value.shape):.6g}"
    where += "" if math.isnan(arrived) else f" and the cotangent is {arrived:.6g}"
    sent = f", from `{sender[0].op.name}`{line_of(sender[0].site)}" if sender else ""
    return errors.AnomalyError(
        f"backward of `{scene.op.name}` made the first value not finite: the gradient of {label} "
        f"= {bad:g}, where {where}",
        code="TG-N02",
        index=index,
        value=bad,
        shapes=[x.shape for x in scene.arrays],
        op=scene.op.name,
        site=scene.site,
        notes=scene.notes(labels, {"cotangent": extent(g) + sent}) + _rule(scene, position),
        why=cause.why,
        fix=_fix(scene, cause),
    )


def in_sum(row: Any, position: int, parts: list[Array], wrong: Array) -> errors.AnomalyError:
    """Return the error for finite contributions to one gradient whose sum is not finite.

    Parameters
    ----------
    row : Tensor
        The row that sent the last contribution.
    position : int
        To which of its inputs.
    parts : list of two ndarrays
        What had arrived, and what was added.
    wrong : ndarray of bool
        Which elements of the sum are bad.
    """
    scene, index = Scene.of(row), first(wrong)
    label, numbers = scene.labels()[position], [float(x[index]) for x in parts]
    kind = parts[1].dtype
    value = float(kind.type(numbers[0]) + kind.type(numbers[1]))
    template = f"_ * 1e-{math.ceil(math.log10(max(map(abs, numbers)))):02d}"
    return errors.AnomalyError(
        f"the contributions to the gradient of {label}{place(index)} overflow {kind}: "
        f"{numbers[0]:.6g} + {numbers[1]:.6g} = {value:g}",
        code="TG-N02",
        index=index,
        value=value,
        shapes=(parts[1].shape,),
        op=scene.op.name,
        site=scene.site,
        notes=scene.notes(scene.labels(), {"so far": extent(parts[0]), "added": extent(parts[1])}),
        why=f"several operations read {label}, and the gradients that they send are summed",
        fix=_fix(scene, Cause("", {position: template}, comment="or a smaller loss")),
    )


def came_in(row: Any, position: int, wrong: Array) -> errors.AnomalyError:
    """Return the error for a target that is bad because an input was so from the start.

    Parameters
    ----------
    row : Tensor
        The first row with a bad value.
    position : int
        Which of its inputs brought it in.
    wrong : ndarray of bool
        Which elements of that input are bad.
    """
    scene, index = Scene.of(row), first(wrong)
    x, label = row.inputs[position], scene.labels()[position]
    value, bad = element(x._data, index, x.shape), np.count_nonzero(wrong)
    source = "the initial values, or an update, did" if x.requires_grad else "it was given"
    return errors.AnomalyError(
        f"the value that backward starts from is not finite, and `{scene.op.name}` was the first "
        f"to read what is not: {label}{place(index)} = {value:g}, {bad} of {x.size} bad",
        code="TG-N05",
        index=index,
        value=value,
        shapes=[a.shape for a in scene.arrays],
        op=scene.op.name,
        site=scene.site,
        notes=scene.notes(scene.labels(), {"output": extent(scene.out)}),
        why=f"no operation made it: {source}",
        fix=_fix(scene, Cause("", {position: "tg.where(tg.isfinite(_), _, 0.0)"})),
    )


def bad_target(target: Any) -> errors.AnomalyError:
    """Return the error for a target that is bad, where nothing that it was made of is."""
    return errors.AnomalyError(
        f"{called(target, _START)} is not finite",
        code="TG-N05",
        shapes=(target.shape,),
        notes=(f"value  {extent(target._data)}",),
        why="a gradient of what is not a number says nothing",
        fix="tg.where(tg.isfinite(y), y, 0.0)   # y: that value",
    )


def bad_seed(target: Any, g: Array, wrong: Array) -> errors.AnomalyError:
    """Return the error for an output gradient with a NaN."""
    return errors.AnomalyError(
        f"the output gradient that was given for {called(target, _START)} has a NaN",
        code="TG-N05",
        index=first(wrong),
        shapes=(g.shape,),
        notes=(f"output gradient  {extent(g)}",),
        why="every gradient would be NaN",
        fix="np.nan_to_num(g)   # g: the output gradient",
    )


def overwritten(row: Any, change: Change) -> errors.InPlaceError:
    """Return the error for an array that changed after a row had read it."""
    scene, name = Scene.of(row), change.name
    label, fix = f"its {name}", "return out.copy()   # in the forward: memory of its own"
    if name in row.op.inputs:
        label = scene.labels()[change.position]
        fix = f"{label} = {label}.copy()   # before it is written to"
        if row.inputs[change.position].requires_grad:
            fix = f"loss.backward()   # before {label} is written to, by `{label}.data = ...`"
    elif name in scene.attributes:
        label, fix = name, f"{name} = {name}.copy()   # before it is written to"
    elif name == "out":
        label = "its own value"
    detail = ""
    if change.where is not None:
        detail = f": {label}{place(change.where)} was {change.before:.6g}, is {change.now:.6g}"
    formula = (f"formula  {row.op.formula}",) if row.op.formula else ()
    return errors.InPlaceError(
        f"backward of `{scene.op.name}` needs {label} as it was, and it was overwritten{detail}",
        code="TG-I01",
        shapes=[x.shape for x in scene.arrays],
        op=scene.op.name,
        site=scene.site,
        notes=(*formula, *scene.notes(scene.labels(), {"output": extent(scene.out)})),
        why="it was written to through an array that somebody holds; the gradient would be wrong",
        fix=fix,
    )


def _zero_times_infinity(cause: Cause, row: Any, senders: Senders) -> Cause:
    """The same cause with what made the 0, and an edit that cleans a branch of ``where``."""
    why, tensor = f"{cause.why}, and 0 times it is NaN", row
    while tensor in senders:
        sender, position = senders[tensor]
        if sender.op.name == "where":
            why += "; the branch of `where` that is not taken still gets a 0"
            wording = Scene.of(sender).wording()
            if not wording.exact:
                break
            one, other = ("_", "1.0") if position == 1 else ("1.0", "_")
            template = f"tg.where({wording.operands[0]}, {one}, {other})"
            return replace(cause, why=why, edits=dict.fromkeys(cause.edits, template))
        if sender.shape != tensor.shape:
            break
        tensor = sender
    return replace(cause, why=why)


def _is_norm(row: Any) -> bool:
    """Whether the operand is a sum of squares."""
    total = row.inputs[0]
    if total.op is None or total.op.name != "sum" or total.inputs[0].op is None:
        return False
    parts = total.inputs[0]
    square = parts.op.name == "multiply" and parts.inputs[0] is parts.inputs[1]
    return square or parts.op.name in ("power", "square")


def _rule(scene: Scene, position: int) -> list[str]:
    """Where a user's own rule is written."""
    rule = scene.op.joint or scene.op.rules[position]
    code = getattr(rule, "__code__", None)
    if code is None or str(getattr(rule, "__module__", "")).startswith("tinygrad_edu."):
        return []
    return [f"its rule is at {basename(code.co_filename)}:{code.co_firstlineno}"]


def _fix(scene: Scene, cause: Cause) -> str:
    """The edit in the user's own words, where the operation is the user's own code."""
    wording, edits = scene.wording(), dict(cause.edits)
    if (served := scene.serves) is not None:  # the user wrote what this is a step of
        wording = Wording(served.op, served.site, len(served.inputs), served.attributes)
        inputs = [link() for link in served.inputs]
        pairs = [(j, k) for k in edits for j, x in enumerate(inputs) if x is scene.inputs[k]]
        edits = {j: edits[k] for j, k in pairs} or {0: "_ + 1e-06"}
    edits = {k: wording.bounded(k) or template for k, template in edits.items()}
    code = _logs_of_softmax(scene)
    if cause.whole:
        code = cause.whole.format(call=wording, x=wording.operands[0])
    comments = [cause.comment] if cause.comment else []
    if not wording.exact and scene.site is not None and scene.site.expression and not code:
        comments.append(f"inside {scene.site.expression.splitlines()[0]}")
    code = code or wording.edited(edits, cause.drop)
    return "   # ".join([code, *comments[:1]]) + "".join(f"; {text}" for text in comments[1:])


def _logs_of_softmax(scene: Scene) -> str:
    """The stable form, if this is the logarithm of a softmax: the code of the softmax, edited."""
    made = scene.inputs[0]
    if scene.op.name != "log" or made.op is None or made.op.name != "softmax":
        return ""
    text = made.site.expression if made.site is not None else ""
    return (
        text.replace("softmax(", "log_softmax(", 1) if "softmax(" in text else "tg.log_softmax(x)"
    )
