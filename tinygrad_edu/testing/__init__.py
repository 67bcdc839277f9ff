"""Gradient checks for this library's functions, a user's own, and any other framework's."""

from ..domain import Real
from .gradcheck import check_vjp
from .report import Element, Finding, Report

__all__ = ["Element", "Finding", "Real", "Report", "check_vjp"]
