"""Pages to explore: a training, a race of optimizers, a game of two networks, to step through.

Each function takes what was recorded here and returns a ``Page``, one file that needs no network.
"""

from .game import gan_replay
from .page import Page
from .race import optimizer_race
from .replay import training_replay

__all__ = ["Page", "gan_replay", "optimizer_race", "training_replay"]
