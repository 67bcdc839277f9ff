"""A training step of one's own, tried twice on copies: does it clear, follow and step?"""

from __future__ import annotations

import copy
import inspect as signatures
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .report import Finding
from .situation import Situation
from .trial import Trial

__all__ = ["step_findings"]

FAR = 1e3  # so much larger than real gradients are those that the step should have cleared


def step_findings(s: Situation, step: Callable[..., Any]) -> list[Finding]:
    """Return what a step function does wrong.

    Parameters
    ----------
    s : Situation
        With its optimizer.
    step : callable
        ``step(model, batch, loss, optimizer)``; called with copies. With one parameter, ``batch``,
        it is taken to use the model and optimizer themselves, which are put back afterwards.
    """
    with _players(s, step) as (call, parameters, optimizer, clear):
        before = {name: np.array(p.data) for name, p in parameters.items()}
        seen: list[dict[str, Any]] = []
        original = optimizer.step

        def spied(*arguments: Any, **options: Any) -> Any:
            seen.append(
                {n: None if p.grad is None else p.grad.copy() for n, p in parameters.items()}
            )
            return original(*arguments, **options)

        optimizer.step = spied
        clear()
        try:
            call()
            moved = any(not np.array_equal(before[n], p.data) for n, p in parameters.items())
            got = bool(seen) and any(g is not None for g in seen[-1].values())
            kept = _keeps(parameters, seen, call)
        finally:
            del optimizer.step
    return _said(bool(seen), got, moved, kept)


def _said(stepped: bool, got: bool, moved: bool, kept: list[str]) -> list[Finding]:
    found = []
    if kept:
        message = f"the step adds to the gradients of the one before: {', '.join(kept[:4])}"
        found.append(
            Finding("zero_grad", "fail", message, "optimizer.zero_grad()   # before backward")
        )
    else:
        found.append(Finding("zero_grad", "ok", "each step follows a fresh gradient"))
    if not stepped:
        message = "optimizer.step() was not called"
        found.append(Finding("training step", "fail", message, "optimizer.step()"))
    elif not got or not moved:
        what = "no parameter of the optimizer has a gradient" if not got else "no parameter changes"
        message = f"when optimizer.step() is called, {what}"
        fix = "discriminator(generator(z))   # without detach() in the generator's turn"
        found.append(Finding("training step", "fail", message, fix))
    else:
        found.append(Finding("training step", "ok", "the step changes the parameters"))
    return found


def _keeps(parameters: dict[str, Any], seen: list[Any], call: Callable[[], Any]) -> list[str]:
    """Names of parameters whose gradient is not cleared between steps."""
    planted = {}
    for name, parameter in parameters.items():
        if parameter.grad is not None and np.any(parameter.grad):
            size = max(float(np.abs(parameter.grad).max()), 1e-3) * FAR
            planted[name] = np.full(parameter.shape, size, parameter.dtype)
            parameter.grad = planted[name]
    count = len(seen)
    if not planted:
        return []
    with np.errstate(all="ignore"):
        call()
    if len(seen) == count:
        return []
    last = seen[-1]
    return [
        name
        for name, value in planted.items()
        if last[name] is not None and np.median(np.abs(last[name])) > 0.5 * float(np.max(value))
    ]


@contextmanager
def _players(s: Situation, step: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    batch = (*s.inputs, s.target)
    if _wanted(step) >= 2:
        trial = s.trial(s.optimizer)
        given = (trial.model, batch, trial.loss, trial.optimizer)[: _wanted(step)]

        def call() -> None:
            with trial.same_draws():
                step(*given)

        held = _held(trial.optimizer)
        yield call, held, trial.optimizer, lambda: _clear(held)
        return
    assert s.optimizer is not None
    held = _held(s.optimizer) | {f"model.{name}": p for name, p in s.trained.items()}
    guard = Trial(s.model, s.inputs, s.target, s.loss, modes=True)
    state, gradients = s.optimizer.state_dict(), {n: p.grad for n, p in held.items()}
    weights = s.model.state_dict()
    modes = [(module, module.training) for module in s.model.modules()]
    steps, values = s.optimizer.steps, {n: p.data.copy() for n, p in held.items()}

    def own() -> None:
        with guard.same_draws():
            step(*([batch] if _wanted(step) else []))

    streams = _stream_states(s)
    try:
        yield own, held, s.optimizer, lambda: _clear(held)
    finally:
        s.model.load_state_dict(weights)
        for name, parameter in held.items():
            parameter.data = values[name]
            parameter.grad = gradients[name]
        s.optimizer.load_state_dict(state)
        s.optimizer.steps = steps
        for module, mode in modes:
            module.training = mode
        for rng, was in streams:
            rng.bit_generator.state = was


def _stream_states(s: Situation) -> list[tuple[Any, Any]]:
    from ..batches import streams

    found = streams([s.model, s.loss]).values()
    return [(rng, copy.deepcopy(rng.bit_generator.state)) for rng in found]


def _wanted(step: Callable[..., Any]) -> int:
    kinds = signatures.signature(step).parameters.values()
    places = [p for p in kinds if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind is p.VAR_POSITIONAL for p in kinds):
        return 4
    return len([p for p in places if p.default is p.empty])


def _held(optimizer: Any) -> dict[str, Any]:
    parts = [
        pair for group in optimizer.param_groups
        for pair in zip(group["names"], group["params"], strict=True)
    ]  # fmt: skip
    return {name or f"parameter {k}": p for k, (name, p) in enumerate(parts)}


def _clear(parameters: dict[str, Any]) -> None:
    for parameter in parameters.values():
        parameter.grad = None
