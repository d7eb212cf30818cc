"""Heat of a cluster is one table per scope and owner, made of what was known, the same for the same seed."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jointplan.demand import HeatSettings, measure_heat
from jointplan.demand.heat import stage
from jointplan.engine import Tables
from jointplan.schema import TABLES
from tests.demand.clusters import Series, sent_away

SETTINGS = HeatSettings(origins=4, shown_weeks=3, draws=19)


def markets(**countries: str) -> pa.Table:
    return pa.table(
        {"market": pa.array(list(countries), pa.string()), "country": pa.array(list(countries.values()), pa.string())}
    )


@pytest.fixture(scope="module")
def cluster(make_cluster: Callable[..., list[Series]], make_tables: Callable[..., Tables]) -> Tables:
    made = make_tables(make_cluster(4, products=24, weeks=60), families={f"P{n:03}": f"F{n % 2}" for n in range(24)})
    return made.adding({"markets": markets(M0="CN", M1="DE")})


def measure(tables: Tables, start: date) -> dict[str, pa.Table]:
    return measure_heat(tables, SETTINGS, start=start, currency="CNY", seed=1)


@pytest.fixture(scope="module")
def measured(cluster: Tables, start: date) -> dict[str, pa.Table]:
    return measure(cluster, start)


def test_tables_are_as_declared_and_keys_do_not_repeat(measured: dict[str, pa.Table]) -> None:
    """Every result has the declared columns, filled in where required, and one row per key."""
    for name, table in measured.items():
        declared = TABLES[name]
        assert table.schema.equals(declared.arrow)
        assert len({tuple(row[key] for key in declared.key) for row in table.to_pylist()}) == table.num_rows
        assert not [c.name for c in declared if c.required and table[c.name].null_count]


def test_scopes_weeks_and_owners(measured: dict[str, pa.Table], start: date) -> None:
    """Everybody's heat covers products and families, with and without markets, over some weeks; an owner's own its last week."""
    heat = measured["heat"].to_pandas()
    shared = heat[heat["basis"] == "shared"]
    assert set(shared["scope"]) == {"product", "family", "market_product", "market_family"}
    assert sorted(set(shared["week"])) == [start - timedelta(weeks=back) for back in (3, 2, 1)]
    own = heat[heat["basis"] == "own:S0"]
    assert set(own["week"]) == {start - timedelta(weeks=1)}
    assert set(own["scope"]) == {"product", "market_product"}
    assert shared["score"].between(0, 1).all()
    assert (shared["market"][shared["scope"] == "product"] == "").all()


def test_the_future_is_not_read(cluster: Tables, start: date) -> None:
    """Sales and signals from the first Monday of the plan on change nothing."""
    then = start - timedelta(weeks=10)
    clean = measure(cluster, then)
    weekly = cluster["weekly"]
    late = pc.greater_equal(weekly["week"], pa.scalar(then, pa.date32()))
    poison = weekly.set_column(
        weekly.schema.get_field_index("quantity"), "quantity", pc.if_else(late, 1e9, weekly["quantity"])
    )
    signals = pa.table(
        {
            "date": pa.array([then], pa.date32()),
            "sku": ["P000"],
            "market": ["M0"],
            "kind": ["views"],
            "value": [1e9],
        }
    )
    poisoned = measure(cluster.adding({"weekly": poison, "signals": signals}), then)
    assert all(clean[name].equals(poisoned[name]) for name in clean)


def test_same_seed_same_numbers_whatever_the_chunks(
    cluster: Tables, start: date, measured: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same tables and seed give the same tables, also where each family is a task sent to a process of its own and back."""
    monkeypatch.setattr(stage, "FAMILIES", 1)
    monkeypatch.setattr(stage, "run_tasks", sent_away)
    again = measure(cluster, start)
    assert measured["heat_leads"].num_rows
    assert all(again[name].equals(measured[name]) for name in measured)


def test_home_is_told_by_the_currency_and_leads_abroad(make_tables: Callable[..., Tables], start: date) -> None:
    """Home is the country of the currency; a family whose sales abroad follow those at home is shown to be led by it."""
    rng = np.random.default_rng(0)
    course = np.zeros(110)
    for week in range(1, 110):
        course[week] = 0.7 * course[week - 1] + rng.normal(0, 0.4)
    series: list[Series] = []
    for place, market in enumerate(("M0", "M1")):
        moved = np.exp(course[4:] if place == 0 else course[:-4])
        series.append(("P0", market, "S0", rng.poisson(80 * moved).tolist()))
        series.append(("P1", market, "S0", rng.poisson(90.0, 106).tolist()))
    tables = make_tables(series, families={"P0": "kettle", "P1": "fan"}).adding({"markets": markets(M0="CN", M1="DE")})
    leads = measure(tables, start)["heat_leads"].to_pandas().set_index(["family", "leader"])
    assert leads.loc[("kettle", "home"), "lag"] == 4
    assert leads.loc[("kettle", "home"), "gain"] > 0.2
    assert not leads.loc[("kettle", "foreign"), "leads"]
    euro = measure_heat(tables, SETTINGS, start=start, currency="EUR", seed=1)["heat_leads"]
    assert euro.num_rows == 0


def test_odd_tables(make_tables: Callable[..., Tables], start: date) -> None:
    """No sales, one sale, a sale of a billion, a market nobody sold in, signals without sales: tables, not errors."""
    two = {"markets": markets(M0="CN", M9="DE")}
    for series in (
        [],
        [("P0", "M0", "S0", [1.0])],
        [("P0", "M0", "S0", [0.0] * 30 + [1e9])],
        [("P0", "M0", "S0", [0, 3] * 20)],
    ):
        made = measure(make_tables(series).adding(two), start)
        assert all(table.schema.equals(TABLES[name].arrow) for name, table in made.items())
    days = [start - timedelta(days=back) for back in range(1, 80)]
    signals = pa.table(
        {
            "date": pa.array(days, pa.date32()),
            "sku": ["P7"] * len(days),
            "market": pa.array([None] * len(days), pa.string()),
            "kind": ["views"] * len(days),
            "value": [float(place) for place in range(len(days))],
        }
    )
    heat = measure(make_tables([]).adding({**two, "signals": signals}), start)["heat"].to_pylist()
    assert {(row["scope"], row["sku"]) for row in heat} == {("product", "P7"), ("family", "")}


def test_a_young_product_has_a_level_but_no_growth_yet(make_tables: Callable[..., Tables], start: date) -> None:
    """Four weeks after its launch a product is told with what it sells a week since then, without growth; a launch day told earlier lowers it."""
    series: list[Series] = [(f"P{n}", "M0", "S0", [20.0] * 40) for n in range(4)]
    series.append(("P9", "M0", "S0", [0.0] * 36 + [36.0] * 4))
    tables = make_tables(series).adding({"markets": markets(M0="CN")})
    rows = {row["scope"]: row for row in measure(tables, start)["heat"].to_pylist() if row["sku"] == "P9"}
    told = rows["product"]
    assert told["level"] == pytest.approx(36.0)
    assert (told["growth"], told["acceleration"], told["momentum"], told["phase"]) == (None, None, None, "early")

    products = tables["products"]
    days = [start - timedelta(weeks=10) if sku == "P9" else None for sku in products["sku"].to_pylist()]
    launched = products.append_column("launched", pa.array(days, pa.date32()))
    rows = {
        row["scope"]: row
        for row in measure(tables.adding({"products": launched}), start)["heat"].to_pylist()
        if row["sku"] == "P9"
    }
    assert rows["product"]["level"] < 30.0
    assert rows["product"]["growth"] > 0.0
    assert rows["market_product"]["level"] == pytest.approx(36.0)


def test_heat_is_read_from_the_index_that_won_on_the_very_data(make_tables: Callable[..., Tables], start: date) -> None:
    """Where families go on growing as they did, plain growth tells best: it is chosen, families stand by it, and the table says so; products, that do not, keep the default."""
    weeks = 48
    rng = np.random.default_rng(11)
    rates = rng.permutation(np.linspace(-0.04, 0.04, 24))
    series: list[Series] = []
    families = {}
    for family, rate in enumerate(rates):
        level = 400.0 * np.exp(rate * (np.arange(weeks) - weeks / 2))
        # Two products share it in turns of eight weeks, so that what rose falls back where the family does not.
        share = 0.5 + 0.45 * np.sin(2 * np.pi * (np.arange(weeks) / 16 + rng.random()))
        for half, part in enumerate((share, 1.0 - share)):
            sku = f"P{family:02}{half}"
            families[sku] = f"F{family:02}"
            series.append((sku, "M0", "S0", np.rint(level * part).tolist()))
    tables = make_tables(series, families=families).adding({"markets": markets(M0="CN")})
    settings = HeatSettings(origins=3, shown_weeks=1, draws=19)
    made = measure_heat(tables, settings, start=start, currency="CNY", seed=1)
    accuracy = made["heat_accuracy"].to_pandas()
    used = accuracy[accuracy["chosen"]].set_index("scope")["index"]
    assert used["family"] == "growth_rate"
    assert used["product"] == "expected"
    heat = made["heat"].to_pandas().set_index("family")
    ranked = heat[heat["scope"] == "family"]
    assert set(ranked["index"]) == {"growth_rate"}
    assert ranked["score"].rank().corr(ranked["growth"].rank()) == pytest.approx(1.0)
    assert set(heat[heat["scope"] == "product"]["index"]) == {"expected"}


def test_no_growth_is_expected_where_none_was_learnt(make_tables: Callable[..., Tables], start: date) -> None:
    """Two families, a market of two products and three weeks of records have an order but no growth to expect; products and a market of six have both."""
    rng = np.random.default_rng(5)

    def sold(market: str, count: int, weeks: int) -> list[Series]:
        return [(f"P{n}", market, "S0", (rng.poisson(10.0, weeks) + 1.0).tolist()) for n in range(count)]

    families = {f"P{n}": f"F{n % 2}" for n in range(6)}
    tables = make_tables([*sold("M0", 6, 60), *sold("M1", 2, 60)], families=families)
    heat = measure(tables.adding({"markets": markets(M0="CN", M1="DE")}), start)["heat"].to_pandas()
    heat = heat[heat["basis"] == "shared"]
    assert heat["score"].notna().all()
    told = heat.set_index(["scope", "market"])["expected"].notna()
    assert {key: bool(told.loc[[key]].all()) for key in set(told.index)} == {
        ("product", ""): True, ("market_product", "M0"): True, ("market_product", "M1"): False,
        ("family", ""): False, ("market_family", "M0"): False, ("market_family", "M1"): False,
    }  # fmt: skip
    young = make_tables(sold("M0", 6, 3)).adding({"markets": markets(M0="CN")})
    made = measure(young, start)["heat"]
    assert made.num_rows
    assert made["expected"].null_count == made.num_rows


def test_a_week_told_twice_is_added_up(make_tables: Callable[..., Tables], start: date) -> None:
    """Rows of the same week, product, market and seller count together, as if they were one."""
    rng = np.random.default_rng(3)
    series: list[Series] = [(f"P{n}", "M0", "S0", rng.poisson(9.0, 40).tolist()) for n in range(6)]
    once = make_tables(series).adding({"markets": markets(M0="CN")})
    weekly = once["weekly"]
    half = pc.multiply(weekly["quantity"], 0.5)
    halves = weekly.set_column(weekly.schema.get_field_index("quantity"), "quantity", half)
    twice = once.adding({"weekly": pa.concat_tables([halves, halves])})
    assert measure(twice, start)["heat"].equals(measure(once, start)["heat"])
