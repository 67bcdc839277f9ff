"""Each law holds for what is right and fails for a seeded violation of it, with figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError, LawBroken
from tinygrad_edu.testing import laws

pytestmark = pytest.mark.once

Law = Callable[..., laws.LawReport]


def data(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


class BatchNorm(nn.Module):
    """Normalises each channel (axis 1) with the statistics of the batch while it trains."""

    def __init__(self, channels: int) -> None:
        self.weight = nn.Parameter(np.linspace(0.5, 2.0, channels))
        self.bias = nn.Parameter(np.linspace(-1.0, 1.0, channels))
        self.mean = nn.Buffer(np.zeros(channels))
        self.var = nn.Buffer(np.ones(channels))

    def statistics(self, x: Any) -> tuple[Any, Any]:
        if not self.training:
            return self.mean, self.var
        mean, var = x.mean(axis=0), x.var(axis=0)
        self.mean.data = 0.9 * self.mean.data + 0.1 * mean.data
        self.var.data = 0.9 * self.var.data + 0.1 * var.data
        return mean, var

    def forward(self, x: Any) -> Any:
        mean, var = self.statistics(x)
        return (x - mean) / tg.sqrt(var + 1e-5) * self.weight + self.bias


class Circular(nn.Module):
    """A convolution of images that goes round the edge: a weighted sum of shifted images."""

    def __init__(self, stride: int = 1) -> None:
        self.weight = nn.Parameter(data(3, 3, seed=7))
        self.stride = stride

    def weights(self, x: Any) -> Any:
        return self.weight

    def forward(self, x: Any) -> Any:
        weight, total = self.weights(x), 0.0
        rows, columns = np.arange(x.shape[-2]), np.arange(x.shape[-1])
        for i in range(3):
            for j in range(3):
                total = total + weight[i, j] * x[..., np.roll(rows, i), :][..., np.roll(columns, j)]
        return total[..., :: self.stride, :: self.stride]


class ZeroPadded(nn.Module):
    """A filter of width three that sees zeros beyond the edge."""

    def forward(self, x: Any) -> Any:
        edge = np.zeros((*x.shape[:-1], 1))
        wide = tg.concat([edge, x, edge], axis=-1)
        return wide[..., :-2] - 2.0 * wide[..., 1:-1] + 3.0 * wide[..., 2:]


def mlp(*sizes: int, activation: str = "tanh") -> nn.Module:
    with tg.seed(5):
        return nn.MLP(list(sizes), activation=activation)


def labels(count: int, classes: int) -> np.ndarray:
    return np.random.default_rng(1).integers(classes, size=count)


def squares(model: Any) -> Any:
    return nn.functional.mse_loss(model(data(8, 3)), data(8, 2, seed=1))


def distance(p: Any, y: Any) -> Any:
    return abs(p - y).mean()


# What is right


Case = tuple[str, Law, tuple[Any, ...], dict[str, Any]]
RIGHT: list[Case] = [
    ("mse", laws.batch_gradient_is_mean, (nn.MSELoss(), data(8, 3), data(8, 3, seed=1)), {}),
    (
        "cross-entropy",
        laws.batch_gradient_is_mean,
        (nn.CrossEntropyLoss(), data(8, 3), labels(8, 3)),
        {},
    ),
    (
        "mlp",
        laws.batch_gradient_is_mean,
        (nn.CrossEntropyLoss(), data(8, 4), labels(8, 3)),
        {"model": mlp(4, 16, 3)},
    ),
    (
        "dropout and batch norm evaluate",
        laws.batch_gradient_is_mean,
        (nn.MSELoss(), data(8, 4), data(8, 4)),
        {"model": nn.Sequential(nn.Linear(4, 4, rng=0), BatchNorm(4), nn.Dropout(0.5))},
    ),
    ("matmul", laws.adjointness, (tg.matmul, data(3, 4), data(4, 2)), {}),
    ("linear", laws.adjointness, (nn.Linear(4, 3, rng=0), data(5, 4)), {}),
    ("convolution", laws.adjointness, (Circular(), data(2, 6, 5)), {}),
    ("relu away from its kink", laws.adjointness, (tg.relu, data(50)), {}),
    ("softmax", laws.adjointness, (tg.softmax, data(4, 5)), {}),
    ("indexing with repeats", laws.adjointness, (lambda x: x[np.array([0, 2, 0])], data(3)), {}),
    ("mlp", laws.adjointness, (mlp(4, 8, 2), data(5, 4)), {}),
    ("batch norm", laws.ignores_scale_and_shift, (BatchNorm(4), data(16, 4)), {"axis": 1}),
    (
        "layer norm",
        laws.ignores_scale_and_shift,
        (
            lambda x: (x - x.mean(axis=-1, keepdims=True))
            / tg.sqrt(x.var(axis=-1, keepdims=True) + 1e-5),
            data(4, 6),
        ),
        {"axis": 0},
    ),
    (
        "root mean square norm",
        laws.ignores_scale_and_shift,
        (lambda x: x / tg.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-6), data(4, 6)),
        {"shift": 0.0, "axis": 0},
    ),
    ("dropout", laws.dropout_keeps_expectation, (nn.Dropout(0.3), data(20, 10)), {}),
    ("rare dropout", laws.dropout_keeps_expectation, (nn.Dropout(0.001), data(20, 10)), {}),
    ("heavy dropout", laws.dropout_keeps_expectation, (nn.Dropout(0.99), data(20, 10)), {}),
    ("identity", laws.dropout_keeps_expectation, (nn.Identity(), data(20, 10)), {}),
    ("dropout with rng", laws.dropout_keeps_expectation, (nn.Dropout(0.5, rng=1), data(9)), {}),
    ("circular", laws.commutes_with_shifts, (Circular(), data(2, 6, 5)), {}),
    ("strided", laws.commutes_with_shifts, (Circular(2), data(2, 6, 8)), {"stride": 2}),
    (
        "zero padding, inside",
        laws.commutes_with_shifts,
        (ZeroPadded(), data(2, 9)),
        {"axes": (-1,), "interior": 2},
    ),
    ("relu", laws.commutes_with_shifts, (tg.relu, data(2, 4, 4)), {}),
    ("he and relu", laws.keeps_variance, (nn.init.he_normal, tg.relu), {}),
    ("he, uniform", laws.keeps_variance, (nn.init.he_uniform, tg.relu), {}),
    ("xavier and tanh", laws.keeps_variance, (nn.init.xavier_normal, tg.tanh), {"scale": 0.01}),
    ("lecun alone", laws.keeps_variance, (nn.init.lecun_normal, lambda x: x), {}),
    (
        "sgd",
        laws.small_step_descends,
        (nn.optim.SGD, mlp(3, 8, 2), squares),
        {"steepest": True},
    ),
    ("adam", laws.small_step_descends, (nn.optim.Adam, mlp(3, 8, 2), squares), {}),
    (
        "momentum",
        laws.small_step_descends,
        (lambda p, lr: nn.optim.SGD(p, lr=lr, momentum=0.9), mlp(3, 8, 2), squares),
        {"steepest": True},
    ),
    ("sgd", laws.zero_learning_rate_is_identity, (nn.optim.SGD, mlp(3, 8, 2), squares), {}),
    ("adam", laws.zero_learning_rate_is_identity, (nn.optim.Adam, mlp(3, 8, 2), squares), {}),
    (
        "momentum and decay",
        laws.zero_learning_rate_is_identity,
        (
            lambda p, lr: nn.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=0.1),
            mlp(3, 8, 2),
            squares,
        ),
        {},
    ),
    ("mlp", laws.ignores_batch_order, (mlp(4, 8, 2), data(6, 4)), {}),
    ("batch norm in training", laws.ignores_batch_order, (BatchNorm(4), data(6, 4)), {}),
    ("mlp", laws.samples_do_not_leak, (mlp(4, 8, 2), data(6, 4)), {}),
    ("softmax", laws.samples_do_not_leak, (nn.Softmax(), data(6, 4)), {}),
    ("batch norm evaluates", laws.samples_do_not_leak, (BatchNorm(4), data(6, 4)), {}),
    ("dropout", laws.evaluation_is_deterministic, (nn.Dropout(0.5), data(6, 4)), {}),
    ("batch norm", laws.evaluation_is_deterministic, (BatchNorm(4), data(6, 4)), {}),
    ("mse", laws.loss_is_minimal, (nn.MSELoss(), data(6, 4), data(6, 4)), {}),
    (
        "cross-entropy",
        laws.loss_is_minimal,
        (nn.CrossEntropyLoss(), np.log([[0.2, 0.8], [0.6, 0.4]]), [[0.2, 0.8], [0.6, 0.4]]),
        {"minimum": None},
    ),
    ("absolute error", laws.loss_is_minimal, (distance, data(5), data(5)), {}),
    ("softmax", laws.sums_to_one, (nn.Softmax(), 100.0 * data(6, 4)), {}),
    ("softmax, other axis", laws.sums_to_one, (nn.Softmax(dim=0), data(6, 4)), {"axis": 0}),
    ("linear", laws.is_linear, (nn.Linear(4, 3, rng=0), data(6, 4)), {}),
    ("without bias", laws.is_linear, (nn.Linear(4, 3, bias=False, rng=0), data(6, 4)), {}),
    ("convolution", laws.is_linear, (Circular(), data(2, 6, 5)), {}),
    ("batch norm evaluates", laws.is_linear, (BatchNorm(4), data(6, 4)), {}),
]  # fmt: skip


# What is wrong: one violation a line, as users make them


def drops_without_scale(x: Any) -> Any:
    kept = tg.random.generator().random(x.shape) > 0.3
    return x * kept


def drops_in_evaluation_too(x: Any) -> Any:
    return x * (tg.random.generator().random(x.shape) > 0.5) * 2.0


class Uphill:
    """Steps along the gradient instead of against it, by ``sign`` times it."""

    def __init__(self, parameters: Any, lr: float, sign: float = 1.0) -> None:
        self.parameters, self.lr, self.sign = parameters, lr, sign

    def step(self) -> None:
        for p in self.parameters:
            p.data = p.data + self.sign * self.lr * p.grad


class Decays(Uphill):
    """Weight decay that forgets the learning rate."""

    def step(self) -> None:
        for p in self.parameters:
            p.data = 0.999 * p.data - self.lr * p.grad


class Leaks(BatchNorm):
    """Uses the statistics of the batch in evaluation as well."""

    def statistics(self, x: Any) -> tuple[Any, Any]:
        return x.mean(axis=0), x.var(axis=0)


class Learns(BatchNorm):
    """Goes on moving its statistics in evaluation."""

    def statistics(self, x: Any) -> tuple[Any, Any]:
        self.mean.data = 0.9 * self.mean.data + 0.1 * x.data.mean(axis=0)
        return self.mean, self.var


class HalfNormed(BatchNorm):
    """Takes out the mean, and divides by nothing."""

    def forward(self, x: Any) -> Any:
        return x - x.mean(axis=0)


class Untied(Circular):
    """Weights that depend on what they meet, so on the place as well."""

    def forward(self, x: Any) -> Any:
        return super().forward(x) * np.arange(1.0, 1.0 + x.shape[-1])


@tg.operation(rule=lambda g, out, x: 2.0 * g, domain=tg.Real(-2, 2))
def tripled(x: Any) -> Any:
    return 3.0 * x


@tg.operation(rule=lambda g, out, x: g * abs(g) * out, domain=tg.Real(-2, 2))
def exponential(x: Any) -> Any:
    """Its rule is not linear in the cotangent."""
    return np.exp(x)


@tg.operation(rule=lambda g, out, x: g[::-1])
def copied(x: Any) -> Any:
    return 1.0 * x


@tg.operation(rule=lambda g, out, x: 1.000001 * g)
def nearly(x: Any) -> Any:
    return 1.0 * x


def normed_by_sample(x: Any) -> Any:
    return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, keepdims=True)


def raised(p: Any, y: Any) -> Any:
    return ((p - y) ** 2).mean() + 1e-6


def biased(shape: Any, *, rng: Any) -> np.ndarray:
    return nn.init.he_normal(shape, rng=rng) + 0.01


WRONG: list[Case] = [
    (
        "loss summed",
        laws.batch_gradient_is_mean,
        (nn.MSELoss(reduction="sum"), data(8, 3), data(8, 3, seed=1)),
        {},
    ),
    (
        "loss over the square of the batch",
        laws.batch_gradient_is_mean,
        (lambda p, y: ((p - y) ** 2).sum() / len(y) ** 2, data(8, 3), data(8, 3, seed=1)),
        {"model": mlp(3, 4, 3)},
    ),
    (
        "batch statistics",
        laws.batch_gradient_is_mean,
        (nn.MSELoss(), data(8, 3), data(8, 3, seed=1)),
        {"model": Leaks(3)},
    ),
    ("factor in a linear rule", laws.adjointness, (tripled, data(5)), {}),
    ("a millionth in a rule", laws.adjointness, (nearly, data(5)), {}),
    ("axis reversed in a rule", laws.adjointness, (copied, data(5)), {}),
    ("rule not linear in g", laws.adjointness, (exponential, data(5)), {}),
    (
        "detached part",
        laws.adjointness,
        (lambda x: x + tg.stop_gradient(2.0 * x), data(5)),
        {},
    ),
    ("mean only", laws.ignores_scale_and_shift, (HalfNormed(4), data(16, 4)), {}),
    (
        "scale only",
        laws.ignores_scale_and_shift,
        (lambda x: x / tg.sqrt(x.var(axis=0) + 1e-5), data(16, 4)),
        {},
    ),
    (
        "statistics over the wrong axis",
        laws.ignores_scale_and_shift,
        (normed_by_sample, data(8, 4)),
        {"axis": 1},
    ),
    ("no scale", laws.dropout_keeps_expectation, (drops_without_scale, data(20, 10)), {}),
    (
        "scale by p",
        laws.dropout_keeps_expectation,
        (lambda x: drops_without_scale(x) / 0.3, data(20, 10)),
        {},
    ),
    (
        "a small bias of all",
        laws.dropout_keeps_expectation,
        (lambda x: 0.95 * nn.functional.dropout(x, 0.05), data(20, 10)),
        {},
    ),
    (
        "one element never dropped",
        laws.dropout_keeps_expectation,
        (
            lambda x: nn.functional.dropout(x, 0.5).at[3].set(2.0 * x[3]),
            data(40),
        ),
        {},
    ),
    ("weights by place", laws.commutes_with_shifts, (Untied(), data(2, 6, 5)), {}),
    ("zero padding, edge", laws.commutes_with_shifts, (ZeroPadded(), data(2, 9)), {"axes": (-1,)}),
    ("stride not told", laws.commutes_with_shifts, (Circular(2), data(2, 6, 8)), {}),
    ("xavier and relu", laws.keeps_variance, (nn.init.xavier_normal, tg.relu), {}),
    ("he and tanh", laws.keeps_variance, (nn.init.he_normal, tg.tanh), {"scale": 0.01}),
    (
        "fan of the other side",
        laws.keeps_variance,
        (lambda shape, rng: rng.normal(size=shape) * (1.5 / shape[0]) ** 0.5, tg.relu),
        {},
    ),
    ("a small mean", laws.keeps_variance, (biased, tg.relu), {}),
    ("uphill", laws.small_step_descends, (Uphill, mlp(3, 8, 2), squares), {}),
    (
        "uphill, taken for steepest descent",
        laws.small_step_descends,
        (Uphill, mlp(3, 8, 2), squares),
        {"steepest": True},
    ),
    (
        "half a step",
        laws.small_step_descends,
        (lambda p, lr: Uphill(p, lr, -0.5), mlp(3, 8, 2), squares),
        {"steepest": True},
    ),
    ("adam is not steepest", laws.small_step_descends, (nn.optim.Adam, mlp(3, 8, 2), squares),
     {"steepest": True}),
    (
        "wrong gradient",
        laws.small_step_descends,
        (nn.optim.SGD, mlp(3, 8, 2), lambda m: (tripled(m(data(4, 3))) ** 2).sum()),
        {},
    ),
    ("decay without lr", laws.zero_learning_rate_is_identity, (Decays, mlp(3, 8, 2), squares), {}),
    (
        "a floor under the rate",
        laws.zero_learning_rate_is_identity,
        (lambda p, lr: nn.optim.SGD(p, lr=max(lr, 1e-12)), mlp(3, 8, 2), squares),
        {},
    ),
    (
        "cumulative sum over the batch",
        laws.ignores_batch_order,
        (lambda x: tg.matmul(np.tril(np.ones((6, 6))), x), data(6, 4)),
        {},
    ),
    ("batch statistics", laws.samples_do_not_leak, (Leaks(4), data(6, 4)), {}),
    ("softmax over the batch", laws.samples_do_not_leak, (nn.Softmax(dim=0), data(6, 4)), {}),
    (
        "a very small leak",
        laws.samples_do_not_leak,
        (lambda x: x + 1e-9 * x.mean(axis=0), data(6, 4)),
        {},
    ),
    (
        "dropout in evaluation",
        laws.evaluation_is_deterministic,
        (drops_in_evaluation_too, data(6, 4)),
        {},
    ),
    ("statistics move", laws.evaluation_is_deterministic, (Learns(4), data(6, 4)), {}),
    (
        "minimum elsewhere",
        laws.loss_is_minimal,
        (lambda p, y: ((p - 1.01 * y) ** 2).mean(), data(6), data(6)),
        {"minimum": None},
    ),
    (
        "sign lost",
        laws.loss_is_minimal,
        (lambda p, y: ((p - y) ** 3).mean(), data(6), data(6)),
        {},
    ),
    ("constant added", laws.loss_is_minimal, (raised, data(6), data(6)), {}),
    ("sigmoid", laws.sums_to_one, (tg.sigmoid, data(6, 4)), {}),
    ("log-softmax", laws.sums_to_one, (nn.LogSoftmax(), data(6, 4)), {}),
    ("over the wrong axis", laws.sums_to_one, (nn.Softmax(dim=0), data(6, 4)), {}),
    (
        "below zero",
        laws.sums_to_one,
        (lambda x: x - x.mean(axis=-1, keepdims=True) + 0.25, data(6, 4)),
        {},
    ),
    ("an activation", laws.is_linear, (mlp(4, 8, 3), data(6, 4)), {}),
    ("a product of inputs", laws.is_linear, (lambda x: x + 1e-6 * x * x, data(6, 4)), {}),
]  # fmt: skip


def named(cases: list[Any]) -> list[Any]:
    return [pytest.param(*case[1:], id=f"{case[1].__name__}: {case[0]}") for case in cases]


@pytest.mark.parametrize(("law", "args", "options"), named(RIGHT))
def test_the_law_holds(law: Law, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    report = law(*args, **options)
    assert report.holds
    assert report.error <= report.allowed
    assert report.verdict == "pass"


@pytest.mark.parametrize(("law", "args", "options"), named(WRONG))
def test_the_law_is_broken(law: Law, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    report = law(*args, raises=False, **options)
    assert not report.holds
    assert report.verdict == "fail"
    assert report.error > report.allowed
    with pytest.raises(LawBroken) as info:
        law(*args, **options)
    error = info.value
    assert isinstance(error, AssertionError)
    assert isinstance(error, tg.errors.TinygradError)
    assert error.report == report
    assert error.why
    assert error.fix
    for part in (report.law, report.claim, f"{report.error:.3g}", f"{report.allowed:.3g} allowed"):
        assert part in str(error)


def test_every_law_is_tried_on_what_is_right_and_on_what_is_wrong() -> None:
    public = {getattr(laws, name) for name in laws.__all__} - {laws.LawReport}
    assert {case[1] for case in RIGHT} == public
    assert {case[1] for case in WRONG} == public


@pytest.mark.parametrize(
    ("law", "args"),
    [
        (laws.ignores_batch_order, (mlp(4, 8, 2), data(6, 4))),
        (laws.dropout_keeps_expectation, (nn.Dropout(0.5), data(20, 10))),
        (laws.keeps_variance, (nn.init.he_normal, tg.relu)),
        (laws.is_linear, (nn.Linear(4, 3, rng=0), data(6, 4))),
        (laws.adjointness, (tg.softmax, data(4, 5))),
    ],
)
def test_other_draws_give_other_figures_and_the_same_verdict(law: Law, args: Any) -> None:
    first, again, other = (law(*args, rng=seed) for seed in (0, 0, 1))
    assert first == again
    assert other.holds
    if law is not laws.ignores_batch_order:
        assert other.error != first.error


def test_a_law_leaves_the_layer_as_it_was() -> None:
    layer = nn.Sequential(nn.Linear(4, 4, rng=0), BatchNorm(4), nn.Dropout(0.5)).astype("float32")
    before, x = layer.state_dict(), data(8, 4)
    laws.evaluation_is_deterministic(layer, x)
    laws.samples_do_not_leak(layer, x)
    laws.batch_gradient_is_mean(nn.MSELoss(), x, x, model=layer)
    laws.ignores_scale_and_shift(layer, x, raises=False)
    laws.small_step_descends(nn.optim.SGD, layer.eval(), lambda m: (m(x) ** 2).sum())
    layer.train()
    assert all(p.grad is None and p.dtype == np.float32 for p in layer.parameters())
    assert all(module.training for module in layer.modules())
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_nan_breaks_a_law() -> None:
    broken = lambda x: x * np.nan  # noqa: E731
    for law in (laws.samples_do_not_leak, laws.sums_to_one, laws.is_linear):
        assert not law(broken, data(4, 3), raises=False).holds


def test_a_summed_loss_is_told_by_its_ratio() -> None:
    report = laws.batch_gradient_is_mean(
        nn.MSELoss(reduction="sum"), data(8, 3), data(8, 3, seed=1), raises=False
    )
    assert report.facts["batch / mean"] == pytest.approx(8.0, rel=1e-12)


def test_where_names_the_element() -> None:
    def leak(x: Any) -> Any:
        return x.at[2, 1].add(x[0, 0])

    moved = laws.ignores_batch_order(lambda x: x.at[2, 1].add(5.0), data(4, 3), raises=False)
    assert moved.where is not None
    assert moved.where[1] == 1
    assert laws.evaluation_is_deterministic(leak, data(4, 3)).where is None


def test_adjointness_says_how_it_got_the_tangent() -> None:
    straight = laws.adjointness(nn.Linear(4, 3, rng=0), data(5, 4))
    curved = laws.adjointness(tg.tanh, data(5))
    assert straight.facts["J v"] == "a difference, f is linear here"
    assert curved.facts["J v"] == "jvp, f is curved here"


@pytest.mark.parametrize("p", [0.001, 0.05, 0.4, 0.9])
def test_the_bound_for_dropout_is_kept_by_right_layers_and_is_not_slack(p: float) -> None:
    """Over several seeds no right layer fails, and one that is a quarter too large does."""
    ones = np.ones((5, 5))
    for seed in range(4):
        assert laws.dropout_keeps_expectation(nn.Dropout(p), ones, draws=500, rng=seed).holds
    large = lambda x: 1.25 * nn.functional.dropout(x, p)  # noqa: E731
    assert not laws.dropout_keeps_expectation(large, ones, raises=False).holds


def test_the_bound_for_initial_values_is_kept_by_right_ones_and_is_not_slack() -> None:
    reports = [
        laws.keeps_variance(nn.init.he_normal, tg.relu, width=64, draws=4, rng=seed)
        for seed in range(60)
    ]
    assert all(report.holds for report in reports)
    assert max(report.error / report.allowed for report in reports) > 0.2


def test_reports_become_plain_values() -> None:
    report = laws.sums_to_one(tg.sigmoid, data(2, 3), raises=False)
    plain = json.loads(json.dumps(report.to_dict()))
    assert plain["verdict"] == "fail"
    assert plain["law"] == "sums_to_one"
    assert not report


@pytest.mark.parametrize(
    "call",
    [
        lambda: laws.samples_do_not_leak(tg.tanh, data(1, 3)),
        lambda: laws.ignores_scale_and_shift(tg.tanh, np.ones((3, 3))),
        lambda: laws.ignores_scale_and_shift(tg.tanh, data(3, 3), scale=-1.0),
        lambda: laws.commutes_with_shifts(tg.tanh, data(3, 3), interior=2),
        lambda: laws.loss_is_minimal(lambda p, y: (p - y) ** 2, data(3), data(3)),
        lambda: laws.dropout_keeps_expectation(tg.tanh, np.zeros(3)),
        lambda: laws.keeps_variance(nn.init.he_normal, tg.relu, depth=2, draws=2),
        lambda: laws.zero_learning_rate_is_identity(nn.optim.SGD, mlp(3, 2), squares, steps=0),
        lambda: laws.small_step_descends(
            nn.optim.SGD, mlp(3, 2), lambda m: m(data(2, 3)).sum() * 0
        ),
        lambda: laws.small_step_descends(nn.optim.SGD, mlp(3, 2).freeze(), squares),
    ],
)
def test_what_a_law_cannot_be_tried_on_is_refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ArgumentError) as info:
        call()
    assert info.value.why
    assert info.value.fix
