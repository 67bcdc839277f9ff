"""Gradient checks for this library's functions, a user's own, and any other framework's."""

from ..domain import Real
from . import laws
from .adapters import Functions, from_jax, from_layer, from_torch
from .gradcheck import check_vjp
from .gradients import check_gradients
from .report import Element, Finding, Report

__all__ = [
    "Element",
    "Finding",
    "Functions",
    "Real",
    "Report",
    "check_gradients",
    "check_vjp",
    "from_jax",
    "from_layer",
    "from_torch",
    "laws",
]
