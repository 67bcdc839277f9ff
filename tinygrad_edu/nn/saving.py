"""``tg.save`` and ``tg.load``: weights, whole models, and the states of optimizers, in files.

A module is what its attributes hold, so that is what a file describes: for every layer its class,
its settings and where its arrays are. ``load`` makes an object of the class and gives it the
attributes back. It calls no constructor, so a file cannot ask for more memory than its arrays have,
and a new layer needs nothing to be saved. Classes come from the list ``nn.__all__`` alone.
"""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .. import storage
from ..autodiff.tensor import Parameter, Tensor
from ..storage.faults import Damaged
from ..storage.numbers_only import TYPES
from ..types import Array
from . import catalogue_saving as catalogue, state
from .module import Module
from .tree import Buffer

__all__ = ["load", "save"]

_MODEL, _STATE = "model", "state"
_KINDS: dict[type, str] = {Parameter: "parameter", Buffer: "buffer", Tensor: "tensor"}
# The parts of a description, beside those of ``storage.pack``.
_FORMS = [
    {"module", "path", "attributes"}, {"parameter", "name", "trained"}, {"buffer", "name"},
    {"tensor", "name"}, {"same"}, {"array"}, {"dtype"}, {"function"},
]  # fmt: skip
_TYPES = {np.dtype(kind).name for kind in TYPES}


def save(target: Any, path: Any) -> Path:
    """Write weights, a whole model or a state into a file.

    Parameters
    ----------
    target : Module, or mapping of str
        A model of the library's own layers, with its settings, modes and shared weights. Or arrays
        by name, such as ``model.state_dict()``: then the file holds these and nothing else. Or
        nested dicts, lists and tuples of arrays, numbers and text, such as ``opt.state_dict()``.
    path : str or path
        Ends with ``.npz``, or with ``.safetensors``, which needs the package of that name.

    Returns
    -------
    Path
        Where the file lies.

    Raises
    ------
    ModuleError
        For a model with classes of your own.
    FileError, ArgumentError, DTypeError, MissingDependency
        For a place, a name or a value that cannot be written.

    Notes
    -----
    The file is written beside its place and then renamed: whatever happens, the old file or the new
    one is there, whole. NumPy reads the arrays of a ``.npz``, PyTorch those of a ``.safetensors``,
    under the names of ``state_dict``. The streams of random numbers of layers made with ``rng=``
    are not saved: loaded, they draw from ``tg.seed``. Nor are gradients.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu import nn
    >>> folder = getfixture("tmp_path")
    >>> model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    >>> tg.load(tg.save(model, folder / "model.npz"))
    Sequential(
      (0): Linear(in_features=3, out_features=2, bias=True)
      (1): Tanh()
    )
    >>> path = tg.save(model.state_dict(), folder / "weights.npz")
    >>> model.load_state_dict(tg.load(path))
    IncompatibleKeys(missing_keys=[], unexpected_keys=[])
    """
    if isinstance(target, Module):
        writer = _Writer(target)
        return storage.write(path, writer.arrays, _MODEL, writer.tree)
    if not isinstance(target, Mapping):
        raise catalogue.not_saveable(target)
    if all(isinstance(name, str) and _is_array(value) for name, value in target.items()):
        return storage.write(path, target)
    arrays: dict[str, Array] = {}
    tree = storage.pack(target, arrays)
    return storage.write(path, arrays, _STATE, tree)


def load(path: Any) -> Any:
    """Read what ``save`` wrote, or the arrays of a ``.npz`` or ``.safetensors`` file of others.

    Parameters
    ----------
    path : str or path
        What is in the file counts, not the end of its name.

    Returns
    -------
    Module, or dict
        A model as it was, in the mode in which it was. Or the dict that was saved, with arrays for
        Tensors; of a file that PyTorch or NumPy wrote, its arrays by name.

    Raises
    ------
    FileError
        When there is no such file, or it cannot be read.
    LoadError
        When it is something else, cut off, damaged, from a newer version, or made to harm.

    Notes
    -----
    Nothing in a file is executed or imported. Sizes are checked before memory is taken: an
    uncompressed file takes about its own size, a compressed one at most 64 MiB and 32 times its
    size, names and settings at most some 100 MiB; more is refused.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> folder = getfixture("tmp_path")
    >>> np.savez(folder / "arrays.npz", w=np.zeros(2))
    >>> tg.load(folder / "arrays.npz")
    {'w': array([0., 0.])}
    """
    contents = storage.read(path)
    if not contents.kind:
        return contents.arrays
    try:
        if contents.kind == _MODEL:
            return _Reader(contents.arrays).model(contents.tree)
        if contents.kind == _STATE:
            return _mapping(storage.unpack(contents.tree, contents.arrays))
    except Damaged as fault:
        raise catalogue.unfit(path, fault) from None
    raise catalogue.unfit(path, Damaged(f"it holds a {contents.kind!r:.40}, no model or state"))


def _mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise Damaged("its description is not one of a dict")
    return value


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") and not isinstance(value, np.generic)


def _classes() -> dict[str, type[Module]]:
    """The only classes that a file can name."""
    from .. import nn

    named = {name: getattr(nn, name) for name in nn.__all__}
    return {
        name: kind
        for name, kind in named.items()
        if isinstance(kind, type) and issubclass(kind, Module) and kind is not Module
    }


def _functions() -> dict[str, Any]:
    """The only functions that a file can name, as a setting such as an activation."""
    from . import functional

    return {name: getattr(functional, name) for name in functional.__all__}


class _Writer:
    """A model as JSON, and its arrays under the names that they have in ``state_dict``."""

    def __init__(self, model: Module) -> None:
        leaves = state.leaves(model)
        self.arrays: dict[str, Any] = {path: leaf._data for path, leaf in leaves.items()}
        self._classes, self._functions = _classes(), _functions()
        self._first: dict[int, str] = {}
        if foreign := [(path, part) for path, part in model.named_modules() if self._own(part)]:
            raise catalogue.own_class(foreign)
        self.tree = self._described(model, "", 0)

    def _own(self, module: Module) -> bool:
        return self._classes.get(type(module).__name__) is not type(module)

    def _described(self, value: Any, path: str, depth: int) -> Any:
        """JSON for what is no container of Python and no number."""
        if isinstance(value, (Module, Parameter, Buffer)):
            first = self._first.setdefault(id(value), path)
            if first != path:
                return {"same": first}
        if isinstance(value, Module):
            return self._module(value, path, depth)
        if isinstance(value, Tensor):
            return self._tensor(value, path)
        if isinstance(value, np.dtype) and value.name in _TYPES:
            return {"dtype": value.name}
        if isinstance(value, np.random.Generator):
            return None
        for name, function in self._functions.items():
            if value is function:
                return {"function": name}
        if _is_array(value):
            return NotImplemented
        raise catalogue.own_value(value, path)

    def _module(self, module: Module, path: str, depth: int) -> dict[str, Any]:
        if self._own(module):
            raise catalogue.own_class([(path, module)])
        prefix = f"{path}." if path else ""
        for name, part in vars(module).items():
            if not _fits(type(module), name, part):
                raise catalogue.own_value(part, f"{prefix}{name}")
        attributes = {
            name: storage.pack(part, self.arrays, f"{prefix}{name}", depth + 1, self._described)
            for name, part in vars(module).items()
        }
        return {"module": type(module).__name__, "path": path, "attributes": attributes}

    def _tensor(self, tensor: Tensor, path: str) -> dict[str, Any]:
        kind = _KINDS.get(type(tensor))
        if kind is None:
            raise catalogue.own_value(tensor, path)
        # Two that have one path would be one in the file, and in ``state_dict`` too.
        if self.arrays.setdefault(path, tensor._data) is not tensor._data:
            raise catalogue.own_value(tensor, path)
        described = {kind: path, "name": None if tensor.name is None else str(tensor.name)}
        return {**described, "trained": tensor.requires_grad} if kind == "parameter" else described


class _Reader:
    """A model from JSON and arrays, both from a file and therefore not to be believed."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._arrays = arrays
        self._classes, self._functions = _classes(), _functions()
        self._parts: dict[str, Any] = {}
        self._constants: set[str] = set()

    def model(self, tree: Any) -> Module:
        """Return the model that a description is of, if its arrays are those of the file."""
        model = storage.unpack(tree, {}, 0, self._made)
        if not isinstance(model, Module):
            raise Damaged("its description is not one of a model")
        leaves = state.leaves(model)
        if leaves.keys() | self._constants != self._arrays.keys():
            raise Damaged("its description does not use the arrays that it has")
        for path, leaf in leaves.items():
            other = self._arrays[path]
            if leaf._data is not other and leaf._data.tobytes() != other.tobytes():
                raise Damaged(f"{path!r:.80} is shared, and has two values")
        try:
            for module in model.modules():
                module.extra_repr()
        except Exception as error:  # of any kind: a layer without its settings may do anything
            raise Damaged(f"one of its layers lacks a setting: {error!s:.100}") from None
        return model

    def _made(self, spec: dict[str, Any], depth: int) -> Any:
        match spec if spec.keys() in _FORMS else {}:
            case {"module": str(kind), "path": str(path), "attributes": dict(attributes)}:
                return self._module(kind, path, attributes, depth)
            case {"same": str(path)} if path in self._parts:
                return self._parts[path]
            case {"parameter": str(path), "trained": bool(trained), "name": str() | None as name}:
                return self._kept(path, Parameter, trained, name)
            case {"buffer": str(path), "name": str() | None as name}:
                return self._kept(path, Buffer, False, name)
            case {"tensor": str(path), "name": str() | None as name}:
                self._constants.add(path)
                return self._kept(path, Tensor, False, name)
            case {"array": str(path)} if path in self._arrays:
                self._constants.add(path)
                return self._arrays[path]
            case {"dtype": str(name)} if name in _TYPES:
                return np.dtype(name)
            case {"function": str(name)} if name in self._functions:
                return self._functions[name]
        raise Damaged(f"its description has an unknown part: {reprlib.repr(spec)}")

    def _module(self, kind: str, path: str, attributes: dict[str, Any], depth: int) -> Module:
        if kind not in self._classes:
            raise Damaged(f"it has a layer of a class that nn does not have, {kind!r:.40}")
        cls = self._classes[kind]
        module = cls.__new__(cls)
        self._once(path, module)
        for name, content in attributes.items():
            value = storage.unpack(content, {}, depth + 1, self._made)
            if not _fits(cls, name, value):
                raise Damaged(f"{kind} has no setting {name!r:.40} with this value")
            vars(module)[name] = value
        return module

    def _kept(self, path: str, cls: type[Tensor], trained: bool, name: str | None) -> Tensor:
        array = self._arrays.get(path)
        if array is None or (trained and array.dtype.kind != "f"):
            raise Damaged(f"{path!r:.80} is not an array of the file that could be trained")
        leaf = cls.__new__(cls)._fill(array, trained, name)
        self._once(path, leaf)
        return leaf

    def _once(self, path: str, part: Any) -> None:
        if path in self._parts:
            raise Damaged(f"its description has {path!r:.80} twice")
        self._parts[path] = part


def _fits(cls: type, name: str, value: Any) -> bool:
    """Whether an attribute may have this name: not that of a method, and a flag stays a flag."""
    if not name or "." in name or name.startswith("__"):
        return False
    held = getattr(cls, name, None)
    if callable(held) or hasattr(held, "__get__"):
        return False
    return type(held) is not bool or type(value) is bool
