"""Second derivatives are symmetric, and so is the derivative of a right gradient."""

from __future__ import annotations

import numpy as np

from ..types import Array
from .differences import Ladder, rounding_noise
from .pair import Pair
from .report import Finding

__all__ = ["symmetry"]


def symmetry(pair: Pair, g: Array, analytic: Array, rng: np.random.Generator) -> list[Finding]:
    r"""Return a finding if the Jacobian of :math:`x \mapsto J(x)^T g` is not symmetric.

    .. math:: \langle u, H v \rangle = \langle v, H u \rangle, \qquad
              H = \nabla^2 \langle g, f(x) \rangle

    Both sides are differences of the vjp with error bars, so no second-order rule is needed.
    """
    if not analytic.size or not np.isfinite(analytic).all():
        return []

    def pulled(z: Array) -> Array:
        return pair.flat(pair.pull(g, pair.arrays(z)))

    u, v = rng.normal(size=(2, analytic.size))
    noise = rounding_noise(pulled, pair.point, analytic, rng)
    start = np.full(2, 2.0**-5 * max(1.0, float(np.abs(pair.point).min(initial=np.inf))))
    ladder = Ladder(pulled, pair.point, analytic, np.array([u, v]), start, np.array([noise, noise]))
    found = ladder.thorough(np.arange(2))
    one, other = float(v @ found.value[0]), float(u @ found.value[1])
    error = float(np.abs(v) @ found.error[0] + np.abs(u) @ found.error[1])
    size = float(np.abs(v) @ np.abs(found.value[0]) + np.abs(u) @ np.abs(found.value[1]))
    if not np.isfinite(error) or error > 0.025 * size:
        return []
    if abs(one - other) <= 4 * error + 1e-8 * size:
        return []
    what = f"<v, Hu> = {one:.9g} but <u, Hv> = {other:.9g} +- {error:.0e}, and H is symmetric"
    return [Finding("symmetry", what, None, None, one, other, error)]
