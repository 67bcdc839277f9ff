"""Measures of how good predictions are, in plain NumPy, with scikit-learn's names.

Floor 0: metrics take labels and predictions as arrays and know nothing about models.
"""

from .classification import (
    accuracy_score,
    classification_report,
    confusion_matrix,
    precision_recall_fscore_support,
)

__all__ = [
    "accuracy_score",
    "classification_report",
    "confusion_matrix",
    "precision_recall_fscore_support",
]
