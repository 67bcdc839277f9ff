"""Transformers: what sees what, what is shared between copies, and PyTorch with all settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def encoder_layer(**options: Any) -> nn.TransformerEncoderLayer:
    given = {"batch_first": True, "dropout": 0.0, "dtype": np.float64, "rng": 0}
    return nn.TransformerEncoderLayer(4, 2, 6, **{**given, **options})


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_block_is_attention_and_a_network_each_added_to_what_it_reads(norm_first: bool) -> None:
    layer, x = encoder_layer(norm_first=norm_first), tg.Tensor(draw(2, 3, 4))

    def attention(x: Any) -> Any:
        return layer.self_attn(x, x, x)[0]

    def network(x: Any) -> Any:
        return layer.linear2(tg.relu(layer.linear1(x)))

    if norm_first:
        y = x + attention(layer.norm1(x))
        wanted = y + network(layer.norm2(y))
    else:
        y = layer.norm1(x + attention(x))
        wanted = layer.norm2(y + network(y))
    np.testing.assert_allclose(layer(x).numpy(), wanted.numpy(), atol=1e-12)


def test_with_order_nothing_depends_on_later_steps() -> None:
    encoder = nn.TransformerEncoder(encoder_layer(norm_first=True), 3, nn.LayerNorm(4)).astype(
        float
    )
    x = draw(2, 6, 4)
    later = x.copy()
    later[:, 4:] = 7.0
    both = [encoder(each, is_causal=True).numpy()[:, :4] for each in (x, later)]
    np.testing.assert_array_equal(*both)
    masked = encoder(x, F.generate_square_subsequent_mask(6)).numpy()
    np.testing.assert_allclose(masked, encoder(x, is_causal=True).numpy(), atol=1e-12)
    assert not np.allclose(encoder(x).numpy(), encoder(later).numpy())


def test_padding_does_not_change_what_is_there() -> None:
    encoder, x = nn.TransformerEncoder(encoder_layer(), 2), draw(2, 6, 4)
    padded = np.array([[False] * 6, [False] * 4 + [True] * 2])
    full = encoder(x, src_key_padding_mask=padded).numpy()
    np.testing.assert_allclose(full[0], encoder(x[0]).numpy(), atol=1e-12)
    np.testing.assert_allclose(full[1, :4], encoder(x[1, :4]).numpy(), atol=1e-12)


def test_copies_have_parameters_of_their_own_with_equal_values_at_first() -> None:
    layer = encoder_layer()
    encoder = nn.TransformerEncoder(layer, 3)
    assert len({id(p) for p in [*encoder.parameters(), *layer.parameters()]}) == 4 * 12
    for name, array in layer.state_dict().items():
        for k in range(3):
            np.testing.assert_array_equal(encoder.state_dict()[f"layers.{k}.{name}"], array)


def test_copies_drop_differently_from_one_seed() -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 6, 0.5, rng=0)
    encoder = nn.TransformerEncoder(layer, 2)
    first, second = encoder.layers[0].dropout, encoder.layers[1].dropout
    x = np.ones((50, 50), np.float32)
    assert not np.array_equal(first(x).numpy(), second(x).numpy())
    again = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, 0.5, rng=0), 2)
    other = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 6, 0.5, rng=0), 2)
    x = np.ones((3, 2, 4), np.float32)
    np.testing.assert_array_equal(again(x).numpy(), other(x).numpy())


@pytest.mark.parametrize("kind", ["TransformerEncoderLayer", "TransformerDecoderLayer"])
def test_dropout_works_while_training_only(kind: str) -> None:
    layer = getattr(nn, kind)(4, 2, 6, 0.5)
    inputs = [draw(3, 2, 4).astype(np.float32)] * (1 + (kind == "TransformerDecoderLayer"))
    assert not np.array_equal(layer(*inputs).numpy(), layer(*inputs).numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(*inputs).numpy(), layer(*inputs).numpy())


def test_the_activation_may_be_a_function_or_a_module() -> None:
    x = draw(2, 3, 4)
    named, given = encoder_layer(activation="gelu"), encoder_layer(activation=tg.gelu)
    module = encoder_layer(activation=nn.GELU())
    for layer in (given, module):
        np.testing.assert_array_equal(layer(x).numpy(), named(x).numpy())
    for wrong in ("gelo", nn.GELU, 3):
        with pytest.raises(tg.errors.ArgumentError, match="'relu', 'gelu'"):
            encoder_layer(activation=wrong)


def test_a_message_names_the_attention_by_its_path() -> None:
    model = nn.TransformerEncoder(encoder_layer(), 2)
    with pytest.raises(tg.errors.ShapeError, match=r"^model\.layers\.0\.self_attn = "):
        model(draw(2, 3, 5))


@pytest.mark.parametrize(
    "build",
    [
        lambda: nn.TransformerEncoderLayer(4, 3),
        lambda: nn.TransformerEncoderLayer(4, 2, 0),
        lambda: nn.TransformerEncoderLayer(4, 2, dropout=2),
        lambda: nn.TransformerDecoderLayer(0, 2),
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), -1),
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2), 1.5),
    ],
)
def test_impossible_settings_of_transformers_are_refused(build: Callable[[], Any]) -> None:
    with pytest.raises(tg.errors.ArgumentError):
        build()


def test_all_matrices_of_a_whole_transformer_are_xavier() -> None:
    model = nn.Transformer(8, 2, 2, 1, 16, rng=0)
    for name, array in model.state_dict().items():
        if array.ndim > 1:
            bound = np.sqrt(6 / sum(array.shape))
            assert 0.9 * bound < np.abs(array).max() <= bound * (1 + 1e-6), name
    same = nn.Transformer(8, 2, 2, 1, 16, rng=0).state_dict()
    assert all(np.array_equal(same[name], array) for name, array in model.state_dict().items())
    layers = [model.encoder.layers[k].linear1.weight.data for k in range(2)]
    assert not np.array_equal(*layers)


def test_an_own_encoder_can_stand_in() -> None:
    class Reader(nn.Module):
        def forward(self, src: Any, **masks: Any) -> Any:
            return src * 2.0

    model = nn.Transformer(4, 2, 1, 1, 6, dropout=0.0, custom_encoder=Reader(), dtype=np.float64)
    x, y = draw(3, 2, 4), draw(2, 2, 4, seed=1)
    np.testing.assert_array_equal(model(x, y).numpy(), model.decoder(y, 2 * x).numpy())


def test_a_small_gpt_learns_to_repeat_what_it_saw() -> None:
    """Every second half repeats the first: causal attention finds it, counting cannot."""

    class Reader(nn.Module):
        def __init__(self) -> None:
            self.embedding = nn.Embedding(8, 16)
            self.position = nn.PositionalEmbedding(8, 16, batch_first=True)
            block = nn.TransformerEncoderLayer(
                16, 2, 32, 0.0, "gelu", batch_first=True, norm_first=True
            )
            self.blocks = nn.TransformerEncoder(block, 2, nn.LayerNorm(16))
            self.head = nn.Linear(16, 8)

        def forward(self, x: Any) -> Any:
            return self.head(self.blocks(self.position(self.embedding(x)), is_causal=True))

    rng = np.random.default_rng(0)
    with tg.seed(0):
        model = Reader()
    opt = nn.optim.Adam(model, lr=5e-3)
    for _ in range(250):
        half = rng.integers(8, size=(32, 4))
        text = np.concatenate([half, half], axis=1)
        opt.zero_grad()
        scores = model(text[:, :-1])[:, 3:]
        loss = F.cross_entropy(scores.reshape((-1, 8)), text[:, 4:].reshape(-1))
        loss.backward()
        opt.step()
    assert loss.item() < 0.3


# ---------------------------------------------------------------------------- PyTorch


def agree(ours: Any, theirs: Any, inputs: list[np.ndarray], call: dict[str, Any]) -> None:
    """Keys, values and all gradients, float64."""
    torch = pytest.importorskip("torch")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    rng = np.random.default_rng(9)
    arrays = {name: rng.normal(size=a.shape) / 2 for name, a in ours.state_dict().items()}
    ours.load_state_dict(arrays)
    theirs.load_state_dict({name: torch.tensor(a) for name, a in arrays.items()})
    xs = [tg.Tensor(x, requires_grad=True) for x in inputs]
    leaves = [torch.tensor(x, requires_grad=True) for x in inputs]
    as_torch = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in call.items()}
    result, expected = ours(*xs, **call), theirs(*leaves, **as_torch)
    np.testing.assert_allclose(result.numpy(), expected.detach().numpy(), atol=1e-9)
    weights = rng.normal(size=result.shape)
    (result * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    named = dict(theirs.named_parameters())
    pairs = [*zip(xs, leaves, strict=True)]
    pairs += [(p, named[name]) for name, p in ours.named_parameters()]
    for own, other in pairs:
        np.testing.assert_allclose(own.grad, other.grad.numpy(), atol=1e-9)


WAYS = [
    {},
    {"norm_first": True, "activation": "gelu"},
    {"batch_first": True, "bias": False},
    {"batch_first": True, "norm_first": True, "layer_norm_eps": 1e-3},
]


@pytest.mark.parity
@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize("norm", [True, False])
def test_stacks_equal_pytorchs(options: dict[str, Any], norm: bool) -> None:
    torch = pytest.importorskip("torch")
    sizes, first = (8, 4, 12, 0.0), options.get("batch_first", False)
    x, memory = draw(3, 5, 8), draw(3, 6, 8, seed=1)
    if not first:
        x, memory = x.swapaxes(0, 1), memory.swapaxes(0, 1)
    closed = np.triu(np.ones((5, 5), bool), 1)
    keys = np.arange(6) > np.array([[3], [5], [4]])
    ours = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(*sizes, **options), 2, nn.LayerNorm(8) if norm else None
    ).astype(np.float64)
    theirs = torch.nn.TransformerEncoder(
        torch.nn.TransformerEncoderLayer(*sizes, **options),
        2,
        torch.nn.LayerNorm(8) if norm else None,
        enable_nested_tensor=False,
    ).double()
    agree(ours, theirs, [x], {"mask": closed, "src_key_padding_mask": keys[:, :5]})
    ours = nn.TransformerDecoder(
        nn.TransformerDecoderLayer(*sizes, **options), 2, nn.LayerNorm(8) if norm else None
    ).astype(np.float64)
    theirs = torch.nn.TransformerDecoder(
        torch.nn.TransformerDecoderLayer(*sizes, **options),
        2,
        torch.nn.LayerNorm(8) if norm else None,
    ).double()
    agree(ours, theirs, [x, memory], {"tgt_mask": closed, "memory_key_padding_mask": keys})


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("options", WAYS, ids=str)
def test_a_whole_transformer_equals_pytorchs(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    sizes, first = (8, 2, 2, 3, 12, 0.0), options.get("batch_first", False)
    ours = nn.Transformer(*sizes, **options).astype(np.float64)
    theirs = torch.nn.Transformer(*sizes, **options).double()
    x, y = draw(2, 5, 8), draw(2, 4, 8, seed=1)
    if not first:
        x, y = x.swapaxes(0, 1), y.swapaxes(0, 1)
    mask = F.generate_square_subsequent_mask(4, dtype=np.float64)
    wanted = theirs.generate_square_subsequent_mask(4, dtype=torch.float64)
    np.testing.assert_array_equal(mask, wanted.numpy())
    agree(ours, theirs, [x, y], {"tgt_mask": mask})
