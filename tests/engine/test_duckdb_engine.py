"""The engine keeps what it is given and counts rows as they lie in the file."""

from __future__ import annotations

import signal
import sys
import threading
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jointplan.engine import DuckDBEngine, parquet


def test_spooled_rows_come_back_in_full() -> None:
    """A stream of batches is one table, and nothing of it is left on disk after the session."""
    schema = pa.schema([("a", pa.int64()), ("b", pa.string())])
    batches = [pa.record_batch([[n, n + 1], ["x", None]], schema=schema) for n in range(0, 10, 2)]
    with DuckDBEngine() as engine:
        assert engine.spool("rows", schema, iter(batches)) == 10
        table = engine.arrow(engine.table("rows").order_by("a"))
        spilled = list(Path(engine._spill.name).glob("*.parquet"))
        assert spilled
    assert table["a"].to_pylist() == list(range(10))
    assert table["b"].to_pylist() == ["x", None] * 5
    assert not spilled[0].exists()


@pytest.mark.parametrize("rows", [[], [0, 1, 2]], ids=["none", "few"])
def test_a_single_batch_is_kept_in_memory(rows: list[int]) -> None:
    """What comes at once is there under its name without a file, and may be followed by what needs one."""
    schema = pa.schema([("a", pa.int64())])
    batches = [pa.record_batch([rows], schema=schema)] if rows else []
    with DuckDBEngine() as engine:
        assert engine.spool("rows", schema, batches) == len(rows)
        assert engine.rows("SELECT a FROM rows ORDER BY a") == [{"a": n} for n in rows]
        assert not list(Path(engine._spill.name).glob("*.parquet"))
        assert engine.spool("rows", schema, [pa.record_batch([[7]], schema=schema)] * 3) == 3
        assert engine.rows("SELECT count(*) AS n FROM rows") == [{"n": 3}]
        assert engine.spool("rows", schema, [pa.record_batch([[8]], schema=schema)]) == 1
        assert engine.rows("SELECT a FROM rows") == [{"a": 8}]


def test_rows_are_those_of_the_table() -> None:
    """Numbers, texts, days, truths and what is blank come back as they do in a table of the same query."""
    query = (
        "SELECT * FROM (VALUES (1, 1.5::DOUBLE, 'x', DATE '2024-03-05', true), (NULL, NULL, NULL, NULL, NULL)) "
        "AS given(n, f, t, d, b) ORDER BY n"
    )
    with DuckDBEngine() as engine:
        assert engine.rows(query) == engine.sql(query).to_pylist()
        assert engine.rows(f"{query} LIMIT 0") == []


@pytest.mark.parametrize("folder", ["plain", "sales [2024]", "a*b?c", "it's"])
def test_a_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    """Signs that are patterns elsewhere are only signs in the name of a folder."""
    if "*" in folder and Path(tmp_path.anchor).drive:
        pytest.skip("Windows has no such names")
    path = tmp_path / folder / "rows.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"a": [7, 8]}), path)
    with DuckDBEngine() as engine:
        assert engine.arrow(engine.scan_parquet("rows", path)).num_rows == 2
        numbered = engine.sql(f"SELECT a, file_row_number AS n FROM {parquet(path)} ORDER BY n")
    assert numbered.to_pylist() == [{"a": 7, "n": 0}, {"a": 8, "n": 1}]


def test_several_parquet_files_are_one_table(tmp_path: Path) -> None:
    """Files with differing columns are joined by name."""
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"b": ["y"]}), tmp_path / "2.parquet")
    with DuckDBEngine() as engine:
        table = engine.arrow(engine.scan_parquet("rows", tmp_path / "1.parquet", tmp_path / "2.parquet").order_by("b"))
    assert table.select(["a", "b"]).to_pylist() == [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]


def test_a_view_follows_its_rows_and_a_stored_query_does_not() -> None:
    """A view is computed when used, a stored query once."""
    with DuckDBEngine() as engine:
        engine.store("rows", "SELECT 1 AS a")
        engine.view("seen", "SELECT a + 1 AS a FROM rows")
        engine.store("kept", "SELECT a + 1 AS a FROM rows")
        engine.store("rows", "SELECT 10 AS a")
        assert engine.sql("SELECT a FROM seen").to_pylist() == [{"a": 11}]
        assert engine.sql("SELECT a FROM kept").to_pylist() == [{"a": 2}]


def test_moments_with_a_zone_become_days_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of a moment does not depend on the machine."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    with DuckDBEngine() as engine:
        found = engine.sql("SELECT CAST(TIMESTAMPTZ '2024-03-05 23:30:00+00' AS DATE) AS day")
    assert found.to_pylist() == [{"day": date(2024, 3, 5)}]


def test_a_name_may_be_given_anew_to_rows_of_another_kind() -> None:
    """A view replaces a table and a table a view, and either what was spooled, as DuckDB compares names."""
    with DuckDBEngine() as engine:
        engine.store("rows", "SELECT 1 AS a")
        engine.view("rows", "SELECT 2 AS a")
        assert engine.sql("SELECT a FROM rows").to_pylist() == [{"a": 2}]
        engine.store("rows", "SELECT 3 AS a")
        assert engine.sql("SELECT a FROM rows").to_pylist() == [{"a": 3}]
        engine.spool("Rows", pa.schema([("a", pa.int64())]), [pa.record_batch({"a": [4]})])
        assert engine.sql("SELECT a FROM rows").to_pylist() == [{"a": 4}]
        engine.view("rows", "SELECT 5 AS a")
        assert engine.sql("SELECT a FROM rows").to_pylist() == [{"a": 5}]


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("way", ["sql", "rows", "run", "arrow"])
def test_ctrl_c_during_a_query_is_ctrl_c(way: str, request: pytest.FixtureRequest) -> None:
    """A query that is stopped from the keyboard ends as anything else does that is stopped so."""
    # A shell starts what runs in the background with the signal ignored: the query would never end.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    long = "SELECT sum(a.range * b.range % 7) AS s FROM range(3000000) a, range(1000000) b"
    with DuckDBEngine(threads=1) as engine:
        engine.view("long", long)
        ask = {
            "sql": lambda: engine.sql(long),
            "rows": lambda: engine.rows(long),
            "run": lambda: engine.store("kept", long),
            "arrow": lambda: engine.arrow(engine.table("long")),
        }[way]
        timer = threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            ask()
        timer.join()


def test_other_errors_of_a_query_stay_what_they_are() -> None:
    """Only an interruption is taken for one."""
    with DuckDBEngine(threads=1) as engine, pytest.raises(Exception, match="nowhere") as error:
        engine.sql("SELECT * FROM nowhere")
    assert not isinstance(error.value, KeyboardInterrupt)
