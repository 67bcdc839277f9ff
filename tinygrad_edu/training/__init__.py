"""Training: ``fit`` and what it needs to say what it does, survive a kill, and find its NaN."""

from .adversarial import adversarial_curve, fgsm
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
from .sensitivity import SensitivityCurve, input_jacobian_norm, noise_sensitivity
from .stability import (
    Stability,
    StabilityBound,
    leave_one_out,
    replace_one_stability,
    sgd_stability_bound,
)

__all__ = [
    "BestWeights", "CSVLog", "Callback", "EarlyStopping", "Finding", "GANHealth", "GANMonitor",
    "History", "Inspection", "JSONLog", "LayerHealth", "Monitor", "Report", "Run",
    "SavedModels", "SensitivityCurve", "Stability", "StabilityBound", "TrainNote",
    "adversarial_curve", "evaluate", "fgsm", "fit", "gan_health", "input_jacobian_norm",
    "inspect", "leave_one_out", "noise_sensitivity", "predict", "preflight",
    "replace_one_stability", "sgd_stability_bound",
]  # fmt: skip
