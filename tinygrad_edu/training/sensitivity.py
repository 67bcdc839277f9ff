"""How much does the answer of a trained model depend on its input?

A model is a `Module` of one input, used in evaluation mode, or any function of a batch.  Samples
of a batch must not see each other, as they do not in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..autodiff.tensor import Tensor
from ..autodiff.transforms import vjp
from ..errors import ArgumentError, ShapeError
from ..mode import no_grad
from ..nn import Module
from ..seeding import generator
from ..types import Array, Rng

__all__ = ["SensitivityCurve", "input_jacobian_norm", "noise_sensitivity"]

Floats = NDArray[np.float64]
Model = Callable[[Any], Any]
Metric = Callable[[Array, Array], Any]


class SensitivityCurve(NamedTuple):
    """A metric over the strength of a disturbance; ``values`` has a column for each repeat."""

    levels: Floats
    mean: Floats
    std: Floats
    values: Floats

    def __str__(self) -> str:
        lines = [f"{'level':>10}{'mean':>12}{'std':>12}"]
        for level, mean, std in zip(self.levels, self.mean, self.std, strict=True):
            lines.append(f"{level:>10.4g}{mean:>12.5g}{std:>12.3g}")
        return "\n".join(lines)


def input_jacobian_norm(model: Model, x: ArrayLike, *, ord: str | int = "fro") -> Array:
    r"""Return, for every sample, how fast the outputs change with the inputs at most or in all.

    .. math:: \|J(x)\|_F = \sqrt{\sum_{k, i} \Bigl(\frac{\partial f_k}{\partial x_i}\Bigr)^2},
              \qquad \|J(x)\|_2 = \max_{v} \frac{\|J(x) v\|}{\|v\|}

    Parameters
    ----------
    model : Module or callable
        Of one batch; outputs have shape (samples, ...).
    x : array-like, shape (samples, ...)
        Where to look.
    ord : {"fro", 2}
        The Frobenius norm: in all directions; or the spectral norm: in the worst one.

    Returns
    -------
    float array, shape (samples,)

    Raises
    ------
    ShapeError
        No samples, or outputs of which there is not one per sample.
    ArgumentError
        Another norm; a model whose samples see each other.

    Notes
    -----
    Costs one backward pass for each output of a sample.

    Examples
    --------
    >>> input_jacobian_norm(lambda x: x**2, [[3.0, 4.0], [0.0, 1.0]])
    array([10.,  2.])

    References
    ----------
    R. Novak et al., *Sensitivity and generalization in neural networks*, ICLR 2018, section 3.1.
    """
    if ord not in ("fro", 2):
        raise ArgumentError(f"ord={ord!r} is neither 'fro' nor 2", fix="ord='fro'")
    rows = _inputs(model, x)
    with no_grad(), evaluating(model):
        out, pullback = vjp(model, rows)
        out = array_of(out)
        if out.shape[:1] != rows.shape[:1]:
            raise ShapeError(
                f"{len(rows)} samples gave outputs of shape {out.shape}",
                shapes=[rows.shape, out.shape],
                why="a sample has its own outputs: shape (samples, ...)",
            )
        _check_apart(model, rows, out)
        outputs = out.size // len(out)
        jacobian = np.empty((outputs, len(rows), rows.size // len(rows)), dtype=out.dtype)
        for output in range(outputs):
            seed = np.zeros((len(out), outputs), dtype=out.dtype)
            seed[:, output] = 1
            jacobian[output] = array_of(pullback(seed.reshape(out.shape))[0]).reshape(len(rows), -1)
    each = np.moveaxis(jacobian, 1, 0)
    if ord == 2:
        return np.asarray(np.linalg.norm(each, ord=2, axis=(1, 2)))
    return np.asarray(np.sqrt((each**2).sum(axis=(1, 2))))


def _check_apart(model: Model, rows: Array, out: Array) -> None:
    """Refuse a model whose answer to a sample depends on the others of the batch."""
    alone = array_of(model(rows[:1]))
    scale = float(np.abs(out).max()) or 1.0
    if alone.shape[1:] != out.shape[1:] or np.abs(alone[0] - out[0]).max(initial=0) > 1e-3 * scale:
        raise ArgumentError(
            "the first sample alone gives another output than in the batch",
            why="samples that see each other have no Jacobians of their own",
            fix="model.eval()",
        )


def noise_sensitivity(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    metric: Metric,
    levels: ArrayLike,
    *,
    repeats: int = 5,
    rng: Rng = None,
) -> SensitivityCurve:
    r"""Return a metric on inputs with more and more Gaussian noise.

    .. math:: m_{\ell r} = m\bigl(y, f(x + \sigma_\ell \, \xi_r)\bigr), \qquad
              \xi_r \sim \mathcal N(0, 1)

    Parameters
    ----------
    model : Module or callable
        Of one batch.
    x, y : array-like, shape (samples, ...)
        Inputs and targets.
    metric : callable
        ``metric(y, prediction)`` of arrays, one number.
    levels : array-like, shape (levels,)
        Standard deviations :math:`\sigma`, at least 0, in the units of ``x``; 0 is no noise.
    repeats : int, at least 1
        How many times noise is drawn; each draw serves all levels, so that the curve is smooth.
    rng : Generator or int, optional
        Source of the noise.

    Returns
    -------
    SensitivityCurve
        ``levels, mean, std``, shape (levels,), and ``values``, shape (levels, repeats).

    Raises
    ------
    ShapeError, ArgumentError
        Data that do not belong together; levels below 0; a metric that is no finite number.

    Examples
    --------
    >>> curve = noise_sensitivity(
    ...     lambda x: x, [[0.0]], [[0.0]], lambda y, p: float(abs(p - y).max()), [0, 1, 2], rng=0)
    >>> bool(curve.mean[0] == 0), bool(np.isclose(curve.mean[2], 2 * curve.mean[1]))
    (True, True)

    References
    ----------
    C. M. Bishop, *Training with noise is equivalent to Tikhonov regularization*, Neural
    Computation 7, 1995, equation 3.
    """
    rows, target, strengths = case(model, x, y, levels)
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 1:
        raise ArgumentError(f"repeats={repeats!r} is no number of at least 1", fix="repeats=5")
    random = generator(rng)
    values = np.empty((len(strengths), repeats))
    for repeat in range(repeats):
        noise = random.standard_normal(rows.shape)
        for place, strength in enumerate(strengths):
            disturbed = rows + (strength * noise).astype(rows.dtype)
            values[place, repeat] = measured(model, disturbed, target, metric)
    return SensitivityCurve(strengths, values.mean(axis=1), values.std(axis=1), values)


def case(
    model: Model, x: ArrayLike, y: ArrayLike, levels: ArrayLike
) -> tuple[Array, Array, Floats]:
    rows, target = _inputs(model, x), array_of(y)
    if target.shape[:1] != rows.shape[:1]:
        raise ShapeError(
            f"x has shape {rows.shape} and y {target.shape}",
            shapes=[rows.shape, target.shape],
            why="both have an entry for each of the same samples",
        )
    strengths = np.asarray(levels, dtype=np.float64)
    sound = (strengths >= 0) & np.isfinite(strengths)
    if strengths.ndim != 1 or not strengths.size or not sound.all():
        raise ArgumentError(
            f"levels {np.array2string(strengths, threshold=8)}: not a list of numbers of 0 or more",
            why="a level is the size of a disturbance",
            fix="levels=[0, 0.1, 0.2]",
        )
    return rows, target, strengths


def _inputs(model: Model, x: ArrayLike) -> Array:
    """The inputs as floats: whole numbers have no slope and take no noise."""
    rows = array_of(x)
    if rows.ndim < 1 or rows.size == 0 or rows.dtype.kind not in "iubf":
        raise ShapeError(
            f"x of shape {rows.shape} and dtype {rows.dtype}",
            shapes=[rows.shape],
            why="inputs are numbers, shape (samples, ...), of at least one sample",
        )
    if rows.dtype.kind == "f":
        return rows
    leaves = model.parameters() if isinstance(model, Module) else []
    return rows.astype(leaves[0].dtype if leaves else np.float64)


def measured(model: Model, rows: Array, target: Array, metric: Metric) -> float:
    with no_grad(), evaluating(model):
        prediction = array_of(model(rows))
    value = np.asarray(metric(target, prediction))
    if value.size != 1 or value.dtype.kind not in "iubf" or not np.isfinite(value).all():
        raise ArgumentError(
            f"the metric returned {value.tolist()!r}",
            why="one finite number is needed",
            fix="lambda y, p: float((p.argmax(axis=1) == y).mean())",
        )
    return float(value.reshape(()))


def evaluating(model: Model) -> AbstractContextManager[Any]:
    return model.evaluating() if isinstance(model, Module) else nullcontext()


def array_of(value: Any) -> Array:
    return value.data if isinstance(value, Tensor) else np.asarray(value)
