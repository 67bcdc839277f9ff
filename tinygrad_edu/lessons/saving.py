"""Pictures of every kind become a file in the lesson's folder (floor 5)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..graph import Graph

__all__ = ["saved"]

SUFFIXES = (".svg", ".png", ".gif", ".html")
DPI = 130


def saved(picture: Any, folder: Path, name: str) -> Path:
    """Save a picture under a name.

    Parameters
    ----------
    picture : Any
        What ``Lesson.show`` takes.
    folder : Path
        That exists.
    name : str
        A suffix in it chooses the format; otherwise the kind of picture does.

    Raises
    ------
    ArgumentError
        For what is no picture, and a name that would leave the folder.
    """
    if Path(name).name != name or name.startswith("."):
        raise ArgumentError(f"{name!r} is no name of a file in {folder}", fix='"descent"')
    if isinstance(picture, (str, Path)):
        return _copied(Path(picture), folder, name)
    chosen = Path(name).suffix in SUFFIXES
    place = folder / (name if chosen else name + _suffix(picture))
    if hasattr(picture, "savefig"):
        picture.savefig(place, dpi=DPI)
    elif place.suffix == ".png" and hasattr(picture, "figure"):
        picture.save(place, dpi=DPI)
    else:
        picture.save(place)
    return place


def _suffix(picture: Any) -> str:
    if hasattr(picture, "savefig") or hasattr(picture, "figure"):
        return ".png"
    if isinstance(picture, Graph):
        return ".svg"
    if hasattr(picture, "save"):
        return ".html" if hasattr(picture, "html") else ".svg"
    raise ArgumentError(
        f"{type(picture).__name__} is no picture that can be saved",
        why="one has .save(path), as tg.draw and tg.plots give it, or is a Matplotlib figure",
        fix='lesson.show(tg.draw(loss), "graph")',
    )


def _copied(source: Path, folder: Path, name: str) -> Path:
    if not source.is_file():
        raise ArgumentError(f"there is no file {source} to show")
    place = folder / (name if Path(name).suffix in SUFFIXES else name + source.suffix)
    if source.resolve() != place.resolve():
        shutil.copyfile(source, place)
    return place
