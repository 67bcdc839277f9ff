"""Run gradient checkers over a bank of correct and wrong gradients and compare what they say.

Run ``python benchmarks/bench_checker.py``; ``--help`` lists the options. It is a report: whatever
it finds, the exit status is 0. Every alarm and miss is printed with the seed that repeats it:
``--only NAME --seed N --draws 1``.
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
    """One entry at one point, and what a checker said of it."""

    entry: Entry
    seed: int
    fault: Fault | None  # None for a correct entry
    outcome: Outcome
    milliseconds: float


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
        """Wrong entries with a fault that showed and was never called."""
        caught = {t.entry.name for t in self.of_wrong() if t.outcome.verdict == "fail"}
        return [name for name in names(self.of_wrong()) if name not in caught]

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
        entries = names(wrong)
        unresolved = sum(t.outcome.verdict == "unresolved" for t in right)
        spent = [t.milliseconds for t in right]
        return [
            name,
            f"{len(entries) - len(self.missed_entries())}/{len(entries)}",
            share(len(wrong) - len(self.misses()), len(wrong)),
            f"{len(names(alarms))}/{len(names(right))}",
            share(len(alarms), len(right)),
            share(unresolved, len(right)),
            *(self.named() if name.startswith("ours") else ("-", "-")),
            f"{statistics.median(spent):.1f}" if spent else "-",
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
    "ms CPU",
]


def names(trials: Iterable[Trial]) -> list[str]:
    """Return the entries of some trials, each once."""
    return list(dict.fromkeys(t.entry.name for t in trials))


def share(part: int, whole: int) -> str:
    """Write a share in per cent."""
    return f"{100 * part / whole:.2f} %" if whole else "-"


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


def draw_trials(checker: Checker, entry: Entry, seeds: Iterable[int]) -> Iterator[Trial]:
    """Check one entry at the points that the seeds give."""
    for seed in seeds:
        xs = entry.draw(seed)
        fault = judge(entry, xs) if isinstance(entry, Wrong) else None
        outcome, spent = ask(checker, entry, xs)
        yield Trial(entry, seed, fault, outcome, spent)


def property_trials(checker: Checker, entry: Entry) -> Iterator[Trial]:
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
        if found and found[-1].outcome.verdict == "fail":
            return
        # Whether the fault shows here does not matter: it must be found somewhere.
        fault = Fault(True) if isinstance(entry, Wrong) else None
        outcome, spent = ask(checker, entry, xs)
        note = f"{outcome.note}\n  inputs: {', '.join(repr(x.tolist()) for x in xs)}"
        found.append(Trial(entry, len(found), fault, outcome._replace(note=note), spent))

    example()
    return iter(found)


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
    """One line for an alarm or a miss, and how to repeat it."""
    said = trial.outcome
    parts = [said.verdict, said.kind]
    parts += [f"input {said.input}"] if said.input is not None else []
    parts += [f"at {said.index}"] if said.index is not None else []
    return f"    {trial.entry.name}  --seed {trial.seed}  {' '.join(filter(None, parts))}"


def details(name: str, tally: Tally, every: bool) -> str:
    """List alarms, entries missed and unresolved; with ``every``, each missed trial."""
    alarms, missed = tally.alarms(), tally.missed_entries()
    lines = [f"{name}: {len(alarms)} alarms on correct gradients"]
    if every:
        lines += map(describe, alarms)
    else:
        lines += ["    " + ", ".join(names(alarms))] if alarms else []
    lines.append(f"{name}: {len(missed)} wrong gradients never caught")
    lines += ["    " + ", ".join(missed)] if missed else []
    if every:
        lines.append(f"{name}: {len(tally.misses())} trials missed where the fault shows")
        lines += map(describe, tally.misses())
        unsure = [t for t in tally.of_right() if t.outcome.verdict == "unresolved"]
        lines.append(f"{name}: {len(unsure)} correct trials unresolved")
        counts = {t.entry.name: 0 for t in unsure}
        for t in unsure:
            counts[t.entry.name] += 1
        lines += [f"    {entry}: {count}" for entry, count in counts.items()]
    return "\n".join(lines)


def show(tally: Tally) -> None:
    """Print everything about every trial: for ``--only``."""
    for trial in tally.trials:
        shown = "" if trial.fault is None else f"  fault shows: {trial.fault.shows}"
        print(f"{describe(trial).strip()}  {trial.milliseconds:.1f} ms{shown}")
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
        texts.append(details(name, tally, every=name.startswith("ours") or bool(options.only)))
    how = "25 Hypothesis examples" if options.hypothesis else f"{options.draws} draws"
    print(f"{len(entries)} entries, {how} each, one thread, process CPU time")
    print(timing.table(rows))
    print("\n".join(texts))


if __name__ == "__main__":
    main()
