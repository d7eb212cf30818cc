"""The measures are declared once."""

from __future__ import annotations

import re
from typing import get_args

from jointplan.planning.rights import MEASURES
from jointplan.schema import INPUTS
from jointplan.schema.measures import PLAN_MEASURES
from jointplan.study.settings import Measure


def test_settings_and_plans_know_the_measures_that_are_declared() -> None:
    """The names of the declaration are those the settings offer and the plans grant, in the same order."""
    names = tuple(measure.name for measure in PLAN_MEASURES)
    assert names == get_args(Measure) == MEASURES


def test_each_measure_is_told_in_one_sentence_of_each_language() -> None:
    """Strand and meaning are there in English and Chinese, and the meaning is a sentence."""
    for measure in PLAN_MEASURES:
        assert measure.meaning.endswith(".")
        assert measure.meaning.count(".") == 1
        assert measure.meaning_zh.endswith("。")
        assert measure.meaning_zh.count("。") == 1
        assert measure.strand_zh in ("生产管理", "供应链", "数据共享", "生态圈")


def test_what_a_measure_takes_is_told_in_one_sentence_of_each_language() -> None:
    """Each sentence names tables that a cluster can bring, in English and in Chinese the same."""
    names = {table.name for table in INPUTS}
    for measure in PLAN_MEASURES:
        assert bool(measure.needs) == bool(measure.needs_zh)
        if measure.needs:
            assert measure.needs.endswith(".")
            assert measure.needs_zh.endswith("。")
            tables = [set(re.findall("[a-z]+(?:_[a-z]+)*", text)) & names for text in (measure.needs, measure.needs_zh)]
            assert tables[1]
            assert tables[1] <= tables[0]
