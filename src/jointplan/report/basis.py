"""What was assumed, what the input was, and what the records contradict."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Grid, Note, Section
from jointplan.report.strain import broken_rules
from jointplan.report.view import RunView
from jointplan.report.words import ITEMS, ONE, PLANS, RULES, STAGES, UNITS, word
from jointplan.schema import TABLES
from jointplan.texts import labelled, listed, tr

_WARNINGS_SHOWN = 30
_NOTHING = "-"  # replaces what is assumed of a table that is given, but not counted yet


def basis_section(view: RunView) -> Section:
    """Return the section on assumptions, warnings, broken rules and the run itself."""
    known = view.frame("assumptions")
    uncounted = known["replaced_by"] == _NOTHING
    assumptions, ignored = known[~uncounted], known[uncounted]
    warnings = view.manifest.get("warnings") or []
    return Section(
        "basis",
        tr("What was assumed?"),
        tr("Assumptions"),
        _answer(view, assumptions, ignored),
        _cards(view, assumptions, warnings),
        tuple(_blocks(view, assumptions, ignored, warnings)),
    )


def _answer(view: RunView, assumptions: Any, ignored: Any) -> str:
    count = view.numbers.count
    said = (
        tr(
            "Things that had to be assumed because no table says them: {n}. Supplying the table named beside each replaces it.",
            n=count(assumptions["item"].nunique()),
        )
        if len(assumptions)
        else tr("Nothing had to be assumed: all tables were given.")
    )
    if not len(ignored):
        return said
    return tr("{said} Tables given, but not counted in this plan yet: {n}.", said=said, n=count(len(ignored)))


def _cards(view: RunView, assumptions: Any, warnings: list[dict[str, Any]]) -> tuple[Card, ...]:
    numbers = view.numbers
    return (
        Card(
            tr("Things assumed"),
            numbers.count(assumptions["item"].nunique()),
            tr("single values: {n}", n=numbers.count(len(assumptions))),
        ),
        Card(
            tr("Warnings of the input"),
            numbers.count(sum(map(_times, warnings))),
            tr("errors would have stopped the run"),
        ),
        Card(
            tr("Rules the records break"),
            numbers.count(len(view.plan("violations", "recorded"))),
            tr("listed, not forbidden"),
        ),
        Card(
            tr("Sales lines left out"),
            numbers.count((view.manifest.get("dropped") or {}).get("lines_in_partial_weeks", 0)),
            tr("in partial first and last weeks"),
        ),
    )


def _blocks(view: RunView, assumptions: Any, ignored: Any, warnings: list[dict[str, Any]]) -> list[Block]:
    blocks: list[Block] = []
    for plan in ("separate", "joint"):
        broken = len(broken_rules(view, plan))
        if broken:
            text = tr("{plan}: {n} broken rules; do not rely on it.", plan=word(PLANS, plan), n=broken)
            blocks.append(Note(text, "warning"))
    if len(assumptions):
        blocks.append(_assumption_grid(view, assumptions))
    if len(ignored):
        blocks.append(_ignored_grid(view, ignored))
    if warnings:
        blocks.append(_warning_grid(view, warnings))
    if len(view.frame("violations")):
        blocks.append(_violation_grid(view))
    blocks += [_input_grid(view), _run_grid(view)]
    return blocks


def _unit(view: RunView, unit: Any, *, single: bool = False) -> str:
    """Return a unit in words, money in the currency of the run; ``single`` where one of it is told."""
    if pd.isna(unit):
        return ""
    return word(ONE if single and unit in ONE else UNITS, str(unit)).format(currency=view.numbers.currency)


def _table_name(view: RunView, name: str) -> str:
    table = TABLES.get(name)
    return table.zh if table and view.lang == "zh" else name


def _thing(view: RunView, name: str) -> str:
    """Return what is assumed or would replace it as the reader knows it: tables and their columns by their Chinese names, settings as they are."""
    if view.lang != "zh":
        return name
    if name in ITEMS:
        return word(ITEMS, name)
    if name.startswith("setting "):
        return tr("setting {name}", name=name.removeprefix("setting "))
    return listed(_column(view, part) for part in re.split(", | and ", name))


def _column(view: RunView, name: str) -> str:
    """Return a table, or a column of one, by its name."""
    table, _, column = name.partition(".")
    if column and table in TABLES and column in TABLES[table].names:
        return f"{TABLES[table].zh}·{TABLES[table][column].zh}"
    return _table_name(view, name)


def _assumption_grid(view: RunView, assumptions: Any) -> Grid:
    """Return the assumptions, those of one kind in a line."""
    rows = []
    for (item, rule, replaced_by), group in assumptions.groupby(["item", "rule", "replaced_by"], sort=False):
        first = group.iloc[0]
        chinese = first["rule_zh"]
        values = [str(value) for value in group["value"] if not pd.isna(value) and str(value)]
        subjects = [view.firm(str(subject)) for subject in group["subject"] if not pd.isna(subject) and str(subject)]
        unit = _unit(view, first["unit"], single=set(values) == {"1"})
        rows.append(
            (
                _thing(view, str(item)),
                str(rule) if view.lang != "zh" or pd.isna(chinese) or not chinese else str(chinese),
                _first(view, subjects) or tr("all"),
                f"{_first(view, list(dict.fromkeys(values)))} {unit}".strip(),
                _thing(view, str(replaced_by)),
            )
        )
    return Grid(
        tr("Everything that was assumed"),
        (tr("Item"), tr("How it was found"), tr("About"), tr("Value taken"), tr("Replaced by")),
        tuple(rows),
        note=tr("Each single value is in the workbook, sheet “{sheet}”.", sheet=tr("assumptions")),
    )


def _ignored_grid(view: RunView, ignored: Any) -> Grid:
    """Return the tables that were given and that the plan does not count yet, with what they hold."""
    tables = [TABLES[str(name)] for name in ignored["item"]]
    return Grid(
        tr("Given, but not counted in this plan yet"),
        (tr("Table"), tr("What it holds")),
        tuple((_table_name(view, t.name), t.meaning_zh if view.lang == "zh" else t.meaning) for t in tables),
        note=tr("No plan of this run, nor the value of what was recorded, takes anything from these tables."),
    )


def _first(view: RunView, texts: list[str]) -> str:
    """Return the first of several texts, and how many more there are."""
    if len(texts) < 2:
        return "".join(texts)
    return tr("{name} and {n} more", name=texts[0], n=view.numbers.count(len(texts) - 1))


def _times(warning: dict[str, Any]) -> int:
    """Return how many rows a warning stands for; older runs do not say."""
    return int(warning.get("rows", 1))


def _warning_grid(view: RunView, warnings: list[dict[str, Any]]) -> Grid:
    """Return the warnings of the input, those of one rule and column in a line."""
    kinds: Counter[tuple[str, str, str]] = Counter()
    for warning in warnings:
        kinds[warning["table"], warning["column"], warning["rule"]] += _times(warning)
    rows = []
    for (table, column, rule), count in kinds.most_common(_WARNINGS_SHOWN):
        one = next(w for w in warnings if (w["table"], w["column"], w["rule"]) == (table, column, rule))
        row = tr("row {row}", row=one["row"]) if one.get("row") else ""
        place = " · ".join(part for part in (_table_name(view, table), str(one.get("file") or ""), row) if part)
        rows.append((place, view.numbers.count(count), one["message"], one["cure"]))
    return Grid(
        tr("Warnings of the input"),
        (tr("First place"), tr("Times"), tr("What"), tr("What to do")),
        tuple(rows),
        (1,),
    )


def _violation_grid(view: RunView) -> Grid:
    """Return the rules that plans break, those of one kind in a line."""
    numbers, rows = view.numbers, []
    violations = view.frame("violations")
    for (plan, rule), group in violations.groupby(["plan", "rule"], sort=False):
        worst = group.loc[group["amount"].idxmax()]
        unit = _unit(view, worst["unit"])
        when = "" if pd.isna(worst["week"]) else numbers.day(worst["week"])
        rows.append(
            (
                word(PLANS, str(plan)),
                word(RULES, str(rule)),
                numbers.count(len(group)),
                f"{numbers.number(worst['amount'])} {unit}".strip(),
                view.firm(str(worst["place"])),
                when,
            )
        )
    return Grid(
        tr("Rules broken"),
        (tr("Plan"), tr("Rule"), tr("Times"), tr("Worst"), tr("Where"), tr("Week")),
        tuple(rows),
        (2, 3),
        tr(
            "What was really done may break rules that a plan must keep; the records are shown as they are. "
            "“Arrived before it was wanted” are goods sent to stock ahead of orders."
        ),
    )


def _input_grid(view: RunView) -> Grid:
    rows = tuple(
        (_table_name(view, source["table"]), source["file"], view.numbers.count(source["rows"]), source["sha256"][:12])
        for source in view.manifest.get("inputs") or []
    )
    return Grid(
        tr("The input"), (tr("Table"), tr("File"), tr("Rows"), tr("Fingerprint (SHA-256)")), rows, (2,), folded=True
    )


def _run_grid(view: RunView) -> Grid:
    """Return how the run was made, so that it can be made again."""
    manifest, numbers = view.manifest, view.numbers
    rows = [
        (tr("Run"), str(manifest["id"])),
        (tr("Made"), str(manifest["created"])),
        (
            tr("Weeks planned"),
            tr("{weeks} {weeks:week|weeks} from {start}", weeks=view.weeks, start=numbers.day(view.start)),
        ),
        (tr("Time taken, seconds"), numbers.number(view.figures.get("seconds"))),
        (tr("Most memory, MB"), numbers.count(view.figures.get("peak_mb"))),
        *(
            (labelled(tr("Stage"), word(STAGES, stage)), f"{numbers.number(seconds)} s")
            for stage, seconds in manifest["timings"].items()
        ),
        *((labelled(tr("Version"), name), str(version)) for name, version in manifest["versions"].items()),
        *((labelled(tr("Setting"), name), value) for name, value in _flat(manifest["settings"])),
    ]
    return Grid(tr("How this was made"), (tr("What"), tr("Value taken")), tuple(rows), folded=True)


def _flat(settings: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return nested settings as dotted names and values, these as the settings file has them."""
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        else:
            rows.append((f"{before}{name}", ", ".join(map(_written, value if isinstance(value, list) else [value]))))
    return rows


def _written(value: Any) -> str:
    if value is None or value == "":
        return tr("unset")
    return str(value).lower() if isinstance(value, bool) else str(value)
