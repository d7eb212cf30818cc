"""The commands. Each says what it does, shows an example, and hands the work to the room that knows it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date as date_type
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jointplan.cli.frame import Commands, answering, asked
from jointplan.cli.planned import (
    beside_figures,
    beside_lines,
    changes,
    endings,
    idle_lines,
    names_in,
    opened,
    planned,
    where,
)
from jointplan.cli.screen import Screen, counted, grouped, left_open, left_open_lines
from jointplan.errors import DataError, UsageError
from jointplan.texts import argument, bracketed, labelled, language, set_language, tr

if TYPE_CHECKING:
    from jointplan.logistics import Line
    from jointplan.store import Workspace

app = typer.Typer(
    name="jointplan",
    cls=Commands,
    help="Plan an industrial cluster and its cross-border sellers as one system, and see what each side gains.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the workspace.")]
Seconds = Annotated[
    float | None,
    typer.Option(
        help="Most seconds for each plan: the separate, the joint, and that of each group or set of measures."
    ),
]
Seed = Annotated[int | None, typer.Option(help="Seed of everything random.")]
Weeks = Annotated[int | None, typer.Option("--horizon-weeks", help="Weeks to plan.")]
Replay = Annotated[
    Literal["yes", "no", "auto"] | None, typer.Option(help="Plan past weeks on their real sales; auto: where recorded.")
]
Currency = Annotated[str | None, typer.Option(help="Currency to count in, such as CNY.")]
Measures = Annotated[
    str | None,
    typer.Option(help="What members do together, with commas: pool_orders,share_capacity,consolidate_freight …"),
]
Members = Annotated[str | None, typer.Option(help="Owners who plan together, with commas; else all.")]
WhatIf = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if",
        metavar="CHANGE",
        help="Change something and plan beside the plan without it: demand=+20%, lane:NAME=closed, firm:NAME=out, "
        "or capacity:FIRM/PROCESS.hours=60. May be given more than once.",
    ),
]
WriteReport = Annotated[bool, typer.Option("--report/--no-report", help="Write the report too.")]


def main(*, interrupted: bool = False) -> None:
    """Run the command line, or say that it was interrupted before it could run."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that lacks a character gets a question mark, not an error
                stream.reconfigure(errors="replace")
        if interrupted:
            raise KeyboardInterrupt
        app()
    except KeyboardInterrupt as error:
        words = sys.argv[1:]
        set_language(asked(words))
        sys.exit(Screen(as_json="--json" in words).failed(error))


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    lang: Annotated[
        Literal["en", "zh"] | None, typer.Option("--lang", help="Language; else that of the settings.")
    ] = None,
) -> None:
    if version:
        from jointplan import __version__

        print(__version__)
        raise typer.Exit


@app.command(epilog="jointplan init shunde --xlsx --lang zh")
@answering
def init(
    screen: Screen,
    folder: Folder,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="One Excel workbook instead of a CSV file per table.")] = False,
) -> None:
    """Make a workspace: blank tables to fill in, and settings with their explanations; tables that are there are kept."""
    from jointplan.ingest import write_templates
    from jointplan.store import Workspace
    from jointplan.study import Settings, settings_template

    workspace = Workspace(folder)
    filled = workspace.tables.is_dir() and any(workspace.tables.iterdir()) and not workspace.settings.exists()
    if not filled:
        workspace = _new_workspace(folder)
    files = [] if filled else write_templates(workspace.tables, xlsx=xlsx, lang=language())
    settings = Settings(language="zh" if language() == "zh" else "en")
    workspace.settings.write_text(settings_template(settings), "utf-8")
    screen.answer(
        {"folder": str(folder), "files": [str(file) for file in [workspace.settings, *files]]},
        tr("The tables of {folder} are kept; its settings are in {file}.", folder=folder, file=workspace.settings)
        if filled
        else tr("{folder} is ready: fill in the tables in {tables}.", folder=folder, tables=workspace.tables),
        tr("Then: jointplan check {folder}", folder=argument(folder)),
    )


@app.command(epilog="jointplan sample demo --firms 40 --sellers 12 --products 150 --weeks 104 --seed 7")
@answering
def sample(
    screen: Screen,
    folder: Folder,
    kind: Annotated[
        Literal["appliances", "small-goods"], typer.Option(help="Small appliances, or small goods in mixed containers.")
    ] = "appliances",
    firms: Annotated[int, typer.Option(min=1, help="Making firms.")] = 40,
    sellers: Annotated[int, typer.Option(min=1, help="Cross-border sellers.")] = 12,
    products: Annotated[int, typer.Option(min=1, help="Products.")] = 150,
    weeks: Annotated[int, typer.Option(min=1, help="Weeks of sales.")] = 104,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 7,
) -> None:
    """Write a made-up cluster with every table filled in, to try things on."""
    from jointplan.sample import write_sample

    with screen.progress() as progress:
        rows = write_sample(
            folder,
            kind=kind,
            firms=firms,
            sellers=sellers,
            products=products,
            weeks=weeks,
            seed=seed,
            progress=progress,
        )
    screen.answer(
        {"folder": str(folder), "tables": rows},
        tr(
            "{folder} holds a made-up cluster: {n} {n:table|tables}, {rows} {rows:row|rows}.",
            folder=folder,
            n=len(rows),
            rows=sum(rows.values()),
        ),
        tr("Then: jointplan run {folder}", folder=argument(folder)),
    )


@app.command("import", epilog="jointplan import olist olist.zip --into ibitinga --city ibitinga")
@answering
def import_(
    screen: Screen,
    kind: Annotated[
        Literal["olist", "online-retail", "amazon-orders", "shopify-orders", "scms", "brunel", "table"],
        typer.Argument(
            metavar="KIND", help="olist, online-retail, amazon-orders, shopify-orders, scms, brunel, or table."
        ),
    ],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File or folder to import.")],
    folder: Annotated[Path, typer.Option("--into", metavar="DIR", help="Workspace to import into.")],
    city: Annotated[str | None, typer.Option(help="Only the sellers of this city (olist).")] = None,
    seller: Annotated[str | None, typer.Option(help="Firm that sold what the file holds.")] = None,
    map: Annotated[  # noqa: A002 - the name of the option
        Path | None, typer.Option("--map", metavar="FILE", help="TOML file that says which column is which (table).")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of the file, where it is not recognised.")] = None,
    rated_only: Annotated[
        bool, typer.Option("--rated-only", help="Leave out orders without a freight rate (brunel).")
    ] = False,
) -> None:
    """Import the files of a platform; importing a file twice changes nothing."""
    from jointplan.ingest import import_files
    from jointplan.store import Workspace

    given = {
        "city": city,
        "seller": seller,
        "mapping": str(map) if map else None,
        "encoding": encoding,
        "rated": "yes" if rated_only else None,
    }
    workspace = Workspace(folder)
    with screen.progress() as progress:
        result = import_files(
            kind, path, workspace, options={k: v for k, v in given.items() if v is not None}, progress=progress
        )
    rejected = [
        "  "
        + labelled(
            reason, bracketed(str(n), tr("first in row {row}", row=row)) if (row := result.first_rows[reason]) else n
        )
        for reason, n in result.reasons.items()
    ]
    left_out = [f"  {labelled(reason, n)}" for reason, n in result.left_out.items()]
    stands = tr("Rejected rows stand, with their reasons, in {file}.", file=workspace.derived / "rejected.csv")
    unknown = result.unknown_countries
    if rejected and not result.kept + result.merged:
        raise DataError(
            "\n".join([tr("None of the {read} {read:row|rows} could be kept:", read=result.read), *rejected, stands])
        )
    screen.answer(
        {
            "read": result.read,
            "kept": result.kept,
            "rejected": result.rejected,
            "merged": result.merged,
            "tables": dict(result.tables),
            "unknown_countries": unknown,
            "reasons": {
                reason: {"rows": n, "first_row": result.first_rows[reason]} for reason, n in result.reasons.items()
            },
            "left_out": result.left_out,
            "freight_errors_percent": result.freight_errors,
        },
        tr(
            "{read} {read:row|rows} read = {kept} kept + {rejected} rejected + {merged} merged (imported before).",
            read=result.read,
            kept=result.kept,
            rejected=result.rejected,
            merged=result.merged,
        ),
        *(f"  {labelled(name, rows)}" for name, rows in result.tables.items()),
        *([tr("Rejected:"), *rejected] if rejected else []),
        *([tr("Kept, but of no use for freight and transit:"), *left_out] if left_out else []),
        *([stands] if rejected or left_out else []),
        *(
            tr(
                "Freight of {fit} is fitted: half of the charges are off by more than {error} %, out of sample.",
                fit=fit,
                error=f"{error:.1f}",
            )
            for fit, error in result.freight_errors.items()
        ),
        *(
            [
                tr(
                    "These are no countries: {names}. Fill in the country of their markets in tables/markets.csv.",
                    names=tuple(bracketed(name, n) for name, n in list(unknown.items())[:10]),
                )
            ]
            if unknown
            else []
        ),
        tr("Then: jointplan check {folder}", folder=argument(folder)),
    )


@app.command(epilog="jointplan check shunde")
@answering
def check(screen: Screen, folder: Folder) -> None:
    """Check every table as a whole, and list all problems with their cures."""
    study = opened(screen, folder)
    with screen.progress() as progress:
        checked = study.check(progress=progress)
    rows: dict[str, int] = {}
    for file in checked.files:
        rows[file.table] = rows.get(file.table, 0) + file.rows
    assumed = left_open(checked.blank)
    screen.answer(
        {
            "errors": sum(issue.rows for issue in checked.errors),
            "warnings": sum(issue.rows for issue in checked.warnings),
            "tables": rows,
            "superseded": dict(checked.superseded),
            "assumed": assumed,
            "issues": [issue.as_dict() for issue in checked.issues],
        },
        *grouped(checked.issues),
        *(
            tr("{table}: your own files stand for {n} {n:imported row|imported rows}.", table=table, n=n)
            for table, n in checked.superseded.items()
        ),
        *left_open_lines(assumed),
        tr(
            "tables: {n}, rows: {rows}, {problems}",
            n=len(rows),
            rows=sum(rows.values()),
            problems=counted(checked.issues),
        ),
        *(
            []
            if checked.errors or any(issue.rule == "no_weeks_to_plan" for issue in checked.issues)
            else [tr("Then: jointplan run {folder}", folder=argument(folder))]
        ),
    )
    if checked.errors:
        raise typer.Exit(1)


@app.command(epilog="jointplan forecast shunde --horizon-weeks 13 --out forecast.csv")
@answering
def forecast(
    screen: Screen,
    folder: Folder,
    seed: Seed = None,
    horizon_weeks: Weeks = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the forecasts to a .csv or .parquet file.")
    ] = None,
) -> None:
    """Forecast demand per week, product, market and seller, and say how good such forecasts were."""
    from jointplan.cli.demand import forecast_figures, forecast_lines

    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise UsageError(
            tr("Forecasts cannot be written to {file}.", file=out), tr("Name a file that ends in .csv or .parquet.")
        )
    study = opened(screen, folder, {"seed": seed, "horizon.weeks": horizon_weeks})
    with screen.progress() as progress:
        made = study.forecast(progress=progress)
    if out is not None:
        _write(made.tables["forecasts"], out)
    figures = forecast_figures(made)
    screen.answer(
        figures, *forecast_lines(made, figures), *([tr("They are in {file}.", file=out)] if out is not None else [])
    )


@app.command(epilog="jointplan inventory shunde --out targets.csv")
@answering
def inventory(
    screen: Screen,
    folder: Folder,
    service: Annotated[
        float | None,
        typer.Option(
            help="Chance that stock lasts until the next order arrives, such as 0.95 or 95 (percent); else from costs."
        ),
    ] = None,
    seed: Seed = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the targets to a .csv or .parquet file.")
    ] = None,
) -> None:
    """Say how much of each product to keep where: each seller by itself, pooled, and along the network."""
    from jointplan.cli.stock import as_share, stock_figures, stock_lines

    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise UsageError(
            tr("Targets cannot be written to {file}.", file=out), tr("Name a file that ends in .csv or .parquet.")
        )
    study = opened(screen, folder, {"inventory.service": as_share(service), "seed": seed})
    with screen.progress() as progress:
        made = study.inventory(progress=progress)
    if out is not None:
        _write(made.table, out)
    figures = stock_figures(made)
    screen.answer(
        figures, *stock_lines(made, figures), *([tr("They are in {file}.", file=out)] if out is not None else [])
    )


@app.command("landed-cost", epilog="jointplan landed-cost shunde P0001 DE --quantity 200")
@answering
def landed_cost(
    screen: Screen,
    folder: Folder,
    sku: Annotated[str, typer.Argument(metavar="SKU", help="Product.")],
    market: Annotated[str, typer.Argument(metavar="MARKET", help="Market it is brought to.")],
    date: Annotated[
        str | None,
        typer.Option(
            metavar="DAY", help="Day whose rules are taken, such as 2026-07-01; else the first of the latest run."
        ),
    ] = None,
    lane: Annotated[str | None, typer.Option(help="Lane the route must take; else the cheapest route.")] = None,
    quantity: Annotated[float, typer.Option(help="Units.")] = 1.0,
    seller: Annotated[
        str | None, typer.Option(help="Firm whose channels' fees are counted; else all sellers'.")
    ] = None,
) -> None:
    """Explain line by line what it costs to bring a product to a market, with the source of each rule."""
    on = _day(date)
    study = opened(screen, folder)
    with screen.progress() as progress:
        found = study.landed_cost(sku, market, on=on, lane=lane, quantity=quantity, seller=seller, progress=progress)
    screen.answer(
        found.as_dict(),
        tr(
            "{quantity} of {sku} to {market} by {route}, by the rules of {date}, in {currency}:",
            quantity=f"{quantity:g}",
            sku=sku,
            market=market,
            route=" → ".join(found.route),
            date=found.on,
            currency=found.currency,
        ),
        *_landed_lines(found.lines, quantity),
        *([tr("Fitted or assumed, not given:")] if found.assumed else []),
        *(f"  {said}" for said in found.assumed),
        *([tr("Not known:")] if found.unknown else []),
        *(f"  {asked}" for asked in found.unknown),
        tr("The rules are no legal advice: have them confirmed by your customs broker."),
    )


@app.command(epilog="jointplan plan shunde --members 'A,B' --measures pool_orders")
@answering
def plan(
    screen: Screen,
    folder: Folder,
    members: Members = None,
    measures: Measures = None,
    seconds: Seconds = None,
    seed: Seed = None,
    horizon_weeks: Weeks = None,
    replay: Replay = None,
    currency: Currency = None,
    what_if: WhatIf = None,
) -> None:
    """Plan for some owners or with some measures, and keep the run without a report."""
    study = opened(screen, folder, changes(measures, seconds, seed, horizon_weeks, replay, currency))
    made, beside = planned(screen, study, what_if, names_in(members), report=False)
    screen.answer(
        beside_figures(made, beside),
        *endings(made),
        *(idle_lines(made) if measures is not None else []),
        made.sentence(),
        *beside_lines(made, beside),
        tr("The run is in {folder}.", folder=made.stored.folder),
    )


@app.command(epilog="jointplan run shunde --seconds 60")
@answering
def run(
    screen: Screen,
    folder: Folder,
    seconds: Seconds = None,
    seed: Seed = None,
    horizon_weeks: Weeks = None,
    replay: Replay = None,
    currency: Currency = None,
    measures: Measures = None,
    members: Members = None,
    report: WriteReport = True,
    what_if: WhatIf = None,
) -> None:
    """Check, forecast, plan, and write the report: what is gained by planning together, and for whom."""
    study = opened(screen, folder, changes(measures, seconds, seed, horizon_weeks, replay, currency))
    made, beside = planned(screen, study, what_if, names_in(members), report=report)
    screen.answer(
        beside_figures(made, beside),
        *endings(made),
        *(idle_lines(made) if measures is not None else []),
        where(made),
        made.sentence(),
        *beside_lines(made, beside),
    )


@app.command(epilog="jointplan report shunde --lang zh")
@answering
def report(
    screen: Screen,
    folder: Folder,
    run_id: Annotated[
        str, typer.Option("--run", metavar="ID", help="Which run; else the latest without what-ifs.")
    ] = "latest",
) -> None:
    """Write the report of a finished run again, for example in another language."""
    from jointplan.report import write_report
    from jointplan.store import renewed
    from jointplan.study import open_workspace

    stored = open_workspace(folder).run(run_id)
    lang = screen.lang or stored.manifest["language"]
    with screen.progress() as progress:
        progress(tr("Writing the report"))
        with renewed(stored) as working:
            file = stored.folder / write_report(stored, working, lang=lang)[0].name
    screen.answer({"run": stored.id, "report": str(file)}, tr("The report is {file}", file=file))


def _new_workspace(folder: Path) -> Workspace:
    """Return a workspace that holds nothing yet."""
    from jointplan.store import Workspace

    workspace = Workspace(folder)
    if (
        folder.is_file()
        or workspace.settings.exists()
        or (workspace.tables.is_dir() and any(workspace.tables.iterdir()))
    ):
        raise UsageError(
            tr("{folder} is a file or holds a workspace already.", folder=folder), tr("Name a new folder.")
        )
    workspace.tables.mkdir(parents=True, exist_ok=True)
    return workspace


def _write(table: Any, file: Path) -> None:
    with file.open("wb") as stream:
        if file.suffix == ".csv":
            from pyarrow import csv

            csv.write_csv(table, stream)
        else:
            from pyarrow import parquet

            parquet.write_table(table, stream)


def _day(text: str | None) -> date_type | None:
    """Return the day a user wrote."""
    if text is None:
        return None
    try:
        return date_type.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            tr("{text} is not a day.", text=text), tr("Write it as 2024-03-05 (year-month-day).")
        ) from error


def _landed_lines(parts: Sequence[Line], quantity: float) -> Iterator[str]:
    """Return the lines of a landed cost as people read them, the source of its rule below each.

    Each is rounded as its rule is; what they then lack of the total is a line of its own.
    """
    names = {
        "freight": tr("Freight"),
        "handling": tr("Handling"),
        "insurance": tr("Insurance"),
        "duty": tr("Duty"),
        "per_item": tr("Fixed duty per item"),
        "vat": tr("VAT"),
        "clearing": tr("Clearing"),
        "channel_fee": tr("Channel fee"),
        "refund": tr("Export refund"),
        "total": tr("Total"),
    }
    lacking = round(parts[-1].amount, 2) - sum(round(part.amount, 2) for part in parts[:-1])
    for part in parts:
        name = bracketed(names[part.line], part.lane) if part.lane else names[part.line]
        if quantity != 1:
            name = bracketed(name, tr("{amount} a unit", amount=f"{part.amount / quantity:,.2f}"))
        if part.line == "total" and round(lacking, 2):
            yield f"  {lacking:12,.2f}  {tr('Rounding')}"
        yield f"  {part.amount:z12,.2f}  {name}"
        if part.line != "total":
            yield f"                {part.rule}" + (f" [{part.source}]" if part.source else "")
