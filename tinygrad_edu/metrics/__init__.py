"""Measures of how good predictions are, in plain NumPy, with scikit-learn's names.

Floor 0: metrics take labels, scores and predictions as arrays and know nothing about models.
Where scikit-learn has a function of the same name, it has the same arguments and gives the same
number, ties included; where it warns and returns something, this room refuses with a reason.
"""

from .class_table import classification_report
from .classification import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    top_k_accuracy_score,
)
from .curves import PrecisionRecallCurve, RocCurve, auc, precision_recall_curve, roc_curve
from .gain_table import GainTable, gain_table
from .gains import GainCurve, KSCurve, LiftCurve, gain_curve, ks_curve, ks_statistic, lift_curve
from .generated import PCAFeatures, class_entropy, coverage, frechet_distance, pca_features
from .precision import (
    f1_score,
    fbeta_score,
    precision_recall_fscore_support,
    precision_score,
    recall_score,
)
from .probability import CalibrationCurve, brier_score_loss, calibration_curve, log_loss
from .ranking import Pairs, average_precision_score, concordant_discordant, gini, roc_auc_score
from .regression import (
    adjusted_r2,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    r2_score,
    root_mean_squared_error,
    root_mean_squared_log_error,
)
from .resampling import (
    BootstrapInterval,
    PermutationImportance,
    bootstrap_interval,
    permutation_importance,
)
from .summary import BinaryReport, report
from .threshold import BestThreshold, best_threshold

__all__ = [
    "BestThreshold",
    "BinaryReport",
    "BootstrapInterval",
    "CalibrationCurve",
    "GainCurve",
    "GainTable",
    "KSCurve",
    "LiftCurve",
    "PCAFeatures",
    "Pairs",
    "PermutationImportance",
    "PrecisionRecallCurve",
    "RocCurve",
    "accuracy_score",
    "adjusted_r2",
    "auc",
    "average_precision_score",
    "balanced_accuracy_score",
    "best_threshold",
    "bootstrap_interval",
    "brier_score_loss",
    "calibration_curve",
    "class_entropy",
    "classification_report",
    "concordant_discordant",
    "confusion_matrix",
    "coverage",
    "f1_score",
    "fbeta_score",
    "frechet_distance",
    "gain_curve",
    "gain_table",
    "gini",
    "ks_curve",
    "ks_statistic",
    "lift_curve",
    "log_loss",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "pca_features",
    "permutation_importance",
    "precision_recall_curve",
    "precision_recall_fscore_support",
    "precision_score",
    "r2_score",
    "recall_score",
    "report",
    "roc_auc_score",
    "roc_curve",
    "root_mean_squared_error",
    "root_mean_squared_log_error",
    "top_k_accuracy_score",
]
