"""Run gradient checkers over a bank of correct and wrong gradients and compare what they say.

Run ``python benchmarks/bench_checker.py``; ``--help`` lists the options. It is a report: whatever
it finds, the exit status is 0. Every alarm and miss of ours is printed with the seed that repeats
it, ``--only NAME --seed N --draws 1``, or under Hypothesis with its inputs.
"""

from __future__ import annotations

import timing  # isort: skip - first, for it sets the number of threads that NumPy starts

import argparse
import importlib
import statistics
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from checker_bank import RIGHT, WRONG, Right, Wrong
from checker_bank.checkers import PEERS, Checker, Outcome, from_check_vjp, ours, tutorial
from checker_bank.entry import Arrays
from checker_bank.judging import Fault, judge

Entry = Right | Wrong
SLOW = {"jax check_grads": 2}  # draws, where one check takes a quarter of a second


class Trial(NamedTuple):
    """One entry at one point, and what a checker said of it.

    ``fault`` is None for a correct entry; ``where`` repeats the point: its seed, or its inputs.
    """

    entry: Entry
    number: int
    fault: Fault | None
    outcome: Outcome
    milliseconds: float
    where: str


@dataclass
class Tally:
    """All trials of one checker, and the figures they give."""

    trials: list[Trial] = field(default_factory=list)

    def of_right(self) -> list[Trial]:
        """Trials of correct gradients."""
        return [t for t in self.trials if t.fault is None and t.outcome.verdict != "skipped"]

    def of_wrong(self) -> list[Trial]:
        """Trials of wrong gradients at inputs where the fault shows."""
        return [t for t in self.trials if t.fault and t.fault.shows]

    def alarms(self) -> list[Trial]:
        """Correct gradients called wrong."""
        return [t for t in self.of_right() if t.outcome.verdict == "fail"]

    def misses(self) -> list[Trial]:
        """Faults that show and were not called."""
        return [t for t in self.of_wrong() if t.outcome.verdict != "fail"]

    def missed_entries(self) -> list[str]:
        """Wrong entries that were never called, with a star where the fault never showed."""
        trials = [t for t in self.trials if t.fault is not None]
        caught = {t.entry.name for t in trials if t.outcome.verdict == "fail"}
        shown = set(names(self.of_wrong()))
        return [name + "*" * (name not in shown) for name in names(trials) if name not in caught]

    def named(self) -> tuple[str, str]:
        """Shares of the caught wrong values for which a wrong input, a wrong element was named."""
        found = [
            t.fault.names(t.outcome.input, t.outcome.index)
            for t in self.of_wrong()
            if t.fault and t.fault.elements and t.outcome.verdict == "fail"
            if "behaviour" not in t.entry.tags
        ]
        return share(sum(a for a, _ in found), len(found)), share(
            sum(b for _, b in found), len(found)
        )

    def row(self, name: str) -> list[str]:
        """One line of the table."""
        right, wrong, alarms = self.of_right(), self.of_wrong(), self.alarms()
        entries = names(t for t in self.trials if t.fault is not None)
        unresolved = sum(t.outcome.verdict == "unresolved" for t in right)
        return [
            name,
            f"{len(entries) - len(self.missed_entries())}/{len(entries)}",
            share(len(wrong) - len(self.misses()), len(wrong)),
            f"{len(names(alarms))}/{len(names(right))}",
            share(len(alarms), len(right)),
            share(unresolved, len(right)),
            *(self.named() if name.startswith("ours") else ("-", "-")),
            median(t.milliseconds for t in right),
            median(t.milliseconds for t in wrong if t.outcome.verdict == "fail"),
        ]


HEAD = [
    "checker",
    "wrong caught",
    "manifest trials",
    "right alarmed",
    "trials alarmed",
    "unresolved",
    "input named",
    "element named",
    "ms right",
    "ms caught",
]


def names(trials: Iterable[Trial]) -> list[str]:
    """Return the entries of some trials, each once."""
    return list(dict.fromkeys(t.entry.name for t in trials))


def share(part: int, whole: int) -> str:
    """Write a share in per cent."""
    return f"{100 * part / whole:.2f} %" if whole else "-"


def median(figures: Iterable[float]) -> str:
    """Write a median with one decimal."""
    known = list(figures)
    return f"{statistics.median(known):.1f}" if known else "-"


def ask(checker: Checker, entry: Entry, xs: Arrays) -> tuple[Outcome, float]:
    """Run one check on copies; return what it said and the CPU milliseconds it took."""
    f, vjp = entry.pair()
    copies = tuple(x.copy() for x in xs)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = time.process_time()
        try:
            outcome = checker(f, vjp, copies)
        except Exception as error:  # peers report by raising, and so may the pair itself
            outcome = Outcome("fail", type(error).__name__, note=str(error))
        return outcome, 1e3 * (time.process_time() - start)


def tried(checker: Checker, entry: Entry, xs: Arrays, number: int, where: str) -> Trial:
    """Check one entry at one point."""
    fault = judge(entry, xs) if isinstance(entry, Wrong) else None
    return Trial(entry, number, fault, *ask(checker, entry, xs), where)


def draw_trials(checker: Checker, entry: Entry, seeds: Iterable[int]) -> Iterator[Trial]:
    """Check one entry at the points that the seeds give."""
    for seed in seeds:
        yield tried(checker, entry, entry.draw(seed), seed, f"--seed {seed}")


def property_trials(checker: Checker, entry: Entry) -> list[Trial]:
    """Check one entry as a property test would: 25 examples, up to the first failure."""
    from checker_bank.strategies import inputs
    from hypothesis import HealthCheck, Phase, given, settings

    found: list[Trial] = []

    @settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(entry.domain))
    def example(xs: Arrays) -> None:
        if not found or found[-1].outcome.verdict != "fail":
            where = ", ".join(repr(x.tolist()) for x in xs)
            found.append(tried(checker, entry, xs, len(found), where))

    example()
    return found


def chosen(only: Sequence[str]) -> list[Entry]:
    """Return the entries of these names; the name of a function brings its wrong gradients too."""
    everything: list[Entry] = [*RIGHT.values(), *WRONG.values()]
    found = [
        e for e in everything if not only or e.name in only or e.name.partition(":")[0] in only
    ]
    if not found:
        raise SystemExit(f"no entry is called {', '.join(only)}")
    return found


def contenders(arguments: argparse.Namespace) -> dict[str, Checker]:
    """Return the checkers to run; name those that are not there."""
    found: dict[str, Checker | None] = {"ours": ours()}
    if arguments.checker:
        module, _, function = arguments.checker.partition(":")
        check_vjp = getattr(importlib.import_module(module), function or "check_vjp")
        found[f"ours ({module})"] = from_check_vjp(check_vjp)
    found["tutorial"] = tutorial()
    if arguments.peers:
        found |= {name: make() for name, make in PEERS.items()}
    for name in found:
        if found[name] is None:
            print(f"{name} is not installed, skipped")
    return {name: checker for name, checker in found.items() if checker is not None}


def describe(trial: Trial) -> str:
    """One line for a trial, with the seed that repeats it."""
    said = trial.outcome
    parts = [f"{trial.entry.name}  {trial.where} ", said.verdict]
    parts += [said.kind] if said.kind not in ("", "None", said.verdict) else []
    parts += [f"input {said.input}"] if said.input is not None else []
    parts += [f"at {said.index}"] if said.index is not None else []
    return " ".join(parts)


def by_entry(trials: Sequence[Trial]) -> list[str]:
    """One line an entry: how many trials, and their numbers, those left unresolved with a mark."""
    lines = []
    for name in names(trials):
        mine = [t for t in trials if t.entry.name == name]
        numbers = (f"{t.number}{'?' * (t.outcome.verdict == 'unresolved')}" for t in mine)
        lines.append(f"    {name}: {len(mine)}, numbers {' '.join(numbers)}")
    return lines


def details(name: str, tally: Tally, every: bool) -> str:
    """List alarms and entries missed; with ``every``, each alarm, missed and unresolved trial."""
    alarms, missed, misses = tally.alarms(), tally.missed_entries(), tally.misses()
    lines = [f"{name}: {len(alarms)} alarms on correct gradients"]
    if every:
        lines += ["    " + describe(t) for t in alarms]
    else:
        lines += ["    " + ", ".join(names(alarms))] if alarms else []
    lines.append(f"{name}: {len(missed)} wrong gradients never caught (*: and never to be seen)")
    lines += ["    " + ", ".join(missed)] if missed else []
    if every:
        lines.append(f"{name}: {len(misses)} trials missed where the fault shows (?: unresolved)")
        lines += by_entry(misses)
        unsure = [t for t in tally.of_right() if t.outcome.verdict == "unresolved"]
        lines.append(f"{name}: {len(unsure)} trials of correct gradients unresolved")
        lines += by_entry(unsure)
        crashed = [t for t in tally.trials if t.outcome.kind.endswith(("Error", "Exception"))]
        lines.append(f"{name}: {len(crashed)} trials in which it raised instead of reporting")
        lines += ["    " + describe(t) for t in crashed]
    return "\n".join(lines)


def show(tally: Tally) -> None:
    """Print everything about every trial: for ``--only``."""
    for trial in tally.trials:
        shown = "" if trial.fault is None else f"  fault shows: {trial.fault.shows}"
        print(f"{describe(trial)}  {trial.milliseconds:.1f} ms{shown}")
        if trial.fault and trial.fault.elements:
            print(f"  wrong elements: {sorted(trial.fault.elements)}")
        print("  " + trial.outcome.note.replace("\n", "\n  "))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=20, help="points for every entry")
    parser.add_argument("--seed", type=int, default=0, help="the first draw's seed")
    parser.add_argument("--only", action="append", default=[], help="an entry or a function")
    parser.add_argument("--hypothesis", action="store_true", help="25 Hypothesis examples instead")
    parser.add_argument("--peers", action="store_true", help="other libraries' checkers too")
    parser.add_argument("--checker", help="module:function with check_vjp's signature, beside ours")
    return parser.parse_args()


def main() -> None:
    """Run, tabulate, list."""
    options = arguments()
    entries = chosen(options.only)
    rows, texts = [HEAD], []
    for name, checker in contenders(options).items():
        tally = Tally()
        draws = min(options.draws, SLOW.get(name, options.draws))
        for entry in entries:
            seeds = range(options.seed, options.seed + draws)
            tally.trials += (
                property_trials(checker, entry)
                if options.hypothesis
                else draw_trials(checker, entry, seeds)
            )
        if options.only:
            print(f"== {name}")
            show(tally)
        rows.append(tally.row(name))
        texts.append(details(name, tally, every=name.startswith("ours")))
    how = "25 Hypothesis examples" if options.hypothesis else f"{options.draws} draws"
    print(f"{len(entries)} entries, {how} each, one thread, process CPU time")
    print(timing.table(rows))
    print("\n".join(texts))


if __name__ == "__main__":
    main()
