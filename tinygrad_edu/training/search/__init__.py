"""The search for settings: dimensions, three methods over a pure objective, and what they found.

``search.random(objective, {"rate": search.log_uniform(1e-4, 1e-1)}, trials=20)``; an objective is
any ``objective(settings, budget, rng) -> score``, and ``training_objective`` makes one that trains.
"""

from .dimensions import choice, integer, log_uniform, uniform
from .methods import grid, halving, random
from .optuna_trials import optuna_objective
from .result import Result
from .training_objective import TrainingObjective, training_objective
from .trial import Trial

__all__ = [
    "Result", "TrainingObjective", "Trial", "choice", "grid", "halving", "integer", "log_uniform",
    "optuna_objective", "random", "training_objective", "uniform",
]  # fmt: skip
