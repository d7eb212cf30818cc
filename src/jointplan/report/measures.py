"""What each measure of cooperation does, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jointplan.report.blocks import Block, Chart, Grid, Note, Section
from jointplan.report.gain import NOTHING_POOLED
from jointplan.report.measure_pictures import measure_picture, pictures
from jointplan.report.numbers import known
from jointplan.report.vega import ACCENT, INK, LOSS, SEPARATE, chart_spec, inline, number_axis
from jointplan.report.view import RunView
from jointplan.schema.measures import BY_NAME, OTHER_MEASURES, Measure, called
from jointplan.study.run import WholeGain
from jointplan.texts import bracketed, language, sentences, tr

_CENTS, _ALIKE = 0.5, 1e-3  # money, and share, within which two amounts are the same
_COLOURS = {"gain": ACCENT, "loss": LOSS, "not_distinguishable": SEPARATE}


def measure_names(names: str) -> str:
    """Return measures, written with commas between them, as people read them."""
    return called(names.split(","), language())


def hub_alone(row: Mapping[str, Any]) -> bool:
    """Return whether all that measures change is that the hub is paid: in a row of **measure_values**."""
    hub = row["hub_cost"]
    return bool(hub > 0 and abs(row["gain"] + hub) <= max(_CENTS, _ALIKE * hub))


def whole_gain(row: Mapping[str, Any]) -> WholeGain:
    """Return what a row of **measure_values** gains, as people are told it: beside the gain of the run, in the same amounts."""
    low, high = (row[end] if known(row[end]) else None for end in ("gain_low", "gain_high"))
    return WholeGain.between(row["value"], row["against"], low, high)


def held_apart() -> str:
    """Return why gains on fewer weeks stand for themselves."""
    return tr("Gains on so few weeks may be more or less than those of all weeks: hold them only against each other.")


def idle_measures(manifest: Mapping[str, Any]) -> list[Measure]:
    """Return the measures of a run that were asked for and have nothing to work on."""
    return [BY_NAME[name] for name in manifest.get("idle_measures", ()) if name in BY_NAME]


def measures_section(view: RunView) -> Section | None:
    """Return the section on measures: what each is worth, or else which are switched on; None where nothing is shared."""
    rows: list[dict[str, Any]] = view.frame("measure_values").to_dict("records")
    if not rows:
        return _switched_on(view)
    names = [row["measures"] for row in rows if row["question"] == "alone"]
    measures, drawn = [BY_NAME[name] for name in names if name in BY_NAME], pictures()
    blocks: list[Block] = [_what_they_do(tr("What each measure does"), measures), _intervals(view, rows)]
    blocks += [measure_picture(measure, drawn[measure.name]) for measure in measures]
    pairs = [row for row in rows if row["question"] in ("pair_alone", "pair")]
    if pairs:
        blocks.append(_pairs(view, pairs))
    hub = next((row["hub_cost"] for row in rows if row["question"] == "all"), 0.0)
    blocks.append(
        Note(
            tr(
                "Each gain is after the cost of the hub, {hub} over all weeks, which any set of measures pays once; what a "
                "measure adds to the others does not pay it again.",
                hub=view.numbers.money(hub),
            )
        )
    )
    blocks += _without_value(view)
    return Section(
        "measures", tr("What is each measure worth?"), tr("Measures"), _answer(view, rows), (), tuple(blocks)
    )


def _switched_on(view: RunView) -> Section | None:
    """Return the section of a run whose measures were not valued one by one."""
    asked = [BY_NAME[name] for name in view.manifest["settings"].get("measures", ()) if name in BY_NAME]
    if not asked or view.manifest["verdict"] in (*NOTHING_POOLED, "nothing_to_plan"):
        return None
    idle, drawn = idle_measures(view.manifest), pictures()
    measures = [measure for measure in asked if measure not in idle]
    answer = tr("No measure that is switched on has anything to work on.")
    if measures:
        answer = tr(
            "The joint plan may use {n} {n:measure|measures}, not valued one by one in this run: jointplan measures tells what each is worth, alone "
            "and on top of the others.",
            n=view.numbers.count(len(measures)),
        )
    blocks: list[Block] = [_what_they_do(tr("What each measure does"), measures)] if measures else []
    blocks += [measure_picture(measure, drawn[measure.name]) for measure in measures]
    blocks += _without_value(view)
    return Section("measures", tr("Which measures are switched on?"), tr("Measures"), answer, (), tuple(blocks))


def _answer(view: RunView, rows: list[dict[str, Any]]) -> str:
    added = [row for row in rows if row["question"] == "all_but_one"] or [r for r in rows if r["question"] == "alone"]
    proven = [row for row in added if row["verdict"] == "gain"]
    if not proven:
        return tr("No single measure's worth can be told from zero within the proof.")
    best = max(proven, key=lambda row: row["gain"])
    gain, low, high = map(view.numbers.money, whole_gain(best))
    if whole_gain(best).exact:
        return tr("{measure} adds most: {gain}, as is proven.", measure=measure_names(best["measures"]), gain=gain)
    return tr(
        "{measure} adds most: {gain}, proven to lie between {low} and {high}.",
        measure=measure_names(best["measures"]),
        gain=gain,
        low=low,
        high=high,
    )


def _what_they_do(
    title: str, measures: Iterable[Measure], why: str = "", reason: Callable[[Measure], tuple[str, str]] | None = None
) -> Grid:
    """Return what measures do, and a reason of each, in English and Chinese, in a column ``why``."""
    zh = language() == "zh"
    return Grid(
        title,
        (tr("Measure"), tr("Strand"), tr("What it does"), *([why] if why else []), tr("Competition law")),
        tuple(
            (
                m.label_zh if zh else m.label,
                m.strand_zh if zh else m.strand,
                m.meaning_zh if zh else m.meaning,
                *([] if reason is None else [reason(m)[zh]]),
                _flag(m),
            )
            for m in measures
        ),
    )


def _without_value(view: RunView) -> list[Grid]:
    """Return the measures of the run that have nothing to work on, if any, and those that no plan values."""
    idle = idle_measures(view.manifest)
    grids = [
        _what_they_do(
            tr("Measures with nothing to work on"), idle, tr("What it takes"), lambda m: (m.needs, m.needs_zh)
        ),
        _what_they_do(
            tr("Measures that no plan values"),
            OTHER_MEASURES,
            tr("Why it has no value here"),
            lambda m: (m.unvalued, m.unvalued_zh),
        ),
    ]
    return grids[0 if idle else 1 :]


def _flag(measure: Measure) -> str:
    return tr("may touch it among rivals: have it checked") if measure.sensitive else "–"


def _intervals(view: RunView, rows: list[dict[str, Any]]) -> Chart:
    """Draw the proven interval of each gain."""
    numbers = view.numbers
    questions = {"alone": tr("alone"), "all_but_one": tr("on top of the others"), "all": tr("all together")}
    shown = [row for row in rows if row["question"] in questions]
    told = [tuple(map(numbers.money, whole_gain(row))) for row in shown]
    lines: list[dict[str, Any]] = [
        {
            "row": f"{n:02d}"
            + bracketed(
                measure_names(row["measures"]) if row["question"] != "all" else tr("All measures"),
                questions[row["question"]],
            ),
            "low": row["gain_low"] if known(row["gain_low"]) else row["gain"],
            "high": row["gain_high"] if known(row["gain_high"]) else row["gain"],
            "gain": row["gain"],
            "verdict": row["verdict"],
            "text": gain,
            "between": f"{low} – {high}",
        }
        for n, (row, (gain, low, high)) in enumerate(zip(shown, told, strict=True))
    ]
    y = {
        "field": "row", "type": "ordinal",
        "axis": {"title": None, "labelExpr": "slice(datum.label, 2)", "grid": False, "labelLimit": 300},
    }  # fmt: skip
    colour = {
        "field": "verdict", "type": "nominal", "legend": None,
        "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
    }  # fmt: skip
    axis = number_axis(view.lang, tr("Gain, {currency}", currency=numbers.currency))
    tooltip = [
        {"field": "text", "type": "nominal", "title": tr("Gain")},
        {"field": "between", "type": "nominal", "title": tr("Proven between")},
    ]
    spec = chart_spec(
        {"step": 24},
        data=inline(lines),
        encoding={"y": y},
        layer=[
            {
                "mark": {"type": "rule", "color": INK, "strokeDash": [3, 3]},
                "encoding": {"x": {"datum": 0}, "y": None},
            },
            {
                "mark": {"type": "bar", "height": 8, "cornerRadius": 4, "opacity": 0.55},
                "encoding": {
                    "x": {"field": "low", "type": "quantitative", "axis": axis},
                    "x2": {"field": "high"},
                    "color": colour,
                    "tooltip": tooltip,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {"x": {"field": "gain", "type": "quantitative"}, "color": colour, "tooltip": tooltip},
            },
        ],
    )
    grid = Grid(
        tr("The figures"),
        (tr("Measure"), tr("Asked"), tr("Gain"), tr("At least"), tr("At most"), tr("Verdict")),
        tuple(
            (measure_names(row["measures"]), questions[row["question"]], *amounts, _verdict(row))
            for row, amounts in zip(shown, told, strict=True)
        ),
        (2, 3, 4),
        folded=True,
    )
    return Chart(
        "measures",
        tr("What each measure gains, with its proven interval"),
        tr(
            "A bar from the least to the most each measure can gain, a point where the plans found stand, a line at zero."
        ),
        spec,
        note=tr("Grey bars cover zero: their gain is none or not distinguishable."),
        grid=grid,
    )


def _pairs(view: RunView, rows: list[dict[str, Any]]) -> Grid:
    money = view.numbers.money
    return Grid(
        tr("Measures in pairs, on a smaller model of {weeks} {weeks:week|weeks}", weeks=rows[0]["weeks"]),
        (
            tr("Measures"),
            tr("Gain"),
            tr("At least"),
            tr("At most"),
            tr("Beyond the two alone"),
            tr("At least"),
            tr("At most"),
        ),
        tuple(
            (
                measure_names(row["measures"]),
                *map(money, whole_gain(row)),
                *(money(row[name]) for name in ("beyond", "beyond_low", "beyond_high")),
            )
            for row in rows
        ),
        (1, 2, 3, 4, 5, 6),
        sentences(
            [
                tr(
                    "The first {weeks} weeks alone are planned here, after {hub} for the hub in them, and ways that take longer count for "
                    "nothing: where a pair loses just that, nothing comes of it within these weeks, which says nothing of the measures.",
                    weeks=rows[0]["weeks"],
                    hub=money(rows[0]["hub_cost"]),
                ),
                held_apart(),
            ]
        ),
    )


def _verdict(row: Mapping[str, Any]) -> str:
    if row["verdict"] == "not_distinguishable":
        return tr("none") if whole_gain(row).nothing else tr("not distinguishable")
    return {"gain": tr("a gain"), "loss": tr("a loss")}[row["verdict"]]
