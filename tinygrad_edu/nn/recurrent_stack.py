"""Layers and directions of a recurrent network: their weights by name, and the way through them."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..autodiff.tensor import Parameter, Tensor
from ..ops import concat, dropout, stack, swapaxes
from ..seeding import generator
from ..types import Rng
from . import catalogue_sequence as catalogue, init
from .module import Module
from .note import note, note_type
from .path import written_path
from .settings import probability, size

__all__ = ["Parts", "Recurrent"]

Parts = tuple[Any, ...]  # of a state: h, and for an LSTM also the cell c


class Recurrent(Module):
    """What ``RNN``, ``LSTM`` and ``GRU`` share; each computes one layer in one direction."""

    gates: ClassVar[int]
    proj_size: int = 0  # of an LSTM only, which says what it is

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        self.input_size = size("input_size", input_size, 1, "28")
        self.hidden_size = size("hidden_size", hidden_size, 1, "64")
        self.num_layers = size("num_layers", num_layers, 1, "2")
        self.bias = bool(bias)
        self.batch_first = bool(batch_first)
        self.dropout = probability("dropout", dropout)
        self.bidirectional = bool(bidirectional)
        draw = generator(rng)
        self.rng = None if rng is None else draw
        if self.dropout and self.num_layers == 1:
            note(
                f"{type(self).__name__} drops between its layers, and has one only, so that "
                f"dropout={dropout} does nothing. Write num_layers=2, or nn.Dropout after it."
            )
        bound = 1 / math.sqrt(self.hidden_size)
        for name, shape in self._shapes():
            values = init.uniform(shape, -bound, bound, rng=draw, dtype=dtype)
            setattr(self, name, Parameter(values))

    def _shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """Name and shape of every parameter, in PyTorch's order."""
        rows, state = self.gates * self.hidden_size, self._sizes()[0]
        found: list[tuple[str, tuple[int, ...]]] = []
        for layer, suffix in self._rows():
            features = state * (1 + self.bidirectional) if layer else self.input_size
            found.append((f"weight_ih_{suffix}", (rows, features)))
            found.append((f"weight_hh_{suffix}", (rows, state)))
            if self.bias:
                found += [(f"bias_ih_{suffix}", (rows,)), (f"bias_hh_{suffix}", (rows,))]
            if self.proj_size:
                found.append((f"weight_hr_{suffix}", (state, self.hidden_size)))
        return found

    def _sizes(self) -> tuple[int, ...]:
        """How many numbers each part of a state has."""
        return (self.hidden_size,)

    def _rows(self) -> list[tuple[int, str]]:
        """Layer and name of the directions of all layers, in the order of the states."""
        ways = ["", "_reverse"] if self.bidirectional else [""]
        return [(k, f"l{k}{way}") for k in range(self.num_layers) for way in ways]

    def _weights(self, suffix: str) -> list[Any]:
        kinds = ["weight_ih", "weight_hh", *(["bias_ih", "bias_hh"] if self.bias else [])]
        return [getattr(self, f"{kind}_{suffix}") for kind in kinds]

    def _steps(self, x: Any, first: Parts | None, weights: list[Any]) -> tuple[Any, Parts]:
        """The states of all steps, and the parts of the last, of one layer in one direction."""
        raise NotImplementedError

    def _run(self, x: Any, hx: Parts | None) -> tuple[Tensor, Parts]:
        """Outputs, and the last state part by part, of an input as the user gives it."""
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise catalogue.not_a_sequence(self, written_path(self), x.shape)
        note_type(self, x, self.weight_ih_l0)  # type: ignore[attr-defined]
        alone = x.ndim == 2
        x = x.reshape((len(x), 1, self.input_size)) if alone else x
        x = swapaxes(x, 0, 1) if self.batch_first and not alone else x
        if not len(x):
            raise catalogue.no_steps(self, written_path(self), x.shape)
        if hx is not None:
            lead = len(self._rows()), x.shape[1]
            parts = zip(hx, self._sizes(), strict=True)
            hx = tuple([self._first(part, (*lead, count), alone) for part, count in parts])
        output, last = self._through(x, hx)
        if alone:
            return output[:, 0], tuple([part[:, 0] for part in last])
        return (swapaxes(output, 0, 1) if self.batch_first else output), last

    def _first(self, part: Any, shape: tuple[int, ...], alone: bool) -> Any:
        """A part of the state to begin with, of shape (layers and directions, samples, size)."""
        given = np.shape(getattr(part, "_data", part))
        expected = (shape[0], shape[2]) if alone else shape
        if given != expected:
            samples = "one sequence without samples" if alone else f"{shape[1]} samples"
            why = (
                f"{self.num_layers} layers in {1 + self.bidirectional} directions, for {samples}; "
                "batch_first does not concern states"
            )
            raise catalogue.wrong_state(self, written_path(self), given, expected, why)
        return part.reshape(shape) if isinstance(part, Tensor) else np.reshape(part, shape)

    def _through(self, x: Any, hx: Parts | None) -> tuple[Any, Parts]:
        """Outputs of the last layer and the last states of all, with time as the first axis."""
        lasts: list[Parts] = []
        outputs: list[Any] = []
        for row, (layer, suffix) in enumerate(self._rows()):
            backwards = suffix.endswith("_reverse")
            if layer and not backwards:  # the layer below is complete
                x, outputs = self._joined(outputs), []
                x = dropout(x, self.dropout if self.training else 0.0, rng=self.rng)
            first = None if hx is None else tuple([part[row] for part in hx])
            way = x[::-1] if backwards else x
            output, last = self._steps(way, first, self._weights(suffix))
            outputs.append(output[::-1] if backwards else output)
            lasts.append(last)
        return self._joined(outputs), tuple([stack(parts) for parts in zip(*lasts, strict=True)])

    @staticmethod
    def _joined(outputs: list[Any]) -> Any:
        return outputs[0] if len(outputs) == 1 else concat(outputs, axis=-1)

    def extra_repr(self) -> str:
        """Return the settings as PyTorch shows them."""
        usual = {"proj_size": 0, "num_layers": 1, "bias": True, "batch_first": False,
                 "dropout": 0.0, "bidirectional": False}  # fmt: skip
        unusual = [f", {name}={getattr(self, name)}" for name, value in usual.items()
                   if getattr(self, name) != value]  # fmt: skip
        return f"{self.input_size}, {self.hidden_size}" + "".join(unusual)
