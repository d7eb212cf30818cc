"""The search finds what comparing each with each finds, and tells true cosines."""

from __future__ import annotations

import numpy as np

from jointplan.diagnosis.sameness.candidates import like_titles
from jointplan.diagnosis.sameness.titles import weighted_titles
from tests.diagnosis.sameness.made_up import titles


def test_small_assortments_are_searched_exactly() -> None:
    """Among 1,200 titles nearly all pairs of the 50 nearest above the threshold are found, with their cosine."""
    weighted = weighted_titles(titles(1_200))
    exact = (weighted @ weighted.T).toarray()
    np.fill_diagonal(exact, 0.0)
    left, right, cosine = like_titles(weighted, least=0.5, neighbours=50, seed=7)
    np.testing.assert_allclose(cosine, exact[left, right], atol=1e-5)
    assert (left < right).all()
    assert len(np.unique(left * 1_200 + right)) == len(left)
    wanted = np.argwhere(np.triu(exact >= 0.5))
    found = set(zip(left.tolist(), right.tolist(), strict=True))
    hit = sum((i, j) in found for i, j in wanted.tolist())
    assert hit / len(wanted) > 0.95


def test_the_same_seed_gives_the_same_pairs() -> None:
    """The search is random but seeded."""
    weighted = weighted_titles(titles(600))
    once, again = (like_titles(weighted, least=0.6, neighbours=20, seed=3) for _ in range(2))
    for a, b in zip(once, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_identical_titles_do_not_break_the_search() -> None:
    """Where all titles are one, each has as many neighbours as were asked for, or all; nothing grows beyond that."""
    weighted = weighted_titles(["same kettle"] * 3_000)
    left, right, cosine = like_titles(weighted, least=0.5, neighbours=10, seed=7)
    degree = np.bincount(np.concatenate([left, right]), minlength=3_000)
    assert degree.min() >= 10
    assert len(left) <= 3_000 * 20
    np.testing.assert_allclose(cosine, 1.0, atol=1e-6)


def test_blank_titles_have_no_neighbours() -> None:
    """Titles without a letter, and too few titles, give no pairs."""
    for blank in ([None, ""], ["kettle"], ["kettle", None], []):
        left, _, _ = like_titles(weighted_titles(blank), least=0.5, neighbours=5, seed=7)
        assert len(left) == 0
