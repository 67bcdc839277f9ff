"""``TrainNote``: what monitors say about a run that goes on."""

from __future__ import annotations

import warnings

from ...source import here

__all__ = ["TrainNote", "note"]


class TrainNote(UserWarning):
    """Something about a run that goes on, but probably not as intended.

    ``warnings.filterwarnings("ignore", category=training.TrainNote)`` turns these notes off.
    """


def note(said: str) -> None:
    """Warn at the line of the caller's own code.

    Parameters
    ----------
    said : str
        What is wrong.
    """
    site = here()
    if site is None:
        warnings.warn(said, TrainNote, stacklevel=3)
    else:
        warnings.warn_explicit(said, TrainNote, site.filename, site.line)
