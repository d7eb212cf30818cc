"""Names beside codes: a planner knows firms and products by their names, tables by their codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from jointplan.diagnosis.finding import Finding
from jointplan.engine import Tables

# A code has letters and digits; a word or a number alone is none.
_CODE = re.compile(r"(?<![\w-])(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]+", re.ASCII)


def names_of(tables: Tables) -> dict[str, str]:
    """Return the names of firms and sites and the titles of products, by code, of those that have one that is not the code."""
    found: dict[str, str] = {}
    for table, code, name in (("products", "sku", "title"), ("sites", "site", "name"), ("firms", "firm", "name")):
        if table in tables:
            columns = (tables[table][column].to_pylist() for column in (code, name))
            found.update((key, text) for key, text in zip(*columns, strict=True) if text and text != key)
    return found


def with_names(findings: Iterable[Finding], names: Mapping[str, str]) -> Iterator[Finding]:
    """Give findings with the names of firms and products before their codes in what they say; a sentence that has the name already stays."""
    for finding in findings:
        yield replace(
            finding,
            sentence=_named(finding.sentence, names, " ({})"),
            sentence_zh=_named(finding.sentence_zh, names, "（{}）"),
        )


def _named(text: str, names: Mapping[str, str], code: str) -> str:
    def told(found: re.Match[str]) -> str:
        name = names.get(found[0])
        return found[0] if name is None or name in text else name + code.format(found[0])

    return _CODE.sub(told, text).replace("） ", "）")  # a bracket of Chinese print has its own room
