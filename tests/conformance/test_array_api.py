"""The public conformance suite of the Array API, passed where NumPy passes it.

It is the repository data-apis/array-api-tests, with data-apis/array-api cloned inside it as
``array-api`` and its requirements installed; ARRAY_API_TESTS says where. The same examples are
drawn for NumPy and for this package, and every test that only NumPy passes is a failure, unless
its reason stands below.
"""

from __future__ import annotations

import os
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree

import pytest

import tinygrad_edu as tg

CHECKOUT = Path(__file__).resolve().parents[2]
SUITE = os.environ.get("ARRAY_API_TESTS", "")
MANY = 1_000  # of the suite's tests NumPy passes about 1,320: far fewer mean that it did not run

# Special values of complex numbers: NumPy itself passes or fails some of them by what is drawn.
COMPLEX = ("real(x_i)", "imag(x_i)")
EXPECTED = {
    "*test_setitem*": "elements of a Tensor cannot be assigned: x.at[i].set(v) makes a new one",
    "*test_asarray_arrays": "it assigns elements to see who shares memory",
    "*fft*": "there are no Fourier transforms, since complex numbers have no gradients",
}


def passed(module: str, folder: Path) -> dict[str, bool]:
    """For each test of the suite that was not skipped, whether a module passes it."""
    report = folder / f"{module}.xml"
    environment = {
        **{name: x for name, x in os.environ.items() if not name.startswith(("ARRAY_", "PYTEST"))},
        "ARRAY_API_TESTS_MODULE": module,
        "ARRAY_API_TESTS_VERSION": tg.__array_api_version__,
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder),
        "PYTHONPATH": str(CHECKOUT),
    }
    command = [
        sys.executable, "-m", "pytest", "array_api_tests", "-q", "-p", "no:cacheprovider",
        "--max-examples=20", "--derandomize", "--disable-deadline", f"--junitxml={report}",
    ]  # fmt: skip
    answer = subprocess.run(
        command, cwd=SUITE, env=environment, capture_output=True, text=True, check=False
    )
    assert report.exists(), answer.stdout[-2000:] + answer.stderr[-2000:]
    return {
        f"{case.get('classname')}::{case.get('name')}": case.find("failure") is None
        and case.find("error") is None
        for case in ElementTree.parse(report).iter("testcase")
        if case.find("skipped") is None
    }


@pytest.mark.thorough
@pytest.mark.skipif(not SUITE, reason="ARRAY_API_TESTS names no checkout of the suite")
def test_every_conformance_test_that_numpy_passes_is_passed(tmp_path: Path) -> None:
    ours, numpys = passed("tinygrad_edu", tmp_path), passed("numpy", tmp_path)
    complexes = {name for name in numpys if any(part in name for part in COMPLEX)}
    wanted = [name for name, good in numpys.items() if good and name not in complexes]
    assert len(wanted) > MANY, f"NumPy passes only {len(wanted)} tests"
    lost = [name for name in wanted if not ours.get(name, False)]
    reasons = {name: [p for p in EXPECTED if fnmatchcase(name, p)] for name in lost}
    needed = {pattern for found in reasons.values() for pattern in found}
    print(f"NumPy passes {sum(numpys.values())}, tinygrad_edu {sum(ours.values())};")
    print(f"of NumPy's {len(wanted)} without special complex values, {len(lost)} are lost")
    unexpected = [name for name, found in reasons.items() if not found]
    assert not unexpected, "\n".join(unexpected)
    assert [pattern for pattern in EXPECTED if pattern not in needed] == []
