"""Initial values: their moments, their bounds, and what they promise about layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import init

pytestmark = pytest.mark.once  # what no version of Python changes

SHAPE = (60, 20, 3, 5)  # fan_in 20 * 15 = 300, fan_out 60 * 15 = 900
DEVIATIONS: dict[str, tuple[Callable[..., np.ndarray], float]] = {
    "xavier_normal": (init.xavier_normal, math.sqrt(2 / 1200)),
    "xavier_uniform": (init.xavier_uniform, math.sqrt(2 / 1200)),
    "he_normal": (init.he_normal, math.sqrt(2 / 300)),
    "he_uniform": (init.he_uniform, math.sqrt(2 / 300)),
    "lecun_normal": (init.lecun_normal, math.sqrt(1 / 300)),
    "lecun_uniform": (init.lecun_uniform, math.sqrt(1 / 300)),
    "normal": (init.normal, 1.0),
    "uniform": (init.uniform, 1 / math.sqrt(3)),
}


@pytest.mark.parametrize("function, std", DEVIATIONS.values(), ids=DEVIATIONS)
def test_draws_have_the_documented_moments(function: Callable[..., Any], std: float) -> None:
    values = function(SHAPE, rng=0, dtype=np.float64)
    n = values.size
    assert values.shape == SHAPE
    # Five standard errors of the mean, and (for normal draws, the wider) of the deviation.
    assert abs(values.mean()) < 5 * std / math.sqrt(n)
    assert abs(values.std() - std) < 5 * std / math.sqrt(2 * n)
    if "uniform" in function.__name__:
        assert np.abs(values).max() <= std * math.sqrt(3)


@pytest.mark.parametrize("name", [name for name in init.__all__ if name not in ("apply", "gain")])
def test_draws_are_pure_functions_of_shape_rng_and_type(name: str) -> None:
    function = getattr(init, name)
    given: Any = {"dirac": ((4, 3, 3),), "sparse": ((4, 3), 0.5)}.get(name, ((4, 3),))
    first, second = function(*given, rng=5), function(*given, rng=5)
    assert first.dtype == np.float32
    assert first.shape == given[0]
    assert first.tobytes() == second.tobytes()
    assert function(*given, rng=5, dtype=np.float64).dtype == np.float64
    with tg.seed(2):
        seeded = function(*given)
    with tg.seed(2):
        np.testing.assert_array_equal(function(*given), seeded)


def normal_share(values: np.ndarray) -> np.ndarray:
    """The distribution function of the standard normal distribution."""
    return np.array([(1 + math.erf(v / math.sqrt(2))) / 2 for v in values])


def distance(values: np.ndarray, share: Callable[[np.ndarray], np.ndarray]) -> float:
    """Kolmogorov's: how far the share of smaller values is at most from what it should be."""
    values = np.sort(values.ravel())
    below = np.arange(values.size) / values.size
    expected = share(values)
    return float(max((expected - below).max(), (below + 1 / values.size - expected).max()))


def allowed(count: int, chance: float = 1e-6) -> float:
    """Massart 1990: a right sampler is further off with at most that chance, for any count."""
    return math.sqrt(math.log(2 / chance) / (2 * count))


@pytest.mark.parametrize("name", [*DEVIATIONS, "truncated_normal", "sparse"])
def test_draws_have_the_documented_distribution(name: str) -> None:
    function = getattr(init, name)
    if name == "sparse":
        values = function((400, 250), 0.25, 0.3, rng=1, dtype=np.float64)
        values, std = values[values != 0], 0.3
    elif name == "truncated_normal":
        values = function((400, 250), 2.0, 0.5, -1.0, 1.5, rng=1, dtype=np.float64)
    else:
        values, std = function((60, 20, 15, 5), rng=1, dtype=np.float64), DEVIATIONS[name][1]
        fans = (60 * 75, 20 * 75)
        std *= {"he": math.sqrt(300 / fans[1]), "le": math.sqrt(300 / fans[1])}.get(name[:2], 1.0)
        std *= math.sqrt(1200 / sum(fans)) if name.startswith("xavier") else 1.0
    if name == "truncated_normal":
        low, high = normal_share(np.array([-1.0, 1.5]))
        found = distance(values, lambda v: (normal_share((v - 2) / 0.5) - low) / (high - low))
    elif "uniform" in name:
        bound = std * math.sqrt(3)
        found = distance(values, lambda v: np.clip((v / bound + 1) / 2, 0, 1))
    else:
        found = distance(values, lambda v: normal_share(v / std))
        # The same numbers, taken for ones that are 5 % wider, are told apart.
        assert distance(values, lambda v: normal_share(v / (1.05 * std))) > allowed(values.size)
    assert found < allowed(values.size)


def test_he_takes_mode_and_nonlinearity() -> None:
    out = init.he_normal(SHAPE, mode="fan_out", rng=0, dtype=np.float64)
    np.testing.assert_allclose(
        out * math.sqrt(900), init.he_normal(SHAPE, rng=0, dtype=np.float64) * math.sqrt(300)
    )
    leaky = init.he_uniform(SHAPE, "leaky_relu", slope=1.0, rng=0, dtype=np.float64)
    np.testing.assert_allclose(leaky, init.lecun_uniform(SHAPE, rng=0, dtype=np.float64))
    for function in (init.lecun_normal, init.lecun_uniform):
        wide = function(SHAPE, mode="fan_out", rng=0, dtype=np.float64)
        np.testing.assert_allclose(
            wide * math.sqrt(900), function(SHAPE, rng=0, dtype=np.float64) * math.sqrt(300)
        )
    with pytest.raises(tg.errors.ArgumentError):
        init.he_normal(SHAPE, mode="fan_avg")
    with pytest.raises(tg.errors.ArgumentError):
        init.gain("gelu2")


def test_he_keeps_the_scale_through_a_deep_rectifier_network() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 256))
    start = np.mean(x**2)
    for _ in range(20):
        x = np.maximum(x, 0) @ init.he_normal((256, 256), rng=rng, dtype=np.float64).T
    assert 0.2 < np.mean(x**2) / start < 5


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(0, 99))
def test_orthogonal_rows_or_columns_are_orthonormal(m: int, n: int, k: int, seed: int) -> None:
    weight = init.orthogonal((m, n, k), 2.0, rng=seed, dtype=np.float64)
    matrix = weight.reshape(m, -1) / 2
    product = matrix @ matrix.T if m <= n * k else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-12)


def test_orthogonal_does_not_prefer_a_sign() -> None:
    firsts = [init.orthogonal((2, 2), rng=k, dtype=np.float64)[0, 0] for k in range(400)]
    assert abs(np.mean(firsts)) < 5 * math.sqrt(0.5 / 400)


@given(st.floats(-3, 0), st.floats(0.5, 3), st.integers(0, 99))
def test_truncated_draws_lie_inside_their_bounds(low: float, high: float, seed: int) -> None:
    values = init.truncated_normal((200,), 1.0, 0.5, low, high, rng=seed, dtype=np.float64)
    assert values.min() >= 1 + 0.5 * low
    assert values.max() <= 1 + 0.5 * high


def test_bounds_that_hold_nothing_are_refused() -> None:
    for low, high in [(5.0, 6.0), (1.0, -1.0), (float("nan"), 1.0)]:
        with pytest.raises(tg.errors.ArgumentError):
            init.truncated_normal((2,), low=low, high=high)


@given(st.integers(1, 9), st.integers(1, 5), st.floats(0, 1), st.integers(0, 99))
def test_sparse_columns_have_as_many_zeros_each(m: int, n: int, part: float, seed: int) -> None:
    weight = init.sparse((m, n), part, rng=seed)
    np.testing.assert_array_equal((weight == 0).sum(axis=0), math.ceil(part * m))


def test_sparse_zeros_fall_on_every_row_alike() -> None:
    zeros = (init.sparse((4, 20_000), 0.5, rng=0) == 0).mean(axis=1)
    assert np.abs(zeros - 0.5).max() < 5 * math.sqrt(0.25 / 20_000)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(0, 9))
def test_identity_and_dirac_pass_values_on(m: int, n: int, groups: int, seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(n,))
    out = init.identity((m, n), dtype=np.float64) @ x
    np.testing.assert_array_equal(out, np.resize(np.append(x, np.zeros(m)), m))
    weight = init.dirac((m * groups, n, 3, 2), groups)
    for o, i, *place in np.ndindex(weight.shape):
        assert weight[o, i, *place] == (o % m == i and place == [1, 1])
    assert init.eye is init.identity


@pytest.mark.parametrize(
    "refused",
    [
        lambda: init.identity((2, 2, 2)),
        lambda: init.sparse((2, 2, 2), 0.5),
        lambda: init.sparse((2, 2), 1.5),
        lambda: init.sparse((2, 2), 0.5, -1.0),
        lambda: init.dirac((2, 2)),
        lambda: init.dirac((3, 2, 3), 2),
        lambda: init.dirac((3, 2, 3), 0),
        lambda: init.normal((2,), 0.0, -1.0),
        lambda: init.truncated_normal((2,), 0.0, float("nan")),
        lambda: init.uniform((2,), 1.0, -1.0),
    ],
)
def test_what_cannot_be_drawn_is_refused(refused: Callable[[], Any]) -> None:
    with pytest.raises((tg.errors.ArgumentError, tg.errors.ShapeError)) as caught:
        refused()
    assert caught.value.fix


@pytest.mark.parametrize("name", ["xavier_normal", "he_uniform", "lecun_normal", "orthogonal"])
def test_a_fan_needs_two_axes(name: str) -> None:
    with pytest.raises(tg.errors.ShapeError) as caught:
        getattr(init, name)((3,))
    assert caught.value.shapes == ((3,),)


def test_apply_sets_weights_and_zeroes_biases_from_one_stream() -> None:
    model = nn.MLP([8, 8, 8], dtype=np.float64)
    model.scale = nn.Parameter(np.full(3, 7.0))  # type: ignore[attr-defined]
    assert init.apply(model, "he", rng=0) is model
    rng = np.random.default_rng(0)
    for layer in (model[0], model[2]):
        np.testing.assert_array_equal(
            layer.weight.data, init.he_normal((8, 8), rng=rng, dtype=np.float64)
        )
        assert not layer.bias.data.any()
    np.testing.assert_array_equal(model.scale.data, 7.0)  # type: ignore[attr-defined]
    init.apply(model, init.constant, value=2.0)
    np.testing.assert_array_equal(model[0].weight.data, 2.0)


class Parts(nn.Module):
    def __init__(self) -> None:
        self.encoder = [nn.Linear(4, 4, rng=0), nn.BatchNorm1d(4), nn.Linear(4, 4, rng=1)]
        self.head = nn.Linear(4, 2, rng=2)
        self.tied = self.head


@pytest.mark.parametrize(
    ("match", "changed"),
    [
        (None, ["encoder.0.weight", "encoder.0.bias", "encoder.1.bias", "encoder.2.weight",
                "encoder.2.bias", "head.weight", "head.bias"]),
        (nn.Linear, ["encoder.0.weight", "encoder.0.bias", "encoder.2.weight", "encoder.2.bias",
                     "head.weight", "head.bias"]),
        ((nn.BatchNorm1d, nn.Conv2d) if hasattr(nn, "Conv2d") else nn.BatchNorm1d,
         ["encoder.1.bias"]),
        ("head", ["head.weight", "head.bias"]),
        ("tied", ["head.weight", "head.bias"]),
        ("encoder.[02]", ["encoder.0.weight", "encoder.0.bias", "encoder.2.weight",
                          "encoder.2.bias"]),
        ("encoder.1.weight", ["encoder.1.weight"]),
        ("head.bias", ["head.bias"]),
    ],
)  # fmt: skip
def test_apply_chooses_layers_by_kind_and_by_path(match: Any, changed: list[str]) -> None:
    model = Parts()
    for parameter in model.parameters():
        parameter.data = np.full(parameter.shape, 7.0)
    init.apply(model, "constant", value=2.0, match=match)
    named = dict(model.named_parameters())
    assert [name for name, p in named.items() if (p.data != 7).all()] == changed
    for name in changed:
        spelled = name == match
        assert (named[name].data == (2 if name.endswith("weight") or spelled else 0)).all()


def test_apply_writes_nothing_when_one_shape_cannot_be_filled() -> None:
    model = Parts()
    before = {name: array.copy() for name, array in model.state_dict().items()}
    with pytest.raises(tg.errors.ShapeError):
        init.apply(model, "he", match="*.weight", rng=0)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_apply_says_what_was_perhaps_meant() -> None:
    for said, meant in {
        "kaiming": "he", "kaiming_uniform_": "he_uniform", "glorot_normal": "xavier_normal",
        "ortogonal": "orthogonal", "zeroes": "zeros",
    }.items():  # fmt: skip
        with pytest.raises(tg.errors.ArgumentError) as caught:
            init.apply(nn.Linear(2, 2), said)
        assert caught.value.fix == f"init={meant!r}"
    with pytest.raises(tg.errors.ArgumentError, match=r"did you mean 'encoder\.0'") as caught:
        init.apply(Parts(), "he", match="encodr.0")
    assert "head.weight" in caught.value.notes[0]
    init.apply(Parts(), "he", **eval(f"dict({caught.value.fix})"))
    with pytest.raises(tg.errors.ArgumentError, match="no parameter matches Sequential"):
        init.apply(Parts(), "he", match=nn.Sequential)
    with pytest.raises(tg.errors.ArgumentError, match="a pattern of paths or a class"):
        init.apply(Parts(), "he", match=3)  # type: ignore[arg-type]


def test_apply_refuses_unknown_names_and_empty_models() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="'he'"):
        init.apply(nn.Linear(2, 2), "kaiming")
    with pytest.raises(tg.errors.ArgumentError):
        init.apply(nn.Linear(2, 2), ["he"])  # type: ignore[arg-type]
    with pytest.raises(tg.errors.ModuleError):
        init.apply(nn.ReLU(), "he")
