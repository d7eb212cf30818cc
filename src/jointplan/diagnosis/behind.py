"""The rows behind each finding, so that a planner can look at them one by one: of the tables brought, and of the detail worked out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.settings import DiagnosisSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES

YEAR = timedelta(weeks=52)


@dataclass(frozen=True)
class Asked:
    """What the rows are asked for: a finding, and what it was measured on."""

    finding: Finding
    tables: Tables
    settings: DiagnosisSettings


@dataclass(frozen=True)
class Source:
    """Where rows behind a finding lie.

    Parameters
    ----------
    table : str
        A table brought, or one of the detail.
    amount : str
        Column that tells which rows weigh most; blank: they stand as in the table.
    where : callable or None
        Which rows; None: all.
    keys : tuple of str
        Columns that rows are told by, and added up by; blank: the key of the table.
    dated : str
        Column of days or years, of which only the last 52 weeks, or the last year, count; blank: whenever.
    rising : bool
        Little is bad, so that the smallest stand first.
    planned : str
        Table of a run whose rows stand in for it where the flows of a plan are measured; blank: itself.
    """

    table: str
    amount: str = ""
    where: Callable[[Asked], pc.Expression] | None = None
    keys: tuple[str, ...] = ()
    dated: str = ""
    rising: bool = False
    planned: str = ""


def _of(column: str) -> Callable[[Asked], pc.Expression]:
    """Ask for the rows of the finding's subject."""
    return lambda asked: pc.field(column) == asked.finding.subject


def _is(column: str, value: object) -> Callable[[Asked], pc.Expression]:
    return lambda _: pc.field(column) == value


def _over(column: str, least: float) -> Callable[[Asked], pc.Expression]:
    return lambda _: pc.field(column) > least


def _known(column: str) -> Callable[[Asked], pc.Expression]:
    return lambda _: pc.field(column).is_valid()


def _made_by_subject(asked: Asked) -> pc.Expression:
    products = asked.tables["products"]
    return pc.field("sku").isin(products.filter(pc.field("maker") == asked.finding.subject)["sku"].to_pylist())


def _foreign(asked: Asked) -> pc.Expression:
    return pc.field("origin") != (home_country(asked.tables) or "")


def _young(asked: Asked) -> pc.Expression:
    # Young when they sold, in the last half year.
    return pc.field("age") < asked.settings.sameness.young_weeks + 26


def _members_work(asked: Asked) -> pc.Expression:
    firms = asked.tables["firms"]
    makers = firms.filter(pc.field("role").isin(["maker", "both", "supplier"]))["firm"].to_pylist()
    return pc.field("kind").isin(["supply", "subcontract"]) & pc.field("firm_b").isin(makers)


_TIES = (
    Source("ties", "value", keys=("firm_a", "firm_b"), dated="year"),
    Source("diagnosis_ties", "weight", _is("derived", True)),
)
_MADE = Source(
    "recorded", "quantity", _is("activity", "make"), ("firm", "sku", "seller", "date"), "date", planned="lots"
)
_SENT = Source(
    "recorded", "quantity", _is("activity", "ship"), ("lane", "firm", "sku", "date"), "date", planned="shipments"
)
_BROUGHT_BACK = ("document", "date", "sku", "market", "seller")
_YIELDS = Source("capabilities", "yield", _known("yield"), rising=True)
_CERTIFIED = (Source("diagnosis_uncertified", "revenue"), Source("certificates"))
_COURSE = (Source("diagnosis_coordination"), Source("indicators"))
_OBSTACLES = (Source("diagnosis_obstacles", where=_of("indicator")), Source("indicators", where=_of("indicator")))
_COUNTRIES = Source("diagnosis_countries", "eci")
_TRADE = Source("diagnosis_trade", "exports")


def _sold(*keys: str, dated: str = "week") -> Source:
    return Source("weekly", "revenue", keys=keys, dated=dated, planned="deliveries")


_SOLD, _SOLD_PRODUCTS = _sold("market", "sku", "seller"), _sold("sku")


def _share(dimension: str) -> Source:
    return Source("diagnosis_shares", "amount", _is("dimension", dimension))


_OFFERS = (Source("sources"), Source("materials"))

BEHIND: Mapping[str, tuple[Source, ...]] = {
    "core": (Source("diagnosis_firms", "strength", _is("core", True)), *_TIES),
    "outside_core": (Source("diagnosis_firms", "strength", lambda _: (pc.field("from_core") == 0) & ~pc.field("core")),),
    "from_core": (Source("diagnosis_firms", "from_core", _is("core", False)), *_TIES),
    "fragmentation": (Source("diagnosis_firms", "part"), *_TIES),
    "distance_fragmentation": _TIES,
    "centralisation": (Source("diagnosis_firms", "ties"), *_TIES),
    "k_core": (Source("diagnosis_firms", "coreness"), *_TIES),
    "communities": (Source("diagnosis_firms", "strength"), *_TIES),
    "single_tie": (Source("diagnosis_firms", "strength", _is("ties", 1)),),
    "nearness": (Source("firms", where=lambda _: pc.field("lat").is_valid() & pc.field("lon").is_valid()),),
    "exchanged_positions": (
        Source("firms", where=lambda asked: pc.field("firm").isin(asked.finding.rows.removeprefix("firms: ").split(", "))),
    ),
    "regional_concentration": (
        Source("diagnosis_families", "amount", _of("family")), Source("diagnosis_regions", "quotient", _of("family")),
    ),
    "comparative_advantage": (Source("diagnosis_trade", "exports", _of("product")),),
    "complexity": (_COUNTRIES,),
    "fitness": (Source("diagnosis_countries", "fitness"),),
    "product_complexity": (Source("diagnosis_trade", "pci"),),
    "relatedness": (Source("diagnosis_trade", "density"),),
    "upstreamness": (Source("ties", "value", _is("kind", "supply"), ("firm_a", "firm_b"), "year"),),
    "near_identical_share": (Source("diagnosis_products", "revenue", _over("rivals", 0)),),
    "largest_group": (Source("diagnosis_products", "revenue", _is("group", 1)),),
    "price_spread": (Source("diagnosis_groups", "spread", _known("spread")),),
    "price_war": (Source("diagnosis_groups", "revenue", _is("price_war", True)),),
    "margin": (_SOLD_PRODUCTS,),
    "niche_overlap": (Source("diagnosis_overlap", "pianka"), _SOLD),
    "young_share": (Source("diagnosis_products", "revenue", _young), Source("diagnosis_newness"), _SOLD_PRODUCTS),
    "assortment_age": (Source("diagnosis_products", "age"), Source("diagnosis_newness")),
    "novelty": (Source("diagnosis_products", "novelty", _known("novelty"), rising=True),),
    "market_concentration": (_share("market"), _SOLD),
    "channel_concentration": (
        _share("channel"), Source("sales", "quantity", _known("channel"), ("channel", "market", "sku", "seller"), "date"),
    ),
    "buyer_concentration": (_share("buyer"), _MADE, Source("products", where=_known("maker"))),
    "supplier_concentration": (_share("supplier"), *_OFFERS),
    "material_concentration": (_share("material"), *_OFFERS),
    "origin_concentration": (_share("origin"), *_OFFERS),
    "market_covariance": (_share("market"), _sold("market", "week", dated="")),
    "ends_abroad": (Source("diagnosis_outlets", "amount"), _sold("market", "sku")),
    "ends_inside": (
        Source("ties", "value", _members_work, ("firm_a", "firm_b"), "year"), Source("diagnosis_outlets", "amount", _is("outlet", "cluster")),
    ),
    "import_content": (Source("sources", where=_foreign), Source("materials")),
    "risk_exposure": (Source("diagnosis_dependence", "loss"), *_OFFERS, Source("products", where=_known("maker"))),
    "time_to_survive": (
        Source("diagnosis_dependence", "weeks_to_survive", _known("weeks_to_survive"), rising=True), *_OFFERS,
    ),
    "worth_of_data": (Source("diagnosis_data", where=_is("kind", "all")),),
    "best_node": (Source("diagnosis_data", "reduction", lambda _: pc.field("kind") != "all"),),
    "node_order": (Source("diagnosis_nodes"),),
    "bullwhip": (Source("diagnosis_bullwhip", "ratio"), _MADE),
    "spillover_family": (Source("diagnosis_spillover", where=_is("field", "family")), _SOLD),
    "spillover_market": (Source("diagnosis_spillover", where=_is("field", "market")), _SOLD),
    "outside_flow": (Source("diagnosis_outside"),),
    "lane_price": (Source("diagnosis_lanes", "stake"), _SENT),
    "lane_days": (Source("diagnosis_lanes", "days_stake"), _SENT),
    "promotion_to_production": (Source("diagnosis_promotion", "spend"), Source("promotions", "spend", dated="date")),
    "return_rate": (
        Source("diagnosis_quality", "returned"), Source("returns", "quantity", keys=_BROUGHT_BACK, dated="date"),
    ),
    "worst_maker": (
        Source("diagnosis_quality", "returned", _of("maker")), Source("returns", "quantity", _made_by_subject, _BROUGHT_BACK, "date"),
    ),
    "return_gap": (
        Source("diagnosis_quality", "rate_abroad"), Source("returns", "quantity", keys=_BROUGHT_BACK, dated="date"),
    ),
    "yield": (_YIELDS,),
    "yield_gap": (Source("diagnosis_quality", "yield", _known("yield"), rising=True), _YIELDS),
    "certificates": _CERTIFIED,
    "certificate_gap": _CERTIFIED,
    "coordination": _COURSE,
    "coordination_corrected": _COURSE,
    "coordination_by_entropy": _COURSE,
    "synergy": _COURSE,
    "lag": _COURSE,
    "obstacle": _OBSTACLES,
    "driver": _OBSTACLES,
}  # fmt: skip
"""Of each indicator that is measured."""


@dataclass
class Behind:
    """Looks up the rows behind findings.

    Parameters
    ----------
    tables : Tables
        What was measured.
    details : mapping
        The detail tables that were made of it.
    settings : DiagnosisSettings
        ``rows``: how many of each table are listed.
    """

    tables: Tables
    details: Mapping[str, pa.Table]
    settings: DiagnosisSettings
    _looked_up: dict[Source, tuple[int, list[tuple[str, float | None]]]] = field(default_factory=dict)

    def table(self, findings: Iterable[Finding]) -> pa.Table:
        """Return the table **finding_rows**; what was not measured has no rows."""
        rows = [row for finding in findings if finding.value is not None for row in self._rows(finding)]
        return pa.Table.from_pylist(rows, TABLES["finding_rows"].arrow)

    def _rows(self, finding: Finding) -> Iterator[dict[str, object]]:
        for source in BEHIND[finding.indicator]:
            total, listed = self._listed(source, finding)
            name = source.planned if finding.plan and source.planned else source.table
            for number, (key, amount) in enumerate(listed, start=1):
                yield {
                    "plan": finding.plan, "indicator": finding.indicator, "subject": finding.subject, "table": name, "number": number,
                    "row": key, "column": source.amount or None, "amount": amount, "total": total,
                }  # fmt: skip

    def _listed(self, source: Source, finding: Finding) -> tuple[int, list[tuple[str, float | None]]]:
        """Return how many rows there are, and those that are listed; looked up once where all findings ask for the same."""
        if source not in self._looked_up:
            table = self.details.get(source.table, self.tables.get(source.table))
            found = (0, []) if table is None else self._look_up(source, table, finding)
            if source.where is not None:
                return found
            self._looked_up[source] = found
        return self._looked_up[source]

    def _look_up(self, source: Source, table: pa.Table, finding: Finding) -> tuple[int, list[tuple[str, float | None]]]:
        if source.dated:
            table = _latest(table, source.dated)
        if source.where is not None:
            table = table.filter(source.where(Asked(finding, self.tables, self.settings)))
        keys = source.keys or TABLES[source.table].key
        if source.keys and source.amount:
            table = table.group_by(list(keys)).aggregate([(source.amount, "sum")])
            table = table.rename_columns([name.removesuffix("_sum") for name in table.column_names])
        total = table.num_rows
        if source.amount and total:
            order = "ascending" if source.rising else "descending"
            table = table.take(pc.sort_indices(table, [(source.amount, order)])[: self.settings.rows])
        table = table.slice(0, self.settings.rows)
        amounts = table[source.amount].cast(pa.float64()).to_pylist() if source.amount else [None] * table.num_rows
        written = [
            "; ".join(f"{name}={value}" for name, value in zip(keys, values, strict=True) if value is not None)
            for values in zip(*(table[name].to_pylist() for name in keys), strict=True)
        ]
        return total, list(zip(written, amounts, strict=True))


def _latest(table: pa.Table, column: str) -> pa.Table:
    """Return the rows of the last 52 weeks, or of the last year where years are told; what has no day stays."""
    last = pc.max(table[column]).as_py()
    if last is None:
        return table
    if isinstance(last, int):
        return table.filter(pc.field(column).is_null() | (pc.field(column) == last))
    return table.filter(pc.field(column) > pa.scalar(last - YEAR, table[column].type))
