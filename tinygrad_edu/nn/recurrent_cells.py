"""One step of a recurrent layer: ``RNNCell``, ``LSTMCell`` and ``GRUCell``, for loops of one's own.

A step is the operation over a sequence of one step; over known sequences the layers are faster.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autodiff.tensor import Parameter, Tensor
from ..catalogue import unknown_choice
from ..ops import gru, lstm
from ..seeding import generator
from ..types import Operand, Rng
from . import catalogue_sequence as catalogue, init
from .module import Module
from .note import note_type
from .path import written_path
from .recurrent import NONLINEAR
from .settings import size

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _Cell(Module):
    """What the three cells share: the weights, and the check of what they are given."""

    gates: ClassVar[int]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.input_size = size("input_size", input_size, 1, "28")
        self.hidden_size = size("hidden_size", hidden_size, 1, "64")
        self.bias = bool(bias)
        draw, bound = generator(rng), 1 / math.sqrt(self.hidden_size)
        rows = self.gates * self.hidden_size

        def drawn(*shape: int) -> Parameter:
            return Parameter(init.uniform(shape, -bound, bound, rng=draw, dtype=dtype))

        self.weight_ih = drawn(rows, self.input_size)
        self.weight_hh = drawn(rows, self.hidden_size)
        self.bias_ih = drawn(rows) if bias else None
        self.bias_hh = drawn(rows) if bias else None

    def _weights(self) -> tuple[Any, ...]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _step(self, x: Any) -> Any:
        """The input as a sequence of one step."""
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise catalogue.not_a_step(self, written_path(self), x.shape)
        note_type(self, x, self.weight_ih)
        return x.reshape((1, -1, self.input_size))

    def _state(self, h: Any, x: Any) -> Any:
        """A state of a batch, of that of a batch or of one sample."""
        if h is None:
            return None
        given = np.shape(getattr(h, "_data", h))
        expected = (*x.shape[:-1], self.hidden_size)
        if given != expected:
            why = "each sample of the input has a state of its own"
            raise catalogue.wrong_state(self, written_path(self), given, expected, why)
        shape = (-1, self.hidden_size)
        return h.reshape(shape) if isinstance(h, Tensor) else np.reshape(h, shape)

    def _like(self, h: Tensor, x: Any) -> Tensor:
        return h if x.ndim == 2 else h[0]

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    r"""One step of ``RNN``.

    .. math:: h' = \phi(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})

    Parameters
    ----------
    input_size, hidden_size : int, at least 1
        Features of the input, and numbers in a state.
    bias : bool
        Add the two :math:`b`.
    nonlinearity : {"tanh", "relu"}
        :math:`\phi`.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values come from; by default the innermost ``tg.seed``.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : Parameter
        Shapes (hidden, input), (hidden, hidden), (hidden,), (hidden,); the last two or None.
        Uniform in :math:`\pm 1/\sqrt{\text{hidden}}` at first.

    Raises
    ------
    ShapeError
        When called with another number of features, or a state of another shape.

    Notes
    -----
    Source: Elman 1990, section 2.

    Examples
    --------
    >>> RNNCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        if nonlinearity not in NONLINEAR:
            raise unknown_choice("nonlinearity", nonlinearity, tuple(NONLINEAR))
        super().__init__(input_size, hidden_size, bias, dtype=dtype, rng=rng)
        self.nonlinearity = nonlinearity

    def forward(self, x: Operand, hx: Operand | None = None) -> Tensor:
        """Return the next state.

        Parameters
        ----------
        x : array_like, shape (samples, features), or (features,)
            The input.
        hx : array_like, shape (samples, hidden), or (hidden,), optional
            The state; by default zeros.
        """
        step, h = self._step(x), self._state(catalogue.one_state(self, hx), x)
        return self._like(NONLINEAR[self.nonlinearity](step, h, *self._weights())[1], x)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        way = "" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}"
        return super().extra_repr() + way


class GRUCell(_Cell):
    r"""One step of ``GRU``.

    .. math:: r &= \sigma(W_{ir} x + b_{ir} + W_{hr} h + b_{hr}), \quad
              z = \sigma(W_{iz} x + b_{iz} + W_{hz} h + b_{hz}) \\
              n &= \tanh(W_{in} x + b_{in} + r (W_{hn} h + b_{hn})), \quad
              h' = (1 - z) n + z h

    Parameters
    ----------
    input_size, hidden_size, bias, dtype, rng
        As for ``RNNCell``.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : Parameter
        As for ``RNNCell``, with three times the rows.

    Raises
    ------
    ShapeError
        When called with another number of features, or a state of another shape.

    Notes
    -----
    Source: Cho et al. 2014, equations 5 to 8.

    Examples
    --------
    >>> GRUCell(3, 4)(np.zeros((2, 3), np.float32)).shape
    (2, 4)
    """

    gates = 3

    def forward(self, x: Operand, hx: Operand | None = None) -> Tensor:
        """Return the next state; as ``RNNCell``."""
        step, h = self._step(x), self._state(catalogue.one_state(self, hx), x)
        return self._like(gru(step, h, *self._weights())[1], x)


class LSTMCell(_Cell):
    r"""One step of ``LSTM``.

    .. math:: i &= \sigma(W_{ii} x + b_{ii} + W_{hi} h + b_{hi}), \quad
              f = \sigma(W_{if} x + b_{if} + W_{hf} h + b_{hf}) \\
              g &= \tanh(W_{ig} x + b_{ig} + W_{hg} h + b_{hg}), \quad
              o = \sigma(W_{io} x + b_{io} + W_{ho} h + b_{ho}) \\
              c' &= f c + i g, \quad h' = o \tanh c'

    Parameters
    ----------
    input_size, hidden_size, bias, dtype, rng
        As for ``RNNCell``.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh : Parameter
        As for ``RNNCell``, with four times the rows.

    Raises
    ------
    ShapeError
        When called with another number of features, or a state of another shape.
    ArgumentError
        When it is to begin with one array.

    Notes
    -----
    Source: Hochreiter and Schmidhuber 1997, section 4.

    Examples
    --------
    >>> h, c = LSTMCell(3, 4)(np.zeros((2, 3), np.float32))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    gates = 4

    def forward(
        self, x: Operand, hx: tuple[Operand, Operand] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the next state and cell.

        Parameters
        ----------
        x : array_like, shape (samples, features), or (features,)
            The input.
        hx : tuple of two array_like, shape (samples, hidden), or (hidden,), optional
            The state h and the cell c; by default zeros.
        """
        step, first = self._step(x), None
        if hx is not None:
            h, c = catalogue.two_states(self, hx)
            first = self._state(h, x), self._state(c, x)
        _, (h_n, c_n) = lstm(step, first, *self._weights())
        return self._like(h_n, x), self._like(c_n, x)
