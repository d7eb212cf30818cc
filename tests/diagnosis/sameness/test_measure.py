"""Sameness is found where it was planted, and where there is too little to go by the reason stands instead."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.sameness import measure_sameness
from jointplan.diagnosis.sameness.assortment import read_assortment
from jointplan.diagnosis.sameness.titles import folded, grams
from jointplan.diagnosis.settings import SamenessSettings
from jointplan.engine import Tables
from tests.diagnosis.cluster import MONDAY, small, tables_of

SETTINGS = SamenessSettings(draws=100)
WORDS = (
    "Electric kettle steel 1.5 L cordless",
    "Oak reading table foldable",
    "Baby night lamp rabbit",
    "USB desk fan silent",
)


def cluster(price: Any, *, weeks: int = 80, title: Any = lambda firm, word: f"{word} model {firm}") -> Tables:
    """Four firms sell each of four goods under nearly the same title, at ``price(firm, good, week)``."""
    skus = {f"F{firm}-{good}": (firm, good) for firm in range(4) for good in range(len(WORDS))}
    rng = np.random.default_rng(1)
    weekly = []
    for week in range(weeks):
        for sku, (firm, good) in skus.items():
            units = float(rng.integers(4, 9))
            weekly.append(
                {
                    "week": MONDAY + timedelta(weeks=week), "sku": sku, "market": "DE", "seller": f"F{firm}",
                    "quantity": units, "revenue": units * price(firm, good, week),
                }
            )  # fmt: skip
    products = [
        {"sku": sku, "title": title(firm, WORDS[good]), "family": "general", "maker": f"F{firm}"}
        for sku, (firm, good) in skus.items()
    ]
    firms = [{"firm": f"F{firm}", "role": "both"} for firm in range(4)]
    return tables_of(
        firms=firms, products=products, markets=[{"market": "DE", "country": "DE", "currency": "EUR"}], weekly=weekly
    )


def found(made: Diagnosed, indicator: str) -> Finding:
    (finding,) = [finding for finding in made.findings if finding.indicator == indicator]
    return finding


def war_price(firm: int, good: int, week: int) -> float:
    return (10 + 10 * good) * (0.997**week) * (1 + 0.001 * firm)


def test_a_planted_price_war_is_flagged() -> None:
    """Near-identical goods of four owners at close and falling prices are a price war in every group."""
    made = measure_sameness(cluster(war_price), SETTINGS, currency="CNY", seed=7)
    assert found(made, "near_identical_share").value == pytest.approx(1.0)
    assert found(made, "largest_group").value == 4
    assert found(made, "price_war").value == pytest.approx(1.0)
    spread = found(made, "price_spread")
    assert spread.p_value is not None
    assert spread.p_value < 0.05
    groups = made.tables["diagnosis_groups"].to_pandas()
    assert groups["products"].tolist() == [4, 4, 4, 4]
    assert groups["price_war"].all()
    assert groups["price_change"].to_numpy() == pytest.approx(26 * np.log(0.997), rel=0.05)
    assert found(made, "margin").value is None
    assert "cost of making" in found(made, "margin").sentence


def test_margins_fall_where_prices_do_and_costs_are_known() -> None:
    """A cost of four fifths of the first price: what is left is 1 − cost over price, half by half, and costs that are not known do not count."""
    tables = cluster(war_price)
    rows = tables["products"].to_pylist()
    costs = {row["sku"]: 0.8 * 10 * (1 + int(row["sku"][-1])) for row in rows if not row["sku"].endswith("3")}
    priced = Tables(
        {
            **tables,
            "products": tables_of(products=[r | {"transfer_price": costs.get(r["sku"])} for r in rows])["products"],
        }
    )
    made = measure_sameness(priced, SETTINGS, currency="CNY", seed=7)
    margin = found(made, "margin")
    week = np.arange(28, 80)
    before, after = (1 - 0.8 / (0.997**part).mean() for part in (week[:26], week[26:]))
    assert margin.reference == pytest.approx(before, abs=0.01)
    assert margin.value == pytest.approx(after, abs=0.01)
    assert margin.severity is not None
    assert margin.severity > 0.2
    assert "12 products" in margin.sentence
    groups = made.tables["diagnosis_groups"].to_pandas().set_index("example")
    assert groups["margin"].isna().sum() == 1
    assert (groups["margin_before"].dropna() > groups["margin"].dropna()).all()
    assert "margin over making cost went from" in found(made, "price_war").sentence


def moved(price: Any, first: float, then: float) -> Tables:
    """Return the cluster with every good made by its firm at ``first`` of the first price, and from the last half year on by a fifth firm at ``then`` of it."""
    tables = cluster(price)
    skus = tables["products"]["sku"].to_pylist()
    turn = MONDAY + timedelta(weeks=54)
    recorded = [
        {"row": n, "activity": "make", "date": day, "firm": maker, "sku": sku, "seller": sku[:2], "quantity": 100.0}
        for n, (sku, day, maker) in enumerate(
            ((sku, day, maker) for sku in skus for day, maker in ((turn - timedelta(weeks=20), sku[:2]), (turn, "F9"))),
            1,
        )
    ]
    able = [
        {"firm": firm, "process": sku, "cost_per_hour": share * 10 * (1 + int(sku[-1]))}
        for sku in skus
        for firm, share in ((sku[:2], first), ("F9", then))
    ]
    added = tables_of(
        recorded=recorded,
        capabilities=able,
        operations=[{"sku": sku, "step": 1, "process": sku, "hours": 1.0} for sku in skus],
    )
    return Tables({**tables, **added})


def test_a_price_war_is_told_by_margins_where_costs_are_known() -> None:
    """Prices that fall as costs do are no war, though they are one as long as costs are not known; steady prices at rising costs are one."""
    by_price = measure_sameness(cluster(war_price), SETTINGS, currency="CNY", seed=7)
    assert by_price.tables["diagnosis_groups"]["judged_by"].to_pylist() == ["price"] * 4
    assert "In 4 of the 4 groups costs are not known" in found(by_price, "price_war").sentence
    # Over 26 weeks prices fall by 7.5 %: a maker who costs less by 10 % leaves more of them.
    cheaper = measure_sameness(moved(war_price, 0.8, 0.72), SETTINGS, currency="CNY", seed=7)
    assert found(cheaper, "price_war").value == 0.0
    assert "assumed" not in found(cheaper, "price_war").sentence
    groups = cheaper.tables["diagnosis_groups"].to_pandas()
    assert groups["judged_by"].tolist() == ["margin"] * 4
    assert (groups["price_change"] < 0).all()
    assert (groups["margin_change"] > 0).all()
    margin = found(cheaper, "margin")
    earlier, later = (0.997 ** np.arange(begin, begin + 26) for begin in (28, 54))
    assert margin.reference == pytest.approx(1 - 0.8 / earlier.mean(), abs=0.01)
    assert margin.value == pytest.approx(1 - 0.72 / later.mean(), abs=0.01)
    steady = measure_sameness(
        moved(lambda firm, good, week: (10 + 10 * good) * (1 + 0.001 * firm), 0.6, 0.7),
        SETTINGS,
        currency="CNY",
        seed=7,
    )
    assert found(steady, "price_war").value == pytest.approx(1.0)
    assert "from 40% to 30%" in found(steady, "price_war").sentence
    assert steady.tables["diagnosis_groups"].to_pandas()["margin_change"].to_numpy() == pytest.approx(-0.1, abs=0.001)


def test_a_change_of_how_costs_are_counted_is_no_change_of_margin() -> None:
    """A maker whose hourly cost is not known takes over at a transfer price above the first one's cost: at steady prices margins stand still."""
    tables = moved(lambda firm, good, week: (10 + 10 * good) * (1 + 0.001 * firm), 0.5, 0.5)
    rows = [row | {"transfer_price": 0.8 * 10 * (1 + int(row["sku"][-1]))} for row in tables["products"].to_pylist()]
    able = [row for row in tables["capabilities"].to_pylist() if row["firm"] != "F9"]
    made = measure_sameness(
        Tables({**tables, **tables_of(products=rows, capabilities=able)}), SETTINGS, currency="CNY", seed=7
    )
    assert made.tables["diagnosis_groups"].to_pandas()["margin_change"].to_numpy() == pytest.approx(0.0, abs=1e-9)
    assert found(made, "margin").value == pytest.approx(0.2, abs=0.01)
    assert found(made, "price_war").value == 0.0


def test_costs_of_few_series_do_not_judge_a_group() -> None:
    """Where two of four sellers' costs are known margins judge; where one is, prices do, and that is said."""
    tables = cluster(war_price)
    for known, basis in ((1, "price"), (2, "margin")):
        rows = [
            row | ({"transfer_price": 5.0} if int(row["sku"][1]) < known else {})
            for row in tables["products"].to_pylist()
        ]
        priced = Tables({**tables, "products": tables_of(products=rows)["products"]})
        made = measure_sameness(priced, SETTINGS, currency="CNY", seed=7)
        assert set(made.tables["diagnosis_groups"]["judged_by"].to_pylist()) == {basis}
        assert found(made, "price_war").value == pytest.approx(1.0)
        assert ("assumed" in found(made, "price_war").sentence) == (basis == "price")


def test_steady_prices_are_no_war() -> None:
    """The same goods at steady prices are alike, but at peace."""
    made = measure_sameness(
        cluster(lambda firm, good, week: 10 + 10 * good + 0.01 * firm), SETTINGS, currency="CNY", seed=7
    )
    assert found(made, "price_war").value == 0.0
    assert found(made, "price_war").severity == 0.0


@pytest.mark.parametrize(
    ("title", "sku", "told"),
    [
        ("Steel kettle 17", "KETTLE-1", "steel kettle 17"),
        ("Steel kettle KT-200, white", "kt 200", "steel kettle white"),
        ("Bed sheet a1b2c3", "a1b2c3", "bed sheet"),
        ("Kettle-1", "KETTLE-1", None),
        ("电热水壶 KT-200", "KT-200", "电热水壶"),
        ("Kettle KT-1", "KT-1", None),
    ],
)
def test_a_code_is_taken_out_of_a_title_as_a_whole(title: str, sku: str, told: str | None) -> None:
    """A code in the title makes like goods unlike and is left out; words of the goods that stand in the code too are not."""
    tables = cluster(war_price)
    products = tables["products"].to_pylist()[:1]
    tables = Tables({**tables, **tables_of(products=[products[0] | {"title": title, "sku": sku, "family": "kettle"}])})
    assert read_assortment(tables).goods.title == [told]


def test_products_without_title_are_left_out_and_counted() -> None:
    """One firm's goods without titles are compared with none: the share is of the other three firms' revenue, and says so."""
    made = measure_sameness(
        cluster(war_price, title=lambda firm, word: None if firm == 3 else f"{word} model {firm}"),
        SETTINGS, currency="CNY", seed=7,
    )  # fmt: skip
    share = found(made, "near_identical_share")
    assert share.value == pytest.approx(1.0)
    assert "12 of 12 products" in share.sentence
    assert "4 have none and are left out" in share.sentence
    rows = made.tables["diagnosis_products"].to_pandas().set_index("sku")
    assert rows.loc[[f"F3-{good}" for good in range(4)], "group"].isna().all()
    assert (rows.loc[[f"F3-{good}" for good in range(4)], ["rivals", "total_similarity"]] == 0).all(axis=None)


def test_different_goods_are_not_alike() -> None:
    """Firms whose titles share nothing have no rivals, and prices that cannot be compared are not."""
    names = iter(
        [
            "kettle",
            "lamp",
            "table",
            "fan",
            "spoon",
            "wallet",
            "carpet",
            "window",
            "pencil",
            "bicycle",
            "umbrella",
            "hammer",
            "violin",
            "basket",
            "ladder",
            "mirror",
        ]
    )
    made = measure_sameness(cluster(war_price, title=lambda firm, word: next(names)), SETTINGS, currency="CNY", seed=7)
    assert found(made, "near_identical_share").value == 0.0
    assert found(made, "price_spread").value is None
    assert "three near-identical" in found(made, "price_spread").sentence


def test_a_share_that_could_be_nothing_is_no_complaint() -> None:
    """Of four owners two share one good of four: of owners drawn anew a sixteenth lack both, so the interval begins at 0, and severity is that end."""
    names = iter(
        [
            "lamp",
            "spoon",
            "wallet",
            "carpet",
            "window",
            "pencil",
            "bicycle",
            "umbrella",
            "hammer",
            "violin",
            "basket",
            "ladder",
            "mirror",
            "table",
        ]
    )

    def title(firm: int, word: str) -> str:
        return "Electric kettle steel cordless" if firm < 2 and word == WORDS[0] else next(names)

    made = measure_sameness(cluster(lambda *_: 10.0, title=title), SETTINGS, currency="CNY", seed=7)
    share = found(made, "near_identical_share")
    assert share.value == pytest.approx(1 / 8, abs=0.01)
    assert (share.low, share.severity, share.measure) == (0.0, 0.0, "")
    assert "could as well be nothing" in share.sentence
    whole = found(measure_sameness(cluster(war_price), SETTINGS, currency="CNY", seed=7), "near_identical_share")
    assert whole.severity == whole.low == pytest.approx(1.0)


def test_young_products_that_records_cannot_tell_are_no_complaint() -> None:
    """Eighty weeks of sales without days of launch do not tell whether goods are young: the share is told, without severity or measure."""
    finding = found(measure_sameness(small(), SETTINGS, currency="CNY", seed=7), "young_share")
    assert "too late to be sure" in finding.sentence
    assert (finding.severity, finding.measure) == (0.0, "")


def test_order_of_rows_and_names_of_firms_change_nothing() -> None:
    """Rows in another order give the same findings."""
    tables = cluster(war_price)
    turned = Tables(
        {name: tables[name].take(np.random.default_rng(3).permutation(tables[name].num_rows)) for name in tables}
    )
    plain, other = (measure_sameness(t, SETTINGS, currency="CNY", seed=7) for t in (tables, turned))
    for name in ("near_identical_share", "largest_group", "price_war", "niche_overlap", "young_share"):
        assert found(plain, name).value == pytest.approx(found(other, name).value), name


@pytest.mark.parametrize(
    ("tables", "indicator", "reason"),
    [
        (small(), "near_identical_share", "titles that tell more than their family"),
        (small(weekly=[]), "young_share", "weeks of sales"),
        (small(weekly=[]), "niche_overlap", "at least two owners"),
        (small(products=[]), "near_identical_share", "0 of 0 products"),
        (cluster(war_price, weeks=1), "price_war", "both halves"),
        (cluster(war_price, title=lambda firm, word: None), "novelty", "telling title"),
    ],
    ids=["no titles", "no sales", "no niches", "no products", "one week", "blank titles"],
)
def test_bad_input_has_its_reason(tables: Tables, indicator: str, reason: str) -> None:
    """What cannot be measured says why; nothing crashes, and every finding speaks both languages."""
    made = measure_sameness(tables, SETTINGS, currency="CNY", seed=7)
    finding = found(made, indicator)
    assert finding.value is None
    assert finding.severity is None
    assert reason in finding.sentence
    assert all(other.sentence_zh and other.sentence_zh != other.sentence for other in made.findings)


def test_one_firm_and_identical_firms() -> None:
    """One owner has no rivals to be the same as; firms all alike are as same as can be."""
    tables = cluster(war_price)
    one = Tables(
        {
            **tables,
            "firms": tables_of(firms=[{"firm": f"F{n}", "role": "both", "owner": "X"} for n in range(4)])["firms"],
        }
    )
    assert found(measure_sameness(one, SETTINGS, currency="CNY", seed=7), "near_identical_share").value is None
    alike = measure_sameness(
        cluster(lambda *_: 10.0, title=lambda firm, word: "Kettle steel"), SETTINGS, currency="CNY", seed=7
    )
    assert found(alike, "near_identical_share").value == pytest.approx(1.0)
    assert found(alike, "niche_overlap").value is None


def newcomers(count: int) -> Tables:
    """Return the four goods of four firms, and copies of the first that firm 0 launches in the last weeks."""
    tables = cluster(war_price)
    named = [r | {"launched": MONDAY} for r in tables["products"].to_pylist()]
    copies = [
        {"sku": f"N{n}", "title": f"{WORDS[0]} model 0", "family": "general", "maker": "F0", "launched": MONDAY + timedelta(weeks=70)}
        for n in range(count)
    ]  # fmt: skip
    return Tables({**tables, "products": tables_of(products=[*named, *copies])["products"]})


def test_novelty_has_an_interval_that_a_share_can_have_and_severity_follows_it() -> None:
    """Copies are not new: two of them leave it open, thirty do not; no end of an interval is below nothing."""
    few, many = (
        found(measure_sameness(newcomers(count), SETTINGS, currency="CNY", seed=7), "novelty") for count in (2, 30)
    )
    for finding in (few, many):
        assert finding.value is not None
        assert finding.low is not None
        assert finding.high is not None
        assert 0 <= finding.low <= finding.value < 0.05 < finding.high
    assert few.high > 1 - SETTINGS.alike
    assert (few.severity, few.measure) == (0.0, "")
    assert many.high < 0.2
    assert many.severity == pytest.approx(1 - many.high / (1 - SETTINGS.alike))
    assert many.measure == "license_designs"


def wish(data: Path) -> Tables:
    """Return the Wish listings as a cluster: a merchant each firm, one week of the units sold."""
    listings = pd.read_parquet(data / "wish" / "listings.parquet").drop_duplicates("product_id")
    products = [
        {"sku": row.product_id, "title": row.title_orig, "family": "fashion", "brand_owner": row.merchant_id}
        for row in listings.itertuples()
    ]
    weekly = [
        {"week": MONDAY, "sku": row.product_id, "market": "FR", "seller": row.merchant_id, "quantity": float(row.units_sold),
         "revenue": float(row.units_sold * row.price)}
        for row in listings.itertuples()
    ]  # fmt: skip
    return tables_of(
        firms=[{"firm": name, "role": "seller"} for name in sorted(set(listings["merchant_id"]))],
        products=products,
        markets=[{"market": "FR", "country": "FR", "currency": "EUR"}],
        weekly=weekly,
    )


def near_by_all_pairs(tables: Tables) -> float:
    """Return the share of revenue with a near-identical good of another merchant, by scikit-learn's TF-IDF and every pair.

    Of the four attributes the family alone is known, and as the same of all it tells nothing.
    """
    products, weekly = tables.frame("products"), tables.frame("weekly").set_index("sku")["revenue"]
    words = [
        [gram for word in folded(title).split() if word not in folded(sku).split() for gram in grams(word)]
        for title, sku in zip(products["title"], products["sku"], strict=True)
    ]
    rows = TfidfVectorizer(analyzer=lambda found: found).fit_transform(words)
    like = (rows @ rows.T).toarray()
    owner = products["brand_owner"].to_numpy()
    hit = ((like >= SETTINGS.same) & (owner[:, None] != owner[None, :])).any(axis=1)
    revenue = weekly.reindex(products["sku"]).to_numpy()
    return float(revenue[hit].sum() / revenue.sum())


@pytest.mark.real
def test_wish_listings(data: Path) -> None:
    """On 1,341 listings of 958 merchants like titles lead to groups whose prices lie closer than chance; and copies are seen."""
    tables = wish(data)
    made = measure_sameness(tables, SETTINGS, currency="CNY", seed=7)
    share, spread = found(made, "near_identical_share"), found(made, "price_spread")
    assert share.value == pytest.approx(near_by_all_pairs(tables), abs=0.002)
    assert share.low is not None
    assert share.high is not None
    assert share.low < share.value < share.high
    assert spread.value is not None
    assert spread.reference is not None
    assert spread.value == pytest.approx(0.31, abs=0.02)
    assert spread.reference == pytest.approx(0.42, abs=0.02)
    assert spread.p_value == pytest.approx(1 / (SETTINGS.draws + 1))
    titles = dict(zip(tables["products"]["sku"].to_pylist(), tables["products"]["title"].to_pylist(), strict=True))
    products = made.tables["diagnosis_products"].to_pandas()
    copies = pd.Series(titles).value_counts()
    copied = products[products["title"].isin(copies.index[copies > 1])]
    assert copied["group"].notna().all()
