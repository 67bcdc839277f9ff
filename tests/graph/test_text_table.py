"""The table of a tape: every row told truly, on one line, at a cost that does not grow."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.graph import memory, table
from tinygrad_edu.graph.label import number, printable, value


def here() -> int:
    """The caller's line."""
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def cells(text: str, column: str) -> list[str]:
    """One column, cut where its title and the next one stand."""
    header, *lines = text.splitlines()
    start = header.index(column)
    after = header[start:].split("  ", 1)
    width = len(after[0]) + 2 + len(after[1]) - len(after[1].lstrip()) if len(after) > 1 else None
    end = None if width is None else start + width
    return [line[start:end].strip() for line in lines if line.startswith("%")]


def chain(length: int) -> tg.Tape:
    x = tg.Tensor([1.0, 2.0], requires_grad=True, name="x")
    with tg.Tape() as tape:
        for _ in range(length):
            x = x * 1.0
    return tape


def test_table_of_a_small_computation_is_this_text() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    b = tg.Parameter(0.5, name="b")
    line = here() + 2
    with tg.Tape() as tape:
        h = tg.tanh(w * b)
        loss = tg.sum(h * h)
    before = str(tape)
    tape.gradient(loss, [w, b])
    assert before == "\n".join(
        [
            "row  op        inputs  shape  value          line",
            f"%0   multiply  w, b    (2,)   [0.5 1]        {line:>4}",
            f"%1   tanh      %0      (2,)   [0.462 0.762]  {line:>4}",
            f"%2   multiply  %1, %1  (2,)   [0.214 0.58]   {line + 1:>4}",
            f"%3   sum       %2      ()     0.794          {line + 1:>4}",
        ]
    )
    assert str(tape) == "\n".join(
        [
            "row  op        inputs  shape  value          adjoint       line",
            f"%0   multiply  w, b    (2,)   [0.5 1]        [0.727 0.64]  {line:>4}",
            f"%1   tanh      %0      (2,)   [0.462 0.762]  [0.924 1.52]  {line:>4}",
            f"%2   multiply  %1, %1  (2,)   [0.214 0.58]   [1 1]         {line + 1:>4}",
            f"%3   sum       %2      ()     0.794          1             {line + 1:>4}",
        ]
    )


def test_adjoint_column_shows_what_the_tape_answers_for_each_row() -> None:
    rng = np.random.default_rng(0)
    w = tg.Parameter(rng.normal(size=3))
    with tg.Tape() as tape:
        y = tg.exp(w) * w + tg.tanh(w)
    tape.gradient(y, w, output_gradient=rng.normal(size=3))
    assert tape.asked is not None
    target, seed = tape.asked
    asked = [tape.gradient(target, row, output_gradient=seed).numpy() for row in tape]
    assert cells(table(tape), "adjoint") == [value(g) for g in asked]


def test_rows_that_the_target_does_not_depend_on_have_an_empty_adjoint() -> None:
    w = tg.Parameter(2.0)
    with tg.Tape() as tape:
        loss = w * 3.0
        w * 5.0
    tape.gradient(loss, w)
    assert cells(table(tape), "adjoint") == ["1", ""]


def test_inputs_are_called_by_position_name_writing_number_or_shape() -> None:
    w = tg.Parameter([1.0, 2.0], name="weight")
    v, listed = tg.Parameter([3.0, 4.0]), [tg.Parameter([5.0, 6.0])]
    early = tg.exp(v)
    with tg.Tape() as tape:
        w * v
        listed[0] * 0.25
        tape[0] + np.ones(2)
        early - tape[2]
    assert cells(table(tape), "inputs") == [
        "weight, v",
        "(2,) leaf, 0.25",
        "%0, (2,) constant",
        "(2,) exp from before, %2",
    ]


def test_arguments_of_a_composition_do_not_lend_their_names_to_its_rows() -> None:
    w, shift = tg.Parameter([1.0, 2.0]), 2.0

    # A function of this package that multiplies its second argument by a leaf it does not show.
    code = compile("def f(decoy, x): return x * x", tg.__file__, "exec")
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    f = namespace["f"]
    with tg.Tape() as tape:
        f(shift, w)
    assert cells(table(tape), "inputs") == ["(2,) leaf, (2,) leaf"]


def test_many_inputs_are_counted_rather_than_listed() -> None:
    parts = [tg.Parameter([float(k)], name=f"p{k}") for k in range(9)]
    with tg.Tape() as tape:
        tg.concat(parts)
    assert "p0, p1, p2, p3, p4, p5, ... 3 more" in table(tape)


def test_table_says_that_parameters_changed_instead_of_wrong_adjoints() -> None:
    w = tg.Parameter([1.0, 2.0], name="w")
    with tg.Tape() as tape:
        loss = tg.sum(w * w)
    tape.gradient(loss, w)
    w.data -= 0.1 * np.ones(2)
    lines = table(tape).splitlines()
    assert "adjoint" not in lines[0]
    assert lines[-1] == "(no adjoints: parameters changed since the forward pass)"


def test_a_broken_rule_does_not_keep_the_tape_from_being_printed() -> None:
    @tg.operation(rule=lambda g, out, x: 1 / 0, domain=tg.Real())
    def broken_for_table(x: Any) -> Any:
        return x + 1

    w = tg.Parameter(1.0)
    with tg.Tape() as tape:
        loss = broken_for_table(w)
    with pytest.raises(ZeroDivisionError):
        tape.gradient(loss, w)
    assert table(tape).endswith("(no adjoints: ZeroDivisionError: division by zero)")


def test_target_off_the_record_leaves_the_table_without_adjoints() -> None:
    w = tg.Parameter(1.0)
    with tg.Tape() as tape:
        w * 2.0
    tape.gradient(tg.Tensor(3.0), w, unconnected="zero")
    assert "adjoint" not in table(tape)


@given(length=st.integers(1, 60), limit=st.integers(2, 45))
@example(length=40, limit=40)
@example(length=41, limit=40)
def test_shown_and_elided_rows_add_up(length: int, limit: int) -> None:
    header, *lines = table(chain(length), limit).splitlines()
    shown = [int(line.split()[0][1:]) for line in lines if line.startswith("%")]
    gaps = [line for line in lines if line.startswith("...")]
    assert header.startswith("row")
    assert len(shown) == min(length, limit)
    assert shown[0] == 0
    assert shown[-1] == length - 1
    assert shown == sorted(shown)
    assert gaps == ([f"... {length - limit} rows ..."] if length > limit else [])


class CountingRows(list[tg.Tensor]):
    looks = 0

    def __getitem__(self, index: Any) -> Any:
        type(self).looks += 1
        return super().__getitem__(index)

    def __iter__(self) -> Any:
        raise AssertionError("the table went through all rows")


def test_only_shown_rows_of_a_long_tape_are_looked_at() -> None:
    tape = chain(50_000)
    rows = tape.rows
    tape.rows = CountingRows(rows)
    assert "... 49960 rows ..." in table(tape)
    # Every shown row a few times, and a binary search for each of its inputs.
    assert CountingRows.looks < 40 * (10 + 2 * math.log2(50_000))


def test_adjoints_of_a_long_tape_are_left_out_with_a_remark() -> None:
    tape = chain(10_001)
    tape.gradient(tape[-1], tape[0], output_gradient=[1.0, 1.0])
    lines = table(tape).splitlines()
    assert "adjoint" not in lines[0]
    assert lines[-1] == "(adjoints are shown for tapes of at most 10000 rows)"


def test_empty_tape_says_so() -> None:
    with tg.Tape() as tape:
        tg.exp(tg.Tensor(1.0))
    assert table(tape).startswith("an empty tape")


@pytest.mark.parametrize("limit", [1, 0, -3])
def test_table_refuses_a_limit_that_shows_nothing(limit: int) -> None:
    with pytest.raises(ArgumentError, match="no row"):
        table(chain(3), limit)


def test_file_is_named_only_when_rows_come_from_several() -> None:
    w = tg.Parameter(2.0)
    scope: dict[str, Any] = {"w": w}
    with tg.Tape() as tape:
        line = here() + 1
        w * 2.0
        exec(compile("\n\nw * 3.0", "/some/where/other.py", "exec"), scope)
    ends = [text.split()[-1] for text in table(tape).splitlines()[1:]]
    assert ends == [f"test_text_table.py:{line}", "other.py:3"]


@given(name=st.text(min_size=1))
@example(name="two\nlines")
@example(name="\x1b[31mred\x00\ud800\u202e")
def test_any_name_stays_on_its_line(name: str) -> None:
    w = tg.Parameter(2.0, name=name)
    with tg.Tape() as tape:
        (w * w).name = name
    text = table(tape)
    assert len(text.splitlines()) == 2
    assert all(character.isprintable() for character in text.replace("\n", ""))
    text.encode()


@given(name=st.text(st.characters(categories=["L", "N", "P"]), max_size=40))
def test_names_that_print_are_shown_unchanged(name: str) -> None:
    assert printable(name) == name


@given(st.floats(-1.79e308, 1.79e308))
@example(9999.5)
@example(0.00099999)
@example(-5e-324)
def test_written_number_is_within_half_a_percent(x: float) -> None:
    assert float(number(x)) == pytest.approx(x, rel=5.1e-3, abs=5e-324)
    assert len(number(x)) <= 10


@pytest.mark.parametrize(
    "array, text",
    [
        (np.array([np.nan, np.inf, -np.inf, 1.0, 2.0]), "1 nan, 2 inf of 5"),
        (np.zeros((0, 3)), "empty"),
        (np.array([[7.0]]), "7"),
        (np.full(9, 0.1), "0.1 ± 0"),
        (np.array([1e200, -1e200] * 3), "0 ± 1e200"),
        (np.array([3e-200, 1e-200] * 3), "2e-200 ± 1e-200"),
        (np.full(6, 60000.0, np.float16), "6e4 ± 0"),
        (np.arange(5), "2 ± 1.41"),
        (np.array(12345678), "12345678"),
        (np.array(True), "True"),
        (np.array(np.nan), "nan"),
    ],
    ids=str,
)
def test_value_of_an_array_is_this_text(array: np.ndarray[Any, Any], text: str) -> None:
    assert value(array) == text


def test_memory_counts_each_piece_once_and_only_what_rules_read() -> None:
    x = tg.Parameter(np.ones((3, 4)))  # 96 bytes
    with tg.Tape() as tape:
        y = tg.exp(x)  # the rule reads the result
        z = y.reshape(12)  # a view of it, whose rule reads shapes only
        z + 1.0  # the rule reads nothing
    assert memory(tape) == {"values": 2 * 96, "keep": 96}
    assert tape.memory() == memory(tape)


def test_memory_counts_every_part_of_a_variadic_operation() -> None:
    x = tg.Parameter(np.ones(5))
    with tg.Tape() as tape:
        tg.concat([x, np.ones(3)])
    assert memory(tape)["values"] == 64


def test_settings_that_differ_from_their_defaults_are_shown() -> None:
    w = tg.Tensor(np.ones((2, 3)), requires_grad=True)
    with tg.Tape() as tape:
        (tg.sum(w, axis=0).reshape(3, 1) * tg.mean(w)).max(axis=1, keepdims=True)
    shown = str(tape)
    assert "sum axis=0  " in shown
    assert "reshape shape=(3, 1)  " in shown
    assert "max axis=1 keepdims=True  " in shown
    assert "mean  " in shown
