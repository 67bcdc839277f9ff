"""Notes: what is allowed and probably not meant, said once, as a warning that can be filtered."""

from __future__ import annotations

import warnings

from ..source import here

__all__ = ["ModuleNote", "note"]


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
