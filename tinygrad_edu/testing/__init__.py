"""Gradient checks for this library's functions, a user's own, and any other framework's."""

from ..domain import Real
from . import laws
from .adapters import Functions, from_jax, from_layer, from_torch
from .gradcheck import check_vjp
from .gradients import check_gradients
from .mutation_score import Score, mutation_score
from .operations import OpReport, check_op
from .report import Element, Finding, Report

__all__ = [
    "Element",
    "Finding",
    "Functions",
    "OpReport",
    "Real",
    "Report",
    "Score",
    "check_gradients",
    "check_op",
    "check_vjp",
    "from_jax",
    "from_layer",
    "from_torch",
    "laws",
    "mutation_score",
]
