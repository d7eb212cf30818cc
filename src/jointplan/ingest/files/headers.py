"""Which column of a file is which column of the schema."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jointplan.errors import DataIssue
from jointplan.ingest.problems import closest, label, meaning, meant, shorten
from jointplan.schema import Column, Table
from jointplan.texts import tr

# A title or a remark may stand above the header, not more.
SEARCHED = 10
# What a Chinese header of a code may end in, and one of ours does where it says "code".
_CODE = ("编码", "编号", "代码")
# Words in which other programs head such columns, and the columns of the schema they may stand for, the likeliest first.
_EVERYDAY = {
    "sku": ("product", "item", "article", "part", "model", "商品", "货品", "货号", "款号", "物品", "型号", "品号"),
    "title": ("description", "品名"),
    "family": ("category", "品类", "类别", "分类", "系列"),
    "quantity": ("qty", "units", "pieces", "pcs", "件数", "销量", "个数", "台数", "订购量"),
    "unit_price": ("price", "价格", "售价", "成交价"),
    "unit_value": ("value", "price", "价值", "价格"),
    "seller": ("shop", "store", "vendor", "店铺", "商家", "卖方", "网店"),
    "maker": ("manufacturer", "factory", "producer", "厂家", "工厂", "厂商", "制造商"),
    "firm": ("company", "factory", "公司", "工厂", "厂家", "厂商"),
    "market": ("country", "region", "销往", "目的国", "目的地", "国家", "地区"),
    "document": ("order", "invoice", "订单", "订单号", "发票号", "单据号"),
    "date": ("day", "time", "时间", "成交时间"),
    "due": ("deadline", "delivery", "交期", "交货期"),
    "currency": ("money", "货币", "币别"),
    "process": ("operation", "工序名称", "工种"),
}


@dataclass(frozen=True)
class Headers:
    """The header row of a file.

    Parameters
    ----------
    row : int
        Which row of the file it is, from 1.
    places : dict of str to int
        Schema column to position in the file.
    nameless : tuple of int
        Positions without a header: nothing may stand below them.
    cells : tuple of str
        The header as written.
    """

    row: int
    places: dict[str, int]
    nameless: tuple[int, ...]
    cells: tuple[str, ...]

    @property
    def chinese(self) -> bool:
        """Whether most columns found are headed in Chinese."""
        return 2 * sum(_chinese(self.cells[place]) for place in self.places.values()) > len(self.places)


def _chinese(text: str) -> bool:
    return re.search(r"[\u4e00-\u9fff]", text) is not None


@lru_cache(maxsize=4096)  # the names of the schema's columns come again with every file, row and separator
def _plain(cell: str) -> str:
    """Return a header without unit, mark of a required column, case and separators."""
    text = unicodedata.normalize("NFKC", cell).strip().rstrip("*").strip()
    text = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", text)
    return re.sub(r"[\s_\-]+", "_", text).casefold()


def _known(table: Table) -> dict[str, str]:
    """Return the words that head a column of the table, 市场 for 市场编码 among them."""
    short = {column.zh.removesuffix(_CODE[0]): column.name for column in table}
    return short | {_plain(word): column.name for column in table for word in (column.name, column.zh)}


def _meant(cell: str, columns: Sequence[Column]) -> str | None:
    """Return which of some columns a header probably means, in the language it is written in.

    A slip is looked for first, then another program's word for it, then a Chinese word that holds the other.
    """
    chinese = _chinese(cell)
    words = {column.name: column.zh if chinese else column.name for column in columns}
    near = closest(cell, words.values())
    if near:
        return near
    typed = _plain(cell)
    stem = next((typed.removesuffix(end) for end in _CODE if typed.endswith(end)), typed)
    for name, others in _EVERYDAY.items():
        if name in words and (typed in others or stem in others):
            return words[name]
    holding = [word for word in words.values() if chinese and len(stem) > 1 and (stem in word or word in stem)]
    return holding[0] if len(holding) == 1 else None


def recognised(cells: Sequence[str], table: Table) -> int:
    """Return how many cells are headers of the table."""
    known = _known(table)
    return len({known[_plain(cell)] for cell in cells if _plain(cell) in known})


def header_row(rows: Sequence[Sequence[str]], table: Table) -> int:
    """Return which of the first rows is the header, from 0: the one that knows most columns, else the first filled."""
    first = next((n for n, cells in enumerate(rows) if any(cell.strip() for cell in cells)), 0)
    best = max(range(len(rows)), key=lambda n: (recognised(rows[n], table), -n), default=0)
    return best if rows and recognised(rows[best], table) >= 2 else first


def match_headers(cells: Sequence[str], row: int, table: Table, file: str) -> tuple[Headers, list[DataIssue]]:
    """Match the header of a file to a table.

    Returns
    -------
    headers : Headers
        What was found.
    issues : list of DataIssue
        Unknown, doubled and missing columns.
    """
    known = _known(table)
    headed = {known.get(_plain(cell)) for cell in cells}
    places: dict[str, int] = {}
    issues = []

    def report(column: str, value: str, rule: str, message: str, cure: str, severity: str = "error") -> None:
        issues.append(DataIssue(table.name, file, row, column, shorten(value), rule, message, cure, severity))

    for place, cell in enumerate(cells):
        name = known.get(_plain(cell))
        if name in places and name is not None:
            report(
                name,
                cell,
                "duplicate_column",
                tr("The column {column} stands there twice.", column=label(table[name])),
                tr("Remove one of the two."),
            )
        elif name is not None:
            places[name] = place
        elif cell.strip() and not cell.strip().startswith("#"):
            report(
                cell.strip(),
                cell,
                "unknown_column",
                tr("The table {table} has no column {column}.", table=label(table), column=shorten(cell.strip())),
                meant(
                    _meant(cell.strip(), [column for column in table if column.name not in headed]),
                    tr("Rename or remove it, or begin its name with # to keep it as a remark."),
                ),
            )
    for column in table:
        if column.required and column.name not in places:
            report(
                column.name,
                "",
                "missing_column",
                tr("The column {column} is missing.", column=label(column)),
                tr("Add it: {meaning}", meaning=meaning(column)),
            )
    nameless = tuple(place for place, cell in enumerate(cells) if not cell.strip())
    return Headers(row, places, nameless, tuple(cells)), issues
