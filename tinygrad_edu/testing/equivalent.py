"""Changes of a rule that do not change what it computes, each with its proof.

A mutant that no test can notice is either a gap in the tests or the same function written another
way. Those proved to be the latter stand here; a test shows that each still exists and survives.
Patterns are those of ``fnmatch``, of the mistake's name and of the changed text or input.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

from .mutants import Mutant

__all__ = ["EQUIVALENT", "Equivalent", "proof_of"]


class Equivalent(NamedTuple):
    """A change that changes nothing: of which operation, which change, and why."""

    op: str
    name: str
    change: str
    because: str

    def matches(self, mutant: Mutant) -> bool:
        """Whether a mutant is one of this entry."""
        place = mutant.change or mutant.where
        pairs = (mutant.op.name, self.op), (mutant.name, self.name), (place, self.change)
        return all(fnmatchcase(text, pattern) for text, pattern in pairs)


_SLOW_ROAD = "the slow road finds that every element is its own last writer, so it gives ones too"
_ONE_EXPONENT = "the general road gives the same power; the road for one exponent is only faster"
_WHOLE_REDUCED = "with all axes reduced, a reshape to ones and a repeat do what a plain repeat does"
_EITHER_REPEAT = "both repeat the same numbers; the plain one spares a call"
_SAME_FORMULA = "both roads compute the same formula; which one is a matter of speed"
_ANY_UNIT = "whatever stands there drops out of the quotient; it keeps the numbers in reach"
_ONE_IF_THE_OTHER = "the sweep works on Tensors or on arrays: the value is one where the input is"
_NONE_ENDLESS = "where no element is infinite, nothing is chosen"
_LEADING_ONES = (
    "the sweep sums over leading axes that the input lacks; of length one, it drops them"
)
_NO_LEADING = "to repeat a tuple zero times or less gives the empty one, so no axis is added"
_NEVER_READ = "it fills places that no value is written to, and these are never read"
_LENGTH = "the length of a vector does not depend on the order of its legs"
_ZERO_LEG = (
    "it stands in for a length of 0, where the leg is 0 too: whatever it is, 0 is the answer"
)
_SHIFTED = "what is added to all scores of a row cancels in the softmax"
_ALL_CLOSED = "only where all powers of a row are 0, and then any share of them is 0"
_SAME_SHAPE = "of two axes the reshape is to the shape that it has"
_ONE_AXIS = "it has one axis, so it is its own transpose"
_TOO_FAR = "it spares squares that overflow, so far out that no difference of values shows a slope"
_BEYOND = "where the other conditions hold, the value is beyond a number just where this bound is"
_LARGER = "the larger of two is above the second just where the first is; NaN has its own condition"
_FROM_NOTHING = "it is taken from minus infinity, which stays that"
_IN_PLACE = "both roads take the same numbers off, the one for arrays in place"
_EITHER_ORDER = "a dot product is the same in either order"
_TIMES_ZERO = "it is multiplied by 0.0"
_NOTHING_TURNS = "it stands in for a gap of 0, where only equal values stand and nothing turns"
_NOTHING_LEAVES = "vectors that span all have no part outside of their span: zeros are added"

_NONE_CHOSEN = "only where no element is chosen is 1 added, and zeros are divided by it"
_SYMMETRIC = "a sum has the same value in either order"

EQUIVALENT = (
    Equivalent("m??", "sign flipped", "total + (total == 0.0)*", _NONE_CHOSEN),
    Equivalent("logaddexp*", "arguments swapped", "logaddexp*(0.0, _lead(*", _SYMMETRIC),
    Equivalent("eigh", "constant changed", "1.0 -> *   in where(gaps == 0.0, *", _NOTHING_TURNS),
    Equivalent("svd", "constant changed", "1.0 -> *   in where(gaps == 0.0, *", _NOTHING_TURNS),
    Equivalent("svd", "branch always taken", "if [mn] > [mn]: *", _NOTHING_LEAVES),
    Equivalent("svd", "comparison changed", "[mn] > [mn] -> [mn] >= [mn] *", _NOTHING_LEAVES),
    Equivalent(
        "power_norm",
        "constant changed",
        "1.0 -> *   in where(side == 0.0, *",
        "it stands in for the size of a part of 0, and is multiplied by the side, which is 0",
    ),
    Equivalent(
        "cofactors",
        "branch never taken",
        "if well_conditioned(*",
        "the expansion by minors is right for every matrix; the inverse is faster",
    ),
    Equivalent(
        "cofactors", "out for x", "x -> out   in *expansion(*", "both have the same rows and type"
    ),
    Equivalent(
        "cofactors", "operator changed", "g [*] signs -> g / signs *", "the signs are 1 and -1"
    ),
    Equivalent("sum", "branch never taken", "g if axis is None *", _WHOLE_REDUCED),
    Equivalent("mean", "branch never taken", "g if axis is None *", _WHOLE_REDUCED),
    Equivalent("sum", "branch never taken", "_broadcast(g, shape) if *", _EITHER_REPEAT),
    Equivalent("mean", "branch never taken", "_broadcast(g, shape) if *", _EITHER_REPEAT),
    Equivalent("sum", "shape for g", "g -> shape   in isinstance(g, np.ndarray)", _EITHER_REPEAT),
    Equivalent("mean", "shape for g", "g -> shape   in isinstance(g, np.ndarray)", _EITHER_REPEAT),
    Equivalent(
        "mean",
        "constant changed",
        "1 -> 2   in count(shape, axis) or 1",
        "the count is replaced only where it is 0, and then there is no element to give a share",
    ),
    Equivalent(
        "std",
        "constant changed",
        "1.0 -> *   in where(flat, 1.0, *",
        "it stands in for a spread of 0, and divides parts that are 0",
    ),
    Equivalent("std", "setting dropped", "np.max(* -> *centred)), keepdims=True) *", _ANY_UNIT),
    Equivalent("std", "call removed", "np.abs(* in np.max(*", _ANY_UNIT),
    Equivalent("std", "factor dropped", "centred / np.where(* -> centred *", _ANY_UNIT),
    Equivalent("std", "operator changed", "centred / np.where(* -> centred [*] *", _ANY_UNIT),
    Equivalent("std", "call removed", "np.where(flat, * -> np.ones_like(most) *", _ANY_UNIT),
    Equivalent(
        "std",
        "call removed",
        "float(*) -> * in share = *",
        "a number of NumPy's is the same number, and the sweep gives a cotangent its input's type",
    ),
    Equivalent("tanh", "branch * taken", "tanh_slope(g, out) if *", _SAME_FORMULA),
    Equivalent("tanh", "call removed", "isinstance(g, Tensor) -> Tensor *", _SAME_FORMULA),
    Equivalent("tanh", "*", "g -> *   in isinstance(g, Tensor)", _SAME_FORMULA),
    Equivalent(
        "logsumexp",
        "out for x",
        "x -> out   in isinstance(x, Tensor)",
        _ONE_IF_THE_OTHER,
    ),
    Equivalent(
        "logsumexp", "setting dropped", "np.errstate(*", "it silences, and changes no number"
    ),
    Equivalent("logsumexp", "branch always taken", "* if endless.any() else *", _NONE_ENDLESS),
    Equivalent("logsumexp", "constant changed", "0.0 -> * in where(endless, 0.0, *", _ANY_UNIT),
    Equivalent(
        "logsumexp",
        "constant changed",
        "1.0 -> *   in where(total == 0.0, *",
        "it divides powers that are all 0",
    ),
    Equivalent(
        "astype",
        "call removed",
        "_astype(g, x.dtype) -> g",
        "the sweep gives every cotangent the type of its input",
    ),
    Equivalent("relu", "x for out", "out -> x   in out > 0", "max(x, 0) is above 0 where x is"),
    Equivalent("gelu*", "call removed", "hardtanh(x, -_FAR, _FAR) -> x *", _TOO_FAR),
    Equivalent("softmax", "arguments swapped", "dots(*", _EITHER_ORDER),
    Equivalent("attention", "arguments swapped", "dots(*", _EITHER_ORDER),
    Equivalent("attention", "term dropped", "* -> scores   in powers = exp(*", _SHIFTED),
    Equivalent("attention", "sign flipped", "scores - _largest(*", _SHIFTED),
    Equivalent("attention", "constant changed", "0.0 -> 1.0   in where(mask*", _SHIFTED),
    Equivalent("attention", "sign flipped", "total + (total._data == 0) *", _ALL_CLOSED),
    Equivalent("layer_norm", "arguments swapped", "*dots(*", _EITHER_ORDER),
    Equivalent("batch_norm", "arguments swapped", "channel_dots(*", _EITHER_ORDER),
    Equivalent("softmax_cross_entropy", "branch never taken", "if isinstance(found*", _IN_PLACE),
    Equivalent("softmax_cross_entropy", "g for found", "*isinstance(found*", _IN_PLACE),
    Equivalent("linear", "branch always taken", "if x.ndim != 2:*", _SAME_SHAPE),
    Equivalent("silu", "call removed", "hardtanh(x, -_SHUT, _SHUT) -> x *", _TOO_FAR),
    Equivalent("linear", "transposed", "input bias", _ONE_AXIS),
    Equivalent("rnn_tanh", "transposed", "input bias_?h", _ONE_AXIS),
    Equivalent("lstm", "transposed", "input bias_?h", _ONE_AXIS),
    Equivalent("gru", "transposed", "input bias_?h", _ONE_AXIS),
    Equivalent("convolution", "transposed", "input bias", _ONE_AXIS),
    Equivalent("hardtanh", "out for x", "*", "the value is between the bounds just where x is"),
    Equivalent("gelu*", "call removed", "hardtanh(x, -_FAR, _FAR) -> x *", _TOO_FAR),
    Equivalent("softmax", "arguments swapped", "dots(*", _EITHER_ORDER),
    Equivalent("layer_norm", "arguments swapped", "*dots(*", _EITHER_ORDER),
    Equivalent("batch_norm", "arguments swapped", "channel_dots(*", _EITHER_ORDER),
    Equivalent("softmax_cross_entropy", "branch never taken", "if isinstance(found*", _IN_PLACE),
    Equivalent("softmax_cross_entropy", "g for found", "*isinstance(found*", _IN_PLACE),
    Equivalent("linear", "transposed", "input bias", _ONE_AXIS),
    Equivalent("layer_norm", "transposed", "input weight", _ONE_AXIS),
    Equivalent("layer_norm", "transposed", "input bias", _ONE_AXIS),
    Equivalent("batch_norm", "transposed", "input weight", _ONE_AXIS),
    Equivalent("batch_norm", "transposed", "input bias", _ONE_AXIS),
    Equivalent(
        "put",
        "* copies",
        "input x",
        "the result has the shape of x, so its cotangent has it too and nothing is summed",
    ),
    Equivalent("put", "term dropped", "values.ndim - g.ndim -> values.ndim *", _LEADING_ONES),
    Equivalent("put", "sign flipped", "values.ndim - g.ndim -> *", _LEADING_ONES),
    Equivalent("put", "branch always taken", "g.reshape(*) if extra > 0 *", _NO_LEADING),
    Equivalent("put", "comparison changed", "extra > 0 -> extra >= 0 *", _NO_LEADING),
    Equivalent("put", "branch never taken", "if _basic(key): *", _SLOW_ROAD),
    Equivalent("put", "branch never taken", "key if isinstance(key, tuple) *", _SLOW_ROAD),
    Equivalent("put", "and for or", "part is None or *", _SLOW_ROAD),
    Equivalent("put", "condition dropped", "part is None or *", _SLOW_ROAD),
    Equivalent("put", "sign dropped", "-1 -> 1   in np.full(*", _NEVER_READ),
    Equivalent("put", "constant changed", "1 -> 2   in -1", _NEVER_READ),
    Equivalent(
        "matmul",
        "sign dropped",
        "-1 -> 1   in expand_dims(x, -1)",
        "here x is a vector, whose second axis from the left is the first from the right",
    ),
    Equivalent(
        "bessel_i",
        "operands swapped",
        "order - 1 -> 1 - order *",
        "functions of opposite whole orders are the same (DLMF 10.27.1)",
    ),
    Equivalent("clip", "out for high", "high -> out   in x <= high", _BEYOND),
    Equivalent("clip", "out for low", "low -> out   in x < low", _BEYOND),
    Equivalent("clip", "out for high", "* -> out   in low <= high", _BEYOND),
    Equivalent("clip", "out for high", "* -> out   in x > high", _BEYOND),
    Equivalent("clip", "out for high", "* -> out   in low > high", _BEYOND),
    Equivalent("fmax", "out for x1", "x1 -> out   in x1 > x2", _LARGER),
    Equivalent("fmax", "out for x2", "x2 -> out   in x2 > x1", _LARGER),
    Equivalent("fmin", "out for x1", "x1 -> out   in x1 < x2", _LARGER),
    Equivalent("fmin", "out for x2", "x2 -> out   in x2 < x1", _LARGER),
    Equivalent("hypot", "constant changed", "1.0 -> *   in where(r == 0, 1.0, r)", _ZERO_LEG),
    Equivalent("atan2", "constant changed", "1.0 -> *   in where(r == 0, 1.0, r)", _ZERO_LEG),
    Equivalent("atan2", "arguments swapped", "hypot(x1, x2) -> *", _LENGTH),
    Equivalent("asinh", "arguments swapped", "hypot(x, 1.0) -> *", _LENGTH),
    Equivalent("power", "branch never taken", "if y.ndim == 0 and *", _ONE_EXPONENT),
    Equivalent("power", "[ox]* for y", "y -> *   in getattr(y, 'requires_grad'*", _ONE_EXPONENT),
    Equivalent("power", "setting changed", "False -> True *", _ONE_EXPONENT),
    Equivalent("power", "branch never taken", "if exponent == 2: *", _ONE_EXPONENT),
    Equivalent(
        "power", "call removed", "float(*) -> *", "a number and an array of one number, same power"
    ),
    Equivalent("power", "ones for g", "g -> *   in g [*] 0.0", _TIMES_ZERO),
    Equivalent("power", "g used twice", "g -> *   in g [*] 0.0", _TIMES_ZERO),
    Equivalent(
        "power",
        "constant changed",
        "1.0 -> *   in where(flat, 1.0, x)",
        "it stands in for a base of 0 where the exponent is 0, and is multiplied by that exponent",
    ),
)


def proof_of(mutant: Mutant) -> str | None:
    """Return why a mutant is no mistake, or ``None`` if it is one.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> from tinygrad_edu.testing.mutants import mutants
    >>> [proof_of(m) for m in mutants(registry["relu"]) if m.name == "x for out"]
    ['max(x, 0) is above 0 where x is']
    """
    for entry in EQUIVALENT:
        if entry.matches(mutant):
            return entry.because
    return None
