"""What of a landed cost is fitted or assumed is marked where it is counted."""

from __future__ import annotations

from jointplan.logistics import Assumed
from jointplan.schema import Assumption
from jointplan.texts import set_language
from tests.logistics.test_stage import cluster, explained

FIT = Assumption(
    "freight tariff", "Fitted to observed freight (55 loads).", "由实际运费拟合（55 票）。", "tariffs", "past-air-DE"
)
ERROR = Assumption(
    "freight error out of sample", "Median of 5 parts.", "五份的中位数。", "tariffs", "past-air", "44.2", "%"
)
VOLUME = Assumption("products.volume", "The median of the family.", "取产品族中位数。", "products")
TARIFFS = Assumption("tariffs", "A share of the price.", "按售价的比例。", "lanes and tariffs")


def test_a_fitted_tariff_is_told_with_its_error() -> None:
    """Only the tariff that was fitted is, with the error of its own mode; a fit without an error is still a fit."""
    assumed = Assumed((FIT, ERROR))
    short, long = assumed.tariff("past-air-DE")
    assert short == "fitted, median error 44.2 % out of sample"
    assert long == (
        "The tariff past-air-DE is fitted, not quoted: Fitted to observed freight (55 loads)."
        " Half of the charges are off by more than 44.2 %, measured over all of past-air: Median of 5 parts."
    )
    assert assumed.tariff("post") == ("", "")
    assert Assumed((FIT,)).tariff("past-air-DE")[0] == "fitted"
    assert (
        Assumed((FIT, Assumption(ERROR.item, "r", "r", "tariffs", "past-sea", "9", "%"))).tariff("past-air-DE")[0]
        == "fitted"
    )
    set_language("zh")
    short, long = assumed.tariff("past-air-DE")
    assert short == "由拟合得出，样本外误差中位数 44.2 %"
    assert "就 past-air 全部运费衡量，半数误差超过 44.2 %：五份的中位数。" in long


def test_lines_mark_what_is_not_given() -> None:
    """A volume that stands in for a blank is marked in the freight that counts it, with its rule, for people and machines."""
    plain = explained()
    assert plain.assumed == ()
    assert "assumed" not in plain.lines[0].rule
    found = explained(assumed=Assumed((VOLUME, TARIFFS), frozenset({"products.volume"})))
    freight = found.lines[0]
    assert freight.rule == "Parcels: 1, of 1 kg and 0.004 (assumed) m³ each"
    assert freight.assumed == ("The volume is not in the table products and is assumed: The median of the family.",)
    assert freight.source == "table tariffs, post"
    told = found.as_dict()
    assert told["assumed"] == list(freight.assumed) == told["lines"][0]["assumed"]
    assert told["total"] == plain.as_dict()["total"]


def test_handling_by_volume_is_marked_too() -> None:
    """What a place takes by the cubic metre rests on the volume."""
    sites = [{"site": "WH", "kind": "overseas_warehouse", "country": "DE", "handling_cost": 5.0}]
    assumed = Assumed((VOLUME,), frozenset({"products.volume"}))
    found = explained(tables=cluster(sites=sites), market="DE", assumed=assumed)
    handling = next(line for line in found.lines if line.line == "handling")
    assert "(assumed) m³" in handling.rule
    assert handling.assumed


def test_a_tariff_that_no_table_gives_is_assumed() -> None:
    """Where the lanes are not there, their tariff is told with the rule it follows."""
    assumed = Assumed((TARIFFS,), frozenset({"tariffs"}))
    assert assumed.tariff("parcel") == ("assumed", "The tariff is assumed: A share of the price.")
