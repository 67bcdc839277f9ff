"""Anomaly mode finds what was injected: the operation, the line, the index, and a fix that works.

A fault is a small program with one bad expression in it. The program is run from a file, so that
there is source to point at; then the expression is replaced by the proposed edit, as a learner
would do, and the program must run to its end with finite numbers.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn

INF = float("inf")


class Fault(NamedTuple):
    """A program, and where it goes wrong."""

    program: str
    at: str  # the user's expression
    op: str
    index: tuple[int, ...] = ()
    code: str = "TG-N01"
    inf: bool = True
    because: str = ""  # part of the reason
    edit: str = ""  # what the fix replaces, where that is another expression


def leaf(*numbers: float, dtype: str = "float64") -> tg.Tensor:
    return tg.Tensor(np.array(numbers, dtype), requires_grad=True)


FORWARD = {
    "log of 0": Fault("loss = tg.log(x).sum()", "tg.log(x)", "log", (1,), because="minus infinity"),
    "log of a negative number": Fault(
        "loss = tg.log(x - 1.0).sum()", "tg.log(x - 1.0)", "log", (1,), because="not a real"
    ),
    "NumPy's log": Fault("loss = (3 * np.log(x)).sum()", "np.log(x)", "log", (1,)),
    "log2 of 0": Fault("loss = tg.log2(x).sum()", "tg.log2(x)", "log2", (1,)),
    "log10 of 0": Fault("loss = tg.log10(x).sum()", "tg.log10(x)", "log10", (1,)),
    "log1p of -1": Fault("loss = tg.log1p(x - 1).sum()", "tg.log1p(x - 1)", "log1p", (1,)),
    "log1p below -1": Fault("loss = tg.log1p(x - 3).sum()", "tg.log1p(x - 3)", "log1p", (0,)),
    "root of a negative number": Fault(
        "loss = tg.sqrt(x - 1).sum()", "tg.sqrt(x - 1)", "sqrt", (1,), because="real square root"
    ),
    "division by 0": Fault("loss = (1.0 / x).sum()", "1.0 / x", "divide", (1,), because="by 0"),
    "0 divided by 0": Fault(
        "loss = (x / (x * 3)).sum()", "x / (x * 3)", "divide", (1,), because="0 divided by 0"
    ),
    "division in place of a name": Fault(
        "y = x * 1.0\ny /= x\nloss = y.sum()", "y /= x", "divide", (1,), edit="y /= x"
    ),
    "reciprocal of 0": Fault(
        "loss = tg.reciprocal(x).sum()", "tg.reciprocal(x)", "reciprocal", (1,)
    ),
    "remainder of 0": Fault("loss = (x % (2 * x)).sum()", "x % (2 * x)", "remainder", (1,)),
    "0 to a negative power": Fault("loss = (x ** -1.5).sum()", "x ** -1.5", "power", (1,)),
    "fractional power of a negative base": Fault(
        "loss = ((x - 1) ** 0.3).sum()", "(x - 1) ** 0.3", "power", (1,), because="fractional"
    ),
    "exp overflow": Fault(
        "loss = tg.exp(x * 1e3).sum()", "tg.exp(x * 1e3)", "exp", (0,), "TG-N03", because="709.8"
    ),
    "expm1 overflow": Fault(
        "loss = tg.expm1(x * 1e3).sum()", "tg.expm1(x * 1e3)", "expm1", (0,), "TG-N03"
    ),
    "square overflow": Fault(
        "loss = tg.square(x * 1e200).sum()", "tg.square(x * 1e200)", "square", (0,), "TG-N03"
    ),
    "product overflow": Fault(
        "loss = (x * 1e200 * big).sum()", "x * 1e200 * big", "multiply", (0,), "TG-N03"
    ),
    "exp overflow in float32": Fault(
        "x = leaf(89.0, 1.0, dtype='float32')\nloss = tg.exp(x).sum()",
        "tg.exp(x)", "exp", (0,), "TG-N03", because="float32",
    ),
    "product overflow in float32": Fault(
        "x = leaf(1e30, 1.0, dtype='float32')\nloss = ((x * x) * 1e-30).sum()",
        "x * x", "multiply", (0,), "TG-N03", because="float32",
    ),
    "matrix product overflow in float32": Fault(
        "x = leaf(1e30, 1.0, dtype='float32')\nloss = (x @ x) * 1e-30",
        "x @ x", "matmul", (), "TG-N03", because="float32",
    ),
    "sum overflow in float16": Fault(
        "x = leaf(6e4, 6e4, dtype='float16')\nloss = tg.sum(x, axis=0)",
        "tg.sum(x, axis=0)", "sum", (), "TG-N03", because="float16",
    ),
    "conversion to float16": Fault(
        "loss = (x * 1e5).astype(np.float16).max()",
        "(x * 1e5).astype(np.float16)", "astype", (0,), "TG-N03", because="float16",
    ),
    "log of a softmax": Fault(
        "p = tg.softmax(x * 1e3)\nloss = -tg.log(p)[0]",
        "tg.log(p)", "log", (1,), because="minus infinity",
    ),
    "mask by multiplication": Fault(
        "loss = tg.max(x + keep * -np.inf)", "keep * -np.inf", "multiply", (1,), because="0 times"
    ),
    "infinity less infinity": Fault(
        "y = x + np.inf\nloss = (y - y).sum()", "y - y", "subtract", (0,), because="less infinity"
    ),
    "scores that are all masked": Fault(
        "y = tg.where(x > 5, x, -np.inf)\nloss = -tg.log_softmax(y)[0]",
        "tg.log_softmax(y)", "log_softmax", (0,), because="minus infinity",
    ),
    "mean of nothing": Fault(
        "loss = tg.mean(x[:0]) + x.sum()", "tg.mean(x[:0])", "mean", (), because="no elements"
    ),
    "standard score of a constant": Fault(
        "loss = ((x[:1] - x[:1].mean()) / x[:1].std()).sum()",
        "(x[:1] - x[:1].mean()) / x[:1].std()", "divide", (0,), because="0 divided by 0",
    ),
    "a user's operation": Fault(
        '''
        @tg.operation(rule=lambda g, out, x: g)
        def sinc(x):
            """Sine of x over x."""
            return np.sin(x) / x
        loss = sinc(x[1:]).sum() * 0.0
        ''',
        "sinc(x[1:])", "sinc", (0,), because="own formula", edit="no",
    ),
    "under no_grad": Fault(
        "with tg.no_grad():\n    y = tg.log(x)\nloss = (x * y).sum()", "tg.log(x)", "log", (1,)
    ),
    "constants only": Fault(
        "c = tg.asarray([0.0, 1.0, 1.0])\nloss = (x * (1 / (c * c))).sum()",
        "1 / (c * c)", "divide", (0,),
    ),
    "in a module": Fault(
        """
        class Net(nn.Module):
            def __init__(self):
                self.first = nn.Linear(3, 2, rng=0).astype("float64")
            def forward(self, x):
                h = tg.relu(self.first(x) - 1e3)
                return h / h.sum()
        net = Net()
        loss = net(x).sum()
        """,
        "h / h.sum()", "divide", (0,), because="0 divided by 0",
    ),
    "in a transform": Fault(
        "slope = tg.grad(lambda v: (1 / v).sum())(np.array([2.0, 0.0]))\nloss = x.sum()",
        "1 / v", "divide", (1,), because="division by 0",
    ),
    "in a checkpoint": Fault(
        "loss = tg.checkpoint(lambda v: tg.log(v * v).sum())(x)", "tg.log(v * v)", "log", (1,)
    ),
}  # fmt: skip

BACKWARD = {
    "slope of a root at 0": Fault(
        "loss = tg.sqrt(x).sum()", "tg.sqrt(x)", "sqrt", (1,), "TG-N02", because="infinite at 0"
    ),
    "root in a branch not taken": Fault(
        "loss = tg.where(x > 0, tg.sqrt(x), 0.0).sum()",
        "tg.sqrt(x)", "sqrt", (1,), "TG-N02", because="branch of `where`",
    ),
    "root in the other branch": Fault(
        "loss = tg.where(x == 0, 1.0, 3 * tg.sqrt(x)).sum()",
        "tg.sqrt(x)", "sqrt", (1,), "TG-N02", because="branch of `where`",
    ),
    "logarithm in a branch not taken": Fault(
        "loss = tg.where(x > 0, tg.log(x), 0.0).sum()",
        "tg.log(x)", "log", (1,), "TG-N02", inf=False, because="branch of `where`",
    ),
    "quotient in a branch not taken": Fault(
        "loss = tg.where(x > 0, 1.0 / x, 0.0).sum()",
        "1.0 / x", "divide", (1,), "TG-N02", inf=False, because="branch of `where`",
    ),
    "norm at 0": Fault(
        "y = x * 0.0\nloss = tg.sqrt((y * y).sum())",
        "tg.sqrt((y * y).sum())", "sqrt", (), "TG-N02", because="norm",
    ),
    "slope of a power at 0": Fault(
        "loss = (x ** 0.5).sum()", "x ** 0.5", "power", (1,), "TG-N02", because="infinite at 0"
    ),
    "power in a branch not taken": Fault(
        "loss = tg.where(x > 0, x ** 0.25, 0.0).sum()",
        "x ** 0.25", "power", (1,), "TG-N02", because="branch of `where`",
    ),
    "exponent of a negative base": Fault(
        "loss = ((x - 1) ** (x * 0 + 2)).sum()",
        "(x - 1) ** (x * 0 + 2)", "power", (1,), "TG-N02", because="no logarithm",
    ),
    "slope of a small divisor": Fault(
        "loss = (3.0 / (x + 1e-200)).sum()",
        "3.0 / (x + 1e-200)", "divide", (1,), "TG-N02", because="too large",
    ),
    "slope of a reciprocal": Fault(
        "loss = tg.reciprocal(x + 1e-200).sum()",
        "tg.reciprocal(x + 1e-200)", "reciprocal", (1,), "TG-N02", because="too large",
    ),
    "rule of a user's operation": Fault(
        '''
        @tg.operation(rule=lambda g, out, x: g * x / np.abs(x))
        def size(x):
            """Absolute value with a careless rule."""
            return np.abs(x)
        loss = size(x * 1.0).sum()
        ''',
        "size(x * 1.0)", "size", (1,), "TG-N02", because="rule of `size`",
    ),
    "joint rule of a user's operation": Fault(
        '''
        @tg.operation(rule=lambda g, out, x, y: (g, g / y), broadcasts=True)
        def sum2(x, y, /):
            """A sum with a wrong second rule."""
            return x + y
        loss = sum2(x + 0.0, x).sum()
        ''',
        "sum2(x + 0.0, x)", "sum2", (1,), "TG-N02", because="rule of `sum2`",
    ),
    "product overflow on the way back": Fault(
        "x = leaf(1e-200, 1.0)\nloss = ((x[:1] * 1e200) * big).sum()",
        "x[:1] * 1e200", "multiply", (0,), "TG-N02", because="float64 holds",
    ),
    "float32 on the way back": Fault(
        "x = leaf(1e-30, 1.0, dtype='float32')\nloss = (x[:1] * 1e25 * 1e25).sum()",
        "x[:1] * 1e25", "multiply", (0,), "TG-N02", because="float32 holds",
    ),
    "sum of contributions in float16": Fault(
        "x = leaf(1e-3, dtype='float16')\nloss = (x * 6e4 + x * 5e4).sum()",
        "x * 6e4", "multiply", (0,), "TG-N02", because="several operations",
    ),
    "sum over a broadcast axis in float16": Fault(
        "x = leaf(1e-3, dtype='float16')\nloss = (x * np.full(9, 1e4, 'float16')).max()"
        "\nloss.backward(np.float16(1))\nloss = (x * np.full(9, 1e4, 'float16') * 1.0).sum()",
        "x * np.full(9, 1e4, 'float16')", "multiply", (0,), "TG-N02", because="float16 holds",
        edit="no",
    ),
    "slope of a layer's activation": Fault(
        """
        class Root(nn.Module):
            def forward(self, x):
                return tg.sqrt(tg.relu(x) * 0.0)
        class Net(nn.Module):
            def __init__(self):
                self.layers = [nn.Linear(3, 2, rng=0).astype("float64"), Root()]
            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x.sum()
        loss = Net()(x - 1e3)
        """,
        "tg.sqrt(tg.relu(x) * 0.0)", "sqrt", (0,), "TG-N02", because="infinite at 0",
    ),
    "in tg.grad": Fault(
        "slope = tg.grad(lambda v: (v ** 0.5).sum())(np.array([2.0, 0.0]))\nloss = x.sum()",
        "v ** 0.5", "power", (1,), "TG-N02", because="infinite at 0",
    ),
    "in tg.jvp": Fault(
        "along = tg.jvp(tg.sqrt, [np.zeros(1)], [np.ones(1)])\nloss = x.sum()",
        "tg.jvp(tg.sqrt, [np.zeros(1)], [np.ones(1)])", "sqrt", (0,), "TG-N02", edit="no",
    ),
    "in a pullback": Fault(
        "y, pull = tg.vjp(lambda v: [v + 1, tg.sqrt(v)], np.zeros(2))\n"
        "slope = pull([np.ones(2), np.ones(2)])\nloss = x.sum()",
        "tg.sqrt(v)", "sqrt", (0,), "TG-N02",
    ),
    "in a Jacobian": Fault(
        "J = tg.jacobian(lambda v: tg.sqrt(v * 2))(np.array([4.0, 0.0]))\nloss = x.sum()",
        "tg.sqrt(v * 2)", "sqrt", (1,), "TG-N02",
    ),
    "in a checkpoint": Fault(
        "loss = tg.checkpoint(lambda v: tg.sqrt(v).sum())(x)",
        "tg.sqrt(v)", "sqrt", (1,), "TG-N02",
    ),
    "under a tape": Fault(
        "with tg.Tape() as tape:\n    y = tg.sqrt(x).sum()\ntape.gradient(y, x)\nloss = x.sum()",
        "tg.sqrt(x)", "sqrt", (1,), "TG-N02",
    ),
    "second order of a power": Fault(
        "H = tg.hessian(lambda v: (v ** 1.5).sum())(np.array([1.0, 0.0]))\nloss = x.sum()",
        "v ** 1.5", "power", (1,), "TG-N02", because="infinite at 0 for y = 0.5",
    ),
    "second order under a tape": Fault(
        """
        with tg.Tape() as tape:
            y = (x ** 1.5).sum()
            first = tape.gradient(y, x, create_graph=True)
        second = tape.gradient(first.sum(), x)
        loss = x.sum()
        """,
        "x ** 1.5", "power", (1,), "TG-N02", because="infinite at 0",
    ),
    "third order": Fault(
        "f = lambda v: v ** 2.5\nthird = tg.grad(tg.grad(tg.grad(f)))(0.0)\nloss = x.sum()",
        "v ** 2.5", "power", (), "TG-N02", because="infinite at 0",
    ),
    "Hessian times a vector": Fault(
        "tg.hvp(lambda v: (v ** 1.5).sum(), np.zeros(2), np.ones(2))\nloss = x.sum()",
        "v ** 1.5", "power", (0,), "TG-N02",
    ),
}  # fmt: skip


def run(folder: Path, program: str, inf: bool = True) -> tuple[dict[str, Any], Path]:
    """Execute a program from a file inside anomaly mode, and the backward of its ``loss``."""
    file = folder / f"program{len(list(folder.iterdir()))}.py"
    file.write_text(dedent(program) + "\nloss.backward()\n", encoding="utf-8")
    x, big = leaf(2.0, 0.0, 1.0), np.array([1e200, 1.0, 1.0])
    keep = tg.asarray([1.0, 0.0, 1.0])
    space = {"tg": tg, "np": np, "nn": nn, "leaf": leaf, "x": x, "big": big, "keep": keep}
    with tg.detect_anomaly(inf=inf):
        exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), space)
    return space, file


def found(folder: Path, fault: Fault) -> Any:
    with pytest.raises(errors.AnomalyError) as info:
        run(folder, fault.program, fault.inf)
    return info.value


ALL = {f"forward: {k}": v for k, v in FORWARD.items()} | {
    f"backward: {k}": v for k, v in BACKWARD.items()
}


@pytest.mark.parametrize("fault", ALL.values(), ids=ALL)
def test_fault_is_named_with_its_operation_place_index_and_reason(
    tmp_path: Path, fault: Fault
) -> None:
    error = found(tmp_path, fault)
    assert (error.code, error.op) == (fault.code, fault.op)
    assert error.site.filename.startswith(str(tmp_path))
    assert error.site.expression == fault.at
    assert error.index == fault.index
    assert not np.isfinite(error.value)
    assert fault.because in error.why
    assert error.fix
    assert str(error).startswith(f"{error.code}: {error.what}\n  at program0.py:{error.site.line}")


REPAIRABLE = {name: fault for name, fault in ALL.items() if fault.edit != "no"}


@pytest.mark.parametrize("fault", REPAIRABLE.values(), ids=REPAIRABLE)
def test_fix_put_in_the_place_of_the_expression_gives_finite_numbers(
    tmp_path: Path, fault: Fault
) -> None:
    error = found(tmp_path, fault)
    fix = error.fix.partition("   #")[0]
    target = fault.edit or fault.at
    fix = f"y = {fix}" if target == "y /= x" else f"({fix})"
    assert target in fault.program
    space, _ = run(tmp_path, fault.program.replace(target, fix), fault.inf)
    assert np.isfinite(space["loss"].item())
    assert np.isfinite(space["x"].grad).all()


def test_message_has_ranges_origin_module_and_caret(tmp_path: Path) -> None:
    error = found(tmp_path, FORWARD["log of a softmax"])
    assert str(error).splitlines() == [
        "TG-N01: `log` made the first value not finite: output[1] = -inf, because p[1] = 0",
        "  at program0.py:2    loss = -tg.log(p)[0]",
        "                              ^^^^^^^^^",
        "  p  (3,) float64  range 0 .. 1",
        "  output  (3,) float64  range 0 .. 0, 2 of 3 not finite",
        "  p came from `softmax` at line 1: tg.softmax(x * 1e3)",
        "  why   log of 0 is minus infinity",
        "  fix   tg.log_softmax(x * 1e3)",
    ]
    assert "in module Net" in found(tmp_path, FORWARD["in a module"]).notes
    notes = found(tmp_path, BACKWARD["slope of a layer's activation"]).notes
    assert "in module Net.layers.1" in notes
    notes = found(tmp_path, BACKWARD["root in a branch not taken"]).notes
    assert "cotangent  (3,) float64  range 0 .. 1, from `where` at line 1" in notes
    notes = found(tmp_path, BACKWARD["rule of a user's operation"]).notes
    assert [note for note in notes if note.startswith("its rule is at program")]
    notes = found(tmp_path, BACKWARD["second order under a tape"]).notes
    assert "`power` is a step of the gradient of `power` at line 3" in notes


def test_elements_of_a_matrix_product_are_not_paired_with_those_of_its_operands() -> None:
    x = tg.Tensor(np.full((2, 2), 1e200), requires_grad=True)
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        x @ x
    assert info.value.what == "`matmul` overflowed float64: output[0, 0] = inf"


def test_error_is_both_kinds_and_travels_to_other_processes(tmp_path: Path) -> None:
    error = found(tmp_path, FORWARD["division by 0"])
    assert isinstance(error, errors.TinygradError)
    assert isinstance(error, FloatingPointError)
    twin = pickle.loads(pickle.dumps(error))
    assert (str(twin), twin.index, twin.value) == (str(error), (1,), INF)


@pytest.mark.filterwarnings("ignore:Degrees of freedom:RuntimeWarning")
def test_variance_of_one_number_is_told_by_its_correction() -> None:
    x = leaf(2.0)
    with tg.detect_anomaly():
        with pytest.raises(errors.AnomalyError, match="correction") as info:
            tg.var(x, correction=1)
        assert info.value.fix == "tg.var(x)"
        with pytest.raises(errors.AnomalyError, match="float64 holds"):
            tg.var(leaf(1e200, -1e200), correction=1)


def test_first_of_several_faults_is_the_one_named(tmp_path: Path) -> None:
    two = Fault("y = tg.log(x)\nloss = (y / x).sum()", "tg.log(x)", "log", (1,))
    assert found(tmp_path, two).op == "log"
    back = "y = x ** 0.5\nloss = (tg.sqrt(x * x) + y).sum()"
    assert found(tmp_path, Fault(back, "", "")).site.expression == "tg.sqrt(x * x)"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3), (70, 70)])
@pytest.mark.parametrize("bad", [np.nan, INF, -INF])
def test_one_bad_element_anywhere_is_found(dtype: str, shape: tuple[int, ...], bad: float) -> None:
    rng = np.random.default_rng(len(shape))
    values = rng.normal(size=shape).astype(dtype)
    if values.size:
        place = tuple(int(rng.integers(n)) for n in shape)
        values[place] = bad

    @tg.operation(rule=lambda g, out, x: values)
    def with_bad_rule(x: Any) -> Any:
        return x * 1

    @tg.operation(rule=lambda g, out, x: g)
    def with_bad_forward(x: Any) -> Any:
        return values

    for call in (with_bad_rule, with_bad_forward):
        with tg.detect_anomaly():
            x = tg.Tensor(np.zeros(shape, dtype), requires_grad=True)
            if not values.size:
                call(x).sum().backward()
                continue
            with pytest.raises(errors.AnomalyError) as info:
                call(x).sum().backward()
        assert info.value.index == place
        np.testing.assert_equal(info.value.value, bad)


# ---------------------------------------------------------------------------- what came in


def test_data_with_a_nan_is_named_when_it_reaches_the_target() -> None:
    x, w = np.ones((2, 3)), leaf(1.0, 2.0, 3.0)
    x[1, 2] = np.nan
    with tg.detect_anomaly():
        loss = (x * w).sum()
        with pytest.raises(errors.AnomalyError) as info:
            loss.backward()
    error = info.value
    assert (error.code, error.op, error.index) == ("TG-N05", "multiply", (1, 2))
    assert error.site.expression == "x * w"
    assert "1 of 6 bad" in error.what
    again = eval(error.fix, {"tg": tg, "x": x, "w": w})
    with tg.detect_anomaly():
        again.sum().backward()
    assert w.grad is not None
    np.testing.assert_array_equal(w.grad, [2.0, 2.0, 1.0])


def test_parameter_that_an_update_made_infinite_is_named() -> None:
    layer = nn.Linear(2, 1, rng=0)
    layer.weight.data = np.array([[1.0, INF]], np.float32)
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        layer(np.ones((1, 2), np.float32)).sum().backward()
    assert (info.value.code, info.value.op, info.value.index) == ("TG-N05", "linear", (0, 1))
    assert "update" in info.value.why


def test_mask_is_not_blamed_for_a_nan_beside_it() -> None:
    x = leaf(1.0, 2.0, 3.0)
    with tg.detect_anomaly():
        masked = tg.where(x > 1, x, -INF)
        loss = tg.softmax(masked).sum() * tg.asarray([np.nan])
        with pytest.raises(errors.AnomalyError) as info:
            loss.backward()
    assert (info.value.code, info.value.op) == ("TG-N05", "multiply")


def test_output_gradient_with_a_nan_is_refused() -> None:
    x = leaf(1.0, 2.0)
    with tg.detect_anomaly():
        y = x * 2.0
        with pytest.raises(errors.AnomalyError, match="output gradient") as info:
            y.backward(np.array([1.0, np.nan]))
    assert (info.value.code, info.value.index) == ("TG-N05", (1,))
    y.backward(eval(info.value.fix, {"np": np, "g": np.array([1.0, np.nan])}))
    np.testing.assert_array_equal(x.grad, [2.0, 0.0])


def test_backward_inside_finds_what_a_forward_outside_made() -> None:
    x = leaf(1.0, 0.0)
    with np.errstate(all="ignore"):
        loss = (tg.log(x) * 0.0).sum()
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        loss.backward()
    assert (info.value.code, info.value.op, info.value.index) == ("TG-N01", "log", (1,))
    assert any("outside the block" in note for note in info.value.notes)
    y = tg.sqrt(x)
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        y.sum().backward()
    assert (info.value.code, info.value.op, info.value.index) == ("TG-N02", "sqrt", (1,))


def test_backward_outside_looks_at_nothing() -> None:
    x, a = leaf(1.0, 0.0), np.array([1.0, 2.0])
    with tg.detect_anomaly():
        y = (tg.sqrt(x) * a).sum()
    a[0] = 7.0
    with np.errstate(all="ignore"):
        y.backward()
    np.testing.assert_array_equal(x.grad, [3.5, INF])


# ---------------------------------------------------------------------------- what may be infinite


def test_inf_false_lets_infinities_pass_and_still_finds_nan() -> None:
    x = leaf(1.0, 0.0)
    with tg.detect_anomaly(inf=False):
        y = tg.exp(-1.0 / (x * x))  # exp of minus infinity is 0
        np.testing.assert_array_equal(y.data, [np.exp(-1.0), 0.0])
        with pytest.raises(errors.AnomalyError) as info:
            y.sum().backward()
    assert np.isnan(info.value.value)
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        tg.exp(-1.0 / (x * x))
    assert info.value.value == -INF


def test_masks_of_minus_infinity_are_no_anomaly() -> None:
    x = tg.Tensor(np.random.default_rng(0).normal(size=(2, 3)), requires_grad=True)
    mask = np.array([[True, False, True], [True, True, False]])
    with tg.detect_anomaly():
        for scores in (
            tg.where(mask, x, -np.inf),
            x + np.where(mask, 0.0, -np.inf),
            x.at[~mask].set(-np.inf),
        ):
            for loss in (
                tg.softmax(scores).max(),
                tg.softmax_cross_entropy(scores, np.eye(3)[[0, 1]]).mean(),
                tg.log_softmax(scores)[:, 0].sum(),
                tg.exp(scores).sum(),
                tg.max(scores),
            ):
                x.grad = None
                loss.backward()
                assert np.isfinite(x.grad).all()


def test_missing_samples_that_where_takes_out_are_no_anomaly() -> None:
    data, w = np.array([1.0, np.nan, 3.0]), leaf(2.0)
    with tg.detect_anomaly():
        loss = (w * tg.where(np.isnan(data), 0.0, data)).sum()
        loss.backward()
    np.testing.assert_array_equal(w.grad, [4.0])


def test_infinite_elements_of_a_target_of_many_are_no_anomaly() -> None:
    x = leaf(1.0, 2.0, 3.0)
    with tg.detect_anomaly():
        logs = tg.log_softmax(tg.where(np.array([True, False, True]), x, -INF))
        logs.backward(np.array([1.0, 0.0, 0.0]))
        with pytest.raises(errors.AnomalyError) as info:
            logs[1].backward()
    assert (info.value.code, info.value.op) == ("TG-N05", "where")
    assert np.isfinite(x.grad).all()


def test_infinities_and_nan_are_told_apart_element_by_element() -> None:
    x = tg.asarray([INF, 0.0, np.nan])
    with tg.detect_anomaly(), pytest.raises(errors.AnomalyError) as info:
        tg.log(x)
    assert (info.value.index, info.value.value) == ((1,), -INF)
    with tg.detect_anomaly():
        tg.sqrt(x) * 2.0 + x  # nothing is born here
