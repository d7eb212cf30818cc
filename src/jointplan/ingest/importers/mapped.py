"""Any file, read as a small column mapping says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa

from jointplan.engine.sql import identifier, literal
from jointplan.errors import DataError
from jointplan.ingest.files.opening import CHINESE, gather, open_parts
from jointplan.ingest.importers.imported import Imported, Lines, Request, rejections
from jointplan.ingest.importers.mapping import LINE_TABLES, ColumnMapping, read_mapping
from jointplan.ingest.importers.places import country_code, register_markets
from jointplan.schema import TABLES, Column, Kind
from jointplan.texts import tr

_NO_BREAK = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_TRUE, _FALSE = ("yes", "true", "y", "1", "是"), ("no", "false", "n", "0", "否")
_BAD = {Kind.DATE: "not_a_date", Kind.CURRENCY: "not_a_code", Kind.BOOLEAN: "not_a_choice"}


def read_mapped(request: Request) -> Imported:
    """Read a file by the mapping that the option ``mapping`` names."""
    mapping = read_mapping(Path(request.needed("mapping", "--map", tr("the TOML file that maps the columns"))))
    encoding = request.options.get("encoding", "") or mapping.encoding
    found = open_parts(request.path, encodings=(encoding,) if encoding else CHINESE, delimiter=mapping.delimiter)
    if mapping.sheet:
        found = tuple(part for part in found if part.sheet == mapping.sheet)
        if not found:
            raise DataError(
                tr("{file} has no sheet {sheet}.", file=request.path.name, sheet=mapping.sheet),
                tr("Name the sheet as it stands in the workbook."),
            )
    raw, parts = gather(
        found,
        {target: (header,) for target, header in mapping.columns.items()},
        needed=tuple(mapping.columns),
    )
    engine = request.engine
    engine.register("raw_lines", _coded_countries(_with_constants(raw, mapping), mapping))
    engine.store("typed_lines", _typing(mapping))
    engine.store("judged_lines", _judging(mapping))
    if "occurrence" not in mapping.schema.names:
        engine.store("judged_lines", _settle_keys(mapping))
    engine.store("good_lines", "select * from judged_lines where reason is null")
    references, currency = _references(request, mapping) if mapping.table in LINE_TABLES else ({}, "")
    rows = engine.sql("select * from good_lines")
    identity = tuple(name for name in mapping.schema.key if name != "occurrence")
    return Imported(
        read=raw.num_rows + sum(len(part.broken) for part in parts),
        lines=(Lines(mapping.table, rows, identity),),
        rejected=rejections("table", parts, engine.sql("select * from judged_lines where reason is not null")),
        references=references,
        currency=currency,
        unknown_countries=_unknown_countries(raw, mapping),
    )


def _unknown_countries(raw: pa.Table, mapping: ColumnMapping) -> dict[str, int]:
    """Return the names that are no country's, the most frequent first, and how many lines have them."""
    names = Counter(
        name
        for target, column in mapping.targets()
        if column.kind is Kind.COUNTRY and target in raw.column_names
        for name in raw[target].to_pylist()
        if name and not country_code(name)
    )
    return dict(names.most_common())


def _with_constants(raw: pa.Table, mapping: ColumnMapping) -> pa.Table:
    for target, value in mapping.constants.items():
        raw = raw.append_column(target, pa.array([value] * raw.num_rows, pa.string()))
    return raw


def _coded_countries(raw: pa.Table, mapping: ColumnMapping) -> pa.Table:
    """Put ISO codes in place of the names of countries; what is no single country becomes blank."""
    for target, column in mapping.targets():
        if column.kind is Kind.COUNTRY:
            names = raw[target].to_pylist()
            codes = pa.array([country_code(name) if name else None for name in names], pa.string())
            raw = raw.set_column(raw.column_names.index(target), target, codes)
    return raw


def _typing(mapping: ColumnMapping) -> str:
    """Return the query that types every mapped column; a cell that cannot be typed becomes null."""
    typed = [f"{_typed(target, column, mapping)} as {identifier(target)}" for target, column in mapping.targets()]
    raws = [f"{identifier(target)} as {identifier('raw ' + target)}" for target, _ in mapping.targets()]
    totals = ", ".join(
        f"{identifier(target)} / nullif(quantity, 0) as {identifier(target)}" for target in mapping.line_totals
    )
    return f"""
        with typed as (select in_part, in_row, {", ".join([*typed, *raws])} from raw_lines)
        select *{f" replace ({totals})" if totals else ""} from typed
    """


def _typed(target: str, column: Column, mapping: ColumnMapping) -> str:
    cell = identifier(target)
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        # Currency signs and blanks around or within a number are no part of it.
        plain = f"regexp_replace({cell}, '[\\s{_NO_BREAK}$€£¥￥]', '', 'g')"
        if mapping.thousands:
            plain = f"replace({plain}, {literal(mapping.thousands)}, '')"
        if mapping.decimal != ".":
            plain = f"replace({plain}, {literal(mapping.decimal)}, '.')"
        number = f"try_cast({plain} as double)"
        number = f"case when isfinite({number}) then {number} * {float(mapping.factors.get(target, 1.0))!r} end"
        return (
            number
            if column.kind is Kind.NUMBER
            else f"case when ({number}) % 1 = 0 then try_cast(({number}) as bigint) end"
        )
    if column.kind is Kind.DATE:
        iso = f"try_cast(left({cell}, 10) as date)"
        if not mapping.date_format:
            return iso
        # A workbook's own dates arrive as ISO, however the sheet shows them.
        return f"coalesce(cast(try_strptime({cell}, {literal(mapping.date_format)}) as date), {iso})"
    if column.kind is Kind.BOOLEAN:
        true, false = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
        return f"case when lower({cell}) in ({true}) then true when lower({cell}) in ({false}) then false end"
    if column.kind is Kind.CURRENCY:
        return f"case when regexp_matches(upper({cell}), '^[A-Z]{{3}}$') then upper({cell}) end"
    return cell


def _judging(mapping: ColumnMapping) -> str:
    """Return the query that gives every line the reason why it is rejected, if it is."""
    cases = []
    for target, column in mapping.targets():
        name, raw = identifier(target), identifier(f"raw {target}")
        if column.required and "." not in target:
            cases.append(f"when {raw} is null then 'missing_value'")
        if column.kind not in (Kind.TEXT, Kind.COUNTRY):
            cases.append(f"when {raw} is not null and {name} is null then '{_BAD.get(column.kind, 'not_a_number')}'")
        bounds = [
            f"{name} {sign} {bound!r}"
            for sign, bound in (("<", column.low), (">", column.high), ("<=", column.above))
            if bound is not None
        ]
        cases += [f"when {bound} then 'out_of_bounds'" for bound in bounds]
        if column.choices:
            cases.append(f"when {name} not in ({', '.join(map(literal, column.choices))}) then 'not_a_choice'")
    given = {target for target, _ in mapping.targets()}
    defaults = [column for column in mapping.schema if column.default is not None and column.name != "occurrence"]
    replaced = ", ".join(
        f"coalesce({identifier(c.name)}, {literal(c.default)}) as {identifier(c.name)}"
        for c in defaults
        if c.name in given
    )
    added = "".join(f", {literal(c.default)} as {identifier(c.name)}" for c in defaults if c.name not in given)
    return f"""
        select *{f" replace ({replaced})" if replaced else ""}{added}, case {" ".join(cases)} end as reason
        from typed_lines
    """


def _settle_keys(mapping: ColumnMapping) -> str:
    """Return the query that rejects rows whose key an earlier row of the part has, and which say something else."""
    names = [name for name in mapping.schema.names if name in {t for t, _ in mapping.targets()}]
    key = ", ".join(identifier(name) for name in mapping.schema.key if name in names)
    row = f"({', '.join(map(identifier, names))})"
    return f"""
        select * replace (
            coalesce(reason, case when row{row} is distinct from
                first_value(row{row}) over (partition by in_part, reason, {key} order by in_row)
                then 'duplicate_key' end) as reason)
        from judged_lines
    """


def _references(request: Request, mapping: ColumnMapping) -> tuple[dict[str, pa.Table], str]:
    """Return the products, markets and sellers the lines speak of, and the currency of most lines.

    The first line that fills a cell of a product, market or seller holds. Sales in a market in a currency other than
    that of most of its lines are put in a market of their own.
    """
    engine = request.engine
    mapped = {target for target, _ in mapping.targets()}
    currency = "coalesce(\"markets.currency\", '')" if "markets.currency" in mapped else "''"
    engine.store("market_lines", f"select *, market as place, {currency} as currency from good_lines")
    markets, main = register_markets(engine, "market_lines", request.markets, coded=False)
    engine.store(
        "good_lines",
        """
            select l.* exclude (place, currency) replace (n.market as market)
            from market_lines l join market_names n on l.place = n.place and l.currency = n.currency
            """,
    )
    references = {}
    for table, key, column in (
        ("products", "sku", "sku"),
        ("markets", "market", "market"),
        ("firms", "firm", "seller"),
    ):
        own = [target for target in mapped if target.startswith(f"{table}.")]
        said = ", ".join(
            f"arg_min({identifier(target)}, (in_part, in_row)) as {identifier(target.split('.')[1])}"
            for target in sorted(own)
        )
        rows = engine.sql(
            f"select {column} as {identifier(key)}{', ' if said else ''}{said} from good_lines group by {column} order by 1"
        ).to_pylist()
        references[table] = pa.Table.from_pylist(rows, schema=TABLES[table].arrow)
    coded = {row["market"]: row for row in markets.to_pylist()}
    references["markets"] = pa.Table.from_pylist(
        [
            {
                "market": row["market"],
                "country": row["country"] or coded[row["market"]]["country"],
                "currency": coded[row["market"]]["currency"] or None,
            }
            for row in references["markets"].to_pylist()
        ],
        schema=TABLES["markets"].arrow,
    )
    references["firms"] = pa.Table.from_pylist(
        [row | {"role": row["role"] or "seller"} for row in references["firms"].to_pylist()],
        schema=TABLES["firms"].arrow,
    )
    references["products"] = pa.Table.from_pylist(
        [
            row | {"family": row["family"] or TABLES["products"]["family"].default}
            for row in references["products"].to_pylist()
        ],
        schema=TABLES["products"].arrow,
    )
    return references, main
