"""Pages to explore in a real browser: what moves them changes what they show, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.reading import step_to
from tests.explorables.runs import classifier, classifiers, game
from tinygrad_edu.explorables import Page, gan_replay, optimizer_race, training_replay

pytestmark = [pytest.mark.browser, pytest.mark.once]
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
PICTURE = "document.querySelector('{}').toDataURL()"


def picture(page: Any, what: str = "#answer") -> str:
    return str(page.evaluate(PICTURE.format(what)))


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# The replay of a training


@pytest.fixture(scope="module")
def trainings() -> str:
    return training_replay(classifiers(), title=HOSTILE).html


def test_the_slider_of_a_training_changes_maps_weights_and_words(
    opened: Callable[..., Any], trainings: str
) -> None:
    page = opened(trainings)
    assert page.inner_text("#title") == HOSTILE
    assert page.inner_text("#place") == "epoch 6 / 6"
    end = picture(page), picture(page, ".unit:nth-of-type(3) canvas"), page.inner_text("#words")
    widths = (
        "[...document.querySelectorAll('#lines line')].map((l) => l.getAttribute('stroke-width'))"
    )
    lines = page.evaluate(widths)
    step_to(page, 0)
    assert page.inner_text("#state").lower() == "untrained"
    start = picture(page), picture(page, ".unit:nth-of-type(3) canvas"), page.inner_text("#words")
    assert all(a != b for a, b in zip(start, end, strict=True))
    assert page.evaluate(widths) != lines
    assert page.get_attribute("#slider", "aria-valuetext").startswith("epoch 0, untrained")


def test_a_knob_shows_another_run_at_the_same_epoch(
    opened: Callable[..., Any], trainings: str
) -> None:
    page = opened(trainings)
    step_to(page, 3)
    page.click("#knobs button:text-is('2')")
    before = picture(page)
    assert page.inner_text("#counts").startswith("2-2-2 network")
    page.click("#knobs button:text-is('5')")
    assert page.inner_text("#counts").startswith("2-5-2 network")
    assert page.inner_text("#place") == "epoch 3 / 6"
    assert picture(page) != before
    assert page.get_attribute("#knobs button:text-is('5')", "aria-pressed") == "true"
    assert page.evaluate("document.activeElement.textContent") == "5"
    page.click("#knobs button:text-is('2')")
    assert picture(page) == before


def test_a_unit_is_seen_large_and_escape_goes_back(
    opened: Callable[..., Any], trainings: str
) -> None:
    page = opened(trainings)
    answer = picture(page)
    unit = page.locator(".unit").nth(3)
    assert "weights" in unit.get_attribute("aria-label")
    unit.focus()
    page.keyboard.press("Enter")
    assert unit.get_attribute("aria-pressed") == "true"
    assert page.inner_text("#shown").lower().startswith("layer 1, unit 2")
    assert picture(page) != answer
    page.keyboard.press("Escape")
    assert picture(page) == answer


def test_a_training_plays_from_its_beginning(opened: Callable[..., Any], trainings: str) -> None:
    page = opened(trainings)
    page.clock.install()
    page.keyboard.press(" ")
    assert page.input_value("#slider") == "0"
    page.clock.run_for(60_000)
    assert page.input_value("#slider") == "6"
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.keyboard.press("ArrowLeft")
    assert page.input_value("#slider") == "5"


def test_a_run_that_was_cut_off_says_so(opened: Callable[..., Any]) -> None:
    runs = [classifier(cut=3, settings={"rate": "huge"}), classifier(settings={"rate": "small"})]
    page = opened(training_replay(runs).html)
    page.click("#knobs button:text-is('huge')")
    assert page.inner_text("#state").lower() == "diverged"
    assert "Cut off at epoch" in page.inner_text("#words")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_training_follows_the_readers_theme(
    scheme: str, opened: Callable[..., Any], trainings: str
) -> None:
    page = opened(trainings, color_scheme=scheme)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    before = picture(page)
    other = "light" if scheme == "dark" else "dark"
    page.emulate_media(color_scheme=other)
    page.wait_for_selector(f"html[data-theme={other}]")
    assert picture(page) != before


def test_paper_is_white_and_has_no_buttons(opened: Callable[..., Any], trainings: str) -> None:
    page = opened(trainings, color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert not page.is_visible("footer")
    assert page.is_visible("#answer")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_page_works_in_a_frame_that_may_do_nothing_else(
    opened: Callable[..., Any], trainings: str
) -> None:
    shown = Page(trainings, HOSTILE)._repr_html_()
    page = opened(f"<!doctype html><html><body>{shown}</body></html>", ready=False)
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for()
    assert frame.locator("#place").inner_text() == "epoch 6 / 6"


def test_a_training_fits_a_phone(opened: Callable[..., Any], trainings: str) -> None:
    page = opened(trainings, viewport={"width": 390, "height": 844}, has_touch=True)
    assert fits(page)
    boxes = [box.bounding_box() for box in page.query_selector_all(".unit, .column")]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)


# The race


@pytest.fixture(scope="module")
def race() -> str:
    return optimizer_race(
        lambda x, y: x**2 + 20 * y**2, rates=(0.001, 0.03, 1.0), steps=60, title=HOSTILE
    ).html


def states(page: Any) -> list[str]:
    return [words.lower() for words in page.locator("#racers .pill").all_inner_texts()]


def test_steps_and_rates_of_a_race_change_ways_and_states(
    opened: Callable[..., Any], race: str
) -> None:
    page = opened(race)
    ways = "document.querySelector('#ways').innerHTML"
    end = page.evaluate(ways)
    step_to(page, 2)
    assert page.evaluate(ways) != end
    assert states(page) == ["running"] * 4
    assert page.inner_text("#place") == "step 2 / 60"
    step_to(page, 60)
    page.focus("#rate")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#rate-said") == "1"
    assert states(page)[:2] == ["diverged", "diverged"]
    assert "SGD, momentum have diverged" in page.inner_text("#words")
    page.keyboard.press("Home")
    assert page.inner_text("#rate-said") == "0.001"
    assert page.input_value("#slider") == "60"
    assert states(page)[0] == "still running"
    assert "have diverged" not in page.inner_text("#words")


def test_an_optimizer_can_be_hidden(opened: Callable[..., Any], race: str) -> None:
    page = opened(race)
    count = page.locator("#ways .way").count()
    page.click("#racers button:text-is('SGD')")
    assert page.locator("#ways .way").count() == count - 1
    page.click("#racers button:text-is('SGD')")
    assert page.locator("#ways .way").count() == count


def test_a_race_fits_a_phone(opened: Callable[..., Any], race: str) -> None:
    page = opened(race, viewport={"width": 390, "height": 844}, has_touch=True)
    assert fits(page)
    assert page.locator("#map").bounding_box()["width"] > 300


# The game


@pytest.fixture(scope="module")
def rivals() -> str:
    corners = [[2.0, 0.0], [0.0, 2.0], [-2.0, 0.0], [0.0, -2.0]]
    return gan_replay(game(), modes=corners, title=HOSTILE).html


def test_five_parts_of_a_step_change_map_points_arrows_and_words(
    opened: Callable[..., Any], rivals: str
) -> None:
    page = opened(rivals)
    assert page.inner_text("#place") == "step 24 / 24"
    names = page.locator("#parts button > span:nth-child(2)").all_inner_texts()
    assert names == ["Sample", "D loss", "D update", "G loss", "G update"]
    step_to(page, 25)
    maps, points, arrows = [], [], []
    for k in range(5):
        current = page.locator("#parts [aria-current=step]")
        assert current.count() == 1
        assert current.inner_text().startswith(f"{k + 1}")
        assert page.inner_text("#place") == f"step 5 / 24 · {k + 1}/5"
        maps.append(picture(page, "#map"))
        drawn = page.query_selector_all("#points .made")
        points.append([mark.get_attribute("transform").split(" scale")[0] for mark in drawn])
        arrows.append(page.locator(".pull").count())
        page.keyboard.press("ArrowRight")
    assert maps[0] == maps[1] != maps[2] == maps[3] == maps[4]
    assert points[0] == points[1] == points[2] == points[3] != points[4]
    assert arrows[3] > 10
    assert arrows[:3] == [0, 0, 0]
    assert page.inner_text("#place") == "step 6 / 24 · 1/5"


def test_a_game_is_stepped_at_both_levels(opened: Callable[..., Any], rivals: str) -> None:
    page = opened(rivals)
    step_to(page, 27)
    page.click("button:text-is('whole steps')")
    assert page.inner_text("#place") == "step 5 / 24"
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#place") == "step 6 / 24"
    page.click("#parts button >> nth=3")
    assert page.inner_text("#place") == "step 6 / 24 · 4/5"
    assert page.get_attribute("button:text-is('parts of a step')", "aria-pressed") == "true"
    page.clock.install()
    page.click("button:text-is('whole steps')")
    page.keyboard.press("End")
    page.click("#play")
    page.clock.run_for(60_000)
    assert page.inner_text("#place") == "step 24 / 24"


def test_a_game_says_who_wins_and_how_many_modes_are_covered(
    opened: Callable[..., Any], rivals: str
) -> None:
    page = opened(rivals)
    assert "of 4 modes are covered" in page.inner_text("#covered")
    assert page.locator(".mode").count() == 4
    assert page.inner_text("#state").lower() in ("discriminator wins", "balanced", "fooled")
    assert page.inner_text("#words") in page.get_attribute("#slider", "aria-valuetext")


def test_a_game_fits_a_phone(opened: Callable[..., Any], rivals: str) -> None:
    page = opened(rivals, viewport={"width": 390, "height": 844}, has_touch=True)
    assert fits(page)
