"""What holds the project together: pins, versions, documents and the package that is built."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

import jointplan
from jointplan.schema import TABLES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "jointplan"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")
PINS = dict(line.split("==") for line in CONSTRAINTS.split() if "==" in line)


def canonical(name: str) -> str:
    """Return the name of a distribution as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed() -> set[str]:
    """Return the distributions named in pyproject.toml, those of building included."""
    named = [
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["dependency-groups"]["dev"],
        *PYPROJECT["build-system"]["requires"],
    ]
    return {canonical(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in named}


def test_constraints_pin_everything_named() -> None:
    """Every dependency that pyproject.toml names is pinned to one version."""
    assert needed() <= set(PINS)


def test_constraints_are_names_and_versions_only() -> None:
    """Each line is name==version: no address, no hash, no option, and no name twice."""
    lines = CONSTRAINTS.splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[a-z0-9.]+", line)] == []
    assert len(PINS) == len(lines)


def test_constraints_reach_what_the_dependencies_need() -> None:
    """Whatever the installed dependencies need in their turn is pinned too, so that nothing moves by itself."""
    installed = {canonical(d.metadata["Name"]): d for d in distributions()}
    todo, seen = [name for name in needed() if name in installed], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for requirement in installed[name].requires or ():
            wanted = canonical(re.split(r"[\[<>=!~;( ]", requirement)[0])
            if wanted in installed and "extra ==" not in requirement:
                todo.append(wanted)
    assert seen - set(PINS) == set()


def test_versions_agree() -> None:
    """The package says the version that pyproject.toml says."""
    assert jointplan.__version__ == PYPROJECT["project"]["version"]


def test_public_names_exist() -> None:
    """Every name the package offers can be imported from it."""
    for name in jointplan.__all__:
        assert getattr(jointplan, name) is not None


def test_no_addresses_of_package_indexes_or_machines() -> None:
    """What steers the build holds no registry address and no absolute path of one machine."""
    for name in ("pyproject.toml", "constraints.txt", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text, name
        assert not re.search(r"(?<![\w.])/(root|home|work|Users)/", text), name


def test_readme_shows_the_two_commands() -> None:
    """Someone new finds both commands, and the way without make, before reading on."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in ("make demo", "make test", "pip install --constraint constraints.txt .", "python -m jointplan"):
        assert command in readme
    assert "docs/images/report.png" in readme


def test_commands_of_the_readme_are_in_the_makefile() -> None:
    """Each `make word` that a document tells people to type is a target."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"):
        assert set(re.findall(r"\bmake ([a-z]+)\b(?=`| *#|$)", document.read_text("utf-8"), re.MULTILINE)) <= targets


@pytest.mark.parametrize("module", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_is(module: Path) -> None:
    """Rooms and modules open with a docstring."""
    assert ast.get_docstring(ast.parse(module.read_text("utf-8")))


@pytest.mark.parametrize("page", ["docs/interview.md", "docs/zh/interview.md"])
def test_interview_asks_for_columns_that_exist(page: str) -> None:
    """Each question fills a column of the schema."""
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)`", (ROOT / page).read_text("utf-8"))
    assert len(named) > 30
    assert [f"{t}.{c}" for t, c in named if t not in TABLES or c not in TABLES[t].names] == []


def test_interview_is_the_same_in_both_languages() -> None:
    """Both forms ask the same questions, in the same order, for the same columns."""
    forms = [
        [
            (number, tuple(re.findall(r"`([a-z_]+\.[a-z_]+)`", row)))
            for number, row in re.findall(r"^\| (\d+) \|(.*)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        ]
        for page in ("docs/interview.md", "docs/zh/interview.md")
    ]
    assert forms[0] == forms[1]
    assert [int(number) for number, _ in forms[0]] == list(range(1, len(forms[0]) + 1))


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link in a document names a file of the project (pictures of runs apart)."""
    broken = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]:
        for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)", document.read_text("utf-8")):
            if "://" not in target and not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert broken == []


def test_wheel_holds_all_the_package_needs(tmp_path: Path) -> None:
    """Catalogues, templates and the typing marker travel with the modules; tests and documents do not."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == ours
    assert "jointplan/py.typed" in inside
