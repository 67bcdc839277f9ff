"""Optimizers: the pure formulas, the flat storage under them, and what they refuse."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.optim import SGD, Adam
from tinygrad_edu.nn.optim.arena import BLOCK

SETTINGS: dict[str, tuple[type, dict[str, Any]]] = {
    "sgd": (SGD, {"lr": 0.1}),
    "decay": (SGD, {"lr": 0.1, "weight_decay": 0.2}),
    "momentum": (SGD, {"lr": 0.1, "momentum": 0.9}),
    "dampening": (SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    "nesterov": (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "adam": (Adam, {"lr": 0.1}),
    "adam decay": (Adam, {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.2}),
}
every = pytest.mark.parametrize("kind, settings", SETTINGS.values(), ids=SETTINGS)


def naive_step(kind: type, p: float, g: float, s: dict[str, float], **o: Any) -> float:
    """One step of one number, as the books write it; ``s`` is changed."""
    g = g + o.get("weight_decay", 0) * p
    if kind is SGD:
        mu = o.get("momentum", 0)
        if not mu:
            return p - o["lr"] * g
        s["b"] = mu * s["b"] + (1 - o.get("dampening", 0)) * g if "b" in s else g
        return p - o["lr"] * (g + mu * s["b"] if o.get("nesterov") else s["b"])
    b1, b2 = o.get("betas", (0.9, 0.999))
    s["t"] = s.get("t", 0) + 1
    s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
    s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g * g
    m, v = s["m"] / (1 - b1 ** s["t"]), s["v"] / (1 - b2 ** s["t"])
    return float(p - o["lr"] * m / (v**0.5 + o.get("eps", 1e-8)))


def parameters(rng: np.random.Generator, dtype: Any = np.float64) -> list[nn.Parameter]:
    return [nn.Parameter(rng.normal(size=s), dtype=dtype) for s in [(2, 3), (), (4,), (0,), (1, 2)]]


@every
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), max_size=6), st.integers(0, 999))
def test_steps_equal_the_formula_number_by_number_whatever_is_skipped(
    kind: type, settings: dict[str, Any], present: list[list[bool]], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    params = parameters(rng)
    expected = [p.data.copy() for p in params]
    states: list[dict[Any, dict[str, float]]] = [{} for _ in params]
    opt = kind(params, **settings)
    for flags in present:
        gradients = [
            rng.normal(size=p.shape) if on else None for p, on in zip(params, flags, strict=True)
        ]
        for array, state, g in zip(expected, states, gradients, strict=True):
            for index in np.ndindex(array.shape if g is not None else (0,)):
                one = state.setdefault(index, {})
                array[index] = naive_step(kind, array[index], g[index], one, **settings)
        opt.step(gradients)
        for p, array in zip(params, expected, strict=True):
            np.testing.assert_allclose(p.data, array, rtol=1e-12, atol=1e-12)


@every
def test_updates_of_long_arrays_in_blocks_equal_one_pure_update(
    kind: Any, settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    value, state = rng.normal(size=2 * BLOCK + 5), {}
    p = nn.Parameter(value)
    opt = kind([p], **settings)
    for _ in range(3):
        g = rng.normal(size=value.shape)
        value, state = kind.update(value, g, state, **{**opt.defaults, **settings})
        opt.step([g])
    np.testing.assert_array_equal(p.data, value)


@every
def test_updates_are_pure(kind: Any, settings: dict[str, Any]) -> None:
    p, g = np.array([1.0, 2.0]), np.array([0.5, -1.0])
    _, state = kind.update(p, g, {}, **settings)
    frozen = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in state.items()}
    for array in (p, g, *(v for v in state.values() if isinstance(v, np.ndarray))):
        array.flags.writeable = False
    kind.update(p, g, state, **settings)
    assert state.keys() == frozen.keys()


@pytest.mark.parametrize("which", ["sgd", "nesterov", "adam", "adam decay"])
def test_a_value_after_training_can_be_differentiated_by_the_learning_rate(
    which: str, numeric: Callable[..., np.ndarray]
) -> None:
    kind, settings = SETTINGS[which]
    update: Any = kind.update  # type: ignore[attr-defined]
    settings = {name: value for name, value in settings.items() if name != "lr"}
    scale, start = np.array([1.0, 3.0]), np.array([2.0, -1.0])

    def after(lr: Any) -> Any:
        p, state = tg.asarray(start), {}
        for _ in range(3):
            p, state = update(p, 2 * scale * p, state, lr=lr, **settings)
        return (scale * p * p).sum()

    got = tg.grad(after)(0.05)
    assert abs(got) > 1e-3
    expected = numeric(lambda lr: after(tg.Tensor(lr)).item(), np.array(0.05))
    np.testing.assert_allclose(got, expected, rtol=1e-7)


def test_the_gradient_inside_the_loop_may_itself_be_recorded(
    numeric: Callable[..., np.ndarray],
) -> None:
    def after(lr: Any) -> Any:
        p, state = tg.Tensor([0.3, -0.4]), {}
        for _ in range(2):
            g = tg.grad(lambda q: (tg.exp(q) * q).sum())(p)
            p, state = Adam.update(p, g, state, lr=lr)
        return (p * p).sum()

    expected = numeric(lambda lr: after(tg.Tensor(lr)).item(), np.array(0.1))
    np.testing.assert_allclose(tg.grad(after)(0.1), expected, rtol=1e-6)


def test_parameters_move_into_one_array_without_changing() -> None:
    model = nn.MLP([3, 4, 2], rng=0)
    before = model.state_dict()
    objects = model.parameters()
    SGD(model, lr=0.1)
    bases = {id(p.data.base) for p in model.parameters()}
    assert len(bases) == 1
    assert all(p is q for p, q in zip(model.parameters(), objects, strict=True))
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("change", ["data", "load", "inplace", "astype", "optimizer", "copy"])
def test_a_step_sees_every_way_to_change_a_parameter(change: str) -> None:
    model = nn.Linear(2, 1, dtype=np.float64, rng=0)
    opt = SGD(model, lr=1.0, momentum=0.5)
    one = {"weight": np.ones((1, 2)), "bias": np.ones(1)}
    opt.step(one)
    if change == "data":
        model.weight.data = np.full((1, 2), 5.0)
    elif change == "load":
        model.load_state_dict({"weight": np.full((1, 2), 5.0), "bias": [5.0]})
    elif change == "inplace":
        model.weight.data[...] = 5.0
    elif change == "astype":
        model.weight.data = np.full((1, 2), 5.0)
        model.astype(np.float32)
    elif change == "optimizer":
        model.weight.data = np.full((1, 2), 5.0)
        Adam(model)
    else:
        model.weight.data = np.full((1, 2), 5.0)
        model, opt = copy.deepcopy((model, opt))
    opt.step(one)  # the momentum goes on: 0.5 * 1 + 1
    np.testing.assert_allclose(model.weight.data, np.full((1, 2), 3.5))


@every
def test_gradients_come_from_backward_or_a_tape_in_any_form(
    kind: Any, settings: dict[str, Any]
) -> None:
    x = np.ones((4, 3))

    def trained(form: str) -> bytes:
        model = nn.MLP([3, 2, 1], "tanh", dtype=np.float64, rng=0)
        opt = kind(model if form == "dict" else model.parameters(), **settings)
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


def test_a_single_parameter_takes_a_single_gradient() -> None:
    for given_as in (tg.Tensor, np.asarray):
        w = nn.Parameter([1.0, 2.0])
        SGD(w, lr=0.5).step(given_as([1.0, 1.0]))
        np.testing.assert_allclose(w.data, [0.5, 1.5])


def test_a_step_stamps_so_that_an_old_backward_raises() -> None:
    model = nn.MLP([2, 2, 1], rng=0)
    opt = SGD(model, lr=0.1)
    loss = model(np.ones((1, 2), np.float32)).sum()
    opt.step([np.ones(p.shape) for p in model.parameters()])
    with pytest.raises(tg.errors.InPlaceError):
        loss.backward()


def test_groups_have_settings_of_their_own() -> None:
    a, b = nn.Parameter([1.0]), nn.Parameter(np.ones(1, np.float32))
    opt = SGD([{"params": [a], "lr": 0.5}, {"params": b}], lr=0.1)
    opt.step([np.ones(1), np.ones(1)])
    np.testing.assert_allclose([a.item(), b.item()], [0.5, 0.9])
    opt.param_groups[1]["lr"] = np.float64(0.2)
    opt.step([np.ones(1), np.ones(1)])
    np.testing.assert_allclose([a.item(), b.item()], [0.0, 0.7], atol=1e-7)
    assert b.dtype == np.float32


def test_types_are_kept_apart_in_one_group() -> None:
    a, b, c = nn.Parameter([1.0]), nn.Parameter(np.ones(2, np.float32)), nn.Parameter([2.0])
    opt = Adam({"a": a, "b": b, "c": c}, lr=0.1)
    opt.step({"a": np.ones(1), "b": np.ones(2), "c": np.ones(1)})
    assert (a.dtype, b.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose([*a.data, *b.data, *c.data], [0.9, 0.9, 0.9, 1.9], rtol=1e-6)
    assert list(opt.state_dict()["state"]) == [0, 1, 2]


@every
def test_training_goes_on_from_a_saved_state_to_the_same_bits(
    kind: Any, settings: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    steps = [[rng.normal(size=p.shape) for p in parameters(rng)] for _ in range(4)]

    def start() -> tuple[list[nn.Parameter], Any]:
        params = parameters(np.random.default_rng(1))
        return params, kind(params, **settings)

    through, opt = start()
    for gradients in steps:
        opt.step(gradients)
    first, opt = start()
    for gradients in steps[:2]:
        opt.step(gradients)
    saved = opt.state_dict()
    second, resumed = start()
    for p, q in zip(second, first, strict=True):
        p.data = q.data
    resumed.param_groups[0]["lr"] = 99.0
    resumed.load_state_dict(pickle.loads(pickle.dumps(saved)))
    for gradients in steps[2:]:
        opt.step(gradients)
        resumed.step(gradients)
    for p, q, r in zip(through, first, second, strict=True):
        assert p.data.tobytes() == q.data.tobytes() == r.data.tobytes()


def test_a_state_of_other_sizes_is_refused() -> None:
    opt = Adam(nn.Linear(2, 2))
    opt.step([np.ones((2, 2)), np.ones(2)])
    with pytest.raises(tg.errors.LoadError, match=r"\[2\] parameters"):
        Adam(nn.Linear(2, 2, bias=False)).load_state_dict(opt.state_dict())
    with pytest.raises(tg.errors.LoadError) as caught:
        Adam(nn.Linear(3, 2)).load_state_dict(opt.state_dict())
    assert caught.value.shapes == ((2, 2), (2, 3))
    with pytest.raises(tg.errors.LoadError):
        opt.load_state_dict({"state": {}})


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD(p, lr=-0.1),
        lambda p: SGD(p, lr=float("nan")),
        lambda p: SGD(p, lr="0.1"),
        lambda p: SGD(p, momentum=-1),
        lambda p: SGD(p, weight_decay=-1),
        lambda p: SGD(p, nesterov=True),
        lambda p: SGD(p, momentum=0.9, dampening=0.1, nesterov=True),
        lambda p: Adam(p, lr=-1),
        lambda p: Adam(p, betas=(1.0, 0.9)),
        lambda p: Adam(p, betas=0.9),
        lambda p: Adam(p, eps=-1),
        lambda p: SGD([{"params": p, "lr": -1.0}]),
        lambda p: SGD([{"params": p, "learning": 1.0}]),
        lambda p: SGD([{"lr": 1.0}]),
        lambda p: SGD([*p, *p]),
        lambda p: SGD([p[0] * 2]),
        lambda p: SGD([np.ones(2)]),
        lambda p: SGD(3),
    ],
)
def test_wrong_settings_are_refused(make: Any) -> None:
    with pytest.raises(tg.errors.ArgumentError):
        make([nn.Parameter([1.0, 2.0])])


def test_gradients_that_do_not_belong_are_refused() -> None:
    model = nn.Linear(2, 1)
    opt = SGD(model, lr=0.1)
    with pytest.raises(tg.errors.ArgumentError, match="did you mean 'weight'"):
        opt.step({"wieght": np.ones((1, 2))})
    with pytest.raises(tg.errors.ArgumentError, match="1 gradients are given for 2"):
        opt.step([np.ones((1, 2))])
    with pytest.raises(tg.errors.ShapeError) as caught:
        opt.step({"weight": np.ones((2, 1))})
    assert caught.value.shapes == ((2, 1), (1, 2))
    with pytest.raises(tg.errors.ArgumentError, match="no parameter of this name"):
        SGD(model.parameters(), lr=0.1).step({"weight": np.ones((1, 2))})


def test_a_model_without_parameters_lists_what_was_seen() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            self.layers = [tg.tanh, tg.exp]
            self.kind = nn.Linear
            self.w = tg.Tensor([1.0])
            self.bag = {nn.Linear(1, 1)}
            self.act = nn.ReLU()

    with pytest.raises(tg.errors.ModuleError) as caught:
        SGD(Net(), lr=0.1)
    error = caught.value
    assert error.code == "TG-M01"
    text = "\n".join(error.notes)
    assert "Net has no parameters" in str(error)
    for part in (
        "`layers`: list of 2 function",
        "`kind`: the class Linear, not an instance",
        "`w`: Tensor, not a Parameter",
        "`bag`: set of 1 Linear",
        "`act`: ReLU, a module without parameters",
    ):
        assert part in text
    net = Net()
    exec(str(error.fix), {"nn": nn, "self": net})
    SGD(net, lr=0.1)


def test_a_misspelt_init_and_class_attributes_are_pointed_at() -> None:
    class Misspelt(nn.Module):
        w = nn.Parameter([1.0])

        def _init_(self) -> None:
            self.fc = nn.Linear(1, 1)

    with pytest.raises(tg.errors.ModuleError) as caught:
        Adam(Misspelt())
    text = "\n".join(caught.value.notes)
    assert "`_init_`" in text
    assert "`w`: an attribute of the class" in text


def test_an_empty_or_used_up_collection_is_refused() -> None:
    used = iter(nn.Linear(1, 1).parameters())
    list(used)
    for empty in ([], used, {}, [{"params": []}]):
        with pytest.raises(tg.errors.ModuleError) as caught:
            SGD(empty, lr=0.1)
        assert caught.value.code == "TG-M01"


def test_repr_shows_settings_and_size() -> None:
    assert repr(Adam(nn.Linear(3, 2), lr=0.5)) == (
        "Adam(lr=0.5, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.0: 8 numbers)"
    )
