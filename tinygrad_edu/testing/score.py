"""How many of all mistakes the generated tests notice.

``python -m tinygrad_edu.testing [operation ...]`` prints it for each operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..registry import registry
from .operations import OpReport, check_op
from .triable import operations_of

__all__ = ["Score", "mutation_score"]


@dataclass(frozen=True)
class Score:
    """The reports of several operations, and the share of mistakes that were noticed."""

    reports: tuple[OpReport, ...]

    @property
    def killed(self) -> int:
        """How many mistakes were noticed."""
        return sum(len(report.killed) for report in self.reports)

    @property
    def mistakes(self) -> int:
        """How many there were, without the changes proved to be none."""
        return self.killed + sum(len(report.survivors) for report in self.reports)

    @property
    def value(self) -> float:
        """The share of mistakes noticed, 0 to 1."""
        return self.killed / max(self.mistakes, 1)

    def __str__(self) -> str:
        head = f"{'operation':<22}{'mistakes':>9}{'noticed':>9}{'raised':>8}{'none':>6}{'s':>7}"
        lines = [head]
        for report in self.reports:
            killed, left = len(report.killed), len(report.survivors)
            lines.append(
                f"{report.op:<22}{killed + left:>9}{killed:>9}{report.crashed:>8}"
                f"{len(report.equivalent):>6}{report.seconds:>7.2f}"
            )
            lines += [f"    unnoticed {mutant}" for mutant in report.survivors]
            lines += [f"    fails {name}: {how}" for name, how in report.failures.items()]
        crashed = sum(report.crashed for report in self.reports)
        none = sum(len(report.equivalent) for report in self.reports)
        seconds = sum(report.seconds for report in self.reports)
        lines.append(
            f"{'total':<22}{self.mistakes:>9}{self.killed:>9}{crashed:>8}{none:>6}{seconds:>7.2f}"
        )
        lines.append(f"score {100 * self.value:.2f} %")
        lines.append("raised: of those noticed, by an error of the rule itself")
        lines.append("none: changes proved to be no mistakes, not counted")
        return "\n".join(lines)


def mutation_score(ops: Sequence[Any] | None = None) -> Score:
    """Try wrong twins of operations on the tests that the operations get by registration.

    Parameters
    ----------
    ops : sequence of callable or Operation, optional
        By default all of the registry that have a rule and say where to try it.

    Examples
    --------
    >>> mutation_score([registry["negative"]]).value
    1.0
    """
    chosen = registry.values() if ops is None else operations_of(ops)
    tried = [op for op in chosen if op.differentiable and (op.domain or op.samples)]
    return Score(tuple(check_op(op, raises=False) for op in tried))
