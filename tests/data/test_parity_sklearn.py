"""Scalers, folds and made-up shapes agree with scikit-learn's."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from tinygrad_edu.data import MinMaxScaler, StandardScaler, TableEncoder, k_fold, read_csv

pytestmark = pytest.mark.parity
preprocessing: Any = pytest.importorskip("sklearn.preprocessing")
selection: Any = pytest.importorskip("sklearn.model_selection")

numbers = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 4)) | st.just(np.nan)
tables = arrays(
    np.float64, st.tuples(st.integers(2, 12), st.integers(1, 4)), elements=numbers
).filter(lambda x: not np.isnan(x).all(axis=0).any())


@settings(max_examples=300)
@given(x=tables)
def test_standard_scalers_agree(x: np.ndarray) -> None:
    ours, theirs = StandardScaler().fit(x), preprocessing.StandardScaler().fit(x)
    for name in ("mean_", "var_", "scale_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), rtol=1e-9, atol=1e-9)
    z = ours.transform(x)
    np.testing.assert_allclose(
        ours.inverse_transform(z), theirs.inverse_transform(z), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=300)
@given(x=tables, low=st.floats(-3, 3), width=st.floats(0.1, 4))
def test_min_max_scalers_agree(x: np.ndarray, low: float, width: float) -> None:
    bounds = (low, low + width)
    ours, theirs = MinMaxScaler(bounds).fit(x), preprocessing.MinMaxScaler(bounds).fit(x)
    for name in ("data_min_", "data_max_", "scale_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), rtol=1e-6, atol=1e-6)


@given(rows=st.integers(2, 60), folds=st.integers(2, 12))
def test_folds_agree(rows: int, folds: int) -> None:
    folds = min(rows, folds)
    theirs = selection.KFold(folds).split(np.zeros(rows))
    for ours, (train, test) in zip(k_fold(rows, folds, shuffle=False), theirs, strict=True):
        np.testing.assert_array_equal(ours.train, train)
        np.testing.assert_array_equal(ours.test, test)


@given(
    counts=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    folds=st.integers(2, 6),
    data=st.data(),
)
def test_stratified_folds_agree(counts: list[int], folds: int, data: st.DataObject) -> None:
    labels = data.draw(
        st.permutations("".join(c * (folds + n) for c, n in zip("abcd", counts, strict=False)))
    )
    theirs = selection.StratifiedKFold(folds).split(np.zeros(len(labels)), labels)
    ours = k_fold(labels, folds, stratify=labels, shuffle=False)
    for mine, (train, test) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine.train, train)
        np.testing.assert_array_equal(mine.test, test)


@given(cells=st.lists(st.sampled_from(["a", "b", "c", "d e"]), min_size=1, max_size=12))
def test_encoded_categories_agree(cells: list[str]) -> None:
    table = read_csv(io.BytesIO(("c\n" + "\n".join(cells) + "\n").encode()))
    theirs = preprocessing.OneHotEncoder(sparse_output=False)
    np.testing.assert_array_equal(
        TableEncoder().fit(table).transform(table),
        theirs.fit_transform(np.array(cells)[:, None]),
    )
