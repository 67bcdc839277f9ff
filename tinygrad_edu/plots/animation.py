"""``Animation``: a plot that moves, and those of a training (floor 5)."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..graph.canvas import painted
from ..graph.network_picture import NetworkPicture
from ..graph.palette import palette
from ..storage.replacing import replacing
from .plot import started
from .style import INK
from .training import history

__all__ = ["Animation", "animated_history", "network_shades"]

FRAMES = 60  # of a history: more makes a larger file, no better film
SECONDS = 6.0
HELD = 1.5  # how long the last picture stands


class Animation:
    """Pictures in a row.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        What they are drawn in.
    frames : int
        How many there are.

    Examples
    --------
    >>> from tinygrad_edu import plots
    >>> rows = [{"epoch": k, "loss": 1 / k} for k in range(1, 5)]
    >>> plots.animated_history(rows)
    <Animation of 4 frames: animation.save("training.gif")>
    """

    def __init__(
        self, figure: Any, draw: Callable[[int], None], frames: int, seconds: float
    ) -> None:
        self.figure, self.frames, self._draw, self._seconds = figure, frames, draw, seconds

    def render(self, *, dpi: float = 100) -> bytes:
        """Return the bytes of a GIF; equal animations give equal bytes."""
        from matplotlib.animation import PillowWriter

        rate = max(self.frames / self._seconds, 1.0)
        writer = PillowWriter(fps=max(round(rate), 1))
        with TemporaryDirectory(prefix="animation-") as folder:
            place = Path(folder) / "film.gif"
            with writer.saving(self.figure, str(place), dpi=dpi):
                for k in [*range(self.frames), *[self.frames - 1] * round(HELD * rate)]:
                    self._draw(k)
                    writer.grab_frame()
            return place.read_bytes()

    def save(self, path: str | Path, *, dpi: float = 100) -> Path:
        """Write the animation to a file, and return its path.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.gif``.
        dpi : float
            Pixels to the inch.

        Raises
        ------
        ArgumentError
            For another suffix.
        """
        place = Path(path)
        if place.suffix.lower() != ".gif":
            raise ArgumentError(
                f"an animation is written as .gif, not {place.suffix or 'without a suffix'}",
                fix=f'animation.save("{place.stem}.gif")',
            )
        content = self.render(dpi=dpi)
        with replacing(place, durable=False) as file:
            file.write(content)
        return place

    def __repr__(self) -> str:
        return f'<Animation of {self.frames} frames: animation.save("training.gif")>'


def animated_history(
    run: Any, columns: Sequence[str] | None = None, *, log: bool | None = None,
    seconds: float = SECONDS,
) -> Animation:  # fmt: skip
    """Return the plot of a history as it grew, epoch by epoch.

    Parameters
    ----------
    run, columns, log
        As for ``history``.
    seconds : float
        How long it takes, before the last picture stands still.

    Returns
    -------
    Animation
        ``.save("training.gif")``.
    """
    _positive(seconds)
    plot = history(run, columns, log=log)
    axes, epochs = plot.ax, plot.arrays["epoch"]
    named = {name: values for name, values in plot.arrays.items() if name != "epoch"}
    axes.set_xlim(epochs.min() - 0.5, max(epochs.max(), epochs.min() + 1) + 0.5)
    axes.set_ylim(axes.get_ylim())
    axes.set_title(" ", fontsize=11, pad=10)
    plot.figure.draw_without_rendering()
    plot.figure.set_layout_engine("none")  # laid out once: nothing moves but the lines
    lines = axes.get_lines()[: len(named)]
    mark = {"marker": "o", "markersize": 7, "markeredgecolor": "white"}
    heads = [axes.plot([], [], color=line.get_color(), **mark)[0] for line in lines]
    shown = np.unique(np.linspace(0, len(epochs) - 1, min(len(epochs), FRAMES)).round().astype(int))

    def draw(k: int) -> None:
        end = int(shown[k])
        for line, head, values in zip(lines, heads, named.values(), strict=True):
            line.set_data(epochs[: end + 1], values[: end + 1])
            head.set_data(epochs[end : end + 1], values[end : end + 1])
        numbers = ", ".join(
            f"{name.replace('_', ' ')} {values[end]:.3g}" for name, values in named.items()
        )
        axes.set_title(
            f"Epoch {epochs[end]:.0f}: {numbers}", loc="left", fontsize=11, fontweight="bold",
            color=INK, pad=10,
        )  # fmt: skip

    return Animation(plot.figure, draw, len(shown), seconds)


def network_shades(
    recorder: Any, *, max_units: int = 12, seconds: float = SECONDS, theme: str = "light"
) -> Animation:
    """Return the diagram of a network while it learned: its circles shaded by activation.

    Every picture has one scale: the largest activation of all but the outputs.

    Parameters
    ----------
    recorder : ShadesRecorder, or dict of NetworkPicture
        That listened to a training; or what ``tg.draw_network`` drew, by epoch.
    max_units : int, at least 2
        How many circles a layer has.
    seconds : float
        How long it takes, before the last picture stands still.
    theme : {"light", "dark"}
        Colours.

    Returns
    -------
    Animation
        ``.save("network.gif")``.

    Raises
    ------
    ArgumentError
        For what has recorded nothing.
    """
    _positive(seconds)
    frames = getattr(recorder, "frames", [])
    if isinstance(recorder, Mapping):
        frames = [
            {"at": epoch, "loss": None, "network": picture.network}
            for epoch, picture in recorder.items()
        ]
    if not frames or "network" not in frames[0]:
        raise ArgumentError(
            f"a {type(recorder).__name__} has no networks recorded",
            why="the film shows a training that was watched",
            fix="recorder = tg.training.ShadesRecorder(x); fit(..., callbacks=[recorder])",
        )
    look = palette(theme)
    # The outputs may be of another size, scores of any height.
    columns = [column for frame in frames for column in frame["network"].columns[:-1]]
    scale = max(float(np.abs(np.nan_to_num(column.values)).max()) for column in columns) or 1.0
    last = frames[-1]["at"]
    pictures = []
    for frame in frames:
        loss = "" if frame["loss"] is None else f", loss {frame['loss']:.3g}"
        notes = (f"epoch {frame['at']} of {last}{loss}", *frame["network"].notes)
        network = frame["network"]._replace(notes=notes)
        pictures.append(_pixels(NetworkPicture(network, look, max_units, scale).svg))
    tall, wide = pictures[0].shape[:2]
    axes = started(None, size=(wide / 100, tall / 100))
    figure = axes.figure
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    axes.axis("off")
    image = axes.imshow(pictures[0], interpolation="none", aspect="auto")
    return Animation(figure, lambda k: image.set_data(pictures[k]), len(pictures), seconds)


def _pixels(svg: str) -> Any:
    """A picture as an array of colours, four of its fine pixels in one."""
    from matplotlib.image import imread

    fine = imread(io.BytesIO(painted(svg, "png")))
    tall, wide = fine.shape[0] // 2, fine.shape[1] // 2
    return fine[: 2 * tall, : 2 * wide].reshape(tall, 2, wide, 2, -1).mean(axis=(1, 3))


def _positive(seconds: float) -> None:
    if not 0 < seconds < 3600:
        raise ArgumentError(f"seconds={seconds!r} is no time that a film takes", fix="seconds=6")
