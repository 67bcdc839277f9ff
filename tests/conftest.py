"""Settings for every test: the Hypothesis profile, and NumPy's global state put back afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

# No profile has a deadline: on a busy machine it fails tests that are right. Where nobody can copy
# a failing example out of a local database, the run is repeatable instead.
settings.register_profile("dev", deadline=None, max_examples=60)
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, print_blob=True, max_examples=60
)
settings.register_profile("core", settings.get_profile("ci"), max_examples=25)
settings.register_profile("thorough", max_examples=2000, deadline=None, database=None)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


@pytest.fixture(autouse=True)
def numpy_state_is_put_back() -> Iterator[None]:
    """Undo `np.seterr` and `np.set_printoptions`, so that no test depends on the one before."""
    errors = np.geterr()
    with np.printoptions():
        yield
    np.seterr(**errors)
