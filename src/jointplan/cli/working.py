"""The commands for working with a plan: what measures are worth, why it is as it is, what moved, what differs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointplan.cli.commands import Folder, Measures, Members, Replay, Seconds, Seed, Weeks, WriteReport, app
from jointplan.cli.frame import answering
from jointplan.cli.planned import (
    amount,
    asked_run,
    beside_figures,
    changes,
    endings,
    idle_figures,
    idle_lines,
    names_in,
    opened,
    value_lines,
    where,
    write_report,
)
from jointplan.cli.screen import Screen
from jointplan.errors import NoResultError, UsageError
from jointplan.texts import argument, bracketed, fill, labelled, language, listed, sentences, some, tr

if TYPE_CHECKING:
    from jointplan.study import Comparison

SHOWN = 12
SHOWN_CHANGES = 5

RunId = Annotated[str, typer.Option("--run", metavar="ID", help="Which run; else the latest without what-ifs.")]


@app.command(epilog="jointplan measures shunde --seconds 30 --pairs")
@answering
def measures(
    screen: Screen,
    folder: Folder,
    seconds: Seconds = None,
    seed: Seed = None,
    horizon_weeks: Weeks = None,
    replay: Replay = None,
    measures: Measures = None,
    members: Members = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Value pairs of measures too, on fewer weeks.")] = False,
    report: WriteReport = True,
) -> None:
    """Value each measure of cooperation: alone, all together, and what each adds to the others."""
    from jointplan.schema.measures import OTHER_MEASURES

    study = opened(screen, folder, changes(measures, seconds, seed, horizon_weeks, replay, None))
    with screen.progress() as progress:
        made = study.measures(
            pairs=pairs,
            report=write_report if report else None,
            members=names_in(members),
            progress=progress,
            stop=screen.stopping(),
        )
    table = made.tables.get("measure_values")
    rows: list[dict[str, Any]] = [] if table is None else table.to_pylist()
    screen.answer(
        {
            **beside_figures(made, None),
            "measures": rows,
            "nothing_to_work_on": idle_figures(made),  # here also where there are none
            "not_valued": [measure.name for measure in OTHER_MEASURES],
        },
        *endings(made),
        where(made),
        made.sentence(),
        *_measure_lines(rows),
        *idle_lines(made),
    )


@app.command(epilog="jointplan why shunde --firm F07")
@answering
def why(
    screen: Screen,
    folder: Folder,
    run_id: RunId = "latest",
    firm: Annotated[str | None, typer.Option(help="Only what is this firm's, and nothing of anyone else's.")] = None,
) -> None:
    """Say why: what binds behind every full workshop and every late, unmet or dear line, and what it is worth."""
    from jointplan.report.reasons import explained, kind_titles
    from jointplan.report.view import RunView
    from jointplan.study import open_workspace

    stored = open_workspace(folder).run(run_id)
    if "reasons" not in stored.tables:
        raise NoResultError(
            tr(
                "The run {name} does not say why: its hours could not be priced in the time it had, or it is from an older version.",
                name=stored.id,
            ),
            tr("Run it again, with more --seconds: jointplan run {folder}", folder=argument(folder)),
        )
    firms = stored.tables["input_firms"]["firm"].to_pylist()
    firm = None if firm is None else firm.strip(' "')  # as copied from a table
    if firm is not None and firm not in firms:
        raise UsageError(
            tr("There is no firm {name} in the run.", name=firm),
            tr("There are: {names}.", names=some(firms, 20)),
        )
    view = RunView(stored, language(), coded=True)
    with view.speaking():
        found = explained(view, firm)
        lines = [tr("Of {run}:", run=asked_run(stored))]
        for kind, title in kind_titles().items():
            sentences = [item.sentence for item in found if item.kind == kind]
            lines += (
                [bracketed(title, len(sentences)), *(f"  {text}" for text in sentences[:SHOWN])] if sentences else []
            )
            if len(sentences) > SHOWN:
                more = tr("… and {n} more: all with --json, or in the report.", n=len(sentences) - SHOWN)
                lines.append(f"  {more}")
        if not found:
            lines.append(tr("Nothing is full, late, unmet or dear."))
        screen.answer(
            {
                "run": stored.id,
                "what_if": list(stored.what_ifs),
                "joint_searched": stored.joint_searched,
                "firm": firm,
                "reasons": [{**row, "sentence": item.sentence} for item in found for row in item.rows],
            },
            *lines,
        )


@app.command(epilog="jointplan compare shunde 20260105-090000 20260112-090000")
@answering
def compare(
    screen: Screen,
    folder: Folder,
    first: Annotated[str, typer.Argument(metavar="RUN", help="A run.")],
    second: Annotated[str, typer.Argument(metavar="RUN", help="The run to set beside it.")],
) -> None:
    """Set two runs side by side: values, bounds, gain, accounts, firms, and what moved."""
    from jointplan.study import compare_runs, open_workspace

    workspace = open_workspace(folder)
    runs = workspace.run(first), workspace.run(second)
    found = compare_runs(*runs)
    screen.answer(
        found.as_dict(),
        tr(
            "{first} and {second}, in {currency}:",
            first=asked_run(runs[0]),
            second=asked_run(runs[1]),
            currency=found.currencies[0],
        ),
        *([tr("Both are the same run: nothing differs.")] if runs[0].id == runs[1].id else []),
        *(
            [tr("They count in different currencies: {names}.", names=found.currencies)]
            if found.currencies[0] != found.currencies[1]
            else []
        ),
        *(
            [
                tr(
                    "They plan different numbers of weeks: {first} and {second}.",
                    first=found.weeks[0],
                    second=found.weeks[1],
                )
            ]
            if found.weeks[0] != found.weeks[1]
            else []
        ),
        *difference_lines(found),
        *value_lines(found, in_time=False),
        "  "
        + tr(
            "Proven gain: {low_first} to {high_first} and {low_second} to {high_second}",
            low_first=amount(found.whole_gains[0].low),
            high_first=amount(found.whole_gains[0].high),
            low_second=amount(found.whole_gains[1].low),
            high_second=amount(found.whole_gains[1].high),
        ),
        *_moved_lines(found, *(run.manifest["horizon"] for run in runs)),
        tr("By firm, by account and lot by lot with --json."),
    )


@app.command(epilog="jointplan replan shunde --from 20260105-090000")
@answering
def replan(
    screen: Screen,
    folder: Folder,
    earlier: Annotated[
        str, typer.Option("--from", metavar="RUN", help="The run to start from; else the latest without what-ifs.")
    ] = "latest",
    members: Annotated[
        str | None, typer.Option(help="Owners who plan together now, with commas; else those of the earlier run.")
    ] = None,
    seconds: Seconds = None,
    horizon_weeks: Weeks = None,
    freeze: Annotated[
        int,
        typer.Option(
            "--freeze-weeks",
            min=0,
            help="Weeks from the first in which the earlier plan's lots are kept; more may be added.",
        ),
    ] = 0,
    report: WriteReport = True,
) -> None:
    """Plan again after orders have changed, from an earlier plan and with its settings, and say what moved."""
    study = opened(screen, folder, {"plan.solve.seconds": seconds, "horizon.weeks": horizon_weeks}, like=earlier)
    with screen.progress() as progress:
        made, found = study.replan(
            earlier=earlier,
            members=names_in(members),
            freeze=freeze,
            report=write_report if report else None,
            progress=progress,
            stop=screen.stopping(),
        )
    before = study.workspace.run(found.runs[0])
    carried = made.tables["carried"].to_pylist() if "carried" in made.tables else []
    screen.answer(
        {
            **beside_figures(made, found),
            "carried": carried,
            "wanted": found.wanted,
            "changes": found.changes.to_pylist(),
        },
        tr("Planned again from {run}, with its what-ifs:", run=asked_run(before))
        if before.what_ifs
        else tr("Planned again from {run}:", run=asked_run(before)),
        *endings(made),
        where(made),
        made.sentence(),
        tr("Against the run {name}:", name=found.runs[0]),
        *difference_lines(found),
        *carried_lines(carried),
        *value_lines(found),
        *_moved_lines(found, before.manifest["horizon"], made.manifest["horizon"]),
    )


def carried_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Return what the plan took over from the one before as its first week begins."""
    if not rows:
        return []
    kinds = [row["what"] for row in rows]
    goods = sum(row["quantity"] for row in rows if row["what"] in ("stock", "under_way", "work"))
    once = sum(kind in ("site", "workshop", "process", "market", "campaign") for kind in kinds)
    # What nothing is taken over of is left out: it may be there all the same, by the tables.
    parts = [
        (goods, tr("{goods} {goods:unit|units} on hand, under way or in work", goods=amount(goods))),
        (n := kinds.count("material"), tr("materials of firms: {n}", n=n)),
        (n := kinds.count("cash"), tr("cash of firms: {n}", n=n)),
        (n := kinds.count("setup"), tr("workshops set up: {n}", n=n)),
        (once, tr("paid for once: {n}", n=once)),
    ]
    line = tr(
        "Begins with what that plan leaves by then: {parts}. The assumptions say how.",
        parts=tr("; ").join(text for n, text in parts if n),
    )
    return [f"  {line}"]


def _measure_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Return what each measure is worth, a line each, with its bounds."""
    from jointplan.report.measures import held_apart, hub_alone, measure_names, whole_gain
    from jointplan.schema.measures import OTHER_MEASURES

    headings = {
        "alone": tr("Each measure alone, against separate plans:"),
        "all": tr("All together:"),
        "all_but_one": tr("What each adds to the others:"),
        "pair_alone": tr("On a smaller model of {weeks} {weeks:week|weeks}, alone:"),
        "pair": tr("On the same smaller model, in pairs:"),
    }
    lines: list[str] = []
    shown = ""
    for row in rows:
        if row["question"] != shown:
            shown = row["question"]
            lines.append(fill(headings[shown], weeks=row["weeks"]))
        found = whole_gain(row)
        verdict = {
            "gain": "",
            "loss": tr("(only what the hub costs)") if hub_alone(row) else tr("(a loss)"),
            "not_distinguishable": "" if found.nothing else tr("(not distinguishable)"),
        }[row["verdict"]]
        gain, low, high = map(amount, found)
        line = tr(
            "{what}: {gain}, proven between {low} and {high}",
            what=measure_names(row["measures"]),
            gain=gain,
            low=low,
            high=high,
        )
        lines.append("  " + (tr("{told} {more}", told=line, more=verdict) if verdict else line))
    if pairs := [row for row in rows if row["question"].startswith("pair")]:
        lines.append(
            sentences(
                [
                    tr(
                        "Gains of the smaller model are after {hub} for the hub in its {weeks} {weeks:week|weeks}, and ways that take longer than those "
                        "count for nothing there: a loss of just that tells of the few weeks, not of the measures.",
                        hub=amount(pairs[0]["hub_cost"]),
                        weeks=pairs[0]["weeks"],
                    ),
                    held_apart(),
                ]
            )
        )
    if rows:
        lines.append(
            tr(
                "Gains are after the cost of the hub, {hub} over all weeks, which any set of measures pays once.",
                hub=amount(next(row["hub_cost"] for row in rows if row["question"] == "all")),
            )
        )
        lines.append(tr("Measures that no plan values:"))
        for measure in OTHER_MEASURES:
            told = (measure.label_zh, measure.unvalued_zh) if language() == "zh" else (measure.label, measure.unvalued)
            lines.append(f"  {labelled(*told)}")
    return lines


def _meet(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Return whether two horizons have a week in common."""
    starts = [date.fromisoformat(horizon["start"]) for horizon in (first, second)]
    ends = [start + timedelta(weeks=horizon["weeks"]) for start, horizon in zip(starts, (first, second), strict=True)]
    return max(starts) < min(ends)


def _moved_lines(found: Comparison, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Return where what is wanted is other than it was, and what moved, over the weeks of both horizons."""
    if not _meet(first, second):
        return ["  " + tr("They plan no week in common, so what moved cannot be told.")]
    return [*wanted_lines(found.wanted), *_change_lines(found.changes)]


def wanted_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Return in which lines of demand two runs differ, the largest differences first."""
    if not rows:
        return ["  " + tr("The same units are wanted in every week that both plan.")]
    difference = round(sum(row["difference"] for row in rows))
    lines = [
        "  "
        + tr(
            "Units wanted in the weeks that both plan: {difference}, by {n} {n:change|changes}.",
            difference=f"{difference:+,}",
            n=len(rows),
        )
    ]
    for row in rows[:SHOWN_CHANGES]:
        line = tr(
            "{sku} in {market} from {seller}, week of {week}: {first} before, {second} now",
            sku=row["sku"],
            market=row["market"],
            seller=row["seller"],
            week=row["week"],
            first=amount(row["first"]),
            second=amount(row["second"]),
        )
        lines.append(f"    {line}")
    if len(rows) > SHOWN_CHANGES:
        lines.append("    " + tr("… and {n} more: all with --json.", n=len(rows) - SHOWN_CHANGES))
    return lines


def difference_lines(found: Comparison) -> list[str]:
    """Return in what was asked two runs differ: weeks, members, measures, what-ifs, from which run, frozen weeks."""
    from jointplan.report.measures import measure_names

    def told(asked: Mapping[str, Any]) -> dict[str, str]:
        members, frozen = asked["members"], asked["frozen"]
        return {
            tr("First week"): asked["first_week"],
            tr("Members"): tr("all") if members is None else listed(members),
            tr("Measures"): measure_names(",".join(asked["measures"])) if asked["measures"] else "–",
            tr("What if"): listed(asked["what_if"]) or "–",
            tr("Planned again from"): asked["planned_again_from"] or "–",
            tr("Frozen weeks"): tr("{weeks}, of run {run}", weeks=frozen["weeks"], run=frozen["run"])
            if frozen
            else "–",
        }

    first, second = map(told, found.asked)
    return [
        "  " + tr("{what}: {first} | {second}", what=what, first=one, second=second[what])
        for what, one in first.items()
        if one != second[what]
    ]


def _change_lines(table: Any) -> list[str]:
    """Return how many units and lines moved, and of which materials purchases did."""
    rows: list[dict[str, Any]] = table.to_pylist()
    if not rows:
        return ["  " + tr("No lot, no shipment and no purchase moved.")]
    words = {
        ("lot", "moved"): tr("Lots moved: {n} ({units} {units:unit|units})"),
        ("lot", "added"): tr("Lots added: {n} ({units} {units:unit|units})"),
        ("lot", "dropped"): tr("Lots dropped: {n} ({units} {units:unit|units})"),
        ("shipment", "moved"): tr("Shipments moved: {n} ({units} {units:unit|units})"),
        ("shipment", "added"): tr("Shipments added: {n} ({units} {units:unit|units})"),
        ("shipment", "dropped"): tr("Shipments dropped: {n} ({units} {units:unit|units})"),
        ("purchase", "moved"): tr("Purchases moved: {n} ({materials})"),
        ("purchase", "added"): tr("Purchases added: {n} ({materials})"),
        ("purchase", "dropped"): tr("Purchases dropped: {n} ({materials})"),
    }
    lines = []
    for (what, change), text in words.items():
        found = [row for row in rows if (row["what"], row["change"]) == (what, change)]
        if found:
            units = amount(sum(row["quantity"] for row in found))
            materials = some(sorted({row["material"] for row in found if row["material"]}))
            lines.append("  " + fill(text, n=len(found), units=units, materials=materials))
    return lines
