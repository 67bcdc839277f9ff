"""New initial values for a whole model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...catalogue import unknown_choice
from ...seeding import generator
from ...types import Array, Rng
from .. import catalogue
from ..tree import Tree
from .distribution import constant, normal, orthogonal, truncated_normal, uniform, zeros
from .variance import (
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    xavier_normal,
    xavier_uniform,
)

__all__ = ["apply"]

# A short name means the normal distribution.
_BY_NAME: dict[str, Callable[..., Array]] = {
    "he": he_normal, "he_normal": he_normal, "he_uniform": he_uniform,
    "xavier": xavier_normal, "xavier_normal": xavier_normal, "xavier_uniform": xavier_uniform,
    "lecun": lecun_normal, "lecun_normal": lecun_normal, "lecun_uniform": lecun_uniform,
    "orthogonal": orthogonal, "normal": normal, "uniform": uniform,
    "truncated_normal": truncated_normal, "constant": constant, "zeros": zeros,
}  # fmt: skip


def apply(model: Any, how: str | Callable[..., Array], *, rng: Rng = None, **settings: Any) -> Any:
    """Give a model new initial values: weights as named, biases zero.

    Parameters
    ----------
    model : Module
        Parameters of two axes or more count as weights, those called ``bias`` or ``bias_...`` as
        biases; others, such as the scales of a normalisation, stay as they are.
    how : str or callable
        A function of this module or its name; ``"he"``, ``"xavier"``, ``"lecun"`` mean the normal
        distribution.
    rng : Generator or int, optional
        One stream for all parameters in order.
    **settings
        Passed on, for example ``gain=0.5``.

    Returns
    -------
    Module
        The model itself.

    Raises
    ------
    ArgumentError, ModuleError
        For an unknown name, or a model without parameters.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> apply(nn.Linear(3, 2), "he", rng=0).bias.data
    array([0., 0.], dtype=float32)
    """
    if not callable(how) and how not in _BY_NAME:
        raise unknown_choice("init", how, tuple(_BY_NAME))
    function = how if callable(how) else _BY_NAME[how]
    draw = generator(rng)
    named = list(model.named_parameters()) if isinstance(model, Tree) else []
    if not named:
        raise catalogue.no_parameters(model)
    for path, parameter in named:
        if parameter.ndim >= 2:
            parameter.data = function(parameter.shape, rng=draw, dtype=parameter.dtype, **settings)
        elif path.rpartition(".")[2].startswith("bias"):
            parameter.data = zeros(parameter.shape, dtype=parameter.dtype)
    return model
