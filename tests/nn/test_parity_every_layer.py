"""Every layer and loss against PyTorch: state, values and gradients, from ``tests/nn/entries``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tests.nn.entries import ENTRIES
from tests.nn.entries.entry import built, tensors

pytestmark = [
    pytest.mark.parity,
    # PyTorch's advice on its own default for KLDivLoss, which is the one to agree with.
    pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning"),
    pytest.mark.filterwarnings("ignore:Using padding='same' with even:UserWarning"),
]


@pytest.mark.parametrize("name", sorted(name for name in ENTRIES if not ENTRIES[name].unlike))
@settings(max_examples=20)
@given(data=st.data())
def test_a_layer_equals_pytorchs(name: str, data: Any) -> None:
    torch = pytest.importorskip("torch")
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    ours = built(entry, drawn)
    options = {key: as_torch(torch, value) for key, value in drawn.options.items()}
    theirs = getattr(torch.nn, name)(*drawn.arguments, **options).double()
    theirs.train(drawn.training)
    state = ours.state_dict()
    assert list(state) == list(theirs.state_dict())
    theirs.load_state_dict({key: torch.from_numpy(np.asarray(a)) for key, a in state.items()})
    xs = [
        tg.Tensor(x, requires_grad=True) if x.dtype.kind == "f" else x
        for x in map(np.asarray, drawn.inputs)
    ]
    leaves = [
        torch.tensor(np.asarray(x), requires_grad=x.dtype.kind == "f")
        for x in map(np.asarray, drawn.inputs)
    ]
    call = {key: as_torch(torch, value) for key, value in drawn.call.items()}
    results = tensors(ours(*drawn.arranged(*xs), **drawn.call))
    expected = tensors(theirs(*drawn.arranged(*leaves), **call))
    assert len(results) == len(expected)
    rng = np.random.default_rng(0)
    total, reference = tg.Tensor(0.0), torch.zeros((), dtype=torch.float64)
    for result, wanted in zip(results, expected, strict=True):
        assert result.shape == tuple(wanted.shape)
        np.testing.assert_allclose(result.numpy(), wanted.detach().numpy(), rtol=1e-9, atol=1e-9)
        weights = rng.normal(size=result.shape)
        total = total + (result * weights).sum()
        reference = reference + (wanted * torch.tensor(weights)).sum()
    if not reference.requires_grad:
        return
    total.backward()
    reference.backward()
    pairs = [(x, leaf) for x, leaf in zip(xs, leaves, strict=True) if isinstance(x, tg.Tensor)]
    named = dict(theirs.named_parameters())
    pairs += [(parameter, named[key]) for key, parameter in ours.named_parameters()]
    for own, other in pairs:
        left = np.zeros(own.shape) if own.grad is None else own.grad
        right = np.zeros(own.shape) if other.grad is None else other.grad.numpy()
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)
    for key, array in theirs.state_dict().items():  # running statistics moved alike
        np.testing.assert_allclose(ours.state_dict()[key], array, rtol=1e-9, atol=1e-9)


def as_torch(torch: Any, value: Any) -> Any:
    """An array among the settings as PyTorch wants it."""
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value
