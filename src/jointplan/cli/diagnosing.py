"""The command that says what holds the cluster back."""

from __future__ import annotations

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
    missing = [row for row in findings if row["value"] is None]
    file = made.folder / "report.html"
    screen.answer(
        {
            "diagnosis": made.id,
            "run": made.manifest["run"],
            "findings": findings,
            "seconds": made.manifest["figures"]["seconds"],
            "peak_mb": made.manifest["figures"]["peak_mb"],
        },
        _table(measured[:SHOWN], named=run is not None),
        *(
            [tr("… and {n} more, in the report and with --json.", n=len(measured) - SHOWN)]
            if len(measured) > SHOWN
            else []
        ),
        *([tr("Not measured:")] if missing else []),
        *(f"  {_sentence(row)}" for row in missing),
        tr("The report is {file}", file=file) if report else tr("The diagnosis is in {folder}.", folder=made.folder),
    )


def _sentence(row: dict[str, Any]) -> str:
    return str(row["sentence_zh" if language() == "zh" else "sentence"])


def _table(rows: list[dict[str, Any]], *, named: bool) -> str:
    """Return findings as a table for the terminal, the most severe first."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    table.add_column(tr("Severity"), justify="right")
    if named:
        table.add_column(tr("Plan"))
    table.add_column(tr("Finding"), ratio=1)
    table.add_column("p", justify="right")
    table.add_column(tr("What would help"))
    for row in rows:
        severity, p_value = row["severity"], row["p_value"]
        table.add_row(
            "–" if severity is None else f"{severity:.2f}",
            *([row["plan"]] if named else []),
            _sentence(row),
            "" if p_value is None else f"{p_value:.3f}",
            row["measure"],
        )
    console = Console(file=StringIO(), width=WIDTH)
    with console.capture() as written:
        console.print(table, markup=False)
    return written.get().rstrip()
