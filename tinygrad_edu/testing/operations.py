"""The whole test of one operation: what its registration promises, and that mistakes are noticed.

A test that no mistake can fail says nothing. So every claim is also tried on wrong twins of the
operation (``mutants``), each of which some claim must notice, or be proved to be no mistake.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import ArgumentError, OperationFailed, RuleError
from ..registry import Operation
from ..seeding import generator
from ..types import Rng
from .cases import Points
from .complaints import diagnosis_of, told
from .equivalent import proof_of
from .generated import Check, generated
from .mutants import Mutant, mutants
from .triable import must_be_triable, operation_of

__all__ = ["OpReport", "check_op", "noticed_by"]


@dataclass
class OpReport:
    """What was tried on an operation, and what came of it.

    Attributes
    ----------
    op : str
        Its name.
    checks : list of str
        The claims that were tried.
    failures : dict of str to str
        The claims that do not hold, and how.
    killed : list of tuple of Mutant and str
        Mistakes that were noticed, and by which claim.
    survivors : list of Mutant
        Changes that nothing noticed: harmless, or beyond what the points reach.
    equivalent : list of tuple of Mutant and str
        Changes that are no mistakes, and the proof.
    diagnosis : str or None
        What the mistake looks like, where a claim fails.
    crashed : int
        How many of ``killed`` raised by themselves, before a claim could judge.
    seconds : float
        Time taken.
    """

    op: str
    checks: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    killed: list[tuple[Mutant, str]] = field(default_factory=list)
    survivors: list[Mutant] = field(default_factory=list)
    equivalent: list[tuple[Mutant, str]] = field(default_factory=list)
    diagnosis: str | None = None
    crashed: int = 0
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """``"fail"`` when a claim does not hold, else ``"pass"``.

        A change that nothing noticed may be harmless, or the points reach too little: ``survivors``
        has them to be looked at.
        """
        return "fail" if self.failures else "pass"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain text and numbers."""
        return {
            "op": self.op,
            "verdict": self.verdict,
            "checks": list(self.checks),
            "failures": dict(self.failures),
            "diagnosis": self.diagnosis,
            "killed": len(self.killed),
            "crashed": self.crashed,
            "survivors": [str(mutant) for mutant in self.survivors],
            "equivalent": [[str(mutant), why] for mutant, why in self.equivalent],
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        if _FIRST in self.failures:
            return f"{self.op}: {self.verdict}; {self.failures[_FIRST]}"
        held = f"{len(self.checks) - len(self.failures)} of {len(self.checks)} claims hold"
        lines = [f"{self.op}: {self.verdict}; {held}, {self._mistakes()}"]
        if self.diagnosis:
            lines.append(f"  looks like: {self.diagnosis}")
        said: dict[str, list[str]] = {}
        for name, how in self.failures.items():
            said.setdefault(how, []).append(name)
        for how, names in said.items():
            lines += f"  fails     {', '.join(names)}: {_indented(how, 12)}".splitlines()
        lines += [f"  unnoticed {mutant}" for mutant in self.survivors]
        if self.survivors:
            lines.append(f"  hint      {_HINT}")
        return "\n".join(lines)

    def _mistakes(self) -> str:
        proved, tried = len(self.equivalent), len(self.killed) + len(self.survivors)
        if not tried and not proved:
            return "mistakes not tried"
        said = f"{len(self.killed)} of {tried} mistakes noticed"
        alters = "1 change alters" if proved == 1 else f"{proved} changes alter"
        return said + (f", {alters} nothing (proved)" if proved else "")


_FIRST = "the forward gives a value of its inputs"


def _indented(text: str, margin: int) -> str:
    return text.replace("\n", "\n" + " " * margin)


def check_op(
    op: Any,
    *,
    reference: Callable[..., Any] | None = None,
    mutation: bool = True,
    rng: Rng = None,
    raises: bool = True,
) -> OpReport:
    """Run every test that an operation gets from its registration, and test those tests.

    Parameters
    ----------
    op : callable or Operation
        What ``tg.operation`` returned, or its ``.op``; with a ``domain`` or ``samples``.
    reference : callable, optional
        Computes the value another way, ``reference(*inputs, **settings)`` on arrays.
    mutation : bool
        Also try the tests on wrong twins of the operation.
    rng : Generator, int or None
        Draws the points; ``None`` takes the same points every time.
    raises : bool
        Raise on failure, rather than only report it.

    Returns
    -------
    OpReport
        With ``.verdict``, ``.killed`` and ``.survivors``.

    Raises
    ------
    OperationFailed
        When a promise is broken.
    ArgumentError
        When it cannot be tried where its registration says.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> print(check_op(tg.negative, reference=lambda x: 0.0 - x))
    negative: pass; 14 of 14 claims hold, 15 of 15 mistakes noticed
    """
    operation = operation_of(op)
    if not isinstance(mutation, bool):
        raise ArgumentError(
            f"mutation is True or False, got {mutation!r:.60}", fix="check_op(op, mutation=False)"
        )
    must_be_triable(operation)
    if reference is not None and not callable(reference):
        raise ArgumentError(
            f"a reference is called with the inputs, got {reference!r:.60}", fix="reference=np.exp"
        )
    start = time.perf_counter()
    report = OpReport(operation.name)
    why = fix = None
    try:
        points = Points(operation, generator(0 if rng is None else rng))
    except RuleError as error:  # without values no claim can be tried
        report.checks, report.failures = [_FIRST], {_FIRST: error.what}
        why, fix = error.why, error.fix
    else:
        _try_claims(operation, generated(operation, points, reference), report)
        if mutation and operation.differentiable and not report.failures:
            _try_twins(operation, points, report)
    report.seconds = time.perf_counter() - start
    if raises and report.verdict == "fail":
        head, *notes = str(report).splitlines()
        notes = [note[2:] for note in notes]
        failed = OperationFailed(head, notes=notes, op=operation.name, why=why, fix=fix)
        failed.report = report
        raise failed
    return report


_HINT = "harmless as it stands, or let samples= or domain= reach more of the rule"


def _complaint(run: Callable[[], None]) -> Exception | None:
    try:
        run()
    except Exception as error:  # a wrong rule may raise anything
        return error
    return None


def _try_claims(op: Operation, checks: list[Check], report: OpReport) -> None:
    for check in checks:
        report.checks.append(check.name)
        if (complaint := _complaint(check.run)) is not None:
            report.failures[check.name] = told(complaint, op)
            report.diagnosis = report.diagnosis or diagnosis_of(complaint)


def noticed_by(mutant: Mutant, points: Points) -> tuple[str, Exception] | None:
    """Return the first claim that a wrong twin fails, and how, or ``None`` if it fails none.

    Examples
    --------
    >>> from tinygrad_edu.registry import registry
    >>> op = registry["exp"]
    >>> import numpy as np
    >>> points = Points(op, np.random.default_rng(0))
    >>> noticed_by(mutants(op)[0], points)[0]
    'gradient equals slopes'
    """
    for check in generated(mutant.op, points):
        if check.of_rule and (error := _complaint(check.run)) is not None:
            return check.name, error
    return None


def _try_twins(op: Operation, points: Points, report: OpReport) -> None:
    for mutant in mutants(op):
        if (because := proof_of(mutant)) is not None:
            report.equivalent.append((mutant, because))
        elif (found := noticed_by(mutant, points)) is not None:
            report.killed.append((mutant, found[0]))
            report.crashed += not isinstance(found[1], AssertionError)
        else:
            report.survivors.append(mutant)
    # The twins shared these points. Had one of them spoilt any, all later ones would have failed
    # for that, and their failures would mean nothing.
    first = generated(op, points)[0]
    if _complaint(first.run) is not None:
        report.failures[first.name] = "fails after the wrong twins were tried: they spoilt a point"
