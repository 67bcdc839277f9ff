"""``python -m tinygrad_edu doctor``: what is installed, what an extra would give (floor 6)."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from .. import graph
from .._version import __version__
from .arguments import Parser

__all__ = ["EXTRAS", "doctor"]


class Extra(NamedTuple):
    """What ``pip install "tinygrad_edu[NAME]"`` brings, and what it is good for."""

    packages: tuple[str, ...]
    gives: str


EXTRAS = {
    "plots": Extra(("matplotlib",), "tg.plots, and pictures of graphs as PNG and PDF"),
    "progress": Extra(("tqdm",), "a progress bar on terminals and in notebooks"),
    "io": Extra(("safetensors",), "weights as .safetensors, to and from PyTorch"),
    "testing": Extra(("hypothesis",), "property tests of your own operations and layers"),
    "search": Extra(("optuna",), "studies of Optuna over the spaces of tg.training.search"),
    "lessons": Extra(
        ("markdown-it-py", "latex2mathml"), "pages of lessons with their prose and formulas set"
    ),
    "notebooks": Extra(("jupytext",), "lessons as notebooks"),
    "viz": Extra(("graphviz-pure",), "another way to PNG where there is no Matplotlib"),
}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def doctor(arguments: Sequence[str]) -> int:
    """Print what this installation has.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``doctor``: nothing.

    Returns
    -------
    int
        The exit status: 0, or 1 where something is too old to work.
    """
    Parser(
        prog="python -m tinygrad_edu doctor",
        description="What is installed, and what each extra would give.",
        allow_abbrev=False,
    ).parse_args(arguments)
    rows = [
        (sys.version_info >= (3, 11), "Python", platform.python_version(), ""),
        (True, "tinygrad_edu", __version__, str(Path(__file__).parents[1])),
        (True, "numpy", version("numpy"), _threads()),
    ]
    for name, extra in EXTRAS.items():
        for package in extra.packages:
            found = _installed(package)
            hint = "" if found else f'   pip install "tinygrad_edu[{name}]"'
            rows.append((found is not None, package, found or "absent", extra.gives + hint))
    dot = graph.export.program("png")
    rows.append((dot is not None, "Graphviz", "found" if dot else "absent",
                 "another layout of graphs; SVG and HTML need nothing"))  # fmt: skip
    wide = max(len(row[1]) for row in rows), max(len(row[2]) for row in rows)
    for good, what, which, remark in rows:
        mark = "ok" if good else "--"
        print(f"{mark}  {what:<{wide[0]}}  {which:<{wide[1]}}  {remark}".rstrip())
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    print(f"{os.cpu_count()} processors, {free:.1f} GiB free here")
    print(
        "Everything marked ok works; the rest is optional." if rows[0][0] else "Python is too old."
    )
    return int(not rows[0][0])


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _threads() -> str:
    set_ = [f"{name}={os.environ[name]}" for name in THREADS if name in os.environ]
    return ", ".join(set_) or "all processors for large products"
