"""``Tape``: a handle on the rows that a block recorded, and the questions one can ask of them."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from sys import getrefcount
from typing import Any

import numpy as np

from .. import catalogue
from ..mode import Block, backwards, current
from ..source import Site, here
from ..structure import flatten
from ..types import Array, Operand, Step, reach
from .backward import leading_to, own, seed_for, steps, sweep
from .connection import connected, unconnected
from .tensor import Tensor, asarray


class Tape(Block):
    """Keep the rows of a ``with`` block at hand: to differentiate, print, step through.

    Gradients follow the whole graph, rows made before the block included, and may be asked for
    often, inside the block or after it. While a tape lives, its rows do.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> w = tg.Tensor([1.0, 2.0], requires_grad=True)
    >>> with tg.Tape() as tape:
    ...     loss = (w * w).sum()
    >>> tape.gradient(loss, w)
    Tensor([2., 4.], dtype=float64)
    >>> len(tape), tape[0].op.name
    (2, 'multiply')
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Tensor] = []
        self.conversions: list[tuple[weakref.ref[Tensor], str, Site | None]] = []
        self.asked: tuple[Tensor, Array] | None = None
        self.sweeps = 0  # gradients whose own computation was recorded
        self._opened: Site | None = None

    def __enter__(self) -> Any:
        if self in current().tapes:
            raise catalogue.tape_entered_twice(self._opened)
        self._opened = here()
        self._changes = {"tapes": (*current().tapes, self)}
        super().__enter__()
        self._changes = {}  # a tape that held itself would wait for the cycle collector
        return self

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.rows)

    def __str__(self) -> str:
        return str(reach["table"](self))

    def __repr__(self) -> str:
        return f"<Tape of {len(self.rows)} rows>"

    def note_conversion(self, tensor: Tensor, how: str) -> None:
        """Remember that a value left the graph as plain numbers."""
        self.conversions.append((weakref.ref(tensor), how, here()))

    def gradient(
        self,
        target: Tensor,
        sources: Any,
        *,
        output_gradient: Operand = None,
        create_graph: bool = False,
        unconnected: str = "raise",
    ) -> Any:
        """Return the gradient of ``target`` with respect to ``sources``.

        Parameters
        ----------
        target : Tensor
            A single number, or any shape with ``output_gradient``: a weight for each element.
        sources : Tensor, Module, or nested list, tuple and dict of Tensors
            The answer has this structure; of a Module, a dict by parameter name.
        create_graph : bool
            Record the gradient's own computation, so that it can be differentiated again.
        unconnected : {"raise", "zero"}
            What to do about a source that the target does not depend on; the error
            (UnconnectedError, NotDifferentiable or DTypeError) says why it does not.
        """
        if unconnected not in ("raise", "zero"):
            raise catalogue.unknown_choice("unconnected", unconnected, ("raise", "zero"))
        seed: Any = seed_for(target, output_gradient)
        self.asked = (target, seed)
        if create_graph and isinstance(output_gradient, Tensor):
            seed = output_gradient.astype(target.dtype)
        return gradients(target, sources, seed, create_graph, unconnected, (self,))

    def adjoints(self, target: Tensor, output_gradient: Operand = None) -> dict[Tensor, Array]:
        """Return the adjoint of every tensor that ``target`` depends on, leaves included."""
        remaining: dict[Tensor, Any] = {target: seed_for(target, output_gradient)}
        connected(target)
        found = {step.row: step.cotangent for step in steps(remaining, target)}
        return {**found, **remaining}

    def step_back(self, target: Tensor, output_gradient: Operand = None) -> Iterator[Step]:
        """Yield a Step per row, last first: what arrived there, and what it sends back."""
        seed = seed_for(target, output_gradient)
        connected(target)
        return steps({target: seed}, target)

    def check(self, **options: Any) -> Any:
        """Check every row's own rule by numeric derivatives: see ``testing.tape.check_tape``."""
        return reach["check"](self, **options)

    def memory(self) -> dict[str, int]:
        """Return bytes: ``"values"`` that the rows hold, and what rules ``"keep"`` of them."""
        return dict(reach["memory"](self))


def gradients(
    target: Tensor,
    sources: Any,
    seed: Any,
    create_graph: bool,
    missing: str,
    tapes: tuple[Tape, ...],
) -> Any:
    """Differentiate with respect to nested sources, or say why one has no gradient."""
    if hasattr(sources, "named_parameters"):
        sources = {name: p for name, p in sources.named_parameters() if p.requires_grad}
    wanted, rebuild = flatten(sources)
    labels = list(sources) if isinstance(sources, dict) and len(sources) == len(wanted) else []
    if odd := [source for source in wanted if not isinstance(source, Tensor)]:
        raise catalogue.not_a_source(odd[0])
    if missing != "zero":
        connected(target)
    answers = pulled({target: seed}, wanted, create_graph)
    for k, source in enumerate(wanted):
        if answers[k] is None:
            if missing != "zero":
                label = labels[k] if labels else source.name or "the source"
                raise unconnected(target, source, label, tapes)
            answers[k] = np.zeros_like(source._data)
    return rebuild(iter([asarray(g) for g in answers]))


def pulled(seeds: dict[Tensor, Any], sources: Sequence[Tensor], create_graph: bool) -> list[Any]:
    """Return the cotangent of each source, ``None`` where no target depends on it.

    Arrays that nobody else holds; with ``create_graph`` Tensors that can be differentiated.
    """
    keep = frozenset(sources)
    live = leading_to(seeds, keep)
    seeds = {target: g for target, g in seeds.items() if target in live}
    if create_graph:
        with backwards():
            found = sweep({target: asarray(g) for target, g in seeds.items()}, live, keep)
        tensors = [found.get(source) for source in sources]
        return [Tensor(g) if g is not None and g.is_leaf and not g._tracked else g for g in tensors]
    try:
        found, answers = sweep(seeds, live, keep), []
    except (TypeError, ValueError) as error:
        raise catalogue.noted(error)  # noqa: B904 - the same error
    for source in sources:
        g = found.get(source)
        answers.append(g if g is None else own(g, getrefcount(g) - 1))
    return answers
