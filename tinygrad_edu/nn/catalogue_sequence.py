"""The errors of layers over sequences: one function per situation, each with the edit for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors
from ..autodiff.tensor import Tensor
from ..types import Shape
from .path import written_path


def _shape(value: Any) -> Shape:
    return np.shape(getattr(value, "_data", value))


def not_a_sequence(layer: Any, path: str, shape: Shape) -> Exception:
    """The input of a recurrent layer has other features or axes than it takes."""
    kind, wanted = type(layer).__name__, layer.input_size
    axes = "(samples, steps, features)" if layer.batch_first else "(steps, samples, features)"
    if len(shape) in (1, 2, 3) and wanted == 1 and shape[-1] != 1 and len(shape) < 3:
        fix = "x[..., None]   # one feature at each step"
    elif len(shape) in (2, 3):
        fix = f"nn.{kind}({shape[-1]}, {layer.hidden_size})"
    elif len(shape) == 1:
        fix = "x[None]   # a sequence of one step"
    else:
        fix = f"x.reshape((*x.shape[:2], -1))   # if the axes before are {axes[:-11]})"
    features = f"{shape[-1]} features" if len(shape) in (2, 3) else f"{len(shape)} axes"
    return errors.ShapeError(
        f"{path} = {kind}({wanted} -> {layer.hidden_size}): the input {shape} has {features}, "
        f"expected {axes} with {wanted} features, or (steps, features) of one sequence",
        shapes=(shape, layer.weight_ih_l0.shape),
        op=kind.lower(),
        why="a step is a row of features, and each has a weight of its own",
        fix=fix,
    )


def no_steps(layer: Any, path: str, shape: Shape) -> Exception:
    """A sequence is empty."""
    return errors.ShapeError(
        f"{path} got a sequence without steps",
        shapes=(shape,),
        op=type(layer).__name__.lower(),
        why="the last state is that of the last step",
        fix="[x for x in sequences if len(x)]",
    )


def not_a_step(layer: Any, path: str, shape: Shape) -> Exception:
    """The input of a cell has other features or axes than it takes."""
    kind, wanted = type(layer).__name__, layer.input_size
    if len(shape) == 3:
        fix = f"nn.{kind.removesuffix('Cell')}({shape[-1]}, {layer.hidden_size})   # all steps"
    elif len(shape) in (1, 2):
        fix = f"nn.{kind}({shape[-1]}, {layer.hidden_size})"
    else:
        fix = f"x.reshape((-1, {wanted}))"
    return errors.ShapeError(
        f"{path} = {kind}({wanted} -> {layer.hidden_size}): the input has shape {shape}, expected "
        f"(samples, {wanted}), or ({wanted},) of one sample",
        shapes=(shape, layer.weight_ih.shape),
        op=kind.lower(),
        why="a cell computes one step, and each feature has a weight of its own",
        fix=fix,
    )


def wrong_state(layer: Any, path: str, given: Shape, expected: Shape, why: str) -> Exception:
    """The state to begin with has another shape than the layer and its input want."""
    return errors.ShapeError(
        f"{path} begins with a state of shape {given}, expected {expected}",
        shapes=(given, expected),
        op=type(layer).__name__.lower(),
        why=why,
        fix=f"np.zeros({expected}, np.{layer.parameters()[0].dtype})   # or None",
    )


def wide_projection(proj_size: int, hidden_size: int) -> Exception:
    """The states of an LSTM are to be projected on as many numbers as they have, or more."""
    return errors.ArgumentError(
        f"proj_size={proj_size} is not below hidden_size={hidden_size}",
        op="lstm",
        why="a projection makes the states smaller than the cells; 0 leaves it out",
        fix=f"proj_size={hidden_size // 2}",
    )


def one_state(layer: Any, hx: Any) -> Any:
    """Return a state, unless it is a pair of state and cell, as an LSTM has it."""
    if isinstance(hx, (tuple, list)) and any(isinstance(p, (Tensor, np.ndarray)) for p in hx):
        raise errors.ArgumentError(
            f"{written_path(layer)} begins with one array, got a {type(hx).__name__} of {len(hx)}",
            op=type(layer).__name__.lower(),
            why="only an LSTM has cells beside the states",
            fix="hx[0]   # of (h, c), the states",
        )
    return hx


def two_states(layer: Any, hx: Any) -> tuple[Any, Any]:
    """Return state and cell of an LSTM, or refuse what is no pair."""
    if not (isinstance(hx, (tuple, list)) and len(hx) == 2):
        raise errors.ArgumentError(
            f"{written_path(layer)} begins with a pair of states and cells, got "
            f"{type(hx).__name__}",
            shapes=(_shape(hx),) if isinstance(hx, (Tensor, np.ndarray)) else (),
            op="lstm",
            why="both have numbers of their own; GRU and RNN have no cells",
            fix="(hx, np.zeros(hx.shape, hx.dtype))   # cells of zeros",
        )
    return hx[0], hx[1]
