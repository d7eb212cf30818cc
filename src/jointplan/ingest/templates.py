"""Blank tables to fill in: CSV files, or one workbook with explanations and pick-lists."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from jointplan.ingest.files.raw import REMARK
from jointplan.ingest.problems import choice_word, label, meaning
from jointplan.ingest.sources import GUIDE_SHEETS
from jointplan.schema import INPUTS, Column, Kind, Table
from jointplan.schema.words import example
from jointplan.texts import LANGUAGES, language, set_language, tr

# As far down as pick-lists and cell formats reach.
_ROWS = 20_000


def write_templates(folder: Path, *, xlsx: bool = False, lang: str = "en") -> list[Path]:
    """Write a blank template of every input table.

    Parameters
    ----------
    folder : Path
        Where they go; it is made if it is not there. Files that are there already are left as they are.
    xlsx : bool
        One workbook with a sheet per table, instead of a CSV file per table.
    lang : str
        Language of headers and explanations, ``en`` or ``zh``.

    Returns
    -------
    list of Path
        The files written.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"lang must be one of {', '.join(LANGUAGES)}, not {lang!r}")
    folder.mkdir(parents=True, exist_ok=True)
    before = language()
    set_language(lang)
    try:
        if xlsx:
            path = folder / ("jointplan.xlsx" if lang == "en" else "协同计划.xlsx")
            return [] if path.exists() else [_write_workbook(path)]
        paths = {folder / f"{label(table)}.csv": table for table in INPUTS}
        return [_write_csv(path, table) for path, table in paths.items() if not path.exists()]
    finally:
        set_language(before)


def explanation(column: Column) -> str:
    """Return what to write into a column: meaning, unit, what is needed, an example."""
    parts = [meaning(column).rstrip("。.")]
    if column.unit:
        parts.append(tr("unit: {unit}", unit=tr(column.unit)))
    if column.choices:
        parts.append(tr("one of: {choices}", choices=tuple(map(choice_word, column.choices))))
    if column.references:
        parts.append(tr("listed in: {table}", table=" / ".join(_target(target) for target in column.references)))
    if column.required:
        parts.append(tr("needed"))
    elif column.default is not None:
        parts.append(tr("blank: {default}", default=_default(column)))
    parts.append(tr("for example: {example}", example=choice_word(example(column))))
    return tr("; ").join(parts)


def _default(column: Column) -> str:
    if isinstance(column.default, int | float):
        return f"{column.default:g}"
    return choice_word(str(column.default)) if column.choices else str(column.default)


def _target(target: str) -> str:
    return label(next(table for table in INPUTS if table.name == target.split(".")[0]))


def _write_csv(path: Path, table: Table) -> Path:
    """Write header and one remark that explains the columns; Excel needs the BOM to show Chinese."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([label(column) for column in table])
        remarks = [explanation(column) for column in table]
        writer.writerow([REMARK + remarks[0], *remarks[1:]])
    return path


def _write_workbook(path: Path) -> Path:
    """Write a workbook: first what each table is for, then a sheet per table."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        styles = {
            "needed": book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1}),
            "optional": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1}),
            "title": book.add_format({"bold": True, "font_size": 16}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        _write_guide(book, styles)
        for table in INPUTS:
            _write_sheet(book, table, styles)
    return path


def _write_guide(book: Any, styles: dict[str, Any]) -> None:
    """Write the sheet that explains the others."""
    sheet = book.add_worksheet(GUIDE_SHEETS[language() == "zh"])
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 3, 62)
    sheet.write(0, 0, tr("Jointplan: the tables of a cluster"), styles["title"])
    hints = (
        tr("Fill in the needed tables; leave the others blank where you have no data: what is assumed then is said."),
        tr("Dark headers must be filled in. Point at a header to see what it means, its unit and an example."),
        tr("Days as 2025-03-03; countries and currencies by their ISO codes; weeks by their Monday."),
    )
    for n, hint in enumerate(hints):
        sheet.write(n + 1, 0, hint)
    top = len(hints) + 2
    for place, title in enumerate((tr("Table"), tr("Needed"), tr("What it holds"), tr("Without it"))):
        sheet.write(top, place, title, styles["needed"])
    for n, table in enumerate(INPUTS, top + 1):
        sheet.write_url(n, 0, f"internal:'{label(table)}'!A1", string=label(table))
        sheet.write(n, 1, tr("yes") if table.needed else "")
        sheet.write(n, 2, meaning(table), styles["wrap"])
        sheet.write(n, 3, table.absent_zh if language() == "zh" else table.absent, styles["wrap"])


def _write_sheet(book: Any, table: Table, styles: dict[str, Any]) -> None:
    """Write the sheet of a table: headers with comments, cell formats and pick-lists."""
    sheet = book.add_worksheet(label(table))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(table):
        style = styles["text"] if _is_code(column) else styles["date"] if column.kind is Kind.DATE else None
        sheet.set_column(place, place, max(12, 2 * len(column.zh) + 2, len(column.name) + 2), style)
        sheet.write(0, place, label(column), styles["needed" if column.required else "optional"])
        sheet.write_comment(0, place, explanation(column).replace("; ", "\n"), {"x_scale": 2, "y_scale": 1.4})
        validation = _pick_list(column)
        if validation:
            sheet.data_validation(1, place, _ROWS, place, validation)


def _is_code(column: Column) -> bool:
    """Tell whether a column holds text, which Excel must not turn into numbers or dates."""
    return column.kind in (Kind.TEXT, Kind.CURRENCY, Kind.COUNTRY)


def _pick_list(column: Column) -> dict[str, Any] | None:
    """Return what a cell may be picked from: the choices, or the codes on another sheet."""
    if column.choices:
        source: Any = list(map(choice_word, column.choices))
    elif len(column.references) == 1:
        name, target = column.references[0].split(".")
        table = next(table for table in INPUTS if table.name == name)
        letter = chr(ord("A") + table.names.index(target))
        source = f"='{label(table)}'!${letter}$2:${letter}${_ROWS}"
    else:
        return None
    # A warning only: rows are often pasted before the sheet they refer to is filled in.
    return {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True}
