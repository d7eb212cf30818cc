"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of real data; a test that needs it is skipped without it, or fails if it is required."""
    folder = Path(os.environ.get("JOINTPLAN_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"the real data are not at {folder}; name their folder in JOINTPLAN_DATA"
        if os.environ.get("JOINTPLAN_DATA_REQUIRED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
