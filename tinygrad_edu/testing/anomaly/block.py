"""``detect_anomaly``: the block, or decorator, in which every value is looked at."""

from __future__ import annotations

from typing import Any

from ...mode import Block, current
from .watch import Watch

__all__ = ["detect_anomaly"]


class detect_anomaly(Block):  # noqa: N801 - PyTorch's name
    """Find where numbers first go wrong, in a ``with`` block or a decorated function.

    Inside it every operation on Tensors, and every step of a backward, is looked at. The first
    value that is not finite raises ``AnomalyError`` with the operation, your line, the ranges of
    the operands, the index, the reason and an edit. An array that backward needs, and that changed
    since the operation read it, raises ``InPlaceError`` before a gradient is computed from it.

    Parameters
    ----------
    inf : bool
        Whether an infinity is an anomaly; NaN always is.

    Raises
    ------
    AnomalyError
        Also a ``FloatingPointError``.
    InPlaceError
        For a write through an array that somebody holds.

    Notes
    -----
    The first bad value is the first *born*: an infinity made of finite numbers, or a NaN made of
    numbers without a NaN. Infinities and NaN that you supply may pass: a mask of ``-inf`` before a
    softmax, missing samples that ``where`` takes out. Should they reach the target of a backward,
    as a NaN or as an infinite loss, that is an anomaly too, and the error says where they came in.

    Forward and backward both belong in the block. Of rows that were made outside, a backward
    inside knows the values but neither the line nor whether an array changed; a backward outside
    looks at nothing. Whole numbers and truth values are not looked at, nor operations on plain
    arrays, which are NumPy's.

    NumPy's own warnings about division, overflow and invalid values are off inside, so that the
    exception is what you see even where warnings are errors. Results have the same bits as without
    the mode; time is a few times more, and memory holds copies of small arrays that backward needs.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> p = tg.Tensor([0.5, 0.0], requires_grad=True)
    >>> with tg.detect_anomaly():  # doctest: +ELLIPSIS
    ...     loss = -tg.log(p).sum()
    Traceback (most recent call last):
    ...
    tinygrad_edu.errors.AnomalyError: TG-N01: `log` made the first value not finite: ...
    """

    def __init__(self, *, inf: bool = True) -> None:
        super().__init__()
        self._inf = inf

    def __enter__(self) -> Any:
        # One watch for each entry: a decorated function may run in several threads at once.
        watch = Watch(self._inf)
        Block(watch=watch).__enter__()
        watch.silence.__enter__()
        return self

    def __exit__(self, *exception: Any) -> None:
        watch: Any = current().watch
        watch.silence.__exit__(*exception)
        super().__exit__(*exception)
