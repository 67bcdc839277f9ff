"""Categories and gaps made into numbers, by what the training part has.  Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..errors import ArgumentError, DataError
from ..types import Array
from .datasets import Dataset
from .marks import refuse_test
from .table import Column, Kind, Table

__all__ = ["TableEncoder", "one_hot"]

_FEW = 20


def one_hot(
    labels: ArrayLike, classes: int | None = None, *, dtype: DTypeLike = np.float32
) -> Array:
    r"""Write class numbers as rows with a single 1.

    .. math:: z_{ik} = [y_i = k]

    Parameters
    ----------
    labels : array-like of int, shape (...)
        Class numbers from 0.
    classes : int, optional
        How many there are; by default the largest label and one.
    dtype : dtype
        Of the result.

    Returns
    -------
    array, shape (..., classes)

    Raises
    ------
    ArgumentError
        A label is not a class number.

    Examples
    --------
    >>> one_hot([2, 0]).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    numbers = np.asarray(labels)
    if numbers.size == 0:
        numbers = numbers.astype(np.intp)
    if numbers.dtype.kind not in "iub":
        raise ArgumentError(
            f"labels are class numbers, got {numbers.dtype}",
            fix="one_hot(labels.astype(int))"
            if numbers.dtype.kind == "f"
            else "np.unique(labels, return_inverse=True)[1]",
        )
    numbers = numbers.astype(np.intp)
    count = int(numbers.max(initial=-1)) + 1 if classes is None else classes
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < count):
        wrong = numbers.min() if numbers.min() < 0 else numbers.max()
        raise ArgumentError(
            f"label {wrong} is not the number of one of {count} classes, 0 to {count - 1}",
            fix="one_hot(labels - labels.min())"
            if wrong < 0
            else f"one_hot(labels, {int(numbers.max()) + 1})",
        )
    return np.asarray(numbers[..., None] == np.arange(count), dtype)


@dataclass(frozen=True)
class _Numeric:
    """How a column of numbers becomes features."""

    name: str
    middle: float
    gaps: bool

    @property
    def features(self) -> list[str]:
        return [self.name] + ([f"{self.name} is missing"] if self.gaps else [])

    def encoded(self, column: Column) -> list[Array]:
        missing = column.missing
        filled = np.where(missing, self.middle, column.values)
        return [filled, missing.astype(np.float64)] if self.gaps else [filled]


@dataclass(frozen=True)
class _Categorical:
    """How a column of names becomes features."""

    name: str
    categories: tuple[str, ...]

    @property
    def features(self) -> list[str]:
        return [f"{self.name}={category}" for category in self.categories]

    def encoded(self, column: Column) -> list[Array]:
        return [np.asarray(column.values == name, np.float64) for name in self.categories]


class TableEncoder:
    """What makes features and targets of a `Table`, learned once from the training part.

    A numeric column stays one feature, gaps filled with the median; if the training part has
    gaps, a second feature says where. A categorical column becomes one feature of 0 and 1 per
    category; a category that the training part does not have, or a gap, is all 0.

    Parameters
    ----------
    task : "classification", "regression" or None
        What the target is; by default classes for names and for at most 20 different whole
        numbers, else a regression.
    most_categories : int
        A categorical column with more is refused, since it is likely to number the rows.

    Attributes
    ----------
    feature_names, label_names : tuple of str
        What the columns of the features mean, and the classes; no classes for a regression.

    Examples
    --------
    >>> import io
    >>> from tinygrad_edu.data import read_csv
    >>> table = read_csv(io.BytesIO(b"age,pet,buys\\n3,cat,yes\\n,owl,no\\n5,cat,no\\n"), "buys")
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.feature_names, encoder.label_names
    (('age', 'age is missing', 'pet=cat', 'pet=owl'), ('no', 'yes'))
    >>> encoder.transform(table).tolist()
    [[3.0, 0.0, 1.0, 0.0], [4.0, 1.0, 0.0, 1.0], [5.0, 0.0, 1.0, 0.0]]
    """

    def __init__(
        self,
        *,
        task: Literal["classification", "regression"] | None = None,
        most_categories: int = 100,
    ) -> None:
        if task not in (None, "classification", "regression"):
            raise ArgumentError(f"task={task!r} is unknown", fix='task="classification"')
        self.task = task
        self.most_categories = most_categories
        self.feature_names: tuple[str, ...] = ()
        self.label_names: tuple[str, ...] = ()
        self._columns: tuple[_Numeric | _Categorical, ...] | None = None
        self._target: str | None = None

    def fit(self, table: Table) -> TableEncoder:
        """Learn from the training part, and return the encoder itself.

        Parameters
        ----------
        table : Table
            With or without a target.

        Raises
        ------
        DataError
            It is a test part, a column has nothing to learn from, or the encoder was fitted before.
        """
        refuse_test(table, "TableEncoder()")
        if self._columns is not None:
            raise DataError(
                "this TableEncoder was fitted before",
                why="the model was trained with the first features",
                fix="encoder.transform(table)   # or a new TableEncoder for a new model",
            )
        learned = tuple(self._learned(column) for column in table.columns)
        if table.target is not None:
            self.label_names = target_classes(table.target, self.task)
        self.feature_names = tuple(name for each in learned for name in each.features)
        self._columns = learned
        self._target = table.target.name if table.target is not None else None
        return self

    @property
    def kinds(self) -> dict[str, Kind]:
        """What to tell ``read_csv`` so that another file is read in the same way."""
        return {
            each.name: "numeric" if isinstance(each, _Numeric) else "categorical"
            for each in self._fitted()
        }

    def transform(self, table: Table) -> Array:
        """Return the features, float32, shape (rows, features).

        Parameters
        ----------
        table : Table
            Of any part; columns that the training part did not have are passed over.

        Raises
        ------
        DataError
            A column is missing, is of another kind, or has a number too large for float32.
        """
        features = []
        for each in self._fitted():
            column = table[each.name]
            kind: Kind = "numeric" if isinstance(each, _Numeric) else "categorical"
            if column.kind != kind and not column.missing.all():
                raise DataError(
                    f"column {each.name!r} is {column.kind}, and was {kind} in training",
                    why="what a feature means must not change",
                    fix=f'read_csv("{table.name}", kinds=encoder.kinds)',
                )
            if column.kind != kind:
                gap = np.array("" if kind == "categorical" else np.nan)
                column = Column(each.name, kind, np.broadcast_to(gap, len(table)))
            features += each.encoded(column)
        stacked = np.stack(features, axis=1) if features else np.zeros((len(table), 0))
        return _single(stacked, self.feature_names)

    def targets(self, table: Table) -> Array:
        """Return class numbers as int64, or float32 values for a regression, shape (rows,)."""
        self._fitted()
        if self._target is None or table.target is None:
            raise DataError(
                "the table has no target" if self._target else "the training part had no target",
                fix='read_csv("data.csv", target="species")',
            )
        if not self.label_names:
            return _single(table.target.values[:, None], (table.target.name,))[:, 0]
        number = {label: k for k, label in enumerate(self.label_names)}
        found = [_label(value) for value in table.target.values]
        for label in found:
            if label not in number:
                raise DataError(
                    f"the class {label!r} of {table.target.name!r} is not in the training part",
                    why=f"it has {', '.join(self.label_names[:10])}",
                    fix="split_dataset(table, stratify=True)",
                )
        return np.array([number[label] for label in found], dtype=np.int64)

    def dataset(self, table: Table) -> Dataset:
        """Return features and targets of a table as a `Dataset` of the same part."""
        return Dataset(
            table.name, self.transform(table), self.targets(table), self.feature_names,
            self.label_names, f"a table of {len(table)} rows", "not known", table.part,
        )  # fmt: skip

    def state_dict(self) -> dict[str, Any]:
        """Return what was learned, as names and numbers that JSON can hold."""
        return {
            "columns": [
                {"name": each.name, "middle": each.middle, "gaps": each.gaps}
                if isinstance(each, _Numeric)
                else {"name": each.name, "categories": list(each.categories)}
                for each in self._fitted()
            ],
            "target": self._target,
            "label_names": list(self.label_names),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what another encoder has learned.

        Raises
        ------
        ArgumentError
            It is not what ``state_dict`` returns.

        Examples
        --------
        >>> encoder = TableEncoder()
        >>> pet = {"name": "pet", "categories": ["cat", "owl"]}
        >>> encoder.load_state_dict({"columns": [pet], "target": None, "label_names": []})
        >>> encoder.feature_names
        ('pet=cat', 'pet=owl')
        """
        try:
            learned = tuple(
                _Categorical(str(each["name"]), tuple(map(str, each["categories"])))
                if "categories" in each
                else _Numeric(str(each["name"]), float(each["middle"]), bool(each["gaps"]))
                for each in state["columns"]
            )
            target, labels = state["target"], tuple(map(str, state["label_names"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ArgumentError(
                f"not what a TableEncoder has learned: {error!r:.80}",
                fix="encoder.load_state_dict(other.state_dict())",
            ) from None
        self._columns, self.label_names = learned, labels
        self._target = None if target is None else str(target)
        self.feature_names = tuple(name for each in learned for name in each.features)

    def _fitted(self) -> tuple[_Numeric | _Categorical, ...]:
        if self._columns is None:
            raise DataError("this TableEncoder has not been fitted", fix="encoder.fit(train)")
        return self._columns

    def _learned(self, column: Column) -> _Numeric | _Categorical:
        present = column.values[~column.missing]
        if column.kind == "numeric":
            middle = float(np.median(present / 2) * 2) if len(present) else 0.0
            return _Numeric(column.name, middle, len(present) < len(column.values))
        categories = tuple(sorted(set(present.tolist())))
        if len(categories) > self.most_categories:
            raise DataError(
                f"column {column.name!r} has {len(categories)} categories, "
                f"{self.most_categories} are allowed",
                why="each becomes a feature; a column that names or numbers the rows says nothing "
                "about new ones",
                fix=f"TableEncoder(most_categories={len(categories)})   # or leave it out",
            )
        return _Categorical(column.name, categories)


def target_classes(
    target: Column, task: Literal["classification", "regression"] | None = None
) -> tuple[str, ...]:
    """Return the names of the classes of a target in their order, or none for a regression."""
    values = set(target.values.tolist())
    whole = target.kind == "numeric" and all(float(v).is_integer() for v in values)
    classes = task == "classification" or (
        task is None and (target.kind == "categorical" or (whole and len(values) <= _FEW))
    )
    if not classes and target.kind == "categorical":
        raise DataError(
            f"the target {target.name!r} has names, and a regression needs numbers",
            fix='TableEncoder(task="classification")',
        )
    return tuple(_label(value) for value in sorted(values)) if classes else ()


def _label(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.17g}"


def _single(values: Array, names: tuple[str, ...]) -> Array:
    """As float32, if they fit."""
    large = np.argwhere(np.abs(values) > np.finfo(np.float32).max)
    if len(large):
        row, column = large[0].tolist()
        raise DataError(
            f"{values[row, column]:g} in {names[column]!r} does not fit into float32",
            fix=f"np.log({names[column]!r})   # a number of another scale, in the file",
        )
    return values.astype(np.float32)
