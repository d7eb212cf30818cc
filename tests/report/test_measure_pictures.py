"""A picture of each measure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import vl_convert

from jointplan.report.measure_pictures import measure_picture, pictures
from jointplan.schema.measures import OTHER_MEASURES, PLAN_MEASURES
from jointplan.texts import set_language


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    set_language(request.param)
    yield request.param
    set_language("en")


@pytest.mark.usefixtures("lang")
def test_every_measure_of_a_plan_has_a_picture_and_no_other() -> None:
    """Each is drawn from places that are there, and shows something else together than apart."""
    drawn = pictures()
    assert list(drawn) == [measure.name for measure in PLAN_MEASURES]
    for name, picture in drawn.items():
        for scene in (picture.apart, picture.together):
            places = [place for column in scene.columns for place in column]
            assert len(set(places)) == len(places), name
            assert {end for tie in scene.ties for end in tie} <= set(places), name
        assert picture.apart != picture.together, name


def test_a_picture_has_its_sentence_its_strand_and_its_flag(lang: str) -> None:
    """Beside each picture stands what the measure does, to which strand it belongs, and that competition law may touch it."""
    flags = set()
    for measure in PLAN_MEASURES:
        chart = measure_picture(measure, pictures()[measure.name])
        told = (measure.meaning_zh, measure.strand_zh) if lang == "zh" else (measure.meaning, measure.strand)
        assert told[0] in chart.note
        assert told[1] in chart.title
        assert chart.alt.startswith(told[0])
        if ("Competition law" if lang == "en" else "竞争法") in chart.note:
            flags.add(measure.name)
    assert flags == {measure.name for measure in PLAN_MEASURES if measure.sensitive} == {"enter_market"}


def test_pictures_are_drawn() -> None:
    """The specification is one that Vega-Lite draws, with a point and a name for every place."""
    measure = PLAN_MEASURES[0]
    spec = measure_picture(measure, pictures()[measure.name]).spec
    svg = vl_convert.vegalite_to_svg({**spec, "width": 500})
    assert svg.count(">Seller A<") == svg.count(">Seller B<") == 4  # each name has its white edge
    batches = ("Production batch 1", "Production batch 2", "Production batch")
    assert [svg.count(f">{name}<") for name in batches] == [2, 2, 2]


def test_what_no_plan_values_says_why() -> None:
    """Differentiation, which competition law may touch, shared data and net settlement: each with a sentence in both languages."""
    assert {m.name: m.sensitive for m in OTHER_MEASURES} == {
        "differentiate": True, "share_demand_data": False, "net_settlement": False,
    }  # fmt: skip
    for measure in OTHER_MEASURES:
        assert measure.unvalued.endswith(".")
        assert measure.unvalued_zh.endswith("。")
    assert not any(measure.unvalued for measure in PLAN_MEASURES)
