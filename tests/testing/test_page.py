"""The page on testing gradients quotes what its script prints."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
from pathlib import Path

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
