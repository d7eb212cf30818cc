"""New products: what they may sell, what to make first, and when first sales tell."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Note, Section
from jointplan.report.vega import ACCENT, INK, LOSS, chart_spec, inline, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import ADVICE, LAUNCH_METHODS, word
from jointplan.texts import bracketed, listed, sentences, some, tr

_DRAWN = 24
_LISTED = 40
_RULED = 40


def launches_section(view: RunView) -> Section | None:
    """Return the section on new products; None where none is new or may be."""
    launches = view.frame("launches").sort_values(["mean", "sku"], ascending=[False, True], kind="stable")
    notes = _notes(view, launches)
    if not len(launches) and not notes:
        return None
    blocks: list[Block] = list(notes)
    if len(launches):
        blocks = [_ranges(view, launches), *notes, *_rules(view, launches), _list(view, launches), *_accuracy(view)]
    return Section(
        "launches",
        tr("What of the new products?"),
        tr("New products"),
        _answer(view, launches)
        if len(launches)
        else tr("No product is new: none was first sold of late, and none waits for its first sale."),
        tuple(_cards(view, launches)) if len(launches) else (),
        tuple(blocks),
    )


def _notes(view: RunView, launches: Any) -> list[Note]:
    """Say what the figures rest on and what is left out."""
    notes = []
    basis = view.frame("launch_basis")
    if len(launches):
        notes += [_rests_on(view, row) for row in basis.itertuples()]
        notes += _launched_later(view, launches)
        notes += unplanned_notes(view)
    undated = int(basis["undated"].sum())
    if undated:
        notes.append(
            Note(
                tr(
                    "Products with neither sales in complete weeks nor a day of launch, which do not count as new: {n}. Give the day in products.launched, or name one: jointplan launch DIR SKU.",
                    n=view.numbers.count(undated),
                )
            )
        )
    return notes


def _rests_on(view: RunView, basis: Any) -> Note:
    """Say how many launches the foresight rests on, and what that is too few for."""
    count = view.numbers.count
    parts = [
        tr(
            "Earlier launches this rests on: {launches}, of which {over} lie as many weeks back as are foretold.",
            launches=count(basis.launches),
            over=count(basis.over),
        )
    ]
    if basis.stand_ins:
        parts.append(
            tr(
                "Products on sale since the records began that stand in for want of launches: {n}.",
                n=count(basis.stand_ins),
            )
        )
    if not basis.tried:
        parts.append(tr("It was never tried on past launches here: how far it can be trusted is not known."))
    few = basis.over < basis.needed
    if few:
        parts.append(
            tr(
                "Below {needed} launches that far back, first sales decide for no repeat and no stop: the advice is to make a test batch or to wait, or to stop where no batch pays.",
                needed=count(basis.needed),
            )
        )
    return Note(sentences(parts), tone="warning" if few or not basis.tried else "")


def _launched_later(view: RunView, launches: Any) -> list[Note]:
    """Name the products whose launch lies after the day of the advice."""
    days = {str(row.sku): day for row in launches.itertuples() if (day := _day_ahead(row)) is not None}
    if not days:
        return []
    return [
        Note(
            tr(
                "Launched only after {start}, so that their weeks are counted from their launch: {names}.",
                start=view.numbers.day(view.start),
                names=some(bracketed(view.named(sku), view.numbers.day(day)) for sku, day in days.items()),
            )
        )
    ]


def _day_ahead(launch: Any) -> Any:
    # Runs kept from before do not tell it.
    day = getattr(launch, "launched", None)
    return None if day is None or day != day else day


def _batch(view: RunView, launch: Any) -> str:
    """Return the batch, or what the best one would lose."""
    count = view.numbers.count
    profit = getattr(launch, "profit", None)
    if profit is None or not profit <= 0:
        return count(launch.batch)
    lost = (
        tr("{batch} would lose {loss}", batch=count(launch.weighed), loss=count(-profit))
        if launch.price is not None and launch.price == launch.price
        else tr("{batch} would lose the price of {loss}", batch=count(launch.weighed), loss=count(-profit))
    )
    return bracketed(count(launch.batch), lost)


def unplanned_notes(view: RunView) -> list[Note]:
    """Name the new products that are not sold yet and have neither a forecast nor a stock target, and say whether the plan is made for them."""
    launches = view.frame("launches")
    known = {*view.frame("forecasts")["sku"], *view.frame("targets")["sku"]}
    skus = [str(sku) for sku in launches.loc[launches["weeks"] == 0, "sku"] if sku not in known]
    demand = view.frame("demand")
    later = {*demand.loc[demand["origin"] == "sales", "sku"]}  # known where the weeks planned are over
    left_out = [view.named(sku) for sku in skus if sku not in later]
    replayed = [view.named(sku) for sku in skus if sku in later]
    notes = []
    if left_out:
        notes.append(
            tr(
                "Not sold yet, and therefore without forecast and stock target: {names}. The plan foresees no demand for them beyond open orders; their batches come on top of it.",
                names=some(left_out),
            )
        )
    if replayed:
        notes.append(
            tr(
                "Not sold before {start}, and therefore without forecast and stock target: {names}. The plan replays weeks that are over and is made for what they sold in these; their batches were weighed without knowing that, and do not come on top of it.",
                start=view.numbers.day(view.start),
                names=some(replayed),
            )
        )
    return [Note(text) for text in notes]


def _answer(view: RunView, launches: Any) -> str:
    counts = launches["advice"].value_counts()
    return tr(
        "New products as of {start}: {all}. Waiting for a test batch: {test}; worth repeating: {repeat}; to be stopped: {stop}; not told yet by first sales: {wait}.",
        start=view.numbers.day(view.start),
        all=view.numbers.count(len(launches)),
        test=view.numbers.count(counts.get("test", 0)),
        repeat=view.numbers.count(counts.get("repeat", 0)),
        stop=view.numbers.count(counts.get("stop", 0)),
        wait=view.numbers.count(counts.get("wait", 0)),
    )


def _cards(view: RunView, launches: Any) -> list[Card]:
    numbers = view.numbers
    cards = [
        Card(tr("New products"), numbers.count(len(launches)), tr("first sold of late, or not yet")),
        Card(
            tr("Units in their batches"),
            numbers.count(launches["batch"].sum()),
            tr("as much as pays on average for {n} {n:week|weeks}", n=int(launches["horizon"].iloc[0])),
        ),
    ]
    accuracy = view.frame("launch_accuracy")
    rows = accuracy[(accuracy["method"] == "family") & (accuracy["weeks"] == 0)]
    for row in rows.itertuples():
        cards.append(
            Card(
                tr("Error before the first sale"),
                numbers.share(row.ratio, 0),
                tr("of that of going by the family, on {n} past launches", n=numbers.count(row.launches)),
            )
        )
    return cards


def _ranges(view: RunView, launches: Any) -> Chart:
    """Draw what each new product may sell, and its batch."""
    rows = [
        {
            "key": f"{rank:03}\t{view.named(row.sku)}",
            **{name: round(float(getattr(row, name)), 1) for name in ("q10", "q50", "q90", "mean", "batch")},
            "advice": word(ADVICE, row.advice),
            "like": _kin(view, row, 5),
        }
        for rank, row in enumerate(launches.head(_DRAWN).itertuples())
    ]
    axis = number_axis(view.lang, tr("units in {n} {n:week|weeks}", n=int(launches["horizon"].iloc[0])))
    y = {
        "field": "key",
        "type": "nominal",
        "axis": {"title": None, "grid": False, "labelExpr": "peek(split(datum.label, '\\t'))", "labelLimit": 240},
    }
    tooltip = [
        {"field": "advice", "type": "nominal", "title": tr("Advice")},
        {"field": "q10", "type": "quantitative", "format": ",.0f", "title": tr("One in ten is below")},
        {"field": "q50", "type": "quantitative", "format": ",.0f", "title": tr("Middle")},
        {"field": "q90", "type": "quantitative", "format": ",.0f", "title": tr("One in ten is above")},
        {
            "field": "batch",
            "type": "quantitative",
            "format": ",.0f",
            "title": tr("Batch for {n} {n:week|weeks}", n=int(launches["horizon"].iloc[0])),
        },
        {"field": "like", "type": "nominal", "title": tr("Like")},
    ]
    spec = chart_spec(
        {"step": 22},
        data=inline(rows),
        encoding={"y": y, "tooltip": tooltip},
        layer=[
            {
                "mark": {"type": "bar", "height": 8, "color": ACCENT, "opacity": 0.35, "cornerRadius": 4},
                "encoding": {"x": {"field": "q10", "type": "quantitative", "axis": axis}, "x2": {"field": "q90"}},
            },
            {
                "mark": {"type": "tick", "color": ACCENT, "thickness": 3, "size": 14},
                "encoding": {"x": {"field": "q50", "type": "quantitative", "axis": axis}},
            },
            {
                "mark": {"type": "point", "filled": True, "color": INK, "size": 45, "shape": "diamond", "opacity": 1},
                "encoding": {"x": {"field": "batch", "type": "quantitative", "axis": axis}},
            },
        ],
    )
    return Chart(
        "launches",
        tr("What the new products may sell"),
        tr(
            "One bar a product, from what one in ten stays below to what one in ten exceeds; a line at the middle, a diamond at the batch to make."
        ),
        spec,
        note=tr("Bar: eight of ten cases. Line: the middle. Diamond: the batch that pays best on average."),
    )


def _rules(view: RunView, launches: Any) -> list[Block]:
    """Draw, for a product the reader chooses, what first sales decide."""
    rules = view.frame("launch_rules")
    if not ((rules["stop_below"] > 0) | rules["repeat_above"].notna()).any():
        return []
    chosen = list(launches["sku"].head(_RULED))
    place = {sku: number for number, sku in enumerate(chosen)}
    sold = dict(zip(launches["sku"], zip(launches["weeks"], launches["sold"], strict=True), strict=True))
    rows = [
        {
            "series": place[row.sku],
            "week": int(row.week),
            "stop": round(float(row.stop_below), 1) or None,
            "repeat": None
            if row.repeat_above is None or row.repeat_above != row.repeat_above
            else round(float(row.repeat_above), 1),
        }
        for row in rules.itertuples()
        if row.sku in place
    ]
    now = [
        {"series": place[sku], "week": int(weeks), "sold": float(units)}
        for sku, (weeks, units) in sold.items()
        if sku in place and weeks > 0
    ]
    x = {
        "field": "week",
        "type": "quantitative",
        "axis": {"title": tr("weeks after launch"), "tickMinStep": 1, "grid": False},
    }
    axis = number_axis(view.lang, tr("units sold by then"))
    keep = [{"filter": "datum.series == launched"}]

    def line(field: str, colour: str, title: str) -> dict[str, Any]:
        return {
            "data": inline(rows),
            "transform": [*keep, {"filter": f"isValid(datum['{field}'])"}],
            "mark": {"type": "line", "color": colour, "strokeWidth": 2, "point": {"color": colour, "filled": True}},
            "encoding": {
                "x": x,
                "y": {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": True}},
                "tooltip": [
                    {"field": "week", "type": "quantitative", "title": tr("Weeks after launch")},
                    {"field": field, "type": "quantitative", "format": ",.0f", "title": title},
                ],
            },
        }

    spec = chart_spec(
        260,
        params=[
            {
                "name": "launched",
                "value": 0,
                "bind": {
                    "input": "select",
                    "options": list(range(len(chosen))),
                    "labels": [view.named(sku) for sku in chosen],
                    "name": tr("New product") + " ",
                },
            }
        ],
        layer=[
            line("repeat", ACCENT, tr("Repeat from")),
            line("stop", LOSS, tr("Stop below")),
            {
                "data": inline(now),
                "transform": keep,
                "mark": {"type": "point", "filled": True, "color": INK, "size": 70, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": {"field": "sold", "type": "quantitative", "axis": axis},
                    "tooltip": [
                        {"field": "sold", "type": "quantitative", "format": ",.0f", "title": tr("Sold so far")}
                    ],
                },
            },
        ],
    )
    return [
        Chart(
            "firstsales",
            tr("When to repeat, when to stop"),
            tr(
                "Two lines over the weeks after launch: with units sold above the green one repeat, below the red one stop; between them wait. A point marks what was sold so far."
            ),
            spec,
            note=tr("Green: repeat from here. Red: stop below. Point: sold so far."),
        )
    ]


def _forecast_units(view: RunView, weeks: int) -> dict[str, float]:
    """Return the units of each product that is sold already in the first weeks of the forecast that plans go by."""
    made = view.frame("forecasts")
    made = made[made["basis"] == "shared"]
    if not len(made):
        return {}
    made = made[made["week"].rank(method="dense") <= weeks]
    return {str(sku): float(units) for sku, units in made.groupby("sku", observed=True)["mean"].sum().items()}


def _list(view: RunView, launches: Any) -> Grid:
    numbers = view.numbers
    basis = view.frame("launch_basis")
    few = bool((basis["over"] < basis["needed"]).any())
    weeks = int(launches["horizon"].iloc[0])
    planned = _forecast_units(view, weeks)
    rows = tuple(
        (
            view.named(row.sku)
            if (day := _day_ahead(row)) is None
            else bracketed(view.named(row.sku), numbers.day(day)),
            numbers.count(row.weeks),
            numbers.count(row.sold),
            f"{numbers.count(row.q10)} … {numbers.count(row.q90)}",
            _batch(view, row),
            numbers.share(row.chance, 0),
            tr("too few launches to tell")
            if few
            else tr("not within the test")
            if row.telling_week != row.telling_week or row.telling_week is None
            else tr("before the first sale")
            if row.telling_week == 0
            else tr("week {n}", n=int(row.telling_week)),
            word(ADVICE, row.advice),
            tr("its family's launches") if row.method == "family" else _kin(view, row, 2),
            numbers.count(planned[row.sku]) if row.sku in planned else "–",
        )
        for row in launches.head(_LISTED).itertuples()
    )
    header = (
        tr("Product"), tr("Weeks on sale"), tr("Sold"), tr("Likely units"),
        tr("Batch for {n} {n:week|weeks}", n=weeks), tr("Worth repeating"),
        tr("Told by"), tr("Advice"), tr("Goes by"), tr("In the forecast"),
    )  # fmt: skip
    return Grid(
        tr("What to do about each new product"),
        header,
        rows,
        (1, 2, 3, 4, 5, 9),
        tr(
            "Worth repeating: the chance that it sells what pays for another setup, fills a minimum batch, and is a fair share of what launches usually sell. The advice follows it; a batch of what should stop is 0. No batch either where the best that minimum batch and setup leave would lose on average against making none: so much stands in brackets."
        )
        + " "
        + tr(
            "A batch covers all {n} {n:week|weeks} from now on, or from a launch ahead (its day stands behind the name), also where first sales tell sooner: a test may be smaller, if the next can be made and be there by then. What is on hand or on order is not taken off it.",
            n=weeks,
        )
        + " "
        + tr(
            "In the forecast: what plans and stock targets expect in these {n} {n:week|weeks} of what is sold already, by its own weeks and by these launches together.",
            n=weeks,
        ),
    )


def _kin(view: RunView, launch: Any, most: int) -> str:
    """Return the likeliest analogues by their titles, those that stand in marked as such."""
    # Runs kept from before do not tell which stand in.
    stand_ins = str(getattr(launch, "stand_ins", "") or "").split(", ")
    shown = []
    for part in str(launch.analogues or "").split(", ")[:most]:
        sku, _, chance = part.rpartition(" ")
        if sku:
            name = view.named(sku)
            shown.append(
                tr("{sku} (standing in) {chance}", sku=name, chance=chance) if sku in stand_ins else f"{name} {chance}"
            )
    return listed(shown)


def _accuracy(view: RunView) -> list[Block]:
    accuracy = view.frame("launch_accuracy")
    if not len(accuracy):
        return []
    numbers = view.numbers
    rows = tuple(
        (
            numbers.count(row.weeks),
            word(LAUNCH_METHODS, row.method),
            numbers.count(row.launches),
            numbers.number(row.pinball, 3),
            ""
            if row.method == "given"
            else bracketed(
                numbers.share(row.ratio, 0), f"{numbers.share(row.ratio_low, 0)} … {numbers.share(row.ratio_high, 0)}"
            ),
            numbers.share(row.coverage80, 0),
        )
        for row in accuracy.itertuples()
    )
    header = (
        tr("Weeks known"), tr("Method"), tr("Launches"), tr("Loss"), tr("As given, against it"), tr("Inside the 80 % band"),
    )  # fmt: skip
    note = tr("Past launches, foretold from what was known then. Loss: pinball loss of nine deciles of ln(1 + units).")
    return [Grid(tr("How well past launches were foretold"), header, rows, (0, 2, 3, 4, 5), note, folded=True)]
