"""``gan_replay``: two players on the plane, each step in its five parts (floor 5)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ShapeError
from ..types import Array
from . import catalogue
from .page import Page, made
from .quantised import Blob, finite, largest
from .verdicts import of_game

__all__ = ["gan_replay"]


def gan_replay(
    recorder: Any, *, modes: Any = None, reach: float | None = None, title: str = "",
    theme: str = "auto",
) -> Page:  # fmt: skip
    r"""Return a page that replays a game of generator and discriminator on points of the plane.

    A step has five parts: sample, the discriminator's loss, its update, the generator's loss, its
    update. The player goes through the parts, or through whole steps.

    Parameters
    ----------
    recorder : GANRecorder
        That listened to a ``fit_gan``.
    modes : array_like, shape (modes, 2), optional
        Where the data has its clouds; the page then says how many of them are covered.
    reach : float, optional
        How far from its middle a cloud goes; by default a quarter of the least distance of two.
    title : str
        The page's name.
    theme : {"auto", "light", "dark"}
        Colours.

    Returns
    -------
    Page
        ``.save("game.html")``, ``.show()``; notebooks show it.

    Raises
    ------
    ArgumentError, ShapeError
        For what has recorded nothing, or modes that are no points of the plane.

    Notes
    -----
    A mode is covered when at least a fifth of its share of the generated points lies within reach.
    The generated points that are seen come from noise that stays the same; the training draws new
    noise at each step, so the losses here are not those of the history. After: Kahng, Thorat, Chau,
    Viegas, Wattenberg 2019, *GAN Lab*, sections 4 and 5.

    Examples
    --------
    >>> from tinygrad_edu import data, nn, training
    >>> real = data.ring_of_gaussians(64, rng=0).features
    >>> g, d = nn.MLP((2, 8, 2), rng=0), nn.MLP((2, 8, 1), rng=1)
    >>> recorder = training.GANRecorder(real)
    >>> opt = nn.optim.Adam(g, lr=0.01), nn.optim.Adam(d, lr=0.01)
    >>> history = training.fit_gan(g, d, real, opt, noise=2, epochs=2, callbacks=[recorder],
    ...     progress=False, rng=0)
    >>> gan_replay(recorder, title="ring")  # doctest: +ELLIPSIS
    <Page 'ring', ... kB: page.show(), page.save("page.html")>
    """
    if not hasattr(recorder, "frames") or not hasattr(recorder, "real"):
        raise catalogue.no_recording(recorder, "GANRecorder")
    if not recorder.frames:
        raise catalogue.nothing_recorded("GANRecorder")
    centres, near = _modes(modes, reach)
    steps = [frame for frame in recorder.frames if not frame.get("end")]
    blob = Blob()
    fields = np.concatenate([np.stack(frame["field"]) for frame in recorder.frames])
    logistic = recorder.kind in ("nonsaturating", "saturating")
    with np.errstate(over="ignore", invalid="ignore"):
        shown = np.tanh(fields / 2) if logistic else fields / largest(fields, (1, 2))
    data = {
        "region": [[finite(end) for end in side] for side in recorder.region],
        "side": fields.shape[1],
        "count": recorder.count,
        "kind": recorder.kind,
        "logistic": logistic,
        "real": [[finite(value, 4) for value in side] for side in np.asarray(recorder.real).T],
        "modes": centres.tolist(),
        "reach": near,
        "at": [int(frame["at"]) for frame in recorder.frames],
        "steps": len(steps),
        "field": blob.film(shown, 1.0, 100),
        "fields": len(fields),
        "made": blob.numbers([point for frame in recorder.frames for point in frame["made"]]),
        "pulls": blob.numbers([_seen(frame["pulls"], recorder.region) for frame in steps]),
        "losses": [[finite(loss, 4) for loss in frame["losses"]] for frame in recorder.frames],
        "said": [
            [
                of_game(recorder, frame, part, centres, near)
                for part in range(min(len(frame["made"]), 2))
            ]
            for frame in recorder.frames
        ],
    }
    return made("game", title or "A game of two networks", theme, data, blob.parts)


def _modes(modes: Any, reach: float | None) -> tuple[Array, float]:
    if modes is None:
        return np.zeros((0, 2)), 0.0
    centres = np.asarray(modes, np.float64)
    if centres.ndim != 2 or centres.shape[1] != 2 or not len(centres):
        raise ShapeError(
            f"modes of shape {centres.shape} are no points of the plane",
            shapes=[centres.shape],
            fix="modes=[[2.0, 0.0], [-2.0, 0.0]]",
        )
    if reach is None:
        apart = np.linalg.norm(centres[:, None] - centres, axis=-1)
        apart[np.diag_indices_from(apart)] = np.inf
        reach = float(apart.min()) / 4 if len(centres) > 1 else 0.5
    return centres.round(5), float(f"{reach:.4g}")


def _seen(pulls: Array, region: Array) -> Array:
    """Arrows as they are drawn: the longest of a step is a twelfth of the picture."""
    longest = float(np.nan_to_num(np.linalg.norm(pulls, axis=1)).max()) or 1.0
    return np.asarray(pulls / longest * float(region[0, 1] - region[0, 0]) / 12)
