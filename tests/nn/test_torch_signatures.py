"""Constructors take PyTorch's arguments, by its names, in its order, with its defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from tests.nn.entries import ENTRIES
from tinygrad_edu import nn

pytestmark = pytest.mark.parity

# What has no meaning here, and what PyTorch itself has given up.
LEFT_OUT = {
    "device", "dtype", "inplace", "min_value", "max_value", "size_average", "reduce",
    "enable_nested_tensor", "mask_check", "mode",
}  # fmt: skip
# PyTorch's default is a guess by the number of axes, with a warning.
BY_GUESS = {"Softmin", "Softmax", "LogSoftmax"}


def arguments(kind: type) -> dict[str, Any]:
    """Name and default of each in order; keywords are no part of PyTorch's order, except in losses,
    where what it has given up comes first."""
    keywords = kind.__name__.endswith("Loss")
    return {
        # A function stands for itself by its name, as in these constructors.
        name: getattr(parameter.default, "__name__", parameter.default)
        for name, parameter in inspect.signature(kind).parameters.items()
        if (keywords or parameter.kind is parameter.POSITIONAL_OR_KEYWORD)
        and not (name in LEFT_OUT or name.startswith("_"))
    }


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_constructor_has_pytorchs_arguments_in_order(name: str) -> None:
    torch = pytest.importorskip("torch")
    if not hasattr(torch.nn, name) or name == "Identity":
        pytest.skip("PyTorch has no such class, or it takes anything")
    ours, theirs = arguments(getattr(nn, name)), arguments(getattr(torch.nn, name))
    if not theirs and issubclass(getattr(torch.nn, name), torch.nn.RNNBase):
        theirs = arguments(torch.nn.RNNBase)  # theirs take anything, and pass it on
        ours.pop("nonlinearity", None)
        if name != "LSTM":
            theirs.pop("proj_size")  # PyTorch refuses it
    assert list(ours) == list(theirs)
    if name not in BY_GUESS:
        assert ours == theirs
