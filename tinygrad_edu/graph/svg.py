"""A scene as one SVG file: header, modules, lines, boxes, and a legend of what is there
(floor 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .layout import Layout, layout
from .markup import UI, width
from .palette import Palette, palette
from .scene import Reading, Scene
from .svg_captions import SMALL, Look, shape
from .svg_marks import arrow, curve, escaped, number_, sign, text
from .svg_tags import Tags

__all__ = ["Picture", "svg"]

MARGIN, HEADER, LINE = 24.0, 18.0, 26.0
NARROWEST = 400.0  # of a legend that is broken into lines
WORDS = {
    "input": "input", "target": "target", "parameter": "parameter", "buffer": "buffer",
    "constant": "constant", "detached": "no gradient beyond", "op": "operation",
    "gradient": "operation of a gradient",
    "module": "module, closed", "fold": "folded", "loss": "loss",
}  # fmt: skip
SCALE = (-8, -5, -2, 1)


def svg(scene: Scene, look: Look, title: str = "", notes: Sequence[str] = ()) -> str:
    """Return a picture as the text of an SVG file.

    Parameters
    ----------
    scene : Scene
        What to draw.
    look : Look
        What to show of it, and how.
    title : str
        The picture's name, for those who cannot see it; not drawn.
    notes : sequence of str
        Lines to write above the graph.
    """
    return Picture(scene, look).svg(title, notes)


class Picture:
    """A scene with places for everything.

    Parameters
    ----------
    scene : Scene
        What to draw.
    look : Look
        What to show of it, and how.
    known : dict, optional
        Shared by pictures of one snapshot, so that they measure things once.

    Attributes
    ----------
    layout : Layout
        Where everything is.
    """

    def __init__(self, scene: Scene, look: Look, known: dict[Any, Any] | None = None) -> None:
        self.scene, self.look = scene, look
        self.theme: Palette = palette(look.theme)
        self.boxes = Tags(scene, look, self.theme, known)
        sizes = {key: self.boxes.size(item) for key, item in scene.items.items()}
        if look.right:  # shapes stand between the boxes
            for reading in scene.readings:
                size, words = sizes[reading.source], self._words(reading)
                after = max(size.after, width(words, SMALL, mono=True))
                sizes[reading.source] = size._replace(after=after)
        self.layout: Layout = layout(scene, sizes, "right" if look.right else "down")

    def svg(self, title: str = "", notes: Sequence[str] = ()) -> str:
        """Return the whole file."""
        legend, legend_width, legend_height = self._legend()
        above = len(notes) * HEADER + (8 if notes else 0)
        widest = max([self.layout.width, legend_width, *[width(n, 11.5) for n in notes]])
        wide = widest + 2 * MARGIN
        tall = self.layout.height + above + legend_height + 2 * MARGIN + 12
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{tall:.0f}" '
            f'viewBox="0 0 {wide:.0f} {tall:.0f}" font-family="{UI}" role="img">'
            f"<title>{escaped(title or 'computation graph')}</title>"
            f'<rect width="{wide:.0f}" height="{tall:.0f}" fill="{self.theme.canvas}"/>'
        )
        lines = [
            text(MARGIN, MARGIN + 10 + HEADER * k, note, self.theme.muted, 11.5)
            for k, note in enumerate(notes)
        ]
        shift = (widest - self.layout.width) / 2
        at = f"translate({number_(MARGIN + shift)},{number_(MARGIN + above)})"
        below = number_(MARGIN + above + self.layout.height + 22)
        return "\n".join(
            [
                head,
                *lines,
                f'<g transform="{at}">',
                self.body(),
                "</g>",
                f'<g class="legend" transform="translate({number_(MARGIN)},{below})">{legend}</g>',
                "</svg>",
                "",
            ]
        )

    def body(self) -> str:
        """Return the graph alone: modules, lines, boxes, shapes and the modules' titles."""
        parts = []
        titles = []
        for group, (x, y, wide, tall) in self.layout.modules.items():
            parts.append(
                f'<rect class="module" x="{number_(x)}" y="{number_(y)}" width="{number_(wide)}" '
                f'height="{number_(tall)}" rx="10" fill="{self.theme.ink}" fill-opacity="0.025" '
                f'stroke="{self.theme.border}"/>'
            )
            ink = self.theme.kinds["module"].stroke
            start = x + self.layout.titles[group]
            titles.append(
                f'<g class="title" data-module="{escaped(group.path)}">'
                + sign("minus", start + 16, y + 15, ink)
                + text(
                    start + 25, y + 19, group.title, self.theme.muted, 11, bold=True,
                    halo=self.theme.canvas,
                )
                + "</g>"
            )  # fmt: skip
        lines = list(zip(self.scene.readings, self.layout.lines, strict=True))
        parts += [self._line(reading, points) for reading, points in lines]
        for key, item in self.scene.items.items():
            parts.append(self.boxes.tags(item, self.layout.boxes[key]))
            parts.append(self.boxes.draw(item, self.layout.boxes[key]))
        return "\n".join([part for part in [*parts, *self._shapes(lines), *titles] if part])

    def _line(self, reading: Reading, points: list[tuple[float, float]]) -> str:
        edge = reading.edges[0]
        single = self.scene.items[reading.target].node is not None
        position = str(edge.position) if single else f"{len(reading.edges)}x"
        # The line ends inside the head of its arrow, or it would show at the tip.
        colour, thick, dashes = self.boxes.strokes(reading.edges)
        (x, y), right = points[-1], self.look.right
        ends = [*points[:-1], (x - 5, y) if right else (x, y - 5)]
        key = f"{reading.source}:{reading.target}:{position}"
        path = self.boxes.line(curve(ends, right), (colour, thick, dashes), key)
        return path + arrow((x, y), colour, thick, right)

    def _words(self, reading: Reading) -> str:
        """The shapes of what is read."""
        sources = [self.scene.seen.nodes[edge.source] for edge in reading.edges]
        return ", ".join(dict.fromkeys([s for node in sources if (s := shape(node))]))

    def _shapes(self, lines: list[tuple[Reading, list[tuple[float, float]]]]) -> list[str]:
        """The shape of what leaves a box, once for each tensor."""
        written: set[tuple[str, str]] = set()
        parts = []
        for reading, points in lines:
            words = self._words(reading)
            if not words or (reading.source, words) in written:
                continue
            written.add((reading.source, words))
            x, y = points[0]
            card = 4 if self.scene.items[reading.source].node is None else 0
            x, y = (x + 5 + card, y - 5) if self.look.right else (x + 6, y + 12 + card)
            parts.append(
                text(x, y, words, self.theme.muted, 9.5, mono=True, halo=self.theme.canvas)
            )
        return parts

    def _legend(self) -> tuple[str, float, float]:
        """The kinds that are there, and the colours of gradients; its width and height."""
        kinds = {item.kind for item in self.scene.items.values()}
        tags = [tag for item in self.scene.items.values() for tag in item.tags]
        kinds |= {tag.nodes[0].kind for tag in tags}
        entries: list[tuple[str, float]] = []
        for kind, words in WORDS.items():
            if kind in kinds:
                roots = [n for n in self.scene.seen.nodes.values() if n.kind == "loss"]
                if kind == "loss" and any(r.value.size != 1 or r.backwards for r in roots):
                    words = "result"
                entries.append(self._entry(self._swatch(kind), words))
        if any(tag.ghost for tag in tags):
            again = f'<g opacity="0.62">{self._swatch("parameter", ghost=True)}</g>'
            entries.append(self._entry(again, "the same again"))
        if self.boxes.graded and self.look.grads != "blank":
            entries.append(self._scale())
        widest, parts, x, y = max(self.layout.width, NARROWEST), [], 0.0, 0.0
        for mark, long in entries:
            if x and x + long > widest:
                x, y = 0.0, y + LINE
            parts.append(f'<g transform="translate({number_(x)},{number_(y)})">{mark}</g>')
            x += long + 16
        longest = widest if y else x - 16
        return "".join(parts), longest, y + LINE

    def _entry(self, mark: str, words: str) -> tuple[str, float]:
        return mark + text(26, 10, words, self.theme.muted, 11), 26 + width(words, 11)

    def _swatch(self, kind: str, ghost: bool = False) -> str:
        paint = self.theme.kinds[kind]
        dashed = ghost or kind in ("constant", "buffer", "detached", "fold")
        dashes = ' stroke-dasharray="3 2"' if dashed else ""
        round_ = 3 if kind in ("op", "gradient", "parameter", "module", "loss", "fold") else 6
        box = (
            f'<rect width="18" height="12" rx="{round_}" '
            f'fill="{paint.fill}" stroke="{paint.stroke}"{dashes}/>'
        )
        if kind == "parameter":
            box += f'<rect width="3.5" height="12" fill="{paint.stroke}"/>'
        if kind == "gradient":
            box += f'<rect x="14.5" width="3.5" height="12" fill="{paint.stroke}"/>'
        if kind == "target":
            box += (
                f'<rect x="2.5" y="2.5" width="13" height="7" rx="3.5" fill="none" '
                f'stroke="{paint.stroke}" stroke-width="0.8"/>'
            )
        return box

    def _scale(self) -> tuple[str, float]:
        words = "size of the gradient"
        start = width(words, 11) + 8
        parts = [text(0, 10, words, self.theme.muted, 11)]
        for k in range(44):
            place = f'x="{number_(start + 3 * k)}" width="3.2" height="12"'
            parts.append(f'<rect {place} fill="{self.theme.heat(10 ** (-8 + k / 4))}"/>')
        for power in SCALE:
            at = start + (power + 8) * 12
            parts.append(text(at, 23, f"1e{power}", self.theme.muted, 9, anchor="middle"))
        return "".join(parts), start + 132
