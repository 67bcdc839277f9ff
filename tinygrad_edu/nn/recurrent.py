"""Recurrent layers over sequences: ``RNN``, ``LSTM`` and ``GRU``, of several layers and directions.

A layer in one direction is one operation over all steps, such as ``tg.lstm``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..catalogue import unknown_choice
from ..ops import gru, lstm, relu, rnn_tanh, sigmoid, split, stack, tanh, zeros
from ..ops.fused import linear
from ..types import Operand, Rng
from . import catalogue_sequence as catalogue
from .recurrent_stack import Parts, Recurrent
from .settings import size

__all__ = ["GRU", "LSTM", "NONLINEAR", "RNN"]


class RNN(Recurrent):
    r"""Simple recurrent layers over a sequence; those of Elman.

    .. math:: h_t = \phi(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})

    Parameters
    ----------
    input_size, hidden_size : int, at least 1
        Features of a step of the input, and numbers in a state.
    num_layers : int, at least 1
        Each layer reads the states of the one below.
    nonlinearity : {"tanh", "relu"}
        :math:`\phi`.
    bias : bool
        Add the two :math:`b`; one would do, two is PyTorch's layout.
    batch_first : bool
        Axes of input and output are (samples, steps, features), not (steps, samples, features).
        The states keep their order.
    dropout : float, 0 to 1
        While training, drop elements of the states that one layer passes to the next.
    bidirectional : bool
        A second network of its own reads each sequence from its end; the states stand side by side.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where the initial values, and the choices of dropout, come from.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0 : Parameter
        Of the first layer: shapes (hidden, input), (hidden, hidden), (hidden,), (hidden,); the
        others end in ``_l1``, ..., those that read backwards in ``_l0_reverse``, ... All uniform
        in :math:`\pm 1/\sqrt{\text{hidden}}` at first.

    Raises
    ------
    ShapeError
        When called with another number of features, no step, or a state of another shape.

    Notes
    -----
    Source: Elman 1990, section 2; Schuster and Paliwal 1997, section II, for both directions;
    Zaremba, Sutskever and Vinyals 2014, section 3, for dropout.

    Examples
    --------
    >>> output, h_n = RNN(3, 4, num_layers=2)(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 4), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        if nonlinearity not in NONLINEAR:
            raise unknown_choice("nonlinearity", nonlinearity, tuple(NONLINEAR))
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            dtype=dtype, rng=rng,
        )  # fmt: skip

    def forward(self, x: Operand, hx: Operand | None = None) -> tuple[Tensor, Tensor]:
        """Return the last layer's states at all steps, and every layer's last.

        Parameters
        ----------
        x : array_like, shape (steps, samples, features), or (steps, features) of one sequence
            With ``batch_first``, (samples, steps, features).
        hx : array_like, shape (layers * directions, samples, hidden), optional
            The states to begin with; by default zeros. Of one sequence, without samples.

        Returns
        -------
        output : Tensor, shape (steps, samples, directions * hidden)
            Axes in the order of ``x``.
        h_n : Tensor, of the shape of ``hx``
            The last states; those of a backward direction belong to the first step.
        """
        parts = None if hx is None else (catalogue.one_state(self, hx),)
        output, (h_n,) = self._run(x, parts)
        return output, h_n

    def _steps(self, x: Any, first: Parts | None, weights: list[Any]) -> tuple[Any, Parts]:
        output, h_n = NONLINEAR[self.nonlinearity](x, first[0] if first else None, *weights)
        return output, (h_n,)


class GRU(Recurrent):
    r"""Gated recurrent units over a sequence.

    .. math:: r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}), \quad
              z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\
              n_t &= \tanh(W_{in} x_t + b_{in} + r_t (W_{hn} h_{t-1} + b_{hn})), \quad
              h_t = (1 - z_t) n_t + z_t h_{t-1}

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, rng
        As for ``RNN``.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : Parameter
        As for ``RNN``, with three times the rows: of the reset gate r, the update gate z and the
        candidate n.

    Raises
    ------
    ShapeError
        When called with another number of features, no step, or a state of another shape.

    Notes
    -----
    The reset gate acts on the product with the state, not on the state before it.
    Source: Cho et al. 2014, equations 5 to 8.

    Examples
    --------
    >>> output, h_n = GRU(3, 4, bidirectional=True)(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape
    ((5, 2, 8), (2, 2, 4))
    """

    gates = 3

    def forward(self, x: Operand, hx: Operand | None = None) -> tuple[Tensor, Tensor]:
        """Return the last layer's states at all steps, and every layer's last; as ``RNN``."""
        parts = None if hx is None else (catalogue.one_state(self, hx),)
        output, (h_n,) = self._run(x, parts)
        return output, h_n

    def _steps(self, x: Any, first: Parts | None, weights: list[Any]) -> tuple[Any, Parts]:
        output, h_n = gru(x, first[0] if first else None, *weights)
        return output, (h_n,)


class LSTM(Recurrent):
    r"""Long short-term memories over a sequence.

    .. math:: i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}), \quad
              f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\
              g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}), \quad
              o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho}) \\
              c_t &= f_t c_{t-1} + i_t g_t, \quad h_t = o_t \tanh c_t

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, rng
        As for ``RNN``.
    proj_size : int, at least 0, below ``hidden_size``
        If not 0, a state has this many numbers: :math:`h_t = W_{hr}(o_t \tanh c_t)`. Cells keep
        ``hidden_size``.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ... : Parameter
        As for ``RNN``, with four times the rows: of the input gate i, the forget gate f, the
        candidate g and the output gate o.
    weight_hr_l0, ... : Parameter, shape (proj_size, hidden)
        With ``proj_size`` only; ``weight_hh_l0`` then has ``proj_size`` columns.

    Raises
    ------
    ShapeError
        When called with another number of features, no step, or a state of another shape.
    ArgumentError
        When it is to begin with one array; for a ``proj_size`` that makes nothing smaller.

    Notes
    -----
    With ``proj_size`` a layer goes step by step through several operations, which is slower.
    Source: Hochreiter and Schmidhuber 1997, section 4; Gers, Schmidhuber and Cummins 2000,
    section 3, for the forget gate; Sak, Senior and Beaufays 2014, section 2, for the projection.

    Examples
    --------
    >>> output, (h_n, c_n) = LSTM(3, 4)(np.zeros((5, 2, 3), np.float32))
    >>> output.shape, h_n.shape, c_n.shape
    ((5, 2, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.proj_size = size("proj_size", proj_size, 0, "32")
        if self.proj_size >= size("hidden_size", hidden_size, 1, "64"):
            raise catalogue.wide_projection(proj_size, hidden_size)
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            dtype=dtype, rng=rng,
        )  # fmt: skip

    def forward(
        self, x: Operand, hx: tuple[Operand, Operand] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the last layer's states at all steps, and every layer's last state and cell.

        Parameters
        ----------
        x : array_like
            As for ``RNN``.
        hx : tuple of two array_like, shape (layers * directions, samples, hidden), optional
            The states h and cells c to begin with; by default zeros. With ``proj_size``, a state
            has that many numbers, here and below.

        Returns
        -------
        output : Tensor, shape (steps, samples, directions * hidden)
            Axes in the order of ``x``.
        (h_n, c_n) : tuple of Tensor, of the shapes of ``hx``
            The last states and cells.
        """
        output, (h_n, c_n) = self._run(x, None if hx is None else catalogue.two_states(self, hx))
        return output, (h_n, c_n)

    def _steps(self, x: Any, first: Parts | None, weights: list[Any]) -> tuple[Any, Parts]:
        if self.proj_size:
            return projected(x, first, *weights)
        return lstm(x, first, *weights)

    def _sizes(self) -> tuple[int, ...]:
        return self.proj_size or self.hidden_size, self.hidden_size

    def _weights(self, suffix: str) -> list[Any]:
        last = [getattr(self, f"weight_hr_{suffix}")] if self.proj_size else []
        return [*super()._weights(suffix), *last]


def projected(
    x: Any, first: Parts | None, weight_ih: Any, weight_hh: Any, *rest: Any
) -> tuple[Tensor, Parts]:
    """``tg.lstm`` whose states are made smaller, step by step; ``rest`` ends with that weight."""
    *biases, weight_hr = rest
    sums = linear(x, weight_ih, biases[0] + biases[1]) if biases else linear(x, weight_ih)
    cells = (x.shape[1], len(weight_hr.mT))
    h, c = first or (
        zeros((x.shape[1], len(weight_hr)), dtype=x.dtype),
        zeros(cells, dtype=x.dtype),
    )
    states = []
    for step in sums:
        i, f, g, o = split(step + linear(h, weight_hh), 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = linear(sigmoid(o) * tanh(c), weight_hr)
        states.append(h)
    return stack(states), (h, c)


def rectified(
    x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None
) -> tuple[Tensor, Tensor]:
    """``tg.rnn_tanh`` with a rectifier, step by step."""
    sums = linear(x, weight_ih) if bias_ih is None else linear(x, weight_ih, bias_ih + bias_hh)
    h = zeros(sums.shape[1:], dtype=sums.dtype) if h is None else h
    states = []
    for step in sums:
        h = relu(step + linear(h, weight_hh))
        states.append(h)
    return stack(states), h


NONLINEAR: dict[str, Callable[..., tuple[Tensor, Tensor]]] = {"tanh": rnn_tanh, "relu": rectified}
