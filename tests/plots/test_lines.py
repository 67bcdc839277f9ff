"""Lines over one axis: what they show, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from tinygrad_edu import plots
from tinygrad_edu.errors import ArgumentError, ShapeError


def test_lines_show_their_numbers_and_names() -> None:
    plot = plots.lines([1, 2, 4], {"a": [1, 10, 100], "b": [3, 2, 1]}, title="T", log="y")
    drawn = plot.ax.get_lines()
    assert [line.get_label() for line in drawn] == ["a", "b"]
    assert np.array_equal(drawn[0].get_xydata(), [[1, 1], [2, 10], [4, 100]])
    assert np.array_equal(plot.arrays["b"], [3, 2, 1])
    assert (plot.ax.get_xscale(), plot.ax.get_yscale()) == ("linear", "log")
    assert plot.ax.get_title(loc="left") == "T"
    assert drawn[0].get_linestyle() != drawn[1].get_linestyle()


def test_marks_differ_and_whole_numbers_get_whole_ticks() -> None:
    plot = plots.lines(range(1, 21), {"a": range(20), "b": range(20)}, marks=True)
    marks = [line.get_marker() for line in plot.ax.get_lines()]
    assert len(set(marks)) == 2
    assert all(float(tick).is_integer() for tick in plot.ax.get_xticks())
    inside = plots.lines([1.0], {"a": [1.0]}, ax=plot.ax)
    assert inside.figure is plot.figure


def test_what_is_no_line_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"'a' has shape \(3,\), and x \(2,\)"):
        plots.lines([1, 2], {"a": [1, 2, 3]})
    with pytest.raises(ArgumentError, match="log='z'"):
        plots.lines([1], {"a": [1]}, log="z")
