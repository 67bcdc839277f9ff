"""``gradient_test``: one line makes a test that looks for a point where a gradient is wrong."""

from __future__ import annotations

import difflib
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from ..domain import Real
from ..errors import ArgumentError, GradientMismatch, GradientUnresolved
from ..source import Site, here
from ..types import Shape
from .drawing import hypothesis, st
from .report import Report
from .strategies import broadcastable_shapes, filled, seeds

__all__ = ["gradient_test"]

Inputs: TypeAlias = Real | Sequence[Real] | st.SearchStrategy[Any]
Shapes: TypeAlias = Shape | Sequence[Shape] | st.SearchStrategy[Any]

ANYWHERE = Real()
# What it passes on to check_gradients, besides what it sets itself.
OPTIONS = ("at_kink", "cotangent", "unresolved")
LABEL = "log10 of the largest gap, in units of what is allowed"


class _Tally:
    """The verdicts of one run of one test."""

    def __init__(self) -> None:
        self.examples = 0
        self.unresolved: list[Report] = []


# One run at a time counts here, of each thread: the decorated function itself is shared.
_running: ContextVar[_Tally] = ContextVar("tinygrad_edu.testing.property")


def gradient_test(
    fn: Callable[..., Any],
    inputs: Inputs = ANYWHERE,
    *,
    shapes: Shapes | None = None,
    dtype: DTypeLike = np.float64,
    order: int = 1,
    max_examples: int | None = None,
    examples: Sequence[Sequence[Any]] = (),
    **options: Any,
) -> Callable[[], None]:
    """Make a test for pytest that checks the gradient of a function at many drawn points.

    Parameters
    ----------
    fn : callable
        ``fn(*xs)`` of Tensors returns a Tensor.
    inputs : Real, sequence of Real, or strategy
        The domain of each input; or a strategy that draws the inputs themselves, an array or a
        tuple of them, such as ``strategies.matmul_operands()``.
    shapes : shape, sequence of shapes, or strategy of either, optional
        By default any small shapes that broadcast with each other.
    dtype : float dtype
        Of the inputs drawn from domains.
    order : {1, 2}
        2 checks the gradient's own gradient as well.
    max_examples : int, optional
        How many points; by default as many as the Hypothesis profile says, 100 if it says nothing.
    examples : sequence of sequences of array_like
        Points to check besides, each a sequence with all inputs: keep the bugs that were found.
    **options
        Further arguments of ``check_gradients``, such as ``at_kink``.

    Returns
    -------
    callable
        A test without arguments. Bind it to a name that starts with ``test``.

    Raises
    ------
    ArgumentError
        At once, for what no test can be made of.
    GradientMismatch
        By the test: the gradient is wrong. The message is the check's report at the smallest point
        found, with code that shows it again.
    GradientUnresolved
        By the test: at more than half of the points nobody could tell. One of them is shown.

    Notes
    -----
    Points are moved towards larger gaps between gradient and differences (Löscher and Sagonas
    2017, targeted property-based testing).

    Examples
    --------
    >>> from tinygrad_edu.ops import log
    >>> test_log = gradient_test(log, Real(0.0, 4.0, open_left=True))
    >>> test_log.__name__
    'test_gradient_of_log'
    """
    place, name = here(), getattr(fn, "__name__", type(fn).__name__)
    points = _checked(fn, order, max_examples, examples, options)
    drawn = _drawn(inputs, shapes, dtype)

    def check(xs: tuple[Any, ...], seed: int) -> None:
        from .gradients import check_gradients

        _count(check_gradients(fn, *xs, order=order, rng=seed, raises=False, **options))

    word = name if name.isidentifier() else "a_function"
    check.__name__ = check.__qualname__ = f"test_gradient_of_{word}"
    check.__doc__ = f"The gradient of {name} agrees with differences wherever it is drawn."
    for xs in points:
        check = hypothesis.example(xs=xs, seed=0)(check)
    given = hypothesis.given(xs=drawn, seed=seeds)
    return _judged(_settings(max_examples)(given(check)), name, place)


def _checked(
    fn: Any, order: Any, max_examples: Any, examples: Any, options: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """Refuse arguments at once, not at the first run, and return the examples."""
    if not callable(fn):
        raise ArgumentError(f"{fn!r:.60} is not a function", fix="gradient_test(tg.tanh)")
    if order not in (1, 2) or isinstance(order, bool):
        raise ArgumentError(f"order={order!r:.60} is not 1 or 2", fix="order=2")
    if max_examples is not None and (not _whole(max_examples) or max_examples < 1):
        raise ArgumentError(
            f"max_examples={max_examples!r:.60} tries nothing", fix="max_examples=100"
        )
    for name, chosen in options.items():
        if name not in OPTIONS:
            close = difflib.get_close_matches(name, OPTIONS, n=1)
            raise ArgumentError(
                f"gradient_test has no option {name!r}; it passes on {', '.join(OPTIONS)}",
                fix=f"{close[0]}={chosen!r:.60}" if close else f"remove {name}=",
            )
    if not isinstance(examples, Iterable):
        raise ArgumentError(
            f"examples={examples!r:.60} is not a sequence of points", fix="examples=[([0.0],)]"
        )
    return [_points(xs) for xs in examples]


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _settings(max_examples: int | None) -> hypothesis.settings:
    """The loaded profile, without the hundred more checks by which Hypothesis explains a failure.

    The report explains it better.
    """
    profile = hypothesis.settings()
    phases = [phase for phase in profile.phases if phase is not hypothesis.Phase.explain]
    limit = profile.max_examples if max_examples is None else max_examples
    return hypothesis.settings(deadline=None, phases=phases, max_examples=limit)


def _judged(drawn: Callable[[], None], name: str, place: Site | None) -> Callable[[], None]:
    """Wrap a property so that each run of it also fails for too many unresolved points."""

    @functools.wraps(drawn)  # pytest then still sees a property
    def test() -> None:
        tally = _Tally()
        token = _running.set(tally)
        try:
            drawn()
        except GradientMismatch as error:
            error.site = place  # the line that made this test, in place of one of Hypothesis
            raise
        finally:
            _running.reset(token)
        if 2 * len(tally.unresolved) > tally.examples:
            raise _undecided(name, tally, place)

    return test


def _count(report: Report) -> None:
    """Enter one report into the run: raise a failure, and tell Hypothesis how close a pass was."""
    tally = _running.get()
    tally.examples += 1
    if report.verdict == "unresolved":
        tally.unresolved.append(report)
        hypothesis.event("unresolved")
        return
    report.require()
    score = getattr(report, "score", 0.0)
    if 0.0 < score < math.inf:
        hypothesis.target(math.log10(score), label=LABEL)


def _undecided(name: str, tally: _Tally, place: Site | None) -> GradientUnresolved:
    shown = min(tally.unresolved, key=lambda report: len(str(report)))
    error = GradientUnresolved(
        f"gradient of `{name}`: {len(tally.unresolved)} of {tally.examples} points are unresolved, "
        "more than half",
        notes=str(shown).splitlines(),
        why="a test that cannot tell has not passed",
        fix="inputs=[Real(low, high)]   # where the differences of the function mean something",
        site=place,
    )
    error.report = shown
    return error


def _drawn(
    inputs: Inputs, shapes: Shapes | None, dtype: DTypeLike
) -> st.SearchStrategy[tuple[Any, ...]]:
    """The strategy of all inputs of one example."""
    if isinstance(inputs, st.SearchStrategy):
        if shapes is not None:
            raise ArgumentError(
                "a strategy of inputs decides their shapes itself", fix="remove shapes="
            )
        return inputs.map(_points)
    domains = [inputs] if isinstance(inputs, Real) else inputs
    domains = list(domains) if isinstance(domains, Iterable) else []
    if not domains or not all(isinstance(domain, Real) for domain in domains):
        raise ArgumentError(
            f"inputs are drawn from domains, got {inputs!r:.60}", fix="inputs=[Real(-3.0, 3.0)]"
        )
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(bool)
    if kind.kind != "f":
        raise ArgumentError(
            f"dtype={dtype!r:.60} is no type of real numbers", fix="dtype=np.float64"
        )
    if shapes is None:
        wanted: st.SearchStrategy[Any] = broadcastable_shapes(len(domains))
    else:
        wanted = shapes if isinstance(shapes, st.SearchStrategy) else st.just(_given(shapes))
    return wanted.flatmap(lambda chosen: filled(_each(chosen), domains, dtype))


def _given(shapes: Any) -> Any:
    """Shapes that were given, if they are any."""
    each = isinstance(shapes, Iterable) and not isinstance(shapes, str)
    parts: list[Any] = list(shapes) if each else [None]
    nested = bool(parts) and all(isinstance(part, (tuple, list)) for part in parts)
    lengths = [n for part in parts for n in part] if nested else parts
    if not all(_whole(n) and n >= 0 for n in lengths):
        raise ArgumentError(
            f"shapes={shapes!r:.60} is neither a shape nor a sequence of shapes",
            fix="shapes=(3,)   # of one input; shapes=[(2, 3), (3,)]   # of two",
        )
    return shapes


def _points(xs: Any) -> tuple[Any, ...]:
    return tuple(xs) if isinstance(xs, (tuple, list)) else (xs,)


def _each(chosen: Any) -> list[Shape]:
    """One shape per input, of a single input's shape or a sequence of shapes."""
    single = all(isinstance(length, (int, np.integer)) for length in chosen)
    return [tuple(chosen)] if single else [tuple(shape) for shape in chosen]
