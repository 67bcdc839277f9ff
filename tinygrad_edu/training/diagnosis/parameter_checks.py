"""Checks of the parameters: who is trained, who gets a gradient, who moves, who is like another."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable

import numpy as np

from ...nn.inspection import init_report
from ...nn.inspection.steps import own_parameters
from ...nn.sharing import note_repeats
from ...types import Array
from .report import Finding
from .situation import Situation

__all__ = ["PARAMETER_CHECKS"]

MOST_DEAD, MOST_SATURATED = 0.5, 0.5
# Spread of a layer's values and gradients relative to the largest or first. Healthy networks with
# dozens of layers stay within a few hundred; one sigmoid layer after another loses a factor of ten.
EXPLODES, VANISHES = 100.0, 1e-5


def frozen(s: Situation) -> Finding | None:
    """Parameters that require no gradient."""
    names = [name for name, p in s.trained.items() if not p.requires_grad]
    if names:
        message = f"{len(names)} of {len(s.trained)} parameters are frozen: {_listed(names)}"
        verdict = "fail" if len(names) == len(s.trained) else "suspect"
        return Finding("frozen parameters", verdict, message, "model.unfreeze()")
    return Finding("frozen parameters", "ok", "no parameter is frozen")


def optimizer_holds(s: Situation) -> Finding | None:
    """M02: an optimizer of other parameters."""
    if s.optimizer is None:
        return None
    held = {id(p) for group in s.optimizer.param_groups for p in group["params"]}
    own = {name: p for name, p in s.trained.items() if p.requires_grad}
    missing = [name for name, p in own.items() if id(p) not in held]
    known = {id(p) for p in s.trained.values()}
    known |= {id(p) for p in getattr(s.loss, "parameters", list)()}
    foreign = len(held - known)
    count = f"of {len(own)} parameters, the optimizer holds {len(own) - len(missing)}"
    fix = f"{type(s.optimizer).__name__}(model, lr=...)   # after the model is built"
    if own and len(missing) == len(own):
        message = f"{count}, and {foreign} of something else: a step would not change this model"
        return Finding("optimizer", "fail", message, fix)
    if missing:
        return Finding("optimizer", "fail", f"{count}; not {_listed(missing)}", fix)
    if foreign:
        return Finding("optimizer", "suspect", f"{count}, and {foreign} of something else", fix)
    return Finding("optimizer", "ok", f"{count}")


def gradients(s: Situation) -> Finding | None:
    """Parameters that the loss does not reach, or whose gradient stays 0."""
    path = s.trajectory
    own = [name for name, p in s.trained.items() if p.requires_grad]
    if not own:
        return None
    lost = [name for name in own if name not in path.reached]
    if lost:
        message = f"{len(lost)} of {len(own)} parameters get no gradient: {_listed(lost)}"
        fix = f"tg.graph.why(loss, model.{lost[0]})   # a detach(), .data or layer not called"
        return Finding("gradient", "fail", message, fix)
    zero = [name for name in own if name not in path.nonzero]
    zero = [name for name in zero if s.trained[name].size]
    if zero:
        message = f"the gradient of {_listed(zero)} is 0 in all of {len(path.losses)} steps"
        return Finding("gradient", "fail", message, "nn.init.apply(model, 'he')   # no zeros")
    return Finding("gradient", "ok", f"all {len(own)} parameters get a gradient")


def vanishing(s: Situation) -> Finding | None:
    """Gradients of quite different size in the layers."""
    path = s.trajectory
    sizes = {
        name: float(np.sqrt(np.mean(path.first_gradients[name] ** 2)))
        for name in path.first_gradients
        if path.before[name].ndim > 1 and np.any(path.before[name]) and name in s.trained
    }
    sizes = {name: size for name, size in sizes.items() if size > 0}
    if len(sizes) < 2 or not all(math.isfinite(size) for size in sizes.values()):
        return None
    least, most = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    share = sizes[least] / sizes[most]
    message = f"the gradient of {least} is {share:.2g} of that of {most}"
    if share < VANISHES:
        fix = "nn.ReLU() with init='he', a normalisation, or x + layer(x)"
        return Finding("vanishing gradient", "suspect", message, fix)
    return Finding("vanishing gradient", "ok", message)


def moves(s: Situation) -> Finding | None:
    """Parameters that have a gradient and stay the same."""
    path = s.trajectory
    if s.optimizer is None:
        return None
    held = {id(p) for group in s.optimizer.param_groups for p in group["params"]}
    own = [n for n, p in s.trained.items() if p.requires_grad and id(p) in held]
    still = [name for name in own if name in path.nonzero and name not in path.moved]
    if still:
        message = f"{_listed(still)} did not change in {len(path.losses) - 1} steps"
        return Finding("parameters move", "fail", message, "lr=0.01   # or optimizer.step()")
    return Finding("parameters move", "ok", f"{len(own)} parameters change") if own else None


def shared(s: Situation) -> Finding | None:
    """M03: one layer several times in a list."""
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        note_repeats(s.trial().model)
    if notes:
        said = str(notes[0].message)
        return Finding(
            "shared layers", "suspect", said.split(" For layers", maxsplit=1)[0], _after(said)
        )
    return Finding("shared layers", "ok", "no list holds a layer twice in a row")


def _after(said: str) -> str:
    return "[" + said.rpartition("write [")[2].partition(",")[0] if "write [" in said else ""


def symmetry(s: Situation) -> Finding | None:
    """Units that start alike and stay alike."""
    path = s.trajectory
    for module_path, module in s.model.named_modules():
        for name, parameter in module.named_parameters():
            full = f"{module_path}.{name}".lstrip(".")
            if not any(parameter is own for own in own_parameters(module)):
                continue
            if full not in s.trained or not parameter.requires_grad or parameter.ndim < 2:
                continue
            before, after = path.before.get(full), path.after.get(full)
            if before is None or after is None or len(before) < 2 or full not in path.reached:
                continue
            if (pairs := _alike(before, after)) and not _unused(path.first_gradients.get(full)):
                message = (
                    f"{pairs} of {len(before)} units of {full} are equal, and still are after "
                    f"{len(path.losses) - 1} steps: they do the work of one"
                )
                return Finding("symmetry", "fail", message, "nn.init.apply(model, 'xavier')")
    return Finding("symmetry", "ok", "units start unlike each other, or become so")


def _alike(before: Array, after: Array) -> int:
    """How many rows equal another at the start and, but for rounding, at the end."""
    first: dict[bytes, list[int]] = {}
    for k, row in enumerate(before):
        first.setdefault(row.tobytes(), []).append(k)
    scale = float(np.abs(after).max())
    count = 0
    for rows in first.values():
        near = [k for k in rows[1:] if np.abs(after[k] - after[rows[0]]).max() <= 1e-5 * scale]
        count += len(near) + 1 if near else 0
    return count


def _unused(gradient: Array | None) -> bool:
    """Whether some rows have no gradient while others do: words that the batch does not have."""
    if gradient is None:
        return True
    used = gradient.reshape(len(gradient), -1).any(axis=1)
    return bool(used.any() and not used.all())


def layers(s: Situation) -> list[Finding]:
    """Dead and saturated units, values that explode: what ``inspect`` shows, in short."""
    trial = s.trial()
    report = init_report(trial.model, *s.inputs, loss=lambda out: trial.loss(out, s.target)).layers
    dead = [row for row in report if row.dead > MOST_DEAD]
    flat = [row for row in report if row.saturated > MOST_SATURATED]
    spreads = [row.std for row in report if math.isfinite(row.std)]
    scale = max(
        [float(np.std(x)) for x in (s.x,) if x is not None and x.dtype.kind == "f"] + [1e-30]
    )
    found = [
        Finding("dead units", "fail", f"{row.dead:.0%} of the units of {row.path or row.kind} give "
                "0 for every sample: no gradient passes", "nn.init.apply(model, 'he')   # bias 0")
        for row in dead[:1]
    ] or [Finding("dead units", "ok", "rectifiers let something through")]  # fmt: skip
    found += [
        Finding("saturated units", "suspect", f"{row.saturated:.0%} of {row.path or row.kind} is "
                "flat: next to no gradient passes", "nn.init.apply(model, 'xavier')")
        for row in flat[:1]
    ] or [Finding("saturated units", "ok", "activation functions are not flat")]  # fmt: skip
    reach = max(scale, 1.0)
    if spreads and max(spreads) > EXPLODES * reach:
        row = max(report, key=lambda r: r.std)
        message = (
            f"{row.path or row.kind} gives values of spread {row.std:.3g}, inputs have {scale:.3g}"
        )
        found.append(Finding("layer scale", "suspect", message, "nn.init.apply(model, 'xavier')"))
    return found


def leftovers(s: Situation) -> Finding | None:
    """Gradients of an earlier backward, to which the next would be added."""
    held = [name for name, p in s.trained.items() if p.grad is not None and np.any(p.grad)]
    if held:
        message = f"{len(held)} parameters already have a gradient: the next is added to it"
        return Finding("leftover gradient", "suspect", message, "optimizer.zero_grad()")
    return Finding("leftover gradient", "ok", "no gradient is left over")


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:4]) + (f" and {len(every) - 4} more" if len(every) > 4 else "")


PARAMETER_CHECKS = (
    frozen, optimizer_holds, gradients, vanishing, moves, shared, symmetry, layers, leftovers,
)  # fmt: skip
