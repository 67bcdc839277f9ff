"""Checks of the exercises of lesson 15."""

import numpy as np

from tinygrad_edu.lessons import require


def standardise(answer):
    """Standardise without leaking."""
    rng = np.random.default_rng(1)
    train, test = rng.normal(3, 5, size=(40, 4)), rng.normal(9, 2, size=(15, 4))
    train[:, 2] = test[:, 2] = 0.25
    given = train.copy(), test.copy()
    with np.errstate(all="ignore"):
        found = answer(train, test)
    require(isinstance(found, (tuple, list)) and len(found) == 2, "return two arrays: train, test")
    a, b = (np.asarray(part) for part in found)
    require(
        np.array_equal(train, given[0]) and np.array_equal(test, given[1]),
        "make new arrays, and leave those that you are given as they are",
    )
    require(
        np.isfinite(a).all() and np.isfinite(b).all(),
        "a column that never changes has deviation 0, and 0 / 0 is not a number",
    )
    moving = [0, 1, 3]
    require(
        np.abs(a[:, moving].mean(axis=0)).max() < 1e-6,
        "each column of train must have mean 0, taken over the rows of train alone",
    )
    require(
        np.abs(a[:, moving].std(axis=0) - 1).max() < 1e-6,
        "each column of train must have deviation 1, taken over the rows of train alone",
    )
    right = (test[:, moving] - train[:, moving].mean(axis=0)) / train[:, moving].std(axis=0)
    require(
        np.allclose(b[:, moving], right),
        "test is shifted and scaled by what train has: its own mean must not be looked at",
    )
    require(np.abs(a[:, 2]).max() < 1e-9, "a column that never changes comes out as 0")


def accuracy_of(answer):
    """Accuracy from scores."""
    require(
        answer(np.eye(3), np.arange(3)) <= 1,
        "a share of the images, between 0 and 1, and no count",
    )
    scores = np.array([[0.1, 2.0, -1.0], [3.0, 0.0, 1.0], [-5.0, -4.0, -3.0], [0.0, 0.5, 0.4]])
    labels = np.array([1, 0, 2, 1])
    require(
        abs(answer(scores, labels) - 1) < 1e-9,
        "in each row the digit with the largest score is the answer, and here all are right",
    )
    require(
        abs(answer(scores, np.array([0, 1, 0, 0]))) < 1e-9,
        "here no answer is right: compare with the labels, row by row",
    )
    rng = np.random.default_rng(2)
    for _ in range(10):
        scores, labels = rng.normal(size=(30, 5)), rng.integers(5, size=30)
        right = np.mean([row.tolist().index(max(row)) for row in scores] == labels)
        found = answer(scores, labels)
        require(abs(found - right) < 1e-9, "the share of rows whose largest score is at the label")


def most_confused(answer):
    """The worst pair."""
    matrix = np.array([[50, 1, 0], [2, 40, 7], [0, 3, 60]])
    given = matrix.copy()
    found = tuple(int(k) for k in answer(matrix))
    require(found[0] != found[1], "the diagonal holds right answers; leave it out")
    require(found != (2, 1), "a row is a true class, a column what it was taken for")
    require(found == (1, 2), "the largest number off the diagonal is what you look for")
    require(np.array_equal(matrix, given), "work on a copy: the matrix of the caller has changed")
    rng = np.random.default_rng(3)
    for size in (2, 5, 10):
        matrix = rng.permutation(size * size).reshape(size, size) + 1000 * np.eye(size, dtype=int)
        pairs = [(i, j) for i in range(size) for j in range(size) if i != j]
        right = max(pairs, key=lambda pair: matrix[pair])
        require(
            tuple(int(k) for k in answer(matrix.copy())) == right,
            f"in this matrix of {size} classes the most frequent mistake is another one",
        )


EXERCISES = (standardise, accuracy_of, most_confused)
