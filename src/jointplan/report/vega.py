"""What all charts share: colours, fonts, axes and the frame of a Vega-Lite specification."""

from __future__ import annotations

from typing import Any

from jointplan.report.words import MODES, PLANS, word
from jointplan.texts import tr

Spec = dict[str, Any]

ACCENT = "#0b6b72"
SEPARATE = "#6b7785"
RECORDED = "#bcc3ca"
LOSS = "#b4472e"
INK = "#1d2733"
QUIET = "#5a6673"
LINE = "#e3e6e8"
LAND = "#e7e9e6"
PLAN_COLOURS = {"recorded": RECORDED, "separate": SEPARATE, "joint": ACCENT}
MODE_COLOURS = {"parcel": "#c98b2b", "air": "#7fb2b6", "sea": ACCENT, "road": "#9aa5af", "rail": "#54606c"}

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif'

_LABEL_ROOM = 66  # pixels
_AXIS = {
    "labelColor": QUIET,
    "titleColor": QUIET,
    "titleFontWeight": "normal",
    "labelFontSize": 12,
    "titleFontSize": 12,
    "domain": False,
    "ticks": False,
    "gridColor": LINE,
    "labelPadding": 6,
}
_CONFIG: Spec = {
    "font": FONT,
    "view": {"stroke": None},
    "axis": _AXIS,
    "axisY": {"labelLimit": 230},
    "legend": {
        "labelColor": INK,
        "titleColor": QUIET,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "orient": "top",
        "symbolType": "square",
    },
    "header": {"labelColor": INK, "labelFontSize": 12, "title": None},
    "text": {"font": FONT, "fontSize": 12, "color": INK},
}


def chart_spec(height: int | Spec, **content: Any) -> Spec:
    """Return a complete specification that is as wide as its place on the page.

    Parameters
    ----------
    height : int or dict
        Pixels, or ``{"step": pixels}`` for each row.
    **content
        The rest of the specification.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "transparent",
        "width": "container",
        "height": height,
        "config": _CONFIG,
        **content,
    }


def inline(rows: list[dict[str, Any]]) -> Spec:
    """Return rows as the data of a specification."""
    return {"values": rows}


def number_axis(lang: str, title: str = "", **more: Any) -> Spec:
    """Return an axis that writes large numbers as readers of the language do (1.2M, 120万)."""
    steps = ((1e8, "亿"), (1e4, "万")) if lang == "zh" else ((1e9, "B"), (1e6, "M"), (1e3, "K"))
    expression = "format(datum.value, ',~f')"
    for size, unit in reversed(steps):
        expression = (
            f"abs(datum.value) >= {size:.0f} ? format(datum.value / {size:.0f}, ',~r') + '{unit}' : {expression}"
        )
    return {"title": title or None, "labelExpr": expression, "tickCount": 5, **more}


def labelled_scale(low: float, high: float) -> Spec:
    """Return a scale from ``low`` to ``high`` that keeps room on the right for an amount written behind each bar."""
    span = (high - low) or abs(high) or 1.0
    end = {"expr": f"{low} + {span} * width / max(width - {_LABEL_ROOM}, {_LABEL_ROOM})"}
    return {"domainMin": low, "domainMax": end, "nice": False, "zero": False}


def week_axis(lang: str, **more: Any) -> Spec:
    """Return an axis of weeks for an ordinal field of ISO dates."""
    pattern = "%-m月%-d日" if lang == "zh" else "%-d %b"
    return {
        "title": None,
        "labelExpr": f"utcFormat(toDate(datum.value), '{pattern}')",
        "labelAngle": 0,
        "labelOverlap": "greedy",
        "labelSeparation": 12,
        "grid": False,
        **more,
    }


def before_and_after(
    rows: list[dict[str, Any]],
    axis: Spec,
    names: tuple[str, str, str],
    colours: tuple[str, str],
    *,
    form: str = ",.0f",
    from_zero: bool = True,
) -> Spec:
    """Return a chart of two points a row joined by a line: what was, and what becomes of it.

    Parameters
    ----------
    rows : list of dict
        ``name``, ``before`` and ``after`` of each row, in their order.
    axis : dict
        Axis of the amounts.
    names : tuple of str
        What a row is, and what the points are before and after, as people read them.
    colours : tuple of str
        Of the points before and after.
    form : str
        Format of the amounts.
    from_zero : bool
        Whether the axis begins at zero.
    """
    x: Spec = {"type": "quantitative", "axis": axis, "scale": {"zero": from_zero}}
    tooltip = [
        {"field": "name", "type": "nominal", "title": names[0]},
        {"field": "before", "type": "quantitative", "format": form, "title": names[1]},
        {"field": "after", "type": "quantitative", "format": form, "title": names[2]},
    ]
    points = [
        {
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": colour},
            "encoding": {"x": x | {"field": field}, "tooltip": tooltip},
        }
        for field, colour in zip(("before", "after"), colours, strict=True)
    ]
    line: Spec = {
        "mark": {"type": "rule", "color": INK, "opacity": 0.4},
        "encoding": {"x": x | {"field": "before"}, "x2": {"field": "after"}},
    }
    order = {"field": "rank", "op": "min"}
    y = {"field": "name", "type": "nominal", "sort": order, "axis": {"title": None, "grid": False}}
    ranked = [{**row, "rank": rank} for rank, row in enumerate(rows)]
    return chart_spec({"step": 22}, data=inline(ranked), encoding={"y": y}, layer=[line, *points])


def plan_scale(plans: tuple[str, ...]) -> Spec:
    """Return the colours of the plans, for a field holding their names as people read them."""
    return {"domain": [word(PLANS, plan) for plan in plans], "range": [PLAN_COLOURS[plan] for plan in plans]}


def mode_scale(used: set[str]) -> Spec:
    """Return the colours of the modes in use, for a field holding their names as people read them."""
    modes = [mode for mode in MODES if mode in used]
    return {"domain": [word(MODES, mode) for mode in modes], "range": [MODE_COLOURS[mode] for mode in modes]}


def plan_switch(plans: tuple[str, ...]) -> Spec:
    """Return the parameter ``shown``: which plan a chart shows, chosen by the reader."""
    return {
        "name": "shown",
        "value": plans[-1],
        "bind": {
            "input": "radio",
            "options": list(plans),
            "labels": [word(PLANS, plan) for plan in plans],
            "name": tr("Show") + " ",
        },
    }
