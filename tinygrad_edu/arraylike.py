"""What makes a Tensor behave like a number or an array in plain Python (floor 0).

Conversions, truth, length, printing, copying and NumPy's protocols: none of it differentiates.
The operators and the fluent few methods are declared here for readers and type checkers; each is
installed by the operation that it stands for (``method=`` in ``ops/``).
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from . import catalogue
from .mode import current, escapes
from .namespace import check_device, check_version
from .source import Origin, Site
from .types import Array, Axis, Operand, Shape, reach

if TYPE_CHECKING:
    from typing import Self


class ArrayLike:
    """The plain-Python side of ``Tensor``; expects ``_data``, ``_tracked`` and the other slots."""

    __slots__ = ()

    _data: Array
    _tracked: bool
    _origin: Origin | None
    name: str | None
    op: Any
    index: int

    shape: Shape = property(attrgetter("_data.shape"))  # type: ignore[assignment]
    dtype: np.dtype[Any] = property(attrgetter("_data.dtype"))  # type: ignore[assignment]
    ndim: int = property(attrgetter("_data.ndim"))  # type: ignore[assignment]
    size: int = property(attrgetter("_data.size"))  # type: ignore[assignment]

    @property
    def site(self) -> Site | None:
        """The user's place that made this row, if a tape was watching."""
        return None if self._origin is None else self._origin.site

    @property
    def module(self) -> str:
        """The path of the module that made this row, if a tape was watching."""
        return "" if self._origin is None else self._origin.module

    def _leave(self, how: str) -> Array:
        """Tell the tapes that a value leaves the graph as plain numbers."""
        escapes.count += self._tracked
        for tape in current().tapes:
            tape.note_conversion(self, how)
        return self._data

    def draw(self, **options: Any) -> Any:
        """Draw the computation that leads here; see ``tg.draw`` for the options."""
        return reach["draw"](self, **options)

    def numpy(self) -> Array:
        """Return a copy of the numbers, outside the graph."""
        return self._leave("numpy()").copy()

    def item(self) -> Any:
        """Return the only number as a Python number."""
        return self._number("item()")

    def _number(self, how: str) -> Any:
        if self._data.size != 1:
            raise catalogue.not_one_number(how, self._data.shape, self._data.size)
        return self._leave(how).item()

    def __float__(self) -> float:
        return float(self._number("float()"))

    def __int__(self) -> int:
        return int(self._number("int()"))

    def __complex__(self) -> complex:
        return complex(self._number("complex()"))

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu":
            raise catalogue.index_not_whole(self._data.dtype)
        return int(self._number("an index"))

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise catalogue.truth_of_many(self._data.shape, self._data.size)
        return bool(self._data.item())

    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise catalogue.no_length()
        return len(self._data)

    def __iter__(self) -> Iterator[Self]:
        return iter([self[k] for k in range(len(self))])

    __hash__ = object.__hash__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self._tracked and current().enabled:
            raise catalogue.lost_in_an_array(self)
        array = self._data
        if copy is False and dtype is not None and np.dtype(dtype) != array.dtype:
            raise ValueError(f"converting {array.dtype} to {np.dtype(dtype)} needs a copy")
        if copy or (dtype is not None and np.dtype(dtype) != array.dtype):
            return array.astype(dtype or array.dtype)
        view = array.view()
        view.flags.writeable = False
        return view

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return the package, whose functions are those of the Array API."""
        check_version(api_version)
        return reach["namespace"]()

    @property
    def device(self) -> str:
        """Where the numbers are: ``"cpu"``, in main memory."""
        return "cpu"

    def to_device(self, device: Any, /, *, stream: Any = None) -> Self:
        """Return the tensor itself: there is one device."""
        check_device(device)
        return self

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any:
        """Lend the numbers to another library; those of a result as a copy, unless it insists."""
        if self._tracked and current().enabled:
            raise catalogue.lost_in_an_array(self)
        owned = self.index >= 0 and self.op is None
        lent = self._data.copy() if copy or (copy is None and not owned) else self._data
        given = {"stream": stream, "max_version": max_version, "dl_device": dl_device}
        return lent.__dlpack__(**{key: x for key, x in given.items() if x is not None})

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0  # kDLCPU

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return reach["ufunc"](ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return reach["function"](func, args, kwargs)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise catalogue.item_assignment(self, value)

    def _update(self, symbol: str) -> Any:
        """Refuse to lose a leaf to ``w -= step``; a result is rebound as Python does."""
        if self._tracked and self.op is None:
            raise catalogue.leaf_in_place(self, symbol)
        return NotImplemented

    def __iadd__(self, other: Any) -> Self:
        return self._update("+=")  # type: ignore[no-any-return]

    def __isub__(self, other: Any) -> Self:
        return self._update("-=")  # type: ignore[no-any-return]

    def __imul__(self, other: Any) -> Self:
        return self._update("*=")  # type: ignore[no-any-return]

    def __itruediv__(self, other: Any) -> Self:
        return self._update("/=")  # type: ignore[no-any-return]

    def __reduce__(self) -> tuple[Any, ...]:
        if self.op is not None:
            raise catalogue.copy_of_result(self)
        return _rebuilt, (type(self), self._data.copy(), self._tracked, self.name)

    def __format__(self, spec: str) -> str:
        return format(self._data.item(), spec) if spec and self._data.size == 1 else str(self)

    def __repr__(self) -> str:
        kind = type(self).__name__
        body = np.array2string(self._data, separator=", ", prefix=kind + "(", threshold=200)
        name = f", name={self.name!r}" if self.name else ""
        tracked = ", requires_grad=True" if self._tracked and kind == "Tensor" else ""
        return f"{kind}({body}, dtype={self._data.dtype}{name}{tracked})"

    def __str__(self) -> str:
        return str(self._data)

    if TYPE_CHECKING:

        @property
        def T(self) -> Self: ...
        @property
        def mT(self) -> Self: ...
        @property
        def at(self) -> Any: ...
        def __getitem__(self, key: Any) -> Self: ...
        def __add__(self, other: Operand) -> Self: ...
        def __radd__(self, other: Operand) -> Self: ...
        def __sub__(self, other: Operand) -> Self: ...
        def __rsub__(self, other: Operand) -> Self: ...
        def __mul__(self, other: Operand) -> Self: ...
        def __rmul__(self, other: Operand) -> Self: ...
        def __truediv__(self, other: Operand) -> Self: ...
        def __rtruediv__(self, other: Operand) -> Self: ...
        def __floordiv__(self, other: Operand) -> Self: ...
        def __rfloordiv__(self, other: Operand) -> Self: ...
        def __mod__(self, other: Operand) -> Self: ...
        def __rmod__(self, other: Operand) -> Self: ...
        def __pow__(self, other: Operand) -> Self: ...
        def __rpow__(self, other: Operand) -> Self: ...
        def __matmul__(self, other: Operand) -> Self: ...
        def __rmatmul__(self, other: Operand) -> Self: ...
        def __and__(self, other: Operand) -> Self: ...
        def __rand__(self, other: Operand) -> Self: ...
        def __or__(self, other: Operand) -> Self: ...
        def __ror__(self, other: Operand) -> Self: ...
        def __xor__(self, other: Operand) -> Self: ...
        def __rxor__(self, other: Operand) -> Self: ...
        def __lshift__(self, other: Operand) -> Self: ...
        def __rlshift__(self, other: Operand) -> Self: ...
        def __rshift__(self, other: Operand) -> Self: ...
        def __rrshift__(self, other: Operand) -> Self: ...
        def __invert__(self) -> Self: ...
        def __neg__(self) -> Self: ...
        def __pos__(self) -> Self: ...
        def __abs__(self) -> Self: ...
        def __lt__(self, other: Operand) -> Self: ...
        def __le__(self, other: Operand) -> Self: ...
        def __gt__(self, other: Operand) -> Self: ...
        def __ge__(self, other: Operand) -> Self: ...
        def sum(self, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Self: ...
        def mean(self, *, axis: Axis = None, keepdims: bool = False) -> Self: ...
        def max(self, *, axis: Axis = None, keepdims: bool = False) -> Self: ...
        def min(self, *, axis: Axis = None, keepdims: bool = False) -> Self: ...
        def var(
            self, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
        ) -> Self: ...
        def std(
            self, *, axis: Axis = None, correction: float = 0, keepdims: bool = False
        ) -> Self: ...
        def all(self, *, axis: Axis = None, keepdims: bool = False) -> Self: ...
        def any(self, *, axis: Axis = None, keepdims: bool = False) -> Self: ...
        def reshape(self, *shape: Any, copy: bool | None = None) -> Self: ...
        def astype(self, dtype: Any, *, copy: bool = True, device: Any = None) -> Self: ...


def _rebuilt(kind: Any, array: Array, tracked: bool, name: str | None) -> Any:
    return kind(array, requires_grad=tracked, name=name)
