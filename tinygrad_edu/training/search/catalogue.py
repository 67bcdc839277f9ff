"""The errors of a search: one function per situation, each with the edit that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from ... import errors


def bad_ends(name: str, low: Any, high: Any, needed: str, example: str) -> Exception:
    return errors.ArgumentError(
        f"{name}({low!r}, {high!r}) needs {needed}", fix=f"search.{name}({example})"
    )


def no_options(options: tuple[Any, ...]) -> Exception:
    if not options:
        return errors.ArgumentError("choice() has nothing to choose", fix='search.choice("a", "b")')
    inside = ", ".join(repr(value) for value in list(options[0])[:4])
    return errors.ArgumentError(
        f"choice has one option only, a {type(options[0]).__name__}",
        why="options are written one after the other",
        fix=f"search.choice({inside})",
    )


def same_option(word: Any) -> Exception:
    return errors.ArgumentError(
        f"two options of a choice are both written {word!r}",
        why="tables and files tell options apart by how they are written",
        fix="def one(): ...   # a name of its own for each",
    )


def no_points(described: dict[str, Any]) -> Exception:
    kind = next(iter(described))
    return errors.ArgumentError(
        f"a grid over {kind}({', '.join(map(str, described[kind]))}) needs to know how many values",
        fix="search.grid(objective, space, points=3)",
    )


def bad_points(name: str, count: Any, names: Sequence[str]) -> Exception:
    if name not in names:
        near = get_close_matches(name, names, 1) or names[:1]
        return errors.ArgumentError(
            f"points has {name!r}, and the space has {', '.join(names)}",
            fix=f'points={{"{near[0]}": 3}}',
        )
    return errors.ArgumentError(
        f"points={count!r} for {name!r} is not a whole number of at least 2", fix="points=3"
    )


def no_space(space: Any) -> Exception:
    return errors.ArgumentError(
        f"a space is a dict of dimensions by name, got {space!r:.60}",
        fix='space = {"rate": search.log_uniform(1e-4, 1e-1)}',
    )


def no_dimension(name: Any, value: Any) -> Exception:
    if not isinstance(name, str):
        return errors.ArgumentError(f"a setting has a name, got {name!r}", fix=f'"{name}": ...')
    options = list(value) if isinstance(value, (list, tuple, set, range)) else [value]
    written = ", ".join(repr(option) for option in options[:4])
    return errors.ArgumentError(
        f"{name!r} is {value!r:.60}, which is no dimension",
        why="a search has to know how to draw a value, and how to spread a grid",
        fix=f'"{name}": search.choice({written})',
    )


def bad_seed(rng: Any) -> Exception:
    return errors.ArgumentError(
        f"the seed of a search is a whole number from 0 to 2**32 - 1, got {rng!r}", fix="rng=0"
    )


def bad_scores(value: Any) -> Exception:
    return errors.ArgumentError(
        f"the objective returned {value!r:.60} ({type(value).__name__}), not a number",
        why="trials are compared by one number, or by one of several in a dict",
        fix='return {"loss": loss, "accuracy": accuracy}',
    )


def no_such_score(by: str, names: Sequence[str]) -> Exception:
    near = get_close_matches(by, names, 1) or list(names[:1])
    return errors.ArgumentError(
        f"by={by!r}: the objective returned {', '.join(names)}", fix=f"by={near[0]!r}"
    )


def no_best(reasons: Sequence[str]) -> Exception:
    first = reasons[0] if reasons else "there was none"
    return errors.ArgumentError(
        f"no trial of {len(reasons)} has a finite score, so none is the best",
        why=f"the first one: {first}",
        fix="print(result.table)   # says why each failed; smaller rates often help",
    )


def trial_broke(trial: int, settings: str, error: str, lines: Sequence[str] = ()) -> Exception:
    return errors.TrialError(
        f"trial {trial} stopped the search: {error}",
        trial=trial,
        notes=(f"settings: {settings}", *lines),
        why="only a score that is not finite, or a FloatingPointError, is a failed trial; this "
        "would be the same for others",
        fix="objective(settings, budget, np.random.default_rng(0))   # with these settings alone",
    )


def worker_died(trial: int, settings: str, code: int | None) -> Exception:
    how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return errors.TrialError(
        f"the process of trial {trial} ended with {how}",
        trial=trial,
        notes=(f"settings: {settings}",),
        why="it was killed, by the system for its memory perhaps, or ended itself",
        fix="workers=1   # fewer at a time; with path=..., resume=True the finished trials stay",
    )


def worker_never_began(code: int | None) -> Exception:
    return errors.TrialError(
        f"a worker ended before its first trial, with exit code {code}",
        trial=-1,
        why="a worker imports the script that started the search, and runs what is not guarded",
        fix='if __name__ == "__main__":   # around what starts the search',
    )


def unpicklable(what: Any, error: str) -> Exception:
    return errors.ArgumentError(
        f"the objective {what!r:.60} cannot be sent to another process: {error:.120}",
        why="each worker gets a copy; a lambda, or a function inside a function, has no name by "
        "which another process finds it",
        fix="def objective(settings, budget, rng): ...   # at the top of a .py file; or workers=0",
    )


def not_found_there(error: str) -> Exception:
    return errors.ArgumentError(
        f"a worker does not find the objective: {error:.160}",
        why="what is typed into a notebook or a prompt exists in that process alone",
        fix="from my_objective import objective   # from a file; or workers=0",
    )


def already_there(path: Any) -> Exception:
    return errors.ArgumentError(
        f"{path} is there already",
        why="a search of hours is not overwritten by accident",
        fix=f"path={str(path)!r}, resume=True   # or another path",
    )


def no_folder(path: Any) -> Exception:
    return errors.MissingFile(
        f"there is no folder {path.parent} for {path.name}",
        fix=f"pathlib.Path({str(path.parent)!r}).mkdir(parents=True)",
    )


def not_a_journal(path: Any, why: str) -> Exception:
    return errors.LoadError(
        f"{path} is no file of a search: {why}", fix='path="search.jsonl"   # a new one'
    )


def other_search(path: Any, differs: Sequence[str]) -> Exception:
    return errors.LoadError(
        f"{path} is of another search",
        notes=tuple(differs),
        why="its trials would be taken for trials of this one",
        fix='path="another.jsonl"',
    )


def resume_without_path() -> Exception:
    return errors.ArgumentError(
        "resume=True needs to know from which file", fix='path="search.jsonl", resume=True'
    )


def bad_budget(name: str, value: Any, needed: str, example: str) -> Exception:
    return errors.ArgumentError(f"{name}={value!r} is not {needed}", fix=f"{name}={example}")


def unused_settings(names: Sequence[str], known: Sequence[str]) -> Exception:
    near = get_close_matches(names[0], known, 1)
    return errors.ArgumentError(
        f"nobody takes the setting {names[0]!r}",
        notes=(f"known here: {', '.join(known)}",),
        why="a dimension that changes nothing would be searched in vain",
        fix=f'"{near[0]}": ...' if near else f"def build({names[0]}, rng): ...",
    )


def losses_compared(score: str) -> Exception:
    return errors.ArgumentError(
        f"{score!r} cannot decide between different losses",
        why="their values are not on one scale",
        fix='metrics={"accuracy": ...}, score="val_accuracy"   # and maximize=True',
    )


def unknown_name(what: str, name: str, names: Sequence[str]) -> Exception:
    near = get_close_matches(name, names, 1) or list(names[:1])
    return errors.ArgumentError(
        f"there is no {what} {name!r}, but {', '.join(names)}", fix=f'{what}="{near[0]}"'
    )


def not_a_pair(name: str, value: Any) -> Exception:
    return errors.ArgumentError(
        f"{name} is a {type(value).__name__}, not inputs and targets",
        why="each trial cuts them into batches of its own, and each worker gets a copy",
        fix=f"{name}=(x, y)",
    )


def no_optuna() -> Exception:
    return errors.MissingDependency(
        "Optuna is not installed",
        why="search.random and search.halving need nothing",
        fix='pip install "tinygrad_edu[search]"',
    )
