"""``python -m tinygrad_edu.testing [operation ...]``: which mistakes the generated tests notice."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..registry import registry
from .score import mutation_score

__all__ = ["main"]


def main(names: Sequence[str]) -> int:
    """Print the mutation score of the named operations, or of all; 0 if nothing goes unnoticed."""
    unknown = [name for name in names if name not in registry]
    if unknown:
        print(f"no operation is called {', '.join(unknown)}; there are {', '.join(registry)}")
        return 2
    score = mutation_score([registry[name] for name in names] or None)
    print(score)
    return int(any(report.verdict == "fail" for report in score.reports))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
