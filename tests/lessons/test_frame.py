"""What accompanies a lesson: the mode, the folder, the output under its cells, the page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from tinygrad_edu.lessons import exercises, series
from tinygrad_edu.source import here

pytestmark = pytest.mark.once
CHECKOUT = Path(__file__).parents[2]
LESSON = """# %% [markdown]
# # 1. A neuron
#
# **Time:** 1 s. **You learn:** what a *neuron* is.

# %%
import tinygrad_edu as tg

lesson = tg.lessons.begin(1)


def says(text):
    print("said", text)


# %% [markdown]
# The second.

# %%
says(lesson.mode)
print(lesson.choose(short=1, normal=2), lesson.choose(short=1, normal=2, full=3))
lesson.show(tg.draw(tg.Tensor([1.0], requires_grad=True) * 2), "graph", "One <box>.")
print(lesson.folder)
"""
CHECKS = '''
from tinygrad_edu.lessons import require


def slope(answer):
    """The slope."""
    require(answer(1.0) == 2.0, "half of it is missing")


EXERCISES = (slope,)
'''


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a lesson, which is the only one of the series."""
    home = tmp_path / "copy" / "tinygrad_edu" / "series" / "01_neuron"
    home.mkdir(parents=True)
    (home / "lesson.py").write_text(LESSON, encoding="utf-8")
    (home / "checks.py").write_text(CHECKS, encoding="utf-8")
    monkeypatch.setattr(series, "PACKAGE", home.parents[1])
    return home


def run(
    place: Path, *arguments: str, more: str = "", expect: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run the lesson as a reader would, in the folder above the copy of the package."""
    begun = (
        "from pathlib import Path\nfrom tinygrad_edu.lessons import series\n"
        f"series.PACKAGE = Path({str(place.parents[1])!r})\n"
    )
    script = place / "lesson.py"
    script.write_text(
        LESSON.replace("import tinygrad_edu as tg\n", f"import tinygrad_edu as tg\n{begun}") + more,
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=place.parents[2], env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    return done


def test_output_stands_under_the_cell_that_made_it(place: Path) -> None:
    said = run(place, "--short").stdout
    assert "said short\n1 1\n" in said
    folder = place.parents[2] / "runs" / "01_neuron"
    assert str(Path("runs", "01_neuron", "lesson.html")) in said
    assert (folder / "graph.svg").is_file()
    page = (folder / "lesson.html").read_text(encoding="utf-8")
    assert page.index("The second.") < page.index("said short")
    assert "<box>" not in page


def test_a_lesson_tells_of_itself(place: Path) -> None:
    (only,) = series.series()
    assert only[:4] == (1, "A neuron", "1 s", "what a *neuron* is")
    assert only.folder == place
    assert series.folder_of("neuron") == place


def test_an_exercise_is_open_right_wrong_or_raises(place: Path) -> None:
    (check,) = exercises.exercises(place)
    judged = exercises.judged
    assert str(judged("1.1", check, None)) == "1.1 open: The slope"
    assert str(judged("1.1", check, lambda z: 2 * z)) == "1.1 right"
    assert str(judged("1.1", check, lambda z: z)) == "1.1 wrong: half of it is missing"
    raised = judged("1.1", check, lambda z: z / 0)
    assert (raised.status, raised.said.partition(":")[0]) == ("raised", "ZeroDivisionError")
    assert raised.line is not None


def test_an_installed_lesson_is_its_readers_code() -> None:
    file = CHECKOUT / "tinygrad_edu" / "series" / "01_neuron" / "lesson.py"
    loaded: dict[str, Any] = {"here": here}
    FunctionType(compile("site = here()", str(file), "exec"), loaded)()
    assert loaded["site"].filename == str(file)
