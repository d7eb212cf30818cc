"""What is gained by planning together, and how sure that is."""

from __future__ import annotations

from typing import Any

from jointplan.report.blocks import Block, Card, Chart, Grid, Interval, Note, Section
from jointplan.report.ending import ending, relaxations
from jointplan.report.numbers import NONE, apart, known, whole
from jointplan.report.strain import strain_lines
from jointplan.report.vega import ACCENT, INK, LOSS, PLAN_COLOURS, chart_spec, inline, labelled_scale, number_axis
from jointplan.report.view import RunView
from jointplan.report.words import ACCOUNTS, PLANS, STATUSES, word
from jointplan.study import Run
from jointplan.texts import sentences, tr

NOTHING_POOLED = ("one_owner", "nothing_shared")  # verdicts whose gain is zero by definition
_STEPS_SHOWN = 7  # between two plans
# Accounts that readers think of as one thing are one step of the waterfall.
_STEPS = (
    ("revenue", ("revenue",)),
    ("material", ("material",)),
    ("making", ("making",)),
    ("overtime", ("overtime",)),
    ("setup", ("setup",)),
    ("freight", ("freight",)),
    ("duty", ("duty",)),
    ("channel", ("channel",)),
    ("entry", ("entry",)),
    ("promotion", ("promotion",)),
    ("investment", ("investment",)),
    ("interest", ("interest",)),
    ("opening", ("opening",)),
    ("holding", ("handling", "storage", "holding")),
    ("late", ("late",)),
    ("goodwill", ("goodwill",)),
    ("protection", ("protection",)),
    ("end_stock", ("end_stock",)),
    ("hub", ("hub",)),
)


def gain_section(view: RunView) -> Section:
    """Return the section on the gain, its proof, and where it comes from."""
    return Section(
        "gain",
        tr("What is gained by planning together, and how sure is that?"),
        tr("Gain"),
        headline(view),
        tuple(_cards(view)),
        tuple(_blocks(view)),
    )


def headline(view: RunView) -> str:
    """Return the verdict of the run in one sentence, its numbers those of the manifest."""
    run, money = Run(view.run), view.numbers.money
    said = sentences((_verdict(view), run.before_hub(money), run.still_open(), run.resting(money)))
    if view.replay and view.manifest["verdict"] in ("gain", "loss", "not_distinguishable"):
        return tr("{said} (Replay of past weeks whose orders were known beforehand.)", said=said)
    return said


def _verdict(view: RunView) -> str:
    run, money = Run(view.run), view.numbers.money
    gain, verdict = run.whole_gain, view.manifest["verdict"]
    if (unsearched := run.unsearched()) and verdict == "not_distinguishable":
        return unsearched
    if verdict == "gain" and gain.exact:
        return tr(
            "Over {weeks} {weeks:week|weeks}, planning together is proven to be worth {gain} more than each owner planning alone, "
            "for exactly this demand.",
            weeks=view.weeks,
            gain=money(gain.found),
        )
    if verdict == "gain":
        return tr(
            "Over {weeks} {weeks:week|weeks}, planning together is proven to be worth between {low} and {high} more than each owner "
            "planning alone, for exactly this demand; the plans that were found differ by {gain}.",
            weeks=view.weeks,
            gain=money(gain.found),
            low=money(gain.low),
            high=money(gain.high),
        )
    if verdict == "loss" and gain.exact:
        return tr(
            "Over {weeks} {weeks:week|weeks}, planning together would cost {loss} more than it brings; "
            "for exactly this demand, this is proven.",
            weeks=view.weeks,
            loss=money(gain.loss.found),
        )
    if verdict == "loss":
        return tr(
            "Over {weeks} {weeks:week|weeks}, planning together would cost {loss} more than it brings; "
            "for exactly this demand, the loss is proven to lie between {low} and {high}.",
            weeks=view.weeks,
            loss=money(gain.loss.found),
            low=money(gain.loss.low),
            high=money(gain.loss.high),
        )
    if verdict == "one_owner":
        return tr(
            "One owner: nothing to pool. Nobody else sells, makes or has what is wanted here, or could work on it, "
            "so the gain is zero by definition."
        )
    if verdict == "nothing_shared":
        return tr("Nothing is shared between owners in this plan, so the gain is zero by definition.")
    if verdict == "nothing_to_plan":
        return tr(
            "There is nothing to plan: no demand falls into these weeks that any firm could make and ship in time."
        )
    if gain.nothing:
        return tr(
            "Over {weeks} {weeks:week|weeks}, planning together is proven to gain nothing, for exactly this demand.",
            weeks=view.weeks,
        )
    said = tr(
        "No difference can be told: for exactly this demand, the gain of planning together is proven to lie between "
        "{low} and {high}, which includes zero.",
        low=money(gain.low),
        high=money(gain.high),
    )
    better = run.better(money(abs(gain.found or 0)))
    return tr("{told} {more}", told=said, more=better) if better else said


def _cards(view: RunView) -> list[Card]:
    """Return the main figures; cooperation and better planning are never added up."""
    figures, numbers = view.figures, view.numbers
    values, verdict, cards = figures["value"], view.manifest["verdict"], []
    if verdict == "nothing_to_plan":
        return []
    tone = {"gain": "gain", "loss": "loss"}.get(verdict, "")
    whole_gain = Run(view.run).whole_gain
    gain, open_question = whole_gain.found, verdict == "not_distinguishable" and not whole_gain.nothing
    per_week = gain / view.weeks if gain is not None and view.weeks else None
    cards.append(
        Card(
            tr("Difference as found") if open_question else tr("Gain by cooperation"),
            numbers.money(gain, signed=True),
            tr("joint plan − separate plans; {each} a week", each=numbers.money(per_week))
            if verdict in ("gain", "loss")
            else tr("joint plan − separate plans; not proven to be a gain")
            if open_question
            else tr("joint plan − separate plans"),
            tone,
        )
    )
    cards.append(
        Card(
            tr("Value of the joint plan"),
            numbers.money(values["joint"]),
            tr("separate plans: {value}", value=numbers.money(values["separate"])),
        )
    )
    hub = view.manifest.get("hub") or {}
    if hub.get("weekly_cost") is not None and verdict not in NOTHING_POOLED:
        even = hub.get("break_even_weekly_cost")
        cards.append(
            Card(
                tr("Cost of the hub, a week"),
                numbers.money(hub["weekly_cost"]),
                tr("already deducted; the gain vanishes at {even} a week", even=numbers.money(even))
                if even is not None and verdict == "gain"
                else tr("already deducted from the joint plan"),
            )
        )
    if values.get("recorded") is not None:
        cards.append(
            Card(
                tr("Better planning, each alone"),
                numbers.money(apart(values["separate"], values["recorded"]), signed=True),
                _caveat(view),
                "aside",
            )
        )
    return cards


def _caveat(view: RunView) -> str:
    """Return how to read the difference from the recorded plan, which is no gain of cooperation."""
    said = tr("separate plans − as recorded; needs no cooperation")
    if view.replay:
        said = tr("{said}; at most, as the plans knew the orders beforehand", said=said)
    broken = len(view.plan("violations", "recorded"))
    if broken:
        said = tr("{said}; what was recorded breaks rules {n} {n:time|times}", said=said, n=view.numbers.count(broken))
    return said


def _blocks(view: RunView) -> list[Block]:
    if view.manifest["verdict"] == "nothing_to_plan":
        return [Note(headline(view))]
    blocks: list[Block] = [Note(line, "warning") for line in strain_lines(view)]
    if view.manifest["verdict"] not in NOTHING_POOLED and known(view.figures.get("gain_low")):
        blocks.append(_interval(view))
    if view.replay:
        blocks.append(
            Note(
                tr(
                    "The plans were made for weeks that have already been, from {start} on, and knew their orders "
                    "beforehand. They show what better decisions could have been worth at most, not what a planner "
                    "without that knowledge would have reached.",
                    start=view.numbers.day(view.start),
                ),
                "warning",
            )
        )
    broken = len(view.plan("violations", "recorded"))
    if broken:
        blocks.append(
            Note(
                tr(
                    "What was recorded breaks {n} of the rules that both plans keep (listed at the end), "
                    "so its value is not fully comparable.",
                    n=view.numbers.count(broken),
                )
            )
        )
    if "recorded" in view.plans and view.replay:
        blocks.append(
            Note(
                tr(
                    "What was recorded also pays the freight of goods that arrive after the end, which are credited at "
                    "their cost only."
                )
            )
        )
    waterfall = _waterfall(view)
    if waterfall:
        blocks.append(waterfall)
    blocks.append(_proof(view))
    return blocks


def _interval(view: RunView) -> Interval:
    """Return the proven interval of the gain, placed against zero."""
    figures, numbers, told = view.figures, view.numbers, Run(view.run).whole_gain
    low, high, point = figures["gain_low"], figures["gain_high"], figures["gain"]
    open_low, open_high = not known(low), not known(high)
    # Where nothing is proven on one side, the interval is drawn to the plan found and said to be open there.
    low, high = point if open_low else low, point if open_high else high
    left, right = min(low, 0.0), max(high, 0.0)
    room = 0.08 * ((right - left) or 1.0)
    left, right = left - room, right + room

    def place(amount: float) -> float:
        return float((amount - left) / (right - left))

    return Interval(
        tr("The proven interval of the gain, against zero"),
        place(low),
        place(high),
        place(point),
        place(0.0),
        tr("not proven") if open_low else numbers.money(told.low, signed=True),
        tr("not proven") if open_high else numbers.money(told.high, signed=True),
        numbers.money(told.found, signed=True),
        {"gain": "gain", "loss": "loss"}.get(view.manifest["verdict"], ""),
    )


def _account_sums(view: RunView) -> dict[str, Any]:
    ledger = view.frame("ledger")
    sums = ledger.groupby(["plan", "account"])["amount"].sum()
    return {plan: sums[plan] if plan in sums.index.get_level_values(0) else {} for plan in view.plans}


def _waterfall(view: RunView) -> Chart | None:
    """Return the way from plan to plan, account by account."""
    plans, numbers = view.plans, view.numbers
    if len(view.frame("ledger")) == 0 or len(plans) < 2:
        return None
    sums = _account_sums(view)
    rows: list[dict[str, Any]] = []
    shown: list[tuple[str, ...]] = []
    for before, after in zip((None, *plans), plans, strict=False):
        total = round(view.figures["value"][after])
        if before is not None:
            stage = f"{word(PLANS, before)} → {word(PLANS, after)}"
            at = round(view.figures["value"][before])
            changes = [
                sum(sums[after].get(a, 0.0) - sums[before].get(a, 0.0) for a in accounts) for _, accounts in _STEPS
            ]
            steps = [
                (word(ACCOUNTS, name) if name != "holding" else tr("Storage, handling, stock"), change)
                for (name, _), change in zip(_STEPS, whole(changes, total - at), strict=True)
                if change
            ]
            shown += [(stage, label, numbers.money(change, signed=True)) for label, change in steps]
            for label, change in _largest(steps):
                rows.append(
                    {
                        "row": f"{len(rows):02d}{label}",
                        "from": at,
                        "to": at + change,
                        "colour": "rise" if change > 0 else "fall",
                        "text": numbers.short(change, signed=True),
                        "stage": stage,
                        "exact": numbers.money(change, signed=True),
                    }
                )
                at += change
        label = word(PLANS, after)
        rows.append(
            {
                "row": f"{len(rows):02d}{label}",
                "from": total,
                "to": total,
                "colour": after,
                "text": numbers.short(total),
                "stage": label,
                "exact": numbers.money(total),
            }
        )
        shown.append((label, tr("Value"), numbers.money(total)))
    colours = {"rise": ACCENT, "fall": LOSS, **PLAN_COLOURS}
    y = {
        "field": "row",
        "type": "ordinal",
        "sort": [row["row"] for row in rows],
        "axis": {"title": None, "labelExpr": "slice(datum.label, 2)", "grid": False, "labelLimit": 240},
    }
    colour = {
        "field": "colour",
        "type": "nominal",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": None,
    }
    tooltip = [
        {"field": "stage", "type": "nominal", "title": tr("Step")},
        {"field": "exact", "type": "nominal", "title": tr("Amount")},
    ]
    total_rows = "datum.from == datum.to"
    ends = [row[end] for row in rows for end in ("from", "to")]
    title = (
        tr("Value, {currency}")
        if min(ends) <= 0 <= max(ends)
        else tr("Value, {currency} (the axis does not start at zero)")
    )
    axis = number_axis(view.lang, title.format(currency=numbers.currency))
    x = {
        "field": "from",
        "type": "quantitative",
        "scale": labelled_scale(min(ends), max(ends)),
        "axis": axis,
    }
    spec = chart_spec(
        {"step": 26},
        data=inline(rows),
        encoding={"y": y},
        layer=[
            {
                "transform": [{"filter": f"!({total_rows})"}],
                "mark": {"type": "bar", "height": 14, "cornerRadius": 2},
                "encoding": {"x": x, "x2": {"field": "to"}, "color": colour, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": total_rows}],
                "mark": {"type": "tick", "thickness": 6, "size": 24, "opacity": 1},
                "encoding": {"x": x, "color": colour, "tooltip": tooltip},
            },
            {
                "transform": [{"calculate": "max(datum.from, datum.to)", "as": "end"}],
                "mark": {"type": "text", "align": "left", "dx": 7, "color": INK, "fontSize": 12},
                "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
            },
        ],
    )
    return Chart(
        "waterfall",
        tr("From plan to plan, account by account"),
        tr("The value of each plan, and between them by how much each account changes it."),
        spec,
        note=tr(
            "From as recorded to separate plans is better planning, which each can do alone; from separate plans to "
            "the joint plan is cooperation. The two are different things and are not added up."
        )
        if "recorded" in plans
        else tr("The step from separate plans to the joint plan is cooperation alone, on the same demand."),
        grid=Grid(tr("The figures"), (tr("Step"), tr("Account"), tr("Amount")), tuple(shown), (2,), folded=True),
    )


def _largest(steps: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the steps a reader can take in, the smallest added up at the end; the table below keeps all."""
    if len(steps) <= _STEPS_SHOWN:
        return steps
    kept = sorted(steps, key=lambda step: -abs(step[1]))[: _STEPS_SHOWN - 1]
    rest = sum(change for label, change in steps if (label, change) not in kept)
    return [*(step for step in steps if step in kept), *([(tr("Other accounts"), rest)] if rest else [])]


def _proof(view: RunView) -> Grid:
    """Return how far each plan may still be from the best there is."""
    numbers = view.numbers
    rows = tuple(
        (
            word(PLANS, row.plan),
            numbers.money(row.value),
            numbers.money(row.upper),
            numbers.share(row.gap, 3),
            numbers.share(row.gap_avoidable, 2),
            NONE if row.plan == "recorded" else word(STATUSES, ending(view, row)),
            numbers.number(row.seconds),
            numbers.count(row.violations),
            relaxations(row) or NONE,
        )
        for row in view.frame("values").itertuples()
    )
    return Grid(
        tr("How sure: each plan, and what no plan can exceed"),
        (
            tr("Plan"),
            tr("Value"),
            tr("Upper bound"),
            tr("Gap"),
            tr("Gap against avoidable cost"),
            tr("Search ended"),
            tr("Seconds"),
            tr("Rules broken"),
            tr("Bound by"),
        ),
        rows,
        (1, 2, 3, 4, 6, 7),
        sentences(
            (
                tr(
                    "The gap says by how much a plan could still be improved at most, as a share of its value; against avoidable "
                    "cost, as a share of what another plan could spare at all: setups, overtime, freight, stock, lateness. The gain is called a gain only if even "
                    "the worst case, the joint plan as found against the best separate plans imaginable, is above zero."
                ),
                tr(
                    "A search ends when its plan is proven to be within plan.solve.gap of the best, when its seconds run out, or "
                    "when it has tried all its rounds (plan.solve.rounds for each order); what is begun when the seconds run out is finished."
                ),
                tr("The last column names the relaxation of the model that proves the upper bound."),
            )
        ),
    )
