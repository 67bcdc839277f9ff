"""Checks of the exercises of lesson 10."""

import numpy as np

from tinygrad_edu.lessons import require


def scaled(answer):
    """Two parts on one scale."""
    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(50, 3)) * [1, 10, 0.1] + 5, rng.normal(size=(20, 3)) + 9
    keep = train.copy(), test.copy()
    pair = answer(train, test)
    require(pair is not None and len(pair) == 2, "two parts come back: training, then test")
    a, b = (np.asarray(part, dtype=float) for part in pair)
    require((train == keep[0]).all() and (test == keep[1]).all(), "the raw data were changed")
    require(a.shape == train.shape and b.shape == test.shape, "rows and columns stay as they are")
    both = np.concatenate(keep)
    require(np.abs(a - (train - both.mean(0)) / both.std(0)).max() > 1e-6, "the mean of all rows "
            "has seen the test part: that is a leak")  # fmt: skip
    require(np.abs(a - (train - train.mean()) / train.std()).max() > 1e-6, "each column has a "
            "scale of its own (axis=0)")  # fmt: skip
    require(np.abs(a.mean(0)).max() < 1e-9, "the columns of the training part have no mean of 0")
    require(np.abs(a.std(0) - 1).max() < 0.02, "their deviation is not 1")
    require(np.abs(b.mean(0)).max() > 0.5, "the test part was scaled by its own mean: a new sample "
            "has no mean of its own")  # fmt: skip
    expected = (test - train.mean(0)) / train.std(0)
    require(np.abs(b / expected - 1).max() < 0.02, "the test part takes both figures of training")


def one_hot(answer):
    """One among zeros."""
    got = np.asarray(answer(np.array([2, 0]), 4), dtype=float)
    require(got.shape == (2, 4), "a row for each label, a column for each class, unseen ones too")
    require((got.sum(axis=1) == 1).all(), "each row has a single 1")
    require(got[0, 2] == 1 and got[1, 0] == 1, "the 1 stands at the label, counted from 0")
    again = np.asarray(answer(np.array([1, 1, 1]), 2), dtype=float)
    require((again == [[0, 1]] * 3).all(), "a label may occur more than once")


def split(answer):
    """Two parts that share no row."""
    rng = np.random.default_rng(3)
    for n, share in ((10, 0.3), (101, 0.25), (7, 0.5)):
        pair = answer(n, share, rng)
        require(pair is not None and len(pair) == 2, "two arrays of row numbers come back")
        train, test = (np.asarray(part) for part in pair)
        require(len(test) == round(share * n), "the test part has round(share * n) rows")
        require(not set(train.tolist()) & set(test.tolist()), "a row is in both parts")
        together = sorted([*train.tolist(), *test.tolist()])
        require(together == list(range(n)), "every row from 0 to n - 1 is in one of them")
    first, second = (set(np.asarray(answer(50, 0.5, rng)[1]).tolist()) for _ in range(2))
    require(first != second, "always the same rows: data often come sorted, so take them by chance")
    again = [np.asarray(answer(50, 0.5, np.random.default_rng(1))[1]).tolist() for _ in range(2)]
    require(again[0] == again[1], "the same generator gives the same split: use `rng`")


EXERCISES = (scaled, one_hot, split)
