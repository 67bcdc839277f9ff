"""Linear algebra on stacks of matrices: the last two axes are the rows and the columns.

Each family names its public operations in its ``__all__``; those that the Array API has in both
places stand in ``array_api``.
"""

from . import array_api, determinant, inverse, norm as _norm, rank, spectral, triangular
from .array_api import cross, diagonal, matmul, matrix_transpose, outer, tensordot, trace, vecdot
from .determinant import SlogdetResult, det, slogdet
from .inverse import inv, matrix_power, multi_dot, solve
from .norm import cond, matrix_norm, norm, vector_norm
from .rank import LstsqResult, lstsq, matrix_rank, pinv
from .spectral import EighResult, SVDResult, eigh, eigvalsh, svd, svdvals
from .triangular import QRResult, cholesky, qr

families = (array_api, determinant, inverse, _norm, rank, spectral, triangular)
__all__ = [name for family in families for name in family.__all__]
__all__ += ["EighResult", "LstsqResult", "QRResult", "SVDResult", "SlogdetResult"]
