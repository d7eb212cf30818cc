"""Where the cluster's output ends, and what of it was imported before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.chains import along_chains
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import home_country, home_is_where_it_sells, only_source
from jointplan.diagnosis.lock_in.spread import last_year, offers_taken
from jointplan.diagnosis.materials import bought_in, by_maker, made_by_quarter, makers_of, material_use, quarters, years
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both

Floats = npt.NDArray[np.float64]
LEAST_QUARTERS = 4
SURE = 0.05


@dataclass(frozen=True)
class Outlets:
    """Where output ends: findings, and the table **diagnosis_outlets** where there is one."""

    findings: tuple[Finding, ...]
    table: pa.Table | None = None


@dataclass(frozen=True)
class Course:
    """How a share moved over whole quarters.

    Parameters
    ----------
    first, last : float
        In the first and the last of them.
    slope : float
        Change in a year, by least squares.
    p_value : float
        Chance of so steep a line if there were no trend.
    quarters : int
        How many.
    """

    first: float
    last: float
    slope: float
    p_value: float
    quarters: int

    @property
    def told(self) -> bool:
        """Whether there is more than chance explains."""
        return self.p_value <= SURE


def course_of(shares: pd.Series) -> Course | None:
    """Return the course of a share by quarter; None where the history is too short.

    The first and last quarter may be cut short and are left out where enough remain.
    """
    whole = shares.iloc[1:-1] if len(shares) > LEAST_QUARTERS + 1 else shares
    if len(whole) < LEAST_QUARTERS:
        return None
    from scipy.stats import linregress

    constant = bool(np.ptp(whole) == 0)
    slope, p_value = (0.0, 1.0) if constant else linregress(np.arange(len(whole)) / 4, whole.to_numpy())[0:4:3]
    return Course(float(whole.iloc[0]), float(whole.iloc[-1]), float(slope), float(p_value), len(whole))


def outlets(tables: Tables) -> Outlets:
    """Measure what share of output ends in the cluster, at home and abroad, and how that changed from quarter to quarter."""
    home = home_country(tables)
    sold = tables.frame("weekly", "week", "market", "revenue").merge(
        tables.frame("markets", "market", "country"), on="market"
    )
    supplies = supplied_by_members(tables)
    sales = sold.groupby(quarters(sold["week"]))["revenue"].sum()
    kept = None if supplies is None else supplies.reindex(sales.index, fill_value=0.0)
    inside_course = None if kept is None or not (kept + sales > 0).all() else course_of(kept / (kept + sales))
    within = inside(tables, kept, inside_course)
    named = sold.dropna(subset=["country"])
    if home is None or not named["revenue"].sum():
        reason = unmeasured(
            "lock_in", "ends_abroad", "ecosystem",
            "Where output ends cannot be told: the cluster's country is not known, or markets have no country. Give a hub among the sites, or the currency of the firms.",
            f"markets: {len(sold)}",
        )  # fmt: skip
        return Outlets((reason, within))
    rows = f"weekly: {len(named)}"
    outlet = np.where(named["country"] == home, "home", "abroad")
    by = (
        named.groupby([quarters(named["week"]), outlet])["revenue"]
        .sum()
        .unstack(fill_value=0.0)
        .reindex(columns=["home", "abroad"], fill_value=0.0)
    )
    abroad = by["abroad"] / by.sum(axis=1)
    if kept is not None:
        by.insert(0, "cluster", kept.reindex(by.index, fill_value=0.0))
    share = by.div(by.sum(axis=1), axis=0)
    table = pa.Table.from_pylist(
        [
            {
                "period": period,
                "outlet": name,
                "amount": float(by.loc[period, name]),
                "share": float(share.loc[period, name]),
            }
            for period in by.index
            for name in by.columns
        ],
        TABLES["diagnosis_outlets"].arrow,
    )
    source = only_source(tables)
    if not by["abroad"].sum() > 0 and (seen := _nothing_else_seen(tables, home, source, rows)):
        return Outlets((seen, within), table)
    if set(tables["markets"]["country"].to_pylist()) <= {home, None}:
        return Outlets((_none_abroad(home, rows), within), table)
    return Outlets((*_ends(named, abroad, home, f"{rows}, {source}" if source else rows, source), within), table)


def _nothing_else_seen(tables: Tables, home: str, source: str | None, rows: str) -> Finding | None:
    """Say that no sale abroad could have been seen, as that is no finding; None where one could."""
    if home_is_where_it_sells(tables):
        return unmeasured(
            "lock_in", "ends_abroad", "ecosystem",
            "What ends abroad cannot be told: {home} is taken for the cluster's country only because all sales are there. Give a hub among the sites, or the currency of the firms.",
            rows, home=home,
        )  # fmt: skip
    if source is not None:
        return unmeasured(
            "lock_in", "ends_abroad", "ecosystem",
            "What ends abroad cannot be told: all sales were brought from {source}, and all of them end in {home}. Bring what is sold elsewhere.",
            rows, home=home, source=source,
        )  # fmt: skip
    if "wanted" in tables and set(tables["markets"]["country"].to_pylist()) <= {home, None}:
        return unmeasured(
            "lock_in", "ends_abroad", "ecosystem",
            "What ends abroad cannot be told of a plan that knows no market but those in {home}. Give markets abroad, with their demand.",
            rows, home=home,
        )  # fmt: skip
    return None


def _none_abroad(home: str, rows: str) -> Finding:
    """Say that nothing ends abroad of sales whose tables name no market there: as true of one firm that looks at home alone, so no complaint by itself."""
    said = both(
        "No output ends abroad: the tables name no market outside {home}. They do not tell whether none was tried or none was written down.",
        home=home,
    )
    return Finding("lock_in", "ends_abroad", "ecosystem", *said, rows, "", 0.0, "share", measure="enter_market")


def _ends(named: pd.DataFrame, abroad: pd.Series, home: str, rows: str, source: str | None) -> Iterator[Finding]:
    latest = last_year(named)
    value = float(latest.loc[latest["country"] != home, "revenue"].sum() / latest["revenue"].sum())
    course = course_of(abroad)
    if course is None:
        said = both("{share} of output ends abroad; the history is too short to tell a trend.", share=f"{value:.0%}")
        yield Finding("lock_in", "ends_abroad", "ecosystem", *_known(said, source), rows, "", value, "share", severity=_inward(value, 0.0), measure="enter_market")  # fmt: skip
        return
    values = {"share": f"{value:.0%}", "points": f"{course.slope * 100:+.1f}", "quarters": course.quarters}
    said = (
        both("{share} of output ends abroad, {points} points a year over {quarters} quarters.", **values)
        if course.told
        else both(
            "{share} of output ends abroad; no trend can be told over {quarters} quarters ({points} points a year).",
            **values,
        )
    )
    falling = max(0.0, -course.slope) if course.told else 0.0
    yield Finding(
        "lock_in", "ends_abroad", "ecosystem", *_known(said, source), rows, "", value, "share", "past", course.first,
        severity=_inward(value, falling), measure="enter_market,overseas_warehouse",
    )  # fmt: skip


def _known(said: tuple[str, str], source: str | None) -> tuple[str, str]:
    """Add that sales are those of one platform, where they are."""
    if source is None:
        return said
    known = both("(All sales were brought from {source}; what is sold elsewhere is not known.)", source=source)
    return f"{said[0]} {known[0]}", f"{said[1]}{known[1]}"


def _inward(abroad: float, falling: float) -> float:
    """Return how bad it is that so little goes out: all at home is 0.8, and a fall of ten points a year adds 0.2."""
    return float(min(1.0, 0.8 * max(0.0, 1 - 2 * abroad) + 2 * falling))


def supplied_by_members(tables: Tables) -> pd.Series | None:
    """Return by quarter what makers used of materials bought from other members, in money; None where none is bought from one.

    By the bill of materials of what was made (:func:`made_by_quarter`), at the offers taken today.
    """
    if not {"materials", "sources"} <= set(tables):
        return None
    offers = offers_taken(tables, material_use(tables))
    offers = offers[offers["supplier"].isin(tables["firms"]["firm"].to_pylist())]
    if not len(offers):
        return None
    parts = bought_in(tables).merge(offers, on="material")
    parts["cost"] *= parts["quantity"] * parts["part"]
    unit = parts.groupby(["sku", "supplier"], as_index=False)["cost"].sum()
    rows = made_by_quarter(tables).merge(unit, on="sku")
    rows = rows[rows["supplier"] != rows["maker"]]
    return (rows["quantity"] * rows["cost"]).groupby(rows["quarter"]).sum() if len(rows) else None


def inside(tables: Tables, supplies: pd.Series | None, course: Course | None) -> Finding:
    """Measure what share of output goes into the work of other members instead of leaving the cluster, and how that changed.

    Parameters
    ----------
    tables : Tables
        ``ties``, else what materials members supply; ``weekly``.
    supplies : Series or None
        What members supply to each other by quarter (:func:`supplied_by_members`).
    course : Course or None
        How its share of output moved; None: not known.
    """
    given = "ties" in tables and bool(tables["ties"].num_rows)
    weekly = tables.frame("weekly", "week", "revenue")
    latest = last_year(weekly)
    sold = float(latest["revenue"].sum()) / min(years(latest["week"]), 1.0)
    past = None
    if given:
        ties = tables.frame("ties", "firm_a", "firm_b", "kind", "year", "value")
        role = tables.frame("firms", "firm", "role").set_index("firm")["role"]
        works = ties["kind"].isin(("supply", "subcontract")) & ties["firm_b"].map(role).isin(
            ("maker", "both", "supplier")
        )
        past = _inside_before(ties, works, weekly)
        if ties["year"].notna().any():
            works &= ties["year"] == ties["year"].max()
        kept, rows = float(ties.loc[works, "value"].sum()), f"ties: {int(works.sum())}"
    elif supplies is not None:
        kept = float(supplies.sum()) / years(weekly["week"])
        sold = float(weekly["revenue"].sum()) / years(weekly["week"])
        rows = "materials, sources, weekly by quarter"
    else:
        kept, sold, rows = 0.0, 0.0, "ties: 0"
    if kept + sold <= 0:
        return unmeasured(
            "lock_in", "ends_inside", "production",
            "What share of output stays inside the cluster cannot be told without the table ties, or materials that are bought from members (materials, sources).",
            rows,
        )  # fmt: skip
    value = kept / (kept + sold)
    if not given:
        said = both(
            "{share} of all business of the cluster is materials that its members supply to makers, by bills of materials; the rest is sold to customers.",
            share=f"{value:.0%}",
        )
    elif past is None:
        said = both(
            "{share} of all business of the cluster is work and supplies between makers; the rest is sold to customers.",
            share=f"{value:.0%}",
        )
    else:
        said = both(
            "{share} of all business of the cluster is work and supplies between makers, {before} in {year}; the rest is sold to customers.",
            share=f"{value:.0%}", before=f"{past[1]:.0%}", year=past[0],
        )  # fmt: skip
    moved = _moved(supplies, course, value if given else None)
    reference = past[1] if past is not None else course.first if course is not None and not given else None
    return Finding(
        "lock_in", "ends_inside", "production", f"{said[0]} {moved[0]}", said[1] + moved[1], rows, "", value, "share",
        None if reference is None else "past", reference, severity=max(0.0, value - 0.5), measure="enter_market",
    )  # fmt: skip


def _moved(supplies: pd.Series | None, course: Course | None, by_ties: float | None) -> tuple[str, str]:
    """Say how the share of supplies between members moved by quarter, what alone can move it, and why ties tell another; or why that is not told."""
    if supplies is None:
        return both(
            "How that moves from quarter to quarter is not told: ties are of whole years, and no material is bought from a member."
        )
    if course is None:
        return both("The history is too short to tell a trend of it by quarter.")
    values = {
        "first": f"{course.first:.1%}",
        "last": f"{course.last:.1%}",
        "points": f"{course.slope * 100:+.1f}",
        "quarters": course.quarters,
    }
    still = not course.told and values["first"] == values["last"]
    said = [
        both(
            "By quarter, materials from members (bills of materials, at today's prices) are {last} of output in the first and the last of {quarters} quarters.",
            **values,
        )
        if still
        else both(
            "By quarter, materials from members (bills of materials, at today's prices) went from {first} to {last} of output, {points} points a year over {quarters} quarters.",
            **values,
        )
        if course.told
        else both(
            "By quarter, materials from members (bills of materials, at today's prices) went from {first} to {last} of output: no trend can be told over {quarters} quarters ({points} points a year).",
            **values,
        ),
        both("Bills and prices of materials stand still in that, so it moves with selling prices, the mix of goods and their makers alone."),
    ]  # fmt: skip
    if by_ties is not None:
        shares = {"ties": f"{by_ties:.1%}", "last": f"{course.last:.1%}"}
        said.append(
            both("Bills tell more than the ties ({last} against {ties}): ties seem to leave out supplies between members.", **shares)
            if course.last > 1.25 * by_ties
            else both("Ties tell {ties}: they count the work and supplies that firms report, bills the materials in what was made ({last}).", **shares)
        )  # fmt: skip
    return " ".join(english for english, _ in said), "".join(chinese for _, chinese in said)


def _inside_before(ties: pd.DataFrame, works: pd.Series, weekly: pd.DataFrame) -> tuple[int, float] | None:
    """Return the first year before the latest of the ties whose sales are known from its first week to its last, and the share inside then."""
    week = pd.Timedelta(days=6)
    for year in sorted(ties["year"].dropna().unique())[:-1]:
        first, last = pd.Timestamp(int(year), 1, 1), pd.Timestamp(int(year), 12, 31)
        kept = float(ties.loc[works & (ties["year"] == year), "value"].sum())
        sold = float(weekly.loc[weekly["week"].between(first, last), "revenue"].sum())
        if weekly["week"].min() <= first + week and weekly["week"].max() >= last - week and kept + sold > 0:
            return int(year), kept / (kept + sold)
    return None


def import_content(flows: npt.ArrayLike, imports: npt.ArrayLike, output: npt.ArrayLike) -> Floats | None:
    """Return what of a unit of each one's final demand was imported, directly or on the way: m'(I − A)⁻¹.

    Parameters
    ----------
    flows : array_like or sparse, shape (n, n)
        What row i sells to column j, domestic deliveries alone.
    imports, output : array_like, shape (n,)
        What each imports, and all it puts out.

    Returns
    -------
    ndarray or None
        Shares; None where the rows do not balance.
    """
    from scipy.sparse import csr_array, diags_array

    x = np.asarray(output, float)
    reach = np.where(x > 0, x, 1.0)
    a = csr_array(flows) @ diags_array(1 / reach)
    return along_chains(a.T.tocsr(), np.asarray(imports, float) / reach)


def imported(tables: Tables) -> Finding:
    """Measure what of the cluster's sales was imported as material.

    Both sides are of the same goods and weeks, what the units sold contain against what they sold for, so that a plan of some
    weeks can stand beside a year of sales.
    """
    home = home_country(tables)
    bought = None if home is None or not {"materials", "sources"} <= set(tables) else _contained(tables)
    if bought is None or not len(bought) or bought["origin"].isna().all():
        return unmeasured(
            "lock_in", "import_content", "supply_chain",
            "Import content cannot be told without the tables materials and sources with their origins, and the cluster's country.",
            "materials, sources: 0",
        )  # fmt: skip
    abroad = bought[bought["origin"].notna() & (bought["origin"] != home)]
    made = makers_of(tables)
    weekly = last_year(tables.frame("weekly", "week", "sku", "seller", "revenue"))
    weekly = weekly[weekly["sku"].isin(made["sku"])]
    sold = float(weekly["revenue"].sum())
    amount = float(abroad["amount"].sum())
    share_of_material = amount / float(bought["amount"].sum())
    through = _leontief(tables, abroad, weekly)
    value, way = (
        (through, "ties, materials, sources")
        if through is not None
        else (amount / sold if sold else 0.0, "materials, sources")
    )
    most = abroad.groupby("material")["amount"].sum()
    said = (
        both(
            "{share} of the value of sales was imported as material, {of_material} of all material; most of it is {material}.",
            share=f"{value:.1%}",
            of_material=f"{share_of_material:.0%}",
            material=str(most.idxmax()),
        )
        if amount > 0
        else both("No material in what was sold was imported.")
    )
    return Finding(
        "lock_in", "import_content", "supply_chain", *said, f"{way}: {len(abroad)}", "", float(value), "share",
        severity=min(1.0, share_of_material), measure="substitute_imports" if amount > 0 else "",
    )  # fmt: skip


def _contained(tables: Tables) -> pd.DataFrame:
    """Return material, maker, origin and amount: the material in what was sold in the last year, as it is bought."""
    sold = last_year(tables.frame("weekly", "week", "sku", "quantity"))
    sold = sold.groupby("sku", as_index=False)["quantity"].sum().astype({"quantity": float})
    sold = by_maker(sold, makers_of(tables), "quantity")
    rows = sold.merge(bought_in(tables), on="sku", suffixes=("_sold", ""))
    rows["quantity"] *= rows["quantity_sold"]
    rows = rows.groupby(["maker", "material"], as_index=False)["quantity"].sum()
    rows = rows.merge(offers_taken(tables, material_use(tables)), on="material")
    return rows.assign(amount=rows["quantity"] * rows["cost"] * rows["part"])


def _leontief(tables: Tables, abroad: pd.DataFrame, weekly: pd.DataFrame) -> float | None:
    """Return the import content of final sales through ties of the kind supply; None where they are not given or do not fit."""
    firms = pd.Index(tables["firms"]["firm"].to_pylist())
    if "ties" not in tables:
        return None
    supply = tables.frame("ties", "firm_a", "firm_b", "kind", "year", "value")
    supply = supply[(supply["kind"] == "supply") & (supply["year"].isna() | (supply["year"] == supply["year"].max()))]
    if not len(supply):
        return None
    from scipy.sparse import coo_array

    a, b = firms.get_indexer(supply["firm_a"]), firms.get_indexer(supply["firm_b"])
    used = (a >= 0) & (b >= 0) & (a != b)
    flows = coo_array(
        (supply["value"].to_numpy(float)[used], (a[used], b[used])), shape=(len(firms), len(firms))
    ).tocsc()
    # Ties are those of a year, and so are sales and imports then.
    span = min(years(weekly["week"]), 1.0)
    final = weekly.groupby("seller")["revenue"].sum().reindex(firms, fill_value=0.0).to_numpy() / span
    output = np.asarray(flows.sum(axis=1)).ravel() + final
    inputs = np.asarray(flows.sum(axis=0)).ravel()
    imports = abroad.groupby("maker")["amount"].sum().reindex(firms, fill_value=0.0).to_numpy() / span
    if (inputs + imports > output * 1.0001 + 1)[output > 0].any() or final.sum() <= 0:
        return None  # rows that do not add up to a balance would give more imports than there are
    content = import_content(flows, imports, output)
    value = None if content is None else float(content @ final / final.sum())
    return value if value is not None and 0 <= value <= 1 else None
