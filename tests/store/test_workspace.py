"""Workspaces: which run is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jointplan.errors import WorkspaceError
from jointplan.store import Workspace


def finished(folder: Path, name: str, *what_ifs: str, joint_searched: bool = True) -> None:
    (folder / "runs" / name).mkdir(parents=True)
    facts = {"what_if": list(what_ifs), "joint_searched": joint_searched}
    (folder / "runs" / name / "manifest.json").write_text(json.dumps(facts), "utf-8")


def test_the_latest_run_is_one_of_things_as_they_are(tmp_path: Path) -> None:
    """A run with what-ifs is had by its name alone; where there are no others, the names are told."""
    workspace = Workspace(tmp_path)
    assert workspace.latest() is None
    finished(tmp_path, "20260102-000000", "demand=+20%")
    assert workspace.latest() is None
    with pytest.raises(WorkspaceError, match="what-ifs") as refused:
        workspace.run()
    assert "20260102-000000" in str(refused.value.cure)
    finished(tmp_path, "20260101-000000")
    assert workspace.run().id == "20260101-000000"
    assert workspace.run("20260102-000000").what_ifs == ("demand=+20%",)


def test_a_run_whose_joint_plan_was_not_searched_is_the_latest_only_where_it_is_alone(tmp_path: Path) -> None:
    """What its search would have begun from is no joint plan to answer for, while there is one that was looked for."""
    workspace = Workspace(tmp_path)
    finished(tmp_path, "20260101-000000", joint_searched=False)
    assert workspace.run().id == "20260101-000000"
    finished(tmp_path, "20260102-000000")
    finished(tmp_path, "20260103-000000", joint_searched=False)
    finished(tmp_path, "20260104-000000", "demand=+20%")
    assert workspace.run().id == "20260102-000000"
