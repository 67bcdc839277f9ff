"""``tg.draw``: the picture of a computation, as an object that can be shown and saved (floor 3)."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from ..types import Operand
from .dot import written
from .export import exported
from .node import Snapshot
from .page import html
from .palette import palette
from .scene import Scene, scene
from .snapshot import snapshot
from .svg import svg
from .svg_captions import Look
from .tree import tree

__all__ = ["Graph", "draw"]


class Graph:
    """The picture of a computation at one moment; ``tg.draw`` makes one.

    In a notebook it shows itself. What happens to the tensors afterwards does not change it.

    Attributes
    ----------
    seen : Snapshot
        The graph as plain data.
    scene : Scene
        What of it is drawn.

    Examples
    --------
    >>> from tinygrad_edu.autodiff import Parameter
    >>> w = Parameter(3.0, name="w")
    >>> graph = draw(w * w)
    >>> graph
    <Graph of 1 operation: graph.show(), graph.save("graph.svg")>
    >>> graph.svg[:4]
    '<svg'
    """

    def __init__(self, seen: Snapshot, scene: Scene, look: Look, title: str) -> None:
        self.seen, self.scene, self.look, self.title = seen, scene, look, title

    @property
    def notes(self) -> list[str]:
        """What has to be said above the picture: what is folded, and why there are no gradients."""
        notes = [self.seen.remark] if self.seen.remark and self.look.grads else []
        drawn = self.scene
        if drawn.hidden:
            boxes = sum(item.group is not None for item in drawn.items.values())
            into = "1 box" if boxes == 1 else f"{boxes:,} boxes"
            said = f"{drawn.hidden:,} of {drawn.rows:,} operations are folded into {into}"
            deeper = drawn.modules and drawn.depth < drawn.levels
            more = f"depth={drawn.depth + 1}" if deeper else f"max_nodes={drawn.rows}"
            notes.insert(0, f"{said} (depth={drawn.depth}); {more} opens more")
        if self.look.grads == "blank":
            notes.append("Fill in the gradients: what arrives at each box from below.")
        return notes

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file, which needs nothing else to be seen."""
        return svg(self.scene, self.look, self.title, self.notes)

    @cached_property
    def dot(self) -> str:
        """The graph in the language of Graphviz; needs no Graphviz."""
        return written(self.scene, self.look, self.title)

    def html(self, title: str | None = None, *, source: bool | None = None) -> str:
        """Return a page to step through the graph, forward and backward, as one file's text.

        It needs no network and no other file. Boxes of modules open, ``/`` finds, the space bar
        plays.

        Parameters
        ----------
        title : str, optional
            Instead of the picture's own.
        source : bool, optional
            Whether the page quotes the lines of code around each operation; by default as
            ``tg.draw(..., source=)`` said.
        """
        return html(
            self.seen,
            self.scene,
            self.look,
            self.title if title is None else title,
            notes=tuple(self.notes),
            source=self.look.source if source is None else source,
        )

    def to_graphviz(self) -> Any:
        """Return a ``graphviz.Source``, for those who want Graphviz to lay it out."""
        import graphviz

        return graphviz.Source(self.dot)

    def summary(self) -> str:
        """Return the graph as a tree of text, for terminals."""
        return tree(self.scene)

    def render(self, format: str = "svg") -> str | bytes:
        """Return the picture in a format that ``save`` knows, without a file.

        Parameters
        ----------
        format : str
            ``"svg"``, ``"dot"``, ``"txt"``, ``"png"``, ``"pdf"`` or ``"html"``.
        """
        plain: dict[str, Callable[[], str]] = {
            "svg": lambda: self.svg,
            "dot": lambda: self.dot,
            "txt": self.summary,
            "html": self.html,
        }
        if format in plain:
            return plain[format]()
        if format in ("png", "pdf"):
            return exported(lambda: self.svg, lambda: self.dot, format)
        known = ", ".join([*plain, "png", "pdf"])
        raise ArgumentError(
            f"a graph cannot be written as {format!r}, only as {known}",
            fix='graph.save("graph.svg")',
        )

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and return its path.

        Parameters
        ----------
        path : str or Path
            Its suffix says how: ``.svg``, ``.html`` and ``.dot`` need nothing but this package,
            ``.png`` and ``.pdf`` need the extra ``plots`` or Graphviz.

        Raises
        ------
        ArgumentError
            For another suffix.
        MissingDependency
            For a format for which nothing suitable is installed; says what is.
        """
        place = Path(path)
        content = self.render(place.suffix.removeprefix(".").lower())
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
        return place

    def show(self) -> Path:
        """Open the picture in a browser, and return the temporary file that it shows."""
        place = self.save(Path(tempfile.mkdtemp(prefix="graph-")) / "graph.html")
        webbrowser.open(place.as_uri())
        return place

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows. A picture that fails must not hide the cell's result."""
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except Exception as error:
            return {"text/plain": f"<Graph that cannot be drawn: {type(error).__name__}: {error}>"}

    def __repr__(self) -> str:
        count = f"{self.scene.rows:,} operation" + ("s" if self.scene.rows != 1 else "")
        return f'<Graph of {count}: graph.show(), graph.save("graph.svg")>'


def draw(
    target: Any,
    *,
    values: bool = True,
    grads: bool | str = True,
    depth: int | None = None,
    max_nodes: int = 150,
    theme: str = "light",
    direction: str = "down",
    open: Collection[str] = (),
    names: Mapping[str, Any] | None = None,
    output_gradient: Operand = None,
    title: str = "",
    source: bool = True,
) -> Graph:
    """Draw the computation that leads to a result, with values and gradients.

    Parameters
    ----------
    target : Tensor, Tape, or nested list, tuple and dict of Tensors
        Where the graph ends: a loss, several results, a gradient made with ``create_graph=True``.
    values : bool
        Write the numbers, or their mean ± deviation.
    grads : bool or "blank"
        Write the gradients. They come from a backward pass of the picture's own: whether one was
        run does not matter, and ``.grad`` stays as it is. ``"blank"`` leaves gaps to fill in.
    depth : int, optional
        How many levels of modules to draw open; by default as many as stay readable. Paths are
        known of what was computed under a ``Tape``.
    max_nodes : int, at least 2
        How many boxes are readable. Of a larger graph modules are closed, stretches that repeat
        are folded, then the middle; the picture says so.
    theme : {"light", "dark"}
        Colours.
    direction : {"down", "right"}
        Where the computation goes; ``"right"`` suits slides.
    open : collection of str
        Paths of modules to draw open in any case, such as ``["GPT.blocks.3"]``.
    names : mapping of str to Tensor, optional
        What to call them. By default ``name=``, the path in a model, or the variable.
    output_gradient : array_like, shape of the target, optional
        A weight for each element of a target that is not a single number.
    title : str
        The picture's name.
    source : bool
        Whether the interactive page quotes your lines of code. Only the names of files are in it,
        never their folders.

    Returns
    -------
    Graph
        ``.show()``, ``.save("graph.svg")``, ``.save("graph.html")``, ``.summary()``; notebooks show
        it.

    Raises
    ------
    ArgumentError
        For a target that is no Tensor, or settings that do not exist.

    Examples
    --------
    >>> from tinygrad_edu.autodiff import Parameter
    >>> w = Parameter([1.0, 2.0], name="w")
    >>> print(draw(w * w, output_gradient=[1.0, 1.0]).summary())
    multiply  2  [1 4]  grad [1 1]
      w  2  [1 2]  grad [2 4]
    """
    palette(theme)
    for name, given, known in (
        ("direction", direction, ("down", "right")),
        ("grads", grads, (True, False, "blank")),
    ):
        if given not in known:
            raise ArgumentError(
                f"{name}={given!r} is not known, only {', '.join(map(repr, known))}",
                fix=f"tg.draw(loss, {name}={known[0]!r})",
            )
    for name, number, least in (("max_nodes", max_nodes, 2), ("depth", depth, 0)):
        if number is not None and (not isinstance(number, int) or number < least):
            raise ArgumentError(
                f"{name}={number!r} is not a whole number of at least {least}",
                fix=f"tg.draw(loss, {name}={150 if least else 1})",
            )
    seen = snapshot(target, grads=bool(grads), output_gradient=output_gradient, names=names)
    drawn = scene(seen, depth=depth, max_nodes=max_nodes, opened=open)
    return Graph(seen, drawn, Look(values, grads, theme, direction == "right", source), title)
