"""Whatever is wrong with the input, the user learns what, where, and what to do; and no half-made run is left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import csv, parquet
from typer.testing import CliRunner, Result

import jointplan.ingest.reader as reader
from jointplan.cli import app
from jointplan.store import StoredRun, Workspace
from tests.tiny import FIRST_MONDAY, WEEKS, Row, tiny_tables, write_csv, write_tiny


def jointplan(*words: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def problems(folder: Path) -> list[dict[str, Any]]:
    """Return the errors for which `run` refuses an input, once it is sure that they have cures and no run is left."""
    ran = jointplan("run", folder, "--json")
    assert ran.exit_code == 1, ran.output
    assert "Traceback" not in ran.stderr
    assert not (folder / "runs").exists()
    issues: list[dict[str, Any]] = json.loads(ran.stdout)["issues"]
    assert all(issue["message"] and issue["cure"] for issue in issues)
    return [issue for issue in issues if issue["severity"] == "error"]


def plans(folder: Path, *words: object) -> StoredRun:
    """Return the run made of an input that is unusual, yet can be planned; near enough to the best plan is enough."""
    (folder / "jointplan.toml").write_text("[diagnosis]\nwith_run = false\n[plan.solve]\ngap = 0.02\n", "utf-8")
    ran = jointplan("run", folder, "--no-report", "--seconds", 5, "--horizon-weeks", 4, *words)
    assert ran.exit_code == 0, ran.output
    return Workspace(folder).run()


def place(issue: dict[str, Any]) -> tuple[str, str, int | None, str, str]:
    """Return where a problem stands, and what stands there."""
    return issue["table"], issue["file"], issue["row"], issue["column"], issue["value"]


def each(**values: object) -> Callable[[list[Row]], list[Row]]:
    """Return a change that sets columns in every row."""
    return lambda rows: [row | values for row in rows]


def first(**values: object) -> Callable[[list[Row]], list[Row]]:
    """Return a change that sets columns in the first row."""
    return lambda rows: [rows[0] | values, *rows[1:]]


def test_missing_file(tmp_path: Path) -> None:
    """A needed table that is not there is named, with the file to add."""
    (issue,) = problems(write_tiny(tmp_path, sales=None))
    assert (issue["table"], issue["rule"]) == ("sales", "missing_table")
    assert "sales.csv" in issue["cure"]


@pytest.mark.parametrize(
    ("content", "rule", "cure"),
    [
        ("", "empty_file", "Fill it in, or remove it"),
        ("\n", "empty_file", "Fill it in, or remove it"),
        ("document,date,sku,market,seller,quantity,unit_price\n", "empty_table", "Fill it in"),
    ],
)
def test_empty_file(tiny: Path, content: str, rule: str, cure: str) -> None:
    """A file with nothing, a blank line or only a header is told as such."""
    (tiny / "tables" / "sales.csv").write_text(content)
    (issue,) = problems(tiny)
    assert place(issue) == ("sales", "tables/sales.csv", None, "", "")
    assert (issue["rule"], cure in issue["cure"]) == (rule, True)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (lambda content: content + b"\xff\xfe\xff,name,both\n", 5),
        (lambda content: content.replace(b"Beta", b"B\xff\xfft"), 3),
        # A line break within quotes begins no row.
        (lambda content: content.replace(b"Alpha", b'"Al\npha"').replace(b"Beta", b"B\x00"), 3),
        # Chinese in GB18030 up to row 3, and broken there.
        (lambda content: content.replace(b"Alpha", "\u7532".encode("gb18030")).replace(b"Beta", b"\xd2\xff"), 3),
        # Western signs are no UTF-8, and no Chinese either.
        (lambda content: content.replace(b"Beta", b"B\xeata \xe9\xe8\xfc"), 3),
        # Where a sign takes two bytes, rows are not known.
        (lambda content: content.decode().encode("utf-16") + b"\x00\xd8", None),
    ],
)
def test_wrong_encoding(tiny: Path, change: Callable[[bytes], bytes], row: int | None) -> None:
    """Bytes that are neither UTF-8 nor GB18030 are told with the file and the first row that holds one."""
    file = tiny / "tables" / "firms.csv"
    file.write_bytes(change(file.read_bytes()))
    (issue,) = problems(tiny)
    assert place(issue) == ("firms", "tables/firms.csv", row, "", "")
    assert issue["rule"] == "wrong_encoding"
    assert "neither in UTF-8 nor in GB18030" in issue["message"]
    assert "save with the encoding UTF-8" in issue["cure"]


def test_unknown_column(tmp_path: Path) -> None:
    """A misspelled column is named, with the one that was meant."""

    def misspelled(rows: list[Row]) -> list[Row]:
        return [{("quantiti" if name == "quantity" else name): cell for name, cell in row.items()} for row in rows]

    checked = jointplan("check", write_tiny(tmp_path, sales=misspelled), "--json")
    assert checked.exit_code == 1
    text = " ".join(issue["message"] + issue["cure"] for issue in json.loads(checked.stdout)["issues"])
    assert "quantiti" in text
    assert "quantity" in text.casefold()


def test_duplicate_keys(tmp_path: Path) -> None:
    """Both rows are named."""
    (issue,) = problems(write_tiny(tmp_path, products=lambda rows: [*rows, rows[0]]))
    assert place(issue) == ("products", "tables/products.csv", 5, "sku", "KETTLE-1")
    assert issue["message"] == "Row 2 has the same sku."
    assert issue["cure"] == "Remove one of the two, or correct its sku."


def test_negative_quantity(tmp_path: Path) -> None:
    """A quantity below zero is no sale."""
    (issue,) = problems(write_tiny(tmp_path, sales=first(quantity=-3)))
    assert place(issue) == ("sales", "tables/sales.csv", 2, "quantity", "-3")
    assert issue["message"] == "The column quantity must be above 0."
    assert issue["cure"].startswith("Correct it.")


def test_unknown_firm(tmp_path: Path) -> None:
    """A firm that the table firms does not list is named, with the nearest that it lists."""
    (issue,) = problems(write_tiny(tmp_path, products=first(maker="ALPA")))
    assert place(issue) == ("products", "tables/products.csv", 2, "maker", "ALPA")
    assert issue["message"] == "The table firms does not list this."
    assert issue["cure"] == "Did you mean ALPHA? Correct the code, or add it to the table firms."


def test_dates_in_three_formats(tmp_path: Path) -> None:
    """Days that can be read without doubt are read alike, with a warning; a day that cannot is an error."""

    def written(rows: list[Row]) -> list[Row]:
        shown = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
        return [row | {"date": row["date"].strftime(shown[n % 3])} for n, row in enumerate(rows)]

    folder = write_tiny(tmp_path / "read", sales=written)
    checked = json.loads(jointplan("check", folder, "--json").stdout)
    assert checked["errors"] == 0
    assert "mixed_dates" in [issue["rule"] for issue in checked["issues"]]
    (issue,) = problems(write_tiny(tmp_path / "not", sales=first(date="the 3rd of spring")))
    assert place(issue) == ("sales", "tables/sales.csv", 2, "date", "the 3rd of spring")
    assert issue["message"] == "This is not a day."
    assert issue["cure"] == "Write it as 2024-03-05 (year-month-day)."


@pytest.mark.parametrize(
    "days", [("15/03/2025", "03/16/2025", "2025-03-17"), ("04/03/2025", "03/05/2025", "2025-03-06")]
)
def test_dates_with_the_day_first_and_the_month_first(tmp_path: Path, days: tuple[str, ...]) -> None:
    """Where one column has both orders, or neither can be told, every row in doubt is named, and the ISO date is not."""

    def written(rows: list[Row]) -> list[Row]:
        return [row | {"date": day} for row, day in zip(rows, days, strict=False)] + rows[3:]

    found = problems(write_tiny(tmp_path, sales=written))
    assert [place(issue) for issue in found] == [
        ("sales", "tables/sales.csv", row, "date", day) for row, day in zip((2, 3), days, strict=False)
    ]
    for issue in found:
        assert "Day and month cannot be told apart" in issue["message"]
        assert issue["cure"] == "Write the days of the column as 2024-03-05 (year-month-day)."


def test_a_number_of_thirty_digits(tmp_path: Path) -> None:
    """A number that cannot be held is refused rather than rounded."""
    (issue,) = problems(write_tiny(tmp_path, sales=first(quantity="1" * 30)))
    assert place(issue) == ("sales", "tables/sales.csv", 2, "quantity", "1" * 30)
    assert issue["rule"] == "number_too_large"
    assert issue["message"] == "The number is too large: numbers are held with 15 digits."
    assert issue["cure"] == "Look whether a code stands where a number should."


def test_a_file_being_written_while_it_is_read(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows while it is read stops the run: half of it may be missing."""
    file = tiny / "tables" / "sales.csv"
    read_text = reader.read_text

    def read_and_append(engine: Any, name: str, path: Path, *rest: Any) -> Any:
        rows = read_text(engine, name, path, *rest)
        if path == file:
            with file.open("a") as stream:
                stream.write("\n")
        return rows

    monkeypatch.setattr(reader, "read_text", read_and_append)
    (issue,) = problems(tiny)
    assert place(issue) == ("sales", "tables/sales.csv", None, "", "")
    assert issue["message"] == "The file changed while it was read."
    assert issue["cure"] == "Wait until the other program has written it, then check again."


def test_a_parquet_file_being_replaced_while_it_is_read(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose rows are gone once they are wanted is told like one that grows."""
    file = as_parquet(tiny / "tables" / "sales.csv")
    read_parquet = reader.read_parquet

    def read_and_cut(engine: Any, name: str, path: Path, *rest: Any) -> Any:
        rows = read_parquet(engine, name, path, *rest)
        path.write_bytes(path.read_bytes()[:100])
        return rows

    monkeypatch.setattr(reader, "read_parquet", read_and_cut)
    (issue,) = problems(tiny)
    assert place(issue) == ("sales", f"tables/{file.name}", None, "", "")
    assert issue["rule"] == "changed_while_read"
    assert issue["cure"] == "Wait until the other program has written it, then check again."


def as_parquet(file: Path) -> Path:
    """Put a Parquet file in place of a CSV file."""
    made = file.with_suffix(".parquet")
    parquet.write_table(csv.read_csv(file), made)
    file.unlink()
    return made


def as_workbook(file: Path) -> Path:
    """Put a workbook in place of a CSV file."""
    made = file.with_suffix(".xlsx")
    book = openpyxl.Workbook()
    for line in file.read_text("utf-8").splitlines():
        book.active.append(line.split(","))
    book.save(made)
    file.unlink()
    return made


@pytest.mark.parametrize("form", [as_parquet, as_workbook])
def test_half_a_file(tiny: Path, form: Callable[[Path], Path]) -> None:
    """A Parquet file or workbook of which only a half is there yet is told with the advice to wait."""
    file = form(tiny / "tables" / "sales.csv")
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    (issue,) = problems(tiny)
    assert place(issue) == ("sales", f"tables/{file.name}", None, "", "")
    assert issue["rule"] == "broken_file"
    assert "wait" in issue["cure"].casefold()


def test_half_a_text_file(tiny: Path) -> None:
    """A row that ends in its middle is named."""
    file = tiny / "tables" / "sales.csv"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([*lines[:9], lines[9][:15]]))
    (issue,) = problems(tiny)
    assert place(issue) == ("sales", "tables/sales.csv", 10, "", lines[9][:15])
    assert "complete the row" in issue["cure"]


def test_a_disk_without_room(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room is told before anything is computed."""
    usage = shutil.disk_usage(tiny)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    ran = jointplan("run", tiny)
    assert ran.exit_code == 1
    assert "The disk has no room" in ran.stderr
    assert "Free some space" in ran.stderr
    assert not (tiny / "runs").exists()


def only_returns(folder: Path, column: str, message: str, cure: str) -> None:
    """Ensure that the answer is that nothing was sold, said as it is."""
    issue = next(issue for issue in problems(folder) if issue["rule"] == "only_returns")
    assert place(issue) == ("sales", "tables/sales.csv", None, column, "")
    assert issue["message"] == message
    assert issue["cure"].startswith(cure)
    assert issue["message"] in jointplan("run", folder).stderr


@pytest.mark.parametrize(
    ("header", "wrong", "cure"),
    [(True, "has no rows", "Fill it in."), (False, "is missing", "Add tables/sales.csv")],
    ids=["only a header", "no file"],
)
def test_only_returns(tmp_path: Path, header: bool, wrong: str, cure: str) -> None:
    """Returns without a sale are nothing to plan, whether the sales are empty or not there; nobody is told of lines that are none."""
    folder = write_tiny(tmp_path)
    rows = tiny_tables()["sales"]
    returned = {name: rows[0][name] for name in ("document", "date", "sku", "market", "seller", "quantity")}
    write_csv(folder / "tables" / "returns.csv", [returned])
    (folder / "tables" / "sales.csv").unlink()
    if header:
        (folder / "tables" / "sales.csv").write_text(",".join(rows[0]) + "\n")
    said = "the table returns says what came back, but nothing says what was sold."
    only_returns(folder, "", f"The table sales {wrong}: {said}", cure)


def test_only_quantities_below_zero(tmp_path: Path) -> None:
    """Sales taken back, in the table of sales, are told as a whole beside the rows."""
    folder = write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": -row["quantity"]} for row in rows])
    message = "All lines are cancellations or returns: nothing is left to plan."
    only_returns(folder, "quantity", message, "Add the lines that were sold, with their quantities above 0.")
    rows = [issue["row"] for issue in problems(folder) if issue["rule"] == "too_low"]
    assert rows == [*range(2, 22), None]


def test_only_cancellations(tmp_path: Path) -> None:
    """An order report in which all was cancelled leaves nothing to plan, and that is what is said."""
    folder = write_tiny(tmp_path / "cluster")
    (folder / "tables" / "sales.csv").unlink()
    report = tmp_path / "orders.txt"
    report.write_text(
        "amazon-order-id\tpurchase-date\torder-status\tsales-channel\tsku\tquantity\tcurrency\titem-price\n"
        "A-1\t2025-03-05T10:00:00+00:00\tCancelled\tAmazon.de\tKETTLE-1\t1\tCNY\t100\n"
    )
    imported = jointplan("import", "amazon-orders", report, "--into", folder, "--seller", "ALPHA", "--json")
    assert imported.exit_code == 1
    assert "cancelled: 1 (first in row 2)" in json.loads(imported.stdout)["error"]
    message = "All lines that were imported are cancellations or returns: nothing is left to plan."
    only_returns(folder, "", message, "Import the lines that were sold; derived/rejected.csv says why")


def test_sales_of_no_complete_week(tmp_path: Path) -> None:
    """Sales of one Wednesday are sound tables with nothing to plan: no result, which is exit 3."""
    folder = write_tiny(tmp_path, sales=lambda rows: [rows[0] | {"date": "2025-03-05"}])
    ran = jointplan("run", folder)
    assert ran.exit_code == 3, ran.output
    assert "no complete week" in ran.stderr
    assert not (folder / "runs").exists()


def delivered(run: StoredRun, plan: str = "joint", **where: object) -> float:
    """Return the units a plan hands over."""
    rows = run.tables["deliveries"].to_pylist()
    return sum(r["delivered"] for r in rows if r["plan"] == plan and all(r[k] == v for k, v in where.items()))


def made(run: StoredRun, plan: str = "joint", **where: object) -> float:
    """Return the units a plan makes."""
    rows = run.tables["lots"].to_pylist()
    return sum(r["quantity"] for r in rows if r["plan"] == plan and all(r[k] == v for k, v in where.items()))


def sound(run: StoredRun) -> None:
    """Ensure that the plans made break no rule and add up."""
    values = {row["plan"]: row for row in run.tables["values"].to_pylist()}
    assert set(values) == {"separate", "joint"}
    assert all(row["violations"] == 0 for row in values.values())
    ledger = run.tables["ledger"].to_pylist()
    for plan, row in values.items():
        assert sum(r["amount"] for r in ledger if r["plan"] == plan) == pytest.approx(row["value"], abs=0.005)


def test_the_tiny_cluster_itself_is_planned(tiny: Path) -> None:
    """What the cases below are variations of: three factories plan, deliver, and gain something or nothing."""
    run = plans(tiny)
    sound(run)
    assert delivered(run) > 0


def test_a_firm_that_can_make_nothing(tmp_path: Path) -> None:
    """Its product is made by others in the joint plan, or by nobody."""
    run = plans(write_tiny(tmp_path, capabilities=lambda rows: [r for r in rows if r["firm"] != "ALPHA"]))
    sound(run)
    assert made(run, "separate", sku="KETTLE-1") == 0
    assert made(run, "joint", maker="ALPHA") == 0


def test_no_capacity_at_all(tmp_path: Path) -> None:
    """Nothing can be made: a plan of unmet demand, not a failure."""
    run = plans(write_tiny(tmp_path, capacity=each(hours=0, overtime_hours=0)))
    sound(run)
    assert made(run, "separate") == made(run, "joint") == 0


def test_a_week_of_zero_capacity(tmp_path: Path) -> None:
    """A week in which everything stands still is planned around."""
    closed = FIRST_MONDAY + timedelta(weeks=WEEKS)
    folder = write_tiny(tmp_path)
    write_csv(folder / "tables" / "calendar.csv", [{"region": "", "week": closed, "share": 0}])
    run = plans(folder)
    sound(run)
    assert made(run, week=closed) == 0
    assert made(run) > 0


def test_a_market_without_any_lane(tmp_path: Path) -> None:
    """Its demand is unmet and said; the other market is served."""
    run = plans(write_tiny(tmp_path, lanes=lambda rows: [row for row in rows if row["destination"] != "FR"]))
    sound(run)
    assert delivered(run, market="FR") == 0
    assert delivered(run, market="DE") > 0
    told = [*run.manifest["warnings"], *run.tables["assumptions"].to_pylist()]
    assert any("FR" in str(entry) for entry in told)


def test_demand_far_above_capacity(tmp_path: Path) -> None:
    """Hours bound what is made: the plan fills them, and no more."""
    run = plans(write_tiny(tmp_path, sales=lambda rows: [row | {"quantity": row["quantity"] * 1000} for row in rows]))
    sound(run)
    for row in run.tables["load"].to_pylist():
        used = row["run_hours"] + row["setup_hours"]
        assert used <= row["regular_hours"] + row["overtime_limit"] + 1e-6
    assert 0 < made(run) <= 3 * 4 * 48 / 0.25


BOX_LANE = {"lane": "box-DE", "origin": "HUB", "destination": "DE", "mode": "sea", "tariff": "box", "transit_days": 7}
SMALL_BOX = {"tariff": "box", "basis": "container", "rate": 9000, "container_kg": 1, "container_m3": 0.005}
KETTLE = {"sku": "KETTLE-1", "quantity": 1}
STEEL = {"material": "steel", "supplier": "mill", "cost": 9}


def alone(rows: list[Row]) -> list[Row]:
    """Keep the rows of ALPHA alone."""
    return [row for row in rows if "ALPHA" in (row.get("firm"), row.get("maker"), row.get("seller"))]


def test_one_single_firm(tmp_path: Path) -> None:
    """One owner has nothing to pool: the gain is nothing, and it is called that."""
    changes = dict.fromkeys(("firms", "products", "sales", "capabilities", "capacity"), alone)
    folder = write_tiny(tmp_path, **changes)
    run = plans(folder)
    assert run.manifest["verdict"] == "one_owner"
    assert run.manifest["figures"]["gain"] == 0
    assert "one owner" in jointplan("run", folder, "--no-report", "--seconds", 5, "--horizon-weeks", 4).stdout


def test_one_product(tmp_path: Path) -> None:
    """A single product is planned like any other number of them."""
    run = plans(
        write_tiny(
            tmp_path,
            products=lambda rows: rows[:1],
            sales=lambda rows: [row for row in rows if row["sku"] == "KETTLE-1"],
        )
    )
    sound(run)
    assert made(run) > 0


def test_sales_in_the_future(tmp_path: Path) -> None:
    """A slip in the year is told with its row, and does not move the weeks to plan."""
    folder = write_tiny(tmp_path, sales=first(date=date(date.today().year + 3, 1, 1)))
    made = jointplan("forecast", folder, "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["start"] == str(FIRST_MONDAY + timedelta(weeks=WEEKS))
    (issue,) = (
        one for one in json.loads(jointplan("check", folder, "--json").stdout)["issues"] if one["table"] == "sales"
    )
    assert (issue["row"], issue["column"], issue["severity"]) == (2, "date", "warning")


@pytest.mark.parametrize("weeks", [26, -300])
def test_one_sale_with_a_wrong_month_or_year(tmp_path: Path, weeks: int) -> None:
    """A single day far from all others is told with its row, and moves neither the weeks to plan nor what is expected in them."""
    sound = json.loads(jointplan("forecast", write_tiny(tmp_path / "sound"), "--json").stdout)
    stray = {**tiny_tables()["sales"][0], "document": "stray", "date": FIRST_MONDAY + timedelta(weeks=weeks, days=6)}
    folder = write_tiny(tmp_path / "stray", sales=lambda rows: [*rows, stray])
    made = json.loads(jointplan("forecast", folder, "--json").stdout)
    assert (made["start"], made["expected"]) == (sound["start"], sound["expected"])
    (issue,) = (
        one for one in json.loads(jointplan("check", folder, "--json").stdout)["issues"] if one["table"] == "sales"
    )
    assert (issue["row"], issue["column"], issue["severity"]) == (len(tiny_tables()["sales"]) + 2, "date", "warning")


def test_lane_to_a_place_that_does_not_exist(tmp_path: Path) -> None:
    """The destination of a lane must be a site or a market."""
    (issue,) = problems(write_tiny(tmp_path, lanes=first(destination="PORT-X")))
    assert place(issue) == ("lanes", "tables/lanes.csv", 2, "destination", "PORT-X")
    assert "sites" in issue["cure"]
    assert "markets" in issue["cure"]


def test_lane_from_a_place_that_does_not_exist(tmp_path: Path) -> None:
    """Its origin must be a firm or a site, and the nearest one is named."""
    (issue,) = problems(write_tiny(tmp_path, lanes=first(origin="APLHA")))
    assert place(issue) == ("lanes", "tables/lanes.csv", 2, "origin", "APLHA")
    assert "ALPHA" in issue["cure"]


def test_a_market_with_the_code_of_a_site(tmp_path: Path) -> None:
    """Lanes to it would end at the site, and nothing would be sold: the run is refused, and both rows are named."""
    (issue,) = problems(
        write_tiny(tmp_path, sites=first(site="DE"), lanes=lambda rows: [r for r in rows if "HUB" not in r.values()])
    )
    assert place(issue) == ("markets", "tables/markets.csv", 2, "market", "DE")
    assert "row 2 of tables/sites.csv" in issue["message"]
    assert "another code" in issue["cure"]


def test_a_firms_own_place_among_the_sites(tmp_path: Path) -> None:
    """It is no problem: goods pay for it as they lie and leave there, no more lies there than it holds, and the report is written."""
    own = {"site": "ALPHA", "kind": "factory", "handling_cost": 4, "storage_cost": 3, "capacity": 0.2}
    folder = write_tiny(tmp_path, sites=lambda rows: [own, *rows])
    issues = json.loads(jointplan("check", folder, "--json").stdout)["issues"]
    assert [issue for issue in issues if issue["table"] == "sites"] == []
    (folder / "jointplan.toml").write_text("[diagnosis]\nwith_run = false\n[plan.solve]\ngap = 0.02\n", "utf-8")
    ran = jointplan("run", folder, "--seconds", 5, "--horizon-weeks", 4)
    assert ran.exit_code == 0, ran.output
    run = Workspace(folder).run()
    stock = run.tables["stock_plan"].to_pandas()
    here = stock[stock["site"] == "ALPHA"].groupby(["plan", "week"])["quantity"].sum()
    assert (here * 0.01 <= 0.2 + 1e-6).all()
    ledger = run.tables["ledger"].to_pandas()
    shipped = run.tables["shipments"].to_pandas()
    for plan in ("separate", "joint"):
        left, come = (shipped[(shipped["plan"] == plan) & (shipped[end] == at)]["quantity"].sum()
                      for end, at in (("origin", "ALPHA"), ("destination", "HUB")))  # fmt: skip
        paid = ledger[(ledger["plan"] == plan) & (ledger["account"] == "handling")]["amount"].sum()
        assert paid == pytest.approx(-0.01 * (4 * left + 5 * come), abs=0.02)
    assert (run.folder / "report.html").exists()


def test_duties_in_force_at_the_same_time(tiny: Path) -> None:
    """Two rates of one market on one day are no rule."""
    row = {"market": "DE", "from_date": "2024-01-01", "to_date": "2025-12-31", "rate": 0.1}
    write_csv(tiny / "tables" / "duties.csv", [row, row | {"from_date": "2025-06-01", "to_date": "", "rate": 0.2}])
    (issue,) = problems(tiny)
    assert place(issue)[:4] == ("duties", "tables/duties.csv", 3, "from_date")
    assert issue["rule"] == "overlap"


def test_duties_in_a_currency_without_a_rate(tiny: Path) -> None:
    """A threshold in a currency that fx does not know cannot be counted."""
    row = {"market": "DE", "from_date": "2024-01-01", "rate": 0.1, "threshold": 150, "currency": "EUR"}
    write_csv(tiny / "tables" / "duties.csv", [row])
    (issue,) = problems(tiny)
    assert place(issue) == ("duties", "tables/duties.csv", 2, "currency", "EUR")
    assert issue["rule"] == "missing_rate"


def test_a_currency_needs_a_rate_where_no_market_names_one(tmp_path: Path) -> None:
    """Such a run counts in CNY: costs in pounds stop it at the check, not on the way."""
    folder = write_tiny(
        tmp_path, firms=first(currency="GBP"), markets=lambda rows: [row | {"currency": None} for row in rows]
    )
    (issue,) = problems(folder)
    assert (place(issue), issue["rule"]) == (("firms", "tables/firms.csv", 2, "currency", "GBP"), "missing_rate")
    assert "CNY" in issue["message"]


def test_every_currency_needs_a_rate(tmp_path: Path) -> None:
    """Whatever is priced in a currency that fx does not know is told with its row, all of it at once."""
    folder = write_tiny(tmp_path, **dict.fromkeys(("firms", "markets", "sites", "tariffs"), first(currency="XOF")))
    (folder / "jointplan.toml").write_text('currency = "CNY"\n')
    write_csv(folder / "tables" / "materials.csv", [KETTLE | {"material": "steel"}])
    write_csv(folder / "tables" / "sources.csv", [STEEL | {"currency": "XOF"}])
    modes = [{"code": "9610", "from_date": "2024-01-01", "value_limit": 100, "currency": "XOF"}]
    write_csv(folder / "tables" / "export_modes.csv", modes)
    found = problems(folder)
    assert {issue["rule"] for issue in found} == {"missing_rate"}
    assert {place(issue) for issue in found} == {
        (table, f"tables/{table}.csv", 2, "currency", "XOF")
        for table in ("firms", "markets", "sites", "tariffs", "sources", "export_modes")
    }


def test_export_modes_in_force_at_the_same_time(tiny: Path) -> None:
    """Two refunds of one mode on one day are no rule."""
    row = {"code": "9610", "from_date": "2024-01-01", "refund": 1}
    write_csv(tiny / "tables" / "export_modes.csv", [row, row | {"from_date": "2025-01-01", "refund": 0}])
    (issue,) = problems(tiny)
    assert place(issue)[:4] == ("export_modes", "tables/export_modes.csv", 3, "from_date")
    assert issue["rule"] == "overlap"


def test_two_prices_from_the_same_quantity(tiny: Path) -> None:
    """A supplier's second price for orders of the same size is told with both rows."""
    write_csv(tiny / "tables" / "materials.csv", [KETTLE | {"material": "steel"}])
    prices = [STEEL | {"from_quantity": 0}, STEEL | {"from_quantity": 100, "cost": 8}]
    write_csv(tiny / "tables" / "sources.csv", [*prices, prices[1] | {"cost": 7}])
    (issue,) = problems(tiny)
    assert place(issue)[:3] == ("sources", "tables/sources.csv", 4)
    assert issue["message"].startswith("Row 3 has the same")


def test_built_in_rules_in_a_currency_without_a_rate(tiny: Path) -> None:
    """The rules that come with the program need rates too; the one that is missing is named."""
    (tiny / "jointplan.toml").write_text(
        'currency = "CNY"\n[logistics]\nrules = "built_in"\n[horizon]\nstart = 2025-04-14\n'
    )
    ran = jointplan("landed-cost", tiny, "KETTLE-1", "DE", "--date", "2026-07-01", "--json")
    assert ran.exit_code == 1
    assert "EUR" in json.loads(ran.stdout)["error"]
    assert "fx" in json.loads(ran.stdout)["cure"]


def test_container_smaller_than_the_product(tiny: Path) -> None:
    """A load that must go in a container which cannot hold one unit has no landed cost, and the sizes are told."""
    write_csv(tiny / "tables" / "lanes.csv", [*tiny_tables()["lanes"], BOX_LANE])
    write_csv(tiny / "tables" / "tariffs.csv", [*tiny_tables()["tariffs"], SMALL_BOX])
    ran = jointplan("landed-cost", tiny, "KETTLE-1", "DE", "--lane", "box-DE", "--json")
    assert ran.exit_code == 1
    assert "cannot hold one unit of KETTLE-1 (1.5 kg, 0.01 m³)" in json.loads(ran.stdout)["error"]


@pytest.mark.parametrize(
    ("tables", "rule", "where", "severity"),
    [
        (
            {"operations": [{"family": "kettle", "step": 1, "process": "assembly", "hours": 0.1},
                            {"family": "kettle", "step": 2, "process": "glazing", "hours": 0.1}]},
            "step_nobody_can_do", ("operations", 3, "process"), "warning",
        ),
        (
            {"materials": [KETTLE | {"material": "steel"}, KETTLE | {"material": "cord"}], "sources": [STEEL]},
            "material_without_source", ("materials", 3, "material"), "warning",
        ),
        (
            {"materials": [KETTLE | {"material": "steel"}],
             "sources": [STEEL | {"from_quantity": 0}, STEEL | {"from_quantity": 100, "cost": 12}]},
            "dearer_in_bulk", ("sources", 3, "cost"), "warning",
        ),
        (
            {"materials": [KETTLE | {"material": "KETTLE-1"}]},
            "material_made_of_itself", ("materials", 2, "material"), "error",
        ),
        (
            {"lanes": [*tiny_tables()["lanes"], BOX_LANE], "tariffs": [*tiny_tables()["tariffs"], SMALL_BOX]},
            "unit_too_large", ("lanes", 7, "tariff"), "warning",
        ),
        (
            {"tariffs": [*tiny_tables()["tariffs"], {"tariff": "box", "basis": "container", "rate": 9, "container": "TINY"}]},
            "rule_of_tariff_unknown", ("tariffs", len(tiny_tables()["tariffs"]) + 2, "container"), "error",
        ),
        (
            {"tariffs": [*tiny_tables()["tariffs"], {"tariff": "box", "basis": "container", "rate": 9, "container": "MINE"}],
             "containers": [{"container": "MINE", "from_date": "2024-01-01", "to_date": "2025-04-13", "kg": 900, "m3": 9},
                            {"container": "MINE", "from_date": "2025-04-15", "kg": 900, "m3": 9}]},
            "rule_not_in_force", ("containers", 2, "from_date"), "error",
        ),
        (
            {"tariffs": [row | ({"weight_rule": "us_parcel"} if row["tariff"] == "parcel" else {}) for row in tiny_tables()["tariffs"]]},
            "rule_not_in_force", ("tariffs", 3, "weight_rule"), "error",
        ),
        (
            {"duties": [{"market": "DE", "from_date": "2024-01-01", "to_date": "2025-04-27", "rate": 0.1}]},
            "duty_rule_not_in_force", ("duties", 2, "to_date"), "warning",
        ),
        (
            {"export_modes": [{"code": "E2", "from_date": "2024-01-01", "to_date": "2025-04-27", "refund": 1}],
             "lanes": [row | {"export_mode": "E2"} for row in tiny_tables()["lanes"]]},
            "export_mode_not_in_force", ("export_modes", 2, "to_date"), "warning",
        ),
        (
            {"certificates": [{"firm": "ALPHA", "sku": "KETTLE-1", "market": "DE", "expiry": "2025-04-19"}]},
            "certificate_run_out", ("certificates", 2, "expiry"), "warning",
        ),
        (
            {"tariffs": [row | {"to_quantity": 10} for row in tiny_tables()["tariffs"]]},
            "tariff_that_ends", ("tariffs", 2, "to_quantity"), "warning",
        ),
        (
            {"approved": [{"week": "2025-04-14", "firm": "ALPHA", "sku": "TOASTER", "seller": "GAMMA", "quantity": 5}],
             "capabilities": [row | {"family": family} for row, family in zip(tiny_tables()["capabilities"], ("kettle", "", ""), strict=True)]},
            "lot_nobody_can_make", ("approved", 2, "firm"), "warning",
        ),
        (
            {"sites": [*tiny_tables()["sites"], {"site": "ALPHA", "kind": "hub"}]},
            "place_of_a_firm", ("sites", 3, "kind"), "error",
        ),
        (
            {"sites": [*tiny_tables()["sites"], {"site": "ALPHA", "kind": "factory", "opening_cost": 900}]},
            "unheard_of_a_firms_place", ("sites", 3, "opening_cost"), "warning",
        ),
        (
            {"lanes": [*tiny_tables()["lanes"], tiny_tables()["lanes"][0] | {"lane": "back", "origin": "HUB", "destination": "BETA"}]},
            "lane_back_to_a_firm", ("lanes", 7, "destination"), "warning",
        ),
        (
            {"sites": [*tiny_tables()["sites"], {"site": "WH", "kind": "overseas_warehouse"}],
             "duties": [{"market": "DE", "from_date": "2024-01-01", "rate": 0.1}]},
            "warehouse_without_country", ("sites", 3, "country"), "warning",
        ),
        (
            {"designs": [{"design": "D1", "owner": "ALPHA", "sku": "KETTLE-1"}, {"design": "D2", "owner": "BETA", "sku": "KETTLE-1"}]},
            "design_of_several_owners", ("designs", 3, "owner"), "error",
        ),
        (
            {"capacity": [row | ({"week": "2024-04-15"} if row["firm"] == "ALPHA" else {"week": ""}) for row in tiny_tables()["capacity"]]},
            "weeks_without_hours", ("capacity", 2, "week"), "warning",
        ),
        (
            {"capacity": [*tiny_tables()["capacity"], tiny_tables()["capacity"][0] | {"week": "2025-04-14"}],
             "calendar": [{"week": "2025-04-14", "share": 0}]},
            "hours_above_calendar", ("capacity", 5, "hours"), "warning",
        ),
        (
            {"materials": [KETTLE | {"material": "steel"}],
             "sources": [STEEL | {"minimum": 50, "from_quantity": 0}, STEEL | {"minimum": 90, "from_quantity": 100, "cost": 8}]},
            "offer_of_several_kinds", ("sources", 2, "minimum"), "warning",
        ),
    ],
    ids=["a step nobody can do", "material without source", "price breaks out of order", "a cycle of materials", "a container smaller than the product", "a container that is nowhere", "a container of other days", "a built-in rule before its day", "a duty that ends", "an export mode that ends", "a certificate that has run out", "a tariff that ends", "a lot decided where it cannot be made", "a hub with the code of a firm", "a firm's own place to be opened", "a lane back to a firm", "a warehouse without a country", "a design of two owners", "hours of last year", "usual hours on a holiday", "two smallest orders"],
)  # fmt: skip
def test_what_is_wrong_with_making_is_told_or_planned_around(
    tmp_path: Path, tables: dict[str, list[Row]], rule: str, where: tuple[str, int, str], severity: str
) -> None:
    """Named by table, row and column, with a cure; what is no error still gives plans that break no rule."""
    folder = write_tiny(tmp_path)
    for name, rows in tables.items():
        write_csv(folder / "tables" / f"{name}.csv", rows)
    issues = json.loads(jointplan("check", folder, "--json").stdout)["issues"]
    found = [issue for issue in issues if issue["rule"] == rule]
    assert found
    assert (found[0]["table"], found[0]["row"], found[0]["column"]) == where
    assert found[0]["severity"] == severity
    assert found[0]["cure"]
    if severity == "warning":
        sound(plans(folder, "--seconds", 1))
    else:
        assert [issue["rule"] for issue in problems(folder)] == [rule]
