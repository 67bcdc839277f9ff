"""Notes: what is allowed and probably not meant, said once, as a warning that can be filtered."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..source import here
from .path import written_path

__all__ = ["ModuleNote", "note", "note_type"]


class ModuleNote(UserWarning):
    """Something about a layer that works, but perhaps not as intended.

    ``warnings.filterwarnings("ignore", category=nn.ModuleNote)`` turns these notes off.
    """


def note(message: str) -> None:
    """Warn with a ``ModuleNote`` that points at the user's line, not at the library's."""
    site = here()
    if site is None:
        warnings.warn(message, ModuleNote, stacklevel=2)
    else:
        warnings.warn_explicit(message, ModuleNote, site.filename, site.line)


def note_type(layer: Any, x: Any, weight: Any) -> None:
    """Say once for a layer that its input is of a wider type than its parameters.

    Parameters
    ----------
    layer : Module
        The one that is being called.
    x, weight : Tensor
        Its input, and one of its parameters.
    """
    own, given = weight.dtype, x.dtype
    if given is own or "_noted" in vars(layer):
        return
    result = np.result_type(given, own)
    if result != own:
        layer._noted = True
        note(
            f"{written_path(layer)} has {own} parameters and got {given} input, so it computes "
            f"in {result}, slower. Write x.astype(np.{own}), or model.astype(np.{result}). "
            "Said once for this layer."
        )
