"""The interactive page: one HTML file in which one steps through backpropagation (floor 3).

Its style sheet and its scripts are the files beside this one, put together without a build step.
"""

from .assemble import html

__all__ = ["html"]
