"""A Sphinx extension: a star in a docstring is a star, as in the shape ``(*, features)``."""

import re


def _escaped(app, what, name, thing, options, lines):
    section, math = "", None
    for k, line in enumerate(lines):
        if k + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[k + 1].strip()):
            section = line.strip()
        indent = len(line) - len(line.lstrip())
        if math is not None and line.strip() and indent <= math:
            math = None
        if line.lstrip().startswith(".. math::"):
            math = indent
        elif math is None and section != "Examples" and ">>>" not in line:
            parts = re.split(r"(``.*?``|`.*?`)", line)
            parts[::2] = [re.sub(r"(?<![*\\])\*(?!\*)", r"\\*", part) for part in parts[::2]]
            lines[k] = "".join(parts)


def setup(app):
    """Read docstrings before any other extension does."""
    app.connect("autodoc-process-docstring", _escaped, priority=400)
    return {"parallel_read_safe": True}
