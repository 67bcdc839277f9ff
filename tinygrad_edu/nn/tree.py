"""What a module holds, found by looking: its attributes, in the order in which they were set.

Lists, tuples and dicts are looked into, so ``self.layers = [Linear(2, 2), Linear(2, 1)]`` needs no
special list. Nothing is registered, so nothing can be out of step with the attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..autodiff.tensor import Parameter, Tensor
from ..types import Operand

__all__ = ["Buffer", "Tree", "walk"]


class Buffer(Tensor):
    """A Tensor that belongs to a module and is saved with it, but is not trained.

    Parameters
    ----------
    data : array_like
        Copied. Running means are the usual example.
    dtype : dtype, optional
        Converted to this type.
    name : str, optional
        How messages and pictures call it.

    Examples
    --------
    >>> Buffer([0.0, 1.0]).requires_grad
    False
    """

    __slots__ = ()

    def __init__(
        self,
        data: Operand,
        *,
        dtype: Any = None,
        requires_grad: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(data, dtype=dtype, requires_grad=requires_grad, name=name)


class Tree:
    """The listing side of ``Module``.

    Everything is listed in order of definition, depth first, under the path that leads to it, such
    as ``layers.0.weight``. What is reachable by two paths is listed once, under the first.
    """

    def named_modules(self) -> Iterator[tuple[str, Any]]:
        """Yield path and module, this one first under the path ``""``."""
        yield "", self
        yield from [(path, part) for path, part in walk(self) if isinstance(part, Tree)]

    def modules(self) -> Iterator[Any]:
        """Yield this module and all below it."""
        yield from [part for _, part in self.named_modules()]

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield path and module for those directly below; lists and dicts are looked into."""
        yield from [(path, part) for path, part in walk(self, deep=False) if isinstance(part, Tree)]

    def children(self) -> Iterator[Any]:
        """Yield the modules directly below."""
        yield from [part for _, part in self.named_children()]

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield path and parameter, frozen ones included."""
        yield from [(path, part) for path, part in walk(self) if isinstance(part, Parameter)]

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Yield path and buffer."""
        yield from [(path, part) for path, part in walk(self) if isinstance(part, Buffer)]

    def buffers(self) -> list[Buffer]:
        """Return the buffers."""
        return [part for _, part in self.named_buffers()]


def walk(root: Tree, *, repeats: bool = False, deep: bool = True) -> Iterator[tuple[str, Any]]:
    """Yield path and value of every module, parameter and buffer below ``root``.

    Parameters
    ----------
    root : Module
        Where to start; not yielded itself.
    repeats : bool
        Yield a shared value under each of its paths, as ``state_dict`` does; a module inside
        itself still ends the path.
    deep : bool
        Look into the modules that are found.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    >>> [path for path, _ in walk(net)]
    ['0', '0.weight', '0.bias', '1']
    """
    return _below(root, "", {id(root)}, repeats, deep)


def _below(
    holder: Any, prefix: str, seen: set[int], repeats: bool, deep: bool
) -> Iterator[tuple[str, Any]]:
    for name, value in _parts(holder):
        leaf = isinstance(value, (Parameter, Buffer))
        if id(value) in seen or not (leaf or isinstance(value, (Tree, list, tuple, dict))):
            continue
        seen.add(id(value))
        path = f"{prefix}{name}"
        if leaf or isinstance(value, Tree):
            yield path, value
        if not leaf and (deep or not isinstance(value, Tree)):
            yield from _below(value, f"{path}.", seen, repeats, deep)
        if repeats:  # then ``seen`` holds only what encloses the value
            seen.discard(id(value))


def _parts(holder: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(holder, Tree):
        return vars(holder).items()
    return holder.items() if isinstance(holder, dict) else enumerate(holder)
