"""``tg.draw_network``: the diagram of circles and lines that every textbook has (floor 3)."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import ArgumentError
from .network import Network, read_network
from .network_neuron import drawn_neuron, is_neuron
from .network_svg import drawn_network
from .palette import Palette, palette

__all__ = ["NetworkPicture", "draw_network"]


class NetworkPicture:
    """The diagram of a network with the numbers of one forward pass; ``tg.draw_network`` makes one.

    In a notebook it shows itself. What happens to the model afterwards does not change it.

    Attributes
    ----------
    network : Network
        What is drawn, as plain data.
    """

    def __init__(
        self, network: Network, look: Palette, max_units: int, scale: float | None = None
    ) -> None:
        self.network, self._look, self._most, self._scale = network, look, max_units, scale

    @cached_property
    def svg(self) -> str:
        """The picture as the text of an SVG file, which needs nothing else to be seen."""
        if is_neuron(self.network):
            return drawn_neuron(self.network, self._look, self._scale)
        return drawn_network(self.network, self._look, self._most, self._scale)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file, and return its path.

        Parameters
        ----------
        path : str or Path
            With the suffix ``.svg``.

        Raises
        ------
        ArgumentError
            For another suffix.
        """
        place = Path(path)
        if place.suffix.lower() != ".svg":
            raise ArgumentError(
                f"a network is written as .svg, not {place.suffix or 'without a suffix'}",
                fix=f'picture.save("{place.stem}.svg")',
            )
        place.write_bytes(self.svg.encode())
        return place

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows. A picture that fails must not hide the cell's result."""
        try:
            return {"image/svg+xml": self.svg, "text/plain": repr(self)}
        except Exception as error:
            return {
                "text/plain": f"<network that cannot be drawn: {type(error).__name__}: {error}>"
            }

    def __repr__(self) -> str:
        sizes = "-".join(str(len(column.values)) for column in self.network.columns)
        return f'<picture of a {sizes} network: picture.save("network.svg")>'


def draw_network(
    model: Any,
    x: Any,
    *,
    sample: int = 0,
    max_units: int = 16,
    scale: float | None = None,
    theme: str = "light",
) -> NetworkPicture:
    r"""Draw a network as circles and lines, with the numbers of one forward pass.

    .. math:: a = f\Bigl(\sum_i w_i x_i + b\Bigr)

    A circle is a unit, shaded by its activation; a line is a weight, its colour the sign and its
    width the size. A single neuron is drawn with its sum written out.

    Parameters
    ----------
    model : Module, or callable
        Layers that follow one another: each has a matrix ``weight``, and maybe a ``bias``. It is
        called once, in evaluation mode if it has one.
    x : array_like, shape (features,) or (samples, ...)
        What to call it with.
    sample : int
        Whose activations to show.
    max_units : int, at least 2
        How many circles a column may have; of a larger layer some are drawn, evenly spaced, and
        the picture says so.
    scale : float above 0, optional
        The activation that has the full colour, the same in every layer, so that pictures of a
        series can be compared; by default each layer's largest.
    theme : {"light", "dark"}
        Colours.

    Returns
    -------
    NetworkPicture
        ``.save("network.svg")``, ``.svg``; notebooks show it.

    Raises
    ------
    ArgumentError
        For a model without such layers, or whose layers do not follow one another: ``tg.draw``
        draws those.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    >>> draw_network(model, [0.5, -1.0])
    <picture of a 2-3-1 network: picture.save("network.svg")>
    """
    look = palette(theme)
    if max_units < 2:
        raise ArgumentError(f"max_units={max_units} leaves nothing to draw", fix="max_units=16")
    if scale is not None and not scale > 0:
        raise ArgumentError(f"scale={scale} has no colours between 0 and it", fix="scale=1.0")
    return NetworkPicture(read_network(model, x, sample), look, max_units, scale)
