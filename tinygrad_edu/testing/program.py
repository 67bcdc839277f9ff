"""A straight-line program over registered operations: run it on arrays or Tensors, or print it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .. import ops
from ..errors import SignatureError
from ..registry import registry
from ..types import Array
from .literals import written

__all__ = ["Instruction", "Program", "longest"]


class Instruction(NamedTuple):
    """One line of a program: a result, the operation that makes it, and what that reads."""

    result: str
    operation: str
    operands: tuple[str | Array, ...]
    settings: dict[str, Any]

    def __str__(self) -> str:
        name = self.operation
        public = getattr(ops, name, None) is registry[name].call
        called = f"tg.{name}" if public else f"registry[{name!r}].call"
        read = [x if isinstance(x, str) else written(x) for x in self.operands]
        chosen = [f"{key}={written(value)}" for key, value in self.settings.items()]
        return f"{self.result} = {called}({', '.join([*read, *chosen])})"


@dataclass(frozen=True, eq=False, repr=False)
class Program:
    """Instructions that are run in order; the last result is the program's.

    Parameters
    ----------
    leaves : tuple of ndarray
        Where to run it: every operand of every instruction is then inside its domain.
    instructions : tuple of Instruction
        The lines; ``x0``, ``x1``, ... are the leaves, the other names are results.

    Examples
    --------
    >>> import numpy as np
    >>> lines = (Instruction("v0", "multiply", ("x0", "x0"), {}),)
    >>> Program((np.array(3.0),), lines)
    import numpy as np
    import tinygrad_edu as tg
    <BLANKLINE>
    def program(x0):
        v0 = tg.multiply(x0, x0)
        return v0
    <BLANKLINE>
    leaves = (np.array(3.0),)
    result = program(*leaves)
    """

    leaves: tuple[Array, ...]
    instructions: tuple[Instruction, ...]

    def __call__(self, *leaves: Any) -> Any:
        """Return the last result, an array of arrays or a Tensor of Tensors."""
        return list(self.values(*leaves).values())[-1]

    def values(self, *leaves: Any) -> dict[str, Any]:
        """Return the leaves and all results by name, in the order of execution.

        Parameters
        ----------
        *leaves : array_like or Tensor
            One for each leaf, of the same shape.
        """
        if len(leaves) != len(self.leaves):
            raise SignatureError(
                f"the program has {len(self.leaves)} leaves, got {len(leaves)}",
                fix="program(*program.leaves)",
            )
        found = {f"x{k}": leaf for k, leaf in enumerate(leaves)}
        for line in self.instructions:
            operands = [found[x] if isinstance(x, str) else x for x in line.operands]
            found[line.result] = registry[line.operation].call(*operands, **line.settings)
        return found

    def __repr__(self) -> str:
        lines = [f"    {line}" for line in self.instructions]
        imports = ["import numpy as np", "import tinygrad_edu as tg"]
        if any("= registry[" in line for line in lines):
            imports.append("from tinygrad_edu.autodiff import registry")
        names = ", ".join([f"x{k}" for k in range(len(self.leaves))])
        last = self.instructions[-1].result if self.instructions else "x0"
        body = [f"def program({names}):", *lines, f"    return {last}"]
        call = [f"leaves = {written(self.leaves)}", "result = program(*leaves)"]
        return "\n".join([*imports, "", *body, "", *call])


def longest(leaves: dict[str, Array], instructions: Sequence[Instruction]) -> Program:
    """Return the program of the result that depends on most others, with the names counted anew.

    Parameters
    ----------
    leaves : dict of ndarray
        By name.
    instructions : sequence of Instruction, at least one
        In order. Those that the chosen result does not depend on are left out.
    """
    needs: dict[str, frozenset[str]] = {}
    for line in instructions:
        read = [x for x in line.operands if isinstance(x, str)]
        needs[line.result] = frozenset([line.result]).union(*[needs.get(x, {x}) for x in read])
    needed = max(reversed(needs.values()), key=lambda names: len(names - set(leaves)))
    kept = [line for line in instructions if line.result in needed]
    read = [name for name in leaves if name in needed]
    names = {name: f"x{k}" for k, name in enumerate(read)}
    names |= {line.result: f"v{k}" for k, line in enumerate(kept)}
    renamed = [
        line._replace(
            result=names[line.result],
            operands=tuple([names[x] if isinstance(x, str) else x for x in line.operands]),
        )
        for line in kept
    ]
    return Program(tuple([leaves[name] for name in read]), tuple(renamed))
