"""Freed memory is kept for the next arrays, where the C library can be told."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

# Page faults of a round that makes and frees what the round before it did.
ROUNDS = """
import resource
import numpy as np
{first}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    start = faults()
    held = [np.ones(1 << 18) for _ in range(20)]
    held.clear()
    found = faults() - start
print(found)
"""


def faults(first: str) -> int:
    code = ROUNDS.format(first=first)
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    return int(answer.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU C library")
def test_arrays_that_are_made_again_get_their_memory_back_without_page_faults() -> None:
    pages = 20 * (8 << 18) // 4096
    assert faults("") > pages / 2  # else this is no test
    assert faults("import tinygrad_edu") < pages / 100
