"""What the table of layers holds: an ``Entry`` for each class, which draws ``Drawn`` examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn


@dataclass(frozen=True)
class Drawn:
    """One way to build a layer and one call of it; PyTorch takes the same arguments.

    Parameters
    ----------
    inputs : tuple of ndarray
        Of ``forward``. Floating ones are float64 and differentiated.
    arguments : tuple
        Of the constructor.
    options : dict
        Keyword arguments of the constructor.
    call : dict
        Keyword arguments of ``forward``.
    arranged : callable, optional
        Makes of ``inputs`` the positional arguments of ``forward``, where some are nested.
    state : dict
        Arrays to load, for what is 0 or 1 at first and would hide a mistake.
    training : bool
        The mode it is tried in.
    laws : tuple of str
        As of the entry, where they hold for these settings only.
    """

    inputs: tuple[Any, ...]
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)
    arranged: Callable[..., tuple[Any, ...]] = lambda *inputs: inputs
    state: dict[str, Any] = field(default_factory=dict)
    training: bool = True
    laws: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A layer or loss, where it may be tried, and what must hold there.

    Parameters
    ----------
    name : str
        Its class in ``nn``, and in ``torch.nn`` unless ``unlike`` says otherwise.
    drawn : strategy of Drawn
        All settings and shapes, small: a check costs an evaluation for each number. Away from
        kinks, which have tests of their own.
    laws : tuple of str
        Names in ``tinygrad_edu.testing.laws`` of laws of one layer and one input.
    order : int
        How often it can be differentiated.
    apart : str, optional
        Pattern of the paths of layers inside that have entries of their own; their parameters are
        not varied once more, for the price of a check.
    unlike : str
        Why PyTorch has nothing to compare with.
    """

    name: str
    drawn: st.SearchStrategy[Drawn]
    laws: tuple[str, ...] = ()
    order: int = 2
    apart: str = ""
    unlike: str = ""


class Repeated(nn.Module):
    """A layer that draws the same random numbers at every call, so that it has a derivative."""

    def __init__(self, layer: Any, drawn: Drawn) -> None:
        self.layer = layer
        self.drawn = drawn

    def forward(self, *inputs: Any) -> Any:
        """Call the layer with one seed; return the Tensors of its result."""
        with tg.seed(0):
            return tensors(self.layer(*self.drawn.arranged(*inputs), **self.drawn.call))


def built(entry: Entry, drawn: Drawn) -> Any:
    """Return the layer of an example, float64, with its parameters drawn from one seed."""
    with tg.seed(0):
        layer: Any = getattr(nn, entry.name)(*drawn.arguments, **drawn.options)
    layer.astype(np.float64).load_state_dict(drawn.state, strict=False)
    return layer.train(drawn.training)


@st.composite
def normal(draw: Any, *shape: int, low: float | None = None) -> np.ndarray:
    """Draw numbers without a pattern, from a seed that shrinks; above ``low`` if that is given."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.normal(size=shape)
    return values if low is None else low + np.abs(values)


@st.composite
def labels(draw: Any, *shape: int, classes: int) -> np.ndarray:
    """Draw class numbers."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return rng.integers(classes, size=shape)


def tensors(result: Any) -> list[Any]:
    """The Tensors of a result, which may be nested."""
    if isinstance(result, (tuple, list)):
        return [part for value in result for part in tensors(value)]
    return [] if result is None else [result]


def values(result: Any) -> list[np.ndarray]:
    """The arrays of a result, which may be nested."""
    return [part.numpy() for part in tensors(tg.stop_gradient(result))]
