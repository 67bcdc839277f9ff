"""The page "Contribute an operation" does what it says: its blocks run and print what it shows."""

from __future__ import annotations

import contextlib
import io
import linecache
import math
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

import tinygrad_edu as tg
from tests.ops.references import SCALAR
from tinygrad_edu.registry import registry

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).parents[2]
PAGE = CHECKOUT / "examples" / "contribute_an_op.md"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", flags=re.S | re.M)


def blocks() -> list[tuple[str, str | None]]:
    """Each block of code, and what it prints according to the page."""
    found: list[tuple[str, str | None]] = []
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "python":
            found.append((text, None))
        else:
            assert found[-1][1] is None
            found[-1] = (found[-1][0], text)
    return found


def masked(text: str) -> list[str]:
    """Lines without the digits of errors near rounding, which differ between processors."""
    return [re.sub(r"\b\de[-+]\d\d\b", "#", line.rstrip()) for line in text.splitlines()]


def printed(folder: Path) -> list[str]:
    """What every block prints, run one after the other."""
    names: dict[str, Any] = {"__name__": "page"}
    answers = []
    for number, (code, _) in enumerate(blocks()):
        place = folder / f"part_{number}.py"
        place.write_text(code, encoding="utf-8")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(code, str(place), "exec"), names)
        answers.append(output.getvalue())
    linecache.checkcache()
    return answers


def test_every_block_of_the_page_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    for name in [name for name in registry if name.startswith("page.")]:
        del registry[name]
    answers = printed(tmp_path)
    assert len(answers) >= 12
    for (code, shown), answer in zip(blocks(), answers, strict=True):
        assert masked(answer) == masked(shown or ""), code


def test_the_model_of_a_paragraph_works_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The indented block is what would stand in a family's file."""
    text = PAGE.read_text(encoding="utf-8")
    (model,) = re.findall(r"^   ```python\n(.*?)^   ```$", text, flags=re.S | re.M)
    place = tmp_path / "family.py"
    header = (
        "import numpy as np\nfrom tinygrad_edu import Real, Tensor, operation, sin\n"
        "from tinygrad_edu.types import Operand\n"
    )
    place.write_text(header + textwrap.dedent(model), encoding="utf-8")
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(place.read_text(encoding="utf-8"), str(place), "exec"), names)
    report = tg.testing.check_op(names["haversine"])
    assert report.verdict == "pass"
    assert report.survivors == []
    assert names["haversine"](1.0) == pytest.approx((1.0 - math.cos(1.0)) / 2.0, rel=1e-15)
    assert "haversine" not in SCALAR  # the model is no name of the library


def test_every_file_that_the_page_names_exists() -> None:
    text = PAGE.read_text(encoding="utf-8")
    places = set(re.findall(r"`((?:tests|tinygrad_edu|examples|benchmarks)/[\w/.]+)`", text))
    places |= {f"examples/{name}" for name in re.findall(r"\]\((\w+\.md)\)", text)}
    assert len(places) >= 8
    assert [place for place in places if not (CHECKOUT / place).exists()] == []
