r"""The chain rule written out: every path from a target to a source, with its product (floor 3).

.. math:: \frac{dz}{dx} = \sum_{\text{paths}} \prod_k \frac{\partial v_k}{\partial v_{k-1}}

Backward adds up at every row instead and so visits each once; written out, a graph of 60 doublings
has :math:`2^{60}` paths. This is for graphs that fit on a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from .. import catalogue, errors
from ..autodiff import Tensor
from ..autodiff.backward import contributions, seed_for
from ..mode import no_grad
from ..types import Array, Operand
from .label import number, printable, value
from .naming import Names, caller
from .paths import Hop, count_paths, every_path
from .why import called, why

__all__ = ["Explanation", "Factor", "Path", "explain"]

LARGEST_JACOBIAN = 1024


class Factor(NamedTuple):
    """One step of a path, against the computation.

    ``local`` is the derivative of ``of`` by ``by``: a number, or an array of shape (*of, *by), or
    None where that would be large. ``carried`` is the product so far, as a gradient of ``by``.
    """

    of: str
    by: str
    local: Array | None
    carried: Array
    line: int | None
    code: str


class Path(NamedTuple):
    """One way from the target to the source, and the product along it."""

    factors: tuple[Factor, ...]
    product: Array


@dataclass(frozen=True, repr=False)
class Explanation:
    """What ``tg.explain`` answers; printed, it is the chain rule with the numbers in it.

    Attributes
    ----------
    target, source : str
        What they are called.
    gradient : array, shape of the source
        What backward computes.
    paths : tuple of Path
        In the order in which backward meets them.
    """

    target: str
    source: str
    gradient: Array
    paths: tuple[Path, ...]

    @property
    def total(self) -> Array:
        """The sum of the paths' products: the gradient."""
        return np.asarray(sum(path.product for path in self.paths))

    def __str__(self) -> str:
        ways = "the only path" if len(self.paths) == 1 else f"the sum over {len(self.paths)} paths"
        blocks = [f"d {self.target} / d {self.source} = {value(self.gradient)}, {ways}"]
        blocks += [_written(k, path) for k, path in enumerate(self.paths, 1)]
        if len(self.paths) > 1 and self.gradient.size <= 4:
            terms = " + ".join(_bracketed(path.product) for path in self.paths)
            blocks.append(f"sum of the paths: {terms} = {value(self.total)}")
        return "\n\n".join(blocks)

    __repr__ = __str__


def explain(
    target: Tensor,
    source: Tensor,
    *,
    output_gradient: Operand = None,
    max_paths: int = 32,
    max_steps: int = 400,
) -> Explanation:
    """Return the gradient as a sum over paths, each the product of its local derivatives.

    Parameters
    ----------
    target : Tensor
        A single number, or any shape with ``output_gradient``.
    source : Tensor
        With respect to what.
    output_gradient : array_like, shape of the target, optional
        A weight for each number of the target.
    max_paths, max_steps : int
        Refuse to write out more than so many paths, or steps on all of them together.

    Returns
    -------
    Explanation
        Text when printed; its fields are plain data.

    Raises
    ------
    ArgumentError
        When the graph is too large to be read path by path; says how many paths there are.
    UnconnectedError, NotDifferentiable, DTypeError
        When there is no path; as ``tape.gradient`` does, with the reason.

    Examples
    --------
    >>> x = Tensor(3.0, requires_grad=True, name="x")
    >>> y = x * x + 2.0 * x
    >>> print(explain(y, x))
    d y / d x = 8, the sum over 3 paths
    <BLANKLINE>
    path 1: y -> multiply#1 -> x
      d y / d multiply#1  = 1
      d multiply#1 / d x  = 3
      product             = 1 * 3 = 3
    <BLANKLINE>
    path 2: y -> multiply#1 -> x
      d y / d multiply#1  = 1
      d multiply#1 / d x  = 3
      product             = 1 * 3 = 3
    <BLANKLINE>
    path 3: y -> multiply#2 -> x
      d y / d multiply#2  = 1
      d multiply#2 / d x  = 2
      product             = 1 * 2 = 2
    <BLANKLINE>
    sum of the paths: 3 + 3 + 2 = 8
    """
    if not isinstance(source, Tensor):
        raise catalogue.not_a_source(source)
    seed = seed_for(target, output_gradient)
    variables = Names(caller())
    names = called(target, source, variables)
    count, ways = count_paths(target, source)
    if not count:
        raise why(target, source).error or errors.UnconnectedError("no path")
    if count > max_paths:
        raise _too_large(f"{count} paths", max_paths, "max_paths")
    with no_grad(), np.errstate(all="ignore"):
        hops = []
        for path in every_path(target, source, ways):
            hops.append(path)
            if sum(map(len, hops)) > max_steps:
                raise _too_large(f"more than {max_steps} steps", max_steps, "max_steps")
        labels = _labels(ways, {target: names[0], source: names[1]}, variables)
        paths = tuple([_followed(path, seed, labels) for path in hops])
        gradient = _gradient(target, source, seed, ways)
    return Explanation(*names, gradient, paths)


def _too_large(found: str, limit: int, name: str) -> Exception:
    return errors.ArgumentError(
        f"the graph has {found} from the target to the source, and {name}={limit}",
        why="written out path by path it cannot be read; backward adds up at each row instead, "
        "and so visits every row once",
        fix="for step in tape.step_back(loss): print(step)   # row by row",
    )


def _gradient(target: Tensor, source: Tensor, seed: Array, ways: dict[Tensor, int]) -> Array:
    """What backward computes, added up row by row: the oracle for the sum over the paths."""
    if target is source:
        return seed
    arrived = {target: seed}
    rows = sorted((x for x in ways if x is not source), key=lambda row: -row.index)
    for row in rows:
        if row in arrived:
            for _, x, d in contributions(row, arrived.pop(row), ways):
                arrived[x] = np.asarray(arrived[x] + d) if x in arrived else d
    return arrived[source]


def _labels(rows: Iterable[Tensor], known: dict[Tensor, str], names: Names) -> dict[Tensor, str]:
    """What to call each value: its name, else its operation, numbered where there are several."""
    found = dict(known)
    unnamed = sorted((x for x in rows if x not in known), key=attrgetter("index"))
    made = {x: "a leaf" if x.op is None else x.op.name for x in unnamed}
    words = {x: printable(names.of(x) or made[x]) for x in unnamed}
    counts, seen = Counter(words.values()), Counter[str]()
    for x, word in words.items():
        seen[word] += 1
        found[x] = f"{word}#{seen[word]}" if counts[word] > 1 else word
    return found


def _followed(hops: tuple[Hop, ...], seed: Array, labels: dict[Tensor, str]) -> Path:
    factors, carried = [], seed
    for row, position in hops:
        x, site = row.inputs[position], row.site
        local, carried = _local(row, position), _sent(row, position, carried)
        line, code = (None, "") if site is None else (site.line, printable(site.expression))
        factors.append(Factor(labels[row], labels[x], local, carried, line, code))
    return Path(tuple(factors), carried)


def _sent(row: Tensor, position: int, g: Array) -> Array:
    """What a row's rule sends to one input, given what arrives."""
    found: Any = next((d for k, _, d in contributions(row, g, None) if k == position), None)
    return np.zeros_like(row.inputs[position].data) if found is None else found


def _local(row: Tensor, position: int) -> Array | None:
    """The derivative by one input: a row of it for each number of the output."""
    x = row.inputs[position]
    if row.size * x.size > LARGEST_JACOBIAN:
        return None
    units = np.eye(row.size, dtype=row.dtype).reshape((row.size, *row.shape))
    parts = [_sent(row, position, unit) for unit in units]
    return np.asarray(parts, dtype=x.dtype).reshape((*row.shape, *x.shape))


def _written(index: int, path: Path) -> str:
    ends = [path.factors[0].of, *[f.by for f in path.factors]] if path.factors else ["itself"]
    title = f"path {index}: {' -> '.join(ends)}"
    names = [f"d {f.of} / d {f.by}" for f in path.factors]
    scalar = all(f.local is not None and f.local.size == 1 for f in path.factors)
    told = [_told(f.local, f.carried.ndim) for f in path.factors]
    so_far = ["" if scalar else f"so far {value(f.carried)}" for f in path.factors]
    lines = ["" if f.line is None else f"line {f.line}  {f.code}" for f in path.factors]
    wide = max(map(len, [*names, "product"]))
    widths = [max(map(len, column), default=0) for column in (told, so_far)]
    rows = [
        f"  {a:{wide}}  = {b:{widths[0]}}  {c:{widths[1]}}  {d}".rstrip()
        for a, b, c, d in zip(names, told, so_far, lines, strict=True)
    ]
    factors = " * ".join(_bracketed(f.local) for f in path.factors if f.local is not None)
    chain = f"{factors} = " if scalar and len(path.factors) > 1 else ""
    rows.append(f"  {'product':{wide}}  = {chain}{value(path.product)}")
    return "\n".join([title, *rows])


def _told(local: Array | None, ndim: int) -> str:
    """A number, the diagonal of what works element by element, else the shape of the matrix."""
    if local is None:
        return "a large matrix"
    if local.size == 1:
        return number(local.item())
    of, by = local.shape[: local.ndim - ndim], local.shape[local.ndim - ndim :]
    size = int(np.prod(of, dtype=int)), int(np.prod(by, dtype=int))
    flat = local.reshape(size)
    if size[0] == size[1] and np.array_equal(flat, np.diag(np.diag(flat))):
        return f"diagonal {value(np.diag(flat))}"
    if 1 in size:
        return f"{'row' if size[0] == 1 else 'column'} {value(flat.reshape(-1))}"
    return f"matrix {size[0]}x{size[1]}, {value(flat)}"


def _bracketed(array: Array) -> str:
    text = value(array)
    return f"({text})" if text.startswith("-") else text
