"""Bars and stripes: all images of a rule, few enough to count.  Floor 0."""

from __future__ import annotations

import numpy as np

from ..errors import ArgumentError
from ..seeding import generator
from ..types import Rng
from .datasets import Dataset
from .rows import positive
from .synthetic import made

__all__ = ["bars_and_stripes"]


def bars_and_stripes(size: int = 4, *, samples: int | None = None, rng: Rng = None) -> Dataset:
    r"""Square images whose columns are all equal (bars), or whose rows are (stripes).

    .. math:: 2 \cdot 2^n - 2 \text{ different images: the black and the white one are both}

    Parameters
    ----------
    size : int, 2 to 12
        Pixels :math:`n` along a side.
    samples : int, optional
        Rows, drawn from the different images with replacement; by default each image once.
    rng : Generator or int, optional
        Where chance comes from.

    Examples
    --------
    >>> x, y = bars_and_stripes(2, rng=0)
    >>> sorted((image.ravel().astype(int).tolist(), int(label)) for image, label in zip(x, y))
    [([0, 0, 0, 0], 0), ([0, 0, 1, 1], 1), ([0, 1, 0, 1], 0), ([1, 0, 1, 0], 0),
     ([1, 1, 0, 0], 1), ([1, 1, 1, 1], 0)]

    References
    ----------
    D. MacKay, *Information Theory, Inference and Learning Algorithms*, 2003, section 43.1.
    """
    if positive("size", size, least=2) > 12:
        raise ArgumentError(f"size={size!r} gives {2 ** (size + 1) - 2} images", fix="size=12")
    random = generator(rng)
    bits = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    bars = np.repeat(bits[:, None, :], size, axis=1)
    stripes = bars.transpose(0, 2, 1)[1:-1]  # all black and all white are bars already
    images = np.concatenate([bars, stripes])
    classes = np.repeat([0, 1], [len(bars), len(stripes)])
    if samples is not None:
        chosen = random.integers(len(images), size=positive("samples", samples))
        images, classes = images[chosen], classes[chosen]
    return made("bars_and_stripes", images, classes, random, ("bars", "stripes"), columns=())
