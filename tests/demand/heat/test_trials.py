"""Indices are scored as published measures say, without a look ahead, and the better one is used."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from jointplan.demand.heat.indices import AS_CHOSEN, EXPECTED, GROWTH_RATE, INDICES, Lesson, Weights, learn
from jointplan.demand.heat.panel import HeatPanel
from jointplan.demand.heat.reading import FEATURES, read_heat
from jointplan.demand.heat.trials import (
    Ordered,
    Scored,
    best_index,
    judge_indices,
    look_back,
    past_cutoffs,
    precision_at,
    spearman,
    try_indices,
)


def world(series: int = 60, weeks: int = 70, seed: int = 3) -> HeatPanel:
    rng = np.random.default_rng(seed)
    level = rng.gamma(1.0, 8.0, (series, 1)) * np.exp(np.cumsum(rng.normal(0, 0.08, (series, weeks)), axis=1))
    units = rng.poisson(level).astype(float)
    names = np.array([f"P{place:03}" for place in range(series)])
    return HeatPanel(np.full(series, ""), names, np.full(series, "general"), units)


def test_spearman_is_scipys_also_when_resampled() -> None:
    """The rank correlation, ties and repeated pairs included, is SciPy's."""
    rng = np.random.default_rng(0)
    heat, grown = rng.integers(0, 9, 80).astype(float), rng.normal(size=80)
    weight = rng.integers(0, 4, 80)
    ours = spearman(Ordered.of(heat), Ordered.of(grown), weight.astype(float))
    assert ours == pytest.approx(spearmanr(np.repeat(heat, weight), np.repeat(grown, weight)).statistic)


def test_precision_counts_hits_among_the_hottest() -> None:
    """Precision@k is the share of the k hottest among the k that grew most, equals counting on average."""
    heat, grown = np.arange(20.0), np.arange(20.0)
    ones = np.ones(20)
    assert precision_at(Ordered.of(heat), Ordered.of(grown), ones) == pytest.approx(1.0)
    assert precision_at(Ordered.of(-heat), Ordered.of(grown), ones) == 0.0
    assert precision_at(Ordered.of(np.zeros(20)), Ordered.of(grown), ones) == pytest.approx(0.1)


def test_no_index_knows_what_came_after() -> None:
    """Poisoning every week after a past Monday leaves all indices of that Monday as they were."""
    clean = world()
    cutoffs = past_cutoffs(clean.weeks, 9, 4)
    monday = cutoffs[5]
    units = clean.units.copy()
    units[:, monday:] = 1e9 * (1 + np.arange(len(units)) % 3)[:, None]
    poisoned = HeatPanel(clean.market, clean.sku, clean.family, units)
    before = next(past for past in try_indices(look_back(clean, cutoffs)) if past.cutoff == monday)
    after = next(past for past in try_indices(look_back(poisoned, cutoffs)) if past.cutoff == monday)
    for name in (*INDICES, AS_CHOSEN):
        assert np.array_equal(before.indices[name].place, after.indices[name].place), name


def test_the_learned_index_finds_a_planted_rule() -> None:
    """Where growth is one feature and nothing else, the learned weight is on that feature."""
    panel = world(200)
    lessons = []
    for cutoff in (40, 44, 48, 52):
        reading = read_heat(panel, cutoff)
        lessons.append(Lesson(reading, reading.features[:, FEATURES.index("steady")].copy(), 0))
    weight = learn(lessons).weight
    assert FEATURES[int(np.abs(weight).argmax())] == "steady"


def test_two_of_a_market_teach_nothing() -> None:
    """What became of markets of two products, which are as far from their mean as each other, does not change what the markets of many teach."""
    many = world(30)
    two = world(2, seed=9)
    both = HeatPanel(
        np.append(many.market, ["TWO", "TWO"]),
        np.append(many.sku, two.sku),
        np.append(many.family, two.family),
        np.vstack([many.units, two.units]),
    )

    def taught(panel: HeatPanel) -> Weights:
        readings = [(cutoff, read_heat(panel, cutoff)) for cutoff in (44, 48, 52)]
        return learn([Lesson(reading, reading.realised(panel, cutoff), 0) for cutoff, reading in readings])

    with_two, without = taught(both), taught(many)
    assert with_two.spread == pytest.approx(without.spread)
    assert with_two.weight == pytest.approx(without.weight, abs=0.02)
    assert taught(two).spread is None
    reading = read_heat(both, 52)
    in_two = both.market[reading.rows] == "TWO"
    assert in_two.any()
    assert np.isnan(with_two.expected(reading)).tolist() == in_two.tolist()


def test_chance_is_judged_as_chance() -> None:
    """On sales without memory, growth cannot be told from the last week's growth: the interval of its rank correlation holds no more than reversion."""
    rng = np.random.default_rng(5)
    units = rng.poisson(20.0, (80, 90)).astype(float)
    names = np.array([f"P{place}" for place in range(80)])
    panel = HeatPanel(np.full(80, ""), names, np.full(80, "g"), units)
    judged = judge_indices(try_indices(look_back(panel, past_cutoffs(90, 12, 4))), 60, rng)
    growth = next(score for score in judged if score.index == GROWTH_RATE)
    assert growth.spearman.value < 0.05
    default = next(score for score in judged if score.index == EXPECTED)
    assert default.spearman.low > 0.1  # what is above its own level falls back: that can be told


def test_the_better_index_takes_the_defaults_place() -> None:
    """An index that did better on both figures together is used, of equals the default; Mondays whose eight weeks are not over do not count."""
    none = Ordered.of(np.zeros(1))

    def monday(cutoff: int, expected: tuple[float, float], growth: tuple[float, float]) -> Scored:
        figures = {name: np.zeros(2) for name in INDICES}
        figures |= {EXPECTED: np.array(expected), GROWTH_RATE: np.array(growth)}
        return Scored(cutoff, np.zeros(1, dtype=np.int64), {}, none, figures)

    assert best_index([], 90) == EXPECTED
    assert best_index([monday(40, (0.25, 0.25), (0.25, 0.25))], 90) == EXPECTED
    assert best_index([monday(40, (0.09, 0.13), (0.08, 0.29))], 90) == GROWTH_RATE
    tried = [monday(40, (0.2, 0.3), (0.3, 0.1)), monday(44, (0.0, 0.0), (0.9, 0.9))]
    assert [best_index(tried, known) for known in (47, 51, 52)] == [EXPECTED, EXPECTED, GROWTH_RATE]


@pytest.mark.real
@pytest.mark.parametrize("name", ["retail", "olist"])
def test_the_default_beats_plain_rankings_on_real_sales(data: object, name: str) -> None:
    """On months that nothing was chosen on, expected growth beats the last period and plain growth on both figures, on Online Retail and on Olist, and a run takes it."""
    import importlib.util
    from pathlib import Path

    file = Path(__file__).resolve().parents[3] / "benchmarks" / "heat.py"
    spec = importlib.util.spec_from_file_location("benchmark_heat", file)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    if name == "retail":
        held_out = benchmark.RETAIL_HELD_OUT
        series = benchmark.panel(benchmark.retail(data), "StockCode", None, None, "Quantity")
    else:
        held_out = benchmark.OLIST_HELD_OUT
        series = benchmark.panel(benchmark.olist(data), "product_id", "product_category_name", None, None)
    case = benchmark.heat_case(name, series, held_out)
    assert case["beats"]
    assert case["used"] == EXPECTED
    assert case[EXPECTED]["spearman"][1] > 0.2
