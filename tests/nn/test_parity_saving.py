"""Weights travel: from PyTorch's files into models here, and back, with the same outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.parity


def mlp(nn: Any) -> Any:
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Dropout(0.2), nn.Linear(5, 3))


def lenet(nn: Any) -> Any:
    """LeCun, Bottou, Bengio, Haffner 1998, figure 2, with the layers that are usual today."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def generator(nn: Any) -> Any:
    """Radford, Metz, Chintala 2016, figure 1, smaller."""
    layers = []
    for inputs, outputs, stride, padding in ((8, 6, 1, 0), (6, 4, 2, 1)):
        layers += [
            nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers, nn.ConvTranspose2d(4, 1, 4, 2, 1, bias=False), nn.Tanh())


def lstm(nn: Any) -> Any:
    return nn.LSTM(4, 3, num_layers=2, batch_first=True, bidirectional=True)


def gru(nn: Any) -> Any:
    return nn.GRU(4, 3, num_layers=2)


def attention(nn: Any) -> Any:
    return nn.MultiheadAttention(4, 2, batch_first=True)


def transformer(nn: Any) -> Any:
    return nn.TransformerEncoderLayer(4, 2, dim_feedforward=6, batch_first=True)


def encoder(nn: Any) -> Any:
    layer = nn.TransformerEncoderLayer(4, 2, 6, activation="gelu", batch_first=True)
    return nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(4))


def normalizations(nn: Any) -> Any:
    return nn.Sequential(nn.BatchNorm1d(4), nn.LayerNorm(4), nn.GroupNorm(2, 4), nn.PReLU(4))


def embedding(nn: Any) -> Any:
    return nn.Sequential(nn.Embedding(7, 4, padding_idx=0), nn.Linear(4, 7))


def shapes(*each: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in each]


MODELS: dict[str, tuple[Callable[[Any], Any], list[np.ndarray]]] = {
    "MLP": (mlp, shapes((4, 6))),
    "LeNet": (lenet, shapes((2, 1, 28, 28))),
    "DCGAN generator": (generator, shapes((3, 8, 1, 1))),
    "LSTM": (lstm, shapes((2, 5, 4))),
    "GRU": (gru, shapes((5, 2, 4))),
    "attention": (attention, shapes(*[(2, 5, 4)] * 3)),
    "Transformer layer": (transformer, shapes((2, 5, 4))),
    "Transformer encoder": (encoder, shapes((2, 5, 4))),
    "normalizations": (normalizations, shapes((6, 4))),
    "embedding": (embedding, [np.random.default_rng(0).integers(7, size=(2, 3))]),
}

every = pytest.mark.parametrize("name", MODELS)


def pair(name: str) -> tuple[Any, Any]:
    """The model here and in PyTorch, with different numbers, none of them at its start."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    make = MODELS[name][0]
    theirs = make(torch.nn).double()
    for value in theirs.state_dict().values():
        if value.dtype.is_floating_point:
            value += 0.1 * torch.rand_like(value)
    with tg.seed(0):
        return make(nn).astype(np.float64), theirs


def results(nested: Any) -> list[np.ndarray]:
    if isinstance(nested, (tuple, list)):
        return [array for part in nested for array in results(part)]
    return [nested.detach().numpy()]


def outputs_agree(name: str, ours: Any, theirs: Any) -> None:
    torch = pytest.importorskip("torch")
    inputs = MODELS[name][1]
    ours.eval()
    theirs.eval()
    found, wanted = results(ours(*inputs)), results(theirs(*map(torch.from_numpy, inputs)))
    assert len(found) == len(wanted)
    for left, right in zip(found, wanted, strict=True):
        assert left.shape == right.shape
        assert np.std(right) > 0
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)


@every
def test_weights_that_pytorch_saved_give_the_same_output(name: str, tmp_path: Path) -> None:
    save_file = pytest.importorskip("safetensors.torch").save_file
    ours, theirs = pair(name)
    path = tmp_path / "model.safetensors"
    save_file(theirs.state_dict(), path, metadata={"format": "pt"})
    ours.load_state_dict(tg.load(path))
    outputs_agree(name, ours, theirs)


@every
@pytest.mark.parametrize("whole", [False, True], ids=["weights", "model"])
def test_pytorch_takes_weights_that_are_saved_here(name: str, whole: bool, tmp_path: Path) -> None:
    load_file = pytest.importorskip("safetensors.torch").load_file
    ours, theirs = pair(name)
    path = tg.save(ours if whole else ours.state_dict(), tmp_path / "model.safetensors")
    theirs.load_state_dict(load_file(path))
    outputs_agree(name, ours, theirs)
    if whole:
        outputs_agree(name, tg.load(path), theirs)


def test_weights_in_both_types_travel_through_npz_as_well(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    for kind in (torch.float32, torch.float64):
        theirs = mlp(torch.nn).to(kind)
        path = tmp_path / "model.npz"
        np.savez(path, **{name: value.numpy() for name, value in theirs.state_dict().items()})
        ours = mlp(nn).astype(str(kind).removeprefix("torch."))
        ours.load_state_dict(tg.load(path))
        for name, value in theirs.state_dict().items():
            assert ours.state_dict()[name].dtype == value.numpy().dtype
            np.testing.assert_array_equal(ours.state_dict()[name], value.numpy())


def test_a_state_dict_of_pytorch_can_be_saved_as_it_is(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    theirs = generator(torch.nn)
    path = tg.save(theirs.state_dict(), tmp_path / "model.npz")
    ours = generator(nn)
    ours.load_state_dict(tg.load(path))
    outputs_agree("DCGAN generator", ours.astype(np.float64), theirs.double())


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_of_pytorch_is_named_and_not_opened(tmp_path: Path, zipped: bool) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "model.pt"
    torch.save(mlp(torch.nn).state_dict(), path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(tg.errors.LoadError, match="pickle") as caught:
        tg.load(path)
    assert caught.value.code == "TG-F03"
    assert caught.value.fix is not None
    code = caught.value.fix.partition("   #")[0].replace("'model.", f"'{tmp_path}/model.")
    safetensors = pytest.importorskip("safetensors.torch") and __import__("safetensors")
    eval(code, {"safetensors": safetensors, "model": mlp(torch.nn)})
    assert "0.weight" in tg.load(tmp_path / "model.safetensors")


def test_numbers_that_numpy_lacks_are_named_with_the_line_for_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    save_file = pytest.importorskip("safetensors.torch").save_file
    path = tmp_path / "model.safetensors"
    model = mlp(torch.nn).bfloat16()
    save_file(model.state_dict(), path)
    with pytest.raises(tg.errors.LoadError, match="BF16") as caught:
        tg.load(path)
    assert caught.value.fix is not None
    save_file(eval(caught.value.fix.partition("   #")[0], {"model": model}), path)
    assert tg.load(path)["0.weight"].dtype == np.float32
