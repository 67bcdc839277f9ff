"""``examples/README.md``: every lesson with a small picture of its own (floor 6)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from ..errors import MissingDependency
from ..graph.canvas import painted
from ..lessons.process import run
from ..lessons.series import Entry, series
from .arguments import UsageError
from .run_folder import write

__all__ = ["readme", "text_of"]

WIDTH, HEIGHT, COLOURS = 400, 250, 48
LARGEST = 40_000  # bytes
HEAD = """\
# The series: from one neuron to a DCGAN, and past it

Each lesson is one script of a hundred lines or so: idea, formula, code, picture, an experiment to
change, three exercises that answer at once. They need Python and school calculus, run on a laptop,
and ask nothing of the network.

```sh
pip install "tinygrad_edu[all]"
python -m tinygrad_edu lessons        # this list
python -m tinygrad_edu lesson 1       # run the first and open its page
python -m tinygrad_edu lesson 6 --copy .
python -m tinygrad_edu grade 06_backprop_by_hand.py --exercise 6.1
```

In a checkout, `python examples/01_neuron/lesson.py` does the same. What a lesson writes goes to
`runs/`. `--short` takes fewer steps and still states every claim, `--full` takes the long way
where there is one, `lesson 6 --notebook six.ipynb` makes a notebook of it.

"""
FOOT = """
Beside the series: [every operation with its formula](operations.md),
[testing gradients](testing_gradients.md), [contribute an operation](contribute_an_op.md).

This page is written by `python -m tinygrad_edu lessons --readme`.
"""


def readme() -> int:
    """Write ``examples/README.md`` and the pictures it shows; return an exit status."""
    found = series()
    if not found or found[0].folder.parent.name != "examples":
        raise UsageError("--readme is for a checkout: no folder examples is beside the package")
    for each in found:
        ran = Path("runs", each.folder.name)
        if not (ran / "lesson.md").is_file() and run(each.folder / "lesson.py", "normal"):
            return 1
        if (picture := _picture(ran)) is not None:
            write(each.folder / "thumbnail.png", picture)
    write(found[0].folder.parent / "README.md", text_of(found).encode())
    return 0


def text_of(found: list[Entry]) -> str:
    """Return the text of ``examples/README.md``."""
    rows = ["| | lesson | time | you learn |", "|---|---|---|---|"]
    for each in found:
        name = each.folder.name
        picture = f'<img src="{name}/thumbnail.png" width="200" alt="">'
        shown = picture if (each.folder / "thumbnail.png").is_file() else ""
        link = f"[{each.number}. {each.title}]({name}/lesson.py)"
        rows.append(f"| {shown} | {link} | {each.time} | {each.learn} |")
    return HEAD + "\n".join(rows) + "\n" + FOOT


def _picture(ran: Path) -> bytes | None:
    """The first still picture of a lesson that ran, made small."""
    names = re.findall(r"^!\[.*\]\((.+)\)$", (ran / "lesson.md").read_text(encoding="utf-8"), re.M)
    for name in names:
        path = ran / name
        content = path.read_bytes()
        if path.suffix == ".svg":
            content = painted(content.decode(), "png")
        return _small(content)
    return None


def _small(content: bytes) -> bytes:
    """Fit a picture on white paper of one size for all, in as few bytes as it needs."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingDependency(
            "small pictures need Pillow, which comes with Matplotlib",
            fix='pip install "tinygrad_edu[plots]"',
        ) from None
    source: Any = Image.open(io.BytesIO(content)).convert("RGBA")
    paper = Image.new("RGBA", source.size, "white")
    paper.alpha_composite(source)
    paper.thumbnail((2 * WIDTH - 40, 2 * HEIGHT - 40), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (2 * WIDTH, 2 * HEIGHT), "white")
    whole.paste(
        paper.convert("RGB"), ((2 * WIDTH - paper.width) // 2, (2 * HEIGHT - paper.height) // 2)
    )
    for size, colours in ((2, 64), (1, COLOURS), (1, 24), (1, 8)):
        made = whole.resize((size * WIDTH, size * HEIGHT), Image.Resampling.LANCZOS)
        target = io.BytesIO()
        made.quantize(colours).save(target, "PNG", optimize=True)
        if len(target.getvalue()) <= LARGEST:
            break
    return target.getvalue()
