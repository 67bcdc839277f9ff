"""The networks of the main job (floor 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import nn
from ..types import Rng
from .arguments import UsageError

__all__ = ["convolutional", "perceptron", "rebuilt"]


def perceptron(sizes: Sequence[int], rng: Rng) -> nn.Module:
    """Return a multilayer perceptron with ReLU, whose weights are drawn as He et al. 2015 do."""
    model = nn.MLP(sizes, activation="relu", init="he_normal", dtype=np.float32, rng=rng)
    return _named(model)


def convolutional(image: Sequence[int], sizes: Sequence[int], rng: Rng) -> nn.Module:
    """Return two convolutions of 3 by 3, each with ReLU and pooling, and two linear layers.

    Parameters
    ----------
    image : pair of int
        Height and width of the images, which come as rows of pixels.
    sizes : sequence of five int
        Pixels, channels of the convolutions, units, classes.
    rng : Generator or int
        Decides the weights, which are drawn as He et al. 2015 do.

    Examples
    --------
    >>> convolutional((8, 8), (64, 4, 8, 16, 10), 0)(np.zeros((2, 64), np.float32)).shape
    (2, 10)
    """
    (height, width), (_, first, second, units, classes) = image, sizes
    drawn: dict[str, Any] = {"dtype": np.float32, "rng": np.random.default_rng(rng)}
    model = nn.Sequential(
        nn.Unflatten(1, (1, height, width)),
        nn.Conv2d(1, first, 3, padding="same", **drawn),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding="same", **drawn),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(second * (height // 4) * (width // 4), units, **drawn),
        nn.ReLU(),
        nn.Linear(units, classes, **drawn),
    )
    nn.init.apply(model, "he_normal", rng=drawn["rng"])
    return _named(model)


def rebuilt(architecture: dict[str, Any], arrays: dict[str, Any]) -> nn.Module:
    """Return the trained network that a run folder describes.

    Parameters
    ----------
    architecture : dict
        From ``config.json``.
    arrays : dict of ndarray
        From ``model.npz``.

    Raises
    ------
    UsageError
        When the two do not belong together.
    """
    try:
        sizes = [int(size) for size in architecture["sizes"]]
        image = architecture.get("image")
        model = convolutional(image, sizes, 0) if image else perceptron(sizes, 0)
        weights = {k: v for k, v in arrays.items() if not k.startswith("standardisation.")}
        model.load_state_dict(weights)
    except (ValueError, KeyError, TypeError) as error:
        what = str(error).partition("\n")[0]
        raise UsageError(f"model.npz is not the model of config.json: {what}") from None
    return model


def _named(model: nn.Module) -> nn.Module:
    for path, parameter in model.named_parameters():
        parameter.name = path  # what pictures and messages call it
    return model
