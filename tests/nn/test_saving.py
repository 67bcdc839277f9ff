"""``tg.save`` and ``tg.load``: every layer, whole models, states, and what is refused."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import tinygrad_edu as tg
from tests.nn.entries import ENTRIES
from tests.nn.entries.entry import Repeated, built, values
from tests.nn.optim.optimizers import OPTIMIZERS
from tests.nn.optim.schedules import CURVES
from tests.storage.hostile import manifest, npz
from tinygrad_edu import nn

pytestmark = pytest.mark.once  # what no version of Python changes

SUFFIXES = (".npz", ".safetensors")
both = pytest.mark.parametrize("suffix", SUFFIXES)
many = settings.get_current_profile_name() == "thorough"


@pytest.fixture(autouse=True)
def the_package_for_the_other_format(request: pytest.FixtureRequest) -> None:
    if "suffix" in request.fixturenames and ".safetensors" in str(request.node.name):
        pytest.importorskip("safetensors")


def alike(model: Any, other: Any) -> None:
    """The same layers with the same settings, modes, names and numbers."""
    assert repr(other) == repr(model)
    for (path, left), (name, right) in zip(
        model.named_modules(), other.named_modules(), strict=True
    ):
        assert (name, type(right), right.training) == (path, type(left), left.training)
        assert list(vars(right)) == list(vars(left))
    ours, theirs = model.state_dict(), other.state_dict()
    assert list(theirs) == list(ours)
    for name, array in ours.items():
        assert theirs[name].dtype == array.dtype
        assert theirs[name].tobytes() == array.tobytes()
    for (path, left), (name, right) in zip(
        model.named_parameters(), other.named_parameters(), strict=True
    ):
        assert (name, right.requires_grad, right.name) == (path, left.requires_grad, left.name)


# Every layer and loss


@pytest.mark.parametrize("name", sorted(ENTRIES))
@settings(
    max_examples=50 if many else 3,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), training=st.booleans())
def test_every_layer_is_loaded_as_it_was(
    name: str, data: Any, training: bool, tmp_path: Path
) -> None:
    entry = ENTRIES[name]
    drawn = data.draw(entry.drawn)
    layer = built(entry, drawn).train(training)
    for parameter in layer.parameters():
        parameter.data = parameter.data + 0.5
    if any(getattr(nn, type(part).__name__, None) is not type(part) for part in layer.modules()):
        with pytest.raises(tg.errors.ModuleError):  # it was given a layer of a test's own
            tg.save(layer, tmp_path / "layer.npz")
        return
    loaded = tg.load(tg.save(layer, tmp_path / "layer.npz"))
    alike(layer, loaded)
    results = [values(Repeated(each, drawn)(*drawn.inputs)) for each in (layer, loaded)]
    for left, right in zip(*results, strict=True):
        np.testing.assert_array_equal(left, right)
    alike(layer, loaded)  # the running statistics, too


def test_a_stack_of_the_librarys_own_layers_is_loaded_as_it_was(tmp_path: Path) -> None:
    layer = nn.TransformerEncoderLayer(4, 2, 6, activation="gelu", norm_first=True)
    model = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(4)).eval()
    loaded = tg.load(tg.save(model, tmp_path / "model.npz"))
    alike(model, loaded)
    x = np.ones((3, 1, 4), np.float32)
    np.testing.assert_array_equal(loaded(x).data, model(x).data)


# Whole models


def network() -> nn.Sequential:
    with tg.seed(0):
        model = nn.Sequential(
            nn.Linear(3, 4), nn.Dropout(0.25), nn.Sequential(nn.Tanh(), nn.Linear(4, 2))
        )
    model[0].bias.requires_grad = False
    model[0].bias.name = "offset"
    model[1].eval()
    return model.astype(np.float64)


@both
def test_a_model_is_loaded_as_it_was(tmp_path: Path, suffix: str) -> None:
    model = network()
    model[2].append(nn.ReLU())
    model[1].p = 0.75
    loaded = tg.load(tg.save(model, tmp_path / f"model{suffix}"))
    alike(model, loaded)
    x = np.ones((2, 3))
    np.testing.assert_array_equal(loaded(x).data, model(x).data)
    assert loaded[1].p == 0.75


@both
def test_a_loaded_model_can_be_trained(tmp_path: Path, suffix: str) -> None:
    model = network()
    loaded = tg.load(tg.save(model, tmp_path / f"model{suffix}"))
    x = np.random.default_rng(0).normal(size=(5, 3))
    for each in (model, loaded):
        optimizer = nn.optim.Adam(each, lr=0.1)
        for _ in range(3):
            each.zero_grad()
            (each(x) ** 2.0).sum().backward()
            optimizer.step()
    alike(model, loaded)


@both
def test_saving_what_was_loaded_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first = tg.save(network(), tmp_path / f"first{suffix}")
    second = tg.save(tg.load(first), tmp_path / f"second{suffix}")
    assert first.read_bytes() == second.read_bytes()


@both
def test_shared_weights_and_layers_stay_shared(tmp_path: Path, suffix: str) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    second.weight = first.weight
    model = nn.Sequential(first, second, first)
    loaded = tg.load(tg.save(model, tmp_path / f"model{suffix}"))
    alike(model, loaded)
    assert loaded[0] is loaded[2]
    assert loaded[0] is not loaded[1]
    assert loaded[0].weight is loaded[1].weight
    assert len(loaded.parameters()) == len(model.parameters()) == 3


def test_a_model_inside_itself_is_loaded(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].owner = model
    loaded = tg.load(tg.save(model, tmp_path / "model.npz"))
    assert loaded[0].owner is loaded


def test_layers_in_lists_tuples_and_dicts_are_loaded(tmp_path: Path) -> None:
    layer = nn.Identity()
    layer.parts = {"a": [nn.Linear(1, 1), nn.Parameter([2.0])], 3: (nn.Buffer([1]), nn.Tanh())}
    layer.table, layer.kind = np.arange(3), np.dtype(np.int8)
    layer.constant = tg.Tensor([1.0, 2.0], name="fixed")
    layer.activation = nn.functional.relu
    loaded = tg.load(tg.save(layer, tmp_path / "layer.npz"))
    alike(layer, loaded)
    assert isinstance(loaded.parts[3], tuple)
    assert isinstance(loaded.parts[3][0], nn.Buffer)
    assert loaded.activation is nn.functional.relu
    assert loaded.kind is layer.kind
    np.testing.assert_array_equal(loaded.table, layer.table)
    assert (type(loaded.constant), loaded.constant.name) == (tg.Tensor, "fixed")


def test_a_stream_of_random_numbers_is_not_saved(tmp_path: Path) -> None:
    loaded = tg.load(tg.save(nn.Dropout(0.5, rng=3), tmp_path / "layer.npz"))
    with tg.seed(1):
        first = loaded(np.ones(50)).data
    with tg.seed(1):
        np.testing.assert_array_equal(first, loaded(np.ones(50)).data)


def test_nothing_is_drawn_and_no_constructor_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tg.save(network(), tmp_path / "model.npz")
    monkeypatch.setattr(nn.Linear, "__init__", lambda *_, **__: pytest.fail("a constructor ran"))
    with tg.seed(0):
        tg.load(path)
        after = tg.random.uniform().item()
    with tg.seed(0):
        assert after == tg.random.uniform().item()


@both
def test_other_libraries_find_the_arrays_under_their_names(tmp_path: Path, suffix: str) -> None:
    model = network()
    path = tg.save(model, tmp_path / f"model{suffix}")
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in archive.files if name != "manifest.json"}
    else:
        found = __import__("safetensors.numpy").numpy.load_file(path)
    state = model.state_dict()
    assert found.keys() == state.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(found[name], array)


# States


@both
def test_a_state_dict_is_a_file_of_arrays_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    model, other = network(), network()
    for parameter in other.parameters():
        parameter.data = parameter.data * 0.0
    path = tg.save(model.state_dict(), tmp_path / f"weights{suffix}")
    other.load_state_dict(tg.load(path))
    alike(model, other)
    if suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            assert archive.files == list(model.state_dict())
            other.load_state_dict(archive)
    else:
        header = path.read_bytes()[8:]
        assert b"__metadata__" not in header


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_an_optimizer_goes_on_from_a_file(tmp_path: Path, name: str) -> None:
    options = {"lr": 0.1, **({"momentum": 0.9} if name == "SGD" else {})}
    models = [network(), network()]
    optimizers = [getattr(nn.optim, name)(model, **options) for model in models]
    x = np.ones((2, 3))

    def step(k: int) -> None:
        models[k].zero_grad()
        (models[k](x) ** 2.0).sum().backward()
        optimizers[k].step()

    step(0)
    models[1].load_state_dict(models[0].state_dict())
    state = optimizers[0].state_dict()
    loaded = tg.load(tg.save(state, tmp_path / "state.npz"))
    assert loaded["param_groups"] == state["param_groups"]
    assert list(loaded["state"]) == list(state["state"])
    optimizers[1].load_state_dict(loaded)
    for k in (0, 1):
        step(k)
    alike(models[0], models[1])


@pytest.mark.parametrize("name", sorted(CURVES))
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_state_of_a_schedule_comes_back(name: str, data: Any, tmp_path: Path) -> None:
    optimizer = nn.optim.SGD([nn.Parameter([1.0])], lr=0.1)
    schedule = getattr(nn.optim.schedules, name)(optimizer, **data.draw(CURVES[name].settings))
    optimizer.step([np.ones(1)])
    schedule.step()
    state = schedule.state_dict()
    loaded = tg.load(tg.save(state, tmp_path / "state.npz"))
    assert loaded == state
    schedule.load_state_dict(loaded)


def test_a_nested_state_comes_back_with_tensors_as_arrays(tmp_path: Path) -> None:
    state = {"epoch": 3, "best": float("inf"), "betas": (0.9, 0.999), "w": tg.Tensor([1.0])}
    loaded = tg.load(tg.save(state, tmp_path / "state.npz"))
    assert {key: loaded[key] for key in ("epoch", "best", "betas")} == {
        key: state[key] for key in ("epoch", "best", "betas")
    }
    assert type(loaded["w"]) is np.ndarray
    assert tg.load(tg.save({}, tmp_path / "none.npz")) == {}


def test_the_state_of_a_random_generator_comes_back(tmp_path: Path) -> None:
    rng, other = np.random.default_rng(1), np.random.default_rng(2)
    state = {"rng": rng.bit_generator.state}
    other.bit_generator.state = tg.load(tg.save(state, tmp_path / "rng.npz"))["rng"]
    assert other.random() == rng.random()


# What is refused


class Own(nn.Module):
    """A user's."""

    def __init__(self) -> None:
        self.layer = nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return self.layer(x)


class Linear(nn.Linear):
    """A user's, by the library's name."""


def test_m07_a_class_of_ones_own_is_refused_and_the_fix_saves_its_weights(
    tmp_path: Path, apply_fix: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for model in (Own(), nn.Sequential(nn.Tanh(), Own()), Linear(2, 2)):
        with pytest.raises(
            tg.errors.ModuleError, match=r"are from nn; (Own|Linear) is not"
        ) as error:
            tg.save(model, "model.npz")
        assert error.value.code == "TG-M07"
        assert "run code" in error.value.why
        assert not Path("model.npz").exists()
        apply_fix(error.value, model=model)
        code = error.value.fix.partition("# then ")[2].partition(" of ")[0]
        eval(code, {"tg": tg, "model": model})
        Path("model.npz").unlink()


@pytest.mark.parametrize(
    "value",
    [
        object(),
        np.sin,
        lambda x: x,
        tg.sin,
        {1, 2},
        np.dtype(object),
        Own,
        type("P", (nn.Parameter,), {})(1.0),
    ],
)
def test_m07_a_setting_that_is_no_setting_is_refused(tmp_path: Path, value: Any) -> None:
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].extra = value
    with pytest.raises(tg.errors.TinygradError, match=r"0\.extra"):
        tg.save(model, tmp_path / "model.npz")
    assert list(tmp_path.iterdir()) == []


def test_m07_all_classes_of_ones_own_are_named_with_their_paths(tmp_path: Path) -> None:
    model = nn.Sequential(Own(), nn.Tanh(), nn.Sequential(Linear(2, 2)))
    with pytest.raises(tg.errors.ModuleError, match="Own, Linear are not") as caught:
        tg.save(model, tmp_path / "model.npz")
    assert caught.value.notes == ("0: Own", "2.0: Linear")


@pytest.mark.parametrize("name", ["forward", "a.b", "__dunder__", "parameters"])
def test_what_cannot_be_loaded_is_not_saved(tmp_path: Path, name: str) -> None:
    layer = nn.Identity()
    setattr(layer, name, 3)
    with pytest.raises(tg.errors.ModuleError, match=re.escape(name)):
        tg.save(layer, tmp_path / "layer.npz")


def test_a_model_for_the_arrays_of_another_is_told(tmp_path: Path, apply_fix: Any) -> None:
    model, other = network(), network()
    with pytest.raises(tg.errors.LoadError, match="got Sequential") as caught:
        model.load_state_dict(other)
    apply_fix(caught.value, model=model, other=other)


def test_a_model_of_ones_own_hidden_in_a_mapping_is_refused(tmp_path: Path) -> None:
    layer = nn.Identity()
    layer.parts = __import__("types").MappingProxyType({"a": Own()})
    with pytest.raises(tg.errors.ModuleError, match="Own is not"):
        tg.save(layer, tmp_path / "model.npz")


def test_two_parameters_of_one_path_are_refused(tmp_path: Path) -> None:
    layer = nn.Identity()
    layer.parts = {0: nn.Parameter([1.0]), "0": nn.Parameter([2.0])}
    with pytest.raises(tg.errors.ModuleError, match=r"parts\.0"):
        tg.save(layer, tmp_path / "model.npz")


@pytest.mark.parametrize("target", [nn.optim.SGD([nn.Parameter([1.0])], lr=0.1), 3, "model.npz"])
def test_what_is_neither_a_model_nor_a_dict_is_refused_with_one_that_is(
    tmp_path: Path, target: Any, apply_fix: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tg.errors.ArgumentError, match="neither") as caught:
        tg.save(target, "state.npz")
    tg.load(apply_fix(caught.value, target=target))


def test_swapped_arguments_are_told(tmp_path: Path) -> None:
    with pytest.raises(tg.errors.ArgumentError, match="second"):
        tg.save({}, nn.Linear(1, 1))


# Descriptions that are no model's, with checksums that are right

W = {"weight": np.zeros((1, 1), np.float32)}


def linear(**changed: Any) -> dict[str, Any]:
    attributes = {
        "in_features": 1,
        "out_features": 1,
        "weight": {"parameter": "weight", "name": None, "trained": True},
        "bias": None,
    }
    return {"module": "Linear", "path": "", "attributes": attributes | changed}


WRONG: dict[str, Any] = {
    "not a model": {"array": "weight"},
    "a number": 3,
    "a class of another room": {**linear(), "module": "optim"},
    "the base of all": {**linear(), "module": "Module"},
    "a function": {**linear(), "module": "functional"},
    "a builtin": {**linear(), "module": "eval"},
    "no attributes": {"module": "Linear", "path": ""},
    "attributes in a list": {**linear(), "attributes": []},
    "no settings": {**linear(), "attributes": {"weight": linear()["attributes"]["weight"]}},
    "one part more": {**linear(), "call": "os.system"},
    "a method": linear(forward=1),
    "a method in a container": {"module": "Sequential", "path": "", "attributes": {"append": 1}},
    "a method of modules": linear(state_dict={"dict": []}),
    "a dunder": linear(__class__="Own"),
    "a dot": linear(**{"a.b": 1}),
    "no name": linear(**{"": 1}),
    "a flag that is none": linear(training="yes"),
    "an array that is not there": linear(weight={"parameter": "w", "name": None, "trained": True}),
    "an array unused": linear(weight=None),
    "a flag of a parameter": linear(weight={"parameter": "weight", "name": None, "trained": 1}),
    "a name of a parameter": linear(weight={"parameter": "weight", "name": 3, "trained": True}),
    "one array twice": linear(bias={"parameter": "weight", "name": None, "trained": True}),
    "a module twice": linear(inner={"module": "Tanh", "path": "", "attributes": {}}),
    "the same as nothing": linear(bias={"same": "bias"}),
    "a function that is none": linear(bias={"function": "eval"}),
    "a function by a path": linear(bias={"function": "__builtins__"}),
    "a type of object": linear(bias={"dtype": "object"}),
    "an unknown part": linear(bias={"call": "os.system"}),
    "a dict of no pairs": linear(bias={"dict": [1]}),
    "a dict with a list for a key": linear(bias={"dict": [[[1], 2]]}),
    "a dict with a key twice": linear(bias={"dict": [[1, 2], [1, 3]]}),
    "a number that is none": linear(bias={"float": "1"}),
    "too deep": linear(bias=json.loads("[" * 150 + "]" * 150)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_description_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(npz(W, manifest(W, WRONG[name])))
    with pytest.raises(tg.errors.LoadError) as caught:
        tg.load(path)
    assert caught.value.code == "TG-F04"
    assert caught.value.__suppress_context__


def test_the_description_that_they_come_from_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(npz(W, manifest(W, linear())))
    assert repr(tg.load(path)) == "Linear(in_features=1, out_features=1, bias=False)"


def test_shared_weights_with_two_values_are_refused(tmp_path: Path) -> None:
    two = {"0.weight": W["weight"], "1.weight": W["weight"] + 1}
    parameter = {"parameter": "0.weight", "name": None, "trained": True}
    inner = [
        {**linear(weight=what), "path": str(k)}
        for k, what in enumerate((parameter, {"same": "0.weight"}))
    ]
    tree = {"module": "Sequential", "path": "", "attributes": dict(zip("01", inner, strict=True))}
    path = tmp_path / "model.npz"
    path.write_bytes(npz(two, manifest(two, tree)))
    with pytest.raises(tg.errors.LoadError, match="two values"):
        tg.load(path)


def test_an_array_of_whole_numbers_is_not_trained(tmp_path: Path) -> None:
    whole = {"weight": np.zeros((1, 1), np.int64)}
    path = tmp_path / "model.npz"
    path.write_bytes(npz(whole, manifest(whole, linear())))
    with pytest.raises(tg.errors.LoadError, match="trained"):
        tg.load(path)


def test_a_kind_of_file_from_elsewhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(npz(W, manifest(W, 1, kind="opera")))
    with pytest.raises(tg.errors.LoadError, match="'opera'"):
        tg.load(path)


def test_a_state_that_is_no_dict_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.npz"
    path.write_bytes(npz({}, manifest({}, [1], kind="state")))
    with pytest.raises(tg.errors.LoadError, match="not one of a dict"):
        tg.load(path)


def test_classes_come_from_the_list_of_public_names_only() -> None:
    saving = __import__("tinygrad_edu.nn.saving", fromlist=["_classes"])
    named = saving._classes()
    assert named.keys() <= set(nn.__all__)
    assert set(ENTRIES) <= named.keys()
    assert all(
        issubclass(kind, nn.Module) and kind.__name__ == name for name, kind in named.items()
    )


# Copies in memory


@pytest.mark.parametrize("how", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_in_memory_is_a_model_of_its_own(how: Callable[[Any], Any]) -> None:
    model = network()
    model.append(model[0])
    other = how(model)
    alike(model, other)
    assert other[0] is other[3]
    before = model.state_dict()
    for parameter in other.parameters():
        parameter.data = parameter.data + 1.0
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
