"""The diagram of a network: circles and lines are the model's numbers; what is left out is said."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.errors import ArgumentError

SVG = "{http://www.w3.org/2000/svg}"


def tips(svg: str, name: str) -> dict[str, float]:
    """What hovering over a kind of part tells: ``weight[0, 1] = 0.5``."""
    root = ET.fromstring(svg)
    found = [node.text or "" for node in root.iter(f"{SVG}title")]
    pairs = [text.split(" = ") for text in found if text.startswith(name)]
    return {key: float(value.split(",")[0]) for key, value in pairs}


def words(svg: str) -> str:
    return " | ".join(node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text"))


def mlp(*sizes: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, units in pairwise(sizes):
        layers += [nn.Linear(inputs, units, rng=inputs), nn.Tanh()]
    return nn.Sequential(*layers)


def test_a_small_network_is_drawn_whole_with_its_numbers() -> None:
    model = mlp(2, 3, 2)
    picture = tg.draw_network(model, [0.5, -1.0])
    for path, shape in (("0", (3, 2)), ("2", (2, 3))):
        weights = tips(picture.svg, f"{path}.weight")
        assert len(weights) == 6
        for place in np.ndindex(shape):
            own = model[int(path)].weight.data[place]
            assert weights[f"{path}.weight[{place[0]}, {place[1]}]"] == pytest.approx(own, rel=0.01)
        assert len(tips(picture.svg, f"{path}.bias")) == shape[0]
    hidden = np.tanh(model[0].weight.data @ [0.5, -1.0] + model[0].bias.data)
    drawn = tips(picture.svg, "0[")
    np.testing.assert_allclose(list(drawn.values()), hidden, rtol=0.01)
    values = [column.values for column in picture.network.columns]
    np.testing.assert_allclose(values[-1], model(np.float32([0.5, -1.0])).data, rtol=1e-6)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_large_network_is_sampled_and_says_so(theme: str) -> None:
    model = mlp(100, 40, 10)
    x = np.random.default_rng(0).normal(size=(5, 100))
    picture = tg.draw_network(model, x, sample=3, max_units=8, theme=theme)
    said = words(picture.svg)
    assert "8 of 100 features of input, 8 of 40 units of 0 · Linear" in said
    assert "8 of 10 units of 2 · Linear; evenly spaced" in said
    assert "activations of sample 3 of 5" in said
    lines = [node for node in ET.fromstring(picture.svg).iter(f"{SVG}line") if len(node)]
    assert len(lines) == 8 * 8 + 8 * 8
    np.testing.assert_allclose(
        picture.network.columns[-1].values, model(x.astype(np.float32)).data[3], rtol=1e-5
    )


def test_with_a_scale_one_colour_is_one_activation_in_every_picture() -> None:
    layer = nn.Linear(1, 2, dtype=np.float64)
    layer.weight.data, layer.bias.data = np.array([[1.0], [0.5]]), np.zeros(2)
    fills = [
        re.findall(r'r="18" fill="(#\w+)"', tg.draw_network(layer, [x], scale=scale).svg)
        for x, scale in ((1.0, 1.0), (0.5, 1.0), (0.5, None))
    ]
    assert fills[0][2] == fills[1][0] == fills[1][1]  # 0.5, as a unit or as the input
    assert fills[2][1] == fills[0][1] != fills[1][1]  # without one, the largest is always full
    assert "Full colour is an activation of 1" in words(tg.draw_network(layer, [1.0], scale=1).svg)


def test_a_single_neuron_has_its_sum_written_out() -> None:
    model = nn.Sequential(nn.Linear(2, 1), nn.Tanh())
    model[0].weight.data = np.array([[0.8, -0.5]])
    model[0].bias.data = np.array([0.3])
    said = words(tg.draw_network(model, [2.0, 1.0]).svg)
    assert "z = 0.8×2 + (-0.5)×1 + 0.3 = 1.4" in said
    assert "a = tanh(z) = 0.885" in said
    assert "w[1] | -0.5" in said
    bare = nn.Linear(2, 1, bias=False)
    assert "a = z = " in words(tg.draw_network(bare, [2.0, 1.0]).svg)


class Stored:
    """A layer of nobody's framework: the matrix has a row for each input."""

    def __init__(self, inputs: int, units: int) -> None:
        draw = np.random.default_rng(inputs)
        self.weight = tg.Tensor(draw.normal(size=(inputs, units)))  # not even trained
        self.bias = tg.Tensor(draw.normal(size=units))

    def __call__(self, x: Any) -> Any:
        return tg.relu(x @ self.weight + self.bias)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 3), (1, 4)])
def test_layers_are_known_by_what_they_compute(sizes: tuple[int, int]) -> None:
    layer = Stored(*sizes)
    column = tg.draw_network(layer, np.ones(sizes[0])).network.columns[1]
    assert column.functions == ("relu",)
    assert column.weight is not None
    np.testing.assert_array_equal(column.weight, layer.weight.data.T)
    np.testing.assert_allclose(column.sums, layer.weight.data.sum(0) + layer.bias.data)


def test_what_is_not_drawn_is_said() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x: Any) -> Any:
            h = tg.tanh(self.a(x))
            return self.b(h + x)

    assert "connections that skip a layer are not drawn" in words(
        tg.draw_network(Residual(), np.ones(3)).svg
    )


class Parallel(nn.Module):
    def __init__(self) -> None:
        self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x: Any) -> Any:
        return self.a(x) * self.b(x)


@pytest.mark.parametrize(
    "model, x, said",
    [
        (Parallel(), np.ones(3), "not fed by"),
        (nn.Tanh(), np.ones(3), "no layer whose weight"),
        (lambda x: x, np.ones(3), "no layer whose weight"),
        (nn.Sequential(nn.Linear(3, 2)), np.ones((2, 3)), "sample=5"),
    ],
    ids=["parallel", "no weights", "a function", "no such sample"],
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(model: Any, x: Any, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        tg.draw_network(model, x, sample=5 if "sample" in said else 0)


def test_drawing_changes_nothing_and_is_the_same_twice() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 2))
    before = {name: value.copy() for name, value in model.state_dict().items()}
    x = tg.Tensor(np.ones(3, np.float32), requires_grad=True)
    first, second = (tg.draw_network(model, x) for _ in range(2))
    assert first.svg == second.svg
    assert model.training
    assert x.grad is None
    assert all(p.grad is None for p in model.parameters())
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    model[0].weight.data = np.zeros((4, 3))
    assert tg.draw_network(model, x).svg != first.svg


@given(st.text(st.characters(codec=None, categories=None), min_size=1, max_size=12))
def test_any_name_of_a_layer_is_only_text(name: str) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model.__dict__[name] = model.__dict__.pop("1")
    root = ET.fromstring(tg.draw_network(model, [1.0, 2.0]).svg.encode())
    kinds = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert kinds <= {"svg", "title", "rect", "g", "circle", "line", "text"}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0, 1e300])
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_numbers_that_are_not_finite_are_drawn_all_the_same(bad: float) -> None:
    model = mlp(2, 3, 2).astype(np.float64)
    model[0].weight.data = np.full((3, 2), bad)
    svg = tg.draw_network(model, [1.0, 2.0]).svg
    ET.fromstring(svg)
    assert not re.search(r'(?:x|y|x1|y1|r|width)="(?:nan|inf)', svg)


def test_it_is_saved_as_svg_and_shows_itself(tmp_path: Path) -> None:
    picture = tg.draw_network(mlp(2, 3), [1.0, 2.0])
    place = picture.save(tmp_path / "net.svg")
    assert place.read_text(encoding="utf-8") == picture.svg
    assert picture._repr_mimebundle_()["image/svg+xml"] == picture.svg
    assert repr(picture) == '<picture of a 2-3 network: picture.save("network.svg")>'
    with pytest.raises(ArgumentError, match=r"not \.png"):
        picture.save(tmp_path / "net.png")
    with pytest.raises(ArgumentError, match="max_units=1"):
        tg.draw_network(mlp(2, 3), [1.0, 2.0], max_units=1)
    with pytest.raises(ArgumentError, match="'light', 'dark'"):
        tg.draw_network(mlp(2, 3), [1.0, 2.0], theme="grey")
    with pytest.raises(ArgumentError, match="scale=0"):
        tg.draw_network(mlp(2, 3), [1.0, 2.0], scale=0)
