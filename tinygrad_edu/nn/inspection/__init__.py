"""Looking at a model: what its layers give, how it is built, and whether it can start to learn.

Paths are those of messages and pictures, with the number of the call from the second on:
``cell``, ``cell#2``.
"""

from .activations import activations
from .start import InitReport, LayerStart, init_report
from .summary import LayerSummary, Summary, summary

__all__ = [
    "InitReport", "LayerStart", "LayerSummary", "Summary", "activations", "init_report", "summary",
]  # fmt: skip
