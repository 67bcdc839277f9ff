"""What can be wrong where an operation is registered, said at its decorator (floor 0).

A mistake that the decorator lets pass shows far away, or not at all: as a gradient of zeros, or as
a body that nobody runs. Operations are only asked for ``name``, ``inputs``, ``defaults``,
``wants``, ``arity``, ``rules`` and ``signature`` here.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Sequence
from types import CodeType, FunctionType
from typing import Any

from . import errors
from .domain import Kink, Real
from .source import Site

__all__ = [
    "check_count",
    "check_function",
    "check_order",
    "checked",
    "mended",
    "rule_does_not_fit",
]

_KEYWORDS = (
    "broadcasts", "saves", "view", "domain", "samples", "kinks", "explain", "rule", "method",
)  # fmt: skip
_OWN = "lambda g, out, x: ..."


def checked(
    forward: Any, rule: Any, facts: tuple[Any, ...], unknown: dict[str, Any]
) -> tuple[Any, ...]:
    """Return the facts of a registration, or refuse keywords that cannot be meant.

    Parameters
    ----------
    forward, rule
        As given to the decorator.
    facts : tuple
        The other keywords, as ``Operation`` takes them.
    unknown : dict
        Keywords that it does not have.
    """
    for name in unknown:
        close = difflib.get_close_matches(name, _KEYWORDS, n=1, cutoff=0.5)
        meant = f"{close[0]}=...   # did you mean {close[0]}=?" if close else f"rule={_OWN}"
        raise errors.SignatureError(
            f"tg.operation() has no keyword {name!r}; it has {', '.join(_KEYWORDS)}",
            fix=meant,
        )
    _check_forward(forward, rule is None and not any(facts))
    domain, kinks = facts[3], facts[5]
    parts = domain if isinstance(domain, (tuple, list)) else () if domain is None else (domain,)
    if not all(isinstance(real, Real) for real in parts):
        raise _no_interval(domain, parts)
    for kink in kinks if isinstance(kinks, (tuple, list)) else () if kinks is None else (kinks,):
        if not isinstance(kink, Kink):
            raise errors.ArgumentError(
                f"a kink is described by tg.Kink, got {kink!r:.60}",
                fix='kinks=tg.Kink("x = 0", "0", "the middle of the slopes", at=(0.0,), '
                "gives=(0.0,))",
            )
    return facts


def _check_forward(forward: Any, alone: bool) -> None:
    """Refuse a rule in the place of the forward, and a decorator that was not called."""
    if forward is not None and not callable(forward):
        raise errors.ArgumentError(
            f"a forward is a function of arrays, got {type(forward).__name__}",
            fix=f"@tg.operation(rule={_OWN})",
        )
    code = getattr(forward, "__code__", None)
    if code is not None and code.co_varnames[:2] == ("g", "out"):
        raise errors.ArgumentError(
            "`tg.operation` got a rule in the place of a forward",
            why="the function under the decorator is the forward, and the rule is given by name",
            fix=f"@tg.operation(rule=lambda {', '.join(_positional(code))}: ...)",
        )
    if alone and isinstance(forward, FunctionType):
        raise errors.ArgumentError(
            f"`tg.operation` stands over `{forward.__name__}` without being called",
            why="it is called with the rule first, and that gives the decorator",
            fix=f"@tg.operation(rule={_OWN})   # or @tg.operation(), without a derivative",
        )


def _no_interval(domain: Any, parts: Sequence[Any]) -> Exception:
    shown = parts[0] if len(parts) == 1 else tuple(parts)
    ends = [x for x in parts if isinstance(x, (int, float))]
    two = len(parts) == len(ends) == 2 and ends[0] < ends[1]
    return errors.ArgumentError(
        f"a domain says where an input may be drawn, and {shown!r:.60} is no interval",
        why="two numbers could as well be two inputs" if two else None,
        fix=f"domain=tg.Real({', '.join(map(repr, ends)) if two else '-3.0, 3.0'})",
    )


def check_function(function: Any, forward: Any) -> None:
    """Refuse what ``tg.operation`` cannot decorate, and a body that would never run.

    Parameters
    ----------
    function
        What stands under the decorator.
    forward : callable or None
        Computes the value in its place.
    """
    if not callable(function):
        raise errors.ArgumentError(
            f"`tg.operation` decorates a function, got {type(function).__name__}",
            why="it is called with the rule first, and that gives the decorator",
            fix=f"@tg.operation(rule={_OWN})",
        )
    code = getattr(function, "__code__", None)
    if forward is None or forward is function or code is None or _is_empty(code):
        return
    name, given = function.__name__, getattr(forward, "__name__", "forward")
    raise errors.RuleError(
        f"`{name}` has a body, and `{given}` computes its value",
        code="TG-G11",
        op=name,
        why="where a forward is given, the function under the decorator only lends its "
        "signature and its docstring",
        fix=f"@tg.operation(rule=...)   # without {given}; or no body under the docstring",
    )


def _nothing() -> None: ...


def _is_empty(code: CodeType) -> bool:
    """Whether a function does nothing but return None."""
    return len(code.co_code) == len(_nothing.__code__.co_code) and code.co_consts[-1:] == (None,)


def check_count(op: Any) -> None:
    """Refuse another number of rules than of inputs."""
    if not op.rules or len(op.rules) == op.arity:
        return
    each = f"lambda {', '.join(['g', 'out', *op.inputs, *op.defaults])}: ..."
    fix = f"({', '.join([each] * op.arity)},)   # None where there is no derivative"
    why, parts = "each input gets a gradient of its own", [*op.signature.parameters.values()]
    plain = [p for p in parts if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(plain) == len(op.rules) > op.arity:  # a default made a setting of an input
        settings = [p.name for p in plain if p.default is not p.empty]
        bare = [p.replace(annotation=p.empty) for p in parts]
        inputs = [str(p) for p in bare if p.kind is p.POSITIONAL_OR_KEYWORD]
        others = [str(p) for p in bare if p.kind is p.KEYWORD_ONLY]
        star = ["*", *others] if others else []
        verb = "has a default, so it is a setting" if len(settings) == 1 else "have defaults"
        why = f"{', '.join(settings)} {verb}, and rules are for inputs"
        fix = f"def {op.name}({', '.join([*inputs, '/', *star])})"
    raise errors.RuleError(
        f"`{op.name}` has {op.arity} input{'s' * (op.arity != 1)} and {len(op.rules)} "
        f"rule{'s' * (len(op.rules) != 1)}",
        code="TG-G11",
        op=op.name,
        why=why,
        fix=fix,
    )


def rule_does_not_fit(op: Any, rule: Callable[..., Any], complaint: object) -> Exception:
    """A rule that cannot be called as the sweep will call it."""
    needed = ["g", "out", *op.inputs, *op.defaults, *op.wants]
    names = list(inspect.signature(rule).parameters)
    odd = [name for name in names[2 + op.arity :] if name not in needed]
    known = [*op.defaults, "needs", *(["saved"] if op.saves else [])]
    why = "a rule receives the cotangent, the value, every input, and the settings by name"
    fix = f"lambda {', '.join(needed)}: ..."
    if "saved" in odd:
        why, fix = "nothing is saved for the rule", "saves=True   # and return value, saved"
    elif odd and (close := difflib.get_close_matches(odd[0], known, n=1)):
        meant = ", ".join([close[0] if name == odd[0] else name for name in names])
        fix = f"lambda {meant}: ...   # did you mean {close[0]}?"
    return errors.RuleError(
        f"a rule of `{op.name}` cannot be called as rule({', '.join(needed)}): {complaint}",
        code="TG-G11",
        op=op.name,
        why=why,
        fix=fix,
    )


def check_order(op: Any, rule: Callable[..., Any]) -> None:
    """Refuse a rule whose own names say that it expects another order.

    Names are free; but ``g``, ``out`` and the names of the inputs mean what they say.

    Parameters
    ----------
    op : Operation
        Its name, inputs and settings.
    rule : callable
        Called as ``rule(g, out, *inputs, **settings)``.
    """
    code = getattr(rule, "__code__", None)
    if code is None:
        return
    expected, given = ("g", "out", *op.inputs), _positional(code)[: 2 + op.arity]
    if op.joint is not None and not op.saves and "saved" in op.wants:
        raise errors.RuleError(
            f"the rule of `{op.name}` asks for `saved`, and nothing is saved",
            code="TG-G11",
            op=op.name,
            fix="saves=True   # in @tg.operation, and return value, saved in the forward",
        )
    if len(given) == len(expected) and given != expected and sorted(given) == sorted(expected):
        raise errors.RuleError(
            f"the rule of `{op.name}` takes ({', '.join(given)}), and gets ({', '.join(expected)})",
            code="TG-G11",
            op=op.name,
            why="each would be taken for another",
            fix=f"lambda {', '.join([*expected, *op.defaults, *op.wants])}: ...",
        )


def _positional(code: CodeType) -> tuple[str, ...]:
    return code.co_varnames[: code.co_argcount]


def mended(error: BaseException) -> str | None:
    """Return the edit for a line that works on single numbers only, or None for another error.

    Parameters
    ----------
    error : exception
        Raised in a forward or in a rule.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    site = Site(trace.tb_frame.f_code, trace.tb_lasti) if trace is not None else None
    site = error.site if isinstance(error, errors.TinygradError) else site
    if site is None:
        return None
    said, parameters = str(error), site.code.co_varnames[:2]
    space = "tg" if parameters == ("g", "out") else "np"
    if said.startswith(("The truth value", "a condition needs", "TG-P02")):
        return f"{space}.where({site.condition or 'x > 0'}, ..., ...)   # element by element"
    if isinstance(error, errors.InteropError) and space == "tg":
        return "tg.exp(x)   # in a rule operators and tg functions, which record, and no arrays"
    if site.expression.startswith("math."):
        return f"{space}.{site.expression[5:]}"
    return None
