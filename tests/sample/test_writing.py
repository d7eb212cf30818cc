"""Tests of the sample as a workspace."""

from __future__ import annotations

import errno
import hashlib
import shlex
import time
import tomllib
from pathlib import Path

import pyarrow.csv
import pytest

from jointplan.errors import UsageError, WorkspaceError
from jointplan.sample import write_sample
from jointplan.texts import set_language

SMALL = {"firms": 12, "sellers": 5, "products": 20, "weeks": 40}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    """Two folders written with one seed are equal byte for byte; another seed gives others."""
    for name, seed in (("a/x", 5), ("b/x", 5), ("c/x", 6)):
        write_sample(tmp_path / name, **SMALL, seed=seed)
    one, two, other = (digests(tmp_path / name / "x") for name in "abc")
    assert one == two
    assert one["tables/sales.csv"] != other["tables/sales.csv"]


def test_it_says_that_it_is_synthetic(folder: Path) -> None:
    """The settings, the folder's note and every firm's name say in both languages that all is invented."""
    settings = tomllib.loads((folder / "jointplan.toml").read_text("utf-8"))
    assert settings["synthetic"] is True
    assert settings["currency"] == "CNY"
    note = (folder / "README.txt").read_text("utf-8")
    assert "SYNTHETIC" in note
    assert "合成示例" in note
    names = (folder / "tables" / "firms.csv").read_text("utf-8-sig").splitlines()[1:]
    assert all("合成示例" in line and "(synthetic)" in line for line in names)


def test_its_note_tells_a_command_that_writes_it_again(tmp_path: Path) -> None:
    """A folder whose name has blanks stands there as one argument."""
    write_sample(tmp_path / "my sample", **SMALL)
    note = (tmp_path / "my sample" / "README.txt").read_text("utf-8")
    (line,) = (line for line in note.splitlines() if "jointplan sample" in line)
    assert shlex.split(line.partition(": ")[2])[:3] == ["jointplan", "sample", "my sample"]


def test_the_settings_keep_the_language_it_was_asked_for_in(tmp_path: Path) -> None:
    """A sample written in Chinese is then checked, planned and diagnosed in Chinese without a word more."""
    try:
        for lang in ("zh", "en"):
            set_language(lang)
            write_sample(tmp_path / lang, **SMALL)
            assert tomllib.loads((tmp_path / lang / "jointplan.toml").read_text("utf-8"))["language"] == lang
    finally:
        set_language("en")


def test_long_tables_are_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table past the limit is Parquet and its former CSV is gone, so that no line is read twice; and back again."""
    write_sample(tmp_path, **SMALL)
    monkeypatch.setattr("jointplan.sample.writing.MOST_CSV_ROWS", 1000)
    write_sample(tmp_path, **SMALL)
    assert [path.name for path in (tmp_path / "tables").glob("sales*")] == ["sales.parquet"]
    monkeypatch.undo()
    write_sample(tmp_path, **SMALL)
    assert [path.name for path in (tmp_path / "tables").glob("sales*")] == ["sales.csv"]


@pytest.mark.parametrize("stranger", ["jointplan.toml", "tables/sales.csv", "tables/mine.xlsx"])
def test_a_real_workspace_is_left_alone(tmp_path: Path, stranger: str) -> None:
    """A folder that holds anything but a sample is refused, and nothing in it changes."""
    if stranger == "tables/mine.xlsx":
        write_sample(tmp_path, **SMALL)
    path = tmp_path / stranger
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine = 1", "utf-8")
    before = digests(tmp_path)
    with pytest.raises(WorkspaceError, match="empty folder"):
        write_sample(tmp_path, **SMALL)
    assert digests(tmp_path) == before


@pytest.mark.parametrize("kind", ["runs", "diagnoses"])
def test_a_sample_that_was_worked_with_is_left_alone(tmp_path: Path, kind: str) -> None:
    """Runs and diagnoses speak of the tables they were made from: other ones are not put in their place."""
    write_sample(tmp_path, **SMALL)
    made = tmp_path / kind / "20260101-000000"
    made.mkdir(parents=True)
    write_sample(tmp_path, **SMALL)  # what was never finished is no run
    (made / "manifest.json").write_text("{}", "utf-8")
    before = digests(tmp_path)
    with pytest.raises(WorkspaceError, match="another folder"):
        write_sample(tmp_path, **(SMALL | {"seed": 8}))
    assert digests(tmp_path) == before


@pytest.mark.parametrize(
    "wrong", [{"firms": 1}, {"sellers": 0}, {"products": 0}, {"weeks": 3}, {"kind": "ships"}, {"products": -5}]
)
def test_impossible_sizes_are_told(tmp_path: Path, wrong: dict[str, object]) -> None:
    """A size no cluster can have is a usage error with a cure, in Chinese too, and leaves no folder."""
    with pytest.raises(UsageError) as caught:
        write_sample(tmp_path / "new", **wrong)
    assert caught.value.cure
    set_language("zh")
    try:
        with pytest.raises(UsageError, match="示例"):
            write_sample(tmp_path / "new", **wrong)
    finally:
        set_language("en")
    assert not (tmp_path / "new").exists()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails becomes one sentence with a cure."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pyarrow.csv, "write_csv", refuse)
    with pytest.raises(WorkspaceError, match="No space left") as caught:
        write_sample(tmp_path / "new", **SMALL)
    assert caught.value.cure


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    """Whoever watches is told shares that never fall, ending at all of it."""
    shares: list[float] = []
    write_sample(tmp_path, **SMALL, progress=lambda message, share=None: shares.append(share or 0.0))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.slow
def test_a_large_cluster_takes_under_a_minute(tmp_path: Path) -> None:
    """200 firms, 2,000 products and three years are written in less than a minute."""
    start = time.perf_counter()
    rows = write_sample(tmp_path, firms=200, sellers=40, products=2000, weeks=156)
    assert time.perf_counter() - start < 60
    assert rows["sales"] > 1_000_000
