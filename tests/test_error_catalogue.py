"""The error catalogue: class, code, place, shapes, and a fix that works when it is executed.

Each case commits the mistake on a marked line, reads the error and then runs the edit that the
message proposes, as a learner would. Where the record is needed to know the place, a Tape is on.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors


def caught(kind: type[Exception], call: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as info:
        call()
    return info.value


def assert_at(error: Any, expression: str) -> None:
    """The error points at exactly this sub-expression of this file."""
    assert error.site is not None
    assert error.site.filename == __file__
    assert error.site.expression == expression
    caret = error.site.lines()[1]
    shown = error.site.lines()[0]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == expression


def fixed(error: Any, **names: Any) -> Any:
    """The value of the proposed edit."""
    return eval(error.fix, {"tg": tg, "np": np, **names})


def executed(error: Any, **names: Any) -> dict[str, Any]:
    """The names after the proposed edit."""
    space = {"tg": tg, "np": np, **names}
    exec(error.fix, space)
    return space


def tracked(*shape: int) -> tg.Tensor:
    return tg.Tensor(np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape), requires_grad=True)


def test_s01_matmul_inner_sizes() -> None:
    x, W = tracked(4, 3), tracked(2, 3)
    error = caught(errors.ShapeError, lambda: x @ W)
    assert isinstance(error, ValueError)
    assert (error.code, error.shapes, error.op) == ("TG-S01", ((4, 3), (2, 3)), "matmul")
    assert_at(error, "x @ W")
    assert "x @ W needs equal inner sizes, got 3 and 2" in str(error)
    assert fixed(error, x=x, W=W).shape == (4, 2)


def test_s01_names_an_unrelated_weight() -> None:
    x, w = tracked(4, 3), tracked(5, 2)
    error = caught(errors.ShapeError, lambda: x @ w)
    assert "build w with 3 rows" in error.fix
    assert (x @ tracked(3, 2)).shape == (4, 2)


def test_s02_elementwise_shapes_clash() -> None:
    a, b = tracked(4, 3), tracked(4)
    error = caught(errors.ShapeError, lambda: a * b + 1.0)
    assert (error.code, error.shapes, error.op) == ("TG-S02", ((4, 3), (4,)), "multiply")
    assert_at(error, "a * b")
    assert "axis -1 is 3 against 4" in error.what
    assert (a * fixed(error, a=a, b=b)).shape == (4, 3)


def test_s02_also_for_plain_arrays_and_numpy_functions() -> None:
    a, b = np.ones((4, 3)), tracked(4)
    assert caught(errors.ShapeError, lambda: np.add(a, b)).code == "TG-S02"
    assert caught(errors.ShapeError, lambda: a + b).code == "TG-S02"
    assert caught(errors.ShapeError, lambda: tg.add(a, np.ones(4))).code == "TG-S02"


def test_s07_reshape_that_does_not_fit() -> None:
    x = tracked(2, 3, 4)
    error = caught(errors.ShapeError, lambda: x.reshape(5, 5))
    assert (error.code, error.shapes) == ("TG-S07", ((2, 3, 4),))
    assert fixed(error, x=x).shape == (2, 12)


def test_g01_backward_of_several_values() -> None:
    x = tracked(3)
    with tg.Tape():
        y = x * x
    error = caught(errors.GradientError, lambda: y.backward())  # noqa: PLW0108
    assert isinstance(error, ValueError)
    assert (error.code, error.shapes) == ("TG-G01", ((3,),))
    assert_at(error, "y.backward()")
    assert "y = x * x" in str(error)
    executed(error, y=y)
    np.testing.assert_array_equal(x.grad, 2 * x.data)


def test_g01_tape_gradient_of_several_values() -> None:
    x = tracked(3)
    with tg.Tape() as tape:
        y = x * x
    error = caught(errors.GradientError, lambda: tape.gradient(y, x))
    assert error.code == "TG-G01"
    np.testing.assert_array_equal(tape.gradient(fixed(error, y=y), x).data, 2 * x.data)


def test_g01_output_gradient_of_another_shape() -> None:
    x = tracked(3)
    y = x * x
    error = caught(errors.ShapeError, lambda: y.backward(np.ones(2)))
    assert (error.code, error.shapes) == ("TG-G01", ((2,), (3,)))
    y.backward(fixed(error))
    np.testing.assert_array_equal(x.grad, 2 * x.data)


def test_g02_nothing_requires_a_gradient() -> None:
    w = tg.Tensor([1.0, 2.0])
    loss = (w * w).sum()
    error = caught(errors.UnconnectedError, lambda: loss.backward())  # noqa: PLW0108
    assert (error.code, error.shapes) == ("TG-G02", ((),))
    assert_at(error, "loss.backward()")
    w = executed(error, w=w)["w"]
    (w * w).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


def test_g02_computed_under_no_grad() -> None:
    w = tracked(2)
    with tg.Tape() as tape, tg.no_grad():
        loss = (w * w).sum()
    error = caught(errors.UnconnectedError, lambda: tape.gradient(loss, w))
    assert error.code == "TG-G02"
    assert_at(error, "w * w")
    with tg.no_grad():
        space = executed(errors.TinygradError("", fix=error.fix + "\n    y = (w * w).sum()"), w=w)
    assert space["y"].requires_grad


def test_g03_not_an_input() -> None:
    w, other = tracked(2), tracked(3)
    w.name = "w"
    with tg.Tape() as tape:
        target = (w * w).sum()
    error = caught(errors.UnconnectedError, lambda: tape.gradient(target, other))
    assert (error.code, error.shapes) == ("TG-G03", ((3,),))
    assert "inputs that are: w" in str(error)
    zero = fixed(error, tape=tape, target=target, sources=other)
    np.testing.assert_array_equal(zero.data, np.zeros(3))


def test_g03_does_not_require_a_gradient() -> None:
    w, x = tracked(2), tg.Tensor([3.0, 4.0])
    with tg.Tape() as tape:
        target = (w * x).sum()
    error = caught(errors.UnconnectedError, lambda: tape.gradient(target, x))
    assert error.code == "TG-G03"
    x = executed(error, x=x)["x"]
    np.testing.assert_array_equal(tape.gradient((w * x).sum(), x).data, w.data)


def test_g04_float_on_the_way_is_suggested() -> None:
    w, v = tracked(1), tracked(1)
    with tg.Tape() as tape:
        z = float(w * w)
        loss = (v * z).sum()
    error = caught(errors.UnconnectedError, lambda: tape.gradient(loss, w))
    assert error.code == "TG-G04"
    assert_at(error, "float(w * w)")
    again = (v * fixed(error, w=w)).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, 2 * w.data * v.data)


def test_g04_a_transform_of_a_function_that_returns_a_number() -> None:
    error = caught(errors.UnconnectedError, lambda: tg.grad(lambda x: float(x * x))(3.0))
    assert error.code == "TG-G04"


def test_g05_detached_on_the_way() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        fake = (w * 3.0).detach()
        loss = (fake * tracked(2)).sum()
    error = caught(errors.UnconnectedError, lambda: tape.gradient(loss, w))
    assert (error.code, error.op, error.shapes) == ("TG-G05", "detach", ((2,),))
    assert_at(error, "(w * 3.0).detach()")
    again = fixed(error, w=w).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, [3.0, 3.0])


def test_instead_of_g06_a_tape_answers_often() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        loss = (w * w).sum()
    first, second = tape.gradient(loss, w), tape.gradient(loss, w)
    np.testing.assert_array_equal(first.data, second.data)


def test_instead_of_g08_the_tape_shows_intermediate_adjoints() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        h = w * 3.0
        loss = (h * h).sum()
    error = caught(errors.GradientError, lambda: h.grad)
    assert (error.code, error.shapes) == ("TG-G08", ((2,),))
    np.testing.assert_array_equal(fixed(error, tape=tape, loss=loss, h=h).data, 2 * h.data)


def test_g09_integers_cannot_require_a_gradient() -> None:
    error = caught(errors.DTypeError, lambda: tg.Tensor([1, 2, 3], requires_grad=True))
    assert isinstance(error, TypeError)
    assert (error.code, error.shapes) == ("TG-G09", ((3,),))
    assert_at(error, "tg.Tensor([1, 2, 3], requires_grad=True)")
    w = fixed(error)
    (w * w).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0, 6.0])


def test_g09_gradient_with_respect_to_integers() -> None:
    w, x = tracked(2), tg.Tensor([1, 2])
    with tg.Tape() as tape:
        target = (w * x).sum()
    error = caught(errors.DTypeError, lambda: tape.gradient(target, x))
    assert error.code == "TG-G09"
    x = executed(error, x=x)["x"]
    np.testing.assert_array_equal(tape.gradient((w * x).sum(), x).data, w.data)


def test_g09_transforms_refuse_integers_too() -> None:
    assert caught(errors.DTypeError, lambda: tg.grad(lambda x: x * x)(3)).code == "TG-G09"


def test_g10_operation_without_a_derivative() -> None:
    x = tracked(3)
    with tg.Tape() as tape:
        best = tg.argmax(x)
    error = caught(errors.NotDifferentiable, lambda: tape.gradient(best, x))
    assert isinstance(error, TypeError)
    assert (error.code, error.op) == ("TG-G10", "argmax")
    assert_at(error, "tg.argmax(x)")
    assert tape.gradient(fixed(error, x=x)[0], x).shape == (3,)


def test_g10_in_the_middle_of_a_path() -> None:
    x, w = tracked(3), tracked(1)
    with tg.Tape() as tape:
        target = (w * (x > 2.0).astype(float)).sum()
    error = caught(errors.NotDifferentiable, lambda: tape.gradient(target, x))
    assert (error.code, error.op) == ("TG-G10", "greater")
    assert_at(error, "x > 2.0")


def test_g11_custom_rule_that_forgets_to_sum() -> None:
    @tg.operation(rule=(lambda g, out, x, b: g, lambda g, out, x, b: g))
    def shifted(x: Any, b: Any) -> Any:
        return x + b

    x, b = tracked(4, 3), tracked(3)
    with tg.Tape():
        y = shifted(x, b).sum()
    error = caught(errors.RuleError, lambda: y.backward())  # noqa: PLW0108
    assert isinstance(error, ValueError)
    assert (error.code, error.op, error.shapes) == ("TG-G11", "shifted", ((4, 3), (3,)))
    assert_at(error, "shifted(x, b)")
    summed = fixed(error, g=np.ones((4, 3)), b=b)
    np.testing.assert_array_equal(summed, np.full(3, 4.0))
    assert x.grad is None
    assert b.grad is None


def test_g11_custom_rule_of_a_smaller_shape() -> None:
    @tg.operation(rule=lambda g, out, x: g.sum(axis=0))
    def swish(x: Any) -> Any:
        return x / (1 + np.exp(-x))

    x = tracked(4, 3)
    error = caught(errors.RuleError, lambda: swish(x).sum().backward())
    assert (error.code, error.op, error.shapes) == ("TG-G11", "swish", ((3,), (4, 3)))
    assert fixed(error, g=np.ones(3), x=x).shape == (4, 3)


def test_g11_rules_that_cannot_be_called_fail_where_they_are_defined() -> None:
    for rule in (lambda g, x: g, lambda g, out, x, beta=1: g, lambda g, out: g):
        names = len(list(__import__("inspect").signature(rule).parameters))

        def define(rule: Any = rule) -> None:
            @tg.operation(rule=rule)
            def scaled(x: Any, *, beta: float = 1.0) -> Any:
                return x * beta

        if names == 4:
            define()
        else:
            error = caught(errors.RuleError, define)
            assert (error.code, error.op) == ("TG-G11", "scaled")
            assert error.fix == "lambda g, out, x, beta: ..."


def test_g11_a_forward_without_return() -> None:
    @tg.operation(rule=lambda g, out, x: g)
    def forgetful(x: Any) -> Any:
        x * x

    error = caught(errors.RuleError, lambda: forgetful(tracked(2)))
    assert (error.code, error.op, error.fix) == ("TG-G11", "forgetful", "return the result")
    assert_at(error, "forgetful(tracked(2))")


def test_g11_custom_rule_that_forgets_an_input() -> None:
    @tg.operation(rule=lambda g, out, x, y: (g,))
    def pair(x: Any, y: Any) -> Any:
        return x + y

    error = caught(errors.RuleError, lambda: pair(tracked(2), tracked(2)).sum().backward())
    assert (error.code, error.op) == ("TG-G11", "pair")


def test_t01_gradients_inside_after_and_of_rows_before_the_block() -> None:
    w = tracked(2)
    before = w * w
    with tg.Tape() as tape:
        loss = before.sum()
        inside = tape.gradient(loss, w)
    after = tape.gradient(loss, w)
    np.testing.assert_array_equal(inside.data, 2 * w.data)
    np.testing.assert_array_equal(after.data, 2 * w.data)


def test_t02_a_tape_entered_again() -> None:
    tape = tg.Tape()
    w = tracked(2)

    def again() -> None:
        with tape, tape:
            pass

    error = caught(errors.TapeError, again)
    assert isinstance(error, RuntimeError)
    assert error.code == "TG-T02"
    assert "opened at line" in error.what
    with tape:
        space = executed(errors.TinygradError("", fix=error.fix + "\n    y = (w * w).sum()"), w=w)
    assert len(space["inner"]) == len(tape) == 2


def test_i01_leaf_changed_after_use() -> None:
    w = tracked(2)
    with tg.Tape():
        loss = (w * w).sum()
    w.data -= 1.0
    error = caught(errors.InPlaceError, lambda: loss.backward())  # noqa: PLW0108
    assert isinstance(error, RuntimeError)
    assert (error.code, error.op, error.shapes) == ("TG-I01", "multiply", ((2,),))
    assert_at(error, "w * w")
    assert w.grad is None
    loss = (w * w).sum()
    executed(error, loss=loss)
    np.testing.assert_array_equal(w.grad, 2 * w.data)


def test_i02_assignment_to_an_element() -> None:
    x = tracked(3)

    def assign() -> None:
        x[1] = 5.0

    error = caught(errors.InPlaceError, assign)
    assert error.code == "TG-I02"
    assert_at(error, "x[1]")
    y = executed(error, x=x)["x"]
    np.testing.assert_array_equal(y.data, [1.0, 5.0, 3.0])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 1.0])


def test_i02_building_from_parts_with_stack() -> None:
    p = tracked(3)
    parts = [p[k] * k for k in range(3)]
    tg.stack(parts).sum().backward()
    np.testing.assert_array_equal(p.grad, [0.0, 1.0, 2.0])


def test_i03_parameter_updated_by_hand() -> None:
    w, step = tracked(2), np.array([0.5, 0.5])

    def update() -> None:
        nonlocal w
        w -= step

    error = caught(errors.InPlaceError, update)
    assert (error.code, error.shapes) == ("TG-I03", ((2,),))
    assert_at(error, "w -= step")
    executed(error, w=w, step=step)
    np.testing.assert_array_equal(w.data, [0.5, 1.5])


def test_i03_array_updated_by_a_tensor() -> None:
    a, t = np.zeros(2), tracked(2)

    def update() -> None:
        nonlocal a
        a += t

    error = caught(errors.InPlaceError, update)
    assert error.code == "TG-I03"
    np.testing.assert_array_equal(executed(error, a=a, t=t)["a"].data, t.data)


def test_i03_results_may_be_rebound() -> None:
    w = tracked(2)
    y = w * 1.0
    y += w
    y.sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 2.0])


def test_n01_first_value_that_is_not_finite() -> None:
    x = tg.Tensor([2.0, 0.0], requires_grad=True)
    with tg.detect_anomaly():
        error = caught(errors.AnomalyError, lambda: tg.log(x) * 2.0)
        assert isinstance(error, FloatingPointError)
        assert (error.code, error.op, error.shapes) == ("TG-N01", "log", ((2,),))
        assert_at(error, "tg.log(x)")
        assert "output[1] = -inf, because x[1] = 0" in error.what
        fixed(error, x=x).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.0])


def test_n02_first_value_that_is_not_finite_in_backward() -> None:
    x = tg.Tensor([4.0, 0.0], requires_grad=True)
    with tg.detect_anomaly():
        y = tg.where(x > 0, tg.sqrt(x), 0.0).sum()
        error = caught(errors.AnomalyError, lambda: y.backward())  # noqa: PLW0108
        assert (error.code, error.op, error.shapes) == ("TG-N02", "sqrt", ((2,),))
        assert_at(error, "tg.sqrt(x)")
        assert "x[1] = 0 and the cotangent is 0" in error.what
        assert "branch of `where`" in error.why
        tg.where(x > 0, fixed(error, x=x), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.25, 0.0])


def test_n03_overflow() -> None:
    x = tg.Tensor([1047.0, 1000.0], requires_grad=True)
    with tg.detect_anomaly():
        error = caught(errors.AnomalyError, lambda: tg.exp(x) / tg.exp(x).sum())
        assert (error.code, error.op, error.shapes) == ("TG-N03", "exp", ((2,),))
        assert_at(error, "tg.exp(x)")
        assert "overflowed float64: output[0] = inf, because x[0] = 1047" in error.what
        scaled = fixed(error, x=x)
    np.testing.assert_allclose((scaled / scaled.sum()).data, tg.softmax(x).data, rtol=1e-12)


def test_n05_what_was_not_finite_when_it_came_in() -> None:
    w, x = tracked(2), np.array([np.nan, 1.0])
    with tg.detect_anomaly():
        loss = (w * x).sum()
        error = caught(errors.AnomalyError, lambda: loss.backward())  # noqa: PLW0108
        assert (error.code, error.op, error.shapes) == ("TG-N05", "multiply", ((2,), (2,)))
        assert_at(error, "w * x")
        assert "x[0] = nan, 1 of 2 bad" in error.what
        fixed(error, w=w, x=x).sum().backward()
    np.testing.assert_array_equal(w.grad, [0.0, 1.0])


def test_i01_operand_overwritten_in_anomaly_mode() -> None:
    w, a = tracked(2), np.array([3.0, 4.0])
    with tg.detect_anomaly():
        loss = (w * a).sum()
        a[0] = 9.0
        error = caught(errors.InPlaceError, lambda: loss.backward())  # noqa: PLW0108
        assert (error.code, error.op, error.shapes) == ("TG-I01", "multiply", ((2,), (2,)))
        assert_at(error, "w * a")
        assert "a[0] was 3, is 9" in error.what
        kept = executed(error, a=a)["a"]
        loss = (w * kept).sum()
        a[0] = 0.0
        loss.backward()
    np.testing.assert_array_equal(w.grad, [9.0, 4.0])


def test_p01_unsupported_numpy_function() -> None:
    t = tracked(3)
    error = caught(errors.InteropError, lambda: np.median(t))
    assert isinstance(error, TypeError)
    assert (error.code, error.op) == ("TG-P01", "median")
    assert_at(error, "np.median(t)")
    assert fixed(error, t=t) == 2.0


def test_p01_unsupported_ufunc() -> None:
    t = tracked(3)
    error = caught(errors.InteropError, lambda: np.spacing(t))
    assert (error.code, error.op) == ("TG-P01", "spacing")
    assert fixed(error, t=t).shape == (3,)


def test_p02_truth_of_several_values() -> None:
    loss = tracked(3)

    def ask() -> None:
        if loss > 0.1:
            pass

    error = caught(errors.TruthError, ask)
    assert isinstance(error, ValueError)
    assert (error.code, error.shapes) == ("TG-P02", ((3,),))
    assert error.site.line > 0
    assert bool(fixed(error, loss=loss, x=loss))


def test_messages_degrade_without_source() -> None:
    space: dict[str, Any] = {"tg": tg, "np": np}
    with pytest.raises(errors.ShapeError) as info:
        exec("tg.Tensor(np.ones((2, 3))) @ tg.Tensor(np.ones((2, 3)))", space)
    assert "at <string>:1" in str(info.value)
    assert "^" not in str(info.value)


def test_wrong_arguments_name_the_operation() -> None:
    error = caught(errors.SignatureError, lambda: tg.sum(tracked(2), axs=0))
    assert isinstance(error, TypeError)
    assert "sum()" in error.what
    assert "axs" in error.what
    assert "axis" in error.fix
    with pytest.raises(TypeError, match=r"add\(\)"):
        tg.add(tracked(2))  # type: ignore[call-arg]


def test_errors_travel_to_other_processes_with_their_text() -> None:
    x = tracked(4, 3)
    error = caught(errors.ShapeError, lambda: x @ x)
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is errors.ShapeError
    assert str(twin) == str(error)


def test_targets_and_functions_of_a_wrong_kind_are_named() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        loss = (w * w).sum()
    for call in (
        lambda: tape.gradient(float(loss), w),
        lambda: tape.adjoints(3.0),
        lambda: list(tape.step_back([loss])),
        lambda: tg.grad(3.0)(1.0),
        lambda: tg.operation(np.exp)(w),
    ):
        assert caught(errors.ArgumentError, call).fix


def test_every_error_is_also_a_builtin() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        if kind is not errors.TinygradError:
            assert any(base.__module__ == "builtins" for base in kind.__mro__[1:-3])
