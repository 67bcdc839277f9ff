"""A real browser, and pages opened in it that may not complain, ask, or fetch anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]


def program(installed: str) -> str | None:
    """A Chromium: the one that is named, one on PATH, or the one that playwright installed."""
    if chosen := os.environ.get("TINYGRAD_EDU_BROWSER"):
        return chosen
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next(iter(found), installed if Path(installed).exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs the extra `browser`")
    with api.sync_playwright() as playwright:
        path = program(playwright.chromium.executable_path)
        if path is None:
            pytest.skip("no Chromium: install one, or run `python -m playwright install chromium`")
        root = getattr(os, "geteuid", lambda: 1)() == 0  # who has no sandbox
        arguments = ["--no-sandbox"] if root else []
        made = playwright.chromium.launch(executable_path=path, args=arguments)
        yield made
        made.close()


class Watched:
    """What pages did that they should not."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.refused: list[str] = []  # by the page's own policy

    def failed(self, request: Any) -> None:
        if request.failure == "csp":
            self.refused.append(request.url)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def opened(browser: Any, watched: Watched, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the text of a page; at the end, nothing may have complained and nothing been fetched."""
    contexts, addresses = [], []

    def open_(text: str, *, ready: bool = True, script: str = "", **settings: Any) -> Any:
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(text, encoding="utf-8")
        addresses.append(file.as_uri())
        settings = {"viewport": {"width": 1280, "height": 800}, **settings}
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda message: watched.complaints.append(message.text))
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("dialog", lambda dialog: watched.complaints.append(dialog.message))
        page.on("popup", lambda popup: watched.complaints.append(popup.url))
        page.on("request", lambda request: watched.requests.append(request.url))
        page.on("requestfailed", watched.failed)
        if script:
            page.add_init_script(script)
        page.goto(file.as_uri())
        if ready:
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert watched.complaints == []
    assert sorted(watched.requests) == sorted(addresses)
