"""Two models that are trained alike but for one sample, and how far apart they come out."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..autodiff.tensor import Tensor
from ..errors import ArgumentError, ShapeError
from ..mode import no_grad
from ..nn import Module
from ..structure import flatten
from ..types import Array

__all__ = ["Floats", "Loss", "Train", "Twin", "check_pure", "distance", "pair", "trained", "whole"]

Floats: TypeAlias = NDArray[np.float64]
Train: TypeAlias = Callable[[Array, Array, np.random.Generator], Any]
Loss: TypeAlias = Callable[[Any, Array, Array], Any]


class Twin(NamedTuple):
    """What training left: the parameters in a row, and the loss at each sample to judge by."""

    parameters: Floats
    losses: Floats


def trained(
    train: Train, data: tuple[Array, Array], seed: int, loss: Loss, judged: tuple[Array, Array]
) -> Twin:
    """Train from a generator in the state of ``seed``, on copies that may be spoilt."""
    result = train(data[0].copy(), data[1].copy(), np.random.default_rng(seed))
    numbers = [_numbers(leaf) for leaf in _leaves(result)]
    parameters = np.concatenate([np.zeros(0), *numbers])
    if not parameters.size or not np.isfinite(parameters).all():
        raise ArgumentError(
            f"train returned a {type(result).__name__} with "
            + ("numbers that are not finite" if parameters.size else "no numbers in it"),
            why="the distance of twins is that of their parameters",
            fix="return model",
        )
    mode = result.evaluating() if isinstance(result, Module) else nullcontext()
    with no_grad(), mode:
        losses = _numbers(loss(result, *judged), flat=False)
    samples = len(judged[0])
    if losses.shape != (samples,) or not np.isfinite(losses).all():
        raise ShapeError(
            f"loss returned shape {losses.shape} for {samples} samples"
            + ("" if np.isfinite(losses).all() else ", with numbers that are not finite"),
            shapes=[losses.shape, (samples,)],
            why="twins are compared at each sample: one loss for each, no mean",
            fix="lambda model, x, y: F.cross_entropy(model(x), y, reduction='none')",
        )
    return Twin(parameters, losses)


def _leaves(result: Any) -> list[Any]:
    if isinstance(result, Module):
        return list(result.parameters())
    return flatten(result)[0]


def _numbers(leaf: Any, *, flat: bool = True) -> Floats:
    array = leaf.data if isinstance(leaf, Tensor) else np.asarray(leaf)
    if array.dtype.kind not in "iubf":
        raise ArgumentError(
            f"expected numbers, got a {type(leaf).__name__}",
            why="train returns a Module, or a nest of arrays; loss returns an array",
            fix="return model",
        )
    numbers = array.astype(np.float64)  # a copy: the next twin may be trained in the same place
    return numbers.ravel() if flat else numbers


def distance(one: Twin, other: Twin) -> float:
    """Return the Euclidean distance of the parameters."""
    if one.parameters.shape != other.parameters.shape:
        raise ArgumentError(
            f"twins with {one.parameters.size} and {other.parameters.size} parameters",
            why="the size of the model may not depend on the samples",
        )
    return float(np.linalg.norm(one.parameters - other.parameters))


def check_pure(first: Twin, again: Twin) -> None:
    """Refuse a ``train`` that gives two results for the same data and generator."""
    if first.parameters.shape != again.parameters.shape or distance(first, again) > 0:
        raise ArgumentError(
            "train gave two results from the same data and the same generator",
            why="twins may differ by one sample only: train makes a new model each time, and "
            "takes all its randomness from rng",
            fix="def train(x, y, rng):\n    with tg.seed(int(rng.integers(2**32))): ...",
        )


def pair(x: ArrayLike, y: ArrayLike, name_x: str = "x", name_y: str = "y") -> tuple[Array, Array]:
    """Check that every one of at least one sample has a target."""
    features, target = np.asarray(x), np.asarray(y)
    if features.ndim == 0 or target.shape[:1] != features.shape[:1] or len(features) == 0:
        raise ShapeError(
            f"{name_x} has shape {features.shape} and {name_y} {target.shape}",
            shapes=[features.shape, target.shape],
            why="both have an entry for each of the same samples, of which there is one at least",
        )
    return features, target


def whole(draws: Any) -> int:
    """Check a number of draws."""
    if isinstance(draws, bool) or not hasattr(draws, "__index__") or operator.index(draws) < 1:
        raise ArgumentError(f"draws={draws!r} is no whole number of at least 1", fix="draws=10")
    return operator.index(draws)
