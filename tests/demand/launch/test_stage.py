"""New products are foretold from the launches they are like, from what was known, and no odd table upsets it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jointplan.demand import LaunchSettings, foresee_launches
from jointplan.demand.launch import stage, trials
from jointplan.demand.launch.analogues import Titles, likeness
from jointplan.demand.launch.history import Products, lowered
from jointplan.demand.launch.predictive import draw_courses, find_analogues
from jointplan.demand.launch.tables import read_products
from jointplan.demand.launch.trials import DECILES, FINE, Trial, learn_given, score_launches, try_launches
from jointplan.engine import Tables
from jointplan.schema import TABLES
from tests.demand.clusters import START, Series, sent_away

SETTINGS = LaunchSettings(paths=400)
WEEKS = 80


def launches(rng: np.random.Generator, kinds: int = 2, each: int = 24) -> tuple[list[Series], pa.Table]:
    """Kettles that sell and lamps that do not, launched one after the other; the last of each a few weeks ago, one more never."""
    series: list[Series] = []
    rows = []
    for kind in range(kinds):
        for number in range(each):
            sku = f"{'KL'[kind]}{number:02}"
            begin = 10 + number * 3 if number < each - 2 else WEEKS - 3
            rate = (60.0, 3.0)[kind] * rng.gamma(8.0, 1 / 8.0)
            units = np.where(np.arange(WEEKS) >= begin, rng.poisson(rate, WEEKS), 0).astype(float)
            if number < each - 1:
                units[begin] = max(units[begin], 1.0)
                series.append((sku, "M0", "S0", units.tolist()))
            title = ("Electric kettle steel", "Paper lamp round")[kind] + f" {number}"
            waits = {"launched": START} if number == each - 1 else {}
            rows.append({"sku": sku, "family": "general", "title": title, "maker": "F1", "unit_value": 10.0} | waits)
    kinds_of = {name: pa.string() for name in ("sku", "family", "title", "maker")}
    kinds_of |= {name: pa.float64() for name in ("unit_value", "transfer_price", "weight")} | {"launched": pa.date32()}
    schema = pa.schema(list(kinds_of.items()))
    return series, pa.Table.from_pylist(rows, schema=schema)


@pytest.fixture(scope="module")
def shop(make_tables: Callable[..., Tables]) -> Tables:
    series, products = launches(np.random.default_rng(0))
    return make_tables(series).adding({"products": products})


def foresee(tables: Tables, start: date, only: str | None = None) -> dict[str, pa.Table]:
    return foresee_launches(tables, SETTINGS, start=start, seed=1, only=only)


@pytest.fixture(scope="module")
def foreseen(shop: Tables, start: date) -> dict[str, pa.Table]:
    return foresee(shop, start)


def test_new_products_go_by_what_they_are_like(foreseen: dict[str, pa.Table]) -> None:
    """A kettle not yet sold is foretold to sell as kettles do, a lamp as lamps do."""
    made = foreseen["launches"].to_pandas().set_index("sku")
    assert set(made.index) == {"K21", "K22", "K23", "L21", "L22", "L23"}
    assert made.loc["K23", "weeks"] == 0
    assert made.loc["K23", "analogues"].startswith("K")
    assert made.loc["K23", "q10"] < 60 * 13 < made.loc["K23", "q90"]
    assert made.loc["L23", "q10"] < 3 * 13 < made.loc["L23", "q90"]
    assert made.loc["K23", "advice"] == "test"
    assert made.loc["K22", "advice"] == "repeat"
    assert made.loc["L22", "advice"] == "stop"


def undated(shop: Tables, count: int = 20) -> Tables:
    """Add products that never sold and of which no day of launch is known."""
    products = shop["products"]
    row = products.to_pylist()[0] | {"launched": None}
    dead = pa.Table.from_pylist([row | {"sku": f"D{number:02}"} for number in range(count)], schema=products.schema)
    return shop.adding({"products": pa.concat_tables([products, dead])})


def test_what_never_sold_and_has_no_day_of_launch_is_not_new(
    shop: Tables, start: date, foreseen: dict[str, pa.Table]
) -> None:
    """A long catalogue of dead products gets no batches: they are counted, and the figures of what is new stay; named, one is foretold."""
    made = foresee(undated(shop), start)
    assert made["launches"].equals(foreseen["launches"])
    assert made["launch_basis"]["undated"].to_pylist() == [20]
    assert foreseen["launch_basis"]["undated"].to_pylist() == [0]
    named = foresee(undated(shop), start, "D07")["launches"].to_pylist()
    assert [(row["sku"], row["weeks"], row["advice"]) for row in named] == [("D07", 0, "test")]


def test_few_launches_decide_nothing(make_tables: Callable[..., Tables], start: date) -> None:
    """With fewer than ten launches over, first sales decide nothing and the advice is to test or wait; what stands in is told apart from launches."""
    series, products = launches(np.random.default_rng(0), each=5)
    series += [(f"OLD{number}", "M0", "S0", [20.0] * WEEKS) for number in range(3)]
    row = products.to_pylist()[0]
    old = pa.Table.from_pylist([row | {"sku": f"OLD{number}"} for number in range(3)], schema=products.schema)
    made = foresee(make_tables(series).adding({"products": pa.concat_tables([products, old])}), start)
    assert made["launch_basis"].to_pylist() == [
        {"launches": 6, "over": 6, "needed": 10, "stand_ins": 3, "tried": 0, "undated": 0}
    ]
    rows = made["launches"].to_pylist()
    assert {row["advice"] for row in rows if row["weeks"]} == {"wait"}
    assert {row["advice"] for row in rows if not row["weeks"]} == {"test"}
    assert {row["telling_week"] for row in rows} == {None}
    assert {(rule["decided"], rule["right"]) for rule in made["launch_rules"].to_pylist()} == {(0.0, None)}
    for row in rows:
        named = {part.rpartition(" ")[0] for part in row["analogues"].split(", ")}
        assert {sku for sku in row["stand_ins"].split(", ") if sku} == {sku for sku in named if sku.startswith("OLD")}
    assert any(row["stand_ins"] for row in rows)


def test_tables_are_as_declared(foreseen: dict[str, pa.Table]) -> None:
    """Every result has the declared columns, with quantiles that do not fall and one row per key."""
    made = foreseen
    for name, table in made.items():
        declared = TABLES[name]
        assert table.schema.equals(declared.arrow)
        assert len({tuple(row[key] for key in declared.key) for row in table.to_pylist()}) == table.num_rows
    for row in made["launches"].to_pylist():
        quantiles = [row[name] for name in TABLES["launches"].names if name.startswith("q") and name[1:].isdigit()]
        assert quantiles == sorted(quantiles)
    assert made["launch_accuracy"].num_rows


def test_a_product_is_told_the_same_alone_and_among_others(
    shop: Tables, start: date, foreseen: dict[str, pa.Table]
) -> None:
    """The figures of a product depend on the seed and the past, not on which other new products are asked for."""
    everyone = {row["sku"]: row for row in foreseen["launches"].to_pylist()}
    assert foresee(shop, start, "K23")["launches"].to_pylist() == [everyone["K23"]]
    assert foresee(shop, start, "K00")["launches"].num_rows == 0


def test_numbers_do_not_depend_on_chunks_or_processes(
    shop: Tables, start: date, foreseen: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One product and one past week a task, each sent to a process of its own and back, give the same tables."""
    monkeypatch.setattr(stage, "PRODUCTS", 1)
    monkeypatch.setattr(trials, "PAST_WEEKS", 1)
    for module in (stage, trials):
        monkeypatch.setattr(module, "run_tasks", sent_away)
    alone = foresee(shop, start)
    assert all(alone[name].equals(foreseen[name]) for name in foreseen)


def test_advice_agrees_with_every_other_figure(foreseen: dict[str, pa.Table]) -> None:
    """Repeat and stop follow the chance and are told by now; what should stop has no batch; the line of the present week is on the same side."""
    made = foreseen
    lines = {(row["sku"], row["week"]): row for row in made["launch_rules"].to_pylist()}
    for row in made["launches"].to_pylist():
        sure = {"repeat": row["chance"] >= 0.8, "stop": row["chance"] <= 0.2}
        assert sure.get(row["advice"], not sure["stop"] and (row["weeks"] == 0 or not sure["repeat"]))
        assert (row["batch"] == 0) == (row["advice"] == "stop")
        if row["advice"] in sure:
            assert row["telling_week"] == row["weeks"]
        else:
            assert row["telling_week"] is None or row["telling_week"] > row["weeks"]
        line = lines.get((row["sku"], row["weeks"]))
        if line:
            above = line["repeat_above"] is not None and row["sold"] >= line["repeat_above"]
            assert (above, row["sold"] < line["stop_below"]) == (row["advice"] == "repeat", row["advice"] == "stop")


def test_before_the_first_sale_the_family_is_taken_where_it_served_better() -> None:
    """What lost less on launches that are over is given, and a band too wide is narrowed, one too narrow widened."""
    rng = np.random.default_rng(8)
    chances = np.array([np.quantile(rng.lognormal(4.0, 1.0, 20_000), level) for level in FINE])
    deciles = np.interp(DECILES, FINE, chances)
    far = {"courses": 40.0, "family": 1.0}
    for spread in (0.5, 2.0):
        trials = [
            Trial(number, 0, number, np.array([rng.lognormal(4.0, spread)]), {name: deciles * times for name, times in far.items()}, {name: chances[None] * times for name, times in far.items()}, (13,))
            for number in range(150)
        ]  # fmt: skip
        given = learn_given(trials, 0, 200)
        assert given.method == "family"
        low, high = given.read(chances, np.array([0.1, 0.9]))
        assert (np.log(high / low) < np.log(deciles[-1] / deciles[0])) == (spread < 1.0)
        drawn = np.log(given.redrawn(rng.lognormal(4.0, 1.0, 2_000)))
        assert (np.quantile(drawn, 0.9) - np.quantile(drawn, 0.1) < 2 * 1.28) == (spread < 1.0)
    assert learn_given(trials[:5], 0, 200).method == "courses"


def test_past_launches_are_foretold_from_what_was_known(shop: Tables, start: date) -> None:
    """What sold from a past week on changes nothing of what is given of launches foretold in that week, though launches under way teach it."""
    products = read_products(shop, start)
    seen = products.pick(products.launched(1))
    then = 60
    units = seen.units.copy()
    units[:, then:] = np.where(units[:, then:] > 0, 1e9, units[:, then:])
    told = []
    for known in (seen, replace(seen, units=units)):
        trials = try_launches(known, Titles.of(known.title.tolist()), 13, 100, np.random.default_rng(1))
        told.append({(trial.row, trial.age): trial.deciles for trial in trials if trial.week == then})
        assert any(0 < trial.known(then) < len(trial.checks) for trial in trials)
    assert told[0]
    for case, deciles in told[0].items():
        assert all(np.array_equal(deciles[name], told[1][case][name]) for name in deciles)


def test_the_future_is_not_read(shop: Tables, start: date) -> None:
    """Sales from the first Monday of the plan on change nothing."""
    then = start - timedelta(weeks=6)
    weekly = shop["weekly"]
    late = pc.greater_equal(weekly["week"], pa.scalar(then, pa.date32()))
    poison = weekly.set_column(
        weekly.schema.get_field_index("quantity"), "quantity", pc.if_else(late, 1e9, weekly["quantity"])
    )
    clean, poisoned = foresee(shop, then), foresee(shop.adding({"weekly": poison}), then)
    assert all(clean[name].equals(poisoned[name]) for name in clean)


def test_setup_cost_and_minimum_batch_raise_the_hurdle(shop: Tables, start: date) -> None:
    """What a repeat must sell pays for the setup; the batch fills the minimum."""
    capable = pa.table(
        {
            "firm": ["F1"] * 3, "process": ["moulding"] * 3,
            "family": pa.array([None] * 3, pa.string()), "sku": pa.array([None, "L23", "K23"], pa.string()),
            "major_setup_cost": [10.0, 8000.0, 10.0], "minor_setup_cost": [0.0] * 3, "minimum_batch": [0.0, 500.0, 1000.0],
        }
    )  # fmt: skip
    plain = foresee(shop, start)["launches"].to_pandas().set_index("sku")
    made = foresee(shop.adding({"capabilities": capable}), start)["launches"].to_pandas().set_index("sku")
    assert made.loc["L23", "hurdle"] == pytest.approx(8000.0 / 4.0)  # margin: 40 % of 10
    # At three a week it never pays for that: it is not made at all.
    assert made.loc["L23", ["batch", "advice"]].tolist() == [0.0, "stop"]
    assert plain.loc["K23", "batch"] < 1000.0 == made.loc["K23", "batch"]
    assert made.loc["L22", "hurdle"] < 2000.0


@pytest.mark.parametrize("each", [5, 24])
def test_a_least_batch_that_loses_on_average_is_not_made(
    each: int, make_tables: Callable[..., Tables], start: date
) -> None:
    """However few launches there are, a minimum batch far above what may sell is neither advised nor waited for; one that still earns is made."""
    series, products = launches(np.random.default_rng(0), each=each)
    shop = make_tables(series).adding({"products": products})
    waiting, sold = (f"{{}}{number:02}" for number in (each - 1, each - 2))
    for minimum, earns in ((1000.0, {"K"}), (20000.0, set())):
        capable = pa.table(
            {
                "firm": ["F1"], "process": ["moulding"], "family": pa.array([None], pa.string()),
                "sku": pa.array([None], pa.string()), "major_setup_cost": [10.0], "minor_setup_cost": [0.0],
                "minimum_batch": [minimum],
            }
        )  # fmt: skip
        made = {
            row["sku"]: row for row in foresee(shop.adding({"capabilities": capable}), start)["launches"].to_pylist()
        }
        for kind in "KL":
            new, old = made[waiting.format(kind)], made[sold.format(kind)]
            assert new["weighed"] == old["weighed"] == minimum
            # At a price of 10 a unit sold earns 4 and one left loses 3: courses sell their mean at most.
            assert new["profit"] <= 4 * new["mean"] - 3 * (minimum - new["mean"])
            if kind in earns:
                assert (new["advice"], new["batch"]) == ("test", minimum)
                assert old["batch"] == (0.0 if old["advice"] == "stop" else minimum)
                assert new["profit"] > 0 < old["profit"]
            else:
                assert (new["advice"], new["batch"], old["batch"]) == ("stop", 0.0, 0.0)
                assert new["profit"] < 0 > old["profit"]
                assert old["advice"] in ("wait", "stop")


def test_a_launch_that_lies_ahead_has_its_day(shop: Tables, start: date) -> None:
    """What is launched after the first day foretold is told with its day; what is or should be on sale is told from now on."""
    rows = shop["products"].to_pylist()
    day = start + timedelta(days=245)
    later = [row | {"launched": day} if row["sku"] in ("K23", "K22") else row for row in rows]
    products = pa.Table.from_pylist(later, schema=shop["products"].schema)
    made = {
        row["sku"]: row["launched"]
        for row in foresee(shop.adding({"products": products}), start)["launches"].to_pylist()
    }
    assert made["K23"] == day
    assert {made["K22"], made["L23"], made["L22"]} == {None}


def odd() -> dict[str, list[Series]]:
    return {
        "nothing sold": [],
        "one sale": [("K00", "M0", "S0", [1.0])],
        "zeros": [("K00", "M0", "S0", [0.0] * 20)],
        "one spike": [("K00", "M0", "S0", [0.0] * 20 + [1e9, 0.0, 0.0])],
        "launched last week": [("K00", "M0", "S0", [3.0] * 30), ("K01", "M0", "S0", [0.0] * 29 + [2.0])],
        "gaps": [("K00", "M0", "S0", [4.0, 0.0, 0.0] * 12), ("K01", "M0", "S0", [0.0] * 10 + [5.0, 0.0] * 13)],
    }


@pytest.mark.parametrize("name", odd())
def test_odd_tables(name: str, make_tables: Callable[..., Tables], start: date) -> None:
    """Whatever little there is, finite figures or no rows come of it."""
    _, products = launches(np.random.default_rng(0), each=3)
    made = foresee(make_tables(odd()[name]).adding({"products": products}), start)
    for row in made["launches"].to_pylist():
        assert all(np.isfinite(value) for value in row.values() if isinstance(value, float))
        assert row["batch"] >= 0


def test_a_week_told_twice_is_added_up(make_tables: Callable[..., Tables], start: date) -> None:
    """Rows of the same week, product and seller count together, as if they were one."""
    series, products = launches(np.random.default_rng(0), each=4)
    once = make_tables(series).adding({"products": products})
    weekly = once["weekly"]
    half = pc.multiply(weekly["quantity"], 0.5)
    halves = weekly.set_column(weekly.schema.get_field_index("quantity"), "quantity", half)
    twice = once.adding({"weekly": pa.concat_tables([halves, halves])})
    assert foresee(twice, start)["launches"].equals(foresee(once, start)["launches"])


@pytest.mark.parametrize("spiky", ["K04", "K08"], ids=["an earlier launch", "the product itself"])
def test_a_spike_of_a_billion_sets_no_batch(spiky: str, make_tables: Callable[..., Tables], start: date) -> None:
    """One such week, of an earlier launch or of the new product's own first weeks, leaves what kettles may sell in the size of kettles."""
    series, products = launches(np.random.default_rng(0), each=10)
    units = next(row[3] for row in series if row[0] == spiky)
    units[next(week for week, value in enumerate(units) if value) + 2] = 1e9
    made = foresee(make_tables(series).adding({"products": products}), start)["launches"].to_pandas().set_index("sku")
    assert made.loc["K09", "q90"] < 30 * 60 * 13
    assert made.loc["K09", "batch"] < 5 * 60 * 13
    assert made.loc["K08", "q90"] < 30 * 60 * 13


def test_likeness_needs_no_titles() -> None:
    """Without titles, prices and families decide; a product is never an analogue of itself."""
    blank = np.array(["", "", ""])
    products = Products(
        np.array(["a", "b", "c"]), np.array(["x", "x", "y"]), blank, blank, np.array([10.0, 10.0, np.nan]),
        np.full(3, np.nan), np.zeros((3, 4)),
    )  # fmt: skip
    rows = np.arange(3)
    near = likeness(products, Titles.of(blank.tolist()), rows, rows)
    assert np.isneginf(np.diag(near)).all()
    assert near[0, 1] == pytest.approx(1.0)
    assert near[0, 2] == pytest.approx(0.0)


def test_first_weeks_narrow_what_may_happen() -> None:
    """Once weeks of a product are known, its courses lie closer, around what it sells."""
    rng = np.random.default_rng(4)
    size = rng.gamma(1.0, 40.0, 80)
    units = np.zeros((80, 70))
    for place, rate in enumerate(size):
        units[place, 9 + place % 30 :] = rng.poisson(rate, 61 - place % 30)
    names = np.array([f"P{place}" for place in range(80)])
    blank = np.full(80, "")
    products = Products(names, np.full(80, "g"), blank, blank, np.full(80, np.nan), np.full(80, np.nan), units)
    analogues = find_analogues(products, 25)
    near = np.zeros(len(analogues))
    widths = []
    for known in (0, 8):
        made = draw_courses(np.full(known, 50.0), near, analogues, 13, 1000, np.random.default_rng(0))
        low, high = np.quantile(np.log1p(made.total(13)), [0.1, 0.9])
        widths.append(high - low)
        if known:
            assert low < np.log1p(650.0) < high
    assert widths[1] < 0.6 * widths[0]


def test_trials_beat_the_family_where_titles_tell(foreseen: dict[str, pa.Table]) -> None:
    """Where titles tell kettles from lamps, courses of analogues lose less than the family's distribution."""
    accuracy = foreseen["launch_accuracy"].to_pandas()
    before = accuracy[(accuracy["weeks"] == 0) & (accuracy["method"] == "family")]
    assert before["ratio_high"].iloc[0] < 1.0


def test_trials_know_nothing_of_what_came_after(shop: Tables) -> None:
    """Poisoning the weeks a past launch is foretold for changes what it sold, not what was foretold."""
    rng = np.random.default_rng(5)
    units = np.zeros((30, 60))
    for place in range(30):
        units[place, 9 + place :] = rng.poisson(20.0, 51 - place) + 1.0
    names, blank = np.array([f"P{place}" for place in range(30)]), np.full(30, "")

    def foretold(values: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
        products = Products(names, np.full(30, "g"), blank, blank, np.full(30, np.nan), np.full(30, np.nan), values)
        made = try_launches(products, Titles.of(blank.tolist()), 13, 100, np.random.default_rng(0), since=35)
        assert score_launches(made, 19, np.random.default_rng(0))
        return {
            (trial.row, trial.age): np.concatenate([trial.deciles["courses"], trial.deciles["given"]])
            for trial in made
            if trial.week <= 39
        }

    poisoned = units.copy()
    poisoned[:, 39:] = 1e6
    clean, other = foretold(units), foretold(poisoned)
    assert clean
    assert all(np.array_equal(clean[key], other[key]) for key in clean)


def test_a_slip_of_the_pen_counts_as_a_usual_week_and_a_large_order_as_twenty() -> None:
    """Above four hundred usual weeks digits slipped in; below that a week counts as twenty at most, and what is not known stays so."""
    paths = np.array([[5.0, 5.0, 2e9, 5.0, np.nan, 5.0], [5.0, 5.0, 900.0, 5.0, 60.0, 5.0]])
    made = lowered(paths)
    assert made[0, [2, 3]].tolist() == [5.0, 5.0]
    assert np.isnan(made[0, 4])
    assert made[1].tolist() == [5.0, 5.0, 100.0, 5.0, 60.0, 5.0]
