"""Training: ``fit`` and what it needs to say what it does, survive a kill, and find its NaN."""

from .callback import Callback
from .evaluation import evaluate, predict
from .fit import fit
from .history import History
from .run import Run

__all__ = ["Callback", "History", "Run", "evaluate", "fit", "predict"]
