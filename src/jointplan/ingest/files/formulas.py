"""Formulas of a workbook whose result was not saved with them.

A spreadsheet program saves with each formula what it gave; many programs that write workbooks do not, and the cell then reads as
blank. A formula that gave a blank text is not one of them: its cell says that it holds text (``t="str"``).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from xml.etree.ElementTree import Element, ParseError, fromstring, iterparse

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_WITH_RESULT = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|(?<!/)>[^<]*</(?:\w+:)?f>)\s*<(?:\w+:)?v>[^<]")
_ROW_END = b"row>"
_BLOCK = 1 << 20
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True)
class UnsavedFormula:
    """One formula without a result.

    Parameters
    ----------
    row : int
        Row of the sheet, from 1.
    place : int
        Position of the column, from 0.
    text : str
        The formula, with its equals sign; only that where it repeats another cell's.
    """

    row: int
    place: int
    text: str

    @property
    def cell(self) -> str:
        """The cell as a spreadsheet names it.

        >>> UnsavedFormula(7, 27, "=A1").cell
        'AB7'
        """
        letters, place = "", self.place + 1
        while place:
            place, letter = divmod(place - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.row}"


def unsaved_formulas(path: Path, sheet: str) -> Iterator[UnsavedFormula]:
    """Yield the formulas of a sheet that were saved without a result, row by row.

    A sheet whose formulas all have their results is only skimmed. A file that is no Office Open XML workbook has none.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member(archive, sheet)
            if member and _lacks_results(archive, member):
                yield from _unsaved(archive, member)
    except (zipfile.BadZipFile, ParseError, KeyError):
        return  # what is wrong with it is told by who reads its cells


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the file in the archive that holds a sheet."""
    book = fromstring(archive.read("xl/workbook.xml"))
    links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for entry in book.iterfind("{*}sheets/{*}sheet"):
        if entry.get("name") == sheet:
            link = next((value for name, value in entry.attrib.items() if name.endswith("}id")), None)
            return normpath(join("/xl", targets[link])).lstrip("/")
    return None


def _lacks_results(archive: zipfile.ZipFile, member: str) -> bool:
    """Tell whether fewer results than formulas stand in a sheet, without taking it apart."""
    rest = b""
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            rows, _, rest = (rest + block).rpartition(_ROW_END)
            if len(_FORMULA.findall(rows)) > len(_WITH_RESULT.findall(rows)):
                return True
    return False


def _unsaved(archive: zipfile.ZipFile, member: str) -> Iterator[UnsavedFormula]:
    number = 0
    with archive.open(member) as stream:
        for event, element in iterparse(stream, ("start", "end")):
            if event == "start" and element.tag.endswith("}sheetData"):
                rows = element
            elif event == "end" and element.tag.endswith("}row"):
                number = int(element.get("r", number + 1))
                yield from _in_row(element, number)
                rows.clear()  # a sheet may have a million of them


def _in_row(row: Element, number: int) -> Iterator[UnsavedFormula]:
    place = -1
    for cell in row:
        named = _REFERENCE.fullmatch(cell.get("r", ""))
        place = _position(named[1]) if named else place + 1
        formula = cell.find("{*}f")
        if formula is not None and cell.get("t") != "str" and not (cell.findtext("{*}v") or "").strip():
            yield UnsavedFormula(number, place, f"={formula.text or ''}")


def _position(letters: str) -> int:
    """Return the position of a column, from 0.

    >>> _position("A"), _position("AB")
    (0, 27)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
