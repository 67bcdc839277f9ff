"""Callbacks: stop early, keep the best weights, save models, and write a log."""

from .best import BestWeights, EarlyStopping
from .logs import CSVLog, JSONLog
from .models import SavedModels

__all__ = ["BestWeights", "CSVLog", "EarlyStopping", "JSONLog", "SavedModels"]
