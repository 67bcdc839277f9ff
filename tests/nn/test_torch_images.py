"""Whole networks of images against PyTorch: the same lines build both, a state dict goes across."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.parity


def lenet(kit: Any) -> Any:
    """LeCun et al. 1998, figure 2, with its activations."""
    return kit.Sequential(
        kit.Conv2d(1, 6, 5, padding=2), kit.Tanh(), kit.AvgPool2d(2),
        kit.Conv2d(6, 16, 5), kit.Tanh(), kit.AvgPool2d(2),
        kit.Flatten(), kit.Linear(400, 120), kit.Tanh(), kit.Linear(120, 84), kit.Tanh(),
        kit.Linear(84, 10),
    )  # fmt: skip


def generator(kit: Any) -> Any:
    """The generator of Radford, Metz and Chintala 2016, figure 1, made small."""
    return kit.Sequential(
        kit.ConvTranspose2d(6, 8, 4, 1, 0, bias=False), kit.BatchNorm2d(8), kit.ReLU(),
        kit.ConvTranspose2d(8, 4, 4, 2, 1, bias=False), kit.BatchNorm2d(4), kit.ReLU(),
        kit.ConvTranspose2d(4, 3, 4, 2, 1, bias=False), kit.Tanh(),
    )  # fmt: skip


def discriminator(kit: Any) -> Any:
    return kit.Sequential(
        kit.Conv2d(3, 4, 4, 2, 1, bias=False), kit.LeakyReLU(0.2), kit.Dropout2d(0.0),
        kit.Conv2d(4, 8, 4, 2, 1, bias=False), kit.BatchNorm2d(8), kit.LeakyReLU(0.2),
        kit.Conv2d(8, 1, 4, 1, 0, bias=False), kit.Sigmoid(), kit.Flatten(0),
    )  # fmt: skip


def text(kit: Any) -> Any:
    """Words to signals: an embedding, a convolution along the text, the largest of each channel."""
    return kit.Sequential(
        kit.Embedding(11, 6, padding_idx=0), kit.Conv1d(7, 5, 3, padding="same"), kit.GELU(),
        kit.MaxPool1d(2), kit.PReLU(5), kit.AdaptiveAvgPool1d(1), kit.Flatten(), kit.Softplus(),
    )  # fmt: skip


NETWORKS = {
    "LeNet": (lenet, (3, 1, 28, 28)),
    "DCGAN generator": (generator, (4, 6, 1, 1)),
    "DCGAN discriminator": (discriminator, (4, 3, 16, 16)),
    "text": (text, (4, 7)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_and_three_steps_of_it_equal_pytorchs(name: str) -> None:
    torch = pytest.importorskip("torch")
    build, shape = NETWORKS[name]
    ours, theirs = build(nn).astype(np.float64), build(torch.nn).double()
    ours.load_state_dict(theirs.state_dict())
    rng = np.random.default_rng(0)
    ours_opt = nn.optim.SGD(ours, lr=0.1, momentum=0.9)
    theirs_opt = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        x: Any = rng.integers(11, size=shape) if name == "text" else rng.normal(size=shape)
        out, expected = ours(x), theirs(torch.tensor(x))
        np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-9, atol=1e-12)
        wanted = rng.normal(size=out.shape)
        ours_opt.zero_grad()
        theirs_opt.zero_grad()
        tg.mean((out - wanted) ** 2).backward()
        ((expected - torch.tensor(wanted)) ** 2).mean().backward()
        ours_opt.step()
        theirs_opt.step()
    for key, array in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[key], array, rtol=1e-9, atol=1e-11)
    assert ours.eval()(x).shape == tuple(theirs.eval()(torch.tensor(x)).shape)
