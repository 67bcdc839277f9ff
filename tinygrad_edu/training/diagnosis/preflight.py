"""``preflight``: everything that can be told about a training run before it starts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ...mode import enable_grad
from ...nn import Module
from ...nn.optim import Optimizer
from ...seeding import seed
from ..batches import put_back, taken_apart
from .batch_checks import BATCH_CHECKS
from .learning_checks import LEARNING_CHECKS
from .output_checks import OUTPUT_CHECKS
from .own_step import step_findings
from .parameter_checks import PARAMETER_CHECKS
from .report import Finding, Report
from .situation import Situation
from .trial import Chained

__all__ = ["preflight"]


def preflight(
    model: Module,
    batch: Any,
    loss: Callable[..., Any],
    optimizer: Optimizer | None = None,
    *,
    generator: Module | None = None,
    step: Callable[..., Any] | None = None,
) -> Report:
    r"""Look for mistakes before a training run, and say in words what was found.

    Parameters
    ----------
    model : Module
        Copies of it are tried. Neither it nor the optimizer, a gradient, a mode, a buffer or a
        stream of random numbers changes.
    batch : tuple
        Inputs and, last, the target, as training will use them. Some dozens of samples are good.
    loss : callable
        Of prediction and target, to one number; a Module or any function.
    optimizer : Optimizer, optional
        As it will be used. Without it, nothing is said about it and its learning rate.
    generator : Module, optional
        The part that this loss is to train, if not all of ``model``: for the generator's turn of
        two players. If it is no part of ``model``, it feeds it: ``model(generator(*inputs))``.
    step : callable, optional
        A training step of one's own, ``step(model, batch, loss, optimizer)``, called with copies;
        or ``step(batch)``, which may use the model and optimizer themselves: they are put back.

    Returns
    -------
    Report
        ``print`` it. ``.ok`` says whether nothing is wrong, ``.problems`` what is.

    Notes
    -----
    What a loss takes is found out by asking it: of right and of constant predictions, with scores
    and with probabilities. So one's own functions are understood too. The loss at the start is
    compared with :math:`\ln K` for :math:`K` classes, and with the variance of the target for a
    squared error. A copy is trained for 20 steps with the optimizer as it is, and for at most 400
    on 16 samples, which it has to learn by heart. Source: Karpathy 2019, "A recipe for training
    neural networks"; Goodfellow, Bengio and Courville 2016, section 11.5.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(32, 4)), rng.integers(3, size=32)
    >>> model = nn.MLP([4, 16, 3], rng=0)
    >>> preflight(model, (x, y), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=0.01)).ok
    True
    >>> wrong = nn.Sequential(model, nn.Softmax(dim=1))
    >>> preflight(wrong, (x, y), nn.CrossEntropyLoss())["double softmax"].verdict
    'fail'
    """
    inputs, target = taken_apart(batch)
    trained: dict[str, Any] = dict(model.named_parameters())
    if generator is not None:
        own = {id(p) for _, p in generator.named_parameters()}
        if not own <= {id(p) for p in trained.values()}:
            model = Chained(generator, model)
        trained = {name: p for name, p in model.named_parameters() if id(p) in own}
    situation = Situation(model, inputs, target, loss, optimizer, trained)
    gradients = [(p, p.grad) for p in trained.values()]
    quiet = warnings.catch_warnings()
    with quiet, np.errstate(all="ignore"), enable_grad(), seed(0), put_back(loss):
        warnings.simplefilter("ignore")
        try:
            return _looked(situation, step)
        finally:
            for parameter, gradient in gradients:  # a loss may know the model, as a penalty does
                parameter.grad = gradient


def _looked(s: Situation, step: Callable[..., Any] | None) -> Report:
    try:
        value = s.trial().one_loss()
    except Exception as error:
        what = str(error).strip().splitlines() or [type(error).__name__]
        fix = getattr(error, "fix", None) or "loss(model(*inputs), target)"
        name = "labels" if "label" in what[0] else "target shape" if "shape" in what[0] else "runs"
        return Report((Finding(name, "fail", what[0], fix),), {})
    if not value.requires_grad and any(p.requires_grad for p in s.trained.values()):
        message = "the loss depends on no parameter: it was cut off, or computed with plain arrays"
        fix = "model(x)   # without .data, float() or detach()"
        return Report((Finding("gradient", "fail", message, fix),), {})
    found: list[Finding] = []
    untried: dict[str, str] = {}
    every = (*BATCH_CHECKS, *OUTPUT_CHECKS, *PARAMETER_CHECKS, *LEARNING_CHECKS)
    checks: list[Any] = [lambda check=check: check(s) for check in every]
    names = [check.__name__ for check in every]
    if step is not None and s.optimizer is not None:
        checks.append(lambda: step_findings(s, step))
        names.append("step")
    for name, check in zip(names, checks, strict=True):
        try:
            result = check()
        except Exception as error:  # a model may refuse a probe that training would never show it
            untried[name] = f"{type(error).__name__}: {error}".splitlines()[0]
            continue
        found += result if isinstance(result, list) else [result] if result is not None else []
    return Report(tuple(found), untried)
