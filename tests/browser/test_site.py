"""The site in a real browser, from disk: quiet, readable, and with nothing asked of another place.

It is built with one lesson; the links of every page are checked by the build itself.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
CHECKOUT = Path(__file__).parents[2]
PAGES = (
    "index.html", "lessons/index.html", "lessons/01_neuron/index.html", "how_it_works.html",
    "operations.html", "errors.html", "api/ops_hyperbolic.html", "api/nn.html",
    "testing_gradients.html", "contribute_an_op.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for name in ("sphinx", "furo", "myst_parser", "latex2mathml"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is absent: needs the extra `docs`")
    out = tmp_path_factory.mktemp("site") / "out"
    command = [sys.executable, "examples/site/build.py", "--short", "--only", "1", str(out)]
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return out


def links_of(folder: Path) -> list[str]:
    """What the link checker says of a folder; it lies in no package."""
    spec = importlib.util.spec_from_file_location("links", CHECKOUT / "examples/site/links.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[str] = module.broken(folder)
    return found


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="#here">1</a><a href="#gone">2</a><a href="b.html">3</a>'
        '<a href="https://example.org">4</a><img src="https://example.org/x.png"></p>'
    )
    assert links_of(tmp_path) == [
        "a.html: loads https://example.org/x.png",
        "a.html: no place #gone",
        "a.html: no file b.html",
    ]


@pytest.mark.parametrize("wide", [1280, 390])
def test_the_site_works_from_disk(site: Path, browser: Any, wide: int) -> None:
    context = browser.new_context(viewport={"width": wide, "height": 800})
    complaints: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(("file:", "data:"))
        else complaints.append(asked.url),
    )  # fmt: skip
    for name in PAGES:
        page.goto((site / name).as_uri())
        assert page.locator("h1").count() >= 1, name
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, name
        assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)"), name
    page.goto((site / "how_it_works.html").as_uri())
    assert page.locator("math").count() >= 5
    assert "heappop(heap)" in page.locator("main, article").first.inner_text()
    context.close()
    assert complaints == []
