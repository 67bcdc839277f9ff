"""Operations: one file a family, one paragraph an operation, every rule beside its forward.

Each family names its public operations in its ``__all__``, and nobody else does.
"""

from typing import TYPE_CHECKING

from . import interop as interop, linalg as linalg
from .arithmetic import *
from .attention import *
from .batch_normalization import *
from .bessel import *
from .bitwise import *
from .comparison import *
from .contraction import *
from .creation import *
from .deviation import *
from .diagonals import *
from .entropy import *
from .error_function import *
from .exponential import *
from .exponential_units import *
from .extremum import *
from .floating import *
from .fused import *
from .gamma import *
from .gated import *
from .hyperbolic import *
from .indexing import *
from .joining import *
from .limits import *
from .logic import *
from .noise import *
from .normalization import *
from .padding import *
from .parts import *
from .polar import *
from .powers import *
from .probability import *
from .products import *
from .ranges import *
from .rearranging import *
from .rectified import *
from .recurrent import *
from .recurrent_gates import *
from .reduction import *
from .rounding import *
from .scan import *
from .searching import *
from .sets import *
from .shape import *
from .smooth import *
from .sorting import *
from .taking import *
from .tensor_products import *
from .trigonometric import *
from .vector_products import *
from .windows import *

if not TYPE_CHECKING:  # for type checkers, all that a star brings in is public
    rooms = [room for name, room in sorted(globals().items()) if hasattr(room, "__all__")]
    families = [room for room in rooms if globals().keys() >= set(room.__all__)]  # starred above
    __all__ = [name for family in families for name in family.__all__]
