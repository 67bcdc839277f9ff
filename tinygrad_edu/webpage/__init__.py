"""What every interactive page is made of: one file with its style, scripts and data (floor 0)."""

from .escaping import escape
from .frame import assembled, part, payload

__all__ = ["assembled", "escape", "part", "payload"]
