"""Modules that hold modules: ``Sequential``, ``ModuleList``, ``ModuleDict``, and ``MLP``.

A container keeps each module as an attribute under its name (``"0"``, ``"1"``, ... or its key), so
that paths are PyTorch's and the rule by which modules are found needs no exception.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import errors
from ..seeding import generator
from ..types import Array, Rng
from . import catalogue, init
from .activation import activation_named
from .dropout import Dropout
from .linear import Linear
from .module import Module

if TYPE_CHECKING:
    from typing import Self

__all__ = ["MLP", "ModuleDict", "ModuleList", "Sequential"]


class _Container(Module):
    """Modules in order, under names."""

    def _held(self) -> dict[str, Module]:
        return {name: part for name, part in vars(self).items() if isinstance(part, Module)}

    def _hold(self, name: str, module: Any) -> None:
        if not isinstance(module, Module):
            raise catalogue.not_a_module(module, type(self).__name__)
        if not isinstance(name, str) or not name or "." in name or hasattr(type(self), name):
            raise catalogue.name_taken(str(name), type(self))
        setattr(self, name, module)

    def __len__(self) -> int:
        return len(self._held())


class _Row(_Container):
    """A container whose modules are named by position, unless they were given names."""

    def __iter__(self) -> Iterator[Module]:
        return iter(self._held().values())

    def __getitem__(self, index: Any) -> Any:
        held = self._held()
        if isinstance(index, slice):
            return self._of(dict(list(held.items())[index]))
        return held[self._name_at(index, held)]

    def __setitem__(self, index: int, module: Module) -> None:
        self._hold(self._name_at(index, self._held()), module)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        held = self._held()
        number = len(held)
        while str(number) in held:  # a slice keeps its numbers
            number += 1
        self._hold(str(number), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def _of(self, held: dict[str, Module]) -> Any:
        raise NotImplementedError

    def _name_at(self, index: int, held: dict[str, Module]) -> str:
        try:
            return list(held)[index]
        except IndexError:
            raise errors.IndexingError(
                f"{type(self).__name__} of {len(held)} modules has none at {index}",
                fix=f"model[{len(held) - 1}]" if held else "model.append(module)",
            ) from None


class Sequential(_Row):
    r"""Modules one after the other: the output of each is the input of the next.

    .. math:: f = f_n \circ \dots \circ f_1

    Parameters
    ----------
    *modules : Module, or one dict of str to Module
        In order of application.

    Notes
    -----
    ``model[0]`` is a module, ``model[:2]`` a Sequential that shares its modules with this one.

    Examples
    --------
    >>> model = Sequential(Linear(3, 4), Linear(4, 2))
    >>> model(np.ones((5, 3), np.float32)).shape, len(model[:1])
    ((5, 2), 1)
    >>> model
    Sequential(
      (0): Linear(in_features=3, out_features=4, bias=True)
      (1): Linear(in_features=4, out_features=2, bias=True)
    )
    """

    def __init__(self, *modules: Any) -> None:
        first = modules[0] if len(modules) == 1 else None
        if isinstance(first, Mapping):
            for name, module in first.items():
                self._hold(name, module)
        else:
            self.extend(modules)

    def _of(self, held: dict[str, Module]) -> Sequential:
        return Sequential(held)  # under the old names, as in PyTorch

    def forward(self, x: Any) -> Any:
        """Apply the modules in order."""
        for module in self:
            x = module(x)
        return x


class ModuleList(_Row):
    """A list of modules for a ``forward`` that applies them itself. A plain list does as well.

    Parameters
    ----------
    modules : iterable of Module
        In order.

    Examples
    --------
    >>> layers = ModuleList([Linear(3, 3), Linear(3, 1)])
    >>> len(layers), layers[-1].out_features
    (2, 1)
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def _of(self, held: dict[str, Module]) -> ModuleList:
        return ModuleList(held.values())


class ModuleDict(_Container):
    """Modules by name for a ``forward`` that chooses among them. A plain dict does as well.

    Parameters
    ----------
    modules : mapping of str to Module
        Names have no dots and are not those of methods.

    Examples
    --------
    >>> heads = ModuleDict({"mean": Linear(3, 1), "width": Linear(3, 1)})
    >>> list(heads), "mean" in heads
    (['mean', 'width'], True)
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        for name, module in (modules or {}).items():
            self[name] = module

    def __getitem__(self, name: str) -> Module:
        return self._held()[name]

    def __setitem__(self, name: str, module: Module) -> None:
        self._hold(name, module)

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __contains__(self, name: object) -> bool:
        return name in self._held()

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._held().keys()

    def values(self) -> ValuesView[Module]:
        """Return the modules."""
        return self._held().values()

    def items(self) -> ItemsView[str, Module]:
        """Return pairs of name and module."""
        return self._held().items()


class MLP(Sequential):
    r"""A multilayer perceptron: linear layers with an activation between them.

    .. math:: h_0 = x, \qquad h_k = \phi(W_k h_{k-1} + b_k), \qquad y = W_n h_{n-1} + b_n

    Parameters
    ----------
    sizes : sequence of int, at least 2
        Features of the input, of each hidden layer, of the output.
    activation : str or callable
        After every layer but the last: a name in ``nn.functional``, such as "gelu", or what makes a
        module when called without arguments.
    init : str or callable, optional
        For ``nn.init.apply``; by default ``Linear``'s own.
    dropout : float, 0 to 1
        After every activation, if not 0.
    dtype : dtype
        Of the parameters.
    rng : Generator or int, optional
        Where initial values, and the choices of dropout, come from.

    Raises
    ------
    ArgumentError
        For fewer than two sizes, or a name that is not known.

    Notes
    -----
    Parameters are named as in the equal ``Sequential``: ``0.weight``, ``0.bias``, ``2.weight``.
    Source: Goodfellow, Bengio, Courville 2016, chapter 6.

    Examples
    --------
    >>> MLP([784, 128, 10], activation="tanh")
    MLP(
      (0): Linear(in_features=784, out_features=128, bias=True)
      (1): Tanh()
      (2): Linear(in_features=128, out_features=10, bias=True)
    )
    """

    def __init__(
        self,
        sizes: Iterable[int],
        activation: str | Callable[[], Module] = "relu",
        init: str | Callable[..., Array] | None = None,
        dropout: float = 0.0,
        *,
        dtype: Any = np.float32,
        rng: Rng = None,
    ) -> None:
        widths = list(sizes)
        if len(widths) < 2:
            raise errors.ArgumentError(
                f"an MLP needs the sizes of its input and its output, got {widths}",
                fix="nn.MLP([784, 128, 10])",
            )
        draw = generator(rng)
        make_activation = activation_named(activation)
        layers: list[Module] = []
        for features, outputs in pairwise(widths):
            if layers:
                layers.append(make_activation())
                if dropout:
                    layers.append(Dropout(dropout, rng=None if rng is None else draw))
            layers.append(Linear(features, outputs, dtype=dtype, rng=draw))
        super().__init__(*layers)
        self.astype(dtype)  # an activation may have parameters, too
        if init is not None:
            _initialize(self, init, draw)


def _initialize(model: Module, how: Any, rng: np.random.Generator) -> None:
    init.apply(model, how, rng=rng)  # not in MLP.__init__, whose argument hides the module
