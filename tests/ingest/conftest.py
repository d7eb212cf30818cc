"""A small sound cluster, to be spoiled by the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from jointplan.engine import DuckDBEngine
from jointplan.errors import DataIssue
from jointplan.ingest import Checked, check_workspace
from jointplan.store import Workspace
from jointplan.texts import set_language

SOUND = {
    "firms": "firm,role\nF1,maker\nF2,seller\n",
    "products": "sku,maker,unit_value,weight,volume\nP1,F1,10,1,0.01\nP2,F1,20,2,0.02\n",
    "markets": "market,country,currency\nDE,DE,EUR\nUS,US,EUR\n",
    "sales": (
        "document,date,sku,market,seller,quantity,unit_price\n"
        "A1,2024-03-04,P1,DE,F2,3,10\n"
        "A2,2024-03-05,P1,US,F2,1,10.5\n"
        "A2,2024-03-05,P2,US,F2,2,20\n"
    ),
}


@dataclass(frozen=True)
class Cluster:
    """A workspace that can be written to and checked."""

    workspace: Workspace
    engine: DuckDBEngine

    def write(self, name: str, content: str | bytes, folder: str = "tables") -> Path:
        """Write a file; a name without ending is a CSV file."""
        path = self.workspace.root / folder / (name if "." in name else f"{name}.csv")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def check(self, **options: Any) -> Checked:
        """Check the workspace; that other sales leave a market of ``SOUND`` empty is passed over."""
        return self._checked(options, passed_over="market_without_sales")

    def _checked(self, options: dict[str, Any], passed_over: str = "") -> Checked:
        checked = check_workspace(self.workspace, self.engine, **{"currency": "EUR", **options})
        return replace(checked, issues=tuple(issue for issue in checked.issues if issue.rule != passed_over))

    def issues(self, rule: str, **options: Any) -> list[DataIssue]:
        """Check the workspace and return what breaks one rule."""
        return [issue for issue in self._checked(options).issues if issue.rule == rule]


@pytest.fixture(scope="session")
def engine() -> Iterator[DuckDBEngine]:
    with DuckDBEngine(threads=1) as engine:
        yield engine


@pytest.fixture
def cluster(tmp_path: Path, engine: DuckDBEngine) -> Cluster:
    """Return a workspace with the four needed tables, without a problem."""
    made = Cluster(Workspace(tmp_path), engine)
    for name, content in SOUND.items():
        made.write(name, content)
    return made


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    set_language("en")
