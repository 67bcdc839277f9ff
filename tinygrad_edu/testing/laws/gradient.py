"""Laws of gradients that need no numerical derivative: batches average, adjoints are adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...autodiff.record import Tape
from ...autodiff.tensor import Tensor, asarray
from ...autodiff.transforms.derivatives import jvp, vjp
from ...errors import ArgumentError
from ...mode import enable_grad
from ...seeding import generator
from ...types import Array, Rng
from .report import (
    LawReport,
    apply,
    difference,
    floats,
    rounding,
    samples,
    settled,
    terms_of,
    trial,
    value,
)


def batch_gradient_is_mean(
    loss: Any, x: Any, y: Any, *, model: Any = None, raises: bool = True
) -> LawReport:
    r"""Check that the gradient of a batch is the mean of the gradients of its samples.

    .. math:: \nabla_w L(x, y) = \frac1n \sum_{i=1}^n \nabla_w L(x_i, y_i)

    Parameters
    ----------
    loss : callable
        ``loss(prediction, y)`` returns one number, a mean over samples.
    x, y : array_like, shape (samples, ...)
        At least two samples.
    model : Module, optional
        Gives predictions and parameters; tried in evaluation mode, since batch statistics couple
        samples and dropout would draw anew. Without one, ``x`` is the prediction, and the parameter
        a shift that all samples share.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        ``facts`` has the ratio of the two: the number of samples when a loss was summed. Allowed:
        rounding of sums over samples and features.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> x = np.random.default_rng(0).normal(size=(4, 3))
    >>> batch_gradient_is_mean(nn.MSELoss(), x, np.zeros((4, 3))).holds
    True
    """
    batch, targets = samples(x), value(y)
    if batch.dtype.kind == "f":
        batch = floats(batch)
    loss, model = trial(loss), _Shift(batch[:1]) if model is None else trial(model, training=False)
    whole = _gradients(loss, model, batch, targets)
    each = [
        _gradients(loss, model, batch[k : k + 1], targets[k : k + 1]) for k in range(len(batch))
    ]
    mean = {name: np.mean([g[name] for g in each], axis=0) for name in whole}
    gaps = {name: difference(whole[name], mean[name]) for name in whole}
    worst = max(gaps, key=lambda name: gaps[name][0])
    size = float(sum(np.vdot(g, g) for g in mean.values()))
    along = float(sum(np.vdot(whole[name], mean[name]) for name in whole))
    facts = {"parameter": worst, "batch / mean": along / size if size else np.nan}
    facts["samples"] = len(batch)
    allowed = rounding(
        len(batch) * terms_of(model, batch), *[g[name] for g in each for name in g], *whole.values()
    )
    claim = "gradient of the batch = mean of the gradients of its samples"
    error, where = gaps[worst]
    report = LawReport("batch_gradient_is_mean", claim, error, allowed, where, facts)
    return settled(
        report,
        raises,
        why="steps would grow with the batch, or one sample would change another's gradient",
        fix="loss.mean()   # over samples, in place of .sum(); and no statistics over axis 0",
    )


class _Shift:
    """A model whose only parameter is added to every sample."""

    def __init__(self, sample: Array) -> None:
        self.shift = Tensor(np.zeros_like(sample), requires_grad=True)

    def __call__(self, x: Tensor) -> Tensor:
        return x + self.shift

    def parameters(self) -> list[Tensor]:
        return [self.shift]


def parameters_of(model: Any) -> dict[str, Tensor]:
    """Return what requires a gradient, by name where the model has names."""
    if hasattr(model, "named_parameters"):
        named = dict(model.named_parameters())
    elif not hasattr(model, "parameters"):
        raise ArgumentError(
            f"a model has parameters(), got {model!r:.60}", fix="nn.Sequential(nn.Linear(3, 2))"
        )
    else:
        named = {f"parameter {k}": p for k, p in enumerate(model.parameters())}
    named = {name: p for name, p in named.items() if p.requires_grad}
    if not named:
        raise ArgumentError(
            f"{type(model).__name__} has no parameter that requires a gradient",
            why="the law is about gradients of parameters",
            fix="model.unfreeze()",
        )
    return named


def _gradients(loss: Any, model: Any, x: Array, y: Array) -> dict[str, Array]:
    named = parameters_of(model)
    with enable_grad(), Tape() as tape:
        answer = loss(model(asarray(x)), asarray(y))
    found = tape.gradient(answer, named, unconnected="zero")
    return {name: value(g) for name, g in found.items()}


def adjointness(f: Any, *xs: Any, rng: Rng = 0, raises: bool = True) -> LawReport:
    r"""Check that the pullback is the adjoint of the Jacobian.

    .. math:: \langle J v, w \rangle = \langle v, J^{\mathsf T} w \rangle

    Parameters
    ----------
    f : callable
        Of as many arrays; returns one.
    *xs : array_like
        Where.
    rng : Generator or int
        Draws :math:`v` and :math:`w`.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        ``facts["J v"]`` says where it came from. Allowed: rounding of both products.

    Notes
    -----
    Where ``f`` is linear along :math:`v`, as are sums, convolutions, pooling and rectifiers away
    from their kinks, :math:`J v` is a difference of values, so that a wrong rule shows. Elsewhere
    ``jvp`` gives it, which transposes the pullback: that finds a pullback that is not linear, or a
    rule that breaks when it is differentiated, and leaves wrong slopes to ``check_gradients``.
    Source: Claerbout 2014, the dot-product test.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> adjointness(tg.matmul, np.eye(2), np.ones((2, 3))).holds
    True
    """
    draw = generator(rng)
    f, primals = trial(f), [floats(x) for x in xs]
    v = [draw.normal(size=x.shape) for x in primals]
    out, pullback = vjp(f, *primals)
    out = value(out)
    w = draw.normal(size=out.shape)
    back = [value(g) for g in pullback(w)]
    along, source, noise = _tangent(f, primals, v, out)
    left = float(np.vdot(along, w))
    right = float(sum(np.vdot(a, b) for a, b in zip(v, back, strict=True)))
    terms = out.size + sum(x.size for x in primals)
    products = [along * w, *[a * b for a, b in zip(v, back, strict=True)]]
    allowed = rounding(terms, *products, along, *back) + noise * float(np.abs(w).sum())
    facts = {"<J v, w>": left, "<v, J'w>": right, "J v": source}
    claim = "<J v, w> = <v, J' w>"
    report = LawReport("adjointness", claim, abs(left - right), allowed, None, facts)
    return settled(
        report,
        raises,
        why="a gradient is the adjoint of the derivative, so the two products are one number",
        fix="tg.testing.check_gradients(f, *xs)   # shows which input and element differ",
    )


def _tangent(f: Any, xs: list[Array], v: list[Array], out: Array) -> tuple[Array, str, float]:
    """Return the derivative along ``v``, where it came from, and how far off it may be."""
    terms = max(x.size for x in xs)
    for h in (1.0, 2.0**-10):
        ahead, behind, further = (
            apply(f, *[x + t * h * d for x, d in zip(xs, v, strict=True)]) for t in (1, -1, 2)
        )
        noise = rounding(terms, ahead, behind, further, out, *xs)
        bends = (ahead - 2 * out + behind, further - 2 * ahead + out)  # four values each
        if max(float(np.abs(bend).max(initial=0.0)) for bend in bends) <= 4 * noise:
            return (ahead - behind) / (2 * h), "a difference, f is linear here", noise / h
    return value(jvp(f, xs, v)[1]), "jvp, f is curved here", 0.0
