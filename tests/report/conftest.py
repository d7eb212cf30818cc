"""Finished runs to report on."""

from __future__ import annotations

from pathlib import Path

import pytest

from jointplan.report import write_report
from jointplan.store import StoredRun
from tests.report.clusters import Cluster, build

VARIANTS = {
    "gain": Cluster(),
    "loss": Cluster(verdict="loss"),
    "not_distinguishable": Cluster(verdict="not_distinguishable", recorded=False, synthetic=False),
    "one_owner": Cluster(verdict="one_owner", recorded=False, replay=True),
    "nothing_to_plan": Cluster(verdict="nothing_to_plan", recorded=False),
    "one_product": Cluster(makers=1, sellers=1, products=1, markets=1, series=1),
    "other_currency": Cluster(currency="BRL"),
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    """Build the ordinary run: a gain, with records, and names that need escaping."""
    return build(tmp_path_factory.mktemp("run"), VARIANTS["gain"])


@pytest.fixture(scope="session", params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    """Return a language."""
    return str(request.param)


@pytest.fixture(scope="session", params=sorted(VARIANTS))
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lang: str
) -> tuple[StoredRun, Path, str]:
    """Write the report of every kind of run in both languages; return run, folder and language."""
    folder = tmp_path_factory.mktemp(f"{request.param}-{lang}")
    stored = build(folder / "run", VARIANTS[request.param])
    write_report(stored, folder / "report", lang=lang)
    return stored, folder / "report", lang
