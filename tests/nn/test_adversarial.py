"""Losses of two players against their definitions, and the penalty on a critic's slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import errors, nn
from tinygrad_edu.nn import functional as F

pytestmark = pytest.mark.once  # what no version of Python changes


def cost(x: float) -> float:
    return math.log(1 + math.exp(x))


# What one score of a real and of a made sample costs the discriminator, and the generator.
GAMES: dict[str, tuple[Callable[[float], float], ...]] = {
    "nonsaturating": (lambda r: cost(-r), cost, lambda f: cost(-f)),
    "saturating": (lambda r: cost(-r), cost, lambda f: -cost(f)),
    "hinge": (lambda r: max(0.0, 1 - r), lambda f: max(0.0, 1 + f), lambda f: -f),
    "least_squares": (
        lambda r: (r - 1) ** 2 / 2,
        lambda f: f**2 / 2,
        lambda f: (f - 1) ** 2 / 2,
    ),
    "wasserstein": (lambda r: -r, lambda f: f, lambda f: -f),
}


@pytest.mark.parametrize("kind", GAMES)
def test_losses_of_both_players_equal_their_definitions(kind: str) -> None:
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=5) * 2, rng.normal(size=(3, 1)) * 2
    of_real, of_fake, of_made = GAMES[kind]
    expected = sum(map(of_real, real)) / 5 + sum(map(of_fake, fake[:, 0])) / 3
    np.testing.assert_allclose(F.discriminator_loss(real, fake, kind), expected)
    np.testing.assert_allclose(nn.DiscriminatorLoss(kind)(real, fake).data, expected)
    expected = sum(map(of_made, fake[:, 0])) / 3
    np.testing.assert_allclose(F.generator_loss(fake, kind), expected)
    np.testing.assert_allclose(nn.GeneratorLoss(kind)(fake).data, expected)


def test_the_logistic_game_is_binary_cross_entropy_with_labels() -> None:
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=4), rng.normal(size=4)
    bce = F.binary_cross_entropy_with_logits
    expected = bce(real, np.ones(4)) + bce(fake, np.zeros(4))
    np.testing.assert_allclose(F.discriminator_loss(real, fake), expected)
    np.testing.assert_allclose(F.generator_loss(fake), bce(fake, np.ones(4)))
    # In the minimax game, what one player loses on made samples, the other wins.
    np.testing.assert_allclose(F.generator_loss(fake, "saturating"), -bce(fake, np.zeros(4)))


def test_only_the_saturating_loss_leaves_a_bad_generator_without_a_slope() -> None:
    sure = np.array([-20.0])
    assert abs(tg.grad(lambda f: F.generator_loss(f, "saturating"))(sure)[0]) < 1e-8
    assert tg.grad(F.generator_loss)(sure)[0] == pytest.approx(-1)


def test_at_the_hinges_margin_the_slope_is_zero() -> None:
    slopes = tg.grad(lambda r, f: F.discriminator_loss(r, f, "hinge"), argnums=(0, 1))(1.0, -1.0)
    assert slopes == (0, 0)


@pytest.mark.parametrize("shape", [(), (3,), (2, 1, 2)], ids=str)
def test_the_penalty_of_a_linear_critic_is_known(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    weight = np.asarray(rng.normal(size=shape)) * 2
    real, fake = rng.normal(size=(4, *shape)), rng.normal(size=(4, *shape))
    axes = tuple(range(1, 1 + len(shape)))
    got = F.gradient_penalty(lambda x: tg.sum(x * weight, axis=axes), real, fake)
    length = math.sqrt(sum(float(w) ** 2 for w in weight.flat))
    np.testing.assert_allclose(got.data, (length - 1) ** 2)


def test_the_penalty_is_taken_on_lines_between_real_and_made_samples() -> None:
    rng = np.random.default_rng(3)
    real, fake = rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    got = F.gradient_penalty(lambda x: tg.sum(x * x, axis=1) / 2, real, fake, rng=7)
    expected = 0.0
    for x, made, share in zip(real, fake, np.random.default_rng(7).random(5), strict=True):
        point = [share * a + (1 - share) * b for a, b in zip(x, made, strict=True)]
        expected += (math.hypot(*point) - 1) ** 2 / 5  # the slope of half a square is the point
    np.testing.assert_allclose(got.data, expected)
    again = F.gradient_penalty(lambda x: tg.sum(x * x, axis=1) / 2, real, fake, rng=8)
    assert not np.allclose(again.data, got.data)
    with tg.seed(5):
        first = F.gradient_penalty(lambda x: x**2, real, fake)
    with tg.seed(5):
        np.testing.assert_array_equal(
            F.gradient_penalty(lambda x: x**2, real, fake).data, first.data
        )


def critic() -> nn.Module:
    return nn.MLP([2, 3, 1], "tanh", rng=0).astype(np.float64)


class Penalty(nn.Module):
    """The penalty of a critic as a layer, for the checker."""

    def __init__(self) -> None:
        self.critic = critic()

    def forward(self, real: Any, fake: Any) -> Any:
        return F.gradient_penalty(self.critic, real, fake, rng=0)


def test_the_penalty_has_right_gradients_in_parameters_and_samples_to_second_order() -> None:
    rng = np.random.default_rng(4)
    report = tg.testing.check_gradients(
        Penalty(), rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), order=2
    )
    assert report.verdict == "pass"


def test_backward_and_tapes_see_the_penalty() -> None:
    rng = np.random.default_rng(5)
    real, fake, judge = rng.normal(size=(3, 2)), rng.normal(size=(3, 2)), critic()
    F.gradient_penalty(judge, real, fake, rng=0).backward()
    with tg.Tape() as tape:
        penalty = F.gradient_penalty(judge, real, fake, rng=0)
    found = tape.gradient(penalty, judge, unconnected="zero")
    assert any(np.abs(slope.data).max() > 0 for slope in found.values())
    for name, parameter in judge.named_parameters():
        grad = np.zeros(parameter.shape) if parameter.grad is None else parameter.grad
        np.testing.assert_array_equal(found[name].data, grad)
    with tg.no_grad():
        value = F.gradient_penalty(judge, real, fake, rng=0)
    np.testing.assert_array_equal(value.data, penalty.data)
    assert not value.requires_grad


def test_a_flat_critic_costs_one_and_has_no_slope() -> None:
    scale = tg.Tensor(0.0, requires_grad=True)
    x = np.ones((3, 2))
    penalty = F.gradient_penalty(lambda batch: tg.sum(batch, axis=1) * scale, x, x)
    assert penalty.item() == 1
    penalty.backward()
    assert scale.grad == 0


def test_float32_stays_float32_through_the_penalty() -> None:
    x = np.ones((3, 2), np.float32)
    judge = nn.Linear(2, 1)
    penalty = F.gradient_penalty(judge, x, np.zeros_like(x))
    assert penalty.dtype == np.float32
    penalty.backward()
    assert judge.weight.grad.dtype == np.float32


def test_batches_of_other_shapes_are_refused_and_the_fix_works(
    apply_fix: Callable[..., Any],
) -> None:
    real, fake = np.ones((4, 2)), np.zeros((3, 2))
    with pytest.raises(errors.ShapeError, match=r"real of shape \(4, 2\)") as caught:
        F.gradient_penalty(critic(), real, fake)
    assert (caught.value.code, caught.value.op) == ("TG-S03", "gradient_penalty")
    real, fake = apply_fix(caught.value, real=real, fake=fake)
    assert math.isfinite(F.gradient_penalty(critic(), real, fake).item())


def test_an_unknown_game_is_refused() -> None:
    with pytest.raises(errors.ArgumentError, match="'wasserstein'"):
        F.discriminator_loss([1.0], [1.0], "wgan")
    assert repr(nn.GeneratorLoss("hinge")) == "GeneratorLoss(kind='hinge')"


def test_a_critic_step_with_the_penalty_brings_its_slopes_towards_one() -> None:
    rng = np.random.default_rng(6)
    judge = nn.MLP([2, 8, 1], "tanh", rng=0).astype(np.float64)
    optimizer = nn.optim.Adam(judge.parameters(), lr=0.05)
    # Two dimensions: on a line, a slope of the wrong sign is held there by the penalty.
    real, fake = rng.normal([1, 0], 0.1, (16, 2)), rng.normal([-1, 0], 0.1, (16, 2))
    distances = []
    for _ in range(150):
        judge.zero_grad()
        distance = F.discriminator_loss(judge(real), judge(fake), "wasserstein")
        (distance + 10 * F.gradient_penalty(judge, real, fake, rng=rng)).backward()
        optimizer.step()
        distances.append(-distance.item())
    # A critic of slope one tells the two apart by the distance of their means, which is 2.
    assert distances[-1] == pytest.approx(2, abs=0.2)
