"""Tables in plain text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["aligned", "bytes_in_words"]


def aligned(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> list[str]:
    """Return lines with aligned columns, those in ``left`` to the left, the others to the right.

    Examples
    --------
    >>> aligned(["path", "size"], [["a", "10"], ["bcdef", "9"]], left=[0])
    ['path   size', 'a        10', 'bcdef     9']
    """
    every = [header, *rows]
    widths = [max(len(row[k]) for row in every) for k in range(len(header))]
    return [
        "  ".join(
            cell.ljust(width) if k in left else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in every
    ]


def bytes_in_words(count: int) -> str:
    """Return a number of bytes for people.

    Examples
    --------
    >>> bytes_in_words(999), bytes_in_words(1_234_567)
    ('999 B', '1.2 MB')
    """
    for limit, unit in ((1e3, "B"), (1e6, "kB"), (1e9, "MB")):
        if count < limit:
            return f"{count} B" if unit == "B" else f"{count / (limit / 1e3):.1f} {unit}"
    return f"{count / 1e9:.1f} GB"
