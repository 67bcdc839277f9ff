"""The formulary as one Markdown page, its formulas in LaTeX (floor 4)."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

from .adjoint import Adjoint
from .entry import Entry
from .text import counts, peers

__all__ = ["page"]

HEAD = """\
# Operations

{counts}. This page is generated: `python -m tinygrad_edu ops --markdown examples/operations.md`.
`python -m tinygrad_edu ops NAME` shows one of them, and `--check` tries it.

How to read it: $z$ is the value, $\\bar z$ its cotangent, the gradient that arrives from above, and
$\\bar x = \\bar z\\,\\partial z/\\partial x$ what goes on to the input. The first formula is the
definition. The second, headed *rule*, is made from the syntax tree of the function that backward
runs: what is printed is what is computed. A bracket $[x > 0]$ is 1 where its claim holds, else 0;
where inputs broadcast, the engine sums cotangents back. A rule that branches is shown as its
source.

*Tried* says where the tests draw operands. Each operation is compared there with a loop of the same
name in `tests/ops/references`, its gradient with extrapolated differences to second order, and
every small change of its rule must be noticed. *Keeps* says which numbers backward reads, which
must not change until then; none of it is copied.
"""


def page(entries: Sequence[Entry], inner: Sequence[Entry] = ()) -> str:
    """Return the page.

    Parameters
    ----------
    entries : sequence of Entry
        In the order of the page; those of a family together.
    inner : sequence of Entry
        Private operations, each shown at the end of its family.

    Examples
    --------
    >>> from tinygrad_edu.formulary import entry_of
    >>> "## exponential" in page([entry_of("exp")])
    True
    """
    lines = [HEAD.format(counts=counts(entries))]
    families = [(name, list(group)) for name, group in groupby(entries, lambda each: each.family)]
    for name, members in families:
        lines.append(f"- [{name}](#{name}): {' '.join([_link(entry) for entry in members])}")
    lines += ["", "## Kinks", "", *_kinks([*entries, *inner])]
    for name, members in families:
        lines += ["", f"## {name}", "", _about(members[0])]
        for entry in (*members, *[each for each in inner if each.family == name]):
            lines += ["", *_section(entry)]
    return "\n".join(lines) + "\n"


def _link(entry: Entry) -> str:
    return f"[`{entry.name}`](#{_anchor(entry)})"


def _anchor(entry: Entry) -> str:
    return ("inner-" if entry.behind else "") + entry.name


def _about(entry: Entry) -> str:
    """The first paragraph of the family's file."""
    package = __name__.partition(".")[0]
    places = [f"{package}.ops.{entry.family}", f"{package}.{entry.family}"]
    module = next(sys.modules[place] for place in places if place in sys.modules)
    return " ".join((inspect.getdoc(module) or "").partition("\n\n")[0].split())


def _kinks(entries: Sequence[Entry]) -> Iterator[str]:
    yield "One value each, pinned by a test; next to it what PyTorch and JAX give, measured."
    yield ""
    yield "| operation | where | gives | because | PyTorch | JAX |"
    yield "|---|---|---|---|---|---|"
    for entry in entries:
        for kink in entry.kinks:
            others = [peers(kink.gives, gives) for gives in (kink.torch, kink.jax)]
            cells = [_link(entry), kink.where, kink.value, kink.because, *others]
            yield f"| {' | '.join([cell.replace('|', chr(92) + '|') for cell in cells])} |"


def _section(entry: Entry) -> Iterator[str]:
    yield f'### <a id="{_anchor(entry)}"></a>`{entry.signature}`'
    yield ""
    if entry.behind:
        yield f"Private, behind {', '.join([f'`{name}`' for name in entry.behind])}."
        yield ""
    yield entry.summary
    if entry.formula:
        yield from ["", *_display([entry.formula])]
    for adjoint in entry.adjoints:
        yield from _rule(adjoint)
    facts = list(_facts(entry))
    yield from ["", *facts] if facts else []


def _rule(adjoint: Adjoint) -> Iterator[str]:
    yield ""
    if adjoint.latex:
        yield "*Rule*"
        yield from ["", *_display(adjoint.latex)]
    else:
        yield f"*Rule* for {', '.join([f'`{name}`' for name in adjoint.inputs])}"
        yield from ["", "```python", adjoint.source, "```"]
    for name, what in adjoint.helpers:
        if "\n" in what:
            yield from ["", "```python", what, "```"]
        else:
            yield from ["", f"`{name.strip('_')}`: {what}"]


def _display(lines: Sequence[str]) -> Iterator[str]:
    """A block of mathematics, its lines aligned where they have marks for that."""
    text = " \\\\\n".join(lines)
    aligned = "&" in text and not text.startswith(r"\begin")
    inner = [r"\begin{aligned}", text, r"\end{aligned}"] if aligned else [text]
    yield from ["```math", *inner, "```"]


def _facts(entry: Entry) -> Iterator[str]:
    if entry.parts:
        yield f"- made of {', '.join([f'`{part}`' for part in entry.parts])}"
    if not entry.differentiable:
        yield "- no gradient passes"
    if entry.op is not None and entry.op.differentiable:
        names = ", ".join([f"`{name}`" for name in entry.keeps])
        yield f"- keeps {names + ': ' if names else ''}{entry.memory}"
    for trait in entry.traits:
        yield f"- {trait}"
    if entry.domain:
        yield f"- tried: {'; '.join([f'`{each}`' for each in entry.domain])}"
    if entry.aliases:
        yield f"- also called {', '.join([f'`{name}`' for name in entry.aliases])}"
    if entry.source:
        yield f"- source: {entry.source}"
