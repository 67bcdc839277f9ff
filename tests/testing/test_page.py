"""The page on testing gradients quotes what its script prints."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parents[2] / "examples"


def masked(text: str) -> list[str]:
    """Lines without the digits of errors near rounding, which differ between processors."""
    return [re.sub(r"\b\de[-+]\d\d\b", "#", line.rstrip()) for line in text.splitlines()]


def test_every_figure_on_the_page_is_printed_by_its_script() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(EXAMPLES / "testing_gradients.py"), run_name="__main__")
    page = (EXAMPLES / "testing_gradients.md").read_text(encoding="utf-8")
    quoted = "".join(re.findall(r"^```text\n(.*?)^```$", page, flags=re.S | re.M))
    assert masked(quoted) == masked(printed.getvalue())


def test_the_commands_of_the_page_run() -> None:
    page = (EXAMPLES / "testing_gradients.md").read_text(encoding="utf-8")
    blocks = re.findall(
        r"^```python\n(.*?)^```$", page.partition("## The commands")[2], re.S | re.M
    )
    assert len(blocks) >= 6
    rng = np.random.default_rng(0)

    @tg.operation(rule=_swish_rule, domain=tg.Real(-4.0, 4.0))
    def swish(x: Any) -> Any:
        return x / (1.0 + np.exp(-x))

    model = nn.Linear(3, 2).astype(np.float64)
    names: dict[str, Any] = {
        "np": np, "tg": tg, "nn": nn, "x": rng.normal(size=(4, 3)), "w": rng.normal(size=(3, 2)),
        "y": rng.normal(size=(4, 2)), "f": np.matmul, "vjp": lambda g, x, w: (g @ w.T, x.T @ g),
        "model": model, "batch": rng.normal(size=(4, 3)), "swish": swish,
        "compute": lambda model, batch: model(batch).sum(), "loss": nn.functional.mse_loss,
        "conv": tg.tanh, "image": rng.normal(size=(2, 5)),
    }  # fmt: skip
    laws_block = blocks.pop()
    for block in blocks:
        exec(block, names)
    assert names["report"].verdict == "pass"
    names["test_log"]()
    names["loss"] = nn.functional.mse_loss
    exec(laws_block, names)


def _swish_rule(g: Any, out: Any, x: Any) -> Any:
    return g * (tg.sigmoid(x) + out * (1.0 - tg.sigmoid(x)))
