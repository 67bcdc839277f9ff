"""Values written as Python code, so that an example can be pasted and run."""

from __future__ import annotations

from typing import Any

import numpy as np

from .example import array_code

__all__ = ["written"]


def written(value: Any) -> str:
    """Return code that makes an equal value, given ``import numpy as np``.

    Parameters
    ----------
    value : array, number, dtype, index, None, or tuple, list and dict of them
        Anything that an operation is called with.

    Returns
    -------
    str
        Every digit of an array is in it, its dtype and the shape of an empty one too.

    Examples
    --------
    >>> print(written((slice(0, 2), np.array([0.5, 1.0], np.float32))))
    (slice(0, 2, None), np.array([0.5, 1.0], np.float32))
    """
    if isinstance(value, np.ndarray):
        return array_code(value)
    if isinstance(value, tuple):
        inner = ", ".join([written(part) for part in value])
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return "[" + ", ".join([written(part) for part in value]) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join([f"{written(k)}: {written(v)}" for k, v in value.items()]) + "}"
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return f"np.{np.dtype(value).name}"
    if isinstance(value, float) and not np.isfinite(value):
        return f"float('{float(value)}')"
    return repr(value)
