"""What is wrong with a training run, in words: before it, during it, and between two players."""

from .preflight import preflight
from .report import Finding, Report

__all__ = ["Finding", "Report", "preflight"]
