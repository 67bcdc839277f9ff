"""What the user calls things: variables of the calling code, and the paths of models found there
(floor 3).

An identity is a certain answer where a guess from the source text would not be: the Tensor that a
variable holds *is* the one in the graph.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..autodiff import Tensor
from ..errors import ArgumentError
from ..source import outside

__all__ = ["Names", "caller"]

DEEPEST = 20


def caller() -> tuple[Mapping[str, Any], ...]:
    """Return the variables of the code that calls this package and of its callers, inner first."""
    frame = outside(sys._getframe(1))
    outermost = [frame.f_globals] if frame is not None else []
    scopes: list[Mapping[str, Any]] = []
    while frame is not None and len(scopes) < DEEPEST:
        scopes.append(frame.f_locals)
        frame = frame.f_back
    return (*scopes, *outermost)


class Names:
    """Names by identity.

    Parameters
    ----------
    scopes : sequence of mappings
        Variables, the inner ones first; models among them lend their parameters' paths.
    given : mapping of str to Tensor or ndarray, optional
        Names that win over all others.

    Attributes
    ----------
    classes : dict
        The class of every submodule of the models found, by path: ``{"Net.cell": "LSTM"}``.
    """

    def __init__(
        self, scopes: tuple[Mapping[str, Any], ...], given: Mapping[str, Any] | None = None
    ) -> None:
        self._given = {id(x): name for name, x in (given or {}).items()}
        if odd := [x for x in (given or {}).values() if not isinstance(x, (Tensor, np.ndarray))]:
            raise ArgumentError(
                f"names= tells what Tensors are called, got {type(odd[0]).__name__}",
                fix='names={"x": x}',
            )
        self._variables: dict[int, str] = {}
        self._paths: dict[int, str] = {}
        self.classes: dict[str, str] = {}
        models: dict[int, Any] = {}
        for scope in scopes:
            for name, held in list(scope.items()):
                if isinstance(held, (Tensor, np.ndarray)):
                    # A notebook keeps its answers in _, and tools theirs in what is no name.
                    if not name.startswith("_") and name.isidentifier():
                        self._variables.setdefault(id(held), name)
                elif hasattr(held, "named_parameters") and not isinstance(held, type):
                    models.setdefault(id(held), held)
        for model in models.values():
            self._enter(model)

    def _enter(self, model: Any) -> None:
        for list_ in ("named_parameters", "named_buffers"):
            for path, tensor in getattr(model, list_, tuple)():
                self._paths.setdefault(id(tensor), path)
        outer = type(model).__name__
        for path, module in getattr(model, "named_modules", tuple)():
            whole = f"{outer}.{path}" if path else outer
            self.classes.setdefault(whole, type(module).__name__)

    def of(self, x: Tensor, written: str = "") -> str:
        """Return the name of a tensor, or ``""``.

        Parameters
        ----------
        x : Tensor
            A leaf or a row.
        written : str
            How the line that reads it calls it, if that is known.
        """
        keys = (id(x), id(x._data))
        for known in (self._given, {keys[0]: x.name or ""}, self._paths):
            if name := next((known[key] for key in keys if key in known), ""):
                return name
        # Whether equal numbers are one object is chance.
        shared = x.index < 0 and x.ndim == 0 and x._origin is None
        found = "" if shared else next((self._variables.get(k, "") for k in keys), "")
        return written.removeprefix("self.") or found or self._variables.get(keys[1], "")
