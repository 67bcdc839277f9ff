"""``Module``: a plain class whose attributes are its layers and parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

import numpy as np

from ..autodiff.tensor import Parameter, Tensor, asarray
from ..mode import current
from ..types import Array
from . import catalogue, state
from .path import observed_call
from .pattern import Match, parameters_in
from .sharing import note_repeats
from .tree import Tree, walk

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Module"]


class Module(Tree):
    """The base of every layer and network: write ``forward``, call the module.

    Parameters, buffers and submodules are what the attributes hold, in order of definition, lists,
    tuples and dicts included. ``super().__init__()`` is not needed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         self.layers = [nn.Linear(2, 3), nn.Linear(3, 1)]
    ...         self.scale = nn.Parameter([1.0])
    ...     def forward(self, x):
    ...         for layer in self.layers:
    ...             x = tg.tanh(layer(x))
    ...         return x * self.scale
    >>> [name for name, _ in Net().named_parameters()]
    ['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias', 'scale']
    """

    # A class attribute, so that subclasses need not call ``super().__init__()``.
    training: bool = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__call__" in vars(cls):
            raise catalogue.call_overridden(cls)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output from the inputs; every module writes its own."""
        raise catalogue.no_forward(type(self))

    @final
    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run ``forward`` with arrays and lists of numbers among ``inputs`` as Tensors.

        Arrays keep their type. Under a tape, rows made here carry this module's path.
        """
        inputs = tuple([x if isinstance(x, Tensor) else _as_input(x) for x in inputs])
        if current().observed:
            return observed_call(self, inputs, options)
        return self.forward(*inputs, **options)

    def parameters(self) -> list[Parameter]:
        """Return the parameters, frozen ones included; the list can be read twice."""
        note_repeats(self)
        return [parameter for _, parameter in self.named_parameters()]

    def train(self, mode: bool = True) -> Self:
        """Set ``training`` here and in all submodules; dropout and batch norm read it."""
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Set ``training`` to False here and in all submodules."""
        return self.train(False)

    @contextmanager
    def evaluating(self) -> Iterator[Self]:
        """Evaluate inside a ``with`` block; afterwards each submodule is in its mode again.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> layer = nn.Dropout(0.5)
        >>> with layer.evaluating():
        ...     layer([1.0, 2.0])
        Tensor([1., 2.], dtype=float64)
        >>> layer.training
        True
        """
        before = [(module, module.training) for module in self.modules()]
        self.eval()
        try:
            yield self
        finally:
            for module, training in before:
                module.training = training

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to ``None``."""
        for parameter in self.parameters():
            parameter.grad = None

    def freeze(self, match: Match | None = None) -> Self:
        """Keep parameters as they are: they require no gradient until ``unfreeze``.

        Parameters
        ----------
        match : str, class or tuple of classes, optional
            Only the parts of these kinds, or those whose path has a pattern; by default all. A
            pattern is compared from the right, and ``*`` stops at a dot: ``"conv*"`` takes
            ``conv1`` and ``features.conv2`` with all below them, ``"*.bias"`` every bias.

        Raises
        ------
        ArgumentError
            When ``match`` chooses no parameter.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)).freeze("0")
        >>> [name for name, parameter in net.named_parameters() if parameter.requires_grad]
        ['2.weight', '2.bias']
        """
        for _, parameter in parameters_in(self, match):
            parameter.requires_grad = False
        return self

    def unfreeze(self, match: Match | None = None) -> Self:
        """Let parameters, all or those of ``freeze``, require gradients again."""
        for _, parameter in parameters_in(self, match):
            parameter.requires_grad = True
        return self

    def astype(self, dtype: Any) -> Self:
        """Give floating parameters and buffers another floating type, in place.

        Parameters
        ----------
        dtype : dtype
            float16, float32 or float64. Whole-number buffers stay as they are.

        Notes
        -----
        The Parameter objects remain, so optimizers and references to them stay valid; they get new
        storage, gradients are converted too, and rows made before can no longer be differentiated
        where they read a parameter.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> nn.Linear(2, 1).astype("float64").weight.dtype
        dtype('float64')
        """
        state.convert(self, dtype)
        return self

    def apply(self, function: Callable[[Any], Any]) -> Self:
        """Call ``function`` with every submodule, inner ones first, and last with this one."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def state_dict(self) -> dict[str, Array]:
        """Return copies of parameters and buffers by path, key for key as in PyTorch.

        Examples
        --------
        >>> from tinygrad_edu import nn
        >>> {name: array.shape for name, array in nn.Linear(3, 2).state_dict().items()}
        {'weight': (2, 3), 'bias': (2,)}
        """
        return state.read(self)

    def load_state_dict(
        self, arrays: Mapping[str, Any], strict: bool = True
    ) -> state.IncompatibleKeys:
        """Write arrays into parameters and buffers.

        Parameters
        ----------
        arrays : mapping of str to array_like
            What ``state_dict`` returned, here or in PyTorch.
        strict : bool
            Refuse missing and unexpected names; shapes must fit in any case.

        Returns
        -------
        IncompatibleKeys
            The ``missing_keys`` and ``unexpected_keys``, empty when strict.

        Raises
        ------
        LoadError
            With all that does not fit. Nothing was written then.
        """
        return state.write(self, arrays, strict)

    def extra_repr(self) -> str:
        """Return the settings to show between the parentheses of ``repr``."""
        return ""

    def __repr__(self) -> str:
        lines: list[str] = []
        first: dict[int, str] = {}
        for name, child in walk(self, repeats=True, deep=False):
            if isinstance(child, Module):
                known = first.setdefault(id(child), name)
                shown = repr(child) if known == name else f"same as ({known})"
                lines.append(f"({name}): {shown}".replace("\n", "\n  "))
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return "\n  ".join([f"{type(self).__name__}({extra}", *lines]) + "\n)"


def _as_input(value: Any) -> Any:
    """An array or nested list of numbers as a Tensor; anything else as it is."""
    if isinstance(value, np.ndarray) or (isinstance(value, list) and _holds_numbers(value)):
        return asarray(value)
    return value


def _holds_numbers(values: list[Any]) -> bool:
    """Whether a list leads to a number at its start; lists of Tensors are for ``forward``."""
    first: Any = values
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    return isinstance(first, (int, float, np.generic, np.ndarray))
