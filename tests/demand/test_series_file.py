"""The benchmark that forecasts a file of series says what is wrong with the file, and where; whatever else is in it gets sensible numbers."""

from __future__ import annotations

import importlib
import json
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MONDAY = date(2024, 1, 1)


@pytest.fixture
def series(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("series")


def long(rows: list[tuple[str, object, object]]) -> str:
    return "id,date,quantity\n" + "".join(f"{name},{day},{value}\n" for name, day, value in rows)


def weeks(name: str, values: list[object], begin: date = MONDAY) -> list[tuple[str, object, object]]:
    return [(name, begin + timedelta(weeks=week), value) for week, value in enumerate(values)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (long(weeks("a", [5, 6, "many"])), ("row 4, column quantity", "many is no number", "Write digits only")),
        (long([*weeks("a", [5, 6]), ("", MONDAY, 3)]), ("row 4", "no name", "Fill it in")),
        (long([*weeks("a", [5, 6]), ("a", "soon", 3)]), ("row 4, column date", "neither a number nor a date", "2024-")),
        (
            long([*weeks("a", [5, 6]), ("a", date.today() + timedelta(days=400), 3)]),
            ("row 4, column date", "lies after today", "Correct the year"),
        ),
        ("name,2024-01-01,2204-01-08\nx,3,4\n", ("row 1, column 2204-01-08", "lies after today", "Correct the year")),
        (long([]), ("the file", "no rows", "Give")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_cure(
    series: ModuleType, tmp_path: Path, content: str, told: tuple[str, ...]
) -> None:
    """The run ends with one line: file, row, column, problem, cure; nothing is written."""
    file, out = tmp_path / "bad.csv", tmp_path / "out.csv"
    file.write_text(content)
    with pytest.raises(SystemExit) as stopped:
        series.main([str(file), "--horizon", "2", "--season", "4", "--out", str(out)])
    assert all(part in str(stopped.value) for part in ("bad.csv", *told)), stopped.value
    assert not out.exists()


def test_odd_series_are_forecast_and_told(
    series: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One point, zeros, nothing known, a spike, gaps, a launch and a week given twice: finite numbers, and a warning where rows were added up."""
    steady = [4.0, 6.0, 5.0] * 8
    rows = [
        *weeks("steady", steady),
        *weeks("one point", [5.0]),
        *weeks("zeros", [0.0] * 24),
        *weeks("missing", [""] * 24),
        *weeks("spike", [*steady[:-1], 1e9]),
        *[row for row in weeks("gaps", steady) if row[1] < MONDAY + timedelta(weeks=9) or row[1] > MONDAY + timedelta(weeks=15)],
        *weeks("launch", [9.0], MONDAY + timedelta(weeks=23)),
        ("steady", MONDAY + timedelta(weeks=23), 1.0),
    ]  # fmt: skip
    file, out = tmp_path / "odd.csv", tmp_path / "out.csv"
    file.write_text(long(rows))
    series.main([str(file), "--horizon", "3", "--season", "12", "--out", str(out), "--json"])
    printed = capsys.readouterr()
    warnings = json.loads(printed.out)["summary"]["warnings"]
    assert any("row 117, column quantity" in line and "steady has this time twice" in line for line in warnings)
    assert any("missing" in line and "hold no value" in line for line in warnings)
    assert all(line in printed.err for line in warnings)
    made = pd.read_csv(out).set_index("id")
    numbers = made.drop(columns="step").to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    assert made.loc["gaps", "mean"].between(2, 8).all()
    assert made.loc["spike", "mean"].max() < 60
    assert (made.loc[["zeros", "missing"], "mean"] == 0).all()


def test_a_week_that_no_series_has_is_a_gap(series: ModuleType) -> None:
    """Weeks and months missing everywhere are put in as unknown; working days stay as they are."""
    days = pd.date_range("2024-01-01", periods=30, freq="7D")
    assert len(series.every_period(days.delete([7, 8]).to_numpy())) == 30
    for freq in ("MS", "ME"):
        months = pd.date_range("2020-01-31", periods=30, freq=freq)
        filled = series.every_period(months.delete(11).to_numpy())
        assert len(filled) == 30
        assert set(months.delete(11)) <= set(pd.DatetimeIndex(filled))
    working = pd.bdate_range("2024-01-01", periods=40).to_numpy()
    assert len(series.every_period(working)) == 40


def test_nothing_after_the_end_of_training_is_read(series: ModuleType, tmp_path: Path) -> None:
    """With an end, what comes after it changes nothing, not even if it lies after today."""
    made = []
    for later in (1.0, 1e6):
        file, out = tmp_path / f"{later}.csv", tmp_path / f"{later}-out.csv"
        file.write_text(long([*weeks("a", [5.0, 7.0] * 10), *weeks("a", [later] * 6, date.today())]))
        arguments = [str(file), "--horizon", "2", "--season", "4", "--train-end", "2024-06-30", "--out", str(out)]
        series.main(arguments)
        made.append(out.read_text())
    assert made[0] == made[1]
