"""Training: ``fit`` and what it needs to say what it does, survive a kill, and find its NaN."""

from . import search as search
from .adversarial import adversarial_curve, fgsm
from .callback import Callback
from .callbacks import BestWeights, CSVLog, EarlyStopping, JSONLog, SavedModels
from .crossing import Scores, cross_validate, learning_curve
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
from .gan import fit_gan
from .history import History
from .rates import RateTest, lr_find
from .recording import FieldRecorder, GANRecorder, ShadesRecorder
from .run import Run
from .sensitivity import SensitivityCurve, input_jacobian_norm, noise_sensitivity
from .stability import (
    Stability,
    StabilityBound,
    leave_one_out,
    replace_one_stability,
    sgd_stability_bound,
)
from .table import Table

__all__ = [
    "BestWeights", "CSVLog", "Callback", "EarlyStopping", "FieldRecorder", "Finding", "GANHealth",
    "GANMonitor", "GANRecorder", "History", "Inspection", "JSONLog", "LayerHealth", "Monitor",
    "RateTest", "Report", "Run", "SavedModels", "Scores", "SensitivityCurve", "ShadesRecorder",
    "Stability", "StabilityBound", "Table", "TrainNote", "adversarial_curve", "cross_validate",
    "evaluate", "fgsm", "fit", "fit_gan", "gan_health", "input_jacobian_norm", "inspect",
    "learning_curve", "leave_one_out", "lr_find", "noise_sensitivity", "predict", "preflight",
    "replace_one_stability", "search", "sgd_stability_bound",
]  # fmt: skip
