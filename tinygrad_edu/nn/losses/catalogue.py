"""The errors of losses: one function per situation, each with the edit that mends it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ... import errors
from ...types import Array, Shape


def shapes_differ(loss: str, prediction: Shape, target: Shape) -> Exception:
    """S03: a loss would broadcast and compare what does not belong together."""
    try:
        count = math.prod(np.broadcast_shapes(prediction, target))
        most = max(math.prod(prediction), math.prod(target))
        why = f"broadcasting would compare {count} pairs, not {most}"
    except ValueError:
        why = "each prediction is compared with its own target"
    if prediction == (*target, 1):
        fix = "target[..., None]" if len(target) > 1 else "target[:, None]"
        fix += "   # or prediction[..., 0]"
    elif target == (*prediction, 1):
        fix = "target[..., 0]" if len(prediction) > 1 else "target[:, 0]"
    elif math.prod(prediction) == math.prod(target):
        fix = "target.reshape(prediction.shape)   # if the order of the values is the same"
    else:
        fix = "one target for each prediction"
    return errors.ShapeError(
        f"{loss} got a prediction of shape {prediction} and a target of shape {target}",
        code="TG-S03",
        shapes=(prediction, target),
        op=loss,
        why=why,
        fix=fix,
    )


def pair_differs(loss: str, names: tuple[str, str], first: Shape, second: Shape) -> Exception:
    """S03 for two batches that a loss compares sample by sample."""
    one, other = names
    if math.prod(first) == math.prod(second):
        fix = f"{other}.reshape({one}.shape)   # if the order of the values is the same"
    elif first[1:] == second[1:]:
        fix = f"{one}[:{min(first[0], second[0])}], {other}[:{min(first[0], second[0])}]"
    else:
        fix = f"{one} and {other} of one shape"
    return errors.ShapeError(
        f"{loss} got {one} of shape {first} and {other} of shape {second}",
        code="TG-S03",
        shapes=(first, second),
        op=loss,
        why=f"each sample of `{one}` belongs to one of `{other}`; they do not broadcast",
        fix=fix,
    )


def labels_do_not_fit(loss: str, scores: Shape, labels: Shape, expected: Shape) -> Exception:
    """S03 for class numbers, which have no axis for the classes."""
    if labels == (*expected, 1):
        fix = "labels[..., 0]"
    elif labels == (1, *expected):
        fix = "labels[0]"
    elif labels == scores and loss != "cross_entropy":
        fix = f"labels.argmax({int(len(scores) > 1)})   # class numbers from one-hot rows"
    else:
        fix = f"labels of shape {expected}"
        fix += f", or probabilities of shape {scores}" if loss == "cross_entropy" else ""
    return errors.ShapeError(
        f"{loss} got scores of shape {scores} and labels of shape {labels}",
        code="TG-S03",
        shapes=(scores, labels),
        op=loss,
        why="there is one class number for each row of scores",
        fix=fix,
    )


def label_out_of_range(
    loss: str, labels: Array, bad: Array, scores: Shape, ignores: bool
) -> Exception:
    """L01: a class number that no score belongs to."""
    index = tuple(int(k) for k in np.argwhere(bad)[0])
    place = ", ".join(map(str, index))
    low, high = int(labels.min()), int(labels.max())
    classes = scores[int(len(scores) > 1)]
    if low >= 1 and high == classes:
        fix = "labels - 1   # they count from 1"
    elif low < 0 and ignores:
        none = int(labels[index])
        fix = f"{loss}(scores, labels, ignore_index={none})   # if {none} stands for no label"
    elif low < 0:
        fix = f"{loss}(scores[labels >= 0], labels[labels >= 0])   # only samples with a label"
    else:
        fix = f"give the last layer {high + 1} outputs"
    return errors.ArgumentError(
        f"labels[{place}] = {int(labels[index])}, but scores {scores} have the classes "
        f"0..{classes - 1}",
        code="TG-L01",
        shapes=(scores, labels.shape),
        op=loss,
        why="a label is the position of the right score in its row",
        fix=fix,
    )


def float_labels(loss: str, labels: Array, scores: Shape) -> Exception:
    """L02: class numbers that are not whole numbers by type."""
    span = f" from {labels.min():g} to {labels.max():g}" if labels.size else ""
    return errors.DTypeError(
        f"{loss} got {labels.dtype} labels{span} of shape {labels.shape} for scores "
        f"{scores}: class numbers must be integers",
        code="TG-L02",
        shapes=(scores, labels.shape),
        op=loss,
        why="numbers with a fraction are taken as probabilities, and then have the scores' shape"
        if loss == "cross_entropy"
        else "a class number is the position of a score",
        fix="labels.astype(int)   # for regression: mse_loss",
    )


def not_probabilities(loss: str, name: str, given: Array, fix: str) -> Exception:
    """L04: a number outside 0 to 1 where probabilities are expected."""
    index = tuple(int(k) for k in np.argwhere((given < 0) | (given > 1))[0])
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return errors.ArgumentError(
        f"{loss} expects probabilities, got {name}{place} = {given[index]:g} "
        f"(range {given.min():g} .. {given.max():g})",
        code="TG-L04",
        shapes=(given.shape,),
        op=loss,
        why="outside 0 to 1 the loss has no lowest value"
        if name == "target"
        else "the logarithm of a probability is taken",
        fix=fix,
    )


def not_a_side(loss: str, given: Array) -> Exception:
    """L01 for labels of two sides: they are 1 and -1."""
    index = tuple(int(k) for k in np.argwhere(np.abs(given) != 1)[0])
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return errors.ArgumentError(
        f"{loss} takes targets of 1 and -1, got target{place} = {given[index]:g}",
        code="TG-L01",
        shapes=(given.shape,),
        op=loss,
        why="the target is the sign that the score should have; 0 is neither side",
        fix="2 * target - 1   # if they are 0 and 1"
        if given.min() >= 0
        else "tg.where(target > 0, 1, -1)",
    )


def negative_target(loss: str, given: Array) -> Exception:
    """L04 where nothing but the sign is certain: probabilities need not be normalized."""
    fix = f"{loss}(log_probabilities, target, log_target=True)   # if it holds logarithms"
    return errors.ArgumentError(
        f"{loss} takes probabilities for a target, got {given.min():g}",
        code="TG-L04",
        shapes=(given.shape,),
        op=loss,
        why="the logarithm of the target is taken",
        fix=fix if given.max() <= 0 else "np.maximum(target, 0)",
    )


def too_many_axes(loss: str, scores: Shape) -> Exception:
    """Scores of more than samples and classes."""
    return errors.ShapeError(
        f"{loss} takes scores of shape (samples, classes), got {scores}",
        shapes=(scores,),
        op=loss,
        fix=f"np.moveaxis(scores, 1, -1).reshape(-1, {scores[1]})   # and labels.reshape(-1)",
    )


def targets_of_vectors(loss: str, vectors: Shape, target: Shape) -> Exception:
    """S03 for pairs of vectors, each with one target."""
    expected = vectors[:-1]
    if target == (*expected, 1):
        fix = "target[..., 0]"
    elif math.prod(target) == math.prod(expected):
        fix = f"target.reshape({expected})"
    else:
        fix = f"target of shape {expected}"
    return errors.ShapeError(
        f"{loss} got vectors of shape {vectors} and a target of shape {target}",
        code="TG-S03",
        shapes=(vectors, target),
        op=loss,
        why="each pair of vectors, along the last axis, has one target",
        fix=fix,
    )


def no_vector(loss: str, name: str) -> Exception:
    """One number where a vector is compared."""
    return errors.ShapeError(
        f"{loss} compares vectors, got a single number",
        shapes=((),),
        op=loss,
        fix=f"{name}.reshape(1, 1)   # one vector of one number",
    )


def one_class(loss: str, scores: Shape, labels: Shape) -> Exception:
    """S03: scores with a single class, where each sample probably has one score."""
    return errors.ShapeError(
        f"{loss} got scores of shape {scores}, a single class, and labels of shape {labels}",
        code="TG-S03",
        shapes=(scores, labels),
        op=loss,
        why="the only class has no rival; one score a sample takes labels of 1 and -1 in its shape",
        fix="labels[..., None]   # labels of 1 and -1",
    )


def not_class_numbers(labels: Array, classes: int) -> Exception:
    """L01, L02 for labels that are counted, without scores."""
    span = f" from {labels.min():g} to {labels.max():g}" if labels.size else ""
    if labels.dtype.kind not in "iu":
        fix = "labels.astype(int)"
    elif labels.min() < 0:
        fix = "labels[labels >= 0]   # only those with a label"
    else:
        fix = f"tg.nn.functional.balanced_weights(labels, {int(labels.max()) + 1})"
    return errors.ArgumentError(
        f"balanced_weights counts whole class numbers 0..{classes - 1}, got {labels.dtype} labels"
        + span,
        code="TG-L01",
        shapes=(labels.shape,),
        op="balanced_weights",
        why="each class has a number, counted from 0",
        fix=fix,
    )


def weights_do_not_fit(given: Shape, classes: int) -> Exception:
    """Class weights that are not one for each class."""
    return errors.ShapeError(
        f"weight has shape {given}, and there are {classes} classes",
        shapes=(given, (classes,)),
        why="each class has one weight",
        fix=f"np.ones({classes})",
    )


def negative_weight(weight: Array) -> Exception:
    """A weight that would reward errors."""
    return errors.ArgumentError(
        f"weights are at least 0, got {weight.min():g}",
        shapes=(weight.shape,),
        why="a negative weight rewards errors",
        fix="np.abs(weight)",
    )


def weights_enlarge(loss: str, name: str, given: Shape, target: Shape) -> Exception:
    """Element weights that do not broadcast to the losses."""
    return errors.ShapeError(
        f"{loss}: {name} of shape {given} does not fit a target of shape {target}",
        shapes=(given, target),
        op=loss,
        why="it is repeated to the target's shape, never the other way round",
        fix=f"np.ones({target[-1:]})   # one weight for each entry of the last axis",
    )


def unknown_weight(given: Any) -> Exception:
    """A word for weights that is not the only one."""
    return errors.ArgumentError(
        f"weight is an array, or 'balanced', got {given!r}", fix='weight="balanced"'
    )


def word_for_pos_weight(given: str) -> Exception:
    """A word where only numbers are understood."""
    return errors.ArgumentError(
        f"pos_weight is an array, got {given!r}",
        why="the batch at hand counts badly: take the targets of the whole training set",
        fix="(1 - target).sum(0) / target.sum(0)   # of the training set",
    )


def no_names(penalty: str) -> Exception:
    """Which of some tensors are biases is asked, and only a module knows."""
    return errors.ArgumentError(
        f"{penalty}(..., biases=False) takes a module, got tensors without names",
        why="a bias is known by its name in the module",
        fix=f"{penalty}(model, biases=False)   # or only the tensors that count",
    )


def nothing_to_penalize(penalty: str) -> Exception:
    """No parameters, perhaps an iterator that was used up."""
    return errors.ArgumentError(
        f"{penalty} got no parameters",
        why="an iterator that was used up before also is empty",
        fix=f"{penalty}(model)",
    )
