"""Forecasts as they are given: complete, ordered, honest, and blind to what they must not see."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import poisson

from jointplan.demand import ForecastSettings, fitting, forecast_demand, judge, scoring
from jointplan.demand import forecast as forecast_module
from jointplan.demand.forecast import RESULTS
from jointplan.demand.trials import CHANCES
from jointplan.engine import Tables, run_tasks
from jointplan.errors import UsageError
from jointplan.schema import QUANTILES, TABLES
from tests.demand.clusters import START, tables_of

SETTINGS = ForecastSettings()
QUICK = ForecastSettings(origins=2)
"""Two past Mondays where what is tested has nothing to do with how many."""
KEY = ["sku", "market", "seller"]


def forecast(tables: Tables, *, weeks: int = 6, settings: ForecastSettings = SETTINGS, start: date = START):
    return forecast_demand(tables, settings, start=start, weeks=weeks, seed=1)


def rows_of(result: dict[str, pa.Table], basis: str) -> list[dict[str, object]]:
    return [row for row in result["forecasts"].to_pylist() if row["basis"] == basis]


def check_table(result: dict[str, pa.Table], series: int, bases: int, weeks: int) -> None:
    """Check what the schema promises of every forecast."""
    forecasts, accuracy = result["forecasts"], result["accuracy"]
    assert forecasts.schema == TABLES["forecasts"].arrow
    assert accuracy.schema == TABLES["accuracy"].arrow
    frame = forecasts.to_pandas()
    assert len(frame) == series * weeks * bases
    assert not frame.duplicated(list(TABLES["forecasts"].key)).any()
    assert not accuracy.to_pandas().duplicated(list(TABLES["accuracy"].key)).any()
    assert not frame.isna().any().any()
    numbers = frame[["mean", *QUANTILES]].to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers >= 0).all()
    assert (np.diff(frame[list(QUANTILES)].to_numpy(), axis=1) >= 0).all()
    assert (frame["model"] != "").all()


def test_every_series_has_every_week_on_both_bases(make_tables, make_cluster):
    """One row per series and week, once from the owner's rows and once from everybody's."""
    cluster = make_cluster(3, products=15, weeks=70)
    result = forecast(make_tables(cluster, owners={"S0": "Li", "S1": "Li", "S2": "Wu"}), weeks=5)
    sold = sum(any(units) for *_, units in cluster)
    check_table(result, sold, 2, 5)
    assert set(result["forecasts"]["basis"].to_pylist()) == {"own:Li", "own:Wu", "shared"}
    assert set(result["forecasts"]["origin"].to_pylist()) == {START}
    assert sorted(set(result["forecasts"]["week"].to_pylist())) == [START + timedelta(weeks=week) for week in range(5)]
    chosen = result["accuracy"].to_pandas().query("basis == 'shared' and level != 'family' and model != 'chosen'")
    ended = {tuple(row[name] for name in KEY) for row in rows_of(result, "shared") if row["model"] == "Ended"}
    assert chosen["chosen"].sum() == sold - len(ended)


amounts = st.one_of(st.just(0.0), st.integers(1, 30).map(float), st.sampled_from([0.5, 1e9]))


@settings(max_examples=15, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.sampled_from("mn"), st.sampled_from("st")),
        st.lists(amounts, min_size=1, max_size=70),
        min_size=1,
        max_size=5,
    ),
    st.integers(1, 9),
)
def test_whatever_was_sold_the_table_keeps_its_promises(histories, weeks):
    """Short, empty, sparse or spiky: rows are complete, keys unique, quantiles ordered and not negative."""
    series = [(*key, units) for key, units in histories.items()]
    result = forecast(tables_of(series), weeks=weeks)
    check_table(result, sum(any(units) for *_, units in series), 2, weeks)


@pytest.mark.parametrize(
    ("name", "series"),
    [
        ("a series of one point", [("a", "m", "s", [5])]),
        ("a product launched last week", [("a", "m", "s", [7] * 60), ("b", "m", "s", [3])]),
        ("gaps", [("a", "m", "s", ([5] + [0] * 9) * 8)]),
        ("constant demand", [("a", "m", "s", [5] * 60)]),
        ("a spike of a billion", [("a", "m", "s", [5, 6, 4, 7] * 15 + [1e9] + [5] * 5)]),
    ],
)
def test_awkward_series_are_forecast(name, series):
    """One point, a launch, gaps, constancy and a spike all give sensible numbers."""
    result = forecast(tables_of(series))
    check_table(result, len(series), 2, 6)
    usual = max(np.median([value for value in units if value]) for *_, units in series)
    assert 0 < max(row["mean"] for row in rows_of(result, "shared")) <= 3 * usual, name


@pytest.mark.parametrize(
    "unusual",
    [
        ForecastSettings(models=("WindowAverage",), window=30),
        ForecastSettings(models=("SeasonalNaive", "ADIDA"), season=2, ended_weeks=1),
        ForecastSettings(origins=0),
        ForecastSettings(origin_step=1, caution=0, min_nonzero_weeks=1),
    ],
)
def test_unusual_settings_still_give_forecasts(unusual, make_tables, make_cluster):
    """One model only, a tiny season, no trials or trials every week: the table is whole all the same."""
    cluster = [*make_cluster(9, products=5, weeks=40, markets=1), ("new", "M0", "S0", [3])]
    result = forecast(make_tables(cluster), settings=unusual)
    check_table(result, sum(any(units) for *_, units in cluster), 2, 6)


def test_a_product_no_longer_sold_is_forecast_at_zero():
    """After a year without a sale nothing more is expected."""
    result = forecast(tables_of([("a", "m", "s", [9] * 40 + [0] * 52), ("b", "m", "s", [4] * 92)]))
    ended = [row for row in rows_of(result, "shared") if row["sku"] == "a"]
    assert {row["model"] for row in ended} == {"Ended"}
    assert all(row["mean"] == row["q975"] == 0 for row in ended)


def test_weeks_of_zero_everywhere_are_forecast_at_zero():
    """Rows that say 0 make a series that is expected to sell 0."""
    tables = tables_of([("a", "m", "s", [5] * 10)])
    weekly = tables["weekly"]
    zeros = pa.array(np.zeros(weekly.num_rows))
    silent = Tables(
        {**tables, "weekly": weekly.set_column(weekly.schema.get_field_index("quantity"), "quantity", zeros)}
    )
    result = forecast(silent)
    check_table(result, 1, 2, 6)
    assert {row["q975"] for row in rows_of(result, "shared")} == {0.0}


def test_no_history_gives_empty_tables():
    """Without a sale before the start both tables are there, without rows."""
    result = forecast(tables_of([("a", "m", "s", [1, 2, 3])]), start=START - timedelta(weeks=9))
    assert {name: (table.num_rows, table.schema) for name, table in result.items()} == {
        name: (0, TABLES[name].arrow) for name in RESULTS
    }


def test_a_start_that_is_no_monday_is_refused():
    """Weeks start on Monday, and there must be one to forecast."""
    tables = tables_of([("a", "m", "s", [1, 2, 3])])
    with pytest.raises(UsageError, match="Monday"):
        forecast(tables, start=START + timedelta(days=1))
    with pytest.raises(UsageError, match="at least one week"):
        forecast(tables, weeks=0)


def test_settings_refuse_what_they_do_not_know():
    """A misspelt setting or model is an error, not ignored; every setting says what it is for."""
    with pytest.raises(ValidationError):
        ForecastSettings(modles=("SES",))
    with pytest.raises(ValidationError):
        ForecastSettings(models=("Prophet",))
    with pytest.raises(ValidationError, match="another model beside it"):
        ForecastSettings(models=("SeasonalNaive",))
    with pytest.raises(ValidationError, match="named once"):
        ForecastSettings(models=("SES", "SES"))
    assert all(field.description for field in ForecastSettings.model_fields.values())


def test_what_others_sell_changes_no_own_forecast(make_tables, make_cluster):
    """Poisoning, or removing, every other owner's rows leaves an owner's own forecast as it was, to the last digit."""
    cluster = make_cluster(5, products=12, weeks=80)
    others = [row for row in cluster if row[2] != "S0"]
    mine = [row for row in cluster if row[2] == "S0"]
    poisoned = mine + [
        (sku, market, seller, [1e6 - 7 * value for value in units]) for sku, market, seller, units in others
    ]
    stranger = [("X999", "M9", "S7", [3.0] * 130)]
    known, foul, *rest = (
        forecast(make_tables(series), settings=QUICK) for series in (cluster, poisoned, mine, cluster + stranger)
    )
    expected = rows_of(known, "own:S0")
    assert expected
    for found in (foul, *rest):
        assert rows_of(found, "own:S0") == expected
    assert rows_of(foul, "shared") != rows_of(known, "shared")


def test_nothing_from_the_start_on_is_read(make_tables, make_cluster):
    """Poisoning sales, prices, returns and stockouts of the weeks to be forecast leaves every result as it was, those of the trees included."""
    cluster, ahead = make_cluster(6, products=45, weeks=60), 9
    settings = ForecastSettings(models=("HistoricAverage",), trees="always", examples=6_000, rounds=40, origins=1)
    rng = np.random.default_rng(4)
    cuts = {row[:3]: rng.choice([0.8, 1.0], 60 + ahead) for row in cluster}
    place = dict(zip(KEY, cluster[0][:3], strict=True))

    def world(later: float) -> Tables:
        series = [(*row[:3], [*row[3], *[later] * ahead]) for row in cluster] + [("new", "M0", "S0", [later] * ahead)]
        tables = make_tables(series, end=START + timedelta(weeks=ahead))
        weekly = tables["weekly"].to_pandas()
        week = ((pd.to_datetime(weekly["week"]) - pd.Timestamp(START)).dt.days // 7 + 60).to_numpy()
        name = weekly[KEY].itertuples(index=False, name=None)
        cut = np.array([1.0 if key[0] == "new" else cuts[key][at] for key, at in zip(name, week, strict=True)])
        weekly["revenue"] *= np.where(week < 60, cut, later)
        gone = [START + timedelta(weeks=place) for place in (-30, -20, *((1, 2) if later > 1 else ()))]
        back = [(-8, -6, 1.0), (-4, 0, later), (-3, 2, later)]
        added = {
            "weekly": weekly,
            "availability": pd.DataFrame({"week": gone, **place, "share": 0.0}),
            "weekly_returns": pd.DataFrame(
                {
                    "week": [START + timedelta(weeks=sold) for sold, _, _ in back],
                    "known": [START + timedelta(weeks=known) for _, known, _ in back],
                    **place,
                    "quantity": [units for *_, units in back],
                }
            ),
        }
        return tables.adding({table: pa.Table.from_pandas(rows, preserve_index=False) for table, rows in added.items()})

    known, poisoned = (forecast(world(later), settings=settings) for later in (1.0, 1e6))
    assert known["accuracy"].num_rows
    assert any("LightGBM" in str(model) for model in known["forecasts"]["model"].unique().to_pylist())
    for name, table in known.items():
        assert poisoned[name].equals(table), name


@pytest.fixture(scope="module")
def small(make_tables, make_cluster) -> Tables:
    """Six products over 60 weeks."""
    return make_tables(make_cluster(7, products=6, weeks=60))


@pytest.fixture(scope="module")
def once(small) -> dict[str, pa.Table]:
    """Forecasts of these, made in this process."""
    return forecast(small, settings=QUICK)


def test_the_same_seed_gives_the_same_numbers_on_one_process_and_on_two(small, once):
    """Nothing depends on chance or on how the work is spread."""
    again = forecast(small, settings=QUICK.model_copy(update={"workers": 2}))
    assert once["forecasts"].equals(again["forecasts"])
    assert once["accuracy"].equals(again["accuracy"])


def test_a_large_basis_is_spread_over_processes_by_its_chunks(small, once, monkeypatch):
    """Everybody's rows are no single task: chunks of series go to the processes, and the numbers are those of one process."""
    asked = []

    def watched(task, chunks, *, workers=None):
        chunks = list(chunks)
        asked.append((task.__name__, len(chunks), workers))
        return run_tasks(task, chunks, workers=1)

    for module in (forecast_module, fitting):
        monkeypatch.setattr(module, "run_tasks", watched)
    for module in (forecast_module, judge):
        monkeypatch.setattr(module, "BIG", 6 * 60)
    again = forecast(small, settings=QUICK.model_copy(update={"workers": 2}))
    assert again["forecasts"].equals(once["forecasts"])
    assert again["accuracy"].equals(once["accuracy"])
    assert any(name == "fit" and chunks > 2 and workers == 2 for name, chunks, workers in asked)


def test_with_one_owner_sharing_adds_nothing(make_tables, make_cluster):
    """Where there is but one owner the shared forecast is its own."""
    tables = make_tables(make_cluster(8, products=5, weeks=60), owners=dict.fromkeys(("S0", "S1", "S2"), "Li"))
    result = forecast(tables)
    own = [row | {"basis": "shared"} for row in rows_of(result, "own:Li")]
    assert own == rows_of(result, "shared")


def test_sharing_tells_a_seller_of_the_season_it_cannot_see_alone(make_tables):
    """A seller with a year of thin sales of a strongly seasonal family forecasts better from everybody's rows."""
    rng = np.random.default_rng(2)
    season = 1 + 0.9 * np.sin(np.arange(130) * 2 * np.pi / 52)
    sellers = [f"S{number:02}" for number in range(12)]
    full = [(f"P{n}", "m", seller, rng.poisson(3 * season)) for seller in sellers for n in range(4)]
    known = [(*row[:3], row[3][:104].tolist()) for row in full]
    result = forecast(make_tables(known), weeks=26).get("forecasts").to_pandas()
    result["shared"] = result["basis"] == "shared"
    actual = {row[:3]: row[3][104:] for row in full}
    error = {}
    for shared, part in result.groupby("shared"):
        means = part.set_index(KEY)["mean"].sort_index()
        error[shared] = np.mean([(means.loc[key].to_numpy() - units) ** 2 for key, units in actual.items()])
    assert error[True] < error[False]


@pytest.fixture(scope="module")
def retail(data) -> pd.DataFrame:
    """Weekly units of product × country of a British gift wholesaler, complete weeks from 2009-12-07 to 2011-08-28."""
    lines = pd.read_parquet(
        data / "online_retail" / "online_retail_II.parquet",
        columns=["StockCode", "Quantity", "InvoiceDate", "UnitPrice", "Country"],
    )
    lines = lines[(lines["Quantity"] > 0) & (lines["UnitPrice"] > 0) & lines["StockCode"].str.match(r"\d{5}")]
    week = lines["InvoiceDate"].dt.to_period("W-SUN").dt.start_time
    units = lines.groupby([lines["StockCode"], lines["Country"], week])["Quantity"].sum().unstack(fill_value=0)
    return units.loc[:, "2009-12-07":"2011-08-22"].astype(float)


@pytest.fixture(scope="module")
def backtest(retail) -> dict[str, np.ndarray]:
    """Forecasts of 300 products and countries that sold in 26 weeks or more, with 25 weeks held out."""
    start = date(2011, 3, 7)
    known = retail.loc[:, : pd.Timestamp(start) - pd.Timedelta(days=1)]
    old = (known.iloc[:, :6] > 0).any(axis=1) & ((known > 0).sum(axis=1) >= 26)
    sample = known[old].sample(300, random_state=4).sort_index()
    actual = retail.loc[sample.index, pd.Timestamp(start) :].to_numpy()
    series = [(sku, country, "uk", units.tolist()) for (sku, country), units in sample.iterrows()]
    result = forecast(tables_of(series, end=start), start=start, weeks=actual.shape[1])
    check_table(result, 300, 2, actual.shape[1])
    shared = result["forecasts"].to_pandas().query("basis == 'shared'").sort_values([*KEY, "week"])
    quantiles = shared[list(QUANTILES)].to_numpy().reshape(300, -1, len(QUANTILES)).transpose(0, 2, 1)
    return {
        "history": sample.to_numpy(),
        "actual": actual,
        "mean": shared["mean"].to_numpy().reshape(300, -1),
        "quantiles": quantiles,
    }


@pytest.mark.real
def test_real_forecasts_beat_the_seasonal_naive_one(backtest):
    """On 300 real series, held out half a year, the pinball loss is at least a third below that of the seasonal naive model with its own intervals."""
    from statsforecast.models import SeasonalNaive

    deciles = CHANCES[2:11]
    naive = []
    for history in backtest["history"]:
        begun = history[np.argmax(history > 0) :]
        made = SeasonalNaive(52).forecast(y=begun, h=backtest["actual"].shape[1], level=[20, 40, 60, 80])
        lows, highs = (
            [made[f"lo-{level}"] for level in (80, 60, 40, 20)],
            [made[f"hi-{level}"] for level in (20, 40, 60, 80)],
        )
        naive.append(np.maximum([*lows, made["mean"], *highs], 0))
    scale, _ = scoring.naive_errors(backtest["history"], (backtest["history"] > 0).argmax(axis=1))

    def scaled(quantiles: np.ndarray) -> float:
        return float((scoring.pinball(backtest["actual"], quantiles, deciles).mean(axis=1) / scale).mean())

    assert scaled(backtest["quantiles"][:, 2:11]) < 2 / 3 * scaled(np.array(naive))


@pytest.mark.real
def test_real_intervals_hold_what_they_promise(backtest):
    """Held out, the 80 % interval covers 75 to 85 % by the randomised transform; raw coverage is above, since zero weeks count whole."""
    covered = scoring.pit_coverage(backtest["actual"], backtest["quantiles"], CHANCES)
    assert 0.75 <= covered <= 0.85
    raw = scoring.coverage(backtest["actual"], backtest["quantiles"][:, 2], backtest["quantiles"][:, 10]).mean()
    assert covered <= raw <= 0.95
    outer = scoring.coverage(backtest["actual"], backtest["quantiles"][:, 0], backtest["quantiles"][:, 12])
    assert outer.mean() >= 0.92


def test_paths_are_as_many_as_asked_for_and_spread_as_the_forecasts(make_tables, make_cluster):
    """Every path has every series and week once, in units not below nothing, and the paths' deciles are those of the forecasts."""
    cluster = make_cluster(5, products=6, weeks=70)
    tables = make_tables(cluster, owners={"S0": "Li", "S1": "Li", "S2": "Li"})
    count, weeks = 400, 3
    result = forecast(tables, weeks=weeks, settings=QUICK.model_copy(update={"paths": count}))
    drawn = result["forecast_paths"].to_pandas()
    assert result["forecast_paths"].schema == TABLES["forecast_paths"].arrow
    assert not drawn.duplicated(list(TABLES["forecast_paths"].key)).any()
    told = result["forecasts"].to_pandas()
    told = told[told["basis"] == "shared"].set_index([*KEY, "week"])
    assert len(drawn) == count * len(told)
    assert (drawn["quantity"] >= 0).all()
    cells = drawn.groupby([*KEY, "week"])["quantity"]
    # Of 400 draws the share below a decile strays by .025 once in three times; a value drawn often lies on both sides of it.
    for level, name in ((0.2, "q20"), (0.5, "q50"), (0.8, "q80")):
        limits = told[name].reindex(list(cells.groups))
        below = np.array([(cells.get_group(key) < limit - 1e-9).mean() for key, limit in limits.items()])
        upto = np.array([(cells.get_group(key) <= limit + 1.0).mean() for key, limit in limits.items()])
        assert (below <= level + 0.1).all(), name
        assert (upto >= level - 0.1).all(), name


@pytest.mark.parametrize("steady", [0, 4])
def test_sparse_series_stand_beside_the_references_too(make_tables, steady):
    """What sells rarely is held against the seasonal naive model, from one season on, and the best single model, be there other series or none; the latter is named."""
    rng = np.random.default_rng(8)
    rare = [
        (f"R{n:02}", "m", "s", np.where(np.isin(np.arange(120), rng.choice(120, 6)), 3.0, 0.0).tolist())
        for n in range(20)
    ]
    often = [(f"S{n}", "m", "s", rng.poisson(9.0, 120).astype(float).tolist()) for n in range(steady)]
    settings = ForecastSettings(models=("SeasonalNaive", "HistoricAverage", "SES"), origins=2, workers=1)
    made = forecast_demand(make_tables([*rare, *often]), settings, start=START, weeks=8, seed=1)
    told = made["accuracy_parts"].to_pandas()
    told = told[(told["basis"] == "shared") & (told["name"] == "sparse")].iloc[0]
    assert told["best"] in {"HistoricAverage", "SES"}
    assert 0.2 < told["against_best"] < 2.0
    assert 0.1 < told["against_naive"] < 2.0


@pytest.mark.parametrize("step", [1, 16])
def test_last_week_s_sales_are_tried_on_the_very_weeks_of_the_forecast(make_tables, step):
    """The ratio to taking last week's sales is that of the losses of both on the same weeks, for what sells every week and what sells in few."""
    drawn = np.random.default_rng(3).poisson(20.0, (8, 120)) + 1.0
    sold = np.where((np.arange(120) + 2 * np.arange(8)[:, None]) % step == 0, drawn, 0.0)
    settings = ForecastSettings(models=("SES",), origins=1, workers=1)
    cutoff = 120 - settings.origin_step
    tables = make_tables([(f"P{n}", "m", "s", sold[n].tolist()) for n in range(8)])
    told = forecast_demand(tables, settings, start=START, weeks=8, seed=1)["accuracy_parts"].to_pandas().iloc[0]
    scale, _ = scoring.error_scales(sold[:, :cutoff], (sold > 0).argmax(axis=1))
    last = np.abs(sold[:, cutoff : cutoff + 8] - sold[:, cutoff - 1 : cutoff]).mean(axis=1) / 2
    assert told["series"] == 8
    assert told["against_last"] == pytest.approx(told["pinball"] / (last / scale).mean())


def test_a_slip_of_the_pen_rules_no_figure():
    """With 10⁹ in one week the loss on past Mondays, and the forecasts and bands of its own series and of all others, young and sparse ones among them, are nearly those without."""
    rng = np.random.default_rng(8)
    sold = {f"P{n}": rng.poisson(rng.uniform(4, 30), 60).astype(float) for n in range(8)}
    sold["YOUNG"] = np.where(np.arange(60) >= 54, rng.poisson(9.0, 60), 0.0).astype(float)
    sold["SPARSE"] = np.where(np.arange(60) % 13 == 5, 4.0, 0.0)
    made = []
    for spike in (0.0, 1e9):
        units = sold | {"P0": np.where(np.arange(60) == 52, sold["P0"] + spike, sold["P0"])}
        made.append(forecast(tables_of([(sku, "m", "s", row.tolist()) for sku, row in units.items()]), settings=QUICK))
    clean, spiked = (pd.DataFrame(one["accuracy_parts"].to_pylist()).query("by == 'all'").iloc[0] for one in made)
    assert spiked["pinball"] < 1.5 * clean["pinball"]
    assert abs(spiked["bias"]) < 0.5
    own = [pd.DataFrame(rows_of(one, "shared")).query("sku == 'P0'") for one in made]
    for name in ("mean", "q10", "q90", "q975"):
        assert own[1][name].sum() == pytest.approx(own[0][name].sum(), rel=0.1)
    before, after = (pd.DataFrame(rows_of(one, "shared")).query("sku != 'P0'").reset_index() for one in made)
    assert after["q90"].sum() == pytest.approx(before["q90"].sum(), rel=0.15)
    assert after["mean"].sum() == pytest.approx(before["mean"].sum(), rel=0.1)


def test_the_mean_of_constant_sales_lies_in_their_band():
    """Five products of exactly 40 a week for two years are forecast at 40, not below every quantile."""
    made = forecast(tables_of([(f"P{n}", "m", "s", [40.0] * 104) for n in range(5)]), settings=ForecastSettings())
    rows = pd.DataFrame(rows_of(made, "shared"))
    assert rows["mean"].to_numpy() == pytest.approx(40.0)
    assert (rows["q025"] <= rows["mean"] + 1e-6).all()
    assert (rows["mean"] <= rows["q975"] + 1e-6).all()
    (told,) = (row for row in made["accuracy_parts"].to_pylist() if row["basis"] == "shared")
    assert (told["by"], told["series"], told["weeks"], told["pinball"]) == ("all", 5, 0, None)
    young = forecast(tables_of([("P", "m", "s", [40.0] * 10)]), settings=ForecastSettings())
    assert young["accuracy_parts"].num_rows == 0


@pytest.mark.parametrize("known", [1, 2, 5])
def test_few_weeks_tell_no_certainty(known):
    """Of what sold 20 in each of its first weeks, alone in the records, the band is that of a Poisson count at least; of two years of it, it is not."""
    made = forecast(tables_of([("P", "m", "s", [20.0] * known)]), settings=ForecastSettings())
    for row in rows_of(made, "shared"):
        assert row["q025"] <= poisson.ppf(0.025, row["mean"])
        assert row["q10"] <= poisson.ppf(0.1, row["mean"])
        assert row["q90"] >= poisson.ppf(0.9, row["mean"])
        assert row["q975"] >= poisson.ppf(0.975, row["mean"])
    made = forecast(tables_of([("P", "m", "s", [20.0] * 104)]), settings=ForecastSettings())
    assert {(row["q025"], row["q975"]) for row in rows_of(made, "shared")} == {(20.0, 20.0)}
