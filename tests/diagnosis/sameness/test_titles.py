"""Titles in any width and language are weighed as scikit-learn weighs the same grams."""

from __future__ import annotations

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from jointplan.diagnosis.sameness.titles import common_words, folded, grams, weighted_titles

TITLES = [
    "Electric kettle 1.5 L, stainless steel",
    "ＥＬＥＣＴＲＩＣ　Kettle 1.5L — stainless",
    "不锈钢电热水壶 1.5升",
    "电热水壶（不锈钢）",
    "Women's summer dress",
    "カタカナ",
    None,
    "",
    "!!!",
]


def test_weights_are_those_of_scikit_learn() -> None:
    """TF-IDF over the same grams agrees with TfidfVectorizer to single precision; blank titles have no weight."""
    ours = weighted_titles(TITLES)
    vectorizer = TfidfVectorizer(analyzer=lambda text: [g for w in folded(text).split() for g in grams(w)])
    theirs = vectorizer.fit_transform([title or "" for title in TITLES])
    np.testing.assert_allclose((ours @ ours.T).toarray(), (theirs @ theirs.T).toarray(), atol=1e-6)
    assert np.diff(ours.indptr)[-3:].tolist() == [0, 0, 0]


def test_width_case_and_marks_do_not_matter() -> None:
    """Full-width and half-width forms are one (NFKC), as are cases and marks between words."""
    assert folded("ＵＳＢ　Ｋettle—１.５L") == folded("usb kettle 1.5l")
    twins = weighted_titles(["电热水壶（不锈钢）", "电热水壶 不锈钢", "Fan-heater", "FAN HEATER"])
    product = (twins @ twins.T).toarray()
    assert product[0, 1] > 0.999999
    assert product[2, 3] > 0.999999
    assert product[0, 2] == 0


def test_rare_grams_come_first_and_no_titles_are_no_error() -> None:
    """Columns run from the rarest gram to the commonest; without any title there is nothing."""
    weighted = weighted_titles(["aaa bbb", "aaa ccc", "aaa ddd"])
    seen = np.bincount(weighted.indices, minlength=weighted.shape[1])
    assert (np.diff(seen) >= 0).all()
    assert weighted_titles([None, ""]).shape == (2, 0)


def test_common_words_leave_out_what_all_or_hardly_any_have() -> None:
    """A word in every title or in one of many tells nothing of quality."""
    titles = [f"kettle {'steel' if n % 3 == 0 else 'glass'} x{n}" for n in range(60)]
    told = common_words(titles, 10)
    assert told.shape[1] == 1  # steel: glass and kettle stand in more than half, x… in one each
    assert told[:, 0].sum() == 20
