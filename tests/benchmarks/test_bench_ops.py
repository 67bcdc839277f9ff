"""Every public operation has a row in the benchmark, and the rows run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from benchmarks.ops_calls import CALLS, WITHOUT, call_of, every, itself, public
from benchmarks.ops_cases import CASES
from benchmarks.ops_torch import ALONE, COUNTERPARTS

pytestmark = pytest.mark.once

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_ops.py"


def test_every_public_operation_can_be_timed_or_says_why_not() -> None:
    def has_operands(name: str) -> bool:
        op = itself(name)
        return name in CASES or (op is not None and bool(op.domain))

    lost = [name for name in public() if not has_operands(name)]
    assert lost == [], "give it an entry in CASES of benchmarks/ops_cases.py, or in WITHOUT"
    assert all(WITHOUT.values())


def test_the_tables_name_public_operations_only() -> None:
    assert {*CASES, *CALLS, *WITHOUT, *COUNTERPARTS, *ALONE} - set(every()) == set()
    assert {*CASES, *COUNTERPARTS} & {*WITHOUT} == set(), "what has no row needs no operands"


@pytest.mark.parametrize("name", CASES)
def test_operands_fit_the_operation_and_are_finite(name: str) -> None:
    inputs, settings = CASES[name](np.random.default_rng(0), 4)
    call = call_of(tg, name)
    assert call is not None
    value = call(*[tg.asarray(x) for x in inputs], **settings)
    assert value.size > 0
    assert np.isfinite(value.data).all()


def test_the_script_prints_a_table_and_refuses_unknown_names() -> None:
    call = [sys.executable, str(SCRIPT), "--quick", "--rounds", "2", "--worst", "0", "--only"]
    found = subprocess.run([*call, "exp", "topk"], capture_output=True, text=True, check=True)
    lines = [line.split()[0] for line in found.stdout.splitlines() if line]
    assert [line for line in lines if line in ("exp", "topk")] == ["exp", "exp", "topk"]
    unknown = subprocess.run([*call, "nothing"], capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert "no operation nothing" in unknown.stderr
