"""How well the recipes learn: the median over three seeds, on samples never seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.cli import main

pytestmark = pytest.mark.thorough

GATES = [
    (["--data", "digits"], {"test_accuracy": 0.97}),
    (["--data", "digits", "--model", "cnn"], {"test_accuracy": 0.97}),
    (["--data", "mnist10k"], {"test_accuracy": 0.955}),
    (["--data", "mnist10k", "--model", "cnn"], {"test_accuracy": 0.975}),
    (["--data", "breast_cancer"], {"test_auc": 0.99, "test_ks": 0.90}),
    (["--data", "wine"], {"test_accuracy": 0.97}),
]


@pytest.mark.parametrize("given, least", GATES, ids=[" ".join(gate[0][1:]) for gate in GATES])
def test_a_recipe_reaches_its_accuracy(
    given: list[str], least: dict[str, float], tmp_path: Path
) -> None:
    found: dict[str, list[float]] = {name: [] for name in least}
    for seed in range(3):
        run = tmp_path / str(seed)
        assert main([*given, "--seed", str(seed), "--out", str(run)]) == 0
        metrics = json.loads((run / "config.json").read_text(encoding="utf-8"))["metrics"]
        for name, values in found.items():
            values.append(metrics[name])
    medians = {name: float(np.median(values)) for name, values in found.items()}
    assert all(medians[name] >= least[name] for name in least), found
