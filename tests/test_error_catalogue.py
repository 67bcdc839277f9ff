"""The error catalogue: class, code, place, shapes, and a fix that works when it is executed.

Each test commits the mistake, states everything that the error says of it, and then runs the edit
that the message proposes, as a learner would. Where the record is needed to know the place, a Tape
is on. The codes are those of the situations that users of other frameworks ask about.
"""

from __future__ import annotations

import linecache
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors

Shapes = tuple[tuple[int, ...], ...]


def caught(kind: type[Exception], call: Callable[[], Any]) -> Any:
    with pytest.raises(kind) as info:
        call()
    return info.value


def mistake(
    call: Callable[[], Any],
    kind: type[Exception],
    code: str,
    *,
    also: type[Exception],
    at: str | None,
    shapes: Shapes,
    op: str | None = None,
) -> Any:
    """The error of a mistake; its class, code, shapes, operation and place have to be given.

    ``at=None`` leaves the place to the caller, where Python's versions differ in its extent.
    """
    error = caught(kind, call)
    assert type(error) is kind
    assert isinstance(error, also)
    assert (error.code, error.shapes, error.op) == (f"TG-{code}", shapes, op)
    assert error.site is not None
    assert error.site.filename == __file__
    assert at in (None, error.site.expression)
    where, caret = error.site.lines()
    assert at in (None, where[caret.index("^") : caret.rindex("^") + 1])
    said = str(error)
    assert said.startswith(f"TG-{code}: {error.what}\n")
    assert where in said
    assert caret in said
    assert f"  fix   {error.fix}" in said
    assert f"  why   {error.why}" in said
    return error


def fixed(error: Any, **names: Any) -> Any:
    """The value of the proposed edit."""
    return eval(error.fix, {"tg": tg, "np": np, **names})


def executed(error: Any, **names: Any) -> dict[str, Any]:
    """The names after the proposed edit."""
    space = {"tg": tg, "np": np, **names}
    exec(error.fix, space)
    return space


def defined(name: str, parameters: str, *lines: str) -> Any:
    """A function whose last line is a proposed edit."""
    space: dict[str, Any] = {"tg": tg, "np": np}
    exec(f"def {name}({parameters}):\n    " + "\n    ".join(lines), space)
    return space[name]


def tracked(*shape: int) -> tg.Tensor:
    return tg.Tensor(np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape), requires_grad=True)


# Shapes


def test_s01_matmul_inner_sizes_of_a_transposed_weight() -> None:
    x, W = tracked(4, 3), tracked(2, 3)
    error = mistake(
        lambda: x @ W, errors.ShapeError, "S01",
        also=ValueError, at="x @ W", shapes=((4, 3), (2, 3)), op="matmul",
    )  # fmt: skip
    assert "x @ W needs equal inner sizes, got 3 and 2" in error.what
    np.testing.assert_array_equal(fixed(error, x=x, W=W).data, x.data @ W.data.T)


def test_s01_matmul_inner_sizes_of_an_unrelated_weight() -> None:
    x, w = tracked(4, 3), tracked(5, 2)
    error = mistake(
        lambda: x @ w, errors.ShapeError, "S01",
        also=ValueError, at="x @ w", shapes=((4, 3), (5, 2)), op="matmul",
    )  # fmt: skip
    assert (x @ executed(error, x=x, w=w)["w"]).shape == (4, 2)


def test_s01_matmul_inner_sizes_of_a_transposed_input() -> None:
    x, w = tracked(3, 4), tracked(3, 2)
    error = mistake(
        lambda: x @ w, errors.ShapeError, "S01",
        also=ValueError, at="x @ w", shapes=((3, 4), (3, 2)), op="matmul",
    )  # fmt: skip
    np.testing.assert_array_equal(fixed(error, x=x, w=w).data, x.data.T @ w.data)


def test_s01_the_edit_keeps_the_meaning_of_larger_operands() -> None:
    x, b, W = tracked(4, 3), tracked(3), tracked(2, 3)
    error = mistake(
        lambda: (x + b) @ W, errors.ShapeError, "S01",
        also=ValueError, at="(x + b) @ W", shapes=((4, 3), (2, 3)), op="matmul",
    )  # fmt: skip
    np.testing.assert_array_equal(fixed(error, x=x, b=b, W=W).data, (x.data + b.data) @ W.data.T)


def test_s01_matmul_with_a_single_number() -> None:
    s, v = tracked(), tracked(3)
    error = mistake(
        lambda: s @ v, errors.ShapeError, "S01",
        also=ValueError, at="s @ v", shapes=((), (3,)), op="matmul",
    )  # fmt: skip
    np.testing.assert_array_equal(fixed(error, s=s, v=v).data, v.data)


@pytest.mark.parametrize(
    ("left", "right", "axis", "shape"),
    [
        ((4, 3), (4,), "-1 is 3 against 4", (4, 3)),  # one value per row
        ((2, 3, 4), (2, 4), "-2 is 3 against 2", (2, 3, 4)),  # an axis left out in the middle
        ((4, 3), (3, 4), "-1 is 3 against 4", (4, 3)),  # transposed
        ((4, 3), (5,), "-1 is 3 against 5", (4, 3)),  # too long
        ((4, 3), (2, 5), "-1 is 3 against 5", (2, 3)),  # too long and too short
    ],
)
def test_s02_elementwise_shapes_clash(
    left: tuple[int, ...], right: tuple[int, ...], axis: str, shape: tuple[int, ...]
) -> None:
    a, b = tracked(*left), tracked(*right)
    error = mistake(
        lambda: a * b + 1.0, errors.ShapeError, "S02",
        also=ValueError, at="a * b", shapes=(left, right), op="multiply",
    )  # fmt: skip
    assert f"axis {axis}" in error.what
    edits = re.findall(r"[ab](?:\[.*?\]|\.mT)", error.fix.partition("#")[0])
    for edit in edits:
        a, b = (eval(edit), b) if edit[0] == "a" else (a, eval(edit))
    assert (a * b).shape == shape


def test_s02_also_for_plain_arrays_and_numpy_functions() -> None:
    a, b = np.ones((4, 3)), tracked(4)
    plain = b.data
    for call, at in (
        (lambda: np.add(a, b), "np.add(a, b)"),
        (lambda: a + b, "a + b"),
        (lambda: tg.add(a, plain), "tg.add(a, plain)"),
    ):
        error = mistake(
            call, errors.ShapeError, "S02",
            also=ValueError, at=at, shapes=((4, 3), (4,)), op="add",
        )  # fmt: skip
        assert (a + fixed(error, a=a, b=b, plain=plain)).shape == (4, 3)


def test_s02_values_that_do_not_fit_a_place() -> None:
    x = tracked(4, 3)
    error = mistake(
        lambda: x.at[0].set([1.0, 2.0]), errors.ShapeError, "S02",
        also=ValueError, at="x.at[0].set([1.0, 2.0])", shapes=((4, 3), (2,)), op="put",
    )  # fmt: skip
    np.testing.assert_array_equal(fixed(error, x=x).data[0], np.zeros(3))


def test_s05_convolution_of_images_with_another_number_of_channels() -> None:
    x, w = tracked(2, 1, 5, 5), tracked(4, 3, 3, 3)
    error = mistake(
        lambda: tg.conv2d(x, w), errors.ShapeError, "S05",
        also=ValueError, at="tg.conv2d(x, w)", shapes=((2, 1, 5, 5), (4, 3, 3, 3)), op="conv2d",
    )  # fmt: skip
    assert "x (2, 1, 5, 5) has 1 channel, weight (4, 3, 3, 3) takes 3" in error.what
    assert "(batch, channels, height, width)" in error.notes[0]
    assert tg.conv2d(x, executed(error, x=x)["weight"]).shape == (2, 4, 3, 3)


def test_s05_convolution_of_images_with_channels_last() -> None:
    x, w = tracked(2, 5, 6, 3), tracked(4, 3, 3, 3)
    error = mistake(
        lambda: tg.conv2d(x, w), errors.ShapeError, "S05",
        also=ValueError, at="tg.conv2d(x, w)", shapes=((2, 5, 6, 3), (4, 3, 3, 3)), op="conv2d",
    )  # fmt: skip
    assert tg.conv2d(fixed(error, x=x), w).shape == (2, 4, 3, 4)


def test_s07_reshape_that_does_not_fit() -> None:
    x = tracked(2, 3, 4)
    error = mistake(
        lambda: x.reshape(5, 5), errors.ShapeError, "S07",
        also=ValueError, at="x.reshape(5, 5)", shapes=((2, 3, 4),), op="reshape",
    )  # fmt: skip
    assert fixed(error, x=x).shape == (2, 12)
    assert "(2, 12)" in error.fix


def test_s07_flatten_to_another_number_of_values() -> None:
    x = tracked(2, 3, 4)
    error = mistake(
        lambda: tg.reshape(x, (-1, 50)), errors.ShapeError, "S07",
        also=ValueError, at="tg.reshape(x, (-1, 50))", shapes=((2, 3, 4),), op="reshape",
    )  # fmt: skip
    assert "cannot reshape (2, 3, 4) = 24 values to (-1, 50)" in error.what
    assert fixed(error, x=x).shape == (2, 12)


def test_s07_reshape_with_two_lengths_left_open() -> None:
    x = tracked(6)
    error = mistake(
        lambda: x.reshape(-1, -1), errors.ShapeError, "S07",
        also=ValueError, at="x.reshape(-1, -1)", shapes=((6,),), op="reshape",
    )  # fmt: skip
    assert "once" in error.why
    assert fixed(error, x=x).shape == (6,)


def test_s07_reshape_of_no_values_to_some() -> None:
    x = tracked(0, 3)
    error = mistake(
        lambda: x.reshape(2, 3), errors.ShapeError, "S07",
        also=ValueError, at="x.reshape(2, 3)", shapes=((0, 3),), op="reshape",
    )  # fmt: skip
    assert fixed(error, x=x).shape == (0,)


@pytest.mark.parametrize(
    ("expression", "op", "shape"),
    [
        ("x[7]", "getitem", (3,)),
        ("x[:, -4]", "getitem", (4,)),
        ("x[0, 1, 2]", "getitem", (4, 3)),
        ("x['a']", "getitem", (3,)),
        ("x[np.array([True, False])]", "getitem", (12,)),
        ("x.at[9].set(1.0)", "put", (4, 3)),
        ("x.sum(axis=5)", "sum", (4,)),
        ("tg.argmax(x, axis=2)", "argmax", (4,)),
        ("tg.softmax(x, axis=-3)", "softmax", (4, 3)),
    ],
)
def test_s08_an_index_or_axis_that_is_not_there(
    expression: str, op: str, shape: tuple[int, ...], run_line: Callable[..., Any]
) -> None:
    x = tracked(4, 3)
    error = caught(errors.IndexingError, lambda: run_line(expression, x=x))
    assert isinstance(error, IndexError)
    assert (error.code, error.op, error.shapes[0]) == ("TG-S08", op, (4, 3))
    assert error.site.expression == expression
    assert fixed(error, x=x).shape == shape


def test_s09_parts_of_different_shapes() -> None:
    x, b = tracked(4, 3), tracked(5)
    for call, at in (
        (lambda: tg.concat([x, b]), "tg.concat([x, b])"),
        (lambda: tg.stack([x, b]), "tg.stack([x, b])"),
    ):
        error = caught(errors.ShapeError, call)
        assert isinstance(error, ValueError)
        assert (error.code, error.op) == ("TG-S09", at[3:].partition("(")[0])
        assert error.site.expression == at
        assert fixed(error, x=x, b=b).shape == (17,)


@pytest.mark.parametrize(
    ("expression", "code", "kind"),
    [
        ("tg.permute_dims(x, (0, 0))", "TG-S09", errors.ShapeError),
        ("tg.squeeze(x, axis=0)", "TG-S09", errors.ShapeError),
        ("tg.broadcast_to(x, (5, 3))", "TG-S09", errors.ShapeError),
        ("x.sum(axis=(0, 0))", "TG-S09", errors.ShapeError),
        ("tg.max(x[:0], axis=0)", "TG-S09", errors.ShapeError),
        ("tg.sum(x, axis='a')", "TG-S10", errors.DTypeError),
    ],
)
def test_s09_s10_other_refusals_of_numpy_come_with_a_call_that_works(
    expression: str, code: str, kind: type[Exception], run_line: Callable[..., Any]
) -> None:
    x = tracked(4, 3)
    error = caught(kind, lambda: run_line(expression, x=x))
    assert error.code == code
    assert error.site.expression == expression
    assert error.fix.startswith(f"tg.{error.op}(")
    fixed(error, x=x)


@pytest.fixture
def run_line() -> Callable[..., Any]:
    """Run one expression whose source text Python can find, so that the error shows it."""

    def run(expression: str, **names: Any) -> Any:
        name = f"<line {expression}>"
        linecache.cache[name] = (len(expression), None, [expression], name)
        return eval(compile(expression, name, "eval"), {"tg": tg, "np": np, **names})

    return run


# Gradients


def test_g01_backward_of_several_values() -> None:
    x = tracked(3)
    with tg.Tape():
        y = x * x
    error = mistake(
        lambda: y.backward(), errors.GradientError, "G01",  # noqa: PLW0108
        also=ValueError, at="y.backward()", shapes=((3,),),
    )  # fmt: skip
    assert "y = x * x" in str(error)
    executed(error, y=y)
    np.testing.assert_array_equal(x.grad, 2 * x.data)


def test_g01_backward_of_an_expression() -> None:
    x = tracked(3)
    error = mistake(
        lambda: (x * x).backward(), errors.GradientError, "G01",  # noqa: PLW0108
        also=ValueError, at="(x * x).backward()", shapes=((3,),),
    )  # fmt: skip
    executed(error, x=x)
    np.testing.assert_array_equal(x.grad, 2 * x.data)


def test_g01_tape_gradient_of_several_values() -> None:
    x = tracked(3)
    with tg.Tape() as tape:
        y = x * x
    error = mistake(
        lambda: tape.gradient(y, x), errors.GradientError, "G01",
        also=ValueError, at="tape.gradient(y, x)", shapes=((3,),),
    )  # fmt: skip
    np.testing.assert_array_equal(tape.gradient(fixed(error, y=y), x).data, 2 * x.data)
    error = caught(errors.GradientError, lambda: tape.gradient(x + y, x))
    expected = 1 + 2 * x.data
    np.testing.assert_array_equal(tape.gradient(fixed(error, x=x, y=y), x).data, expected)


def test_g01_output_gradient_of_another_shape() -> None:
    x = tracked(3)
    y = x * x
    error = mistake(
        lambda: y.backward(np.ones(2)), errors.ShapeError, "G01",
        also=ValueError, at="y.backward(np.ones(2))", shapes=((2,), (3,)),
    )  # fmt: skip
    y.backward(fixed(error))
    np.testing.assert_array_equal(x.grad, 2 * x.data)


def test_g02_nothing_requires_a_gradient() -> None:
    w = tg.Tensor([1.0, 2.0])
    with tg.Tape():
        loss = (w * w).sum()
    error = mistake(
        lambda: loss.backward(), errors.UnconnectedError, "G02",  # noqa: PLW0108
        also=ValueError, at="loss.backward()", shapes=((),),
    )  # fmt: skip
    w = executed(error, w=w)["w"]
    (w * w).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])


def test_g02_computed_under_no_grad() -> None:
    w = tracked(2)
    with tg.Tape() as tape, tg.no_grad():
        loss = (w * w).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G02",
        also=ValueError, at="w * w", shapes=((2,),), op="no_grad",
    )  # fmt: skip
    with tg.no_grad():
        loss = executed(error, w=w)["loss"]
    np.testing.assert_array_equal(tape.gradient(loss, w).data, 2 * w.data)


def test_g03_not_an_input() -> None:
    w, other = tracked(2), tracked(3)
    w.name = "w"
    with tg.Tape() as tape:
        loss = (w * w).sum()
    error = mistake(
        lambda: tape.gradient(loss, other), errors.UnconnectedError, "G03",
        also=ValueError, at="tape.gradient(loss, other)", shapes=((3,),),
    )  # fmt: skip
    assert "inputs that are: w" in str(error)
    zero = fixed(error, tape=tape, loss=loss, other=other)
    np.testing.assert_array_equal(zero.data, np.zeros(3))


def test_g03_does_not_require_a_gradient() -> None:
    w, batch = tracked(2), tg.Tensor([3.0, 4.0])
    with tg.Tape() as tape:
        loss = (w * batch).sum()
    error = mistake(
        lambda: tape.gradient(loss, batch), errors.UnconnectedError, "G03",
        also=ValueError, at="tape.gradient(loss, batch)", shapes=((2,),),
    )  # fmt: skip
    batch = executed(error, batch=batch)["batch"]
    np.testing.assert_array_equal(tape.gradient((w * batch).sum(), batch).data, w.data)


def test_g04_float_on_the_way() -> None:
    w, v = tracked(1), tracked(1)
    with tg.Tape() as tape:
        z = float(w * w)
        loss = (v * z).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G04",
        also=ValueError, at="float(w * w)", shapes=((1,),),
    )  # fmt: skip
    again = (v * fixed(error, w=w)).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, 2 * w.data * v.data)


def test_g04_item_on_the_way() -> None:
    w, v = tracked(2), tracked(1)
    with tg.Tape() as tape:
        loss = (v * (w * w).sum().item()).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G04",
        also=ValueError, at="(w * w).sum().item()", shapes=((2,),),
    )  # fmt: skip
    again = (v * fixed(error, w=w)).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, 2 * w.data * v.data)


def test_g04_a_function_of_the_math_module_on_the_way() -> None:
    w, v = tracked(1), tracked(1)
    with tg.Tape() as tape:
        loss = (v * math.sqrt(w)).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G04",
        also=ValueError, at="math.sqrt(w)", shapes=((1,),),
    )  # fmt: skip
    again = (v * fixed(error, w=w)).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, 0.5 * v.data)


def test_g04_a_transform_of_a_function_that_returns_a_number() -> None:
    def cube(x: Any) -> Any:
        return float(x * x * x)

    error = mistake(
        lambda: tg.grad(cube)(2.0), errors.UnconnectedError, "G04",
        also=ValueError, at="tg.grad(cube)(2.0)", shapes=(),
    )  # fmt: skip
    assert tg.grad(defined("cube", "x", "loss = x * x * x", error.fix))(2.0) == 12.0


def test_g05_detached_on_the_way() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        fake = (w * 3.0).detach()
        loss = (fake * tracked(2)).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G05",
        also=ValueError, at="(w * 3.0).detach()", shapes=((2,),), op="detach",
    )  # fmt: skip
    again = fixed(error, w=w).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, [3.0, 3.0])


def test_g05_stopped_on_the_way() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        loss = tg.stop_gradient(w * 3.0).sum()
    error = mistake(
        lambda: tape.gradient(loss, w), errors.UnconnectedError, "G05",
        also=ValueError, at="tg.stop_gradient(w * 3.0)", shapes=((2,),), op="stop_gradient",
    )  # fmt: skip
    again = fixed(error, w=w).sum()
    np.testing.assert_array_equal(tape.gradient(again, w).data, [3.0, 3.0])


def test_instead_of_g06_a_tape_answers_often_inside_and_after_the_block() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        loss = (w * w).sum()
        inside = tape.gradient(loss, w)
    for answer in (inside, tape.gradient(loss, w), tape.gradient(loss, w)):
        np.testing.assert_array_equal(answer.data, 2 * w.data)
    assert w.grad is None


def test_instead_of_g06_one_tape_answers_for_several_targets() -> None:
    """The two players of a GAN share their rows: neither question uses the tape up."""
    w, v = tracked(2), tracked(2)
    with tg.Tape() as tape:
        shared = w * v
        first, second = shared.sum(), (shared * shared).sum()
    np.testing.assert_array_equal(tape.gradient(first, w).data, v.data)
    np.testing.assert_array_equal(tape.gradient(second, v).data, 2 * w.data**2 * v.data)
    np.testing.assert_array_equal(tape.gradient(first, [w, v])[1].data, w.data)


def test_instead_of_g06_backward_may_be_repeated_and_adds_again() -> None:
    w = tracked(2)
    h = w * w  # reused below: stale adjoints of it would give 36 times instead of 4
    loss = (h * h).sum()
    once = 4 * w.data**3
    for times in (1, 2, 3):
        loss.backward()
        np.testing.assert_array_equal(w.grad, times * once)


def test_instead_of_g08_intermediates_keep_no_gradient_and_the_tape_gives_it() -> None:
    w = tracked(2)
    with tg.Tape() as tape:
        h = w * 3.0
        loss = (h * h).sum()
    error = mistake(
        lambda: h.grad, errors.MissingGradient, "G08",
        also=AttributeError, at="h.grad", shapes=((2,),),
    )  # fmt: skip
    assert isinstance(error, errors.GradientError)
    assert not hasattr(h, "grad")
    loss.backward()
    assert not hasattr(h, "grad")
    np.testing.assert_array_equal(fixed(error, tape=tape, loss=loss, h=h).data, 2 * h.data)


def test_instead_of_g08_adjoints_steps_and_the_table_show_intermediates() -> None:
    w = tg.Tensor([0.5], requires_grad=True)
    with tg.Tape() as tape:
        h = w * 3.0
        loss = (h * h).sum()
    found = tape.adjoints(loss)
    np.testing.assert_array_equal(found[h], [3.0])
    np.testing.assert_array_equal(found[w], [9.0])
    steps = {step.row: step for step in tape.step_back(loss)}
    np.testing.assert_array_equal(steps[h].cotangent, [3.0])
    tape.gradient(loss, w)
    row = str(tape).splitlines()[1]
    assert row.split()[:2] == ["%0", "multiply"]
    assert row.partition("1.5")[2].split()[0] == "3"


def test_g09_integers_cannot_require_a_gradient() -> None:
    error = mistake(
        lambda: tg.Tensor([1, 2, 3], requires_grad=True), errors.DTypeError, "G09",
        also=TypeError, at="tg.Tensor([1, 2, 3], requires_grad=True)", shapes=((3,),),
    )  # fmt: skip
    w = fixed(error)
    (w * w).sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 4.0, 6.0])


def test_g09_gradient_with_respect_to_integers() -> None:
    w, steps = tracked(2), tg.Tensor([1, 2])
    with tg.Tape() as tape:
        loss = (w * steps).sum()
    error = mistake(
        lambda: tape.gradient(loss, steps), errors.DTypeError, "G09",
        also=TypeError, at="tape.gradient(loss, steps)", shapes=((2,),),
    )  # fmt: skip
    steps = executed(error, steps=steps)["steps"]
    np.testing.assert_array_equal(tape.gradient((w * steps).sum(), steps).data, w.data)


def test_g09_transforms_refuse_integers_too() -> None:
    def square(x: Any) -> Any:
        return x * x

    error = mistake(
        lambda: tg.grad(square)(3), errors.DTypeError, "G09",
        also=TypeError, at="tg.grad(square)(3)", shapes=((),),
    )  # fmt: skip
    assert tg.grad(square)(fixed(error)) == 6.0


@pytest.mark.parametrize(
    ("flat", "op", "expression"),
    [
        (lambda x, y: tg.argmax(x), "argmax", "tg.argmax(x)"),
        (lambda x, y: tg.argmin(x), "argmin", "tg.argmin(x)"),
        (lambda x, y: tg.sign(x), "sign", "tg.sign(x)"),
        (lambda x, y: x > y, "greater", "x > y"),
        (lambda x, y: x <= y, "less_equal", "x <= y"),
        (lambda x, y: x // y, "floor_divide", "x // y"),
        (lambda x, y: x == y, "equal", "x == y"),
    ],
)
def test_g10_operation_without_a_derivative(
    flat: Callable[..., Any], op: str, expression: str
) -> None:
    x, y = tracked(3), tracked(3)
    with tg.Tape() as tape:
        best = flat(x, y)
    error = mistake(
        lambda: tape.gradient(best, x, output_gradient=np.ones(best.shape)),
        errors.NotDifferentiable, "G10",
        also=TypeError, at=expression, shapes=(best.shape,), op=op,
    )  # fmt: skip
    smooth = fixed(error, x=x, y=y)
    assert tape.gradient(smooth[0], x).shape == (3,)


def test_g10_in_the_middle_of_a_path() -> None:
    x, w = tracked(3), tracked(1)
    with tg.Tape() as tape:
        target = (w * (x > 2.0).astype(float)).sum()
    error = mistake(
        lambda: tape.gradient(target, x), errors.NotDifferentiable, "G10",
        also=TypeError, at="x > 2.0", shapes=((3,),), op="greater",
    )  # fmt: skip
    again = (w * fixed(error, x=x)).sum()
    assert np.all(tape.gradient(again, x).data > 0)


def test_g11_custom_rule_that_forgets_to_sum() -> None:
    @tg.operation(rule=(lambda g, out, x, b: g, lambda g, out, x, b: g))
    def shifted(x: Any, b: Any) -> Any:
        return x + b

    x, b = tracked(4, 3), tracked(3)
    with tg.Tape():
        y = shifted(x, b).sum()
    error = mistake(
        lambda: y.backward(), errors.RuleError, "G11",  # noqa: PLW0108
        also=ValueError, at="shifted(x, b)", shapes=((4, 3), (3,)), op="shifted",
    )  # fmt: skip
    np.testing.assert_array_equal(fixed(error, g=np.ones((4, 3)), b=b), np.full(3, 4.0))
    assert x.grad is None
    assert b.grad is None


@pytest.mark.parametrize("wrong", [(3,), (4, 1), (4,), (12,), (3, 4)])
def test_g11_custom_rule_of_a_smaller_or_turned_shape(wrong: tuple[int, ...]) -> None:
    @tg.operation(rule=lambda g, out, x: np.resize(g, wrong))
    def swish(x: Any) -> Any:
        return x / (1 + np.exp(-x))

    x = tracked(4, 3)
    with tg.Tape():
        y = swish(x).sum()
    error = mistake(
        lambda: y.backward(), errors.RuleError, "G11",  # noqa: PLW0108
        also=ValueError, at="swish(x)", shapes=(wrong, (4, 3)), op="swish",
    )  # fmt: skip
    assert fixed(error, g=np.ones(wrong), x=x).shape == (4, 3)


@pytest.mark.parametrize("rule", [lambda g, x: g, lambda g, out: g, lambda g, out, x, gamma: g])
def test_g11_rules_that_cannot_be_called_fail_where_they_are_defined(rule: Any) -> None:
    def scaled(x: Any, *, beta: float = 1.0) -> Any:
        return x * beta

    error = mistake(
        lambda: tg.operation(rule=rule)(scaled), errors.RuleError, "G11",
        also=ValueError, at="tg.operation(rule=rule)(scaled)", shapes=(), op="scaled",
    )  # fmt: skip
    assert tg.operation(rule=fixed(error))(scaled)(tracked(2), beta=3.0)[1] == 6.0


def test_g11_fewer_rules_than_inputs() -> None:
    def pair(x: Any, y: Any) -> Any:
        return x + y

    only = (lambda g, out, x, y: g,)
    error = mistake(
        lambda: tg.operation(rule=only)(pair), errors.RuleError, "G11",
        also=ValueError, at="tg.operation(rule=only)(pair)", shapes=(), op="pair",
    )  # fmt: skip
    assert tg.operation(rule=fixed(error))(pair)(tracked(2), tracked(2))[1] == 4.0


def test_g11_a_forward_without_return() -> None:
    @tg.operation(rule=lambda g, out, x: g)
    def forgetful(x: Any) -> Any:
        x * x

    error = mistake(
        lambda: forgetful(tracked(2)), errors.RuleError, "G11",
        also=ValueError, at="forgetful(tracked(2))", shapes=(), op="forgetful",
    )  # fmt: skip
    mended = defined("forgetful", "x", "result = x * x", error.fix)
    assert tg.operation(rule=lambda g, out, x: g)(mended)(tracked(2))[1] == 4.0


def test_g11_custom_rule_that_forgets_an_input() -> None:
    def pair(x: Any, y: Any) -> Any:
        return x + y

    x, y = tracked(2), tracked(2)
    with tg.Tape():
        z = tg.operation(rule=lambda g, out, x, y: (g,))(pair)(x, y)
    error = mistake(
        lambda: z.sum().backward(), errors.RuleError, "G11", also=ValueError,
        at="tg.operation(rule=lambda g, out, x, y: (g,))(pair)(x, y)",
        shapes=((2,), (2,)), op="pair",
    )  # fmt: skip
    rule = defined("rule", "g, out, x, y", "dx = dy = g", error.fix)
    tg.operation(rule=rule)(pair)(x, y).sum().backward()
    np.testing.assert_array_equal(y.grad, [1.0, 1.0])


# The tape


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

    error = mistake(again, errors.TapeError, "T02", also=RuntimeError, at=None, shapes=())
    line = again.__code__.co_firstlineno + 1
    assert f"opened at line {line}" in error.what
    assert error.site.line == line
    assert len(tape) == 0
    with tape:
        inner = executed(errors.TinygradError("", fix=error.fix.replace("...", "w * w")), w=w)
        assert len(inner["inner"]) == len(tape) == 1


# Values changed in place


def test_i01_leaf_changed_after_use() -> None:
    w = tracked(2)
    with tg.Tape():
        loss = (w * w).sum()
    w.data -= 1.0
    error = mistake(
        lambda: loss.backward(), errors.InPlaceError, "I01",  # noqa: PLW0108
        also=RuntimeError, at="w * w", shapes=((2,),), op="multiply",
    )  # fmt: skip
    assert w.grad is None
    loss = (w * w).sum()
    executed(error, loss=loss)
    np.testing.assert_array_equal(w.grad, 2 * w.data)


def test_i02_assignment_of_a_number_to_an_element() -> None:
    x = tracked(3)

    def assign() -> None:
        x[1] = 5.0

    error = mistake(
        assign, errors.InPlaceError, "I02", also=RuntimeError, at="x[1]", shapes=((3,),)
    )
    y = executed(error, x=x)["x"]
    np.testing.assert_array_equal(y.data, [1.0, 5.0, 3.0])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 0.0, 1.0])


def test_i02_assignment_of_a_tensor_to_a_part() -> None:
    x, p = tracked(2, 3), tracked(2)

    def assign() -> None:
        x[0, 1:] = p * 2.0

    error = mistake(
        assign, errors.InPlaceError, "I02", also=RuntimeError, at="x[0, 1:]", shapes=((2, 3),)
    )
    y = executed(error, x=x, p=p)["x"]
    np.testing.assert_array_equal(y.data, [[1.0, 2.0, 4.0], [4.0, 5.0, 6.0]])
    y.sum().backward()
    np.testing.assert_array_equal(p.grad, [2.0, 2.0])


def test_i02_an_element_changed_in_place() -> None:
    x = tracked(3)

    def change() -> None:
        x[1] *= 2.0 + 3.0

    error = mistake(
        change, errors.InPlaceError, "I02", also=RuntimeError, at="x[1]", shapes=((3,),)
    )
    y = executed(error, x=x)["x"]
    np.testing.assert_array_equal(y.data, [1.0, 10.0, 3.0])
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1.0, 5.0, 1.0])


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

    error = mistake(
        update, errors.InPlaceError, "I03", also=RuntimeError, at="w -= step", shapes=((2,),)
    )
    executed(error, w=w, step=step)
    np.testing.assert_array_equal(w.data, [0.5, 1.5])


def test_i03_array_updated_by_a_tensor() -> None:
    a, t = np.zeros(2), tracked(2)

    def update() -> None:
        nonlocal a
        a += t

    error = mistake(
        update, errors.InPlaceError, "I03",
        also=RuntimeError, at="a += t", shapes=((2,), (2,)), op="add",
    )  # fmt: skip
    np.testing.assert_array_equal(executed(error, a=a, t=t)["a"].data, t.data)


def test_i03_array_given_as_the_place_for_a_result() -> None:
    t, place = tracked(2), np.zeros(2)
    error = mistake(
        lambda: np.exp(t, out=place), errors.InPlaceError, "I03",
        also=RuntimeError, at="np.exp(t, out=place)", shapes=((2,),), op="exp",
    )  # fmt: skip
    np.testing.assert_array_equal(executed(error, t=t)["out"].data, np.exp(t.data))


def test_i03_new_data_for_a_computed_value() -> None:
    y = tracked(2) * 2.0

    def assign() -> None:
        y.data = np.ones(2)

    error = mistake(
        assign, errors.InPlaceError, "I03", also=RuntimeError, at="y.data", shapes=((2,),)
    )
    new = executed(error, y=y)["y"]
    np.testing.assert_array_equal(new.data, np.ones(2))
    assert new.is_leaf


def test_i03_results_may_be_rebound() -> None:
    w = tracked(2)
    y = w * 1.0
    y += w
    y.sum().backward()
    np.testing.assert_array_equal(w.grad, [2.0, 2.0])


def test_n01_first_value_that_is_not_finite() -> None:
    x = tg.Tensor([2.0, 0.0], requires_grad=True)
    with tg.detect_anomaly():
        error = mistake(
            lambda: tg.log(x) * 2.0,
            errors.AnomalyError,
            "N01",
            also=FloatingPointError,
            at="tg.log(x)",
            shapes=((2,),),
            op="log",
        )
        assert "output[1] = -inf, because x[1] = 0" in error.what
        fixed(error, x=x).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.0])


def test_n02_first_value_that_is_not_finite_in_backward() -> None:
    x = tg.Tensor([4.0, 0.0], requires_grad=True)
    with tg.detect_anomaly():
        y = tg.where(x > 0, tg.sqrt(x), 0.0).sum()
        error = mistake(
            y.backward,
            errors.AnomalyError,
            "N02",
            also=FloatingPointError,
            at="tg.sqrt(x)",
            shapes=((2,),),
            op="sqrt",
        )
        assert "x[1] = 0 and the cotangent is 0" in error.what
        assert "branch of `where`" in error.why
        tg.where(x > 0, fixed(error, x=x), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0.25, 0.0])


def test_n03_overflow() -> None:
    x = tg.Tensor([1047.0, 1000.0], requires_grad=True)
    with tg.detect_anomaly():
        error = mistake(
            lambda: tg.exp(x) / tg.exp(x).sum(),
            errors.AnomalyError,
            "N03",
            also=FloatingPointError,
            at="tg.exp(x)",
            shapes=((2,),),
            op="exp",
        )
        assert "overflowed float64: output[0] = inf, because x[0] = 1047" in error.what
        scaled = fixed(error, x=x)
    np.testing.assert_allclose((scaled / scaled.sum()).data, tg.softmax(x).data, rtol=1e-12)


def test_n05_what_was_not_finite_when_it_came_in() -> None:
    w, x = tracked(2), np.array([np.nan, 1.0])
    with tg.detect_anomaly():
        loss = (w * x).sum()
        error = mistake(
            loss.backward,
            errors.AnomalyError,
            "N05",
            also=FloatingPointError,
            at="w * x",
            shapes=((2,), (2,)),
            op="multiply",
        )
        assert "x[0] = nan, 1 of 2 bad" in error.what
        fixed(error, w=w, x=x).sum().backward()
    np.testing.assert_array_equal(w.grad, [0.0, 1.0])


def test_i01_operand_overwritten_in_anomaly_mode() -> None:
    w, a = tracked(2), np.array([3.0, 4.0])
    with tg.detect_anomaly():
        loss = (w * a).sum()
        a[0] = 9.0
        error = mistake(
            loss.backward,
            errors.InPlaceError,
            "I01",
            also=RuntimeError,
            at="w * a",
            shapes=((2,), (2,)),
            op="multiply",
        )
        assert "a[0] was 3, is 9" in error.what
        kept = executed(error, a=a)["a"]
        loss = (w * kept).sum()
        a[0] = 0.0
        loss.backward()
    np.testing.assert_array_equal(w.grad, [9.0, 4.0])


# Plain Python and NumPy


@pytest.mark.parametrize(
    ("call", "op", "at", "shapes"),
    [
        (lambda t, m: np.median(t), "median", "np.median(t)", ((3,),)),
        (lambda t, m: np.spacing(t), "spacing", "np.spacing(t)", ((3,),)),
        (lambda t, m: np.linalg.eigvals(m), "eigvals", "np.linalg.eigvals(m)", ((2, 2),)),
        (lambda t, m: np.fmax.accumulate(t), "fmax", "np.fmax.accumulate(t)", ((3,),)),
        (lambda t, m: np.vdot(m, m), "vdot", "np.vdot(m, m)", ((2, 2), (2, 2))),
        (lambda t, m: np.sum(t, initial=1.0), "sum", "np.sum(t, initial=1.0)", ((3,),)),
        (lambda t, m: np.ptp(m, 0), "ptp", "np.ptp(m, 0)", ((2, 2),)),
        (lambda t, m: np.unique(t), "unique", "np.unique(t)", ((3,),)),
        (lambda t, m: np.dstack([t, t]), "dstack", "np.dstack([t, t])", ((3,), (3,))),
    ],
)
def test_p01_unsupported_numpy_function(
    call: Callable[..., Any], op: str, at: str, shapes: Shapes
) -> None:
    t, m = tracked(3), tracked(2, 2)
    error = mistake(
        lambda: call(t, m), errors.InteropError, "P01", also=TypeError, at=at, shapes=shapes, op=op
    )
    answer = fixed(error, t=t, m=m)
    np.testing.assert_allclose(getattr(answer, "data", answer), call(t.data, m.data), rtol=1e-15)


def test_p01_a_tensor_made_an_array() -> None:
    t = tracked(3)
    error = mistake(
        lambda: np.asarray(t), errors.InteropError, "P01",
        also=TypeError, at="np.asarray(t)", shapes=((3,),),
    )  # fmt: skip
    assert fixed(error, t=t) is t.data
    error = mistake(
        lambda: np.array([t, t]), errors.InteropError, "P01",
        also=TypeError, at="np.array([t, t])", shapes=((3,),),
    )  # fmt: skip
    assert fixed(error, t=t).requires_grad


def test_p02_truth_of_several_values() -> None:
    loss = tracked(3)

    def ask() -> None:
        if loss > 0.1:
            pass

    error = mistake(ask, errors.TruthError, "P02", also=ValueError, at="loss > 0.1", shapes=((3,),))
    assert bool(fixed(error, loss=loss))
    assert ".mean()" in error.fix


def test_p02_truth_of_several_values_in_larger_conditions() -> None:
    loss = tracked(3)

    def either() -> bool:
        return bool(loss > 2.0 or loss < 1.0)

    error = caught(errors.TruthError, either)
    assert (error.code, error.shapes) == ("TG-P02", ((3,),))
    assert error.site.line == either.__code__.co_firstlineno + 1
    fixed(error, loss=loss, x=loss)


# The rest


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
