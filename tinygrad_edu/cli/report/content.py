"""What a page of a run is filled with (floor 6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Content", "Verdict"]


class Verdict(NamedTuple):
    """A sentence, and whether it is ``"good"``, asks to ``"look"``, or is a ``"note"``."""

    kind: str
    text: str


class Content(NamedTuple):
    """The parts that depend on what was asked.

    Attributes
    ----------
    headline : str
        What the run came to, in three words.
    cards : sequence of (str, str)
        Numbers, and what they are.
    verdicts : sequence of Verdict
        Sentences that follow from the numbers.
    figures : sequence of str
        HTML of each.
    sections : sequence of (str, str)
        A title, and HTML.
    """

    headline: str
    cards: Sequence[tuple[str, str]]
    verdicts: Sequence[Verdict]
    figures: Sequence[str]
    sections: Sequence[tuple[str, str]]
