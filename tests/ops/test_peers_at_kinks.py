"""What PyTorch and JAX give at our kinks is measured, and the catalogue quotes it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.registry import registry

pytestmark = pytest.mark.parity

KINKS = [
    (name, position)
    for name, op in registry.items()
    if "." not in name
    for position in range(len(op.kinks))
]


@pytest.mark.parametrize("name, position", KINKS)
def test_the_gradients_of_pytorch_and_jax_at_a_kink_are_those_that_are_quoted(
    name: str, position: int
) -> None:
    peers = pytest.importorskip("tests.ops.peers", exc_type=ImportError)
    assert name in peers.PEERS, "name it in tests/ops/peers.py, with None where they have no such"
    kink = registry[name].kinks[position]
    pairs = zip(
        (kink.torch, kink.jax),
        peers.PEERS[name],
        (peers.torch_gradients, peers.jax_gradients),
        strict=True,
    )
    for quoted, function, gradients in pairs:
        assert (quoted is None) == (function is None)
        if function is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                measured = gradients(function, kink.at)
            compare(quoted, measured, kink.gives)


def compare(quoted: Any, measured: list[Any], ours: tuple[Any, ...]) -> None:
    assert len(quoted) == len(measured)
    for said, found, promised in zip(quoted, measured, ours, strict=True):
        if said is not None and promised is not None:
            np.testing.assert_allclose(found, np.asarray(said, float), rtol=1e-12)
