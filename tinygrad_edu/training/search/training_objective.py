"""A pure objective from a model and data: build, train by ``fit``, and return the last scores."""

from __future__ import annotations

import hashlib
import inspect
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ... import nn
from ...data import train_test_split
from ...nn import optim
from ...seeding import drawing_from
from ...types import Array
from ..fit import fit
from . import catalogue
from .dimensions import Settings, label
from .trial import Budget

__all__ = ["TrainingObjective", "training_objective"]

# What ``fit`` takes itself.
OF_FIT = ("batch_size", "clip_grad_norm", "accumulate")


def training_objective(
    data: tuple[Any, Any],
    *,
    validation: tuple[Any, Any] | float = 0.2,
    model: Callable[..., Any] | None = None,
    loss: Any = "CrossEntropyLoss",
    optimizer: Any = "Adam",
    metrics: Mapping[str, Callable[[Array, Array], Any]] | None = None,
    score: str = "val_loss",
    **options: Any,
) -> TrainingObjective:
    """Return an objective that builds a model, trains it and looks at data that it has not seen.

    Parameters
    ----------
    data : tuple of array_like
        Inputs and targets to train on.
    validation : tuple of array_like, or float
        What the score is measured on; a number is the share of ``data`` that is kept for it, the
        same samples in every trial, with the share of each class if targets are whole numbers.
    model : callable, optional
        ``model(setting, ..., rng)`` returns a module; it takes settings by name. By default a
        multilayer perceptron with the settings ``widths`` (a tuple) or ``width`` and ``depth``,
        ``activation``, ``init`` and ``dropout``.
    loss : str, class or callable
        By name in ``nn``, with or without ``Loss``.
    optimizer : str, class or callable
        By name in ``nn.optim``, or what makes one from a model and keywords.
    metrics : dict of callable, optional
        As for ``fit``.
    score : str
        Which number of the last epoch decides; the others are returned too.
    **options
        Further settings of ``fit``, and values of settings that are not searched: ``rate=0.01``.

    Returns
    -------
    TrainingObjective
        ``objective(settings, budget, rng)``; the budget is the number of epochs.

    Notes
    -----
    The settings ``loss`` and ``optimizer`` replace those given here, ``rate`` is the learning rate;
    ``batch_size``, ``clip_grad_norm`` and ``accumulate`` go to ``fit``; what the optimizer's
    constructor names, such as ``momentum`` or ``weight_decay``, to the optimizer; and the rest to
    the model. One that nobody takes is an error.

    Examples
    --------
    >>> from tinygrad_edu.training import search
    >>> x = np.random.default_rng(0).normal(size=(60, 2))
    >>> objective = search.training_objective((x, (x[:, 0] > x[:, 1]).astype(int)))
    >>> space = {
    ...     "rate": search.log_uniform(1e-3, 1e-1),
    ...     "width": search.integer(4, 32, log=True),
    ...     "depth": search.integer(1, 2),
    ...     "activation": search.choice("relu", "tanh"),
    ...     "init": search.choice("he_normal", "xavier_uniform"),
    ...     "optimizer": search.choice("SGD", "Adam"),
    ...     "batch_size": search.choice(8, 16),
    ... }
    >>> found = search.random(objective, space, trials=3, budget=2, progress=False, rng=0)
    >>> sorted(found.best.scores)
    ['loss', 'lr', 'val_loss']
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise catalogue.not_a_pair("data", data)
    train = (np.asarray(data[0]), np.asarray(data[1]))
    if isinstance(validation, (tuple, list)) and len(validation) == 2:
        kept = (np.asarray(validation[0]), np.asarray(validation[1]))
    elif isinstance(validation, float):
        classes = train[1] if train[1].ndim == 1 and train[1].dtype.kind in "iu" else None
        x, x_kept, y, y_kept = train_test_split(
            *train, test_size=validation, stratify=classes, rng=0
        )
        train, kept = (x, y), (x_kept, y_kept)
    else:
        raise catalogue.not_a_pair("validation", validation)
    return TrainingObjective(
        train, kept, model or partial(_perceptron, *_ends(*train)), loss, optimizer,
        dict(metrics or {}), score, options,
    )  # fmt: skip


class TrainingObjective:
    """What ``training_objective`` returns: it goes to workers if its functions have names there."""

    def __init__(
        self,
        train: tuple[Array, Array],
        validation: tuple[Array, Array],
        model: Callable[..., Any],
        loss: Any,
        optimizer: Any,
        metrics: dict[str, Callable[[Array, Array], Any]],
        score: str,
        options: dict[str, Any],
    ) -> None:
        self.train, self.validation, self.model = train, validation, model
        self.loss, self.optimizer = loss, optimizer
        self.metrics, self.score, self.options = metrics, score, options

    def __repr__(self) -> str:
        arrays = hashlib.sha256()
        for part in (*self.train, *self.validation):
            arrays.update(f"{part.shape}{part.dtype}".encode())
            arrays.update(np.ascontiguousarray(part).tobytes())
        given = {"loss": self.loss, "optimizer": self.optimizer, **self.options}
        said = ", ".join(f"{name}={label(value)}" for name, value in given.items())
        return f"training({label(self.model)}, data={arrays.hexdigest()[:12]}, {said})"

    def __call__(
        self, settings: Settings, budget: Budget, rng: np.random.Generator
    ) -> dict[str, float]:
        """Train for as many epochs as the budget says, and return the numbers of the last."""
        if "loss" in settings and self.score in ("loss", "val_loss"):
            raise catalogue.losses_compared(self.score)
        given = {**self.options, **settings}
        number, order = (int(rng.integers(2**63)) for _ in range(2))
        make = _named("optimizer", given.pop("optimizer", self.optimizer), optim, "")
        loss = _named("loss", given.pop("loss", self.loss), nn, "Loss")
        for_optimizer = {name: given.pop(name) for name in list(given) if name in _keywords(make)}
        if "rate" in given:
            for_optimizer["lr"] = given.pop("rate")
        fitted = inspect.signature(fit).parameters
        for_fit = {
            name: given.pop(name)
            for name in list(given)
            if name in OF_FIT or (name in self.options and name in fitted)
        }
        draw = np.random.default_rng(number)
        with drawing_from(draw):
            model = self._built(given, draw)
        history = fit(
            model, self.train, loss() if isinstance(loss, type) else loss,
            make(model, **for_optimizer), epochs=max(1, math.ceil(budget)),
            validation=self.validation, metrics=self.metrics, rng=order,
            **{"progress": False, **for_fit},
        )  # fmt: skip
        row = {name: float(value) for name, value in history.rows[-1].items() if name != "epoch"}
        if self.score not in row:
            raise catalogue.no_such_score(self.score, list(row))
        return {self.score: row[self.score], **row}

    def _built(self, settings: Settings, rng: np.random.Generator) -> Any:
        names = _keywords(self.model)
        any_name = "**" in names
        unused = [name for name in settings if name not in names and not any_name]
        if unused:
            known = [*OF_FIT, "rate", "loss", "optimizer", *sorted(names - {"rng"})]
            raise catalogue.unused_settings(unused, known)
        drawn = {"rng": rng} if "rng" in names or any_name else {}
        return self.model(**settings, **drawn)


def _ends(x: Array, y: Array) -> tuple[int, int]:
    """Return how many inputs and outputs a perceptron for the data has."""
    features = math.prod(x.shape[1:])
    if y.ndim == 1 and y.dtype.kind in "iu":
        return features, int(y.max()) + 1
    return features, math.prod(y.shape[1:])


def _perceptron(
    features: int,
    outputs: int,
    *,
    widths: tuple[int, ...] | None = None,
    width: int = 32,
    depth: int = 1,
    activation: Any = "relu",
    init: Any = None,
    dropout: float = 0.0,
    rng: Any = None,
) -> Any:
    hidden = (width,) * depth if widths is None else widths
    model = nn.MLP(
        [features, *hidden, outputs], activation=activation, init=init, dropout=dropout, rng=rng
    )
    return model


def _named(what: str, value: Any, room: Any, ending: str) -> Any:
    """Return a class by its name, however it is written; anything else as it is."""
    if not isinstance(value, str):
        return value
    base = nn.Module if ending else optim.Optimizer
    found = {
        name: getattr(room, name)
        for name in room.__all__
        if name.endswith(ending) and isinstance(getattr(room, name), type)
        and issubclass(getattr(room, name), base) and getattr(room, name) is not base
    }  # fmt: skip
    plain = {_plain(name, ending): kind for name, kind in found.items()}
    if _plain(value, ending) not in plain:
        raise catalogue.unknown_name(what, value, list(found))
    return plain[_plain(value, ending)]


def _plain(name: str, ending: str) -> str:
    return name.replace("_", "").lower().removesuffix(ending.lower() or "\0")


def _keywords(function: Any) -> set[str]:
    """Return the names by which a function can be given something; ``**`` if any will do."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {"**"}
    kinds = inspect.Parameter
    names = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return names | ({"**"} if any(p.kind is kinds.VAR_KEYWORD for p in parameters) else set())
