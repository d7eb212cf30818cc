"""How good the forecasts were on past weeks that no model had seen: by class, age, market and weeks ahead, and what sharing data gave."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Grid
from jointplan.report.view import RunView
from jointplan.report.words import AGES, CLASSES, PARTS, model_name, word
from jointplan.texts import tr

_WORST = 15
_SILENT = 25
_ORDER = {"all": 0, "class": 1, "age": 2, "ahead": 3, "market": 4}


def accuracy_blocks(view: RunView) -> list[Block]:
    """Return the tables on what sells no longer and on accuracy; none where nothing is silent or was scored."""
    made = [_silences(view), _parts(view), _worst(view), _sharing(view)]
    return [block for block in made if block is not None]


def _silences(view: RunView) -> Grid | None:
    """Name what has ended, and before it what may have ended though it is forecast."""
    frame = view.frame("silences")
    if not len(frame):
        return None
    numbers = view.numbers
    frame = frame.sort_values(["ended", "expected", "last_sale"], ascending=[True, False, False], kind="stable")
    rows = tuple(
        (
            view.product(row.sku),
            view.market(row.market),
            view.firm(row.seller),
            numbers.day(row.last_sale),
            numbers.count(row.silent),
            numbers.count(row.longest),
            numbers.share(row.share, 0),
            tr("ended") if row.ended else tr("still forecast"),
            numbers.count(row.expected),
        )
        for row in frame.head(_SILENT).itertuples()
    )
    header = (
        tr("Product"), tr("Market"), tr("Seller"), tr("Last sold in the week of"), tr("Weeks of silence"),
        tr("Longest silence before"), tr("Weeks with sales until then"), tr("State"), tr("Units forecast"),
    )  # fmt: skip
    note = tr(
        "Ended: nothing sold for forecast.ended_weeks, forecast as zero. Still forecast: silent for 13 weeks or more, for longer than ever "
        "between its sales, and by a chance of 1 % at most were it to sell as before; a lower forecast.ended_weeks lets it end. "
        "Ended: {ended}; silent: {silent}; shown: {n}.",
        ended=numbers.count(int(frame["ended"].sum())),
        silent=numbers.count(int((~frame["ended"].astype(bool)).sum())),
        n=len(rows),
    )
    return Grid(tr("What sells no longer"), header, rows, (4, 5, 6, 8), note, folded=True)


def _parts(view: RunView) -> Grid | None:
    frame = view.frame("accuracy_parts")
    frame = frame[frame["basis"] == "shared"]
    if not len(frame):
        return None
    numbers = view.numbers
    frame = frame.assign(order=frame["by"].map(_ORDER)).sort_values("order", kind="stable")
    rows = tuple(
        (
            word(PARTS, row.by),
            _name(view, row),
            numbers.count(row.series),
            numbers.number(row.pinball, 3),
            numbers.number(row.rmsse, 3),
            numbers.number(row.wrmsse, 3),
            numbers.number(row.vn1, 2),
            numbers.share(row.bias, 1, signed=True),
            numbers.share(row.coverage80, 0),
            numbers.number(row.against_last, 2),
            numbers.number(row.against_naive, 2),
            numbers.number(row.against_best, 2),
        )
        for row in frame.itertuples()
    )
    header = (
        tr("By"), tr("Which"), tr("Series"), tr("Pinball loss, scaled"), "RMSSE", "WRMSSE", "VN1", tr("Bias"),
        tr("Inside the 80 % band"), tr("Against last week's sales"), tr("Against the seasonal naive model"),
        tr("Against the best single model"),
    )  # fmt: skip
    best = frame["best"].dropna()
    return Grid(
        tr("How good the forecasts were, and where"),
        header,
        rows,
        tuple(range(2, len(header))),
        tr(
            "Of past weeks that no model had seen; how models are weighed and how wide bands are was learnt from the same weeks, so that "
            "the figures flatter a little. Against: the loss over that of the other model, below 1 is better; the best "
            "single model was chosen in hindsight: {best}. Inside the band should be 80 %. A series counts in each class it had on "
            "one of the past Mondays.",
            best=model_name(str(best.iloc[0])) if len(best) else "–",
        ),
        folded=True,
    )


def _name(view: RunView, row: Any) -> str:
    if row.by == "class":
        return word(CLASSES, str(row.name))
    if row.by == "age":
        return word(AGES, str(row.name))
    if row.by == "market":
        return view.market(row.name)
    return tr("weeks {span}", span=row.name) if row.by == "ahead" else ""


def _worst(view: RunView) -> Grid | None:
    frame = view.frame("accuracy_series")
    if not len(frame):
        return None
    numbers = view.numbers
    rows = tuple(
        (
            view.product(row["sku"]),
            view.market(row["market"]),
            view.firm(row["seller"]),
            word(CLASSES, row["class"]),
            numbers.count(row["weeks"]),
            numbers.number(row["pinball"], 3),
            numbers.share(row["bias"], 0, signed=True),
            numbers.number(row["against_naive"], 2),
        )
        for row in frame.sort_values("pinball", ascending=False, kind="stable").head(_WORST).to_dict("records")
    )
    header = (
        tr("Product"), tr("Market"), tr("Seller"), tr("Class"), tr("Weeks scored"), tr("Pinball loss, scaled"), tr("Bias"),
        tr("Against the seasonal naive model"),
    )  # fmt: skip
    note = tr("The {n} series forecast worst, of {all}.", n=len(rows), all=numbers.count(len(frame)))
    return Grid(tr("What is hardest to forecast"), header, rows, (4, 5, 6, 7), note, folded=True)


def _sharing(view: RunView) -> Grid | None:
    frame = view.frame("accuracy_sharing")
    if not len(frame):
        return None
    numbers = view.numbers
    rows = tuple(
        (
            str(row.owner) if isinstance(row.owner, str) else tr("All"),
            numbers.count(row.series),
            numbers.number(row.own, 3),
            numbers.number(row.shared, 3),
            numbers.share(row.gain, 1, signed=True),
            f"{numbers.share(row.gain_low, 1, signed=True)} … {numbers.share(row.gain_high, 1, signed=True)}",
        )
        for row in frame.itertuples()
    )
    header = (
        tr("Owner"), tr("Series"), tr("Loss from own data"), tr("Loss from shared data"), tr("Better by"),
        tr("95 % interval"),
    )  # fmt: skip
    note = tr(
        "The same series on the same past weeks, forecast from the owner's own rows and from everybody's. An interval that holds zero "
        "means: no difference can be told."
    )
    return Grid(tr("What sharing data gave the forecasts"), header, rows, (1, 2, 3, 4, 5), note, folded=True)
