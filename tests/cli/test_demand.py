"""What ``jointplan forecast`` answers: what is expected with its band, and how good such forecasts were."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jointplan.demand.forecast import RESULTS
from jointplan.schema import TABLES
from jointplan.schema.results.forecasts import QUANTILES
from tests.cli.test_commands import answer, jointplan
from tests.tiny import FIRST_MONDAY, tiny_tables, write_tiny

WEEKS = (date(2025, 4, 14), date(2025, 4, 21))
PART = {
    "basis": "shared", "by": "all", "name": None, "series": 83, "weeks": 900, "pinball": 0.286, "rmsse": 0.787, "wrmsse": 0.82,
    "vn1": 0.53, "bias": -0.024, "coverage80": 0.79, "coverage80_raw": 0.83, "against_last": 0.47, "against_naive": 0.61,
    "against_best": 0.94, "best": "SESOptimized",
}  # fmt: skip
GAIN = {"series": 83, "own": 0.33, "shared": 0.32, "gain": 0.031, "gain_low": -0.012, "gain_high": 0.068}
WORST = {
    "sku": "KETTLE-1", "market": "DE", "seller": "ALPHA", "class": "lumpy", "weeks": 13, "pinball": 1.4, "bias": 0.5,
    "against_naive": None,
}  # fmt: skip


def total(by: str, name: str | None, units: float) -> list[dict[str, Any]]:
    """Return a total of so many units a week, twice as many in the second, with a band from half to double."""
    ends = {"q10": 0.5, "q90": 2.0}
    return [
        {"by": by, "name": name, "week": week, "mean": n * units, **{q: n * units * ends.get(q, 1.0) for q in QUANTILES}}
        for n, week in enumerate(WEEKS, start=1)
    ]  # fmt: skip


ROWS: dict[str, list[dict[str, Any]]] = {
    "forecast_totals": [
        *total("product", "KETTLE-1", 40.0),
        *total("family", "fans", 10.0),
        *total("family", "kettles", 40.0),
        *total("market", "DE", 50.0),
        *total("cluster", None, 50.0),
    ],
    "accuracy_parts": [PART | {"basis": "own:ALPHA", "pinball": 9.0}, PART],
    "accuracy_series": [WORST],
    "accuracy_sharing": [GAIN | {"owner": None}, GAIN | {"owner": "ALPHA", "gain": 0.5}],
}


@pytest.fixture
def forecasts(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that forecasting gives instead of those it would work out."""
    rows = dict(ROWS)

    def forecast_demand(tables: Any, settings: Any, **rest: Any) -> dict[str, pa.Table]:
        return {name: pa.Table.from_pylist(rows.get(name, []), schema=TABLES[name].arrow) for name in RESULTS}

    monkeypatch.setattr("jointplan.study.stages.forecast_demand", forecast_demand)
    return rows


def lines_of(folder: Path, lang: str = "en") -> list[str]:
    """Return the lines printed, runs of spaces as one."""
    result = jointplan("forecast", folder, lang=lang)
    assert result.exit_code == 0
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def test_what_is_expected_stands_with_its_band_the_largest_family_first(
    tiny: Path, forecasts: dict[str, list[dict[str, Any]]]
) -> None:
    """The whole comes first, then families: units of all weeks, a week's mean, and the mean band of a week."""
    lines = lines_of(tiny)
    assert [line for line in lines if "–" in line] == [
        "150 75.0 37.5 – 150.0 All",
        "120 60.0 30.0 – 120.0 kettles",
        "30 15.0 7.5 – 30.0 fans",
    ]


@pytest.mark.parametrize(
    ("lang", "said", "warned"),
    [
        ("en", "made 25%–50% of the units sold in the 2 weeks", "sell more than"),
        ("zh", "占 25%–50%。其余", "很可能高于预测"),
    ],
)
def test_what_known_series_made_of_later_sales_stands_beside_the_totals(
    tiny: Path,
    forecasts: dict[str, list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    said: str,
    warned: str,
) -> None:
    """Totals are called those of what has sold already; the share of such series in later sales follows, with a warning where it is small."""

    def told(*shares: float) -> str:
        rows = [
            {"origin": WEEKS[0], "weeks": 2, "sold": 100.0, "known": 100 * share, "share": share} for share in shares
        ]
        table = pa.Table.from_pylist(rows, TABLES["known_sales"].arrow)
        monkeypatch.setattr("jointplan.study.stages.known_sales", lambda *_: table)
        return "\n".join(lines_of(tiny, lang))

    few = told(0.5, 0.25)
    assert said in few
    assert warned in few
    assert warned not in told(0.97, 0.95)
    assert ("of what has sold already" in few) == (lang == "en")


def test_without_families_products_are_listed_and_the_rest_counted(
    tiny: Path, forecasts: dict[str, list[dict[str, Any]]]
) -> None:
    """Where no product has a family the ten that sell most stand there."""
    forecasts["forecast_totals"] = [
        *total("cluster", None, 91.0),
        *[row for n in range(1, 14) for row in total("product", f"P{n:02}", n)],
    ]
    lines = lines_of(tiny)
    assert [line.split()[-1] for line in lines if "–" in line] == ["All", *(f"P{n:02}" for n in range(13, 3, -1))]
    assert "… and 3 more." in lines


@pytest.mark.parametrize(
    ("lang", "naive", "best", "gain"),
    [
        ("en", "seasonal naive model's: 61%", "(SESOptimized): 94%", "+3.1% of the loss (95 % interval -1.2% … +6.8%"),
        ("zh", "季节朴素法之比：61%", "（SESOptimized）之比：94%", "减少 +3.1%（95% 区间 -1.2% … +6.8%"),
    ],
)
def test_accuracy_stands_against_other_models_and_own_rows(
    tiny: Path, forecasts: dict[str, list[dict[str, Any]]], lang: str, naive: str, best: str, gain: str
) -> None:
    """Everybody's forecasts of all series are held against seasonal naive, the best single model and owners' own rows."""
    said = "\n".join(lines_of(tiny, lang))
    assert "47%" in said
    assert "57%" not in said
    assert naive in said
    assert best in said
    assert gain in said
    assert "79%" in said
    assert "+50" not in said


@pytest.mark.parametrize(("low", "told"), [(-0.012, False), (0.004, True)])
def test_a_gain_within_chance_is_called_so(
    tiny: Path, forecasts: dict[str, list[dict[str, Any]]], low: float, told: bool
) -> None:
    """Where the interval of the gain holds zero the answer says that no difference can be told, else not."""
    forecasts["accuracy_sharing"] = [GAIN | {"owner": None, "gain_low": low}]
    assert ("no difference can be told" not in "\n".join(lines_of(tiny))) == told


def test_sales_that_never_changed_are_no_short_records(tiny: Path, forecasts: dict[str, list[dict[str, Any]]]) -> None:
    """Where nothing was tried the reason told is the true one: sales never changed, or records are too short."""
    said = []
    nothing = PART | {"weeks": 0} | {name: None for name, value in PART.items() if isinstance(value, float)}
    for parts in ([nothing | {"series": 5, "best": None}], []):
        forecasts["accuracy_parts"] = parts
        said.append("\n".join(lines_of(tiny)))
    assert "of the 5 series known for long enough never changed" in said[0]
    assert "too short" not in said[0]
    assert "too short" in said[1]


def test_nothing_scored_nothing_claimed(tiny: Path, forecasts: dict[str, list[dict[str, Any]]]) -> None:
    """Without weeks to try forecasts on, or with an unknown ratio, no figure is made up."""
    forecasts["accuracy_parts"] = [
        PART | {"against_last": None, "against_naive": None, "against_best": None, "best": None, "bias": None}
    ]
    forecasts["accuracy_sharing"] = []
    said = "\n".join(lines_of(tiny))
    assert "57%" not in said
    assert "last week" not in said
    assert "None" not in said
    assert "naive" not in said
    forecasts.clear()
    assert len(lines_of(tiny)) == 1


def test_machines_get_the_tables_on_accuracy(tiny: Path, forecasts: dict[str, list[dict[str, Any]]]) -> None:
    """The object holds the sums with their bands and every row of the tables on accuracy."""
    found = answer(jointplan("forecast", tiny, "--json"))
    for name in ("accuracy_parts", "accuracy_series", "accuracy_sharing"):
        assert found[name] == ROWS[name]
    assert found["expected"][0] == {
        "by": "cluster", "name": None, "units": 150.0, "week_mean": 75.0, "week_low": 37.5, "week_high": 150.0,
    }  # fmt: skip
    assert len(found["expected"]) == 5


@pytest.mark.parametrize(
    ("lang", "silent", "over"),
    [
        ("en", "20 weeks of silence, 0 at most before; ", "Series that have ended, forecast as zero: 1."),
        ("zh", "已 20 周没有销售，以往最长间隔 0 周", "已停售、预测为零的序列：1 个"),
    ],
)
def test_what_sells_no_longer_is_named_with_its_last_sale(
    tmp_path: Path, forecasts: dict[str, list[dict[str, Any]]], lang: str, silent: str, over: str
) -> None:
    """A steady seller that fell silent is named though it is forecast, and so is what has ended."""
    model = tiny_tables()["sales"][0]

    def longer(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        # GONE sold in each of ten weeks and never in the last twenty, OVER once, the others to the end.
        back = [FIRST_MONDAY - timedelta(weeks=n) for n in range(1, 25)]
        gone = [{**model, "sku": "KETTLE-2", "seller": "BETA", "date": day} for day in back[14:]]
        over = [{**model, "sku": "TOASTER", "seller": "GAMMA", "date": back[-1]}]
        kept = [row for row in rows if row["sku"] == "KETTLE-1"]
        made = [*kept, *gone, *over, *({**model, "date": day} for day in back)]
        return [{**row, "document": f"D{n}"} for n, row in enumerate(made)]

    folder = write_tiny(tmp_path, sales=longer)
    start = FIRST_MONDAY + timedelta(weeks=6)
    fan = dict.fromkeys(("mean", *QUANTILES), 0.0)
    row = {"basis": "shared", "origin": start, "week": start, "market": model["market"], **fan}
    forecasts["forecasts"] = [
        row | {"sku": "TOASTER", "seller": "GAMMA", "model": "Ended"},
        row | {"sku": "KETTLE-2", "seller": "BETA", "model": "Theta", "mean": 41.0},
    ]
    said = "\n".join(lines_of(folder, lang))
    assert silent in said
    assert "41" in said
    assert over in said
    assert str(FIRST_MONDAY - timedelta(weeks=15)) in said
    assert str(FIRST_MONDAY - timedelta(weeks=24)) in said
    found = answer(jointplan("forecast", folder, "--json"))["silences"]
    assert [(one["sku"], one["ended"], one["last_sale"]) for one in found] == [
        ("KETTLE-2", False, str(FIRST_MONDAY - timedelta(weeks=15))),
        ("TOASTER", True, str(FIRST_MONDAY - timedelta(weeks=24))),
    ]
