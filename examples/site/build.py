"""Build the site: ``python examples/site/build.py [--short] [--only 1,6] [--runs FOLDER] OUT``.

All lessons are run and become pages with their output; the rest comes from the library itself and
from the guides in ``examples``.  A warning is an error.  The result works from disk.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
sys.path[:0] = [str(CHECKOUT), str(HERE)]

from links import broken  # noqa: E402 - it lies beside this file
from reference import errors, reference  # noqa: E402

from tinygrad_edu.formulary import entries, inner_entries, page  # noqa: E402
from tinygrad_edu.lessons.process import run  # noqa: E402
from tinygrad_edu.lessons.series import series  # noqa: E402

GUIDES = {"testing_gradients.md": "Testing gradients", "contribute_an_op.md": "Contribute an op"}


def main():
    """Gather the pages in a folder of their own, and hand them to Sphinx."""
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="site-") as place:
        source = Path(place, "source")
        shutil.copytree(HERE / "pages", source)
        ran = given.runs or Path(place, "ran", "runs")
        chosen = [e for e in series() if given.only is None or e.number in given.only]
        lessons(source / "lessons", chosen, ran, "short" if given.short else "normal")
        guides(source)
        reference(source / "api")
        errors(source / "errors.md")
        shutil.copytree(CHECKOUT / "tinygrad_edu" / "autodiff", source / "engine")
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
        command += ["-c", str(HERE), str(source), str(given.out)]
        status = subprocess.run(command, check=False).returncode
    wrong = broken(given.out.resolve())
    print(*wrong, sep="\n", file=sys.stderr)
    return status or int(bool(wrong))


def arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("out", type=Path, metavar="OUT", help="the folder of the site")
    add("--short", action="store_true", help="run the lessons in short mode")
    add("--runs", type=Path, help="take what ran in this folder `runs` already; run the others")
    add("--only", type=lambda text: [int(n) for n in text.split(",")], help="these lessons, as 1,6")
    return parser.parse_args()


def lessons(folder, chosen, ran, mode):
    """Run each lesson, and make a page of its record."""
    ran.parent.mkdir(parents=True, exist_ok=True)
    names = []
    for entry in chosen:
        done = ran / entry.folder.name
        script = entry.folder / "lesson.py"
        if not (done / "lesson.md").is_file() and run(script, mode, folder=ran.parent):
            raise SystemExit(f"{script} failed")
        shutil.copytree(done, folder / entry.folder.name)
        place = folder / entry.folder.name
        (place / "lesson.html").unlink()
        (place / "lesson.md").rename(place / "index.md")
        names.append(f"{entry.folder.name}/index")
    rows = [f"| [{e.number}. {e.title}]({e.folder.name}/index.md) | {e.time} | {e.learn} |"
            for e in chosen]  # fmt: skip
    text = [
        "# Lessons", "",
        "Each is one script that ran as you see it here. `python -m tinygrad_edu lesson 1` runs the"
        " first on your machine and opens its page.", "",
        "| lesson | time | you learn |", "|---|---|---|", *rows, "",
        "```{toctree}", ":hidden:", "", *names, "```", "",
    ]  # fmt: skip
    (folder / "index.md").write_text("\n".join(text), encoding="utf-8")


def guides(source):
    """Take over the guides and the catalogue of operations; links to source become plain words."""
    for name in GUIDES:
        text = (CHECKOUT / "examples" / name).read_text(encoding="utf-8")
        text = re.sub(r"\[([^\]]+)\]\((?!https?:|#|\w+\.md)[^)]+\)", r"\1", text)
        (source / name).write_text(text, encoding="utf-8")
    text = page(entries(), inner_entries())
    (source / "operations.md").write_text(targets(text), encoding="utf-8")


def targets(text):
    """Say in MyST's way where the links of the catalogue lead, and that formulas are formulas."""
    text = re.sub(r'^(#+) <a id="([^"]+)"></a>', r"(op-\2)=\n\1 ", text, flags=re.MULTILINE)
    text = re.sub(r"^## (\w+)$", r"(family-\1)=\n## \1", text, flags=re.MULTILINE)
    there = set(re.findall(r"^\(([\w-]+)\)=$", text, flags=re.MULTILINE))
    text = re.sub(
        r"\]\(#([\w-]+)\)",
        lambda found: f"](#{'op' if f'op-{found[1]}' in there else 'family'}-{found[1]})",
        text,
    )
    return text.replace("```math", "```{math}")


if __name__ == "__main__":
    sys.exit(main())
