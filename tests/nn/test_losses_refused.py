"""What losses refuse or note: the situation, the numbers and shapes, and a fix that works."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes

ONES = np.ones((4, 3))

# Losses of two arrays that must have one shape, with values that each accepts.
ALIKE: dict[str, tuple[Callable[..., Any], float, float]] = {
    "mse": (F.mse_loss, 1.0, 1.0),
    "l1": (F.l1_loss, 1.0, 1.0),
    "huber": (F.huber_loss, 1.0, 1.0),
    "smooth l1": (F.smooth_l1_loss, 1.0, 1.0),
    "binary": (F.binary_cross_entropy, 0.5, 1.0),
    "logits": (F.binary_cross_entropy_with_logits, 0.5, 1.0),
    "divergence": (F.kl_div, -1.0, 0.5),
    "soft margin": (F.soft_margin_loss, 1.0, 1.0),
    "hinge embedding": (F.hinge_embedding_loss, 1.0, 1.0),
}


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.parametrize(
    "prediction, target", [((5, 1), (5,)), ((5,), (5, 1)), ((2, 3), (3, 2))], ids=str
)
def test_no_loss_broadcasts_and_the_fix_works(
    name: str, prediction: Any, target: Any, apply_fix: Callable[..., Any]
) -> None:
    loss, x, y = ALIKE[name]
    given, goal = tg.Tensor(np.full(prediction, x)), np.full(target, y)
    with pytest.raises(errors.ShapeError) as caught:
        loss(given, goal)
    error = caught.value
    assert error.code == "TG-S03"
    assert error.shapes == (prediction, target)
    mended = apply_fix(error, prediction=given, target=goal)
    assert loss(given, mended, reduction="none").shape == prediction


@pytest.mark.parametrize(
    "loss, count", [(F.margin_ranking_loss, 3), (F.cosine_embedding_loss, 3)], ids=str
)
def test_pairs_must_have_one_shape_and_the_fix_works(
    loss: Any, count: int, apply_fix: Callable[..., Any]
) -> None:
    a, b, y = np.ones((4, 2)), np.ones((2, 4)), np.ones(4)
    y = np.ones((4, 2)) if loss is F.margin_ranking_loss else y
    with pytest.raises(errors.ShapeError, match="input1 of shape") as caught:
        loss(a, b, y)
    assert caught.value.code == "TG-S03"
    mended = apply_fix(caught.value, input1=a, input2=b)
    assert math.isfinite(loss(a, mended, y))
    with pytest.raises(errors.ShapeError) as caught:
        loss(a, b[:, :2], y)
    assert caught.value.shapes == ((4, 2), (2, 2))
    one, other = apply_fix(caught.value, input1=a, input2=b[:, :2])
    assert math.isfinite(loss(one, other, y[:2]))
    with pytest.raises(errors.ShapeError):
        loss(np.ones((4, 3)), a, y)


def test_targets_of_pairs_have_their_own_shapes(apply_fix: Callable[..., Any]) -> None:
    a = np.ones((4, 2))
    with pytest.raises(errors.ShapeError) as caught:
        F.margin_ranking_loss(a[:, 0], a[:, 0], np.ones((4, 1)))
    mended = apply_fix(caught.value, target=np.ones((4, 1)))
    assert F.margin_ranking_loss(a[:, 0], a[:, 0], mended) == 0
    for wrong in ((4, 1), (2, 2), (1, 4)):
        with pytest.raises(errors.ShapeError, match="vectors") as caught:
            F.cosine_embedding_loss(a, a, np.ones(wrong))
        assert caught.value.code == "TG-S03"
        mended = apply_fix(caught.value, target=np.ones(wrong))
        assert math.isfinite(F.cosine_embedding_loss(a, a, mended))
    with pytest.raises(errors.ShapeError, match=r"of shape \(4,\)"):
        F.cosine_embedding_loss(a, a, np.ones(3))


def test_vectors_are_not_single_numbers(apply_fix: Callable[..., Any]) -> None:
    x = np.float64(2.0)
    with pytest.raises(errors.ShapeError) as caught:
        F.triplet_margin_loss(x, x, x)
    mended = apply_fix(caught.value, anchor=x)
    assert F.triplet_margin_loss(mended, mended, mended) == 1
    with pytest.raises(errors.ShapeError, match=r"anchor of shape .* negative"):
        F.triplet_margin_loss(ONES, ONES, ONES[:2])


BY_CLASS = [F.cross_entropy, F.nll_loss, F.multi_margin_loss, F.hinge_loss]
by_class = pytest.mark.parametrize("loss", BY_CLASS, ids=lambda loss: loss.__name__)


@by_class
def test_class_numbers_of_another_shape_are_refused(
    loss: Any, apply_fix: Callable[..., Any]
) -> None:
    x, y = np.zeros((4, 3)), np.array([0, 2, 1, 1])
    for wrong in (y[:, None], y[None]):
        with pytest.raises(errors.ShapeError) as caught:
            loss(x, wrong)
        error = caught.value
        assert (error.code, error.op) == ("TG-S03", loss.__name__)
        np.testing.assert_array_equal(apply_fix(error, labels=wrong), y)
    with pytest.raises(errors.ShapeError, match=r"labels of shape \(5,\)"):
        loss(x, np.zeros(5, int))
    with pytest.raises(errors.TinygradError):
        loss(1.0, 0)


@pytest.mark.parametrize("loss", [F.nll_loss, F.multi_margin_loss], ids=lambda f: f.__name__)
def test_one_hot_rows_become_class_numbers(loss: Any, apply_fix: Callable[..., Any]) -> None:
    x, y = np.zeros((4, 3)), np.eye(3, dtype=int)[[0, 2, 1, 1]]
    with pytest.raises(errors.ShapeError) as caught:
        loss(x, y)
    np.testing.assert_array_equal(apply_fix(caught.value, labels=y), [0, 2, 1, 1])


@by_class
def test_class_numbers_out_of_range_are_named(loss: Any, apply_fix: Callable[..., Any]) -> None:
    x, y = np.zeros((3, 3)), np.array([1, 3, 2])
    names = {"labels": y, "scores": x, loss.__name__: loss}
    with pytest.raises(errors.ArgumentError, match=r"labels\[1\] = 3") as caught:
        loss(x, y)
    assert (caught.value.code, caught.value.op) == ("TG-L01", loss.__name__)
    assert math.isfinite(loss(x, apply_fix(caught.value, **names)))
    names["labels"] = np.array([1, -1, 2])
    with pytest.raises(errors.ArgumentError, match=r"labels\[1\] = -1") as caught:
        loss(x, names["labels"])
    assert math.isfinite(apply_fix(caught.value, **names))
    with pytest.raises(errors.ArgumentError, match="8 outputs"):
        loss(x, np.array([0, 1, 7]))


@by_class
def test_class_numbers_with_a_fraction_are_refused(
    loss: Any, apply_fix: Callable[..., Any]
) -> None:
    x, y = np.zeros((3, 3)), np.array([0.0, 2.0, 1.0])
    with pytest.raises(errors.DTypeError, match="from 0 to 2") as caught:
        loss(x, y)
    assert (caught.value.code, caught.value.op) == ("TG-L02", loss.__name__)
    assert math.isfinite(loss(x, apply_fix(caught.value, labels=y)))


def test_a_single_class_has_no_rival(apply_fix: Callable[..., Any]) -> None:
    x, y = np.ones((4, 1)), np.zeros(4, int)
    with pytest.raises(errors.ShapeError, match="single class") as caught:
        F.hinge_loss(x, y)
    assert caught.value.code == "TG-S03"
    assert F.hinge_loss(x, apply_fix(caught.value, labels=np.ones(4))) == 0


BY_SIGN: dict[str, Callable[[Any], Any]] = {
    "hinge": lambda y: F.hinge_loss(np.ones(3), y),
    "soft margin": lambda y: F.soft_margin_loss(np.ones(3), y),
    "hinge embedding": lambda y: F.hinge_embedding_loss(np.ones(3), y),
    "ranking": lambda y: F.margin_ranking_loss(np.ones(3), np.ones(3), y),
    "cosine": lambda y: F.cosine_embedding_loss(np.ones((3, 2)), np.ones((3, 2)), y),
}


@pytest.mark.parametrize("name", BY_SIGN)
@pytest.mark.parametrize(
    "target", [[0, 1, 1], [1.0, 0.0, 1.0], [-2, 1, 1], [True, True, False]], ids=str
)
def test_targets_other_than_one_and_minus_one_are_refused(
    name: str, target: Any, apply_fix: Callable[..., Any]
) -> None:
    given = np.array(target)
    with pytest.raises(errors.ArgumentError, match=r"target\[\d\] = ") as caught:
        BY_SIGN[name](given)
    assert caught.value.code == "TG-L01"
    mended = apply_fix(caught.value, target=given)
    np.testing.assert_array_equal(mended, np.where(given > 0, 1, -1))
    assert math.isfinite(BY_SIGN[name](mended))


def test_predictions_that_are_no_probabilities_are_refused(apply_fix: Callable[..., Any]) -> None:
    x, t = np.array([[0.3, 1.2]]), np.array([[1.0, 0.0]])
    with pytest.raises(errors.ArgumentError, match=r"\[0, 1\] = 1.2 \(range 0.3 .. 1.2\)") as found:
        F.binary_cross_entropy(x, t)
    assert found.value.code == "TG-L04"
    names = {"prediction": x, "target": t}
    mended = apply_fix(
        found.value,
        binary_cross_entropy_with_logits=F.binary_cross_entropy_with_logits,
        **names,
    )
    np.testing.assert_allclose(mended, F.binary_cross_entropy_with_logits(x, t))
    with pytest.raises(errors.ArgumentError, match=r"prediction = -0\.1"):
        F.binary_cross_entropy(-0.1, 1.0)


@pytest.mark.parametrize(
    "loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("target", [[-1, 1], [2, 1]], ids=str)
def test_targets_that_are_no_probabilities_are_refused(
    loss: Any, target: Any, apply_fix: Callable[..., Any]
) -> None:
    given = np.array(target)
    with pytest.raises(errors.ArgumentError, match="no lowest value") as caught:
        loss([0.5, 0.5], given)
    assert caught.value.code == "TG-L04"
    mended = apply_fix(caught.value, target=given)
    np.testing.assert_array_equal(np.sort(mended), [0, 1])
    assert math.isfinite(loss([0.5, 0.5], mended))


def test_negative_targets_of_a_divergence_are_refused(apply_fix: Callable[..., Any]) -> None:
    logs = np.log([[0.2, 0.8]])
    with pytest.raises(errors.ArgumentError, match=r"got -1\.6") as caught:
        F.kl_div(logs, logs)
    assert caught.value.code == "TG-L04"
    names = {"log_probabilities": logs, "target": logs, "kl_div": F.kl_div}
    assert apply_fix(caught.value, **names) == 0
    with pytest.raises(errors.ArgumentError) as caught:
        F.kl_div(logs, [[-1e-9, 1.0]])
    assert math.isfinite(F.kl_div(logs, apply_fix(caught.value, target=[[-1e-9, 1.0]])))


def test_scores_of_images_are_made_rows_for_multi_margin_loss(
    apply_fix: Callable[..., Any],
) -> None:
    x, y = np.zeros((2, 3, 4)), np.zeros((2, 4), int)
    with pytest.raises(errors.ShapeError) as caught:
        F.multi_margin_loss(x, y)
    rows = apply_fix(caught.value, scores=x)
    np.testing.assert_allclose(F.multi_margin_loss(rows, y.reshape(-1)), 2 / 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda w: F.cross_entropy(ONES, [0, 1, 2, 0], w),
        lambda w: F.nll_loss(-ONES, [0, 1, 2, 0], w),
        lambda w: F.multi_margin_loss(ONES, [0, 1, 2, 0], weight=w),
        lambda w: F.binary_cross_entropy(ONES, ONES, w),
        lambda w: F.binary_cross_entropy_with_logits(ONES, ONES, w),
    ],
)
def test_weights_that_do_not_fit_or_reward_errors_are_refused(
    call: Any, apply_fix: Callable[..., Any]
) -> None:
    for wrong in (np.ones(2), np.ones((5, 4, 3))):
        with pytest.raises(errors.ShapeError) as caught:
            call(wrong)
        assert math.isfinite(call(apply_fix(caught.value)))
    with pytest.raises(errors.ArgumentError, match="-1") as refused:
        call(np.array([1.0, -1.0, 1.0]))
    assert math.isfinite(call(apply_fix(refused.value, weight=np.array([1.0, -1.0, 1.0]))))
    with pytest.raises(errors.ArgumentError, match="'balanced', got 'even'"):
        call("even")
    assert math.isfinite(call("balanced"))


def test_a_word_for_pos_weight_shows_how_to_count(apply_fix: Callable[..., Any]) -> None:
    target = np.array([[1.0], [0.0], [0.0], [0.0]])
    for build in (
        lambda: nn.BCEWithLogitsLoss(pos_weight="balanced"),
        lambda: F.binary_cross_entropy_with_logits(target, target, pos_weight="balanced"),
    ):
        with pytest.raises(errors.ArgumentError) as caught:
            build()
        np.testing.assert_array_equal(apply_fix(caught.value, target=target), [3.0])


@pytest.mark.parametrize("labels", [[0, 1, -1], [0.0, 1.0], [0, 1, 5], [True, False]], ids=str)
def test_labels_that_cannot_be_counted_are_refused(
    labels: Any, apply_fix: Callable[..., Any]
) -> None:
    given = np.array(labels)
    with pytest.raises(errors.ArgumentError, match=r"0\.\.2|0\.\.-1") as caught:
        F.balanced_weights(given, None if given.dtype.kind in "fb" else 3)
    mended = apply_fix(caught.value, labels=given)
    weights = mended if mended.dtype.kind == "f" else F.balanced_weights(mended)
    assert np.isfinite(weights).all()


SETTINGS = [
    lambda: nn.HuberLoss(delta=0.0), lambda: nn.HuberLoss(delta=-1.0),
    lambda: nn.SmoothL1Loss(beta=-1.0), lambda: nn.MultiMarginLoss(p=3),
    lambda: nn.MultiMarginLoss(margin="1"), lambda: nn.TripletMarginLoss(margin=0.0),
    lambda: nn.TripletMarginLoss(p="2"), lambda: nn.HingeLoss(margin=None),
    lambda: nn.MarginRankingLoss(margin="0"), lambda: nn.HingeEmbeddingLoss(margin="0"),
    lambda: nn.CosineEmbeddingLoss(margin="0"), lambda: nn.CrossEntropyLoss(label_smoothing=2.0),
    lambda: nn.CrossEntropyLoss("even"), lambda: nn.NLLLoss([-1.0]),
    lambda: nn.GeneratorLoss("unfair"), lambda: nn.DiscriminatorLoss("unfair"),
    lambda: F.huber_loss(1.0, 1.0, delta=math.nan), lambda: F.hinge_loss(1.0, 1, margin="1"),
    lambda: F.multi_margin_loss([1.0], 0, p=0), lambda: F.generator_loss([1.0], "unfair"),
]  # fmt: skip


@pytest.mark.parametrize("build", SETTINGS)
def test_bad_settings_are_refused_with_a_fix(build: Any) -> None:
    with pytest.raises(errors.ArgumentError) as caught:
        build()
    assert caught.value.fix


@pytest.mark.parametrize(
    "kind",
    [
        nn.L1Loss, nn.HuberLoss, nn.SmoothL1Loss, nn.NLLLoss, nn.BCELoss, nn.BCEWithLogitsLoss,
        nn.KLDivLoss, nn.SoftMarginLoss, nn.HingeLoss, nn.MultiMarginLoss, nn.HingeEmbeddingLoss,
        nn.MarginRankingLoss, nn.TripletMarginLoss, nn.CosineEmbeddingLoss,
    ],
)  # fmt: skip
def test_unknown_reductions_are_refused_when_the_loss_is_built(kind: Any) -> None:
    with pytest.raises(errors.ArgumentError, match="'mean', 'sum', 'none'"):
        kind(reduction="average")
    if kind is not nn.KLDivLoss:
        with pytest.raises(errors.ArgumentError):
            kind(reduction="batchmean")


def noted(call: Callable[[], Any]) -> str:
    """The text of the one note of a call."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call()
    assert [entry.category for entry in found] == [nn.ModuleNote]
    assert found[0].filename == __file__
    return str(found[0].message)


def test_probabilities_for_scores_are_noted() -> None:
    scores = tg.Tensor(np.random.default_rng(0).normal(size=(4, 10)), requires_grad=True)
    labels = np.arange(4)
    said = noted(lambda: F.cross_entropy(F.softmax(scores), labels))
    assert "TG-L03" in said
    assert "1.461" in said
    assert "result of softmax" in said
    # The floor that the note states is the loss of a certain and right answer.
    certain = F.cross_entropy(np.eye(10)[:4], labels)
    np.testing.assert_allclose(certain, math.log(1 + 9 / math.e))
    plain = F.softmax(scores).data
    assert "add up to 1" in noted(lambda: nn.CrossEntropyLoss()(plain, labels))
    image = np.moveaxis(np.random.default_rng(0).dirichlet(np.ones(3), (2, 5)), -1, 1)
    assert "3 classes" in noted(lambda: F.cross_entropy(image, np.zeros((2, 5), int)))


def test_probabilities_for_logits_and_for_logarithms_are_noted() -> None:
    scores = tg.Tensor(np.random.default_rng(0).normal(size=(4, 3)), requires_grad=True)
    said = noted(lambda: F.binary_cross_entropy_with_logits(F.sigmoid(scores), np.ones((4, 3))))
    assert "sigmoid" in said
    floor = F.binary_cross_entropy_with_logits(0.0, 0.0)
    np.testing.assert_allclose(floor, 0.693, atol=1e-3)
    assert "log_softmax" in noted(lambda: F.nll_loss(F.softmax(scores), [0, 1, 2, 0]))
    chances = F.softmax(scores)
    assert "log_softmax" in noted(lambda: F.kl_div(chances, chances))
    assert "log_softmax" in noted(lambda: F.kl_div(chances.data, chances.data))


def test_scores_that_only_resemble_probabilities_pass_in_silence() -> None:
    numbers = [0, 1]
    for scores in (np.eye(2), np.zeros((2, 2)), [[0.3, 0.7], [0.3, 0.8]], [[1.5, -0.5]] * 2):
        F.cross_entropy(scores, numbers)  # a note would be an error here
    F.cross_entropy(np.full((2, 1), 1.0), [0, 0])
    F.cross_entropy(np.zeros((0, 3)), np.zeros(0, int), reduction="sum")
    F.nll_loss(np.zeros((2, 2)), numbers)
    F.kl_div([0.5, 0.9], [0.5, 0.9])  # logarithms of densities
    F.binary_cross_entropy_with_logits([0.3, 0.7], numbers)
