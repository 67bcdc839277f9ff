"""Reasons for a missing gradient: the other half of the error catalogue (floor 0).

Tensors are only asked for ``shape``, ``dtype``, ``name``, ``op`` and ``site`` here.
"""

from __future__ import annotations

from typing import Any

from . import errors
from .catalogue import called, line_of
from .registry import registry
from .source import Site, here
from .types import Shape


def nothing_to_differentiate(target: Any, gap: Any) -> Exception:
    """The target is not on the record at all."""
    if gap is not None:
        return _cut(gap, f"{called(target, 'the target')} has no gradient")
    return errors.UnconnectedError(
        f"{called(target, 'the target')} was computed from values that require no gradient",
        code="TG-G02",
        shapes=(target.shape,),
        why="only what is computed from a Tensor with requires_grad=True is recorded",
        fix="w = tg.Tensor(w, requires_grad=True)   # before the computation",
    )


def _before(site: Site | None) -> str:
    """What was detached or converted: the user's expression without the last step."""
    terms = site.terms if site else ()
    if site is not None and len(terms) and site.function in registry:  # math.sqrt(w)
        return f"tg.{site.function}({', '.join(terms)})"
    return terms[0] if terms else "x"


# What may stand in for an operation without a derivative where one is needed.
_SMOOTH = {
    "argmax": "tg.softmax({0})",
    "argmin": "tg.softmax(-{0})",
    "sign": "tg.tanh({0})",
    "greater": "tg.sigmoid({0} - {1})",
    "greater_equal": "tg.sigmoid({0} - {1})",
    "less": "tg.sigmoid({1} - {0})",
    "less_equal": "tg.sigmoid({1} - {0})",
    "floor_divide": "{0} / {1}",
    "astype": "{0}.astype(float)",
    **{
        name: f"{{0}} + tg.stop_gradient(tg.{name}({{0}}) - {{0}})"
        for name in ("round", "floor", "ceil", "trunc")
    },
}


def _smooth(op: str, site: Site | None) -> str:
    """An edit that has a derivative, in place of one that has none."""
    terms = (*(site.terms if site else ()), "x", "y")
    if op in _SMOOTH:
        return f"{_SMOOTH[op].format(*terms)}   # a smooth stand-in; .detach() stops on purpose"
    return f"tg.sigmoid({terms[0]})   # for a step; a function of your own gets rule= there"


def _complex(gap: Any, what: str) -> Exception:
    return errors.DTypeError(
        f"{what}: `{gap.reason}`{line_of(gap.at.site)} made complex numbers",
        code="TG-G09",
        shapes=(gap.at.shape,),
        op=gap.reason,
        site=gap.at.site,
        why="complex numbers have no gradients here yet",
        fix="z.real, z.imag   # two real tensors, made before they are joined",
    )


def _cut(gap: Any, what: str) -> Exception:
    """The error for one gap: a detached value, a block without recording, no rule."""
    site = gap.at.site
    shapes = (gap.at.shape,)
    if gap.reason in ("detach", "stop_gradient"):
        return errors.UnconnectedError(
            f"{what}: the path was cut by `{gap.reason}`{line_of(site)}",
            code="TG-G05",
            shapes=shapes,
            op=gap.reason,
            site=site,
            why="gradients stop at a detached value, on purpose",
            fix=f"{_before(site)}   # the value before it was detached",
        )
    if gap.reason == "no_grad":
        return errors.UnconnectedError(
            f"{what}: a value on the path was computed under `no_grad`{line_of(site)}",
            code="TG-G02",
            shapes=shapes,
            op=gap.reason,
            site=site,
            why="inside no_grad nothing is recorded",
            fix=f"with tg.enable_grad(): {site.statement if site and site.statement else '...'}"
            "   # or move it out of the block",
        )
    if gap.at.dtype.kind == "c":
        return _complex(gap, what)
    return errors.NotDifferentiable(
        f"{what}: `{gap.reason}`{line_of(site)} has no useful derivative",
        code="TG-G10",
        shapes=shapes,
        op=gap.reason,
        site=site,
        why="its result is piecewise constant or made of whole numbers, or it was given no rule",
        fix=_smooth(gap.reason, site),
    )


def _converted(what: str, shape: Shape, how: str, site: Site | None) -> Exception:
    return errors.UnconnectedError(
        f"{what}: a value computed from it became a plain number by {how}{line_of(site)}",
        code="TG-G04",
        shapes=(shape,),
        site=site,
        why="a number does not remember what it was computed from",
        fix=f"{_before(site)}   # keep the Tensor in the computation, convert only to print",
    )


def gone(target: Any, label: str, gap: Any) -> Exception:
    """A cut beyond which one cannot see: what led to it was let go."""
    site = gap.at.site
    return errors.UnconnectedError(
        f"{called(target, 'the target')} gives {label} no gradient: probably the path was cut by "
        f"`{gap.reason}`{line_of(site)}",
        code="TG-G05",
        shapes=(gap.at.shape,),
        op=gap.reason,
        site=site,
        why="what the value was computed from is gone, so one cannot see if the source led to it",
        fix="with tg.Tape() as tape: ...   # the same computation; a tape keeps what it saw",
    )


def _asked() -> tuple[str, str, str]:
    """How the user asked, up to its closing bracket, and how the target and source are written."""
    site = here()
    terms = site.terms if site is not None and site.function == "gradient" else ()
    if site is not None and site.function in ("why", "explain"):  # any tape follows all of it
        terms = ("tg.Tape()", *site.terms)[:3]
    if len(terms) != 3:
        terms = ("tape", "target", "x")
    name = terms[2] if terms[2].replace(".", "").isidentifier() else "x"
    return f"{terms[0]}.gradient({terms[1]}, {terms[2]}", terms[1], name


def unconnected(
    target: Any, source: Any, label: str, gaps: Any, conversions: Any, leaves: Any
) -> Exception:
    """A source has no gradient: because of its type, its settings, a gap, or no path at all."""
    what = f"{called(target, 'the target')} gives {label} no gradient"
    tape, _, name = _asked()
    if source.dtype.kind != "f":
        return errors.DTypeError(
            f"{what}: it is {source.dtype}, and a gradient needs real numbers",
            code="TG-G09",
            shapes=(source.shape,),
            why="a derivative compares nearby values, and whole numbers have none in between",
            fix=f"{name} = tg.Tensor({name}, dtype=float, requires_grad=True)   # before",
        )
    if gaps:
        return _cut(gaps[0], what)
    if not source.requires_grad:
        return errors.UnconnectedError(
            f"{what}: it does not require one",
            code="TG-G03",
            shapes=(source.shape,),
            why="what is computed from it was not recorded",
            fix=f"{name} = tg.Tensor({name}, requires_grad=True)   # before the computation",
        )
    if conversions:
        return _converted(what, source.shape, *conversions[0])
    names = [leaf.name or f"a leaf of shape {leaf.shape}" for leaf in leaves]
    listed = ", ".join(names[:4]) + (f", ... ({len(names)})" if len(names) > 4 else "")
    return errors.UnconnectedError(
        f"{what}: it is not an input of the computation",
        code="TG-G03",
        shapes=(source.shape,),
        notes=(f"inputs that are: {listed or 'none'}",),
        why="no operation on the way to the target reads it",
        fix=f'{tape}, unconnected="zero")   # if that is meant',
    )


def _kind(result: Any) -> str:
    if hasattr(result, "requires_grad"):
        return "a Tensor made of numbers that had left the graph"
    return f"{type(result).__name__}, not a Tensor"


def returned_plain_number(result: Any) -> Exception:
    return errors.UnconnectedError(
        f"the function returned {_kind(result)}: its gradient is lost",
        code="TG-G04",
        why="float(), .item(), .numpy() or NumPy on .data turns a Tensor into plain numbers",
        fix="return loss"
        + ("   # was `return` forgotten?" if result is None else "   # the Tensor itself")
        + ("; or has_aux=True for (loss, more)" if isinstance(result, tuple) else ""),
    )
