"""What ``jointplan forecast`` answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jointplan.cli.wording import early_lines, named, signed
from jointplan.texts import tr

if TYPE_CHECKING:
    from jointplan.study import Forecast

SHOWN = 10
SILENT = 5


def forecast_figures(made: Forecast) -> dict[str, Any]:
    """Return what is expected in all, by family and by product, and how good such forecasts were, for machines."""
    tables = made.tables
    return {
        "start": made.horizon.start.isoformat(),
        "weeks": made.horizon.weeks,
        "rows": tables["forecasts"].num_rows,
        "expected": _expected(tables["forecast_totals"].to_pylist()),
        **{
            name: tables[name].to_pylist()
            for name in ("accuracy", "accuracy_parts", "accuracy_series", "accuracy_sharing")
        },
        "known_sales": [{**row, "origin": row["origin"].isoformat()} for row in tables["known_sales"].to_pylist()],
        "silences": [
            {**row, "last_sale": row["last_sale"].isoformat()} for row in _silences(tables["silences"].to_pylist())
        ],
        "seconds": round(sum(made.timings.values()), 3),
    }


def forecast_lines(made: Forecast, figures: dict[str, Any]) -> list[str]:
    """Return the same for people: what is expected, and how good such forecasts were."""
    return [
        tr(
            "{rows} {rows:forecast|forecasts} over {weeks} {weeks:week|weeks} from {start}.",
            rows=figures["rows"],
            weeks=figures["weeks"],
            start=figures["start"],
        ),
        *_expected_lines(made, figures["expected"], figures["weeks"]),
        *(_known_lines(figures["known_sales"]) if figures["expected"] else []),
        *(_accuracy_lines(figures["accuracy_parts"]) if figures["expected"] else []),
        *_sharing_lines(figures["accuracy_sharing"]),
        *_silence_lines(made, figures["silences"]),
        *early_lines(made.early),
    ]


def _expected(totals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the units expected in all weeks, and a week's on average with the ends of its 80 % band, the whole first, the largest next."""
    found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in totals:
        found.setdefault((row["by"], row["name"]), []).append(row)
    sums = [
        {
            "by": by,
            "name": name,
            "units": round(sum(row["mean"] for row in rows), 2),
            **{
                column: round(sum(row[source] for row in rows) / len(rows), 2)
                for column, source in (("week_mean", "mean"), ("week_low", "q10"), ("week_high", "q90"))
            },
        }
        for (by, name), rows in found.items()
    ]
    return sorted(sums, key=lambda one: (one["by"] != "cluster", -one["units"], one["by"], one["name"] or ""))


def _expected_lines(made: Forecast, expected: list[dict[str, Any]], weeks: int) -> list[str]:
    whole = [one for one in expected if one["by"] == "cluster"]
    families = [one for one in expected if one["by"] == "family"]
    parts = families or [one for one in expected if one["by"] == "product"]
    if not whole:
        return []
    lines = [
        tr(
            "Units expected in {weeks} {weeks:week|weeks} of what has sold already, a week on average, and the 80 % band of a single week:",
            weeks=weeks,
        )
    ]
    for one in [*whole, *parts[:SHOWN]]:
        name = tr("All") if one["name"] is None else named(made.products if one["by"] == "product" else {}, one["name"])
        lines.append(
            f"  {one['units']:12,.0f}  {one['week_mean']:10,.1f}  {one['week_low']:10,.1f} – {one['week_high']:<10,.1f}  {name}"
        )
    if len(parts) > SHOWN:
        lines.append("  " + tr("… and {n} more.", n=len(parts) - SHOWN))
    return lines


def _known_lines(rows: list[dict[str, Any]]) -> list[str]:
    """Say how much of later sales such series made on past Mondays."""
    from jointplan.report.known_sales import known_sales_told  # the report loads pandas

    told = known_sales_told(rows)
    return [told] if told else []


def _accuracy_lines(parts: list[dict[str, Any]]) -> list[str]:
    whole = next((row for row in parts if row["basis"] == "shared" and row["by"] == "all"), None)
    if whole is not None and not whole["weeks"]:
        return [
            tr(
                "Nothing can be told of past weeks, as the sales of the {series} series known for long enough never changed: how far this can be trusted is not known.",
                series=whole["series"],
            )
        ]
    if whole is None or whole["pinball"] is None:
        return [
            tr(
                "Nothing was tried on past weeks, as the records are too short: how far this can be trusted is not known."
            )
        ]
    lines = [
        tr("On past weeks that no model had seen, {series} series were scored.", series=whole["series"])
        if whole["against_last"] is None
        else tr(
            "On past weeks that no model had seen ({series} series), the loss was {loss} of that of taking last week's sales.",
            series=whole["series"],
            loss=_share(whole["against_last"]),
        )
    ]
    if whole["against_naive"] is not None:
        lines.append("  " + tr("Of the seasonal naive model's: {ratio}.", ratio=_share(whole["against_naive"])))
    if whole["against_best"] is not None:
        from jointplan.report.words import model_name

        lines.append(
            "  "
            + tr(
                "Of that of the best single model, chosen in hindsight ({best}): {ratio}.",
                best=model_name(whole["best"]),
                ratio=_share(whole["against_best"]),
            )
        )
    if whole["coverage80"] is not None:
        lines.append(
            "  "
            + tr(
                "Sales inside the 80 % band: {share}; bias: {bias}.",
                share=_share(whole["coverage80"]),
                bias=signed(whole["bias"]),
            )
        )
    return lines


def _sharing_lines(gains: list[dict[str, Any]]) -> list[str]:
    """Return what everybody's rows gave the forecasts of all owners together, and whether that is told from nothing."""
    row = next((row for row in gains if row["owner"] is None), None)
    if row is None:
        return []
    lines = [
        tr(
            "Against forecasts from each owner's own rows, sharing data took away {gain} of the loss (95 % interval {low} … {high}, {series} series).",
            gain=f"{row['gain']:+.1%}",
            low=f"{row['gain_low']:+.1%}",
            high=f"{row['gain_high']:+.1%}",
            series=row["series"],
        )
    ]
    if row["gain_low"] <= 0.0 <= row["gain_high"]:
        lines.append("  " + tr("The interval holds zero: no difference can be told."))
    return lines


def _silences(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return first what is still forecast, the most first, then what has ended, the latest first."""
    forecast = sorted((row for row in rows if not row["ended"]), key=lambda row: -row["expected"])
    return forecast + sorted((row for row in rows if row["ended"]), key=lambda row: row["last_sale"], reverse=True)


def _silence_lines(made: Forecast, silences: list[dict[str, Any]]) -> list[str]:
    """Name what has ended, and what may have ended though it is forecast."""
    lines = []
    forecast = [row for row in silences if not row["ended"]]
    ended = [row for row in silences if row["ended"]]
    if forecast:
        lines.append(
            tr(
                "Series silent for longer than ever between their sales, yet still forecast: {n}. A lower forecast.ended_weeks lets them end.",
                n=f"{len(forecast):,}",
            )
        )
        lines += _first(forecast, lambda row: _silent_line(made, row))
    if ended:
        lines.append(tr("Series that have ended, forecast as zero: {n}.", n=f"{len(ended):,}"))
        lines += _first(ended, lambda row: _silent_line(made, row))
    return lines


def _silent_line(made: Forecast, row: dict[str, Any]) -> str:
    """Name a series with its last sale; where it is forecast all the same, with how long it is silent and how much is forecast."""
    name = named(made.products, row["sku"])
    market, seller, week = row["market"], row["seller"], row["last_sale"]
    if row["ended"]:
        return tr(
            "{name}, {market}, {seller}: last sold in the week of {week}",
            name=name, market=market, seller=seller, week=week,
        )  # fmt: skip
    return tr(
        "{name}, {market}, {seller}: last sold in the week of {week}, {silent} {silent:week|weeks} of silence, {longest} at most before; {units} {units:unit|units} forecast",
        name=name, market=market, seller=seller, week=week, silent=row["silent"], longest=row["longest"],
        units=f"{row['expected']:,.0f}",
    )  # fmt: skip


def _first(rows: list[dict[str, Any]], line: Callable[[dict[str, Any]], str]) -> list[str]:
    more = ["  " + tr("… and {n} more.", n=len(rows) - SILENT)] if len(rows) > SILENT else []
    return [*(f"  {line(row)}" for row in rows[:SILENT]), *more]


def _share(value: float) -> str:
    return f"{value:.0%}"
