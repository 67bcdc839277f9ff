"""What a page shows, read back from its elements."""

from __future__ import annotations

from typing import Any

__all__ = ["graded", "lit", "panel", "place", "step_to", "walk"]

PANEL = """() => {
  const found = { headings: {}, pill: "", title: "", marks: [] };
  let heading = null;
  const arrays = (box) => [...box.querySelectorAll(":scope > .name")].map((name) => ({
    name: name.querySelector("b").textContent,
    note: name.querySelector(".note")?.textContent ?? "",
    chip: name.querySelector(".chip")?.textContent ?? "",
    cells: [...box.querySelectorAll(":scope > .scroll td")].map((cell) => cell.title),
    words: [...box.querySelectorAll(":scope > .scroll td")].map((cell) => cell.textContent),
    inner: [...box.querySelectorAll(":scope > .array")].flatMap(arrays),
  }));
  for (const part of document.getElementById("panel").children) {
    if (part.matches(".pill")) found.pill = part.textContent;
    if (part.matches("h2")) found.title = part.textContent;
    if (part.matches("h3")) found.headings[heading = part.textContent.split(" ·")[0]] = [];
    if (part.matches("section.array")) found.headings[heading].push(...arrays(part));
    if (part.matches("div.array")) {
      found.headings[heading].push({ name: part.querySelector("b").textContent, cells: [],
        note: part.querySelector(".note").textContent });
    }
  }
  found.marks = [...document.querySelectorAll("#panel mark")].map((mark) => mark.textContent);
  return found;
}"""


def panel(page: Any) -> Any:
    """The panel as data: its pill, title, marked source, and arrays by their heading."""
    return page.evaluate(PANEL)


def step_to(page: Any, step: int) -> None:
    """Move the slider, as a drag would."""
    page.evaluate(
        """(step) => {
          const slider = document.getElementById("slider");
          slider.value = step;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        step,
    )


def walk(page: Any, look: str, steps: range | None = None) -> list[Any]:
    """Look at the page at many steps, by default all, with an expression of JavaScript."""
    steps = range(int(page.get_attribute("#slider", "max")) + 1) if steps is None else steps
    found: list[Any] = page.evaluate(
        """(steps) => {
          const slider = document.getElementById("slider");
          const looking = look();
          return steps.map((step) => {
            slider.value = step;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            return looking();
          });
        }""".replace("look()", f"() => ({look})"),
        list(steps),
    )
    return found


def lit(page: Any) -> list[str]:
    """The boxes of this step."""
    found: list[str] = page.eval_on_selector_all(
        ".node.lit", "boxes => boxes.map((box) => box.dataset.id)"
    )
    return sorted(set(found))


def graded(page: Any) -> set[str]:
    """The boxes that show a gradient."""
    boxes = ".node.graded:has(> .chip)"
    return set(page.eval_on_selector_all(boxes, "boxes => boxes.map((box) => box.dataset.id)"))


def place(page: Any) -> tuple[float, float, float]:
    """Where the window stands: left, top and scale."""
    words = page.get_attribute("#view", "transform")
    numbers = words.replace("translate(", "").replace(") scale(", ",").rstrip(")").split(",")
    left, top, scale = map(float, numbers)
    return left, top, scale
