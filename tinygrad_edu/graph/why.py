"""The path of a gradient, or the first broken link and the line that broke it (floor 3).

The reasons are those of the engine's errors; here they come with the way on which they lie.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from .. import catalogue, errors, reasons
from ..autodiff import Tape, Tensor
from ..autodiff.connection import Gap, ancestors, gaps
from ..mode import current
from ..source import Site, here
from .label import number, printable
from .naming import Names, caller
from .paths import carrying, count_paths, shortest, touching

__all__ = ["Link", "Why", "called", "why"]

SHOWN_LINKS = 24


class Link(NamedTuple):
    """One value on the way from the source to the target.

    ``cut``: gradients stop at this value.
    """

    label: str
    shape: tuple[int, ...]
    line: int | None
    code: str
    cut: bool = False


@dataclass(frozen=True, repr=False)
class Why:
    """What ``tg.why`` answers; printed, it is the explanation.

    Attributes
    ----------
    connected : bool
        Whether the source gets a gradient from the target.
    target, source : str
        What they are called.
    path : tuple of Link
        A shortest way from the source to the target, ends included; empty where there is none, or
        where it leads through values that are gone.
    paths : int
        On how many ways the gradient arrives.
    reason : str
        ``""`` if connected. Else ``"detach"``, ``"stop_gradient"``, ``"no_grad"``, the name of an
        operation without a derivative, ``"conversion"``, ``"dtype"``, ``"requires_grad"``,
        ``"gone"`` or ``"not an input"``.
    line : int or None
        The user's line with the first broken link, seen from the target.
    error : Exception or None
        What ``tape.gradient`` would raise, with the reason and the edit that mends it.
    """

    connected: bool
    target: str
    source: str
    path: tuple[Link, ...] = ()
    paths: int = 0
    reason: str = ""
    line: int | None = None
    error: errors.TinygradError | None = field(default=None, compare=False)

    def __str__(self) -> str:
        if self.connected:
            ways = f", the shortest of {self.paths} paths" if self.paths > 1 else ""
            steps = len(self.path) - 1
            counted = f"{steps} step{'s' * (steps != 1)}"
            head = f"{self.source} gets a gradient from {self.target}: {counted}{ways}"
            return "\n".join([head, *_written(self.path)])
        shown = [str(self.error)]
        if self.path:
            shown += ["  path  from the source down to the target", *_written(self.path)]
        return "\n".join(shown)

    __repr__ = __str__


def why(target: Tensor, source: Tensor, *, tape: Tape | None = None) -> Why:
    """Return how a gradient gets from ``target`` to ``source``, or what stops it and where.

    Parameters
    ----------
    target : Tensor
        What would be differentiated.
    source : Tensor
        With respect to what.
    tape : Tape, optional
        Which saw the computation, and so knows what left it by ``float()`` and the like. By
        default those around the call, and those that the calling code holds.

    Returns
    -------
    Why
        Text when printed; its fields are plain data.

    Raises
    ------
    ArgumentError
        When one of the two is no Tensor.

    Notes
    -----
    Without a tape the engine keeps no lines, and lets go of values that nothing needs, those
    before a ``detach`` among them. Then the reason may be ``"gone"``: a cut beyond which one
    cannot see.

    Examples
    --------
    >>> w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    >>> with Tape() as tape:
    ...     h = (w * 3.0).detach()
    ...     loss = (h * w).sum()
    ...     answer = why(loss, w)
    >>> print(answer)
    w gets a gradient from loss: 2 steps
            w         (2,)
            multiply  (2,)  line 3  h * w
            sum       ()    line 3  (h * w).sum()
    >>> why(h.sum(), w).reason
    'detach'
    """
    if not isinstance(target, Tensor):
        raise catalogue.not_a_target(target)
    if not isinstance(source, Tensor):
        raise catalogue.not_a_source(source)
    scopes = caller()
    names = called(target, source, Names(scopes))
    path = shortest(target, source, carrying) if target.requires_grad else []
    if path and source.requires_grad:
        count, _ = count_paths(target, source)
        return Why(True, *names, _links(path, names), count)
    tapes = (*current().tapes, *_tapes(scopes)) if tape is None else (tape,)
    found = gaps(target, source) or _without_rule(target, source)
    reason, site, error = _reason(target, source, names[1], found, tapes)
    way = shortest(target, source, touching)
    # Stand-ins for what is gone are made anew by each search; their origins are not.
    cuts = {id(part) for gap in found for part in (gap.at, gap.at._origin) if part is not None}
    line = None if site is None else site.line
    return Why(False, *names, _links(way, names, cuts), 0, reason, line, error)


def called(target: Tensor, source: Tensor, names: Names) -> tuple[str, str]:
    """Return what to call the two: their names, else how the user's call writes them.

    Parameters
    ----------
    target, source : Tensor
        The two.
    names : Names
        What the user's variables and models call things.
    """
    site = here()
    terms = site.terms if site is not None and site.function in ("why", "explain") else ()
    written = [term if term.replace(".", "").isidentifier() else "" for term in terms[:2]]
    written += [""] * (2 - len(written))
    return (
        printable(target.name or written[0] or names.of(target) or "the target"),
        printable(source.name or written[1] or names.of(source) or "the source"),
    )


def _tapes(scopes: tuple[Mapping[str, Any], ...]) -> tuple[Tape, ...]:
    """The tapes that the calling code holds, each once."""
    held = [tape for scope in scopes for tape in list(scope.values()) if type(tape) is Tape]
    return tuple({id(tape): tape for tape in held}.values())


def _without_rule(target: Tensor, source: Tensor) -> list[Gap]:
    """The rows on a recorded path whose rules leave the input before them out."""
    way = shortest(target, source, lambda row: list(enumerate(row.inputs)))
    steps = pairwise(way)
    silent = [row for x, row in steps if x.requires_grad and x not in _receivers(row)]
    return [Gap(row.op.name if row.op else "", row) for row in reversed(silent)]


def _receivers(row: Tensor) -> set[Tensor]:
    return {x for _, x in carrying(row)}


def _reason(
    target: Tensor, source: Tensor, label: str, found: list[Gap], tapes: tuple[Any, ...]
) -> tuple[str, Site | None, Any]:
    """One word, the place, and the error that says the rest."""
    leaves = [x for x in ancestors(target) if x.op is None and x.requires_grad]
    conversions = [
        (how, site)
        for tape in tapes
        for link, how, site in tape.conversions
        if (tensor := link()) is not None and shortest(tensor, source, touching)
    ]
    lost = [] if found else _lost(target)
    error = reasons.unconnected(target, source, label, found, conversions, leaves)
    if source.dtype.kind != "f":
        return "dtype", None, error
    if found:
        return found[0].reason, found[0].at.site, error
    if not source.requires_grad:
        return "requires_grad", None, error
    if conversions:
        return "conversion", conversions[0][1], error
    if lost:
        return "gone", lost[0].at.site, reasons.gone(target, label, lost[0])
    return "not an input", None, error


def _lost(target: Tensor) -> list[Gap]:
    """Cuts behind which values are gone that the source may have led to."""
    seen, queue, found = {target}, [target], []
    for tensor in queue:
        origin = tensor._origin
        links = () if origin is None or tensor.requires_grad else origin.sources
        if any(link() is None for link in links):
            found.append(Gap(tensor._origin.reason if tensor._origin else "", tensor))
        for _, x in touching(tensor):
            if x not in seen:
                seen.add(x)
                queue.append(x)
    return found


def _links(
    path: list[Tensor], names: tuple[str, str], cuts: Collection[int] = ()
) -> tuple[Link, ...]:
    links = []
    for k, x in enumerate(path):
        site = x.site
        origin = x._origin.reason if x._origin is not None and not x.requires_grad else ""
        made = x.op.name if x.op is not None else origin
        label = names[1] if k == 0 else made or "a leaf"
        label = f"{x.name} = {label}" if k and x.name else label
        line, code = (None, "") if site is None else (site.line, site.expression)
        cut = id(x) in cuts or id(x._origin) in cuts
        links.append(Link(printable(label), x.shape, line, printable(code), cut))
    return tuple(links)


def _written(path: tuple[Link, ...]) -> list[str]:
    """One line for each value, in columns; of a long path, both ends."""
    shown = list(path)
    if hidden := max(len(path) - SHOWN_LINKS, 0):
        half = SHOWN_LINKS // 2
        middle = path[half:-half]
        cut = [link for link in middle if link.cut][-3:]
        shown = [*path[:half], *cut, *path[-half:]]
        hidden -= len(cut)
    lines = ["" if link.line is None else f"line {link.line}" for link in shown]
    columns = ([link.label for link in shown], [str(link.shape) for link in shown], lines)
    wide = [max(map(len, cells)) for cells in columns]
    rows = [
        f"  {'cut' if x.cut else '':4}  {x.label:{wide[0]}}  {x.shape!s:{wide[1]}}"
        f"  {line:{wide[2]}}  {x.code}".rstrip()
        for x, line in zip(shown, lines, strict=True)
    ]
    if hidden:
        rows.insert(SHOWN_LINKS // 2, f"        ... {number(hidden)} more ...")
    return rows
