"""Parts of matrices that rules pick out or fill: triangles, diagonals, minors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...types import Array
from .checks import plain


def mirrored(x: Any) -> Any:
    """The part below the diagonal, the diagonal, and above it the part below once more."""
    n = x.shape[-1]
    below = x * np.tri(n, k=-1, dtype=x.dtype)
    return x * np.eye(n, dtype=x.dtype) + below + below.mT


def on_diagonal(row: Any) -> Any:
    """The matrix with this row on its diagonal and zeros elsewhere."""
    return row * np.eye(row.shape[-1], dtype=row.dtype)


def expansion(x: Any) -> tuple[tuple[Any, ...], Array]:
    """The index that reads the minor of every element, and the sign of each in a determinant."""
    n = x.shape[-1]
    left = np.array([[j for j in range(n) if j != i] for i in range(n)], int).reshape(n, -1)
    signs = 1.0 - 2.0 * (np.indices((n, n)).sum(0) % 2)
    return (..., left[:, None, :, None], left[None, :, None, :]), signs.astype(x.dtype)


def well_conditioned(x: Any, limit: float) -> bool:
    """Whether all condition numbers are below a limit; never where one has none."""
    found = plain(x)
    if not np.isfinite(found).all():
        return False
    wide = found.astype(np.promote_types(found.dtype, np.float32))
    s = np.linalg.svd(wide, compute_uv=False)
    return bool((s[..., :1] < limit * s[..., -1:]).all())
