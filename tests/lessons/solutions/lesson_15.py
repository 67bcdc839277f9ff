"""Solutions and typical mistakes of lesson 15."""

import numpy as np


def standardise(train, test):
    mean, scale = train.mean(axis=0), train.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    return (train - mean) / scale, (test - mean) / scale


def accuracy_of(scores, labels):
    return np.mean(scores.argmax(axis=1) == labels)


def most_confused(matrix):
    mistakes = matrix - np.diag(np.diag(matrix))
    return np.unravel_index(mistakes.argmax(), matrix.shape)


def leaking(train, test):
    both = np.concatenate([train, test])
    scale = np.where(both.std(axis=0) > 0, both.std(axis=0), 1.0)
    return (train - both.mean(axis=0)) / scale, (test - both.mean(axis=0)) / scale


def each_by_itself(train, test):
    return standardise(train, train)[0], standardise(test, test)[0]


def divided_by_zero(train, test):
    mean, scale = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / scale, (test - mean) / scale


def counted(scores, labels):
    return np.sum(scores.argmax(axis=1) == labels)


def by_columns(scores, labels):
    return np.mean(scores.argmax(axis=0) == labels[: scores.shape[1]])


def above_half(scores, labels):
    return np.mean(scores[np.arange(len(labels)), labels] > 0.5)


def with_the_diagonal(matrix):
    return np.unravel_index(matrix.argmax(), matrix.shape)


def turned(matrix):
    return most_confused(matrix)[::-1]


def spoiling(matrix):
    np.fill_diagonal(matrix, 0)
    return np.unravel_index(matrix.argmax(), matrix.shape)


SOLUTIONS = (standardise, accuracy_of, most_confused)
WRONG = (
    (
        (leaking, "rows of train alone"),
        (each_by_itself, "its own mean"),
        (divided_by_zero, "deviation 0"),
    ),
    ((counted, "no count"), (by_columns, "largest score"), (above_half, "largest score")),
    ((with_the_diagonal, "diagonal"), (turned, "a row is a true class"), (spoiling, "copy")),
)
