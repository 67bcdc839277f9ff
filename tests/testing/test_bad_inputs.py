"""What the checks cannot use is refused at once: in our words, with the edit that mends it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.testing.test_operations import CUBES, made
from tinygrad_edu import nn
from tinygrad_edu.domain import Real
from tinygrad_edu.testing import (
    check_gradients,
    check_op,
    check_vjp,
    from_layer,
    gradient_test,
    laws,
    mutation_score,
)
from tinygrad_edu.testing.property import OPTIONS

ANY: Any = None  # so that wrong types may be given
X = np.random.default_rng(0).normal(size=(4, 3))


def tried(**facts: Any) -> Callable[[], Any]:
    """Check a cube that is registered in some wrong way."""
    return lambda: check_op(made(CUBES["right"], **{"domain": None, **facts}))


def two_inputs() -> Any:
    op = tg.operation(rule=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
                      broadcasts=True, domain=tg.Real())(lambda x, y: x * y)  # fmt: skip
    return check_op(op)


class Scale:
    """A right layer of a student."""

    def __init__(self) -> None:
        self.w = np.array([2.0, 3.0, 4.0])

    def forward(self, x: Any) -> Any:
        self.x = x
        return x * self.w

    def backward(self, g: Any) -> Any:
        self.dw = (g * self.x).sum(0)
        return g * self.w


class Silent(Scale):
    """Its backward returns nothing."""

    def backward(self, g: Any) -> Any:
        super().backward(g)


def layer(*names: Any, of: Any = Scale, **options: Any) -> Callable[[], Any]:
    """Check a layer that is described in some wrong way."""
    return lambda: check_vjp(from_layer(of(), *names, **options), X)


def test_of(*args: Any, **options: Any) -> Callable[[], Any]:
    """Make a test of tanh, without running it."""
    return lambda: gradient_test(tg.tanh, *args, **options)


test_of.__test__ = False  # type: ignore[attr-defined]

MODEL = nn.Linear(3, 1)


def loss(model: Any) -> Any:
    return (model(X) ** 2).sum()


def law(name: str, *args: Any, **options: Any) -> Callable[[], Any]:
    return lambda: getattr(laws, name)(*args, **options)


def with_class() -> None:
    with tg.detect_anomaly:  # type: ignore[attr-defined]
        pass


# What is done, what the message says, and what the edit says.
REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "one interval for two inputs": (two_inputs, "takes 2 inputs", "(tg.Real(), tg.Real())"),
    "domain of two numbers": (tried(domain=(0, 1)), "no interval", "tg.Real("),
    "domain by name": (tried(domain="R"), "no interval", "tg.Real("),
    "infinite domain": (tried(domain=Real(0.0, np.inf)), "infinite end", "tg.Real("),
    "samples not callable": (tried(samples=3), "cannot be called", "lambda rng"),
    "samples without rng": (tried(samples=lambda: ((X,), {})), "TypeError", "lambda rng"),
    "samples of one array": (tried(samples=lambda rng: X), "returned ndarray", "lambda rng"),
    "samples without settings": (tried(samples=lambda rng: (X,)), "inputs and set", "lambda rng"),
    "bare input": (tried(samples=lambda rng: (X, {})), "not a tuple", "lambda rng"),
    "text as input": (tried(samples=lambda rng: (("a",), {})), "no real numbers", "lambda rng"),
    "too many inputs": (tried(samples=lambda rng: ((X, X), {})), "2 inputs", "lambda rng"),
    "unknown setting": (tried(samples=lambda rng: ((X,), {"p": 1})), "'p'; it has", "lambda rng"),

    "samples of integers": (
        tried(samples=lambda rng: ((rng.integers(9, size=3),), {})), "int64", "float64"),
    "samples of float32": (
        tried(samples=lambda rng: ((rng.random(3, np.float32),), {})), "float32", "float64"),
    "operation by name": (lambda: check_op("tanh"), "is text", "tg.tanh"),
    "misspelt operation": (lambda: check_op("tanhh"), "is text", "tg.tanh"),
    "mutation as text": (lambda: check_op(tg.tanh, mutation=ANY or "no"), "True or", "=False"),
    "reference a number": (lambda: check_op(tg.tanh, reference=ANY or 3), "called", "reference="),
    "interval backwards": (lambda: Real(1.0, 0.0), "is empty", "tg.Real(0.0, 1.0)"),
    "interval to NaN": (lambda: Real(0.0, np.nan), "high is a number", "tg.Real("),
    "interval from text": (lambda: Real(ANY or "0"), "low is a number", "tg.Real("),
    "pole None": (lambda: Real(exclude=ANY), "exclude is a number", "tg.Real("),
    "pole by name": (lambda: Real(exclude=ANY or "zero"), "exclude is a number", "tg.Real("),
    "gradient never set": (layer(["w"], ["db"]), "'db', after `backward`", "'dw'"),
    "misspelt parameter": (layer(["ww"], ["dw"]), "no attribute 'ww'", "'w'"),
    "misspelt method": (layer(forward="forwards"), "no attribute 'forwards'", "'forward'"),
    "method no method": (layer(forward="w"), "cannot be called", "forward="),
    "class for a layer": (lambda: from_layer(Scale), "is a class", "Scale(...)"),
    "names not in a sequence": (layer("w", "dw"), "not a sequence", "parameters=("),
    "no number of inputs": (layer(inputs=0), "inputs=0", "inputs=1"),
    "too many arguments": (layer(inputs=2), "1 arrays for a layer with inputs=2", "inputs=1"),
    "backward returns None": (layer(of=Silent), "returned None", "return"),
    "inputs a number": (test_of(3), "drawn from domains", "Real("),
    "shapes a number": (test_of(shapes=3), "neither a shape", "shapes=(3,)"),
    "shape of half an axis": (test_of(shapes=(2.5,)), "neither a shape", "shapes=(3,)"),
    "negative shape": (test_of(shapes=[(2, -1)]), "neither a shape", "shapes=(3,)"),
    "unknown dtype": (test_of(dtype="foo"), "dtype='foo'", "np.float64"),
    "whole numbers": (test_of(dtype=int), "real numbers", "np.float64"),
    "no examples": (test_of(max_examples=0), "tries nothing", "max_examples=100"),
    "examples a number": (test_of(examples=3), "sequence of points", "examples="),
    "misspelt option": (test_of(at_kinks="middle"), "'at_kinks'", "at_kink="),
    "order 0": (test_of(order=0), "order=0", "order=2"),
    "test of a number": (lambda: gradient_test(ANY or 3), "not a function", "tg.tanh"),
    "score of a number": (lambda: mutation_score(ANY or 3), "sequence", "[tg.tanh]"),
    "score of text": (lambda: mutation_score("tanh"), "sequence", "[tg.tanh]"),
    "score of a misspelt name": (lambda: mutation_score(["tanhh"]), "is text", "tg.tanh"),
    "law of None": (law("samples_do_not_leak", None, X), "got None", "nn.Linear"),
    "law of a number": (law("is_linear", 3, X), "got 3", "nn.Linear"),
    "law of a class": (law("is_linear", nn.Linear, X), "is a class", "Linear(...)"),
    "law on text": (law("sums_to_one", tg.softmax, "a"), "array of numbers", "normal("),
    "law on ragged rows": (law("is_linear", MODEL, [[1], [1, 2]]), "of numbers", "normal("),
    "law with an odd rng": (law("ignores_batch_order", MODEL, X, rng="a"), "seed is", "rng=0"),
    "law with an old rng": (
        law("is_linear", MODEL, X, rng=np.random.RandomState(0)), "seed is", "rng=0"),
    "optimizer made already": (
        law("small_step_descends", nn.optim.SGD(MODEL.parameters(), lr=0.1), MODEL, loss),
        "its parameters already", "SGD"),
    "optimizer made, at rest": (
        law("zero_learning_rate_is_identity", nn.optim.Adam(MODEL.parameters()), MODEL, loss),
        "its parameters already", "Adam"),
    "optimizer None": (law("small_step_descends", None, MODEL, loss), "got None", "SGD"),
    "optimizer without step": (
        law("zero_learning_rate_is_identity", lambda p, lr: 3, MODEL, loss), "no step()", "SGD"),
    "loss None": (law("small_step_descends", nn.optim.SGD, MODEL, None), "got None", "lambda"),
    "model a function": (
        law("small_step_descends", nn.optim.SGD, tg.tanh, loss), "parameters()", "nn."),
    "init None": (law("keeps_variance", None, tg.relu), "got None", "he_normal"),
    "block without its brackets": (with_class, "enters the class", "with tg.detect_anomaly():"),
    "class in a block": (lambda: tg.detect_anomaly()(Scale), "is a class", "methods"),
    "class decorated": (lambda: tg.detect_anomaly(Scale), "is a class", "methods"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_our_words_with_the_edit(what: str) -> None:
    act, says, edit = REFUSED[what]
    with pytest.raises(tg.errors.ArgumentError) as caught:
        act()
    assert says in caught.value.what
    assert caught.value.fix
    assert edit in caught.value.fix


def test_one_number_may_be_excluded() -> None:
    assert Real(exclude=0.5) == Real(exclude=(0.5,))
    assert Real(exclude=np.array([0.0, 1.0])).exclude == (0.0, 1.0)


def test_options_of_gradient_test_are_those_of_check_gradients_that_it_leaves_free() -> None:
    known = inspect.signature(check_gradients).parameters.values()
    names = {p.name for p in known if p.kind is p.KEYWORD_ONLY}
    assert names - set(OPTIONS) == {"order", "rng", "raises"}
    assert set(OPTIONS) <= names


@pytest.mark.parametrize("exponent", [-0.5, -1.0, -2.0, -7.0])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_edit_for_a_steep_power_gives_finite_gradients(dtype: str, exponent: float) -> None:
    x = tg.Tensor(np.zeros(2, dtype), requires_grad=True)
    with pytest.raises(tg.errors.AnomalyError) as caught, tg.detect_anomaly():
        (x**exponent).sum()
    with tg.detect_anomaly():
        z = eval(caught.value.fix or "", {"tg": tg, "x": x, "exponent": exponent})
        assert z.dtype == dtype
        z.sum().backward()
    assert np.isfinite(x.grad).all()


def test_an_infinity_that_is_written_out_is_replaced_not_clipped() -> None:
    x = tg.Tensor([0.0, 1.0], requires_grad=True)
    with pytest.raises(tg.errors.AnomalyError) as caught, tg.detect_anomaly():
        x * np.inf
    assert caught.value.fix == "x * 10000.0"


def test_a_bad_start_of_backward_is_called_what_it_is() -> None:
    x = tg.Tensor([np.nan, 1.0], requires_grad=True)
    with pytest.raises(tg.errors.AnomalyError, match="value that backward starts from"):  # noqa: SIM117
        with tg.detect_anomaly():
            (x * 2.0).sum().backward()
