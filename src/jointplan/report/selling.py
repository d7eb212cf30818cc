"""What sells: products, families, markets, and what is expected of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from jointplan.report.accuracy import accuracy_blocks
from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.investing import paid_once
from jointplan.report.known_sales import MOST, known_sales_told, only_lately_told
from jointplan.report.vega import ACCENT, INK, QUIET, chart_spec, inline, labelled_scale, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import LEVELS, ORIGINS, model_name, word
from jointplan.texts import sentences, tr

_AS_GIVEN = "chosen"  # the forecast itself among the models it is made of
_TOP = 12
_FANS = 40
_TOTALS = 8
_HISTORY_WEEKS = 52
_BANDS = (("q025", "q975", 0.16), ("q10", "q90", 0.26), ("q30", "q70", 0.4))
_FIELDS = ["mean", "q50", *(q for low, high, _ in _BANDS for q in (low, high))]
_KEY = ["sku", "market", "seller"]


def selling_section(view: RunView) -> Section:
    """Return the section on demand and its forecasts."""
    demand = view.frame("demand").copy()
    demand["worth"] = demand["quantity"] * demand["price"]
    demand["family"] = demand["sku"].map(view.frame("input_products").set_index("sku")["family"]).fillna(demand["sku"])
    return Section(
        "selling",
        tr("What sells?"),
        tr("Selling"),
        _answer(view, demand),
        tuple(_cards(view, demand)),
        (*_blocks(view, demand), *_new_markets(view), *paid_once(view, ("enter_market", "joint_promotion"))),
    )


def _new_markets(view: RunView) -> list[Block]:
    """Return which markets that had to be entered are served, by whom and with how much."""
    markets = view.frame("input_markets")
    new = markets.loc[markets["entry_cost"].notna(), "market"]
    sent = view.frame("deliveries")
    sent = sent[sent["market"].isin(new) & (sent["delivered"] > 0)]
    if not len(sent):
        return []
    numbers = view.numbers
    units = sent.groupby(["market", "seller", "plan"])["delivered"].sum().unstack("plan", fill_value=0.0)
    rows = tuple(
        (
            view.market(market),
            view.firm(seller),
            numbers.count(row.get("separate", 0.0)),
            numbers.count(row.get("joint", 0.0)),
        )
        for (market, seller), row in units.iterrows()
    )
    return [
        Grid(
            tr("Markets that are entered"),
            (tr("Market"), tr("Seller"), tr("Units, separate"), tr("Units, joint")),
            rows,
            (2, 3),
            tr(
                "What could be sold there is the estimate of the table potentials, or open orders where they are larger; what entering costs stands in the ledger."
            ),
        )
    ]


def _answer(view: RunView, demand: Any) -> str:
    numbers = view.numbers
    total = float(demand["worth"].sum())
    if total <= 0:
        return tr("No demand falls into these weeks.")
    first = demand.groupby("sku")["worth"].sum().nlargest(5)
    market = demand.groupby("market")["worth"].sum().nlargest(1)
    if demand["sku"].nunique() < 2:
        return tr(
            "{worth} of demand falls into {weeks} {weeks:week|weeks}.", worth=numbers.money(total), weeks=view.weeks
        )
    return tr(
        "{worth} of demand falls into {weeks} {weeks:week|weeks}; the {n} best sellers bring {share} of it, "
        "and the market {market} alone {part}.",
        worth=numbers.money(total),
        weeks=view.weeks,
        n=len(first),
        share=numbers.share(float(first.sum()) / total, 0),
        market=view.market(market.index[0]),
        part=numbers.share(float(market.iloc[0]) / total, 0),
    )


def _cards(view: RunView, demand: Any) -> list[Card]:
    if not len(demand):
        return []
    numbers = view.numbers
    origins = [word(ORIGINS, str(origin)) for origin in sorted(set(demand["origin"]))]
    return [
        Card(
            tr("Units wanted"),
            numbers.count(demand["quantity"].sum()),
            tr("from: {origins}", origins=tuple(origins)),
        ),
        Card(tr("Products"), numbers.count(demand["sku"].nunique()), tr("with demand in these weeks")),
        Card(tr("Markets"), numbers.count(demand["market"].nunique()), tr("with demand in these weeks")),
        *_accuracy_card(view),
    ]


def _accuracy_card(view: RunView) -> list[Card]:
    """Return how often real sales fell into the 80 % band on the past weeks from which its width was learnt."""
    parts = view.frame("accuracy_parts")
    rows = parts[(parts["by"] == "all") & (parts["basis"] == "shared") & parts["coverage80"].notna()]
    if not len(rows):
        return []
    share = float(rows["coverage80"].iloc[0])
    return [
        Card(
            tr("Sales inside the 80 % band"),
            view.numbers.share(share, 0),
            tr("on the past weeks from which its width was learnt"),
        )
    ]


def _blocks(view: RunView, demand: Any) -> list[Block]:
    blocks: list[Block] = []
    if demand["worth"].sum() > 0:
        products = demand.groupby("sku")["worth"].sum()
        products.index = [f"{sku}\t{view.product(sku)}" for sku in products.index]
        blocks += [
            _bars(
                view, "products", products, tr("Best-selling products"), tr("The products with most demand, in money.")
            ),
            _bars(
                view,
                "families",
                demand.groupby("family")["worth"].sum(),
                tr("Families"),
                tr("The product families with most demand, in money."),
            ),
            _bars(
                view,
                "markets",
                demand.groupby("market")["worth"].sum().rename(index=view.market),
                tr("Markets"),
                tr("The markets with most demand, in money."),
            ),
        ]
    fans = _fans(view)
    if fans:
        blocks[:0] = [fans, *_known_sales(view)]
    elif len(view.frame("demand")):
        blocks.append(Note(tr("No forecast was made: demand is what was really ordered.")))
    blocks += accuracy_blocks(view)
    if len(view.frame("accuracy")):
        blocks.append(_accuracy(view))
    return blocks


def _known_sales(view: RunView) -> list[Note]:
    """Return how much of later sales series known on past Mondays made, and which products are too new to be known: forecasts speak of no others."""
    rows = view.frame("known_sales").to_dict("records")
    few = any(row["share"] < MOST for row in rows)
    lately = [view.named(sku) for sku in (view.manifest.get("dropped") or {}).get("products", [])]
    notes = [Note(known_sales_told(rows), "warning" if few else ""), Note(only_lately_told(lately))]
    return [note for note in notes if note.text]


def _bars(view: RunView, name: str, sums: Any, title: str, alt: str) -> Chart:
    """Return the largest of some sums of money as bars."""
    numbers = view.numbers
    top = sums.nlargest(_TOP)
    rows = [
        {
            "key": str(key),
            "name": str(key).split("\t")[-1],
            "value": round(float(value), 2),
            "short": numbers.short(value),
            "text": numbers.money(value),
        }
        for key, value in top.items()
    ]
    spec = chart_spec(
        {"step": 24},
        data=inline(rows),
        encoding={
            "y": {
                "field": "key",
                "type": "nominal",
                "sort": None,
                "axis": {"title": None, "grid": False, "labelExpr": "peek(split(datum.label, '\\t'))"},
            },
            "x": {
                "field": "value",
                "type": "quantitative",
                "scale": labelled_scale(0.0, float(top.max())),
                "axis": None,
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": title},
                {"field": "text", "type": "nominal", "title": tr("Demand")},
            ],
        },
        layer=[
            {"mark": {"type": "bar", "height": 14, "cornerRadiusEnd": 2, "color": ACCENT}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": QUIET, "fontSize": 12},
                "encoding": {"text": {"field": "short", "type": "nominal"}},
            },
        ],
    )
    note = tr("The first {n} of {all}.", n=_TOP, all=numbers.count(len(sums))) if len(sums) > _TOP else ""
    return Chart(name, title, alt, spec, note=note, half=True, tall=name == "products")


def _fans(view: RunView) -> Chart | None:
    """Return the forecasts of the whole, of the largest markets and families, and of the most important series, with their history."""
    forecasts = view.frame("forecasts")
    if not len(forecasts):
        return None
    shared = forecasts["basis"] == "shared"
    forecasts = forecasts[shared] if shared.any() else forecasts
    forecasts = forecasts[forecasts["origin"] == forecasts["origin"].max()]
    forecasts = forecasts.drop_duplicates(["week", *_KEY])
    prices = view.frame("input_products").set_index("sku")["unit_value"]
    weights = forecasts.groupby(_KEY)["mean"].sum()
    worth = weights * prices.reindex(weights.index.get_level_values("sku")).fillna(1.0).to_numpy()
    chosen = list(worth.nlargest(_FANS).index)
    begin = forecasts["week"].min()
    labels, ahead, past = _totals(view, begin)
    numbers = {key: n for n, key in enumerate(chosen, len(labels))}
    several = {
        (sku, market) for sku, market in {key[:2] for key in chosen} if sum(k[:2] == (sku, market) for k in chosen) > 1
    }
    labels += [
        f"{view.product(sku)} · {view.market(market)}" + (f" · {view.firm(seller)}" if (sku, market) in several else "")
        for sku, market, seller in chosen
    ]
    ahead += [
        _expected(numbers[(row.sku, row.market, row.seller)], row)
        for row in forecasts[[*_KEY, "week", *_FIELDS]].itertuples()
        if (row.sku, row.market, row.seller) in numbers
    ]
    past += [
        _sold(numbers[(row.sku, row.market, row.seller)], row.week, row.quantity)
        for row in _weekly(view, begin).itertuples()
        if (row.sku, row.market, row.seller) in numbers
    ]
    return Chart(
        "fans",
        tr("What is expected of what has sold already, and how sure"),
        tr("Past weekly sales of a product as dots and a line; then the forecast as bands, wider where less is known."),
        _fan_spec(view, labels, ahead, past),
        note=sentences(
            [
                tr("Bands: 40 %, 80 % and 95 % of what may happen; line: the middle; dashes: the mean."),
                *(
                    [tr("The {n} series worth most, of {all}.", n=_FANS, all=view.numbers.count(len(worth)))]
                    if len(worth) > _FANS
                    else []
                ),
            ]
        ),
    )


def _totals(view: RunView, begin: Any) -> tuple[list[str], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return names, forecasts and history of the whole cluster and of its largest markets and families, where there are several."""
    totals = view.frame("forecast_totals").fillna({"name": ""})
    sizes = totals.groupby(["by", "name"])["mean"].sum()
    weekly = _weekly(view, begin)
    families = view.frame("input_products").set_index("sku")["family"].dropna()
    weekly = weekly.assign(cluster="", family=weekly["sku"].map(families).fillna("general"))
    names: dict[str, Callable[[str], str]] = {
        "cluster": lambda _: tr("All together"),
        "market": view.market,
        "family": str,
    }
    labels: list[str] = []
    ahead: list[dict[str, Any]] = []
    past: list[dict[str, Any]] = []
    for by, named in names.items():
        of_kind = sizes[sizes.index.get_level_values("by") == by].droplevel("by")
        if by != "cluster" and len(of_kind) < 2:
            continue
        for name in of_kind.nlargest(_TOTALS).index:
            number = len(labels)
            labels.append(named(str(name)))
            rows = totals[(totals["by"] == by) & (totals["name"] == name)]
            ahead += [_expected(number, row) for row in rows[["week", *_FIELDS]].itertuples()]
            sold = weekly[weekly[by] == name].groupby("week")["quantity"].sum()
            past += [_sold(number, week, units) for week, units in sold.items()]
    return labels, ahead, past


def _weekly(view: RunView, begin: Any) -> Any:
    weekly = view.frame("input_weekly")
    return weekly[weekly["week"] >= begin - timedelta(weeks=_HISTORY_WEEKS)]


def _expected(number: int, row: Any) -> dict[str, Any]:
    figures = {name: round(float(getattr(row, name)), 1) for name in _FIELDS}
    return {"series": number, "week": row.week.isoformat(), **figures}


def _sold(number: int, week: Any, units: float) -> dict[str, Any]:
    return {"series": number, "week": week.isoformat(), "sold": round(float(units), 1)}


def _fan_spec(
    view: RunView, labels: list[str], ahead: list[dict[str, Any]], past: list[dict[str, Any]]
) -> dict[str, Any]:
    pattern = "%Y-%m"
    x = {
        "field": "week",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "axis": {"title": None, "format": pattern, "grid": False, "labelOverlap": "greedy", "tickCount": 6},
    }
    title = tr("units a week")
    y = {"type": "quantitative", "axis": number_axis(view.lang, title), "scale": {"zero": True}}
    chosen = [{"filter": "datum.series == series"}]
    when = {"field": "week", "type": "nominal", "title": tr("Week")}

    def figure(field: str, name: str) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "format": ",.1f", "title": name}

    bands = [
        {
            "mark": {"type": "area", "color": ACCENT, "opacity": opacity, "interpolate": "monotone"},
            "encoding": {"x": x, "y": {**y, "field": low}, "y2": {"field": high}},
        }
        for low, high, opacity in _BANDS
    ]
    forecast = {
        "data": {"values": ahead},
        "transform": chosen,
        "layer": [
            *bands,
            {
                "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "interpolate": "monotone"},
                "encoding": {"x": x, "y": {**y, "field": "q50"}},
            },
            {
                "mark": {"type": "line", "color": ACCENT, "strokeDash": [4, 3], "strokeWidth": 1.2},
                "encoding": {"x": x, "y": {**y, "field": "mean"}},
            },
            {
                "mark": {"type": "rule", "opacity": 0, "strokeWidth": 8},
                "encoding": {
                    "x": x,
                    "tooltip": [
                        when,
                        figure("mean", tr("Mean")),
                        figure("q50", tr("Middle")),
                        figure("q10", tr("One in ten is below")),
                        figure("q90", tr("One in ten is above")),
                    ],
                },
            },
        ],
    }
    sold = {
        "data": {"values": past},
        "transform": chosen,
        "layer": [
            {
                "mark": {"type": "line", "color": QUIET, "strokeWidth": 1},
                "encoding": {"x": x, "y": {**y, "field": "sold"}},
            },
            {
                "mark": {"type": "circle", "color": INK, "size": 18, "opacity": 0.9},
                "encoding": {"x": x, "y": {**y, "field": "sold"}, "tooltip": [when, figure("sold", tr("Sold"))]},
            },
        ],
    }
    return chart_spec(
        300,
        params=[
            {
                "name": "series",
                "value": 0,
                "bind": {
                    "input": "select",
                    "options": list(range(len(labels))),
                    "labels": labels,
                    "name": tr("Product and market") + " ",
                },
            }
        ],
        layer=[forecast, sold],
    )


def _accuracy(view: RunView) -> Grid:
    """Return how well each model did on past weeks."""
    numbers = view.numbers
    accuracy = view.frame("accuracy")
    shared = accuracy[accuracy["basis"] == "shared"]
    rows = tuple(
        (
            tr("The forecast as it is given") if row.model == _AS_GIVEN else model_name(str(row.model)),
            word(LEVELS, row.level),
            numbers.count(row.series),
            numbers.count(row.chosen),
            numbers.number(row.pinball, 3),
            numbers.number(row.rmsse, 3),
            numbers.share(row.bias, 1, signed=True),
            numbers.share(row.coverage80, 0),
        )
        for row in (shared if len(shared) else accuracy).sort_values("chosen", ascending=False).head(_TOP).itertuples()
    )
    return Grid(
        tr("How good the forecasts were on past weeks"),
        (
            tr("Model"),
            tr("Level"),
            tr("Series"),
            tr("Chosen for"),
            tr("Pinball loss, scaled"),
            "RMSSE",
            tr("Bias"),
            tr("Inside the 80 % band"),
        ),
        rows,
        (2, 3, 4, 5, 6, 7),
        tr(
            "Errors are in units of the mean change of a series from one week to the next up to the past Monday, of series with few sales rather of their usual sale. "
            "Sales on the edge of the band count as inside here, above only by their chance."
        ),
        folded=True,
    )
