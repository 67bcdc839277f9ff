"""Every layer and loss: ways to build and to call it, drawn by Hypothesis. One table, many tests.

``tests/nn/test_every_layer.py`` checks gradients to second order, the laws that apply, types and
state; ``tests/nn/test_parity_every_layer.py`` holds the same configurations to PyTorch. Each module
here is a family with a list ``ENTRIES``; a layer that stands in none fails a test.
"""

from __future__ import annotations

import importlib
import pkgutil

from .entry import Drawn, Entry

__all__ = ["ENTRIES", "Drawn", "Entry"]

ENTRIES: dict[str, Entry] = {}
for family in pkgutil.iter_modules(__path__, __name__ + "."):
    for entry in getattr(importlib.import_module(family.name), "ENTRIES", []):
        assert entry.name not in ENTRIES, f"{entry.name} stands in the table twice"
        ENTRIES[entry.name] = entry
