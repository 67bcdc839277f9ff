"""The page in a browser: modules, find, keys, window, touch; nothing gets in, and nothing out."""

from __future__ import annotations

import re
from typing import Any

import pytest

import tinygrad_edu as tg
from tests.browser.reading import panel, place, step_to, walk
from tests.graph.models import gpt, lstm, xor
from tinygrad_edu.graph import draw
from tinygrad_edu.graph.palette import palette
from tinygrad_edu.mode import Block

pytestmark = [pytest.mark.browser, pytest.mark.once]

HOSTILE = [
    "</script><script>document.title = 'injected'; alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(1)><a href=javascript:alert(1)>",
    "&lt;b&gt; {{script}} ${alert(1)} `",
    "\x00\x1b\x7f\r\n\t",
    "\ud800 \udfff",
    "\u202egnp.exe\u2028",
    "]]><!-- --><![CDATA[",
]


@pytest.fixture(scope="module")
def transformer() -> str:
    return gpt(blocks=4).html()


@pytest.fixture(scope="module")
def small() -> str:
    return xor(title="XOR").html()


def boxes(page: Any) -> set[str]:
    return set(page.eval_on_selector_all("#view .node", "all => all.map((one) => one.dataset.id)"))


def titles(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "#view .title", "all => all.map((one) => one.dataset.module)"
    )
    return found


def crumbs(page: Any) -> list[str]:
    return str(page.inner_text("#crumbs")).split(" › ")


# Modules


def test_modules_open_and_close_with_the_mouse(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    page.click("#depths button:has-text('depth 1')")
    assert titles(page) == ["GPT"]
    page.click(".node.module >> nth=1")
    assert titles(page) == ["GPT", "GPT.blocks.1"]
    assert crumbs(page)[1:] == ["GPT", "blocks.1 · Block"]
    page.click(".node.module:has-text('attention')")
    assert titles(page) == ["GPT", "GPT.blocks.1", "GPT.blocks.1.attention"]
    page.click(".title[data-module='GPT.blocks.1.attention']")
    assert titles(page) == ["GPT", "GPT.blocks.1"]
    page.click("#crumbs button:has-text('GPT') >> nth=0")
    assert titles(page) == ["GPT"]
    page.click(".title[data-module='GPT']")
    assert titles(page) == []


def test_modules_open_and_close_with_the_keyboard(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    page.click("#depths button:has-text('depth 1')")
    page.focus(".node.module >> nth=2")
    page.keyboard.press("Enter")
    assert titles(page) == ["GPT", "GPT.blocks.2"]
    page.focus(".title[data-module='GPT.blocks.2']")
    page.keyboard.press(" ")
    assert titles(page) == ["GPT"]
    page.focus(".node.module >> nth=0")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert titles(page) == ["GPT"]


def test_depth_buttons_show_all_rows_at_last(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    rows = int(page.get_attribute("#slider", "max")) // 2
    counts = []
    for button in page.query_selector_all("#depths button"):
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        counts.append(sum(name.startswith("op") for name in boxes(page)))
    assert counts[-1] == rows
    assert counts[1:] == sorted(counts[1:])


def test_step_in_a_closed_module_lights_its_box(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    page.click("#depths button:has-text('depth 1')")
    seen = walk(page, "[...document.querySelectorAll('.node.lit')].map((one) => one.dataset.id)")
    assert all(len(names) == 1 for names in seen[1:])
    assert {name for names in seen for name in names if name.startswith("group")} == {
        name for name in boxes(page) if name.startswith("group")
    }


def test_folded_calls_are_opened_in_their_modules_picture(opened: Any) -> None:
    page = opened(lstm().html())
    assert page.query_selector(".node.fold") is not None
    before = boxes(page)
    page.click(".node.fold")
    assert boxes(page) != before


# Find


def test_find_looks_into_closed_modules_and_opens_them(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    page.click("#depths button:has-text('depth 1')")
    page.keyboard.press("/")
    page.keyboard.type("blocks.3 attention")
    found = page.eval_on_selector_all("#found li", "all => all.map((one) => one.textContent)")
    assert len(found) > 5
    page.fill("#find", "blocks.3.attention out")
    page.keyboard.press("Enter")
    assert titles(page)[-1] == "GPT.blocks.3.attention"
    assert page.is_hidden("#found")
    assert page.input_value("#find") == ""


def test_find_goes_to_parameters_operations_and_modules(opened: Any, transformer: str) -> None:
    page = opened(transformer)
    page.fill("#find", "blocks.2.mlp.up.weight")
    page.keyboard.press("Enter")
    assert panel(page)["title"] == "blocks.2.mlp.up.weight"
    assert page.is_visible(".node.selected")
    page.fill("#find", "cross_entropy")
    page.keyboard.press("Enter")
    assert panel(page)["title"].startswith("softmax_cross_entropy")
    assert panel(page)["pill"].startswith("forward")
    page.fill("#find", "blocks.1 block")
    page.click("#found li >> nth=0")
    assert titles(page)[-1] == "GPT.blocks.1"


def test_find_says_when_there_is_nothing(opened: Any, small: str) -> None:
    page = opened(small)
    page.fill("#find", "no such thing")
    assert "nothing of that name" in page.inner_text("#found")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.is_hidden("#found")


# Keyboard, play, aria


def test_keys_step_play_find_and_zoom(opened: Any, small: str) -> None:
    page = opened(small)
    last = int(page.get_attribute("#slider", "max"))

    def step() -> int:
        return int(page.input_value("#slider"))

    for key, expected in (
        ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", last), ("ArrowRight", last),
        ("Home", 0), ("ArrowLeft", 0), ("PageDown", 10), ("Home", 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert step() == expected
    scale = place(page)[2]
    page.keyboard.press("+")
    assert place(page)[2] == pytest.approx(1.25 * scale)
    page.keyboard.press("-")
    assert place(page)[2] == pytest.approx(scale)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("tanh 0")
    assert step() == 0
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") != "find"


def test_slider_has_its_own_keys_and_says_the_step(opened: Any, small: str) -> None:
    page = opened(small)
    page.focus("#slider")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#slider") == "1"
    assert page.get_attribute("#slider", "aria-valuetext") == "forward 1 of 7: matmul"
    assert page.inner_text("#said") == "forward 1 of 7: matmul"
    page.keyboard.press("End")
    assert page.get_attribute("#slider", "aria-valuetext") == "backward 7 of 7: matmul"


def test_play_goes_to_the_end_and_stops(opened: Any, small: str) -> None:
    page = opened(small)
    page.clock.install()
    page.keyboard.press(" ")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.clock.run_for(3000)
    assert 1 < int(page.input_value("#slider")) < 14
    page.clock.run_for(60_000)
    assert page.input_value("#slider") == "14"
    assert page.get_attribute("#play", "aria-label") == "Play"
    page.click("#play")  # from the end, it begins again
    page.clock.run_for(1000)
    assert page.input_value("#slider") == "1"
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#play", "aria-label") == "Play"


def test_everything_that_can_be_pressed_has_a_name_and_is_reached_by_tab(
    opened: Any, small: str
) -> None:
    page = opened(small)
    nameless = page.eval_on_selector_all(
        "button, input, [role=button], [tabindex='0']",
        """all => all.filter((one) => !(one.getAttribute("aria-label") ||
             one.textContent.trim())).map((one) => one.outerHTML)""",
    )
    assert nameless == []
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.id ?? document.activeElement.id"))
    assert boxes(page) <= reached
    assert {"find", "fit", "play", "slider", "next", "back", "closer"} <= reached


def test_box_with_the_focus_goes_to_its_step(opened: Any, small: str) -> None:
    page = opened(small)
    page.focus(".node[data-id='op2']")
    page.keyboard.press("Enter")
    assert page.input_value("#slider") == "3"
    page.keyboard.press("End")
    page.focus(".node[data-id='op2']")
    page.keyboard.press("Enter")
    assert page.input_value("#slider") == "12"
    assert panel(page)["pill"] == "backward 5 / 7"


def test_reduced_motion_stops_all_motion(opened: Any, small: str) -> None:
    moving = "getComputedStyle(document.querySelector('.edge.flowing')).animationName"
    for motion, expected in (("reduce", "none"), ("no-preference", "flow")):
        page = opened(small, reduced_motion=motion)
        step_to(page, 2)
        assert page.evaluate(moving) == expected


# The window


def test_wheel_zooms_where_the_mouse_is_and_dragging_moves(opened: Any, small: str) -> None:
    page = opened(small)
    before = place(page)
    where = "document.getElementById('view').getAttribute('transform')"
    old = page.evaluate(where)
    page.mouse.move(400, 300)
    page.mouse.wheel(0, -240)
    page.wait_for_function(f"old => {where} != old", arg=old)
    after = place(page)
    assert after[2] > before[2]
    for axis, at in ((0, 400), (1, 300 - 54)):  # below the header
        old, new = (at - before[axis]) / before[2], (at - after[axis]) / after[2]
        assert new == pytest.approx(old, abs=0.5)
    page.mouse.move(100, 600)
    page.mouse.down()
    page.mouse.move(160, 560, steps=4)
    page.mouse.up()
    moved = place(page)
    assert (moved[0] - after[0], moved[1] - after[1]) == pytest.approx((60, -40), abs=20)
    assert moved[2] == after[2]
    assert page.input_value("#slider") == "0"
    page.click("#fit")
    assert place(page) == pytest.approx(before, abs=0.01)


def test_click_on_a_box_goes_to_its_step_and_on_a_leaf_shows_it(opened: Any, small: str) -> None:
    page = opened(small)
    page.click(".node[data-id='op3']")
    assert page.input_value("#slider") == "4"
    page.click(".node.parameter >> nth=0")
    shown = panel(page)
    assert (shown["pill"], shown["title"]) == ("parameter", "W1")
    assert len(shown["headings"]["value"][0]["cells"]) == 16
    assert "gradient" in shown["headings"]
    page.keyboard.press("Escape")
    assert panel(page)["pill"] == "forward 4 / 7"


def test_tip_follows_the_mouse(opened: Any, small: str) -> None:
    page = opened(small)
    page.hover(".node[data-id='op2']")
    assert page.inner_text("#tip b") == "tanh" or page.is_visible("#tip")
    page.mouse.move(5, 500)
    assert page.is_hidden("#tip")


def test_touch_taps_drags_and_pinches(opened: Any, small: str) -> None:
    page = opened(small, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.tap(".node[data-id='op1']")
    assert page.input_value("#slider") == "2"
    before = place(page)
    touches = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        listed = [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": listed})

    touch("touchStart", (150, 250), (240, 250))
    for k in range(1, 6):
        touch("touchMove", (150 - 10 * k, 250), (240 + 10 * k, 250))
    touch("touchEnd")
    after = place(page)
    assert after[2] == pytest.approx(before[2] * 190 / 90, rel=0.05)
    assert page.input_value("#slider") == "2"


def test_on_a_phone_nothing_is_outside_of_the_window(opened: Any, transformer: str) -> None:
    page = opened(transformer, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for name in ("#play", "#slider", "#find", "#fit", "#panel", "#place", "#depths"):
        frame = page.query_selector(name).bounding_box()
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= 390
        assert frame["y"] + frame["height"] <= 844


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_is_the_pictures(opened: Any, theme: str) -> None:
    page = opened(xor(theme=theme).html())
    colour = page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
    expected = tuple(int(palette(theme).canvas[k : k + 2], 16) for k in (1, 3, 5))
    assert colour == f"rgb{expected}"


# Nothing in, nothing out


def named(names: list[str]) -> str:
    """A page in which parameters, inputs, modules and the title have these names."""
    total = 0.0
    with tg.Tape():
        for name in names:
            with Block(path=name):
                w = tg.Parameter([1.0, 2.0], name=name)
                total = total + tg.sum(tg.exp(w) * tg.Tensor([1.0, 3.0], name=name))
    return draw(total, title=names[0]).html()


ELEMENTS = "[...document.querySelectorAll('*')].map((one) => one.tagName).sort().join()"


def test_hostile_names_are_text_and_nothing_else(opened: Any) -> None:
    # With as many dots, which make modules of a path.
    plain = [re.sub(r"[^.]+", f"p{k}", name) for k, name in enumerate(HOSTILE)]
    harmless, page = opened(named(plain)), opened(named(HOSTILE))
    assert walk(page, ELEMENTS) == walk(harmless, ELEMENTS)
    for k in range(len(HOSTILE)):
        for one in (harmless, page):
            one.focus(f".node.parameter >> nth={k}")
            one.keyboard.press("Enter")
        assert page.evaluate(ELEMENTS) == harmless.evaluate(ELEMENTS)
    page.click("#fit")
    page.hover(".node.parameter >> nth=0")
    page.fill("#find", "exp")
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert page.title() == HOSTILE[0]
    handlers = page.evaluate("""() => [...document.querySelectorAll('*')].flatMap((one) =>
      [...one.attributes].map((two) => two.name)).filter((two) => two.startsWith('on'))""")
    assert handlers == []


def test_policy_of_the_page_stops_scripts_styles_and_requests(
    opened: Any, watched: Any, small: str
) -> None:
    page = opened(small)
    ran = page.evaluate("""async () => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      const box = document.createElement("div");
      box.innerHTML = "<b onclick='window.ran = true' style='color: red'>x</b>";
      document.body.append(box);
      box.firstChild.click();
      const refused = await fetch("http://127.0.0.1:9/").then(() => false, () => true);
      const image = new Image();
      const failed = new Promise((done) => { image.onerror = () => done(true); });
      image.src = "http://127.0.0.1:9/x.png";
      return [window.ran ?? false, refused, await failed,
              getComputedStyle(box.firstChild).color === "rgb(255, 0, 0)"];
    }""")
    assert ran == [False, True, True, False]
    refusals = [words for words in watched.complaints if "Content Security Policy" in words]
    assert len(refusals) >= 4
    watched.complaints.clear()
    assert watched.refused == ["http://127.0.0.1:9/x.png"]  # stopped before it left
    watched.requests.remove(watched.refused[0])


def test_browser_that_cannot_unpack_gets_a_sentence(opened: Any, small: str) -> None:
    page = opened(small, ready=False, script="delete window.DecompressionStream")
    assert "needs a browser" in page.inner_text(".sentence")


def test_without_javascript_there_is_a_sentence(opened: Any, small: str) -> None:
    page = opened(small, ready=False, java_script_enabled=False)
    assert "JavaScript" in page.inner_text("body")


def test_source_false_shows_no_source(opened: Any) -> None:
    page = opened(xor(source=False).html())
    step_to(page, 2)
    assert "source" not in panel(page)["headings"]
    assert page.query_selector("#panel pre") is None
