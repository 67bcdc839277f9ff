"""The printed mathematics is what the rule computes.

A formula in plain text is read back by a small reader that shares nothing with the writer, and
computed; LaTeX is at least well formed.
"""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, strategies as st

import tinygrad_edu as tg
from tests.formulary.plain_text import CannotCompute, computed
from tinygrad_edu.formulary import adjoints_of, entry_of
from tinygrad_edu.formulary.notation import Unreadable, bar, letter
from tinygrad_edu.formulary.reading import Reader
from tinygrad_edu.registry import registry

pytestmark = pytest.mark.once

LIBRARY = {name: op for name, op in registry.items() if "." not in name and op.differentiable}
READER = Reader({"g": bar("z"), "out": letter("z")}, {"np": np, "_HALF": 0.25})


def read(text: str) -> Any:
    return READER.read(ast.parse(text, mode="eval").body)


WRITTEN = {
    "g * (1 - out * out)": "z̄ · (1 − z²)",
    "g - g * out * out": "z̄ − z̄ · z²",
    "g / (x + x)": "z̄ / (2 · x)",
    "-g * out / x2": "−z̄ · z / x₂",
    "0.5 * g / out": "z̄ / (2 · z)",
    "g / (x / y)": "z̄ · y / x",
    "-(g + x) * 2.0": "−2 · (z̄ + x)",
    "g - (x - y)": "z̄ − x + y",
    "(x * y) ** 2": "(x · y)²",
    "x ** y ** 2": "x^(y²)",
    "x ** (y - 1)": "x^(y − 1)",
    "(-x) ** 2": "(−x)²",
    "np.sqrt(x) ** 3": "(√x)³",
    "np.sqrt(x + 1)": "√(x + 1)",
    "g * (x > 0)": "z̄ · [x > 0]",
    "g * ((x > 0) & (x <= 1))": "z̄ · ([x > 0] and [x ≤ 1])",
    "g * (0 < x < 1)": "z̄ · [0 < x < 1]",
    "where(x == 0, 1.0, g / x) * y": "(1 where x = 0, else z̄ / x) · y",
    "np.divide(g, np.multiply(x, y))": "z̄ / (x · y)",
    "g @ y.mT": "z̄ @ yᵀ",
    "sum(g * out, axis=axis, keepdims=True)": "Σ_axis(z̄ · z)",
    "g.sum()": "Σ(z̄)",
    "g * _HALF": "0.25 · z̄",
    "g * np.exp(-x * x)": "z̄ · exp(−x²)",
    "g * abs(x - 1)": "z̄ · |x − 1|",
    "floor_divide(x, y + 1)": "⌊x / (y + 1)⌋",
    "g[..., 0]": "z̄[..., 0]",
    "g.astype(x.dtype) * 1.0": "z̄",
}


@pytest.mark.parametrize("code, mathematics", WRITTEN.items(), ids=WRITTEN)
def test_an_expression_is_written_as_one_would_by_hand(code: str, mathematics: str) -> None:
    assert read(code).plain == mathematics


@pytest.mark.parametrize("code", ["[i for i in x]", "lambda: 1", "x or 1", "f(*x)", "x.strides"])
def test_what_is_no_mathematics_is_not_forced_into_it(code: str) -> None:
    with pytest.raises(Unreadable):
        read(code)


def expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["g", "out", "x", "y", "x1", "2.0", "0.5", "3.0", "0.3"])

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            *[pair.map(lambda p, s=s: f"({p[0]} {s} {p[1]})") for s in ("+", "-", "*", "/", "+")],
            pair.map(lambda p: f"(abs({p[0]}) ** {p[1]})"),
            *[inner.map(lambda x, form=form: form.replace("{}", x)) for form in (
                "(-{})", "({} ** 2)", "({} + {})", "({} * {})", "np.tanh({})", "np.exp(-{})",
                "np.sqrt(abs({}))", "np.square({})", "np.reciprocal({})", "np.log(abs({}) + 1)",
                "np.maximum(0.5, {})", "np.hypot({}, x)",
            )],
            pair.map(lambda p: f"(1.0 * ({p[0]} > {p[1]}))"),
            st.tuples(inner, inner, inner).map(lambda p: f"np.where({p[0]} < 1, {p[1]}, {p[2]})"),
        )  # fmt: skip

    return st.recursive(leaves, larger, max_leaves=9)


@given(expressions())
def test_what_is_printed_is_what_is_computed(code: str) -> None:
    """Parentheses, signs and fractions: the mistakes of every such printer."""
    point = {"g": 0.7, "out": -1.3, "x": 1.9, "y": 0.6, "x1": -0.4}
    names = {"z̄": 0.7, "z": -1.3, "x": 1.9, "y": 0.6, "x₁": -0.4}
    with np.errstate(all="ignore"):
        arrays = {name: np.float64(value) for name, value in point.items()}
        try:
            expected = np.float64(eval(code, {"np": np, "abs": np.abs}, arrays))
        except (ZeroDivisionError, OverflowError):  # of Python's own numbers
            reject()
        found = np.float64(computed(read(code).plain, {k: np.float64(v) for k, v in names.items()}))
    if np.isfinite(expected) and 1e-9 < abs(expected) < 1e9:
        assert found == pytest.approx(expected, rel=1e-6)


def elementwise() -> list[str]:
    return [
        name
        for name, op in LIBRARY.items()
        if op.domain and all(len(adjoint.plain) == 1 for adjoint in adjoints_of(op))
    ]


def test_the_adjoints_of_elementwise_operations_can_be_read_back() -> None:
    """So that the next test cannot pass by reading nothing."""
    assert len(elementwise()) >= 20


@pytest.mark.parametrize("name", elementwise())
def test_the_printed_adjoint_is_the_gradient(name: str) -> None:
    op = LIBRARY[name]
    rng = np.random.default_rng(5)
    inputs = [real.sample((7,), rng) for real in op.domain]
    out, g = op.call(*inputs), rng.normal(size=7)
    tensors = [tg.Tensor(x, requires_grad=True) for x in inputs]
    tg.ops.sum(op.call(*tensors) * g).backward()
    values = {letter(n).plain: x for n, x in zip(op.inputs, inputs, strict=True)}
    for adjoint in adjoints_of(op):
        left, _, right = adjoint.plain[0].partition(" = ")
        position = op.inputs.index(adjoint.inputs[0])
        value = "s" if "z" in op.inputs else "z"
        try:
            found = computed(right, {**values, value: out, bar(value).plain: g})
        except CannotCompute:
            assert re.search(r"[^\W\d_]{3,}|ψ|Γ", right), right  # the name of another operation
            continue
        assert left == bar(op.inputs[position]).plain
        np.testing.assert_allclose(found, tensors[position].grad, rtol=1e-12)


@pytest.mark.parametrize("name", LIBRARY)
def test_latex_is_balanced(name: str) -> None:
    for adjoint in adjoints_of(LIBRARY[name]):
        assert len(adjoint.latex) == len(adjoint.plain)
        for line in adjoint.latex:
            bare = line.replace(r"\{", "").replace(r"\}", "")
            assert bare.count("{") == bare.count("}")
            assert line.count(r"\left") == line.count(r"\right")
            assert line.count(r"\begin{") == line.count(r"\end{")
            assert line.isascii(), line


def test_every_rule_is_shown_as_mathematics_or_as_its_source() -> None:
    for name, op in LIBRARY.items():
        shown = adjoints_of(op)
        covered = {each for adjoint in shown for each in adjoint.inputs}
        wanted = (
            set(op.inputs)
            if op.joint is not None
            else {each for each, rule in zip(op.inputs, op.rules, strict=True) if rule}
        )
        assert covered == wanted, name
        assert all(adjoint.source for adjoint in shown), name


def test_most_rules_are_mathematics() -> None:
    shown = [adjoint for op in LIBRARY.values() for adjoint in adjoints_of(op)]
    assert sum(bool(adjoint.plain) for adjoint in shown) >= 0.6 * len(shown)


def _double(x: Any) -> Any:
    return x + x


def _squash(x: Any) -> Any:
    """Leave out axes of length one."""
    return x.reshape([n for n in x.shape if n > 1])


def test_a_small_private_helper_is_written_out_and_a_larger_one_explained() -> None:
    @tg.operation(rule=lambda g, out, x: _double(g) * _squash(x))
    def own(x: Any) -> Any:
        return x * x

    (adjoint,) = adjoints_of(own.op)
    assert adjoint.plain == ("x̄ = 2 · z̄ · squash(x)",)
    assert adjoint.helpers == (("_squash", "Leave out axes of length one."),)


def _joint(g: Any, out: Any, x: Any, y: Any, saved: Any, needs: Any) -> Any:
    root = np.sqrt(x) if saved is None else saved
    g = g * y
    scaled = root * (1 + root)
    return (g * scaled / root if needs[0] else None, -scaled if needs[1] else None)


def test_a_joint_rule_names_its_steps_and_drops_the_questions_that_only_save_work() -> None:
    @tg.operation(rule=_joint, saves=True)
    def paired(x: Any, y: Any, /) -> Any:
        return x * y, np.sqrt(x)

    (adjoint,) = adjoints_of(paired.op)
    assert adjoint.inputs == ("x", "y")
    assert adjoint.plain == (
        "root = √x",
        "scaled = root · (1 + root)",
        "x̄ = z̄ · y · scaled / root",
        "ȳ = −scaled",
    )


def _rebinding(g: Any, out: Any, x: Any, y: Any) -> Any:
    x, y = y, x
    slope = x * x
    slope += y
    slope *= g
    return slope, slope - g


def test_names_that_get_another_value_are_followed_in_order() -> None:
    @tg.operation(rule=_rebinding)
    def swapped(x: Any, y: Any, /) -> Any:
        return x * y

    (adjoint,) = adjoints_of(swapped.op)
    assert adjoint.plain == ("slope = (y² + x) · z̄", "x̄ = slope", "ȳ = slope − z̄")


def _branching(g: Any, out: Any, x: Any) -> Any:
    if x.ndim:  # a comment stays
        return g
    return -g


def test_a_rule_that_branches_is_shown_as_its_source() -> None:
    @tg.operation(rule=_branching)
    def branching(x: Any) -> Any:
        return x * 1.0

    (adjoint,) = adjoints_of(branching.op)
    assert adjoint.plain == ()
    assert "# a comment stays" in adjoint.source


def test_a_rule_without_source_is_named() -> None:
    @tg.operation(rule=_from_nowhere())
    def nowhere(x: Any) -> Any:
        return x * 1.0

    (adjoint,) = adjoints_of(nowhere.op)
    assert adjoint.plain == ()
    assert adjoint.source == "<lambda>"


def _from_nowhere() -> Any:
    return eval("lambda g, out, x: g")


def test_the_value_has_a_letter_of_its_own() -> None:
    @tg.operation(rule=lambda g, out, z: g * out)
    def named(z: Any) -> Any:
        return np.exp(z)

    assert adjoints_of(named.op)[0].plain == ("z̄ = s̄ · s",)


def test_two_inputs_that_share_a_rule_are_shown_together() -> None:
    def both(g: Any, out: Any, x: Any, y: Any) -> Any:
        return g

    @tg.operation(rule=(both, both))
    def joined(x: Any, y: Any, /) -> Any:
        return x + y

    assert adjoints_of(joined.op)[0].plain == ("x̄ = z̄", "ȳ = z̄")
    assert entry_of(joined).adjoints == adjoints_of(joined.op)
