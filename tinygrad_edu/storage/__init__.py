"""Files of arrays: one container for weights, whole models, optimizers and checkpoints (floor 0).

A file is a ``.npz`` or a ``.safetensors``. It holds arrays by name, and maybe a manifest: JSON that
says how the arrays belong together. Nothing in a file is executed, imported or believed: sizes are
checked before memory is taken, and every way to be wrong has an error that says what was found.
"""

from .container import Contents, read, write
from .nest import pack, unpack

__all__ = ["Contents", "pack", "read", "unpack", "write"]
