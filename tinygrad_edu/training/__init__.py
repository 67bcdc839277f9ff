"""Training: ``fit`` and what it needs to say what it does, survive a kill, and find its NaN."""

from .callback import Callback
from .diagnosis import Finding, Report, preflight
from .evaluation import evaluate, predict
from .fit import fit
from .history import History
from .run import Run

__all__ = [
    "Callback", "Finding", "History", "Report", "Run", "evaluate", "fit", "predict", "preflight",
]  # fmt: skip
