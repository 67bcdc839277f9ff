"""``Tensor``: an array that is its own row on the record.

A Tensor made by an operation knows the operation, its inputs and its number: the whole graph,
which lives as long as someone holds its result. The engine reads the private slots; the
properties never hand out memory that backward relies on.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import catalogue
from ..arraylike import ArrayLike
from ..arrays import assign, differentiable, numbers
from ..mode import current
from ..source import here, severed
from ..types import Array, Operand, reach

if TYPE_CHECKING:
    from ..registry import Operation

# Numbers the rows in order of creation: execution order is a topological order.
next_index = count(1).__next__


class Tensor(ArrayLike):
    """An array that remembers how it was made.

    Parameters
    ----------
    data : array_like
        Numbers of any shape. They are copied; ``tg.asarray`` shares.
    dtype : dtype, optional
        Converted to this type.
    requires_grad : bool
        Record what is computed from it. Only floating types can.
    name : str, optional
        How messages and pictures call it.

    Examples
    --------
    >>> w = Tensor([1.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> w.grad
    array([ 2., -4.])
    """

    __slots__ = (
        "__weakref__", "_data", "_grad", "_origin", "_saved", "_tracked",
        "attributes", "index", "inputs", "name", "op",
    )  # fmt: skip

    _grad: Array | None
    _saved: Any
    op: Operation | None
    inputs: tuple[Tensor, ...]
    attributes: dict[str, Any] | None
    index: int

    def __init__(
        self,
        data: Operand,
        *,
        dtype: Any = None,
        requires_grad: bool = False,
        name: str | None = None,
    ) -> None:
        array = data._data if isinstance(data, Tensor) else data
        self._fill(np.array(numbers(array, dtype)), requires_grad, name)

    def _fill(self, array: Array, requires_grad: bool, name: str | None = None) -> Tensor:
        if requires_grad:
            differentiable(array)
        self._data, self._tracked, self.name = array, bool(requires_grad), name
        self.inputs, self.index = (), 0
        self.op = self.attributes = self._saved = self._grad = self._origin = None
        return self

    @property
    def data(self) -> Array:
        """The numbers: of a leaf the writable array, of a result a read-only view."""
        if self.index >= 0 and self.op is None:
            return self._data
        view = self._data.view()
        view.flags.writeable = False
        return view

    @data.setter
    def data(self, value: Operand) -> None:
        if self.index < 0 or self.op is not None:
            raise catalogue.new_data_on_result(self)
        if value is not self._data:
            assign(self._data, value)
        self.index = next_index()  # the stamp: rows made before this saw other numbers

    @property
    def grad(self) -> Array | None:
        """What ``backward`` added up: an array like ``data``, or ``None`` before the first."""
        if self.op is not None:
            raise catalogue.gradient_of_result(self)
        return self._grad

    @grad.setter
    def grad(self, value: Operand) -> None:
        if value is not None and value is not self.grad:
            held = np.empty_like(self._data)
            assign(held, value)
            value = held
        self._grad = value

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow through it; can be set on leaves."""
        return self._tracked

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if self.index < 0 or self.op is not None:
            raise catalogue.tracking_of_result(self)
        if wanted:
            differentiable(self._data)
        self._tracked = bool(wanted)

    is_leaf: bool = property(lambda self: self.op is None)  # type: ignore[assignment]

    def detach(self) -> Tensor:
        """Return a constant with the same numbers, at which gradients stop."""
        stays = self.op is not None or self.index < 0
        result = constant(self._data if stays else self._data.copy())
        result._origin = severed(result, (self,), "detach", here(), current().path)
        return result

    def backward(self, gradient: Operand = None) -> None:
        """Add the gradient of this value into ``.grad`` of every leaf that it depends on.

        Parameters
        ----------
        gradient : array_like, shape of this tensor, optional
            A weight for each element; needed unless there is just one element.
        """
        reach["backward"](self, gradient)


class Parameter(Tensor):
    """A Tensor that is trained: it requires a gradient; modules and optimizers look for it.

    >>> Parameter([1.0, 2.0]).requires_grad
    True
    """

    __slots__ = ()

    def __init__(
        self,
        data: Operand,
        *,
        dtype: Any = None,
        requires_grad: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)


def asarray(data: Operand, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a Tensor that shares memory with ``data`` where it can; a Tensor as it is.

    >>> asarray([1, 2])
    Tensor([1, 2], dtype=int64)
    """
    if isinstance(data, Tensor):
        if dtype is None or data.dtype == dtype:
            return data
        data = data._data
    return Tensor.__new__(Tensor)._fill(numbers(data, dtype), requires_grad)


def constant(array: Array) -> Tensor:
    """Wrap an array as a constant input of a row, without a copy."""
    result = Tensor.__new__(Tensor)._fill(array, False)
    result.index = -1  # neither a row, nor a leaf that can be given new data
    return result
