"""The page of a run that predicts a number (floor 6)."""

from __future__ import annotations

import numpy as np

from ...metrics import bootstrap_interval, mean_absolute_error, r2_score, root_mean_squared_error
from .chart import Axis, Curve, chart
from .content import Content, Verdict
from .figures import falling
from .results import Numbers
from .tables import table
from .verdicts import converged

__all__ = ["of_numbers"]

SHOWN = 12
MARGIN = 0.06


def of_numbers(run: Numbers) -> Content:
    """Return what is to be said of the answers, and shown."""
    rmse = root_mean_squared_error(run.truth, run.predicted)
    r2 = r2_score(run.truth, run.predicted)
    cards = [
        (f"{rmse:.4g}", "test RMSE"),
        (f"{mean_absolute_error(run.truth, run.predicted):.4g}", "test MAE"),
        (f"{r2:.3f}", "test R2"),
        (f"{run.guess:.4g}", "RMSE of the mean"),
    ]
    figures = [_against_truth(run), _errors(run)]
    if run.history:
        figures.insert(0, falling(run, "Squared error in deviations of the target, each sample "
                                  "seen before its own step."))  # fmt: skip
        figures.insert(1, _explained(run, r2))
    return Content(
        f"test RMSE {rmse:.4g}",
        cards,
        _verdicts(run, rmse, r2),
        figures,
        [("The hardest test samples", _hardest(run))],
    )


def _axis(label: str, *values: np.ndarray) -> Axis:
    low, high = (float(f(each(values))) for f, each in ((np.min, _flat), (np.max, _flat)))
    room = MARGIN * (high - low or 1.0)
    return Axis(label, low - room, high + room)


def _flat(values: tuple[np.ndarray, ...]) -> np.ndarray:
    return np.concatenate([np.ravel(part) for part in values])


def _explained(run: Numbers, r2: float) -> str:
    epochs, _, shares = (np.array(part, float) for part in zip(*run.history, strict=True))
    across = Axis("epoch", 1, max(2, len(epochs)))
    low = float(min(0.0, np.floor(10 * min(shares.min(), r2)) / 10))
    return chart(
        "Explained variance", across, Axis("R2", max(low, -1.0), 1.0),
        [Curve("training", epochs, shares),
         Curve(f"test {r2:.3f}", np.array([1, across.high]), np.full(2, r2), "c1")],
        "0 is what always saying the mean reaches, 1 is perfect. The test part was looked at "
        "once, after the last epoch.",
    )  # fmt: skip


def _against_truth(run: Numbers) -> str:
    axis = _axis("", run.truth, run.predicted)
    line = np.array([axis.low, axis.high])
    return chart(
        "Predicted against true", axis._replace(label="true"), axis._replace(label="predicted"),
        [Curve("perfect", line, line, "ideal"),
         Curve("test samples", run.truth, run.predicted, "c0", joined=False)],
        "Above the dashed line the answer is too large.",
    )  # fmt: skip


def _errors(run: Numbers) -> str:
    axis = _axis("too large by", run.errors)
    line = np.array([run.truth.min(), run.truth.max()])
    return chart(
        "What is left", _axis("true", run.truth), axis,
        [Curve("no error", line, np.zeros(2), "ideal"),
         Curve("test samples", run.truth, run.errors, "c0", joined=False)],
        "A slope down says that extremes are drawn to the mean, as they are where the columns say "
        "little.",
    )  # fmt: skip


def _hardest(run: Numbers) -> str:
    worst = np.argsort(-np.abs(run.errors), kind="stable")[:SHOWN]
    rows = [
        (f"row {int(run.samples.test_rows[k]) + 1}", f"{run.truth[k]:.6g}",
         f"{run.predicted[k]:.4g}", f"{run.errors[k]:+.4g}")
        for k in worst
    ]  # fmt: skip
    return table(("sample", "true", "predicted", "too large by"), rows, kind="numbers")


def _verdicts(run: Numbers, rmse: float, r2: float) -> list[Verdict]:
    found = bootstrap_interval(r2_score, run.truth, run.predicted, rng=0)
    measured = (
        f"it is off by {rmse:.4g} (RMSE) on {len(run.truth)} samples it never saw, always saying "
        f"the mean by {run.guess:.4g}; R2 {r2:.3f}, between {found.low:.2f} and {found.high:.2f} "
        "with 95 % confidence"
    )
    verdicts = [
        Verdict("good", f"It has learnt: {measured}.")
        if found.low > 0
        else Verdict("look", f"It is not shown to beat the mean: {measured}.")
    ]
    if run.history:
        seen = float(run.history[-1][2])
        numbers = f"R2 {seen:.3f} in training, {r2:.3f} in the test"
        if seen > found.high and seen - r2 > 0.1:
            verdicts.append(Verdict("look", f"It knows its training samples better than the rest: "
                                    f"{numbers}. Fewer --epochs, a smaller --model or more data "
                                    "may help."))  # fmt: skip
        else:
            verdicts.append(Verdict("good", f"It carries over to new samples: {numbers}."))
    settled = converged(run)
    verdicts += [settled] if settled is not None else []
    bias = float(run.errors.mean())
    noise = 1.96 * float(run.errors.std()) / np.sqrt(len(run.errors))
    if abs(bias) > noise:
        side = "large" if bias > 0 else "small"
        verdicts.append(Verdict("look", f"Its answers are too {side} by {abs(bias):.4g} on "
                                "average, more than chance explains."))  # fmt: skip
    return verdicts + [Verdict("note", f"{note}.") for note in run.samples.notes]
