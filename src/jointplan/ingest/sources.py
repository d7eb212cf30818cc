"""Which file or sheet holds which table."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from jointplan.errors import DataIssue
from jointplan.ingest.files.workbooks import filled_sheets, sheet_names
from jointplan.ingest.problems import UnreadableError, closest, label, meant
from jointplan.schema import INPUTS, Table
from jointplan.store.workspace import FORMATS, Workspace
from jointplan.texts import tr

# The first sheet of a template explains the others; its name in either language.
GUIDE_SHEETS = ("Read me", "说明")


@dataclass(frozen=True)
class Source:
    """One file, or one sheet of a workbook, that holds rows of a table."""

    table: Table
    path: Path
    file: str
    sheet: str = ""

    @property
    def place(self) -> str:
        """The file, and the sheet if it has one, as shown to people."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file

    @property
    def imported(self) -> bool:
        """Whether an import wrote it."""
        return self.path.name == f"{self.table.name}-imported.parquet"


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "_", unicodedata.normalize("NFKC", name)).strip("_").casefold()


def table_of(name: str) -> Table | None:
    """Return the table a file or sheet is named for: its name, alone or followed by a separator and more.

    >>> table_of("sales-2024").name, table_of("销售明细").name, table_of("stockings")
    ('sales', 'sales', None)
    """
    plain = _plain(name)
    words = {_plain(word): table for table in INPUTS for word in (table.name, table.zh)}
    fitting = [word for word in words if plain == word or plain.startswith(word + "_")]
    return words[max(fitting, key=len)] if fitting else None


def find_sources(workspace: Workspace, folder: Path) -> tuple[list[Source], list[DataIssue]]:
    """List what a folder of tables holds.

    Returns
    -------
    sources : list of Source
        Every file or sheet that is named for a table.
    issues : list of DataIssue
        Files and sheets that are named for none, and workbooks that cannot be opened.
    """
    sources: list[Source] = []
    issues: list[DataIssue] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        # Office programs leave lock files beside an open workbook.
        if not path.is_file() or path.name.startswith((".", "~$")):
            continue
        file = path.relative_to(workspace.root).as_posix()
        table = table_of(path.stem)
        suffix = path.suffix.casefold()
        if suffix == ".xlsx":
            try:
                found = _sheets(path, file, table)
            except UnreadableError as problem:
                issues.append(problem.issue(table.name if table else "", file))
                continue
            sources += found[0]
            issues += found[1]
        elif table and suffix in FORMATS:
            sources.append(Source(table, path, file))
        else:
            issues.append(_unknown(file, path.stem, suffix, table))
    return sources, issues


def _sheets(path: Path, file: str, table: Table | None) -> tuple[list[Source], list[DataIssue]]:
    """List the sheets of a workbook that hold tables."""
    names, hidden = sheet_names(path)
    found = {name: table_of(name) for name in names}
    sources = [Source(known, path, file, name) for name, known in found.items() if known]
    unread = [
        name for name, known in found.items() if not known and name not in GUIDE_SHEETS and not name.startswith("#")
    ]
    if not sources and table and names:
        # sales.xlsx with "Sheet1": the name of the file speaks for its first sheet that holds anything.
        filled = filled_sheets(path) if len(unread) > 1 else unread
        first, *others = [name for name in unread if name in filled] or names
        return [Source(table, path, file, first)], [_unread(file, name) for name in others if name in filled]
    issues = [_unread(file, name) for name in unread if not sources or _near(name)]
    issues += [_hidden(source) for source in sources if source.sheet in hidden]
    return sources, issues


def _near(name: str) -> str | None:
    """Return the table that the name of a file or sheet probably means: a slip, or the one Chinese name in it or around it."""
    near = closest(name, _words())
    holding = [table.zh for table in INPUTS if len(name) > 1 and (table.zh in name or name in table.zh)]
    return near or (holding[0] if len(holding) == 1 else None)


def _unread(file: str, sheet: str) -> DataIssue:
    """Warn of a sheet that is named for no table."""
    message = tr("The sheet {sheet} is named for no table; it is not read.", sheet=sheet)
    cure = tr("Name it after a table of docs/tables.md, or leave it if it is a note.")
    guess = _near(sheet)
    return DataIssue("", file, None, "", sheet, "unknown_sheet", message, meant(guess, cure), "warning", guess or "")


def _hidden(source: Source) -> DataIssue:
    """Warn of a hidden sheet, which is read like any other: it may be an old copy."""
    message = tr("The sheet {sheet} is hidden, and is read all the same.", sheet=source.sheet)
    cure = tr("Delete it if it is an old copy, or begin its name with # to leave it out.")
    return DataIssue(source.table.name, source.place, None, "", "", "hidden_sheet", message, cure, "warning")


def _words() -> list[str]:
    return [word for table in INPUTS for word in (table.name, table.zh)]


def _unknown(file: str, stem: str, suffix: str, table: Table | None) -> DataIssue:
    """Report a file that is not read."""
    if table:
        message = tr("Files of the kind {suffix} are not read.", suffix=suffix or "?")
        cure = tr("Save it as CSV, Parquet or XLSX (Excel: Save as, Excel workbook).")
        return DataIssue(table.name, file, None, "", suffix, "unknown_format", message, cure)
    message = tr("The file is named for no table; it is not read.")
    otherwise = tr("Name it after a table of docs/tables.md, or move it out of the folder of tables.")
    return DataIssue(
        "", file, None, "", stem, "unknown_file", message, meant(_near(stem), otherwise), "warning", _near(stem) or ""
    )


def missing_table(table: Table, workbook: str = "") -> DataIssue:
    """Report a needed table that is not there; ``workbook`` is one in which others are."""
    return DataIssue(
        table.name,
        f"tables/{table.name}.csv",
        None,
        "",
        "",
        "missing_table",
        tr("The table {table} is missing.", table=label(table)),
        tr(
            "Add a sheet {name} to {file}, or a file tables/{name}.csv; blank templates come from: jointplan init",
            name=label(table),
            file=workbook,
        )
        if workbook
        else tr(
            "Add tables/{name}.csv (or .xlsx, .parquet); blank templates come from: jointplan init", name=label(table)
        ),
    )
