"""Other people's gradients as pairs of NumPy functions: PyTorch's, JAX's, and a student's layer."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, MissingDependency
from ..types import Array

__all__ = ["Functions", "from_jax", "from_layer", "from_torch"]


class Functions:
    """A function and its vector-Jacobian product; unpacks into the two.

    ``check_vjp(pair, x)`` also checks the parameters in ``parameters``, ``check_vjp(*pair, x)``
    the inputs alone.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        vjp: Callable[..., Any],
        parameters: Sequence[Array] = (),
        names: Sequence[str] = (),
    ) -> None:
        self.f, self.vjp = f, vjp
        self.parameters, self.names = list(parameters), list(names)

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return iter((self.f, self.vjp))


def from_layer(
    layer: Any,
    parameters: Sequence[str] = (),
    gradients: Sequence[str] = (),
    *,
    inputs: int = 1,
    forward: str = "forward",
    backward: str = "backward",
) -> Functions:
    r"""Return the functions of a class with ``forward(x)`` and ``backward(g)``.

    .. math:: \texttt{backward}(g) = \left(\frac{\partial y}{\partial x}\right)^{\mathsf T} g

    Parameters
    ----------
    layer : object
        ``forward(*inputs)`` returns an array and may keep what ``backward`` needs; ``backward(g)``
        returns the cotangent of the input (a tuple for several) and leaves those of the parameters
        in attributes. A copy is worked on.
    parameters, gradients : sequences of str
        Attributes that hold the parameters, and those where their gradients appear.
    inputs : int
        How many arguments ``forward`` takes.
    forward, backward : str
        What the two methods are called.

    Raises
    ------
    ArgumentError
        For a class, a name that the layer does not have, or a ``backward`` that returns another
        number of cotangents than ``inputs``.

    Examples
    --------
    >>> class Scale:
    ...     def __init__(self): self.w = np.array([2.0, 3.0])
    ...     def forward(self, x): self.x = x; return x * self.w
    ...     def backward(self, g): self.dw = (g * self.x).sum(0); return g * self.w
    >>> from tinygrad_edu.testing import check_vjp
    >>> pair = from_layer(Scale(), parameters=["w"], gradients=["dw"])
    >>> check_vjp(pair, np.ones((4, 2))).verdict
    'pass'
    """
    _check_layer(layer, parameters, gradients, inputs, (forward, backward))
    layer = copy.deepcopy(layer)

    def f(*xs: Array) -> Any:
        if len(xs) not in (inputs, inputs + len(parameters)):
            raise ArgumentError(
                f"{len(xs)} arrays for a layer with inputs={inputs} and {len(parameters)} "
                f"parameters",
                why="arrays after the inputs are taken for the parameters",
                fix=f"from_layer(layer, ..., inputs={max(len(xs) - len(parameters), 1)})",
            )
        for name, value in zip(parameters, xs[inputs:], strict=False):
            setattr(layer, name, value)
        return getattr(layer, forward)(*xs[:inputs])

    def vjp(g: Any, *xs: Array) -> tuple[Any, ...]:
        f(*xs)
        answer = getattr(layer, backward)(g)
        answers = _cotangents(answer, inputs, f"`{backward}` of {type(layer).__name__}")
        given = gradients[: len(xs) - inputs]
        for name in given:
            if not hasattr(layer, name):
                raise _no_attribute(layer, name, f", after `{backward}` either")
        return (*answers, *[getattr(layer, name) for name in given])

    f.__name__ = type(layer).__name__
    values = [np.array(getattr(layer, name)) for name in parameters]
    return Functions(f, vjp, values, [f"parameter `{name}`" for name in parameters])


def _check_layer(
    layer: Any,
    parameters: Sequence[str],
    gradients: Sequence[str],
    inputs: int,
    methods: tuple[str, str],
) -> None:
    """Refuse what could not be called, before anything is."""
    if isinstance(layer, type):
        name = layer.__name__
        raise ArgumentError(
            f"{name} is a class, and a layer is an object of one", fix=f"from_layer({name}(...))"
        )
    example = 'from_layer(layer, parameters=("W", "b"), gradients=("dW", "db"))'
    for given in (parameters, gradients):
        names = isinstance(given, Sequence) and not isinstance(given, str)
        if not names or not all(isinstance(name, str) for name in given):
            raise ArgumentError(f"{given!r:.60} is not a sequence of names", fix=example)
    if len(parameters) != len(gradients):
        raise ArgumentError(
            f"{len(parameters)} parameters and {len(gradients)} gradients: one for each is needed",
            fix=example,
        )
    if not isinstance(inputs, int) or isinstance(inputs, bool) or inputs < 1:
        raise ArgumentError(
            f"inputs={inputs!r:.60} is not a number of arguments, at least 1", fix="inputs=1"
        )
    for name in (*parameters, *methods):
        if not isinstance(name, str) or not hasattr(layer, name):
            raise _no_attribute(layer, name)
    for name in methods:
        if not callable(getattr(layer, name)):
            raise ArgumentError(
                f"{name!r} of {type(layer).__name__} cannot be called",
                fix='from_layer(layer, forward="forward", backward="backward")',
            )


def _cotangents(answer: Any, inputs: int, method: str) -> tuple[Any, ...]:
    """What a backward returned, one for each input."""
    answers = tuple(answer) if isinstance(answer, (tuple, list)) else (answer,)
    if answer is None or len(answers) != inputs:
        shown = "None" if answer is None else f"{len(answers)} cotangents"
        raise ArgumentError(
            f"{method} returned {shown} for {inputs} input" + "s" * (inputs > 1),
            why="it returns the cotangent of each input",
            fix="return g @ self.W.T   # of the input" if inputs == 1 else "return dx, dy",
        )
    return answers


def _no_attribute(layer: Any, name: Any, when: str = "") -> ArgumentError:
    """The error for a name that a layer does not have, with the likeliest of those it has."""
    own = [each for each in dir(layer) if not each.startswith("__")]
    close = difflib.get_close_matches(str(name), own, n=1, cutoff=0.5)
    return ArgumentError(
        f"{type(layer).__name__} has no attribute {name!r}{when}",
        notes=(f"it has {', '.join(own[:12])}",) if own else (),
        fix=f"{close[0]!r}" if close else f"self.{name} = ...   # in the layer",
    )


def from_torch(fn: Callable[..., Any]) -> Functions:
    """Return the functions of a PyTorch function or module, which PyTorch differentiates.

    Parameters
    ----------
    fn : callable or torch.nn.Module
        Takes and returns torch tensors. Of a module a float64 copy is used, and its parameters
        are inputs after the others.

    Raises
    ------
    MissingDependency
        Without PyTorch.
    """
    try:
        import torch
    except ImportError:
        raise _missing("PyTorch") from None

    call, parameters = _torch_module(torch, fn) if isinstance(fn, torch.nn.Module) else (fn, {})

    def tensors(xs: Sequence[Array], tracked: bool) -> list[Any]:
        made = [torch.tensor(np.array(x, order="C")) for x in xs]
        return [x.requires_grad_(tracked and x.is_floating_point()) for x in made]

    def f(*xs: Array) -> Any:
        with torch.no_grad():
            return _numpy(call(*tensors(xs, False)))

    def vjp(g: Any, *xs: Array) -> tuple[Any, ...]:
        leaves, weights = tensors(xs, True), tensors(g if isinstance(g, tuple) else (g,), False)
        answer = call(*leaves)
        outputs = answer if isinstance(answer, (tuple, list)) else [answer]
        used = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
        if not used:
            return (None,) * len(xs)
        reached, seeds = zip(*used, strict=True)
        moving = [x for x in leaves if x.requires_grad]
        found = iter(torch.autograd.grad(reached, moving, seeds, allow_unused=True))
        parts = [next(found) if x.requires_grad else None for x in leaves]
        return tuple(None if part is None else part.numpy() for part in parts)

    f.__name__ = str(getattr(fn, "__name__", type(fn).__name__))
    names = [f"parameter `{name}`" for name in parameters]
    return Functions(f, vjp, list(parameters.values()), names)


def _torch_module(torch: Any, module: Any) -> tuple[Callable[..., Any], dict[str, Array]]:
    """A copy of a module as a function of its inputs and parameters, and the parameters."""
    module = copy.deepcopy(module).double()
    values = {name: p.detach().numpy().copy() for name, p in module.named_parameters()}

    def call(*xs: Any) -> Any:
        count = len(xs) - len(values)
        if count < 1:
            return module(*xs)
        state = dict(zip(values, xs[count:], strict=True))
        return torch.func.functional_call(module, state, xs[:count])

    return call, values


def from_jax(fn: Callable[..., Any]) -> Functions:
    """Return the functions of a JAX function, which JAX differentiates, in float64.

    Parameters
    ----------
    fn : callable
        Takes and returns JAX arrays.

    Raises
    ------
    MissingDependency
        Without JAX.
    """
    try:
        import jax
    except ImportError:
        raise _missing("JAX") from None
    double: Any = getattr(jax, "enable_x64", None)
    if double is None:  # before 2025
        from jax.experimental import enable_x64

        double = enable_x64

    def f(*xs: Array) -> Any:
        with double(True):
            return _numpy(fn(*[jax.numpy.asarray(np.array(x)) for x in xs]))

    def vjp(g: Any, *xs: Array) -> tuple[Any, ...]:
        moving = [k for k, x in enumerate(xs) if x.dtype.kind == "f"]

        def of_moving(*parts: Any) -> Any:
            filled = list(xs)
            for k, part in zip(moving, parts, strict=True):
                filled[k] = part
            return fn(*filled)

        with double(True):
            answer, pullback = jax.vjp(
                of_moving, *[jax.numpy.asarray(np.array(xs[k])) for k in moving]
            )
            weights = g if isinstance(g, tuple) else (g,)
            weights = tuple(jax.numpy.asarray(np.array(part)) for part in weights)
            several = isinstance(answer, (tuple, list))
            found = iter(pullback(type(answer)(weights) if several else weights[0]))
        return tuple(np.array(next(found)) if k in moving else None for k in range(len(xs)))

    f.__name__ = str(getattr(fn, "__name__", type(fn).__name__))
    return Functions(f, vjp)


def _numpy(answer: Any) -> Any:
    if isinstance(answer, (tuple, list)):
        return tuple(np.asarray(part) for part in answer)
    return np.asarray(answer)


def _missing(name: str) -> MissingDependency:
    return MissingDependency(f"{name} is not installed", fix='pip install "tinygrad_edu[parity]"')
