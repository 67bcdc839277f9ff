"""Gain and lift of the best tenth of the samples, the next one, and so on, to print.  Floor 0."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ArgumentError
from .labels import Floats
from .scores import Label, above

__all__ = ["GainTable", "gain_table"]


class GainTable(NamedTuple):
    """Columns of `gain_table`, each of shape (bins,); printed, it is a table."""

    samples: NDArray[np.int64]
    positives: Floats
    lowest_score: Floats
    rate: Floats
    lift: Floats
    depth: Floats
    gain: Floats
    cumulative_lift: Floats
    ks: Floats

    def __str__(self) -> str:
        heads = ("bin", "samples", "positives", "score >=", "rate", "lift", "depth", "gain",
                 "cum. lift", "KS")  # fmt: skip
        widths = (4, 9, 11, 11, 8, 8, 8, 8, 11, 8)

        def line(cells: Sequence[str]) -> str:
            return "".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))

        lines = [line(heads)]
        for number, row in enumerate(zip(*self, strict=True), start=1):
            samples, found, *others = row
            cells = [f"{number:d}", f"{samples:d}", f"{found:.6g}", f"{others[0]:.4g}"]
            cells += [f"{value:.3f}" for value in others[1:]]
            lines.append(line(cells))
        return "\n".join(lines)


def gain_table(
    y_true: ArrayLike, y_score: ArrayLike, *, pos_label: Label | None = None, bins: int = 10
) -> GainTable:
    r"""Divide the samples by falling score into equal bins, and say what each one holds.

    .. math:: m_k = \lceil k n / b \rceil, \qquad g_k = \mathrm{E}[\text{positives among the }
              m_k \text{ highest}] / P, \qquad \ell_k = \frac{g_k}{m_k / n}

    The expectation :math:`\mathrm{E}` is over the order of samples with equal scores, so that a
    bin which ends among them takes its share of their positives, whatever order they came in.

    Parameters
    ----------
    y_true, y_score, pos_label
        As `gain_curve`.
    bins : int, 1..samples
        The number :math:`b` of bins; 10 gives deciles.

    Returns
    -------
    GainTable
        Per bin ``samples, positives, lowest_score, rate`` (positives / samples) and ``lift``
        (rate / rate of all); up to its end ``depth`` :math:`m_k / n`, ``gain`` :math:`g_k`,
        ``cumulative_lift`` :math:`\ell_k` and ``ks``, by how much the gain is above the share of
        the negatives.

    Raises
    ------
    ShapeError, ArgumentError
        As `roc_curve`; a number of bins that the samples do not fill.

    Examples
    --------
    >>> print(gain_table([1, 1, 0, 1, 0, 0], [0.9, 0.8, 0.7, 0.4, 0.4, 0.1], bins=3))
     bin  samples  positives   score >=    rate    lift   depth    gain  cum. lift      KS
       1        2          2        0.8   1.000   2.000   0.333   0.667      2.000   0.667
       2        2        0.5        0.4   0.250   0.500   0.667   0.833      1.250   0.333
       3        2        0.5        0.1   0.250   0.500   1.000   1.000      1.000   0.000

    References
    ----------
    I. H. Witten, E. Frank, *Data Mining*, 2nd edition 2005, section 5.7.
    """
    thresholds, positive, negative = above(y_true, y_score, pos_label)
    served = positive + negative
    total = int(served[-1])
    end = _ends(bins, total)
    found = np.interp(end, np.append(0.0, served), np.append(0.0, positive))
    samples, positives = np.diff(end, prepend=0), np.diff(found, prepend=0.0)
    base, gain, depth = positive[-1] / total, found / positive[-1], end / total
    return GainTable(
        samples=samples,
        positives=positives,
        lowest_score=thresholds[np.searchsorted(served, end)],
        rate=positives / samples,
        lift=positives / samples / base,
        depth=depth,
        gain=gain,
        cumulative_lift=gain / depth,
        ks=gain - (end - found) / negative[-1],
    )


def _ends(bins: Any, total: int) -> NDArray[np.int64]:
    count = operator.index(bins) if hasattr(bins, "__index__") else 0
    if not 1 <= count <= total or isinstance(bins, bool):
        raise ArgumentError(
            f"bins={bins!r} for {total} samples",
            why="every bin holds at least one sample",
            fix=f"bins={min(10, total)}",
        )
    return -(-np.arange(1, count + 1, dtype=np.int64) * total // count)
