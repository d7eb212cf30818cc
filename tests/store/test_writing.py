"""A run is on disk whole or not at all."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from jointplan.errors import WorkspaceError
from jointplan.store import StoredRun, Workspace, check_room, new_run, renewed, write_manifest, write_table
from jointplan.texts import set_language

TABLE = pa.table({"x": [1, 2]})


def finished(workspace: Workspace) -> StoredRun:
    """Write a small run."""
    with new_run(workspace) as folder:
        write_table(folder, "lots", TABLE)
        write_manifest(folder, {"id": StoredRun(folder).id})
    return workspace.run()


def test_a_finished_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    """Tables and manifest come back, and nothing hidden stays beside them."""
    run = finished(Workspace(tmp_path))
    assert run.tables["lots"].equals(TABLE)
    assert run.manifest == {"id": run.id}
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [run.id]


def test_runs_of_one_second_get_names_of_their_own(tmp_path: Path) -> None:
    """Two runs never share a folder, and the later one is the latest."""
    workspace = Workspace(tmp_path)
    first, second = finished(workspace), finished(workspace)
    assert first.id != second.id
    assert workspace.run().id == second.id
    assert workspace.run(first.id).id == first.id


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("wrong"), SystemExit(1)])
def test_an_interruption_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    """Whatever ends the writing early, the folder of runs stays empty and the error is not swallowed."""

    def write() -> None:
        with new_run(Workspace(tmp_path)) as folder:
            write_table(folder, "lots", TABLE)
            raise error

    with pytest.raises(type(error)):
        write()
    assert not list((tmp_path / "runs").iterdir())


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left on the device while writing: a WorkspaceError with a cure, an empty folder of runs."""

    def full(*args: object, **rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    with pytest.raises(WorkspaceError, match="no room") as caught, new_run(Workspace(tmp_path)) as folder:
        write_table(folder, "lots", TABLE)
    assert "Free some space" in caught.value.cure
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_arrow_reports_a_full_device_the_way_it_is_told_to_users(tmp_path: Path) -> None:
    """A real write to a full device is recognised, not only a made-up error."""

    def write() -> None:
        with new_run(Workspace(tmp_path)) as folder:
            (folder / "tables" / "lots.parquet").symlink_to("/dev/full")
            write_table(folder, "lots", pa.table({"x": range(100_000)}))

    with pytest.raises(WorkspaceError, match="no room"):
        write()
    assert not list((tmp_path / "runs").iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the folder of runs should be: a sentence with the reason."""
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(WorkspaceError, match="cannot be written"), new_run(Workspace(tmp_path)):
        pass


def test_a_killed_run_is_swept_away_by_the_next_but_a_living_one_is_not(tmp_path: Path) -> None:
    """What a killed process left goes; what a living process writes stays."""
    script = (
        "import sys, time; from pathlib import Path; from jointplan.store import Workspace, new_run\n"
        "with new_run(Workspace(Path(sys.argv[1]))) as folder:\n"
        "    print(folder, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        working = Path(child.stdout.readline().strip())
        finished(Workspace(tmp_path))
        assert working.is_dir()
        child.kill()
        child.wait()
    assert working.is_dir()
    last = finished(Workspace(tmp_path))
    assert not working.exists()
    assert all(not path.name.startswith(".") for path in (tmp_path / "runs").iterdir())
    assert Workspace(tmp_path).run().id == last.id


def test_renewed_files_replace_old_ones_only_when_all_are_made(tmp_path: Path) -> None:
    """A report that fails halfway leaves the old one; a whole one replaces it, folders included."""
    run = finished(Workspace(tmp_path))
    (run.folder / "report.html").write_text("old")
    (run.folder / "worklists").mkdir()
    (run.folder / "worklists" / "gone.html").write_text("old")

    def fail() -> None:
        with renewed(run) as working:
            (working / "report.html").write_text("half")
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail()
    assert (run.folder / "report.html").read_text() == "old"
    with renewed(run) as working:
        (working / "report.html").write_text("new")
        (working / "worklists").mkdir()
        (working / "worklists" / "firm.html").write_text("new")
    assert (run.folder / "report.html").read_text() == "new"
    assert [path.name for path in (run.folder / "worklists").iterdir()] == ["firm.html"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [run.id]


def test_room_is_looked_for_before_the_work_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run needs the size of its tables and a little more; less free space than that is refused."""
    workspace = Workspace(tmp_path)
    workspace.tables.mkdir()
    (workspace.tables / "sales.csv").write_bytes(b"x" * 1_000_000)
    usage = shutil.disk_usage(tmp_path)
    for free, refused in ((3_500_000, False), (2_500_000, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage._replace(free=free))
        if refused:
            with pytest.raises(WorkspaceError, match=r"2 MB are free, about 3 MB are needed"):
                check_room(workspace, least=2_000_000)
        else:
            check_room(workspace, least=2_000_000)


def test_a_run_without_a_readable_manifest_is_no_finished_run(tmp_path: Path) -> None:
    """A folder without a manifest is not offered; a damaged one is told."""
    workspace = Workspace(tmp_path)
    (workspace.runs / "20200101-000000").mkdir(parents=True)
    with pytest.raises(WorkspaceError, match="no finished run"):
        workspace.run()
    run = finished(workspace)
    with pytest.raises(WorkspaceError, match="no finished run nonsense") as caught:
        workspace.run("nonsense")
    assert run.id in caught.value.cure
    (run.folder / "manifest.json").write_text("{")
    with pytest.raises(WorkspaceError, match="damaged"):
        _ = StoredRun(run.folder).manifest


@pytest.mark.parametrize(
    ("lang", "few", "many"),
    [
        ("en", "r1, r2.", "r3, r4, r5, r6, r7; the latest 5 of 7."),
        ("zh", "r1、r2。", "r3、r4、r5、r6、r7；共 7 个，此为最近 5 个。"),
    ],
)
def test_runs_to_choose_among_say_how_many_there_are(tmp_path: Path, lang: str, few: str, many: str) -> None:
    """Two runs are all named; of seven the latest five, with how many there are."""
    set_language(lang)
    workspace = Workspace(tmp_path)
    told = []
    for number in range(1, 8):
        folder = workspace.runs / f"r{number}"
        folder.mkdir(parents=True)
        write_manifest(folder, {"id": folder.name})
        with pytest.raises(WorkspaceError) as caught:
            workspace.run("nonsense")
        told.append(caught.value.cure)
    assert told[1].endswith(few)
    assert told[6].endswith(many)


def test_manifests_hold_no_numbers_that_json_lacks(tmp_path: Path) -> None:
    """A manifest is JSON that every reader accepts: not-a-number is refused rather than written."""
    with pytest.raises(ValueError, match="JSON"):
        write_manifest(tmp_path, {"gain": float("nan")})
    write_manifest(tmp_path, {"name": "顺德"})
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8")) == {"name": "顺德"}


def test_waiting_runs_do_not_sweep_one_another(tmp_path: Path) -> None:
    """A run that begins while another is being written leaves that one alone."""
    workspace = Workspace(tmp_path)
    with new_run(workspace) as outer:
        write_table(outer, "lots", TABLE)
        time.sleep(0.01)
        finished(workspace)
        assert (outer / "tables" / "lots.parquet").exists()
        write_manifest(outer, {})
    assert len(list(workspace.runs.iterdir())) == 2
