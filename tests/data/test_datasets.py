"""The embedded data: the right bytes, in the promised form, with images and labels that belong."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu.data import Dataset, Text, datasets, load
from tinygrad_edu.errors import DataError

FOLDER = files("tinygrad_edu.data") / "files"
TABLES = ("iris", "wine", "breast_cancer", "diabetes")
IMAGES = ("digits", "mnist10k")

# SHA-256 of the bytes of each array, in C order, as stored.
DIGESTS = {
    "breast_cancer features": "6b202a2072f9a0385f405a8f8605b1b06f6f36ae6d23d9cd6cbbc0974a416bc7",
    "breast_cancer labels": "9d6ceae78443535169ef00f2c8012032241393c09a9adb2f9e82c55e1ba534bd",
    "breast_cancer feature_names": (
        "972fb69af13cf9a9fe6ed0c3c9649fab6f375a4918e0f2c31ee2f66f3fa25536"
    ),
    "breast_cancer label_names": "065e18f40aae344a36907a42cbde4a9fa24e05904b9286dbf9258e0db40a781c",
    "diabetes features": "6b93b2556c8942c79d8374838768047adf9d1f4044510b9f948ddace62567d75",
    "diabetes targets": "4911e8747aff95aa1cd523fea86dd91cfd1cd14c1a8ead274f1913b14fa853c4",
    "diabetes feature_names": "14e4a447aa6ecb9f7d7c089780490670da2693ead16946c0d97ca1cfc3998e5f",
    "digits images": "8f26b2bd9d135c256808f68f14fdabddde6d9c7f869ae419704b051f0f14b3b3",
    "digits labels": "8ba4f891220f5e4c9c819638d1602d74b83618f167043c6da52a2a247841ddf0",
    "iris features": "012f498fe9c8b3b34212c3c5d98e1f03f2f79931cd49349beb1bad64dcf164a7",
    "iris labels": "7ba64c221a0a07e8a91f5c36d9f046565bb0dc1f9f5473a924f65122b6c8a412",
    "iris feature_names": "6f3ee845088602abad4ef32b60ba0c373382fef60885045fccdb0921c2a72951",
    "iris label_names": "59e6d1bd9c9ed5a3fbcbaad1f231d9ce142f052acecdd473e7d52c440c8d7ecf",
    "mnist10k images": "01a649acf97bc53c9bbc1a378d3087f5a8f67ccf25746dab384bcbe11feed658",
    "mnist10k labels": "e72996c710bf1af21bb8a23cdd1d782224270379d3bccd54d66aa2c07de97e75",
    "wine features": "8edcf3903afd97c64d51e0212eb10b213f7943da650574d1c055b836c5c35d37",
    "wine labels": "fc03f75caa6e6d07d5b445dd799c334fdee22c5b64240511a10ac30feb3a09e9",
    "wine feature_names": "8cc6766a231d0253b5e3ff327c979e927ee34db3981be8a4ec2ef196f3c22574",
    "wine label_names": "f3ea4a2ce36b4d36645ee9e4109796124be2ab891758b9bec0e6f0612c5a563c",
}
NOVEL_DIGEST = "2e44edaa4946d64ad541c68e0224f5d672f43bf3ce2a8a0b0637ad5e02fc6eb3"


def _stored(name: str) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO((FOLDER / f"{name}.npz").read_bytes()), allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


@pytest.mark.parametrize("name", [*IMAGES, *TABLES])
def test_every_embedded_array_has_the_recorded_digest(name: str) -> None:
    # The recorded digests are those of little-endian arrays, as the files hold them.
    found = {
        f"{name} {key}": hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        for key, array in _stored(name).items()
    }
    assert found == {key: value for key, value in DIGESTS.items() if key.split()[0] == name}


def test_the_embedded_novel_has_the_recorded_digest() -> None:
    text = gzip.decompress((FOLDER / "pride_and_prejudice.txt.gz").read_bytes())
    assert hashlib.sha256(text).hexdigest() == NOVEL_DIGEST


def test_the_licence_notes_name_every_file() -> None:
    notes = (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    data_files = [entry.name for entry in FOLDER.iterdir() if entry.name != "LICENSES.md"]
    assert len(data_files) == 7
    assert [name for name in data_files if f"`{name}`" not in notes] == []


@pytest.mark.parametrize(
    "name, shape",
    [
        ("digits", (1797, 8, 8)),
        ("mnist10k", (10000, 28, 28)),
        ("iris", (150, 4)),
        ("wine", (178, 13)),
        ("breast_cancer", (569, 30)),
        ("diabetes", (442, 10)),
    ],
)
def test_a_dataset_has_the_promised_shapes_and_dtypes(name: str, shape: tuple[int, ...]) -> None:
    dataset = load(name)
    assert isinstance(dataset, Dataset)
    assert dataset.name == name
    assert dataset.features.shape == shape
    assert dataset.features.dtype == np.float32
    assert dataset.targets.shape == shape[:1]
    assert dataset.targets.dtype == (np.float32 if name == "diabetes" else np.int64)
    assert len(dataset) == shape[0]
    assert dataset.description
    assert dataset.licence


@pytest.mark.parametrize("name, white", [("digits", 16), ("mnist10k", 255)])
def test_images_are_the_stored_grey_levels_scaled_to_one(name: str, white: int) -> None:
    dataset, stored = load(name), _stored(name)
    assert dataset.features.min() == 0.0
    assert dataset.features.max() == 1.0
    np.testing.assert_array_equal(np.rint(dataset.features * white), stored["images"])
    np.testing.assert_array_equal(dataset.targets, stored["labels"])
    assert dataset.feature_names == ()


@pytest.mark.parametrize("name", TABLES)
def test_tables_keep_the_units_of_the_source(name: str) -> None:
    dataset, stored = load(name), _stored(name)
    np.testing.assert_array_equal(dataset.features, stored["features"].astype(np.float32))
    assert len(dataset.feature_names) == dataset.features.shape[1]
    assert len(set(dataset.feature_names)) == len(dataset.feature_names)


@pytest.mark.parametrize("name", [*IMAGES, "iris", "wine", "breast_cancer"])
def test_every_class_label_has_a_name_and_samples(name: str) -> None:
    dataset = load(name)
    assert sorted(set(dataset.targets.tolist())) == list(range(len(dataset.label_names)))
    assert all(type(label) is str for label in (*dataset.label_names, *dataset.feature_names))


def test_known_facts_about_the_tables() -> None:
    iris, wine, cancer, diabetes = (load(name) for name in TABLES)
    # Fisher's table opens with this setosa, and its setosa sepals are 5.006 cm long on average.
    assert [f"{value:.1f}" for value in iris.features[0]] == ["5.1", "3.5", "1.4", "0.2"]
    setosa = iris.features[iris.targets == iris.label_names.index("setosa")]
    assert setosa[:, 0].mean() == pytest.approx(5.006, abs=1e-5)
    assert [(wine.targets == k).sum() for k in range(3)] == [59, 71, 48]
    assert (cancer.targets == cancer.label_names.index("malignant")).sum() == 212
    assert diabetes.targets.mean(dtype=np.float64) == pytest.approx(152.13348, abs=1e-5)
    assert diabetes.label_names == ()


@pytest.mark.parametrize("name", IMAGES)
def test_images_and_labels_belong_together(name: str) -> None:
    """The nearest class mean, found on one half, names most images of the other half."""
    features, targets = load(name)
    pixels = features.reshape(len(features), -1)
    half = len(features) // 2
    right = 0
    means = [pixels[:half][targets[:half] == digit].mean(axis=0) for digit in range(10)]
    for image, digit in zip(pixels[half:][:500], targets[half:][:500], strict=True):
        distances = [float(((image - mean) ** 2).sum()) for mean in means]
        right += distances.index(min(distances)) == digit
    assert right > 0.75 * 500  # guessing gives 50


def test_a_dataset_unpacks_into_features_and_targets() -> None:
    dataset = load("iris")
    features, targets = dataset
    assert features is dataset.features
    assert targets is dataset.targets


def test_changing_a_loaded_array_does_not_reach_the_next_load() -> None:
    first = load("iris")
    first.features[:] = -1
    first.targets[:] = -1
    assert load("iris").features.min() > 0
    assert load("iris").targets.min() == 0


def test_the_novel_is_complete_and_its_symbols_are_sorted() -> None:
    novel = load("pride_and_prejudice")
    assert isinstance(novel, Text)
    assert len(novel) == len(novel.text) == 684_767
    assert "It is a truth universally acknowledged" in novel.text[:400]
    assert novel.text.endswith("the means of uniting them.")
    assert "\r" not in novel.text
    assert len(novel.symbols) == 75
    assert all(before < after for before, after in pairwise(novel.symbols))
    rest = novel.text
    for symbol in novel.symbols:
        assert symbol in rest
        rest = rest.replace(symbol, "")
    assert rest == ""


def test_short_representations_name_sizes_and_not_values() -> None:
    assert repr(load("wine")) == "Dataset('wine': features (178, 13), targets (178,), 3 classes)"
    assert repr(load("diabetes")).endswith("targets (442,), regression)")
    novel = repr(load("pride_and_prejudice"))
    assert novel == "Text('pride_and_prejudice': 684767 characters, 75 symbols)"


@pytest.mark.parametrize(
    "typed, meant",
    [("digit", "digits"), ("mnist", "mnist10k"), ("IRIS", "iris"), ("breast cancer", None)],
)
def test_an_unknown_name_is_answered_with_the_closest_one(typed: str, meant: str | None) -> None:
    meant = meant or "breast_cancer"
    with pytest.raises(DataError, match=f"did you mean '{meant}'") as caught:
        load(typed)
    assert all(name in str(caught.value) for name in (*IMAGES, *TABLES, "pride_and_prejudice"))
    assert caught.value.fix is not None
    repaired = eval(caught.value.fix, {"tg": tinygrad_edu})
    assert repaired.name == meant


@pytest.mark.parametrize("typed", ["", "zzzzzz", "digits.npz/../iris.npz", None])
def test_a_name_like_no_other_is_refused_without_a_guess(typed: str | None) -> None:
    with pytest.raises(DataError) as caught:
        load(typed)  # type: ignore[arg-type]
    assert caught.value.fix is not None
    assert eval(caught.value.fix, {"tg": tinygrad_edu}).name in (*IMAGES, *TABLES)


def test_a_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets, "files", lambda package: tmp_path)
    with pytest.raises(DataError, match=r"wine\.npz is missing"):
        load("wine")


def test_pickled_objects_are_never_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    np.savez(tmp_path / "files" / "wine.npz", features=np.array([print], dtype=object))
    monkeypatch.setattr(datasets, "files", lambda package: tmp_path)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load("wine")


def test_data_sets_load_from_a_zipped_package(tmp_path: Path) -> None:
    root = Path(str(files("tinygrad_edu")))
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as package:
        # Floor 0 alone, without the package's own __init__: reading data needs nothing above it.
        package.writestr("tinygrad_edu/__init__.py", "")
        floor = [path for path in root.glob("*.py") if not path.name.startswith("__")]
        room = [path for path in (root / "data").rglob("*") if "__pycache__" not in path.parts]
        for path in (*floor, *room):
            package.write(path, Path("tinygrad_edu") / path.relative_to(root))
    program = (
        "import tinygrad_edu.data as data\n"
        "print(data.__file__, len(data.load('iris')), len(data.load('pride_and_prejudice')))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(str(archive))
    assert answer.stdout.split()[-2:] == ["150", "684767"]
