"""Accuracy is told over the right weeks and series, by the published scores."""

from dataclasses import replace

import numpy as np
import pytest

from jointplan.demand.accuracy import CLASSES, Scored, losses_by_monday, parts, series_scores, tally
from jointplan.demand.sharing import sharing_gains

MARKETS = np.array(["DE", "DE", "FR"])


def scored() -> Scored:
    """Three series over six weeks, demand of the last one not seen in its second week."""
    actual = np.array([[10.0, 12, 8, 10, 10, 10], [0, 4, 0, 0, 4, 0], [100, np.nan, 100, 90, 110, 100]])
    error = np.array([[2.0, -2, 2, 2, 2, 2], [1, -3, 1, 1, -3, 1], [-10, np.nan, -10, 0, -20, -10]])
    loss = np.abs(error) / 10
    return Scored(
        rows=np.arange(3),
        kind=np.array([CLASSES.index("smooth"), CLASSES.index("lumpy"), CLASSES.index("smooth")]),
        actual=actual,
        error=error,
        loss=loss,
        last=np.where(np.arange(3)[:, None] == 0, 4 * loss, loss),
        naive=np.where(np.arange(3)[:, None] == 1, np.nan, 2 * loss),
        best=np.where(np.isnan(loss), np.nan, 0.2),
        inside=np.where(np.isnan(actual), np.nan, np.arange(6) < 4),
        held=np.where(np.isnan(actual), np.nan, 0.8),
        squared=np.array([4.0, 1.0, 400.0]),
        young=np.array([False, True, False]),
        worth=np.ones(3),
    )


def test_the_whole_is_scored_by_the_published_formulas() -> None:
    """RMSSE is the mean over series, WRMSSE weighs them by revenue, or units without prices, VN1 and bias are of sums; an unseen week counts nowhere."""
    one = scored()
    whole = next(parts([one], MARKETS))
    seen = ~np.isnan(one.actual)
    rmsse = np.sqrt(np.array([4.0, 22 / 6, 700 / 5]) / one.squared)
    units = np.array([60.0, 8.0, 500.0])
    error = one.error[seen]
    assert (whole.by, whole.series, whole.weeks) == ("all", 3, 17)
    assert whole.rmsse == pytest.approx(rmsse.mean())
    assert whole.wrmsse == pytest.approx((rmsse * units).sum() / units.sum())
    price = np.array([2.0, 50.0, 0.1])
    priced = next(parts([one], MARKETS, price))
    assert priced.wrmsse == pytest.approx((rmsse * units * price).sum() / (units * price).sum())
    assert replace(priced, wrmsse=whole.wrmsse) == whole
    assert whole.vn1 == pytest.approx((np.abs(error).sum() + abs(error.sum())) / units.sum())
    assert whole.bias == pytest.approx(error.sum() / units.sum())
    assert whole.coverage80 == pytest.approx(0.8)
    assert whole.coverage80_raw == pytest.approx(11 / 17)


def test_series_that_began_lately_are_told_apart() -> None:
    """Young series have a row and the older ones another, which add up to all; without young ones there is neither."""
    one = scored()
    told = {part.name: part for part in parts([one], MARKETS) if part.by == "age"}
    assert (told["young"].series, told["older"].series) == (1, 2)
    assert told["young"].bias == pytest.approx(-2 / 8)
    assert told["young"].weeks + told["older"].weeks == 17
    assert not [part for part in parts([replace(one, young=np.zeros(3, dtype=bool))], MARKETS) if part.by == "age"]


def test_another_model_is_compared_where_it_says_something() -> None:
    """Where the seasonal naive model is silent neither its loss nor that of the forecast counts."""
    one = scored()
    told = {(part.by, part.name): part for part in parts([one], MARKETS)}
    assert told["all", ""].against_naive == pytest.approx(0.5)
    assert told["class", "lumpy"].against_naive is None
    assert (told["class", "lumpy"].against_last, told["class", "smooth"].against_last) == pytest.approx(
        (1.0, 6.2 / 9.8)
    )
    lumpy = one.loss[1]
    assert told["class", "lumpy"].against_best == pytest.approx(lumpy.sum() / (6 * 0.2))


def test_parts_make_up_the_whole() -> None:
    """Weeks of classes, of markets and of stretches ahead each add up to all weeks, and to the units missed."""
    one = scored()
    told = list(parts([one, replace(one, error=2 * one.error)], MARKETS))
    whole = told[0]
    assert whole.series == 3
    for by in ("class", "market", "ahead"):
        some = [part for part in told if part.by == by]
        assert sum(part.weeks for part in some) == whole.weeks == 34
    assert {part.name for part in told if part.by == "ahead"} == {"1–4", "5–13"}
    first, later = (part for part in told if part.by == "ahead")
    assert (first.coverage80_raw, later.coverage80_raw) == (1.0, 0.0)


def test_the_worst_series_come_first() -> None:
    """Series are ranked by mean loss over all their weeks; one never scored is not listed."""
    one = scored()
    kind = np.append(one.kind, 0)
    listed = series_scores([one, one], kind)
    losses = {row: float(np.nanmean(one.loss[row])) for row in range(3)}
    assert [score.row for score in listed] == sorted(losses, key=lambda row: -losses[row])
    assert {score.row: score.pinball for score in listed} == pytest.approx(losses)
    assert [score.weeks for score in listed if score.row == 2] == [10]
    assert tally([one, one]).series == 3
    assert next(parts([], MARKETS), None) is None


def test_losses_of_each_monday_make_up_those_of_the_series():
    """Summed over Mondays they are the mean loss of each series times its weeks; what was not scored on a Monday has no weeks there."""
    one = scored()
    losses = losses_by_monday(
        [[one], [one.__class__(**{name: getattr(one, name)[:2] for name in one.__dataclass_fields__})], []], 4
    )
    assert losses.shape == (4, 3, 2)
    assert losses[:, :, 1].tolist() == [[6, 6, 0], [6, 6, 0], [5, 0, 0], [0, 0, 0]]
    assert losses[2, 0, 0] == pytest.approx(np.nansum(one.loss[2]))


def test_the_loss_beside_what_sharing_gave_is_that_of_the_forecasts_as_given() -> None:
    """Of all series, tried on the same Mondays on both bases, the losses of the comparison and of the parts are one figure, told over uneven weeks."""
    one = scored()
    late = replace(
        one,
        loss=np.array([[0.9, np.nan, np.nan, np.nan, np.nan, np.nan], [0.1] * 6, [np.nan] * 6]),
        actual=np.array([[9.0, np.nan, np.nan, np.nan, np.nan, np.nan], [1.0] * 6, [np.nan] * 6]),
    )
    shared = [[one], [late]]
    own = [[replace(part, loss=1.5 * part.loss**0.5) for part in monday] for monday in shared]
    by_series = [
        {("p", "m", str(row)): losses for row, losses in enumerate(losses_by_monday(mondays, 3))}
        for mondays in (own, shared)
    ]
    gain = sharing_gains({"Li": by_series[0]}, by_series[1], 1)[0]
    whole = [next(parts([part for monday in mondays for part in monday], MARKETS)) for mondays in (own, shared)]
    assert (gain.own, gain.shared) == pytest.approx((whole[0].pinball, whole[1].pinball))
    assert gain.series == whole[1].series
