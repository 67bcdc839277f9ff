"""Wrong twins of an operation: the same forward, a rule with one mistake.

A mutant is an ordinary ``Operation``, made as a copy and entered nowhere. Its ``call`` records
what the original records and puts the twin on the row, so that the sweep, the tape and every
check meet the wrong rule in the usual way.
"""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os.path import basename
from typing import Any

import numpy as np

from ..autodiff.tensor import Tensor
from ..ops import getitem, permute_dims, reshape
from ..registry import Operation, registry
from ..types import Array
from .mutations import Change, changes
from .rule_source import called_by, compiled, rebound, syntax_tree

__all__ = ["Mutant", "mutants"]

Rule = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A wrong twin.

    Attributes
    ----------
    name : str
        The kind of mistake, such as ``"term dropped"``.
    where : str
        File, line and column of the change, or the input whose cotangent is changed.
    change : str
        The text before and after, ``"a -> b   in c"``; empty where no text was changed.
    op : Operation
        The twin; ``op.call`` records with it.
    """

    name: str
    where: str
    change: str
    op: Operation

    def __str__(self) -> str:
        return f"{self.op.name}: {self.name}, {self.where}" + (
            f": {self.change}" if self.change else ""
        )


def mutants(op: Operation) -> list[Mutant]:
    """Return every wrong twin of an operation.

    Parameters
    ----------
    op : Operation
        With rules. Where their source cannot be read, only their answers are changed: sign,
        size, order, staleness, broadcasting.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> print(*mutants(registry["negative"])[:2], sep="\\n")
    negative: sign flipped, input x
    negative: twice, input x
    """
    return [*_of_answers(op), *_of_text(op)]


def twin(op: Operation, rules: tuple[Rule | None, ...], joint: Rule | None) -> Operation:
    """Return a copy of an operation with other rules that records with them.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> wrong = twin(tg.exp.op, (lambda g, out, x: -g * out,), None)
    >>> tg.grad(wrong.call)(0.0)
    array(-1.)
    """
    made = copy.copy(op)
    made.rules, made.joint = rules, joint

    @functools.wraps(op.call)
    def call(*inputs: Any, **settings: Any) -> Any:
        out = op.call(*inputs, **settings)
        if isinstance(out, Tensor) and out.op is op:
            out.op = made
        return out

    made.call = call
    return made


def _with_rule(op: Operation, position: int, rule: Rule) -> Operation:
    if op.joint is not None:
        return twin(op, (), rule)
    return twin(op, (*op.rules[:position], rule, *op.rules[position + 1 :]), None)


# ---------------------------------------------------------------- changes of the text


def _of_text(op: Operation) -> Iterator[Mutant]:
    done: set[tuple[str, str, str]] = set()
    for position, rule in enumerate([op.joint] if op.joint else op.rules):
        if rule is None:
            continue
        for kind, where, change, changed in _changed_rules(op, rule):
            # Two rules may call one function; a change of it is tried in both.
            key = (f"{position} {kind}", where, change)
            if key not in done:
                done.add(key)
                yield Mutant(kind, where, change, _with_rule(op, position, changed))


def _changed_rules(op: Operation, rule: Rule) -> Iterator[tuple[str, str, str, Rule]]:
    file = basename(getattr(getattr(rule, "__code__", None), "co_filename", ""))
    tree = syntax_tree(rule)
    if tree is None:
        return
    inputs = 0 if op.variadic else op.arity
    for change in changes(tree, inputs):
        where = f"{file}:{change.line}:{change.column}"
        yield change.kind, where, _shown(change), compiled(change.tree, rule)
    below = dict(called_by(rule))
    # A function that also is a forward is tested as what it is.
    forwards = {each.forward for each in registry.values()}
    for name, function in below.items():
        if function in forwards:
            continue
        inner = syntax_tree(function)
        for change in changes(inner, inputs) if inner is not None else ():
            names = dict(rule.__globals__)
            names |= {other: rebound(f, namespace=names) for other, f in below.items()}
            names[name] = compiled(change.tree, function, names)
            where = f"{file}:{change.line}:{change.column}"
            yield change.kind, where, _shown(change), rebound(rule, namespace=names)


def _shown(change: Change) -> str:
    context = f"   in {change.context}" if change.context else ""
    return f"{change.before} -> {change.after}{context}"


# ---------------------------------------------------------------- changes of the answer

Answer = Callable[[Any, Any, tuple[Any, ...], Any], Any]


def _elements(d: Any, keep: Callable[[Array], Array]) -> Any:
    """The flattened answer under other indices, in its own shape."""
    order = keep(np.arange(d.size))
    return reshape(getitem(reshape(d, -1), order), d.shape)


def _masked(d: Any, first: bool) -> Any:
    mask = np.zeros(d.size) if first else np.ones(d.size)
    mask[:1] = 1.0
    mask[-1:] = 0.0 if d.size > 1 or not first else 1.0
    return d * mask.reshape(d.shape).astype(d.dtype)


def _one_copy(d: Any, x: Any) -> Any:
    """What arrives at the first of the places that a broadcast input was repeated to."""
    if d.shape == x.shape:
        return d
    extra = d.ndim - x.ndim
    ends = [slice(0, 1) if n == 1 else slice(None) for n in x.shape]
    return getitem(d, (0,) * extra + tuple(ends))


def _overwrite(victim: Any, d: Any) -> Any:
    if isinstance(victim, np.ndarray) and victim.dtype.kind == "f":
        d = np.array(d)
        victim[...] = 7.0
    return d


_ANSWERS: dict[str, Answer] = {
    "sign flipped": lambda d, g, xs, x: -d,
    "twice": lambda d, g, xs, x: d * 2.0,
    "a thousandth too large": lambda d, g, xs, x: d * 1.001,
    "zero": lambda d, g, xs, x: d * 0.0,
    "rolled": lambda d, g, xs, x: _elements(d, lambda order: np.roll(order, 1)),
    "last element zero": lambda d, g, xs, x: _masked(d, False),
    "only the first element": lambda d, g, xs, x: _masked(d, True),
    "without graph": lambda d, g, xs, x: d.detach() if isinstance(d, Tensor) else d,
    "cotangent overwritten": lambda d, g, xs, x: _overwrite(g, d),
    "input overwritten": lambda d, g, xs, x: _overwrite(x, d),
    "transposed": lambda d, g, xs, x: reshape(permute_dims(d), d.shape) if d.ndim > 1 else d,
}
_BROADCAST: dict[str, Answer] = {
    "mean over copies": lambda d, g, xs, x: d * (x.size / max(d.size, 1)),
    "first of the copies": lambda d, g, xs, x: _one_copy(d, x),
}


def _of_answers(op: Operation) -> Iterator[Mutant]:
    spreads = op.broadcasts and (op.arity > 1 or not op.domain)
    answers = {**_ANSWERS, **(_BROADCAST if spreads else {})}
    several = op.joint is not None
    ruled = range(2 if op.variadic else op.arity)
    for position in [k for k in ruled if several or op.rules[k] is not None]:
        where = f"input {op.inputs[min(position, op.arity - 1)]}"
        where += f" {position}" if op.variadic else ""
        rule: Any = op.joint or op.rules[position]
        for name, answer in answers.items():
            changed = _answering(rule, answer, position, several)
            yield Mutant(name, where, "", _with_rule(op, position, changed))
        yield Mutant("stale", where, "", _with_rule(op, position, _stale(rule, position, several)))
        for other, text in enumerate(op.inputs):
            if not several and other != position and op.rules[other] is not None:
                if _same(op.rules[other], rule):
                    continue
                twin_rule = op.rules[other]
                yield Mutant(
                    f"the gradient of {text}", where, "", _with_rule(op, position, twin_rule)
                )


def _same(first: Any, second: Any) -> bool:
    """Whether two rules are one text, so that one in place of the other is no mistake."""
    trees = syntax_tree(first), syntax_tree(second)
    return (
        trees[0] is not None and trees[1] is not None and ast.dump(trees[0]) == ast.dump(trees[1])
    )


def _stale(rule: Rule, position: int, several: bool) -> Rule:
    kept: list[Any] = []

    def remember(d: Any, *rest: Any) -> Any:
        kept.append(d.copy() if isinstance(d, np.ndarray) else d)
        return kept[0]

    return _answering(rule, remember, position, several)


def _answering(rule: Rule, answer: Answer, position: int, several: bool) -> Rule:
    @functools.wraps(rule)
    def changed(g: Any, out: Any, *inputs: Any, **settings: Any) -> Any:
        given = rule(g, out, *inputs, **settings)
        found = list(given) if several else [given]
        k = position if several else 0
        if k < len(found) and found[k] is not None:
            d = found[k] if isinstance(found[k], Tensor) else np.asarray(found[k])
            found[k] = answer(d, g, inputs, inputs[position])
        return tuple(found) if several else found[0]

    return changed
