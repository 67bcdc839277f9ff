"""Averages of weights over time, which predict better than the last ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor
from ...types import Array
from .. import catalogue as nn_catalogue
from ..tree import Tree
from . import catalogue
from .group import named
from .ranges import check_flag, check_number

__all__ = ["ExponentialMovingAverage"]


class ExponentialMovingAverage:
    r"""A running mean of the parameters of a model, to predict with.

    .. math:: \bar\theta \leftarrow \beta \bar\theta + (1 - \beta)\, \theta

    Parameters
    ----------
    params : Module, or parameters
        As an optimizer takes them.
    decay : float, 0 to 1
        :math:`\beta`: the mean looks back about :math:`1 / (1 - \beta)` updates.
    use_buffers : bool
        Average the buffers of a module too. Otherwise, and always for whole numbers, they are
        those of the last update.

    Attributes
    ----------
    n_averaged : int
        The number of updates. The first one copies.

    Raises
    ------
    ModuleError, ArgumentError
        For no parameters, or a decay out of range.

    Notes
    -----
    Sources: Polyak and Juditsky 1992, section 1, for averaging; Tarvainen and Valpola 2017,
    equation 1, for this mean; PyTorch's ``swa_utils.AveragedModel``, whose ``state_dict`` this has.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> w = nn.Parameter([1.0])
    >>> ema = ExponentialMovingAverage([w], decay=0.9)
    >>> ema.update()
    >>> w.data[0] = 2.0
    >>> ema.update()
    >>> with ema.swap():
    ...     print(w.data)
    [1.1]
    >>> w.data
    array([2.])
    """

    def __init__(self, params: Any, decay: float = 0.999, *, use_buffers: bool = False) -> None:
        check_number("decay", decay, high=1.0, closed=True, fix="decay=0.999")
        check_flag("use_buffers", use_buffers)
        self.decay = float(decay)
        self.use_buffers = use_buffers
        self.n_averaged = 0
        pairs = named(params)
        if not pairs:
            raise nn_catalogue.no_parameters(params)
        self._sources: dict[str, Tensor] = {
            name or str(k): parameter for k, (name, parameter) in enumerate(pairs)
        }
        self._buffers = dict(params.named_buffers()) if isinstance(params, Tree) else {}
        self._sources.update(self._buffers)
        self._averages = self._copies()
        self._swapped = False

    def update(self) -> None:
        """Take the present parameters into the mean: after each ``opt.step()``.

        Raises
        ------
        ModuleError
            Inside ``swap``, where the present parameters are the mean.
        """
        if self._swapped:
            raise catalogue.update_while_swapped()
        for name, source in self._sources.items():
            mean, now = self._averages[name], source.data
            plain = name in self._buffers and not (self.use_buffers and mean.dtype.kind == "f")
            if plain or not self.n_averaged or mean.dtype != now.dtype:
                self._averages[name] = now.copy()
            else:
                mean *= self.decay
                mean += (1 - self.decay) * now
        self.n_averaged += 1

    @contextmanager
    def swap(self) -> Iterator[None]:
        """Put the means in place of the parameters inside a ``with`` block.

        Afterwards the parameters are what they were, after an exception too. What is trained inside
        is lost.

        Raises
        ------
        ModuleError
            Inside another ``swap``.
        """
        if self._swapped:
            raise catalogue.swapped_twice()
        before = self._copies()
        self._swapped = True
        try:
            self._write(self._averages)
            yield
        finally:
            self._write(before)
            self._swapped = False

    def state_dict(self) -> dict[str, Any]:
        """Return the count as ``"n_averaged"``, and means as ``"module."`` and the name."""
        means = {f"module.{name}": mean.copy() for name, mean in self._averages.items()}
        return {"n_averaged": self.n_averaged, **means}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what ``state_dict`` returned, here or in PyTorch.

        Parameters
        ----------
        saved : mapping
            Of the names and shapes of this model.

        Raises
        ------
        LoadError
            When names or shapes differ. Nothing was changed then.
        """
        if not isinstance(saved, Mapping):
            raise catalogue.not_an_average()
        expected = {"n_averaged", *(f"module.{name}" for name in self._averages)}
        if set(saved) != expected:
            raise catalogue.other_averages(sorted(set(saved) ^ expected))
        taken = {}
        for name, mean in self._averages.items():
            array = np.asarray(saved[f"module.{name}"])
            if array.shape != mean.shape or not np.can_cast(array.dtype, mean.dtype, "same_kind"):
                raise catalogue.average_does_not_fit(name, array, mean)
            taken[name] = array.astype(mean.dtype)
        count = np.asarray(saved["n_averaged"])
        if count.shape or count.dtype.kind not in "iu" or count < 0:
            raise catalogue.not_an_average()
        self._averages, self.n_averaged = taken, int(count)

    def __repr__(self) -> str:
        return f"ExponentialMovingAverage(decay={self.decay}, n_averaged={self.n_averaged})"

    def _copies(self) -> dict[str, Array]:
        return {name: source.data.copy() for name, source in self._sources.items()}

    def _write(self, arrays: Mapping[str, Array]) -> None:
        for name, source in self._sources.items():
            source.data = arrays[name]
