"""The formulary: every operation with its formula, its adjoint, its kinks and what it keeps.

Nothing here is written by hand: it is read from the registry and from the source of the rules.
"""

from .adjoint import Adjoint, adjoints_of
from .entry import Entry, entries, entry_of, inner_entries, is_public
from .markdown import page
from .text import counts, listing, text_of

__all__ = [
    "Adjoint",
    "Entry",
    "adjoints_of",
    "counts",
    "entries",
    "entry_of",
    "inner_entries",
    "is_public",
    "listing",
    "page",
    "text_of",
]
