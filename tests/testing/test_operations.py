"""``check_op`` passes what is right and names what is wrong with a user's own operation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.registry import registry
from tinygrad_edu.testing import check_op, mutation_score

pytestmark = pytest.mark.once

CUBES: dict[str, Callable[..., Any]] = {
    "right": lambda g, out, x: g * 3.0 * x * x,
    "wrong by a millionth": lambda g, out, x: g * (3.0 + 3e-6) * x * x,
    "only to first order": lambda g, out, x: g * 3.0 * np.square(getattr(x, "_data", x)),
    "for ones only": lambda g, out, x: g * g * 3.0 * x * x,
    "writes into the cotangent": lambda g, out, x: np.multiply(g, 3.0 * x * x, out=g)
    if isinstance(g, np.ndarray) else g * 3.0 * x * x,
}  # fmt: skip


def made(rule: Callable[..., Any], **facts: Any) -> Any:
    """An operation of a user, taken out of the registry again."""
    facts = {"domain": tg.Real(-2, 2), **facts}

    def cube(x):  # type: ignore[no-untyped-def]
        return x * x * x

    made = tg.operation(rule=rule, **facts)(cube)
    for name in [name for name, op in registry.items() if op is made.op]:
        del registry[name]
    return made


def test_a_right_operation_passes_and_all_mistakes_in_it_are_noticed() -> None:
    report = check_op(made(CUBES["right"]), reference=lambda x: x**3)
    assert report.verdict == "pass"
    assert len(report.killed) > 15
    assert report.survivors == []
    assert "value equals the reference" in report.checks
    json.dumps(report.to_dict())
    assert str(report).startswith("cube: pass")


WRONG = [
    ("wrong by a millionth", "gradient equals slopes"),
    ("only to first order", "gradient of the gradient equals slopes"),
    ("for ones only", "gradient is linear in the cotangent"),
    ("writes into the cotangent", "nothing is overwritten"),
]


@pytest.mark.parametrize("which, claim", WRONG)
def test_a_wrong_rule_fails_the_claim_that_it_breaks(which: str, claim: str) -> None:
    report = check_op(made(CUBES[which]), raises=False)
    assert report.verdict == "fail"
    assert claim in report.failures
    with pytest.raises(tg.errors.OperationFailed, match="cube: fail") as caught:
        check_op(made(CUBES[which]))
    assert caught.value.report.failures


def test_a_wrong_value_fails_against_its_reference() -> None:
    report = check_op(made(CUBES["right"]), reference=lambda x: x**3 + 1e-9, raises=False)
    assert set(report.failures) == {"value equals the reference"}


def test_a_kink_that_is_not_declared_is_found() -> None:
    bent = tg.operation(np.abs, rule=lambda g, out, x: g * tg.sign(x), domain=tg.Real())(
        lambda x: None
    )
    report = check_op(bent, raises=False, mutation=False)
    assert set(report.failures) == {"every kink is declared"}


def test_a_broken_promise_at_a_kink_is_found() -> None:
    kink = tg.Kink("x = 0", "1", "as a test", at=(0.0,), gives=(1.0,))
    bent = tg.operation(np.abs, rule=lambda g, out, x: g * tg.sign(x), domain=tg.Real(),
                        kinks=kink)(lambda x: None)  # fmt: skip
    report = check_op(bent, raises=False, mutation=False)
    assert set(report.failures) == {"kinks are as promised"}


def test_an_error_of_numpys_that_escapes_is_found() -> None:
    def first(x: Any, /, count: int = 1) -> Any:
        if count == 9:
            raise KeyError("raw")
        return x[:1] * 1.0

    op = tg.operation(
        rule=lambda g, out, x, count: tg.put(x * 0.0, g, slice(0, 1)),
        samples=lambda rng: ((rng.normal(size=3),), {"count": 1}),
    )(first)
    report = check_op(op, raises=False, mutation=False)
    assert "KeyError" in report.failures["refusals are in our words"]


def test_a_widened_type_is_found() -> None:
    op = tg.operation(lambda x: x * np.float64(2.0), rule=lambda g, out, x: g * 2.0,
                      domain=tg.Real())(lambda x: None)  # fmt: skip
    report = check_op(op, raises=False, mutation=False)
    assert "value is float64" in report.failures["types and shapes are kept"]


def test_wrong_numbers_in_float32_alone_are_found() -> None:
    op = tg.operation(
        np.square,
        rule=lambda g, out, x: g * x * (3.0 if out.dtype == np.float32 else 2.0),
        domain=tg.Real(),
    )(lambda x: None)
    report = check_op(op, raises=False, mutation=False)
    assert "float32 gradient" in report.failures["types and shapes are kept"]


def test_conditions_on_what_the_engine_keeps_and_types_are_no_mistakes() -> None:
    def rule(g: Any, out: Any, x: Any, y: Any, saved: Any, needs: Any) -> Any:
        square = x * x if saved is None else saved
        first = g * 2.0 * x * y if needs[0] else None
        return first, (g * square.astype(square.dtype) if needs[1] else None)

    op = tg.operation(lambda x, y: (x * x * y, x * x), rule=rule, saves=True, broadcasts=True,
                      domain=(tg.Real(), tg.Real()))(lambda x, y: None)  # fmt: skip
    report = check_op(op)
    assert report.survivors == []
    assert len(report.killed) > 30


def test_one_complaint_of_many_claims_is_printed_once() -> None:
    op = made(lambda g, out, x: np.ones((7, 7)))
    report = check_op(op, raises=False, mutation=False)
    assert len(report.failures) > 5
    failing = [line for line in str(report).splitlines() if line.startswith("  fails")]
    lines = [line.partition(": ")[2] for line in failing]
    assert len(lines) == len(set(lines))
    assert max(map(len, str(report).splitlines())) < 1000


def test_samples_that_reach_too_little_leave_mistakes_unnoticed() -> None:
    """The rule has a branch that no draw enters, so mistakes in it cannot be seen."""

    def rule(g: Any, out: Any, x: Any) -> Any:
        if x.ndim == 3:
            return g * 2.0
        return g * (x + x)

    op = tg.operation(np.square, rule=rule, samples=lambda rng: ((rng.normal(size=2),), {}))(
        lambda x: None
    )
    report = check_op(op, raises=False)
    assert report.failures == {}
    assert report.verdict == "pass"  # no claim is broken
    assert any("g * 2.0" in mutant.change for mutant in report.survivors)
    assert "unnoticed" in str(report)
    assert "samples=" in str(report)


@pytest.mark.parametrize(
    "thing, message", [(3, "not an operation"), (np.sin, "not an operation"), (None, "not an op")]
)
def test_what_is_no_operation_is_refused(thing: Any, message: str) -> None:
    with pytest.raises(tg.errors.ArgumentError, match=message):
        check_op(thing)


def test_an_operation_without_operands_is_refused() -> None:
    with pytest.raises(tg.errors.ArgumentError, match="where to try it"):
        check_op(made(CUBES["right"], domain=None))


def test_the_same_check_twice_gives_the_same_answer() -> None:
    first, second = (check_op(tg.power, raises=False).to_dict() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


def test_the_score_counts_mistakes_and_prints_a_line_each() -> None:
    score = mutation_score([registry["relu"], registry["negative"]])
    assert score.value == 1.0
    assert score.mistakes == score.killed > 30
    assert "score 100.00 %" in str(score)
    assert sum(line.startswith(("relu", "negative")) for line in str(score).splitlines()) == 2


def test_the_command_prints_the_score() -> None:
    command = [sys.executable, "-W", "error", "-m", "tinygrad_edu.testing"]
    folder = Path(__file__).parents[2]
    for names, status, said in (["tanh"], 0, "score 100.00 %"), (["tahn"], 2, "no operation"):
        done = subprocess.run(
            [*command, *names], capture_output=True, text=True, check=False, cwd=folder
        )
        assert done.returncode == status, done.stderr
        assert said in done.stdout


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(1, 6))
def test_every_operation_keeps_its_promises_at_other_points(seed: int) -> None:
    for name, op in registry.items():
        if "." not in name and (op.domain or op.samples):
            report = check_op(op, mutation=seed == 1, rng=seed)
            assert (report.verdict, report.survivors) == ("pass", [])
