"""Code written for the Array API runs on Tensors, differentiably where the operations are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.parity
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, str]]:
    """What the functions of ``users.py`` gave, by name."""
    pytest.importorskip("scipy")
    pytest.importorskip("sklearn")
    found = subprocess.run(
        [sys.executable, "-m", "tests.conformance.users"],
        cwd=CHECKOUT,
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def those(answers: dict[str, dict[str, str]], fact: str) -> dict[str, str]:
    found = {name: facts[fact] for name, facts in answers.items() if fact in facts}
    assert len(found) > 10
    return found


def test_values_are_those_of_arrays(answers: dict[str, dict[str, str]]) -> None:
    kinds = those(answers, "value")
    assert {name: kind for name, kind in kinds.items() if kind not in ("Tensor", "float")} == {}


def test_what_returns_a_tensor_differentiates_to_second_order(
    answers: dict[str, dict[str, str]],
) -> None:
    verdicts = those(answers, "gradient")
    assert {name: verdict for name, verdict in verdicts.items() if verdict != "pass"} == {}
    assert all(answers[name]["value"] == "Tensor" for name in verdicts)


def test_what_would_lose_a_gradient_or_assigns_elements_is_refused(
    answers: dict[str, dict[str, str]],
) -> None:
    refusals = those(answers, "refusal")
    by_numbers = {name for name, error in refusals.items() if error == "InteropError"}
    assigning = {name for name, error in refusals.items() if error == "InPlaceError"}
    assert set(refusals) == by_numbers | assigning, refusals
    # Where only the gradient is in the way, a constant gives the value.
    assert by_numbers == {name for name in refusals if "value" in answers[name]}
