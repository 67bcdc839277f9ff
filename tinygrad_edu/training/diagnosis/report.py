"""What ``preflight`` returns: findings in words, each with the edit that mends it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from ...nn.inspection.table import aligned

__all__ = ["Finding", "Report"]


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes
    ----------
    check : str
        Its name, such as ``"double softmax"``.
    verdict : str
        ``"ok"``, ``"suspect"`` or ``"fail"``.
    message : str
        A sentence with the numbers.
    fix : str
        The edit, as code; empty where nothing is wrong.
    """

    check: str
    verdict: str
    message: str
    fix: str = ""


@dataclass(frozen=True)
class Report:
    """All findings of a preflight; ``print`` shows them as a table.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the checks.
    untried : dict of str to str
        Checks that could not be tried on this model, with the reason.
    """

    findings: tuple[Finding, ...]
    untried: dict[str, str]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong or suspect."""
        return not self.problems

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that are not ok."""
        return tuple([found for found in self.findings if found.verdict != "ok"])

    def __getitem__(self, check: str) -> Finding:
        return {found.check: found for found in self.findings}[check]

    def __contains__(self, check: str) -> bool:
        """Whether a check found a problem."""
        return any(found.check == check for found in self.problems)

    def __str__(self) -> str:
        rows = []
        for found in self.findings:
            first, *rest = textwrap.wrap(found.message, 72) or [""]
            rows += [[found.check, found.verdict, first], *[["", "", line] for line in rest]]
            rows += [["", "", f"fix: {found.fix}"]] if found.fix else []
        return "\n".join(aligned(["check", "verdict", "finding"], rows, left=(0, 1, 2)))
