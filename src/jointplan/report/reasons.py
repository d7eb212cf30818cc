"""Why a plan is as it is, in plain words: for the hub, and for a firm with nothing of anyone else's in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jointplan.report.numbers import known
from jointplan.report.view import RunView
from jointplan.report.words import MODES, word
from jointplan.texts import fill, some, tr

KINDS = ("full", "unmet", "late", "dear")
MISSING = ("setup", "gap", "displaced")  # causes of lines that wait for a batch
BATCH = ("cost", "usual", "binding_from", "maker")  # alike where one batch would be best for all
COMPARED = ("other_maker", "material")  # causes whose figures tell what another firm's making costs
LIMITS = ("room", "throughput", "space")  # of places and lanes
SHIPMENT = ("kind", "cause", "sku", "market", "week", "lane", "cost")  # alike for all who share one
GUARDED = (
    "maker",
    "binding_process",
    "worth",
    "worth_low",
    "worth_high",
    "cost",
    "usual",
)  # what another firm's workshop would tell
_LITTLE = 10.0  # money below which an hour is told to the cent
_NAMED = 6  # lines of one batch that are named


@dataclass(frozen=True)
class Explained:
    """One explanation: its kind, the rows of **reasons** it was made from (what the reader may see), and its sentence.

    It has several rows where one missing batch would serve several lines, weeks of a line have one reason, or sellers share a shipment.
    """

    kind: str
    rows: tuple[dict[str, Any], ...]
    sentence: str

    @property
    def row(self) -> dict[str, Any]:
        """The first of its rows."""
        return self.rows[0]


def explained(view: RunView, firm: str | None = None) -> list[Explained]:
    """Return explanations, the weightiest of each kind first.

    Parameters
    ----------
    view : RunView
        The run.
    firm : str or None
        Whose lines and workshops; of other firms neither name nor figure is told. None: all, for the hub.
    """
    frame = view.frame("reasons")
    if firm is not None:
        frame = frame[frame["firm"] == firm]
    weight = _weight(frame)
    order = frame.assign(_kind=frame["kind"].map({kind: n for n, kind in enumerate(KINDS)}), _weight=-weight)
    order = order.sort_values(["_kind", "_weight"], kind="stable").drop(columns=["_kind", "_weight"])
    others = set(view.frame("input_firms")["firm"]) - {firm}
    told: dict[Any, list[dict[str, Any]]] = {}
    heavy: dict[Any, float] = {}
    for n, (row, heaviness) in enumerate(zip(order.to_dict("records"), weight.loc[order.index], strict=True)):
        clean = {str(key): None if _missing(value) else value for key, value in row.items()}
        if firm is not None:
            # Whose workshop it is and what its hours are worth is its owner's to tell, and what is usual is of all firms.
            clean |= dict.fromkeys(_hidden(clean, firm, others))
        key = _together(view, clean, firm) or n
        told.setdefault(key, []).append(clean)
        heavy[key] = heavy.get(key, 0.0) + heaviness
    # What sellers share weighs what it costs all of them together.
    shared = sorted(told, key=lambda key: -heavy[key] if told[key][0]["kind"] == "dear" else 0.0)
    ranked = sorted(shared, key=lambda key: KINDS.index(told[key][0]["kind"]))
    return [Explained(told[key][0]["kind"], tuple(told[key]), _sentence(view, told[key], firm)) for key in ranked]


def _together(view: RunView, row: dict[str, Any], firm: str | None) -> tuple[Any, ...] | None:
    """Return what rows have in common that are told in one sentence: the missing batch, the shipment, or the line and its reason."""
    if row["kind"] == "dear" and row["market"]:
        return tuple(row[name] for name in SHIPMENT)
    if row["kind"] not in ("unmet", "late"):
        return None
    if row["cause"] in MISSING and row.get("batch") is not None:  # an earlier version does not tell
        return row["kind"], row["cause"], row["batch"]
    return row["kind"], row["firm"], row["sku"], row["market"], _reason(view, [row], firm)


def _hidden(row: dict[str, Any], firm: str, others: set[str]) -> tuple[str, ...]:
    """Return what of a firm's own row is not its to know."""
    if row["kind"] == "dear":
        return ("usual", "worth", "worth_low", "worth_high")
    match row["cause"]:
        case "barred":
            return ("barred",)
        case "no_process" | "no_source" | "container":
            return ()
        case "room" | "throughput" | "space":
            # What room is worth is known from all who share it; how much another firm has is its own to tell.
            theirs = ("place", "limit") if row["place"] in others else ()
            return ("worth", "worth_low", "worth_high", "cost", *theirs)
    if row["maker"] == firm and row["cause"] not in COMPARED:
        # What a missing batch would gain is the margin of everyone who waits for it.
        return ("usual",) if row["cause"] in MISSING else ()
    # What its freight costs is a seller's own.
    return ("maker",) if row["cause"] == "freight" else (*GUARDED, "material")


def kind_titles() -> dict[str, str]:
    """Return the heading of each kind of explanation."""
    return {
        "full": tr("Full workshops, places and lanes, and what more of them is worth"),
        "unmet": tr("What is not delivered, and why"),
        "late": tr("What is late, and why"),
        "dear": tr("What is dear, and why"),
    }


def _missing(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and not known(value))


def _weight(frame: Any) -> Any:
    """Return what puts one explanation before another of its kind, in money as far as it is known.

    What no plan could have changed, as nothing gets there sooner, comes last.
    """
    extra = (frame["cost"] - frame["usual"]).fillna(0.0)
    lost = frame["quantity"] * frame["usual"].fillna(0.0)
    lost = lost.where(~frame["cause"].isin(MISSING), frame["usual"].fillna(0.0))
    lost = lost.where(frame["cause"] != "lead_time", 0.0)
    return (
        lost.where(frame["kind"].isin(("late", "unmet")), frame["quantity"] * extra)
        .where(frame["kind"] != "full", frame["worth"].fillna(0.0))
        .astype(float)
    )


def _period(view: RunView, first: Any, last: Any) -> str:
    if first == last:
        return tr("the week of {day}", day=view.numbers.day(first))
    return tr("the weeks of {first} to {last}", first=view.numbers.day(first), last=view.numbers.day(last))


def _sentence(view: RunView, rows: list[dict[str, Any]], firm: str | None) -> str:
    row = rows[0]
    match row["kind"]:
        case "full":
            return _full(view, row, firm)
        case "dear":
            row = row | {"quantity": sum(one["quantity"] for one in rows)}
            line = _dear_line(view, row) if firm is None else _own_dear_line(view, row)
            return tr("{line}: {reason}.", line=line, reason=_dear_reason(view, row, firm))
    return tr("{line}: {reason}.", line=_unserved_lines(view, rows, firm), reason=_reason(view, rows, firm))


def _reason(view: RunView, rows: list[dict[str, Any]], firm: str | None) -> str:
    """Return why lines are late or unmet, with what the reader may know."""
    row = rows[0]
    if firm is not None and (row["maker"] != firm or row["cause"] in COMPARED) and row["cause"] != "freight":
        return _why_guarded(view, row)
    if row["cause"] in MISSING and row["usual"] is not None:
        return _why_missing(view, rows)
    return _why(view, row)


def _why_missing(view: RunView, rows: list[dict[str, Any]]) -> str:
    """Return why there is no batch for lines that wait: what the one would cost and bring that gains most."""
    money, best = view.numbers.money, max(rows, key=lambda row: row["usual"] - row["cost"])
    cost, usual = money(best["cost"]), money(best["usual"])
    alike = all(row[name] == best[name] for row in rows for name in BATCH)
    one = (
        tr("one more")
        if alike
        else tr("one more, best made in {period},", period=_period(view, best["binding_from"], best["binding_until"]))
    )
    match best["cause"]:
        case "setup":
            return tr(
                "no batch of it is planned in time; {one} would cost {cost} in changing over and bring at most {usual} to all orders waiting for it",
                one=one, cost=cost, usual=usual,
            )  # fmt: skip
        case "gap":
            return tr(
                "no batch of it is planned in time; {one} would cost {cost} in changing over and might bring {usual} to all orders waiting for it, here or under another reason; the plan may be that far from the best one",
                one=one, cost=cost, usual=usual,
            )  # fmt: skip
    return tr(
        "no batch of it is planned in time; {one} would bring {usual} to all orders waiting for it, "
        "here or under another reason, but cost {cost} in changing over and "
        "push other goods out of loads, space or hours for more than the rest; the plan is proven to lack less",
        one=one, cost=cost, usual=usual,
    )  # fmt: skip


def _full(view: RunView, row: dict[str, Any], firm: str | None) -> str:
    if row["cause"] in LIMITS:
        limit = _limit(view, row)
        limit = limit[:1].upper() + limit[1:]
        if not round(row["worth"] or 0.0, 2):
            return tr("{limit}; with the lots and loads as planned, more would gain nothing.", limit=limit)
        return tr("{limit}: {worth}.", limit=limit, worth=_one_unit(view, row))
    process, period = row["process"], _period(view, row["week"], row["until"])
    workshop = (
        tr("{process} at {firm}", process=process, firm=view.firm(row["firm"]))
        if firm is None
        else tr("Your {process}", process=process)
    )
    if row["cause"] == "overtime":
        return tr(
            "{workshop} has used its regular hours in {period}, only overtime is left: one more regular hour is worth {worth}.",
            workshop=workshop,
            period=period,
            worth=_one_more(view, row),
        )
    if not round(row["worth"] or 0.0, 2):
        return tr(
            "{workshop} is full in {period}; with the lots as planned, one more hour would gain nothing.",
            workshop=workshop,
            period=period,
        )
    return tr(
        "{workshop} is full in {period}: one more hour is worth {worth}.",
        workshop=workshop,
        period=period,
        worth=_one_more(view, row),
    )


def _limit(view: RunView, row: dict[str, Any]) -> str:
    """Return which limit of a place or lane is used up, and when."""
    period = _period(view, row["binding_from"], row["binding_until"])
    if row["cause"] != "space" and row["place"] is None:  # another firm's
        return tr("the place it would go through is full in {period}", period=period)
    limit = _measured(view, row, "limit")
    match row["cause"]:
        case "room":
            return tr(
                "the room of {place}, {limit}, is full in {period}",
                place=view.place(row["place"]), limit=limit, period=period,
            )  # fmt: skip
        case "throughput":
            return tr(
                "{place} takes in no more than {limit} a week and is at that in {period}",
                place=view.place(row["place"]), limit=limit, period=period,
            )  # fmt: skip
    return tr(
        "the space of lane {lane}, {limit} a week, is used up in {period}", lane=row["lane"], limit=limit, period=period
    )


def _measured(view: RunView, row: dict[str, Any], column: str) -> str:
    """Return an amount with its unit."""
    text = {"m3": tr("{n} m³"), "kg": tr("{n} kg"), "unit": tr("{n} {n:unit|units}")}[row["unit"]]
    return fill(text, n=view.numbers.number(row[column], 3))


def _one_unit(view: RunView, row: dict[str, Any]) -> str:
    """Return what one more of a limit of a place or lane is worth, or would bring a line at most."""
    unit = {"m3": tr("m³"), "kg": tr("kg"), "unit": tr("unit")}[row["unit"]]
    if row["worth"] is not None:
        return tr("one more {unit} is worth {worth}", unit=unit, worth=_one_more(view, row))
    return tr("one more {unit} would bring this line {worth} at most", unit=unit, worth=view.numbers.money(row["cost"]))


def _one_more(view: RunView, row: dict[str, Any]) -> str:
    """Return what one more is worth; where weeks differ, from the least to the most."""
    low, high = row.get("worth_low"), row.get("worth_high")  # an earlier version keeps the mean alone
    if low is None or high is None:
        low = high = row["worth"]
    # To the cent where it is little, but both alike.
    write = view.numbers.cents if high < _LITTLE else view.numbers.money
    least, most = write(low), write(high)
    return least if least == most else tr("{least} to {most}", least=least, most=most)


def _unserved_line(view: RunView, row: dict[str, Any], firm: str | None) -> str:
    units, product = view.numbers.count(row["quantity"]), view.product(row["sku"])
    market, period = view.market(row["market"]), _period(view, row["week"], row["until"])
    length = _length(view, [row])
    if firm is not None:
        text = (
            tr("{units} of your {product} for {market}, due in {period}, {units:is|are} late by {length}")
            if row["kind"] == "late"
            else tr("{units} of your {product} for {market} {units:is|are} not delivered in {period}")
        )
        return fill(text, units=units, product=product, market=market, period=period, length=length)
    text = (
        tr("{units} {product} of {seller} for {market}, due in {period}, {units:is|are} late by {length}")
        if row["kind"] == "late"
        else tr("{units} {product} of {seller} for {market} {units:is|are} not delivered in {period}")
    )
    seller = view.firm(row["firm"])
    return fill(text, units=units, product=product, seller=seller, market=market, period=period, length=length)


def _length(view: RunView, rows: list[dict[str, Any]]) -> str:
    """Return how long late units wait on average; what a run of an earlier version does not tell is left out."""
    waited = [float(row["waited"]) for row in rows if row.get("waited") is not None]
    if len(waited) < len(rows):
        return tr("at least a week")
    weeks = view.numbers.number(sum(waited) / sum(row["quantity"] for row in rows))
    return tr("a week") if weeks == "1" else tr("{n} {n:week|weeks} on average", n=weeks)


def _unserved_lines(view: RunView, rows: list[dict[str, Any]], firm: str | None) -> str:
    """Return lines of one product that wait for one batch, with the units of each seller and market."""
    count = view.numbers.count
    rows = _of_each_seller(rows)
    if len(rows) == 1:
        return _unserved_line(view, rows[0], firm)
    named = [
        tr("{units} for {market}", units=count(row["quantity"]), market=view.market(row["market"]))
        if firm is not None
        else tr(
            "{units} of {seller} for {market}",
            units=count(row["quantity"]), seller=view.firm(row["firm"]), market=view.market(row["market"]),
        )
        for row in rows
    ]  # fmt: skip
    if len(named) > _NAMED:
        named[_NAMED - 1 :] = [tr("{n} {n:more line|more lines}", n=len(named) - _NAMED + 1)]
    if rows[0]["kind"] == "late":
        text = (
            tr("{units} {product}, due in {period}, {units:is|are} late by {length} ({lines})")
            if firm is None
            else tr("{units} of your {product}, due in {period}, {units:is|are} late by {length} ({lines})")
        )
    else:
        text = (
            tr("{units} {product} {units:is|are} not delivered in {period} ({lines})")
            if firm is None
            else tr("{units} of your {product} {units:is|are} not delivered in {period} ({lines})")
        )
    return fill(
        text,
        units=count(sum(row["quantity"] for row in rows)),
        product=view.product(rows[0]["sku"]),
        period=_period(view, min(row["week"] for row in rows), max(row["until"] for row in rows)),
        length=_length(view, rows),
        lines=tuple(named),
    )


def _of_each_seller(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one line of each seller and market with all its units, the most units first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["firm"], row["market"]
        if key not in found:
            found[key] = dict(row)
            continue
        one = found[key]
        one["quantity"] += row["quantity"]
        one["week"], one["until"] = min(one["week"], row["week"]), max(one["until"], row["until"])
        known = one.get("waited") is not None and row.get("waited") is not None
        one["waited"] = one["waited"] + row["waited"] if known else None
    return sorted(found.values(), key=lambda row: -row["quantity"])


def _why(view: RunView, row: dict[str, Any]) -> str:
    """Return the reason of a late or unmet line with all its figures."""
    money = view.numbers.money
    match row["cause"]:
        case "capacity" if row["worth"] is None:
            return tr(
                "no hours are left in {process} at {maker} in {period}",
                process=row["binding_process"],
                maker=view.firm(row["maker"]),
                period=_period(view, row["binding_from"], row["binding_until"]),
            )
        case "capacity":
            return tr(
                "hours are short in {process} at {maker} in {period}: one more is worth {worth}",
                process=row["binding_process"],
                maker=view.firm(row["maker"]),
                period=_period(view, row["binding_from"], row["binding_until"]),
                worth=_one_more(view, row),
            )
        case "overtime":
            return tr(
                "regular hours are used up in {process} at {maker} in {period}, only overtime is left: one more regular hour is worth {worth}",
                process=row["binding_process"],
                maker=view.firm(row["maker"]),
                period=_period(view, row["binding_from"], row["binding_until"]),
                worth=_one_more(view, row),
            )
        case "room" | "throughput" | "space":
            return tr("{limit}: {worth}", limit=_limit(view, row), worth=_one_unit(view, row))
        case "certificate":
            return tr(
                "the certificate of {maker} for {market} covers no week from {day} on",
                maker=view.firm(row["maker"]), market=view.market(row["market"]), day=view.numbers.day(row["binding_from"]),
            )  # fmt: skip
        case "barred" if row["barred"]:
            return tr(
                "who can make it may not: {barriers}",
                barriers=tr("; ").join(_barriers(view, row["barred"], row["market"])),
            )
        case "lead_time":
            return _why_too_soon(view, row)
        case "not_worth":
            return tr(
                "a unit costs {cost} to make and send, more than the {usual} that are lost without it",
                cost=money(row["cost"]),
                usual=money(row["usual"]),
            )
        case "other_maker":
            return tr(
                "who could make it in time, {maker}, does so {cost} a unit dearer than who makes it later, and the delay costs {usual}",
                maker=view.firm(row["maker"]),
                cost=view.numbers.cents(row["cost"]),
                usual=view.numbers.cents(row["usual"]),
            )
        case "material":
            return tr(
                "making it in time would cost {cost} a unit more than later, mostly for its materials, {material} before all, and the delay costs {usual}",
                material=row["material"],
                cost=view.numbers.cents(row["cost"]),
                usual=view.numbers.cents(row["usual"]),
            )
        case "freight" if row["cost"] is not None:
            return tr(
                "ways that would be in time cost {cost} more a unit than slower ones, the delay {usual}",
                cost=view.numbers.cents(row["cost"]),
                usual=view.numbers.cents(row["usual"]),
            )
    return _why_guarded(view, row)


def _why_too_soon(view: RunView, row: dict[str, Any]) -> str:
    """Return when goods can come out at the earliest and how long their way takes; where the plan ends before that, say so."""
    weeks, begun = row["worth"] or 0.0, row["binding_from"]
    said = (
        tr("the shortest way there takes a week")
        if weeks <= 1
        else tr("the shortest way there takes {n} {n:week|weeks}", n=view.numbers.count(weeks))
    )
    if begun is not None:
        made = tr(
            "none of it can come out before the week of {day}: until then there are no hours for it, its steps take as long, or something must be learned or opened first",
            day=view.numbers.day(begun),
        )
        said = tr("{made}, and {way}", made=made, way=said) if weeks else made
        weeks += (pd.Timestamp(begun) - pd.Timestamp(view.start)).days // 7
    return tr("{reason}; the plan ends before", reason=said) if weeks >= view.weeks else said


def _barriers(view: RunView, barred: str, market: str) -> list[str]:
    """Return what keeps each firm that could make a product from it."""
    found = []
    for firm, cause, *owners in json.loads(barred):
        maker = view.firm(firm)
        match cause:
            case "certificate":
                text = tr("{maker} has no certificate for {market}", maker=maker, market=view.market(market))
            case "refused":
                text = tr(
                    "{maker} may not, as {one} and {other} do no jobs for each other",
                    maker=maker, one=owners[0], other=owners[1],
                )  # fmt: skip
            case "protected":
                text = tr("{maker} may not, as jobs of protected customers stay with their maker", maker=maker)
            case _:
                text = tr("{maker} shares no such right with them", maker=maker)
        found.append(text)
    return found


def _why_guarded(view: RunView, row: dict[str, Any]) -> str:
    """Return the reason of a late or unmet line, without a word on anyone else."""
    match row["cause"]:
        case "capacity":
            period = _period(view, row["binding_from"], row["binding_until"])
            return tr("hours are short in {period} in the workshop it would be made in", period=period)
        case "overtime":
            period = _period(view, row["binding_from"], row["binding_until"])
            return tr(
                "regular hours are used up in {period} in the workshop it would be made in, and only overtime is left",
                period=period,
            )
        case "setup":
            return tr("no batch of it is planned in time, and one more would cost more in changing over than it gains")
        case "gap":
            return tr(
                "no batch of it is planned in time, though one more might pay: the plan may be that far from the best one"
            )
        case "displaced":
            return tr("no batch of it is planned in time, and one more would take more from other goods than it gains")
        case "room" | "throughput" | "space":
            return _limit(view, row)
        case "certificate":
            return tr(
                "who could make it has no certificate for {market} from {day} on",
                market=view.market(row["market"]),
                day=view.numbers.day(row["binding_from"]),
            )
        case "barred":
            return tr("who can make it may not, for want of a certificate for the market or by terms between owners")
        case "no_process":
            return tr("no firm can do the step {process}", process=row["binding_process"])
        case "no_source":
            lost = row["material"].split(", ")
            if len(lost) == 1:
                return tr("its material {material} has no source left", material=lost[0])
            return tr("its materials {materials} have no source left", materials=some(lost))
        case "container":
            return tr(
                "the container of lane {lane} is too small for it: it takes {limit}, and a unit needs {needed}",
                lane=row["lane"], limit=_measured(view, row, "limit"), needed=_measured(view, row, "needed"),
            )  # fmt: skip
        case "lead_time":
            return tr("it cannot get there sooner")
        case "not_worth":
            return tr("a unit costs more to make and send than is lost without it")
        case "other_maker":
            return tr("who could make it in time does so dearer than who makes it later")
        case "material":
            return tr("making it in time would cost more than later, mostly for its materials")
        case "no_maker":
            return tr("no firm that may make it can")
        case "no_way":
            return tr("no lane leads there")
        case "waits_free":
            return tr("waiting costs nothing there")
    return tr("the loads that could take it in time cost more than they gain")


def _dear_line(view: RunView, row: dict[str, Any]) -> str:
    money, units = view.numbers.cents, view.numbers.count(row["quantity"])
    product, period = view.product(row["sku"]), _period(view, row["week"], row["until"])
    if row["market"]:
        return tr(
            "{units} {product} to {market} in {period} {units:costs|cost} {cost} of freight a unit instead of the usual {usual}",
            units=units, product=product, market=view.market(row["market"]), period=period,
            cost=money(row["cost"]), usual=money(row["usual"]),
        )  # fmt: skip
    return tr(
        "{units} {product} made at {maker} in {period} {units:costs|cost} {cost} a unit instead of the usual {usual}",
        units=units, product=product, maker=view.firm(row["maker"] or row["firm"]), period=period,
        cost=money(row["cost"]), usual=money(row["usual"]),
    )  # fmt: skip


def _own_dear_line(view: RunView, row: dict[str, Any]) -> str:
    """Return a firm's own dear line; what is usual is known from others and not told."""
    units, product, cost = (
        view.numbers.count(row["quantity"]),
        view.product(row["sku"]),
        view.numbers.cents(row["cost"]),
    )
    period = _period(view, row["week"], row["until"])
    if row["market"]:
        return tr(
            "{units} of your {product} to {market} in {period} {units:costs|cost} {cost} of freight a unit",
            units=units, product=product, market=view.market(row["market"]), period=period, cost=cost,
        )  # fmt: skip
    return tr(
        "{units} {product} that you make in {period} {units:costs|cost} {cost} a unit",
        units=units, product=product, period=period, cost=cost,
    )  # fmt: skip


def _dear_reason(view: RunView, row: dict[str, Any], firm: str | None) -> str:
    match row["cause"]:
        case "small_lot":
            return tr("the lot is small for its setup")
        case "overtime":
            return tr("it is made in overtime")
        case "material":
            return tr("its materials are bought at more than usual")
        case "mode":
            return tr("it goes by {mode}, as slower ways come too late", mode=word(MODES, row["mode"]).lower())
        case "small_load":
            return tr("the load is small for its charge")
        case "too_small":
            return tr(
                "it goes by {mode}, as it would be a small load for the charge of the usual way",
                mode=word(MODES, row["mode"]).lower(),
            )
        case "way":
            return tr("it goes by {mode}, by a dearer way than most of it", mode=word(MODES, row["mode"]).lower())
        case "room" | "throughput" | "space":
            return (
                tr("{limit}: {worth}", limit=_limit(view, row), worth=_one_unit(view, row))
                if row["worth"]
                else _limit(view, row)
            )
    if firm is not None:
        return tr("that is above what is usual for it")
    if row["cause"] == "only_maker":
        return tr("this firm makes it dearer than others, who may not make it for these orders")
    return tr("this firm makes it dearer than others, which have no hours left or no lot open")
