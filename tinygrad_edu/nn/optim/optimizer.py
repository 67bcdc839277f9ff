"""``Optimizer``: groups of parameters, their storage, and the step that a pure update makes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ... import errors
from ...autodiff.tensor import Tensor
from ...types import Operand
from .arena import Arena
from .group import Named, gradients_for, parameter_groups

__all__ = ["Optimizer", "check_range"]


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

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups = parameter_groups(params, defaults)
        for group in self.param_groups:
            self.check({name: group[name] for name in defaults})
        self._arenas: list[tuple[dict[str, Any], list[int], Arena]] = []
        self._lay({})

    def check(self, settings: dict[str, Any]) -> None:
        """Raise unless the hyperparameters of a group are in their ranges."""
        for name, value in settings.items():
            check_range(name, value)

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
        if not all(arena.intact for _, _, arena in self._arenas):
            self._lay(self._states())
        for group, positions, arena in self._arenas:
            settings = {name: _plain(group[name]) for name in self.defaults}
            arena.advance([given[k] for k in positions], self.update, settings)

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
            plain = {name: group[name] for name in self.defaults}
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
            raise errors.LoadError(
                "the state of an optimizer is a dict of 'state' and 'param_groups'",
                fix="opt.load_state_dict(other.state_dict())",
            )
        groups, states = list(saved["param_groups"]), dict(saved["state"])
        sizes = [len(group["params"]) for group in groups]
        own = [len(group["params"]) for group in self.param_groups]
        if sizes != own:
            raise errors.LoadError(
                f"the saved groups have {sizes} parameters, this optimizer's {own}",
                why="state belongs to parameters by position",
                fix="build the optimizer from the same model, in the same groups",
            )
        parameters = [parameter for _, parameter in self._pairs()]
        taken = {int(k): self._taken(states[k], int(k), parameters[int(k)]) for k in states}
        for group, old in zip(self.param_groups, groups, strict=True):
            group.update({name: old[name] for name in self.defaults if name in old})
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
                raise errors.LoadError(
                    f"{name} of parameter {k} has shape {array.shape}, expected {shape}",
                    shapes=(array.shape, shape),
                    fix="build the optimizer from a model of the same sizes",
                )
            taken[name] = array if name in self.per_element else array.item()
        return taken

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={self.param_groups[0][name]}" for name in self.defaults)
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


def wanted(setting: Any) -> bool:
    """Whether a term takes part: a Tensor always does, since its gradient at 0 is not 0."""
    return isinstance(setting, Tensor) or bool(setting)


def check_range(name: str, value: Any, high: float = math.inf) -> None:
    """Raise unless a hyperparameter is a number from 0 to below ``high``.

    Raises
    ------
    ArgumentError
        With the name and the value.
    """
    number = isinstance(value, (int, float, np.number, np.ndarray, Tensor)) and np.ndim(value) == 0
    if not number or not 0 <= float(value) < high:
        below = "" if high == math.inf else f" and below {high:g}"
        raise errors.ArgumentError(
            f"{name} is a number of at least 0{below}, got {value!r}",
            why="a negative one would step uphill, or never settle",
            fix=f"{name}=0.001" if name == "lr" else f"{name}=0.0",
        )


def _plain(value: Any) -> Any:
    """A NumPy or Tensor number as Python's, so that it does not widen float32 parameters."""
    return value.item() if isinstance(value, (np.generic, np.ndarray, Tensor)) else value
