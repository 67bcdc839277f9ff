"""What is wrong with a training run, in words: before it, during it, and between two players."""

from .layers import Inspection, LayerHealth, inspect
from .monitor import Monitor
from .notes import TrainNote
from .players import GANHealth, GANMonitor, gan_health
from .preflight import preflight
from .report import Finding, Report

__all__ = [
    "Finding", "GANHealth", "GANMonitor", "Inspection", "LayerHealth", "Monitor", "Report",
    "TrainNote", "gan_health", "inspect", "preflight",
]  # fmt: skip
