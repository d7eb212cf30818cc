"""What every test may ask for."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from jointplan.texts import set_language
from tests.quick import Quick
from tests.tiny import write_tiny

# An example that takes long on a busy machine is no failure.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent

# All that is imported while tests are collected stays: looking there for what can be thrown away took a sixth of that time.
gc.disable()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Throw away again what the tests leave behind."""
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the pages of the documents: begun last, the longest tests would end alone, on one core."""
    items.sort(key=lambda item: item.path.name != "test_docs.py")


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


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A valid workspace: three factories, one process, six weeks of sales."""
    return write_tiny(tmp_path / "tiny")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Each test begins in English, whatever language the one before it left in force."""
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Quick:
    """Stand-ins for diagnosing, forecasting and planning, for tests of what surrounds them."""
    stand_ins = Quick()
    monkeypatch.setattr("jointplan.study.stages.diagnose_cluster", stand_ins.diagnose_cluster)
    monkeypatch.setattr("jointplan.study.stages.make_plans", stand_ins.make_plans)
    monkeypatch.setattr("jointplan.study.stages.forecast_demand", stand_ins.forecast_demand)
    return stand_ins
