"""Recurrent layers and cells against loops over single numbers, PyTorch, and their own words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.once  # what no version of Python changes

Layer = Any
LAYERS = {"RNN": 1, "GRU": 3, "LSTM": 4}
kinds = pytest.mark.parametrize("kind", list(LAYERS))


def built(kind: str, *arguments: Any, **options: Any) -> Layer:
    return getattr(nn, kind)(*arguments, dtype=np.float64, rng=0, **options)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def naive_step(
    kind: str, phi: Callable[[float], float], x: Any, h: Any, c: Any, weights: list[Any]
) -> tuple[list[float], list[float]]:
    """One step of one sample, unit by unit."""
    weight_ih, weight_hh, *biases = weights
    bias_ih, bias_hh = biases or (np.zeros(len(weight_ih)),) * 2
    size = len(h)
    s = [sum(w * v for w, v in zip(row, x, strict=True)) + b
         for row, b in zip(weight_ih, bias_ih, strict=True)]  # fmt: skip
    m = [sum(w * v for w, v in zip(row, h, strict=True)) + b
         for row, b in zip(weight_hh, bias_hh, strict=True)]  # fmt: skip
    new_h, new_c = [], []
    for k in range(size):
        if kind == "RNN":
            new_h.append(phi(s[k] + m[k]))
        elif kind == "GRU":
            r, z = sigmoid(s[k] + m[k]), sigmoid(s[k + size] + m[k + size])
            n = math.tanh(s[k + 2 * size] + r * m[k + 2 * size])
            new_h.append((1 - z) * n + z * h[k])
        else:
            i, f, g, o = [s[k + j * size] + m[k + j * size] for j in range(4)]
            new_c.append(sigmoid(f) * c[k] + sigmoid(i) * math.tanh(g))
            new_h.append(sigmoid(o) * math.tanh(new_c[k]))
    return new_h, new_c


def naive(kind: str, layer: Layer, x: np.ndarray, h: np.ndarray, c: np.ndarray) -> Any:
    """Outputs, last states and last cells; axes (steps, samples, features)."""
    phi = {"tanh": math.tanh, "relu": lambda v: max(v, 0.0)}[getattr(layer, "nonlinearity", "tanh")]
    state, steps, samples = layer.state_dict(), *x.shape[:2]
    last_h, last_c, row = np.zeros_like(h), np.zeros_like(h), 0
    for k in range(layer.num_layers):
        ways = []
        for way in ["", "_reverse"][: 1 + layer.bidirectional]:
            names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if layer.bias else [])
            weights = [state[f"{name}_l{k}{way}"] for name in names]
            out = np.zeros((steps, samples, layer.hidden_size))
            for n in range(samples):
                now, cell = h[row, n], c[row, n]
                for t in range(steps) if not way else reversed(range(steps)):
                    now, cell = naive_step(kind, phi, x[t, n], now, cell, weights)
                    out[t, n] = now
                last_h[row, n] = now
                last_c[row, n] = cell if kind == "LSTM" else 0.0
            ways.append(out)
            row += 1
        x = np.concatenate(ways, axis=2)
    return x, last_h, last_c


@kinds
@pytest.mark.parametrize("layers, both", [(1, False), (1, True), (3, False), (2, True)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_equals_loops_over_single_numbers(
    kind: str, layers: int, both: bool, bias: bool
) -> None:
    rng = np.random.default_rng(0)
    layer = built(kind, 2, 3, num_layers=layers, bidirectional=both, bias=bias)
    x = rng.normal(size=(4, 2, 2))
    h, c = rng.normal(size=(2, layers * (1 + both), 2, 3))
    for first in ((h, c), (np.zeros_like(h), np.zeros_like(c))):
        expected = naive(kind, layer, x, *first)
        hx = first if kind == "LSTM" else first[0]
        output, last = layer(x, hx) if first[0].any() else layer(x)
        last = last if kind == "LSTM" else (last,)
        for got, wanted in zip((output, *last), expected, strict=False):
            np.testing.assert_allclose(got.numpy(), wanted, atol=1e-12)


def test_a_rectified_layer_equals_loops_over_single_numbers() -> None:
    rng = np.random.default_rng(0)
    layer = built("RNN", 2, 3, 2, "relu", bidirectional=True)
    x, h = rng.normal(size=(4, 2, 2)), rng.normal(size=(4, 2, 3))
    output, h_n = layer(x, h)
    expected = naive("RNN", layer, x, h, h)
    np.testing.assert_allclose(output.numpy(), expected[0], atol=1e-12)
    np.testing.assert_allclose(h_n.numpy(), expected[1], atol=1e-12)


@kinds
def test_samples_first_and_one_sequence_alone_are_the_same_numbers(kind: str) -> None:
    rng = np.random.default_rng(1)
    layer = built(kind, 2, 3, 2, bidirectional=True)
    first = built(kind, 2, 3, 2, bidirectional=True, batch_first=True)
    x, h, c = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 3)), rng.normal(size=(4, 3, 3))

    def run(network: Layer, x: np.ndarray, *parts: np.ndarray) -> list[np.ndarray]:
        output, last = network(x, parts if kind == "LSTM" else parts[0])
        return [part.numpy() for part in (output, *(last if kind == "LSTM" else (last,)))]

    plain = run(layer, x, h, c)
    swapped = run(first, x.swapaxes(0, 1), h, c)
    np.testing.assert_allclose(swapped[0].swapaxes(0, 1), plain[0], atol=1e-12)
    for got, wanted in zip(swapped[1:], plain[1:], strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-12)
    for network in (layer, first):
        alone = run(network, x[:, 1], h[:, 1], c[:, 1])
        for got, wanted in zip(alone, plain, strict=True):
            np.testing.assert_allclose(got, wanted[:, 1], atol=1e-12)


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM", "relu"])
def test_a_cell_is_one_step_of_a_layer(kind: str) -> None:
    options = {"nonlinearity": "relu"} if kind == "relu" else {}
    kind = "RNN" if options else kind
    layer, cell = built(kind, 2, 3, **options), built(f"{kind}Cell", 2, 3, **options)
    cell.load_state_dict({name: layer.state_dict()[f"{name}_l0"] for name in cell.state_dict()})
    rng = np.random.default_rng(0)
    x, state = rng.normal(size=(5, 2, 2)), None
    output, last = layer(x)
    for step, wanted in zip(x, output.numpy(), strict=True):
        state = cell(step, state)
        h = state[0] if kind == "LSTM" else state
        np.testing.assert_allclose(h.numpy(), wanted, atol=1e-12)
    for got, wanted in zip(*([state, last] if kind == "LSTM" else [[state], [last]]), strict=True):
        np.testing.assert_allclose(got.numpy(), wanted.numpy()[0], atol=1e-12)
    sample = cell(x[0, 0])
    batch = cell(x[0])
    pairs = zip(sample, batch, strict=True) if kind == "LSTM" else [(sample, batch)]
    for got, wanted in pairs:
        np.testing.assert_allclose(got.numpy(), wanted.numpy()[0], atol=1e-12)


@kinds
def test_dropout_falls_between_layers_while_training_only(kind: str) -> None:
    x = np.random.default_rng(0).normal(size=(6, 4, 2))
    plain, dropping = built(kind, 2, 8, 2), built(kind, 2, 8, 2, dropout=0.5)
    np.testing.assert_array_equal(dropping.eval()(x)[0].numpy(), plain(x)[0].numpy())
    dropping.train()
    first, second = dropping(x), dropping(x)
    assert not np.array_equal(first[0].numpy(), second[0].numpy())
    states = [last[0] if kind == "LSTM" else last for _, last in (first, plain(x))]
    # The first layer does not know of it, the second does.
    np.testing.assert_array_equal(states[0].numpy()[0], states[1].numpy()[0])
    assert not np.array_equal(states[0].numpy()[1], states[1].numpy()[1])
    empty = built(kind, 2, 8, 2, dropout=1.0)
    h = empty(x)[1]
    expected = built(kind, 2, 8, 2).state_dict()
    below = built(kind, 8, 8)
    below.load_state_dict({name: expected[name[:-1] + "1"] for name in below.state_dict()})
    zeros = below(np.zeros((6, 4, 8)))[1]
    if kind == "LSTM":
        h, zeros = h[0], zeros[0]
    np.testing.assert_allclose(h.numpy()[1], zeros.numpy()[0], atol=1e-12)


def test_dropout_of_a_single_layer_is_noted() -> None:
    with pytest.warns(nn.ModuleNote, match="one only"):
        nn.GRU(2, 3, dropout=0.5)


@kinds
@pytest.mark.parametrize("hidden", [4, 100])
def test_initial_weights_fill_the_interval_of_the_states_size(kind: str, hidden: int) -> None:
    layer = getattr(nn, kind)(30, hidden, 2, bidirectional=True, rng=0)
    bound = 1 / math.sqrt(hidden)
    for parameter in layer.parameters():
        assert parameter.dtype == np.float32
        largest = np.abs(parameter.data).max()
        assert 0.5 * bound < largest <= bound * (1 + 1e-6)


@kinds
def test_gradients_go_through_long_sequences_to_the_first_state(kind: str) -> None:
    layer, x = built(kind, 2, 3), np.random.default_rng(0).normal(size=(300, 1, 2)) * 0.1
    parts = [tg.Tensor(np.zeros((1, 1, 3)), requires_grad=True) for _ in range(2)]
    output, _ = layer(x, tuple(parts) if kind == "LSTM" else parts[0])
    output.sum().backward()
    assert parts[0].grad is not None
    assert np.abs(parts[0].grad).max() > 0
    assert all(np.isfinite(p.grad).all() for p in layer.parameters())


def test_a_wider_input_is_noted_once() -> None:
    layer = nn.LSTM(2, 3)
    with pytest.warns(nn.ModuleNote, match="float64 input"):
        output, _ = layer(np.zeros((4, 1, 2)))
    assert output.dtype == np.float64
    layer(np.zeros((4, 1, 2)))  # a second note would be an error


# ---------------------------------------------------------------------------- refusals


@kinds
@pytest.mark.parametrize("shape", [(5, 2, 4), (5, 4), (5, 2, 2, 2), (3,)], ids=str)
def test_another_input_is_refused_with_its_layer_and_the_fix_works(
    kind: str, shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    model = nn.ModuleDict({"encoder": built(kind, 3, 2)})
    x = np.zeros(shape)
    if len(shape) == 4:
        model["encoder"] = built(kind, 4, 2)
    with pytest.raises(tg.errors.ShapeError) as caught:
        model["encoder"](x)
    error = caught.value
    assert str(shape) in str(error)
    assert f"{kind}(" in str(error)
    mended = apply_fix(error, x=x)
    layer = mended if isinstance(mended, nn.Module) else model["encoder"]
    layer.astype(np.float64)(x if layer is mended else mended)


def test_one_number_at_each_step_needs_an_axis(apply_fix: Callable[..., Any]) -> None:
    layer, x = built("GRU", 1, 2), np.zeros((5, 7))
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(x)
    assert layer(apply_fix(caught.value, x=x))[0].shape == (5, 7, 2)


def test_the_message_names_the_layer_by_its_path() -> None:
    class Tagger(nn.Module):
        def __init__(self) -> None:
            self.encoder = nn.LSTM(3, 4)

        def forward(self, x: Any) -> Any:
            return self.encoder(x)

    tagger = Tagger()
    with pytest.raises(tg.errors.ShapeError, match=r"^tagger\.encoder = LSTM\(3 -> 4\)"):
        tagger(np.zeros((5, 2, 7), np.float32))
    with pytest.raises(tg.errors.ShapeError, match=r"^tagger\.encoder got a sequence without"):
        tagger(np.zeros((0, 2, 3), np.float32))


def test_a_sequence_without_steps_is_refused_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    layer, sequences = built("GRU", 3, 2), [np.zeros((0, 3)), np.zeros((2, 3))]
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(sequences[0])
    assert [layer(x)[0].shape for x in apply_fix(caught.value, sequences=sequences)] == [(2, 2)]


@kinds
@pytest.mark.parametrize("alone", [False, True])
def test_a_state_of_another_shape_is_refused_and_the_fix_works(
    kind: str, alone: bool, apply_fix: Callable[..., Any]
) -> None:
    layer = built(kind, 3, 2, 2, batch_first=True)
    x, h = np.zeros((5, 3) if alone else (4, 5, 3)), np.zeros((4, 2, 2))
    with pytest.raises(tg.errors.ShapeError) as caught:
        layer(x, (h, h) if kind == "LSTM" else h)
    error = caught.value
    assert error.shapes == ((4, 2, 2), (2, 2) if alone else (2, 4, 2))
    mended = apply_fix(error)
    layer(x, (mended, mended) if kind == "LSTM" else mended)


def test_pairs_and_single_states_are_not_mixed_up(apply_fix: Callable[..., Any]) -> None:
    x, h = np.zeros((5, 1, 3)), np.zeros((1, 1, 2))
    for kind in ("GRU", "RNN"):
        with pytest.raises(tg.errors.ArgumentError) as caught:
            built(kind, 3, 2)(x, (h, h))
        built(kind, 3, 2)(x, apply_fix(caught.value, hx=(h, h)))
    with pytest.raises(tg.errors.ArgumentError) as caught:
        built("LSTM", 3, 2)(x, h)
    built("LSTM", 3, 2)(x, apply_fix(caught.value, hx=h))
    with pytest.raises(tg.errors.ArgumentError, match="pair of states and cells"):
        built("LSTMCell", 3, 2)(x[0], h[0])
    with pytest.raises(tg.errors.ArgumentError, match="one array"):
        built("GRUCell", 3, 2)(x[0], (h[0], h[0]))


@pytest.mark.parametrize("shape", [(4, 5), (5,), (2, 4, 3), ()], ids=str)
def test_a_cell_refuses_another_input_and_the_fix_works(
    shape: tuple[int, ...], apply_fix: Callable[..., Any]
) -> None:
    cell, x = built("GRUCell", 1 if not shape else 3, 2), np.zeros(shape)
    with pytest.raises(tg.errors.ShapeError) as caught:
        cell(x)
    mended = apply_fix(caught.value, x=tg.Tensor(x))
    if isinstance(mended, nn.Module):
        mended.astype(np.float64)(x)
    else:
        cell(mended)


def test_a_cell_refuses_another_state_and_the_fix_works(apply_fix: Callable[..., Any]) -> None:
    cell, x = built("LSTMCell", 3, 2), np.zeros((4, 3))
    with pytest.raises(tg.errors.ShapeError) as caught:
        cell(x, (np.zeros(2), np.zeros(2)))
    zeros = apply_fix(caught.value)
    assert zeros.shape == (4, 2)
    cell(x, (zeros, zeros))


@pytest.mark.parametrize(
    "arguments, options",
    [
        ((0, 2), {}), ((2, 0), {}), ((2, 2, 0), {}), ((2.5, 2), {}), ((2, 2, True), {}),
        ((2, 2, 2), {"dropout": 1.5}), ((2, 2, 2), {"dropout": "half"}),
    ],
)  # fmt: skip
@kinds
def test_impossible_settings_are_refused_when_a_layer_is_built(
    kind: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with pytest.raises(tg.errors.ArgumentError):
        getattr(nn, kind)(*arguments, **options)


@pytest.mark.parametrize("kind", ["RNN", "RNNCell"])
def test_an_unknown_nonlinearity_is_refused(kind: str) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="'tanh', 'relu'"):
        getattr(nn, kind)(2, 3, nonlinearity="sigmoid")


# ---------------------------------------------------------------------------- PyTorch


@pytest.mark.parity
@kinds
def test_settings_by_position_mean_what_they_mean_in_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    settings = (3, 4, 2, *(["relu"] if kind == "RNN" else []), False, True, 0.25, True)
    ours, theirs = getattr(nn, kind)(*settings), getattr(torch.nn, kind)(*settings)
    for name in ("num_layers", "bias", "batch_first", "dropout", "bidirectional"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert getattr(ours, "nonlinearity", None) == getattr(theirs, "nonlinearity", None)


def test_an_lstm_with_a_projection_of_the_identity_is_one_without() -> None:
    rng = np.random.default_rng(0)
    plain, wide = built("LSTM", 3, 2, bidirectional=True), built("LSTM", 3, 4, proj_size=2,
                                                                  bidirectional=True)  # fmt: skip
    for name, parameter in wide.named_parameters():
        if "weight_hr" in name:
            parameter.data = np.eye(2, 4)  # the other two cells stay unseen
            continue
        own = np.zeros((4, 4, *parameter.shape[1:]))
        own[:, :2] = getattr(plain, name).data.reshape(4, 2, *parameter.shape[1:])
        parameter.data = own.reshape(parameter.shape)
    x, h, c = rng.normal(size=(5, 3, 3)), rng.normal(size=(2, 3, 2)), rng.normal(size=(2, 3, 4))
    expected, (h_n, c_n) = plain(x, (h, c[..., :2]))
    output, (last, cells) = wide(x, (h, c))
    for got, wanted in ((output, expected), (last, h_n), (cells[..., :2], c_n)):
        np.testing.assert_allclose(got.numpy(), wanted.numpy(), atol=1e-12)


def test_a_projection_that_makes_nothing_smaller_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="proj_size=3 is not below hidden_size=3"):
        nn.LSTM(2, 3, proj_size=3)
    with pytest.raises(tg.errors.ArgumentError, match="proj_size"):
        nn.LSTM(2, 3, proj_size=-1)


@pytest.mark.parity
@kinds
@pytest.mark.parametrize("first", [False, True])
def test_deep_layers_of_both_directions_equal_pytorchs(kind: str, first: bool) -> None:
    torch = pytest.importorskip("torch")
    options = {"num_layers": 3, "bidirectional": True, "batch_first": first}
    ours, theirs = built(kind, 4, 5, **options), getattr(torch.nn, kind)(4, 5, **options).double()
    ours.load_state_dict(theirs.state_dict())
    rng = np.random.default_rng(0)
    x, parts = rng.normal(size=(7, 6, 4)), rng.normal(size=(2, 6, 6 if first is False else 7, 5))
    arrays = [x, *parts[: 2 if kind == "LSTM" else 1]]
    leaves = [tg.Tensor(a, requires_grad=True) for a in arrays]
    others = [torch.tensor(a, requires_grad=True) for a in arrays]

    def run(network: Any, x: Any, *hx: Any) -> list[Any]:
        output, last = network(x, hx if kind == "LSTM" else hx[0])
        return [output, *(last if kind == "LSTM" else (last,))]

    results, expected = run(ours, *leaves), run(theirs, *others)
    weights = [rng.normal(size=part.shape) for part in results]
    for got, wanted in zip(results, expected, strict=True):
        np.testing.assert_allclose(got.numpy(), wanted.detach().numpy(), atol=1e-10)
    sum([(a * w).sum() for a, w in zip(results, weights, strict=True)], tg.Tensor(0.0)).backward()
    sum((a * torch.tensor(w)).sum() for a, w in zip(expected, weights, strict=True)).backward()
    named = dict(theirs.named_parameters())
    pairs = [*zip(leaves, others, strict=True)]
    pairs += [(parameter, named[name]) for name, parameter in ours.named_parameters()]
    for own, other in pairs:
        np.testing.assert_allclose(own.grad, other.grad.numpy(), atol=1e-10)


@pytest.mark.parity
@pytest.mark.parametrize(
    "kind, arguments, options",
    [
        ("RNN", (3, 4), {"nonlinearity": "relu", "batch_first": True}),
        ("LSTM", (3, 4, 2), {"bidirectional": True, "dropout": 0.5}),
        ("LSTM", (3, 4, 2), {"proj_size": 2}),
        ("GRU", (3, 4), {"bias": False}),
        ("RNNCell", (3, 4), {"nonlinearity": "relu"}),
        ("RNNCell", (3, 4), {"bias": False}),
        ("GRUCell", (3, 4), {}),
    ],
)
def test_a_layer_is_shown_as_pytorch_shows_it(
    kind: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    torch = pytest.importorskip("torch")
    shown = repr(getattr(torch.nn, kind)(*arguments, **options))
    assert repr(getattr(nn, kind)(*arguments, **options)) == shown
