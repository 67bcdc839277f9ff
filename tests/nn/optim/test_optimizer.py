"""Optimizers: what they are given, the flat storage under the parameters, and what they refuse."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.optim import SGD, Adam


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
