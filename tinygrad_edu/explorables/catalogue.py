"""The errors of this room: one function per situation, each with the edit that mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import errors


def no_recording(what: Any, kind: str) -> Exception:
    return errors.ArgumentError(
        f"a {type(what).__name__} is no {kind}",
        why="the page shows what was recorded while the model was trained",
        fix=f"recorder = tg.training.{kind}(...); tg.training.fit(..., callbacks=[recorder])",
    )


def nothing_recorded(kind: str) -> Exception:
    return errors.ArgumentError(
        f"the {kind} has recorded nothing",
        why="it listens to a run, and no run has begun",
        fix="tg.training.fit(..., callbacks=[recorder])",
    )


def other_settings(first: Sequence[str], other: Sequence[str]) -> Exception:
    return errors.ArgumentError(
        f"one run has the settings {', '.join(first) or 'none'}, another "
        f"{', '.join(other) or 'none'}",
        why="each setting is a knob, which has to have a place for every run",
        fix='FieldRecorder(x, y, settings={"learning rate": lr, "width": width})',
    )


def twice(settings: str) -> Exception:
    return errors.ArgumentError(
        f"two runs have the same settings: {settings or 'none'}",
        why="the knobs could not tell them apart",
        fix='FieldRecorder(x, y, settings={"seed": seed})',
    )


def other_samples() -> Exception:
    return errors.ArgumentError(
        "the runs were recorded on different samples",
        why="a knob changes the run, not the data that it is shown with",
        fix="FieldRecorder(x, y, settings={...})   # the same x and y for all",
    )


def too_many_classes(count: int, most: int) -> Exception:
    return errors.ArgumentError(
        f"{count} classes have no {count} colours that are told apart, only {most} have",
        fix=f"x, y = x[y < {most}], y[y < {most}]",
    )


def too_large(size: float, most: float) -> Exception:
    return errors.ArgumentError(
        f"the page would have {size:.1f} MB, more than {most:g}",
        why="a page should open at once, also from a phone",
        fix="FieldRecorder(x, y, frames=21)   # or fewer runs",
    )


def bad_pair(name: str, value: Any) -> Exception:
    return errors.ArgumentError(
        f"{name}={value!r} is not a pair of finite numbers, the second above the first",
        fix=f"{name}=(-2.0, 2.0)",
    )


def bad_start(value: Any) -> Exception:
    return errors.ArgumentError(
        f"start={value!r} is not a point of two finite numbers", fix="start=(-1.5, 1.0)"
    )


def bad_rates(value: Any) -> Exception:
    return errors.ArgumentError(
        f"rates={value!r} are not learning rates: finite numbers above 0, each once",
        fix="rates=(0.01, 0.1)",
    )


def bad_steps(value: Any) -> Exception:
    return errors.ArgumentError(
        f"steps={value!r} is not a whole number of at least 1", fix="steps=120"
    )


def no_surface(what: str) -> Exception:
    return errors.ArgumentError(
        f"the surface gives {what} for a point",
        why="its height at a point is one number, with a gradient",
        fix="tg.explorables.optimizer_race(lambda x, y: x**2 + 5 * y**2)",
    )


def too_many(what: str, count: int, most: int) -> Exception:
    return errors.ArgumentError(f"{count} {what} are too many to be told apart", fix=f"[:{most}]")
