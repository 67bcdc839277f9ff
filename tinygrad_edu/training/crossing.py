"""How a model does on data that it has not seen: by folds, and against how much it has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..data import k_fold, train_test_split
from ..seeding import generator, seed
from ..types import Array, Rng, reach
from . import catalogue
from .evaluation import evaluate
from .fit import fit
from .table import Table

__all__ = ["Scores", "cross_validate", "learning_curve"]


class Scores(Table):
    """A row for each model that was trained: its scores on what it saw, and on the test part.

    Examples
    --------
    >>> scores = Scores([{"fold": 1, "test_loss": 0.5}, {"fold": 2, "test_loss": 0.7}])
    >>> scores.mean("test_loss"), round(scores.std("test_loss"), 4)
    (0.6, 0.1414)
    """

    def mean(self, name: str = "test_loss") -> float:
        """Return the mean of a column."""
        return float(self[name].mean())

    def std(self, name: str = "test_loss") -> float:
        """Return the standard deviation between rows: how much it depends on the split."""
        return float(self[name].std(ddof=1)) if len(self) > 1 else float("nan")

    def plot(self, name: str = "loss", *, ax: Any = None) -> Any:
        """Plot the training and the test score of each row; see ``tg.plots.scores``."""
        return reach["plot"]("scores", self, name, ax=ax)


def cross_validate(
    make: Callable[[], Sequence[Any]],
    x: Any,
    y: Any,
    *,
    loss: Callable[..., Any],
    k: int = 5,
    stratified: bool = False,
    metrics: dict[str, Callable[[Array, Array], Any]] | None = None,
    scaler: Callable[[], Any] | None = None,
    rng: Rng = None,
    **options: Any,
) -> Scores:
    r"""Train on all folds but one, test on that one, and so on for each.

    .. math:: \bar\ell = \frac1k \sum_{j=1}^k \ell\big(f_{\setminus j}, \text{fold}_j\big)

    Parameters
    ----------
    make : callable
        Returns a new model with a new optimizer of it, ``(model, optimizer)``; a schedule may be
        third. It is called for each fold, inside ``tg.seed``.
    x, y : array_like, shapes (samples, ...)
        All data.
    loss : callable
        As for ``fit``.
    k : int, at least 2
        How many folds.
    stratified : bool
        Keep the share of each class of ``y`` in every fold.
    metrics : dict of callable, optional
        As for ``fit``.
    scaler : callable, optional
        Makes a scaler, ``tg.data.StandardScaler`` for example, which learns from the training part
        of each fold alone.
    rng : Generator or int, optional
        For the folds, the models and their training.
    **options
        Further settings of ``fit``: ``epochs``, ``batch_size``.

    Returns
    -------
    Scores
        ``fold``, ``train_loss``, ``test_loss`` and each metric likewise.

    Notes
    -----
    The folds share training samples, so their deviation says less than it seems to of how another
    sample would do. Source: Stone 1974, section 2; Bengio and Grandvalet 2004, section 3.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> def make():
    ...     model = nn.Linear(1, 1)
    ...     return model, nn.optim.SGD(model, lr=0.3)
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> scores = cross_validate(make, x, 2 * x + 1, loss=nn.MSELoss(), k=4, epochs=30, rng=0)
    >>> len(scores), scores.mean("test_loss") < 0.01
    (4, True)
    """
    x, y = np.asarray(x), np.asarray(y)
    draw = generator(rng)
    rows = []
    for number, fold in enumerate(k_fold(len(x), k, stratify=y if stratified else None, rng=draw)):
        train, test = (x[fold.train], y[fold.train]), (x[fold.test], y[fold.test])
        found = _scored(make, train, test, loss, metrics, scaler, draw, options)
        rows.append({"fold": number + 1, **found})
    return Scores(rows)


def learning_curve(
    make: Callable[[], Sequence[Any]],
    x: Any,
    y: Any,
    sizes: Sequence[int | float],
    *,
    loss: Callable[..., Any],
    test: tuple[Any, Any] | None = None,
    test_size: float = 0.25,
    stratified: bool = False,
    metrics: dict[str, Callable[[Array, Array], Any]] | None = None,
    scaler: Callable[[], Any] | None = None,
    rng: Rng = None,
    **options: Any,
) -> Scores:
    r"""Train on more and more samples, and see what each does on the same test part.

    .. math:: n \mapsto \bigl(\ell(f_n, x_{1 \ldots n}), \; \ell(f_n, \text{test})\bigr)

    Parameters
    ----------
    make, x, y, loss, metrics, scaler, rng, **options
        As for ``cross_validate``.
    sizes : sequence of int, or of float in (0, 1]
        How many training samples, or which share of them; each part contains the smaller ones.
    test : tuple of array_like, optional
        What to test on. By default ``test_size`` of the data are kept for it.
    test_size, stratified
        As for ``tg.data.train_test_split``.

    Returns
    -------
    Scores
        ``n``, ``train_loss``, ``test_loss`` and each metric likewise.

    Notes
    -----
    A gap between the two that closes asks for more data; two that meet high up ask for another
    model. Source: Cortes et al. 1994, section 2.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> def make():
    ...     model = nn.Linear(1, 1)
    ...     return model, nn.optim.SGD(model, lr=0.3)
    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> curve = learning_curve(make, x, 2 * x + 1, [5, 30], loss=nn.MSELoss(), epochs=9, rng=0)
    >>> curve["n"].tolist(), bool(curve["test_loss"][1] < curve["test_loss"][0])
    ([5, 30], True)
    """
    x, y = np.asarray(x), np.asarray(y)
    draw = generator(rng)
    if test is None:
        x, x_test, y, y_test = train_test_split(
            x, y, test_size=test_size, stratify=y if stratified else None, rng=draw
        )
        test = (x_test, y_test)
    order = draw.permutation(len(x))
    rows = []
    for size in sizes:
        count = round(size * len(x)) if isinstance(size, float) else int(size)
        if not 1 <= count <= len(x):
            needed = f"between 1 and the {len(x)} training samples"
            raise catalogue.bad_range("size", size, needed, str(len(x)))
        part = (x[order[:count]], y[order[:count]])
        tested = (np.asarray(test[0]), np.asarray(test[1]))
        rows.append(
            {"n": count, **_scored(make, part, tested, loss, metrics, scaler, draw, options)}
        )
    return Scores(rows)


def _scored(
    make: Callable[[], Sequence[Any]],
    train: tuple[Array, Array],
    test: tuple[Array, Array],
    loss: Callable[..., Any],
    metrics: Any,
    scaler: Callable[[], Any] | None,
    rng: np.random.Generator,
    options: dict[str, Any],
) -> dict[str, float]:
    """Train a new model on one part, and judge it on both."""
    if scaler is not None:
        learned = scaler()
        train = (learned.fit_transform(train[0]), train[1])
        test = (learned.transform(test[0]), test[1])
    number = int(rng.integers(2**63))
    with seed(number):
        model, optimizer, *schedule = make()
    given = {"progress": False, **options}
    if schedule:
        given["schedule"] = schedule[0]
    fit(model, train, loss, optimizer, rng=number, **given)
    found: dict[str, float] = {}
    for name, part in (("train", train), ("test", test)):
        values = evaluate(model, part, loss, metrics=metrics)
        found |= {f"{name}_{column}": value for column, value in values.items()}
    return found
