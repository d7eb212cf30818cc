"""Positions tell whether firms gather, and are turned round where they were written the wrong way."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from jointplan.diagnosis.structure.places import dense, exchanged, flat, nearness


def test_a_honeycomb_is_as_even_as_points_get() -> None:
    """In a hexagonal lattice the index is 2.1491 (Clark and Evans, Ecology 35, 1954); the edge takes a little off."""
    points = np.array([(x + 0.5 * (y % 2), y * np.sqrt(3) / 2) for x in range(60) for y in range(60)])
    found = nearness(points)
    assert found is not None
    assert found.index == pytest.approx(2.1491, rel=0.03)
    assert found.p_value > 0.999


def test_points_at_random_are_not_told_to_gather() -> None:
    """Of 200 random patterns about one in twenty is below the level of 5 %."""
    rng = np.random.default_rng(1)
    found = [nearness(rng.random((40, 2)) * 10) for _ in range(200)]
    share = np.mean([f.p_value <= 0.05 for f in found if f is not None])
    assert 0.01 <= share <= 0.11
    heaps = np.repeat(rng.random((5, 2)) * 10, 8, axis=0) + rng.normal(0, 0.05, (40, 2))
    gathered = nearness(heaps)
    assert gathered is not None
    assert gathered.p_value < 1e-6


def test_equal_or_few_points_have_no_index() -> None:
    """Seven points, points all in one place, and points on one line give None, not a warning."""
    assert nearness(np.random.default_rng(0).random((7, 2))) is None
    assert nearness(np.zeros((20, 2))) is None
    assert nearness(np.column_stack([np.arange(20.0), np.arange(20.0)])) is None


def test_dense_clusters_are_those_of_scikit_learn() -> None:
    """Inner points fall into the same clusters as DBSCAN's; noise is noise."""
    rng = np.random.default_rng(4)
    points = np.concatenate(
        [rng.normal(c, 0.4, (12, 2)) for c in ((0, 0), (6, 0), (0, 7))] + [rng.uniform(-9, 15, (8, 2))]
    )
    theirs = DBSCAN(eps=1.0, min_samples=3).fit(points)
    mine = dense(points, 1.0)
    assert ((mine >= 0) == (theirs.labels_ >= 0)).all()
    inner = theirs.core_sample_indices_
    assert len({(a, b) for a, b in zip(mine[inner], theirs.labels_[inner], strict=True)}) == len(
        set(theirs.labels_[inner])
    )


@pytest.mark.parametrize(("lat", "lon"), [(22.8, 113.3), (-21.76, -48.83), (45.4, 11.9)])
def test_exchanged_positions_are_found(lat: float, lon: float) -> None:
    """A few firms the wrong way round are found in Foshan, Ibitinga and Padua; none where all are right."""
    rng = np.random.default_rng(2)
    lats, lons = lat + rng.normal(0, 0.1, 20), lon + rng.normal(0, 0.1, 20)
    assert not exchanged(lats, lons, None).any()
    wrong = np.isin(np.arange(20), [3, 11])
    mixed = np.where(wrong, lons, lats), np.where(wrong, lats, lons)
    assert (exchanged(*mixed, None) == wrong).all()
    assert exchanged(lons, lats, (lat, lon)).all()
    assert not exchanged(np.full(20, np.nan), lons, None).any()


def test_a_degree_is_a_hundred_and_eleven_kilometres() -> None:
    """One degree of latitude is 111.2 km anywhere; one of longitude half of it at 60° north."""
    points = flat(np.array([60.0, 61.0, 60.5, 60.5]), np.array([10.0, 10.0, 9.5, 10.5]))
    assert np.linalg.norm(points[1] - points[0]) == pytest.approx(111.2, abs=0.1)
    assert np.linalg.norm(points[3] - points[2]) == pytest.approx(111.2 * np.cos(np.radians(60.5)), abs=0.1)


def test_all_exchanged_is_told_by_the_country_even_if_the_hub_is_too() -> None:
    """Firms of a town in Brazil, all with the columns the wrong way round, are turned where the country is known, and not where it is not."""
    rng = np.random.default_rng(2)
    lat, lon = -21.7 + rng.normal(0, 0.1, 12), -48.8 + rng.normal(0, 0.1, 12)
    brazil = (-10.8, -53.1)
    for hub in (None, (-48.8, -21.7), (-21.7, -48.8)):
        assert exchanged(lon, lat, hub, brazil).all()
    assert not exchanged(lon, lat, None).any()
    assert not exchanged(lat, lon, None, brazil).any()
    few = lat.copy(), lon.copy()
    few[0][3], few[1][3] = lon[3], lat[3]
    assert np.flatnonzero(exchanged(*few, None, brazil)).tolist() == [3]
