"""New initial values for a whole model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...catalogue import unknown_choice
from ...errors import TinygradError
from ...seeding import generator
from ...types import Array, Rng
from .. import catalogue
from ..pattern import Match, parameters_in, spelled_out
from ..tree import Tree
from .distribution import constant, normal, ones, truncated_normal, uniform, zeros
from .structured import dirac, identity, orthogonal, sparse
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
    "truncated_normal": truncated_normal, "constant": constant, "zeros": zeros, "ones": ones,
    "sparse": sparse, "identity": identity, "eye": identity, "dirac": dirac,
}  # fmt: skip


def apply(
    model: Any,
    how: str | Callable[..., Array],
    *,
    match: Match | None = None,
    rng: Rng = None,
    **settings: Any,
) -> Any:
    """Give a model new initial values: weights as named, biases zero.

    Parameters
    ----------
    model : Module
        Parameters of two axes or more count as weights, those called ``bias`` or ``bias_...`` as
        biases; others, such as the scales of a normalisation, stay as they are.
    how : str or callable
        A function of this module or its name; ``"he"``, ``"xavier"``, ``"lecun"`` mean the normal
        distribution.
    match : str, class or tuple of classes, optional
        Only the layers of these kinds, or those whose path has a pattern: ``nn.Conv2d``,
        ``"head"``, ``"conv*"`` (see ``Module.freeze``). A pattern that names a parameter sets just
        that, whatever it is: ``"bn*.weight"``.
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
    ArgumentError, ModuleError, ShapeError
        For an unknown name, a model without parameters, or a ``match`` that chooses none;
        for a shape that the function cannot fill. Nothing was written then.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> apply(nn.Linear(3, 2), "he", rng=0).bias.data
    array([0., 0.], dtype=float32)
    """
    function = how if callable(how) else _named(how)
    draw = generator(rng)
    if not isinstance(model, Tree) or not list(model.named_parameters()):
        raise catalogue.no_parameters(model)
    fresh = []
    for path, parameter in parameters_in(model, match):
        named = match is not None and spelled_out(path, match)
        if named or parameter.ndim >= 2:
            values = function(parameter.shape, rng=draw, dtype=parameter.dtype, **settings)
        elif path.rpartition(".")[2].startswith("bias"):
            values = zeros(parameter.shape, dtype=parameter.dtype)
        else:
            continue
        fresh.append((parameter, values))
    for parameter, values in fresh:
        parameter.data = values
    return model


def _named(how: Any) -> Callable[..., Array]:
    if isinstance(how, str) and how in _BY_NAME:
        return _BY_NAME[how]
    meant = str(how).replace("kaiming", "he").replace("glorot", "xavier").rstrip("_")
    error = unknown_choice("init", how, tuple(_BY_NAME))
    if isinstance(error, TinygradError) and meant in _BY_NAME:
        error.fix = f"init={meant!r}"
    raise error
