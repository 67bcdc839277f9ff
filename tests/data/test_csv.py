"""CSV files: what was written comes back; what is wrong is named with its line and column."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.data import Table, TableEncoder, load, one_hot, read_csv, split_dataset
from tinygrad_edu.errors import ArgumentError, DataError, FileError, MissingFile

pytestmark = pytest.mark.once  # what no version of Python changes

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028"), max_size=6
)
names = st.lists(words.map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)
floats = st.floats(allow_nan=False, allow_infinity=False)


def read(text: str | bytes, *args: Any, **settings: Any) -> Table:
    return read_csv(io.BytesIO(text.encode() if isinstance(text, str) else text), *args, **settings)


@given(
    header=names,
    rows=st.integers(1, 8),
    delimiter=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    packed=st.booleans(),
    data=st.data(),
)
def test_a_written_table_comes_back(
    header: list[str], rows: int, delimiter: str, ending: str, encoding: str, packed: bool,
    data: st.DataObject,
) -> None:  # fmt: skip
    kinds = {name: data.draw(st.sampled_from(["numeric", "categorical"])) for name in header}
    columns = {}
    for name in header:
        cells = floats if kinds[name] == "numeric" else words.map(str.strip)
        columns[name] = data.draw(st.lists(cells | st.none(), min_size=rows, max_size=rows))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    for k in range(rows):
        cells = [columns[name][k] for name in header]
        writer.writerow(["" if cell is None else cell for cell in cells])
    content = buffer.getvalue().encode(encoding)
    table = read(
        gzip.compress(content) if packed else content,
        kinds=kinds,
        delimiter=delimiter,
        missing=[""],
        encoding="utf-16" if encoding == "utf-16" else "utf-8-sig",
    )
    assert [column.name for column in table.columns] == header
    assert len(table) == rows
    for name in header:
        wanted = columns[name]
        if kinds[name] == "numeric":
            np.testing.assert_array_equal(
                table[name].values, [math.nan if cell is None else cell for cell in wanted]
            )
        else:
            assert table[name].values.tolist() == [cell or "" for cell in wanted]


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_a_real_table_written_and_read_is_the_same(name: str, tmp_path: Path) -> None:
    source = load(name)
    with (tmp_path / "t.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*source.feature_names, "class"])
        for row, label in zip(source.features, source.targets, strict=True):
            writer.writerow([*row.tolist(), source.label_names[label]])
    table = read_csv(tmp_path / "t.csv", target="class")
    made = TableEncoder().fit(table).dataset(table)
    np.testing.assert_array_equal(made.features, source.features)
    assert made.feature_names == source.feature_names
    assert made.label_names == tuple(sorted(source.label_names))
    found = [made.label_names[k] for k in made.targets]
    assert found == [source.label_names[k] for k in source.targets]


def test_kinds_are_inferred_from_what_is_not_missing() -> None:
    table = read("a,b,c,d\n1,x, NA ,1\n?,y,-.5e3,2x\n 2 ,NA,,3\n")
    assert [column.kind for column in table.columns] == [
        "numeric", "categorical", "numeric", "categorical",
    ]  # fmt: skip
    np.testing.assert_array_equal(table["a"].values, [1, np.nan, 2])
    assert table["b"].values.tolist() == ["x", "y", ""]
    np.testing.assert_array_equal(table["c"].values, [np.nan, -500, np.nan])


@pytest.mark.parametrize("cell", ["1_000", "infinity", "0x1F", "1e", "١", "1,5", "--1", "True"])
def test_what_only_python_or_nobody_calls_a_number_is_text(cell: str) -> None:
    assert read(f'a\n"{cell}"\n2\n')["a"].kind == "categorical"


def test_a_decimal_comma_is_read_when_told() -> None:
    table = read("a;b\n1,5;x\n-2,25;y\n", decimal=",")
    assert table["a"].values.tolist() == [1.5, -2.25]
    assert read("a;b\n1.500,5;x\n", decimal=",")["a"].kind == "categorical"


def test_the_summary_says_what_is_missing() -> None:
    table = read("age,pet,y\n1,cat,0\n,cat,\n3,,1\n5,owl,\n", target="y")
    assert repr(table).splitlines() == [
        "Table('the file': 2 rows, target y)",
        "  age: numeric, complete, 1 to 3, mean 2",
        "  pet: categorical, 1 missing, 1 values: cat (1)",
        "  y: numeric, complete, 0 to 1, mean 0.5",
        "  2 rows left out: their y is missing",
    ]


@pytest.mark.parametrize(
    "text, settings, said",
    [
        ("", {}, "the file is empty"),
        ("\n\n", {}, "the file is empty"),
        ("a,b\n", {}, "has a header and no rows"),
        ("a,b\n1,2\n\n3\n", {}, "line 4 of the file has 1 cells, the header names 2"),
        ('a,b\n1,"x\ny"\n3,4,5\n', {}, "line 4 of the file has 3 cells"),
        ('a,b\n1,2\n3,"4\n', {}, "line 3 of the file is not CSV: unexpected end of data"),
        ("a,,c\n1,2,3\n", {}, "line 1 of the file has no name for column 2"),
        ("a,b,a\n1,2,3\n", {}, "has the name 'a' a second time for column 3"),
        ("a,b\n1,2\n", {"target": "B"}, "no column is called 'B'; did you mean 'b'"),
        ("a,b\n1,\n2,\n", {"target": "b"}, "every cell of the target 'b'"),
        ("a\n1\nx\n", {"kinds": {"a": "numeric"}}, "line 3 of the file, column 'a': 'x' is not"),
        ("a\n" + "1\n" * 30 + "l2\n", {}, "line 32 of the file, column 'a': 'l2' is not a number"),
        ("a\n1e999\n", {}, "line 2 of the file, column 'a': '1e999' is not a number"),
        (b"a\n1\n\xff\n", {}, "line 3 of the file is not utf-8-sig: byte"),
        (b"a\n1\n\x00\n", {}, "line 3 of the file has a zero byte"),
        ("a\n" + "1\n" * 50, {"max_bytes": 20}, "has more than 20 bytes"),
        (b"\x1f\x8bnothing", {}, "is damaged"),
        ("a,b\n1," + "x" * 200_000 + "\n", {}, "line 2 of the file is not CSV: field larger"),
        (",".join(f"c{k}" for k in range(10_001)), {}, "names more than 10000 columns"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    text: str | bytes, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=said.replace("(", r"\(")):
        read(text, **settings)


def test_the_proposed_edit_reads_the_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\n" + "1\n" * 30 + "l2\n")
    with pytest.raises(DataError) as caught:
        read_csv(path)
    assert caught.value.fix is not None
    column = eval(caught.value.fix, {"tg": tg})["a"]
    assert (column.kind, int(column.missing.sum())) == ("numeric", 1)


@pytest.mark.parametrize(
    "settings",
    [
        {"delimiter": ""}, {"delimiter": "ab"}, {"delimiter": "\n"}, {"decimal": "x"},
        {"encoding": "klingon"}, {"encoding": "hex"}, {"kinds": {"a": "number"}}, {"kinds": 3},
    ],
)  # fmt: skip
def test_settings_without_a_meaning_are_refused_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(settings))):
        read("a\n1\n", **settings)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"there is no file .*nothing\.csv"):
        read_csv(tmp_path / "nothing.csv")
    with pytest.raises(FileError, match="cannot be read"):
        read_csv(tmp_path)


def test_gaps_and_new_categories_become_numbers_of_the_training_part() -> None:
    train = read("n,c,y\n1,a,u\n,b,v\n9,,u\n2,a,u\n", target="y")
    encoder = TableEncoder().fit(train)
    assert encoder.feature_names == ("n", "n is missing", "c=a", "c=b")
    assert encoder.transform(train).tolist() == [
        [1, 0, 1, 0], [2, 1, 0, 1], [9, 0, 0, 0], [2, 0, 1, 0],
    ]  # fmt: skip
    new = read("c,n,more\nz,\nb,4\n".replace("z,", "z,,1").replace("b,4", "b,4,2"))
    assert encoder.transform(new).tolist() == [[2, 1, 0, 0], [4, 0, 0, 1]]
    assert encoder.targets(train).tolist() == [0, 1, 0, 0]


def test_a_target_is_classes_or_a_regression_by_its_values() -> None:
    whole = read("x,y\n1,10\n2,9\n3,10\n", target="y")
    assert TableEncoder().fit(whole).label_names == ("9", "10")
    assert TableEncoder(task="regression").fit(whole).dataset(whole).targets.dtype == np.float32
    broken = read("x,y\n1,1.5\n2,9\n", target="y")
    assert TableEncoder().fit(broken).dataset(broken).targets.tolist() == [1.5, 9]
    assert TableEncoder(task="classification").fit(broken).label_names == ("1.5", "9")
    many = read("x,y\n" + "".join(f"{k},{k}\n" for k in range(30)), target="y")
    assert TableEncoder().fit(many).label_names == ()


def test_an_encoder_keeps_what_it_learned() -> None:
    table = read("n,c,y\n" + "1,a,u\n2,b,v\n" * 10, target="y")
    train, test = split_dataset(table, (0.8, 0.2), rng=0)
    assert (train.part, test.part, len(test)) == ("train", "test", 4)
    with pytest.raises(DataError, match="would learn from the test part"):
        TableEncoder().fit(test)
    encoder = TableEncoder().fit(train)
    assert encoder.dataset(test).part == "test"
    with pytest.raises(DataError, match="was fitted before"):
        encoder.fit(train)
    with pytest.raises(DataError, match="no column is called 'n'"):
        encoder.transform(read("c\na\n"))
    with pytest.raises(DataError, match="is categorical, and was numeric in training"):
        encoder.transform(read("n,c\nx,a\n"))
    assert encoder.transform(read("n,c\nx,a\n", missing=["x"])).shape == (1, 3)
    coded = read("n,c\n1,7\n", kinds=encoder.kinds)
    assert coded["c"].kind == "categorical"
    with pytest.raises(DataError, match="the class 'w' of 'y' is not in the training part"):
        encoder.targets(read("n,c,y\n1,a,w\n", target="y"))
    with pytest.raises(DataError, match="has not been fitted"):
        TableEncoder().transform(table)


def test_columns_that_make_no_features_are_refused() -> None:
    table = read("id\n" + "".join(f"row {k}\n" for k in range(101)))
    with pytest.raises(DataError, match="'id' has 101 categories, 100 are allowed"):
        TableEncoder().fit(table)
    large = read("n\n1e300\n")
    with pytest.raises(DataError, match="1e\\+300 in 'n' does not fit into float32"):
        TableEncoder().fit(large).transform(large)
    with pytest.raises(DataError, match="a regression needs numbers"):
        TableEncoder(task="regression").fit(read("a,y\n1,u\n", target="y"))


@given(labels=st.lists(st.integers(0, 5), max_size=8), more=st.integers(0, 2))
def test_one_hot_has_a_single_one(labels: list[int], more: int) -> None:
    classes = max(labels, default=-1) + 1 + more
    rows = one_hot(labels, classes).tolist()
    assert rows == [[float(k == label) for k in range(classes)] for label in labels]
    assert one_hot(np.array([labels]), classes, dtype=bool).shape == (1, len(labels), classes)


@pytest.mark.parametrize("labels", [[0.5], ["a"], [-1, 0], [0, 4]])
def test_labels_that_are_no_class_numbers_are_refused(labels: Any) -> None:
    with pytest.raises(ArgumentError, match="label"):
        one_hot(labels, 3)


def test_an_encoder_travels_as_json_and_means_the_same() -> None:
    table = read("age,pet,y\n3,cat,1.5\n,owl,2\n5,,4\n", "y")
    encoder, other = TableEncoder().fit(table), TableEncoder()
    other.load_state_dict(json.loads(json.dumps(encoder.state_dict())))
    assert other.feature_names == encoder.feature_names
    assert (other.kinds, other.label_names) == (encoder.kinds, encoder.label_names)
    np.testing.assert_array_equal(other.transform(table), encoder.transform(table))
    np.testing.assert_array_equal(other.targets(table), encoder.targets(table))
    with pytest.raises(DataError, match="fitted before"):
        other.fit(table)


@pytest.mark.parametrize("state", [{}, {"columns": 3}, {"columns": [{"name": "a"}]}, []])
def test_what_no_encoder_has_learned_is_refused(state: Any) -> None:
    with pytest.raises(ArgumentError, match="not what a TableEncoder has learned"):
        TableEncoder().load_state_dict(state)
