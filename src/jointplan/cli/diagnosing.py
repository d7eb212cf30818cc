"""The command that says what holds the cluster back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jointplan.cli.commands import Folder, Seed, WriteReport, app
from jointplan.cli.frame import answering
from jointplan.cli.planned import opened
from jointplan.cli.screen import Screen
from jointplan.errors import UsageError
from jointplan.texts import argument, labelled, language, tr

if TYPE_CHECKING:
    import pandas as pd

    from jointplan.report.view import RunView

SHOWN = 12
ROWS_SHOWN = 40
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
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="INDICATOR",
            help="Measure nothing, but show the rows behind a finding of the latest diagnosis, such as young_share.",
        ),
    ] = None,
    report: WriteReport = True,
) -> None:
    """Measure what holds the cluster back, how sure that is, and what would help."""
    if rows is not None:
        _show_rows(screen, folder, rows)
        return
    from jointplan.report import write_diagnosis
    from jointplan.report.view import RunView

    study = opened(screen, folder, {"seed": seed})
    write = (lambda stored, into: write_diagnosis(stored, into, lang=stored.manifest["language"])) if report else None
    with screen.progress() as progress:
        made = study.diagnose(run=run, plan=plan, report=write, progress=progress)
    view = RunView(made, language(), coded=True)
    screen.answer(
        {
            "diagnosis": made.id,
            "run": made.manifest["run"],
            "findings": made.tables["findings"].to_pylist(),
            "seconds": made.manifest["figures"]["seconds"],
            "peak_mb": made.manifest["figures"]["peak_mb"],
        },
        *(_ranked(view) if run is None else _side_by_side(view, plan)),
        *_missing(view),
        *_how_to_see_rows(view, folder),
        tr("The report is {file}", file=made.folder / "report.html")
        if report
        else tr("The diagnosis is in {folder}.", folder=made.folder),
    )


def _show_rows(screen: Screen, folder: Path, indicator: str) -> None:
    """Show the rows behind the findings of an indicator."""
    from jointplan.report.diagnosis.behind import rows_grids, rows_of
    from jointplan.report.diagnosis.wording import sentence
    from jointplan.report.view import RunView
    from jointplan.store import Workspace

    stored = Workspace(folder).diagnosis()
    view = RunView(stored, language(), coded=True)
    findings = view.frame("findings")
    told = findings[findings["indicator"] == indicator]
    if not len(told):
        names = tuple(sorted(set(findings["indicator"])))
        raise UsageError(
            tr("The latest diagnosis has no finding {indicator}.", indicator=indicator),
            tr("Its findings are: {names}.", names=names),
        )
    lines = []
    for _, finding in told.iterrows():
        lines.append(sentence(view, finding))
        for grid in rows_grids(view, rows_of(view, finding), ROWS_SHOWN):
            columns = [(title, place in grid.numeric) for place, title in enumerate(grid.header)]
            lines += [f"\n── {grid.title} ──\n", _drawn(columns, grid.rows), ""]
    behind = view.frame("finding_rows")
    behind = behind[behind["indicator"] == indicator]
    screen.answer(
        {
            "diagnosis": stored.id,
            "indicator": indicator,
            "rows": behind.astype(object).where(behind.notna(), None).to_dict("records"),
        },
        *lines,
    )


def _ranked(view: RunView) -> Iterator[str]:
    """Give the complaints, the most severe first, then apart from them those that could be chance."""
    from jointplan.report.diagnosis.wording import could_be_chance, ranked

    sure, chance = ranked(view), could_be_chance(view)
    yield _table(view, sure.head(SHOWN)) if len(sure) else tr("Nothing that was measured holds the cluster back.")
    if len(chance):
        yield f"\n── {tr('Could be chance: p above 0.05')} ──\n"
        yield _table(view, chance.head(SHOWN))
    shown = min(len(sure), SHOWN) + min(len(chance), SHOWN)
    if (more := int(view.frame("findings")["value"].notna().sum()) - shown) > 0:
        yield "\n" + tr("{n} more were measured; they stand in the report and in --json.", n=more)


def _how_to_see_rows(view: RunView, folder: Path) -> Iterator[str]:
    """Say how the rows behind the first finding are seen."""
    from jointplan.report.diagnosis.wording import ranked

    if len(found := ranked(view)):
        command = f"jointplan diagnose {argument(folder)} --rows {found['indicator'].iloc[0]}"
        yield tr("The rows behind a finding, such as the first: {command}", command=command)


def _missing(view: RunView) -> Iterator[str]:
    from jointplan.report.diagnosis.wording import reasons

    found = [f"  {labelled(names, why)}" for _, names, why in reasons(view)]
    if found:
        yield "\n" + tr("Not measured:")
        yield from found
        yield ""


def _table(view: RunView, rows: pd.DataFrame) -> str:
    """Return findings as a table for the terminal: the sentence, the value, how sure it is, what would help."""
    from jointplan.report.diagnosis import wording

    cells = [
        (
            view.numbers.number(row["severity"], 2),
            wording.sentence(view, row),
            wording.measured(view, row),
            "\n".join(_sureness(view, row)),
            wording.help_word(view, row["measure"]),
        )
        for _, row in rows.iterrows()
    ]
    columns = [(tr("Severity"), True), (tr("Finding"), False), (tr("Measured value"), False), (tr("How sure"), False)]
    return _drawn([*columns, (tr("What would help"), False)], cells)


def _sureness(view: RunView, row: Any) -> Iterator[str]:
    """Give what a value is held against where that is chance, and how sure it is."""
    from jointplan.report.diagnosis import wording

    if row["comparison"] == "null":
        yield wording.against(view, row)
    yield wording.sureness(view, row)


def _side_by_side(view: RunView, plan: str) -> Iterator[str]:
    """Give the values of the separate plans and of a plan side by side, those that differ first."""
    from jointplan.report.diagnosis.wording import measured, sentence, side_by_side
    from jointplan.report.words import PLANS, word

    plans = list(dict.fromkeys(("separate", plan)))
    shared = list(side_by_side(view, plans))
    shared.sort(key=lambda found: found[1][0]["value"] == found[1][-1]["value"])
    cells = [(name, *(measured(view, row) for row in rows), sentence(view, rows[-1])) for name, rows in shared]
    names = [(word(PLANS, name), True) for name in plans]
    yield _drawn([(tr("Indicator"), False), *names, (tr("Finding"), False)], cells)


def _drawn(columns: list[tuple[str, bool]], cells: Sequence[tuple[str, ...]]) -> str:
    """Return a table as text; columns are their titles and whether they are set flush right."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE, show_edge=False, pad_edge=False)
    for title, right in columns:
        ratio = 1 if title == tr("Finding") else None
        table.add_column(title, justify="right" if right else "left", ratio=ratio, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=StringIO(), width=WIDTH)
    with console.capture() as written:
        console.print(table)
    return written.get().rstrip()
