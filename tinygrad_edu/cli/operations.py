"""``python -m tinygrad_edu ops``: the operations with their formulas, and whether they hold.

Floor 6.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .. import formulary
from ..errors import ArgumentError
from ..registry import Operation, registry
from ..testing import OpReport, check_op
from .arguments import Parser, UsageError

__all__ = ["operations"]

OUTPUT = "-"


def operations(arguments: Sequence[str]) -> int:
    """List the operations, show some, check them, or write the page of all.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind ``ops``.

    Returns
    -------
    int
        The exit status: 0, or 1 when a check failed.

    Raises
    ------
    UsageError
        For a name that no operation has, and arguments that do not go together.

    Examples
    --------
    >>> operations(["positive", "--check"])
    positive: pass; 13 of 13 claims hold, 14 of 14 mistakes noticed
    score 100.00 %: 14 of 14 mistakes noticed, 1 operation, none fails
    0
    """
    given = _parser().parse_args(arguments)
    if given.markdown is not None and (given.names or given.check):
        raise UsageError("--markdown writes the page of all operations, and nothing else")
    chosen = [_entry(name) for name in given.names]
    if given.markdown is not None:
        _write(formulary.page(formulary.entries(), formulary.inner_entries()), given.markdown)
    elif given.check:
        return _checked(_registered(chosen))
    else:
        texts = [formulary.text_of(each) for entry in chosen for each in _with_inner(entry)]
        print("\n\n".join(texts) or formulary.listing(formulary.entries()))
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tinygrad_edu ops",
        description="Without a name, all operations by family. With one, its formula, its gradient "
        "rule as mathematics, its kinks, and what backward keeps for it.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="an operation, as in tanh")
    add("--check", action="store_true",
        help="try the named operations, or all: values, gradients to second order, and whether "
        "the tests notice every small change of a rule")  # fmt: skip
    add("--markdown", nargs="?", const=OUTPUT, metavar="FILE",
        help="write the page of all operations, by default to the output")  # fmt: skip
    return parser


def _entry(name: str) -> formulary.Entry:
    try:
        return formulary.entry_of(name)
    except ArgumentError as error:
        raise UsageError(error.what) from None


def _with_inner(entry: formulary.Entry) -> list[formulary.Entry]:
    """An entry and, of a composition, the private operations behind it: the rules are theirs."""
    parts = [registry[part] for part in entry.parts]
    return [entry, *[formulary.entry_of(op) for op in parts if not formulary.is_public(op)]]


def _registered(chosen: Sequence[formulary.Entry]) -> list[Operation]:
    """The operations behind entries, of a composition its parts; without any, all there are."""
    if not chosen:
        return [op for op in registry.values() if op.domain or op.samples]
    names = [part for entry in chosen for part in entry.parts]
    found = [entry.op for entry in chosen if entry.op is not None]
    return list(dict.fromkeys([*found, *[registry[name] for name in names]]))


def _checked(ops: Sequence[Operation]) -> int:
    reports: list[OpReport] = []
    for op in ops:
        reports.append(check_op(op, raises=False))
        counter = f"{len(reports):>{len(str(len(ops)))}}/{len(ops)} " if len(ops) > 1 else ""
        print(f"{counter}{reports[-1]}", flush=True)
    killed = sum(len(report.killed) for report in reports)
    mistakes = killed + sum(len(report.survivors) for report in reports)
    failed = [report.op for report in reports if report.verdict == "fail"]
    share = f"{100 * killed / max(mistakes, 1):.2f} %: {killed} of {mistakes} mistakes noticed"
    print(
        f"score {share if mistakes else 'none: nothing to mutate'}, "
        f"{len(ops)} operation{'s' * (len(ops) != 1)}, "
        f"{f'these fail: {chr(44).join(failed)}' if failed else 'none fails'}"
    )
    return int(bool(failed))


def _write(text: str, place: str) -> None:
    if place == OUTPUT:
        sys.stdout.write(text)
    else:
        Path(place).write_text(text, encoding="utf-8")
