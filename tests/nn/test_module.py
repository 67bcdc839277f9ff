"""Finding, naming, saving and switching what a module holds."""

from __future__ import annotations

import copy
import pickle
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import tinygrad_edu as tg
from tinygrad_edu import nn


class Block(nn.Module):
    def __init__(self, rng: int = 0) -> None:
        self.inner = nn.Linear(3, 3, rng=rng)
        self.mean = nn.Buffer(np.zeros(3, np.float32))

    def forward(self, x: Any) -> Any:
        return tg.tanh(self.inner(x) - self.mean)


class Net(nn.Module):
    """One of everything, with no call of ``super().__init__()``."""

    def __init__(self) -> None:
        self.width = 3
        self.first = nn.Linear(3, 3, rng=1)
        self.blocks = [Block(2), Block(3)]
        self.heads = {"a": nn.Linear(3, 1, rng=4), "b": (nn.Linear(3, 2, bias=False, rng=5),)}
        self.scale = nn.Parameter([1.0])

    def forward(self, x: Any) -> Any:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.heads["a"](x) * self.scale


NAMES = [
    "first.weight", "first.bias",
    "blocks.0.inner.weight", "blocks.0.inner.bias",
    "blocks.1.inner.weight", "blocks.1.inner.bias",
    "heads.a.weight", "heads.a.bias", "heads.b.0.weight", "scale",
]  # fmt: skip


def test_parameters_are_found_in_order_of_definition() -> None:
    net = Net()
    named = list(net.named_parameters())
    assert [name for name, _ in named] == NAMES
    assert isinstance(net.parameters(), list)
    assert all(p is q for p, (_, q) in zip(net.parameters(), named, strict=True))


def test_modules_children_and_buffers_have_their_paths() -> None:
    net = Net()
    assert [name for name, _ in net.named_modules()] == [
        "", "first", "blocks.0", "blocks.0.inner", "blocks.1", "blocks.1.inner", "heads.a",
        "heads.b.0",
    ]  # fmt: skip
    assert [name for name, _ in net.named_children()] == [
        "first", "blocks.0", "blocks.1", "heads.a", "heads.b.0"
    ]  # fmt: skip
    assert next(net.modules()) is net
    assert next(iter(net.children())) is net.first
    assert [name for name, _ in net.named_buffers()] == ["blocks.0.mean", "blocks.1.mean"]


nests = st.recursive(
    st.sampled_from(["p", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


@given(nests)
def test_any_nest_lists_each_parameter_under_the_keys_that_lead_to_it(nest: Any) -> None:
    def filled(part: Any) -> Any:
        if isinstance(part, list):
            return [filled(inner) for inner in part]
        if isinstance(part, dict):
            return {key: filled(inner) for key, inner in part.items()}
        return nn.Parameter([0.0]) if part == "p" else part

    module = nn.Module()
    module.nest = filled(nest)  # type: ignore[attr-defined]
    for path, parameter in module.named_parameters():
        found: Any = module.nest  # type: ignore[attr-defined]
        for key in path.split(".")[1:]:
            found = found[int(key)] if isinstance(found, list) else found[key]
        assert found is parameter
    assert len(module.parameters()) == repr(nest).count("'p'")


def test_a_shared_layer_is_listed_once_and_saved_under_each_name() -> None:
    layer = nn.Linear(2, 2, rng=0)
    net = nn.Sequential(layer, nn.ReLU(), layer)
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert net.load_state_dict(net.state_dict()) == ([], [])


def test_a_module_that_holds_itself_is_walked_once() -> None:
    block = Block()
    block.parent = block  # type: ignore[attr-defined]
    assert [name for name, _ in block.named_parameters()] == ["inner.weight", "inner.bias"]
    assert list(block.state_dict()) == ["inner.weight", "inner.bias", "mean"]


def test_a_tape_differentiates_by_a_module_and_answers_by_name() -> None:
    net = Net()
    with tg.Tape() as tape:
        loss = (net(np.ones((2, 3), np.float32)) ** 2).sum()
    got = tape.gradient(loss, net, unconnected="zero")
    assert list(got) == NAMES
    assert got["first.weight"].shape == (3, 3)


def test_state_dict_holds_copies_and_load_writes_them_back() -> None:
    net, other = Net(), Net()
    for parameter in other.parameters():
        parameter.data = parameter.data + 1
    saved = net.state_dict()
    saved["first.weight"] += 0  # a copy: writing must not reach the model
    assert saved["first.weight"] is not net.first.weight.data
    assert other.load_state_dict(saved) == ([], [])
    for name, array in other.state_dict().items():
        np.testing.assert_array_equal(array, saved[name])


def test_loading_stamps_so_that_an_old_backward_raises() -> None:
    layer = nn.Linear(2, 1, rng=0)
    x = tg.Tensor(np.ones((1, 2), np.float32), requires_grad=True)
    loss = layer(x).sum()
    layer.load_state_dict(layer.state_dict())
    with pytest.raises(tg.errors.InPlaceError):
        loss.backward()


def test_load_lists_all_that_does_not_fit_and_changes_nothing() -> None:
    net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Linear(3, 1, rng=1))
    before = net.state_dict()
    arrays = {name: array + 1 for name, array in net.state_dict().items()}
    arrays["0.weight"] = arrays["0.weight"].T
    arrays["1.bais"] = arrays.pop("1.bias")
    with pytest.raises(tg.errors.LoadError) as caught:
        net.load_state_dict(arrays)
    error = caught.value
    assert error.code == "TG-M06"
    assert error.shapes == ((2, 3),)
    text = str(error)
    for part in ("0.weight: given (2, 3)", "(3, 2)", "missing: 1.bias", "did you mean 1.bias?"):
        assert part in text
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    while True:  # the fixes, one after the other, lead to a state that loads
        try:
            net.load_state_dict(arrays)
            break
        except tg.errors.LoadError as again:
            exec(str(again.fix), {"arrays": arrays})
    np.testing.assert_array_equal(net[0].weight.data, before["0.weight"] + 1)


def test_loading_loosely_reports_both_sides_but_never_another_shape() -> None:
    layer = nn.Linear(2, 1, rng=0)
    missing, unexpected = layer.load_state_dict({"weight": np.ones((1, 2)), "x": 0}, strict=False)
    assert (missing, unexpected) == (["bias"], ["x"])
    np.testing.assert_array_equal(layer.weight.data, [[1, 1]])
    with pytest.raises(tg.errors.LoadError):
        layer.load_state_dict({"weight": np.ones((2, 2))}, strict=False)
    with pytest.raises(tg.errors.LoadError):
        layer.load_state_dict("model.npz")  # type: ignore[arg-type]


def test_train_eval_and_evaluating_reach_every_module_and_restore() -> None:
    net = Net()
    assert net.training
    net.blocks[0].eval()
    with net.evaluating() as inside:
        assert inside is net
        assert not any(module.training for module in net.modules())
    assert net.training
    assert not net.blocks[0].training
    assert net.blocks[1].inner.training
    assert not any(module.training for module in net.eval().modules())
    assert all(module.training for module in net.train().modules())


def test_evaluating_restores_after_an_error() -> None:
    net = Net()
    with pytest.raises(ZeroDivisionError), net.evaluating():
        raise ZeroDivisionError
    assert net.training


def test_frozen_parameters_get_no_gradient_until_unfrozen() -> None:
    net = Net()
    net.first.freeze()
    x = np.ones((1, 3), np.float32)
    net(x).sum().backward()
    assert net.first.weight.grad is None
    assert net.scale.grad is not None
    assert net.parameters()[0] is net.first.weight
    net.zero_grad()
    assert net.scale.grad is None
    net.unfreeze()(x).sum().backward()
    assert net.first.weight.grad is not None


def test_astype_converts_floats_in_place_of_the_same_parameters() -> None:
    net = Block()
    net.count = nn.Buffer(3)  # type: ignore[attr-defined]
    weight = net.inner.weight
    values = weight.data
    loss = net(np.ones((1, 3), np.float32)).sum()
    loss.backward()
    assert net.astype(np.float64) is net
    assert net.inner.weight is weight
    assert weight.dtype == weight.grad.dtype == net.mean.dtype == np.float64
    np.testing.assert_array_equal(weight.data, values)
    assert net.count.dtype.kind == "i"  # type: ignore[attr-defined]
    with pytest.raises(tg.errors.DTypeError):
        net.astype(int)


def test_astype_stamps_so_that_rules_never_mix_types() -> None:
    layer = nn.Linear(2, 1, rng=0)
    x = tg.Tensor(np.ones((1, 2), np.float32), requires_grad=True)
    loss = layer(x).sum()
    layer.astype(np.float64)
    with pytest.raises(tg.errors.InPlaceError):
        loss.backward()


def test_apply_visits_inner_modules_first() -> None:
    seen: list[str] = []
    net = nn.Sequential(Block(), nn.ReLU())
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "Block", "ReLU", "Sequential"]


def test_repr_is_a_nested_tree() -> None:
    assert repr(nn.Sequential(nn.Sequential(nn.Linear(2, 1)), nn.Tanh())) == (
        "Sequential(\n"
        "  (0): Sequential(\n"
        "    (0): Linear(in_features=2, out_features=1, bias=True)\n"
        "  )\n"
        "  (1): Tanh()\n"
        ")"
    )
    assert "(blocks.1): Block(\n" in repr(Net())


def test_copies_are_independent_and_keep_sharing_inside() -> None:
    layer = nn.Linear(2, 2, rng=0)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert twin[0] is twin[2]
        assert twin[0] is not layer
        x = np.ones((1, 2), np.float32)
        np.testing.assert_array_equal(twin(x).data, net(x).data)
        twin[0].weight.data = twin[0].weight.data + 1
        assert not np.array_equal(twin(x).data, net(x).data)


def test_arrays_and_lists_become_tensors_of_their_type() -> None:
    class Types(nn.Module):
        def forward(self, *inputs: Any) -> Any:
            return [x.dtype if isinstance(x, tg.Tensor) else type(x) for x in inputs]

    t = tg.Tensor([1.0])
    found = Types()(np.ones(1, np.float32), np.arange(2), [1.5], [t], (t,), None, 3)
    assert found == [np.float32, np.int64, np.float64, list, tuple, type(None), int]


def test_rows_carry_the_path_with_the_number_of_the_call() -> None:
    class Rnn(nn.Module):
        def __init__(self) -> None:
            self.cell = nn.Linear(2, 2, rng=0)
            self.layers = [nn.Sequential(nn.Linear(2, 1, rng=0))]

        def forward(self, x: Any) -> Any:
            return self.layers[0](self.cell(self.cell(x)))

    net, x = Rnn(), np.ones((1, 2), np.float32)
    with tg.Tape() as tape:
        net(x)
        out = net(x)
        loss = out.sum()
    assert [row.module for row in tape] == [
        "Rnn.cell", "Rnn.cell#2", "Rnn.layers.0.0",
        "Rnn#2.cell", "Rnn#2.cell#2", "Rnn#2.layers.0.0", "",
    ]  # fmt: skip
    assert tape[-1] is loss
    with tg.Tape() as second:
        net(x)
    assert second[0].module == "Rnn.cell"
    assert net(x).module == ""


def test_paths_survive_an_error_in_forward() -> None:
    class Broken(nn.Module):
        def forward(self, x: Any) -> Any:
            raise ZeroDivisionError

    with tg.Tape() as tape:
        with pytest.raises(ZeroDivisionError):
            Broken()(1.0)
        nn.Linear(1, 1, rng=0)(np.ones((1, 1), np.float32))
    assert tape[0].module == "Linear"


def test_threads_do_not_see_each_others_paths() -> None:
    paths: dict[int, list[str]] = {}
    barrier = threading.Barrier(2)

    class Wait(nn.Module):
        def __init__(self) -> None:
            self.layer = nn.Linear(1, 1, rng=0)

        def forward(self, x: Any) -> Any:
            barrier.wait(10)
            return self.layer(x)

    def run(k: int) -> None:
        with tg.Tape() as tape:
            Wait()(np.ones((1, 1), np.float32))
        paths[k] = [row.module for row in tape]

    threads = [threading.Thread(target=run, args=(k,)) for k in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == {0: ["Wait.layer"], 1: ["Wait.layer"]}


def test_a_module_without_forward_or_with_call_says_so() -> None:
    class Misspelt(nn.Module):
        def foward(self, x: Any) -> Any:
            return x

    with pytest.raises(tg.errors.ModuleError, match="but `foward`"):
        Misspelt()(1.0)
    with pytest.raises(tg.errors.ModuleError, match="defines __call__"):
        type("Called", (nn.Module,), {"__call__": lambda self, x: x})


def test_a_buffer_is_saved_but_not_trained() -> None:
    block = Block()
    assert not block.mean.requires_grad
    assert "mean" in block.state_dict()
    assert all(parameter is not block.mean for parameter in block.parameters())
    twin = copy.deepcopy(block.mean)
    assert isinstance(twin, nn.Buffer)
    assert not twin.requires_grad


def test_parts_are_frozen_by_pattern_and_by_kind() -> None:
    def frozen(net: nn.Module) -> list[str]:
        return [name for name, p in net.named_parameters() if not p.requires_grad]

    assert frozen(Net().freeze("first")) == NAMES[:2]
    assert frozen(Net().freeze("*.bias")) == [name for name in NAMES if name.endswith("bias")]
    assert frozen(Net().freeze("blocks.?.inner")) == NAMES[2:6]
    assert frozen(Net().freeze(Block)) == NAMES[2:6]
    assert frozen(Net().freeze((Block, nn.Linear))) == NAMES[:-1]
    assert frozen(Net().freeze("scale")) == ["scale"]
    assert frozen(Net().freeze("heads")) == NAMES[6:9]
    assert frozen(Net().freeze().unfreeze("heads.a")) == NAMES[:6] + NAMES[8:]


def test_a_pattern_that_chooses_nothing_names_its_neighbours() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="did you mean 'first'") as caught:
        Net().freeze("frist")
    net = Net().freeze(**eval(f"dict({caught.value.fix})"))
    assert not net.first.weight.requires_grad
    with pytest.raises(tg.errors.ArgumentError, match=r"no parameter matches '\*conv'"):
        Net().freeze("*conv")


def test_repr_says_which_layers_are_one() -> None:
    layer = nn.Linear(2, 2)
    assert repr(nn.Sequential(layer, nn.Tanh(), layer)).splitlines()[3] == "  (2): same as (0)"


@pytest.mark.parametrize("plain", [True, False])
def test_a_list_of_one_layer_several_times_is_noted_once(plain: bool) -> None:
    class Stack(nn.Module):
        def __init__(self) -> None:
            layers: list[Any] = [nn.Linear(8, 8)] * 3
            self.layers = layers if plain else nn.ModuleList(layers)

    net = nn.Sequential(Stack())
    with pytest.warns(nn.ModuleNote, match=r"3 layers of 0.layers are one Linear: its 72") as told:
        net.parameters()
    assert told[0].filename == __file__
    assert len(net.parameters()) == 2  # and nothing is said again


def test_sharing_on_purpose_is_not_noted() -> None:
    layer = nn.Linear(2, 2)
    act = nn.Tanh()
    net = nn.Sequential(layer, act, act, layer)
    net.decoder = net.encoder = layer  # type: ignore[attr-defined]
    net.list = [layer, nn.Linear(2, 2), layer]  # type: ignore[attr-defined]
    assert len(net.parameters()) == 4
