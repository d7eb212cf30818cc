"""Every rule of the schema is enforced, with the place and the cure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jointplan.errors import DataIssue
from jointplan.ingest.files.parquet_files import SETTLED
from jointplan.texts import set_language

SALES = "document,date,sku,market,seller,quantity,unit_price\n"
LINE = "A1,2024-03-04,P1,DE,F2,3,10"
TARIFFS = "tariff,basis,from_quantity,to_quantity,rate\n"


def place(issue: DataIssue) -> tuple[str, int | None, str, str]:
    """Return where a problem stands."""
    return issue.file, issue.row, issue.column, issue.value


@pytest.mark.parametrize(
    ("line", "rule", "column", "value"),
    [
        ("A1,2024-03-04,P1,DE,F2,-3,10", "too_low", "quantity", "-3"),
        ("A1,2024-03-04,P1,DE,F2,0,10", "too_low", "quantity", "0"),
        ("A1,2024-03-04,P1,DE,F2,3,-0.01", "too_low", "unit_price", "-0.01"),
        ("A1,2024-03-04,P1,DE,F9,3,10", "unknown_reference", "seller", "F9"),
        ("A1,2024-03-04,P9,DE,F2,3,10", "unknown_reference", "sku", "P9"),
        ("A1,2024-03-04,P1,XX,F2,3,10", "unknown_reference", "market", "XX"),
        (",2024-03-04,P1,DE,F2,3,10", "missing_value", "document", ""),
        ("A1,,P1,DE,F2,3,10", "missing_value", "date", ""),
        ("A1,2024-03-04,P1,DE,F2,  ,10", "missing_value", "quantity", ""),
        ("A1,2024-03-04,P1,DE,F2,many,10", "not_a_number", "quantity", "many"),
        ("A1,1900-01-01,P1,DE,F2,3,10", "implausible_date", "date", "1900-01-01"),
        ("1.2E+15,2024-03-04,P1,DE,F2,3,10", "mangled_code", "document", "1.2E+15"),
    ],
)
def test_a_line_that_breaks_a_rule_is_told(cluster: Any, line: str, rule: str, column: str, value: str) -> None:
    """Exactly the broken rule is told, at its row."""
    cluster.write("sales", f"{SALES}A0{LINE[2:]}\n{line}\n")
    issues = cluster.check().issues
    assert [issue.rule for issue in issues] == [rule]
    assert place(issues[0]) == ("tables/sales.csv", 3, column, value)
    assert issues[0].cure


@pytest.mark.parametrize(
    ("period", "right"),
    [("2024", True), ("2024-Q1", True), ("2024Q4", True), ("2024-q2", True), ("2024-01", False), ("2024H1", False),
     ("2024-Q5", False), ("24", False), ("last year", False), ("2024-Q1-Q2", False)],
)  # fmt: skip
def test_a_period_is_a_year_or_a_quarter(cluster: Any, period: str, right: bool) -> None:
    """Months and half-years would count as years: they are an error at their row, with the cure."""
    header = "system,indicator,period,value\ncluster,output,2023,1\n"
    cluster.write("indicators", f"{header}cluster,output,{period},2\n")
    found = [(issue.rule, *place(issue)) for issue in cluster.check().errors]
    assert found == ([] if right else [("unknown_period", "tables/indicators.csv", 3, "period", period)])
    assert all("2025-Q1" in issue.cure for issue in cluster.check().errors)


def test_bounds_are_inclusive_and_exclusive_as_declared(cluster: Any) -> None:
    """A latitude of 90 is right, of 90.1 wrong; a yield of 1 is right, of 0 wrong."""
    cluster.write("firms", "firm,role,lat\nF1,maker,90\nF2,seller,90.1\n")
    cluster.write("capabilities", "firm,process,cost_per_hour,yield\nF1,a,1,1\nF1,b,1,0\n")
    issues = cluster.check().errors
    assert [(issue.rule, issue.row) for issue in issues] == [("too_high", 3), ("too_low", 3)]


def test_rates_are_shares_and_not_percent(cluster: Any) -> None:
    """A VAT of 20 is an error that says 20 % is 0.2; a duty of 2.7 is asked about, as one of 250 % against dumping exists."""
    cluster.write("duties", "market,from_date,rate,vat\nDE,2024-01-01,2.7,20\nUS,2024-01-01,1,1\n")
    wrong, doubtful = cluster.check().issues
    assert (wrong.severity, wrong.rule, *place(wrong)) == ("error", "too_high", "tables/duties.csv", 2, "vat", "20")
    assert "0.2 for 20 %" in wrong.cure
    assert (doubtful.severity, *place(doubtful)) == ("warning", "tables/duties.csv", 2, "rate", "2.7")
    assert "dumping" in doubtful.cure
    assert "0.2 for 20 %" in doubtful.cure
    cluster.write("fees", "channel,share\nshop,15\n")
    (fee,) = (issue for issue in cluster.issues("too_high") if issue.table == "fees")
    assert "0.2 for 20 %" in fee.cure


def test_unknown_codes_name_what_was_meant(cluster: Any) -> None:
    """Case, blanks and lost zeros are what people and spreadsheets change."""
    cluster.write("products", "sku,unit_value\n007,1\nKettle-A,1\n")
    cluster.write("sales", SALES + LINE.replace("P1", "7") + "\n" + LINE.replace("P1", "kettle a") + "\n")
    issues = cluster.issues("unknown_reference")
    assert {issue.value: issue.guess for issue in issues} == {"7": "007", "kettle a": "Kettle-A"}
    cures = {issue.value: issue.cure for issue in issues}
    assert "007?" in cures["7"]
    assert "Kettle-A?" in cures["kettle a"]


def test_equal_unknown_codes_are_one_problem(cluster: Any) -> None:
    """A code missing from its table is told once, at its first row, with the number of rows."""
    cluster.write("sales", SALES + "".join(f"A{n},2024-03-04,P9,DE,F2,3,10\n" for n in range(340)))
    issues = cluster.issues("unknown_reference")
    assert [(issue.row, issue.value) for issue in issues] == [(2, "P9")]
    assert "340" in issues[0].message


def test_only_the_first_rows_are_listed_and_all_are_counted(cluster: Any) -> None:
    """Twenty rows are shown, the rest is a number."""
    cluster.write("sales", SALES + "".join(f"A{n},2024-03-04,P1,DE,F2,-1,10\n" for n in range(360)))
    issues = cluster.issues("too_low")
    assert [issue.row for issue in issues] == [*range(2, 22), None]
    assert "340" in issues[-1].message


def test_long_values_are_shortened(cluster: Any) -> None:
    """A cell of a thousand signs does not fill the screen."""
    cluster.write("sales", SALES + LINE.replace("P1", "x" * 1000) + "\n")
    assert len(cluster.issues("unknown_reference")[0].value) == 80


def test_duplicate_keys_name_the_row_they_repeat(cluster: Any) -> None:
    """The second of two rows is told, with the first."""
    cluster.write("products", "sku,unit_value\nP1,1\nP2,2\nP1,3\nP1,4\n")
    issues = cluster.issues("duplicate_key")
    assert [(issue.row, issue.value) for issue in issues] == [(4, "P1"), (5, "P1")]
    assert all("Row 2" in issue.message for issue in issues)


def test_a_key_there_twice_names_the_columns_that_are_filled_in(cluster: Any) -> None:
    """Operations of a family have no product: family and step are named with their values, not the blank sku."""
    cluster.write("operations", "sku,family,step,process,hours\n,general,1,a,1\n,general,1,b,1\nP1,,1,a,1\nP1,,1,b,1\n")
    first, second = cluster.issues("duplicate_key")
    assert (first.row, first.column, first.value) == (3, "family, step", "general · 1")
    assert "same family, step" in first.message
    assert "its family, step" in first.cure
    assert (second.row, second.column, second.value) == (5, "sku, step", "P1 · 1")
    set_language("zh")
    assert "产品族、工序号与此相同" in cluster.issues("duplicate_key")[0].message


def test_tables_a_code_may_stand_in_are_named_once(cluster: Any) -> None:
    """The partner of a term is a firm or an owner, both of the table firms."""
    cluster.write("terms", "owner,term,partner\nF1,refuse,nobody\n")
    (issue,) = (issue for issue in cluster.issues("unknown_reference") if issue.column == "partner")
    assert "The table firms does not list this." in issue.message


def test_tables_of_which_none_lists_a_code_are_named_as_several(cluster: Any) -> None:
    """A lane may end at a site, a market or a firm."""
    cluster.write("tariffs", "tariff,basis,rate\nT,kg,1\n")
    cluster.write("lanes", "lane,origin,destination,mode,tariff,transit_days\nL,*,NOWHERE,sea,T,9\n")
    (issue,) = (issue for issue in cluster.issues("unknown_reference") if issue.column == "destination")
    assert issue.message == "None of the tables sites, markets, firms lists this."
    assert issue.cure.endswith("Correct the code, or add it to one of the tables sites, markets, firms.")


def test_blank_is_a_value_of_a_key(cluster: Any) -> None:
    """Two rows of capacity for every week are two too many; one for every week and one for a week are not."""
    cluster.write("capacity", "firm,process,week,hours\nF1,a,,40\nF1,a,2024-03-04,20\n")
    assert cluster.issues("duplicate_key") == []
    cluster.write("capacity", "firm,process,week,hours\nF1,a,,40\nF1,a,2024-03-04,20\nF1,a,2024-03-05,20\nF1,a,,30\n")
    assert [issue.row for issue in cluster.issues("duplicate_key")] == [4, 5]


def test_equal_lines_of_a_document_are_told_apart_by_their_occurrence(cluster: Any) -> None:
    """The same line twice is a mistake unless it says that it is the second."""
    cluster.write("sales", f"{SALES}{LINE}\n{LINE}\n")
    assert len(cluster.issues("duplicate_key")) == 1
    cluster.write("sales", f"{SALES[:-1]},occurrence\n{LINE},1\n{LINE},2\n")
    assert cluster.check().issues == ()


def test_identity_settled_by_an_import_is_not_checked_again(cluster: Any) -> None:
    """A Parquet file is compared line by line unless its metadata say that an import did."""
    lines = pa.table(
        {
            "document": ["A1", "A1"], "date": [date(2024, 3, 4)] * 2, "sku": ["P1"] * 2, "market": ["DE"] * 2,
            "seller": ["F2"] * 2, "quantity": [3.0] * 2, "unit_price": [10.0] * 2,
        }
    )  # fmt: skip
    (cluster.workspace.tables / "sales.csv").unlink()
    path = cluster.workspace.tables / "sales.parquet"
    pq.write_table(lines, path)
    assert [issue.row for issue in cluster.issues("duplicate_key")] == [3]
    pq.write_table(lines.replace_schema_metadata(SETTLED), path)
    assert cluster.check().issues == ()


def test_parquet_files_are_checked_like_others(cluster: Any) -> None:
    """Whatever types a program wrote, rules and rows are the same; blank text is blank."""
    lines = pa.table(
        {
            "document": [1001, 1002, 1003],
            "date": pa.array(["2024-03-04", "2024年3月5日", None]),
            "sku": pa.array(["P1", "", "P9"]).dictionary_encode(),
            "market": ["DE"] * 3,
            "seller": ["F2"] * 3,
            "quantity": pa.array([1, -2, 3], pa.int32()),
            "unit_price": pa.array([1.0, float("nan"), float("inf")]),
        }
    )
    (cluster.workspace.tables / "sales.csv").unlink()
    pq.write_table(lines, cluster.workspace.tables / "sales.parquet")
    checked = cluster.check()
    assert {(issue.rule, issue.row, issue.column) for issue in checked.errors} == {
        ("missing_value", 4, "date"),
        ("missing_value", 3, "sku"),
        ("unknown_reference", 4, "sku"),
        ("too_low", 3, "quantity"),
        ("not_a_number", 3, "unit_price"),
        ("not_a_number", 4, "unit_price"),
    }
    assert checked.tables["sales"]["document"].to_pylist() == ["1001", "1002", "1003"]
    assert checked.tables["sales"]["date"].to_pylist()[:2] == [date(2024, 3, 4), date(2024, 3, 5)]


@pytest.mark.parametrize("content", [b"PAR1 half of a file", b"no Parquet at all"])
def test_a_parquet_file_that_is_not_complete_is_an_error(cluster: Any, content: bytes) -> None:
    """A file still being written has no end yet."""
    cluster.write("stock.parquet", content)
    assert [(issue.table, issue.rule) for issue in cluster.check().issues] == [("stock", "broken_file")]


def test_one_of_several_cells_is_needed(cluster: Any) -> None:
    """An operation is for a product or for a family."""
    cluster.write("operations", "sku,family,step,process,hours\n,,1,x,1\nP1,,1,x,1\n,general,1,x,1\n")
    assert [issue.row for issue in cluster.issues("none_given")] == [2]


def test_the_three_sides_stand_together(cluster: Any) -> None:
    """Length, width and height are all given or none: each blank one is an error at its own cell; a column that is not there is blank."""
    cluster.write("products", "sku,maker,unit_value,length,width,height\nP1,F1,1,30,,20\nP2,F1,1,,,\nP3,F1,1,x,20,20\n")
    (issue,) = cluster.issues("not_all_given")
    assert (issue.file, issue.row, issue.column, issue.severity) == ("tables/products.csv", 2, "width", "error")
    assert issue.message == "Some of these are filled in, but not this one: length, width, height."
    assert issue.cure == "Fill in all of them, or leave all blank."
    cluster.write("products", "sku,maker,unit_value,length\nP1,F1,1,30\nP2,F1,1,\n")
    assert [(issue.row, issue.column) for issue in cluster.issues("not_all_given")] == [(2, "width"), (2, "height")]


def test_days_and_bands_stand_in_order(cluster: Any) -> None:
    """Due is not before ordered; a band ends above its beginning."""
    cluster.write("orders", "order,date,due,sku,market,seller,quantity\nO1,2024-03-05,2024-03-04,P1,DE,F2,1\n")
    cluster.write("tariffs", TARIFFS + "T1,kg,10,10,1\n")
    assert [(issue.table, issue.row) for issue in cluster.issues("wrong_order")] == [("orders", 2), ("tariffs", 2)]


def test_bands_of_a_tariff_do_not_overlap(cluster: Any) -> None:
    """A band that begins inside another is told, wherever it stands; bands of other tariffs do not matter."""
    cluster.write("tariffs", TARIFFS + "T1,kg,20,,1\nT1,kg,0,10,1\nT1,kg,10,25,1\nT2,kg,5,30,1\n")
    issues = cluster.issues("overlap")
    assert [(issue.row, issue.value) for issue in issues] == [(2, "20")]
    assert "row 4" in issues[0].message


def test_rules_of_one_market_do_not_hold_at_the_same_time(cluster: Any) -> None:
    """The second of two rows in force on one day is named, with the first; the day after the last one is free."""
    cluster.write(
        "duties",
        "market,hs,from_date,to_date,rate\n"
        "DE,64,2024-01-01,2024-06-30,0.1\nDE,64,2024-06-30,,0.2\nUS,,2024-01-01,2024-06-30,0.1\nUS,,2024-07-01,,0.2\n",
    )
    (issue,) = cluster.issues("overlap")
    assert (issue.table, issue.file, issue.row, issue.column) == ("duties", "tables/duties.csv", 3, "from_date")
    set_language("zh")
    assert "同一市场编码、海关编码前缀、原产地的另一区间（第 2 行）" in cluster.issues("overlap")[0].message
    assert issue.severity == "error"
    assert "(row 2)" in issue.message
    assert issue.cure == "Let each range begin the day after the one before it ends."


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        ("8516.60", "851660", "overlap"),
        ("8516 60", "8516.60", "overlap"),
        ("", "-", "overlap"),
        ("8516", "851660", None),
    ],
)
def test_codes_of_customs_are_alike_in_any_spelling(cluster: Any, first: str, second: str, rule: str | None) -> None:
    """Points and blanks in a code make no other rule: two in force on one day are told, and so are two from the same day."""
    header = "market,hs,from_date,rate\n"
    for since, found in (("2024-06-30", rule), ("2024-01-01", rule and "duplicate_key")):
        cluster.write("duties", f"{header}DE,{first},2024-01-01,0.1\nDE,{second},{since},0.2\n")
        assert [(issue.rule, issue.row) for issue in cluster.check().errors] == [(found, 3)] * (found is not None)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    bands=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10)), min_size=1, max_size=6, unique_by=lambda b: b[0])
)
def test_overlap_is_what_pairs_of_bands_say(cluster: Any, bands: list[tuple[int, int]]) -> None:
    """There is an overlap if and only if some two bands share a quantity."""
    cluster.write("tariffs", TARIFFS + "".join(f"T1,kg,{low},{low + width},1\n" for low, width in bands))
    pairs = [(a, b) for a in bands for b in bands if a[0] < b[0] < a[0] + a[1]]
    assert bool(cluster.issues("overlap")) == bool(pairs)


def test_codes_may_stand_in_either_table_or_be_the_wildcard(cluster: Any) -> None:
    """A lane starts at a firm, a site or everywhere, and ends at a firm, at a site or in a market."""
    cluster.write("sites", "site,kind\nHUB,hub\n")
    cluster.write("tariffs", TARIFFS + "T1,kg,0,,1\n")
    lanes = ["L1,F1,HUB", "L2,HUB,DE", "L3,*,US", "L4,DE,HUB", "L5,F1,F2", "L6,F1,*"]
    cluster.write(
        "lanes", "lane,origin,destination,mode,tariff,transit_days\n" + "".join(f"{x},sea,T1,30\n" for x in lanes)
    )
    found = [(issue.row, issue.column) for issue in cluster.issues("unknown_reference")]
    assert found == [(5, "origin"), (7, "destination")]


def test_codes_of_an_absent_table_are_unknown(cluster: Any) -> None:
    """A tariff that is named must be given."""
    cluster.write("lanes", "lane,origin,destination,mode,tariff,transit_days\nL1,F1,DE,sea,T1,30\n")
    assert [issue.value for issue in cluster.issues("unknown_reference")] == ["T1"]


def test_a_blank_code_needs_no_listing(cluster: Any) -> None:
    """Even where the other table lists nothing, blank is not unknown."""
    cluster.write("stock", "site,sku,seller,quantity\nF1,P1,,3\n")
    assert cluster.issues("unknown_reference") == []


@pytest.mark.parametrize(("value", "cure"), [("dollars", "three-letter"), ("eu", "EUR")])
def test_currencies_are_iso_codes(cluster: Any, value: str, cure: str) -> None:
    """What is no code is told with the one that is near, else with what a code is."""
    cluster.write("markets", f"market,country,currency\nDE,DE,{value}\nUS,US,eur\n")
    issues = cluster.check().errors
    assert [(issue.rule, issue.value) for issue in issues] == [("unknown_currency", value)]
    assert cure in issues[0].cure


def test_countries_are_iso_codes_in_any_case(cluster: Any) -> None:
    """Germany is de or DE, UK is told to be GB, Kosovo has its customary code."""
    cluster.write("markets", "market,country\nDE,de\nUS,UK\nXK,XK\n")
    issues = cluster.check().errors
    assert [(issue.rule, issue.value) for issue in issues] == [("unknown_country", "UK")]
    assert "GB" in issues[0].cure
    assert cluster.check().tables["markets"]["country"].to_pylist() == ["DE", None, "XK"]


def test_countries_may_be_called_by_their_names(cluster: Any) -> None:
    """In English or Chinese, whatever the language of the file; what is no country stays an error."""
    names = {"DE": "德国", "US": "美国", "KR": "韩国", "BR": "brazil", "GB": "United Kingdom", "VN": "越南"}
    cluster.write("markets", "market,country\n" + "".join(f"{code},{name}\n" for code, name in names.items()))
    assert cluster.check().tables["markets"]["country"].to_pylist() == list(names)
    cluster.write("markets", "market,country\nDE,德囯\nUS,US\n")
    assert [issue.value for issue in cluster.issues("unknown_country")] == ["德囯"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("RMB", "CNY"), ("人民币", "CNY"), ("us$", "USD"), ("美元", "USD"), ("€", "EUR"), ("usd", "USD")],
)
def test_words_that_can_mean_one_currency_only_are_its_code(cluster: Any, written: str, code: str) -> None:
    """What people write for renminbi, dollars of the United States and euros is read."""
    cluster.write("markets", f"market,country,currency\nDE,DE,{written}\nUS,US,{written}\n")
    checked = cluster.check(currency=None)
    assert checked.issues == ()
    assert checked.tables["markets"]["currency"].to_pylist() == [code, code]


@pytest.mark.parametrize(("sign", "first"), [("¥", "CNY"), ("￥", "CNY"), ("$", "USD"), ("£", "GBP")])
def test_signs_of_several_currencies_are_asked_about(cluster: Any, sign: str, first: str) -> None:
    """A sign that several countries use is told with the codes it may mean, the likeliest first, and not guessed."""
    cluster.write("markets", f"market,country,currency\nDE,DE,{sign}\nUS,US,EUR\n")
    (issue,) = cluster.check().issues
    assert (issue.rule, issue.row, issue.column, issue.value) == ("ambiguous_currency", 2, "currency", sign)
    assert f": {first}, " in issue.cure
    assert "Did you mean" not in issue.cure


def test_a_day_of_long_ago_is_an_error_where_it_would_lengthen_the_history(cluster: Any) -> None:
    """A sale of 1926 stops the run; the launch of a product that long ago is doubted."""
    cluster.write("sales", SALES + LINE + "\nA2,1926-03-04,P1,DE,F2,3,10\nA3,2126-03-04,P1,DE,F2,3,10\n")
    told = [(issue.row, issue.severity) for issue in cluster.issues("implausible_date")]
    assert told == [(3, "error"), (4, "error")]
    cluster.write("sales", SALES + LINE + "\n")
    cluster.write("products", "sku,unit_value,launched\nP1,1,1926-03-04\n")
    assert [issue.severity for issue in cluster.issues("implausible_date")] == ["warning"]


def test_what_never_ends_may_end_as_late_as_one_likes(cluster: Any) -> None:
    """9999-12-31 is how programs write that a rule has no end; before 1990 it is a slip all the same."""
    duties = "market,hs,origin,from_date,to_date,rate\nDE,8516,CN,2024-01-01,{},0.1\n"
    cluster.write("duties", duties.format("9999-12-31"))
    assert cluster.issues("implausible_date") == []
    cluster.write("duties", duties.format("1926-12-31"))
    (issue,) = cluster.issues("implausible_date")
    assert (issue.column, issue.severity) == ("to_date", "warning")


def test_a_foreign_currency_needs_a_rate(cluster: Any) -> None:
    """Dollars among euros stop the run until a rate is given."""
    cluster.write("markets", "market,country,currency\nDE,DE,EUR\nUS,US,USD\n")
    assert [place(issue) for issue in cluster.issues("missing_rate")] == [("tables/markets.csv", 3, "currency", "USD")]
    cluster.write("fx", "currency,date,rate\nUSD,2024-01-01,0.9\n")
    assert cluster.issues("missing_rate") == []
    assert [issue.value for issue in cluster.issues("missing_rate", currency="CNY")] == ["EUR"]


def test_choices_are_known_in_english_and_chinese(cluster: Any) -> None:
    """Case does not matter; other words are told with the choices."""
    cluster.write("firms", "firm,role\nF1,Maker\nF2,卖家\nF3,boss\n")
    issues = cluster.issues("unknown_choice")
    assert [issue.row for issue in issues] == [4]
    assert "maker, seller, both" in issues[0].cure
    assert cluster.check().tables["firms"]["role"].to_pylist()[:2] == ["maker", "seller"]


def test_whole_numbers_are_whole(cluster: Any) -> None:
    """A step is 1 or 1.0, not 1.5."""
    cluster.write("operations", "sku,step,process,hours\nP1,1.0,x,1\nP1,1.5,x,1\n")
    assert [place(issue)[1:] for issue in cluster.issues("not_a_whole_number")] == [(3, "step", "1.5")]


def test_units_that_are_hardly_meant_are_a_warning(cluster: Any) -> None:
    """Twelve tonnes, two hundred m³ and twenty thousand hours a week are told; a full container is not."""
    cluster.write("products", "sku,maker,unit_value,weight,volume\nP1,F1,1,12000,200\nP2,F1,1,10000,100\n")
    cluster.write("capacity", "firm,process,hours\nF1,x,20000\n")
    cluster.write("tariffs", "tariff,basis,rate,container_kg\nT1,container,1,26000\n")
    checked = cluster.check()
    found = [
        (issue.table, issue.column, issue.severity) for issue in checked.issues if issue.rule == "implausible_value"
    ]
    assert found == [
        ("products", "weight", "warning"), ("products", "volume", "warning"), ("capacity", "hours", "warning"),
    ]  # fmt: skip


def test_an_unknown_column_is_an_error_that_names_the_nearest(cluster: Any) -> None:
    """A misspelt header is not silently left out; a remark is."""
    cluster.write("products", "sku,unit_valeu,#note\nP1,1,x\nP2,2,y\n")
    issues = cluster.check().errors
    assert [(issue.rule, issue.row, issue.value) for issue in issues] == [("unknown_column", 1, "unit_valeu")]
    assert "unit_value" in issues[0].cure


def test_a_needed_column_is_told_once(cluster: Any) -> None:
    """A column that is missing is one problem, not one a row, and none of those who refer to it."""
    cluster.write("products", "title,unit_value\nx,1\ny,2\n")
    assert [issue.rule for issue in cluster.check().errors] == ["missing_column"]


def test_a_column_there_twice_is_an_error(cluster: Any) -> None:
    """In English and Chinese it is still the same column."""
    cluster.write("products", "sku,产品编码,unit_value\nP1,P1,1\nP2,P2,1\n")
    assert [issue.rule for issue in cluster.check().errors] == ["duplicate_column"]


def test_headers_may_bear_unit_and_mark(cluster: Any) -> None:
    """Case, blanks, units in brackets and the star of a needed column do not matter."""
    cluster.write("products", "SKU*,Unit value (EUR),单件重量（kg）\nP1,1,2\nP2,2,3\n")
    checked = cluster.check()
    assert checked.errors == ()
    assert checked.tables["products"]["weight"].to_pylist() == [2, 3]


def test_files_named_for_no_table_are_told(cluster: Any) -> None:
    """A misspelt file is a warning that names the table; a kind that is not read is an error."""
    cluster.write("capactiy.csv", "x\n")
    cluster.write("stock.xls", b"x")
    found = {issue.rule: issue for issue in cluster.check().issues}
    assert set(found) == {"unknown_file", "unknown_format"}
    assert "capacity" in found["unknown_file"].cure
    assert found["unknown_file"].severity == "warning"
    assert "XLSX" in found["unknown_format"].cure


@pytest.mark.parametrize(
    ("quantities", "warned"), [(("1.500", "12"), True), (("1.500", "2.5"), False), (("1500",), False)]
)
def test_points_before_three_digits_are_asked_about(cluster: Any, quantities: tuple[str, ...], warned: bool) -> None:
    """1.500 units is read as one and a half, and may be meant as fifteen hundred, unless another cell decides it."""
    header = "document,date,sku,market,seller,quantity,unit_price\n"
    rows = "".join(f"A{n},2024-03-{n + 4:02d},P1,DE,F2,{units},10\n" for n, units in enumerate(quantities))
    cluster.write("sales", header + rows)
    assert bool(cluster.issues("point_of_thousands")) is warned
    assert not cluster.check().errors


def test_a_day_that_does_not_exist_does_not_make_a_column_mixed(cluster: Any) -> None:
    """31 February is told once, as no day."""
    header = "document,date,sku,market,seller,quantity,unit_price\n"
    cluster.write(
        "sales", header + "A1,2024-03-04,P1,DE,F2,3,10\nA2,2024-03-05,P1,DE,F2,3,10\nA3,31.02.2024,P1,DE,F2,3,10\n"
    )
    assert [issue.rule for issue in cluster.check().issues] == ["not_a_date"]
