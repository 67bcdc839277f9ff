"""Whether a model can start to learn: the spread of values and gradients before any training."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...autodiff.tensor import Tensor, asarray
from ...mode import enable_grad
from ...ops import add, multiply, sum
from ...seeding import generator, seed
from ...types import Array, Rng
from ..tree import Tree
from .calls import copied, run, tensors
from .steps import Step, equal_units, flat_parts, own_parameters, size, spread, steps_of
from .table import aligned

__all__ = ["InitReport", "LayerStart", "init_report"]

# What is healthy: spread relative to the model's input, gradient relative to its output's.
SPREAD, GRADIENT, MOST = (0.1, 10.0), (0.01, 100.0), 0.5
# Bounded by their nature, however well the layers before them are scaled.
_SHARES = {"Softmax", "Softmax2d", "Softmin", "LogSoftmax"}


@dataclass(frozen=True)
class LayerStart:
    """One layer, or one activation function, in one forward and backward pass.

    Attributes
    ----------
    path : str
        With the number of the call from the second on. Of a function in the ``forward`` of a
        module, that module's, and the function.
    kind : str
        The class or function.
    mean, std : float
        Of all numbers that it returned.
    saturated : float
        Which part of them has less than a tenth of the largest slope, for functions that saturate
        (tanh, sigmoid, ...); else NaN.
    dead : float
        Which part of the units of a rectifier has slope 0 for every sample; NaN for others, and for
        fewer than ten values a unit.
    gradient : float
        Root mean square of the loss's gradient with respect to what it returned.
    ratio : float
        That of its parameters' gradient, divided by that of the parameters; NaN without.
    equal : int
        How many of its units have the weights of another; they would learn the same.
    verdict : str
        ``"healthy"``, or what is wrong in words.
    """

    path: str
    kind: str
    mean: float
    std: float
    saturated: float
    dead: float
    gradient: float
    ratio: float
    equal: int
    verdict: str


@dataclass(frozen=True)
class InitReport:
    """What ``init_report`` returns; ``print`` shows it as a table.

    Attributes
    ----------
    layers : tuple of LayerStart
        In the order of the calls.
    """

    layers: tuple[LayerStart, ...]

    @property
    def healthy(self) -> bool:
        """Whether every layer is."""
        return all(layer.verdict == "healthy" for layer in self.layers)

    def __str__(self) -> str:
        header = ["layer", "kind", "mean", "std", "saturated", "dead", "gradient", "ratio"]
        rows = [
            [
                layer.path, layer.kind, f"{layer.mean:.2g}", f"{layer.std:.2g}",
                _percent(layer.saturated), _percent(layer.dead), f"{layer.gradient:.2g}",
                "" if math.isnan(layer.ratio) else f"{layer.ratio:.2g}", layer.verdict,
            ]
            for layer in self.layers
        ]  # fmt: skip
        return "\n".join(aligned([*header, "verdict"], rows, left=(0, 1, 8)))


def _percent(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.0%}"


def init_report(
    model: Any,
    *inputs: Any,
    loss: Callable[[Any], Any] | None = None,
    rng: Rng = 0,
) -> InitReport:
    """Measure the spread of values and gradients in each layer, before any training.

    Parameters
    ----------
    model : Module
        A copy of it is called once, in its mode and with random numbers of its own, so that
        nothing changes: no parameter, gradient, mode, buffer or stream.
    *inputs : array_like
        A batch, as ``forward`` takes it; some dozens of samples make the numbers firm.
    loss : callable, optional
        From the model's output to one number. Without it each output counts with a random normal
        weight, so that the gradient with respect to the output has the size 1.
    rng : Generator or int
        Where those weights come from.

    Returns
    -------
    InitReport
        ``print`` it, or read ``.layers`` and ``.healthy``.

    Notes
    -----
    A layer is healthy while its spread is 0.1 to 10 times the input's, its gradient 0.01 to 100
    times the output's, at most half of it is saturated or dead, and no two units are equal. Equal
    units get equal gradients, and stay equal. Source: Glorot and Bengio 2010, figures 6 and 7;
    on symmetry Goodfellow, Bengio, Courville 2016, section 8.4.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> net = nn.MLP([16, 32, 32, 4], init="he", rng=0)
    >>> x = np.random.default_rng(0).normal(size=(64, 16)).astype(np.float32)
    >>> init_report(net, x).healthy
    True
    >>> init_report(nn.init.apply(net, "constant", value=0.1), x).layers[0].verdict
    'symmetric: 32 of 32 units are equal, and would stay so'
    """
    twin, batch = copied(model), tuple([_watched(x) for x in inputs])
    with enable_grad(), seed(0):
        done = run(twin, batch, {})
        target = _target(done.calls[0].output, loss, generator(rng))
        adjoints = done.tape.adjoints(target) if target.requires_grad else {}
        steps = steps_of(done)
    spreads = [spread(x) for x in batch if isinstance(x, Tensor) and x.requires_grad]
    spreads += [spread(step.output) for step in steps[:1]]
    outputs = [size(adjoints.get(part)) for part in tensors(done.calls[0].output)]
    scales = (max(spreads[:1], default=0.0), max(outputs, default=math.nan))
    return InitReport(tuple([_measured(step, adjoints, scales) for step in steps]))


def _watched(x: Any) -> Any:
    """A batch as a Tensor that gradients reach, if it can be one."""
    if not isinstance(x, (Tensor, np.ndarray, list)):
        return x
    floating = asarray(x).dtype.kind == "f"
    return Tensor(x, requires_grad=True) if floating else x


def _target(output: Any, loss: Callable[[Any], Any] | None, draw: np.random.Generator) -> Tensor:
    """One number to differentiate."""
    if loss is not None:
        return asarray(loss(output))
    total: Any = 0.0
    for part in tensors(output):
        if part.dtype.kind == "f":
            weights = draw.normal(size=part.shape).astype(part.dtype)
            total = add(total, sum(multiply(part, weights)))
    return asarray(total)


def _measured(step: Step, adjoints: dict[Tensor, Array], scales: tuple[float, float]) -> LayerStart:
    saturated, dead = flat_parts(step)
    units, equal = equal_units(step.module)
    values = {
        "mean": float(np.mean(step.output.data, dtype=np.float64)),
        "std": spread(step.output),
        "saturated": saturated,
        "dead": dead,
        "gradient": size(adjoints.get(step.output)),
        "ratio": _ratio(step.module, adjoints),
    }
    if equal:
        verdict = f"symmetric: {equal} of {units} units are equal, and would stay so"
    else:
        verdict = _verdict(values, scales, step.kind)
    return LayerStart(path=step.path, kind=step.kind, equal=equal, verdict=verdict, **values)


def _ratio(module: Tree | None, adjoints: dict[Tensor, Array]) -> float:
    """The size of a module's gradient relative to its weights, or else its other parameters."""
    own = own_parameters(module)
    own = [p for p in own if p.ndim > 1] or own
    known = [p for p in own if p in adjoints]
    held = size(*[p.data for p in known])
    return size(*[adjoints[p] for p in known]) / held if known and held else math.nan


def _verdict(values: dict[str, float], scales: tuple[float, float], kind: str) -> str:
    if not math.isfinite(values["mean"]) or not math.isfinite(values["std"]):
        return "not finite"
    if values["saturated"] > MOST:
        return f"saturated: {values['saturated']:.0%} of it has nearly no slope"
    if values["dead"] > MOST:
        return f"dead: {values['dead']:.0%} of the units have slope 0 for every sample"
    part = values["std"] / scales[0] if scales[0] else math.nan
    if part < SPREAD[0] and kind not in _SHARES:
        return f"vanishing: the spread is {part:.2g} of the input's"
    if part > SPREAD[1]:
        return f"exploding: the spread is {part:.2g} times the input's"
    part = values["gradient"] / scales[1] if scales[1] else math.nan
    if part < GRADIENT[0]:
        return f"vanishing gradient: {part:.2g} of the output's"
    if part > GRADIENT[1]:
        return f"exploding gradient: {part:.2g} times the output's"
    return "healthy"
