"""The commands on what is to come: product heat, and new products."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jointplan.cli.commands import Folder, Seed, app
from jointplan.cli.frame import answering
from jointplan.cli.planned import opened
from jointplan.cli.screen import Screen
from jointplan.cli.wording import early_lines, named, signed
from jointplan.errors import UsageError
from jointplan.texts import labelled, sentences, tr

if TYPE_CHECKING:
    from jointplan.study import Newness

SHOWN = 10


@app.command(epilog="jointplan heat shunde --market DE")
@answering
def heat(
    screen: Screen,
    folder: Folder,
    market: Annotated[str | None, typer.Option(help="Only this market; else all markets together.")] = None,
    families: Annotated[bool, typer.Option("--families", help="Families instead of products.")] = False,
    seed: Seed = None,
) -> None:
    """Rank what sells by heat, say where each is in its life, and how well such ranks told growth before."""
    study = opened(screen, folder, {"seed": seed})
    with screen.progress() as progress:
        made = study.heat(market=market, progress=progress)
    scope = ("market_" if market else "") + ("family" if families else "product")
    ranked = _hottest(made, scope, market or "")
    if market is not None and not ranked and market not in made.tables["heat"]["market"].to_pylist():
        raise UsageError(
            tr("Nothing was sold in the market {market} of late.", market=market),
            tr("Markets stand in the table markets."),
        )
    tried = made.tables["heat_accuracy"].to_pylist()
    accuracy = [row for row in tried if row["scope"] == scope and row["basis"] == "shared"]
    leads = made.tables["heat_leads"].to_pylist()
    screen.answer(
        {
            "start": made.horizon.start.isoformat(),
            "scope": scope,
            "market": market,
            "index": ranked[0]["index"] if ranked else None,
            "ranked": [{**row, "week": row["week"].isoformat()} for row in ranked],
            "accuracy": accuracy,
            "leads": leads,
            "seconds": round(sum(made.timings.values()), 3),
        },
        *_heat_lines(made, ranked),
        *early_lines(made.early),
        *(_trial_lines(accuracy) if ranked else []),
        *[_lead_line(row) for row in leads if row["leads"]],
    )


@app.command(epilog="jointplan launch shunde P0150")
@answering
def launch(
    screen: Screen,
    folder: Folder,
    sku: Annotated[str | None, typer.Argument(metavar="SKU", help="One new product; else all.")] = None,
    seed: Seed = None,
) -> None:
    """Foresee what new products will sell: the first batch, the week that tells, the rule to repeat or stop."""
    study = opened(screen, folder, {"seed": seed})
    with screen.progress() as progress:
        made = study.launch(sku, progress=progress)
    found = made.tables["launches"].to_pylist()
    rules = made.tables["launch_rules"].to_pylist()
    accuracy = made.tables["launch_accuracy"].to_pylist()
    basis = made.tables["launch_basis"].to_pylist()[0]
    shown = sorted(found, key=lambda row: (-row["mean"], row["sku"]))[:SHOWN]
    screen.answer(
        {
            "start": made.horizon.start.isoformat(),
            "launches": found,
            "rules": rules,
            "accuracy": accuracy,
            "basis": basis,
            "sold_only_lately": list(made.early),
            "seconds": round(sum(made.timings.values()), 3),
        },
        *([] if found else [tr("No product is new: none was first sold of late, and none waits for its first sale.")]),
        *(
            [tr("New products as of {start}, from sales up to the week before:", start=made.horizon.start)]
            if found
            else []
        ),
        *([_basis_line(basis)] if found else []),
        *[line for row in shown for line in _launch_lines(made, row)],
        *([tr("… and {n} more.", n=len(found) - len(shown))] if len(found) > len(shown) else []),
        *([line for row in rules if (line := _rule_line(row))] if sku is not None else []),
        *[_launch_accuracy_line(row) for row in accuracy if row["method"] != "given"],
        *early_lines(made.early, sku),
        *([_undated_line(basis["undated"])] if basis["undated"] and sku is None else []),
    )


def _hottest(made: Newness, scope: str, market: str) -> list[dict[str, Any]]:
    rows = [
        row
        for row in made.tables["heat"].to_pylist()
        if row["basis"] == "shared" and row["scope"] == scope and row["market"] == market
    ]
    last = max((row["week"] for row in rows), default=None)
    return sorted(
        (row for row in rows if row["week"] == last), key=lambda row: (-row["score"], row["sku"], row["family"])
    )


def _heat_lines(made: Newness, ranked: list[dict[str, Any]]) -> list[str]:
    if not ranked:
        return [tr("Nothing is on sale whose heat could be told.")]
    phases = {
        "rising": tr("rising"), "peak": tr("at its peak"), "fading": tr("fading"), "steady": tr("steady"),
        "early": tr("too early"),
    }  # fmt: skip
    lines = [tr("Heat in the week of {week}, the hottest first of {n}:", week=ranked[0]["week"], n=f"{len(ranked):,}")]
    for row in ranked[:SHOWN]:
        name = named(made.names, row["sku"]) if row["sku"] else row["family"]
        lines.append(
            f"  {_percentile(row['score'])}  {phases[row['phase']]:12}  {signed(row['expected']):>6}  {row['level']:8.1f}  {name}"
        )
    lines.append(
        tr("Columns: heat, phase, growth to expect of the next eight weeks beyond the market's, units a week, name.")
    )
    if any(row["expected"] is None for row in ranked):
        from jointplan.report.heat import growth_unknown  # the report loads pandas

        lines.append(growth_unknown())
    return lines


def _percentile(score: float) -> str:
    """Return a share of one below 100 %, rounded down: the hottest of many is hotter than almost all, not than all."""
    return f"{floor(score * 1_000) / 1_000:6.1%}"


def _trial_lines(accuracy: list[dict[str, Any]]) -> list[str]:
    """Say how well each index told growth, and which is used for what reason, as the report does."""
    from jointplan.report.heat import index_used  # the report loads pandas

    told = index_used(accuracy)
    return [*(_index_line(row) for row in accuracy), *([told] if told else [])]


def _index_line(row: dict[str, Any]) -> str:
    names = {
        "expected": tr("expected growth"),
        "rank_mean": tr("mean rank of level, growth and acceleration"),
        "growth_rate": tr("growth rate"),
        "last_period": tr("last period"),
        "as_chosen": tr("what was best so far on each Monday"),
    }
    mark = "→" if row["chosen"] else " "
    return (
        mark
        + " "
        + tr(
            "{index}: {precision} of the hottest tenth were in the tenth that grew most, rank correlation {spearman} [{low}, {high}]",
            index=names[row["index"]],
            precision=f"{row['precision']:.0%}",
            spearman=f"{row['spearman']:.2f}",
            low=f"{row['spearman_low']:.2f}",
            high=f"{row['spearman_high']:.2f}",
        )
    )


def _lead_line(row: dict[str, Any]) -> str:
    family, n, gain = row["family"], row["lag"], f"{row['gain']:.0%}"
    if row["leader"] == "home":
        return tr(
            "{family}: sales at home lead those abroad by {n} {n:week|weeks}, which saves {gain} of the error.",
            family=family, n=n, gain=gain,
        )  # fmt: skip
    return tr(
        "{family}: sales abroad lead those at home by {n} {n:week|weeks}, which saves {gain} of the error.",
        family=family, n=n, gain=gain,
    )  # fmt: skip


def _basis_line(basis: dict[str, int]) -> str:
    """Say how many launches the foresight rests on, and what that is too few for."""
    parts = [
        tr(
            "Earlier launches this rests on: {launches}, of which {over} lie as many weeks back as are foretold.",
            launches=f"{basis['launches']:,}",
            over=f"{basis['over']:,}",
        )
    ]
    if basis["stand_ins"]:
        parts.append(
            tr(
                "Products on sale since the records began that stand in for want of launches: {n}.",
                n=f"{basis['stand_ins']:,}",
            )
        )
    if not basis["tried"]:
        parts.append(tr("It was never tried on past launches here: how far it can be trusted is not known."))
    if basis["over"] < basis["needed"]:
        parts.append(
            tr(
                "Below {needed} launches that far back, first sales decide for no repeat and no stop: the advice is to make a test batch or to wait, or to stop where no batch pays.",
                needed=f"{basis['needed']:,}",
            )
        )
    return sentences(parts)


def _like(row: dict[str, Any]) -> tuple[str, ...]:
    """Return the analogues, those that stand in marked as such."""
    stand_ins = (row["stand_ins"] or "").split(", ")
    shown = []
    for part in row["analogues"].split(", "):
        sku, _, chance = part.rpartition(" ")
        shown.append(tr("{sku} (standing in) {chance}", sku=sku, chance=chance) if sku in stand_ins else part)
    return tuple(shown)


def _undated_line(count: int) -> str:
    return tr(
        "Products with neither sales in complete weeks nor a day of launch, which do not count as new: {n}. Give the day in products.launched, or name one: jointplan launch DIR SKU.",
        n=f"{count:,}",
    )


def _launch_lines(made: Newness, row: dict[str, Any]) -> list[str]:
    advice = {
        "test": tr("make a test batch"),
        "wait": tr("wait"),
        "repeat": tr("repeat"),
        "stop": tr("stop"),
    }
    telling, basis = row["telling_week"], made.tables["launch_basis"].to_pylist()[0]
    return [
        labelled(named(made.names, row["sku"]), advice[row["advice"]]),
        *([f"  {_ahead_line(made, row)}"] if row["launched"] is not None else []),
        "  "
        + tr(
            "{low} to {high} {high:unit|units} in {weeks} {weeks:week|weeks}, {mean} on average; batch for these weeks {batch}; chance to be worth repeating {chance}.",
            low=f"{row['q10']:,.0f}",
            high=f"{row['q90']:,.0f}",
            weeks=row["horizon"],
            mean=f"{row['mean']:,.0f}",
            batch=f"{row['batch']:,.0f}",
            chance=f"{row['chance']:.0%}",
        ),
        *([f"  {_no_batch_line(row)}"] if row["profit"] <= 0 else []),
        "  "
        + sentences(
            [
                tr("Too few launches to say when first sales tell.")
                if basis["over"] < basis["needed"]
                else tr("First sales do not tell within the weeks tested.")
                if telling is None
                else tr("It is told before the first sale.")
                if telling == 0
                else tr("What sold up to week {n} tells.", n=telling)
                if row["advice"] in ("repeat", "stop")
                else tr("First sales will tell by week {n}.", n=telling),
                *([tr("It goes by its family's launches.")] if row["method"] == "family" else []),
                *([tr("Like: {analogues}.", analogues=_like(row))] if row["analogues"] else []),
            ]
        ),
    ]


def _ahead_line(made: Newness, row: dict[str, Any]) -> str:
    """Say when a launch is that lies ahead."""
    start = made.horizon.start
    days = (row["launched"] - start).days
    return tr(
        "To be launched on {day}, {n} {n:day|days} after {start}: what follows is counted from that day.",
        day=row["launched"],
        n=days,
        start=start,
    )


def _no_batch_line(row: dict[str, Any]) -> str:
    """Say why nothing is to be made."""
    batch, loss = f"{row['weighed']:,.0f}", f"{-row['profit']:,.0f}"
    if row["price"] is None:
        return tr(
            "No batch: {batch} {batch:unit|units}, the best that the minimum batch leaves, would lose the price of {loss} {loss:unit|units} on average against making none.",
            batch=batch,
            loss=loss,
        )
    return tr(
        "No batch: {batch} {batch:unit|units}, the best that minimum batch and setup leave, would lose {loss} on average against making none.",
        batch=batch,
        loss=loss,
    )


def _rule_line(row: dict[str, Any]) -> str:
    parts = []
    if row["stop_below"] > 0:
        parts.append(tr("stop below {n}", n=f"{row['stop_below']:,.0f}"))
    if row["repeat_above"] is not None:
        parts.append(tr("repeat from {n}", n=f"{row['repeat_above']:,.0f}"))
    if not parts:
        return ""
    return "  " + tr("week {week}: {rule}", week=row["week"], rule=tuple(parts))


def _launch_accuracy_line(row: dict[str, Any]) -> str:
    names = {
        "courses": tr("the courses of analogues"),
        "family": tr("what the family's launches sold"),
        "family_mean": tr("their mean"),
        "scaled_naive": tr("the rate so far, as launches go on"),
        "rate_so_far": tr("the rate so far"),
    }
    return tr(
        "Loss on {n} past launches with {weeks} {weeks:week|weeks} known: {ratio} of that of: {method} [{low}, {high}]",
        n=row["launches"],
        weeks=row["weeks"],
        ratio=f"{row['ratio']:.0%}",
        method=names[row["method"]],
        low=f"{row['ratio_low']:.0%}",
        high=f"{row['ratio_high']:.0%}",
    )
