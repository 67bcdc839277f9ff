"""Operations: one file a family, one paragraph an operation, every rule beside its forward."""

from . import interop as interop
from .activation import log_softmax, relu, sigmoid, softmax, softmax_cross_entropy, tanh
from .arithmetic import (
    abs,
    add,
    divide,
    floor_divide,
    multiply,
    negative,
    positive,
    remainder,
    sign,
    subtract,
)
from .comparison import (
    equal,
    greater,
    greater_equal,
    isfinite,
    less,
    less_equal,
    not_equal,
    where,
)
from .exponential import exp, expm1, log, log1p, log2, log10, logaddexp
from .extremum import maximum, minimum
from .fused import linear
from .indexing import getitem, put, scatter_add
from .linalg import matmul
from .power import power, reciprocal, sqrt, square
from .reduction import broadcast_to, max, mean, min, std, sum, var
from .searching import all, any, argmax, argmin
from .shape import (
    astype,
    concat,
    expand_dims,
    matrix_transpose,
    permute_dims,
    reshape,
    squeeze,
    stack,
)

__all__ = [
    "abs", "add", "all", "any", "argmax", "argmin", "astype", "broadcast_to", "concat", "divide",
    "equal", "exp", "expand_dims", "expm1", "floor_divide", "getitem", "greater", "greater_equal",
    "isfinite", "less", "less_equal", "linear", "log", "log10", "log1p", "log2", "log_softmax",
    "logaddexp",
    "matmul", "matrix_transpose", "max", "maximum", "mean", "min", "minimum", "multiply",
    "negative", "not_equal", "permute_dims", "positive", "power", "put", "reciprocal", "relu",
    "remainder", "reshape", "scatter_add", "sigmoid", "sign", "softmax", "softmax_cross_entropy",
    "sqrt", "square", "squeeze", "stack", "std", "subtract", "sum", "tanh", "var", "where",
]  # fmt: skip
