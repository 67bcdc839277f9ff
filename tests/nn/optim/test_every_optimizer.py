"""What holds for every optimizer, from the table in ``optimizers.py``."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

import tinygrad_edu as tg
from tests.nn.optim.optimizers import OPTIMIZERS
from tinygrad_edu import nn
from tinygrad_edu.nn.optim.arena import BLOCK
from tinygrad_edu.testing import laws

# What this holds does not depend on the version of Python.
pytestmark = pytest.mark.once

every = pytest.mark.parametrize("name", sorted(OPTIMIZERS))

SHAPES: list[tuple[int, ...]] = [(2, 3), (), (4,), (0,), (1, 2)]


def few(thorough: int = 100, default: int = 4) -> Any:
    """A handful of examples each, many more in the thorough group."""
    many = hypothesis_settings.get_current_profile_name() == "thorough"
    return hypothesis_settings(max_examples=thorough if many else default)


def kind_of(name: str) -> Any:
    return getattr(nn.optim, name)


def all_settings(name: str, **drawn: Any) -> dict[str, Any]:
    """Drawn settings and the defaults of the others."""
    return {**kind_of(name)([nn.Parameter([1.0])]).defaults, **drawn}


def parameters(rng: np.random.Generator) -> list[nn.Parameter]:
    return [nn.Parameter(rng.normal(size=shape)) for shape in SHAPES]


def test_every_optimizer_stands_in_the_table_with_every_setting() -> None:
    kinds = {
        name
        for name, value in vars(nn.optim).items()
        if inspect.isclass(value) and issubclass(value, nn.optim.Optimizer)
    }
    assert kinds - {"Optimizer"} == set(OPTIMIZERS)
    for name, entry in OPTIMIZERS.items():
        assert set(entry.settings) == set(all_settings(name))


@every
def test_the_update_has_the_settings_of_the_class_and_their_defaults(name: str) -> None:
    known = all_settings(name)
    for setting, parameter in inspect.signature(kind_of(name).update).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            assert known[setting] == parameter.default


@every
@few()
@given(data=st.data())
def test_steps_equal_the_formula_number_by_number_whatever_is_skipped(name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    flags = st.lists(st.booleans(), min_size=len(SHAPES), max_size=len(SHAPES))
    present = data.draw(st.lists(flags, max_size=8))
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    params = parameters(rng)
    expected = [p.data.copy() for p in params]
    states: list[dict[Any, dict[str, float]]] = [{} for _ in params]
    opt = kind_of(name)(params, **drawn)
    full = all_settings(name, **drawn)
    for on in present:
        gradients = [
            rng.normal(size=p.shape) if here else None for p, here in zip(params, on, strict=True)
        ]
        for array, state, g in zip(expected, states, gradients, strict=True):
            for index in np.ndindex(array.shape if g is not None else (0,)):
                one = state.setdefault(index, {})
                array[index] = OPTIMIZERS[name].naive(array[index], g[index], one, **full)
        opt.step(gradients)
        for p, array in zip(params, expected, strict=True):
            np.testing.assert_allclose(p.data, array, rtol=1e-10, atol=1e-10)


@every
@few()
@given(data=st.data())
def test_updates_of_long_arrays_in_blocks_equal_one_pure_update(name: str, data: Any) -> None:
    """Pieces of long arrays, runs of short ones, and both in turn."""
    drawn = all_settings(name, **data.draw(OPTIMIZERS[name].drawn))
    sizes = [7, 2 * BLOCK + 5, 3, BLOCK // 2 + 1, BLOCK // 3, BLOCK // 3, BLOCK // 3, 5]
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype(np.float32) for size in sizes]
    params = [nn.Parameter(array) for array in arrays]
    states: list[dict[str, Any]] = [{} for _ in sizes]
    opt = kind_of(name)(params, **drawn)
    for _ in range(2):
        gradients = [rng.normal(size=size).astype(np.float32) for size in sizes]
        for k, g in enumerate(gradients):
            arrays[k], states[k] = kind_of(name).update(arrays[k], g, states[k], **drawn)
        opt.step(gradients)
    for p, array in zip(params, arrays, strict=True):
        assert array.dtype == np.float32
        np.testing.assert_array_equal(p.data, array)


@every
@few()
@given(data=st.data())
def test_updates_are_pure(name: str, data: Any) -> None:
    drawn = all_settings(name, **data.draw(OPTIMIZERS[name].drawn))
    update = kind_of(name).update
    p, g = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    _, state = update(p, g, {}, **drawn)
    keys = set(state)
    arrays = [v for v in (p, g, *state.values()) if isinstance(v, np.ndarray)]
    for array in arrays:
        array.flags.writeable = False
    before = [array.copy() for array in arrays]
    first, second = update(p, g, state, **drawn), update(p, g, state, **drawn)
    np.testing.assert_array_equal(first[0], second[0])
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)
    assert set(state) == keys


@every
@few(60, 2)
@given(data=st.data())
def test_a_validation_loss_after_five_steps_can_be_differentiated_by_the_settings(
    name: str, data: Any
) -> None:
    """The gradients of the training loss are recorded too, so this is second order inside."""
    full = all_settings(name, **data.draw(OPTIMIZERS[name].drawn))
    if "eps" in full:
        full["eps"] = max(full["eps"], 1e-3)  # near 0 differences are no judge
    if "betas" in full:
        full["beta 1"], full["beta 2"] = full.pop("betas")
    numbers = sorted(key for key, value in full.items() if not isinstance(value, bool))
    by = ["lr", data.draw(st.sampled_from([key for key in numbers if key != "lr"]))]
    rng = np.random.default_rng(data.draw(st.integers(0, 999)))
    start, scale, held_out = rng.normal(size=3), rng.uniform(0.5, 2, 3), rng.normal(size=3)

    def training(w: Any) -> Any:
        return tg.sqrt(1 + (scale * w) ** 2).sum()

    def validation(*given: Any) -> Any:
        chosen = {**full, **dict(zip(by, given, strict=True))}
        if "beta 1" in chosen:
            chosen["betas"] = chosen.pop("beta 1"), chosen.pop("beta 2")
        w, state = tg.asarray(start), {}
        for _ in range(5):
            w, state = kind_of(name).update(w, tg.grad(training)(w), state, **chosen)
        return ((w - held_out) ** 2).sum()

    at = [np.array(full[key]) for key in by]
    assert tg.testing.check_gradients(validation, *at, order=1, rng=0).verdict == "pass"


@every
def test_a_gradient_of_zero_leaves_a_derivative_without_nan(name: str) -> None:
    """A weight behind a dead unit does not move, whatever the settings."""

    def after(lr: Any) -> Any:
        w, state = tg.asarray(np.array([1.0, 2.0])), {}
        for _ in range(3):
            g = w * np.array([0.0, 1.0])
            w, state = kind_of(name).update(w, g, state, lr=lr)
        return w.sum()

    assert np.isfinite(tg.grad(after)(0.1))
    assert tg.grad(after)(0.1) != 0


def mlp() -> Any:
    return nn.MLP([3, 8, 2], "tanh", dtype=np.float64, rng=0)


def squares(model: Any) -> Any:
    x = np.random.default_rng(1).normal(size=(5, 3))
    return ((model(x) - 1) ** 2).mean()


@every
@few()
@given(data=st.data())
def test_a_learning_rate_of_zero_is_the_identity(name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    del drawn["lr"]
    laws.zero_learning_rate_is_identity(
        lambda p, lr: kind_of(name)(p, lr=lr, **drawn), mlp(), squares
    )


@every
@few()
@given(data=st.data())
def test_a_small_step_descends(name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    # With a penalty the step is downhill for the sum of both.
    fixed = {**drawn, "weight_decay": 0.0, "maximize": False}
    del fixed["lr"]
    laws.small_step_descends(lambda p, lr: kind_of(name)(p, lr=lr, **fixed), mlp(), squares)


@every
@few()
@given(data=st.data())
def test_to_maximize_is_to_minimize_the_negative(name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    rng = np.random.default_rng(0)
    up, down = (nn.Parameter(np.arange(4.0)) for _ in range(2))
    climbing = kind_of(name)([up], **{**drawn, "maximize": True})
    falling = kind_of(name)([down], **{**drawn, "maximize": False})
    for _ in range(4):
        g = rng.normal(size=4)
        climbing.step([g])
        falling.step([-g])
    np.testing.assert_array_equal(up.data, down.data)


@every
@few()
@given(data=st.data())
def test_training_goes_on_from_a_saved_state_to_the_same_bits(name: str, data: Any) -> None:
    drawn = data.draw(OPTIMIZERS[name].drawn)
    rng = np.random.default_rng(0)
    steps = [[rng.normal(size=shape) for shape in SHAPES] for _ in range(4)]
    first = parameters(np.random.default_rng(1))
    opt = kind_of(name)(first, **drawn)
    for gradients in steps[:2]:
        opt.step(gradients)
    saved = pickle.loads(pickle.dumps(opt.state_dict()))
    second = parameters(np.random.default_rng(2))
    resumed = kind_of(name)(second, lr=9.0)
    for p, q in zip(second, first, strict=True):
        p.data = q.data
    resumed.load_state_dict(saved)
    for gradients in steps[2:]:
        opt.step(gradients)
        resumed.step(gradients)
    for p, q in zip(first, second, strict=True):
        assert p.data.tobytes() == q.data.tobytes()


@every
def test_gradients_come_from_backward_or_a_tape_in_any_form(name: str) -> None:
    x = np.ones((4, 3))

    def trained(form: str) -> bytes:
        model = nn.MLP([3, 2, 1], "tanh", dtype=np.float64, rng=0)
        opt = kind_of(name)(model if form == "dict" else model.parameters())
        for _ in range(3):
            with tg.Tape() as tape:
                loss = (model(x) ** 2).sum()
            if form == "backward":
                opt.zero_grad()
                loss.backward()
                opt.step()
            else:
                opt.step(tape.gradient(loss, model if form == "dict" else model.parameters()))
        return b"".join(p.data.tobytes() for p in model.parameters())

    assert trained("backward") == trained("list") == trained("dict")


@every
def test_float32_parameters_keep_their_type_whatever_the_type_of_a_setting(name: str) -> None:
    drawn: dict[str, Any] = {"lr": np.float64(0.1)}
    if "betas" in OPTIMIZERS[name].settings:
        drawn["betas"] = (np.float64(0.9), np.float64(0.99))
    w = nn.Parameter(np.ones(3, np.float32))
    opt = kind_of(name)([w], **drawn)
    for _ in range(2):
        opt.step([np.ones(3)])
    assert w.dtype == np.float32
    state = opt.state_dict()["state"][0] if name != "SGD" else {}
    assert all(v.dtype == np.float32 for v in state.values() if isinstance(v, np.ndarray))


@every
def test_settings_out_of_range_and_of_the_wrong_kind_are_refused_with_one_that_works(
    name: str,
) -> None:
    w = [nn.Parameter([1.0])]
    for setting, value in all_settings(name).items():
        wrong: list[Any] = [float("nan"), "0.1", None, np.ones(2)]
        if isinstance(value, bool):
            wrong = ["yes", 1, None]
        elif setting == "betas":
            wrong += [0.9, (0.9,), (1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, "b")]
        elif setting != "dampening":
            wrong += [-0.1, float("inf")]
        if setting in ("rho", "alpha"):
            wrong.append(1.0)
        for bad in wrong:
            with pytest.raises(tg.errors.ArgumentError) as caught:
                kind_of(name)(w, **{setting: bad})
            assert setting in str(caught.value)
            mended = eval(f"dict({caught.value.fix})")
            assert list(mended) == [setting]
            kind_of(name)(w, **mended)
