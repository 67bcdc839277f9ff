"""The registry: all there is to know of each operation, for every reader (floor 0).

An operation enters it through ``tg.operation``. Backward, pictures, checks and benchmarks read it
here; nothing about an operation stands anywhere else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import registration
from .domain import Kink, Real
from .source import loaded

__all__ = ["Operation", "registry", "several"]

# The library's operations by name; a user's own by module and qualified name.
registry: dict[str, Operation] = {}


class Operation:
    """All there is to know of one operation; every row points to its own.

    Attributes
    ----------
    name : str
        NumPy's name where NumPy has it.
    forward : callable
        Arrays and attributes in, an array out (with ``saves``: and what the rule may reuse).
    rules : tuple of callable or None
        One per input, ``rule(g, out, *inputs, **attributes)`` gives that input's cotangent.
    joint : callable or None
        Instead of ``rules``, one call that returns a tuple with a cotangent per input.
    lane : int
        1 for one input with a rule, 2 for two without attributes, else 0: the general case.
    call : callable
        The public function that records.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        forward: Callable[..., Any] | None,
        rule: Any,
        broadcasts: bool | None = None,
        saves: bool = False,
        view: bool = False,
        domain: Real | tuple[Real, ...] | None = None,
        samples: Callable[..., Any] | None = None,
        kinks: Kink | tuple[Kink, ...] | None = None,
        explain: Callable[..., Any] | None = None,
    ) -> None:
        registration.check_function(function, forward)
        self.name: str = function.__name__.strip("_")
        self.forward: Callable[..., Any] = forward or function
        self._function = function
        self.saves, self.view, self.samples, self.explain = saves, view, samples, explain
        self.domain: tuple[Real, ...] = several(domain)
        self.kinks: tuple[Kink, ...] = several(kinks)
        self.signature = inspect.signature(function)
        parts = self.signature.parameters.values()
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in parts)
        named = [p for p in parts if p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)]
        named = named or [p for p in parts if p.default is p.empty and p.kind != p.KEYWORD_ONLY]
        self.inputs = tuple(p.name for p in named)
        self.arity = len(named)
        self.defaults = {p.name: p.default for p in parts if p not in named}
        single = self.arity == 1 and not self.variadic and not saves
        self.joint = rule if callable(rule) and not single else None
        self.rules = (rule,) if callable(rule) and single else () if callable(rule) else rule or ()
        registration.check_count(self)
        accepted = inspect.signature(rule).parameters if self.joint else ()
        self.wants = [name for name in ("saved", "needs") if name in accepted]
        self._check_rules(rule)
        self.differentiable = self.joint is not None or any(self.rules)
        simple = all(self.rules) and (self.arity == 1 or not self.defaults)
        self.lane = len(self.rules) if simple and not self.variadic else 0
        self.broadcasts = isinstance(forward, np.ufunc) if broadcasts is None else broadcasts
        self.call: Callable[..., Any] = function

    @property
    def doc(self) -> str:
        """The docstring, without its indentation."""
        return inspect.getdoc(self._function) or ""

    def _check_rules(self, rule: Any) -> None:
        """Refuse at once a rule that cannot be called as the sweep will call it."""
        for each in (rule,) if callable(rule) else self.rules:
            if each is not None and not self._fits(each):
                settings = dict.fromkeys([*self.defaults, *self.wants])
                try:
                    inspect.signature(each).bind("g", "out", *self.inputs, **settings)
                except TypeError as complaint:
                    raise registration.rule_does_not_fit(self, each, complaint) from None
            if each is not None:
                registration.check_order(self, each)

    def _fits(self, rule: Callable[..., Any]) -> bool:
        """Whether a plain function has just the parameters; ``inspect`` is slow to tell."""
        code = getattr(rule, "__code__", None)
        if code is None or code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS):
            return False
        positional = 2 + self.arity
        names = code.co_varnames[positional : code.co_argcount + code.co_kwonlyargcount]
        plain = code.co_posonlyargcount <= positional <= code.co_argcount and not self.variadic
        return plain and {*names} == {*self.defaults, *self.wants}

    @property
    def formula(self) -> str:
        """The mathematics in the docstring: the value, and the adjoint."""
        after = self.doc.partition(".. math::")[2].strip()
        return " ".join(after.split("\n\n")[0].split())

    def reads(self, position: int) -> set[str]:
        """Return the names of what the rule for one input reads, ``"out"`` and ``"saved"`` too.

        Taken from the rule's own code: a parameter that is only asked for its shape, or not at
        all, is not read, and its memory may change or go.
        """
        rule = self.joint or self.rules[position]
        if rule is None:
            return set()
        parameters = inspect.signature(rule).parameters.values()
        if not self.variadic and any(p.kind is p.VAR_POSITIONAL for p in parameters):
            return {"out", *self.inputs}  # named by none, so perhaps all of them
        names = [p.name for p in parameters]
        ours = dict(zip(names, ("g", "out", *self.inputs), strict=False))
        return {ours.get(name, name) for name in loaded(rule)} - {"g"}

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


def several(value: Any) -> tuple[Any, ...]:
    """Return one value, several in a tuple or list, or None as a tuple."""
    if isinstance(value, (tuple, list)):
        return tuple(value)
    return () if value is None else (value,)
