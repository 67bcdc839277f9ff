"""Training: ``fit`` and what it needs to say what it does, survive a kill, and find its NaN."""

from .callback import Callback
from .callbacks import BestWeights, CSVLog, EarlyStopping, JSONLog, SavedModels
from .diagnosis import (
    Finding,
    GANHealth,
    GANMonitor,
    Inspection,
    LayerHealth,
    Monitor,
    Report,
    TrainNote,
    gan_health,
    inspect,
    preflight,
)
from .evaluation import evaluate, predict
from .fit import fit
from .history import History
from .run import Run

__all__ = [
    "BestWeights", "CSVLog", "Callback", "EarlyStopping", "Finding", "GANHealth", "GANMonitor",
    "History", "Inspection", "JSONLog", "LayerHealth", "Monitor", "Report", "Run", "SavedModels",
    "TrainNote", "evaluate", "fit", "gan_health", "inspect", "predict", "preflight",
]  # fmt: skip
