"""The examples in the documents, executed as a reader would.

In a block marked ``console``, each line after ``$`` is run and the lines below it must appear in what it prints, in that
order; ``…`` stands for anything. A command must end well unless ``# exit 1`` stands behind it. Blocks marked ``python``
are run too. The blocks of one page share a folder and their Python names.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from jointplan.cli import app
from jointplan.study import Settings, read_settings
from jointplan.study.settings_file import with_changes

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["docs/tutorial.md", "docs/zh/tutorial.md", "docs/python.md", "docs/working-with-a-plan.md"]


@dataclass(frozen=True)
class Block:
    """A fenced block of a page, and the line of the page it begins on."""

    kind: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command of a console block, and what the page says it prints."""

    words: list[str]
    printed: list[str]
    exit: int


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that are to be run."""
    tokens = MarkdownIt().parse(page.read_text("utf-8"))
    fences = [t for t in tokens if t.type == "fence" and t.info.strip() in ("console", "python")]
    return [Block(t.info.strip(), t.content, t.map[0] + 1 if t.map else 0) for t in fences]


def commands(text: str) -> Iterator[Command]:
    """Yield the commands of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *printed = part.splitlines()
        code = re.search(r"# exit (\d)", command)
        yield Command(
            shlex.split(command, comments=True),
            [line.strip() for line in printed if line.strip()],
            int(code[1]) if code else 0,
        )


def missing_line(expected: list[str], printed: str) -> str | None:
    """Return the first expected line that does not follow the ones before it, or None if all are there."""
    remaining = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in expected:
        pattern = r"\s*.*\s*".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        if not any(re.search(pattern, candidate) for candidate in remaining):
            return line
    return None


def run(command: Command) -> str:
    """Run a command of ours in this folder and process, which must end as the page says; return what it prints."""
    assert command.words[0] == "jointplan", f"a document may run jointplan only, not {command.words[0]}"
    done = CliRunner().invoke(app, command.words[1:], env={"COLUMNS": "200", "NO_COLOR": "1", "JOINTPLAN_LANG": None})
    printed = done.stdout + done.stderr
    assert done.exit_code == command.exit, f"{command.words} ended with {done.exit_code}:\n{printed}"
    return printed


# Where a gain is printed, searches end by counts instead of seconds, once a plan is near its bound: as quick, and the same on
# a machine under load. Elsewhere any plan will do, and any forecast, so that few models are tried on one past Monday. What a
# diagnosis makes of plans is looked at by its own tests.
TO_A_GAIN = {"plan.solve.seconds": 120, "plan.solve.gap": 0.02, "plan.solve.rounds": 4, "plan.solve.nodes": 100}
TO_ANY_PLAN = {
    "plan.solve.seconds": 1, "plan.solve.gap": 0.05, "forecast.models": ["HistoricAverage", "SES"], "forecast.origins": 1,
}  # fmt: skip


def search_as_needed(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every study of a page the settings under which its examples print what they should on any machine."""
    needed = {"diagnosis.with_run": False, **(TO_A_GAIN if page.endswith("tutorial.md") else TO_ANY_PLAN)}

    def read(file: Path, changes: Mapping[str, Any] | None = None) -> Settings:
        return with_changes(read_settings(file, changes).model_dump(mode="json"), needed)

    def change(values: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> Settings:
        return with_changes(values, {**(changes or {}), **needed})

    monkeypatch.setattr("jointplan.study.study.read_settings", read)
    monkeypatch.setattr("jointplan.study.study.with_changes", change)


TWINS = ("docs/zh/tutorial.md",)  # the same commands as their English page, in Chinese: minutes each


@pytest.mark.parametrize(
    "name", [pytest.param(page, marks=pytest.mark.slow) if page in TWINS else page for page in PAGES]
)
def test_examples_do_what_the_page_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command and every piece of Python on the page runs, and prints what the page shows."""
    monkeypatch.chdir(tmp_path)
    search_as_needed(name, monkeypatch)
    names: dict[str, Any] = {}
    done = 0
    for block in blocks(ROOT / name):
        if block.kind == "python":
            exec(compile(block.text, f"{name}:{block.line}", "exec"), names)
            done += 1
            continue
        for command in commands(block.text):
            printed = run(command)
            missing = missing_line(command.printed, printed)
            assert missing is None, f"{name}:{block.line}: {command.words} does not print {missing!r}, but:\n{printed}"
            done += 1
    assert done >= 3


def test_an_example_that_prints_something_else_is_noticed() -> None:
    """The comparison itself can fail: on other words, and on the right lines in the wrong order."""
    assert missing_line(["gains … CNY"], "Planning together gains 5 CNY") is None
    assert missing_line(["gains 6"], "Planning together gains 5 CNY") == "gains 6"
    assert missing_line(["b", "a"], "a\nb") == "a"
