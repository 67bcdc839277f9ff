"""The classic image sets, fetched once, checked every time, and kept.  Floor 0."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from ..errors import ArgumentError, DataError
from ..types import Array
from .cifar_file import read_cifar10_archive
from .datasets import Dataset
from .download import NotFetched, Pinned, bring
from .idx_file import read_idx

__all__ = ["Fetched", "fetch"]


class Fetched(NamedTuple):
    """The two parts of a data set, as its authors divided it."""

    train: Dataset
    test: Dataset


@dataclass(frozen=True)
class _Set:
    """Where a data set is, what it consists of, and what it is."""

    files: tuple[Pinned, ...]
    mirrors: tuple[str, ...]
    label_names: tuple[str, ...]
    description: str
    licence: str
    instead: str


_IDX_FILES = (
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
)  # fmt: skip


def _pinned(*sizes_and_sums: tuple[int, str]) -> tuple[Pinned, ...]:
    pairs = zip(_IDX_FILES, sizes_and_sums, strict=True)
    return tuple(Pinned(name, size, sha256) for name, (size, sha256) in pairs)


_SETS = {
    "mnist": _Set(
        _pinned(
            (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist",
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://raw.githubusercontent.com/fgnt/mnist/master",
        ),
        tuple("0123456789"),
        "70,000 handwritten digits, 28 by 28 pixels; the class is the digit.",
        "Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0",
        'tg.data.load("mnist10k")   # 10,000 of the same images, inside the package',
    ),
    "fashion_mnist": _Set(
        _pinned(
            (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ),
        (
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        "70,000 articles of clothing, 28 by 28 pixels; the class is the kind.",
        "H. Xiao, K. Rasul, R. Vollgraf 2017, MIT",
        'tg.data.load("mnist10k")   # images of the same shape, inside the package',
    ),
    "cifar10": _Set(
        (
            Pinned(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            ),
        ),
        ("https://www.cs.toronto.edu/~kriz",),
        (
            "airplane", "automobile", "bird", "cat", "deer",
            "dog", "frog", "horse", "ship", "truck",
        ),
        "60,000 photographs, 3 channels of 32 by 32 pixels; the class is what they show.",
        "A. Krizhevsky 2009; the author names no licence",
        'tg.data.load("mnist10k")   # smaller images, inside the package',
    ),
}  # fmt: skip


def fetch(
    name: Literal["mnist", "fashion_mnist", "cifar10"] | str,
    *,
    mirrors: Iterable[str] = (),
    folder: str | os.PathLike[str] | None = None,
) -> Fetched:
    """Fetch a data set from the internet, unless it is in the cache already.

    Parameters
    ----------
    name : str
        ``"mnist"`` (12 MB), ``"fashion_mnist"`` (31 MB) or ``"cifar10"`` (170 MB).
    mirrors : iterable of str
        Addresses to try first, of folders with the same files: ``https://...`` or ``file:///...``.
    folder : path, optional
        The cache; by default what the environment variable ``TINYGRAD_EDU_DATA`` names, else
        ``tinygrad_edu`` in the user's cache folder. Each data set has a folder there.

    Returns
    -------
    Fetched
        ``train, test``, each a `Dataset`: images as float32 in 0..1, shape (samples, height,
        width) or (samples, channels, height, width), labels as int64.

    Raises
    ------
    DataError
        The name is unknown, or no mirror can be reached (TG-D01) and what to do then.
    FileError
        The cache cannot be written.

    Notes
    -----
    Every file is held to its size and SHA-256 each time it is read. A download that was cut off
    goes on where it stopped. CIFAR-10 is the binary version: nothing is unpickled.

    Examples
    --------
    >>> train, test = fetch("mnist")  # doctest: +SKIP
    >>> train  # doctest: +SKIP
    Dataset('mnist' train: features (60000, 28, 28), targets (60000,), 10 classes)
    """
    wanted = _SETS.get(name)
    if wanted is None:
        close = get_close_matches(str(name).lower(), _SETS, n=1)
        raise DataError(
            f"no data set {name!r} can be fetched"
            + (f"; did you mean {close[0]!r}?" if close else ""),
            why=f"these can: {', '.join(_SETS)}; tg.data.load has those inside the package",
            fix=f'tg.data.fetch("{close[0] if close else "mnist"}")',
        )
    if isinstance(mirrors, str):
        raise ArgumentError(
            f"mirrors={mirrors!r} is one text", fix=f"fetch({name!r}, mirrors=[{mirrors!r}])"
        )
    place = _cache(folder) / name
    paths = []
    for file in wanted.files:
        try:
            paths.append(bring(file, (*mirrors, *wanted.mirrors), place))
        except NotFetched as failed:
            raise _offline(name, file, wanted, place, failed.args[0]) from None
    parts = _read(paths)
    return Fetched(*(_dataset(name, wanted, part, *parts[part]) for part in ("train", "test")))


def _cache(folder: Any) -> Path:
    if folder is not None:
        return Path(folder)
    if named := os.environ.get("TINYGRAD_EDU_DATA"):
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "tinygrad_edu"


def _read(paths: list[Path]) -> dict[str, tuple[Array, Array]]:
    if len(paths) == 1:
        return read_cifar10_archive(paths[0])
    arrays = [read_idx(path) for path in paths]
    return {"train": (arrays[0], arrays[1]), "test": (arrays[2], arrays[3])}


def _dataset(name: str, source: _Set, part: str, images: Array, labels: Array) -> Dataset:
    features = images.astype(np.float32)
    features /= np.float32(255)
    return Dataset(
        name, features, labels.astype(np.int64), (), source.label_names, source.description,
        source.licence, part,
    )  # fmt: skip


def _offline(
    name: str, file: Pinned, source: _Set, place: Path, reasons: list[tuple[str, str]]
) -> DataError:
    return DataError(
        f"could not fetch {file.name} of {name}",
        code="TG-D01",
        notes=[f"mirror {k}: {mirror}: {why}" for k, (mirror, why) in enumerate(reasons, 1)]
        + [f"or put it into {place}: {file.size:,} bytes, sha256 {file.sha256}"],
        why="this machine may have no way to the internet, or only through a proxy (https_proxy)",
        fix=source.instead,
    )
