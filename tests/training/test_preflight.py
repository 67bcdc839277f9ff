"""Preflight names planted mistakes, is silent about sound models, and touches nothing."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tests.training.sound_models import SOUND, blobs, plain_step
from tinygrad_edu import nn
from tinygrad_edu.training import preflight

pytestmark = pytest.mark.once  # what no version of Python changes

Planted = tuple[tuple[Any, ...], dict[str, Any]]
PLANTED: dict[str, tuple[str, Callable[[int], Planted]]] = {}


def planted(check: str) -> Callable[[Callable[[int], Planted]], Callable[[int], Planted]]:
    def keep(make: Callable[[int], Planted]) -> Callable[[int], Planted]:
        PLANTED[make.__name__] = (check, make)
        return make

    return keep


def sound(seed: int) -> tuple[Any, Any, Any, Any]:
    model = nn.MLP([4, 16, 16, 3], rng=seed)
    return model, blobs(seed), nn.CrossEntropyLoss(), nn.optim.Adam(model, lr=1e-3)


@planted("zero_grad")
def no_zero_grad(seed: int) -> Planted:
    def step(model: Any, batch: Any, loss: Any, optimizer: Any) -> None:
        loss(model(batch[0]), batch[1]).backward()
        optimizer.step()

    return sound(seed), {"step": step}


@planted("zero_grad")
def no_zero_grad_of_the_model_itself(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)

    def step(batch: Any) -> None:
        loss(model(batch[0]), batch[1]).backward()
        optimizer.step()

    return (model, batch, loss, optimizer), {"step": step}


@planted("training step")
def no_optimizer_step(seed: int) -> Planted:
    def step(model: Any, batch: Any, loss: Any, optimizer: Any) -> None:
        optimizer.zero_grad()
        loss(model(batch[0]), batch[1]).backward()

    return sound(seed), {"step": step}


@planted("leftover gradient")
def gradients_left_over(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)
    loss(model(batch[0]), batch[1]).backward()
    return (model, batch, loss, optimizer), {}


@planted("double softmax")
def softmax_before_cross_entropy(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (nn.Sequential(model, nn.Softmax(dim=1)), batch, loss), {}


@planted("double softmax")
def softmax_before_own_cross_entropy(seed: int) -> Planted:
    model, batch, _, _ = sound(seed)
    loss = lambda p, t: -tg.log_softmax(p, axis=1)[np.arange(len(t)), t].mean()  # noqa: E731
    return (nn.Sequential(model, nn.Softmax(dim=1)), batch, loss), {}


@planted("double softmax")
def sigmoid_before_logits(seed: int) -> Planted:
    x, y = blobs(seed, classes=2)
    model = nn.Sequential(nn.MLP([4, 8, 1], rng=seed), nn.Sigmoid())
    return (model, (x, np.float32(y)[:, None]), nn.BCEWithLogitsLoss()), {}


@planted("double softmax")
def sigmoid_before_cross_entropy(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (nn.Sequential(model, nn.Sigmoid()), batch, loss), {}


@planted("double softmax")
def probabilities_for_log_probabilities(seed: int) -> Planted:
    model, batch, _, _ = sound(seed)
    return (nn.Sequential(model, nn.Softmax(dim=1)), batch, nn.NLLLoss()), {}


def regression(seed: int) -> tuple[Any, Any]:
    x = np.float32(np.random.default_rng(seed).normal(size=(32, 3)))
    return x, x[:, :1] * x[:, 1:2]


@planted("target shape")
def column_against_row(seed: int) -> Planted:
    x, y = regression(seed)
    loss = lambda p, t: ((p - t) ** 2).mean()  # noqa: E731
    return (nn.MLP([3, 8, 1], rng=seed), (x, y[:, 0]), loss), {}


@planted("target shape")
def row_against_column(seed: int) -> Planted:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.MLP([3, 8, 1], rng=seed)

        def forward(self, x: Any) -> Any:
            return self.inner(x)[:, 0]

    loss = lambda p, t: abs(p - t).mean()  # noqa: E731
    return (Net(), regression(seed), loss), {}


@planted("target shape")
def column_against_row_refused_by_the_loss(seed: int) -> Planted:
    x, y = regression(seed)
    return (nn.MLP([3, 8, 1], rng=seed), (x, y[:, 0]), nn.MSELoss()), {}


@planted("gradient")
def all_zero(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)
    nn.init.apply(model, "zeros")
    return (model, batch, loss, optimizer), {}


@planted("symmetry")
def all_equal(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)
    nn.init.apply(model, "constant", value=0.1)
    return (model, batch, loss, optimizer), {}


@planted("dead units")
def dead_rectifiers(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)
    model[0].bias.data = np.full(16, -20.0)
    return (model, batch, loss, optimizer), {}


@planted("saturated units")
def saturated(seed: int) -> Planted:
    model = nn.MLP([4, 16, 3], activation="tanh", rng=seed)
    model[0].weight.data = 30 * model[0].weight.data
    return (model, blobs(seed), nn.CrossEntropyLoss()), {}


@planted("vanishing gradient")
def many_sigmoids(seed: int) -> Planted:
    model = nn.MLP([4, *[16] * 10, 3], activation="sigmoid", rng=seed)
    return (model, blobs(seed), nn.CrossEntropyLoss()), {}


@planted("frozen parameters")
def frozen(seed: int) -> Planted:
    model, batch, loss, optimizer = sound(seed)
    model[0].weight.requires_grad = False
    return (model, batch, loss, optimizer), {}


@planted("gradient")
def layer_not_called(seed: int) -> Planted:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.inner, self.extra = sound(seed)[0], nn.Linear(3, 3, rng=seed)

        def forward(self, x: Any) -> Any:
            return self.inner(x)

    return (Net(), *sound(seed)[1:3]), {}


@planted("gradient")
def cut_by_data(seed: int) -> Planted:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.first, self.last = nn.Linear(4, 8, rng=seed), nn.Linear(8, 3, rng=seed)

        def forward(self, x: Any) -> Any:
            return self.last(tg.relu(self.first(x)).data)

    return (Net(), *sound(seed)[1:3]), {}


@planted("shared layers")
def one_layer_three_times(seed: int) -> Planted:
    model = nn.Sequential(
        nn.Linear(4, 8, rng=seed), *[nn.Linear(8, 8, rng=seed)] * 3, nn.Linear(8, 3, rng=seed)
    )
    return (model, *sound(seed)[1:3]), {}


@planted("learning rate")
def steps_100_times_too_long(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (model, batch, loss, nn.optim.SGD(model, lr=50.0)), {}


@planted("learning rate")
def steps_of_adam_100_times_too_long(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (model, batch, loss, nn.optim.Adam(model, lr=1.0)), {}


@planted("learning rate")
def steps_too_short(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (model, batch, loss, nn.optim.SGD(model, lr=1e-8)), {}


@planted("labels")
def labels_from_1(seed: int) -> Planted:
    model, (x, y), loss, optimizer = sound(seed)
    return (model, (x, y + 1), loss, optimizer), {}


@planted("labels")
def labels_below_0(seed: int) -> Planted:
    model, (x, y), _, _ = sound(seed)
    loss = lambda p, t: -tg.log_softmax(p, axis=1)[np.arange(len(t)), t].mean()  # noqa: E731
    return (model, (x, y - 1), loss), {}


@planted("labels belong")
def shuffled_labels(seed: int) -> Planted:
    model, _, loss, optimizer = sound(seed)
    x, y = blobs(seed, n=200)
    return (model, (x, np.random.default_rng(seed + 500).permutation(y)), loss, optimizer), {}


@planted("modes")
def evaluation_mode(seed: int) -> Planted:
    model = nn.MLP([4, 16, 3], dropout=0.5, rng=seed).eval()
    return (model, *sound(seed)[1:3]), {}


@planted("modes")
def dropout_never_off(seed: int) -> Planted:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.inner = sound(seed)[0]

        def forward(self, x: Any) -> Any:
            return self.inner(nn.functional.dropout(x, 0.5, True))

    return (Net(), *sound(seed)[1:3]), {}


@planted("input scale")
def pictures_from_0_to_255(seed: int) -> Planted:
    rng = np.random.default_rng(seed)
    x = np.float32(rng.integers(256, size=(32, 16)))
    model = nn.MLP([16, 16, 3], rng=seed)
    return (model, (x, rng.integers(3, size=32)), nn.CrossEntropyLoss()), {}


@planted("input scale")
def pictures_of_bytes(seed: int) -> Planted:
    rng = np.random.default_rng(seed)
    x = rng.integers(256, size=(32, 16), dtype=np.uint8)
    model = nn.MLP([16, 16, 3], rng=seed)
    return (model, (x, rng.integers(3, size=32)), nn.CrossEntropyLoss()), {}


@planted("target scale")
def targets_outside_tanh(seed: int) -> Planted:
    x = np.float32(np.random.default_rng(seed).uniform(0, 1, size=(32, 4)))
    model = nn.Sequential(nn.MLP([4, 8, 4], rng=seed), nn.Tanh())
    return (model, (x, 255 * x), nn.MSELoss()), {}


def players(seed: int) -> tuple[Any, Any, Any]:
    generator = nn.MLP([4, 16, 2], rng=seed)
    judge = nn.MLP([2, 16, 1], rng=seed + 1)
    z = np.float32(np.random.default_rng(seed).normal(size=(16, 4)))
    return generator, judge, (z, np.ones((16, 1), np.float32))


@planted("gradient")
def detached_generator(seed: int) -> Planted:
    generator, judge, batch = players(seed)

    class Both(nn.Module):
        def __init__(self) -> None:
            self.generator, self.judge = generator, judge

        def forward(self, z: Any) -> Any:
            return self.judge(self.generator(z).detach())

    optimizer = nn.optim.Adam(generator, lr=1e-3)
    return (Both(), batch, nn.BCEWithLogitsLoss(), optimizer), {"generator": generator}


@planted("training step")
def detached_generator_in_own_step(seed: int) -> Planted:
    generator, judge, batch = players(seed)
    optimizer = nn.optim.Adam(generator, lr=1e-3)

    def step(batch: Any) -> None:
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(
            judge(generator(batch[0]).detach()), batch[1]
        ).backward()
        optimizer.step()

    arguments = (judge, batch, nn.BCEWithLogitsLoss(), optimizer)
    return arguments, {"generator": generator, "step": step}


@planted("samples leak")
def mean_over_the_batch(seed: int) -> Planted:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.inner = sound(seed)[0]

        def forward(self, x: Any) -> Any:
            return self.inner(x - x.mean(axis=0, keepdims=True))

    return (Net(), *sound(seed)[1:3]), {}


@planted("samples leak")
def softmax_over_the_batch(seed: int) -> Planted:
    model, batch, _, _ = sound(seed)
    return (nn.Sequential(model, nn.LogSoftmax(dim=0)), batch, nn.NLLLoss()), {}


@planted("optimizer")
def optimizer_of_another_model(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (model, batch, loss, sound(seed)[3]), {}


@planted("optimizer")
def optimizer_lacks_a_layer(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    return (model, batch, loss, nn.optim.Adam(model[0], lr=1e-3)), {}


@planted("loss direction")
def wrong_sign(seed: int) -> Planted:
    x, y = regression(seed)
    loss = lambda p, t: -((p - t) ** 2).mean()  # noqa: E731
    return (nn.MLP([3, 8, 1], rng=seed), (x, y), loss), {}


@planted("loss at start")
def weights_of_size_one(seed: int) -> Planted:
    model, batch, loss, _ = sound(seed)
    nn.init.apply(model, "normal", std=2.0, rng=seed)
    return (model, batch, loss), {}


@planted("sees the future")
def no_causal_mask(seed: int) -> Planted:
    (model, batch, loss, optimizer), _ = SOUND["gpt"](seed)

    class Net(nn.Module):
        def __init__(self) -> None:
            self.inner = model

        def forward(self, x: Any) -> Any:
            h = model.tokens(x) + model.places(np.arange(x.shape[1]))
            for block in model.blocks:
                h = block(h)
            return model.head(model.norm(h))

    return (Net(), batch, loss, optimizer), {}


@planted("inputs vary")
def one_sample_many_times(seed: int) -> Planted:
    model, (x, y), loss, _ = sound(seed)
    return (model, (np.repeat(x[:1], len(x), axis=0), y), loss), {}


@planted("target among inputs")
def the_answer_among_the_features(seed: int) -> Planted:
    x, y = regression(seed)
    return (nn.MLP([4, 8, 1], rng=seed), (np.concatenate([x, y], axis=1), y), nn.MSELoss()), {}


def quiet(make: Callable[[int], Planted], seed: int) -> Planted:
    with warnings.catch_warnings():  # lists that repeat a layer say so when they are built
        warnings.simplefilter("ignore")
        return make(seed)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named(name: str) -> None:
    check, make = PLANTED[name]
    arguments, options = quiet(make, 0)
    report = preflight(*arguments, **options)
    assert check in report, report
    assert not report.ok
    assert report[check].fix


@pytest.mark.thorough
@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named_for_every_seed(name: str) -> None:
    check, make = PLANTED[name]
    missed = []
    for seed in range(20):
        arguments, options = quiet(make, seed)
        if check not in preflight(*arguments, **options):
            missed.append(seed)
    assert not missed


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_model_raises_no_alarm(name: str) -> None:
    arguments, options = SOUND[name](0)
    report = preflight(*arguments, **options)
    assert report.ok, report
    assert not report.untried


@pytest.mark.thorough
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_model_raises_no_alarm_for_any_seed(name: str) -> None:
    alarms = []
    for seed in range(25):
        arguments, options = SOUND[name](seed)
        if not (report := preflight(*arguments, **options)).ok:
            alarms.append((seed, report.problems))
    assert not alarms


def everything(model: Any, optimizer: Any, streams: list[Any]) -> Any:
    return copy.deepcopy(
        (
            {name: array.tobytes() for name, array in model.state_dict().items()},
            [None if p.grad is None else p.grad.tobytes() for _, p in model.named_parameters()],
            [module.training for module in model.modules()],
            [p.requires_grad for _, p in model.named_parameters()],
            str(optimizer.state_dict()),
            optimizer.steps,
            [rng.bit_generator.state for rng in streams],
        )
    )


@pytest.mark.parametrize("own", [False, True])
def test_nothing_is_touched(own: bool) -> None:
    draw = np.random.default_rng(3)
    model = nn.Sequential(
        nn.Linear(4, 8, rng=1), nn.BatchNorm1d(8), nn.Dropout(0.4, rng=draw), nn.Linear(8, 3, rng=2)
    )
    optimizer = nn.optim.Adam(model, lr=1e-2)
    batch, loss = blobs(0), nn.CrossEntropyLoss()
    for _ in range(3):
        plain_step(model, batch, loss, optimizer)
    model[1].eval()
    with tg.seed(5) as ambient:
        before = everything(model, optimizer, [draw, ambient])
        penalised = lambda p, t: loss(p, t) + 1e-3 * nn.functional.l2_penalty(model)  # noqa: E731
        step = (lambda batch: plain_step(model, batch, loss, optimizer)) if own else plain_step
        preflight(model, batch, penalised, optimizer, step=step)
        assert everything(model, optimizer, [draw, ambient]) == before
    copied = batch[0].copy(), batch[1].copy()
    assert all(np.array_equal(a, b) for a, b in zip(copied, batch, strict=True))


def test_a_report_is_a_table_with_fixes() -> None:
    arguments, options = PLANTED["softmax_before_cross_entropy"][1](0)
    report = preflight(*arguments, **options)
    assert "double softmax" in str(report)
    assert "fix: drop the softmax" in str(report)
    assert "ln 3" in report["loss at start"].message


def test_two_looks_say_the_same() -> None:
    arguments, options = SOUND["batch_normalised"](4)
    assert str(preflight(*arguments, **options)) == str(preflight(*arguments, **options))
