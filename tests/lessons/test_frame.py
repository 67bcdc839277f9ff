"""What accompanies a lesson: the mode, the folder, the output under its cells, the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from tinygrad_edu.cli import main, thumbnails
from tinygrad_edu.lessons import exercises, prose, series
from tinygrad_edu.lessons.mathematics import mathml
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


HOSTILE = "<img src=x onerror=alert(1)>"


def test_nothing_of_a_lesson_becomes_markup(place: Path) -> None:
    more = f"""

# %% [markdown]
# {HOSTILE} and [a link](javascript:alert(2)) and $\\\\href{{javascript:alert(3)}}{{x}}$ {HOSTILE}
# and $\\\\text{{{HOSTILE}}}$

# %%
print("{HOSTILE}")
lesson.show(tg.draw(tg.Tensor([1.0], requires_grad=True) * 2), "two", "{HOSTILE}")
raise SystemExit("{HOSTILE}")
"""
    run(place, more=more, expect=1)
    page = (place.parents[2] / "runs" / "01_neuron" / "lesson.html").read_text(encoding="utf-8")
    assert page.count("&lt;img src=x onerror=") >= 4
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "<script" not in page


def test_a_lesson_that_fails_says_so_in_its_page(place: Path) -> None:
    done = run(place, more="\n# %%\nassert 1 == 2, 'they differ'\n", expect=1)
    assert "they differ" in done.stderr
    page = (place.parents[2] / "runs" / "01_neuron" / "lesson.html").read_text(encoding="utf-8")
    assert '<pre class="failed">' in page
    assert "they differ" in page


def test_an_unknown_argument_is_refused(place: Path) -> None:
    assert "--short" in run(place, "--shrot", expect=1).stderr


def test_without_the_extra_a_page_is_plain_and_says_how_to_get_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(prose, "is_rich", lambda: False)
    made = prose.html_of(f"## A title\n\n{HOSTILE} and $x^2$")
    assert '<h2 id="a-title">A title</h2>' in made
    assert "<img" not in made
    assert "$x^2$" in made
    assert prose.INSTALL == 'pip install "tinygrad_edu[lessons]"'


@pytest.mark.parametrize("formula, part", [
    (r"\frac{\partial L}{\partial w}", "<mfrac>"),
    (r"\begin{aligned}a&=b\\c&=d\end{aligned}", "<mtable"),
    (r"a < b", "<mo>&lt;</mo>"),
    (r"\tanh z", '<mspace width="0.17em" />'),
    (r"\frac{", r"<code>\frac{</code>"),
])  # fmt: skip
def test_formulas_become_mathml_or_stay_text(formula: str, part: str) -> None:
    pytest.importorskip("latex2mathml")
    assert part in mathml(formula)


def test_the_list_and_the_page_of_lessons_have_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons"]) == 0
    said = capsys.readouterr().out
    entries = series.series()
    for entry in entries:
        assert entry.title in said
        picture = entry.folder / "thumbnail.png"
        assert picture.is_file(), f"{picture}: python -m tinygrad_edu lessons --readme"
        assert picture.stat().st_size <= thumbnails.LARGEST
    readme = (CHECKOUT / "examples" / "README.md").read_text(encoding="utf-8")
    assert readme == thumbnails.text_of(entries), "python -m tinygrad_edu lessons --readme"


@pytest.mark.parametrize("arguments, said", [
    (["lesson", "77"], "there is no lesson 77; there are 1 to"),
    (["lesson", "nueron"], "did you mean 01_neuron?"),
    (["lesson", "1", "--short", "--full"], "not allowed with"),
    (["lesson", "1", "--short", "--copy", "."], "do not run it"),
    (["lesson", "1", "--notebook", "one.txt"], "ends in .ipynb"),
])  # fmt: skip
def test_misuse_of_lessons_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_lesson_is_taken_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("jupytext")
    monkeypatch.chdir(tmp_path)
    assert main(["lesson", "1", "--copy", "mine", "--notebook", "one.ipynb"]) == 0
    assert (tmp_path / "mine" / "01_neuron.py").is_file()
    cells = json.loads((tmp_path / "one.ipynb").read_text(encoding="utf-8"))["cells"]
    assert cells[0]["cell_type"] == "markdown"
    assert main(["lesson", "1", "--copy", "mine"]) == 2
    assert "nothing was overwritten" in capsys.readouterr().err
