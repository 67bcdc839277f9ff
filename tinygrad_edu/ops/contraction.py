"""Einstein's summation: products and sums of any operands, named by a letter for each axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np

from .. import errors
from ..arrays import numbers
from ..autodiff.operation import operation
from ..autodiff.tensor import Tensor
from ..source import here
from ..types import Array, Operand, Shape
from .shape import reshape

__all__ = ["einsum"]

# Below this many products NumPy's plain loop is done before a better order is found (measured).
_SMALL = 10_000


def _contracted(*operands: Array, spec: str = "->") -> Array:
    if not isinstance(spec, str):
        raise TypeError(f"{spec!r} is no formula")
    sizes: dict[str, int] = {}
    for term, x in zip(spec.partition("->")[0].split(","), operands, strict=True):
        for letter, n in zip(term, np.shape(x), strict=True):
            if sizes.setdefault(letter, n) != n:
                raise ValueError(f"{letter} is {sizes[letter]} and {n}")
    if len(operands) == 1:
        return np.array(np.einsum(spec, *operands))  # not a view of its operand
    return np.einsum(spec, *operands, optimize=math.prod(sizes.values()) > _SMALL)


def _einsum_rule(g: Any, out: Any, *operands: Any, spec: str, needs: Any) -> tuple[Any, ...]:
    inputs, _, output = spec.partition("->")
    terms = inputs.split(",")
    every = range(len(operands))
    return tuple([_adjoint(g, output, terms, operands, k) if needs[k] else None for k in every])


def _adjoint(g: Any, output: str, terms: list[str], operands: Sequence[Any], k: int) -> Any:
    """Another contraction: of the cotangent with all other operands.

    An axis that is summed in this operand alone is repeated by a vector of ones; a diagonal that
    was read is written by an identity matrix.
    """
    term, x = terms[k], operands[k]
    given = [(output, g)]
    given += [(terms[j], operands[j]) for j in range(len(operands)) if j != k]
    known = "".join([letters for letters, _ in given])
    unused = iter(sorted(set(ascii_letters) - set(known + term)))
    wanted = ""
    for letter, n in zip(term, x.shape, strict=True):
        if letter in wanted:
            other = next(unused)
            given.append((letter + other, np.eye(n, dtype=x.dtype)))
            wanted += other
        else:
            if letter not in known:
                given.append((letter, np.ones(n, x.dtype)))
            wanted += letter
    spec = ",".join([letters for letters, _ in given])
    return _einsum(*[part for _, part in given], spec=f"{spec}->{wanted}")


_FORMS: tuple[tuple[str, tuple[Shape, ...]], ...] = (
    ("ij,jk->ik", ((2, 3), (3, 2))), ("ij,jk->ki", ((2, 3), (3, 1))), ("i,i->", ((3,), (3,))),
    ("i,j->ij", ((2,), (3,))), ("ij,ij->i", ((2, 3), (2, 3))), ("ij->ji", ((2, 3),)),
    ("ij->j", ((2, 3),)), ("ijk->", ((2, 1, 3),)), ("ii->", ((3, 3),)), ("ii->i", ((3, 3),)),
    ("iii->i", ((2, 2, 2),)), ("iji,j->i", ((2, 3, 2), (3,))), ("ij,kj,jl->ikl", ((2, 2), (1, 2),
    (2, 3))), ("bij,bjk->bik", ((2, 1, 2), (2, 2, 3))), (",i->i", ((), (2,))), ("->", ((),)),
    ("ij,k->i", ((2, 2), (3,))), ("ij,i->ij", ((2, 2), (2,))), ("ij,ji->", ((2, 2), (2, 2))),
)  # fmt: skip


def _samples(rng: np.random.Generator) -> tuple[tuple[Any, ...], dict[str, Any]]:
    spec, shapes = _FORMS[int(rng.integers(len(_FORMS)))]
    return tuple([rng.normal(size=shape) for shape in shapes]), {"spec": spec}


@operation(_contracted, rule=_einsum_rule, samples=_samples)
def _einsum(*operands: Operand, spec: str = "->") -> Tensor:
    r"""Products summed over every letter that the result does not have; all letters written out.

    .. math:: Z_\gamma = \sum_{\alpha \cup \beta \setminus \gamma} X_\alpha Y_\beta, \qquad
              \bar X_\alpha = \sum_{\beta \cup \gamma \setminus \alpha} \bar Z_\gamma Y_\beta

    Examples
    --------
    >>> _einsum([1.0, 2.0], [3.0, 4.0], spec="i,i->")
    array(11.)
    """


def einsum(subscripts: str, /, *operands: Operand) -> Tensor:
    r"""Products of operands, summed over every letter that the result does not have.

    .. math:: Z_\gamma = \sum_{\alpha \cup \beta \setminus \gamma} X_\alpha Y_\beta, \qquad
              \bar X_\alpha = \sum_{\beta \cup \gamma \setminus \alpha} \bar Z_\gamma Y_\beta

    Parameters
    ----------
    subscripts : str
        For each operand a letter an axis, separated by commas, then ``->`` and the letters of the
        result. Without ``->`` the result has the letters that occur once, in alphabetical order.
        A letter twice in one operand is its diagonal; ``...`` stands for axes that broadcast.
    *operands : array_like
        As many as there are terms. An axis of length one broadcasts.

    Returns
    -------
    Tensor
        An axis for each letter after the arrow.

    Raises
    ------
    ArgumentError
        When the formula cannot be read, or does not fit the number of operands.
    ShapeError
        When the letters of an operand do not fit its axes, or one letter has two sizes.

    Notes
    -----
    A primitive, since products of any axes are not expressible by others without large copies.
    It is closed under differentiation: each adjoint is a summation by the same operands. Three or
    more operands are multiplied pair by pair in a good order.
    Source: Einstein 1916, section 5; Laue, Mitterreiter and Giesen 2020, theorem 8.

    Examples
    --------
    >>> einsum("ij,j->i", [[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
    array([3., 7.])
    >>> einsum("ii", [[1.0, 2.0], [3.0, 4.0]])
    array(5.)
    """
    kept = (Tensor, int, float)
    parts = [x if isinstance(x, kept) else numbers(x) for x in operands]
    shapes = [np.shape(getattr(x, "_data", x)) for x in parts]
    terms, output = _written_out(subscripts, shapes)
    sizes = _sizes(subscripts, terms, shapes)
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        # An axis of length one that broadcasts is no axis of this operand.
        full = [(a, n) for a, n in zip(term, shape, strict=True) if n == sizes[a]]
        if len(full) < len(term):
            parts[k] = reshape(parts[k], tuple([n for _, n in full]))
            terms[k] = "".join([a for a, _ in full])
    return _einsum(*parts, spec=f"{','.join(terms)}->{output}")


def _written_out(subscripts: Any, shapes: Sequence[Shape]) -> tuple[list[str], str]:
    """The letters of each operand and of the result, with letters of its own for an ellipsis."""
    if not isinstance(subscripts, str):
        raise _unreadable(subscripts, "is no formula", shapes)
    text = "".join(subscripts.split())
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    for term in (*terms, right):
        strange = term.replace("...", "", 1).strip(ascii_letters)
        if strange:
            raise _unreadable(subscripts, f"has {strange[0]!r} where a letter belongs", shapes)
    if len(terms) != len(shapes):
        count = f"{len(terms)} {'term' if len(terms) == 1 else 'terms'}"
        raise _unreadable(subscripts, f"has {count} for {len(shapes)} operands", shapes)
    extra = [len(shape) - len(t.replace("...", "")) for t, shape in zip(terms, shapes, strict=True)]
    for k, (term, left_over) in enumerate(zip(terms, extra, strict=True)):
        if left_over < 0 or (left_over and "..." not in term):
            axes = len(shapes[k])
            said = f"{term!r} names {axes - left_over} axes, operand {k} has {axes}"
            raise _misfit(errors.ShapeError, f"{subscripts!r}: {said}", terms, shapes)
    unused = sorted(set(ascii_letters) - set(text))
    if max(extra, default=0) > len(unused):
        raise _unreadable(subscripts, "has more axes than there are letters", shapes)
    dots = "".join(unused[: max(extra, default=0)])
    named = [t.replace("...", dots[len(dots) - n :]) for t, n in zip(terms, extra, strict=True)]
    if not arrow:
        once = [a for a in sorted(set(left) & set(ascii_letters)) if left.count(a) == 1]
        return named, dots + "".join(once)
    if (wrong := _wrong_result(right, dots, left)) is not None:
        raise _unreadable(subscripts, wrong, shapes)
    return named, right.replace("...", dots)


def _wrong_result(right: str, dots: str, left: str) -> str | None:
    """What is wrong with the letters after the arrow."""
    for letter in right.replace("...", ""):
        if letter not in left:
            return f"has {letter!r} in the result and in no operand"
        if right.count(letter) > 1:
            return f"has {letter!r} twice in the result"
    if dots and "..." not in right:
        return "has an ellipsis before the arrow and none after it"
    return None


def _sizes(subscripts: str, terms: Sequence[str], shapes: Sequence[Shape]) -> dict[str, int]:
    """The size of every letter; of sizes 1 and n it is n, as in broadcasting."""
    sizes: dict[str, tuple[int, int]] = {}
    for k, (term, shape) in enumerate(zip(terms, shapes, strict=True)):
        for letter, n in zip(term, shape, strict=True):
            before, where = sizes.get(letter, (n, k))
            if (first := shape[term.index(letter)]) != n:
                before, where = first, k  # no diagonal
            elif n != before and 1 in (n, before):
                before = n
            if n != before:
                name = f"letter {letter!r}" if letter in subscripts else "an axis of the ellipsis"
                said = f"{name} is {before} in operand {where} and {n} in operand {k}"
                raise _misfit(errors.ShapeError, f"{subscripts!r}: {said}", terms, shapes)
            if sizes.get(letter, (1, k))[0] == 1:
                sizes[letter] = (n, k)
    return {letter: n for letter, (n, _) in sizes.items()}


def _unreadable(subscripts: Any, what: str, shapes: Sequence[Shape]) -> Exception:
    formula = repr(subscripts) if isinstance(subscripts, str) else f"{subscripts!r:.60}"
    terms = [""] * len(shapes)
    return _misfit(errors.ArgumentError, f"{formula} {what}", terms, shapes)


def _misfit(
    kind: type[errors.TinygradError], what: str, terms: Sequence[str], shapes: Sequence[Shape]
) -> Exception:
    """A formula that fits the shapes, with the letters that do, and new ones for the others."""
    sizes: dict[str, int] = {}
    unused = iter(sorted(set(ascii_letters[8:]) - set("".join(terms))))
    fitting = []
    for term, shape in zip(terms, shapes, strict=True):
        letters = term.replace("...", "")[: len(shape)]
        padded = [*letters, *[""] * (len(shape) - len(letters))]
        for j, n in enumerate(shape):
            if not padded[j] or sizes.setdefault(padded[j], n) != n:
                padded[j] = next(unused, "?")
                sizes[padded[j]] = n
        fitting.append("".join(padded))
    site = here()
    names = site.terms[1:] if site and len(site.terms) == len(shapes) + 1 else "xyzuvw"
    operands = ", ".join(names[: len(shapes)])
    return kind(
        f"einsum {what}",
        code="TG-S14",
        shapes=shapes,
        op="einsum",
        site=site,
        why="a formula has a letter for each axis, and axes of one letter have one size, or 1",
        fix=f'tg.einsum("{",".join(fitting)}", {operands})   # letters that fit the shapes',
    )
