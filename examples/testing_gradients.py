"""Why obvious gradient checks mislead, with the figures of ``testing_gradients.md``.

Run ``python examples/testing_gradients.py``; it takes a few seconds and prints one figure a line.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.testing import check_vjp

Pair = tuple[Callable[..., Any], Callable[..., Any]]

relu: Pair = (lambda x: np.maximum(x, 0.0), lambda g, x: (g * (x > 0),))
leaky: Pair = (
    lambda x: np.where(x > 0, x, 0.1 * x),
    lambda g, x: (g * np.where(x > 0, 1.0, 0.1),),
)
largest: Pair = (np.max, lambda g, x: (g * (x == x.max()) / (x == x.max()).sum(),))
smooth: Pair = (np.tanh, lambda g, x: (g * (1 - np.tanh(x) ** 2),))


def softmax(x: Any) -> Any:
    e = np.exp(x - x.max())
    return e / e.sum()


def wrong_softmax_vjp(g: Any, x: Any) -> Any:
    """The weighted mean of g is to be taken away, and this takes away the plain one."""
    return (softmax(x) * (g - g.mean()),)


def naive_check(f: Any, vjp: Any, x: Any, step: float = 1e-6, cotangent: Any = None) -> bool:
    """What tutorials do: one step size, a cotangent of ones, one tolerance for everything."""
    g = np.ones_like(f(x)) if cotangent is None else cotangent
    numeric = np.zeros_like(x)
    for k in range(x.size):
        e = np.zeros_like(x)
        e[k] = step
        numeric[k] = ((f(x + e) - f(x - e)) * g).sum() / (2 * step)
    return bool(np.allclose(vjp(g, x)[0], numeric, rtol=1e-3, atol=1e-5))


def points(rng: np.random.Generator, trials: int) -> list[Any]:
    """Six normal numbers; in half of the trials one is exactly zero, or three are the largest."""
    drawn = rng.normal(size=(trials, 6))
    drawn[::4, 2] = 0.0
    drawn[2::4, 3:] = drawn[2::4].max(axis=1, keepdims=True)
    return list(drawn)


def false_alarms() -> None:
    print("correct gradients, 400 points, half of them at a zero or a tie: called wrong")
    for name, (f, vjp) in {"relu": relu, "leaky": leaky, "max": largest, "tanh": smooth}.items():
        at = points(np.random.default_rng(0), 400)
        naive = sum(not naive_check(f, vjp, x) for x in at)
        ours = [check_vjp(f, vjp, x, raises=False).verdict for x in at[:100]]
        print(f"  {name:<5} naive {naive / 4:5.1f} %   check_vjp {ours.count('fail'):3d} %")


def short_steps() -> None:
    print("the step of a difference, for tanh, which is right: largest relative error")
    x = np.random.default_rng(1).uniform(0.5, 1.5, size=100)
    for kind in (np.float64, np.float32):
        for step in (1e-2, 1e-4, 1e-6, 1e-8):
            near = x.astype(kind)
            h = kind(step)
            numeric = (np.tanh(near + h) - np.tanh(near - h)) / (2 * h)
            error = np.max(np.abs(numeric / (1 - np.tanh(x) ** 2) - 1))
            print(f"  {kind.__name__} step {step:.0e}: {error:.0e}")


def ones_see_nothing() -> None:
    x = np.array([0.3, -1.2, 2.0])
    ones, signed = np.ones(3), np.array([1.0, -0.5, 2.0])
    print("a wrong softmax gradient")
    print("  cotangent of ones, called right:", naive_check(softmax, wrong_softmax_vjp, x))
    again = naive_check(softmax, wrong_softmax_vjp, x, cotangent=signed)
    print("  cotangent 1, -0.5, 2, called right:", again)
    print("  gradient for ones:", np.abs(wrong_softmax_vjp(ones, x)[0]).max().round(12))
    print("  check_vjp:", check_vjp(softmax, wrong_softmax_vjp, x, raises=False).verdict)


def small_gradients() -> None:
    def loss(x: Any) -> Any:
        return 1e-6 * (x * x).sum()

    def wrong(g: Any, x: Any) -> Any:
        return (g * 1e-6 * x,)  # the 2 is missing

    x = np.array([0.3, -1.2, 2.0])
    report = check_vjp(loss, wrong, x, raises=False)
    print("a gradient of 1e-6 without its factor 2")
    print("  allclose(atol=1e-5), called right:", naive_check(loss, wrong, x))
    print("  check_vjp:", report.verdict, "-", report.diagnosis)


def three_verdicts() -> None:
    print("error bars: exp at 1, and at 700 where rounding is larger")
    for at in (1.0, 700.0):
        report = check_vjp(np.exp, lambda g, x: (g * np.exp(x),), np.array([at]), raises=False)
        element = report.elements[0]
        relative = element.error / abs(element.numeric)
        print(f"  x = {at:g}: {report.verdict}, error bar {relative:.0e} of the slope")
    print("the hull: claims for relu at 0, where every slope from 0 to 1 is one")
    for slope in (0.0, 0.5, 1.0, 1.5, -0.1):
        claim = lambda g, x, s=slope: (g * np.where(x == 0, s, x > 0),)  # noqa: E731
        report = check_vjp(relu[0], claim, np.array([0.0, 1.0]), raises=False)
        print(f"  {slope:4}: {report.verdict}")
    print("the third verdict: log at 0, where there is no slope to compare with")
    report = check_vjp(np.log, lambda g, x: (g / x,), np.array([0.0, 1.0]), raises=False)
    print(f"  {report.verdict}")


if __name__ == "__main__":
    false_alarms()
    short_steps()
    ones_see_nothing()
    small_gradients()
    three_verdicts()
