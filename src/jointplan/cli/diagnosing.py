"""The command that says what holds the cluster back."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Annotated, Any, Literal

import typer

from jointplan.cli.commands import Folder, Seed, WriteReport, app
from jointplan.cli.frame import answering
from jointplan.cli.planned import opened
from jointplan.cli.screen import Screen
from jointplan.texts import language, tr

SHOWN = 12
WIDTH = 118


@app.command(epilog="jointplan diagnose shunde")
@answering
def diagnose(
    screen: Screen,
    folder: Folder,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="ID", help="Measure the plans of this run, or of latest, instead of the tables."),
    ] = None,
    plan: Annotated[
        Literal["separate", "joint"], typer.Option(help="Plan of that run, set beside the separate plans.")
    ] = "joint",
    seed: Seed = None,
    report: WriteReport = True,
) -> None:
    """Measure what holds the cluster back, how sure that is, and what would help."""
    from jointplan.report import write_diagnosis

    study = opened(screen, folder, {"seed": seed})
    write = (lambda stored, into: write_diagnosis(stored, into, lang=stored.manifest["language"])) if report else None
    with screen.progress() as progress:
        made = study.diagnose(run=run, plan=plan, report=write, progress=progress)
    findings = made.tables["findings"].to_pylist()
    measured = [row for row in findings if row["value"] is not None]
    missing = dict.fromkeys(_sentence(row) for row in findings if row["value"] is None)
    file = made.folder / "report.html"
    screen.answer(
        {
            "diagnosis": made.id,
            "run": made.manifest["run"],
            "findings": findings,
            "seconds": made.manifest["figures"]["seconds"],
            "peak_mb": made.manifest["figures"]["peak_mb"],
        },
        _table(measured[:SHOWN]) if run is None else _side_by_side(measured, plan),
        *(
            [tr("… and {n} more, in the report and with --json.", n=len(measured) - SHOWN)]
            if run is None and len(measured) > SHOWN
            else []
        ),
        *([tr("Not measured:")] if missing else []),
        *(f"  {reason}" for reason in missing),
        tr("The report is {file}", file=file) if report else tr("The diagnosis is in {folder}.", folder=made.folder),
    )


def _sentence(row: dict[str, Any]) -> str:
    return str(row["sentence_zh" if language() == "zh" else "sentence"])


def _table(rows: list[dict[str, Any]]) -> str:
    """Return findings as a table for the terminal, the most severe first."""
    cells = [
        (
            "–" if row["severity"] is None else f"{row['severity']:.2f}",
            _sentence(row),
            "" if row["p_value"] is None else f"{row['p_value']:.3f}",
            row["measure"],
        )
        for row in rows
    ]
    return _drawn([(tr("Severity"), True), (tr("Finding"), False), ("p", True), (tr("What would help"), False)], cells)


def _side_by_side(rows: list[dict[str, Any]], plan: str) -> str:
    """Return the values of the separate plans and of a plan side by side, those that differ first."""
    by_plan = {
        name: {(r["indicator"], r["subject"]): r for r in rows if r["plan"] == name} for name in ("separate", plan)
    }
    shared = [(row, by_plan[plan][key]) for key, row in by_plan["separate"].items() if key in by_plan[plan]]
    shared.sort(key=lambda pair: pair[0]["value"] == pair[1]["value"])
    names = {"separate": tr("Separate plans"), "joint": tr("Joint plan")}
    cells = [
        (
            f"{after['indicator']} {after['subject'] or ''}".strip(),
            f"{before['value']:.3f}",
            f"{after['value']:.3f}",
            _sentence(after),
        )
        for before, after in shared
    ]
    return _drawn(
        [(tr("Indicator"), False), (names["separate"], True), (names[plan], True), (tr("Finding"), False)], cells
    )


def _drawn(columns: list[tuple[str, bool]], cells: Sequence[tuple[str, ...]]) -> str:
    """Return a table as text; columns are their titles and whether they are set flush right."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    for title, right in columns:
        table.add_column(title, justify="right" if right else "left", ratio=1 if title == tr("Finding") else None)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=StringIO(), width=WIDTH)
    with console.capture() as written:
        console.print(table)
    return written.get().rstrip()
