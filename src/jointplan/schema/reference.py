"""The reference page of all tables, made from their declarations.

``python -m jointplan.schema.reference docs/tables.md`` writes it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jointplan.schema.declare import AllOrNone, Column, NoOverlap, OneOf, Ordered, Rule, Table
from jointplan.schema.inputs import INPUTS
from jointplan.schema.results import RESULTS
from jointplan.schema.words import CHOICES_ZH, example

_INTRODUCTION = """# Tables

<!-- Made from src/jointplan/schema by `python -m jointplan.schema.reference docs/tables.md`; change it there. -->

A cluster is a folder of tables: CSV (UTF-8 with or without BOM, UTF-16, GB18030; comma, semicolon, tab), Parquet or
Excel, named by the English or Chinese name of the table (`sales.csv`, `sales-2024.csv`, a sheet `销售明细`), with English
or Chinese column headers, of which 编码 may be left out. `jointplan init` writes blank templates, `jointplan check` tells what is wrong with filled ones, and what is assumed of columns left open that most move money.

- A row whose first cell begins with `# ` is a remark, and so is a column whose header begins with `#`.
- Days are written `2025-03-03`, `2025年3月3日`, as Excel's dates, or `3/3/2025` where the column tells day from month.
  Weeks are given by their Monday, or as `2025-W10`.
- A formula counts with the result that was saved with it; one that a program wrote without its result is an error.
- Numbers may have thousands separators, a decimal comma where the column tells, a currency sign or `%`. Where the headers are
  Chinese, a comma parts thousands.
- A hidden sheet is read like any other, with a warning; a row of totals (合计) is an error.
- Countries are ISO 3166 two-letter codes or their names (Germany, 德国), currencies ISO 4217 codes; what can mean one currency only, such as RMB, 人民币,
  US$ or 美元, is read as its code. Choices may be written in English or Chinese.
- Money is in the currency named by the row, else in the currency of the run.
- Key columns (🔑) together are different in every row; blank counts as a value. Columns in bold must be filled in.
  Tables of lines that an import wrote are marked as settled in the metadata of their Parquet file (`jointplan.identity`):
  the import has told their lines apart, and a check does not compare them all again.
"""


def reference_page() -> str:
    """Return the page in Markdown."""
    parts = [_INTRODUCTION]
    needed = [table for table in INPUTS if table.needed]
    optional = [table for table in INPUTS if not table.needed]
    for title, tables in (("Needed tables", needed), ("Optional tables", optional), ("Results", list(RESULTS))):
        parts.append(f"## {title}\n\n" + "\n".join(_entry(table) for table in tables) + "\n")
        parts += [_section(table) for table in tables]
    return "\n".join(parts)


def _entry(table: Table) -> str:
    return f"- [{table.name}](#{_anchor(table)}) {table.zh}: {table.meaning}"


def _anchor(table: Table) -> str:
    """Return the anchor that Markdown renderers make of the heading."""
    return f"{table.name}-{table.zh}"


def _section(table: Table) -> str:
    lines = [f"### {table.name} {table.zh}", "", table.meaning, "", table.meaning_zh, ""]
    if table.absent:
        lines += [f"Without it: {table.absent}", "", f"缺少时：{table.absent_zh}", ""]
    lines += [_rule(table, rule) + "\n" for rule in table.rules]
    last = "Example" if table.role == "input" else ""
    lines.append("| Column | 列名 | Type | Unit | Blank | Allowed | Meaning | 含义 |" + (f" {last} |" if last else ""))
    lines.append("|---|---|---|---|---|---|---|---|" + ("---|" if last else ""))
    for column in table:
        row = _row(table, column)
        lines.append(row + (f" `{example(column)}` |" if last else ""))
    return "\n".join(lines) + "\n"


def _row(table: Table, column: Column) -> str:
    name = f"**{column.name}**" if column.required else column.name
    cells = (
        name + (" 🔑" if column.name in table.key else ""),
        column.zh,
        column.kind.value,
        column.unit,
        _blank(column),
        _allowed(column),
        column.meaning,
        column.meaning_zh,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _blank(column: Column) -> str:
    """Return what a blank cell means."""
    if column.required:
        return "not allowed"
    if column.default_from:
        return f"as {column.default_from}"
    if column.default is None:
        return ""
    return f"{column.default:g}" if isinstance(column.default, int | float) else str(column.default)


def _allowed(column: Column) -> str:
    parts = []
    if column.choices:
        parts.append(", ".join(f"{c} {CHOICES_ZH[c]}" if c in CHOICES_ZH else c for c in column.choices))
    if column.references:
        parts.append("listed in " + " or ".join(column.references))
    if column.wildcard:
        parts.append(f"`{column.wildcard}`")
    bounds = [
        f"{sign} {bound:g}"
        for sign, bound in ((">", column.above), ("≥", column.low), ("≤", column.high))
        if bound is not None
    ]
    return "; ".join([*parts, *([" and ".join(bounds)] if bounds else [])])


def _rule(table: Table, rule: Rule) -> str:
    if isinstance(rule, OneOf):
        return f"At least one of {', '.join(rule.columns)} is filled in."
    if isinstance(rule, AllOrNone):
        return f"All of {', '.join(rule.columns)} are filled in, or none."
    if isinstance(rule, Ordered):
        return f"{rule.low} is {'below' if rule.strict else 'not above'} {rule.high}."
    assert isinstance(rule, NoOverlap)
    return f"Ranges from {rule.low} to {rule.high} of one {', '.join(rule.group)} do not overlap."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference_page(), "utf-8", newline="\n")
