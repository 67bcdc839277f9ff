"""Every operation that PyTorch has too: values, gradients and gradients of these are equal.

Nobody has to write a test for an operation to be held to PyTorch: operands are those that its
registration draws, or those of the benchmarks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from benchmarks.ops_calls import CALLS, WITHOUT, call_of, every, itself, public
from benchmarks.ops_cases import CASES
from benchmarks.ops_torch import ALONE, COUNTERPARTS, UNDERIVED, Unlike, counterpart, namesake
from tinygrad_edu.testing.cases import cases_of

pytestmark = pytest.mark.parity

Points = list[tuple[list[Any], dict[str, Any]]]

# Constants that PyTorch rounds to float32 whatever the type of its operands.
ROUNDED = {"hardsigmoid": "its slope, a sixth"}


def points(name: str, rng: np.random.Generator) -> Points:
    """Operands and settings: all forms that the registration draws, away from kinks."""
    op = itself(name)
    if op is None or name in CALLS:
        return [CASES[name](rng, 4)]
    found: dict[int, Any] = {}
    for case in cases_of(op, rng):
        if not case.special and all(x.size for x in case.inputs):
            found.setdefault(id(case.inputs), (list(case.inputs), case.settings))
    return list(found.values())


def ours(name: str, xs: list[Any], kept: dict[str, Any], seed: Any, moves: list[Any]) -> list[Any]:
    """The value, the gradients, and the gradients of their sum weighted by ``moves``."""
    call: Any = call_of(tg, name)
    tensors = [tg.Tensor(x, requires_grad=x.dtype.kind == "f") for x in xs]
    wanted = [x for x in tensors if x.requires_grad]
    with tg.Tape() as tape:
        value = call(*tensors, **kept)
        if not value.requires_grad:
            return [value.data]
        along = tg.Tensor(seed, requires_grad=True)
        first = tape.gradient(
            value, wanted, output_gradient=along, create_graph=True, unconnected="zero"
        )
        total = sum([(d * u).sum() for d, u in zip(first, moves, strict=True)], tg.Tensor(0.0))
        second = tape.gradient(total, [*wanted, along], unconnected="zero")
    return [part.data for part in (value, *first, *second)]


def theirs(torch: Any, f: Any, xs: list[Any], kept: Any, seed: Any, moves: list[Any]) -> list[Any]:
    """The same in PyTorch; shorter where it has no second derivative."""
    tensors = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in xs]
    wanted = [x for x in tensors if x.requires_grad]
    value = f(*tensors, **kept)
    along = torch.tensor(seed, requires_grad=True)

    def pulled(target: Any, sources: list[Any], seed: Any = None) -> list[Any]:
        if not target.requires_grad:
            return [torch.zeros_like(x) for x in sources]
        found = torch.autograd.grad(target, sources, seed, create_graph=True, allow_unused=True)
        return [
            torch.zeros_like(x) if d is None else d for d, x in zip(found, sources, strict=True)
        ]

    first = pulled(value, wanted, along)
    total = sum((d * torch.tensor(u)).sum() for d, u in zip(first, moves, strict=True))
    try:
        second = pulled(total, [*wanted, along])
    except RuntimeError as error:
        if "is not implemented" not in str(error):
            raise
        second = []
    return [part.numpy(force=True) for part in (value, *first, *second)]


def compare(torch: Any, name: str, f: Any, xs: list[Any], kept: Any, rng: Any) -> bool:
    """Whether PyTorch has it with these settings; then all numbers must be equal."""
    try:
        value = f(*[torch.tensor(x) for x in xs], **kept)
    except Unlike:
        return False
    seed = rng.normal(size=tuple(value.shape))
    moves = [rng.normal(size=x.shape) for x in xs if x.dtype.kind == "f"]
    found = ours(name, xs, kept, seed, moves)
    several = len(found) > 1 and name not in UNDERIVED
    expected = theirs(torch, f, xs, kept, seed, moves) if several else [value.numpy()]
    assert len(expected) > several * len(moves)
    for k, (a, b) in enumerate(zip(found, expected, strict=False)):
        tolerance = 1e-9 if k <= len(moves) and name not in ROUNDED else 1e-7
        size = np.abs(b).max(initial=1.0)
        assert a.shape == b.shape, f"part {k} has shape {a.shape}, PyTorch's {b.shape}; {kept}"
        np.testing.assert_allclose(
            a, b, rtol=tolerance, atol=tolerance * size, err_msg=f"part {k} of {name}, {kept}"
        )
    return True


@pytest.mark.parametrize("name", public())
@settings(max_examples=2)
@given(seed=st.integers(0, 2**20))
def test_value_and_gradients_to_second_order_equal_pytorchs(name: str, seed: int) -> None:
    torch = pytest.importorskip("torch")
    f = counterpart(torch, name)
    if f is None:
        pytest.skip(ALONE.get(name, "PyTorch has no such function"))
    rng = np.random.default_rng(seed)
    compared = [compare(torch, name, f, xs, kept, rng) for xs, kept in points(name, rng)]
    assert any(compared), "PyTorch has none of these settings: give it a case of its own"


def test_operations_without_a_counterpart_say_why_and_really_have_none() -> None:
    torch = pytest.importorskip("torch")
    silent = [n for n in public() if counterpart(torch, n) is None and n not in ALONE]
    assert silent == [], "neither in COUNTERPARTS, nor PyTorch's own name, nor in ALONE"
    assert [n for n in ALONE if namesake(torch, n) is not None] == [], "PyTorch has that name"
    known = {*COUNTERPARTS, *ALONE, *CASES, *CALLS, *WITHOUT}
    assert known - set(every()) == set(), "these are no public operations"
