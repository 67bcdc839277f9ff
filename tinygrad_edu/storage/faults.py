"""What can be wrong inside a file, raised by those who read bytes and do not know the path."""

from __future__ import annotations

__all__ = ["Damaged", "Newer", "Refused"]


class Damaged(Exception):
    """The bytes contradict themselves: the file was cut off or changed."""


class Refused(Exception):
    """The bytes may be in order, but this is nothing to take in.

    Parameters
    ----------
    found : str
        What was found.
    why : str
        What would be the matter with it.
    fix : str, optional
        Another way to the numbers, as code.
    """

    def __init__(self, found: str, why: str, fix: str | None = None) -> None:
        super().__init__(found)
        self.why, self.fix = why, fix


class Newer(Exception):
    """The file was written in a format that came after this version of the package.

    Parameters
    ----------
    format : int
        Its number.
    package : str
        The version that wrote it.
    """

    def __init__(self, format: int, package: str) -> None:
        super().__init__(format, package)
        self.format, self.package = format, package
