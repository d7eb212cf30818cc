"""The stage of a run: rules filled into tariffs, and what each product pays on each lane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.errors import DataError
from jointplan.logistics.crossing import Borders, Crossing
from jointplan.logistics.customs import DutyRule
from jointplan.logistics.fees import channel_fees, fee_assumption, fee_table
from jointplan.logistics.prices import WEEKS
from jointplan.logistics.rules import Rules, rules_on
from jointplan.logistics.settings import LogisticsSettings
from jointplan.schema import TABLES, Assumption
from jointplan.texts import some, tr

_MONEY = ("customs_value", "duty", "per_item", "vat", "fees", "refund", "border", "clearing")


@dataclass(frozen=True)
class Landed:
    """What the stage found: **landed_costs**, **channel_fees** and **tariffs** where there is anything to say, and what was assumed."""

    tables: dict[str, pa.Table]
    assumptions: tuple[Assumption, ...] = ()


def add_landed_costs(
    tables: Tables, settings: LogisticsSettings, *, on: date, until: date, worth: Mapping[str, float]
) -> Landed:
    """Fill named rules into the tariffs, and work out what each product pays on each lane.

    Without rows in **duties** or **export_modes**, and without the rules of the package, nothing is paid at borders; what
    channels keep of a sale is counted wherever **fees** says it, as **channel_fees**.

    Parameters
    ----------
    tables : Tables
        Completed tables.
    settings : LogisticsSettings
        Which rules hold.
    on, until : date
        Monday of the first week planned, and the last day: goods pay by the rules of the Monday of the week in which they arrive. Weight rules and
        containers are those of the first day.
    worth : mapping
        What one unit of each currency is worth in the currency of the run.

    Raises
    ------
    DataError
        If a tariff names a rule, or a lane an export mode, that is not known; or a rate is missing.
    """
    rules = rules_on(on, tables, worth, built_in=settings.rules == "built_in")
    found: dict[str, pa.Table] = {}
    tariffs = fill_tariffs(tables["tariffs"], rules)
    if tariffs is not None:
        found["tariffs"] = tariffs
        tables = tables.adding(found)
    fees = channel_fees(tables, worth)
    assumed = _last_bands(tables)
    if fees.charged:
        found["channel_fees"] = fee_table(fees)
        assumed.append(fee_assumption())
    if not is_active(tables, settings):
        return Landed(found, tuple(assumed))
    stretches = [
        (day, Borders(tables, in_force, settings, worth))
        for day, in_force in _stretches(rules, on, until, tables, settings, worth)
    ]
    rows = [_lane(ruled, ruled.crossing(lane), day) for day, ruled in stretches for lane in ruled.lanes]
    schema = TABLES["landed_costs"].arrow
    found["landed_costs"] = pa.concat_tables([row for row in rows if row is not None] or [schema.empty_table()])
    borders = stretches[0][1]
    crossings = [borders.crossing(lane) for lane in borders.lanes]
    assumed += [*_assumptions(borders, on), *_above_limits(borders, crossings), *_changes(stretches)]
    assumed += _of_several_codes(stretches)
    return Landed(found, (*assumed, *_without_rule(stretches), *_without_mode(stretches)))


def is_active(tables: Tables, settings: LogisticsSettings) -> bool:
    """Tell whether anything is counted at borders: the user's rules, or those of the package."""
    given = any(name in tables and tables[name].num_rows for name in ("duties", "export_modes"))
    return given or settings.rules == "built_in"


def fill_tariffs(tariffs: pa.Table, rules: Rules) -> pa.Table | None:
    """Return the tariffs with the weight rules and containers they name filled in; None where none names any."""
    rows: list[dict[str, Any]] = tariffs.to_pylist()
    changed = False
    for row in rows:
        if row["weight_rule"]:
            rule = _named(rules.weights, row, "weight_rule", "weight_rules")
            row["volumetric"] = rule.kg_per_m3 if row["volumetric"] is None else row["volumetric"]
            if row["weight_step"] is None and rule.step_kg:
                row["weight_step"] = rule.step_kg
            if row["side_step"] is None and rule.side_step:
                row["side_step"], row["side_rounding"] = rule.side_step_cm, rule.side_rounding
            changed = True
        if row["container"]:
            box = _named(rules.containers, row, "container", "containers")
            row["container_kg"], row["container_m3"] = box.kg, box.m3
            changed = True
    return pa.Table.from_pylist(rows, schema=tariffs.schema) if changed else None


def _named(known: Mapping[str, Any], row: Mapping[str, Any], column: str, table: str) -> Any:
    name = row[column]
    if name not in known:
        raise DataError(
            tr("The tariff {tariff} names {name} in {column}, which is not known on that day.",
               tariff=row["tariff"], name=name, column=column),
            tr("Add it to the table {table}, or use one of: {names}.", table=table, names=tuple(sorted(known))),
        )  # fmt: skip
    return known[name]


def _stretches(
    rules: Rules, on: date, until: date, tables: Tables, settings: LogisticsSettings, worth: Mapping[str, float]
) -> Iterator[tuple[date, Rules]]:
    """Yield the first Monday, and the rules, of each stretch of weeks with the same duties and export modes."""
    yield on, rules
    day = on + timedelta(weeks=1)
    while day <= until:
        later = rules_on(day, tables, worth, built_in=settings.rules == "built_in")
        if (later.duties, later.modes) != (rules.duties, rules.modes):
            rules = later
            yield day, rules
        day += timedelta(weeks=1)


def _lane(borders: Borders, crossing: Crossing, since: date) -> pa.Table | None:
    """Return the rows of one lane from a Monday on: a row per product, where anything is paid or refunded."""
    if not (crossing.duty or crossing.tax or crossing.export):
        return None
    goods = borders.goods
    money = {name: np.zeros(len(goods.sku)) for name in _MONEY}
    tariff = borders.tariffs[crossing.lane["tariff"]]
    freight = (
        tariff.parcel(goods.weight, goods.volume, goods.sides)
        if crossing.parcel
        else tariff.share_of_load(goods.weight, goods.volume)
    )
    for hs, at in goods.by_code.items():
        rule = borders.rule(crossing, hs)
        if not crossing.parcel:
            money["clearing"][at] = borders.once_per_load(crossing, rule)
            rule = in_large_loads(rule)
        value = borders.declared(crossing, rule, at)
        paid = borders.pay(crossing, rule, value, freight[at])
        money["customs_value"][at] = paid.customs_value
        money["duty"][at], money["per_item"][at] = paid.duty, paid.per_item
        money["vat"][at] = paid.vat if borders.settings.prices_include_tax else 0.0
        money["fees"][at] = paid.clearing
        money["refund"][at] = borders.refund(crossing, at, value)
    money["border"] = money["duty"] + money["per_item"] + money["vat"] + money["fees"] - money["refund"]
    lane = crossing.lane
    columns = {
        "lane": pa.array([lane["lane"]] * len(goods.sku), pa.string()),
        "sku": pa.array(goods.sku, pa.string()),
        "week": pa.array([since] * len(goods.sku), pa.date32()),
        "destination": pa.array([lane["destination"]] * len(goods.sku), pa.string()),
        **{name: pa.array(values) for name, values in money.items()},
    }
    schema = TABLES["landed_costs"].arrow
    return pa.table([columns[name] for name in schema.names], schema)


def in_large_loads(rule: DutyRule) -> DutyRule:
    """Return what a rule charges each unit of a load, which is above any threshold: nothing of what the load pays once."""
    return replace(rule, threshold=0.0, per_item=0.0, clearing=0.0)


def _assumptions(borders: Borders, on: date) -> list[Assumption]:
    """Say which rule holds for each market, and what is not known."""
    settings = borders.settings
    notes = [
        Assumption(
            item="consignments",
            value="1",
            unit="units",
            rule="Each parcel is a consignment of one unit and one tariff item. A load of another mode, what leaves on a lane in a week"
            " for one owner, or for all who ship together, is one consignment: it is worth more than any threshold, and pays clearing,"
            " and the fixed charge of a tariff item that has no threshold, once.",
            rule_zh="每个包裹为一件一税号的货件。其他方式下，同一所有者（或合并发运的各家）一周内在一条线路上发出的货物为一票：视为超过免税额，"
            "清关费及无免税额的税号固定税额每票付一次。",
            replaced_by="lanes.mode",
        )
    ]
    notes.append(
        Assumption(
            item="declared value",
            value=str(WEEKS),
            unit="weeks",
            rule="Goods sold where a lane ends are declared at their mean price in that market over the last weeks of sales, less the tax"
            " in it; where none was sold there, at what the table potentials expects, else at the mean price in all markets, else at"
            " unit_value. Goods for a warehouse are declared at what the maker is paid.",
            rule_zh="在线路终点售出的货物，按最近数周该市场的平均售价扣除所含税款后申报；该市场没有卖过的，依次按市场潜力表中的预期单价、"
            "各市场平均售价、单位价值申报。运往仓库的货物按付给生产企业的价格申报。",
            replaced_by="sales.unit_price",
        )
    )
    if not settings.prices_include_tax:
        notes.append(
            Assumption(
                item="tax",
                value="0",
                rule="Prices are without tax: the buyer pays it on top, and the plan counts none.",
                rule_zh="售价不含税：税由买方另付，计划不计。",
                replaced_by="setting logistics.prices_include_tax",
            )
        )
    for site in borders.unplaced:
        country = borders.site[site]
        notes.append(
            Assumption(
                item="country of a warehouse",
                subject=site,
                value=country or settings.origin,
                rule="It lies in the one country that lanes from it reach."
                if country
                else "Lanes from it reach several countries, or none that is known: it counts as in the country of origin, so that goods"
                " pay duty one by one as they leave it.",
                rule_zh="按其线路所到的唯一国家。"
                if country
                else "其线路到达多个国家，或国家不明：视同位于原产国，货物离开时逐件缴纳关税。",
                replaced_by="sites.country",
            )
        )
    for market, rules in sorted(borders.rules.duties.items()):
        for rule in rules:
            subject = " ".join(part for part in (market, rule.hs, rule.origin) if part)
            if rule.origin and rule.origin != settings.origin:
                continue
            notes.append(
                Assumption(
                    item="duty rule",
                    subject=subject,
                    value="" if rule.rate is None else f"{rule.rate:g}",
                    unit="share",
                    rule=f"Rule of {on}: {rule.authority or 'table duties'}",
                    rule_zh=f"{on} 适用：{rule.authority or '关税与税表'}",
                    replaced_by="duties",
                )
            )
            if rule.rate is None:
                notes.append(
                    Assumption(
                        item="duty rate",
                        subject=subject,
                        value="0",
                        unit="share",
                        rule="The rate depends on the HS code and is not known here: duty by rate is counted as 0.",
                        rule_zh="税率取决于海关编码，此处未知：按税率征收的关税计为 0。",
                        replaced_by="duties.rate",
                    )
                )
    return notes


def _above_limits(borders: Borders, crossings: Sequence[Crossing]) -> list[Assumption]:
    """Say on which lanes a unit of some products is worth more than the export mode admits."""
    notes = []
    every = np.arange(len(borders.goods.sku))
    for crossing in crossings:
        mode = borders.mode(crossing)
        if mode is None or mode.value_limit is None:
            continue
        values = np.zeros(len(every))
        for hs, at in borders.goods.by_code.items():
            values[at] = borders.declared(crossing, borders.rule(crossing, hs), at)
        above = int((~mode.admits(values)).sum())
        if above:
            notes.append(
                Assumption(
                    item="export limit",
                    subject=f"{crossing.lane['lane']} {mode.code}",
                    value=str(above),
                    unit="products",
                    rule="A unit of these is worth more than the mode admits in one parcel or declaration: nothing is refunded.",
                    rule_zh="这些产品单件价值超过该方式每包裹或每张报关单的限额：不计退税。",
                    replaced_by="lanes.export_mode",
                )
            )
    return notes


def _of_several_codes(stretches: Sequence[tuple[date, Borders]]) -> list[Assumption]:
    """Say on which lanes a load pays once what depends on the goods in it."""
    lanes: dict[str, float] = {}
    for _, borders in stretches:
        for lane in borders.lanes:
            crossing = borders.crossing(lane)
            rules = [borders.rule(crossing, hs) for hs in borders.goods.by_code]
            paid = [0.0 if crossing.parcel else borders.once_per_load(crossing, rule) for rule in rules]
            items = any(rule.per_item and not rule.threshold for rule in rules)
            if len(paid) > 1 and max(paid) > 0 and (items or min(paid) < max(paid)):
                lanes[lane["lane"]] = max(lanes.get(lane["lane"], 0.0), *paid)
    if not lanes:
        return []
    return [
        Assumption(
            item="clearing of loads",
            subject=" ".join(some(sorted(lanes))),
            value=f"{max(lanes.values()):g}",
            unit="money per load",
            rule="Goods of several HS codes may go in one load here: it counts as one tariff item, and pays what the dearest"
            " of their rules asks for once.",
            rule_zh="此处一票货物可含多个海关编码：按一个税号计，每票费用取其中最高者。",
            replaced_by="duties",
        )
    ]


def _last_bands(tables: Tables) -> list[Assumption]:
    """Say of which tariffs by weight or volume that lanes take the last band ends."""
    taken = {row["tariff"] for row in tables["lanes"].to_pylist()}
    ends: dict[tuple[str, str], float] = {}
    for row in tables["tariffs"].to_pylist():
        if row["tariff"] in taken and row["basis"] in ("kg", "m3"):
            end = np.inf if row["to_quantity"] is None else row["to_quantity"]
            tariff = (row["tariff"], row["basis"])
            ends[tariff] = max(end, ends.get(tariff, 0.0))
    return [
        Assumption(
            item="last band",
            subject=name,
            value=f"{end:g}",
            unit=basis.replace("m3", "m³"),
            rule="The last band of the tariff ends here: larger loads are charged at its rate.",
            rule_zh="运价的最高一档止于此：更大的货票按该档费率计。",
            replaced_by="tariffs.to_quantity",
        )
        for (name, basis), end in sorted(ends.items())
        if end < np.inf
    ]


def _changes(stretches: Sequence[tuple[date, Borders]]) -> list[Assumption]:
    """Say which markets' rules and which export modes change within the weeks planned, and when."""
    notes = []
    for (_, earlier), (day, later) in pairwise(stretches):
        before, after = earlier.rules, later.rules
        changed = [
            (market, "duties")
            for market in sorted(before.duties)
            if after.duties.get(market, before.duties[market]) != before.duties[market]
        ]
        changed += [
            (code, "export_modes")
            for code in sorted(before.modes)
            if after.modes.get(code, before.modes[code]) != before.modes[code]
        ]
        for subject, table in changed:
            notes.append(
                Assumption(
                    item="rules that change",
                    subject=subject,
                    value=day.isoformat(),
                    rule="Goods that arrive from the week of this Monday on pay by other rules than those before.",
                    rule_zh="自该周一所在周起到达的货物，适用与此前不同的规则。",
                    replaced_by=table,
                )
            )
    return notes


def _without_rule(stretches: Sequence[tuple[date, Borders]]) -> list[Assumption]:
    """Say for which markets, or goods in them, no rule of duty and tax holds, and from when to when."""
    goods = stretches[0][1].goods
    missing: dict[tuple[str, str], list[int]] = {}
    for n, (_, borders) in enumerate(stretches):
        crossings = [borders.crossing(lane) for lane in borders.lanes]
        entered = {it.market or it.lane["destination"]: it for it in crossings if it.duty or it.tax}
        for place, crossing in entered.items():
            for hs in goods.by_code:
                if not borders.ruled(crossing, hs):
                    missing.setdefault((place, hs), []).append(n)
    alike: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    for (place, hs), which in missing.items():
        alike.setdefault((place, tuple(which)), []).append(hs or goods.sku[goods.by_code[hs][0]])
    notes = []
    for (place, lacking), codes in sorted(alike.items()):
        when, when_zh = _weeks(stretches, lacking)
        notes.append(
            Assumption(
                item="no duty rule",
                subject=" ".join([place, *some(codes if len(codes) < len(goods.by_code) else ())]),
                value=stretches[lacking[0]][0].isoformat(),
                rule=f"No rule of duty and tax is known for goods that arrive {when}: they are counted as 0.",
                rule_zh=f"{when_zh}到达的货物，没有已知的关税与税规则：按 0 计。",
                replaced_by="duties",
            )
        )
    return notes


def _without_mode(stretches: Sequence[tuple[date, Borders]]) -> list[Assumption]:
    """Say which export modes that lanes take have no rule, and from when to when."""
    missing: dict[str, set[int]] = {}
    lanes: dict[str, set[str]] = {}
    for n, (_, borders) in enumerate(stretches):
        for lane in borders.lanes:
            code = borders.mode_code(borders.crossing(lane))
            if code and code not in borders.rules.modes:
                missing.setdefault(code, set()).add(n)
                lanes.setdefault(code, set()).add(lane["lane"])
    notes = []
    for code, lacking in sorted(missing.items()):
        when, when_zh = _weeks(stretches, sorted(lacking))
        notes.append(
            Assumption(
                item="no export mode",
                subject=" ".join([code, *some(sorted(lanes[code]))]),
                value=stretches[min(lacking)][0].isoformat(),
                rule=f"The export mode has no rule for goods that arrive {when}: no refund is counted.",
                rule_zh=f"{when_zh}到达的货物，该出口方式没有有效规则：不计退税。",
                replaced_by="export_modes",
            )
        )
    return notes


def _weeks(stretches: Sequence[tuple[date, Borders]], which: Sequence[int]) -> tuple[str, str]:
    """Return in English and Chinese the weeks of some stretches, adjoining ones as one."""
    if len(which) == len(stretches):
        return "in the weeks planned", "计划各周"
    begins = [n for n in which if n - 1 not in which]
    ends = [n + 1 for n in which if n + 1 not in which]
    english, chinese = [], []
    for begin, end in zip(begins, ends, strict=True):
        first = stretches[begin][0]
        if end == len(stretches):
            english.append(f"from the week of {first} on")
            chinese.append(f"自 {first} 当周起")
        else:
            last = stretches[end][0] - timedelta(weeks=1)
            english.append(f"in the week of {first}" if first == last else f"in the weeks of {first} to {last}")
            chinese.append(f"{first} 当周" if first == last else f"{first} 至 {last} 各周")
    return ", ".join(english), "、".join(chinese)
