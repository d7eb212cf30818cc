r"""Titles of products as weighted n-grams of characters, whatever the language.

Titles are folded first (NFKC, so that full-width and half-width forms are one; case; marks between words). Words in letters and digits give
grams of three characters, their ends marked; Chinese, Japanese and Korean characters, which stand without spaces, give pairs and, where one
stands alone, single characters. Grams are weighted by TF-IDF, with the smoothed :math:`\ln\frac{1+n}{1+df}+1`, and rows scaled to length one, so
that the product of two rows is their cosine.

References
----------
Salton and Buckley (1988), *Information Processing & Management* 24 (TF-IDF); Unicode Standard Annex 15 (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUNS = re.compile(f"[{_HAN}]+|[^\\W_{_HAN}]+")
_IS_HAN = re.compile(f"[{_HAN}]")


def folded(title: str | None) -> str:
    """Return a title as it is compared.

    >>> folded("ＵＳＢ　Kettle—1.5L")
    'usb kettle 1 5l'
    """
    if not title:
        return ""
    return " ".join(_RUNS.findall(unicodedata.normalize("NFKC", title).casefold()))


def grams(word: str) -> tuple[str, ...]:
    """Return the grams of one run of characters of a folded title.

    >>> grams("kettle")
    ('<ke', 'ket', 'ett', 'ttl', 'tle', 'le>')
    >>> grams("电热水壶")
    ('电热', '热水', '水壶')
    """
    if _IS_HAN.match(word):
        return tuple(word[k : k + 2] for k in range(len(word) - 1)) or (word,)
    marked = f"<{word}>"
    return tuple(marked[k : k + 3] for k in range(max(len(marked) - 2, 1)))


def weighted_titles(titles: Sequence[str | None]) -> sparse.csr_matrix:
    """Weigh the grams of titles.

    Parameters
    ----------
    titles : sequence of str or None
        One a product.

    Returns
    -------
    csr_matrix of float32, products × grams
        Rows of length one, blank titles without entries. Columns run from the rarest gram to the commonest, and indices are sorted.
    """
    number: dict[str, int] = {}
    known: dict[str, list[int]] = {}
    entries: list[int] = []
    starts = [0]
    for title in titles:
        for word in folded(title).split():
            found = known.get(word)
            if found is None:
                found = known[word] = [number.setdefault(gram, len(number)) for gram in grams(word)]
            entries += found
        starts.append(len(entries))
    counts = sparse.csr_matrix(
        (np.ones(len(entries), np.float32), np.array(entries, np.int32), np.array(starts)),
        shape=(len(titles), len(number)),
    )
    counts.sum_duplicates()
    seen = np.bincount(counts.indices, minlength=len(number))
    place = np.empty(len(number), np.int32)
    place[np.argsort(seen, kind="stable")] = np.arange(len(number), dtype=np.int32)
    idf = np.log((1.0 + len(titles)) / (1.0 + seen)) + 1.0
    weights = (counts.data * idf[counts.indices]).astype(np.float32)
    weighted = sparse.csr_matrix((weights, place[counts.indices], counts.indptr), shape=counts.shape)
    weighted.sort_indices()
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted.data /= np.repeat(np.where(length > 0, length, 1.0), np.diff(weighted.indptr)).astype(np.float32)
    return weighted


def common_words(titles: Sequence[str | None], most: int) -> npt.NDArray[np.bool_]:
    """Tell which of the commonest words (runs of letters; pairs of Chinese characters) stand in each title.

    Numbers, and words in more than half the titles or in fewer than one in two hundred, tell little and are left out.

    Returns
    -------
    array of bool, products × words
        At most ``most`` columns, commonest first; ties in alphabetical order.
    """
    found = [
        {
            piece
            for word in folded(title).split()
            if not word.isdecimal()
            for piece in (grams(word) if _IS_HAN.match(word) else (word,))
        }
        for title in titles
    ]
    seen: dict[str, int] = {}
    for words in found:
        for word in words:
            seen[word] = seen.get(word, 0) + 1
    least, limit = max(len(found) / 200.0, 3.0), len(found) / 2.0
    kept = sorted((word for word, n in seen.items() if least <= n <= limit), key=lambda word: (-seen[word], word))[
        :most
    ]
    place = {word: k for k, word in enumerate(kept)}
    told = np.zeros((len(found), len(kept)), bool)
    for row, words in enumerate(found):
        told[row, [place[word] for word in words if word in place]] = True
    return told
