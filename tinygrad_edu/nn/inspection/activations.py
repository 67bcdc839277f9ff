"""What the layers of a model give on their way to its output."""

from __future__ import annotations

import re
from typing import Any

from ..pattern import Match, check_match, fits, nothing_matches
from .calls import run

__all__ = ["activations"]


def activations(
    model: Any, *inputs: Any, match: Match | None = None, **options: Any
) -> dict[str, Any]:
    """Call a model, and return what each of its layers gave.

    Parameters
    ----------
    model : Module
        Called once, in its mode, like any call of it: it records, and dropout draws.
    *inputs : array_like
        Arguments of its ``forward``.
    match : str, class or tuple of classes, optional
        Only the layers of these kinds, or those whose path has a pattern, as in
        ``Module.freeze``: ``"conv*"``; ``"cell"`` is every call of it, ``"cell#2"`` the second.
    **options : any
        Keyword arguments of ``forward``.

    Returns
    -------
    dict of str to Tensor
        By path, in the order of the calls: a Tensor, or whatever else the layer returned. Tensors
        are those of the computation, so that a later loss has gradients with respect to them.

    Raises
    ------
    ArgumentError
        When nothing is called that matches.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    >>> found = activations(net.astype("float64"), [[0.0, 0.0]], match=nn.Tanh)
    >>> {path: value.shape for path, value in found.items()}
    {'1': (1, 3)}
    """
    if match is not None:
        check_match(match)
    inner = run(model, inputs, options).calls[1:]
    if match is None:
        return {call.path: call.output for call in inner}
    found = {
        call.path: call.output
        for call in inner
        if fits(call.path, call.module, match)
        or fits(re.sub(r"#\d+", "", call.path), call.module, match)
    }
    if not found:
        raise nothing_matches(match, [call.path for call in inner], "no layer that is called")
    return found
