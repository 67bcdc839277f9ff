"""The errors of normalization. ``owner`` is the name of a function, or the layer being called."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...types import Shape
from ..path import written_path


def _place(owner: Any) -> str:
    """How to call a layer that is being called: ``net.bn1 = BatchNorm1d(3)``."""
    if isinstance(owner, str):
        return owner
    counts = ("num_groups", "num_channels", "num_features", "normalized_shape")
    sizes = ", ".join(str(vars(owner)[name]) for name in counts if name in vars(owner))
    return f"{written_path(owner)} = {type(owner).__name__}({sizes})"


def one_value_a_channel(owner: Any, shape: Shape) -> Exception:
    """M04: a variance cannot be estimated from one value, as of a last batch of one sample."""
    fix = "training=False"
    if not isinstance(owner, str):
        root = written_path(owner).partition(".")[0]
        root = "model" if root[0].isupper() else root  # a class, for want of a variable
        fix = f"with {root}.evaluating(): y = {root}(x)   # or drop_last=True, to train"
    return errors.ShapeError(
        f"{_place(owner)} needs 2 values per channel or more while training, got 1: the input has "
        f"shape {shape}",
        code="TG-M04",
        shapes=(shape,),
        why="a variance is estimated from the batch, and one value is its own mean: 0 would come "
        "out, whatever went in",
        fix=fix,
    )


def one_value(owner: Any, shape: Shape, of: str, fix: str) -> Exception:
    """M04 inside a sample."""
    return errors.ShapeError(
        f"{_place(owner)} needs 2 values per {of} or more, got 1: the input has shape {shape}",
        code="TG-M04",
        shapes=(shape,),
        why="one value is its own mean: 0 would come out, whatever went in",
        fix=fix,
    )


def wrong_axes(owner: Any, shape: Shape, wanted: tuple[str, ...], fix: str) -> Exception:
    return errors.ShapeError(
        f"{_place(owner)} takes an input of shape {' or '.join(wanted)}, got {shape}",
        shapes=(shape,),
        why="the axes have a fixed order, and statistics are taken over some of them",
        fix=fix,
    )


def wrong_channels(owner: Any, shape: Shape, axis: int, wanted: int, fix: str) -> Exception:
    return errors.ShapeError(
        f"{_place(owner)}: the input of shape {shape} has {shape[axis]} channels on axis {axis}, "
        f"expected {wanted}",
        code="TG-S05",
        shapes=(shape,),
        why="each channel has its own statistics and parameters",
        fix=fix,
    )


def wrong_features(owner: Any, shape: Shape, wanted: Shape) -> Exception:
    return errors.ShapeError(
        f"{_place(owner)}: the input of shape {shape} does not end in {wanted}",
        code="TG-S04",
        shapes=(shape, wanted),
        why="each place of the last axes has its own parameters",
        fix=f"normalized_shape={shape[-len(wanted) :]}" if len(shape) >= len(wanted) else "x[None]",
    )


def groups_do_not_divide(owner: Any, channels: int, groups: int) -> Exception:
    near = max(k for k in range(1, groups + 1) if channels % k == 0) if channels else 1
    return errors.ArgumentError(
        f"{_place(owner)}: {channels} channels do not make {groups} groups of equal size",
        why="each group has the same number of channels",
        fix=f"num_groups={near}",
    )


def statistics_missing(owner: Any, both: bool) -> Exception:
    what = "needs running_mean and running_var" if both else "got one of two running statistics"
    return errors.ArgumentError(
        f"{_place(owner)} {what}",
        why="when not training, numbers are normalized by statistics that are known",
        fix="training=True   # to take them from the batch",
    )


def statistics_cannot_move(owner: Any, running: Any) -> Exception:
    return errors.ArgumentError(
        f"{_place(owner)} moves running statistics in place, and cannot move a "
        f"{type(running).__name__}",
        why="the caller keeps them from batch to batch",
        fix="np.zeros(channels)   # an array, a tg.Tensor or an nn.Buffer",
    )


def not_a_share(name: str, given: Any) -> Exception:
    return errors.ArgumentError(
        f"{name} is the weight of the newest batch, 0 to 1, or None for a plain average, "
        f"got {given!r:.60}",
        fix=f"{name}=0.1",
    )
