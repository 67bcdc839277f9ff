"""Looking into models: activations, summaries, and how healthy they are before training."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.once  # what no version of Python changes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 100)).astype(np.float32)


class Cell(nn.Module):
    """A recurrent network with everything that a look could disturb."""

    def __init__(self) -> None:
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5, rng=3)
        self.other = nn.Dropout(0.5)
        self.cell = nn.Linear(4, 4, rng=0)
        self.heads = {"mean": nn.Linear(4, 1, rng=1), "width": nn.Linear(4, 2, rng=2)}
        self.unused = nn.Linear(2, 3, bias=False, rng=3)

    def forward(self, x: Any, steps: int = 2) -> Any:
        x = self.other(self.drop(self.norm(x)))
        for _ in range(steps):
            x = tg.tanh(self.cell(x))
        return {name: head(x) for name, head in self.heads.items()}


def state_of(model: nn.Module) -> list[Any]:
    """All that a look must leave as it is, bit for bit."""
    leaves = [*model.parameters(), *model.buffers()]
    return [
        [(leaf.data.tobytes(), leaf.index, id(leaf._data)) for leaf in leaves],
        [None if leaf.grad is None else leaf.grad.tobytes() for leaf in leaves],
        [(module.training, sorted(vars(module))) for module in model.modules()],
        [
            module.rng.bit_generator.state
            for module in model.modules()
            if getattr(module, "rng", None) is not None
        ],
    ]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("look", [nn.init_report, nn.summary])
def test_looking_changes_nothing(look: Any, training: bool) -> None:
    model, x = Cell().train(training), RNG.normal(size=(8, 4)).astype(np.float32)
    loss = sum(part.sum() for part in model(x).values())
    model.norm.eval()
    loss.backward()
    model.heads["mean"].freeze()
    before, given = state_of(model), x.copy()
    with tg.seed(5) as stream:
        stream.normal()
        position = stream.bit_generator.state
        with tg.no_grad():
            look(model, x)
        look(model, x)
        assert stream.bit_generator.state == position
    assert state_of(model) == before
    np.testing.assert_array_equal(x, given)
    loss.backward()  # rows made before still have their numbers


def test_a_model_that_keeps_a_result_can_be_looked_at() -> None:
    class Keeps(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(2, 2, rng=0)
            self.last: list[Any] = []

        def forward(self, x: Any) -> Any:
            self.last.append(self.layer(x))
            return self.last[-1]

    model = Keeps()
    kept = model(np.ones((1, 2), np.float32))
    assert nn.summary(model, np.ones((1, 2), np.float32)).layers[0].output == (1, 2)
    assert len(nn.init_report(model, np.ones((1, 2), np.float32)).layers) == 1
    assert model.last == [kept]


# Activations


def test_activations_are_listed_by_path_with_the_number_of_the_call() -> None:
    model, x = Cell().eval(), np.ones((3, 4), np.float32)
    found = nn.activations(model, x)
    assert list(found) == [
        "norm", "drop", "other", "cell", "cell#2", "heads.mean", "heads.width",
    ]  # fmt: skip
    np.testing.assert_array_equal(found["heads.mean"].data, model(x)["mean"].data)
    second = model.cell(tg.tanh(found["cell"]))
    np.testing.assert_array_equal(found["cell#2"].data, second.data)
    assert list(nn.activations(model, x, steps=3, match="cell")) == ["cell", "cell#2", "cell#3"]


@pytest.mark.parametrize(
    ("match", "paths"),
    [
        ("cell#2", ["cell#2"]),
        ("c*", ["cell", "cell#2"]),
        ("heads.*", ["heads.mean", "heads.width"]),
        ("mean", ["heads.mean"]),
        ("[nd]*", ["norm", "drop"]),
        (nn.Dropout, ["drop", "other"]),
        ((nn.BatchNorm1d, nn.Dropout), ["norm", "drop", "other"]),
    ],
)
def test_activations_are_chosen_by_pattern_and_kind(match: Any, paths: list[str]) -> None:
    assert list(nn.activations(Cell().eval(), np.ones((3, 4), np.float32), match=match)) == paths


def test_activations_are_part_of_the_computation() -> None:
    model = nn.MLP([2, 3, 1], rng=0)
    x = np.ones((1, 2), np.float32)
    with tg.Tape() as tape:
        found = nn.activations(model, x)
        loss = (found["2"] ** 2).sum()
    slope = tape.gradient(loss, found["1"])
    np.testing.assert_allclose(slope.data, 2 * found["2"].data * model[2].weight.data, rtol=1e-6)


def test_activations_inside_another_models_forward_have_paths_of_their_own() -> None:
    class Outer(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Tanh())

        def forward(self, x: Any) -> Any:
            self.inner(x)
            return nn.activations(self.inner, x)

    assert list(Outer()(np.ones((1, 2), np.float32))) == ["0", "1"]


def test_a_pattern_of_no_call_names_what_is_called() -> None:
    model, x = Cell().eval(), np.ones((3, 4), np.float32)
    with pytest.raises(tg.errors.ArgumentError, match="did you mean 'cell'") as caught:
        nn.activations(model, x, match="cel")
    assert "heads.width" in caught.value.notes[0]
    assert list(nn.activations(model, x, **eval(f"dict({caught.value.fix})")))
    with pytest.raises(tg.errors.ArgumentError, match="no layer that is called matches Softmax"):
        nn.activations(model, x, match=nn.Softmax)
    with pytest.raises(tg.errors.ArgumentError, match="a Module is looked into"):
        nn.activations(tg.tanh, x)
    with pytest.raises(tg.errors.ArgumentError, match="a Module is looked into"):
        nn.summary(np.tanh, x)


# Summaries


def test_a_summary_counts_each_parameter_once_and_says_what_is_not_called() -> None:
    model = Cell()
    model.cell.freeze()
    found = nn.summary(model, np.ones((1, 4), np.float32))  # one sample is enough
    rows = {row.path: row for row in found.layers}
    assert [row.path for row in found.layers] == [
        "", "norm", "drop", "other", "cell", "cell#2", "heads.mean", "heads.width", "unused",
    ]  # fmt: skip
    assert rows[""].output == {"mean": (1, 1), "width": (1, 2)}
    assert rows["cell"].output == (1, 4)
    assert (rows["cell"].parameters, rows["cell"].trainable, rows["cell"].bytes) == (20, 0, 80)
    assert (rows["cell#2"].parameters, rows["cell#2"].shared) == (0, "cell")
    assert (rows["norm"].parameters, rows["norm"].bytes) == (8, 4 * 16 + 8)
    assert rows["unused"].output is None
    assert found.parameters == sum(p.size for p in model.parameters())
    assert found.trainable == found.parameters - 20
    leaves = [*model.parameters(), *model.buffers()]
    assert found.bytes == sum(leaf.data.nbytes for leaf in leaves)
    text = str(found)
    assert re.search(r"unused +Linear +not called +6", text)
    assert re.search(r"cell#2 +Linear +\(1, 4\) +as cell\n", text)


def test_a_summary_names_shared_weights() -> None:
    encoder = nn.Linear(3, 3, rng=0)
    net = nn.Sequential(encoder, nn.Tanh(), encoder)
    tied = nn.Linear(3, 3, rng=1)
    tied.weight = encoder.weight
    net.append(tied)
    found = nn.summary(net, np.ones((1, 3), np.float32))
    assert found.shared == (("0", "2"), ("0.weight", "2.weight", "3.weight"))
    assert found.parameters == 9 + 3 + 3
    assert "shared, counted once: 0 = 2" in str(found)
    assert found.layers[-1].shared == "0"
    assert found.layers[-1].parameters == 3


# Before training


def deep(activation: str, how: str, depth: int = 20, **settings: Any) -> nn.Module:
    net = nn.MLP([100] * depth + [10], activation=activation)
    nn.init.apply(net, how, rng=0, **settings)
    return net


@pytest.mark.parametrize(
    ("activation", "how", "settings"),
    [("relu", "he", {}), ("tanh", "xavier", {"gain": nn.init.gain("tanh")})],
)
def test_twenty_layers_keep_their_spread_with_the_initialisation_made_for_them(
    activation: str, how: str, settings: dict[str, Any]
) -> None:
    report = nn.init_report(deep(activation, how, **settings), X)
    assert report.healthy
    assert len(report.layers) == 39
    assert all(0.3 < row.std < 3 for row in report.layers)
    assert all(0.3 / 3 < row.gradient < 3 * 3 for row in report.layers)


def test_small_weights_vanish_and_large_ones_saturate_or_explode() -> None:
    small = nn.init_report(deep("relu", "normal", std=0.01), X)
    assert small.layers[-1].std < 1e-6
    assert small.layers[0].gradient < 1e-6
    assert all(row.verdict.startswith("vanishing") for row in small.layers[:-1])
    wide = nn.init_report(deep("tanh", "normal", std=1.0), X)
    tanhs = [row for row in wide.layers if row.kind == "Tanh"]
    assert all(row.verdict.startswith("saturated") and row.saturated > 0.8 for row in tanhs)
    loud = nn.init_report(deep("relu", "normal", std=1.0), X)
    assert loud.layers[-1].verdict.startswith("exploding")
    assert [report.healthy for report in (small, wide, loud)] == [False] * 3


def test_equal_units_are_flagged_all_or_some() -> None:
    report = nn.init_report(deep("tanh", "constant", 3, value=0.05), X)
    symmetric = [row for row in report.layers if row.equal]
    assert [row.kind for row in symmetric] == ["Linear"] * 3
    assert symmetric[0].verdict == "symmetric: 100 of 100 units are equal, and would stay so"
    net = deep("tanh", "xavier", 2)
    net[0].weight.data[7] = net[0].weight.data[3]
    first = nn.init_report(net, X).layers[0]
    assert (first.equal, first.verdict[:27]) == (2, "symmetric: 2 of 100 units a")


def test_equal_units_stay_equal_in_training() -> None:
    net = nn.MLP([4, 3, 1], activation="tanh", dtype=np.float64)
    nn.init.apply(net, "constant", value=0.3)
    x = RNG.normal(size=(16, 4))
    optimizer = nn.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(5):
        net.zero_grad()
        nn.functional.mse_loss(net(x), x[:, :1] ** 2).backward()
        optimizer.step()
    weight = net[0].weight.data
    assert (weight == weight[0]).all()
    assert not np.allclose(weight, 0.3)


def test_dead_units_and_measures_equal_their_definitions() -> None:
    net = nn.MLP([100, 8, 3], rng=0)
    net[0].bias.data[:5] = -100.0
    cotangent = np.random.default_rng(4).normal(size=(64, 3)).astype(np.float32)
    linear, relu, last = nn.init_report(net, X, rng=4).layers
    assert relu.dead == 5 / 8
    assert relu.verdict == "dead: 62% of the units have slope 0 for every sample"
    assert math.isnan(relu.saturated)
    assert math.isnan(relu.ratio)
    assert math.isnan(linear.dead)
    hidden = np.maximum(X @ net[0].weight.data.T + net[0].bias.data, 0)
    slope = cotangent @ net[2].weight.data
    assert relu.mean == pytest.approx(hidden.mean(), rel=1e-5)
    assert relu.std == pytest.approx(hidden.std(), rel=1e-5)
    assert relu.gradient == pytest.approx(np.sqrt((slope**2).mean()), rel=1e-5)
    assert last.gradient == pytest.approx(np.sqrt((cotangent**2).mean()), rel=1e-5)
    ratio = np.linalg.norm(cotangent.T @ hidden) / np.linalg.norm(net[2].weight.data)
    assert last.ratio == pytest.approx(ratio, rel=1e-5)


def test_a_loss_of_ones_own_gives_the_gradients() -> None:
    net = nn.MLP([100, 4, 2], rng=0)
    report = nn.init_report(net, X, loss=lambda out: (out * 0.0).sum())
    assert [row.gradient for row in report.layers] == [0.0] * 3
    half = nn.init_report(net, X, loss=lambda out: (out**2).sum() / 2)
    assert half.layers[-1].gradient == pytest.approx(np.sqrt((net(X).data ** 2).mean()), rel=1e-5)


def test_functions_in_a_forward_are_reported_under_their_module() -> None:
    report = nn.init_report(Cell(), RNG.normal(size=(32, 4)).astype(np.float32))
    assert [(row.path, row.kind) for row in report.layers] == [
        ("norm", "BatchNorm1d"), ("drop", "Dropout"), ("other", "Dropout"), ("cell", "Linear"),
        ("", "tanh"), ("cell#2", "Linear"), ("", "tanh"), ("heads.mean", "Linear"),
        ("heads.width", "Linear"),
    ]  # fmt: skip
    assert not math.isnan(report.layers[4].saturated)
    header, *lines = str(report).splitlines()
    assert header.split() == [
        "layer", "kind", "mean", "std", "saturated", "dead", "gradient", "ratio", "verdict",
    ]  # fmt: skip
    assert len(lines) == 9


def test_a_single_layer_and_a_network_that_overflows_are_reported() -> None:
    assert [row.path for row in nn.init_report(nn.Linear(100, 3, rng=0), X).layers] == [""]
    net = deep("relu", "he", 3)
    net[0].weight.data[:] *= 1e38
    with np.errstate(all="ignore"):
        report = nn.init_report(net, X)
    assert report.layers[0].verdict == "not finite"
