"""What is likely to grow: products and families ranked by heat, their phases, and which side of the border leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.vega import ACCENT, LOSS, RECORDED, chart_spec, inline, number_axis, week_axis
from jointplan.report.view import RunView
from jointplan.report.words import INDICES, PHASES, word
from jointplan.texts import bracketed, tr

_MAPPED = 24
_RANKED = 25
_PER_MARKET = 3
_MARKETS = 12
_DOTS = 400
_LEAST_LEVEL = 0.1  # units a week: what sells less is drawn there, so that the others have the room
_SPARKS = "▁▂▃▄▅▆▇█"
_PHASE_COLOURS = {"rising": ACCENT, "peak": "#c98b2b", "fading": LOSS, "steady": RECORDED}


def heat_section(view: RunView) -> Section | None:
    """Return the section on product heat; None where nothing was on sale."""
    heat = view.frame("heat")
    shared = heat[heat["basis"] == "shared"]
    products = shared[shared["scope"] == "product"]
    if not len(products):
        return None
    last = products["week"].max()
    now = products[products["week"] == last].sort_values(["score", "sku"], ascending=[False, True], kind="stable")
    families = shared[(shared["scope"] == "family") & (shared["week"] == last)]
    blocks: list[Block] = [
        *_gone_by(view),
        _map(view, products, now),
        _life(view, now),
        _ranked(view, products, now),
        *_families(view, shared, families),
        *_market_families(view, shared, families, last),
        *_markets(view, shared, last),
        *_accuracy(view),
        *_leads(view),
    ]
    return Section(
        "heat", tr("What is likely to grow?"), tr("Heat"), _answer(view, now), tuple(_cards(view, now)), tuple(blocks)
    )


def _gone_by(view: RunView) -> list[Block]:
    """Say of a replay that this is the heat of a week long past."""
    if not view.replay:
        return []
    return [
        Note(
            tr(
                "As of {day}, the first day of the weeks replayed: no sale from that day on is read. The heat of today comes from jointplan heat.",
                day=view.numbers.day(view.start),
            )
        )
    ]


def _answer(view: RunView, now: Any) -> str:
    names = [view.named(str(sku)) for sku in now["sku"].head(3)]
    counts = now["phase"].value_counts()
    return tr(
        "In the week of {week} the hottest products are {names}; of {all} on sale {rising} are rising, {peak} at their peak and {fading} fading.",
        week=view.numbers.day(now["week"].max()),
        names=tuple(names),
        all=view.numbers.count(len(now)),
        rising=view.numbers.count(counts.get("rising", 0)),
        peak=view.numbers.count(counts.get("peak", 0)),
        fading=view.numbers.count(counts.get("fading", 0)),
    )


def _cards(view: RunView, now: Any) -> list[Card]:
    numbers = view.numbers
    counts = now["phase"].value_counts()
    cards = [
        Card(
            word(PHASES, phase),
            numbers.count(counts.get(phase, 0)),
            tr("products, in the week of {week}", week=numbers.day(now["week"].max())),
        )
        for phase in ("rising", "fading")
    ]
    accuracy = view.frame("heat_accuracy")
    chosen = accuracy[(accuracy["scope"] == "product") & accuracy["chosen"].astype(bool)]
    for row in chosen.itertuples():
        note = tr(
            "between heat and the next eight weeks' growth, on {n} past Mondays; sure to lie between {low} and {high}",
            n=row.mondays,
            low=numbers.number(row.spearman_low, 2),
            high=numbers.number(row.spearman_high, 2),
        )
        cards.append(Card(tr("Rank correlation"), numbers.number(row.spearman, 2), note))
    found = view.frame("heat_leads")
    if len(found):
        cards.append(
            Card(tr("Families in which one side leads"), numbers.count(int(found["leads"].sum())), tr("home or abroad"))
        )
    return cards


def _map(view: RunView, products: Any, now: Any) -> Chart:
    """Draw the course of heat of the hottest products."""
    shown = list(now["sku"].head(_MAPPED))
    place = {sku: rank for rank, sku in enumerate(shown)}
    rows = [
        {
            "key": f"{place[row.sku]:03}\t{view.named(row.sku)}",
            "week": row.week.isoformat(),
            "score": floor(row.score * 1_000) / 1_000,
            "units": round(float(row.units), 1),
            "phase": word(PHASES, row.phase),
        }
        for row in products.itertuples()
        if row.sku in place
    ]
    spec = chart_spec(
        {"step": 20},
        data=inline(rows),
        mark={"type": "rect"},
        encoding={
            "x": {"field": "week", "type": "ordinal", "axis": week_axis(view.lang)},
            "y": {
                "field": "key",
                "type": "nominal",
                "axis": {
                    "title": None,
                    "grid": False,
                    "labelExpr": "peek(split(datum.label, '\\t'))",
                    "labelLimit": 240,
                },
            },
            "color": _colour(),
            "tooltip": [
                {"field": "week", "type": "nominal", "title": tr("Week")},
                {"field": "score", "type": "quantitative", "format": ".1%", "title": tr("Heat")},
                {"field": "units", "type": "quantitative", "format": ",.0f", "title": tr("Sold")},
                {"field": "phase", "type": "nominal", "title": tr("Phase")},
            ],
        },
    )
    return Chart(
        "heatmap",
        tr("The course of heat"),
        tr("One row a product, the hottest of today first; one cell a week, the darker the hotter it was then."),
        spec,
        note=tr(
            "Heat is the share of the products on sale that are likely to grow less. Each week is ranked by what was known then."
        ),
        least_width=560,
    )


def _life(view: RunView, now: Any) -> Chart:
    """Draw where each product stands: how much it sells, and its momentum; one too young to have any has no place yet."""
    told = now[now["momentum"].notna()]
    rows = [
        {
            "name": view.named(row.sku),
            "level": round(max(float(row.level), _LEAST_LEVEL), 2),
            "momentum": round(float(row.momentum), 2),
            "phase": word(PHASES, row.phase),
            "expected": view.numbers.share(row.expected, 0, signed=True),
        }
        for row in told.nlargest(_DOTS, "level").itertuples()
    ]
    spec = chart_spec(
        280,
        data=inline(rows),
        mark={"type": "point", "filled": True, "opacity": 0.8, "size": 50},
        encoding={
            "x": {
                "field": "momentum",
                "type": "quantitative",
                "axis": {"title": tr("momentum: growth over its usual size"), "tickCount": 7},
            },
            "y": {
                "field": "level",
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": number_axis(view.lang, tr("units a week"), grid=False),
            },
            "color": {
                "field": "phase",
                "type": "nominal",
                "legend": {"title": None},
                "scale": {
                    "domain": [word(PHASES, phase) for phase in _PHASE_COLOURS],
                    "range": list(_PHASE_COLOURS.values()),
                },
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": tr("Product")},
                {"field": "phase", "type": "nominal", "title": tr("Phase")},
                {"field": "level", "type": "quantitative", "format": ",.1f", "title": tr("Units a week")},
                {"field": "expected", "type": "nominal", "title": tr("Expected growth")},
            ],
        },
    )
    return Chart(
        "phases",
        tr("Where each product is in its life"),
        tr(
            "One point a product: to the right it grows more than its usual ups and downs, to the left it falls; higher up it sells more."
        ),
        spec,
        note=_too_young(view, len(now) - len(told)),
    )


def _too_young(view: RunView, count: int) -> str:
    """Say how many are on sale for so short a time that growth cannot be told."""
    if not count:
        return ""
    return tr(
        "Not shown: {n} on sale for less than eight weeks, which is too early to tell how they grow.",
        n=view.numbers.count(count),
    )


def _ranked(view: RunView, products: Any, now: Any) -> Grid:
    sold = products.sort_values("week").groupby("sku")["units"].apply(list)
    rows = tuple(
        (view.named(row.sku), str(row.family), *_figures(view, row), sparkline(sold[row.sku]))
        for row in now.head(_RANKED).itertuples()
    )
    return Grid(
        tr("The hottest products"),
        (tr("Product"), tr("Family"), *_heading(), tr("Sales of the last weeks")),
        rows,
        (2, 3, 4, 5),
        _note() + _blank(now),
    )


def _families(view: RunView, shared: Any, families: Any) -> list[Block]:
    if len(families) < 2:
        return []
    course = shared[shared["scope"] == "family"].sort_values("week").groupby("family")["units"].apply(list)
    rows = tuple(
        (str(row.family), *_figures(view, row), sparkline(course[row.family]))
        for row in families.sort_values(["score", "family"], ascending=[False, True]).head(_RANKED).itertuples()
    )
    return [
        Grid(
            tr("Families by heat"),
            (tr("Family"), *_heading(), tr("Sales of the last weeks")),
            rows,
            (1, 2, 3, 4),
            (_used(view, "family") + _blank(families)).strip(),
        )
    ]


def _market_families(view: RunView, shared: Any, families: Any, last: Any) -> list[Block]:
    """Draw the heat of every family within each market, the hottest families over all markets and the largest markets first."""
    there = shared[(shared["scope"] == "market_family") & (shared["week"] == last)]
    if there["market"].nunique() < 2 or there["family"].nunique() < 2:
        return []
    ranked = families.sort_values(["score", "family"], ascending=[False, True])["family"]
    rank = {str(family): place for place, family in enumerate(ranked.head(_MAPPED))}
    largest = there.groupby("market")["level"].sum().nlargest(_MARKETS).index
    order = {str(market): place for place, market in enumerate(largest)}
    rows = [
        {
            "family": f"{rank[row.family]:03}\t{row.family}",
            "market": f"{order[row.market]:03}\t{view.market(row.market)}",
            "score": floor(row.score * 1_000) / 1_000,
            "level": round(float(row.level), 1),
            "expected": view.numbers.share(row.expected, 0, signed=True),
            "phase": word(PHASES, row.phase),
        }
        for row in there.itertuples()
        if row.family in rank and row.market in order
    ]
    axis = {"title": None, "grid": False, "labelExpr": "peek(split(datum.label, '\\t'))", "labelLimit": 240}
    spec = chart_spec(
        {"step": 22},
        data=inline(rows),
        mark={"type": "rect"},
        encoding={
            "x": {"field": "market", "type": "nominal", "axis": {**axis, "labelAngle": -40, "labelLimit": 120}},
            "y": {"field": "family", "type": "nominal", "axis": axis},
            "color": _colour(),
            "tooltip": [
                {"field": "score", "type": "quantitative", "format": ".1%", "title": tr("Heat")},
                {"field": "expected", "type": "nominal", "title": tr("Expected growth")},
                {"field": "level", "type": "quantitative", "format": ",.1f", "title": tr("Units a week")},
                {"field": "phase", "type": "nominal", "title": tr("Phase")},
            ],
        },
    )
    return [
        Chart(
            "heat-families",
            tr("Families by heat in each market"),
            tr(
                "One row a family, one column a market; the darker, the hotter the family is among those of the market."
            ),
            spec,
            note=tr("Blank: not on sale there of late.") + _used(view, "market_family") + _blank(there),
            least_width=480,
        )
    ]


def _markets(view: RunView, shared: Any, last: Any) -> list[Block]:
    there = shared[(shared["scope"] == "market_product") & (shared["week"] == last)]
    if there["market"].nunique() < 2:
        return []
    largest = there.groupby("market")["level"].sum().nlargest(_MARKETS).index
    rows = tuple(
        (view.market(market), view.named(row.sku), *_figures(view, row))
        for market in largest
        for row in there[there["market"] == market]
        .sort_values(["score", "sku"], ascending=[False, True])
        .head(_PER_MARKET)
        .itertuples()
    )
    header = (tr("Market"), tr("Product"), *_heading())
    note = (_used(view, "market_product") + _blank(there)).strip()
    return [Grid(tr("The hottest in each market"), header, rows, (2, 3, 4, 5), note, folded=True)]


def _heading() -> tuple[str, ...]:
    return (tr("Heat"), tr("Expected growth"), tr("Units a week"), tr("Momentum"), tr("Phase"))


def _figures(view: RunView, row: Any) -> tuple[str, ...]:
    numbers = view.numbers
    return (
        numbers.share(floor(row.score * 1_000) / 1_000, 1),
        numbers.share(row.expected, 0, signed=True),
        numbers.number(row.level),
        numbers.number(row.momentum),
        word(PHASES, row.phase),
    )


def _note() -> str:
    return tr(
        "Expected growth: of the next eight weeks over the last eight, beyond that of the typical product. What sold less than it used to is likely "
        "to recover and what just rose to fall back, so a hot product need not be rising now."
    )


def _accuracy(view: RunView) -> list[Block]:
    accuracy = view.frame("heat_accuracy")
    header = (
        tr("Index"), tr("Used"), tr("Hottest tenth that grew most"), tr("Rank correlation"),
        tr("Expected growth less this"),
    )  # fmt: skip
    titles = {
        "product": tr("How well heat told growth"),
        "family": tr("How well heat told the growth of families"),
        "market_product": tr("How well heat told growth within each market"),
        "market_family": tr("How well heat told the growth of families within each market"),
    }
    grids: list[Block] = []
    for scope, title in titles.items():
        rows = accuracy[accuracy["scope"] == scope]
        if len(rows):
            cells = tuple(
                (
                    word(INDICES, record["index"]),
                    "✓" if record["chosen"] else "",
                    _interval(view, record, "precision"),
                    _interval(view, record, "spearman"),
                    _interval(view, record, "spearman_gain"),
                )
                for record in rows.sort_values("spearman", ascending=False, kind="stable").to_dict("records")
            )
            note = tr(
                "On {n} past Mondays, each index knowing no more than was known then.", n=int(rows["mondays"].max())
            )
            grids.append(Grid(title, header, cells, (2, 3, 4), note + _used(view, scope), folded=True))
    if len(accuracy[accuracy["scope"] == "product"]):
        return grids
    return [Note(index_used([])), *grids]


def _used(view: RunView, scope: str) -> str:
    """Say which index heat is read from, and where another told growth better."""
    accuracy = view.frame("heat_accuracy")
    told = index_used(accuracy[accuracy["scope"] == scope].to_dict("records"))
    return f" {told}" if told else ""


def index_used(tried: Sequence[Mapping[str, Any]]) -> str:
    """Say of one ranking that it was never tried, that another index stands in the default's place, or where another told growth better.

    Parameters
    ----------
    tried : sequence of mappings
        Its rows of **heat_accuracy**; none where there were too few series or weeks.
    """
    if not tried:
        return tr(
            "Too little is on sale, or for too few weeks, to try this ranking on the past: how far it can be trusted is not known. It leans to what other trades taught."
        )
    used = next(row for row in tried if row["chosen"])
    if used["index"] != "expected":
        return tr(
            "Another index did better here than expected growth, and stands in its place: {index}.",
            index=word(INDICES, used["index"]),
        )
    others = [row for row in tried if row["index"] not in ("expected", "as_chosen")]
    told = []
    for figure, name in (("precision", tr("the hottest tenth")), ("spearman", tr("the rank correlation"))):
        best = max(others, key=lambda row: float(row[figure]), default=used)
        if best[figure] > used[figure]:
            told.append(tr("{index} did better on {figure}", index=word(INDICES, best["index"]), figure=name))
    if not told:
        return ""
    return tr("Expected growth is used, being best on both figures together; {told}.", told=tuple(told))


def _blank(rows: Any) -> str:
    """Say why the growth to expect is blank, where it is."""
    return f" {growth_unknown()}" if rows["expected"].isna().any() else ""


def growth_unknown() -> str:
    """Say why the growth to expect may be blank."""
    return tr(
        "No growth to expect is told where fewer than three are on sale in a market, or where the weeks are too few to have taught how much growth differs."
    )


def _interval(view: RunView, record: dict[str, Any], name: str) -> str:
    number = view.numbers.number
    return bracketed(
        number(record[name], 2), f"{number(record[f'{name}_low'], 2)} … {number(record[f'{name}_high'], 2)}"
    )


def _leads(view: RunView) -> list[Block]:
    leads = view.frame("heat_leads")
    if not len(leads):
        return []
    numbers = view.numbers
    sides = {"home": tr("Home"), "foreign": tr("Abroad")}
    rows = tuple(
        (
            str(row.family),
            sides[row.leader],
            numbers.count(row.lag),
            numbers.number(row.correlation, 2),
            numbers.share(row.gain, 0, signed=True),
            numbers.number(row.p_value, 3),
            tr("leads") if row.leads else tr("not shown"),
        )
        for row in leads.sort_values("gain", ascending=False, kind="stable").head(_RANKED).itertuples()
    )
    return [
        Grid(
            tr("Does home lead abroad, or abroad home?"),
            (
                tr("Family"),
                tr("Leader"),
                tr("Weeks in the lead"),
                tr("Correlation"),
                tr("Error saved"),
                tr("p-value"),
                "",
            ),
            rows,
            (2, 3, 4, 5),
            tr(
                "Forecasts of one side with and without the other's past sales, out of sample. A lead is shown at a false discovery rate of 10 %."
            ),
            folded=not bool(leads["leads"].any()),
        )
    ]


def sparkline(values: list[float]) -> str:
    """Return values as a row of bars, the greatest the highest.

    Examples
    --------
    >>> sparkline([0.0, 1.0, 2.0, 7.0])
    '▁▂▃█'
    """
    top = max(values, default=0.0)
    return "".join(_SPARKS[round(value / top * (len(_SPARKS) - 1)) if top > 0 else 0] for value in values)


def _colour() -> dict[str, Any]:
    """Return how the charts colour heat, a share of rank."""
    return {
        "field": "score",
        "type": "quantitative",
        "scale": {"domain": [0, 0.5, 1], "range": ["#eef1f2", "#f0c27a", LOSS], "interpolate": "rgb"},
        "legend": {"title": tr("Heat"), "format": ".0%", "values": [0, 0.5, 1]},
    }
