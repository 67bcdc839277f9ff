"""``Optimizer``: groups of parameters, their storage, and the step that a pure update makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ...autodiff.tensor import Tensor
from ...types import Operand
from ..note import note
from . import catalogue
from .arena import Arena
from .group import Named, gradients_for, parameter_groups, unshared
from .ranges import check_betas, check_flag, check_number

__all__ = ["Optimizer"]

# Settings that are True or False, whatever the optimizer.
FLAGS = {"amsgrad", "centered", "decoupled_weight_decay", "maximize", "nesterov"}

# What schedules keep in a group; PyTorch's names.
SCHEDULED = ("initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum")


class Optimizer:
    """The base of every optimizer: a subclass gives defaults and a pure ``update``.

    Parameters
    ----------
    params : Module, Tensor, dict, iterable of Parameter or of (name, Parameter), or list of dict
        What to train. Dicts are groups: ``{"params": ..., "lr": 0.01}`` with settings of their own.
    defaults : dict
        Hyperparameters of groups that do not say otherwise.

    Attributes
    ----------
    param_groups : list of dict
        ``params``, ``names`` and hyperparameters, which may be changed between steps.
    steps : int
        How many this object made.

    Raises
    ------
    ModuleError
        When there is nothing to train.
    ArgumentError
        For a hyperparameter outside its range.

    Notes
    -----
    Parameters of one group and type are laid into one flat array, and each parameter becomes a view
    of its part: an update runs once on all of them. Arrays got from ``.data`` before that are
    no longer the parameter's. A parameter without a gradient is skipped, its state too.
    """

    # State with a number for each number of a parameter; the rest has one for each parameter.
    per_element: ClassVar[tuple[str, ...]] = ()
    # Settings that must stay below a number; None stands for any finite number, negative ones too.
    below: ClassVar[Mapping[str, float | None]] = {}

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups = parameter_groups(params, defaults)
        for group in self.param_groups:
            self.check({name: group[name] for name in defaults})
        self.steps = 0
        self._noted = False
        self._arenas: list[tuple[dict[str, Any], list[int], Arena]] = []
        self._lay({})

    def check(self, settings: Mapping[str, Any]) -> None:
        """Raise unless the hyperparameters of a group are in their ranges."""
        for name, value in settings.items():
            if name in FLAGS:
                check_flag(name, value)
            elif name == "betas":
                check_betas(value)
            elif self.below.get(name, math.inf) is None:
                check_number(name, value, low=-math.inf)
            else:
                fix = "lr=0.001" if name == "lr" else None
                check_number(name, value, high=self.below.get(name) or math.inf, fix=fix)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Train further parameters, with settings of their own: layers that were frozen, say.

        Parameters
        ----------
        param_group : dict
            ``{"params": ..., "lr": 0.01}``; settings that it lacks are the optimizer's defaults.

        Raises
        ------
        ModuleError, ArgumentError
            As for the constructor. Nothing was added then.
        """
        added = parameter_groups([param_group], self.defaults)
        unshared([*self.param_groups, *added])
        for group in added:
            self.check({name: group[name] for name in self.defaults})
        states = self._states()
        self.param_groups += added
        self._lay(states)

    @staticmethod
    def update(
        parameter: Operand, gradient: Operand, state: Mapping[str, Any], *_: Any, **settings: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the new parameter and state: a pure function, of arrays or of Tensors.

        Written with operators and operations, element by element, it can be differentiated: with
        respect to a learning rate, for example.
        """
        raise NotImplementedError

    def step(self, gradients: Any = None) -> None:
        """Update every parameter that has a gradient.

        Parameters
        ----------
        gradients : list, dict, Tensor or array, optional
            What ``tape.gradient`` returned: a list in the order of the parameters, a dict by their
            names, or the gradient of the only one. By default each parameter's ``.grad``.

        Raises
        ------
        ArgumentError, ShapeError
            When gradients do not belong to the parameters.
        """
        given = gradients_for(gradients, self._pairs())
        if gradients is None and not self._noted and all(g is None for g in given):
            self._noted = True
            note(catalogue.nothing_to_step(type(self).__name__, len(given)))
        if not all(arena.intact for _, _, arena in self._arenas):
            self._lay(self._states())
        for group, positions, arena in self._arenas:
            settings = {name: _plain(group[name]) for name in self.defaults}
            arena.advance([given[k] for k in positions], self.update, settings)
        self.steps += 1

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to ``None``."""
        for _, parameter in self._pairs():
            parameter.grad = None

    def state_dict(self) -> dict[str, Any]:
        """Return the state as arrays and numbers, in PyTorch's layout.

        Returns
        -------
        dict
            ``"state"``: by position of the parameter, arrays in its shape and numbers.
            ``"param_groups"``: hyperparameters, and positions as ``"params"``.
        """
        groups, start = [], 0
        for group in self.param_groups:
            count = len(group["params"])
            plain = {name: group[name] for name in group if name not in ("params", "names")}
            groups.append({**plain, "params": list(range(start, start + count))})
            start += count
        return {"state": self._states(), "param_groups": groups}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Take over what ``state_dict`` returned for parameters of the same shapes and order.

        Parameters
        ----------
        saved : mapping
            As returned, here or by PyTorch.

        Raises
        ------
        LoadError
            When groups, counts or shapes differ. Nothing was changed then.
        """
        if not isinstance(saved, Mapping) or not {"state", "param_groups"} <= set(saved):
            raise catalogue.not_a_state()
        groups, states = list(saved["param_groups"]), dict(saved["state"])
        if any(not isinstance(group, Mapping) or "params" not in group for group in groups):
            raise catalogue.not_a_state()
        sizes = [len(group["params"]) for group in groups]
        own = [len(group["params"]) for group in self.param_groups]
        if sizes != own:
            raise catalogue.other_groups(sizes, own)
        parameters = [parameter for _, parameter in self._pairs()]
        taken = {}
        for key, state in states.items():
            if not str(key).isdigit() or int(key) >= len(parameters):
                raise catalogue.no_such_position(key, len(parameters))
            taken[int(key)] = self._taken(state, int(key), parameters[int(key)])
        for old in groups:
            self.check({name: old[name] for name in self.defaults if name in old})
            for name in SCHEDULED:
                if not isinstance(old.get(name, 0.0), (int, float, type(None))):
                    raise catalogue.no_number(type(self).__name__, name, old[name])
        for group, old in zip(self.param_groups, groups, strict=True):
            kept = [name for name in old if name in self.defaults or name in SCHEDULED]
            group.update({name: old[name] for name in kept})
        self._lay(taken)

    def _taken(self, state: Mapping[str, Any], k: int, parameter: Tensor) -> dict[str, Any]:
        """A saved state with arrays where this optimizer keeps arrays, and numbers elsewhere."""
        taken: dict[str, Any] = {}
        for name, value in state.items():
            if value is None:
                continue
            array = np.asarray(value)
            shape = parameter.shape if name in self.per_element else ()
            if array.shape != shape:
                kind = type(self).__name__
                raise catalogue.state_does_not_fit(kind, name, k, array.shape, shape)
            if array.dtype.kind not in "fiub" or (name == "step" and not array >= 0):
                raise catalogue.no_number(type(self).__name__, f"{name} of parameter {k}", value)
            taken[name] = array if name in self.per_element else array.item()
        return taken

    def __repr__(self) -> str:
        first = self.param_groups[0]
        shown = [name for name in self.defaults if first[name] is not False]
        settings = ", ".join(f"{name}={first[name]}" for name in shown)
        count = sum(parameter.size for _, parameter in self._pairs())
        groups = f" in {len(self.param_groups)} groups" if len(self.param_groups) > 1 else ""
        return f"{type(self).__name__}({settings}: {count} numbers{groups})"

    def _pairs(self) -> Named:
        return [
            pair
            for group in self.param_groups
            for pair in zip(group["names"], group["params"], strict=True)
        ]

    def _states(self) -> dict[int, dict[str, Any]]:
        """The state of each parameter that has one, by position."""
        states = {
            position: arena.state(k)
            for _, positions, arena in self._arenas
            for k, position in enumerate(positions)
        }
        return {position: states[position] for position in sorted(states) if states[position]}

    def _lay(self, states: Mapping[int, Mapping[str, Any]]) -> None:
        """Lay the parameters of each group and type into an arena of their own."""
        self._arenas = []
        start = 0
        for group in self.param_groups:
            params = group["params"]
            for dtype in dict.fromkeys(parameter.dtype for parameter in params):
                chosen = [k for k, parameter in enumerate(params) if parameter.dtype == dtype]
                arena = Arena([params[k] for k in chosen], self.per_element)
                for k, position in enumerate(chosen):
                    arena.set_state(k, states.get(start + position, {}))
                self._arenas.append((group, [start + k for k in chosen], arena))
            start += len(params)


def _plain(value: Any) -> Any:
    """A NumPy or Tensor number as Python's, so that it does not widen float32 parameters."""
    if isinstance(value, (tuple, list)):
        return tuple(_plain(part) for part in value)
    return value.item() if isinstance(value, (np.generic, np.ndarray, Tensor)) else value
