"""The benchmark on the VN2 challenge decides from what is known, and keeps the challenge's books."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jointplan.inventory import StockState

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
FIRST = 133
FEW = 80


@pytest.fixture
def vn2(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("vn2")


def few(vn2: ModuleType, data: Path, actuals: Path | None = None) -> Any:
    """Return the challenge with its first series alone."""
    challenge = vn2.read(data, actuals)
    opening = StockState(challenge.opening.on_hand[:FEW], challenge.opening.due[:FEW])
    return replace(challenge, known=challenge.known.pick(slice(FEW)), opening=opening)


@pytest.mark.real
def test_the_future_changes_no_decision(vn2: ModuleType, data: Path) -> None:
    """With everything from a week on poisoned, forecasts and decisions before it stay as they were, for both policies."""
    challenge = few(vn2, data)
    known = challenge.known
    poisoned = known.units.copy()
    poisoned[:, FIRST:] = 1e5
    hidden = known.in_stock.copy()
    hidden[:, FIRST:] = False
    orders = []
    for history in (known, replace(known, units=poisoned, in_stock=hidden)):
        forecaster = vn2.Forecaster(history)
        orders.append(
            [policy(FIRST, challenge.opening) for policy in (vn2.planned(forecaster), vn2.reference(history))]
        )
    for before, after in zip(*orders, strict=True):
        assert before.tolist() == after.tolist()
        assert before.sum() > 0


@pytest.mark.real
def test_books_are_those_of_the_challenge(vn2: ModuleType, data: Path, tmp_path: Path) -> None:
    """Ordering nothing costs what plain bookkeeping of the opening state says; week 1 to 8 come from the file."""
    history = few(vn2, data)
    sales = pd.read_csv(data / "vn2" / "sales.csv")
    actual = sales.melt(["Store", "Product"], sales.columns[-8:], "week", "actual_demand")
    actual["week"] = actual["week"].map({name: n + 1 for n, name in enumerate(sales.columns[-8:])})
    actual.sample(frac=1, random_state=1).to_csv(tmp_path / "actuals.csv", index=False)
    challenge = few(vn2, data, tmp_path / "actuals.csv")
    weeks = history.known.weeks
    assert challenge.known.weeks == weeks + 8
    assert challenge.known.units[:, weeks:].tolist() == history.known.units[:, -8:].tolist()

    outcome = vn2.simulate(lambda week, state: np.zeros(FEW), challenge.known, weeks, challenge.opening)
    cost = 0.0
    for item in range(FEW):
        stock, due = challenge.opening.on_hand[item], list(challenge.opening.due[item]) + [0.0] * 8
        for week in range(8):
            stock += due[week]
            wanted = challenge.known.units[item, weeks + week]
            cost += 1.0 * max(wanted - stock, 0) + 0.2 * max(stock - wanted, 0)
            stock = max(stock - wanted, 0)
    assert outcome.cost == pytest.approx(cost)

    placed = vn2.simulate(lambda week, state: np.full(FEW, 5.0), challenge.known, weeks, challenge.opening, decisions=1)
    assert placed.holding > outcome.holding


@pytest.mark.real
def test_an_order_arrives_three_weeks_on(vn2: ModuleType, data: Path) -> None:
    """What is ordered at the end of week 0 is sold in week 3 and not before; six orders are decided."""
    challenge = few(vn2, data)
    asked: list[int] = []

    def once(week: int, state: StockState) -> np.ndarray:
        asked.append(week)
        assert state.due.shape == (FEW, 2)
        return np.full(FEW, 1000.0 if week == FIRST else 0.0)

    empty = StockState(np.zeros(FEW), np.zeros((FEW, 2)))
    outcome = vn2.simulate(once, challenge.known, FIRST, empty)
    assert asked == [FIRST + k for k in range(6)]
    wanted = challenge.known.units[:, FIRST : FIRST + 8] * challenge.known.in_stock[:, FIRST : FIRST + 8]
    assert outcome.shortage == pytest.approx(wanted[:, :2].sum())


@pytest.mark.real
@pytest.mark.parametrize("wrong", ["column", "week", "series"])
def test_incomplete_actuals_are_refused(vn2: ModuleType, data: Path, tmp_path: Path, wrong: str) -> None:
    """A file without a column, a week or a series is told, not filled in."""
    pairs = pd.read_csv(data / "vn2" / "sales.csv", usecols=["Store", "Product"])
    rows = pairs.merge(pd.DataFrame({"week": range(1, 9), "actual_demand": 1.0}), how="cross")
    match wrong:
        case "column":
            rows = rows.drop(columns="actual_demand")
        case "week":
            rows = rows[rows["week"] < 8]
        case "series":
            rows = rows.iloc[8:]
    rows.to_csv(tmp_path / "actuals.csv", index=False)
    with pytest.raises(SystemExit, match="lacks"):
        vn2.read(data, tmp_path / "actuals.csv")
