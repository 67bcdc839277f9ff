"""The main job: ``python -m tinygrad_edu`` trains a classifier and leaves a run folder."""

from .command import main

__all__ = ["main"]
