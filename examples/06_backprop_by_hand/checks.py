"""Checks of the exercises of lesson 6."""

import numpy as np

from tinygrad_edu.lessons import require


def tanh_slope(answer):
    """The slope of tanh."""
    require(abs(answer(0.0) - 1.0) < 1e-9, "at 0 tanh is steepest: there its slope is 1")
    z = np.linspace(-2, 2, 9)
    got = np.asarray(answer(z), dtype=float)
    require(got.shape == z.shape, "every element has a slope of its own")
    require(np.abs(got - (1 - np.tanh(z))).max() > 1e-9, "how does the 1 - h^2 come about?")
    require(np.abs(got - (1 - z**2)).max() > 1e-9, "the square is of h, not of z")
    require(np.abs(got - (1 - np.tanh(z) ** 2)).max() < 1e-9, "the lesson uses it in w-bar")


def shared(answer):
    """A weight that is used twice."""
    for w, x, t in np.random.default_rng(0).normal(size=(4, 3)):
        h = np.tanh(w * x)
        y_bar = 2 * (w * h - t)
        direct, through = y_bar * h, y_bar * w * (1 - h**2) * x
        got = float(answer(w, x, t))
        require(abs(got - direct) > 1e-9, "w also acts through h: two ways lead to the loss")
        require(abs(got - through) > 1e-9, "w also multiplies h: two ways lead to the loss")
        require(abs(got - direct * through) > 1e-9, "what arrives on two ways is added")
        require(abs(2 * got - direct - through) > 1e-9, "the slope of a square has a 2 in it")
        require(abs(got - y_bar * (h + w * (1 - h**2))) > 1e-9, "when w grows by 1, wx grows by x")
        require(abs(got - direct - through) < 1e-9, "draw the graph, and walk back on each way")


def sweep(answer):
    """The reverse sweep."""
    got = answer([[], [(0, 4.0)]])
    require(got is not None and len(got) == 2, "one slope for each row")
    require(abs(got[1] - 1.0) < 1e-9, "the last row grows by 1 when it grows by 1")
    require(abs(got[0] - 4.0) < 1e-9, "row 0 gets what row 1 has, times the slope of that step")
    got = answer([[], [(0, 2.0), (0, 3.0)]])
    require(abs(got[0] - 3.0) > 1e-9, "the second pair has overwritten the first; add up")
    require(abs(got[0] - 5.0) < 1e-9, "a value used twice gets slopes on both ways")
    rng = np.random.default_rng(0)
    for length in (3, 6, 12):
        rows = [[]] + [
            [(int(j), float(rng.normal())) for j in rng.integers(0, k, rng.integers(1, 4))]
            for k in range(1, length)
        ]
        matrix = np.eye(length)
        for k, pairs in enumerate(rows):
            for j, slope in pairs:
                matrix[k, j] -= slope
        right = np.linalg.inv(matrix)[-1]
        got = answer(rows)
        require(len(got) == length, "one slope for each row, also for rows that nobody uses")
        require(
            np.abs(np.asarray(got, dtype=float) - right).max() < 1e-9,
            "a row may send only when everything has arrived: which row can go first?",
        )
    ladder = [[]] + [[(k, 1.0), (k, 1.0)] for k in range(40)]
    visited = _Counted(ladder)
    require(answer(visited)[0] == 2.0**40, "forty rungs of the ladder have a slope of 2^40")
    require(visited.reads < 2000, "every row needs one visit only")


class _Counted(list):
    """Rows that count how often one of them is read; too often ends the exercise."""

    reads = 0

    def _note(self):
        self.reads += 1
        require(self.reads < 2000, "every row needs one visit only")

    def __getitem__(self, index):
        self._note()
        return super().__getitem__(index)

    def __iter__(self):
        self._note()
        return super().__iter__()


EXERCISES = (tanh_slope, shared, sweep)
