"""The report of a run in a real browser: quiet, whole, and with nothing fetched."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_edu import data
from tinygrad_edu.cli import main

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Of images, and of a table whose names try to be markup."""
    folder = tmp_path_factory.mktemp("reports")
    iris: Any = data.load("iris")
    place = folder / "hostile.csv"
    with open(place, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow([HOSTILE, "</style><script>alert(2)</script>", "species"])
        for row, label in zip(iris.features, iris.targets, strict=True):
            out.writerow([row[2], row[3], f"{HOSTILE}{label}"])
    digits = ["--data", "digits", "--model", "32", "--epochs", "8"]
    table = ["--data", str(place), "--target", "species", "--epochs", "2"]
    pages = []
    for name, given in (("digits", digits), ("hostile", table)):
        assert main([*given, "--out", str(folder / name)]) == 0
        pages.append((folder / name / "report.html").read_text(encoding="utf-8"))
    return pages


@pytest.mark.parametrize("which", [0, 1], ids=["images", "hostile names"])
@pytest.mark.parametrize("wide", [1280, 390])
def test_a_report_shows_itself_and_asks_for_nothing(
    which: int, wide: int, reports: list[str], opened: Callable[..., Any]
) -> None:
    size = {"viewport": {"width": wide, "height": 800}}
    page = opened(reports[which], ready=False, **size)
    assert page.locator(".cards div").count() >= 5
    assert page.locator(".figures figure").count() >= 4
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    assert page.evaluate("document.querySelectorAll('script, [onerror]').length") == 0
    shown = page.evaluate("getComputedStyle(document.querySelector('.cards b')).fontSize")
    assert shown == "27px"  # the policy lets the style in
    if which == 0:
        loaded = "[...document.images].every(image => image.naturalWidth === 8)"
        assert page.locator(".images img").count() == 12
        assert page.evaluate(loaded)
    else:
        assert HOSTILE in page.locator(".matrix").inner_text()
