"""Gradient checks for this library's functions, a user's own, and any other framework's."""

from ..domain import Real
from .gradcheck import check_vjp
from .mutation_score import Score, mutation_score
from .operations import OpReport, check_op
from .report import Element, Finding, Report

__all__ = [
    "Element", "Finding", "OpReport", "Real", "Report", "Score", "check_op", "check_vjp",
    "mutation_score",
]  # fmt: skip
