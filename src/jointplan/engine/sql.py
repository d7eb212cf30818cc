"""Names and values written into SQL."""

from __future__ import annotations

from datetime import date


def identifier(name: str) -> str:
    """Quote a name of a table or column.

    >>> identifier('the "best" sku')
    '"the ""best"" sku"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Write a value: text, number, truth, day or None.

    >>> literal("it's"), literal(1.5), literal(None), literal(True)
    ("'it''s'", '1.5e0', 'NULL', 'TRUE')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return repr(value)
    if isinstance(value, float):
        # Without an exponent DuckDB would take it for a decimal.
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"
