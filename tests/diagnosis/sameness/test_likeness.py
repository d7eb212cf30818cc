"""Likeness, crowding and groups are what their formulas say, and no group is a chain."""

from __future__ import annotations

import numpy as np

from jointplan.diagnosis.sameness.likeness import Goods, Likeness, attribute_kernel, groups_of, like_goods


def goods(titles: list[str | None], weight: list[float] | None = None, family: list[str] | None = None) -> Goods:
    count = len(titles)
    blank = np.full(count, np.nan)
    return Goods(titles, family or [None] * count, [None] * count, np.array(weight) if weight else blank, blank)


def test_total_similarity_and_crowding_by_hand() -> None:
    """T adds up likeness over pairs; K adds up others' revenue times exp(-d²/2h²) with d² = 2(1-s)."""
    pairs = Likeness(np.array([0, 0]), np.array([1, 2]), np.array([0.9, 0.6]), 3)
    np.testing.assert_allclose(pairs.total(), [1.5, 0.9, 0.6])
    revenue, h = np.array([10.0, 20.0, 30.0]), 0.5
    near, far = (np.exp(-2 * (1 - s) / (2 * h**2)) for s in (0.9, 0.6))
    np.testing.assert_allclose(pairs.crowding(revenue, h), [20 * near + 30 * far, 10 * near, 10 * far])
    assert pairs.rivals(np.array([0, 0, 1])).tolist() == [1, 0, 1]


def test_identical_titles_are_parted_by_attributes() -> None:
    """One title, one weight: one; another weight or family lowers the likeness by at most the weight of attributes."""
    titles = ["steel kettle"] * 3 + ["oak table"] * 2
    found = like_goods(
        goods(titles, [1.0, 1.0, 9.0, 30.0, 30.0], ["a", "a", "a", "b", "b"]),
        least=0.6, weight=0.25, neighbours=5, seed=1,
    )  # fmt: skip
    score = {(i, j): s for i, j, s in zip(found.left.tolist(), found.right.tolist(), found.score, strict=True)}
    assert score[0, 1] > 0.999
    assert 0.75 <= score[0, 2] < 0.95
    assert set(score) == {(0, 1), (0, 2), (1, 2), (3, 4)}


def test_an_attribute_that_all_share_raises_no_likeness() -> None:
    """One family and one weight for all leave the likeness that titles have; two of either count."""
    titles: list[str | None] = ["steel kettle white", "steel kettle black", "oak table round", "oak table square"]
    kwargs = {"least": 0.3, "weight": 0.25, "neighbours": 5, "seed": 1}
    plain, shared, parted = (
        like_goods(made, **kwargs).score  # type: ignore[arg-type]  # as like_goods names them
        for made in (goods(titles), goods(titles, [2.0] * 4, ["a"] * 4), goods(titles, [2.0, 2.0, 9.0, 9.0], ["a", "a", "b", "b"]))
    )  # fmt: skip
    np.testing.assert_allclose(shared, plain)
    assert len(plain) == 2
    assert (parted > plain + 0.05).all()


def test_order_of_products_changes_nothing() -> None:
    """Products in another order have the same likeness."""
    rng = np.random.default_rng(5)
    words = ["kettle", "steel", "glass", "lamp", "table", "oak", "red"]
    titles: list[str | None] = [" ".join(rng.choice(words, 4)) for _ in range(80)]
    turn = rng.permutation(80)
    kwargs = {"least": 0.6, "weight": 0.2, "neighbours": 80, "seed": 2}
    plain = like_goods(goods(titles), **kwargs).total()  # type: ignore[arg-type]  # as like_goods names them
    turned = like_goods(goods([titles[k] for k in turn]), **kwargs).total()  # type: ignore[arg-type]  # the same
    np.testing.assert_allclose(turned, plain[turn], atol=1e-4)


def test_groups_are_no_chains() -> None:
    """Of a chain a-b-c-d whose ends are unlike, no group holds both ends; every member is paired with one leader."""
    chain = Likeness(np.array([0, 1, 2]), np.array([1, 2, 3]), np.full(3, 0.9), 5)
    group = groups_of(chain)
    assert group[4] == -1
    assert group[0] != group[3]
    star = Likeness(np.array([0, 0, 0]), np.array([1, 2, 3]), np.full(3, 0.9), 4)
    assert groups_of(star).tolist() == [0, 0, 0, 0]
    assert groups_of(Likeness(np.zeros(0, int), np.zeros(0, int), np.zeros(0), 3)).tolist() == [-1, -1, -1]


def test_nothing_known_is_not_nothing_in_common() -> None:
    """Attributes that are known of neither are left out, not counted as a difference."""
    blank = goods(["a kettle", "a kettle"])
    assert attribute_kernel(blank, np.array([0]), np.array([1]))[1].tolist() == [0.0]
    found = like_goods(blank, least=0.6, weight=0.25, neighbours=3, seed=1)
    np.testing.assert_allclose(found.score, [1.0], atol=1e-6)
