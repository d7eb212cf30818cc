"""A picture of each measure of cooperation: who is tied to whom while each plans apart, and who when they join.

The pictures show the right, not the figures of a run: places in columns, what goes from one to the other as lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jointplan.report.blocks import Chart
from jointplan.report.vega import ACCENT, INK, QUIET, SEPARATE, chart_spec, inline
from jointplan.schema.measures import Measure
from jointplan.texts import language, sentences, tr

Tie = tuple[str, str]
_HEIGHT = 230  # pixels
_LEFT = -0.3  # of the way between the outer columns
_STEP = 1.35  # from one scene to the other, in heights of one


@dataclass(frozen=True)
class Scene:
    """Columns of places by their names, and ties between them."""

    columns: tuple[tuple[str, ...], ...]
    ties: tuple[Tie, ...]


@dataclass(frozen=True)
class Picture:
    """What is so apart, and what together."""

    apart: Scene
    together: Scene


def pictures() -> dict[str, Picture]:
    """Return the picture of each measure, its places named in the language of the report."""
    a, b = tr("Seller A"), tr("Seller B")
    one, two = tr("Maker 1"), tr("Maker 2")
    batch, box, order = tr("Production batch"), tr("Container"), tr("Order")
    supplier, market = tr("Supplier"), tr("Market")
    local, abroad, shop, site = (
        tr("New local supplier"),
        tr("Supplier abroad"),
        tr("Shared workshop"),
        tr("Overseas warehouse"),
    )
    entry, campaign, buyers, design = tr("Market entry"), tr("Campaign"), tr("Buyers"), tr("Design of maker 1")
    learned = tr("Maker 2, newly able")
    first, second = tr("Step 1"), tr("Step 2")

    def each(name: str) -> tuple[str, str]:
        return f"{name} 1", f"{name} 2"

    def two_apart(left: tuple[str, str], middle: str, right: tuple[str, ...]) -> Scene:
        own = each(middle)
        ends = right if len(right) == 2 else right * 2
        ties = [(left[n], own[n]) for n in (0, 1)] + [(own[n], ends[n]) for n in (0, 1)]
        return Scene((left, own, right), tuple(ties))

    def one_together(left: tuple[str, str], middle: str, right: tuple[str, ...]) -> Scene:
        return Scene(
            (left, (middle,), right), ((left[0], middle), (left[1], middle), *((middle, end) for end in right))
        )

    def joined(middle: str, right: tuple[str, ...], left: tuple[str, str] = (a, b)) -> Picture:
        return Picture(two_apart(left, middle, right), one_together(left, middle, right))

    makers, sellers = (one, two), (a, b)
    straight = ((a, one), (b, two))
    return {
        "pool_orders": joined(batch, (one,)),
        "share_capacity": Picture(Scene((sellers, makers), straight), Scene((sellers, makers), (*straight, (a, two)))),
        "divide_labour": Picture(
            Scene(((first, second), makers), ((first, one), (second, one))),
            Scene(((first, second), makers), ((first, one), (second, two))),
        ),
        "add_capability": Picture(
            Scene((sellers, (one,)), ((a, one), (b, one))),
            Scene((sellers, (one, learned)), ((a, one), (b, learned))),
        ),
        "open_shared_workshop": Picture(
            Scene((sellers, makers), straight), Scene((sellers, makers, (shop,)), (*straight, (one, shop), (two, shop)))
        ),
        "license_designs": Picture(
            Scene(((design,), makers), ((design, one),)), Scene(((design,), makers), ((design, one), (design, two)))
        ),
        "pool_purchases": joined(order, (supplier,), makers),
        "substitute_imports": Picture(
            Scene(((abroad,), makers), ((abroad, one), (abroad, two))),
            Scene(((abroad, local), makers), ((local, one), (local, two))),
        ),
        "enter_market": joined(entry, (market,)),
        "joint_promotion": joined(campaign, (market,)),
        "consolidate_freight": joined(box, (market,)),
        "overseas_warehouse": joined(site, (buyers,)),
    }


def measure_picture(measure: Measure, picture: Picture) -> Chart:
    """Return the picture of a measure with its sentence."""
    zh = language() == "zh"
    panels = (tr("Each for itself"), tr("Members together"))
    rows: list[dict[str, Any]] = []
    for panel, scene, floor in zip(panels, (picture.apart, picture.together), (_STEP, 0.0), strict=True):
        at = {
            name: (column / max(len(scene.columns) - 1, 1), floor + 1 - (n + 0.5) / len(names))
            for column, names in enumerate(scene.columns)
            for n, name in enumerate(names)
        }
        rows.append({"panel": panel, "caption": panel, "x": _LEFT, "y": floor + 1.12})
        rows += [{"panel": panel, "place": name, "x": x, "y": y} for name, (x, y) in at.items()]
        for start, end in scene.ties:
            (x, y), (x2, y2) = at[start], at[end]
            rows.append({"panel": panel, "x": x, "y": y, "x2": x2, "y2": y2})
    where = {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [_LEFT, 1 - _LEFT]}},
        "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [0, _STEP + 1.2]}},
    }
    colours = {"domain": list(panels), "range": [SEPARATE, ACCENT]}
    colour = {"field": "panel", "type": "nominal", "legend": None, "scale": colours}
    name = {"text": {"field": "place", "type": "nominal"}}
    above: dict[str, Any] = {"type": "text", "dy": -13, "fontSize": 12}
    places, ties, captions = ([{"filter": f"isValid(datum.{part})"}] for part in ("place", "x2", "caption"))
    spec = chart_spec(
        _HEIGHT,
        data=inline(rows),
        encoding=where,
        layer=[
            {
                "transform": ties,
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": colour},
            },
            # A white edge keeps names readable where a tie passes behind them.
            {"transform": places, "mark": {**above, "stroke": "white", "strokeWidth": 4}, "encoding": name},
            {
                "transform": places,
                "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
                "encoding": {"color": colour},
            },
            {"transform": places, "mark": {**above, "color": INK}, "encoding": name},
            {
                "transform": captions,
                "mark": {"type": "text", "align": "left", "color": QUIET, "fontSize": 12},
                "encoding": {"text": {"field": "caption", "type": "nominal"}},
            },
        ],
    )
    said = measure.meaning_zh if zh else measure.meaning
    strand = measure.strand_zh if zh else measure.strand
    flag = tr("Competition law may touch it among rivals: have it checked.") if measure.sensitive else ""
    return Chart(
        f"measure-{measure.name.replace('_', '-')}",
        f"{measure.label_zh if zh else measure.label} · {strand}",
        sentences((said, _in_words(panels[0], picture.apart), _in_words(panels[1], picture.together))),
        spec,
        note=sentences((said, flag)),
        half=True,
    )


def _in_words(panel: str, scene: Scene) -> str:
    colon, comma, stop = ("：", "；", "。") if language() == "zh" else (": ", "; ", ".")
    return panel + colon + comma.join(f"{start} – {end}" for start, end in scene.ties) + stop
