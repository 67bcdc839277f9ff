"""Plots of trainings, classifiers, losses and images, by Matplotlib (the extra ``plots``).

Every function takes ``ax=`` and returns a ``Plot``: its ``figure``, the ``arrays`` that it shows,
and ``save`` as PDF, PNG or SVG.  Nothing global is touched, and no window opens.
"""

from .animation import Animation, animated_history, network_shades
from .classifiers import confusion, decision_boundary
from .curves import calibration, gain, ks, lift, precision_recall, roc
from .functions import activations, regularisation_balls
from .landscape import filter_normalised, loss_landscape, surface, trajectory_directions
from .lines import lines
from .pictures import batch, images, top_losses
from .plot import Plot
from .searches import rates, scores, search, searched_values
from .training import gradients, history, weights

__all__ = [
    "Animation", "Plot", "activations", "animated_history", "batch", "calibration", "confusion",
    "decision_boundary", "filter_normalised", "gain", "gradients", "history", "images", "ks",
    "lift", "lines", "loss_landscape", "network_shades", "precision_recall", "rates",
    "regularisation_balls", "roc", "scores", "search", "searched_values", "surface", "top_losses",
    "trajectory_directions", "weights",
]  # fmt: skip
