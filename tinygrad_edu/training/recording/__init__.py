"""Recorders: callbacks that keep what a replay of a training shows."""

from .fields import FieldRecorder
from .players import GANRecorder
from .shades import ShadesRecorder

__all__ = ["FieldRecorder", "GANRecorder", "ShadesRecorder"]
