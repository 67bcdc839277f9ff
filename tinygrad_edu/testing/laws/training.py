"""Laws of optimizers: a small step goes downhill, and a step of no length changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import ArgumentError
from ...mode import enable_grad
from ...types import Array
from .gradient import parameters_of
from .report import LawReport, settled, trial, value


def small_step_descends(
    optimizer: Any,
    model: Any,
    loss: Any,
    *,
    lr: float = 2.0**-12,
    steepest: bool = False,
    raises: bool = True,
) -> LawReport:
    r"""Check that one small step lowers the loss by as much as the gradient promises.

    .. math:: \frac{L(w) - L(w - h d)}{h} \to \langle \nabla L, d \rangle > 0
              \quad \text{as } h \to 0

    Parameters
    ----------
    optimizer : callable
        ``optimizer(parameters, lr=h)`` returns an object with ``step()``: a class, or a function
        that fixes more settings.
    model : Module
        Or anything with ``parameters()``; copies of it are trained.
    loss : callable
        ``loss(model)`` returns one number, the same at every call.
    lr : float
        The larger of the two step sizes, :math:`h` and :math:`h/2`.
    steepest : bool
        Also ask for :math:`d = \nabla L`, as plain gradient descent steps, so that the limit is
        :math:`\lVert\nabla L\rVert^2`.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        With :math:`r(h)` the departure of the quotient, :math:`r(h) = a h + O(h^2)`, so that
        :math:`2 r(h/2) - r(h)` has no first order left; it may be as large as the first order that
        was there, :math:`|r(h) - r(h/2)|`, and rounding: ten values of the loss over :math:`h`,
        each a sum of terms of one sign, and of weights. A step that does not descend has an error
        without bound.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> model = nn.Linear(2, 1)
    >>> small_step_descends(nn.optim.SGD, model, lambda m: (m([[1.0, 2.0]]) ** 2).sum()).holds
    True
    """
    start = trial(model)
    height, slopes = _loss_and_gradient(start, loss)
    steps = [_stepped(optimizer, start, loss, h) for h in (lr, lr / 2)]
    falls, promised = [], []
    for h, (after, weights) in zip((lr, lr / 2), steps, strict=True):
        falls.append((height - after) / h)
        moved = [(w - new) / h for w, new in zip(_weights(start), weights, strict=True)]
        promised.append(float(sum(np.vdot(g, d) for g, d in zip(slopes, moved, strict=True))))
    square = float(sum(np.vdot(g, g) for g in slopes))
    goal = [square, square] if steepest else promised
    r = [fall - wanted for fall, wanted in zip(falls, goal, strict=True)]
    flat = np.concatenate([w.ravel() for w in _weights(start)])
    terms = flat.size * max(abs(height), *[abs(after) for after, _ in steps])
    products = float(sum(np.abs(g).sum() for g in slopes)) * float(np.abs(flat).max())
    noise = 10 * float(np.finfo(flat.dtype).eps) * (terms + products) / lr
    error, allowed = abs(2 * r[1] - r[0]), abs(r[0] - r[1]) + noise
    if not promised[1] > 0:
        error = np.inf
    facts = {"fall / h": falls[1], "<gradient, step / h>": promised[1], "|gradient|^2": square}
    claim = "(L(w) - L(w - h d)) / h tends to <gradient, d> > 0" + (
        " = |gradient|^2" if steepest else ""
    )
    report = LawReport("small_step_descends", claim, float(error), allowed, None, facts)
    return settled(
        report,
        raises,
        why="to first order, a step against the gradient lowers the loss",
        fix="parameter.data -= lr * parameter.grad   # against the gradient, by lr times it",
    )


def zero_learning_rate_is_identity(
    optimizer: Any, model: Any, loss: Any, *, steps: int = 3, raises: bool = True
) -> LawReport:
    """Check that with a learning rate of zero no bit of any parameter changes.

    Parameters
    ----------
    optimizer : callable
        ``optimizer(parameters, lr=0.0)`` returns an object with ``step()``.
    model : Module
        Or anything with ``parameters()``; a copy of it is trained.
    loss : callable
        ``loss(model)`` returns one number.
    steps : int, at least 1
        How many, so that momentum and moments have something to act on.
    raises : bool
        Raise ``LawBroken``, rather than return a report that says so.

    Returns
    -------
    LawReport
        The error is the largest change; allowed: nothing.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> model = nn.Linear(2, 1)
    >>> loss = lambda m: (m([[1.0, 2.0]]) ** 2).sum()
    >>> zero_learning_rate_is_identity(nn.optim.Adam, model, loss).holds
    True
    """
    if steps < 1:
        raise ArgumentError(
            f"steps={steps} tries nothing", why="a law has to be tried", fix="steps=3"
        )
    twin = trial(model)
    before = _weights(twin)
    chosen = _made(optimizer, twin, 0.0)
    for _ in range(steps):
        _backward(twin, loss)
        chosen.step()
    after = _weights(twin)
    changed = [np.abs(a - b).max() for a, b in zip(before, after, strict=True) if a.size]
    same = all(a.tobytes() == b.tobytes() for a, b in zip(before, after, strict=True))
    error = 0.0 if same else max(float(max(changed)), float(np.finfo(np.float64).tiny))
    claim = f"{steps} steps with lr=0 change no bit of a parameter"
    report = LawReport("zero_learning_rate_is_identity", claim, error, 0.0)
    return settled(
        report,
        raises,
        why="every change of a parameter is to scale with the learning rate, weight decay too",
        fix="parameter.data -= lr * (gradient + weight_decay * parameter.data)",
    )


def _made(optimizer: Any, model: Any, lr: float) -> Any:
    """Return a fresh optimizer of a model's parameters."""
    if hasattr(optimizer, "step") and not isinstance(optimizer, type):
        kind = type(optimizer).__name__
        raise ArgumentError(
            f"a {kind} was given that has its parameters already",
            why="the law makes optimizers of its own, for copies of the model",
            fix=kind,
        )
    if not callable(optimizer):
        raise ArgumentError(
            f"an optimizer is made by optimizer(parameters, lr=...), got {optimizer!r:.60}",
            fix="nn.optim.SGD",
        )
    chosen = optimizer(list(parameters_of(model).values()), lr=lr)
    if not hasattr(chosen, "step"):
        raise ArgumentError(
            f"{optimizer!r:.60} made {chosen!r:.60}, which has no step()", fix="nn.optim.SGD"
        )
    return chosen


def _weights(model: Any) -> list[Array]:
    return [value(p) for p in parameters_of(model).values()]


def _backward(model: Any, loss: Any) -> float:
    for parameter in parameters_of(model).values():
        parameter.grad = None
    if not callable(loss):
        raise ArgumentError(
            f"a loss is called with the model, got {loss!r:.60}",
            fix="lambda model: (model(x) ** 2).mean()",
        )
    with enable_grad():
        answer = loss(model)
        answer.backward()
    return float(answer.item())


def _loss_and_gradient(model: Any, loss: Any) -> tuple[float, list[Array]]:
    height = _backward(model, loss)
    found = [
        np.zeros(p.shape) if p.grad is None else np.array(p.grad)
        for p in parameters_of(model).values()
    ]
    if not any(g.any() for g in found):
        raise ArgumentError(
            "the gradient is zero here, so no step goes downhill",
            why="the law compares a fall with the gradient",
            fix="model = Model()   # fresh, before training, and with a loss that reads it",
        )
    return height, found


def _stepped(optimizer: Any, start: Any, loss: Any, lr: float) -> tuple[float, list[Array]]:
    """The loss and the weights after one step of a fresh optimizer on a copy."""
    twin = trial(start)
    chosen = _made(optimizer, twin, lr)
    _backward(twin, loss)
    chosen.step()
    with enable_grad():
        after = float(loss(twin).item())
    return after, _weights(twin)
