"""Seven real data sets that travel with the package, so that every lesson works offline.

Floor 0.  The files and their licences lie in ``data/files``.  They are read as package
resources, so they also load from a zip file, and never through pickle.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from typing import Literal, NoReturn, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import DataError
from ..types import Array

__all__ = ["Dataset", "Text", "load"]

DatasetName = Literal["digits", "mnist10k", "iris", "wine", "breast_cancer", "diabetes"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Features and targets of one data set, row by row, with what is known about them.

    ``len(dataset)`` is the number of samples; ``features, targets = dataset`` unpacks it.

    Attributes
    ----------
    name : str
        What ``load`` calls it.
    features : float32 array, shape (samples, height, width) or (samples, features)
        Images with values in 0..1, or measurements in the units of the source.
    targets : array, shape (samples,)
        int64 class labels counted from 0, or float32 values for regression.
    feature_names : tuple of str
        One name per column of a table; empty for images.
    label_names : tuple of str
        ``label_names[k]`` names class ``k``; empty for regression.
    description, licence : str
        What one sample is, and the terms under which the data may be used.
    part : str
        What its rows are for, if that was decided: ``"train"``, ``"validation"`` or ``"test"``.

    Examples
    --------
    >>> load("iris")
    Dataset('iris': features (150, 4), targets (150,), 3 classes)
    """

    name: str
    features: NDArray[np.float32]
    targets: NDArray[np.int64] | NDArray[np.float32]
    feature_names: tuple[str, ...]
    label_names: tuple[str, ...]
    description: str
    licence: str
    part: str = ""

    def __len__(self) -> int:
        return len(self.features)

    def __iter__(self) -> Iterator[Array]:
        return iter((self.features, self.targets))

    def __repr__(self) -> str:
        kind = f"{len(self.label_names)} classes" if self.label_names else "regression"
        return (
            f"Dataset({self.name!r}{f' {self.part}' if self.part else ''}: "
            f"features {self.features.shape}, targets {self.targets.shape}, {kind})"
        )

    @property
    def strata(self) -> Array | None:
        """What parts of it should have in the same proportions: its classes, if it has any."""
        return self.targets if self.label_names else None

    def take(self, rows: ArrayLike, *, part: str = "") -> Dataset:
        """Return some of its rows as a data set of their own, with copies of the numbers.

        Parameters
        ----------
        rows : int array, shape (samples,), or bool array, shape (len(self),)
            Which ones, in order.
        part : str
            What they are for.
        """
        chosen = np.asarray(rows)
        return replace(
            self, features=self.features[chosen], targets=self.targets[chosen], part=part
        )


@dataclass(frozen=True, repr=False)
class Text:
    """One long text, for models that read or write one symbol at a time.

    Attributes
    ----------
    name : str
        What ``load`` calls it.
    text : str
        The whole text; ``len(self)`` is its number of characters.
    symbols : str
        Every different character of ``text`` once, sorted: position ``k`` is symbol ``k``.
    description, licence : str
        What the text is, and the terms under which it may be used.

    Examples
    --------
    >>> novel = load("pride_and_prejudice")
    >>> novel
    Text('pride_and_prejudice': 684767 characters, 75 symbols)
    >>> [novel.symbols.index(character) for character in "Mr. Darcy"]
    [36, 66, 10, 1, 27, 49, 66, 51, 73]
    """

    name: str
    text: str
    symbols: str
    description: str
    licence: str

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return f"Text({self.name!r}: {len(self.text)} characters, {len(self.symbols)} symbols)"


@dataclass(frozen=True)
class _Source:
    """How one file becomes a `Dataset`: the names of its arrays and the unit of its features."""

    description: str
    licence: str
    features: str = "features"
    targets: str = "labels"
    unit: int = 1


_SOURCES = {
    "digits": _Source(
        "Handwritten digits, 8 by 8 pixels; the class is the digit.",
        "E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, CC BY 4.0",
        features="images",
        unit=16,
    ),
    "mnist10k": _Source(
        "10,000 of the MNIST handwritten digits, 28 by 28 pixels; the class is the digit.",
        "Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0",
        features="images",
        unit=255,
    ),
    "iris": _Source(
        "Sepals and petals of iris flowers, in cm; the class is the species.",
        "R. A. Fisher 1936, UCI Machine Learning Repository, CC BY 4.0",
    ),
    "wine": _Source(
        "Chemical analyses of Italian wines; the class is the cultivar.",
        "M. Forina et al., UCI Machine Learning Repository, CC BY 4.0",
    ),
    "breast_cancer": _Source(
        "Cell nuclei measured in images of breast masses; the class is the diagnosis.",
        "W. Wolberg, W. Street, O. Mangasarian, UCI Machine Learning Repository, CC BY 4.0",
    ),
    "diabetes": _Source(
        "Measurements of diabetes patients; the target is disease progression after one year.",
        "B. Efron, T. Hastie, I. Johnstone, R. Tibshirani 2004; the paper names no licence",
        targets="targets",
    ),
}
_NOVEL = "pride_and_prejudice"
_NAMES = (*_SOURCES, _NOVEL)


@overload
def load(name: DatasetName) -> Dataset: ...
@overload
def load(name: Literal["pride_and_prejudice"]) -> Text: ...
@overload
def load(name: str) -> Dataset | Text: ...
def load(name: str) -> Dataset | Text:
    """Load a data set that comes with the package.

    Every call reads the file anew, so what you change in the arrays stays yours.

    Parameters
    ----------
    name : str
        ``"digits"`` (1797 images, 8 by 8), ``"mnist10k"`` (10000 images, 28 by 28), ``"iris"``,
        ``"wine"``, ``"breast_cancer"``, ``"diabetes"`` or ``"pride_and_prejudice"``.

    Returns
    -------
    Dataset or Text
        Images as float32 in 0..1, shape (samples, height, width); tables as float32, unscaled,
        shape (samples, features); class labels as int64; the novel as a `Text`.

    Raises
    ------
    DataError
        No data set has this name, or its file is missing from the installation.

    Examples
    --------
    >>> features, targets = load("digits")
    >>> features.shape, features.dtype, targets.dtype
    ((1797, 8, 8), dtype('float32'), dtype('int64'))

    References
    ----------
    Source and licence of each file: ``data/files/LICENSES.md``.
    """
    if name == _NOVEL:
        return _load_novel()
    if name not in _SOURCES:
        _refuse_name(name)
    source = _SOURCES[name]
    with np.load(io.BytesIO(_read(f"{name}.npz")), allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    features = arrays[source.features].astype(np.float32) / np.float32(source.unit)
    targets = arrays[source.targets]
    label_names = tuple(str(label) for label in arrays.get("label_names", ()))
    if source.features == "images":
        label_names = tuple("0123456789")
    return Dataset(
        name=name,
        features=features,
        targets=targets.astype(np.int64) if label_names else targets.astype(np.float32),
        feature_names=tuple(str(feature) for feature in arrays.get("feature_names", ())),
        label_names=label_names,
        description=source.description,
        licence=source.licence,
    )


def _load_novel() -> Text:
    text = gzip.decompress(_read(f"{_NOVEL}.txt.gz")).decode("utf-8")
    return Text(
        name=_NOVEL,
        text=text,
        symbols="".join(sorted(set(text))),
        description="Jane Austen's novel Pride and Prejudice (1813), complete.",
        licence="public domain (text of Project Gutenberg)",
    )


def _read(file_name: str) -> bytes:
    try:
        return (files("tinygrad_edu.data") / "files" / file_name).read_bytes()
    except FileNotFoundError as missing:
        raise DataError(
            f"the data file {file_name} is missing from this installation of tinygrad_edu",
            why="what load reads travels with the package, and is never downloaded",
            fix="python -m pip install --force-reinstall tinygrad-edu",
        ) from missing


def _refuse_name(name: str) -> NoReturn:
    close = get_close_matches(str(name).lower(), _NAMES, n=1)
    question = f"; did you mean {close[0]!r}?" if close else ""
    raise DataError(
        f"no data set is called {name!r}{question}",
        why=f"the package contains {', '.join(_NAMES)}",
        fix=f'tg.data.load("{close[0] if close else "digits"}")',
    )
