"""The checkers to compare, each as `check(f, vjp, xs) -> Outcome`; a library that is missing, None.

Peers get the NumPy pair as a custom function of their own, without a copy wherever they allow it,
so that they may see what it does to its arguments.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .entry import Array, Arrays, Function


class Outcome(NamedTuple):
    """What a checker said: pass, fail, unresolved, or skipped; and what it named."""

    verdict: str
    kind: str = ""
    input: int | None = None
    index: tuple[int, ...] | None = None
    note: str = ""


Checker = Callable[[Function, Function, Arrays], Outcome]
PASS, FAIL = Outcome("pass"), Outcome("fail")


def from_check_vjp(check_vjp: Function) -> Checker:
    """Anything with the signature and the report of `tinygrad_edu.testing.check_vjp`."""

    def check(f: Function, vjp: Function, xs: Arrays) -> Outcome:
        report = check_vjp(f, vjp, *xs, raises=False)
        place = None if report.index is None else tuple(int(k) for k in np.atleast_1d(report.index))
        return Outcome(report.verdict, str(report.kind), report.input, place, str(report))

    return check


def ours() -> Checker | None:
    """Return this library's checker."""
    try:
        return from_check_vjp(importlib.import_module("tinygrad_edu.testing").check_vjp)
    except (ImportError, AttributeError):
        return None


def tutorial() -> Checker:
    """What every course shows: g = 1, a central difference of 1e-6, `allclose`."""

    def check(f: Function, vjp: Function, xs: Arrays) -> Outcome:
        y = np.asarray(f(*xs))
        claim = vjp(np.ones(y.shape), *xs)
        for x, a in zip(xs, claim, strict=True):
            numeric = np.zeros(x.shape)
            for k in range(x.size):
                kept, step = x.flat[k], 1e-6
                x.flat[k] = kept + step
                above = np.sum(f(*xs))
                x.flat[k] = kept - step
                below = np.sum(f(*xs))
                x.flat[k] = kept
                numeric.flat[k] = (above - below) / (2 * step)
            if np.shape(a) != x.shape or not np.allclose(a, numeric):
                return FAIL
        return PASS

    return check


def torch_gradcheck(fast: bool) -> Checker | None:
    """PyTorch's `gradcheck` at its defaults."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(1)

    def tensor(a: Any) -> Any:
        a = np.asarray(a)
        # PyTorch refuses negative strides, and those of NumPy's empty arrays.
        plain = a.size and all(stride >= 0 for stride in a.strides) and a.flags.writeable
        return torch.from_numpy(a) if plain else torch.tensor(a.copy())

    def check(f: Function, vjp: Function, xs: Arrays) -> Outcome:
        class Pair(torch.autograd.Function):  # type: ignore[misc, name-defined]
            @staticmethod
            def forward(ctx: Any, *ts: Any) -> Any:
                ctx.save_for_backward(*ts)
                return tensor(f(*(t.detach().numpy() for t in ts)))

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                return tuple(
                    map(tensor, vjp(g.numpy(), *(t.detach().numpy() for t in ctx.saved_tensors)))
                )

        ts = [torch.empty(x.shape, dtype=tensor(x).dtype) for x in xs]
        for t, x in zip(ts, xs, strict=True):
            t.copy_(tensor(x)).requires_grad_()
        return PASS if torch.autograd.gradcheck(Pair.apply, ts, fast_mode=fast) else FAIL

    return check


def autograd_check_grads() -> Checker | None:
    """Reverse mode of `autograd.test_util.check_grads`."""
    try:
        extend = importlib.import_module("autograd.extend")
        check_grads = importlib.import_module("autograd.test_util").check_grads
    except ImportError:
        return None

    def check(f: Function, vjp: Function, xs: Arrays) -> Outcome:
        pair = extend.primitive(lambda *arrays: np.asarray(f(*arrays)))

        def maker(k: int) -> Function:
            return lambda answer, *arrays: lambda g: np.asarray(vjp(g, *arrays)[k])

        extend.defvjp(pair, *(maker(k) for k in range(len(xs))))
        np.random.seed(0)  # noqa: NPY002 - it draws its direction from the global state
        check_grads(pair, tuple(range(len(xs))), modes=["rev"], order=1)(*xs)
        return PASS

    return check


def jax_check_grads() -> Checker | None:
    """Reverse mode of `jax.test_util.check_grads`, in double precision."""
    try:
        jax = importlib.import_module("jax")
        check_grads = importlib.import_module("jax.test_util").check_grads
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)

    def check(f: Function, vjp: Function, xs: Arrays) -> Outcome:
        shape = jax.ShapeDtypeStruct(np.shape(f(*xs)), np.asarray(f(*xs)).dtype)
        inputs = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in xs)

        def writable(*arrays: Any) -> list[Array]:
            return [np.array(a) for a in arrays]

        def forward(*arrays: Any) -> Any:
            return jax.pure_callback(lambda *a: np.asarray(f(*writable(*a))), shape, *arrays)

        def backward(saved: Any, g: Any) -> Any:
            def call(g: Any, *a: Any) -> Any:
                return tuple(map(np.asarray, vjp(*writable(g, *a))))

            return jax.pure_callback(call, inputs, g, *saved)

        pair = jax.custom_vjp(forward)
        pair.defvjp(lambda *arrays: (forward(*arrays), arrays), backward)
        check_grads(pair, xs, order=1, modes=["rev"])
        return PASS

    return check


PEERS: dict[str, Callable[[], Checker | None]] = {
    "torch gradcheck": lambda: torch_gradcheck(fast=False),
    "torch fast_mode": lambda: torch_gradcheck(fast=True),
    "autograd check_grads": autograd_check_grads,
    "jax check_grads": jax_check_grads,
}
